/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_PATCH_PATCHING_H
#define TESTS_UNIT_PATCH_PATCHING_H

/*
 * Patches of a document, from text to text: parsed, applied, validated as
 * the provider does.
 */

#include "base/arena.h"
#include "base/str.h"
#include "lib/test.h"
#include "patch/patch.h"
#include "json/json.h"

#define USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"
#define GROUP_URN "urn:ietf:params:scim:schemas:core:2.0:Group"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define OPS(ops)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]," \
	"\"Operations\":[" ops "]}"

/* `after` NULL: refused with `scim_type`. */
struct patch_row {
	const char *before, *ops, *after, *scim_type;
};

struct patching {
	scim_arena *arena;
	scim_registry *registry;
	struct scim__patch_rules rules;
	struct scim__patched patched;
	scim_error err;
};

static inline void
patching_open(struct patching *t, const char *type, unsigned leniency)
{
	*t = (struct patching){ .arena = scim_arena_new(NULL) };
	assert_non_null(t->arena);
	assert_int_equal(
	    SCIM_OK, scim_registry_new(NULL, 0, &t->registry, NULL));
	t->rules = (struct scim__patch_rules){
		.binding = { .arena = t->arena,
		    .registry = t->registry,
		    .type = scim__registry_type(t->registry, scim__str(type)) },
		.limits = { 4096, 100, 20 },
		.leniency = leniency,
	};
}

static inline void
patching_close(struct patching *t)
{
	scim_registry_unref(t->registry);
	scim_arena_free(t->arena);
}

static inline scim_status
patching_parse(struct patching *t, const char *text, scim__value *out)
{
	scim__json_limits limits = { 1 << 20, 50 };

	return scim__json_parse(
	    t->arena, scim__str(text), &limits, out, &t->err);
}

/* The document after the patch, without `schemas`. */
static inline scim_status
patching_run(struct patching *t, const struct patch_row *row, scim_str *out)
{
	struct scim__validation_options options = { .leniency =
							t->rules.leniency };
	scim__value message, document;
	scim__state current = { .secret = scim__value_object() };
	struct scim__validation validation;
	scim__patch patch;
	scim__buf buf;

	assert_int_equal(SCIM_OK, patching_parse(t, row->ops, &message));
	assert_int_equal(SCIM_OK, patching_parse(t, row->before, &document));
	assert_int_equal(
	    SCIM_OK, patching_parse(t, row->before, &current.content));
	scim__value urn = scim__value_string(t->rules.binding.type->schema->id);
	scim__value schemas = scim__value_array();
	assert_true(scim__array_add(t->arena, &schemas, urn));
	assert_true(scim__object_add(
	    t->arena, &document, SCIM_STR("schemas"), schemas));
	scim_status rc =
	    scim__patch_parse(&t->rules, &message, &patch, &t->err);
	if (rc == SCIM_OK)
		rc = scim__patch_apply(
		    &t->rules, &patch, &document, &t->patched, &t->err);
	if (rc == SCIM_OK)
		rc =
		    scim__validate(t->arena, t->registry, t->rules.binding.type,
			&document, &current, &options, &validation, &t->err);
	if (rc != SCIM_OK)
		return rc;
	scim__object_remove(&validation.state.content, SCIM_STR("schemas"));
	scim__buf_init(&buf, t->arena, SIZE_MAX);
	scim__json_write_canonical(&buf, &validation.state.content);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

static inline void
patching_check(struct patching *t, const struct patch_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		scim_str got = { "", 0 };

		t->err = (scim_error){ 0 };
		scim_status rc = patching_run(t, &rows[i], &got);
		if (rows[i].after != NULL && rc != SCIM_OK)
			fail_msg("%s\n%s", rows[i].ops, t->err.detail);
		if (rows[i].after == NULL && rc != SCIM_ERR_INVALID)
			fail_msg("%s\n%d %.*s", rows[i].ops, (int)rc,
			    (int)got.len, got.ptr);
		if (rows[i].after != NULL) {
			if (!scim__str_equal(got, scim__str(rows[i].after)))
				fail_msg("%s\n%.*s\n%s", rows[i].ops,
				    (int)got.len, got.ptr, rows[i].after);
		} else {
			assert_non_null(t->err.scim_type);
			if (strcmp(t->err.scim_type, rows[i].scim_type) != 0)
				fail_msg("%s\n%s: %s", rows[i].ops,
				    t->err.scim_type, t->err.detail);
		}
	}
}

#endif
