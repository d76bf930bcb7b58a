/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patch (RFC 7644 section 3.5.2): the message makes of the stored content
 * what a replacement would have sent, and from there it is one.
 *
 * Each time it is prepared it starts from what is stored then, so that a
 * patch that lost a race is applied to what won it.  A password is hashed
 * once all the same: what it was hashed to is remembered by what it was.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/combine.h"
#include "provider/state.h"
#include "json/json.h"

static struct scim__patch_rules
rules_of(const scim__op *op)
{
	const scim_limits *limits = &op->context->settings->limits;

	return (struct scim__patch_rules){
		.binding = { .arena = op->arena,
		    .registry = op->context->registry,
		    .type = op->type },
		.limits = { limits->filter_bytes, limits->filter_nodes,
		    limits->depth },
		.leniency = scim__op_leniency(op),
	};
}

/* Once: the request is the document from then on. */
static scim_status
parse(scim__op *op, scim_error *err)
{
	struct scim__patch_rules rules = rules_of(op);

	if (op->parsed)
		return SCIM_OK;
	scim_status rc = scim__op_parse(op, err);
	if (rc == SCIM_OK) {
		op->parsed = false;
		rc = scim__patch_parse(&rules, &op->request, &op->patch, err);
	}
	op->parsed = rc == SCIM_OK;
	return rc;
}

/* The stored secrets of one object beside its content; what is hashed stays
 * where it is, since a hash must not be hashed again. */
static scim_status
lay_beside(scim__op *op, const scim__attribute *attributes, size_t count,
    const scim__value *secret, scim__value *document, scim_error *err)
{
	for (uint32_t i = 0; secret != NULL && i < secret->count; i++) {
		const scim__member *m = &secret->object.members[i];
		const scim__attribute *a =
		    scim__attribute_find(attributes, count, m->name);

		if (a == NULL || a->hashed)
			continue;
		if (!scim__object_set(op->arena, document, m->name, m->value))
			return scim__fail_memory(err);
	}
	return SCIM_OK;
}

static scim_status
add_secrets(scim__op *op, scim__value *document, scim_error *err)
{
	const scim__resource_type *type = op->type;
	scim__value secret;

	if (op->current.record.secret.len == 0)
		return SCIM_OK;
	scim_status rc = scim__json_parse_trusted(
	    op->arena, op->current.record.secret, &secret, err);
	if (rc == SCIM_OK)
		rc = lay_beside(op, type->schema->attributes,
		    type->schema->attribute_count, &secret, document, err);
	for (size_t i = 0; rc == SCIM_OK && i < type->extension_count; i++) {
		const scim__schema *schema = type->extensions[i].schema;
		const scim__value *part =
		    scim__object_find(&secret, schema->id);
		scim__value *home = scim__object_find(document, schema->id);

		if (part == NULL)
			continue;
		if (home == NULL) {
			if (!scim__object_add(op->arena, document, schema->id,
				scim__value_object()))
				return scim__fail_memory(err);
			home = scim__object_find(document, schema->id);
		}
		rc = lay_beside(op, schema->attributes, schema->attribute_count,
		    part, home, err);
	}
	return rc;
}

static scim_status
apply(scim__op *op, scim_error *err)
{
	struct scim__patch_rules rules = rules_of(op);
	uint64_t most = op->context->settings->limits.members;
	scim_status rc = scim__json_parse_trusted(
	    op->arena, op->current.record.content, &op->request, err);

	if (rc == SCIM_OK)
		rc = add_secrets(op, &op->request, err);
	if (rc == SCIM_OK)
		rc = scim__patch_apply(
		    &rules, &op->patch, &op->request, &op->patched, err);
	if (rc != SCIM_OK || op->patched.element_count <= most)
		return rc;
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "The request names %zu members; at most %llu may come in one: "
	    "send the rest in further requests.",
	    op->patched.element_count, (unsigned long long)most);
}

/* Whether all members have to be looked at, and there may be a million. */
static bool
looks_through_members(const struct scim__patched *patched)
{
	for (size_t i = 0; i < patched->change_count; i++)
		if (patched->changes[i].kind == SCIM__RELATION_REMOVE_MATCHING)
			return true;
	return false;
}

static scim_status
want(scim__op *op, scim_error *err)
{
	scim_status rc = parse(op, err);

	if (rc == SCIM_OK)
		rc = apply(op, err);
	return rc != SCIM_OK ? rc : scim__op_validate_anew(op, err);
}

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	if (op->merge != NULL)
		return scim__combine_prepare(op, txn, err);
	scim_status rc = want(op, err);
	if (rc == SCIM_OK && op->on_loop &&
	    looks_through_members(&op->patched)) {
		op->later = true;
		return SCIM_OK;
	}
	if (rc != SCIM_OK)
		return rc;
	op->validation.quirks |= op->patched.quirks;
	rc = scim__op_put_state(op, txn, err);
	return rc != SCIM_OK ? rc : scim__op_check_size(op, err);
}

const struct scim__op_steps scim__patch_steps = {
	.name = "patch",
	.check = scim__op_check_target,
	.prepare = prepare,
	.want = want,
};

scim_status
scim_provider_patch(scim_provider *provider, const scim_context *context,
    const scim_target *target, scim_str json, const scim_expect *expect,
    scim_outcome *out, scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && expect != NULL);

	scim__op op = { .steps = &scim__patch_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = *expect,
		.id = target->id,
		.body = json };
	return scim__op_call(&op, target->type, out, err);
}
