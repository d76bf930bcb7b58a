/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7643-4.2-03, 7643-2.4-06 */
static void
elements_come_and_go_but_do_not_change(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"va"
		    "lue\":[{\"value\":\"a\"}]}],\"schemas\":[\"urn:ietf:params"
		    ":scim:api:messages:2.0:PatchOp\"]}",
		    "{\"displayName\":\"g\"}", NULL },
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"members\"}]"
		    ",\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patc"
		    "hOp\"]}",
		    "{\"displayName\":\"g\"}", NULL },
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"members[va"
		    "lue eq \\\"a\\\"].display\",\"value\":\"x\"}],\"schemas\":"
		    "[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"members.va"
		    "lue\",\"value\":\"x\"}],\"schemas\":[\"urn:ietf:params:sci"
		    "m:api:messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"members[va"
		    "lue eq \\\"a\\\"]\",\"value\":{\"value\":\"b\"}}],\"schema"
		    "s\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"va"
		    "lue\":[\"a\"]}],\"schemas\":[\"urn:ietf:params:scim:api:me"
		    "ssages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"displayName\":\"g\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"va"
		    "lue\":[{\"type\":\"User\"}]}],\"schemas\":[\"urn:ietf:para"
		    "ms:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
	};
	struct patching t;

	patching_open(&t, "Group", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

static void
changes_are_noted_in_order(void **state)
{
	static const struct {
		enum scim__relation_change_kind kind;
		uint32_t elements;
	} wanted[] = {
		{ SCIM__RELATION_ADD, 2 },
		{ SCIM__RELATION_REMOVE, 1 },
		{ SCIM__RELATION_REMOVE, 1 },
		{ SCIM__RELATION_REMOVE_MATCHING, 0 },
		{ SCIM__RELATION_REMOVE_ALL, 0 },
		{ SCIM__RELATION_REPLACE, 1 },
		{ SCIM__RELATION_REPLACE, 0 },
	};
	static const struct patch_row row = { "{\"displayName\":\"g\"}",
		OPS("{\"op\":\"add\",\"path\":\"members\",\"value\":"
		    "[{\"value\":\"a\"},{\"value\":\"b\"}]},"
		    "{\"op\":\"remove\",\"path\":\"members\",\"value\":"
		    "[{\"value\":\"a\",\"$ref\":null}]},"
		    "{\"op\":\"remove\",\"path\":"
		    "\"members[value eq \\\"b\\\"]\"},"
		    "{\"op\":\"remove\",\"path\":"
		    "\"members[type eq \\\"User\\\"]\"},"
		    "{\"op\":\"remove\",\"path\":\"members\"},"
		    "{\"op\":\"replace\",\"value\":"
		    "{\"members\":[{\"value\":\"c\"}]}},"
		    "{\"op\":\"replace\",\"path\":\"members\","
		    "\"value\":[]}"),
		NULL, NULL };
	struct patching t;
	scim_str got;

	patching_open(&t, "Group", 0);
	assert_int_equal(SCIM_OK, patching_run(&t, &row, &got));
	assert_int_equal(scim__countof(wanted), t.patched.change_count);
	assert_int_equal(5, t.patched.element_count);
	for (size_t i = 0; i < scim__countof(wanted); i++) {
		assert_int_equal(wanted[i].kind, t.patched.changes[i].kind);
		assert_int_equal(
		    wanted[i].elements, t.patched.changes[i].elements.count);
	}
	patching_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_and_go_but_do_not_change),
		cmocka_unit_test(changes_are_noted_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
