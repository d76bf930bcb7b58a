/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling a scim_error.
 *
 * The detail ends in an answer to a client, so whatever the format brought
 * in it leaves here as well-formed UTF-8: a sequence cut by the size of the
 * field is dropped, a stray byte becomes '?'.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#undef scim__fail
#undef scim__fail_type
#undef scim__fail_memory

static void
mend_utf8(char *z, bool was_cut)
{
	size_t len = strlen(z);
	size_t good = scim__utf8_prefix((scim_str){ z, len });

	while (good < len) {
		if (was_cut && len - good < 4 &&
		    (unsigned char)z[good] >= 0xC0) {
			z[good] = '\0';
			return;
		}
		z[good] = '?';
		good += scim__utf8_prefix((scim_str){ z + good, len - good });
	}
}

SCIM_PRINTF(4, 0)
static scim_status
fill(scim_error *err, scim_status status, const char *scim_type,
    const char *fmt, va_list args)
{
	/* The arguments may point into `err` itself. */
	char detail[sizeof(err->detail)];

	if (err == NULL)
		return status;
	int n = vsnprintf(detail, sizeof(detail), fmt, args);
	if (n < 0)
		detail[0] = '\0';
	mend_utf8(detail, n >= (int)sizeof(detail));
	err->status = status;
	err->scim_type = scim_type;
	memcpy(err->detail, detail, sizeof(detail));
	return status;
}

scim_status
scim__fail(scim_error *err, scim_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fill(err, status, NULL, fmt, args);
	va_end(args);
	return status;
}

scim_status
scim__fail_type(scim_error *err, scim_status status, const char *scim_type,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fill(err, status, scim_type, fmt, args);
	va_end(args);
	return status;
}

scim_status
scim__fail_memory(scim_error *err)
{
	return scim__fail(
	    err, SCIM_ERR_NO_MEMORY, "Out of memory; try again later.");
}

_Noreturn void
scim__assert_failed(const char *cond, const char *file, int line)
{
	(void)fprintf(
	    stderr, "%s:%d: broken invariant: %s\n", file, line, cond);
	abort();
}
