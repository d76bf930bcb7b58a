/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/fit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "definitions.h"
#include "json/json.h"

#define OPEN "urn:x:Open"

static const char schema[] = THING_SCHEMA(
    "{\"name\":\"text\",\"type\":\"string\"},"
    "{\"name\":\"flag\",\"type\":\"boolean\"},"
    "{\"name\":\"count\",\"type\":\"integer\"},"
    "{\"name\":\"amount\",\"type\":\"decimal\"},"
    "{\"name\":\"when\",\"type\":\"dateTime\"},"
    "{\"name\":\"blob\",\"type\":\"binary\"},"
    "{\"name\":\"link\",\"type\":\"reference\","
    "\"referenceTypes\":[\"external\"]},"
    "{\"name\":\"never\",\"type\":\"string\",\"returned\":\"never\"},"
    "{\"name\":\"pin\",\"type\":\"string\",\"mutability\":\"writeOnly\","
    "\"returned\":\"never\"},"
    "{\"name\":\"asked\",\"type\":\"string\",\"returned\":\"request\"},"
    "{\"name\":\"tags\",\"type\":\"string\",\"multiValued\":true},"
    "{\"name\":\"part\",\"type\":\"complex\",\"subAttributes\":["
    "{\"name\":\"a\",\"type\":\"string\"},"
    "{\"name\":\"b\",\"type\":\"string\",\"multiValued\":true}]},"
    "{\"name\":\"parts\",\"type\":\"complex\",\"multiValued\":true,"
    "\"subAttributes\":[{\"name\":\"a\",\"type\":\"string\"}]}");

static const char open_schema[] =
    "{\"schemas\":[\"" SCHEMA_URN "\"],\"id\":\"" OPEN
    "\",\"name\":\"Open\",\"attributes\":["
    "{\"name\":\"text\",\"type\":\"string\"}]}";

static const char type_text[] = THING_TYPE(
    ",\"schemaExtensions\":[{\"schema\":\"" OPEN "\",\"required\":false}]");

static const struct {
	const char *stored, *fits; /* NULL: as it is */
} cases[] = {
	{ "{}", NULL },
	/* what every resource has, and every type of value */
	{ "{\"amount\":1.5,\"asked\":\"x\",\"blob\":\"AA==\",\"count\":7,"
	  "\"externalId\":\"e\",\"flag\":false,\"id\":\"1\","
	  "\"link\":\"https://x\",\"part\":{\"a\":\"x\",\"b\":[\"y\"]},"
	  "\"parts\":[{\"a\":\"x\"}],\"schemas\":[\"urn:x:Thing\"],"
	  "\"tags\":[\"t\"],\"text\":\"\",\"when\":\"2026-01-01T00:00:00Z\"}",
	    NULL },
	{ "{\"amount\":1}", NULL },
	{ "{\"amount\":123456789012345678901234567890}", NULL },
	{ "{\"count\":123456789012345678901234567890}", NULL },
	/* gone */
	{ "{\"lost\":1,\"text\":\"x\"}", "{\"text\":\"x\"}" },
	{ "{\"part\":{\"a\":\"x\",\"lost\":1}}", "{\"part\":{\"a\":\"x\"}}" },
	{ "{\"part\":{\"lost\":1}}", "{}" },
	{ "{\"parts\":[{\"a\":\"x\"},{\"lost\":1},{\"a\":\"y\",\"lost\":1}]}",
	    "{\"parts\":[{\"a\":\"x\"},{\"a\":\"y\"}]}" },
	{ "{\"parts\":[{\"lost\":1}]}", "{}" },
	/* secret since */
	{ "{\"never\":\"x\",\"pin\":\"y\"}", "{}" },
	/* of another form */
	{ "{\"text\":1}", "{}" },
	{ "{\"text\":{\"a\":\"x\"}}", "{}" },
	{ "{\"text\":[\"x\"]}", "{}" },
	{ "{\"flag\":\"true\"}", "{}" },
	{ "{\"count\":1.5}", "{}" },
	{ "{\"count\":\"1\"}", "{}" },
	{ "{\"amount\":\"1\"}", "{}" },
	{ "{\"when\":1}", "{}" },
	{ "{\"blob\":true}", "{}" },
	{ "{\"link\":{}}", "{}" },
	{ "{\"tags\":\"t\"}", "{}" },
	{ "{\"tags\":[\"t\",1,{\"a\":1}]}", "{\"tags\":[\"t\"]}" },
	{ "{\"part\":\"x\"}", "{}" },
	{ "{\"part\":[{\"a\":\"x\"}]}", "{}" },
	{ "{\"part\":{\"a\":[\"x\"],\"b\":[{\"c\":1}]}}", "{}" },
	{ "{\"parts\":[\"x\"]}", "{}" },
	{ "{\"parts\":{\"a\":\"x\"}}", "{}" },
	/* extensions */
	{ "{\"schemas\":[\"urn:x:Thing\",\"urn:x:Open\"],"
	  "\"urn:x:Open\":{\"text\":\"x\"}}",
	    NULL },
	{ "{\"schemas\":[\"urn:x:Thing\",\"urn:x:Lost\",1],"
	  "\"urn:x:Lost\":{\"text\":\"x\"}}",
	    "{\"schemas\":[\"urn:x:Thing\"]}" },
	{ "{\"urn:x:Open\":{\"lost\":\"x\"}}", "{}" },
	{ "{\"urn:x:Open\":\"x\"}", "{}" },
	/* an attribute of the core is none of an extension */
	{ "{\"urn:x:Open\":{\"flag\":true,\"text\":\"x\"}}",
	    "{\"urn:x:Open\":{\"text\":\"x\"}}" },
	{ "{\"schemas\":\"x\"}", NULL },
};

static void
what_has_no_place_any_more_goes(void **state)
{
	const char *texts[] = { schema, open_schema, type_text, NULL };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = NULL;
	scim_error err = { .status = SCIM_OK };

	assert_int_equal(SCIM_OK, load_texts(texts, &registry, &err));
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value content;
		scim__buf buf;

		assert_int_equal(SCIM_OK,
		    scim__json_parse_trusted(
			arena, scim__str(cases[i].stored), &content, &err));
		scim__schema_fit(registry,
		    scim__registry_type(registry, SCIM_STR("Thing")), &content);
		scim__buf_init(&buf, arena, SIZE_MAX);
		scim__json_write_canonical(&buf, &content);
		assert_str(scim__buf_str(&buf),
		    cases[i].fits == NULL ? cases[i].stored : cases[i].fits);
	}
	scim_registry_unref(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_place_any_more_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
