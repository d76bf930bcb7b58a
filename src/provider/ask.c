/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SearchRequest message: the parameters of a query, where they must not
 * or can't be part of a URL.
 *
 * Names of members ignore case, like those of all attributes; members that
 * are not named here say nothing, like parameters of a URL.  Numbers become
 * text again, so that one reader is right about both.
 */
#include "provider/ask.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "json/json.h"
#include "json/message.h"

static const scim_str message_urn = {
	"urn:ietf:params:scim:api:messages:2.0:SearchRequest", 51
};

static scim_status
fail_member(scim_error *err, scim_str name, const char *kind)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "%.*s must be %s.", (int)name.len, name.ptr, kind);
}

/* The member of that name, NULL for none or null. */
static scim_status
find_given(const scim__value *message, scim_str name, const scim__value **out,
    scim_error *err)
{
	const scim__value *found = NULL;
	scim_status rc = scim__message_find(message, name, &found, err);

	if (rc == SCIM_OK)
		*out =
		    found != NULL && found->kind == SCIM__NULL ? NULL : found;
	return rc;
}

static scim_status
read_text(
    const scim__value *message, scim_str name, scim_str *out, scim_error *err)
{
	const scim__value *v = NULL;
	scim_status rc = find_given(message, name, &v, err);

	if (rc != SCIM_OK || v == NULL)
		return rc;
	if (v->kind != SCIM__STRING)
		return fail_member(err, name, "a string");
	*out = v->string;
	return SCIM_OK;
}

static scim_status
read_number(scim_arena *arena, const scim__value *message, scim_str name,
    scim_str *out, scim_error *err)
{
	const scim__value *v = NULL;
	scim_status rc = find_given(message, name, &v, err);
	scim__buf buf;

	if (rc != SCIM_OK || v == NULL)
		return rc;
	if (v->kind != SCIM__INTEGER && v->kind != SCIM__BIG)
		return fail_member(err, name, "a whole number");
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, v);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

/* @spec 7644-3.4.3-05 */
static scim_status
read_names(scim_arena *arena, const scim__value *message, scim_str name,
    scim_str *out, scim_error *err)
{
	const scim__value *v = NULL;
	scim_status rc = find_given(message, name, &v, err);
	scim__buf buf;

	if (rc != SCIM_OK || v == NULL)
		return rc;
	if (v->kind != SCIM__ARRAY)
		return fail_member(err, name, "an array of strings");
	scim__buf_init(&buf, arena, SIZE_MAX);
	for (uint32_t i = 0; i < v->count; i++) {
		if (v->array.items[i].kind != SCIM__STRING)
			return fail_member(err, name, "an array of strings");
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		scim__buf_add(&buf, v->array.items[i].string);
	}
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	/* An empty array is as good as none (RFC 7643 section 2.5). */
	if (v->count > 0)
		*out = scim__buf_str(&buf);
	return SCIM_OK;
}

/* @spec 7644-3.4.3-04, 9865-3-01 */
static scim_status
read_members(scim_arena *arena, const scim__value *message,
    struct scim__ask *ask, scim_error *err)
{
	const struct {
		scim_str name;
		scim_str *to;
	} texts[] = {
		{ SCIM_STR("filter"), &ask->filter },
		{ SCIM_STR("sortBy"), &ask->sort_by },
		{ SCIM_STR("sortOrder"), &ask->sort_order },
		{ SCIM_STR("cursor"), &ask->cursor },
	};
	scim_status rc = read_names(
	    arena, message, SCIM_STR("attributes"), &ask->attributes, err);

	if (rc == SCIM_OK)
		rc = read_names(arena, message, SCIM_STR("excludedAttributes"),
		    &ask->excluded_attributes, err);
	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(texts); i++)
		rc = read_text(message, texts[i].name, texts[i].to, err);
	if (rc == SCIM_OK)
		rc = read_number(arena, message, SCIM_STR("startIndex"),
		    &ask->start_index, err);
	if (rc == SCIM_OK)
		rc = read_number(
		    arena, message, SCIM_STR("count"), &ask->count, err);
	return rc;
}

scim_status
scim__ask_parse(scim_arena *arena, scim_str body, const scim_limits *limits,
    struct scim__ask *out, scim_error *err)
{
	scim__json_limits bounds = { limits->body_bytes, limits->depth };
	struct scim__ask ask = { .filter = { NULL, 0 } };
	scim__value message;
	scim_status rc = scim__json_parse(arena, body, &bounds, &message, err);

	if (rc != SCIM_OK)
		return rc;
	if (message.kind != SCIM__OBJECT)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		    "A search is a JSON object.");
	/* @spec 7644-3.4.3-03, 7644-8.2-01 */
	rc = scim__message_check(&message, message_urn, err);
	if (rc == SCIM_OK)
		rc = read_members(arena, &message, &ask, err);
	if (rc == SCIM_OK)
		*out = ask;
	return rc;
}
