/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base, ours and theirs of a write.
 *
 * The base is read from the change log.  Secrets are in no log: one that was
 * changed since is given a value in the base that it never had, so that both
 * a change by theirs and a change by ours differ from it, which is all that
 * a merge asks of a secret.  Members are compared by value and display; the
 * rest of a row is found out anew when it is written.
 */
#include "provider/sides.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/seeded.h"
#include "base/str.h"
#include "filter/eval.h"
#include "provider/departure.h"
#include "json/json.h"

#define BUDGET 4000000 /* of comparisons between members */

static scim_status
too_far(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "The version that the change began from is not kept, or too far "
	    "from the present one: read the resource and make the change "
	    "again.");
}

bool
scim__path_touches(scim_str attribute, scim_str path)
{
	scim_str head = { path.ptr, attribute.len };

	if (attribute.len == 0 || path.len < attribute.len ||
	    !scim__str_equal(attribute, head))
		return false;
	return path.len == attribute.len ||
	    memchr(".[:", path.ptr[attribute.len], 3) != NULL;
}

static scim_status
read_since(scim__op *op, scim_txn *txn, struct scim__sides *sides,
    uint64_t newest, scim_error *err)
{
	uint64_t count = newest - sides->base.row.revision;
	const scim_change_plan plan = { .tenant = op->context->tenant,
		.id = op->id,
		.from = newest,
		.descending = 1,
		.limit = (size_t)count };
	scim_change_row *rows = NULL;
	size_t found = 0;

	if (count > SCIM__SIDES_ROWS)
		return too_far(err);
	if (count == 0)
		return SCIM_OK;
	scim_status rc =
	    scim__store_changes(txn, op->arena, &plan, &rows, &found, err);
	if (rc != SCIM_OK)
		return rc;
	if (found != count)
		return too_far(err);
	sides->since =
	    scim__arena_array(op->arena, found, sizeof(*sides->since));
	if (sides->since == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < found; i++) {
		sides->since[i].row = &rows[i];
		rc = scim__json_parse_trusted(op->arena, rows[i].change.paths,
		    &sides->since[i].paths, err);
	}
	sides->since_count = found;
	return rc;
}

scim_status
scim__sides_veil(const scim_context *context, const scim__resource_type *type,
    scim_str path, scim_str veil, scim__value *secret, scim_error *err)
{
	const scim__attribute *a =
	    scim__registry_path(context->registry, type, path);
	size_t urn = path.len;

	if (a != NULL && a->parent != NULL)
		a = a->parent;
	if (a == NULL || !scim__attribute_is_secret(a))
		return SCIM_OK;
	while (urn > 0 && path.ptr[urn - 1] != ':')
		urn--;
	if (urn > 0) {
		scim_str name = { path.ptr, urn - 1 };

		if (scim__object_find(secret, name) == NULL &&
		    !scim__object_add(
			context->arena, secret, name, scim__value_object()))
			return scim__fail_memory(err);
		secret = scim__object_find(secret, name);
	}
	return scim__object_set(
		   context->arena, secret, a->name, scim__value_string(veil))
	    ? SCIM_OK
	    : scim__fail_memory(err);
}

static scim_status
read_secrets(const scim__op *op, struct scim__sides *sides, scim_error *err)
{
	scim_str text = op->current.record.secret;
	scim_status rc = SCIM_OK;

	for (int side = 0; rc == SCIM_OK && side < SCIM__SIDES; side++) {
		sides->secret[side] = scim__value_object();
		if (text.len > 0)
			rc = scim__json_parse_trusted(
			    op->arena, text, &sides->secret[side], err);
	}
	for (size_t i = 0; i < sides->since_count; i++) {
		const scim__value *paths = &sides->since[i].paths;

		for (uint32_t k = 0; rc == SCIM_OK && k < paths->count; k++)
			rc = scim__sides_veil(op->context, op->type,
			    paths->array.items[k].string, SCIM_STR(""),
			    &sides->secret[SCIM__BASE], err);
	}
	return rc;
}

static scim_status
read_relations(const scim__op *op, scim_txn *txn, struct scim__sides *sides,
    scim_error *err)
{
	struct scim__past now = sides->base;
	bool pending = false;

	for (int side = 0; side < SCIM__SIDES; side++)
		sides->relation[side] = scim__value_array();
	if (op->type->relation == NULL)
		return SCIM_OK;
	/* Who is gone must not be shown. */
	scim_status rc = scim__departures_pending(
	    txn, op->context, op->type, op->id, &pending, err);
	if (rc == SCIM_OK && pending)
		return too_far(err);
	now.row.sequence = op->current.record.sequence;
	if (rc == SCIM_OK)
		rc = scim__past_members(txn, op->context, &sides->base,
		    &sides->relation[SCIM__BASE], err);
	if (rc == SCIM_OK)
		rc = scim__past_members(txn, op->context, &now,
		    &sides->relation[SCIM__THEIRS], err);
	return rc == SCIM_ERR_INVALID ? too_far(err) : rc;
}

/* Elements with no more than what a client says of a member. */
static scim_status
strip(scim_arena *arena, scim__value *relation, scim_error *err)
{
	static const scim_str names[] = { { "value", 5 }, { "display", 7 } };
	scim__value stripped = scim__value_array();

	for (uint32_t i = 0; i < relation->count; i++) {
		scim__value element = scim__value_object();

		for (size_t k = 0; k < scim__countof(names); k++) {
			scim_str text = scim__object_get_string(
			    &relation->array.items[i], names[k]);

			if (text.len > 0 &&
			    !scim__object_add(arena, &element, names[k],
				scim__value_string(text)))
				return scim__fail_memory(err);
		}
		if (!scim__array_add(arena, &stripped, element))
			return scim__fail_memory(err);
	}
	*relation = stripped;
	return SCIM_OK;
}

static void
put_state(struct scim__sides *sides, enum scim__side side)
{
	sides->states[side] = (struct scim__merge_state){ &sides->content[side],
		&sides->secret[side], &sides->relation[side] };
}

scim_status
scim__sides_read(scim__op *op, scim_txn *txn, const scim_version *base,
    struct scim__sides *out, scim_error *err)
{
	struct scim__sides *sides = out;
	scim_change_row newest;

	*sides = (struct scim__sides){ .since_count = 0 };
	scim_status rc =
	    scim__past_newest(txn, op->context, op->type, op->id, &newest, err);
	if (rc == SCIM_OK)
		rc = scim__past_read(txn, op->context, op->type, op->id, base,
		    &sides->base, err);
	if (rc == SCIM_OK)
		rc = read_since(op, txn, sides, newest.revision, err);
	if (rc == SCIM_OK)
		rc = read_secrets(op, sides, err);
	if (rc == SCIM_OK)
		rc = read_relations(op, txn, sides, err);
	if (rc == SCIM_OK)
		rc = scim__json_parse_trusted(op->arena,
		    op->current.record.content, &sides->content[SCIM__THEIRS],
		    err);
	sides->members = sides->relation[SCIM__BASE];
	if (rc == SCIM_OK)
		rc = strip(op->arena, &sides->relation[SCIM__BASE], err);
	if (rc == SCIM_OK)
		rc = strip(op->arena, &sides->relation[SCIM__THEIRS], err);
	sides->content[SCIM__BASE] = sides->base.tree;
	put_state(sides, SCIM__BASE);
	put_state(sides, SCIM__THEIRS);
	return rc;
}

/* Where the member of that value is; count: nowhere. */
static uint32_t
find_member(const scim__value *relation, scim_str value)
{
	uint32_t i = 0;

	while (i < relation->count &&
	    !scim__str_equal(value,
		scim__object_get_string(
		    &relation->array.items[i], SCIM_STR("value"))))
		i++;
	return i;
}

static scim_status
remove_matching(const scim__op *op, const struct scim__filter_node *filter,
    scim__value *relation, scim_error *err)
{
	struct scim__matching matching = { .arena = op->arena,
		.budget = BUDGET };

	for (uint32_t i = relation->count; i > 0; i--) {
		bool hit = false;
		scim_status rc = scim__filter_matches_element(&matching, filter,
		    &relation->array.items[i - 1], &hit, err);

		if (rc != SCIM_OK)
			return rc;
		if (hit)
			scim__array_remove(relation, i - 1);
	}
	return SCIM_OK;
}

static scim_status
change_relation(const scim__op *op, const struct scim__relation_change *change,
    scim__value *relation, scim_error *err)
{
	bool adds = change->kind == SCIM__RELATION_ADD ||
	    change->kind == SCIM__RELATION_REPLACE;

	if ((uint64_t)change->elements.count * relation->count > BUDGET)
		return too_far(err);
	if (change->kind == SCIM__RELATION_REMOVE_MATCHING)
		return remove_matching(op, change->filter, relation, err);
	if (change->kind == SCIM__RELATION_REMOVE_ALL ||
	    change->kind == SCIM__RELATION_REPLACE)
		*relation = scim__value_array();
	for (uint32_t i = 0; i < change->elements.count; i++) {
		const scim__value *element = &change->elements.array.items[i];
		uint32_t at = find_member(relation,
		    scim__object_get_string(element, SCIM_STR("value")));

		if (adds && at == relation->count &&
		    !scim__array_add(op->arena, relation, *element))
			return scim__fail_memory(err);
		if (!adds && at < relation->count)
			scim__array_remove(relation, at);
	}
	return SCIM_OK;
}

/* The members that the body leaves of those of the base. */
static scim_status
make_relation(const scim__op *ours, struct scim__sides *sides, scim_error *err)
{
	scim__value *relation = &sides->relation[SCIM__OURS];
	scim_status rc = SCIM_OK;

	if (ours->validation.relation_given) {
		*relation = ours->validation.relation;
	} else if (!scim__value_copy(ours->arena, &sides->members, relation)) {
		return scim__fail_memory(err);
	}
	for (size_t i = 0; rc == SCIM_OK && i < ours->patched.change_count; i++)
		rc = change_relation(
		    ours, &ours->patched.changes[i], relation, err);
	return rc == SCIM_OK ? strip(ours->arena, relation, err) : rc;
}

static scim_status
write_secret(const scim__op *op, const scim__value *secret, scim_str *out,
    scim_error *err)
{
	scim__buf buf;

	*out = SCIM_STR("");
	if (secret->count == 0)
		return SCIM_OK;
	scim__buf_init(&buf, op->arena, SIZE_MAX);
	scim__json_write_canonical(&buf, secret);
	*out = scim__buf_str(&buf);
	return scim__buf_failed(&buf) ? scim__fail_memory(err) : SCIM_OK;
}

/* A bug to be caught; see base/seeded.h. */
static void
forget_ours(struct scim__sides *sides)
{
	if (sides->since_count == 0)
		return;
	sides->content[SCIM__OURS] = sides->content[SCIM__BASE];
	sides->secret[SCIM__OURS] = sides->secret[SCIM__BASE];
	sides->relation[SCIM__OURS] = sides->relation[SCIM__BASE];
}

scim_status
scim__sides_add_ours(
    const scim__op *op, struct scim__sides *sides, scim_error *err)
{
	scim__op ours = *op;

	ours.validation = (struct scim__validation){ .quirks = 0 };
	ours.patched = (struct scim__patched){ .change_count = 0 };
	ours.parsed = false;
	ours.hashed = false;
	ours.hash_count = 0;
	ours.current.record.content = sides->base.content;
	ours.has_stored = false;
	scim_status rc = write_secret(
	    op, &sides->secret[SCIM__BASE], &ours.current.record.secret, err);
	if (rc == SCIM_OK)
		rc = ours.steps->want(&ours, err);
	if (rc == SCIM_OK && op->type->relation != NULL)
		rc = make_relation(&ours, sides, err);
	if (rc != SCIM_OK)
		return rc;
	sides->content[SCIM__OURS] = ours.validation.state.content;
	sides->secret[SCIM__OURS] = ours.validation.state.secret;
	if (scim__seeded("merge_drops_ours"))
		forget_ours(sides);
	put_state(sides, SCIM__OURS);
	return SCIM_OK;
}

static scim_merge_end
end_of(const struct scim__merged *merged)
{
	if (merged->is_guarded)
		return SCIM_MERGES_GUARD;
	if (merged->undecided > 0)
		return SCIM_MERGES_CONFLICT;
	return merged->conflict_count > 0 ? SCIM_MERGES_DECIDED
					  : SCIM_MERGES_CLEAN;
}

void
scim__sides_note(scim__op *op, scim_merge_form form,
    const struct scim__sides *sides, const struct scim__merged *merged)
{
	struct scim__merge_noted noted = {
		.is_noted = true, .form = form, .end = SCIM_MERGES_FORGOTTEN
	};

	if (sides != NULL) {
		noted.has_base = true;
		noted.end = end_of(merged);
		noted.versions = sides->since_count;
	}
	if (noted.versions > 0)
		noted.age_ms = scim__provider_now(op->provider) -
		    sides->since[sides->since_count - 1].row->change.at_ms;
	op->merge_noted = noted;
}
