/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/decide.h"

#include <stdio.h>

#include "filtering.h"

static enum scim__filter_truth
decided(struct filtering *f, const char *type, const char *text)
{
	struct scim__filter_binding to = binding_of(f, f->arena, type);
	enum scim__filter_truth truth = SCIM__FILTER_DEPENDS;
	scim__filter tree, bound;
	scim_error err = { 0 };

	to.any_type = true;
	if (scim__filter_parse(
		f->arena, scim__str(text), &roomy, &tree, &err) != SCIM_OK ||
	    scim__filter_bind(&to, &tree, &bound, &err) != SCIM_OK ||
	    scim__filter_decide(f->arena, to.type, bound.root, &truth, &err) !=
		SCIM_OK)
		fail_msg("%s: %s", text, err.detail);
	return truth;
}

/* @spec 7644-3.4.2.1-02, 7644-3.4.2.1-04 */
static void
what_no_resource_need_be_looked_at_for_is_known(void **state)
{
	static const struct {
		const char *filter;
		char group, user; /* 'a'lways, 'n'ever, or what 'd'epends */
	} rows[] = {
		{ "meta.resourceType eq \"Group\"", 'a', 'n' },
		{ "meta.resourceType eq \"group\"", 'n', 'n' },
		{ "meta.resourceType ne \"Group\"", 'n', 'a' },
		{ "meta.resourceType sw \"U\"", 'n', 'a' },
		{ "meta.resourceType pr", 'a', 'a' },
		{ "meta.resourceType eq null", 'n', 'n' },
		{ "meta.resourceType ne null", 'a', 'a' },
		{ "not (meta.resourceType eq \"Group\")", 'n', 'a' },
		{ "userName pr", 'n', 'd' },
		{ "userName eq \"x\"", 'n', 'd' },
		{ "userName ne \"x\"", 'a', 'd' },
		{ "userName eq null", 'a', 'd' },
		{ "userName ne null", 'n', 'd' },
		{ "name[givenName eq \"x\"]", 'n', 'd' },
		{ "displayName eq \"x\"", 'd', 'd' },
		{ "displayName pr and userName pr", 'n', 'd' },
		{ "displayName pr or userName pr", 'd', 'd' },
		{ "displayName pr or meta.resourceType pr", 'a', 'a' },
		{ "meta.resourceType pr and userName eq null", 'a', 'd' },
		{ "not (displayName pr)", 'd', 'd' },
		{ "meta[resourceType eq \"Group\"]", 'd', 'd' },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		const char *said = "dan";

		if (said[decided(f, "Group", rows[i].filter)] !=
			rows[i].group ||
		    said[decided(f, "User", rows[i].filter)] != rows[i].user)
			fail_msg("%s", rows[i].filter);
	}
}

/* Whatever is decided, the evaluator says so too. */
static void
a_decision_is_the_truth_of_every_resource(void **state)
{
	static const char *const parts[] = { "meta.resourceType eq \"User\"",
		"meta.resourceType ne \"User\"", "displayName pr",
		"not (meta.resourceType eq \"Group\")", "title eq null" };
	static const char *const words[] = { "and", "or" };
	static const char user[] =
	    "{\"meta\":{\"resourceType\":\"User\"},\"displayName\":\"x\"}";
	struct filtering *f = *state;
	int known = 0;

	for (size_t i = 0; i < 5 * 2 * 5 * 2 * 5; i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), "%s %s %s %s %s",
		    parts[i % 5], words[i / 5 % 2], parts[i / 10 % 5],
		    words[i / 50 % 2], parts[i / 100]);
		enum scim__filter_truth truth = decided(f, "User", text);

		known += truth != SCIM__FILTER_DEPENDS;
		if (truth != SCIM__FILTER_DEPENDS &&
		    matches(f, "User", text, user) !=
			(truth == SCIM__FILTER_ALWAYS))
			fail_msg("%s", text);
		scim_arena_reset(f->arena);
	}
	assert_true(known > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_no_resource_need_be_looked_at_for_is_known),
		cmocka_unit_test(a_decision_is_the_truth_of_every_resource),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
