/* SPDX-License-Identifier: Apache-2.0 */
#include "laws.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/whole.h"
#include "oracle.h"
#include "schema/validate.h"
#include "json/json.h"

struct looking {
	scim_arena *arena;
	const struct law_case *c;
	struct tally *tally;
	struct scim__merge_rules rules;
	const scim__value *documents[3];
	struct cells cells[3];
	bool has_secret; /* some side assigned one */
};

struct answer {
	struct scim__merged merged;
	scim__value whole;
};

static void
merge_by(struct looking *l, const struct scim__merge_rules *rules,
    const scim__value *const documents[3], struct answer *out)
{
	const struct scim__merge_state states[3] = {
		{ .content = documents[0] },
		{ .content = documents[1] },
		{ .content = documents[2] },
	};
	scim_status rc = scim__merge(rules, states, &out->merged, NULL);

	scim__assert(rc == SCIM_OK);
	scim__assert(scim__merge_whole(rules, &out->merged, true, &out->whole));
	l->tally->merges++;
}

static void
merge(struct looking *l, const scim__value *base, const scim__value *ours,
    const scim__value *theirs, struct answer *out)
{
	const scim__value *documents[] = { base, ours, theirs };

	merge_by(l, &l->rules, documents, out);
}

static bool
is_clean(const struct answer *a)
{
	return a->merged.undecided == 0;
}

static bool
is_document(struct looking *l, const struct answer *a, const struct cells *want)
{
	struct cells have;

	cells_of(l->arena, l->c, &a->whole, &have);
	return is_clean(a) && cells_equal(&have, want);
}

static const char *
identity_laws(struct looking *l)
{
	const scim__value *b = l->documents[SCIM__BASE];
	const scim__value *o = l->documents[SCIM__OURS];
	const scim__value *t = l->documents[SCIM__THEIRS];
	struct answer a;

	merge(l, b, o, b, &a);
	if (!is_document(l, &a, &l->cells[SCIM__OURS]))
		return "P1: only ours changed";
	merge(l, b, b, t, &a);
	if (!is_document(l, &a, &l->cells[SCIM__THEIRS]))
		return "P2: only theirs changed";
	if (l->has_secret)
		return NULL;
	merge(l, b, o, o, &a);
	if (!is_document(l, &a, &l->cells[SCIM__OURS]))
		return "P3: both changed alike";
	return NULL;
}

static const char *
absorption_laws(struct looking *l, const struct answer *m)
{
	struct cells cells;
	struct answer again;

	if (l->has_secret)
		return NULL;
	cells_of(l->arena, l->c, &m->whole, &cells);
	merge(l, l->documents[SCIM__BASE], l->documents[SCIM__OURS], &m->whole,
	    &again);
	if (!is_document(l, &again, &cells))
		return "P6: ours again";
	merge(l, l->documents[SCIM__BASE], &m->whole,
	    l->documents[SCIM__THEIRS], &again);
	return is_document(l, &again, &cells) ? NULL : "P6: theirs again";
}

static const char *
third_writer_law(struct looking *l, const struct answer *m)
{
	const scim__value *b = l->documents[SCIM__BASE];
	const scim__value *u = &l->c->documents[3];
	struct answer ou, tu, left, right;
	struct cells have, want;

	if (l->has_secret)
		return NULL;
	merge(l, b, l->documents[SCIM__OURS], u, &ou);
	merge(l, b, l->documents[SCIM__THEIRS], u, &tu);
	if (!is_clean(&ou) || !is_clean(&tu))
		return NULL;
	merge(l, b, &m->whole, u, &left);
	merge(l, b, l->documents[SCIM__OURS], &tu.whole, &right);
	l->tally->one_order += is_clean(&left) != is_clean(&right);
	if (!is_clean(&left) || !is_clean(&right))
		return NULL;
	l->tally->associative++;
	cells_of(l->arena, l->c, &left.whole, &have);
	cells_of(l->arena, l->c, &right.whole, &want);
	return cells_equal(&have, &want) ? NULL : "P10: a third writer";
}

static scim_str
canonical(struct looking *l, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, l->arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	scim__assert(!scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

/* The same, elsewhere in memory and with members the other way round. */
static scim__value
turned(struct looking *l, const scim__value *value)
{
	scim__value copy;

	scim__assert(scim__value_copy(l->arena, value, &copy));
	for (uint32_t i = 0; value->kind == SCIM__OBJECT && i < copy.count; i++)
		copy.object.members[copy.count - 1 - i] =
		    value->object.members[i];
	return copy;
}

static const char *
determinism_law(struct looking *l, const struct answer *m)
{
	scim__value copies[3];
	const scim__value *documents[3];
	struct answer again;

	for (size_t i = 0; i < 3; i++) {
		copies[i] = turned(l, l->documents[i]);
		documents[i] = &copies[i];
	}
	merge_by(l, &l->rules, documents, &again);
	if (!scim__str_equal(
		canonical(l, &m->whole), canonical(l, &again.whole)) ||
	    m->merged.conflict_count != again.merged.conflict_count ||
	    m->merged.auto_count != again.merged.auto_count)
		return "P12: equal inputs";
	for (size_t i = 0; i < m->merged.conflict_count; i++)
		if (!scim__str_equal(m->merged.conflicts[i].path,
			again.merged.conflicts[i].path))
			return "P12: equal conflicts";
	return NULL;
}

/* Valid, or a conflict that says what is wrong. */
static const char *
validity_law(struct looking *l, const struct answer *m)
{
	const struct scim__merge_state theirs = {
		.content = l->documents[SCIM__THEIRS]
	};
	const struct scim__validation_options options = { .hashed = true };
	struct scim__validation validation;
	struct scim__merged merged = m->merged;
	scim__value whole;
	scim_status rc =
	    scim__merge_validate(&l->rules, &theirs, &merged, NULL);

	scim__assert(rc == SCIM_OK);
	if (merged.conflict_count > 0) {
		l->tally->kinds[SCIM_MERGE_VALIDATION]++;
		return merged.undecided == 1 &&
			scim__registry_path(l->rules.registry, l->c->type,
			    merged.conflicts[0].path) != NULL
		    ? NULL
		    : "P11: what is at fault";
	}
	scim__assert(scim__merge_whole(&l->rules, &merged, true, &whole));
	rc = scim__validate(l->arena, l->rules.registry, l->c->type, &whole,
	    NULL, &options, &validation, NULL);
	return rc == SCIM_OK &&
		scim__value_equal(&validation.state.content, &merged.content)
	    ? NULL
	    : "P11: the result is valid";
}

static const char *
diff_law(struct looking *l)
{
	const struct scim__merge_state from = { .content = l->documents[0] };
	const struct scim__merge_state to = { .content = l->documents[2] };
	struct scim__differences found;
	scim_status rc = scim__diff(&l->rules, &from, &to, &found, NULL);
	bool equal = true;

	scim__assert(rc == SCIM_OK);
	for (size_t k = 0; k < 2; k++) {
		const struct cells *a = &l->cells[k == 0 ? 0 : 2];
		const struct cells *b = &l->cells[k == 0 ? 2 : 0];

		for (size_t i = 0; equal && i < a->count; i++)
			equal =
			    cell_value(b, a->items[i].key) == a->items[i].value;
	}
	return equal == (found.count == 0) ? NULL : "diff: all and only that";
}

/* Who is decided for beforehand leaves nothing undecided, nor two of one. */
static const char *
decision_law(struct looking *l)
{
	struct scim__merge_rules rules = l->rules;
	struct cells cells;
	struct answer a;

	for (int use = SCIM_MERGE_OURS; use <= SCIM_MERGE_THEIRS; use++) {
		rules.on_conflict = (scim_merge_use)use;
		merge_by(l, &rules, l->documents, &a);
		cells_of(l->arena, l->c, &a.whole, &cells);
		if (!is_clean(&a) || cells.has_twins)
			return "decisions: all is decided";
	}
	return NULL;
}

static bool
differs(const struct cells *a, const struct cells *b, bool guards_only)
{
	const struct cells *both[] = { a, b };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->count; i++) {
			const struct cell *cell = &both[k]->items[i];

			if ((!guards_only || cell->is_guarded) &&
			    cell_value(both[1 - k], cell->key) != cell->value)
				return true;
		}
	return false;
}

static const char *
guard_law(struct looking *l, const struct answer *unguarded)
{
	struct scim__merge_rules rules = l->rules;
	const struct cells *cells = l->cells;
	struct answer a;

	rules.own_guards = false;
	merge_by(l, &rules, l->documents, &a);
	bool tripped =
	    differs(&cells[SCIM__BASE], &cells[SCIM__THEIRS], true) &&
	    differs(&cells[SCIM__BASE], &cells[SCIM__OURS], false);
	if (a.merged.is_guarded != tripped || (tripped && is_clean(&a)))
		return "guards: what theirs changed";
	if (!tripped && is_clean(&a) != is_clean(unguarded))
		return "guards: nothing else";
	return NULL;
}

static const char *
result_laws(struct looking *l, const struct answer *m)
{
	struct answer mirrored;
	struct cells have, want;
	bool must = must_conflict(l->c, l->documents, l->cells);

	cells_of(l->arena, l->c, &m->whole, &have);
	merge(l, l->documents[SCIM__BASE], l->documents[SCIM__THEIRS],
	    l->documents[SCIM__OURS], &mirrored);
	if (is_clean(m) != is_clean(&mirrored))
		return "P4: conflict both ways";
	if (must && is_clean(m))
		return "P8: a conflict that was missed";
	if (!must && !is_clean(m))
		return "P8: a conflict for nothing";
	if (have.has_twins)
		return "P9: one primary, each identity once";
	if (!is_clean(m))
		return NULL;
	cells_of(l->arena, l->c, &mirrored.whole, &want);
	if (!cells_equal(&have, &want))
		return "P5: the same both ways";
	if (first_lost(l->cells, &have) != NULL)
		return "P7: nothing is lost";
	return NULL;
}

static const char *
thorough_laws(struct looking *l, const struct answer *m)
{
	const char *law = determinism_law(l, m);

	if (law == NULL && is_clean(m))
		law = validity_law(l, m);
	if (law == NULL)
		law = diff_law(l);
	if (law == NULL)
		law = decision_law(l);
	return law == NULL ? guard_law(l, m) : law;
}

static bool
assigns_secret(const struct cells cells[3])
{
	for (size_t side = 0; side < 3; side++)
		for (size_t i = 0; i < cells[side].count; i++) {
			const struct cell *cell = &cells[side].items[i];

			if (scim__attribute_is_secret(cell->attribute) &&
			    (cell_value(&cells[1], cell->key) !=
				    cell_value(&cells[0], cell->key) ||
				cell_value(&cells[2], cell->key) !=
				    cell_value(&cells[0], cell->key)))
				return true;
		}
	return false;
}

static void
count(struct tally *tally, const struct answer *m)
{
	tally->clean += is_clean(m);
	tally->conflicts += !is_clean(m);
	for (size_t i = 0; i < m->merged.conflict_count; i++)
		tally->kinds[m->merged.conflicts[i].kind]++;
}

const char *
broken_law(scim_arena *arena, const struct law_case *c, bool thorough,
    struct tally *tally)
{
	struct looking l = { .arena = arena, .c = c, .tally = tally };
	struct answer m;

	l.rules = (struct scim__merge_rules){ .arena = arena,
		.registry = c->registry,
		.type = c->type,
		.own_guards = true };
	for (size_t i = 0; i < 3; i++) {
		l.documents[i] = &c->documents[i];
		cells_of(arena, c, l.documents[i], &l.cells[i]);
	}
	l.has_secret = c->has_secret && assigns_secret(l.cells);
	const char *law = identity_laws(&l);
	if (law != NULL)
		return law;
	merge(&l, l.documents[0], l.documents[1], l.documents[2], &m);
	count(tally, &m);
	law = result_laws(&l, &m);
	if (law == NULL && is_clean(&m))
		law = absorption_laws(&l, &m);
	if (law == NULL && is_clean(&m))
		law = third_writer_law(&l, &m);
	if (law == NULL && thorough)
		law = thorough_laws(&l, &m);
	return law;
}

static bool
still_broken(const struct law_case *c, const char *law)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct tally tally = { 0 };

	scim__assert(arena != NULL);
	const char *broken = broken_law(arena, c, true, &tally);
	return broken != NULL && strcmp(broken, law) == 0;
}

/* Takes out one part after another, and puts back what the law needs. */
static bool
shrink_value(scim_arena *arena, const struct law_case *c, scim__value *value,
    const char *law)
{
	bool any = false;

	for (uint32_t i = value->count; i > 0; i--) {
		scim__value kept = *value;
		scim__value part;

		scim__assert(scim__value_copy(arena, value, value));
		if (value->kind == SCIM__ARRAY) {
			part = value->array.items[i - 1];
			scim__array_remove(value, i - 1);
		} else {
			part = value->object.members[i - 1].value;
			(void)scim__object_remove(
			    value, value->object.members[i - 1].name);
		}
		if (still_broken(c, law)) {
			any = true;
			continue;
		}
		*value = kept;
		if (part.kind == SCIM__ARRAY || part.kind == SCIM__OBJECT)
			any |= shrink_value(arena, c,
			    value->kind == SCIM__ARRAY
				? &value->array.items[i - 1]
				: &value->object.members[i - 1].value,
			    law);
	}
	return any;
}

void
shrink(scim_arena *arena, struct law_case *c, const char *law)
{
	bool any = true;

	while (any) {
		any = false;
		for (size_t i = 0; i < 4; i++)
			any |= shrink_value(arena, c, &c->documents[i], law);
	}
}
