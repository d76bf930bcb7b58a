/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the resources of a tenant fit other schemas than they were written
 * by, and their rows made those of the new ones.
 *
 * A stored state fits when, sent as a request to replace itself, it comes out
 * as it is, octet for octet.  So whatever validation will ever look at is
 * looked at here, too, and a resource that fits keeps its version.  What is
 * missing, dropped, moved to the secrets or of another type contradicts, and
 * the change is refused as a whole.
 *
 * Types whose documents stay are not looked at, so that a new type costs
 * nothing however many users there are.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"
#include "schema/own.h"
#include "schema/rows.h"
#include "schema/validate.h"
#include "json/json.h"

enum { PAGE = 200, ID_SHOWN = 64 };

/* One type on its way from one registry to another. */
struct move {
	scim_txn *txn;
	scim_arena *arena; /* of a page */
	scim_str tenant;
	const scim_registry *old_registry, *new_registry;
	const scim__resource_type *old, *new;
	bool same_rows;
	struct scim__schema_change *result;
};

/* `text` as an object; empty text is an empty one. */
static scim_status
parse_part(scim_arena *arena, scim_str text, scim__value *out, scim_error *err)
{
	*out = scim__value_object();
	return text.len == 0 ? SCIM_OK
			     : scim__json_parse_trusted(arena, text, out, err);
}

static scim_status
read_parts(scim_arena *arena, const scim_record *record, scim__state *out,
    scim_error *err)
{
	scim_status rc = parse_part(arena, record->content, &out->content, err);

	return rc == SCIM_OK
	    ? parse_part(arena, record->secret, &out->secret, err)
	    : rc;
}

static scim_status
write_canonical(
    scim_arena *arena, const scim__value *value, scim_str *out, scim_error *err)
{
	scim__buf text;

	scim__buf_init(&text, arena, SIZE_MAX);
	scim__json_write_canonical(&text, value);
	if (scim__buf_failed(&text))
		return scim__fail_memory(err);
	*out = scim__buf_str(&text);
	return SCIM_OK;
}

SCIM_PRINTF(4, 5)
static scim_status
contradict(const struct move *m, const scim_record *record, scim_error *err,
    const char *format, ...)
{
	int len = (int)(record->id.len < ID_SHOWN ? record->id.len : ID_SHOWN);
	va_list args;
	char why[160];

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "%.*s %.*s: %s Nothing was "
	    "changed.",
	    (int)m->old->name.len, m->old->name.ptr, len, record->id.ptr, why);
}

/* Names the first member that would not stay as it is; SCIM_OK for none. */
static scim_status
name_lost(const struct move *m, const scim_record *record,
    const scim__value *was, const scim__value *is, scim_error *err)
{
	for (uint32_t i = 0; i < was->count; i++) {
		const scim__member *member = &was->object.members[i];
		const scim__value *stays = scim__object_find(is, member->name);
		if (scim__str_equal(member->name, SCIM_STR("schemas")))
			continue;
		scim_str a = { "", 0 }, b = { "", 0 };
		scim_status rc =
		    write_canonical(m->arena, &member->value, &a, err);

		if (rc == SCIM_OK && stays != NULL)
			rc = write_canonical(m->arena, stays, &b, err);
		if (rc != SCIM_OK)
			return rc;
		if (!scim__str_equal(a, b))
			return contradict(m, record, err,
			    "its %.*s could not stay as it is: take it away "
			    "first.",
			    (int)(member->name.len < 80 ? member->name.len
							: 80),
			    member->name.ptr);
	}
	return SCIM_OK;
}

static scim_status
compare(const struct move *m, const scim_record *record, const scim__state *was,
    scim__state *is, scim_error *err)
{
	scim_str content = { "", 0 }, secret = { "", 0 };

	if (!scim__object_set(m->arena, &is->content, SCIM_STR("id"),
		scim__value_string(record->id)))
		return scim__fail_memory(err);
	scim_status rc = write_canonical(m->arena, &is->content, &content, err);
	if (rc == SCIM_OK && is->secret.count > 0)
		rc = write_canonical(m->arena, &is->secret, &secret, err);
	if (rc != SCIM_OK)
		return rc;
	if (scim__str_equal(content, record->content) &&
	    scim__str_equal(secret, record->secret))
		return SCIM_OK;
	rc = name_lost(m, record, &was->content, &is->content, err);
	if (rc == SCIM_OK)
		rc = name_lost(m, record, &was->secret, &is->secret, err);
	return rc != SCIM_OK
	    ? rc
	    : contradict(m, record, err, "it could not stay as it is.");
}

static scim_status
check_fits(const struct move *m, const scim_record *record, scim_error *err)
{
	const struct scim__validation_options options = { .hashed = true };
	struct scim__validation validation;
	scim__state was, request;
	scim_error why = { .status = SCIM_OK };
	scim_status rc = read_parts(m->arena, record, &was, err);

	if (rc == SCIM_OK)
		rc = read_parts(m->arena, record, &request, err);
	if (rc == SCIM_OK &&
	    !scim__object_merge(m->arena, &request.content, &request.secret))
		rc = scim__fail_memory(err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__validate(m->arena, m->new_registry, m->new, &request.content,
	    &was, &options, &validation, &why);
	if (rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(err);
	if (rc != SCIM_OK)
		return contradict(m, record, err, "%s", why.detail);
	return compare(m, record, &was, &validation.state, err);
}

static scim_status
taken(const struct move *m, const scim_record *record,
    const scim_write_result *result, scim_error *err)
{
	return contradict(m, record, err,
	    "it has the %.*s of %.*s, and that must be unique.",
	    (int)(result->attribute.len < 64 ? result->attribute.len : 64),
	    result->attribute.ptr,
	    (int)(result->holder.len < 40 ? result->holder.len : 40),
	    result->holder.ptr);
}

static scim_status
move_rows(const struct move *m, const scim_record *record, scim_error *err)
{
	scim_write write = { .kind = SCIM_WRITE_INDEX,
		.key = { m->tenant, m->old->name, record->id },
		.expected = record->version };
	scim_write_result result = { 0 };
	struct scim__rows before, after;
	scim__value content;
	scim_status rc =
	    scim__json_parse_trusted(m->arena, record->content, &content, err);

	if (rc == SCIM_OK)
		rc = scim__rows_of(m->arena, m->old_registry, m->old, &content,
		    record->modified_ms, &before, err);
	if (rc == SCIM_OK)
		rc = scim__rows_of(m->arena, m->new_registry, m->new, &content,
		    record->modified_ms, &after, err);
	if (rc == SCIM_OK)
		rc = scim__rows_diff(m->arena, &before, &after, &write, err);
	if (rc != SCIM_OK)
		return rc;
	if (write.index_add_count + write.index_remove_count +
		write.unique_add_count + write.unique_remove_count ==
	    0)
		return SCIM_OK;
	m->result->indexed++;
	rc = scim__store_write(m->txn, m->arena, &write, &result, err);
	return rc == SCIM_ERR_EXISTS ? taken(m, record, &result, err) : rc;
}

/* Up to PAGE of them, after `*after`, which moves on. */
static scim_status
move_page(
    const struct move *m, uint64_t *after, bool *out_more, scim_error *err)
{
	const scim_plan plan = { .tenant = m->tenant,
		.type = m->old->name,
		.attribute = SCIM_STR(""),
		.has_after = 1,
		.after_position = *after,
		.limit = PAGE,
		.parts = SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET };
	scim_record *records = NULL;
	size_t count = 0;
	scim_status rc =
	    scim__store_query(m->txn, m->arena, &plan, &records, &count, err);

	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		*after = records[i].position;
		m->result->looked_at++;
		rc = check_fits(m, &records[i], err);
		if (rc == SCIM_OK && !m->same_rows)
			rc = move_rows(m, &records[i], err);
	}
	*out_more = count == PAGE;
	return rc;
}

static scim_status
move_type(struct move *m, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	uint64_t after = 0;
	bool more = true;

	if (arena == NULL)
		return scim__fail_memory(err);
	m->arena = arena;
	while (more) {
		scim_arena_reset(arena);
		scim_status rc = move_page(m, &after, &more, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

static scim_status
count_type(const struct scim__recheck *r, scim_str type, uint64_t *out,
    scim_error *err)
{
	const scim_plan plan = { .tenant = r->tenant,
		.type = type,
		.attribute = SCIM_STR(""),
		.limit = 1 };

	return scim__store_count(r->txn, &plan, UINT64_MAX, out, err);
}

static const scim__resource_type *
find_exactly(const scim_registry *registry, scim_str name)
{
	const scim__resource_type *type = scim__registry_type(registry, name);

	return type != NULL && scim__str_equal(type->name, name) ? type : NULL;
}

static bool
same_relation(const scim__attribute *a, const scim__attribute *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return scim__str_equal(a->path, b->path);
}

static scim_status
refuse_type(const scim__resource_type *type, uint64_t count, const char *why,
    scim_error *err)
{
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "The tenant has %llu %s of type %.*s%s Nothing was changed.",
	    (unsigned long long)count, count == 1 ? "resource" : "resources",
	    (int)(type->name.len < 64 ? type->name.len : 64), type->name.ptr,
	    why);
}

static scim_status
check_type(const struct scim__recheck *r, const scim__resource_type *old,
    scim_error *err)
{
	struct move m = { .txn = r->txn,
		.tenant = r->tenant,
		.old_registry = r->old,
		.new_registry = r->new,
		.old = old,
		.new = find_exactly(r->new, old->name),
		.result = r->result };
	uint64_t count = 0;

	if (m.new != NULL && scim__type_same(old, m.new))
		return SCIM_OK;
	scim_status rc = count_type(r, old->name, &count, err);
	if (rc != SCIM_OK || count == 0)
		return rc;
	if (m.new == NULL)
		return refuse_type(old, count, ": delete them first.", err);
	if (!same_relation(old->relation, m.new->relation))
		return refuse_type(old, count,
		    ", and its relation would be another: delete them first.",
		    err);
	m.same_rows = scim__type_same_rows(old, m.new);
	return move_type(&m, err);
}

/* Resources of a type that was not there are from schemas unknown here. */
static scim_status
check_new_type(const struct scim__recheck *r, const scim__resource_type *type,
    scim_error *err)
{
	uint64_t count = 0;

	if (find_exactly(r->old, type->name) != NULL)
		return SCIM_OK;
	scim_status rc = count_type(r, type->name, &count, err);
	if (rc != SCIM_OK || count == 0)
		return rc;
	return refuse_type(type, count,
	    " already, by schemas not known here: give the --schemas that "
	    "the server has.",
	    err);
}

scim_status
scim__recheck(const struct scim__recheck *recheck, scim_error *err)
{
	scim_status rc = SCIM_OK;
	size_t count = scim__registry_type_count(recheck->old);

	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = check_type(
		    recheck, scim__registry_type_at(recheck->old, i), err);
	count = scim__registry_type_count(recheck->new);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = check_new_type(
		    recheck, scim__registry_type_at(recheck->new, i), err);
	return rc;
}
