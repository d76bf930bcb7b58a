/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the change log keeps of a write.
 *
 * Of a state that is replaced it keeps the edits that lead back to it, or all
 * of it where that is shorter; the store takes all of it every now and then,
 * so that the way is never long.  Secrets are named, never kept: they are not
 * in the content.  A state that comes into being or goes has no paths, since
 * that would be all of them.
 */
#include "provider/record.h"

#include "base/error.h"
#include "base/str.h"
#include "provider/delta.h"
#include "json/json.h"

scim_change
scim__change(const scim_context *context, const char *operation, int64_t at_ms)
{
	return (scim_change){
		.operation = scim__str(operation),
		.actor = context->actor,
		.via = context->via,
		.paths = SCIM_STR("[]"),
		.content = SCIM_STR(""),
		.at_ms = at_ms,
		.whole = SCIM_STR(""),
		.keep = context->settings->history_count,
	};
}

static scim_status
parse_secret(
    scim_arena *arena, scim_str secret, scim__value *out, scim_error *err)
{
	*out = scim__value_object();
	return secret.len == 0
	    ? SCIM_OK
	    : scim__json_parse_trusted(arena, secret, out, err);
}

static scim_status
add_secret_paths(scim_arena *arena, const struct scim__logged *before,
    const struct scim__logged *after, struct scim__paths *paths,
    scim_error *err)
{
	scim__value old, new;

	if (scim__str_equal(before->secret, after->secret))
		return SCIM_OK;
	scim_status rc = parse_secret(arena, before->secret, &old, err);
	if (rc == SCIM_OK)
		rc = parse_secret(arena, after->secret, &new, err);
	if (rc == SCIM_OK)
		scim__paths_add(arena, paths, &old, &new);
	return rc;
}

static scim_status
put_way_back(scim_arena *arena, const struct scim__logged *before,
    const struct scim__logged *after, scim_change *change, scim_error *err)
{
	scim__buf buf;

	/* With one state to keep nobody goes back. */
	if (change->keep < 2)
		return SCIM_OK;
	change->whole = before->text;
	change->content = before->text;
	if (after->content == NULL)
		return SCIM_OK;
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__delta_write(&buf, after->content, before->content);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	if (buf.len < before->text.len)
		change->content = scim__buf_str(&buf);
	return SCIM_OK;
}

scim_status
scim__change_describe(const scim_context *context,
    const scim__resource_type *type, const struct scim__logged *before,
    const struct scim__logged *after, bool members_moved, scim_change *change,
    scim_error *err)
{
	scim_arena *arena = context->arena;
	struct scim__paths paths = { .count = 0 };

	if (before->content == NULL)
		return SCIM_OK;
	scim_status rc = put_way_back(arena, before, after, change, err);
	if (rc != SCIM_OK || after->content == NULL)
		return rc;
	scim__paths_add(arena, &paths, before->content, after->content);
	rc = add_secret_paths(arena, before, after, &paths, err);
	if (rc != SCIM_OK)
		return rc;
	if (members_moved)
		scim__paths_add_one(arena, &paths, type->relation->path);
	change->paths = scim__paths_json(arena, &paths);
	return change->paths.ptr == NULL ? scim__fail_memory(err) : SCIM_OK;
}

scim_status
scim__change_of_members(const scim_context *context,
    const scim__resource_type *type, scim_str content, scim_change *change,
    scim_error *err)
{
	struct scim__paths paths = { .count = 0 };

	scim__paths_add_one(context->arena, &paths, type->relation->path);
	change->paths = scim__paths_json(context->arena, &paths);
	if (change->paths.ptr == NULL)
		return scim__fail_memory(err);
	if (change->keep < 2)
		return SCIM_OK;
	change->content = SCIM_STR("[]");
	change->whole = content;
	return SCIM_OK;
}
