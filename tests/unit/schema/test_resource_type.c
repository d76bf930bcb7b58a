/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

#define RELATION(name)                                                 \
	"{\"name\":\"" name "\",\"type\":\"complex\",\"multiValued\":" \
	"true,\"subAttributes\":[{\"name\":\"value\"}],"               \
	"\"x-scimd-relation\":{\"types\":[\"Thing\"]}}"
#define EXTRA                                                           \
	"{\"id\":\"urn:x:Extra\",\"attributes\":[{\"name\":\"serial\"," \
	"\"uniqueness\":\"server\",\"returned\":\"request\","           \
	"\"x-scimd-indexed\":true}]}"
#define EXTENDED                                              \
	",\"schemaExtensions\":[{\"schema\":\"URN:X:extra\"," \
	"\"required\":true}]"

/* @spec 7643-3.2-01 */
static void
a_type_collects_what_its_schemas_mark(void **state)
{
	const char *texts[] = { THING_SCHEMA(RELATION(
				    "parts") ",{\"name\":\"pin\","
					     "\"mutability\":\"writeOnly\","
					     "\"uniqueness\":\"server\"}"),
		THING_TYPE(EXTENDED), EXTRA, NULL };
	scim_registry *registry = NULL;

	assert_int_equal(load_texts(texts, &registry, NULL), SCIM_OK);
	const scim__resource_type *thing =
	    scim__registry_type(registry, SCIM_STR("thing"));

	assert_str(thing->endpoint, "/Things");
	assert_str(thing->relation->path, "parts");
	assert_int_equal(thing->extension_count, 1);
	assert_true(thing->extensions[0].required);
	assert_true(thing->has_request_only);
	assert_int_equal(thing->derived_count, 0);
	assert_int_equal(thing->unique_count, 1);
	assert_str(thing->unique[0]->path, "urn:x:Extra:serial");
	assert_int_equal(thing->indexed_count, 3);
	assert_str(thing->indexed[0]->path, "externalId");
	assert_str(thing->indexed[1]->path, "meta.lastModified");
	assert_str(thing->indexed[2]->path, "urn:x:Extra:serial");
	scim_registry_unref(registry);
}

static void
bad_types_are_refused(void **state)
{
#define TYPE(members) \
	"{\"schemas\":[\"" TYPE_URN "\"],\"id\":\"T\"," members "}"
#define PLAIN THING_SCHEMA("{\"name\":\"a\"}")
	static const struct {
		const char *schema, *type, *detail;
	} cases[] = {
		{ PLAIN, TYPE("\"endpoint\":\"/T\""),
		    "2.json: T: A resource type needs a \"name\"." },
		{ PLAIN, TYPE("\"name\":\"T\",\"endpoint\":\"T\""),
		    "2.json: T: endpoint: The endpoint must be \"/\" and one "
		    "path segment of letters, digits, \"-\", \"_\" and "
		    "\".\"." },
		{ PLAIN, TYPE("\"name\":\"T\",\"endpoint\":\"/a/b\""),
		    "2.json: T: endpoint: The endpoint must be \"/\" and one "
		    "path segment of letters, digits, \"-\", \"_\" and "
		    "\".\"." },
		{ PLAIN, TYPE("\"name\":\"T\",\"endpoint\":\"/.versions\""),
		    "2.json: T: endpoint: The endpoint must be \"/\" and one "
		    "path segment of letters, digits, \"-\", \"_\" and "
		    "\".\"." },
		{ PLAIN, TYPE("\"name\":\"T\",\"endpoint\":\"/schemas\""),
		    "2.json: T: endpoint: The endpoint belongs to SCIM "
		    "itself; take another." },
		{ PLAIN,
		    TYPE("\"name\":\"T\",\"endpoint\":\"/T\",\"schema\":"
			 "\"urn:none\""),
		    "2.json: T: schema: There is no schema \"urn:none\" with "
		    "attributes; give its document too." },
		{ PLAIN, TYPE("\"name\":\"T\",\"endpoint\":\"/T\""),
		    "2.json: T: schema: There is no schema \"\" with "
		    "attributes; give its document too." },
		{ PLAIN, THING_TYPE(",\"schemaExtensions\":{}"),
		    "2.json: Thing: schemaExtensions: The extensions must be "
		    "an array." },
		{ PLAIN, THING_TYPE(",\"schemaExtensions\":[{}]"),
		    "2.json: Thing: schemaExtensions: \"schema\" is "
		    "missing." },
		{ PLAIN,
		    THING_TYPE(",\"schemaExtensions\":[{\"schema\":"
			       "\"urn:none\"}]"),
		    "2.json: Thing: schemaExtensions: There is no schema "
		    "\"urn:none\" with attributes; give its document too." },
		{ PLAIN,
		    THING_TYPE(
			",\"schemaExtensions\":[{\"schema\":\"" ENTERPRISE_URN
			"\"},{\"schema\":\"" ENTERPRISE_URN "\"}]"),
		    "2.json: Thing: schemaExtensions: A schema is named "
		    "twice; name it once." },
		{ THING_SCHEMA(RELATION("a") "," RELATION("b")), THING_TYPE(""),
		    "2.json: Thing: b: The resource type has a relation "
		    "already, and may have but one." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\","
			       "\"multiValued\":true,\"subAttributes\":"
			       "[{\"name\":\"value\"}],\"x-scimd-relation\":"
			       "{\"types\":[\"Nobody\"]}}"),
		    THING_TYPE(""),
		    "a: x-scimd-relation names \"Nobody\", which is no "
		    "resource type." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\","
			       "\"multiValued\":true,\"mutability\":"
			       "\"readOnly\",\"subAttributes\":[{\"name\":"
			       "\"value\"}],\"x-scimd-derived\":{\"from\":"
			       "\"relation\",\"resourceType\":\"User\","
			       "\"attribute\":\"members\"}}"),
		    THING_TYPE(""),
		    "a: x-scimd-derived names a relation that does not "
		    "exist; name a resource type and its relation." },
		{ PLAIN,
		    TYPE("\"name\":\"T\",\"endpoint\":\"/users\",\"schema\":"
			 "\"urn:x:Thing\""),
		    "T: Another resource type has its name or endpoint "
		    "\"/users\"." },
		{ PLAIN,
		    TYPE("\"name\":\"user\",\"endpoint\":\"/T\",\"schema\":"
			 "\"urn:x:Thing\""),
		    "user: Another resource type has its name or endpoint "
		    "\"/T\"." },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const char *texts[] = { cases[i].schema, cases[i].type, NULL };

		assert_refused(texts, cases[i].detail);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_collects_what_its_schemas_mark),
		cmocka_unit_test(bad_types_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
