/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged parts as one document again, and whether the schema takes it.
 *
 * Two valid changes can make an invalid resource: each removes another one of
 * two values, and one is required.  That is a conflict like any other, found
 * by the same validation that every write goes through.
 */
#include "merge/whole.h"

#include "base/error.h"
#include "base/str.h"
#include "merge/report.h"
#include "schema/validate.h"

/* The members of both, those of `b` behind; names are in one of them only. */
static bool
join(scim_arena *arena, const scim__value *a, const scim__value *b,
    scim__value *out)
{
	scim__value joined = scim__value_object();
	const scim__value *both[] = { a, b };

	for (size_t k = 0; k < 2; k++)
		for (uint32_t i = 0; i < both[k]->count; i++) {
			const scim__member *m = &both[k]->object.members[i];

			if (!scim__object_add(
				arena, &joined, m->name, m->value))
				return false;
		}
	*out = joined;
	return true;
}

/* Adds the members of `from` to `to`; objects of extensions are joined. */
static bool
lay_over(scim_arena *arena, const scim__value *from, scim__value *to)
{
	for (uint32_t i = 0; i < from->count; i++) {
		const scim__member *m = &from->object.members[i];
		const scim__value *there = scim__object_find(to, m->name);
		scim__value value = m->value;

		if (there != NULL && there->kind == SCIM__OBJECT &&
		    value.kind == SCIM__OBJECT &&
		    !join(arena, there, &m->value, &value))
			return false;
		if (!scim__object_set(arena, to, m->name, value))
			return false;
	}
	return true;
}

/* The extension that an attribute at the top of its schema is of. */
static scim_str
urn_of(const scim__resource_type *type, const scim__attribute *a)
{
	for (size_t i = 0; i < type->extension_count; i++) {
		const scim__schema *schema = type->extensions[i].schema;

		for (size_t k = 0; k < schema->attribute_count; k++)
			if (&schema->attributes[k] == a)
				return schema->id;
	}
	return (scim_str){ "", 0 };
}

static bool
add_relation(const struct scim__merge_rules *rules, const scim__value *relation,
    scim__value *whole)
{
	const scim__attribute *a = rules->type->relation;
	scim__value home = scim__value_object();
	scim__value top = scim__value_object();

	if (a == NULL || relation->count == 0)
		return true;
	scim_str urn = urn_of(rules->type, a);
	if (!scim__object_add(rules->arena, &home, a->name, *relation))
		return false;
	if (urn.len == 0)
		return lay_over(rules->arena, &home, whole);
	return scim__object_add(rules->arena, &top, urn, home) &&
	    lay_over(rules->arena, &top, whole);
}

bool
scim__merge_whole(const struct scim__merge_rules *rules,
    const struct scim__merged *merged, bool with_secret, scim__value *out)
{
	const scim__value nothing = scim__value_object();
	scim__value whole;

	if (!join(rules->arena, &merged->content, &nothing, &whole) ||
	    (with_secret && !lay_over(rules->arena, &merged->secret, &whole)) ||
	    !add_relation(rules, &merged->relation, &whole))
		return false;
	*out = whole;
	return true;
}

/* What a required extension without attributes is refused for names no
 * attribute. */
static scim_str
missing_extension(
    const struct scim__merge_rules *rules, const struct scim__merged *merged)
{
	for (size_t i = 0; i < rules->type->extension_count; i++) {
		const scim__extension *e = &rules->type->extensions[i];

		if (e->required &&
		    scim__object_find(&merged->content, e->schema->id) == NULL)
			return e->schema->id;
	}
	return SCIM_STR("schemas");
}

/* Theirs in place of what was merged. */
static bool
take_theirs(const struct scim__merge_rules *rules, const scim__attribute *a,
    const struct scim__merge_state *theirs, struct scim__merged *merged)
{
	scim_str urn = urn_of(rules->type, a);
	scim__value *to = &merged->content;
	const scim__value *from = theirs->content;

	if (scim__attribute_is_secret(a))
		return true;
	if (a->relation && theirs->relation != NULL) {
		merged->relation = *theirs->relation;
		return true;
	}
	if (urn.len > 0) {
		to = scim__object_find(to, urn);
		from = scim__object_find(from, urn);
	}
	const scim__value *value = scim__object_find(from, a->name);
	if (a->relation) {
		merged->relation = value == NULL ? scim__value_array() : *value;
		return true;
	}
	if (value == NULL && to != NULL)
		(void)scim__object_remove(to, a->name);
	if (value == NULL)
		return true;
	if (to != NULL)
		return scim__object_set(rules->arena, to, a->name, *value);
	scim__value home = scim__value_object();
	return scim__object_add(rules->arena, &home, a->name, *value) &&
	    scim__object_add(rules->arena, &merged->content, urn, home);
}

static scim_status
refuse(const struct scim__merge_rules *rules,
    const struct scim__merge_state *theirs, const scim__attribute *blamed,
    scim_str why, struct scim__merged *merged)
{
	struct scim__merging m = { .rules = rules,
		.arena = rules->arena,
		.out = *merged,
		.conflict_room = merged->conflict_count };
	struct scim__merge_conflict c = { .kind = SCIM_MERGE_VALIDATION,
		.attribute = blamed };

	c.path =
	    blamed != NULL ? blamed->path : missing_extension(rules, merged);
	c.detail = scim__str_copy(rules->arena, why);
	(void)scim__merge_report(&m, &c);
	if (m.failed || c.detail.ptr == NULL)
		return SCIM_ERR_NO_MEMORY;
	*merged = m.out;
	if (blamed != NULL &&
	    !take_theirs(rules,
		blamed->parent != NULL ? blamed->parent : blamed, theirs,
		merged))
		return SCIM_ERR_NO_MEMORY;
	return SCIM_OK;
}

scim_status
scim__merge_validate(const struct scim__merge_rules *rules,
    const struct scim__merge_state *theirs, struct scim__merged *merged,
    scim_error *err)
{
	const scim__attribute *blamed = NULL;
	const struct scim__validation_options options = { .hashed = true,
		.blamed = &blamed };
	struct scim__validation validation;
	scim_error why = { .status = SCIM_OK };
	scim__value whole;

	if (!scim__merge_whole(rules, merged, true, &whole))
		return scim__fail_memory(err);
	scim_status rc = scim__validate(rules->arena, rules->registry,
	    rules->type, &whole, NULL, &options, &validation, &why);
	if (rc == SCIM_ERR_INVALID)
		rc = refuse(
		    rules, theirs, blamed, scim__str(why.detail), merged);
	return rc == SCIM_OK ? SCIM_OK : scim__fail_memory(err);
}
