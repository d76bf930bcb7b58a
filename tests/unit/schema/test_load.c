/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

#include "base/arena.h"
#include "base/buf.h"
#include "schema/read.h"
#include "json/json.h"

static void
a_later_document_replaces_an_earlier_one(void **state)
{
	const char *texts[] = { "{\"id\":\"URN:ietf:params:scim:schemas:core:"
				"2.0:group\",\"attributes\":[{\"name\":"
				"\"colour\"}]}",
		"{\"schemas\":[\"" TYPE_URN "\"],\"name\":\"User\","
		"\"endpoint\":\"/People\",\"schema\":\"" USER_URN "\"}",
		NULL };
	scim_registry *registry = NULL;
	scim_error err = { .status = SCIM_OK };

	/* User.groups is derived from what is gone. */
	const char *group_alone[] = { texts[0], NULL };
	assert_refused(group_alone,
	    "groups: x-scimd-derived names a relation that does not exist; "
	    "name a resource type and its relation.");

	texts[0] = texts[1];
	texts[1] = NULL;
	assert_int_equal(load_texts(texts, &registry, &err), SCIM_OK);
	assert_int_equal(scim__registry_type_count(registry), 2);
	assert_null(scim__registry_endpoint(registry, SCIM_STR("/Users")));
	assert_int_equal(scim__registry_endpoint(registry, SCIM_STR("/People"))
			     ->extension_count,
	    0);
	scim_registry_unref(registry);
}

static void
a_schema_does_not_replace_a_type(void **state)
{
	const char *texts[] = {
		"{\"id\":\"User\",\"attributes\":[{\"name\":\"a\"}]}", NULL
	};
	scim_registry *registry = NULL;

	assert_int_equal(load_texts(texts, &registry, NULL), SCIM_OK);
	assert_non_null(scim__registry_endpoint(registry, SCIM_STR("/Users")));
	assert_int_equal(scim__registry_schema_count(registry), 6);
	scim_registry_unref(registry);
}

static void
lists_of_documents_are_taken_apart(void **state)
{
	static const char *const lists[] = {
		"[" THING_TYPE("") "," THING_SCHEMA("{\"name\":\"a\"}") "]",
		"{\"totalResults\":2,\"Resources\":[" THING_SCHEMA(
		    "{\"name\":\"a\"}") "," THING_TYPE("") "]}",
	};

	for (size_t i = 0; i < scim__countof(lists); i++) {
		const char *texts[] = { lists[i], NULL };
		scim_registry *registry = NULL;

		assert_int_equal(load_texts(texts, &registry, NULL), SCIM_OK);
		assert_non_null(find_path(registry, "Thing", "a"));
		scim_registry_unref(registry);
	}
}

/* @spec 7643-3.1-03 */
static void
what_scimd_says_about_common_attributes_holds(void **state)
{
	scim_registry *registry = load_thing(
	    THING_SCHEMA("{\"name\":\"ID\",\"required\":true},"
			 "{\"name\":\"schemas\",\"multiValued\":true},"
			 "{\"name\":\"meta\"},{\"name\":\"a\"}"),
	    THING_TYPE(""));
	const scim__schema *schema =
	    scim__registry_schema(registry, SCIM_STR("urn:x:Thing"));

	assert_int_equal(schema->attribute_count, 1);
	assert_str(schema->attributes[0].name, "a");
	assert_int_equal(
	    find_path(registry, "Thing", "id")->mutability, SCIM__READ_ONLY);
	scim_registry_unref(registry);
}

static void
an_extension_may_have_names_of_its_own(void **state)
{
	const char *texts[] = { THING_SCHEMA("{\"name\":\"a\"}"),
		THING_TYPE(
		    ",\"schemaExtensions\":[{\"schema\":\"urn:x:Extra\"}]"),
		"{\"id\":\"urn:x:Extra\",\"attributes\":[{\"name\":\"id\"}]}",
		NULL };
	scim_registry *registry = NULL;

	assert_int_equal(load_texts(texts, &registry, NULL), SCIM_OK);
	assert_str(find_path(registry, "Thing", "urn:x:Extra:id")->path,
	    "urn:x:Extra:id");
	assert_str(find_path(registry, "Thing", "id")->path, "id");
	scim_registry_unref(registry);
}

static void
published_documents_show_no_marks(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = load_thing(
	    "{\"id\":\"urn:x:Thing\",\"meta\":{\"version\":\"1\"},"
	    "\"attributes\":[{\"name\":\"a\",\"x-scimd-indexed\":true,"
	    "\"description\":\"A.\"}]}",
	    THING_TYPE(",\"meta\":{\"location\":\"/\"},\"x-scimd-y\":1"));
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf,
	    &scim__registry_schema(registry, SCIM_STR("urn:x:Thing"))
		 ->document);
	assert_str(scim__buf_str(&buf),
	    "{\"id\":\"urn:x:Thing\",\"attributes\":[{\"name\":\"a\","
	    "\"description\":\"A.\"}],\"schemas\":[\"" SCHEMA_URN "\"]}");
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(
	    &buf, &scim__registry_type(registry, SCIM_STR("Thing"))->document);
	assert_str(scim__buf_str(&buf), THING_TYPE(""));

	for (size_t i = 0; i < scim__registry_schema_count(registry); i++) {
		scim__buf_init(&buf, arena, SIZE_MAX);
		scim__json_write(
		    &buf, &scim__registry_schema_at(registry, i)->document);
		scim__buf_add_char(&buf, '\0');
		assert_null(strstr(buf.ptr, "x-scimd"));
	}
	scim_registry_unref(registry);
}

static void
bad_documents_are_refused(void **state)
{
	static const struct {
		const char *one, *two, *detail;
	} cases[] = {
		{ "{\"id\":", NULL, NULL },
		{ "7", NULL,
		    "1.json: A schema or resource type must be an object." },
		{ "[[]]", NULL,
		    "1.json: A schema or resource type must be an object." },
		{ "{\"name\":\"x\"}", NULL,
		    "1.json: An \"id\" is missing: the URN of the schema, or "
		    "the name of the resource type." },
		{ "{\"id\":\"urn:x\"}", NULL,
		    "1.json: urn:x: A schema needs \"attributes\", an array; "
		    "a resource type needs the schema \"" TYPE_URN "\"." },
		{ THING_SCHEMA("{\"name\":\"a\"}"),
		    "[" THING_TYPE("") ",{\"schemas\":[\"" TYPE_URN
				       "\"],\"id\":\"B\",\"name\":\"B\","
				       "\"endpoint\":\"/B\","
				       "\"schema\":\"" GROUP_URN
				       "\",\"schemaExtensions\":"
				       "[{\"schema\":\"urn:x:Thing\"}]}]",
		    "1.json: urn:x:Thing: A schema can't be the schema of one "
		    "resource type and an extension of another." },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const char *texts[] = { cases[i].one, cases[i].two, NULL };
		scim_registry *registry = NULL;
		scim_error err = { .status = SCIM_OK };

		if (cases[i].detail != NULL) {
			assert_refused(texts, cases[i].detail);
			continue;
		}
		assert_int_equal(
		    load_texts(texts, &registry, &err), SCIM_ERR_INVALID);
		assert_memory_equal(err.detail, "1.json: ", 8);
	}
}

static scim_status
load_into(scim_arena *arena, void *context)
{
	scim_registry registry = { .arena = arena };

	return scim__registry_load(&registry, NULL, 0, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(load_into, NULL) > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_later_document_replaces_an_earlier_one),
		cmocka_unit_test(a_schema_does_not_replace_a_type),
		cmocka_unit_test(lists_of_documents_are_taken_apart),
		cmocka_unit_test(what_scimd_says_about_common_attributes_holds),
		cmocka_unit_test(an_extension_may_have_names_of_its_own),
		cmocka_unit_test(published_documents_show_no_marks),
		cmocka_unit_test(bad_documents_are_refused),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
