/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attribute: from its definition (RFC 7643 section 7) to the struct that
 * everything else asks.
 *
 * What is left out has the default of section 2.2.  A complex attribute
 * inside a complex one is refused (section 2.3.8), and so is a secret
 * sub-attribute: what is never returned is kept apart from the content as
 * whole attributes, and a part of one could slip through.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/read.h"

static const char *const type_words[] = {
	[SCIM__TYPE_STRING] = "string",
	[SCIM__TYPE_BOOLEAN] = "boolean",
	[SCIM__TYPE_DECIMAL] = "decimal",
	[SCIM__TYPE_INTEGER] = "integer",
	[SCIM__TYPE_DATE_TIME] = "dateTime",
	[SCIM__TYPE_BINARY] = "binary",
	[SCIM__TYPE_REFERENCE] = "reference",
	[SCIM__TYPE_COMPLEX] = "complex",
	NULL,
};

static const char *const mutability_words[] = {
	[SCIM__READ_WRITE] = "readWrite",
	[SCIM__READ_ONLY] = "readOnly",
	[SCIM__IMMUTABLE] = "immutable",
	[SCIM__WRITE_ONLY] = "writeOnly",
	NULL,
};

static const char *const returned_words[] = {
	[SCIM__RETURNED_DEFAULT] = "default",
	[SCIM__RETURNED_ALWAYS] = "always",
	[SCIM__RETURNED_NEVER] = "never",
	[SCIM__RETURNED_REQUEST] = "request",
	NULL,
};

static const char *const uniqueness_words[] = {
	[SCIM__UNIQUE_NONE] = "none",
	[SCIM__UNIQUE_SERVER] = "server",
	[SCIM__UNIQUE_GLOBAL] = "global",
	NULL,
};

const scim__attribute *
scim__attribute_find(
    const scim__attribute *attributes, size_t count, scim_str name)
{
	for (size_t i = 0; i < count; i++)
		if (attributes[i].name.len == name.len &&
		    scim__str_equal_nocase(attributes[i].name, name))
			return &attributes[i];
	return NULL;
}

/* The index of the member's word among `words`; absent: `*out` stays. */
static scim_status
read_word(const struct scim__reading *r, scim_str path,
    const scim__value *definition, const char *member, const char *const *words,
    unsigned *out)
{
	scim_str word = { NULL, 0 };
	scim_status rc =
	    scim__read_string(r, path, definition, scim__str(member), &word);

	if (rc != SCIM_OK || word.ptr == NULL)
		return rc;
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (!scim__str_equal_nocase(word, scim__str(words[i])))
			continue;
		*out = i;
		return SCIM_OK;
	}
	return scim__read_fail(r, path,
	    "\"%s\" can't be \"%.*s\"; see RFC 7643 section 7 for its values.",
	    member, (int)(word.len > 40 ? 40 : word.len), word.ptr);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 7643 section 2.1, and "$ref". */
static bool
is_attribute_name(scim_str name)
{
	if (scim__str_equal(name, SCIM_STR("$ref")))
		return true;
	if (name.len == 0 || !is_letter(name.ptr[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		char c = name.ptr[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '$' &&
		    c != '-' && c != '_')
			return false;
	}
	return true;
}

static scim_status
read_name(const struct scim__reading *r, const scim__value *definition,
    scim_str prefix, scim__attribute *a)
{
	scim_status rc = scim__read_string(
	    r, prefix, definition, SCIM_STR("name"), &a->name);

	if (rc != SCIM_OK)
		return rc;
	/* @spec 7643-2.1-02 */
	if (!is_attribute_name(a->name))
		return scim__read_fail(r, prefix,
		    "An attribute needs a \"name\" of letters, digits, \"$\", "
		    "\"-\" and \"_\" that begins with a letter.");
	a->path = scim__str_format(r->arena, "%.*s%.*s", (int)prefix.len,
	    prefix.ptr, (int)a->name.len, a->name.ptr);
	return a->path.ptr == NULL ? scim__fail_memory(r->err) : SCIM_OK;
}

static scim_status
read_words(const struct scim__reading *r, const scim__value *definition,
    scim__attribute *a)
{
	unsigned type = SCIM__TYPE_STRING;
	unsigned mutability = SCIM__READ_WRITE;
	unsigned returned = SCIM__RETURNED_DEFAULT;
	unsigned uniqueness = SCIM__UNIQUE_NONE;
	scim_status rc =
	    read_word(r, a->path, definition, "type", type_words, &type);

	if (rc == SCIM_OK)
		rc = read_word(r, a->path, definition, "mutability",
		    mutability_words, &mutability);
	if (rc == SCIM_OK)
		rc = read_word(r, a->path, definition, "returned",
		    returned_words, &returned);
	if (rc == SCIM_OK)
		rc = read_word(r, a->path, definition, "uniqueness",
		    uniqueness_words, &uniqueness);
	a->type = (enum scim__type)type;
	a->mutability = (enum scim__mutability)mutability;
	a->returned = (enum scim__returned)returned;
	a->uniqueness = (enum scim__uniqueness)uniqueness;
	return rc;
}

/* @spec 7643-2.2-01 */
static scim_status
read_characteristics(const struct scim__reading *r,
    const scim__value *definition, scim__attribute *a)
{
	scim_status rc = read_words(r, definition, a);

	if (rc == SCIM_OK)
		rc = scim__read_bool(r, a->path, definition,
		    SCIM_STR("multiValued"), &a->multi_valued);
	if (rc == SCIM_OK)
		rc = scim__read_bool(
		    r, a->path, definition, SCIM_STR("required"), &a->required);
	if (rc == SCIM_OK)
		rc = scim__read_bool(r, a->path, definition,
		    SCIM_STR("caseExact"), &a->case_exact);
	if (rc == SCIM_OK)
		rc = scim__read_strings(r, a->path, definition,
		    SCIM_STR("referenceTypes"), &a->reference_types,
		    &a->reference_type_count);
	/* @spec 7643-2.3.6-03, 7643-2.3.7-03 */
	if (a->type == SCIM__TYPE_BINARY || a->type == SCIM__TYPE_REFERENCE)
		a->case_exact = true;
	/* @spec 7643-2.3.8-03 */
	if (a->type == SCIM__TYPE_COMPLEX)
		a->uniqueness = SCIM__UNIQUE_NONE;
	return rc;
}

static scim_status
check_combination(const struct scim__reading *r, const scim__attribute *a)
{
	if (a->parent != NULL && a->type == SCIM__TYPE_COMPLEX)
		return scim__read_fail(r, a->path, /* @spec 7643-2.3.8-02 */
		    "A complex attribute can't hold a complex one.");
	if (a->parent != NULL && scim__attribute_is_secret(a))
		return scim__read_fail(r, a->path,
		    "A sub-attribute can't be writeOnly or never returned; "
		    "make it an attribute of its own.");
	if (a->mutability == SCIM__READ_ONLY && scim__attribute_is_secret(a))
		return scim__read_fail(r, a->path,
		    "An attribute that is readOnly and never returned has no "
		    "use; change one of them.");
	return SCIM_OK;
}

static scim_status read_list(const struct scim__reading *r,
    const scim__value *definitions, scim_str prefix,
    const scim__attribute *parent, const scim__attribute **out,
    size_t *out_count);

static scim_status
read_sub_attributes(const struct scim__reading *r,
    const scim__value *definition, scim__attribute *a)
{
	const scim__value *list =
	    scim__object_find_nocase(definition, SCIM_STR("subAttributes"));
	bool none = list == NULL || list->kind == SCIM__NULL ||
	    (list->kind == SCIM__ARRAY && list->count == 0);

	if (a->type != SCIM__TYPE_COMPLEX)
		return none ? SCIM_OK
			    : scim__read_fail(r, a->path,
				  "Only a complex attribute has "
				  "\"subAttributes\".");
	if (none)
		return scim__read_fail(
		    r, a->path, "A complex attribute needs \"subAttributes\".");
	scim_str prefix =
	    scim__str_format(r->arena, "%.*s.", (int)a->path.len, a->path.ptr);
	if (prefix.ptr == NULL)
		return scim__fail_memory(r->err);
	return read_list(r, list, prefix, a, &a->sub, &a->sub_count);
}

static scim_status
read_one(const struct scim__reading *r, const scim__value *definition,
    scim_str prefix, scim__attribute *a)
{
	if (definition->kind != SCIM__OBJECT)
		return scim__read_fail(
		    r, prefix, "An attribute must be an object.");
	scim_status rc = read_name(r, definition, prefix, a);
	if (rc == SCIM_OK)
		rc = read_characteristics(r, definition, a);
	if (rc == SCIM_OK)
		rc = check_combination(r, a);
	if (rc == SCIM_OK)
		rc = read_sub_attributes(r, definition, a);
	if (rc == SCIM_OK)
		rc = scim__read_marks(r, definition, a);
	return rc;
}

static scim_status
read_list(const struct scim__reading *r, const scim__value *definitions,
    scim_str prefix, const scim__attribute *parent, const scim__attribute **out,
    size_t *out_count)
{
	if (definitions == NULL || definitions->kind != SCIM__ARRAY)
		return scim__read_fail(
		    r, prefix, "The attributes must be an array.");
	scim__attribute *attributes = scim__arena_array(
	    r->arena, definitions->count, sizeof(*attributes));
	if (attributes == NULL)
		return scim__fail_memory(r->err);
	for (uint32_t i = 0; i < definitions->count; i++) {
		scim__attribute *a = &attributes[i];

		a->parent = parent;
		scim_status rc =
		    read_one(r, &definitions->array.items[i], prefix, a);
		if (rc != SCIM_OK)
			return rc;
		if (scim__attribute_find(attributes, i, a->name) != NULL)
			return scim__read_fail(
			    r, a->path, "The attribute is defined twice.");
	}
	*out = attributes;
	*out_count = definitions->count;
	return SCIM_OK;
}

scim_status
scim__read_attributes(const struct scim__reading *r,
    const scim__value *definitions, scim_str prefix,
    const scim__attribute **out, size_t *out_count)
{
	return read_list(r, definitions, prefix, NULL, out, out_count);
}
