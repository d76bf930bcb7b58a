/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public door: JSON in, JSON out.
 *
 * Each side is validated first, by what every write is validated by; so the
 * merge proper sees names as the schema spells them and nothing unknown.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/whole.h"
#include "schema/validate.h"
#include "json/json.h"

struct call {
	scim_arena *arena;
	struct scim__merge_rules rules;
	scim__json_limits limits;
	scim_error *err;
};

/* One side, read and validated. */
struct side {
	struct scim__validation validation;
	const scim__value *id; /* NULL: it has none */
};

static scim_status
begin(struct call *call, const scim_registry *registry, scim_str type,
    const scim_limits *limits)
{
	scim_settings settings;

	scim_settings_init(&settings);
	if (limits == NULL)
		limits = &settings.limits;
	call->limits = (scim__json_limits){ (size_t)limits->body_bytes,
		(size_t)limits->depth };
	call->rules = (struct scim__merge_rules){ .arena = call->arena,
		.registry = registry,
		.type = scim__registry_type(registry, type) };
	if (call->rules.type == NULL)
		return scim__fail(call->err, SCIM_ERR_INVALID,
		    "There is no resource type \"%.*s\".",
		    (int)(type.len > 60 ? 60 : type.len), type.ptr);
	return SCIM_OK;
}

/* Says which of the documents it was. */
static scim_status
blame(
    struct call *call, const char *name, scim_status rc, const scim_error *why)
{
	if (rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(call->err);
	return scim__fail_type(
	    call->err, rc, why->scim_type, "In %s: %.200s", name, why->detail);
}

static scim_status
read_side(struct call *call, const char *name, scim_str text,
    const struct side *current, struct side *out)
{
	const struct scim__validation_options options = { .hashed = true };
	scim_error why = { .status = SCIM_OK };
	scim__value *tree = scim_arena_alloc(call->arena, sizeof(*tree));

	if (tree == NULL)
		return scim__fail_memory(call->err);
	scim_status rc =
	    scim__json_parse(call->arena, text, &call->limits, tree, &why);
	if (rc != SCIM_OK)
		return blame(call, name, rc, &why);
	if (tree->kind != SCIM__OBJECT)
		return scim__fail_type(call->err, SCIM_ERR_INVALID,
		    "invalidSyntax", "In %s: a resource is a JSON object.",
		    name);
	rc = scim__validate(call->arena, call->rules.registry, call->rules.type,
	    tree, current == NULL ? NULL : &current->validation.state, &options,
	    &out->validation, &why);
	if (rc != SCIM_OK)
		return blame(call, name, rc, &why);
	out->id = scim__object_find_nocase(tree, SCIM_STR("id"));
	/* What PUT keeps when it is not sent. */
	if (current != NULL && !out->validation.relation_given)
		out->validation.relation = current->validation.relation;
	return SCIM_OK;
}

static struct scim__merge_state
state_of(const struct side *side)
{
	return (struct scim__merge_state){ &side->validation.state.content,
		&side->validation.state.secret, &side->validation.relation };
}

/* Canonical JSON; `ptr` stays NULL for no value.  False: out of memory. */
static bool
render(scim_arena *arena, const scim__value *value, scim_str *out)
{
	scim__buf buf;

	*out = (scim_str){ NULL, 0 };
	if (value == NULL)
		return true;
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	*out = scim__buf_str(&buf);
	return !scim__buf_failed(&buf);
}

static scim_status
read_guards(struct call *call, const scim_merge_options *options)
{
	const scim__attribute **guards;

	if (options->guards == NULL)
		return SCIM_OK;
	guards = scim__arena_array(
	    call->arena, options->guard_count, sizeof(const scim__attribute *));
	if (guards == NULL)
		return scim__fail_memory(call->err);
	for (size_t i = 0; i < options->guard_count; i++) {
		scim_str path = options->guards[i];

		guards[i] = scim__registry_path(
		    call->rules.registry, call->rules.type, path);
		if (guards[i] == NULL)
			return scim__fail(call->err, SCIM_ERR_INVALID,
			    "The guard \"%.*s\" is no attribute of %.*s.",
			    (int)(path.len > 90 ? 90 : path.len), path.ptr,
			    (int)call->rules.type->name.len,
			    call->rules.type->name.ptr);
	}
	call->rules.own_guards = true;
	call->rules.guards = guards;
	call->rules.guard_count = options->guard_count;
	return SCIM_OK;
}

static bool
put_conflicts(struct call *call, const struct scim__merged *merged,
    scim_merge_result *out)
{
	scim_merge_conflict *list = scim__arena_array(
	    call->arena, merged->conflict_count, sizeof(*list));

	if (list == NULL)
		return false;
	for (size_t i = 0; i < merged->conflict_count; i++) {
		const struct scim__merge_conflict *c = &merged->conflicts[i];

		list[i] = (scim_merge_conflict){ .path = c->path,
			.kind = c->kind,
			.redacted = c->redacted,
			.used = c->used,
			.detail = c->detail };
		if (!render(call->arena, c->of[SCIM__BASE], &list[i].base) ||
		    !render(call->arena, c->of[SCIM__OURS], &list[i].ours) ||
		    !render(call->arena, c->of[SCIM__THEIRS], &list[i].theirs))
			return false;
	}
	out->conflicts = list;
	out->conflict_count = merged->conflict_count;
	out->undecided_count = merged->undecided;
	return true;
}

static bool
is_as_theirs(const struct scim__merged *merged, const struct side *theirs)
{
	const struct scim__validation *v = &theirs->validation;

	return scim__value_equal(&merged->content, &v->state.content) &&
	    scim__value_equal(&merged->secret, &v->state.secret) &&
	    scim__value_equal(&merged->relation, &v->relation);
}

static bool
put_documents(struct call *call, const struct side *theirs,
    struct scim__merged *merged, scim_merge_result *out)
{
	scim__value whole;

	out->is_clean = merged->undecided == 0;
	out->is_changed = !is_as_theirs(merged, theirs);
	if (theirs->id != NULL && theirs->id->kind == SCIM__STRING &&
	    !scim__object_set(
		call->arena, &merged->content, SCIM_STR("id"), *theirs->id))
		return false;
	if (out->is_clean &&
	    (!scim__merge_whole(&call->rules, merged, true, &whole) ||
		!render(call->arena, &whole, &out->json)))
		return false;
	if (merged->is_guarded)
		return true;
	return scim__merge_whole(&call->rules, merged, false, &whole) &&
	    render(call->arena, &whole, &out->proposed);
}

static scim_status
merge(struct call *call, const scim_merge_sides *texts, scim_merge_result *out)
{
	struct side base, ours, theirs;
	struct scim__merged merged;
	scim_merge_result result = { 0 };
	scim_status rc = read_side(call, "base", texts->base, NULL, &base);

	if (rc == SCIM_OK)
		rc = read_side(call, "ours", texts->ours, &base, &ours);
	if (rc == SCIM_OK)
		rc = read_side(call, "theirs", texts->theirs, NULL, &theirs);
	if (rc != SCIM_OK)
		return rc;
	const struct scim__merge_state states[SCIM__SIDES] = { state_of(&base),
		state_of(&ours), state_of(&theirs) };
	rc = scim__merge(&call->rules, states, &merged, call->err);
	if (rc == SCIM_OK && merged.undecided == 0)
		rc = scim__merge_validate(
		    &call->rules, &states[SCIM__THEIRS], &merged, call->err);
	if (rc != SCIM_OK)
		return rc;
	if (!put_conflicts(call, &merged, &result) ||
	    !put_documents(call, &theirs, &merged, &result))
		return scim__fail_memory(call->err);
	result.autos = merged.autos;
	result.auto_count = merged.auto_count;
	*out = result;
	return SCIM_OK;
}

scim_status
scim_merge(scim_arena *arena, const scim_registry *registry, scim_str type,
    const scim_merge_sides *sides, const scim_merge_options *options,
    scim_merge_result *out, scim_error *err)
{
	static const scim_merge_options defaults = SCIM_MERGE_OPTIONS_INIT;
	struct call call = { .arena = arena, .err = err };

	SCIM__REQUIRE(err, arena != NULL && registry != NULL);
	SCIM__REQUIRE(err, sides != NULL && out != NULL);
	if (options == NULL)
		options = &defaults;
	SCIM__REQUIRE(err, options->size == sizeof(*options));
	scim_status rc = begin(&call, registry, type, options->limits);
	if (rc == SCIM_OK)
		rc = read_guards(&call, options);
	if (rc != SCIM_OK)
		return rc;
	call.rules.on_conflict = options->on_conflict;
	call.rules.resolutions = options->resolutions;
	call.rules.resolution_count = options->resolution_count;
	return merge(&call, sides, out);
}

bool
scim__diff_list(scim_arena *arena, const struct scim__differences *found,
    scim_diff_list *out)
{
	scim_diff_entry *list =
	    scim__arena_array(arena, found->count, sizeof(*list));

	if (list == NULL)
		return false;
	for (size_t i = 0; i < found->count; i++) {
		const struct scim__difference *d = &found->items[i];

		list[i] = (scim_diff_entry){
			.path = d->path, .op = d->op, .redacted = d->redacted
		};
		if (!render(arena, d->before, &list[i].before) ||
		    !render(arena, d->after, &list[i].after))
			return false;
	}
	*out = (scim_diff_list){ list, found->count };
	return true;
}

const char *
scim__diff_op_name(scim_diff_op op)
{
	switch (op) {
	case SCIM_DIFF_ADD:
		return "add";
	case SCIM_DIFF_REMOVE:
		return "remove";
	case SCIM_DIFF_REPLACE:
		break;
	}
	return "replace";
}

scim_status
scim_diff(scim_arena *arena, const scim_registry *registry, scim_str type,
    scim_str from, scim_str to, scim_diff_list *out, scim_error *err)
{
	struct call call = { .arena = arena, .err = err };
	struct scim__differences found;
	struct side before, after;

	SCIM__REQUIRE(err, arena != NULL && registry != NULL);
	SCIM__REQUIRE(err, out != NULL);
	scim_status rc = begin(&call, registry, type, NULL);
	if (rc == SCIM_OK)
		rc = read_side(&call, "from", from, NULL, &before);
	if (rc == SCIM_OK)
		rc = read_side(&call, "to", to, NULL, &after);
	if (rc != SCIM_OK)
		return rc;
	struct scim__merge_state a = state_of(&before), b = state_of(&after);
	rc = scim__diff(&call.rules, &a, &b, &found, err);
	if (rc != SCIM_OK)
		return rc;
	if (!scim__diff_list(arena, &found, out))
		return scim__fail_memory(err);
	return SCIM_OK;
}

const char *
scim_merge_kind_name(scim_merge_kind kind)
{
	switch (kind) {
	case SCIM_MERGE_MODIFY_MODIFY:
		return "modify/modify";
	case SCIM_MERGE_MODIFY_DELETE:
		return "modify/delete";
	case SCIM_MERGE_DELETE_MODIFY:
		return "delete/modify";
	case SCIM_MERGE_ADD_ADD:
		return "add/add";
	case SCIM_MERGE_PRIMARY_DELETE:
		return "primary/delete";
	case SCIM_MERGE_GUARD:
		return "guard";
	case SCIM_MERGE_VALIDATION:
		return "validation";
	}
	return "modify/modify";
}
