/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Representations.
 *
 * A stored document goes out as it is, with `meta` and what is derived set
 * in before its last brace: it is parsed only when a projection or a looked-up
 * value asks for it.  Members are set in last, page by page, so that a group
 * of a million is never in memory.
 */
#include "provider/render.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/seeded.h"
#include "base/str.h"
#include "provider/whole.h"
#include "version/tag.h"
#include "json/json.h"

#define MEMBERS_A_PAGE 500
#define MEMBERS_AT_ONCE 1000

/* A bug to be caught; see base/seeded.h.  Each thread has a cache of its own,
 * and looks again after a while. */
static scim_version
cached_version(const scim_record *record)
{
	static _Thread_local struct {
		char id[40];
		unsigned uses;
		scim_version version;
	} cache[16];
	size_t len = record->id.len < 39 ? record->id.len : 39;
	size_t slot =
	    len == 0 ? 0 : (unsigned char)record->id.ptr[len - 1] % 16;

	if (cache[slot].uses++ % 8 == 0 || strlen(cache[slot].id) != len ||
	    memcmp(cache[slot].id, record->id.ptr, len) != 0) {
		memset(cache[slot].id, 0, sizeof(cache[slot].id));
		memcpy(cache[slot].id, record->id.ptr, len);
		cache[slot].version = record->version;
	}
	return cache[slot].version;
}

scim_status
scim__view_make(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, const scim_record *record,
    struct scim__view *out, scim_error *err)
{
	scim_arena *arena = context->arena;
	struct scim__view view = { .record = *record };

	if (txn != NULL && type->derived_count > 0) {
		scim_status rc = scim__derived_read(txn, context, type,
		    record->id, record->content, &view.derived, err);
		if (rc != SCIM_OK)
			return rc;
	}

	struct scim__tag_parts parts = {
		.own = record->version,
		.has_derived = view.derived.any,
		.strong = context->settings->etag == SCIM_ETAG_STRONG,
		.sequence = record->sequence,
	};
	if (scim__seeded("stale_tag"))
		parts.own = cached_version(record);
	memcpy(parts.derived, view.derived.hash, sizeof(parts.derived));
	scim_etag etag = scim__tag_make(arena, &parts);
	if (etag.opaque.ptr == NULL)
		return scim__fail_memory(err);
	view.etag = scim_etag_format(arena, &etag);
	view.location = scim__location(arena, context, type, record->id);
	if (view.etag.ptr == NULL || view.location.ptr == NULL)
		return scim__fail_memory(err);
	view.validators = (scim_validators){
		.etag = etag,
		.has_dates = 1,
		.modified_ms = record->modified_ms,
		.modified_before_ms = record->modified_before_ms,
		.has_derived = type->derived_count > 0,
	};
	*out = view;
	return SCIM_OK;
}

void
scim__view_resource(const scim__resource_type *type,
    const struct scim__view *view, scim_resource *out)
{
	*out = (scim_resource){
		.id = view->record.id,
		.type = type->name,
		.version = view->record.version,
		.etag = view->etag,
		.location = view->location,
		.created_ms = view->record.created_ms,
		.modified_ms = view->record.modified_ms,
	};
}

/* The document as stored, all but its last brace, and what is derived. */
static void
write_as_stored(scim__buf *buf, const struct scim__view *view)
{
	const scim_str content = view->record.content;
	const scim__value *derived = &view->derived.values;

	scim__buf_add(buf, (scim_str){ content.ptr, content.len - 1 });
	for (uint32_t i = 0; i < derived->count; i++) {
		scim__buf_add_char(buf, ',');
		scim__json_write_string(buf, derived->object.members[i].name);
		scim__buf_add_char(buf, ':');
		scim__json_write(buf, &derived->object.members[i].value);
	}
}

static bool
is_object(const scim__member *m)
{
	return m->value.kind == SCIM__OBJECT;
}

/* Whether derived values only add members to the document. */
static bool
can_splice(const scim__resource_type *type, const struct scim__view *view,
    const scim__projection *projection)
{
	if (type->has_request_only ||
	    (projection != NULL && !scim__projection_is_default(projection)))
		return false;
	for (uint32_t i = 0; i < view->derived.values.count; i++)
		if (is_object(&view->derived.values.object.members[i]))
			return false;
	return true;
}

/* Everything up to the place where members go; the last brace is open. */
static scim_status
write_head(scim__buf *buf, const scim_context *context,
    const scim__resource_type *type, const struct scim__view *view,
    const scim__projection *projection, scim_error *err)
{
	if (can_splice(type, view, projection)) {
		write_as_stored(buf, view);
		scim__buf_add_z(buf, ",\"meta\":");
		scim__whole_meta(buf, type, view);
		return SCIM_OK;
	}

	scim__value resource;
	scim_status rc =
	    scim__whole_make(context->arena, type, view, &resource, err);
	if (rc != SCIM_OK)
		return rc;
	scim__projection_apply(projection, context->registry, type, &resource);
	scim__json_write(buf, &resource);
	buf->len -= buf->len > 0 ? 1 : 0;
	return SCIM_OK;
}

/* Where a page of members is read from and how it is shown. */
struct members {
	scim_txn *txn;
	scim__roster *roster; /* instead of `txn`, or NULL */
	const scim_context *context;
	const scim__resource_type *type;
	const scim__projection *projection;
	scim_key key;
	scim_str after;
	bool first, done;
};

/* Shows one page: projected as an array of its own, brackets left out. */
static scim_status
write_rows(scim__buf *buf, const struct members *m, const scim_member_row *rows,
    size_t count, scim_error *err)
{
	scim__value list = scim__value_array(), whole = scim__value_object();
	scim__value element;

	for (size_t i = 0; i < count; i++)
		if (!scim__whole_member(
			buf->arena, m->context, &rows[i], &element) ||
		    !scim__array_add(buf->arena, &list, element))
			return scim__fail_memory(err);
	if (!scim__object_add(
		buf->arena, &whole, m->type->relation->name, list))
		return scim__fail_memory(err);
	scim__projection_apply(
	    m->projection, m->context->registry, m->type, &whole);
	const scim__value *shown =
	    scim__object_find(&whole, m->type->relation->name);
	for (uint32_t i = 0; shown != NULL && i < shown->count; i++) {
		if (i > 0)
			scim__buf_add_char(buf, ',');
		scim__json_write(buf, &shown->array.items[i]);
	}
	return SCIM_OK;
}

/* Appends the next page; `m->done` after the last. */
static scim_status
write_page(scim__buf *buf, struct members *m, scim_error *err)
{
	scim_member_row *rows = NULL;
	size_t count = 0;
	scim_status rc = m->roster != NULL
	    ? scim__roster_next(
		  m->roster, buf->arena, MEMBERS_A_PAGE, &rows, &count, err)
	    : scim__store_members(m->txn, buf->arena, &m->key, m->after,
		  MEMBERS_A_PAGE, &rows, &count, err);

	if (rc != SCIM_OK)
		return rc;
	if (count > 0) {
		if (m->first) {
			scim__buf_add_char(buf, ',');
			scim__json_write_string(buf, m->type->relation->name);
			scim__buf_add_z(buf, ":[");
		} else {
			scim__buf_add_char(buf, ',');
		}
		rc = write_rows(buf, m, rows, count, err);
		m->first = false;
		m->after = rows[count - 1].value;
	}
	m->done = count < MEMBERS_A_PAGE;
	if (m->done && !m->first)
		scim__buf_add_char(buf, ']');
	return rc;
}

bool
scim__render_shows_members(const scim__resource_type *type,
    const struct scim__view *view, const scim__projection *projection)
{
	return type->relation != NULL && view->record.relation_count > 0 &&
	    (projection == NULL ||
		scim__projection_shows(projection, type->relation));
}

bool
scim__render_is_long(const scim__resource_type *type,
    const struct scim__view *view, const scim__projection *projection)
{
	return scim__render_shows_members(type, view, projection) &&
	    view->record.relation_count > MEMBERS_AT_ONCE;
}

scim_status
scim__render(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, const struct scim__view *view,
    const scim__projection *projection, scim_str *out, scim_error *err)
{
	scim__buf buf;
	struct members m = { txn, NULL, context, type, projection,
		scim__key(context, type, view->record.id), { "", 0 }, true,
		!scim__render_shows_members(type, view, projection) };

	scim__buf_init(&buf, context->arena, SIZE_MAX);
	scim_status rc = write_head(&buf, context, type, view, projection, err);
	while (rc == SCIM_OK && !m.done)
		rc = write_page(&buf, &m, err);
	if (rc != SCIM_OK)
		return rc;
	scim__buf_add_char(&buf, '}');
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

struct long_answer {
	scim_stream base;
	struct members members;
	scim_str head; /* sent first; then ptr NULL */
	bool ended;
};

static scim_status
next_piece(scim_stream *self, scim_arena *arena, scim_str *out, scim_error *err)
{
	struct long_answer *a =
	    scim__container_of(self, struct long_answer, base);
	scim__buf buf;
	scim_status rc = SCIM_OK;

	scim__buf_init(&buf, arena, SIZE_MAX);
	if (a->head.ptr != NULL) {
		scim__buf_add(&buf, a->head);
		a->head.ptr = NULL;
	} else if (!a->members.done) {
		rc = write_page(&buf, &a->members, err);
	}
	if (rc != SCIM_OK)
		return rc;
	if (a->members.done && !a->ended) {
		scim__buf_add_char(&buf, '}');
		a->ended = true;
	}
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

static void
close_answer(scim_stream *self)
{
	struct long_answer *a =
	    scim__container_of(self, struct long_answer, base);

	scim__roster_free(a->members.roster);
	a->members.roster = NULL;
}

scim_status
scim__render_stream(scim__roster *roster, const scim_context *context,
    const scim__resource_type *type, const struct scim__view *view,
    const scim__projection *projection, scim_stream **out, scim_error *err)
{
	scim__auto(scim__roster_free) scim__roster *ours = roster;
	struct long_answer *a = scim_arena_alloc(context->arena, sizeof(*a));
	scim__buf buf;

	if (a == NULL)
		return scim__fail_memory(err);
	scim__buf_init(&buf, context->arena, SIZE_MAX);
	scim_status rc = write_head(&buf, context, type, view, projection, err);
	if (rc != SCIM_OK)
		return rc;
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	a->base = (scim_stream){ next_piece, close_answer };
	a->head = scim__buf_str(&buf);
	a->members = (struct members){ NULL, scim__take(ours), context, type,
		projection, scim__key(context, type, view->record.id),
		{ "", 0 }, true, false };
	*out = &a->base;
	return SCIM_OK;
}
