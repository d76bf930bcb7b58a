/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to every backend.
 *
 * What a method may rely on is made sure here and nowhere else: pointers are
 * there, a write comes in a transaction that may write, a page asks for
 * something.  Who calls the scim__store_ functions is one of us, so a mistake
 * is ours and stops the program; the public functions are called by a host
 * and answer SCIM_ERR_MISUSE.  Methods that a table may leave out get their
 * general way.
 */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

static bool
is_str(scim_str s)
{
	return s.ptr != NULL || s.len == 0;
}

static bool
is_key(const scim_key *key)
{
	return key != NULL && is_str(key->tenant) && is_str(key->type) &&
	    is_str(key->id);
}

static bool
has_rows(const scim_write *w)
{
	return (w->unique_add != NULL || w->unique_add_count == 0) &&
	    (w->unique_remove != NULL || w->unique_remove_count == 0) &&
	    (w->index_add != NULL || w->index_add_count == 0) &&
	    (w->index_remove != NULL || w->index_remove_count == 0) &&
	    (w->member_add != NULL || w->member_add_count == 0) &&
	    (w->member_remove != NULL || w->member_remove_count == 0);
}

static bool
is_write(const scim_write *w)
{
	return w != NULL && is_key(&w->key) && has_rows(w) &&
	    (w->record != NULL || w->kind == SCIM_WRITE_DELETE ||
		w->kind == SCIM_WRITE_INDEX || w->kind == SCIM_WRITE_MARK);
}

static bool
is_shelf(scim_shelf shelf)
{
	return (unsigned)shelf < SCIM_SHELF_COUNT;
}

static bool
is_writer(const scim_txn *txn)
{
	return txn != NULL && txn->mode == SCIM_TXN_WRITE;
}

static bool
has_transactions(const scim_store_ops *o)
{
	return o->begin != NULL && o->savepoint != NULL && o->release != NULL &&
	    o->rollback_to != NULL && o->commit != NULL &&
	    o->rollback != NULL && o->close != NULL;
}

static bool
has_tables(const scim_store_ops *o)
{
	return o->get != NULL && o->find_unique != NULL && o->write != NULL &&
	    o->query != NULL && o->count != NULL && o->member_get != NULL &&
	    o->members != NULL && o->memberships != NULL &&
	    o->leaf_get != NULL && o->leaf_put != NULL && o->leaves != NULL &&
	    o->erase_tenant != NULL;
}

static bool
has_log(const scim_store_ops *o)
{
	return o->changes != NULL && o->feed != NULL && o->members_at != NULL &&
	    o->trim != NULL && o->purge != NULL;
}

static bool
has_receipts(const scim_store_ops *o)
{
	return o->receipt_get != NULL && o->receipt_put != NULL &&
	    o->receipt_drop != NULL && o->receipts != NULL;
}

scim_status
scim__store_check_ops(const scim_store_ops *ops, scim_error *err)
{
	SCIM__REQUIRE(err, ops != NULL);
	SCIM__REQUIRE(err, ops->version == SCIM_STORE_OPS_VERSION);
	SCIM__REQUIRE(err, ops->name != NULL);
	SCIM__REQUIRE(err, has_transactions(ops));
	SCIM__REQUIRE(err, has_tables(ops));
	SCIM__REQUIRE(err, has_log(ops));
	SCIM__REQUIRE(err, has_receipts(ops));
	return SCIM_OK;
}

scim_status
scim__store_begin(
    scim_store *store, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	scim__assert(store != NULL && out != NULL);
	return store->ops->begin(store, mode, out, err);
}

scim_status
scim__store_savepoint(scim_txn *txn, scim_error *err)
{
	scim__assert(is_writer(txn));
	scim__assert(txn->savepoints < SCIM_SAVEPOINT_DEPTH);
	scim_status rc = txn->store->ops->savepoint(txn, err);

	if (rc == SCIM_OK)
		txn->savepoints++;
	return rc;
}

scim_status
scim__store_release(scim_txn *txn, scim_error *err)
{
	scim__assert(is_writer(txn) && txn->savepoints > 0);
	scim_status rc = txn->store->ops->release(txn, err);

	if (rc == SCIM_OK)
		txn->savepoints--;
	return rc;
}

scim_status
scim__store_rollback_to(scim_txn *txn, scim_error *err)
{
	scim__assert(is_writer(txn) && txn->savepoints > 0);
	scim_status rc = txn->store->ops->rollback_to(txn, err);

	if (rc == SCIM_OK)
		txn->savepoints--;
	return rc;
}

scim_status
scim__store_commit(scim_txn *txn, scim_error *err)
{
	scim__assert(txn != NULL);
	scim_store *store = txn->store;
	struct scim__touched *touched = txn->touched;
	scim_status rc = store->ops->commit(txn, err);

	scim__stamps_settle(store->stamps, touched);
	return rc;
}

void
scim__store_rollback(scim_txn *txn)
{
	if (txn == NULL)
		return;
	scim_store *store = txn->store;
	struct scim__touched *touched = txn->touched;

	store->ops->rollback(txn);
	scim__stamps_settle(store->stamps, touched);
}

scim_status
scim__store_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    unsigned parts, scim_record *out, scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_key(key));
	scim__assert(out != NULL);
	return txn->store->ops->get(txn, arena, key, parts, out, err);
}

scim_status
scim__store_find_unique(scim_txn *txn, scim_arena *arena, const scim_key *key,
    const scim_unique_row *row, scim_str *out_id, scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_key(key));
	scim__assert(row != NULL && out_id != NULL);
	return txn->store->ops->find_unique(txn, arena, key, row, out_id, err);
}

static void
touch(scim_txn *txn, scim_str tenant, scim_str id)
{
	scim__stamps_touch(
	    txn->store->stamps, &txn->touched, scim__stamps_slot(tenant, id));
}

static void
touch_all(scim_txn *txn)
{
	if (txn->store->stamps != NULL)
		scim__stamps_touch_all(txn->store->stamps, &txn->touched);
}

/* The resource, and whoever comes to be its member or ceases to. */
static void
touch_write(scim_txn *txn, const scim_write *write)
{
	scim_str tenant = write->key.tenant;

	if (txn->store->stamps == NULL)
		return;
	touch(txn, tenant, write->key.id);
	for (size_t i = 0; i < write->member_add_count; i++)
		touch(txn, tenant, write->member_add[i].value);
	for (size_t i = 0; i < write->member_remove_count; i++)
		touch(txn, tenant, write->member_remove[i]);
	if (write->member_remove_all)
		touch_all(txn);
}

scim_status
scim__store_keep_stamps(scim_store *store, scim_error *err)
{
	scim__assert(store != NULL);
	if (store->stamps == NULL)
		store->stamps = scim__stamps_new();
	return store->stamps == NULL ? scim__fail_memory(err) : SCIM_OK;
}

uint64_t
scim__store_now(const scim_store *store)
{
	return store->stamps == NULL ? 0 : scim__stamps_now(store->stamps);
}

scim_status
scim__store_write(scim_txn *txn, scim_arena *arena, const scim_write *write,
    scim_write_result *out, scim_error *err)
{
	scim__assert(is_writer(txn) && arena != NULL && is_write(write));
	scim__assert(out != NULL);
	touch_write(txn, write);
	return txn->store->ops->write(txn, arena, write, out, err);
}

scim_status
scim__store_query(scim_txn *txn, scim_arena *arena, const scim_plan *plan,
    scim_record **out, size_t *out_count, scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && plan != NULL);
	scim__assert(plan->limit > 0 && out != NULL && out_count != NULL);
	return txn->store->ops->query(txn, arena, plan, out, out_count, err);
}

scim_status
scim__store_count(scim_txn *txn, const scim_plan *plan, uint64_t most,
    uint64_t *out, scim_error *err)
{
	scim__assert(txn != NULL && plan != NULL && out != NULL);
	return txn->store->ops->count(txn, plan, most, out, err);
}

scim_status
scim__store_member_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    scim_str value, scim_member_row *out, scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_key(key));
	scim__assert(is_str(value) && out != NULL);
	return txn->store->ops->member_get(txn, arena, key, value, out, err);
}

scim_status
scim__store_members(scim_txn *txn, scim_arena *arena, const scim_key *key,
    scim_str after, size_t limit, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_key(key));
	scim__assert(is_str(after) && limit > 0);
	scim__assert(out != NULL && out_count != NULL);
	return txn->store->ops->members(
	    txn, arena, key, after, limit, out, out_count, err);
}

scim_status
scim__store_memberships(scim_txn *txn, scim_arena *arena, scim_str tenant,
    scim_str value, scim_str after, size_t limit, scim_membership **out,
    size_t *out_count, scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_str(tenant));
	scim__assert(is_str(value) && is_str(after) && limit > 0);
	scim__assert(out != NULL && out_count != NULL);
	return txn->store->ops->memberships(
	    txn, arena, tenant, value, after, limit, out, out_count, err);
}

scim_status
scim__store_leaf_get(scim_txn *txn, scim_arena *arena, scim_shelf shelf,
    scim_str name, scim_str *out, scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_shelf(shelf));
	scim__assert(is_str(name) && out != NULL);
	return txn->store->ops->leaf_get(txn, arena, shelf, name, out, err);
}

scim_status
scim__store_leaf_put(scim_txn *txn, scim_shelf shelf, scim_str name,
    scim_str value, scim_error *err)
{
	scim__assert(is_writer(txn) && is_shelf(shelf));
	scim__assert(is_str(name) && is_str(value));
	/* Who departed is a member still in what was read before. */
	if (shelf == SCIM_SHELF_DEPARTURE)
		touch_all(txn);
	return txn->store->ops->leaf_put(txn, shelf, name, value, err);
}

scim_status
scim__store_leaves(scim_txn *txn, scim_arena *arena, scim_shelf shelf,
    scim_str after, size_t limit, scim_leaf **out, size_t *out_count,
    scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_shelf(shelf));
	scim__assert(is_str(after) && limit > 0);
	scim__assert(out != NULL && out_count != NULL);
	return txn->store->ops->leaves(
	    txn, arena, shelf, after, limit, out, out_count, err);
}

scim_status
scim__store_erase_tenant(scim_txn *txn, scim_str tenant, scim_error *err)
{
	scim__assert(is_writer(txn) && is_str(tenant));
	touch_all(txn);
	return txn->store->ops->erase_tenant(txn, tenant, err);
}

scim_status
scim__store_changes(scim_txn *txn, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && plan != NULL);
	scim__assert(plan->limit > 0 && out != NULL && out_count != NULL);
	return txn->store->ops->changes(txn, arena, plan, out, out_count, err);
}

scim_status
scim__store_feed(
    scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err)
{
	scim__assert(txn != NULL && is_str(tenant) && out != NULL);
	return txn->store->ops->feed(txn, tenant, out, err);
}

scim_status
scim__store_members_at(scim_txn *txn, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && plan != NULL);
	scim__assert(plan->limit > 0 && out != NULL && out_count != NULL);
	return txn->store->ops->members_at(
	    txn, arena, plan, out, out_count, err);
}

scim_status
scim__store_trim(scim_txn *txn, scim_str tenant, int64_t before_ms,
    size_t limit, size_t *out_count, scim_error *err)
{
	scim__assert(is_writer(txn) && is_str(tenant));
	scim__assert(limit > 0 && out_count != NULL);
	return txn->store->ops->trim(
	    txn, tenant, before_ms, limit, out_count, err);
}

scim_status
scim__store_receipt_get(scim_txn *txn, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && is_str(tenant));
	scim__assert(key != NULL && out != NULL);
	return txn->store->ops->receipt_get(txn, arena, tenant, key, out, err);
}

scim_status
scim__store_receipt_put(scim_txn *txn, scim_str tenant,
    const scim_receipt *receipt, scim_error *err)
{
	scim__assert(is_writer(txn) && is_str(tenant));
	scim__assert(receipt != NULL && is_str(receipt->id));
	return txn->store->ops->receipt_put(txn, tenant, receipt, err);
}

scim_status
scim__store_receipt_drop(scim_txn *txn, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err)
{
	scim__assert(is_writer(txn) && is_str(tenant) && key != NULL);
	return txn->store->ops->receipt_drop(txn, tenant, key, err);
}

scim_status
scim__store_receipts(scim_txn *txn, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err)
{
	scim__assert(txn != NULL && arena != NULL && plan != NULL);
	scim__assert(plan->limit > 0 && out != NULL && out_count != NULL);
	return txn->store->ops->receipts(txn, arena, plan, out, out_count, err);
}

scim_status
scim__store_purge(
    scim_txn *txn, const scim_purge *purge, size_t *out_count, scim_error *err)
{
	scim__assert(is_writer(txn) && purge != NULL && out_count != NULL);
	scim__assert(is_str(purge->tenant) && is_str(purge->type));
	scim__assert(is_str(purge->id) && purge->limit > 0);
	scim__assert(purge->sequences != NULL || purge->sequence_count == 0);
	return txn->store->ops->purge(txn, purge, out_count, err);
}

scim_status
scim__store_scrub(scim_store *store, scim_error *err)
{
	scim__assert(store != NULL);
	return store->ops->scrub == NULL ? SCIM_OK
					 : store->ops->scrub(store, err);
}

scim_status
scim__store_tidy(
    scim_store *store, size_t limit, int *out_more, scim_error *err)
{
	scim__assert(store != NULL && limit > 0 && out_more != NULL);
	*out_more = 0;
	if (store->ops->tidy == NULL)
		return SCIM_OK;
	return store->ops->tidy(store, limit, out_more, err);
}

scim_status
scim__store_generation(scim_store *store, uint64_t *out, scim_error *err)
{
	scim__assert(store != NULL && out != NULL);
	uint64_t now = 0;

	if (store->ops->generation != NULL) {
		scim_status rc = store->ops->generation(store, &now, err);

		if (rc != SCIM_OK)
			return rc;
	}
	if (store->stamps != NULL)
		scim__stamps_generation(store->stamps, now);
	*out = now;
	return SCIM_OK;
}

scim_status
scim__store_health(scim_store *store, scim_error *err)
{
	scim__assert(store != NULL);
	if (store->ops->health != NULL)
		return store->ops->health(store, err);
	return SCIM_OK;
}

static bool
take_scheme(scim_str url, scim_str scheme, scim_str *rest)
{
	if (!scim__str_starts_with(url, scheme))
		return false;
	*rest = (scim_str){ url.ptr + scheme.len, url.len - scheme.len };
	return true;
}

const char *
scim__store_show_url(const char *url, char *out, size_t size)
{
	static const char *const schemes[] = { "postgres://", "postgresql://" };
	const char *from = url, *at;
	size_t scheme = 0;

	for (size_t i = 0; i < scim__countof(schemes); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			scheme = strlen(schemes[i]);
	from = url + scheme;
	size_t len = scheme == 0 ? strlen(from) : strcspn(from, "?");
	at = scheme == 0 ? NULL : memchr(from, '@', len);
	if (at != NULL) {
		len -= (size_t)(at + 1 - from);
		from = at + 1;
	}
	(void)snprintf(out, size, "%.*s%.*s", (int)scheme, url, (int)len, from);
	return out;
}

scim_status
scim_store_open(
    scim_str url, const scim_env *env, scim_store **out, scim_error *err)
{
	scim_str rest;

	SCIM__REQUIRE(err, is_str(url));
	SCIM__REQUIRE(err, out != NULL);
	if (take_scheme(url, SCIM_STR("sqlite:"), &rest))
		return scim__store_open_sqlite(rest, env, out, err);
	if (take_scheme(url, SCIM_STR("memory:"), &rest))
		return scim_store_open_memory(env, out, err);
	if (take_scheme(url, SCIM_STR("postgres://"), &rest) ||
	    take_scheme(url, SCIM_STR("postgresql://"), &rest))
		return scim__store_open_postgres(url, env, out, err);
	return scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "No store is known by this URL; use sqlite:PATH, postgres://… or "
	    "memory:.");
}

unsigned
scim_store_capabilities(const scim_store *store)
{
	return store == NULL ? 0 : store->ops->capabilities;
}

void
scim_store_close(scim_store *store)
{
	if (store == NULL)
		return;
	scim__stamps_free(store->stamps);
	store->ops->close(store);
}
