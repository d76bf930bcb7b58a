/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/delta.h"

#include "base/str.h"
#include "lib/test.h"
#include "json/json.h"

static scim_arena *arena;

static int
set_up(void **state)
{
	arena = scim_arena_new(NULL);
	return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	scim_arena_free(arena);
	return 0;
}

static scim__value
value_of(const char *json)
{
	scim__value value;

	assert_int_equal(SCIM_OK,
	    scim__json_parse_trusted(arena, scim__str(json), &value, NULL));
	return value;
}

static scim_str
delta(const scim__value *from, const scim__value *to)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__delta_write(&buf, from, to);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static scim_str
paths(const char *before, const char *after)
{
	struct scim__paths p = { .count = 0 };
	scim__value a, b;

	if (before != NULL)
		a = value_of(before);
	if (after != NULL)
		b = value_of(after);
	scim__paths_add(
	    arena, &p, before == NULL ? NULL : &a, after == NULL ? NULL : &b);
	return scim__paths_json(arena, &p);
}

static const char *const contents[] = {
	"{}",
	"{\"a\":1}",
	"{\"a\":1.0}",
	"{\"a\":\"1\",\"b\":[1,2]}",
	"{\"b\":[2,1],\"c\":{\"x\":true}}",
	"{\"c\":{\"x\":false,\"y\":{\"z\":null}}}",
	"{\"c\":[{\"x\":1}],\"d\":{}}",
	"{\"c\":{\"y\":{\"w\":9007199254740993}},\"\xC3\xA9\\\"\":\"\\u0001\"}",
};

static void
edits_lead_from_any_content_to_any_other(void **state)
{
	for (size_t i = 0; i < scim__countof(contents); i++) {
		for (size_t k = 0; k < scim__countof(contents); k++) {
			scim__value from = value_of(contents[i]);
			scim__value to = value_of(contents[k]);
			scim_str edits = delta(&from, &to);

			assert_int_equal(SCIM_OK,
			    scim__delta_apply(arena, edits, &from, NULL));
			assert_true(scim__value_equal(&from, &to));
			if (i == k)
				assert_str(edits, "[]");
		}
	}
}

static void
edits_say_what_differs(void **state)
{
	scim__value from =
	    value_of("{\"n\":{\"f\":\"J\",\"g\":\"B\"},\"t\":\"x\",\"z\":1}");
	scim__value to =
	    value_of("{\"n\":{\"f\":\"S\",\"g\":\"B\"},\"u\":[1],\"z\":1}");

	assert_str(delta(&from, &to),
	    "[[[\"t\"]],[[\"n\",\"f\"],\"S\"],[[\"u\"],[1]]]");
}

static void
edits_that_do_not_fit_are_damage(void **state)
{
	static const char *const edits[] = { "{}", "[1]", "[[]]", "[[[]]]",
		"[[[\"x\"]]]", "[[[1],2]]", "[[[\"x\",\"y\"],1]]",
		"[[[\"a\",\"y\"],1]]", "[[[\"a\"],1,2]]", "[[\"a\",1]]",
		"not JSON" };

	for (size_t i = 0; i < scim__countof(edits); i++) {
		scim__value content = value_of("{\"a\":1}");

		assert_int_equal(SCIM_ERR_STORE,
		    scim__delta_apply(
			arena, scim__str(edits[i]), &content, NULL));
	}
}

static void
paths_name_attributes_in_order(void **state)
{
	static const struct {
		const char *before, *after, *want;
	} cases[] = {
		{ "{\"a\":1}", "{\"a\":1}", "[]" },
		{ "{\"id\":\"1\",\"schemas\":[1]}", "{\"id\":\"2\"}", "[]" },
		{ "{\"b\":1,\"a\":2}", "{\"a\":1,\"b\":2}", "[\"a\",\"b\"]" },
		{ "{\"n\":{\"f\":1,\"g\":1}}", "{\"n\":{\"f\":2,\"h\":1}}",
		    "[\"n.f\",\"n.g\",\"n.h\"]" },
		{ "{}", "{\"n\":{\"f\":1,\"g\":1}}", "[\"n.f\",\"n.g\"]" },
		{ "{\"e\":[{\"v\":1}]}", "{\"e\":[{\"v\":2}]}", "[\"e\"]" },
		{ "{\"urn:x:U\":{\"m\":{\"v\":1},\"d\":1}}",
		    "{\"urn:x:U\":{\"m\":{\"v\":2},\"d\":1}}",
		    "[\"urn:x:U:m.v\"]" },
		{ "{}", "{\"urn:x:2.0:U\":{\"d\":1}}", "[\"urn:x:2.0:U:d\"]" },
		{ "{\"a\":1}", NULL, "[\"a\"]" },
		{ NULL, "{\"a\":{\"b\":1}}", "[\"a.b\"]" },
		{ "{\"a\":{\"b\":1}}", "{\"a\":1}", "[\"a\"]" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_str(
		    paths(cases[i].before, cases[i].after), cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_lead_from_any_content_to_any_other),
		cmocka_unit_test(edits_say_what_differs),
		cmocka_unit_test(edits_that_do_not_fit_are_damage),
		cmocka_unit_test(paths_name_attributes_in_order),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
