/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that tells what is asked of another one and what it answers.
 *
 * One line a call, after it returned, without what documents hold: names,
 * counts and statuses can be shown to anyone who may see the log, contents
 * and secrets can not.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "store/store.h"

struct trace_store {
	scim_store base;
	scim_store_ops ops; /* of its own: it promises what `inner` does */
	scim_store *inner;
	void (*line)(void *context, const char *text);
	void *context;
	pthread_mutex_t lock; /* one line at a time */
};

struct trace_txn {
	scim_txn base;
	scim_txn *inner;
};

static const char *const words[] = {
	[SCIM_OK] = "ok",
	[SCIM_ERR_NO_MEMORY] = "no memory",
	[SCIM_ERR_INVALID] = "invalid",
	[SCIM_ERR_NOT_FOUND] = "not found",
	[SCIM_ERR_EXISTS] = "exists",
	[SCIM_ERR_VERSION] = "version",
	[SCIM_ERR_UNCERTAIN] = "uncertain",
	[SCIM_ERR_STORE] = "store failed",
	[SCIM_ERR_MISUSE] = "misuse",
	[SCIM_ERR_REQUIRED] = "required",
	[SCIM_ERR_FORBIDDEN] = "forbidden",
	[SCIM_ERR_CREDENTIAL] = "credential",
	[SCIM_ERR_TOO_LARGE] = "too large",
	[SCIM_ERR_BUSY] = "busy",
	[SCIM_ERR_UNSUPPORTED] = "unsupported",
	[SCIM_ERR_ROLLED_BACK] = "rolled back",
};

static const char *const modes[] = {
	[SCIM_TXN_READ] = "read",
	[SCIM_TXN_SNAPSHOT] = "snapshot",
	[SCIM_TXN_WRITE] = "write",
};

static const char *const kinds[] = {
	[SCIM_WRITE_CREATE] = "create",
	[SCIM_WRITE_UPDATE] = "update",
	[SCIM_WRITE_DELETE] = "delete",
	[SCIM_WRITE_INDEX] = "index",
	[SCIM_WRITE_MARK] = "mark",
};

static const char *const shelves[] = {
	[SCIM_SHELF_META] = "meta",
	[SCIM_SHELF_TENANT] = "tenant",
	[SCIM_SHELF_TOKEN] = "token",
	[SCIM_SHELF_SCHEMA] = "schema",
	[SCIM_SHELF_RESOURCE_TYPE] = "resource type",
	[SCIM_SHELF_DEPARTURE] = "departure",
};

_Static_assert(scim__countof(words) == SCIM_ERR_ROLLED_BACK + 1 &&
	scim__countof(shelves) == SCIM_SHELF_COUNT,
    "every status and every shelf has a word");

/* For printf: the length and the bytes of a name. */
#define NAME(s) \
	(int)((s).len < 128 ? (s).len : 128), (s).len == 0 ? "" : (s).ptr

static struct trace_store *
trace_of(scim_store *store)
{
	return scim__container_of(store, struct trace_store, base);
}

static struct trace_txn *
txn_of(scim_txn *txn)
{
	return scim__container_of(txn, struct trace_txn, base);
}

/* Says the line of a call and hands its status on. */
SCIM_PRINTF(3, 4)
static scim_status
told(scim_store *store, scim_status rc, const char *fmt, ...)
{
	struct trace_store *s = trace_of(store);
	char call[640], line[704];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(call, sizeof(call), fmt, args);
	va_end(args);
	(void)snprintf(line, sizeof(line), "%s: %s", call, words[rc]);
	(void)pthread_mutex_lock(&s->lock);
	s->line(s->context, line);
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

static scim_status
begin(scim_store *store, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	struct trace_txn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return scim__fail_memory(err);
	t->base = (scim_txn){ .store = store, .mode = mode };
	scim_status rc =
	    scim__store_begin(trace_of(store)->inner, mode, &t->inner, err);
	if (rc == SCIM_OK)
		*out = &t->base;
	else
		free(t);
	return told(store, rc, "begin %s", modes[mode]);
}

static scim_status
savepoint(scim_txn *txn, scim_error *err)
{
	return told(txn->store, scim__store_savepoint(txn_of(txn)->inner, err),
	    "savepoint");
}

static scim_status
release(scim_txn *txn, scim_error *err)
{
	return told(txn->store, scim__store_release(txn_of(txn)->inner, err),
	    "release");
}

static scim_status
rollback_to(scim_txn *txn, scim_error *err)
{
	return told(txn->store,
	    scim__store_rollback_to(txn_of(txn)->inner, err), "rollback_to");
}

static scim_status
commit(scim_txn *txn, scim_error *err)
{
	scim_store *store = txn->store;
	scim_status rc = scim__store_commit(txn_of(txn)->inner, err);

	free(txn_of(txn));
	return told(store, rc, "commit");
}

static void
rollback(scim_txn *txn)
{
	scim_store *store = txn->store;

	scim__store_rollback(txn_of(txn)->inner);
	free(txn_of(txn));
	(void)told(store, SCIM_OK, "rollback");
}

static scim_status
get(scim_txn *txn, scim_arena *arena, const scim_key *key, unsigned parts,
    scim_record *out, scim_error *err)
{
	scim_status rc =
	    scim__store_get(txn_of(txn)->inner, arena, key, parts, out, err);

	return told(txn->store, rc, "get %.*s/%.*s/%.*s", NAME(key->tenant),
	    NAME(key->type), NAME(key->id));
}

static scim_status
find_unique(scim_txn *txn, scim_arena *arena, const scim_key *key,
    const scim_unique_row *row, scim_str *out_id, scim_error *err)
{
	scim_status rc = scim__store_find_unique(
	    txn_of(txn)->inner, arena, key, row, out_id, err);

	return told(txn->store, rc, "find_unique %.*s/%.*s %.*s",
	    NAME(key->tenant), NAME(key->type), NAME(row->attribute));
}

static scim_status
write(scim_txn *txn, scim_arena *arena, const scim_write *w,
    scim_write_result *out, scim_error *err)
{
	scim_status rc =
	    scim__store_write(txn_of(txn)->inner, arena, w, out, err);

	return told(txn->store, rc, "write %s %.*s/%.*s/%.*s", kinds[w->kind],
	    NAME(w->key.tenant), NAME(w->key.type), NAME(w->key.id));
}

static scim_status
query(scim_txn *txn, scim_arena *arena, const scim_plan *plan,
    scim_record **out, size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_query(
	    txn_of(txn)->inner, arena, plan, out, out_count, err);

	return told(txn->store, rc, "query %.*s/%.*s by %.*s, %zu at most",
	    NAME(plan->tenant), NAME(plan->type), NAME(plan->attribute),
	    plan->limit);
}

static scim_status
count(scim_txn *txn, const scim_plan *plan, uint64_t most, uint64_t *out,
    scim_error *err)
{
	scim_status rc =
	    scim__store_count(txn_of(txn)->inner, plan, most, out, err);

	return told(txn->store, rc, "count %.*s/%.*s by %.*s",
	    NAME(plan->tenant), NAME(plan->type), NAME(plan->attribute));
}

static scim_status
member_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    scim_str value, scim_member_row *out, scim_error *err)
{
	scim_status rc = scim__store_member_get(
	    txn_of(txn)->inner, arena, key, value, out, err);

	return told(txn->store, rc, "member_get %.*s/%.*s/%.*s %.*s",
	    NAME(key->tenant), NAME(key->type), NAME(key->id), NAME(value));
}

static scim_status
members(scim_txn *txn, scim_arena *arena, const scim_key *key, scim_str after,
    size_t limit, scim_member_row **out, size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_members(
	    txn_of(txn)->inner, arena, key, after, limit, out, out_count, err);

	return told(txn->store, rc, "members %.*s/%.*s/%.*s, %zu at most",
	    NAME(key->tenant), NAME(key->type), NAME(key->id), limit);
}

static scim_status
memberships(scim_txn *txn, scim_arena *arena, scim_str tenant, scim_str value,
    scim_str after, size_t limit, scim_membership **out, size_t *out_count,
    scim_error *err)
{
	scim_status rc = scim__store_memberships(txn_of(txn)->inner, arena,
	    tenant, value, after, limit, out, out_count, err);

	return told(txn->store, rc, "memberships %.*s/%.*s, %zu at most",
	    NAME(tenant), NAME(value), limit);
}

static scim_status
leaf_get(scim_txn *txn, scim_arena *arena, scim_shelf shelf, scim_str name,
    scim_str *out, scim_error *err)
{
	scim_status rc = scim__store_leaf_get(
	    txn_of(txn)->inner, arena, shelf, name, out, err);

	return told(
	    txn->store, rc, "leaf_get %s %.*s", shelves[shelf], NAME(name));
}

static scim_status
leaf_put(scim_txn *txn, scim_shelf shelf, scim_str name, scim_str value,
    scim_error *err)
{
	scim_status rc =
	    scim__store_leaf_put(txn_of(txn)->inner, shelf, name, value, err);

	return told(
	    txn->store, rc, "leaf_put %s %.*s", shelves[shelf], NAME(name));
}

static scim_status
leaves(scim_txn *txn, scim_arena *arena, scim_shelf shelf, scim_str after,
    size_t limit, scim_leaf **out, size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_leaves(txn_of(txn)->inner, arena, shelf,
	    after, limit, out, out_count, err);

	return told(
	    txn->store, rc, "leaves %s, %zu at most", shelves[shelf], limit);
}

static scim_status
erase_tenant(scim_txn *txn, scim_str tenant, scim_error *err)
{
	scim_status rc =
	    scim__store_erase_tenant(txn_of(txn)->inner, tenant, err);

	return told(txn->store, rc, "erase_tenant %.*s", NAME(tenant));
}

static scim_status
changes(scim_txn *txn, scim_arena *arena, const scim_change_plan *plan,
    scim_change_row **out, size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_changes(
	    txn_of(txn)->inner, arena, plan, out, out_count, err);

	return told(txn->store, rc, "changes %.*s/%.*s, %zu at most",
	    NAME(plan->tenant), NAME(plan->id), plan->limit);
}

static scim_status
feed(scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err)
{
	scim_status rc = scim__store_feed(txn_of(txn)->inner, tenant, out, err);

	return told(txn->store, rc, "feed %.*s", NAME(tenant));
}

static scim_status
members_at(scim_txn *txn, scim_arena *arena, const scim_member_plan *plan,
    scim_member_row **out, size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_members_at(
	    txn_of(txn)->inner, arena, plan, out, out_count, err);

	return told(txn->store, rc, "members_at %.*s/%.*s/%.*s, %zu at most",
	    NAME(plan->tenant), NAME(plan->type), NAME(plan->id), plan->limit);
}

static scim_status
trim(scim_txn *txn, scim_str tenant, int64_t before_ms, size_t limit,
    size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_trim(
	    txn_of(txn)->inner, tenant, before_ms, limit, out_count, err);

	return told(txn->store, rc, "trim %.*s", NAME(tenant));
}

static scim_status
receipt_get(scim_txn *txn, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err)
{
	scim_status rc = scim__store_receipt_get(
	    txn_of(txn)->inner, arena, tenant, key, out, err);

	return told(txn->store, rc, "receipt_get %.*s", NAME(tenant));
}

static scim_status
receipt_put(scim_txn *txn, scim_str tenant, const scim_receipt *receipt,
    scim_error *err)
{
	scim_status rc =
	    scim__store_receipt_put(txn_of(txn)->inner, tenant, receipt, err);

	return told(txn->store, rc, "receipt_put %.*s/%.*s", NAME(tenant),
	    NAME(receipt->id));
}

static scim_status
receipt_drop(scim_txn *txn, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err)
{
	scim_status rc =
	    scim__store_receipt_drop(txn_of(txn)->inner, tenant, key, err);

	return told(txn->store, rc, "receipt_drop %.*s", NAME(tenant));
}

static scim_status
receipts(scim_txn *txn, scim_arena *arena, const scim_receipt_plan *plan,
    scim_receipt **out, size_t *out_count, scim_error *err)
{
	scim_status rc = scim__store_receipts(
	    txn_of(txn)->inner, arena, plan, out, out_count, err);

	return told(txn->store, rc, "receipts %.*s/%.*s, %zu at most",
	    NAME(plan->tenant), NAME(plan->id), plan->limit);
}

static scim_status
purge(scim_txn *txn, const scim_purge *what, size_t *out_count, scim_error *err)
{
	scim_status rc =
	    scim__store_purge(txn_of(txn)->inner, what, out_count, err);

	return told(txn->store, rc, "purge %.*s/%.*s/%.*s", NAME(what->tenant),
	    NAME(what->type), NAME(what->id));
}

static scim_status
scrub(scim_store *store, scim_error *err)
{
	return told(
	    store, scim__store_scrub(trace_of(store)->inner, err), "scrub");
}

static scim_status
generation(scim_store *store, uint64_t *out, scim_error *err)
{
	return told(store,
	    scim__store_generation(trace_of(store)->inner, out, err),
	    "generation");
}

static scim_status
health(scim_store *store, scim_error *err)
{
	return told(
	    store, scim__store_health(trace_of(store)->inner, err), "health");
}

static scim_status
tidy(scim_store *store, size_t limit, int *out_more, scim_error *err)
{
	return told(store,
	    scim__store_tidy(trace_of(store)->inner, limit, out_more, err),
	    "tidy");
}

static void
close_store(scim_store *store)
{
	struct trace_store *s = trace_of(store);

	scim_store_close(s->inner);
	(void)told(store, SCIM_OK, "close");
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

static const scim_store_ops methods = { .version = SCIM_STORE_OPS_VERSION,
	.name = "trace",
	.begin = begin,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.commit = commit,
	.rollback = rollback,
	.get = get,
	.find_unique = find_unique,
	.write = write,
	.query = query,
	.count = count,
	.member_get = member_get,
	.members = members,
	.memberships = memberships,
	.leaf_get = leaf_get,
	.leaf_put = leaf_put,
	.leaves = leaves,
	.erase_tenant = erase_tenant,
	.generation = generation,
	.health = health,
	.close = close_store,
	.changes = changes,
	.feed = feed,
	.members_at = members_at,
	.trim = trim,
	.receipt_get = receipt_get,
	.receipt_put = receipt_put,
	.receipt_drop = receipt_drop,
	.receipts = receipts,
	.purge = purge,
	.scrub = scrub,
	.tidy = tidy };

scim_status
scim__store_trace(scim_store *inner,
    void (*line)(void *context, const char *text), void *context,
    scim_store **out, scim_error *err)
{
	scim__assert(inner != NULL && line != NULL && out != NULL);
	struct trace_store *s = calloc(1, sizeof(*s));

	if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return scim__fail_memory(err);
	}
	s->inner = inner;
	s->line = line;
	s->context = context;
	s->ops = methods;
	s->ops.capabilities = scim_store_capabilities(inner);
	s->base = (scim_store){ .ops = &s->ops, .env = inner->env };
	*out = &s->base;
	return SCIM_OK;
}
