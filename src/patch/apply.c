/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on a document, one after the other, each on what the one before
 * left.
 *
 * What an operation may not touch is refused here, where it is known which
 * one asked; whether the whole is still a valid resource is for
 * scim__validate() to say, once, at the end.  Nothing is stored in between,
 * so that a patch that fails has changed nothing.
 */
#include "patch/apply.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* What all filters of one patch may look at together. */
#define BUDGET 2000000

/* @spec 7644-3.5.2.2-07 */
scim_status
scim__patch_fail_required(
    const struct scim__patching *p, const scim__attribute *a)
{
	return scim__check_fail_type(&p->checking, "mutability", a,
	    "is required and can't be taken away.");
}

/* @spec 7644-3.12-22 */
scim_status
scim__patch_fail_target(
    const struct scim__patching *p, const scim__attribute *a)
{
	return scim__check_fail_type(&p->checking, "noTarget", a,
	    "has no value that the path chooses; add one first.");
}

static bool
is_schemas(const scim__attribute *a)
{
	return scim__str_equal(a->path, SCIM_STR("schemas"));
}

/* Which values `schemas` holds follows from the attributes, so that to say
 * so changes nothing.  @spec 7644-3.5.2-14 */
static scim_status
at_schemas(struct scim__patching *p, const struct scim__patch_op *op)
{
	if (op->kind != SCIM__PATCH_REMOVE || op->path.has_filter)
		return SCIM_OK;
	return scim__patch_fail_required(p, op->path.attribute);
}

/* @spec 7644-3.5.2-11, 7644-3.5.2-13, 7644-3.5.2.2-08, 7643-7-13, 7643-4.1.2-08
 */
static scim_status
check_mutability(
    struct scim__patching *p, const struct scim__patch_op *op, bool *out_skip)
{
	const scim__attribute *a = op->path.attribute;
	const scim__attribute *sub = op->path.sub;

	if (a->mutability == SCIM__READ_ONLY)
		sub = a;
	if (sub == NULL || sub->mutability != SCIM__READ_ONLY)
		return SCIM_OK;
	if (a->derivation == SCIM__FROM_RELATION &&
	    (p->rules->leniency & SCIM__LENIENT_DERIVED) != 0) {
		p->checking.quirks |= SCIM__QUIRK_READ_ONLY_IGNORED;
		*out_skip = true;
		return SCIM_OK;
	}
	return scim__check_fail_type(&p->checking, "mutability", sub,
	    "is readOnly: only the server changes it.");
}

static scim__value *
member_of(struct scim__patching *p, scim__value *object, scim_str name,
    scim__kind kind)
{
	scim__value *found = scim__object_find(object, name);
	scim__value fresh = { .kind = kind };

	if (found == NULL) {
		if (!scim__object_add(p->checking.arena, object, name, fresh))
			return NULL;
		found = &object->object.members[object->count - 1].value;
	} else if (found->kind != kind) {
		*found = fresh;
	}
	return found;
}

/* The object that holds an attribute: the document, or the part of it that
 * is an extension's.  @spec 7644-3.5.2-15 */
static scim__value *
home_of(struct scim__patching *p, const scim__attribute *a)
{
	if (a->path.len == a->name.len)
		return p->document;
	return member_of(p, p->document,
	    (scim_str){ a->path.ptr, a->path.len - a->name.len - 1 },
	    SCIM__OBJECT);
}

static scim_status
set(struct scim__patching *p, scim__value *home, scim_str name,
    scim__value value)
{
	return scim__object_set(p->checking.arena, home, name, value)
	    ? SCIM_OK
	    : scim__fail_memory(p->checking.err);
}

/* @spec 7644-3.5.2.2-02, 7644-3.5.2.2-10, 7644-3.5.2.3-10, 7643-2.5-02 */
static scim_status
clear(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *home)
{
	const scim__attribute *a = op->path.attribute;

	if (op->kind == SCIM__PATCH_ADD)
		return SCIM_OK;
	if (a->required)
		return scim__patch_fail_required(p, a);
	return set(p, home, a->name, (scim__value){ .kind = SCIM__NULL });
}

/* One value of a complex attribute, taken out of what providers put around
 * it; `out` NULL kind: none is given. */
static scim_status
read_complex(struct scim__patching *p, const scim__attribute *a,
    const scim__value *value, scim__value *out)
{
	struct scim__checking *ck = &p->checking;

	if (value->kind == SCIM__ARRAY && value->count == 1 &&
	    (ck->leniency & SCIM__LENIENT_MANAGER) != 0) {
		ck->quirks |= SCIM__QUIRK_ARRAY_COMPLEX;
		value = &value->array.items[0];
	}
	*out = *value;
	if (value->kind == SCIM__OBJECT || value->kind == SCIM__NULL)
		return SCIM_OK;
	return scim__check_value(ck, a, value, out);
}

/* @spec 7644-3.5.2.1-04, 7644-3.5.2.3-05 */
static scim_status
merge_single(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *home)
{
	const scim__attribute *a = op->path.attribute;
	scim__value given = { .kind = SCIM__NULL };
	struct scim__patch_op nobody = *op;
	scim_status rc = read_complex(p, a, op->value, &given);

	if (rc != SCIM_OK)
		return rc;
	/* "" names nobody, as {"value": ""} does, by an add as well. */
	if (scim__is_unassigned(&given) && op->value->kind == SCIM__STRING)
		nobody.kind = SCIM__PATCH_REPLACE;
	if (scim__is_unassigned(&given))
		return clear(p, &nobody, home);
	scim__value *object = member_of(p, home, a->name, SCIM__OBJECT);
	if (object == NULL)
		return scim__fail_memory(p->checking.err);
	return scim__patch_merge(p, op->kind, a, &given, object);
}

/* Brackets behind a single complex value: whether it is the one. */
static scim_status
choose_single(struct scim__patching *p, const struct scim__patch_op *op,
    const scim__value *value, bool *out)
{
	*out = !op->path.has_filter;
	if (*out || value == NULL || scim__is_unassigned(value))
		return SCIM_OK;
	return scim__filter_matches_element(
	    &p->matching, op->path.filter.root, value, out, p->checking.err);
}

/* @spec 7644-3.5.2.1-03, 7644-3.5.2.1-06, 7644-3.5.2.3-02, 7644-3.5.2.3-04 */
static scim_status
at_single(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *home)
{
	const scim__attribute *a = op->path.attribute;
	const scim__attribute *sub = op->path.sub;
	bool removes = op->kind == SCIM__PATCH_REMOVE;
	bool chosen = false;
	scim__value value;
	scim_status rc =
	    choose_single(p, op, scim__object_find(home, a->name), &chosen);

	if (rc != SCIM_OK)
		return rc;
	if (!chosen)
		return removes ? SCIM_OK : scim__patch_fail_target(p, a);
	if (sub != NULL) {
		scim__value *object = member_of(p, home, a->name, SCIM__OBJECT);

		return object == NULL ? scim__fail_memory(p->checking.err)
				      : scim__patch_set_sub(p, op->kind, sub,
					    removes ? NULL : op->value, object);
	}
	if (removes || scim__is_unassigned(op->value))
		return clear(p, op, home);
	if (a->type == SCIM__TYPE_COMPLEX)
		return merge_single(p, op, home);
	rc = scim__check_value(&p->checking, a, op->value, &value);
	return rc != SCIM_OK ? rc : set(p, home, a->name, value);
}

static bool
is_required_extension(const struct scim__patching *p, const scim__schema *s)
{
	const scim__resource_type *type = p->rules->binding.type;

	for (size_t i = 0; i < type->extension_count; i++)
		if (type->extensions[i].schema == s)
			return type->extensions[i].required;
	return false;
}

/* Every attribute by name, so that what is never shown goes as well. */
static scim_status
clear_extension(struct scim__patching *p, const scim__schema *schema)
{
	scim__value none = scim__value_object();

	if (is_required_extension(p, schema))
		return scim__fail_type(p->checking.err, SCIM_ERR_INVALID,
		    "mutability", "%.*s is required and can't be taken away.",
		    (int)schema->id.len, schema->id.ptr);
	for (size_t i = 0; i < schema->attribute_count; i++) {
		const scim__attribute *a = &schema->attributes[i];
		struct scim__patch_op op = { .kind = SCIM__PATCH_REMOVE,
			.path = { .attribute = a } };
		scim_status rc = SCIM_OK;

		if (a->relation)
			rc = scim__patch_relation(p, &op);
		else if (a->mutability != SCIM__READ_ONLY)
			rc = set(p, &none, a->name,
			    (scim__value){ .kind = SCIM__NULL });
		if (rc != SCIM_OK)
			return rc;
	}
	return set(p, p->document, schema->id, none);
}

static scim_status
at_extension(struct scim__patching *p, const struct scim__patch_op *op)
{
	const scim__schema *schema = op->path.extension;

	if (op->kind == SCIM__PATCH_REMOVE)
		return clear_extension(p, schema);
	if (scim__is_unassigned(op->value))
		return op->kind == SCIM__PATCH_ADD ? SCIM_OK
						   : clear_extension(p, schema);
	if (op->value->kind != SCIM__OBJECT)
		return scim__fail_type(p->checking.err, SCIM_ERR_INVALID,
		    "invalidValue", "%.*s must be an object of its attributes.",
		    (int)schema->id.len, schema->id.ptr);
	return scim__patch_extension_keys(p, op);
}

scim_status
scim__patch_at(struct scim__patching *p, const struct scim__patch_op *op)
{
	const scim__attribute *a = op->path.attribute;
	bool skip = false;

	if (op->path.extension != NULL)
		return at_extension(p, op);
	if (is_schemas(a))
		return at_schemas(p, op);
	scim_status rc = check_mutability(p, op, &skip);
	if (rc != SCIM_OK || skip)
		return rc;
	if (a->relation)
		return scim__patch_relation(p, op);
	scim__value *home = home_of(p, a);
	if (home == NULL)
		return scim__fail_memory(p->checking.err);
	return a->multi_valued ? scim__patch_elements(p, op, home)
			       : at_single(p, op, home);
}

/* @spec 7644-3.5.2-17 */
scim_status
scim__patch_apply(const struct scim__patch_rules *rules,
    const scim__patch *patch, scim__value *document, struct scim__patched *out,
    scim_error *err)
{
	scim_arena *arena = rules->binding.arena;
	struct scim__patched patched = { .quirks = patch->quirks };
	struct scim__patching p = {
		.rules = rules,
		.checking = { .arena = arena,
		    .leniency = rules->leniency,
		    .index = SIZE_MAX,
		    .err = err },
		.matching = { .arena = arena,
		    .resource = document,
		    .budget = BUDGET },
		.document = document,
		.out = &patched,
	};
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < patch->count; i++)
		rc = patch->ops[i].has_path
		    ? scim__patch_at(&p, &patch->ops[i])
		    : scim__patch_keys(&p, &patch->ops[i]);
	if (rc != SCIM_OK)
		return rc;
	patched.quirks |= p.checking.quirks;
	*out = patched;
	return SCIM_OK;
}
