/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change and its base: merged with what came between.
 *
 * Both come in one message, or the base is the version that a PUT or PATCH
 * expected and did not find, where the tenant lets that be (docs/merging.md).
 * That is a deviation from RFC 9110, so it is kept to what it is for: one weak
 * tag, nothing else that fails, and a conflict is the 412 it would have been.
 *
 * What is merged is written as a replacement of what is there, prepared like
 * every other.  Where the target moves before it is written the writer merges
 * again, there, with what is there then; so nobody has to try twice, and what
 * is stored was merged with the very state that it replaces.
 *
 * Secrets that theirs has are hashes, and only those of ours are sent on.
 */
#include "provider/combine.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/whole.h"
#include "provider/explain.h"
#include "provider/merge_message.h"
#include "provider/rules.h"
#include "provider/state.h"
#include "provider/whole.h"
#include "json/json.h"
#include "json/message.h"

struct combining {
	struct scim__sides sides;
	struct scim__merge_rules rules;
	struct scim__merged merged;
	struct scim__differences changed;
};

/* The base is a condition of its own. */
static scim_status
check(scim__op *op, scim_txn *txn, scim_error *err)
{
	const scim_preconditions *pre = op->expect.preconditions;
	bool given = op->expect.kind == SCIM_EXPECT_VERSIONS ||
	    (pre != NULL && scim_preconditions_given(pre));
	scim_status rc = scim__op_read(op, txn, err);

	if (rc != SCIM_OK || op->settled || !given)
		return rc;
	return scim__op_expect(op, err);
}

/* Once: the request is the merged resource from then on. */
static scim_status
parse(scim__op *op, scim_error *err)
{
	struct scim__merge_message *message;

	if (op->merge != NULL)
		return SCIM_OK;
	message = scim_arena_alloc(op->arena, sizeof(*message));
	if (message == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__op_parse(op, err);
	if (rc == SCIM_OK)
		rc = scim__merge_message_parse(
		    op->arena, &op->request, message, err);
	if (rc != SCIM_OK)
		return rc;
	if (!message->says_on_conflict)
		message->on_conflict = op->context->settings->on_conflict;
	else
		rc = scim__merging_may_use(
		    op->context->settings, message->on_conflict, err);
	if (rc != SCIM_OK)
		return rc;
	op->merge = message;
	return SCIM_OK;
}

static scim_status
make_ours(const scim__op *op, struct scim__sides *sides, scim_error *err)
{
	const struct scim__merge_message *m = op->merge;
	scim__value tree = scim__value_object();
	scim__value schemas = scim__value_array();
	scim__op ours = *op;

	if (m->is_stale)
		return scim__sides_add_ours(op, sides, err);
	ours.steps =
	    m->resource != NULL ? &scim__replace_steps : &scim__patch_steps;
	ours.tree = m->resource;
	if (m->resource != NULL)
		return scim__sides_add_ours(&ours, sides, err);
	ours.tree = &tree;
	if (!scim__array_add(op->arena, &schemas,
		scim__value_string(SCIM_STR(
		    "urn:ietf:params:scim:api:messages:2.0:PatchOp"))) ||
	    !scim__object_add(op->arena, &tree, SCIM_STR("schemas"), schemas) ||
	    !scim__object_add(
		op->arena, &tree, SCIM_STR("Operations"), *m->operations))
		return scim__fail_memory(err);
	return scim__sides_add_ours(&ours, sides, err);
}

static scim_status
merge(scim__op *op, struct combining *c, scim_error *err)
{
	const struct scim__merge_message *m = op->merge;

	c->rules.on_conflict = m->on_conflict;
	c->rules.resolutions = m->resolutions;
	c->rules.resolution_count = m->resolution_count;
	scim_status rc =
	    scim__merge(&c->rules, c->sides.states, &c->merged, err);
	if (rc == SCIM_OK && c->merged.undecided == 0)
		rc = scim__merge_validate(
		    &c->rules, &c->sides.states[SCIM__THEIRS], &c->merged, err);
	if (rc == SCIM_OK)
		rc = scim__diff(&c->rules, &c->sides.states[SCIM__BASE],
		    &c->sides.states[SCIM__THEIRS], &c->changed, err);
	return rc;
}

/* `c` NULL: there is no base. */
static scim_status
explain(scim__op *op, const struct combining *c, bool is_mergeable,
    scim_conflict *out, scim_error *err)
{
	scim_context context = *op->context;
	scim_conflict conflict = { .id = op->id,
		.expected = op->merge->base,
		.current = op->current.etag,
		.location = op->current.location,
		.is_merge = 1,
		.message = SCIM_STR(
		    "The version that the change began from is kept no longer: "
		    "read the resource and make the change again.") };
	const struct scim__explanation e = { .context = &context,
		.type = op->type,
		.conflict = &conflict,
		.rules = c == NULL ? NULL : &c->rules,
		.sides = c == NULL ? NULL : &c->sides,
		.changed = c == NULL ? NULL : &c->changed,
		.merged = c == NULL ? NULL : &c->merged,
		.is_mergeable = is_mergeable };

	context.explain = SCIM_EXPLAIN_DETAIL;
	if (c != NULL)
		conflict.message = SCIM_STR(
		    "This change and another one collide: decide about each "
		    "of \"conflicts\" in \"resolutions\", or read the resource "
		    "and make the change again.");
	if (c != NULL && c->merged.is_guarded)
		conflict.message = SCIM_STR(
		    "An attribute changed that forbids merging: read the "
		    "resource and make the change again.");
	conflict.detail = scim__explanation_write(op->arena, &e);
	if (conflict.detail.ptr == NULL ||
	    (c != NULL &&
		!scim__explain_paths(op->arena, &c->merged, &conflict)))
		return scim__fail_memory(err);
	*out = conflict;
	return SCIM_OK;
}

/* `c` NULL: there is no base. */
static void
note_end(scim__op *op, const struct combining *c)
{
	scim__sides_note(op,
	    op->merge->is_stale ? SCIM_MERGES_IF_MATCH : SCIM_MERGES_MESSAGE,
	    c == NULL ? NULL : &c->sides, c == NULL ? NULL : &c->merged);
}

static scim_status
settle_conflict(scim__op *op, const struct combining *c, scim_error *err)
{
	scim_conflict conflict;
	scim_status rc = SCIM_OK;

	note_end(op, c);
	if (op->merge->is_stale) {
		scim__op_settle_mismatch(op, &op->current);
		return SCIM_OK;
	}
	rc = explain(op, c, false, &conflict, err);
	if (rc != SCIM_OK)
		return rc;
	op->settled = true;
	op->outcome =
	    (scim_outcome){ .kind = SCIM_MISMATCH, .conflict = conflict };
	return SCIM_OK;
}

/* Secrets as far as they are to change: what stays has no key. */
static bool
set_secrets(scim_arena *arena, const scim__value *there,
    const scim__value *merged, scim__value *wanted)
{
	for (uint32_t i = 0; i < merged->count; i++) {
		const scim__member *m = &merged->object.members[i];
		const scim__value *old = scim__object_find(there, m->name);
		const scim__value nothing = scim__value_object();
		bool is_home = memchr(m->name.ptr, ':', m->name.len) != NULL &&
		    m->value.kind == SCIM__OBJECT;

		if (old != NULL && scim__value_equal(old, &m->value))
			continue;
		if (!is_home) {
			if (!scim__object_set(arena, wanted, m->name, m->value))
				return false;
			continue;
		}
		if (scim__object_find(wanted, m->name) == NULL &&
		    !scim__object_add(
			arena, wanted, m->name, scim__value_object()))
			return false;
		if (!set_secrets(arena, old == NULL ? &nothing : old, &m->value,
			scim__object_find(wanted, m->name)))
			return false;
	}
	return true;
}

static bool
clear_secrets(scim_arena *arena, const scim__value *there,
    const scim__value *merged, scim__value *wanted)
{
	for (uint32_t i = 0; i < there->count; i++) {
		const scim__member *m = &there->object.members[i];
		const scim__value *now = scim__object_find(merged, m->name);
		scim__value *home = scim__object_find(wanted, m->name);

		if (now == NULL && home == NULL &&
		    !scim__object_add(arena, wanted, m->name,
			(scim__value){ .kind = SCIM__NULL }))
			return false;
		if (now != NULL && home != NULL && now->kind == SCIM__OBJECT &&
		    m->value.kind == SCIM__OBJECT &&
		    home->kind == SCIM__OBJECT &&
		    !clear_secrets(arena, &m->value, now, home))
			return false;
	}
	return true;
}

static bool
empty_relation(const scim__op *op, scim__value *whole)
{
	const scim__attribute *relation = op->type->relation;
	scim_str urn = { relation->path.ptr,
		relation->path.len - relation->name.len };

	if (urn.len > 0) {
		urn.len--;
		if (scim__object_find(whole, urn) == NULL &&
		    !scim__object_add(
			op->arena, whole, urn, scim__value_object()))
			return false;
		whole = scim__object_find(whole, urn);
	}
	return scim__object_set(
	    op->arena, whole, relation->name, scim__value_array());
}

/* The merged state as a replacement would send it. */
static bool
make_request(scim__op *op, struct combining *c)
{
	const scim__value *secrets = &c->sides.secret[SCIM__THEIRS];
	scim__value whole;

	if (!scim__merge_whole(&c->rules, &c->merged, false, &whole) ||
	    !scim__whole_clear(
		op->arena, &c->sides.content[SCIM__THEIRS], &whole) ||
	    !set_secrets(op->arena, secrets, &c->merged.secret, &whole) ||
	    !clear_secrets(op->arena, secrets, &c->merged.secret, &whole))
		return false;
	if (op->type->relation != NULL && c->merged.relation.count == 0 &&
	    !empty_relation(op, &whole))
		return false;
	op->request = whole;
	op->parsed = true;
	return true;
}

static void
add_autos(scim__buf *buf, const struct scim__merged *merged)
{
	scim__buf_add_z(buf, ",\"auto\":[");
	for (size_t i = 0; i < merged->auto_count; i++) {
		scim__buf_add_z(buf, i == 0 ? "{\"path\":" : ",{\"path\":");
		scim__json_write_string(buf, merged->autos[i].path);
		scim__buf_printf(buf, ",\"from\":\"%s\"}",
		    merged->autos[i].from == SCIM_MERGE_OURS ? "ours"
							     : "theirs");
	}
	scim__buf_add_z(buf, "],\"decided\":[");
	for (size_t i = 0; i < merged->conflict_count; i++) {
		scim__buf_add_z(buf, i == 0 ? "{\"path\":" : ",{\"path\":");
		scim__json_write_string(buf, merged->conflicts[i].path);
		scim__buf_printf(buf, ",\"use\":\"%s\"}",
		    merged->conflicts[i].used == SCIM_MERGE_OURS ? "ours"
								 : "theirs");
	}
	scim__buf_add_char(buf, ']');
}

/* What is told of a merge that went well. */
static scim_status
note(scim__op *op, const struct combining *c, scim_error *err)
{
	scim_conflict conflict;
	scim__buf buf;

	if (op->merge->is_dry) {
		scim_status rc = explain(op, c, true, &conflict, err);

		if (rc == SCIM_OK)
			op->merged = conflict.detail;
		return rc;
	}
	scim__buf_init(&buf, op->arena, SIZE_MAX);
	scim__buf_add_z(&buf, "{\"base\":");
	scim__json_write_string(&buf, op->merge->base);
	scim__buf_add_z(&buf, ",\"theirs\":");
	scim__json_write_string(&buf, op->current.etag);
	add_autos(&buf, &c->merged);
	scim__buf_add_char(&buf, '}');
	op->merged = scim__buf_str(&buf);
	return scim__buf_failed(&buf) ? scim__fail_memory(err) : SCIM_OK;
}

static scim_status
write_merged(scim__op *op, scim_txn *txn, struct combining *c, scim_error *err)
{
	note_end(op, c);
	if (!make_request(op, c))
		return scim__fail_memory(err);
	scim_status rc = note(op, c, err);
	if (rc == SCIM_OK)
		rc = scim__op_validate_anew(op, err);
	if (rc == SCIM_ERR_INVALID)
		op->merge_noted.end = SCIM_MERGES_INVALID;
	if (rc == SCIM_OK)
		rc = scim__op_put_state(op, txn, err);
	if (rc == SCIM_OK && op->merge->is_dry)
		scim__op_settle_unchanged(op);
	if (rc == SCIM_OK && !op->settled)
		op->write.change.operation =
		    scim__str(scim__combine_steps.name);
	return rc != SCIM_OK ? rc : scim__op_check_size(op, err);
}

scim_status
scim__combine_prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	struct combining c;

	/* It reads a part of the history. */
	op->later = op->on_loop;
	if (op->later)
		return SCIM_OK;
	op->validation = (struct scim__validation){ .quirks = 0 };
	op->patched = (struct scim__patched){ .change_count = 0 };
	scim_status rc =
	    scim__merging_rules(op->context, op->type, &c.rules, err);
	if (rc == SCIM_ERR_INVALID && op->merge->is_stale)
		return settle_conflict(op, NULL, err);
	if (rc == SCIM_OK)
		rc = scim__sides_read(
		    op, txn, &op->merge->version, &c.sides, err);
	if (rc == SCIM_OK)
		rc = make_ours(op, &c.sides, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return settle_conflict(op, NULL, err);
	if (rc == SCIM_OK)
		rc = merge(op, &c, err);
	if (rc != SCIM_OK)
		return rc;
	if (c.merged.undecided > 0 || c.merged.is_guarded)
		return settle_conflict(op, &c, err);
	return write_merged(op, txn, &c, err);
}

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = parse(op, err);

	return rc != SCIM_OK ? rc : scim__combine_prepare(op, txn, err);
}

const struct scim__op_steps scim__combine_steps = {
	.name = "merge",
	.check = check,
	.prepare = prepare,
};

/* The one version that was expected; false: it is none, or not alone. */
static bool
find_stale(const scim__op *op, struct scim__merge_message *out)
{
	const scim_preconditions *pre = op->expect.preconditions;
	char *z = scim__arena_take(op->arena, SCIM_VERSION_TEXT_LEN + 1);

	*out = (struct scim__merge_message){ .is_stale = true };
	if (z == NULL)
		return false;
	if (op->expect.kind == SCIM_EXPECT_VERSIONS &&
	    op->expect.version_count == 1)
		out->version = op->expect.versions[0];
	else if (op->expect.kind != SCIM_EXPECT_PRECONDITIONS ||
	    pre->if_match.kind != SCIM_ETAGS_LIST || pre->if_match.count != 1 ||
	    !scim__version_named(pre->if_match.tags[0].opaque, &out->version))
		return false;
	scim_version_format(&out->version, z);
	out->base = scim__str(z);
	return true;
}

/* Whether all the other conditions hold. */
static bool
others_hold(const scim__op *op)
{
	if (op->expect.kind == SCIM_EXPECT_VERSIONS)
		return true;
	scim_preconditions others = *op->expect.preconditions;
	others.if_match.kind = SCIM_ETAGS_ANY;
	return scim_preconditions_evaluate(&others, &op->current.validators,
		   SCIM_METHOD_WRITE,
		   scim__provider_now(op->provider)) == SCIM_VERDICT_PERFORM;
}

scim_status
scim__combine_stale(scim__op *op, scim_error *err)
{
	const scim_settings *settings = op->context->settings;
	struct scim__merge_message *stale = NULL;

	if (!op->context->merge_stale || !settings->merge_on_if_match ||
	    settings->etag != SCIM_ETAG_WEAK || op->steps->want == NULL)
		return SCIM_OK;
	stale = scim_arena_alloc(op->arena, sizeof(*stale));
	if (stale == NULL)
		return scim__fail_memory(err);
	if (!find_stale(op, stale) || !others_hold(op))
		return SCIM_OK;
	op->settled = false;
	op->merge = stale;
	return SCIM_OK;
}

bool
scim__combine_is_message(const scim__value *body)
{
	return body->kind == SCIM__OBJECT &&
	    scim__message_check(body, SCIM_STR(SCIM__MERGE_URN), NULL) ==
	    SCIM_OK;
}

scim_str
scim__combine_message(const scim__op *op)
{
	scim__buf buf;

	scim__buf_init(&buf, op->arena, SIZE_MAX);
	scim__buf_add_z(&buf, "{\"schemas\":[\"" SCIM__MERGE_URN "\"],");
	if (op->merge->is_dry)
		scim__buf_add_z(&buf, "\"dryRun\":true,");
	scim__buf_add(
	    &buf, (scim_str){ op->merged.ptr + 1, op->merged.len - 1 });
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}

scim_status
scim__combine_tell(scim__op *op, scim_error *err)
{
	scim_str *json = &op->outcome.resource.json;
	scim__buf buf;

	if (op->merge->is_stale)
		return SCIM_OK;
	if (op->merge->is_dry) {
		*json = scim__combine_message(op);
		return json->ptr != NULL ? SCIM_OK : scim__fail_memory(err);
	}
	if (json->len == 0)
		return SCIM_OK;
	scim__buf_init(&buf, op->arena, SIZE_MAX);
	scim__buf_add(&buf, (scim_str){ json->ptr, json->len - 1 });
	scim__buf_add_z(&buf, ",\"" SCIM__MERGE_URN "\":");
	scim__buf_add(&buf, op->merged);
	scim__buf_add_char(&buf, '}');
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*json = scim__buf_str(&buf);
	return SCIM_OK;
}

scim_status
scim_provider_merge(scim_provider *provider, const scim_context *context,
    const scim_target *target, scim_str json, scim_outcome *out,
    scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL);

	scim__op op = { .steps = &scim__combine_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = { .kind = SCIM_EXPECT_ANY },
		.id = target->id,
		.body = json };
	return scim__op_call(&op, target->type, out, err);
}
