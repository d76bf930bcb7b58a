/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/part.h"

#include <stdio.h>

#include "filter/parse.h"
#include "lib/directory.h"

static scim_status
open_part(struct directory *d, const char *type, bool any, const char *text,
    struct scim__part *out)
{
	static const struct scim__filter_limits roomy = { 8192, 100, 32 };
	struct scim__sort sort = { .by = SCIM_STR("userName") };
	scim__filter tree;

	if (text != NULL)
		assert_int_equal(SCIM_OK,
		    scim__filter_parse(d->context.arena, scim__str(text),
			&roomy, &tree, &d->err));
	return scim__part_open(out, &d->context,
	    scim__registry_type(d->registry, scim__str(type)), any,
	    text != NULL ? &tree : NULL, &sort, &d->err);
}

static void
every_type_has_a_plan_of_its_own(void **state)
{
	struct directory d;
	struct scim__part user, group;

	directory_open(&d);
	assert_int_equal(
	    SCIM_OK, open_part(&d, "User", true, "userName eq \"x\"", &user));
	assert_int_equal(
	    SCIM_OK, open_part(&d, "Group", true, "userName eq \"x\"", &group));
	assert_true(user.plan.how == SCIM__PLAN_INDEX);
	assert_true(group.plan.how == SCIM__PLAN_SCAN);
	assert_true(group.none && !user.none && user.filtered);
	assert_non_null(user.sort);
	assert_null(group.sort);
	assert_true(user.rank != group.rank);
	assert_str(scim__part_narrow(&user, &d.context).attribute, "userName");
	assert_str(scim__part_narrow(&group, &d.context).attribute, "");
	assert_int_equal(SCIM_ERR_INVALID,
	    open_part(&d, "Group", false, "userName eq \"x\"", &group));
	directory_close(&d);
}

static void
candidates_are_counted_no_further_than_asked(void **state)
{
	struct directory d;
	struct scim__part part;
	scim_txn *txn = NULL;
	char by_member[80];

	directory_open(&d);
	scim_resource user = directory_user(&d, "ann");
	const scim_str *const members[] = { &user.id, NULL };
	for (int i = 0; i < 4; i++)
		(void)directory_group(&d, i < 3 ? "same" : "other", members);
	(void)snprintf(by_member, sizeof(by_member), "members.value eq \"%s\"",
	    user.id.ptr);
	const struct {
		const char *filter;
		uint64_t want;
	} rows[] = {
		{ NULL, 4 },
		{ "displayName eq \"same\"", 3 },
		{ "displayName eq \"none\"", 0 },
		{ "externalId pr", 4 },
		{ "id eq \"x\"", 1 },
		{ "id eq \"x\" or displayName eq \"same\"", 4 },
		{ by_member, 4 },
	};
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_READ, &txn, &d.err));
	for (size_t i = 0; i < scim__countof(rows); i++)
		for (uint64_t most = 1; most < 6; most++) {
			uint64_t count = 77;

			assert_int_equal(SCIM_OK,
			    open_part(
				&d, "Group", false, rows[i].filter, &part));
			assert_int_equal(SCIM_OK,
			    scim__part_candidates(
				&part, &d.context, txn, most, &count, &d.err));
			assert_int_equal(
			    count, rows[i].want < most ? rows[i].want : most);
		}
	scim__store_rollback(txn);
	directory_close(&d);
}

static void
what_holds_for_all_of_a_type_filters_nothing(void **state)
{
	struct directory d;
	struct scim__part part;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    open_part(
		&d, "Group", false, "meta.resourceType eq \"Group\"", &part));
	assert_false(part.filtered || part.none);
	assert_true(scim__part_is_plain(&part));
	assert_int_equal(SCIM_OK,
	    open_part(
		&d, "Group", false, "meta.resourceType eq \"User\"", &part));
	assert_true(part.none);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_plan_of_its_own),
		cmocka_unit_test(what_holds_for_all_of_a_type_filters_nothing),
		cmocka_unit_test(candidates_are_counted_no_further_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
