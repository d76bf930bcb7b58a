/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merge message: a base, what is wanted, and decisions made beforehand.
 *
 * What is not known here is refused: a decision that is overlooked would be a
 * decision of ours.
 */
#include "provider/merge_message.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "json/message.h"

static scim_status
refuse(scim_error *err, const char *what)
{
	return scim__fail_type(
	    err, SCIM_ERR_INVALID, "invalidValue", "%s", what);
}

bool
scim__version_named(scim_str opaque, scim_version *out)
{
	if (opaque.len > SCIM_VERSION_TEXT_LEN &&
	    opaque.ptr[SCIM_VERSION_TEXT_LEN] == '.')
		opaque.len = SCIM_VERSION_TEXT_LEN;
	return scim_version_parse(opaque, out, NULL) == SCIM_OK;
}

static scim_status
parse_base(
    const scim__value *value, struct scim__merge_message *out, scim_error *err)
{
	scim_etag tag;

	if (value == NULL || value->kind != SCIM__STRING)
		return refuse(err,
		    "\"base\" must be the entity tag that the change was made "
		    "from.");
	out->base = value->string;
	if (scim__version_named(value->string, &out->version) ||
	    (scim_etag_parse(value->string, &tag, NULL) == SCIM_OK &&
		scim__version_named(tag.opaque, &out->version)))
		return SCIM_OK;
	return refuse(err,
	    "\"base\" is no entity tag of this server: send it as "
	    "meta.version shows it.");
}

/* `fallback` for what is not there. */
static scim_status
parse_use(const scim__value *value, scim_merge_use *out, scim_error *err)
{
	static const scim_str words[] = {
		[SCIM_MERGE_FAIL] = { "fail", 4 },
		[SCIM_MERGE_OURS] = { "ours", 4 },
		[SCIM_MERGE_THEIRS] = { "theirs", 6 },
	};

	for (size_t i = 0; i < scim__countof(words); i++)
		if (value->kind == SCIM__STRING &&
		    scim__str_equal(value->string, words[i])) {
			*out = (scim_merge_use)i;
			return SCIM_OK;
		}
	return refuse(err,
	    "\"onConflict\", and \"use\" of a resolution, is \"fail\", "
	    "\"ours\" or \"theirs\".");
}

static scim_status
parse_resolution(
    const scim__value *value, scim_merge_resolution *out, scim_error *err)
{
	const scim__value *path = NULL, *use = NULL;
	scim_status rc = SCIM_ERR_INVALID;

	if (value->kind == SCIM__OBJECT)
		rc = scim__message_find(value, SCIM_STR("path"), &path, err);
	if (rc == SCIM_OK)
		rc = scim__message_find(value, SCIM_STR("use"), &use, err);
	if (rc != SCIM_OK || path == NULL || path->kind != SCIM__STRING ||
	    use == NULL)
		return refuse(err,
		    "Each of \"resolutions\" has a \"path\" and a \"use\".");
	out->path = path->string;
	return parse_use(use, &out->use, err);
}

static scim_status
parse_resolutions(scim_arena *arena, const scim__value *list,
    struct scim__merge_message *out, scim_error *err)
{
	scim_status rc = SCIM_OK;

	if (list->kind != SCIM__ARRAY)
		return refuse(err, "\"resolutions\" must be an array.");
	out->resolutions =
	    scim__arena_array(arena, list->count, sizeof(*out->resolutions));
	if (out->resolutions == NULL)
		return scim__fail_memory(err);
	for (uint32_t i = 0; rc == SCIM_OK && i < list->count; i++)
		rc = parse_resolution(
		    &list->array.items[i], &out->resolutions[i], err);
	out->resolution_count = list->count;
	return rc;
}

static scim_status
parse_decisions(scim_arena *arena, const scim__value *const *members,
    struct scim__merge_message *out, scim_error *err)
{
	const scim__value *use = members[0], *list = members[1],
			  *dry = members[2];
	scim_status rc = SCIM_OK;

	out->says_on_conflict = use != NULL;
	if (use != NULL)
		rc = parse_use(use, &out->on_conflict, err);
	if (rc == SCIM_OK && list != NULL)
		rc = parse_resolutions(arena, list, out, err);
	if (rc == SCIM_OK && dry != NULL && dry->kind != SCIM__BOOL)
		rc = refuse(err, "\"dryRun\" is true or false.");
	out->is_dry = rc == SCIM_OK && dry != NULL && dry->boolean;
	return rc;
}

static scim_status
check_wanted(const struct scim__merge_message *m, scim_error *err)
{
	bool both = m->resource != NULL && m->operations != NULL;

	if (both || (m->resource == NULL && m->operations == NULL))
		return refuse(err,
		    "Say what is wanted in \"resource\", as for PUT, or in "
		    "\"Operations\", as for PATCH; not in both.");
	return SCIM_OK;
}

scim_status
scim__merge_message_parse(scim_arena *arena, const scim__value *message,
    struct scim__merge_message *out, scim_error *err)
{
	static const char *const names[] = { "base", "resource", "Operations",
		"onConflict", "resolutions", "dryRun" };
	const scim__value *members[scim__countof(names)] = { NULL };
	struct scim__merge_message m = { .on_conflict = SCIM_MERGE_FAIL };
	scim_status rc =
	    scim__message_check(message, SCIM_STR(SCIM__MERGE_URN), err);

	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(names); i++)
		rc = scim__message_find(
		    message, scim__str(names[i]), &members[i], err);
	if (rc == SCIM_OK)
		rc = parse_base(members[0], &m, err);
	m.resource = members[1];
	m.operations = members[2];
	if (rc == SCIM_OK)
		rc = check_wanted(&m, err);
	if (rc == SCIM_OK)
		rc = parse_decisions(arena, &members[3], &m, err);
	if (rc == SCIM_OK)
		*out = m;
	return rc;
}
