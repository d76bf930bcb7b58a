/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7644-3.5.2.1-02, 7644-3.5.2.1-11, 7644-3.5.2.3-01 */
static void
every_key_of_the_value_is_a_path(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"NICKNAME"
		    "\":\"n\",\"title\":\"x\"}}],\"schemas\":[\"urn:ietf:params"
		    ":scim:api:messages:2.0:PatchOp\"]}",
		    "{\"nickName\":\"n\",\"title\":\"x\",\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"value\":{\"name.familyN"
		    "ame\":\"f\",\"name.givenName\":\"g\"}}],\"schemas\":[\"urn"
		    ":ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		    "rName\":\"a\"}",
		    NULL },
		{ "{\"name\":{\"givenName\":\"g\"},\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"name\":{"
		    "\"familyName\":\"f\"}}}],\"schemas\":[\"urn:ietf:params:sc"
		    "im:api:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		    "rName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"value\":{\"urn:ietf:par"
		    "ams:scim:schemas:extension:enterprise:2.0:User:department"
		    "\":\"d\"}}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"d\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"value\":{\"urn:ietf:par"
		    "ams:scim:schemas:extension:enterprise:2.0:User\":{\"depart"
		    "ment\":\"d\",\"manager.value\":\"m\"}}}],\"schemas\":[\"ur"
		    "n:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:U"
		    "ser\":{\"department\":\"d\",\"manager\":{\"value\":\"m\"}}"
		    ",\"userName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"value\":{\"emails[type "
		    "eq \\\"work\\\"].value\":\"w@x\"}}],\"schemas\":[\"urn:iet"
		    "f:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
		{ "{\"title\":\"x\",\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"title\":"
		    "null}}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2"
		    ".0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"emails\""
		    ":[{\"type\":\"work\",\"value\":\"w@x\"}]}}],\"schemas\":["
		    "\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"emails\":[{\"type\":\"work\",\"value\":\"w@x\"}],\"user"
		    "Name\":\"a\"}",
		    NULL },
	};
	struct patching t;

	patching_open(&t, "User", 0);
	patching_check(&t, rows, scim__countof(rows));
	patching_close(&t);
}

static void
what_the_server_writes_or_nobody_knows_is_passed_over(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"groups\""
		    ":[{\"value\":\"g\"}],\"id\":\"x\",\"meta\":{},\"name.nope"
		    "\":2,\"nope\":1,\"schemas\":[\"y\"],\"title\":\"x\",\"urn:"
		    "x:y\":3}}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    "{\"title\":\"x\",\"userName\":\"a\"}", NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"userName"
		    "\":null}}],\"schemas\":[\"urn:ietf:params:scim:api:message"
		    "s:2.0:PatchOp\"]}",
		    NULL, "mutability" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{\"emails[t"
		    "ype bad]\":\"x\"}}],\"schemas\":[\"urn:ietf:params:scim:ap"
		    "i:messages:2.0:PatchOp\"]}",
		    NULL, "invalidFilter" },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"value\":{}}],\"sche"
		    "mas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]"
		    "}",
		    "{\"userName\":\"a\"}", NULL },
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
		cmocka_unit_test(every_key_of_the_value_is_a_path),
		cmocka_unit_test(
		    what_the_server_writes_or_nobody_knows_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
