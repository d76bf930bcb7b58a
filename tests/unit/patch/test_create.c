/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7644-3.5.2.1-10 */
static void
a_filter_that_finds_nothing_says_what_to_add(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type eq"
		    " \\\"work\\\"].value\",\"value\":\"w@x\"}],\"schemas\":[\""
		    "urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type eq"
		    " \\\"work\\\"].value\",\"value\":\"w@x\"},{\"op\":\"add\","
		    "\"path\":\"emails[type eq \\\"work\\\"].display\",\"value"
		    "\":\"d\"}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"display\":\"d\",\"type\":\"work\",\"value"
		    "\":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type eq"
		    " \\\"work\\\" and primary eq true]\",\"value\":{\"value\":"
		    "\"w@x\"}}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"prim"
		    "ary\":true,\"type\":\"work\",\"value\":\"w@x\"}],\"userNam"
		    "e\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"roles[primary "
		    "eq \\\"True\\\"].value\",\"value\":\"r\"}],\"schemas\":[\""
		    "urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"roles\":[{\"primary\":true,\"value\":\"r\"}],\"userName"
		    "\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type eq"
		    " \\\"work\\\"].value\",\"value\":null}],\"schemas\":[\"urn"
		    ":ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type eq"
		    " \\\"work\\\" or type eq \\\"home\\\"].value\",\"value\":"
		    "\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2"
		    ".0:PatchOp\"]}",
		    NULL, "noTarget" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type ne"
		    " \\\"work\\\"].value\",\"value\":\"x\"}],\"schemas\":[\"ur"
		    "n:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[not (ty"
		    "pe eq \\\"work\\\")].value\",\"value\":\"x\"}],\"schemas\""
		    ":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type pr"
		    "].value\",\"value\":\"x\"}],\"schemas\":[\"urn:ietf:params"
		    ":scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_that_finds_nothing_says_what_to_add),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
