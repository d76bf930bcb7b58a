/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SCHEMA_VALIDATING_H
#define TESTS_UNIT_SCHEMA_VALIDATING_H

/*
 * Validations as rows of a table: what a client sends, and what comes of it
 * as text.  The registry holds the shipped types and Thing, which has one
 * attribute of everything.
 */

#include "definitions.h"

#include "base/arena.h"
#include "base/buf.h"
#include "schema/validate.h"
#include "json/json.h"

#define LENIENT                                                      \
	(SCIM__LENIENT_LEGACY_SCHEMAS | SCIM__LENIENT_SINGLE_VALUE | \
	    SCIM__LENIENT_BARE_MEMBER | SCIM__LENIENT_MANAGER)

#define USER_IS "{\"schemas\":[\"" USER_URN "\"],"
#define GROUP_IS "{\"schemas\":[\"" GROUP_URN "\"],"
#define THING_IS "{\"schemas\":[\"urn:x:Thing\"],"
#define EXTRA_IS "{\"schemas\":[\"urn:x:Thing\",\"urn:x:Extra\"],"
#define ENTERPRISE_IS "{\"schemas\":[\"" USER_URN "\",\"" ENTERPRISE_URN "\"],"

static scim_registry *registry;

static inline int
set_up(void **state)
{
	static const char thing[] = THING_SCHEMA(
	    "{\"name\":\"s\"},"
	    "{\"name\":\"b\",\"type\":\"boolean\"},"
	    "{\"name\":\"d\",\"type\":\"decimal\"},"
	    "{\"name\":\"i\",\"type\":\"integer\"},"
	    "{\"name\":\"t\",\"type\":\"dateTime\"},"
	    "{\"name\":\"x\",\"type\":\"binary\"},"
	    "{\"name\":\"r\",\"type\":\"reference\"},"
	    "{\"name\":\"fixed\",\"mutability\":\"immutable\"},"
	    "{\"name\":\"fixedList\",\"mutability\":\"immutable\","
	    "\"multiValued\":true,\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"value\"},{\"name\":\"a\"}]},"
	    "{\"name\":\"hidden\",\"returned\":\"request\"},"
	    "{\"name\":\"pin\",\"returned\":\"never\"},"
	    "{\"name\":\"list\",\"multiValued\":true},"
	    "{\"name\":\"c\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"a\",\"mutability\":\"immutable\"},"
	    "{\"name\":\"h\",\"returned\":\"request\"},"
	    "{\"name\":\"p\"},{\"name\":\"ro\",\"mutability\":\"readOnly\"},"
	    "{\"name\":\"many\",\"type\":\"integer\",\"multiValued\":true}]},"
	    "{\"name\":\"spots\",\"type\":\"complex\",\"multiValued\":true,"
	    "\"x-scimd-atomic\":true,\"subAttributes\":["
	    "{\"name\":\"value\"}]},"
	    "{\"name\":\"open\",\"type\":\"complex\",\"multiValued\":true,"
	    "\"subAttributes\":[{\"name\":\"value\"},{\"name\":\"note\"},"
	    "{\"name\":\"h\",\"returned\":\"request\"}]},"
	    "{\"name\":\"known\",\"type\":\"complex\",\"multiValued\":true,"
	    "\"x-scimd-identity\":[\"Value\"],"
	    "\"subAttributes\":[{\"name\":\"value\"},{\"name\":\"note\"},"
	    "{\"name\":\"h\",\"returned\":\"request\"}]},"
	    "{\"name\":\"must\",\"type\":\"complex\",\"multiValued\":true,"
	    "\"subAttributes\":[{\"name\":\"value\",\"required\":true},"
	    "{\"name\":\"note\"},"
	    "{\"name\":\"primary\",\"type\":\"boolean\"}]}");
	static const char *const texts[] = { thing,
		THING_TYPE(
		    ",\"schemaExtensions\":[{\"schema\":\"urn:x:Extra\"}]"),
		"{\"id\":\"urn:x:Extra\",\"attributes\":["
		"{\"name\":\"code\",\"required\":true},"
		"{\"name\":\"key\",\"mutability\":\"writeOnly\"},"
		"{\"name\":\"hidden\",\"returned\":\"request\"},"
		"{\"name\":\"name\",\"type\":\"complex\",\"subAttributes\":["
		"{\"name\":\"one\"}]}]}",
		NULL };
	scim_error err = { .status = SCIM_OK };

	if (load_texts(texts, &registry, &err) == SCIM_OK)
		return 0;
	print_error("%s\n", err.detail);
	return -1;
}

static inline int
tear_down(void **state)
{
	scim_registry_unref(registry);
	return 0;
}

static inline scim__value
json(scim_arena *arena, const char *text)
{
	scim__value value;

	if (text == NULL)
		return scim__value_object();
	assert_int_equal(
	    scim__json_parse_trusted(arena, scim__str(text), &value, NULL),
	    SCIM_OK);
	return value;
}

static inline scim_str
text_of(scim_arena *arena, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, value);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

struct row {
	const char *type, *request;
	const char *want; /* content, or the sentence of the refusal */
	unsigned quirks;
	unsigned leniency;
	const char *scim_type; /* NULL: accepted */
	const char *current;   /* NULL: a create */
	const char *current_secret;
	const char *secret;   /* NULL: not looked at */
	const char *relation; /* NULL: must not be given */
};

static inline void
assert_accepted(
    scim_arena *arena, const struct row *row, const struct scim__validation *v)
{
	assert_str(text_of(arena, &v->state.content), row->want);
	assert_int_equal(v->quirks, row->quirks);
	if (row->secret != NULL)
		assert_str(text_of(arena, &v->state.secret), row->secret);
	assert_int_equal(v->relation_given, row->relation != NULL);
	if (row->relation != NULL)
		assert_str(text_of(arena, &v->relation), row->relation);
}

static inline void
assert_row(const struct row *row)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__validation_options options = { .leniency = row->leniency };
	struct scim__validation v = { .quirks = POISON };
	scim_error err = { .status = SCIM_OK };
	scim__value request = json(arena, row->request);
	scim__value before = json(arena, row->request);
	scim__state current = { json(arena, row->current),
		json(arena, row->current_secret) };
	scim_status rc = scim__validate(arena, registry,
	    scim__registry_type(registry, scim__str(row->type)), &request,
	    row->current == NULL ? NULL : &current, &options, &v, &err);

	assert_true(scim__value_equal(&request, &before));
	if (row->scim_type == NULL) {
		if (rc != SCIM_OK)
			print_error("%s\n%s\n", row->request, err.detail);
		assert_int_equal(rc, SCIM_OK);
		assert_accepted(arena, row, &v);
		return;
	}
	if (rc != SCIM_ERR_INVALID)
		print_error("accepted: %s\n", row->request);
	assert_int_equal(rc, SCIM_ERR_INVALID);
	assert_string_equal(err.detail, row->want);
	assert_string_equal(err.scim_type, row->scim_type);
	assert_int_equal(v.quirks, POISON);
}

#define assert_rows(rows)                                           \
	do {                                                        \
		for (size_t i_ = 0; i_ < scim__countof(rows); i_++) \
			assert_row(&(rows)[i_]);                    \
	} while (0)

#endif
