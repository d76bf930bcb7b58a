/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/explain.h"

#include "base/arena.h"
#include "base/str.h"
#include "lib/directory.h"
#include "lib/failing.h"

#define USER(rest)                                                       \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"bjensen\"" rest "}"
#define TITLE(text) USER(",\"title\":\"" text "\"")

/* A user with a first and a second state. */
struct history {
	struct directory d;
	scim_resource user;
	scim_expect held; /* the first */
	scim_outcome now;
};

static void
open_history(struct history *h, const char *theirs)
{
	directory_open(&h->d);
	h->user = directory_user(&h->d, "bjensen");
	h->held = expect_version(&h->user.version);
	assert_int_equal(SCIM_OK,
	    directory_replace(
		&h->d, "User", h->user.id, theirs, &h->held, &h->now));
}

static scim_conflict
lose(struct history *h, scim_explain explain, const char *ours)
{
	scim_outcome lost;

	h->d.context.explain = explain;
	assert_int_equal(SCIM_OK,
	    directory_replace(
		&h->d, "User", h->user.id, ours, &h->held, &lost));
	assert_int_equal(lost.kind, SCIM_MISMATCH);
	assert_true(
	    scim__str_equal(lost.conflict.current, h->now.resource.etag));
	return lost.conflict;
}

static void
who_does_not_ask_is_told_the_versions_alone(void **state)
{
	struct history h;

	open_history(&h, TITLE("Boss"));
	scim_conflict conflict = lose(&h, SCIM_EXPLAIN_NOTHING, TITLE("Chief"));
	assert_null(conflict.detail.ptr);
	assert_int_equal(conflict.path_count, 0);
	directory_close(&h.d);
}

static void
a_count_names_the_paths_and_shows_no_value(void **state)
{
	struct history h;

	open_history(&h, TITLE("Boss"));
	scim_conflict conflict = lose(&h, SCIM_EXPLAIN_COUNT, TITLE("Chief"));
	assert_contains(conflict.detail, "\"conflictCount\":1}");
	assert_lacks(conflict.detail, "Chief");
	assert_int_equal(conflict.path_count, 1);
	assert_true(scim__str_equal(conflict.paths[0], SCIM_STR("title")));
	directory_close(&h.d);
}

static void
a_detail_has_all_three_states(void **state)
{
	struct history h;

	open_history(&h, TITLE("Boss"));
	scim_conflict conflict = lose(&h, SCIM_EXPLAIN_DETAIL, TITLE("Chief"));
	assert_contains(conflict.detail,
	    "\"conflicts\":[{\"path\":\"title\",\"kind\":\"add/add\","
	    "\"ours\":\"Chief\",\"theirs\":\"Boss\"");
	assert_contains(conflict.detail,
	    "\"changedSince\":[{\"path\":\"title\",\"op\":\"add\","
	    "\"after\":\"Boss\"");
	assert_contains(
	    conflict.message, "1 newer version, 1 conflicting path.");
	directory_close(&h.d);
}

static void
a_version_of_nobody_has_no_base(void **state)
{
	struct history h;
	scim_version never = { { 7 } };

	open_history(&h, TITLE("Boss"));
	h.held = expect_version(&never);
	scim_conflict conflict = lose(&h, SCIM_EXPLAIN_DETAIL, TITLE("Chief"));
	assert_contains(conflict.detail, "\"baseAvailable\":false}");
	directory_close(&h.d);
}

static void
without_a_history_there_is_no_base(void **state)
{
	struct history h;

	open_history(&h, TITLE("Boss"));
	h.d.settings.history_count = 0;
	scim_conflict conflict = lose(&h, SCIM_EXPLAIN_DETAIL, TITLE("Chief"));
	assert_contains(conflict.detail, "\"baseAvailable\":false}");
	directory_close(&h.d);
}

static void
two_passwords_are_in_conflict_and_one_is_not(void **state)
{
	struct history h;
	scim_conflict conflict;

	open_history(&h, USER(",\"password\":\"correct horse 1\""));
	conflict = lose(
	    &h, SCIM_EXPLAIN_DETAIL, USER(",\"password\":\"correct horse 1\""));
	assert_contains(conflict.detail,
	    "{\"path\":\"password\",\"kind\":\"modify/modify\","
	    "\"redacted\":true");
	assert_lacks(conflict.detail, "horse");
	assert_lacks(conflict.detail, "argon");
	conflict = lose(&h, SCIM_EXPLAIN_DETAIL, TITLE("Chief"));
	assert_contains(conflict.detail, "\"mergeable\":true");
	directory_close(&h.d);
}

/* What can't be found out is left out: a mismatch is one all the same. */
static void
lack_of_memory_never_makes_another_answer(void **state)
{
	bool told = false;

	for (size_t after = 0; !told; after++) {
		struct history h;
		struct failing failing;

		open_history(&h, TITLE("Boss"));
		scim_arena *arena = h.d.context.arena;
		failing_init(&failing, after);
		h.d.context.arena = scim_arena_new(&failing.base);
		if (h.d.context.arena != NULL) {
			scim_outcome lost = { .kind = SCIM_DONE };

			h.d.context.explain = SCIM_EXPLAIN_DETAIL;
			scim_status rc = directory_replace(&h.d, "User",
			    h.user.id, TITLE("Chief"), &h.held, &lost);
			if (rc == SCIM_OK)
				assert_int_equal(lost.kind, SCIM_MISMATCH);
			else
				assert_int_equal(rc, SCIM_ERR_NO_MEMORY);
			told = rc == SCIM_OK &&
			    lost.conflict.detail.ptr != NULL &&
			    !failing.has_failed;
			scim_arena_free(h.d.context.arena);
		}
		h.d.context.arena = arena;
		directory_close(&h.d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_ask_is_told_the_versions_alone),
		cmocka_unit_test(a_count_names_the_paths_and_shows_no_value),
		cmocka_unit_test(a_detail_has_all_three_states),
		cmocka_unit_test(a_version_of_nobody_has_no_base),
		cmocka_unit_test(without_a_history_there_is_no_base),
		cmocka_unit_test(two_passwords_are_in_conflict_and_one_is_not),
		cmocka_unit_test(lack_of_memory_never_makes_another_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
