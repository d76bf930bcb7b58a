/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conflict as JSON.
 *
 * What has no value has no member.  Lists that a relation makes long are cut,
 * and say so: never silently, or somebody would send the rest back as all.
 */
#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"
#include "merge/whole.h"
#include "provider/explain.h"
#include "provider/history.h"
#include "json/json.h"

#define CHANGES 100 /* in changedSince */
#define FIRST 20    /* of a relation, or of one value */

struct writer {
	scim__buf buf;
	scim_arena *arena;
	const struct scim__explanation *e;
	bool failed;
};

static void
add_string(scim__buf *buf, const char *name, scim_str value)
{
	if (value.len == 0)
		return;
	scim__buf_printf(buf, ",\"%s\":", name);
	scim__json_write_string(buf, value);
}

static void
add_bool(scim__buf *buf, const char *name, bool value)
{
	scim__buf_printf(buf, ",\"%s\":%s", name, value ? "true" : "false");
}

/* A list longer than FIRST is an object that says how long it is. */
static void
add_value(scim__buf *buf, const char *name, const scim__value *value)
{
	if (value == NULL)
		return;
	scim__buf_printf(buf, ",\"%s\":", name);
	if (value->kind != SCIM__ARRAY || value->count <= FIRST) {
		scim__json_write_canonical(buf, value);
		return;
	}
	scim__value first = *value;
	first.count = FIRST;
	scim__buf_printf(buf, "{\"count\":%u,\"first\":", value->count);
	scim__json_write_canonical(buf, &first);
	scim__buf_add_char(buf, '}');
}

/* The last change that touched what a path names; NULL: none did. */
static const scim_change_row *
find_change(const struct scim__sides *sides, scim_str path)
{
	for (size_t i = 0; i < sides->since_count; i++) {
		const scim__value *paths = &sides->since[i].paths;

		for (uint32_t k = 0; k < paths->count; k++) {
			scim_str changed = paths->array.items[k].string;

			if (scim__path_touches(changed, path) ||
			    scim__path_touches(path, changed))
				return sides->since[i].row;
		}
	}
	return NULL;
}

static void
add_change(struct writer *w, scim_str path)
{
	const scim_change_row *row = find_change(w->e->sides, path);
	char text[SCIM__TIME_RFC3339_LEN + 1];
	scim_str etag;

	if (row == NULL)
		return;
	etag = scim__history_etag(w->e->context, row);
	w->failed |= etag.ptr == NULL;
	add_string(&w->buf, "version", etag);
	add_string(&w->buf, "actor", row->change.actor);
	scim__time_format(row->change.at_ms, text);
	add_string(&w->buf, "at", scim__str(text));
}

/* Whether a path leads into the relation. */
static bool
is_of_relation(const struct writer *w, scim_str path)
{
	const scim__attribute *relation = w->e->type->relation;

	return relation != NULL && scim__path_touches(relation->path, path);
}

/* What of a list is written, and what that leaves out. */
struct cut {
	size_t written, members;
	bool any;
};

/* Whether one more fits; then its beginning is written. */
static bool
begin_item(struct writer *w, struct cut *cut, size_t most, scim_str path)
{
	bool is_member = is_of_relation(w, path);

	if (cut->written >= most || (is_member && cut->members >= FIRST))
		return false;
	cut->written++;
	cut->members += is_member;
	scim__buf_add_z(&w->buf, cut->any ? ",{\"path\":" : "{\"path\":");
	cut->any = true;
	scim__json_write_string(&w->buf, path);
	return true;
}

static void
end_list(struct writer *w, const char *name, const struct cut *cut, size_t all)
{
	scim__buf_add_char(&w->buf, ']');
	if (cut->written < all)
		scim__buf_printf(&w->buf, ",\"%sCount\":%zu", name, all);
}

static void
add_changed(struct writer *w)
{
	const struct scim__differences *changed = w->e->changed;
	struct cut cut = { .written = 0 };

	scim__buf_add_z(&w->buf, ",\"changedSince\":[");
	for (size_t i = 0; i < changed->count; i++) {
		const struct scim__difference *d = &changed->items[i];

		if (!begin_item(w, &cut, CHANGES, d->path))
			continue;
		scim__buf_printf(
		    &w->buf, ",\"op\":\"%s\"", scim__diff_op_name(d->op));
		add_value(&w->buf, "before", d->before);
		add_value(&w->buf, "after", d->after);
		if (d->redacted)
			add_bool(&w->buf, "redacted", true);
		add_change(w, d->path);
		scim__buf_add_char(&w->buf, '}');
	}
	end_list(w, "changedSince", &cut, changed->count);
}

static void
add_conflict(struct writer *w, const struct scim__merge_conflict *c)
{
	const scim_change_row *row = find_change(w->e->sides, c->path);

	add_string(&w->buf, "kind", scim__str(scim_merge_kind_name(c->kind)));
	add_value(&w->buf, "base", c->of[SCIM__BASE]);
	add_value(&w->buf, "ours", c->of[SCIM__OURS]);
	add_value(&w->buf, "theirs", c->of[SCIM__THEIRS]);
	if (c->redacted)
		add_bool(&w->buf, "redacted", true);
	add_string(&w->buf, "detail", c->detail);
	if (row != NULL)
		add_string(&w->buf, "lastChangedBy", row->change.actor);
	scim__buf_add_char(&w->buf, '}');
}

static void
add_conflicts(struct writer *w)
{
	const struct scim__merged *merged = w->e->merged;
	struct cut cut = { .written = 0 };

	scim__buf_add_z(&w->buf, ",\"conflicts\":[");
	for (size_t i = 0; i < merged->conflict_count; i++)
		if (begin_item(w, &cut, SIZE_MAX, merged->conflicts[i].path))
			add_conflict(w, &merged->conflicts[i]);
	end_list(w, "conflicts", &cut, merged->conflict_count);
	cut = (struct cut){ .written = 0 };
	scim__buf_add_z(&w->buf, ",\"autoMergeable\":[");
	for (size_t i = 0; i < merged->auto_count; i++) {
		const scim_merge_auto *a = &merged->autos[i];

		if (begin_item(w, &cut, SIZE_MAX, a->path))
			scim__buf_printf(&w->buf, ",\"from\":\"%s\"}",
			    a->from == SCIM_MERGE_OURS ? "ours" : "theirs");
	}
	end_list(w, "autoMergeable", &cut, merged->auto_count);
}

/* Without the list of members when it is long: a part of it would be taken
 * for all. */
static void
add_proposed(struct writer *w)
{
	struct scim__merged shown = *w->e->merged;
	uint32_t members = shown.relation.count;
	scim__value whole;

	if (shown.is_guarded)
		return;
	if (members > FIRST)
		shown.relation = scim__value_array();
	if (!scim__merge_whole(w->e->rules, &shown, false, &whole)) {
		w->failed = true;
		return;
	}
	scim__buf_add_z(&w->buf, ",\"proposed\":");
	scim__json_write_canonical(&w->buf, &whole);
	if (members <= FIRST)
		return;
	scim__buf_add_z(&w->buf, ",\"proposedOmits\":[{\"path\":");
	scim__json_write_string(&w->buf, w->e->type->relation->path);
	scim__buf_printf(&w->buf, ",\"count\":%u}]", members);
}

static void
add_detail(struct writer *w)
{
	const struct scim__explanation *e = w->e;

	add_bool(&w->buf, "baseAvailable", e->sides != NULL);
	if (e->sides == NULL)
		return;
	add_bool(&w->buf, "mergeable", e->is_mergeable);
	add_changed(w);
	if (e->merged != NULL) {
		add_conflicts(w);
		add_proposed(w);
	}
	char since[SCIM_VERSION_TEXT_LEN + 1];
	scim_version_format(&e->sides->base.row.version, since);
	scim_str history = scim__str_format(w->arena, "%.*s/.versions?since=%s",
	    (int)e->conflict->location.len, e->conflict->location.ptr, since);
	w->failed |= history.ptr == NULL;
	add_string(&w->buf, "history", history);
}

scim_str
scim__explanation_write(
    scim_arena *arena, const struct scim__explanation *explanation)
{
	struct writer w = { .arena = arena, .e = explanation };

	scim__buf_init(&w.buf, arena, SIZE_MAX);
	scim__buf_add_char(&w.buf, '{');
	if (explanation->conflict->expected.len > 0) {
		scim__buf_add_z(&w.buf, "\"expectedVersion\":");
		scim__json_write_string(
		    &w.buf, explanation->conflict->expected);
		scim__buf_add_char(&w.buf, ',');
	}
	scim__buf_add_z(&w.buf, "\"currentVersion\":");
	scim__json_write_string(&w.buf, explanation->conflict->current);
	if (explanation->merged != NULL)
		scim__buf_printf(&w.buf, ",\"conflictCount\":%zu",
		    explanation->merged->undecided);
	if (explanation->context->explain == SCIM_EXPLAIN_DETAIL)
		add_detail(&w);
	scim__buf_add_char(&w.buf, '}');
	return w.failed || scim__buf_failed(&w.buf) ? (scim_str){ NULL, 0 }
						    : scim__buf_str(&w.buf);
}
