/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7644-3.5.2-05, 7644-3.5.2-24, 7644-3.5.2-02 */
static void
an_operation_is_add_replace_or_remove_in_any_case(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"ADD\",\"path\":\"title\",\"valu"
		    "e\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"Replace\",\"path\":\"title\",\""
		    "value\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:me"
		    "ssages:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"Remove\",\"path\":\"title\"}],"
		    "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patch"
		    "Op\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"move\",\"path\":\"title\",\"val"
		    "ue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messa"
		    "ges:2.0:PatchOp\"]}",
		    NULL, "invalidSyntax" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"path\":\"title\",\"value\":\"x\"}],\"s"
		    "chemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp"
		    "\"]}",
		    NULL, "invalidSyntax" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":7,\"path\":\"title\",\"value\":\""
		    "x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0"
		    ":PatchOp\"]}",
		    NULL, "invalidSyntax" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[\"x\"],\"schemas\":[\"urn:ietf:params:sci"
		    "m:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidSyntax" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"OP\":\"add\",\"op\":\"add\",\"path\":"
		    "\"title\",\"value\":\"x\"}],\"schemas\":[\"urn:ietf:params"
		    ":scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidSyntax" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[0]\",\""
		    "value\":{\"type\":\"work\",\"value\":\"w@x\"}}],\"schemas"
		    "\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidPath" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2-06, 7644-3.5.2-07, 7644-3.5.2-08, 7644-3.5.2.1-01,
 * 7644-3.5.2.1-02, 7644-3.5.2.2-01 */
static void
a_path_and_a_value_are_there_when_needed(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\"}],\"schemas\":[\"urn:i"
		    "etf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\"}],\"sc"
		    "hemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\""
		    "]}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\"}],\"schemas\":[\"urn:"
		    "ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"value\":\"x\"}],\"schem"
		    "as\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"value\":[\"x\"]}],\"sch"
		    "emas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":7,\"value\":\"x"
		    "\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		    "PatchOp\"]}",
		    NULL, "invalidPath" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"nope\",\"value"
		    "\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    NULL, "invalidPath" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[\",\"va"
		    "lue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:mess"
		    "ages:2.0:PatchOp\"]}",
		    NULL, "invalidPath" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"name..x\",\"va"
		    "lue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:mess"
		    "ages:2.0:PatchOp\"]}",
		    NULL, "invalidPath" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"va"
		    "lue\":[]}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    NULL, "invalidPath" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"TITLE\",\"valu"
		    "e\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2-03, 7644-3.5.2-04, 5789-2.2-01 */
static void
a_message_says_what_it_is_and_has_operations(void **state)
{
	static const char *const refused[] = {
		"[]",
		"{}",
		"{\"Operations\":[{\"op\":\"remove\",\"path\":\"title\"}]}",
		"{\"schemas\":[\"" USER_URN "\"],\"Operations\":[]}",
		"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		"PatchOp\"]}",
		OPS(""),
		"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		"PatchOp\"],\"Operations\":{}}",
		"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		"PatchOp\"],\"Operations\":[],\"operations\":[]}",
	};
	struct patching t;

	patching_open(&t, "User", 0);
	for (size_t i = 0; i < scim__countof(refused); i++) {
		scim__value message;
		scim__patch patch;

		assert_int_equal(
		    SCIM_OK, patching_parse(&t, refused[i], &message));
		assert_int_equal(SCIM_ERR_INVALID,
		    scim__patch_parse(&t.rules, &message, &patch, &t.err));
		assert_string_equal(t.err.scim_type, "invalidSyntax");
	}
	patching_close(&t);
}

static void
operations_may_come_first_and_in_lower_case(void **state)
{
	scim__value message;
	scim__patch patch;
	struct patching t;

	patching_open(&t, "User", 0);
	assert_int_equal(SCIM_OK,
	    patching_parse(&t,
		"{\"operations\":[{\"op\":\"Remove\",\"path\":\"title\"}],"
		"\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		"PatchOp\"]}",
		&message));
	assert_int_equal(
	    SCIM_OK, scim__patch_parse(&t.rules, &message, &patch, &t.err));
	assert_int_equal(1, patch.count);
	assert_int_equal(SCIM__PATCH_REMOVE, patch.ops[0].kind);
	assert_int_equal(SCIM__QUIRK_OPERATION_CASE, patch.quirks);
	patching_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_operation_is_add_replace_or_remove_in_any_case),
		cmocka_unit_test(a_path_and_a_value_are_there_when_needed),
		cmocka_unit_test(a_message_says_what_it_is_and_has_operations),
		cmocka_unit_test(operations_may_come_first_and_in_lower_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
