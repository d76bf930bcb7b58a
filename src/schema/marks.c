/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marks of scimd on an attribute (docs/schemas.md): keys that begin with
 * x-scimd- and say what SCIM has no word for.
 *
 * A mark that could not work is refused here, so that nothing after this
 * file looks whether a relation has a value or an index a type.  What a mark
 * says about another resource type is checked when all types are known.
 */
#include "base/error.h"
#include "base/str.h"
#include "schema/read.h"

static const char *const known_marks[] = {
	"x-scimd-indexed",
	"x-scimd-relation",
	"x-scimd-derived",
	"x-scimd-hash",
	"x-scimd-guard",
	"x-scimd-identity",
	"x-scimd-atomic",
	"x-scimd-slot",
	"x-scimd-unique-when",
	NULL,
};

/* A misspelt mark would silently do nothing. */
static scim_status
refuse_unknown(const struct scim__reading *r, const scim__value *definition,
    const scim__attribute *a)
{
	for (uint32_t i = 0; i < definition->count; i++) {
		scim_str name = definition->object.members[i].name;
		bool known = !scim__str_starts_with(name, SCIM_STR("x-scimd-"));

		for (size_t k = 0; !known && known_marks[k] != NULL; k++)
			known =
			    scim__str_equal(name, scim__str(known_marks[k]));
		if (!known)
			return scim__read_fail(r, a->path,
			    "There is no mark \"%.*s\".",
			    (int)(name.len > 40 ? 40 : name.len), name.ptr);
	}
	return SCIM_OK;
}

static bool
has_sub(const scim__attribute *a, scim_str name)
{
	return scim__attribute_find(a->sub, a->sub_count, name) != NULL;
}

/* The one setting that may make an attribute unique. */
static scim_status
read_unique_when(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	scim_str setting = { NULL, 0 };
	scim_status rc = scim__read_string(
	    r, a->path, definition, SCIM_STR("x-scimd-unique-when"), &setting);

	if (rc != SCIM_OK || setting.ptr == NULL)
		return rc;
	if (!a->indexed ||
	    !scim__str_equal(setting, SCIM_STR("unique_group_names")))
		return scim__read_fail(r, a->path,
		    "x-scimd-unique-when is \"unique_group_names\", on an "
		    "indexed attribute.");
	a->unique_group_name = true;
	return SCIM_OK;
}

static scim_status
read_flags(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	scim_status rc = scim__read_bool(
	    r, a->path, definition, SCIM_STR("x-scimd-indexed"), &a->indexed);

	if (rc == SCIM_OK)
		rc = scim__read_bool(r, a->path, definition,
		    SCIM_STR("x-scimd-guard"), &a->guard);
	if (rc == SCIM_OK)
		rc = scim__read_bool(r, a->path, definition,
		    SCIM_STR("x-scimd-atomic"), &a->atomic);
	if (rc == SCIM_OK)
		rc = scim__read_bool(
		    r, a->path, definition, SCIM_STR("x-scimd-slot"), &a->slot);
	if (rc == SCIM_OK)
		rc = read_unique_when(r, definition, a);
	if (rc != SCIM_OK)
		return rc;
	if (a->indexed && a->type == SCIM__TYPE_COMPLEX)
		return scim__read_fail(r, a->path,
		    "A complex attribute has no index; mark its "
		    "sub-attributes.");
	if (a->indexed && scim__attribute_is_secret(a))
		return scim__read_fail(r, a->path,
		    "What is writeOnly or never returned has no index.");
	if (a->atomic && a->type != SCIM__TYPE_COMPLEX)
		return scim__read_fail(
		    r, a->path, "x-scimd-atomic is for complex attributes.");
	if (a->slot && (!a->multi_valued || !has_sub(a, SCIM_STR("type"))))
		return scim__read_fail(r, a->path,
		    "x-scimd-slot is for a multi-valued attribute with a "
		    "sub-attribute \"type\".");
	return SCIM_OK;
}

static scim_status
read_hash(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	scim_str hash = { NULL, 0 };
	scim_status rc = scim__read_string(
	    r, a->path, definition, SCIM_STR("x-scimd-hash"), &hash);

	if (rc != SCIM_OK || hash.ptr == NULL)
		return rc;
	if (!scim__str_equal(hash, SCIM_STR("argon2id")))
		return scim__read_fail(
		    r, a->path, "x-scimd-hash must be \"argon2id\".");
	if (!scim__attribute_is_secret(a) || a->multi_valued ||
	    a->type != SCIM__TYPE_STRING)
		return scim__read_fail(r, a->path,
		    "x-scimd-hash is for a single string that is writeOnly "
		    "or never returned.");
	a->hashed = true;
	return SCIM_OK;
}

static scim_status
read_identity(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	scim_status rc = scim__read_strings(r, a->path, definition,
	    SCIM_STR("x-scimd-identity"), &a->identity, &a->identity_count);

	for (size_t i = 0; rc == SCIM_OK && i < a->identity_count; i++)
		if (!has_sub(a, a->identity[i]))
			return scim__read_fail(r, a->path,
			    "x-scimd-identity names \"%.*s\", which is no "
			    "sub-attribute.",
			    (int)a->identity[i].len, a->identity[i].ptr);
	return rc;
}

static scim_status
read_relation(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	const scim__value *mark =
	    scim__object_find(definition, SCIM_STR("x-scimd-relation"));

	if (mark == NULL)
		return SCIM_OK;
	scim_status rc = scim__read_strings(r, a->path, mark, SCIM_STR("types"),
	    &a->reference_types, &a->reference_type_count);
	if (rc != SCIM_OK)
		return rc;
	if (mark->kind != SCIM__OBJECT || a->reference_type_count == 0)
		return scim__read_fail(r, a->path,
		    "x-scimd-relation needs \"types\": the resource types "
		    "its elements may name.");
	if (a->parent != NULL || a->type != SCIM__TYPE_COMPLEX ||
	    !a->multi_valued || !has_sub(a, SCIM_STR("value")))
		return scim__read_fail(r, a->path,
		    "x-scimd-relation is for a multi-valued complex attribute "
		    "with a sub-attribute \"value\".");
	if (a->mutability == SCIM__READ_ONLY || scim__attribute_is_secret(a))
		return scim__read_fail(r, a->path,
		    "A relation can't be readOnly, writeOnly or never "
		    "returned.");
	for (size_t i = 0; i < a->sub_count; i++)
		if (a->sub[i].indexed ||
		    a->sub[i].uniqueness != SCIM__UNIQUE_NONE)
			return scim__read_fail(r, a->sub[i].path,
			    "A relation's parts are neither indexed nor "
			    "unique.");
	a->relation = true;
	return SCIM_OK;
}

static scim_status
check_derived_relation(const struct scim__reading *r, const scim__attribute *a)
{
	if (a->derived_type.ptr == NULL)
		return scim__read_fail(r, a->path,
		    "x-scimd-derived from a relation needs "
		    "\"resourceType\".");
	if (a->parent != NULL || a->type != SCIM__TYPE_COMPLEX ||
	    !a->multi_valued)
		return scim__read_fail(r, a->path,
		    "What is derived from a relation must be a multi-valued "
		    "complex attribute.");
	return SCIM_OK;
}

/* The sibling named by `via` is looked for when the parent is complete. */
static scim_status
check_derived_reference(const struct scim__reading *r, const scim__attribute *a)
{
	if (a->derived_via.ptr == NULL)
		return scim__read_fail(r, a->path,
		    "x-scimd-derived from a reference needs \"via\".");
	if (a->parent == NULL || a->parent->multi_valued)
		return scim__read_fail(r, a->path,
		    "What is derived from a reference must be a "
		    "sub-attribute of a single complex attribute.");
	return SCIM_OK;
}

static scim_status
read_derived(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	const scim__value *mark =
	    scim__object_find(definition, SCIM_STR("x-scimd-derived"));
	scim_str from = { NULL, 0 };

	if (mark == NULL)
		return SCIM_OK;
	scim_status rc =
	    scim__read_string(r, a->path, mark, SCIM_STR("from"), &from);
	if (rc == SCIM_OK)
		rc = scim__read_string(r, a->path, mark,
		    SCIM_STR("resourceType"), &a->derived_type);
	if (rc == SCIM_OK)
		rc = scim__read_string(
		    r, a->path, mark, SCIM_STR("via"), &a->derived_via);
	if (rc == SCIM_OK)
		rc = scim__read_string(r, a->path, mark, SCIM_STR("attribute"),
		    &a->derived_attribute);
	if (rc != SCIM_OK)
		return rc;
	if (a->derived_attribute.ptr == NULL)
		return scim__read_fail(
		    r, a->path, "x-scimd-derived needs \"attribute\".");
	if (a->mutability != SCIM__READ_ONLY || a->indexed)
		return scim__read_fail(r, a->path,
		    "What is derived must be readOnly and has no index.");
	if (scim__str_equal(from, SCIM_STR("relation"))) {
		a->derivation = SCIM__FROM_RELATION;
		return check_derived_relation(r, a);
	}
	if (scim__str_equal(from, SCIM_STR("reference"))) {
		a->derivation = SCIM__FROM_REFERENCE;
		return check_derived_reference(r, a);
	}
	return scim__read_fail(r, a->path,
	    "x-scimd-derived is \"from\" a \"relation\" or a \"reference\".");
}

static scim_status
check_via(const struct scim__reading *r, const scim__attribute *a)
{
	for (size_t i = 0; i < a->sub_count; i++) {
		const scim__attribute *sub = &a->sub[i];

		if (sub->derivation != SCIM__FROM_REFERENCE)
			continue;
		const scim__attribute *via = scim__attribute_find(
		    a->sub, a->sub_count, sub->derived_via);
		if (via == NULL || via->type != SCIM__TYPE_STRING ||
		    via->multi_valued)
			return scim__read_fail(r, sub->path,
			    "x-scimd-derived goes via \"%.*s\", which is no "
			    "single string beside it.",
			    (int)sub->derived_via.len, sub->derived_via.ptr);
	}
	return SCIM_OK;
}

scim_status
scim__read_marks(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	scim_status rc = refuse_unknown(r, definition, a);

	if (rc == SCIM_OK)
		rc = read_flags(r, definition, a);
	if (rc == SCIM_OK)
		rc = read_hash(r, definition, a);
	if (rc == SCIM_OK)
		rc = read_identity(r, definition, a);
	if (rc == SCIM_OK)
		rc = read_relation(r, definition, a);
	if (rc == SCIM_OK)
		rc = read_derived(r, definition, a);
	if (rc == SCIM_OK)
		rc = check_via(r, a);
	return rc;
}
