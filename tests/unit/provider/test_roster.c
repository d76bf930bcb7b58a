/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/roster.h"

#include <stdio.h>

#include "base/buf.h"
#include "lib/directory.h"

/* A group with members of every kind: ids of users, texts, with a display,
 * and one that is longer than a block. */
enum { USERS = 5, TEXTS = 3000, LONG = 300 * 1024 };

static scim_resource
mixed_group(struct directory *d)
{
	scim__buf json;
	scim_outcome out = { .kind = SCIM_ABSENT };

	d->settings.dangling_members = SCIM_DANGLING_KEEP;
	scim__buf_init(&json, d->context.arena, SIZE_MAX);
	scim__buf_add_z(&json,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[");
	for (int i = 0; i < USERS; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		scim__buf_printf(&json,
		    "{\"value\":\"%.36s\",\"display\":\"D%d\"},",
		    directory_user(d, name).id.ptr, i);
	}
	for (int i = 0; i < TEXTS; i++)
		scim__buf_printf(&json, "{\"value\":\"text-%d\"},", i);
	scim__buf_add_z(&json, "{\"value\":\"");
	memset(scim__buf_reserve(&json, LONG), 'x', LONG);
	json.len += LONG;
	scim__buf_add_z(&json, "\"}]}");
	scim__buf_add_char(&json, '\0');
	assert_false(scim__buf_failed(&json));
	if (directory_create(d, "Group", json.ptr, &out) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	return out.resource;
}

static scim_status
read_roster(
    struct directory *d, scim_str id, uint64_t count, scim__roster **out)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	const scim__resource_type *type =
	    scim__registry_type(d->registry, SCIM_STR("Group"));
	scim_key key = scim__key(&d->context, type, id);

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_SNAPSHOT, &txn, &d->err));
	return scim__roster_read(d->provider, txn, &key, count, out, &d->err);
}

static void
what_comes_out_is_what_is_stored(void **state)
{
	struct directory d;
	scim__roster *roster = NULL;
	scim_txn *txn = NULL;
	scim_member_row *stored = NULL, *rows = NULL;
	size_t stored_count = 0, count = 0, at = 0;

	directory_open(&d);
	scim_resource group = mixed_group(&d);
	const scim__resource_type *type =
	    scim__registry_type(d.registry, SCIM_STR("Group"));
	scim_key key = scim__key(&d.context, type, group.id);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_READ, &txn, &d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_members(txn, d.context.arena, &key, SCIM_STR(""), 10000,
		&stored, &stored_count, &d.err));
	scim__store_rollback(txn);
	assert_int_equal(stored_count, USERS + TEXTS + 1);

	assert_int_equal(
	    SCIM_OK, read_roster(&d, group.id, stored_count, &roster));
	do {
		assert_int_equal(SCIM_OK,
		    scim__roster_next(
			roster, d.context.arena, 700, &rows, &count, &d.err));
		for (size_t i = 0; i < count; i++, at++) {
			assert_true(
			    scim__str_equal(rows[i].value, stored[at].value));
			assert_true(
			    scim__str_equal(rows[i].type, stored[at].type));
			assert_true(scim__str_equal(
			    rows[i].display, stored[at].display));
		}
	} while (count > 0);
	assert_int_equal(at, stored_count);
	scim__roster_free(roster);
	directory_close(&d);
}

/* The first may be of any size; what comes beside it must fit. */
static void
long_answers_share_a_budget(void **state)
{
	struct directory d;
	scim__roster *first = NULL, *second = NULL;

	directory_open(&d);
	scim_resource group = mixed_group(&d);
	assert_int_equal(SCIM_OK, read_roster(&d, group.id, 10000000, &first));
	assert_int_equal(SCIM_ERR_BUSY, read_roster(&d, group.id, 1, &second));
	assert_null(second);
	scim__roster_free(first);
	assert_int_equal(SCIM_OK, read_roster(&d, group.id, 10000000, &second));
	scim__roster_free(second);
	assert_int_equal(atomic_load(&d.provider->roster_bytes), 0);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_out_is_what_is_stored),
		cmocka_unit_test(long_answers_share_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
