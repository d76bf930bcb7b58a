/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "contract/world.h"

#define UUID "0f6e2f1c-4d6b-4b7a-9f0e-1c2d3e4f5a6b"

/* A receipt whose key, and whatever else it says, is made of a number. */
static scim_receipt
receipt(unsigned number, const char *id, int64_t at_ms)
{
	scim_receipt r = { .id = scim__str(id),
		.version = ver(number),
		.sequence = number + 100,
		.flags = 7,
		.at_ms = at_ms };

	memset(r.key, (int)number, sizeof(r.key));
	memset(r.fingerprint, (int)number + 1, sizeof(r.fingerprint));
	return r;
}

static scim_status
put_for(
    struct world *w, const char *tenant, unsigned n, const char *id, int64_t at)
{
	scim_receipt r = receipt(n, id, at);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	scim_status rc =
	    scim__store_receipt_put(txn, scim__str(tenant), &r, &w->err);

	if (rc == SCIM_OK)
		must_commit(w, txn);
	else
		scim__store_rollback(txn);
	return rc;
}

static void
must_put(struct world *w, unsigned number, const char *id, int64_t at_ms)
{
	assert_ok(put_for(w, "t", number, id, at_ms));
}

static void
must_drop(struct world *w, unsigned number)
{
	scim_receipt r = receipt(number, "", 0);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

	assert_ok(scim__store_receipt_drop(txn, SCIM_STR("t"), r.key, &w->err));
	must_commit(w, txn);
}

static scim_status
look_in(struct world *w, scim_txn *txn, const char *tenant, unsigned number,
    scim_receipt *out)
{
	scim_receipt r = receipt(number, "", 0);

	return scim__store_receipt_get(
	    txn, w->arena, scim__str(tenant), r.key, out, &w->err);
}

static scim_status
look(struct world *w, unsigned number, scim_receipt *out)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_status rc = look_in(w, txn, "t", number, out);

	must_commit(w, txn);
	return rc;
}

/* The numbers of what a plan names, with a blank after each. */
static const char *
numbers_of(struct world *w, const scim_receipt_plan *plan)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_receipt *found = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(
	    scim__store_receipts(txn, w->arena, plan, &found, &count, &w->err));
	must_commit(w, txn);
	assert_true(count <= plan->limit);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(&line, "%u ", found[i].key[0]);
	scim__buf_add_char(&line, '\0');
	assert_false(scim__buf_failed(&line));
	return line.ptr;
}

static const char *
before(struct world *w, int64_t before_ms, size_t limit)
{
	const scim_receipt_plan plan = {
		.tenant = SCIM_STR("t"), .before_ms = before_ms, .limit = limit
	};

	return numbers_of(w, &plan);
}

static const char *
of(struct world *w, const char *id)
{
	const scim_receipt_plan plan = {
		.tenant = SCIM_STR("t"), .id = scim__str(id), .limit = 100
	};

	return numbers_of(w, &plan);
}

static void
what_was_put_is_found_by_its_key(void **state)
{
	struct world *w = *state;
	const char *ids[] = { UUID, "some text", "" };

	for (unsigned i = 0; i < 3; i++) {
		scim_receipt put = receipt(i, ids[i], 1000 + i), got = { 0 };

		must_put(w, i, ids[i], 1000 + i);
		assert_ok(look(w, i, &got));
		assert_memory_equal(got.key, put.key, sizeof(put.key));
		assert_memory_equal(
		    got.fingerprint, put.fingerprint, sizeof(put.fingerprint));
		assert_true(scim__str_equal(got.id, put.id));
		assert_true(scim_version_equal(&got.version, &put.version));
		assert_int_equal(got.sequence, put.sequence);
		assert_int_equal(got.flags, put.flags);
		assert_int_equal(got.at_ms, put.at_ms);
	}
}

static void
what_was_not_put_is_not_found(void **state)
{
	struct world *w = *state;
	scim_receipt got = { .flags = 77 };

	assert_int_equal(look(w, 1, &got), SCIM_ERR_NOT_FOUND);
	must_put(w, 2, "a", 1);
	assert_int_equal(look(w, 1, &got), SCIM_ERR_NOT_FOUND);
	assert_int_equal(got.flags, 77);
}

static void
a_key_is_put_once(void **state)
{
	struct world *w = *state;
	scim_receipt got;

	must_put(w, 1, "a", 10);
	assert_int_equal(put_for(w, "t", 1, "b", 20), SCIM_ERR_EXISTS);
	assert_int_equal(put_for(w, "t", 1, "b", 10), SCIM_ERR_EXISTS);
	assert_ok(look(w, 1, &got));
	assert_true(scim__str_equal(got.id, SCIM_STR("a")));
	assert_string_equal(before(w, 100, 9), "1 ");
	assert_string_equal(of(w, "b"), "");
}

static void
a_key_that_was_dropped_may_be_put_again(void **state)
{
	struct world *w = *state;
	scim_receipt got;

	must_put(w, 1, "a", 10);
	must_drop(w, 1);
	assert_int_equal(look(w, 1, &got), SCIM_ERR_NOT_FOUND);
	assert_string_equal(before(w, 100, 9), "");
	assert_string_equal(of(w, "a"), "");
	must_put(w, 1, "b", 20);
	assert_ok(look(w, 1, &got));
	assert_true(scim__str_equal(got.id, SCIM_STR("b")));
}

static void
dropping_what_is_not_there_is_success(void **state)
{
	struct world *w = *state;

	must_drop(w, 1);
	must_put(w, 2, "a", 1);
	must_drop(w, 1);
	assert_string_equal(before(w, 100, 9), "2 ");
}

static void
receipts_come_oldest_first(void **state)
{
	struct world *w = *state;

	must_put(w, 1, "a", 30);
	must_put(w, 2, "b", 10);
	must_put(w, 3, "c", 20);
	must_put(w, 4, "d", -5);
	assert_string_equal(before(w, 100, 9), "4 2 3 1 ");
	assert_string_equal(before(w, 30, 9), "4 2 3 ");
	assert_string_equal(before(w, 100, 2), "4 2 ");
	assert_string_equal(before(w, 0, 9), "4 ");
	assert_string_equal(before(w, -5, 9), "");
	assert_string_equal(before(w, INT64_MAX, 9), "4 2 3 1 ");
}

static void
receipts_of_one_resource_are_found(void **state)
{
	struct world *w = *state;

	must_put(w, 1, UUID, 30);
	must_put(w, 2, "a", 10);
	must_put(w, 3, "ab", 20);
	assert_string_equal(of(w, UUID), "1 ");
	assert_string_equal(of(w, "a"), "2 ");
	assert_string_equal(of(w, "nobody"), "");
	must_put(w, 4, UUID, 5);
	assert_int_equal(strlen(of(w, UUID)), 4);
}

static void
a_receipt_falls_with_its_savepoint(void **state)
{
	struct world *w = *state;
	scim_receipt one = receipt(1, "a", 10), two = receipt(2, "b", 20), got;
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

	assert_ok(scim__store_receipt_put(txn, SCIM_STR("t"), &one, &w->err));
	assert_ok(scim__store_savepoint(txn, &w->err));
	assert_ok(scim__store_receipt_put(txn, SCIM_STR("t"), &two, &w->err));
	assert_ok(look_in(w, txn, "t", 2, &got));
	assert_ok(scim__store_rollback_to(txn, &w->err));
	assert_int_equal(look_in(w, txn, "t", 2, &got), SCIM_ERR_NOT_FOUND);
	assert_ok(look_in(w, txn, "t", 1, &got));
	must_commit(w, txn);
	assert_string_equal(before(w, 100, 9), "1 ");
}

static void
a_receipt_falls_with_its_transaction(void **state)
{
	struct world *w = *state;
	scim_receipt one = receipt(1, "a", 10);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

	assert_ok(scim__store_receipt_put(txn, SCIM_STR("t"), &one, &w->err));
	scim__store_rollback(txn);
	assert_string_equal(before(w, 100, 9), "");
	must_put(w, 1, "a", 10);
}

static void
tenants_have_receipts_of_their_own(void **state)
{
	struct world *w = *state;
	scim_receipt got;

	must_put(w, 1, "a", 10);
	assert_ok(put_for(w, "u", 1, "b", 20));
	assert_string_equal(before(w, 100, 9), "1 ");
	assert_string_equal(of(w, "b"), "");

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_erase_tenant(txn, SCIM_STR("t"), &w->err));
	must_commit(w, txn);
	assert_int_equal(look(w, 1, &got), SCIM_ERR_NOT_FOUND);
	assert_string_equal(before(w, 100, 9), "");
	assert_string_equal(of(w, "a"), "");
	txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(look_in(w, txn, "u", 1, &got));
	must_commit(w, txn);
}

int
main(void)
{
	const struct contract_case cases[] = {
		CONTRACT_CASE(what_was_put_is_found_by_its_key),
		CONTRACT_CASE(what_was_not_put_is_not_found),
		CONTRACT_CASE(a_key_is_put_once),
		CONTRACT_CASE(a_key_that_was_dropped_may_be_put_again),
		CONTRACT_CASE(dropping_what_is_not_there_is_success),
		CONTRACT_CASE(receipts_come_oldest_first),
		CONTRACT_CASE(receipts_of_one_resource_are_found),
		CONTRACT_CASE(a_receipt_falls_with_its_savepoint),
		CONTRACT_CASE(a_receipt_falls_with_its_transaction),
		CONTRACT_CASE(tenants_have_receipts_of_their_own),
	};

	return contract_run("receipts", cases, scim__countof(cases));
}
