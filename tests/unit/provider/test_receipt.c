/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/receipt.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"

#define HOUR_MS INT64_C(3600000)
#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

static void
use_key(struct directory *d, const char *key)
{
	d->context.idempotency_key =
	    key == NULL ? (scim_str){ NULL, 0 } : scim__str(key);
}

static uint64_t
changes_of(struct directory *d)
{
	scim_txn *txn = NULL;
	scim_feed feed;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	assert_int_equal(
	    SCIM_OK, scim__store_feed(txn, d->context.tenant, &feed, &d->err));
	scim__store_rollback(txn);
	return feed.last;
}

static size_t
receipts_of(struct directory *d, scim_str id)
{
	const scim_receipt_plan plan = { .tenant = d->context.tenant,
		.id = id,
		.before_ms = INT64_MAX,
		.limit = 1000 };
	scim_receipt *found = NULL;
	size_t count = 0;
	scim_txn *txn = NULL;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__store_receipts(
		txn, d->context.arena, &plan, &found, &count, &d->err));
	scim__store_rollback(txn);
	return count;
}

static size_t
all_receipts(struct directory *d)
{
	return receipts_of(d, SCIM_STR(""));
}

static scim_status
create(struct directory *d, const char *json, scim_outcome *out)
{
	return directory_create(d, "User", json, out);
}

static void
a_write_with_a_key_is_carried_out_once(void **state)
{
	struct directory d;
	scim_outcome first, second;
	const char *json = USER("\"userName\":\"a\"");

	directory_open(&d);
	use_key(&d, "k");
	assert_int_equal(SCIM_OK, create(&d, json, &first));
	assert_int_equal(SCIM_OK, create(&d, json, &second));
	assert_int_equal(changes_of(&d), 1);
	assert_false(first.is_repeat);
	assert_true(second.is_repeat);
	assert_true(second.changed);
	assert_true(scim__str_equal(first.resource.json, second.resource.json));
	assert_true(scim__str_equal(first.resource.etag, second.resource.etag));
	assert_int_equal(
	    first.resource.modified_ms, second.resource.modified_ms);
	use_key(&d, NULL);
	assert_int_equal(SCIM_ERR_EXISTS, create(&d, json, &second));
	directory_close(&d);
}

static void
another_request_with_the_key_is_refused(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	scim_expect at = expect_version(&user.version);
	const char *json = USER("\"userName\":\"a\",\"title\":\"t\"");

	use_key(&d, "k");
	assert_int_equal(
	    SCIM_OK, directory_replace(&d, "User", user.id, json, &at, &out));
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_replace(&d, "User", user.id, json, &expect_any, &out));
	assert_null(d.err.scim_type);
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_replace(&d, "User", SCIM_STR("b"), json, &at, &out));
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_replace(&d, "Group", user.id, json, &at, &out));
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_replace(
		&d, "User", user.id, USER("\"userName\":\"a\""), &at, &out));
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_patch(&d, "User", user.id, json, &at, &out));
	assert_int_equal(
	    SCIM_ERR_EXISTS, directory_delete(&d, "User", user.id, &at, &out));
	assert_int_equal(SCIM_ERR_EXISTS, create(&d, json, &out));
	assert_int_equal(changes_of(&d), 2);
	assert_int_equal(
	    SCIM_OK, directory_replace(&d, "User", user.id, json, &at, &out));
	assert_true(out.is_repeat);
	directory_close(&d);
}

/* @spec 9110-9.2.2-01 */
static void
a_key_belongs_to_an_actor_and_a_tenant(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	use_key(&d, "k");
	assert_int_equal(SCIM_OK, create(&d, USER("\"userName\":\"a\""), &out));
	d.context.actor = SCIM_STR("token:2");
	assert_int_equal(SCIM_OK, create(&d, USER("\"userName\":\"b\""), &out));
	assert_false(out.is_repeat);
	d.context.tenant = SCIM_STR("other");
	assert_int_equal(SCIM_OK, create(&d, USER("\"userName\":\"c\""), &out));
	assert_false(out.is_repeat);
	directory_close(&d);
}

static void
a_key_has_a_length(void **state)
{
	struct directory d;
	scim_outcome out;
	char text[300];

	directory_open(&d);
	memset(text, 'k', sizeof(text));
	d.context.idempotency_key = (scim_str){ text, 256 };
	assert_int_equal(
	    SCIM_ERR_INVALID, create(&d, USER("\"userName\":\"a\""), &out));
	d.context.idempotency_key.len = 0;
	assert_int_equal(
	    SCIM_ERR_INVALID, create(&d, USER("\"userName\":\"a\""), &out));
	d.context.idempotency_key.len = 255;
	assert_int_equal(SCIM_OK, create(&d, USER("\"userName\":\"a\""), &out));
	directory_close(&d);
}

static void
what_changes_nothing_leaves_a_receipt(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	const char *json = USER("\"userName\":\"a\"");

	use_key(&d, "k");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(SCIM_OK,
		    directory_replace(
			&d, "User", user.id, json, &expect_any, &out));
		assert_false(out.changed);
		assert_int_equal(out.is_repeat, i);
	}
	assert_int_equal(receipts_of(&d, user.id), 1);
	directory_close(&d);
}

static void
a_refusal_leaves_no_receipt(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	const scim_version wrong = { { 1 } };
	scim_expect at = expect_version(&wrong);

	use_key(&d, "k");
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &at, &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_int_equal(SCIM_OK,
	    directory_delete(
		&d, "User", SCIM_STR("nobody"), &expect_any, &out));
	assert_int_equal(out.kind, SCIM_ABSENT);
	assert_int_equal(SCIM_ERR_INVALID, create(&d, "{}", &out));
	assert_int_equal(
	    SCIM_ERR_EXISTS, create(&d, USER("\"userName\":\"a\""), &out));
	assert_int_equal(all_receipts(&d), 0);
	directory_close(&d);
}

static void
after_a_day_a_key_is_new(void **state)
{
	struct directory d;
	scim_outcome out;
	const char *json = USER("\"userName\":\"a\"");

	directory_open(&d);
	use_key(&d, "k");
	assert_int_equal(SCIM_OK, create(&d, json, &out));
	d.fixed.now_ms += SCIM__RECEIPT_HOURS * HOUR_MS - 1;
	assert_int_equal(SCIM_OK, create(&d, json, &out));
	assert_true(out.is_repeat);
	d.fixed.now_ms += 1;
	assert_int_equal(SCIM_ERR_EXISTS, create(&d, json, &out));
	assert_string_equal(d.err.scim_type, "uniqueness");
	assert_int_equal(SCIM_OK, create(&d, USER("\"userName\":\"b\""), &out));
	assert_false(out.is_repeat);
	assert_int_equal(all_receipts(&d), 1);
	directory_close(&d);
}

static void
due(struct directory *d, bool want)
{
	scim_txn *txn = NULL;
	bool is_due = !want;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__receipts_are_due(
		d->provider, txn, &d->context, &is_due, &d->err));
	scim__store_rollback(txn);
	assert_int_equal(is_due, want);
}

static size_t
forget(struct directory *d, size_t limit)
{
	scim_txn *txn = NULL;
	size_t count = POISON;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__receipts_forget(
		d->provider, txn, &d->context, limit, &count, &d->err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d->err));
	return count;
}

static void
make_users(struct directory *d, int count, int64_t apart_ms)
{
	for (int i = 0; i < count; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		use_key(d, name);
		(void)directory_user(d, name);
		d->fixed.now_ms += apart_ms;
	}
}

static void
old_receipts_are_forgotten(void **state)
{
	struct directory d;

	directory_open(&d);
	make_users(&d, 5, HOUR_MS);
	d.fixed.now_ms = DIRECTORY_NOW + SCIM__RECEIPT_HOURS * HOUR_MS - 1;
	due(&d, false);
	assert_int_equal(forget(&d, 10), 0);
	d.fixed.now_ms = DIRECTORY_NOW + (SCIM__RECEIPT_HOURS + 2) * HOUR_MS;
	due(&d, true);
	assert_int_equal(forget(&d, 2), 2);
	assert_int_equal(forget(&d, 2), 1);
	due(&d, false);
	assert_int_equal(all_receipts(&d), 2);
	directory_close(&d);
}

/* The receipt that the writer finds was not there before. */
static void
the_writer_looks_again(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	enum scim__op_next next;
	const char *json = USER("\"userName\":\"a\"");

	directory_open(&d);
	use_key(&d, "k");
	scim__op ops[2];
	for (int i = 0; i < 2; i++) {
		ops[i] = (scim__op){ .steps = &scim__create_steps,
			.provider = d.provider,
			.context = &d.context,
			.type =
			    scim__registry_type(d.registry, SCIM_STR("User")),
			.arena = d.context.arena,
			.expect = expect_any,
			.body = scim__str(json),
			.claim = { .sent = d.context.idempotency_key } };
		assert_int_equal(
		    SCIM_OK, scim__op_start(&ops[i], &next, &d.err));
		assert_int_equal(next, SCIM__OP_WRITE);
	}
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	/* What is rolled back has left nothing, the secret neither. */
	assert_int_equal(SCIM_OK, scim__op_apply(&ops[0], txn, &d.err));
	scim__store_rollback(txn);
	assert_int_equal(all_receipts(&d), 0);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	for (int i = 0; i < 2; i++)
		assert_int_equal(SCIM_OK, scim__op_apply(&ops[i], txn, &d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	assert_false(ops[0].outcome.is_repeat);
	assert_true(ops[1].outcome.is_repeat);
	assert_true(scim__str_equal(ops[0].id, ops[1].id));
	assert_int_equal(changes_of(&d), 1);
	directory_close(&d);
}

/* Without its receipt no write stands. */
static void
a_receipt_that_cannot_be_put_undoes_the_write(void **state)
{
	scim_store *memory = NULL, *store = NULL;
	struct directory d;
	scim_outcome out = { .kind = POISON };
	unsigned failed = 0;

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &memory, NULL));
	assert_int_equal(SCIM_OK, scim__store_fault(memory, &store, NULL));
	directory_open_on(&d, store, false);
	scim_resource user = directory_user(&d, "a");
	uint64_t before = changes_of(&d);

	use_key(&d, "k");
	for (unsigned nth = 1; nth < 10; nth++) {
		const struct scim__fault fault = { .call = SCIM__FAULT_WRITE,
			.nth = nth,
			.status = SCIM_ERR_STORE };

		scim__store_fault_plan(d.store, &fault);
		if (directory_replace(&d, "User", user.id,
			USER("\"userName\":\"a\",\"title\":\"t\""), &expect_any,
			&out) == SCIM_OK)
			break;
		failed++;
		assert_int_equal(changes_of(&d), before);
		assert_int_equal(all_receipts(&d), 0);
	}
	/* The secret, the write, the receipt. */
	assert_int_equal(failed, 3);
	assert_int_equal(changes_of(&d), before + 1);
	assert_int_equal(all_receipts(&d), 1);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_with_a_key_is_carried_out_once),
		cmocka_unit_test(another_request_with_the_key_is_refused),
		cmocka_unit_test(a_key_belongs_to_an_actor_and_a_tenant),
		cmocka_unit_test(a_key_has_a_length),
		cmocka_unit_test(what_changes_nothing_leaves_a_receipt),
		cmocka_unit_test(a_refusal_leaves_no_receipt),
		cmocka_unit_test(after_a_day_a_key_is_new),
		cmocka_unit_test(old_receipts_are_forgotten),
		cmocka_unit_test(the_writer_looks_again),
		cmocka_unit_test(a_receipt_that_cannot_be_put_undoes_the_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
