/* SPDX-License-Identifier: Apache-2.0 */
#include "scimd/purge.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "lib/directory.h"
#include "store/store.h"

#define PATCH_TITLE                                                         \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]," \
	"\"Operations\":[{\"op\":\"replace\",\"path\":\"title\","           \
	"\"value\":\"%d\"}]}"

static int
set_up(void **state)
{
	struct directory *d = malloc(sizeof(*d));

	if (d == NULL)
		return -1;
	directory_open(d);
	*state = d;
	return 0;
}

static int
tear_down(void **state)
{
	directory_close(*state);
	free(*state);
	return 0;
}

static scim_purged
purge(struct directory *d, scim_str id)
{
	scim_purged purged = { .rows = POISON };

	assert_int_equal(SCIM_OK,
	    scim_provider_purge(
		d->provider, &d->context, &id, 1, &purged, &d->err));
	return purged;
}

/* "operation " of each change of the id that the log has, kept or not. */
static const char *
changes_of(struct directory *d, scim_str id)
{
	scim_txn *txn = NULL;
	scim_change_plan plan = {
		.tenant = d->context.tenant, .id = SCIM_STR(""), .limit = 10000
	};
	scim_change_row *rows = NULL;
	size_t count = 0;
	scim__buf line;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, NULL));
	assert_int_equal(SCIM_OK,
	    scim__store_changes(
		txn, d->context.arena, &plan, &rows, &count, NULL));
	scim__buf_init(&line, d->context.arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		if (scim__str_equal(rows[i].id, id))
			scim__buf_printf(&line, "%.*s ",
			    (int)rows[i].change.operation.len,
			    rows[i].change.operation.ptr);
	plan.id = id;
	assert_int_equal(SCIM_OK,
	    scim__store_changes(
		txn, d->context.arena, &plan, &rows, &count, NULL));
	scim__buf_printf(&line, "%zu states", count);
	scim__buf_add_char(&line, '\0');
	scim__store_rollback(txn);
	return scim__buf_str(&line).ptr;
}

static void
change_often(struct directory *d, scim_str id, int times)
{
	scim_outcome out;
	char json[300];

	for (int i = 0; i < times; i++) {
		(void)snprintf(json, sizeof(json), PATCH_TITLE, i);
		assert_int_equal(SCIM_OK,
		    directory_patch(d, "User", id, json, &expect_any, &out));
	}
}

static void
what_is_there_goes_and_a_mark_stays(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");
	scim_outcome out;

	d->settings.history_count = 100;
	change_often(d, ada.id, 5);
	scim_purged purged = purge(d, ada.id);

	assert_true(purged.was_there);
	assert_true(purged.rows >= 6);
	assert_str(purged.type, "User");
	assert_string_equal(changes_of(d, ada.id), "purge 0 states");
	assert_int_equal(SCIM_OK, directory_get(d, "User", ada.id, &out));
	assert_int_equal(out.kind, SCIM_ABSENT);
	/* the name is free again */
	(void)directory_user(d, "ada");
}

static void
what_is_gone_goes_too(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");
	scim_outcome out;

	d->settings.history_count = 100;
	change_often(d, ada.id, 2);
	assert_int_equal(
	    SCIM_OK, directory_delete(d, "User", ada.id, &expect_any, &out));
	scim_purged purged = purge(d, ada.id);

	assert_false(purged.was_there);
	assert_true(purged.rows >= 4);
	assert_str(purged.type, "User");
	assert_string_equal(changes_of(d, ada.id), "purge 0 states");
}

static void
again_nothing_is_found(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");

	(void)purge(d, ada.id);
	scim_purged purged = purge(d, ada.id);
	assert_false(purged.was_there);
	assert_int_equal(purged.rows, 0);
	assert_string_equal(changes_of(d, ada.id), "purge 0 states");
	purged = purge(d, SCIM_STR("nobody"));
	assert_int_equal(purged.rows, 0);
	assert_int_equal(purged.type.len, 0);
}

static void
no_precondition_is_asked_for(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");

	d->settings.require_preconditions = 1;
	assert_true(purge(d, ada.id).was_there);
}

static void
groups_change_as_by_a_delete(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");
	scim_resource bob = directory_user(d, "bob");
	const scim_str *const both[] = { &ada.id, &bob.id, NULL };
	scim_resource team = directory_group(d, "team", both);
	scim_outcome out;

	(void)purge(d, ada.id);

	assert_int_equal(SCIM_OK, directory_get(d, "Group", team.id, &out));
	assert_false(scim_version_equal(&out.resource.version, &team.version));
	assert_contains(out.resource.json, bob.id.ptr);
	assert_lacks(out.resource.json, ada.id.ptr);
}

static void
many_go_in_one_call_and_others_stay(void **state)
{
	struct directory *d = *state;
	scim_str ids[5];
	scim_purged purged[5];
	scim_resource stays = directory_user(d, "stays");

	d->settings.history_count = 100;
	for (int i = 0; i < 5; i++) {
		char name[] = { 'u', (char)('0' + i), 0 };

		ids[4 - i] = directory_user(d, name).id;
		change_often(d, ids[4 - i], i);
	}
	change_often(d, stays.id, 3);
	assert_int_equal(SCIM_OK,
	    scim_provider_purge(
		d->provider, &d->context, ids, 5, purged, &d->err));

	for (int i = 0; i < 5; i++) {
		assert_true(purged[i].was_there);
		assert_string_equal(changes_of(d, ids[i]), "purge 0 states");
	}
	assert_string_equal(
	    changes_of(d, stays.id), "create patch patch patch 4 states");
}

/* More than goes in one transaction. */
static void
it_goes_in_turns(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");

	d->settings.history_count = 3000;
	change_often(d, ada.id, 1500);
	scim_purged purged = purge(d, ada.id);

	assert_true(purged.rows > 3000);
	assert_string_equal(changes_of(d, ada.id), "purge 0 states");
}

/* Purges with the nth call of a kind failing, and then again; whether the
 * first time failed. */
static bool
cut_off(enum scim__fault_call call, unsigned nth)
{
	struct directory d;
	scim_store *memory = NULL, *store = NULL;
	const struct scim__fault fault = {
		.call = call, .nth = nth, .status = SCIM_ERR_STORE
	};
	scim_purged purged;

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &memory, NULL));
	assert_int_equal(SCIM_OK, scim__store_fault(memory, &store, NULL));
	directory_open_on(&d, store, false);
	d.settings.history_count = 3000;
	scim_resource ada = directory_user(&d, "ada");
	const scim_str *const one[] = { &ada.id, NULL };
	(void)directory_group(&d, "team", one);
	change_often(&d, ada.id, 400);
	scim__store_fault_plan(store, &fault);
	scim_status rc = scim_provider_purge(
	    d.provider, &d.context, &ada.id, 1, &purged, &d.err);
	scim__store_fault_plan(store, NULL);
	(void)purge(&d, ada.id);
	assert_string_equal(changes_of(&d, ada.id), "purge 0 states");
	directory_close(&d);
	return rc != SCIM_OK;
}

static void
what_was_cut_off_is_gone_on_with(void **state)
{
	unsigned cuts = 0;

	for (int call = SCIM__FAULT_BEGIN; call <= SCIM__FAULT_COMMIT; call++)
		for (unsigned nth = 1;
		     cut_off((enum scim__fault_call)call, nth); nth++)
			cuts++;
	assert_true(cuts > 10);
}

/* With more changes than are read at once, so that all would be gone through.
 */
static void
no_id_is_nobody(void **state)
{
	struct directory *d = *state;
	scim_resource ada = directory_user(d, "ada");
	const scim_str ids[] = { ada.id, SCIM_STR("") };
	scim_purged purged[] = { { .rows = POISON }, { .rows = POISON } };

	d->settings.history_count = 2000;
	change_often(d, ada.id, 1100);

	assert_int_equal(SCIM_ERR_INVALID,
	    scim_provider_purge(
		d->provider, &d->context, ids, 2, purged, &d->err));
	assert_int_equal(purged[0].rows, 0);
	assert_int_equal(purged[1].rows, 0);
	assert_true(purge(d, ada.id).was_there);
}

static void
a_mistake_of_the_host_is_an_answer(void **state)
{
	struct directory *d = *state;
	scim_str id = SCIM_STR("a");

	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_purge(NULL, &d->context, &id, 1, NULL, NULL));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_purge(d->provider, &d->context, &id, 1, NULL, NULL));
	assert_int_equal(SCIM_OK,
	    scim_provider_purge(d->provider, &d->context, NULL, 0, NULL, NULL));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_goes_and_a_mark_stays),
		TEST(what_is_gone_goes_too),
		TEST(again_nothing_is_found),
		TEST(no_precondition_is_asked_for),
		TEST(groups_change_as_by_a_delete),
		TEST(many_go_in_one_call_and_others_stay),
		TEST(it_goes_in_turns),
		cmocka_unit_test(what_was_cut_off_is_gone_on_with),
		TEST(no_id_is_nobody),
		TEST(a_mistake_of_the_host_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
