/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differences between contents.
 *
 * Objects are gone through member by member, everything else is compared as
 * a whole, octet by octet.  What is written depends on the two contents and
 * on nothing else: members come in the order in which they stand, which for
 * stored content is the canonical one.
 */
#include "provider/delta.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "json/json.h"

#define DEEPEST 64 /* more than any limit lets in */

/* A place in a document while it is walked. */
struct place {
	scim_str names[DEEPEST];
	size_t depth;
};

struct writing {
	scim__buf *buf;
	struct place at;
	bool first;
};

static void
write_edit(struct writing *w, scim_str name, const scim__value *value)
{
	if (!w->first)
		scim__buf_add_char(w->buf, ',');
	w->first = false;
	scim__buf_add_z(w->buf, "[[");
	for (size_t i = 0; i < w->at.depth; i++) {
		scim__json_write_string(w->buf, w->at.names[i]);
		scim__buf_add_char(w->buf, ',');
	}
	scim__json_write_string(w->buf, name);
	scim__buf_add_char(w->buf, ']');
	if (value != NULL) {
		scim__buf_add_char(w->buf, ',');
		scim__json_write_canonical(w->buf, value);
	}
	scim__buf_add_char(w->buf, ']');
}

static bool
are_objects(const scim__value *a, const scim__value *b)
{
	return a->kind == SCIM__OBJECT && b->kind == SCIM__OBJECT;
}

static void
write_object(struct writing *w, const scim__value *from, const scim__value *to)
{
	for (uint32_t i = 0; i < from->count; i++) {
		scim_str name = from->object.members[i].name;

		if (scim__object_find(to, name) == NULL)
			write_edit(w, name, NULL);
	}
	for (uint32_t i = 0; i < to->count; i++) {
		const scim__member *m = &to->object.members[i];
		const scim__value *old = scim__object_find(from, m->name);

		if (old != NULL && are_objects(old, &m->value) &&
		    w->at.depth < DEEPEST - 1) {
			w->at.names[w->at.depth++] = m->name;
			write_object(w, old, &m->value);
			w->at.depth--;
		} else if (old == NULL || !scim__value_equal(old, &m->value)) {
			write_edit(w, m->name, &m->value);
		}
	}
}

void
scim__delta_write(
    scim__buf *buf, const scim__value *from, const scim__value *to)
{
	struct writing w = { .buf = buf, .first = true };

	scim__buf_add_char(buf, '[');
	write_object(&w, from, to);
	scim__buf_add_char(buf, ']');
}

static scim_status
damaged(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE,
	    "A step back in the change log does not fit what it starts from.");
}

/* The object that the last name of a path is in; NULL: there is none. */
static scim__value *
find_home(scim__value *content, const scim__value *path)
{
	scim__value *at = content;

	for (uint32_t i = 0; at != NULL && i + 1 < path->count; i++) {
		const scim__value *name = &path->array.items[i];

		at = name->kind == SCIM__STRING
		    ? scim__object_find(at, name->string)
		    : NULL;
	}
	return at != NULL && at->kind == SCIM__OBJECT ? at : NULL;
}

static scim_status
apply_edit(scim_arena *arena, const scim__value *edit, scim__value *content,
    scim_error *err)
{
	if (edit->kind != SCIM__ARRAY || edit->count < 1 || edit->count > 2)
		return damaged(err);
	const scim__value *path = &edit->array.items[0];
	if (path->kind != SCIM__ARRAY || path->count == 0)
		return damaged(err);
	const scim__value *name = &path->array.items[path->count - 1];
	scim__value *home = find_home(content, path);
	if (home == NULL || name->kind != SCIM__STRING)
		return damaged(err);
	if (edit->count == 1)
		return scim__object_remove(home, name->string) ? SCIM_OK
							       : damaged(err);
	if (!scim__object_set(arena, home, name->string, edit->array.items[1]))
		return scim__fail_memory(err);
	return SCIM_OK;
}

scim_status
scim__delta_apply(
    scim_arena *arena, scim_str edits, scim__value *content, scim_error *err)
{
	scim__value list;
	scim_status rc = scim__json_parse_trusted(arena, edits, &list, err);

	if (rc == SCIM_ERR_NO_MEMORY)
		return rc;
	if (rc != SCIM_OK || list.kind != SCIM__ARRAY)
		return damaged(err);
	for (uint32_t i = 0; rc == SCIM_OK && i < list.count; i++)
		rc = apply_edit(arena, &list.array.items[i], content, err);
	return rc;
}

void
scim__paths_add_one(scim_arena *arena, struct scim__paths *paths, scim_str path)
{
	/* Doubling: room is there unless the count is a power of two. */
	size_t n = paths->count;

	if ((n & (n - 1)) == 0) {
		scim_str *more =
		    scim__arena_array(arena, n == 0 ? 1 : n * 2, sizeof(*more));

		if (more == NULL) {
			paths->failed = true;
			return;
		}
		if (n > 0)
			memcpy(more, paths->items, n * sizeof(*more));
		paths->items = more;
	}
	paths->items[paths->count++] = path;
}

static bool
is_urn(scim_str name)
{
	return name.len > 4 &&
	    scim__str_equal_nocase((scim_str){ name.ptr, 4 }, SCIM_STR("urn:"));
}

/* Where a member stands: "name." or "urn:…:User:". */
struct prefix {
	scim_str text;
	char separator; /* 0 at the top */
};

static scim_str
path_of(scim_arena *arena, const struct prefix *prefix, scim_str name)
{
	if (prefix->separator == 0)
		return scim__str_copy(arena, name);
	return scim__str_format(arena, "%.*s%c%.*s", (int)prefix->text.len,
	    prefix->text.ptr, prefix->separator, (int)name.len, name.ptr);
}

/* What nobody changes as such. */
static bool
is_hidden(const struct prefix *prefix, scim_str name)
{
	return prefix->separator == 0 &&
	    (scim__str_equal(name, SCIM_STR("id")) ||
		scim__str_equal(name, SCIM_STR("schemas")));
}

static const scim__value nothing = { .kind = SCIM__OBJECT };

struct walk {
	scim_arena *arena;
	struct scim__paths *paths;
};

static void walk_object(struct walk *walk, const struct prefix *prefix,
    const scim__value *a, const scim__value *b);

/* One member of two objects, either of which may lack it. */
static void
walk_member(struct walk *walk, const struct prefix *prefix, scim_str name,
    const scim__value *a, const scim__value *b)
{
	a = a == NULL && b->kind == SCIM__OBJECT ? &nothing : a;
	b = b == NULL && a->kind == SCIM__OBJECT ? &nothing : b;
	if (is_hidden(prefix, name) ||
	    (a != NULL && b != NULL && scim__value_equal(a, b)))
		return;

	scim_str path = path_of(walk->arena, prefix, name);
	const struct prefix inner = { path,
		prefix->separator == 0 && is_urn(name) ? ':' : '.' };

	if (path.ptr == NULL)
		walk->paths->failed = true;
	else if (a != NULL && b != NULL && are_objects(a, b))
		walk_object(walk, &inner, a, b);
	else
		scim__paths_add_one(walk->arena, walk->paths, path);
}

static void
walk_object(struct walk *walk, const struct prefix *prefix,
    const scim__value *a, const scim__value *b)
{
	for (uint32_t i = 0; i < a->count; i++) {
		const scim__member *m = &a->object.members[i];

		walk_member(walk, prefix, m->name, &m->value,
		    scim__object_find(b, m->name));
	}
	for (uint32_t i = 0; i < b->count; i++) {
		const scim__member *m = &b->object.members[i];

		if (scim__object_find(a, m->name) == NULL)
			walk_member(walk, prefix, m->name, NULL, &m->value);
	}
}

void
scim__paths_add(scim_arena *arena, struct scim__paths *paths,
    const scim__value *before, const scim__value *after)
{
	const struct prefix top = { SCIM_STR(""), 0 };
	struct walk walk = { arena, paths };

	walk_object(&walk, &top, before == NULL ? &nothing : before,
	    after == NULL ? &nothing : after);
}

static int
by_bytes(const void *a, const void *b)
{
	return scim__str_compare(*(const scim_str *)a, *(const scim_str *)b);
}

scim_str
scim__paths_json(scim_arena *arena, struct scim__paths *paths)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	if (paths->count > 1)
		qsort(paths->items, paths->count, sizeof(*paths->items),
		    by_bytes);
	scim__buf_add_char(&buf, '[');
	for (size_t i = 0; i < paths->count; i++) {
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		scim__json_write_string(&buf, paths->items[i]);
	}
	scim__buf_add_char(&buf, ']');
	return paths->failed || scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
						       : scim__buf_str(&buf);
}
