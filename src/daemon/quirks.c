/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tells the operator what clients send that is not SCIM.
 *
 * Every quirk is counted.  Every request with some has a line in the log as
 * well, until there were so many in a second that the log would become the
 * work; the next line then says how many had none.
 */

#include "daemon/quirks.h"

#include <stdio.h>

#include "base/str.h"
#include "daemon/exchange.h"
#include "daemon/log.h"
#include "schema/validate.h"

#define LINE_MOST 4096

void
scim__quirk_names(scim__buf *buf, unsigned quirks)
{
	const char *between = "";

	for (size_t i = 0; i < SCIM__METRICS_QUIRKS; i++) {
		if ((quirks & (1U << i)) == 0)
			continue;
		scim__buf_add_z(buf, between);
		scim__buf_add_z(buf, scim__metrics_quirk_name(i));
		between = " ";
	}
}

bool
scim__quirk_log_takes(struct scim__quirk_log *log, int64_t now_s)
{
	if (now_s != log->second) {
		log->second = now_s;
		log->lines = 0;
	}
	if (log->lines == SCIM__QUIRK_LINES) {
		log->unlogged++;
		return false;
	}
	log->lines++;
	return true;
}

static const char *
text_of(scim_arena *arena, scim_str s)
{
	return s.ptr == NULL ? "" : scim__str_copy_z(arena, s);
}

static scim_str
resource_of(const struct scim__exchange *x)
{
	if (x->answer.location.len > 0)
		return x->answer.location;
	if (x->request.operation == SCIM_OPERATION_BULK)
		return SCIM_STR("/Bulk");
	return x->request.endpoint.len > 0 ? x->request.endpoint
					   : SCIM_STR("/");
}

static void
write_line(struct scim__quirk_log *log, const struct scim__exchange *x)
{
	bool lost = (x->quirks & SCIM__QUIRK_DANGLING_DROPPED) != 0;
	char unlogged[24];
	scim__buf names;

	(void)snprintf(unlogged, sizeof(unlogged), "%lu", log->unlogged);
	scim__buf_init(&names, x->arena, LINE_MOST);
	scim__quirk_names(&names, x->quirks);
	scim__buf_add_char(&names, '\0');
	if (scim__buf_failed(&names))
		return;
	scim__log(lost ? SCIM__LOG_WARNING : SCIM__LOG_INFO, "quirk", "names",
	    scim__buf_str(&names).ptr, "tenant",
	    text_of(x->arena, x->tenant->name), "resource",
	    text_of(x->arena, resource_of(x)), "unlogged", unlogged,
	    lost ? "dropped" : NULL, text_of(x->arena, x->dropped), NULL);
	log->unlogged = 0;
}

void
scim__quirks_tell(struct scim__quirk_log *log, struct scim__metrics *metrics,
    const struct scim__exchange *x, int64_t now_s)
{
	if (x->quirks == 0)
		return;
	scim__metrics_quirks(metrics, x->quirks);
	if (x->tenant != NULL && scim__quirk_log_takes(log, now_s))
		write_line(log, x);
}
