/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/shown.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

static void
keeping_open(struct directory *d)
{
	directory_open(d);
	assert_int_equal(SCIM_OK, scim__shown_begin(d->provider, &d->err));
}

static bool
is_kept(struct directory *d, scim_str id)
{
	struct scim__get get = { .provider = d->provider,
		.context = &d->context,
		.type = scim__registry_type(d->registry, SCIM_STR("User")),
		.arena = d->context.arena,
		.id = id };

	return scim__shown_find(&get);
}

static scim_resource
read_user(struct directory *d, scim_str id)
{
	scim_outcome got = { .kind = SCIM_ABSENT };

	assert_int_equal(SCIM_OK, directory_get(d, "User", id, &got));
	assert_int_equal(got.kind, SCIM_DONE);
	return got.resource;
}

static void
what_was_shown_is_shown_again(void **state)
{
	struct directory d;

	keeping_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	assert_false(is_kept(&d, user.id));
	scim_resource first = read_user(&d, user.id);
	assert_true(is_kept(&d, user.id));
	scim_resource again = read_user(&d, user.id);

	assert_true(scim__str_equal(first.json, again.json));
	assert_true(scim__str_equal(first.etag, again.etag));
	assert_true(scim_version_equal(&first.version, &again.version));
	assert_int_equal(first.modified_ms, again.modified_ms);
	directory_close(&d);
}

static void
a_kept_answer_evaluates_preconditions(void **state)
{
	struct directory d;
	scim_outcome out;

	keeping_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	(void)read_user(&d, user.id);
	scim_etag tag;
	assert_int_equal(SCIM_OK, scim_etag_parse(user.etag, &tag, &d.err));
	scim_preconditions pre = { .if_none_match = {
				       SCIM_ETAGS_LIST, &tag, 1 } };
	scim_target target = { SCIM_STR("User"), user.id };
	scim_expect expect = { .kind = SCIM_EXPECT_PRECONDITIONS,
		.preconditions = &pre };

	assert_int_equal(SCIM_OK,
	    scim_provider_get(
		d.provider, &d.context, &target, &expect, &out, &d.err));
	assert_int_equal(out.kind, SCIM_NOT_MODIFIED);
	assert_int_equal(out.resource.json.len, 0);
	directory_close(&d);
}

static void
a_write_ends_what_was_kept(void **state)
{
	struct directory d;
	scim_outcome out;

	keeping_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	(void)read_user(&d, user.id);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"other\""), &expect_any, &out));
	assert_false(is_kept(&d, user.id));
	assert_contains(read_user(&d, user.id).json, "\"userName\":\"other\"");

	(void)read_user(&d, user.id);
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &expect_any, &out));
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &out));
	assert_int_equal(out.kind, SCIM_ABSENT);
	directory_close(&d);
}

/* Every write that changes what a user derives must end what was kept. */
static void
what_is_derived_is_never_old(void **state)
{
	struct directory d;
	scim_outcome out;

	keeping_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	(void)read_user(&d, user.id);

	/* put into a group */
	scim_resource inner = directory_group(&d, "inner", members);
	assert_contains(read_user(&d, user.id).json, "\"inner\"");
	/* which is put into another */
	const scim_str *const groups[] = { &inner.id, NULL };
	scim_resource outer = directory_group(&d, "outer", groups);
	assert_contains(read_user(&d, user.id).json, "\"outer\"");
	/* which is renamed */
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", outer.id,
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group"
		"\"],\"displayName\":\"renamed\"}",
		&expect_any, &out));
	assert_contains(read_user(&d, user.id).json, "\"renamed\"");
	/* and deleted */
	assert_int_equal(SCIM_OK,
	    directory_delete(&d, "Group", outer.id, &expect_any, &out));
	assert_lacks(read_user(&d, user.id).json, "renamed");
	assert_int_equal(SCIM_OK,
	    directory_delete(&d, "Group", inner.id, &expect_any, &out));
	assert_lacks(read_user(&d, user.id).json, "groups");
	directory_close(&d);
}

static void
a_managers_new_name_is_shown(void **state)
{
	struct directory d;
	scim_outcome boss, user;
	char json[768];

	keeping_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		USER("\"userName\":\"boss\",\"displayName\":\"Old\""), &boss));
	(void)snprintf(json, sizeof(json),
	    USER("\"userName\":\"b\",\"urn:ietf:params:scim:schemas:"
		 "extension:enterprise:2.0:User\":{\"manager\":"
		 "{\"value\":\"%.36s\"}}"),
	    boss.resource.id.ptr);
	assert_int_equal(SCIM_OK, directory_create(&d, "User", json, &user));
	assert_contains(read_user(&d, user.resource.id).json, "\"Old\"");
	assert_true(is_kept(&d, user.resource.id));

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", boss.resource.id,
		USER("\"userName\":\"boss\",\"displayName\":\"New\""),
		&expect_any, &boss));
	assert_contains(read_user(&d, user.resource.id).json, "\"New\"");
	directory_close(&d);
}

/* Reads while one thread writes: nobody who saw a state sees an older one. */
struct race {
	struct directory *d;
	scim_str id;
	atomic_bool is_over;
	atomic_int failures, reads;
};

static int
title_of(scim_str json)
{
	for (size_t i = 0; i + 9 < json.len; i++)
		if (memcmp(json.ptr + i, "\"title\":\"", 9) == 0)
			return atoi(json.ptr + i + 9);
	return -1;
}

static void *
read_on(void *argument)
{
	struct race *race = argument;
	scim_context context = race->d->context;
	scim_target target = { SCIM_STR("User"), race->id };
	int last = -1;

	context.arena = scim_arena_new(NULL);
	while (!atomic_load(&race->is_over)) {
		scim_outcome out;
		scim_error err;

		if (scim_provider_get(race->d->provider, &context, &target,
			&expect_any, &out, &err) != SCIM_OK ||
		    title_of(out.resource.json) < last)
			atomic_fetch_add(&race->failures, 1);
		else
			last = title_of(out.resource.json);
		atomic_fetch_add(&race->reads, 1);
		scim_arena_reset(context.arena);
	}
	scim_arena_free(context.arena);
	return NULL;
}

static void
nobody_sees_an_older_state_again(void **state)
{
	struct directory d;
	pthread_t readers[3];
	char json[256];

	keeping_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	struct race race = { .d = &d, .id = user.id };
	for (size_t i = 0; i < scim__countof(readers); i++)
		assert_int_equal(
		    0, pthread_create(&readers[i], NULL, read_on, &race));
	for (int n = 0; n < 2000; n++) {
		scim_outcome out;

		(void)snprintf(json, sizeof(json),
		    USER("\"userName\":\"b\",\"title\":\"%d\""), n);
		assert_int_equal(SCIM_OK,
		    directory_replace(
			&d, "User", user.id, json, &expect_any, &out));
		/* what is acknowledged is what is read */
		assert_int_equal(title_of(read_user(&d, user.id).json), n);
	}
	atomic_store(&race.is_over, true);
	for (size_t i = 0; i < scim__countof(readers); i++)
		assert_int_equal(0, pthread_join(readers[i], NULL));
	assert_int_equal(atomic_load(&race.failures), 0);
	assert_true(atomic_load(&race.reads) > 0);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_shown_is_shown_again),
		cmocka_unit_test(a_kept_answer_evaluates_preconditions),
		cmocka_unit_test(a_write_ends_what_was_kept),
		cmocka_unit_test(what_is_derived_is_never_old),
		cmocka_unit_test(a_managers_new_name_is_shown),
		cmocka_unit_test(nobody_sees_an_older_state_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
