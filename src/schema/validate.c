/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole resource: from what a client sends to what will be stored.
 *
 * The members are sorted under the attributes they name (keys.c), then each
 * attribute of the schemas is asked in turn what was sent for it, so nothing
 * that no schema knows can be stored, and what is required is noticed when
 * nothing came.  The result has three parts that are never mixed: the
 * content, the secret, and the relation, whose elements are rows.
 */
#include "schema/validate.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/check.h"

struct validating {
	struct scim__checking checking;
	const scim__state *current;
	bool hashed;
	struct scim__validation result;
};

/* What has come out of one section. */
struct parts {
	const scim__value *current_content, *current_secret;
	scim__value content, secret;
	bool has_relation;
};

/* @spec 7644-3.3-15, 7643-3.3-01, 7643-3-06 */
static scim_status
check_schemas(struct validating *v, const scim__resource_type *type,
    const scim__value *schemas)
{
	struct scim__checking *ck = &v->checking;
	bool own = false, legacy = false;

	if (schemas != NULL && schemas->kind == SCIM__NULL)
		schemas = NULL;
	if (schemas != NULL && schemas->kind != SCIM__ARRAY)
		return scim__fail_type(ck->err, SCIM_ERR_INVALID,
		    "invalidValue", "schemas must be an array of URIs.");
	for (uint32_t i = 0; schemas != NULL && i < schemas->count; i++) {
		const scim__value *item = &schemas->array.items[i];

		if (item->kind != SCIM__STRING)
			return scim__fail_type(ck->err, SCIM_ERR_INVALID,
			    "invalidValue",
			    "schemas must be an array of URIs.");
		if (scim__str_equal_nocase(item->string, type->schema->id)) {
			own = true;
			continue;
		}
		bool known = false;
		for (size_t k = 0; k < type->extension_count; k++)
			known |= scim__str_equal_nocase(
			    item->string, type->extensions[k].schema->id);
		if (!known)
			ck->quirks |= SCIM__QUIRK_UNKNOWN_SCHEMA;
		legacy |= scim__str_starts_with(
		    item->string, SCIM_STR("urn:scim:schemas:"));
	}
	if (own)
		return SCIM_OK;
	if (!legacy || (ck->leniency & SCIM__LENIENT_LEGACY_SCHEMAS) == 0)
		return scim__fail_type(ck->err, SCIM_ERR_INVALID,
		    "invalidValue", "schemas is required and must name %.*s.",
		    (int)type->schema->id.len, type->schema->id.ptr);
	ck->quirks |= SCIM__QUIRK_LEGACY_SCHEMAS;
	return SCIM_OK;
}

static scim_status
note_to_hash(struct validating *v, scim__value *value)
{
	struct scim__validation *result = &v->result;
	scim__value **more = scim__arena_array(
	    v->checking.arena, result->to_hash_count + 1, sizeof(*more));

	if (more == NULL)
		return scim__fail_memory(v->checking.err);
	if (result->to_hash_count > 0)
		memcpy(more, result->to_hash,
		    result->to_hash_count * sizeof(*more));
	more[result->to_hash_count++] = value;
	result->to_hash = more;
	return SCIM_OK;
}

static scim_status
take_relation(struct validating *v, const scim__attribute *a,
    const scim__value *given, struct parts *parts)
{
	struct scim__validation *result = &v->result;

	parts->has_relation = true;
	if (given != NULL) {
		scim_status rc = scim__check_relation(
		    &v->checking, a, given, &result->relation);

		if (rc != SCIM_OK)
			return rc;
		result->relation_given = true;
	}
	if (a->required && result->relation.count == 0 &&
	    (given != NULL || v->current == NULL))
		return scim__check_fail(
		    &v->checking, a, "is required: send it with a value.");
	return SCIM_OK;
}

/* Templates of some providers send "" for what they don't set, and nobody's
 * password shall become the empty one. */
static bool
is_empty_password(const scim__attribute *a, const scim__value *given)
{
	return a->hashed && given != NULL && given->kind == SCIM__STRING &&
	    given->string.len == 0;
}

static scim_status
take_value(struct validating *v, const scim__attribute *a, scim__value *given,
    scim__value *out)
{
	scim_status rc = scim__check_value(&v->checking, a, given, out);

	if (rc == SCIM_OK && a->hashed && !v->hashed &&
	    out->kind == SCIM__STRING)
		rc = note_to_hash(v, given);
	return rc;
}

static scim_status
take_attribute(struct validating *v, const scim__attribute *a,
    scim__value *given, struct parts *parts)
{
	struct scim__checking *ck = &v->checking;
	bool secret = scim__attribute_is_secret(a);
	const scim__value *current =
	    secret ? parts->current_secret : parts->current_content;
	scim__value value = { .kind = SCIM__NULL };
	scim_status rc = SCIM_OK;

	if (is_empty_password(a, given))
		given = NULL;
	if (given != NULL)
		rc = take_value(v, a, given, &value);
	if (rc == SCIM_OK && v->current != NULL)
		rc = scim__check_keep(
		    ck, a, given, scim__object_find(current, a->name), &value);
	if (rc != SCIM_OK || value.kind == SCIM__NULL)
		return rc;
	if (!scim__object_add(ck->arena,
		secret ? &parts->secret : &parts->content, a->name, value))
		return scim__fail_memory(ck->err);
	return SCIM_OK;
}

/* @spec 7644-3.3-12, 7644-3.5.1-08, 7643-6-09, 7643-6-10 */
static scim_status
check_required(struct validating *v, const struct scim__section *section,
    const struct parts *parts)
{
	if (!section->required && parts->content.count == 0 &&
	    parts->secret.count == 0)
		return SCIM_OK;
	for (size_t i = 0; i < section->count; i++) {
		const scim__attribute *a = &section->attributes[i];

		if (!a->required || a->mutability == SCIM__READ_ONLY ||
		    a->relation ||
		    scim__object_find(&parts->content, a->name) != NULL ||
		    scim__object_find(&parts->secret, a->name) != NULL)
			continue;
		return scim__check_fail(
		    &v->checking, a, "is required: send it with a value.");
	}
	return SCIM_OK;
}

static scim_status
take_section(struct validating *v, const struct scim__section *section,
    struct parts *parts)
{
	scim__value unassigned = { .kind = SCIM__NULL };

	for (size_t i = 0; i < section->count; i++) {
		const scim__attribute *a = &section->attributes[i];
		scim__value *given = section->given[i];

		/* @spec 7644-3.3-02, 7644-3.5.1-07, 7643-7-13 */
		if (a->mutability == SCIM__READ_ONLY)
			continue;
		if (given == NULL && section->cleared)
			given = &unassigned;
		scim_status rc = a->relation
		    ? take_relation(v, a, given, parts)
		    : take_attribute(v, a, given, parts);
		if (rc != SCIM_OK)
			return rc;
	}
	return check_required(v, section, parts);
}

static scim_status
take_top(struct validating *v, const struct scim__sections *sections)
{
	struct parts parts = { .content = v->result.state.content,
		.secret = v->result.state.secret };

	if (v->current != NULL) {
		parts.current_content = &v->current->content;
		parts.current_secret = &v->current->secret;
	}
	for (size_t i = 0; i < 2; i++) {
		scim_status rc = take_section(v, &sections->items[i], &parts);

		if (rc != SCIM_OK)
			return rc;
	}
	v->result.state.content = parts.content;
	v->result.state.secret = parts.secret;
	return SCIM_OK;
}

/* @spec 7643-3-08, 7643-3.3-02, 7643-3.3-04 */
static scim_status
take_extension(struct validating *v, const struct scim__section *section,
    scim__value *schemas)
{
	scim_arena *arena = v->checking.arena;
	scim__state *state = &v->result.state;
	struct parts parts = { .content = scim__value_object(),
		.secret = scim__value_object() };

	if (v->current != NULL) {
		parts.current_content =
		    scim__object_find(&v->current->content, section->urn);
		parts.current_secret =
		    scim__object_find(&v->current->secret, section->urn);
	}
	scim_status rc = take_section(v, section, &parts);
	if (rc != SCIM_OK)
		return rc;
	if (section->required && parts.content.count == 0 &&
	    parts.secret.count == 0 && !parts.has_relation)
		return scim__fail_type(v->checking.err, SCIM_ERR_INVALID,
		    "invalidValue",
		    "%.*s is required: send it with its attributes.",
		    (int)section->urn.len, section->urn.ptr);
	bool fits = true;
	if (parts.content.count > 0)
		fits = scim__object_add(
		    arena, &state->content, section->urn, parts.content);
	if (fits && parts.secret.count > 0)
		fits = scim__object_add(
		    arena, &state->secret, section->urn, parts.secret);
	/* Whether rows come and go must not change the content. */
	if (fits && (parts.content.count > 0 || parts.has_relation))
		fits = scim__array_add(
		    arena, schemas, scim__value_string(section->urn));
	return fits ? SCIM_OK : scim__fail_memory(v->checking.err);
}

static scim_status
take_all(struct validating *v, const scim__resource_type *type,
    const struct scim__sections *sections)
{
	scim_arena *arena = v->checking.arena;
	scim__state *state = &v->result.state;
	scim__value schemas = scim__value_array();

	if (!scim__array_add(
		arena, &schemas, scim__value_string(type->schema->id)) ||
	    !scim__object_add(
		arena, &state->content, SCIM_STR("schemas"), schemas))
		return scim__fail_memory(v->checking.err);
	scim_status rc = take_top(v, sections);
	for (size_t i = 2; rc == SCIM_OK && i < sections->count; i++)
		rc = take_extension(v, &sections->items[i], &schemas);
	if (rc != SCIM_OK)
		return rc;
	state->content.object.members[0].value = schemas;
	return SCIM_OK;
}

scim_status
scim__validate(scim_arena *arena, const scim_registry *registry,
    const scim__resource_type *type, scim__value *request,
    const scim__state *current, const struct scim__validation_options *options,
    struct scim__validation *out, scim_error *err)
{
	struct scim__sections sections;
	struct validating v = {
		.checking = { .arena = arena,
		    .leniency = options->leniency,
		    .index = SIZE_MAX,
		    .blamed = options->blamed,
		    .err = err },
		.current = current,
		.hashed = options->hashed,
		.result = { .state = { scim__value_object(),
				scim__value_object() },
		    .relation = scim__value_array() },
	};
	scim_status rc =
	    scim__check_keys(&v.checking, registry, type, request, &sections);

	if (rc == SCIM_OK)
		rc = check_schemas(&v, type, sections.schemas);
	if (rc == SCIM_OK)
		rc = take_all(&v, type, &sections);
	if (rc != SCIM_OK)
		return rc;
	v.result.quirks = v.checking.quirks;
	*out = v.result;
	return SCIM_OK;
}
