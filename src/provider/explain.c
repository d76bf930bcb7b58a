/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to tell of a precondition that did not hold.
 *
 * It is found out after the fact, in a snapshot of its own: the writer never
 * waits for it, and everything that is told fits together, because the
 * current version is told from that snapshot too.
 */
#include "provider/explain.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/whole.h"
#include "provider/merge_message.h"
#include "provider/rules.h"

#define TAGS 8 /* of an If-Match that are looked for */

/* How many were expected, as far as they are looked at. */
static size_t
expected_count(const scim__op *op)
{
	const scim_preconditions *pre = op->expect.preconditions;
	size_t count = 0;

	if (op->expect.kind == SCIM_EXPECT_VERSIONS)
		count = op->expect.version_count;
	else if (pre != NULL && pre->if_match.kind == SCIM_ETAGS_LIST)
		count = pre->if_match.count;
	return count < TAGS ? count : TAGS;
}

/* Number `i` of them, and as text; false: it is no version. */
static bool
expected_version(
    const scim__op *op, size_t i, scim_version *out, scim_str *out_text)
{
	const scim_etag *tag;

	if (op->expect.kind == SCIM_EXPECT_VERSIONS) {
		char *z =
		    scim__arena_take(op->arena, SCIM_VERSION_TEXT_LEN + 1);

		if (z == NULL)
			return false;
		*out = op->expect.versions[i];
		scim_version_format(out, z);
		*out_text = scim__str(z);
		return true;
	}
	tag = &op->expect.preconditions->if_match.tags[i];
	if (!scim__version_named(tag->opaque, out))
		return false;
	*out_text = scim_etag_format(op->arena, tag);
	return out_text->ptr != NULL;
}

static bool
names_version(const scim__op *op)
{
	scim_version version;
	scim_str text;

	return expected_count(op) > 0 &&
	    expected_version(op, 0, &version, &text);
}

/* The first of what was expected that is kept. */
static scim_status
read_sides(scim__op *op, scim_txn *txn, struct scim__sides *out,
    scim_str *out_expected)
{
	size_t count = expected_count(op);
	scim_status rc = SCIM_ERR_NOT_FOUND;
	scim_version version;
	scim_str text;

	for (size_t i = 0; rc == SCIM_ERR_NOT_FOUND && i < count; i++) {
		if (!expected_version(op, i, &version, &text))
			continue;
		rc = scim__sides_read(op, txn, &version, out, NULL);
		if (rc == SCIM_OK)
			*out_expected = text;
	}
	return rc;
}

static scim_status
merge(const struct scim__merge_rules *rules, const struct scim__sides *sides,
    struct scim__merged *out, scim_error *err)
{
	scim_status rc = scim__merge(rules, sides->states, out, err);

	if (rc == SCIM_OK && out->undecided == 0)
		rc = scim__merge_validate(
		    rules, &sides->states[SCIM__THEIRS], out, err);
	return rc;
}

/* Whether what is there is what the merge would make of it. */
static bool
is_there_already(const struct scim__explanation *e)
{
	const struct scim__merge_state merged = { &e->merged->content,
		&e->merged->secret, &e->merged->relation };
	struct scim__differences left = { .count = 1 };

	return scim__diff(e->rules, &e->sides->states[SCIM__THEIRS], &merged,
		   &left, NULL) == SCIM_OK &&
	    left.count == 0;
}

static scim_str
sentence(scim_arena *arena, const struct scim__explanation *e)
{
	size_t newer = e->sides->since_count;
	size_t conflicts = e->merged == NULL ? 0 : e->merged->undecided;
	const char *outlook = "";
	char count[64] = "";

	if (e->merged != NULL && e->is_mergeable)
		outlook = is_there_already(e)
		    ? " It is already as this request would have it."
		    : " Nothing in this request collides with that.";
	if (conflicts > 0)
		(void)snprintf(count, sizeof(count), ", %zu conflicting path%s",
		    conflicts, conflicts == 1 ? "" : "s");
	return scim__str_format(arena,
	    "The resource changed since %.*s: %zu newer version%s%s.%s Read "
	    "it again and repeat the change with its current ETag.",
	    (int)e->conflict->expected.len, e->conflict->expected.ptr, newer,
	    newer == 1 ? "" : "s", count, outlook);
}

bool
scim__explain_paths(scim_arena *arena, const struct scim__merged *merged,
    scim_conflict *conflict)
{
	scim_str *paths =
	    scim__arena_array(arena, merged->conflict_count, sizeof(*paths));

	if (paths == NULL)
		return false;
	for (size_t i = 0; i < merged->conflict_count; i++)
		paths[i] = merged->conflicts[i].path;
	conflict->paths = paths;
	conflict->path_count = merged->conflict_count;
	return true;
}

/* Fills in what the explanation says. */
static bool
put(scim__op *op, const struct scim__explanation *e, scim_conflict *conflict)
{
	if (e->sides != NULL) {
		conflict->message = sentence(op->arena, e);
		if (conflict->message.ptr == NULL)
			return false;
	}
	if (e->merged != NULL &&
	    !scim__explain_paths(op->arena, e->merged, conflict))
		return false;
	conflict->detail = scim__explanation_write(op->arena, e);
	return conflict->detail.ptr != NULL;
}

/* Ours and what comes of it; false: nothing can be said of that. */
static bool
compare(const scim__op *op, const struct scim__merge_rules *rules,
    struct scim__sides *sides, struct scim__merged *out)
{
	return op->steps->want != NULL &&
	    (op->tree != NULL || op->body.len > 0) &&
	    scim__sides_add_ours(op, sides, NULL) == SCIM_OK &&
	    merge(rules, sides, out, NULL) == SCIM_OK;
}

/* What there is to say beside the two versions. */
static bool
explain(scim__op *now, scim_txn *txn, scim_conflict *conflict)
{
	struct scim__merge_rules rules = { .arena = now->arena,
		.registry = now->context->registry,
		.type = now->type };
	struct scim__explanation e = { .context = now->context,
		.type = now->type,
		.conflict = conflict,
		.rules = &rules };
	bool in_detail = now->context->explain == SCIM_EXPLAIN_DETAIL;
	struct scim__sides sides;
	struct scim__differences changed;
	struct scim__merged merged;
	bool may_merge = scim__merging_rules(
			     now->context, now->type, &rules, NULL) == SCIM_OK;

	/* Members are read for a merge: unasked, nobody pays for that. */
	if (!in_detail &&
	    (now->steps->want == NULL || now->type->relation != NULL))
		return put(now, &e, conflict);
	scim_status rc = read_sides(now, txn, &sides, &conflict->expected);
	if (rc == SCIM_ERR_NOT_FOUND) {
		if (names_version(now))
			scim__sides_note(now, SCIM_MERGES_PROPOSAL, NULL, NULL);
		return put(now, &e, conflict);
	}
	if (rc != SCIM_OK)
		return false;
	e.sides = &sides;
	if (in_detail) {
		if (scim__diff(&rules, &sides.states[SCIM__BASE],
			&sides.states[SCIM__THEIRS], &changed, NULL) != SCIM_OK)
			return false;
		e.changed = &changed;
	}
	if (may_merge && compare(now, &rules, &sides, &merged)) {
		e.merged = &merged;
		scim__sides_note(now, SCIM_MERGES_PROPOSAL, &sides, &merged);
		e.is_mergeable = merged.undecided == 0 && !merged.is_guarded;
	}
	return put(now, &e, conflict);
}

static bool
is_wanted(const scim__op *op)
{
	return op->context->explain != SCIM_EXPLAIN_NOTHING &&
	    op->outcome.kind == SCIM_MISMATCH &&
	    op->steps != &scim__create_steps &&
	    op->outcome.conflict.expected.len > 0 &&
	    op->outcome.conflict.detail.ptr == NULL;
}

void
scim__op_explain(scim__op *op)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_conflict conflict = op->outcome.conflict;
	scim__op now = *op;

	if (!is_wanted(op) ||
	    scim__store_begin(op->provider->store, SCIM_TXN_READ, &txn, NULL) !=
		SCIM_OK)
		return;
	now.settled = false;
	if (scim__op_read(&now, txn, NULL) != SCIM_OK || now.settled)
		return;
	conflict.current = now.current.etag;
	/* A tag is any octets, and JSON is not. */
	if (!scim__utf8_valid(conflict.expected))
		conflict.expected = SCIM_STR("");
	now.merge_noted.is_noted = false;
	if (explain(&now, txn, &conflict))
		op->outcome.conflict = conflict;
	if (now.merge_noted.is_noted && op->merge == NULL)
		op->merge_noted = now.merge_noted;
}
