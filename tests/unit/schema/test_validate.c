/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

/* @spec 7644-3.3-15, 7643-3-02, 7643-3-04, 7643-3.3-01, 7643-3-06 */
static void
schemas_must_name_the_type(void **state)
{
#define LEGACY SCIM__QUIRK_LEGACY_SCHEMAS
#define UNKNOWN SCIM__QUIRK_UNKNOWN_SCHEMA
#define U USER_IS "\"userName\":\"u\"}"
#define SENT(schemas) "{\"schemas\":" schemas ",\"userName\":\"u\"}"
#define OLD "[\"urn:scim:schemas:core:1.0\"]"
#define MISSING "schemas is required and must name " USER_URN "."
	static const struct row rows[] = {
		{ .type = "User", .request = U, .want = U },
		{ .type = "User",
		    .request = SENT("[\"" ENTERPRISE_URN
				    "\",\"URN:IETF:params:scim:schemas:core:"
				    "2.0:user\"]"),
		    .want = U },
		{ .type = "User",
		    .request = SENT("[\"urn:scim:schemas:core:1.0\",\"" USER_URN
				    "\",\"" USER_URN "\"]"),
		    .want = U,
		    .quirks = UNKNOWN },
		{ .type = "User",
		    .request = SENT(OLD),
		    .want = U,
		    .leniency = SCIM__LENIENT_LEGACY_SCHEMAS,
		    .quirks = LEGACY | UNKNOWN },
		{ .type = "User",
		    .request = "{\"userName\":\"u\"}",
		    .want = MISSING,
		    .leniency = SCIM__LENIENT_LEGACY_SCHEMAS,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT("null"),
		    .want = MISSING,
		    .leniency = SCIM__LENIENT_LEGACY_SCHEMAS,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT("[\"urn:of:somebody\"]"),
		    .want = MISSING,
		    .leniency = SCIM__LENIENT_LEGACY_SCHEMAS,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT(OLD),
		    .want = MISSING,
		    .leniency = LENIENT & ~SCIM__LENIENT_LEGACY_SCHEMAS,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = "{\"userName\":\"u\"}",
		    .want = MISSING,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT("[]"),
		    .want = MISSING,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT("[\"" GROUP_URN "\"]"),
		    .want = MISSING,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT("\"" USER_URN "\""),
		    .want = "schemas must be an array of URIs.",
		    .leniency = LENIENT,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = SENT("[7]"),
		    .want = "schemas must be an array of URIs.",
		    .leniency = LENIENT,
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

/* @spec 7644-3.3-12, 7644-3.5.1-08, 7643-4.1.1-03, 7643-4.2-02, 7643-6-10 */
static void
what_is_required_must_be_there(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER_IS "\"title\":\"t\"}",
		    .want = "userName is required: send it with a value.",
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = USER_IS "\"userName\":null}",
		    .want = "userName is required: send it with a value.",
		    .current = USER_IS "\"userName\":\"u\"}",
		    .scim_type = "invalidValue" },
		{ .type = "Group",
		    .request = GROUP_IS "\"members\":[]}",
		    .want = "displayName is required: send it with a value.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":{\"hidden\":\"h\"}}",
		    .want = "urn:x:Extra:code is required: send it with a "
			    "value.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":{\"key\":\"h\"}}",
		    .want = "urn:x:Extra:code is required: send it with a "
			    "value.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":{}}",
		    .want = "{\"schemas\":[\"urn:x:Thing\"]}" },
	};

	assert_rows(rows);
}

/* @spec 7643-6-09 */
static void
a_required_extension_must_be_there(void **state)
{
	const char *texts[] = { THING_SCHEMA("{\"name\":\"a\"}"),
		THING_TYPE(",\"schemaExtensions\":[{\"schema\":"
			   "\"urn:x:Extra\",\"required\":true}]"),
		"{\"id\":\"urn:x:Extra\",\"attributes\":[{\"name\":\"b\"}]}",
		NULL };
	static const struct row rows[] = {
		{ .type = "Thing",
		    .request = THING_IS "\"a\":\"1\"}",
		    .want = "urn:x:Extra is required: send it with its "
			    "attributes.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":{\"b\":\"1\"}}",
		    .want = EXTRA_IS "\"urn:x:Extra\":{\"b\":\"1\"}}" },
	};
	scim_registry *shared = registry;

	assert_int_equal(load_texts(texts, &registry, NULL), SCIM_OK);
	assert_rows(rows);
	scim_registry_unref(registry);
	registry = shared;
}

/* @spec 7643-3.3-02, 7643-3.3-03, 7643-3.3-04, 7644-3.5.1-13 */
static void
schemas_list_the_extensions_that_have_data(void **state)
{
	static const struct row rows[] = {
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":{\"code\":\"1\"},"
					"\"s\":\"1\"}",
		    .want = EXTRA_IS "\"s\":\"1\",\"urn:x:Extra\":"
				     "{\"code\":\"1\"}}",
		    .secret = "{}" },
		{ .type = "User",
		    .request = ENTERPRISE_IS "\"userName\":\"u\"}",
		    .want = USER_IS "\"userName\":\"u\"}" },
		{ .type = "User",
		    .request = USER_IS "\"userName\":\"u\"}",
		    .want = USER_IS "\"userName\":\"u\"}",
		    .current =
			ENTERPRISE_IS "\"userName\":\"u\",\"" ENTERPRISE_URN
				      "\":{\"division\":\"d\"}}" },
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":{\"code\":\"1\","
					"\"key\":\"k\"},\"pin\":\"p\"}",
		    .want = EXTRA_IS "\"urn:x:Extra\":{\"code\":\"1\"}}",
		    .secret = "{\"pin\":\"p\",\"urn:x:Extra\":"
			      "{\"key\":\"k\"}}" },
	};

	assert_rows(rows);
}

/* What a validation of this user says, `hashed` or not. */
static struct scim__validation
validate_user(scim_arena *arena, scim__value *request, bool hashed)
{
	const struct scim__validation_options options = { .hashed = hashed };
	struct scim__validation v;

	assert_int_equal(scim__validate(arena, registry,
			     scim__registry_type(registry, SCIM_STR("User")),
			     request, NULL, &options, &v, NULL),
	    SCIM_OK);
	return v;
}

/* @spec 7643-4.1.1-18, 7643-7-16 */
static void
passwords_are_hashed_in_between(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__value request = json(
	    arena, USER_IS "\"PassWord\":\"t1meMa$heen\",\"userName\":\"u\"}");
	struct scim__validation v = validate_user(arena, &request, false);

	assert_int_equal(v.to_hash_count, 1);
	assert_ptr_equal(
	    v.to_hash[0], scim__object_find(&request, SCIM_STR("PassWord")));
	*v.to_hash[0] = scim__value_string(SCIM_STR("$argon2id$…"));
	v = validate_user(arena, &request, true);

	assert_int_equal(v.to_hash_count, 0);
	assert_str(
	    text_of(arena, &v.state.secret), "{\"password\":\"$argon2id$…\"}");
	assert_str(
	    text_of(arena, &v.state.content), USER_IS "\"userName\":\"u\"}");
}

static void
an_empty_password_is_none(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER_IS "\"userName\":\"u\",\"password\":\"\"}",
		    .want = USER_IS "\"userName\":\"u\"}",
		    .secret = "{}" },
		{ .type = "User",
		    .request = USER_IS "\"userName\":\"u\",\"password\":\"\"}",
		    .want = USER_IS "\"userName\":\"u\"}",
		    .current = USER_IS "\"userName\":\"u\"}",
		    .current_secret = "{\"password\":\"$h\"}",
		    .secret = "{\"password\":\"$h\"}" },
		{ .type = "User",
		    .request = USER_IS "\"userName\":\"u\",\"password\":null}",
		    .want = USER_IS "\"userName\":\"u\"}",
		    .current = USER_IS "\"userName\":\"u\"}",
		    .current_secret = "{\"password\":\"$h\"}",
		    .secret = "{}" },
	};

	assert_rows(rows);
}

#define BIG_USER                                                               \
	ENTERPRISE_IS                                                          \
	"\"externalId\":\"701984\",\"userName\":\"bjensen@example.com\","      \
	"\"name.givenName\":\"Barbara\",\"name\":{\"familyName\":\"Jensen\"}," \
	"\"emails\":[{\"value\":\"a@x\",\"primary\":true},{\"value\":\"b\"}]," \
	"\"password\":\"secret\",\"" ENTERPRISE_URN                            \
	"\":{\"manager\":\"m\",\"division\":\"d\"}}"

static scim_status
validate_into(scim_arena *arena, void *context)
{
	const struct scim__validation_options options = { .leniency = LENIENT };
	struct scim__validation v;
	scim__value request;
	scim__state current = { scim__value_object(), scim__value_object() };
	scim_status rc =
	    scim__json_parse_trusted(arena, SCIM_STR(BIG_USER), &request, NULL);

	if (rc != SCIM_OK)
		return rc;
	return scim__validate(arena, registry,
	    scim__registry_type(registry, SCIM_STR("User")), &request, &current,
	    &options, &v, NULL);
}

static scim_status
validate_group_into(scim_arena *arena, void *context)
{
	const struct scim__validation_options options = { .leniency = LENIENT };
	struct scim__validation v;
	scim__value request;
	scim_status rc = scim__json_parse_trusted(arena,
	    SCIM_STR(GROUP_IS "\"displayName\":\"g\",\"members\":[\"a\","
			      "{\"value\":\"a\"},{\"value\":\"b\"}]}"),
	    &request, NULL);

	if (rc != SCIM_OK)
		return rc;
	return scim__validate(arena, registry,
	    scim__registry_type(registry, SCIM_STR("Group")), &request, NULL,
	    &options, &v, NULL);
}

static scim_status
replace_list_into(scim_arena *arena, void *context)
{
	const struct scim__validation_options options = { .leniency = 0 };
	struct scim__validation v;
	scim__value request;
	scim_status rc = scim__json_parse_trusted(arena,
	    SCIM_STR(THING_IS "\"fixedList\":[{\"value\":\"a\"},"
			      "{\"value\":\"b\"}]}"),
	    &request, NULL);

	if (rc != SCIM_OK)
		return rc;
	scim__state current = { request, scim__value_object() };
	return scim__validate(arena, registry,
	    scim__registry_type(registry, SCIM_STR("Thing")), &request,
	    &current, &options, &v, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(validate_into, NULL) > 20);
	assert_true(test_fail_each_allocation(validate_group_into, NULL) > 10);
	assert_true(test_fail_each_allocation(replace_list_into, NULL) > 10);
}

static void
a_refusal_says_which_attribute_it_is_about(void **state)
{
	static const struct {
		const char *request, *blamed; /* NULL: none */
	} cases[] = {
		{ USER_IS "\"userName\":7}", "userName" },
		{ USER_IS "\"title\":\"t\"}", "userName" },
		{ USER_IS "\"userName\":\"u\",\"emails\":"
			  "[{\"value\":\"a\"},{\"value\":1}]}",
		    "emails.value" },
		{ "{\"userName\":\"u\"}", NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const scim__attribute *blamed = NULL;
		const struct scim__validation_options options = { .blamed =
								      &blamed };
		struct scim__validation validation;
		scim__value request;

		assert_int_equal(
		    scim__json_parse_trusted(
			arena, scim__str(cases[i].request), &request, NULL),
		    SCIM_OK);
		assert_int_equal(
		    scim__validate(arena, registry,
			scim__registry_type(registry, SCIM_STR("User")),
			&request, NULL, &options, &validation, NULL),
		    SCIM_ERR_INVALID);
		if (cases[i].blamed == NULL)
			assert_null(blamed);
		else
			assert_str(blamed->path, cases[i].blamed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemas_must_name_the_type),
		cmocka_unit_test(what_is_required_must_be_there),
		cmocka_unit_test(a_required_extension_must_be_there),
		cmocka_unit_test(schemas_list_the_extensions_that_have_data),
		cmocka_unit_test(passwords_are_hashed_in_between),
		cmocka_unit_test(an_empty_password_is_none),
		cmocka_unit_test(a_refusal_says_which_attribute_it_is_about),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
