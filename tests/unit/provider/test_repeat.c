/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"
#include "provider/receipt.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"
#define GROUP(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"]," rest \
	"}"
#define TITLE(text) USER("\"userName\":\"a\",\"title\":\"" text "\"")

static void
use_key(struct directory *d, const char *key)
{
	d->context.idempotency_key =
	    key == NULL ? (scim_str){ NULL, 0 } : scim__str(key);
}

static scim_outcome
replace(struct directory *d, scim_str id, const char *json)
{
	scim_outcome out;

	if (directory_replace(d, "User", id, json, &expect_any, &out) !=
	    SCIM_OK)
		fail_msg("%s", d->err.detail);
	assert_int_equal(out.kind, SCIM_DONE);
	return out;
}

static void
what_is_there_still_is_shown_as_it_is(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	use_key(&d, "k");
	(void)replace(&d, user.id, TITLE("t"));
	use_key(&d, NULL);
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);

	use_key(&d, "k");
	scim_outcome out = replace(&d, user.id, TITLE("t"));
	assert_true(out.is_repeat);
	/* With what it derives from others by now. */
	assert_contains(out.resource.json, "\"groups\"");
	assert_contains(out.resource.json, group.id.ptr);
	directory_close(&d);
}

static void
what_is_another_by_now_is_shown_as_it_was(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	use_key(&d, "k");
	scim_outcome first = replace(&d, user.id, TITLE("t"));
	use_key(&d, NULL);
	d.fixed.now_ms += 5000;
	(void)replace(&d, user.id, TITLE("u"));
	use_key(&d, "k");
	scim_outcome out = replace(&d, user.id, TITLE("t"));

	assert_true(out.is_repeat);
	assert_contains(out.resource.json, "\"title\":\"t\"");
	assert_true(scim__str_equal(out.resource.etag, first.resource.etag));
	assert_true(
	    scim__str_equal(out.resource.location, first.resource.location));
	assert_int_equal(out.resource.modified_ms, first.resource.modified_ms);
	directory_close(&d);
}

static void
what_is_kept_no_longer_is_not_shown(void **state)
{
	struct directory d;

	directory_open(&d);
	d.settings.history_count = 1;
	scim_resource user = directory_user(&d, "a");
	use_key(&d, "k");
	scim_outcome first = replace(&d, user.id, TITLE("t"));
	use_key(&d, NULL);
	(void)replace(&d, user.id, TITLE("u"));
	use_key(&d, "k");
	scim_outcome out = replace(&d, user.id, TITLE("t"));

	assert_true(out.is_repeat);
	assert_int_equal(out.resource.json.len, 0);
	assert_true(scim__str_equal(out.resource.etag, first.resource.etag));
	assert_true(
	    scim__str_equal(out.resource.location, first.resource.location));
	assert_true(scim__str_equal(out.resource.id, user.id));
	directory_close(&d);
}

static void
who_creates_is_shown_what_came_of_it(void **state)
{
	struct directory d;
	scim_outcome first, out;

	directory_open(&d);
	d.settings.history_count = 0;
	use_key(&d, "k");
	assert_int_equal(
	    SCIM_OK, directory_create(&d, "User", TITLE("t"), &first));
	use_key(&d, NULL);
	scim_outcome second = replace(&d, first.resource.id, TITLE("u"));
	use_key(&d, "k");
	assert_int_equal(
	    SCIM_OK, directory_create(&d, "User", TITLE("t"), &out));
	assert_true(out.is_repeat);
	assert_contains(out.resource.json, "\"title\":\"u\"");
	assert_true(scim__str_equal(out.resource.etag, second.resource.etag));
	directory_close(&d);
}

static void
members_are_shown_as_they_were(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	use_key(&d, "k");
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);
	use_key(&d, NULL);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", group.id,
		GROUP("\"displayName\":\"g\",\"members\":[]"), &expect_any,
		&out));
	use_key(&d, "k");
	scim_resource again = directory_group(&d, "g", members);
	assert_true(scim__str_equal(again.id, group.id));
	assert_true(scim__str_equal(again.etag, group.etag));
	assert_contains(again.json, user.id.ptr);
	directory_close(&d);
}

static void
a_deleted_one_is_not_shown(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	use_key(&d, "k");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(SCIM_OK,
		    directory_delete(&d, "User", user.id, &expect_any, &out));
		assert_int_equal(out.kind, SCIM_DONE);
		assert_int_equal(out.is_repeat, i);
		assert_int_equal(out.resource.json.len, 0);
	}
	directory_close(&d);
}

static scim_status
repeat(scim_arena *arena, void *context)
{
	struct directory *d = context;
	scim_context one = d->context;
	scim_outcome out;

	one.arena = arena;
	return scim_provider_create(d->provider, &one, SCIM_STR("User"),
	    SCIM_STR(TITLE("t")), &expect_any, &out, &d->err);
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;
	scim_outcome first;

	directory_open(&d);
	use_key(&d, "k");
	assert_int_equal(
	    SCIM_OK, directory_create(&d, "User", TITLE("t"), &first));
	use_key(&d, NULL);
	(void)replace(&d, first.resource.id, TITLE("u"));
	use_key(&d, "k");
	assert_true(test_fail_each_allocation(repeat, &d) > 1);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_still_is_shown_as_it_is),
		cmocka_unit_test(what_is_another_by_now_is_shown_as_it_was),
		cmocka_unit_test(what_is_kept_no_longer_is_not_shown),
		cmocka_unit_test(who_creates_is_shown_what_came_of_it),
		cmocka_unit_test(members_are_shown_as_they_were),
		cmocka_unit_test(a_deleted_one_is_not_shown),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
