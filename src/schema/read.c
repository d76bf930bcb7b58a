/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading members of a definition, and saying what is wrong with one.
 *
 * Definitions come from people, so each sentence names the file, the
 * definition in it and the attribute before it says what to do.
 */
#include "schema/read.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

scim_status
scim__read_fail(
    const struct scim__reading *r, scim_str path, const char *fmt, ...)
{
	char why[192];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return scim__fail(r->err, SCIM_ERR_INVALID, "%.*s%s%.*s%s%.*s%s%s",
	    (int)r->source.len, r->source.ptr, r->source.len > 0 ? ": " : "",
	    (int)r->within.len, r->within.ptr, r->within.len > 0 ? ": " : "",
	    (int)path.len, path.ptr, path.len > 0 ? ": " : "", why);
}

static const scim__value *
find_given(const scim__value *object, scim_str name)
{
	const scim__value *value = scim__object_find_nocase(object, name);

	return value != NULL && value->kind == SCIM__NULL ? NULL : value;
}

scim_status
scim__read_bool(const struct scim__reading *r, scim_str path,
    const scim__value *object, scim_str name, bool *out)
{
	const scim__value *value = find_given(object, name);

	if (value == NULL)
		return SCIM_OK;
	if (value->kind != SCIM__BOOL)
		return scim__read_fail(r, path,
		    "\"%.*s\" must be true or false.", (int)name.len, name.ptr);
	*out = value->boolean;
	return SCIM_OK;
}

scim_status
scim__read_string(const struct scim__reading *r, scim_str path,
    const scim__value *object, scim_str name, scim_str *out)
{
	const scim__value *value = find_given(object, name);

	if (value == NULL)
		return SCIM_OK;
	if (value->kind != SCIM__STRING || value->string.len == 0)
		return scim__read_fail(r, path,
		    "\"%.*s\" must be a string that is not empty.",
		    (int)name.len, name.ptr);
	*out = value->string;
	return SCIM_OK;
}

scim_status
scim__read_strings(const struct scim__reading *r, scim_str path,
    const scim__value *object, scim_str name, const scim_str **out,
    size_t *out_count)
{
	const scim__value *value = find_given(object, name);

	if (value == NULL)
		return SCIM_OK;
	if (value->kind != SCIM__ARRAY)
		return scim__read_fail(r, path,
		    "\"%.*s\" must be an array of strings.", (int)name.len,
		    name.ptr);
	scim_str *strings =
	    scim__arena_array(r->arena, value->count, sizeof(*strings));
	if (strings == NULL)
		return scim__fail_memory(r->err);
	for (uint32_t i = 0; i < value->count; i++) {
		const scim__value *item = &value->array.items[i];

		if (item->kind != SCIM__STRING || item->string.len == 0)
			return scim__read_fail(r, path,
			    "\"%.*s\" must be an array of strings that are "
			    "not empty.",
			    (int)name.len, name.ptr);
		strings[i] = item->string;
	}
	*out = strings;
	*out_count = value->count;
	return SCIM_OK;
}
