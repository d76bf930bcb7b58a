/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which elements of three lists are the same one.
 *
 * Identity is what the schema marks; without a mark it is (type, value) where
 * there is a `value`, and else the whole element, as it is for atomic ones.
 * Here, and only here, caseExact counts: "A@x" and "a@x" are one address whose
 * spelling differs.  A whole element is compared octet by octet.
 *
 * Elements meet by sorting, by a hash of what identifies them and then by
 * that itself, so whoever finds strings of one hash gains nothing.  Of two
 * elements in one list that are the same, the first counts.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/seeded.h"
#include "base/str.h"
#include "merge/cell.h"
#include "schema/check.h"

struct entry {
	uint64_t hash;
	const scim__value *key; /* of `parts` values */
	size_t parts;
	size_t rank; /* by base, theirs, ours, and then by place */
	const scim__value *element;
	enum scim__side side;
};

static const scim__attribute *
find_sub(const scim__attribute *a, scim_str name)
{
	return scim__attribute_find(a->sub, a->sub_count, name);
}

bool
scim__unit_is_whole(const scim__attribute *a)
{
	return a->identity_count == 0 &&
	    (a->atomic || find_sub(a, SCIM_STR("value")) == NULL);
}

size_t
scim__unit_part_count(const scim__attribute *a)
{
	if (a->identity_count > 0)
		return a->identity_count;
	return scim__unit_is_whole(a) ? a->sub_count : 2;
}

const scim__attribute *
scim__unit_part(const scim__attribute *a, size_t index)
{
	if (a->identity_count > 0)
		return find_sub(a, a->identity[index]);
	if (!scim__unit_is_whole(a))
		return find_sub(
		    a, index == 0 ? SCIM_STR("type") : SCIM_STR("value"));
	const scim__attribute *sub = &a->sub[index];
	return sub == scim__merge_primary_of(a) || scim__merge_is_foreign(sub)
	    ? NULL
	    : sub;
}

static bool
is_folded(scim_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x7F ||
		    (unsigned char)s.ptr[i] < ' ' ||
		    (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z'))
			return false;
	return true;
}

bool
scim__unit_fold(scim_arena *arena, const scim__attribute *a,
    const scim__value *value, scim__value *out)
{
	if (value == NULL) {
		*out = (scim__value){ .kind = SCIM__NULL };
		return true;
	}
	*out = *value;
	if (value->kind != SCIM__STRING || a->case_exact ||
	    is_folded(value->string))
		return true;
	out->string = scim__str_fold(arena, value->string);
	return out->string.ptr != NULL;
}

static bool
make_key(scim_arena *arena, const scim__attribute *a,
    const scim__value *element, size_t count, scim__value *key)
{
	bool whole = scim__unit_is_whole(a);

	if (a->type != SCIM__TYPE_COMPLEX)
		return scim__unit_fold(arena, a, element, key);
	for (size_t i = 0; i < count; i++) {
		const scim__attribute *sub = scim__unit_part(a, i);

		if (sub == NULL)
			continue;
		const scim__value *value =
		    scim__merge_assigned(scim__object_find(element, sub->name));
		if (SCIM__SEEDED_MERGE_IDENTITY_TYPE && count == 2 && i == 0)
			continue;
		if (whole && value != NULL)
			key[i] = *value;
		else if (!scim__unit_fold(arena, sub, value, &key[i]))
			return false;
	}
	return true;
}

/* Numbers and lists may share a hash: they are few. */
static uint64_t
hash_key(const scim__value *key, size_t count)
{
	uint64_t hash = SCIM__STR_HASH_BEGIN;

	for (size_t i = 0; i < count; i++) {
		const char kind = (char)key[i].kind;

		hash = scim__str_hash(hash, (scim_str){ &kind, 1 });
		if (key[i].kind == SCIM__STRING || key[i].kind == SCIM__BIG)
			hash = scim__str_hash(hash, key[i].string);
	}
	return hash;
}

static int
by_key(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = (a->hash > b->hash) - (a->hash < b->hash);

	for (size_t i = 0; order == 0 && i < a->parts; i++)
		order = scim__value_order(&a->key[i], &b->key[i]);
	return order;
}

static bool
is_same_key(const struct entry *a, const struct entry *b)
{
	bool same = a->hash == b->hash;

	for (size_t i = 0; same && i < a->parts; i++)
		same = scim__value_order(&a->key[i], &b->key[i]) == 0;
	return same;
}

static size_t
count_of(const struct scim__trio *trio, enum scim__side side)
{
	return trio->of[side] == NULL ? 0 : trio->of[side]->count;
}

static struct entry *
make_entries(scim_arena *arena, const scim__attribute *a,
    const struct scim__trio *trio, size_t total)
{
	static const enum scim__side order[] = { SCIM__BASE, SCIM__THEIRS,
		SCIM__OURS };
	size_t parts =
	    a->type == SCIM__TYPE_COMPLEX ? scim__unit_part_count(a) : 1;
	struct entry *entries =
	    scim__arena_array(arena, total, sizeof(*entries));
	scim__value *keys =
	    scim__arena_array(arena, total * parts, sizeof(*keys));
	size_t rank = 0;

	if (entries == NULL || keys == NULL)
		return NULL;
	for (size_t s = 0; s < SCIM__SIDES; s++) {
		size_t count = count_of(trio, order[s]);

		for (size_t i = 0; i < count; i++, rank++) {
			scim__value *key = &keys[rank * parts];
			const scim__value *element =
			    &trio->of[order[s]]->array.items[i];

			if (!make_key(arena, a, element, parts, key))
				return NULL;
			entries[rank] = (struct entry){ hash_key(key, parts),
				key, parts, rank, element, order[s] };
		}
	}
	return entries;
}

/* Puts each entry into the unit of its key; units stand in order of rank. */
static bool
fill(scim_arena *arena, struct entry *entries, size_t total, size_t skipped,
    struct scim__units *out)
{
	size_t *group = scim__arena_array(arena, total, sizeof(*group));
	const struct entry **by_rank =
	    scim__arena_array(arena, total, sizeof(struct entry *));
	struct scim__unit **units =
	    scim__arena_array(arena, total, sizeof(struct scim__unit *));

	out->items = scim__arena_array(arena, total, sizeof(*out->items));
	out->in_order =
	    scim__arena_array(arena, total, sizeof(struct scim__unit *));
	if (group == NULL || by_rank == NULL || units == NULL ||
	    out->items == NULL || out->in_order == NULL)
		return false;
	for (size_t i = 0, g = 0; i < total; i++) {
		if (i > 0 && !is_same_key(&entries[i - 1], &entries[i]))
			g++;
		group[entries[i].rank] = g;
		by_rank[entries[i].rank] = &entries[i];
	}
	for (size_t rank = 0; rank < total; rank++) {
		const struct entry *e = by_rank[rank];
		struct scim__unit **unit = &units[group[rank]];

		if (*unit == NULL)
			*unit = &out->items[out->count++];
		if ((*unit)->of[e->side] == NULL)
			(*unit)->of[e->side] = e->element;
		if (rank >= skipped)
			out->in_order[out->in_order_count++] = *unit;
	}
	return true;
}

bool
scim__units_make(struct scim__merging *m, const scim__attribute *a,
    const struct scim__trio *trio, struct scim__units *out)
{
	size_t from_base = count_of(trio, SCIM__BASE);
	size_t total = from_base + count_of(trio, SCIM__OURS) +
	    count_of(trio, SCIM__THEIRS);
	struct entry *entries = make_entries(m->arena, a, trio, total);

	*out = (struct scim__units){ .attribute = a };
	if (entries == NULL)
		return false;
	qsort(entries, total, sizeof(*entries), by_key);
	return fill(m->arena, entries, total, from_base, out);
}
