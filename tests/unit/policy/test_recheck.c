/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/badges.h"

#define CONTENT(id, more) \
	"{" more "\"id\":\"" id "\",\"schemas\":[\"urn:x:Badge\"]}"

static const char plain[] = BADGE_SCHEMA("{\"name\":\"colour\"},"
					 "{\"name\":\"pin\",\"returned\":"
					 "\"never\",\"mutability\":"
					 "\"writeOnly\"},{\"name\":\"n\","
					 "\"type\":\"integer\"}");

static void
open_with_badges(struct badges *b)
{
	badges_open(b);
	badges_must_add(b, plain);
	badges_put(b, "Badge", "1", CONTENT("1", "\"colour\":\"red\","),
	    "{\"pin\":\"7\"}");
	badges_put(b, "Badge", "2", CONTENT("2", "\"colour\":\"Red\","), "");
}

static void
resources_that_fit_are_looked_at_and_stay(void **state)
{
	struct scim__schema_change change = { 0 };
	struct badges b;

	open_with_badges(&b);
	assert_int_equal(
	    badges_add(&b,
		BADGE_SCHEMA("{\"name\":\"colour\",\"required\":true},"
			     "{\"name\":\"pin\",\"returned\":\"never\"},"
			     "{\"name\":\"size\"}"),
		&change),
	    SCIM_OK);
	assert_int_equal(change.looked_at, 2);
	assert_int_equal(change.indexed, 0);
	badges_close(&b);
}

static void
what_contradicts_is_named(void **state)
{
	static const struct {
		const char *schema, *said;
	} rows[] = {
		{ BADGE_SCHEMA("{\"name\":\"pin\",\"returned\":\"never\"}"),
		    "Badge 1: its colour could not stay" },
		{ BADGE_SCHEMA("{\"name\":\"colour\"}"),
		    "Badge 1: its pin could not stay" },
		{ BADGE_SCHEMA("{\"name\":\"colour\"},{\"name\":\"pin\"}"),
		    "Badge 1: its pin could not stay" },
		{ BADGE_SCHEMA("{\"name\":\"colour\"},{\"name\":\"pin\","
			       "\"returned\":\"never\",\"required\":true}"),
		    "Badge 2: pin is required" },
		{ BADGE_SCHEMA("{\"name\":\"colour\",\"type\":\"boolean\"},"
			       "{\"name\":\"pin\",\"returned\":\"never\"}"),
		    "Badge 1: colour" },
		{ BADGE_SCHEMA("{\"name\":\"Colour\"},{\"name\":\"pin\","
			       "\"returned\":\"never\"}"),
		    "Badge 1: its colour could not stay" },
		{ BADGE_SCHEMA("{\"name\":\"colour\",\"uniqueness\":"
			       "\"global\"},{\"name\":\"pin\","
			       "\"returned\":\"never\"}"),
		    "Badge 2: it has the colour of 1" },
	};
	struct scim__schema_change change = { .documents = POISON };
	struct badges b;

	open_with_badges(&b);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		assert_int_equal(
		    badges_add(&b, rows[i].schema, &change), SCIM_ERR_EXISTS);
		if (strstr(b.err.detail, rows[i].said) == NULL ||
		    strstr(b.err.detail, "Nothing was changed.") == NULL)
			fail_msg("%zu: %s", i, b.err.detail);
	}
	assert_int_equal(change.documents, POISON);
	badges_close(&b);
}

static void
a_type_that_is_used_stays(void **state)
{
	struct badges b;

	open_with_badges(&b);
	assert_int_equal(badges_remove(&b, "Badge"), SCIM_ERR_EXISTS);
	assert_non_null(strstr(b.err.detail, "2 resources of type Badge:"));
	badges_close(&b);
}

static void
what_came_by_unknown_schemas_is_not_taken_over(void **state)
{
	struct scim__schema_change change;
	struct badges b;

	badges_open(&b);
	badges_put(&b, "Badge", "1", CONTENT("1", ""), "");
	assert_int_equal(badges_add(&b, plain, &change), SCIM_ERR_EXISTS);
	assert_non_null(strstr(b.err.detail, "--schemas"));
	badges_close(&b);
}

static uint64_t
count_indexed(struct badges *b)
{
	const scim_plan plan = { .tenant = SCIM_STR("acme"),
		.type = SCIM_STR("Badge"),
		.attribute = SCIM_STR("colour"),
		.limit = 1 };
	uint64_t count = POISON;
	scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(b->door.store, SCIM_TXN_READ, &txn, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim__store_count(txn, &plan, 1000, &count, NULL), SCIM_OK);
	scim__store_rollback(txn);
	return count;
}

static void
more_than_a_page_get_their_rows(void **state)
{
	struct scim__schema_change change = { 0 };
	struct badges b;

	badges_open(&b);
	badges_must_add(&b, plain);
	for (int i = 0; i < 450; i++) {
		char id[16], content[128];

		(void)snprintf(id, sizeof(id), "%d", i);
		(void)snprintf(content, sizeof(content),
		    CONTENT("%s", "\"colour\":\"c%d\","), i, id);
		badges_put(&b, "Badge", id, content, "");
	}
	assert_int_equal(count_indexed(&b), 0);
	assert_int_equal(
	    badges_add(&b,
		BADGE_SCHEMA("{\"name\":\"colour\",\"x-scimd-indexed\":true}"),
		&change),
	    SCIM_OK);
	assert_int_equal(change.looked_at, 450);
	assert_int_equal(change.indexed, 450);
	assert_int_equal(count_indexed(&b), 450);
	badges_must_add(&b, plain);
	assert_int_equal(count_indexed(&b), 0);
	badges_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_that_fit_are_looked_at_and_stay),
		cmocka_unit_test(what_contradicts_is_named),
		cmocka_unit_test(a_type_that_is_used_stays),
		cmocka_unit_test(
		    what_came_by_unknown_schemas_is_not_taken_over),
		cmocka_unit_test(more_than_a_page_get_their_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
