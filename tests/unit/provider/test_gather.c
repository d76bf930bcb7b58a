/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/gather.h"

#include <stdio.h>

#include "base/arena.h"
#include "filter/parse.h"
#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

static void
gather(struct directory *d, const char *type, const char *text, size_t most,
    struct scim__gathering *out)
{
	static const struct scim__filter_limits roomy = { 8192, 100, 32 };
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim__auto(scim_arena_free) scim_arena *batch = scim_arena_new(NULL);
	struct scim__sort sort = { .by = { NULL, 0 } };
	struct scim__part part;
	scim__filter tree;

	assert_int_equal(SCIM_OK,
	    scim__filter_parse(
		d->context.arena, scim__str(text), &roomy, &tree, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__part_open(&part, &d->context,
		scim__registry_type(d->registry, scim__str(type)), false, &tree,
		&sort, &d->err));
	assert_true(scim__gather_is_needed(&part));
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	*out = (struct scim__gathering){
		.batch = batch, .context = d->context, .txn = txn, .most = most
	};
	assert_int_equal(SCIM_OK, scim__gather(out, &part, &d->err));
}

static void
each_is_gathered_once_in_the_order_of_creation(void **state)
{
	struct directory d;
	struct scim__gathering g;
	scim_outcome out;
	char text[80];

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		USER("\"userName\":\"zoe\",\"emails\":[{\"value\":\"a1\"},"
		     "{\"value\":\"a2\"}]"),
		&out));
	scim_str zoe = out.resource.id;
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		USER("\"userName\":\"ann\",\"emails\":[{\"value\":\"a0\"}]"),
		&out));
	scim_str ann = out.resource.id;

	gather(&d, "User", "userName gt \"a\"", 10, &g);
	assert_int_equal(g.count, 2);
	assert_true(scim__str_equal(g.items[0].id, zoe));
	assert_true(scim__str_equal(g.items[1].id, ann));
	gather(&d, "User", "emails.value sw \"a\"", 10, &g);
	assert_int_equal(g.count, 2);
	assert_true(scim__str_equal(g.items[0].id, zoe));
	gather(&d, "User",
	    "userName eq \"ann\" or emails eq \"a1\" or emails eq \"a2\"", 10,
	    &g);
	assert_int_equal(g.count, 2);
	assert_true(scim__str_equal(g.items[0].id, zoe));
	assert_true(scim__str_equal(g.items[1].id, ann));
	(void)snprintf(text, sizeof(text), "id eq \"%s\"", ann.ptr);
	gather(&d, "User", text, 10, &g);
	assert_int_equal(g.count, 1);
	gather(&d, "Group", text, 10, &g);
	assert_int_equal(g.count, 0);

	const scim_str *const members[] = { &ann, NULL };
	(void)directory_group(&d, "b", members);
	(void)directory_group(&d, "a", members);
	(void)snprintf(text, sizeof(text), "members.value eq \"%s\"", ann.ptr);
	gather(&d, "Group", text, 10, &g);
	assert_int_equal(g.count, 2);
	assert_true(g.items[0].position < g.items[1].position);
	directory_close(&d);
}

static void
a_range_too_long_is_given_up(void **state)
{
	struct directory d;
	struct scim__gathering g;

	directory_open(&d);
	(void)directory_user(&d, "ann");
	(void)directory_user(&d, "bob");
	gather(&d, "User", "userName gt \"a\"", 2, &g);
	assert_false(g.too_many);
	gather(&d, "User", "userName gt \"a\"", 1, &g);
	assert_true(g.too_many);
	directory_close(&d);
}

static void
what_is_not_after_a_position_is_passed_over(void **state)
{
	struct scim__gathered items[] = { { 2, { "", 0 } }, { 5, { "", 0 } },
		{ 9, { "", 0 } } };
	struct scim__gathering g = { .items = items, .count = 3 };
	static const size_t passed[] = { 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3 };

	for (size_t i = 0; i < scim__countof(passed); i++)
		assert_int_equal(scim__gather_after(&g, i), passed[i]);
	g.count = 0;
	assert_int_equal(scim__gather_after(&g, 5), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_is_gathered_once_in_the_order_of_creation),
		cmocka_unit_test(a_range_too_long_is_given_up),
		cmocka_unit_test(what_is_not_after_a_position_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
