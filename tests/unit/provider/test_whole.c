/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/whole.h"

#include "lib/directory.h"
#include "json/json.h"

struct fixture {
	struct directory d;
	scim_txn *txn;
	const scim__resource_type *type;
	struct scim__view view;
};

/* A user in a group. */
static void
open_fixture(struct fixture *f)
{
	scim_record record;

	directory_open(&f->d);
	scim_resource user = directory_user(&f->d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	(void)directory_group(&f->d, "g", members);
	f->type = scim__registry_type(f->d.registry, SCIM_STR("User"));
	scim_key key = scim__key(&f->d.context, f->type, user.id);
	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &f->txn, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(f->txn, f->d.context.arena, &key,
		SCIM_RECORD_CONTENT, &record, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__view_make(
		f->txn, &f->d.context, f->type, &record, &f->view, &f->d.err));
}

static void
close_fixture(struct fixture *f)
{
	scim__store_rollback(f->txn);
	directory_close(&f->d);
}

static void
a_tree_has_content_derived_values_and_meta(void **state)
{
	struct fixture f;
	scim__value whole;

	open_fixture(&f);
	assert_int_equal(SCIM_OK,
	    scim__whole_make(
		f.d.context.arena, f.type, &f.view, &whole, &f.d.err));
	assert_str(
	    scim__object_get_string(&whole, SCIM_STR("userName")), "bjensen");
	assert_int_equal(
	    scim__object_find(&whole, SCIM_STR("groups"))->count, 1);
	const scim__value *meta = scim__object_find(&whole, SCIM_STR("meta"));
	assert_true(scim__str_equal(
	    f.view.etag, scim__object_get_string(meta, SCIM_STR("version"))));
	assert_str(scim__object_get_string(meta, SCIM_STR("created")),
	    "2026-11-21T20:00:00.123Z");
	close_fixture(&f);
}

static void
a_member_shows_what_is_known_of_it(void **state)
{
	static const struct {
		scim_member_row row;
		const char *want;
	} cases[] = {
		{ { { "1", 1 }, { "", 0 }, { "", 0 } }, "{\"value\":\"1\"}" },
		{ { { "1", 1 }, { "Spaceship", 9 }, { "x", 1 } },
		    "{\"value\":\"1\",\"display\":\"x\"}" },
		{ { { "1", 1 }, { "Group", 5 }, { "x", 1 } },
		    "{\"value\":\"1\",\"$ref\":"
		    "\"https://example.com/scim/v2/Groups/1\",\"type\":"
		    "\"Group\",\"display\":\"x\"}" },
	};
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value member;
		scim__buf buf;

		assert_true(scim__whole_member(
		    d.context.arena, &d.context, &cases[i].row, &member));
		scim__buf_init(&buf, d.context.arena, SIZE_MAX);
		scim__json_write(&buf, &member);
		assert_str(scim__buf_str(&buf), cases[i].want);
	}
	directory_close(&d);
}

static scim__value
parsed(struct directory *d, const char *json)
{
	scim__value value;

	assert_int_equal(SCIM_OK,
	    scim__json_parse_trusted(
		d->context.arena, scim__str(json), &value, &d->err));
	return value;
}

/* Wherever a replacement keeps what is left out, so that leaving it out is
 * not enough. */
static void
what_is_not_wanted_gets_a_null(void **state)
{
	static const struct {
		const char *there, *wanted, *want;
	} cases[] = {
		{ "{}", "{}", "{}" },
		{ "{\"a\":1}", "{}", "{\"a\":null}" },
		{ "{\"a\":1}", "{\"a\":2,\"b\":3}", "{\"a\":2,\"b\":3}" },
		{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":3}}",
		    "{\"a\":{\"x\":null,\"y\":3}}" },
		{ "{\"a\":{\"b\":{\"x\":1}},\"c\":1}",
		    "{\"a\":{\"b\":{\"z\":1}}}",
		    "{\"a\":{\"b\":{\"x\":null,\"z\":1}},\"c\":null}" },
		/* Lists are wanted as a whole, and so is what was none. */
		{ "{\"a\":[{\"x\":1}]}", "{\"a\":[]}", "{\"a\":[]}" },
		{ "{\"a\":{\"x\":1}}", "{\"a\":\"b\"}", "{\"a\":\"b\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}" },
	};
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value there = parsed(&d, cases[i].there);
		scim__value wanted = parsed(&d, cases[i].wanted);
		scim__buf buf;

		assert_true(
		    scim__whole_clear(d.context.arena, &there, &wanted));
		scim__buf_init(&buf, d.context.arena, SIZE_MAX);
		scim__json_write_canonical(&buf, &wanted);
		assert_str(scim__buf_str(&buf), cases[i].want);
	}
	directory_close(&d);
}

static scim_status
make(scim_arena *arena, void *context)
{
	struct fixture *f = context;
	scim__value whole = { .kind = SCIM__NULL };
	scim_status rc =
	    scim__whole_make(arena, f->type, &f->view, &whole, &f->d.err);

	assert_int_equal(rc == SCIM_OK, whole.kind == SCIM__OBJECT);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct fixture f;

	open_fixture(&f);
	assert_true(test_fail_each_allocation(make, &f) >= 3);
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_has_content_derived_values_and_meta),
		cmocka_unit_test(a_member_shows_what_is_known_of_it),
		cmocka_unit_test(what_is_not_wanted_gets_a_null),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
