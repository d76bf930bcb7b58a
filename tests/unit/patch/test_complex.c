/* SPDX-License-Identifier: Apache-2.0 */
#include "patching.h"

/* @spec 7644-3.5.2.1-04, 7644-3.5.2.3-05 */
static void
what_is_named_changes_and_the_rest_stays(void **state)
{
	static const struct patch_row rows[] = {
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"name\",\"value"
		    "\":{\"givenName\":\"h\"}}],\"schemas\":[\"urn:ietf:params:"
		    "scim:api:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\",\"givenName\":\"h\"},\"use"
		    "rName\":\"a\"}",
		    NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name\",\"v"
		    "alue\":{\"GIVENNAME\":\"h\",\"nope\":1}}],\"schemas\":[\"u"
		    "rn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\",\"givenName\":\"h\"},\"use"
		    "rName\":\"a\"}",
		    NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name\",\"v"
		    "alue\":{\"givenName\":null}}],\"schemas\":[\"urn:ietf:para"
		    "ms:scim:api:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"name.givenN"
		    "ame\"}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2"
		    ".0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"remove\",\"path\":\"name\"}],\""
		    "schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp"
		    "\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name.given"
		    "Name\",\"value\":\"h\"}],\"schemas\":[\"urn:ietf:params:sc"
		    "im:api:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\",\"givenName\":\"h\"},\"use"
		    "rName\":\"a\"}",
		    NULL },
		{ "{\"userName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"name.givenName"
		    "\",\"value\":\"h\"}],\"schemas\":[\"urn:ietf:params:scim:a"
		    "pi:messages:2.0:PatchOp\"]}",
		    "{\"name\":{\"givenName\":\"h\"},\"userName\":\"a\"}",
		    NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name\",\"v"
		    "alue\":\"x\"}],\"schemas\":[\"urn:ietf:params:scim:api:mes"
		    "sages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name\",\"v"
		    "alue\":{\"givenName\":1}}],\"schemas\":[\"urn:ietf:params:"
		    "scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidValue" },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name\",\"v"
		    "alue\":{\"GivenName\":\"b\",\"givenName\":\"a\"}}],\"schem"
		    "as\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]}",
		    NULL, "invalidSyntax" },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"replace\",\"path\":\"name\",\"v"
		    "alue\":{}}],\"schemas\":[\"urn:ietf:params:scim:api:messag"
		    "es:2.0:PatchOp\"]}",
		    "{\"userName\":\"a\"}", NULL },
		{ "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		  "rName\":\"a\"}",
		    "{\"Operations\":[{\"op\":\"add\",\"path\":\"name\",\"value"
		    "\":{}}],\"schemas\":[\"urn:ietf:params:scim:api:messages:2"
		    ".0:PatchOp\"]}",
		    "{\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"},\"use"
		    "rName\":\"a\"}",
		    NULL },
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
		cmocka_unit_test(what_is_named_changes_and_the_rest_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
