/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/look.h"

#include "lib/directory.h"

/* A search for users by name, and its first part under way. */
struct scene {
	struct directory d;
	struct scim__search search;
	struct scim__looking looking;
	scim_txn *txn;
	scim_record ann;
};

static void
set_scene(struct scene *s, const char *filter)
{
	struct scim__terms terms = { .filter = scim__str(filter),
		.sort_by = SCIM_STR("userName") };

	directory_open(&s->d);
	scim_resource user = directory_user(&s->d, "Ann");
	const scim__resource_type *type =
	    scim__registry_type(s->d.registry, SCIM_STR("User"));
	scim_key key = scim__key(&s->d.context, type, user.id);
	assert_int_equal(SCIM_OK,
	    scim__search_open(
		&s->search, &s->d.context, type, &terms, &s->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_begin(s->d.store, SCIM_TXN_READ, &s->txn, &s->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(s->txn, s->d.context.arena, &key,
		SCIM_RECORD_CONTENT, &s->ann, &s->d.err));
	s->looking = (struct scim__looking){ .search = &s->search,
		.part = s->search.parts,
		.txn = s->txn,
		.one = scim_arena_new(NULL),
		.context = s->d.context,
		.counts = true,
		.ordered = true,
		.limit = 1 };
	s->looking.context.arena = s->looking.one;
}

static void
strike_scene(struct scene *s)
{
	scim__store_rollback(s->txn);
	scim_arena_free(s->looking.one);
	directory_close(&s->d);
}

static void
a_match_is_counted_and_noted_by_its_place(void **state)
{
	struct scene s;

	set_scene(&s, "userName eq \"ANN\"");
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_int_equal(s.search.total, 1);
	assert_int_equal(s.looking.page_count, 1);
	assert_true(scim__str_equal(s.looking.page[0].id, s.ann.id));
	assert_int_equal(s.looking.page[0].place.position, s.ann.position);
	assert_false(scim__look_is_done(&s.looking));
	s.looking.counts = false;
	assert_true(scim__look_is_done(&s.looking));
	strike_scene(&s);
}

static void
what_does_not_match_is_forgotten(void **state)
{
	struct scene s;

	set_scene(&s, "userName eq \"bob\"");
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_int_equal(s.search.total, 0);
	assert_int_equal(s.looking.page_count, 0);
	strike_scene(&s);
}

static void
a_place_holds_the_value_to_sort_by(void **state)
{
	struct scene s;
	struct scim__place place;

	set_scene(&s, "userName pr");
	assert_int_equal(
	    SCIM_OK, scim__look_place(&s.looking, &s.ann, &place, &s.d.err));
	assert_true(place.has_value);
	assert_str(place.value.text, "ann");
	s.looking.missing = true;
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_int_equal(s.search.total, 0);
	strike_scene(&s);
}

static void
nothing_up_to_the_place_to_go_on_after_is_taken(void **state)
{
	struct scene s;
	struct scim__place place;

	set_scene(&s, "userName pr");
	assert_int_equal(
	    SCIM_OK, scim__look_place(&s.looking, &s.ann, &place, &s.d.err));
	assert_true(scim__place_copy(s.d.context.arena, &place, &place));
	s.looking.after = &place;
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_int_equal(s.looking.page_count, 0);
	place.value.text = SCIM_STR("anm");
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_int_equal(s.looking.page_count, 1);
	strike_scene(&s);
}

static void
looking_is_paid_for(void **state)
{
	struct scene s;

	set_scene(&s, "userName pr");
	s.search.budget = s.ann.content.len / 16;
	assert_int_equal(
	    SCIM_ERR_INVALID, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_string_equal(s.d.err.scim_type, "tooMany");
	strike_scene(&s);
}

static void
what_is_looked_up_is_paid_for_as_well(void **state)
{
	struct scene s;
	uint64_t before, alone;

	set_scene(&s, "groups.display eq \"none\"");
	s.search.budget = before = 100000;
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	alone = before - s.search.budget;
	for (int i = 0; i < 10; i++) {
		const scim_str *const ann[] = { &s.ann.id, NULL };

		scim__store_rollback(s.txn);
		(void)directory_group(&s.d, "some", ann);
		assert_int_equal(SCIM_OK,
		    scim__store_begin(
			s.d.store, SCIM_TXN_READ, &s.txn, &s.d.err));
		s.looking.txn = s.txn;
	}
	before = s.search.budget;
	assert_int_equal(SCIM_OK, scim__look_at(&s.looking, &s.ann, &s.d.err));
	assert_true(before - s.search.budget >= alone + 10 * 50);
	strike_scene(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_is_counted_and_noted_by_its_place),
		cmocka_unit_test(what_does_not_match_is_forgotten),
		cmocka_unit_test(a_place_holds_the_value_to_sort_by),
		cmocka_unit_test(
		    nothing_up_to_the_place_to_go_on_after_is_taken),
		cmocka_unit_test(looking_is_paid_for),
		cmocka_unit_test(what_is_looked_up_is_paid_for_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
