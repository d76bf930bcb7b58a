/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7644-3.5.2.1-03, 7644-3.5.2.1-06, 7644-3.5.2.2-02, 7644-3.5.2.2-10,
 * 7644-3.5.2.3-02, 7644-3.5.2.3-04, 7644-3.5.2.3-10, 7643-2.5-02 */
static void
a_single_value_is_set_and_taken_away(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"title\",\""
		    "value\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:me"
		    "ssages:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"title\",\""
		    "value\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:me"
		    "ssages:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"title\",\""
		    "value\":null}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":null}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    "{\"title\":\"y\",\"userName\":\"a\"}", NULL },
		{ "{\"title\":\"y\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"title\"}],"
		    "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patch"
		    "Op\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"title\"}],"
		    "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patch"
		    "Op\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"active\","
		    "\"value\":\"False\"}],\"schemas\":[\"urn:ietf:params:scim:"
		    "api:messages:2.0:PatchOp\"]}",
		    "{\"active\":false,\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"active\",\"val"
		    "ue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messa"
		    "ges:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":[\"x\"]}],\"schemas\":[\"urn:ietf:params:scim:api:mess"
		    "ages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2.2-07, 7644-3.5.2.2-08, 7644-3.5.2-11, 7643-7-13 */
static void
what_is_required_or_read_only_stays(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"userName\"}"
		    "],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Pat"
		    "chOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"userName\""
		    ",\"value\":null}],\"schemas\":[\"urn:ietf:params:scim:api:"
		    "messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"userName\""
		    ",\"value\":\"b\"}],\"schemas\":[\"urn:ietf:params:scim:api"
		    ":messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"b\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"id\"}],\"sc"
		    "hemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\""
		    "]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"id\",\"val"
		    "ue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messa"
		    "ges:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"meta.creat"
		    "ed\",\"value\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim"
		    ":api:messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"groups\",\"val"
		    "ue\":[{\"value\":\"g\"}]}],\"schemas\":[\"urn:ietf:params:"
		    "scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User:manager.d"
		    "isplayName\",\"value\":\"x\"}],\"schemas\":[\"urn:ietf:par"
		    "ams:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"schemas\"}]"
		    ",\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patc"
		    "hOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"schemas\",\"va"
		    "lue\":[\"urn:ietf:params:scim:schemas:extension:enterprise"
		    ":2.0:User\"]}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2-14, 7644-3.5.2-15, 7644-3.10-01 */
static void
an_extension_is_an_object_under_its_urn(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User:department\","
		    "\"value\":\"d\"}],\"schemas\":[\"urn:ietf:params:scim:api:"
		    "messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User\",\"value\":{"
		    "\"department\":\"d\",\"nope\":1}}],\"schemas\":[\"urn:ietf"
		    ":params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"department\":\"d\",\"division\":\"v\"},\"userName"
		  "\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User\",\"value"
		    "\":{\"department\":\"e\"}}],\"schemas\":[\"urn:ietf:params"
		    ":scim:api:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"e\",\"division\":\"v\"},\"userName"
		    "\":\"a\"}",
		    NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"department\":\"d\",\"division\":\"v\"},\"userName"
		  "\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"urn:ietf:pa"
		    "rams:scim:schemas:extension:enterprise:2.0:User:department"
		    "\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		    "PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"division\":\"v\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"urn:ietf:pa"
		    "rams:scim:schemas:extension:enterprise:2.0:User\"}],\"sche"
		    "mas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User\",\"value"
		    "\":null}],\"schemas\":[\"urn:ietf:params:scim:api:messages"
		    ":2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User\",\"value\":{"
		    "}}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:P"
		    "atchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User\",\"value\":"
		    "\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2"
		    ".0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"department\":\"d\",\"division\":\"v\"},\"userName"
		  "\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"urn:ietf:pa"
		    "rams:scim:schemas:extension:enterprise:2.0:User\"},{\"op\""
		    ":\"add\",\"path\":\"urn:ietf:params:scim:schemas:extension"
		    ":enterprise:2.0:User:department\",\"value\":\"e\"}],\"sche"
		    "mas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"e\"},\"userName\":\"a\"}",
		    NULL },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7643-4.3-02 */
static void
a_manager_comes_in_many_forms(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User:manager\",\"v"
		    "alue\":{\"value\":\"m\"}}],\"schemas\":[\"urn:ietf:params:"
		    "scim:api:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User:manager\",\"v"
		    "alue\":\"m\"}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User:manager.value"
		    "\",\"value\":\"m\"}],\"schemas\":[\"urn:ietf:params:scim:a"
		    "pi:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User:manager\""
		    ",\"value\":{\"value\":\"\"}}],\"schemas\":[\"urn:ietf:para"
		    "ms:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User:manager\""
		    ",\"value\":\"\"}],\"schemas\":[\"urn:ietf:params:scim:api:"
		    "messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"urn:ietf:pa"
		    "rams:scim:schemas:extension:enterprise:2.0:User:manager\"}"
		    "],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Pat"
		    "chOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User:manager.v"
		    "alue\",\"value\":\"\"}],\"schemas\":[\"urn:ietf:params:sci"
		    "m:api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User:manager\""
		    ",\"value\":{\"displayName\":\"x\",\"value\":\"n\"}}],\"sch"
		    "emas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"n\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User:manager\",\"v"
		    "alue\":[{\"value\":\"m\"}]}],\"schemas\":[\"urn:ietf:param"
		    "s:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User.manager\",\"v"
		    "alue\":\"m\"}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    NULL, "invalidPath" },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"urn:ietf:pa"
		    "rams:scim:schemas:extension:enterprise:2.0:User:manager[va"
		    "lue eq \\\"m\\\"]\"}],\"schemas\":[\"urn:ietf:params:scim:"
		    "api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"urn:ietf:pa"
		    "rams:scim:schemas:extension:enterprise:2.0:User:manager[va"
		    "lue eq \\\"n\\\"]\"}],\"schemas\":[\"urn:ietf:params:scim:"
		    "api:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		  "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"urn:ietf:p"
		    "arams:scim:schemas:extension:enterprise:2.0:User:manager[v"
		    "alue eq \\\"n\\\"]\",\"value\":\"x\"}],\"schemas\":[\"urn:"
		    "ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "noTarget" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

/* @spec 7644-3.5.2-17 */
static void
operations_follow_one_another(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":\"x\"},{\"op\":\"replace\",\"path\":\"title\",\"value"
		    "\":\"y\"},{\"op\":\"add\",\"path\":\"name\",\"value\":{\"g"
		    "ivenName\":\"g\"}},{\"op\":\"remove\",\"path\":\"name.give"
		    "nName\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages"
		    ":2.0:PatchOp\"]}",
		    "{\"title\":\"y\",\"userName\":\"a\"}", NULL },
		{ "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		  "Name\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails\"},{"
		    "\"op\":\"add\",\"path\":\"emails\",\"value\":[{\"type\":\""
		    "home\",\"value\":\"h@x\"}]}],\"schemas\":[\"urn:ietf:param"
		    "s:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"title\",\"valu"
		    "e\":\"x\"},{\"op\":\"add\",\"path\":\"nope\",\"value\":\"y"
		    "\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		    "PatchOp\"]}",
		    NULL, "invalidPath" },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

static void
a_lenient_profile_takes_an_array_and_a_dot(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User:manager\",\"v"
		    "alue\":[{\"value\":\"m\"}]}],\"schemas\":[\"urn:ietf:param"
		    "s:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"urn:ietf:param"
		    "s:scim:schemas:extension:enterprise:2.0:User.manager\",\"v"
		    "alue\":\"m\"}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"manager\":{\"value\":\"m\"}},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"groups\",\"val"
		    "ue\":[{\"value\":\"g\"}]}],\"schemas\":[\"urn:ietf:params:"
		    "scim:api:messages:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"groups\"}],"
		    "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Patch"
		    "Op\"]}",
		    "{\"userName\":\"a\"}", NULL },
	};
	struct patching t;

	patching_open(
	    &t, "User", SCIM__LENIENT_MANAGER | SCIM__LENIENT_DERIVED);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

static scim_status
apply_everything(scim_arena *arena, void *context)
{
	static const char *const ops = OPS(
	    "{\"op\":\"add\",\"path\":\"emails[type eq \\\"work\\\"].value\","
	    "\"value\":\"w@x\"},{\"op\":\"replace\",\"value\":"
	    "{\"name.givenName\":\"g\",\"" ENTERPRISE
	    "\":{\"manager\":\"m\"}}},"
	    "{\"op\":\"add\",\"path\":\"emails\",\"value\":"
	    "[{\"value\":\"h@x\",\"primary\":true}]},"
	    "{\"op\":\"remove\",\"path\":\"emails\",\"value\":"
	    "[{\"value\":\"W@x\"}]},"
	    "{\"op\":\"remove\",\"path\":\"" ENTERPRISE "\"}");
	struct patching t = *(struct patching *)context;
	scim__value message, document = scim__value_object();
	scim__patch patch;
	scim__json_limits limits = { 1 << 20, 50 };

	t.arena = arena;
	t.rules.binding.arena = arena;
	scim_status rc =
	    scim__json_parse(arena, scim__str(ops), &limits, &message, &t.err);
	if (rc == SCIM_OK)
		rc = scim__patch_parse(&t.rules, &message, &patch, &t.err);
	if (rc == SCIM_OK)
		rc = scim__patch_apply(
		    &t.rules, &patch, &document, &t.patched, &t.err);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct patching t;

	patching_open(&t, "User", 0);
	assert_true(test_fail_each_allocation(apply_everything, &t) > 1);
	patching_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_value_is_set_and_taken_away),
		cmocka_unit_test(what_is_required_or_read_only_stays),
		cmocka_unit_test(an_extension_is_an_object_under_its_urn),
		cmocka_unit_test(a_manager_comes_in_many_forms),
		cmocka_unit_test(operations_follow_one_another),
		cmocka_unit_test(a_lenient_profile_takes_an_array_and_a_dot),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
