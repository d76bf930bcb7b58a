/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

static void
the_shipped_marks_are_read(void **state)
{
	scim_registry *registry = NULL;

	assert_int_equal(scim_registry_new(NULL, 0, &registry, NULL), SCIM_OK);
	const scim__attribute *members =
	    find_path(registry, "Group", "members");
	const scim__attribute *groups = find_path(registry, "User", "groups");
	const scim__attribute *name =
	    find_path(registry, "User", ENTERPRISE_URN ":manager.displayName");
	const scim__attribute *emails = find_path(registry, "User", "emails");

	assert_true(members->relation);
	assert_int_equal(members->reference_type_count, 2);
	assert_str(members->reference_types[0], "User");
	assert_int_equal(groups->derivation, SCIM__FROM_RELATION);
	assert_str(groups->derived_type, "Group");
	assert_str(groups->derived_attribute, "members");
	assert_int_equal(name->derivation, SCIM__FROM_REFERENCE);
	assert_str(name->derived_via, "value");
	assert_str(name->derived_attribute, "displayName");
	assert_true(name->parent->atomic);
	assert_true(emails->slot);
	assert_int_equal(emails->identity_count, 2);
	assert_str(emails->identity[1], "value");
	assert_true(find_path(registry, "User", "password")->hashed);
	assert_true(find_path(registry, "User", "userName")->guard);
	assert_true(find_path(registry, "User", "userName")->indexed);
	assert_false(find_path(registry, "User", "title")->indexed);
	scim_registry_unref(registry);
}

#define AT "1.json: urn:x:Thing: "
#define SUB "\"subAttributes\":[{\"name\":\"value\"}]"
#define MULTI(mark)                                          \
	THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\"," \
		     "\"multiValued\":true," mark "," SUB "}")
#define SINGLE(mark) THING_SCHEMA("{\"name\":\"a\"," mark "}")

static void
marks_that_can_not_work_are_refused(void **state)
{
	static const struct {
		const char *schema, *detail;
	} cases[] = {
		{ SINGLE("\"x-scimd-index\":true"),
		    AT "a: There is no mark \"x-scimd-index\"." },
		{ SINGLE("\"x-scimd-guard\":1"),
		    AT "a: \"x-scimd-guard\" must be true or false." },
		{ MULTI("\"x-scimd-indexed\":true"),
		    AT "a: A complex attribute has no index; mark its "
		       "sub-attributes." },
		{ SINGLE("\"returned\":\"never\",\"x-scimd-indexed\":true"),
		    AT "a: What is writeOnly or never returned has no "
		       "index." },
		{ SINGLE("\"x-scimd-atomic\":true"),
		    AT "a: x-scimd-atomic is for complex attributes." },
		{ MULTI("\"x-scimd-slot\":true"),
		    AT "a: x-scimd-slot is for a multi-valued attribute with "
		       "a sub-attribute \"type\"." },
		{ SINGLE("\"mutability\":\"writeOnly\",\"x-scimd-hash\":"
			 "\"md5\""),
		    AT "a: x-scimd-hash must be \"argon2id\"." },
		{ SINGLE("\"x-scimd-hash\":\"argon2id\""),
		    AT "a: x-scimd-hash is for a single string that is "
		       "writeOnly or never returned." },
		{ SINGLE("\"mutability\":\"writeOnly\",\"type\":\"integer\","
			 "\"x-scimd-hash\":\"argon2id\""),
		    AT "a: x-scimd-hash is for a single string that is "
		       "writeOnly or never returned." },
		{ MULTI("\"x-scimd-identity\":[\"type\"]"),
		    AT "a: x-scimd-identity names \"type\", which is no "
		       "sub-attribute." },
		{ MULTI("\"x-scimd-relation\":true"),
		    AT "a: x-scimd-relation needs \"types\": the resource "
		       "types its elements may name." },
		{ SINGLE("\"x-scimd-relation\":{\"types\":[\"User\"]}"),
		    AT "a: x-scimd-relation is for a multi-valued complex "
		       "attribute with a sub-attribute \"value\"." },
		{ MULTI("\"mutability\":\"readOnly\",\"x-scimd-relation\":"
			"{\"types\":[\"User\"]}"),
		    AT "a: A relation can't be readOnly, writeOnly or never "
		       "returned." },
		{ THING_SCHEMA(
		      "{\"name\":\"a\",\"type\":\"complex\",\"multiValued\":"
		      "true,\"x-scimd-relation\":{\"types\":[\"User\"]},"
		      "\"subAttributes\":[{\"name\":\"value\","
		      "\"x-scimd-indexed\":true}]}"),
		    AT "a.value: A relation's parts are neither indexed nor "
		       "unique." },
		{ SINGLE("\"x-scimd-derived\":{\"from\":\"relation\"}"),
		    AT "a: x-scimd-derived needs \"attribute\"." },
		{ SINGLE("\"x-scimd-derived\":{\"from\":\"relation\","
			 "\"attribute\":\"b\"}"),
		    AT "a: What is derived must be readOnly and has no "
		       "index." },
		{ SINGLE("\"mutability\":\"readOnly\",\"x-scimd-derived\":"
			 "{\"from\":\"sun\",\"attribute\":\"b\"}"),
		    AT "a: x-scimd-derived is \"from\" a \"relation\" or a "
		       "\"reference\"." },
		{ SINGLE("\"mutability\":\"readOnly\",\"x-scimd-derived\":"
			 "{\"from\":\"relation\",\"attribute\":\"b\"}"),
		    AT "a: x-scimd-derived from a relation needs "
		       "\"resourceType\"." },
		{ SINGLE("\"mutability\":\"readOnly\",\"x-scimd-derived\":"
			 "{\"from\":\"relation\",\"attribute\":\"b\","
			 "\"resourceType\":\"Group\"}"),
		    AT "a: What is derived from a relation must be a "
		       "multi-valued complex attribute." },
		{ SINGLE("\"mutability\":\"readOnly\",\"x-scimd-derived\":"
			 "{\"from\":\"reference\",\"attribute\":\"b\"}"),
		    AT "a: x-scimd-derived from a reference needs \"via\"." },
		{ SINGLE("\"mutability\":\"readOnly\",\"x-scimd-derived\":"
			 "{\"from\":\"reference\",\"attribute\":\"b\","
			 "\"via\":\"c\"}"),
		    AT "a: What is derived from a reference must be a "
		       "sub-attribute of a single complex attribute." },
		{ THING_SCHEMA(
		      "{\"name\":\"a\",\"type\":\"complex\","
		      "\"subAttributes\":[{\"name\":\"b\",\"mutability\":"
		      "\"readOnly\",\"x-scimd-derived\":{\"from\":"
		      "\"reference\",\"attribute\":\"b\",\"via\":\"c\"}}]}"),
		    AT "a.b: x-scimd-derived goes via \"c\", which is no "
		       "single string beside it." },
	};

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_thing_refused(cases[i].schema, cases[i].detail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_marks_are_read),
		cmocka_unit_test(marks_that_can_not_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
