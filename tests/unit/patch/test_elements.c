/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7644-3.5.2.1-05, 7644-3.5.2.1-07, 7644-3.5.2.1-09 */
static void
values_are_added_once(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":{\"type\":\"work\",\"value\":\"w@x\"}}],\"schemas\":["
		    "\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":[{\"type\":\"work\",\"value\":\"w@x\"}]}],\"schemas\""
		    ":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		    "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":[{\"type\":\"work\",\"value\":\"w@x\"},{\"type\":\"ho"
		    "me\",\"value\":\"h@x\"}]}],\"schemas\":[\"urn:ietf:params:"
		    "scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"},{\"type"
		    "\":\"home\",\"value\":\"h@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"primary\":true,\"type\":\"work\",\"value\""
		  ":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":[{\"primary\":true,\"type\":\"work\",\"value\":\"w@x"
		    "\"}]}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2."
		    "0:PatchOp\"]}",
		    "{\"emails\":[{\"primary\":true,\"type\":\"work\",\"value\""
		    ":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":[]}],\"schemas\":[\"urn:ietf:params:scim:api:messages"
		    ":2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messa"
		    "ges:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2-09, 7644-3.5.2.3-03, 7644-3.5.2.3-06, 7644-3.5.2.3-07,
 * 7644-3.5.2.3-08 */
static void
values_are_replaced_all_or_those_chosen(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails\","
		    "\"value\":[{\"type\":\"work\",\"value\":\"w@x\"}]}],\"sche"
		    "mas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails\","
		    "\"value\":[]}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"]\",\"value\":{\"value\":\"n\"}}],\"schem"
		    "as\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"valu"
		    "e\":\"n\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"]\",\"value\":[{\"value\":\"n\"}]}],\"sch"
		    "emas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"valu"
		    "e\":\"n\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[val"
		    "ue ew \\\"x\\\"].display\",\"value\":\"d\"}],\"schemas\":["
		    "\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"display\":\"d\",\"type\":\"home\",\"value"
		    "\":\"h@x\"},{\"display\":\"d\",\"type\":\"work\",\"value\""
		    ":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails.dis"
		    "play\",\"value\":\"d\"}],\"schemas\":[\"urn:ietf:params:sc"
		    "im:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"display\":\"d\",\"type\":\"home\",\"value"
		    "\":\"h@x\"},{\"display\":\"d\",\"type\":\"work\",\"value\""
		    ":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails[type eq"
		    " \\\"work\\\"]\",\"value\":{\"display\":\"d\"}}],\"schemas"
		    "\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"disp"
		    "lay\":\"d\",\"type\":\"work\",\"value\":\"w@x\"}],\"userNa"
		    "me\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"].value\",\"value\":\"n\"}],\"schemas\":["
		    "\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails.typ"
		    "e\",\"value\":\"n\"}],\"schemas\":[\"urn:ietf:params:scim:"
		    "api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails\","
		    "\"value\":{\"type\":\"work\",\"value\":\"w@x\"}}],\"schema"
		    "s\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2.2-03, 7644-3.5.2.2-04, 7644-3.5.2.2-05, 7644-3.5.2.2-06 */
static void
values_are_removed_all_or_those_chosen(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails\"}],"
		    "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patch"
		    "Op\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails[type"
		    " eq \\\"work\\\"]\"}],\"schemas\":[\"urn:ietf:params:scim:"
		    "api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails[type"
		    " eq \\\"work\\\" and value ew \\\"x\\\"]\"}],\"schemas\":["
		    "\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails[type"
		    " eq \\\"none\\\"]\"}],\"schemas\":[\"urn:ietf:params:scim:"
		    "api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"display\":\"d\",\"type\":\"work\",\"value"
		  "\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails[type"
		    " eq \\\"work\\\"].display\"}],\"schemas\":[\"urn:ietf:para"
		    "ms:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails.type"
		    "\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		    "PatchOp\"]}",
		    "{\"emails\":[{\"value\":\"h@x\"},{\"value\":\"w@x\"}],\"us"
		    "erName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails\",\""
		    "value\":[{\"value\":\"W@X\"}]}],\"schemas\":[\"urn:ietf:pa"
		    "rams:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails\",\""
		    "value\":{\"type\":\"home\",\"value\":\"w@x\"}}],\"schemas"
		    "\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		    "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails\",\""
		    "value\":[]}],\"schemas\":[\"urn:ietf:params:scim:api:messa"
		    "ges:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		    "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails\",\""
		    "value\":[{\"type\":\"work\",\"value\":\"w@x\"}]}],\"schema"
		    "s\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2-18, 7644-3.5.2.3-09 */
static void
primary_moves(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"emails\":[{\"primary\":true,\"type\":\"home\",\"value\""
		  ":\"h@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":[{\"primary\":true,\"type\":\"work\",\"value\":\"w@x"
		    "\"}]}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2."
		    "0:PatchOp\"]}",
		    "{\"emails\":[{\"primary\":false,\"type\":\"home\",\"value"
		    "\":\"h@x\"},{\"primary\":true,\"type\":\"work\",\"value\":"
		    "\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"primary\":true,\"type\":\"home\",\"value\""
		  ":\"h@x\"},{\"type\":\"work\",\"value\":\"w@x\"}],\"userNam"
		  "e\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"].primary\",\"value\":true}],\"schemas\":"
		    "[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"primary\":false,\"type\":\"home\",\"value"
		    "\":\"h@x\"},{\"primary\":true,\"type\":\"work\",\"value\":"
		    "\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"primary\":true,\"type\":\"home\",\"value\""
		  ":\"h@x\"},{\"type\":\"work\",\"value\":\"w@x\"}],\"userNam"
		  "e\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"]\",\"value\":{\"primary\":\"True\",\"typ"
		    "e\":\"work\",\"value\":\"w@x\"}}],\"schemas\":[\"urn:ietf:"
		    "params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"primary\":false,\"type\":\"home\",\"value"
		    "\":\"h@x\"},{\"primary\":true,\"type\":\"work\",\"value\":"
		    "\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"primary\":true,\"type\":\"home\",\"value\""
		  ":\"h@x\"},{\"type\":\"work\",\"value\":\"w@x\"}],\"userNam"
		  "e\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"].value\",\"value\":\"n\"}],\"schemas\":["
		    "\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"primary\":true,\"type\":\"home\",\"value\""
		    ":\"h@x\"},{\"type\":\"work\",\"value\":\"n\"}],\"userName"
		    "\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		  "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails.pri"
		    "mary\",\"value\":true}],\"schemas\":[\"urn:ietf:params:sci"
		    "m:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"val"
		    "ue\":[{\"primary\":true,\"type\":\"home\",\"value\":\"h@x"
		    "\"},{\"primary\":true,\"type\":\"work\",\"value\":\"w@x\"}"
		    "]}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:P"
		    "atchOp\"]}",
		    NULL, "invalidValue" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

static void
by_leniency_a_replacement_creates_and_one_value_is_a_list(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[typ"
		    "e eq \\\"work\\\"].value\",\"value\":\"w@x\"}],\"schemas\""
		    ":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},{\"type"
		    "\":\"work\",\"value\":\"w@x\"}],\"userName\":\"a\"}",
		    NULL },
		{ "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails\","
		    "\"value\":{\"type\":\"work\",\"value\":\"w@x\"}}],\"schema"
		    "s\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
	};
	struct patching t;

	patching_open(&t, "User",
	    SCIM__LENIENT_CREATING_REPLACE | SCIM__LENIENT_SINGLE_VALUE);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_added_once),
		cmocka_unit_test(values_are_replaced_all_or_those_chosen),
		cmocka_unit_test(values_are_removed_all_or_those_chosen),
		cmocka_unit_test(primary_moves),
		cmocka_unit_test(
		    by_leniency_a_replacement_creates_and_one_value_is_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
