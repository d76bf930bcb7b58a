/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that fails on cue, around one that does not.
 *
 * One fault is planned at a time and comes once.  Where it says `after`, the
 * call is carried out and only its answer is lost, which is what a dropped
 * connection looks like; its outputs are lost with it.  What a fault does to
 * a transaction follows the contract: a begin whose answer is lost leaves
 * none open, a commit ends its transaction whatever it answers, an uncertain
 * one is the last thing the store says, and where a whole transaction is
 * said to be gone it is, and rollback_to() finds out.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "store/store.h"

struct fault_store {
	scim_store base;
	scim_store_ops ops; /* of its own: it promises what `inner` does */
	scim_store *inner;
	pthread_mutex_t lock;    /* guards the rest */
	struct scim__fault plan; /* nth 0: none */
	bool dead;               /* a commit was uncertain */
};

struct fault_txn {
	scim_txn base;
	scim_txn *inner;
	bool lost; /* rolled back as a whole */
};

/* What a call is to do; from the plan, when it is this call's turn. */
struct cue {
	scim_status status; /* SCIM_OK: as if nothing were */
	bool after;
};

static struct fault_store *
fault_of(scim_store *store)
{
	return scim__container_of(store, struct fault_store, base);
}

static struct fault_txn *
txn_of(scim_txn *txn)
{
	return scim__container_of(txn, struct fault_txn, base);
}

static void
sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	if (ms > 0)
		(void)nanosleep(&t, NULL);
}

static struct cue
take_cue(struct fault_store *f, enum scim__fault_call call)
{
	struct cue cue = { SCIM_OK, false };
	unsigned delay_ms = 0;

	(void)pthread_mutex_lock(&f->lock);
	if (f->dead) {
		cue.status = SCIM_ERR_STORE;
	} else if (f->plan.nth > 0 && f->plan.call == call &&
	    --f->plan.nth == 0) {
		cue = (struct cue){ f->plan.status, f->plan.after };
		delay_ms = f->plan.delay_ms;
		f->dead = cue.status == SCIM_ERR_UNCERTAIN;
	}
	(void)pthread_mutex_unlock(&f->lock);
	sleep_ms(delay_ms);
	return cue;
}

static scim_status
say(scim_status status, scim_error *err)
{
	return scim__fail(err, status, "The store failed as it was told to.");
}

/* Before a call inside a transaction: SCIM_OK to go on with it. */
static scim_status
before(struct fault_txn *t, enum scim__fault_call call, struct cue *cue,
    scim_error *err)
{
	*cue = (struct cue){ SCIM_OK, false };
	if (t->lost)
		return say(SCIM_ERR_STORE, err);
	*cue = take_cue(fault_of(t->base.store), call);
	if (cue->status == SCIM_ERR_ROLLED_BACK) {
		scim__store_rollback(scim__take(t->inner));
		t->lost = true;
		return say(SCIM_ERR_STORE, err);
	}
	return cue->status == SCIM_OK || cue->after ? SCIM_OK
						    : say(cue->status, err);
}

/* After it: what the caller gets to hear. */
static scim_status
after(const struct cue *cue, scim_status rc, scim_error *err)
{
	return rc == SCIM_OK && cue->status != SCIM_OK ? say(cue->status, err)
						       : rc;
}

static scim_status
begin_inner(struct fault_store *f, struct fault_txn *t, scim_error *err)
{
	struct cue cue = take_cue(f, SCIM__FAULT_BEGIN);

	if (cue.status != SCIM_OK && !cue.after)
		return say(cue.status, err);
	scim_status rc = after(&cue,
	    scim__store_begin(f->inner, t->base.mode, &t->inner, err), err);
	if (rc != SCIM_OK)
		scim__store_rollback(t->inner);
	return rc;
}

static scim_status
begin(scim_store *store, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	struct fault_txn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return scim__fail_memory(err);
	t->base = (scim_txn){ .store = store, .mode = mode };
	scim_status rc = begin_inner(fault_of(store), t, err);
	if (rc != SCIM_OK) {
		free(t);
		return rc;
	}
	*out = &t->base;
	return SCIM_OK;
}

static scim_status
savepoint(scim_txn *txn, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);

	return t->lost ? say(SCIM_ERR_STORE, err)
		       : scim__store_savepoint(t->inner, err);
}

static scim_status
release(scim_txn *txn, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);

	return t->lost ? say(SCIM_ERR_STORE, err)
		       : scim__store_release(t->inner, err);
}

static scim_status
rollback_to(scim_txn *txn, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);

	return t->lost ? say(SCIM_ERR_ROLLED_BACK, err)
		       : scim__store_rollback_to(t->inner, err);
}

static void
rollback(scim_txn *txn)
{
	struct fault_txn *t = txn_of(txn);

	scim__store_rollback(t->inner);
	free(t);
}

static scim_status
commit(scim_txn *txn, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_COMMIT, &cue, err);

	if (rc == SCIM_OK)
		rc = after(
		    &cue, scim__store_commit(scim__take(t->inner), err), err);
	rollback(txn);
	return rc;
}

static scim_status
get(scim_txn *txn, scim_arena *arena, const scim_key *key, unsigned parts,
    scim_record *out, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_record record;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_get(t->inner, arena, key, parts, &record, err), err);
	if (rc == SCIM_OK)
		*out = record;
	return rc;
}

static scim_status
find_unique(scim_txn *txn, scim_arena *arena, const scim_key *key,
    const scim_unique_row *row, scim_str *out_id, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_str id;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_find_unique(t->inner, arena, key, row, &id, err), err);
	if (rc == SCIM_OK)
		*out_id = id;
	return rc;
}

static scim_status
write(scim_txn *txn, scim_arena *arena, const scim_write *w,
    scim_write_result *out, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_write_result result = *out;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = scim__store_write(t->inner, arena, w, &result, err);
	if (rc == SCIM_OK && cue.status != SCIM_OK)
		return say(cue.status, err);
	*out = result; /* a refusal names the holder */
	return rc;
}

static scim_status
query(scim_txn *txn, scim_arena *arena, const scim_plan *plan,
    scim_record **out, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_record *rows;
	size_t count;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_query(t->inner, arena, plan, &rows, &count, err), err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = count;
	}
	return rc;
}

static scim_status
count(scim_txn *txn, const scim_plan *plan, uint64_t most, uint64_t *out,
    scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	uint64_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue, scim__store_count(t->inner, plan, most, &n, err), err);
	if (rc == SCIM_OK)
		*out = n;
	return rc;
}

static scim_status
member_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    scim_str value, scim_member_row *out, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_member_row row;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_member_get(t->inner, arena, key, value, &row, err),
	    err);
	if (rc == SCIM_OK)
		*out = row;
	return rc;
}

static scim_status
members(scim_txn *txn, scim_arena *arena, const scim_key *key, scim_str from,
    size_t limit, scim_member_row **out, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_member_row *rows;
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_members(
		t->inner, arena, key, from, limit, &rows, &n, err),
	    err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = n;
	}
	return rc;
}

static scim_status
memberships(scim_txn *txn, scim_arena *arena, scim_str tenant, scim_str value,
    scim_str from, size_t limit, scim_membership **out, size_t *out_count,
    scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_membership *rows;
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_memberships(
		t->inner, arena, tenant, value, from, limit, &rows, &n, err),
	    err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = n;
	}
	return rc;
}

static scim_status
leaf_get(scim_txn *txn, scim_arena *arena, scim_shelf shelf, scim_str name,
    scim_str *out, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_str value;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_leaf_get(t->inner, arena, shelf, name, &value, err),
	    err);
	if (rc == SCIM_OK)
		*out = value;
	return rc;
}

static scim_status
leaf_put(scim_txn *txn, scim_shelf shelf, scim_str name, scim_str value,
    scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	return after(
	    &cue, scim__store_leaf_put(t->inner, shelf, name, value, err), err);
}

static scim_status
leaves(scim_txn *txn, scim_arena *arena, scim_shelf shelf, scim_str from,
    size_t limit, scim_leaf **out, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_leaf *rows;
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_leaves(
		t->inner, arena, shelf, from, limit, &rows, &n, err),
	    err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = n;
	}
	return rc;
}

static scim_status
erase_tenant(scim_txn *txn, scim_str tenant, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	return after(
	    &cue, scim__store_erase_tenant(t->inner, tenant, err), err);
}

static scim_status
changes(scim_txn *txn, scim_arena *arena, const scim_change_plan *plan,
    scim_change_row **out, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_change_row *rows;
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_changes(t->inner, arena, plan, &rows, &n, err), err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = n;
	}
	return rc;
}

static scim_status
feed(scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_feed found;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue, scim__store_feed(t->inner, tenant, &found, err), err);
	if (rc == SCIM_OK)
		*out = found;
	return rc;
}

static scim_status
members_at(scim_txn *txn, scim_arena *arena, const scim_member_plan *plan,
    scim_member_row **out, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_member_row *rows;
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_members_at(t->inner, arena, plan, &rows, &n, err), err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = n;
	}
	return rc;
}

static scim_status
trim(scim_txn *txn, scim_str tenant, int64_t before_ms, size_t limit,
    size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_trim(t->inner, tenant, before_ms, limit, &n, err), err);
	if (rc == SCIM_OK)
		*out_count = n;
	return rc;
}

static scim_status
receipt_get(scim_txn *txn, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_receipt found;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_receipt_get(t->inner, arena, tenant, key, &found, err),
	    err);
	if (rc == SCIM_OK)
		*out = found;
	return rc;
}

static scim_status
receipt_put(scim_txn *txn, scim_str tenant, const scim_receipt *receipt,
    scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	return after(
	    &cue, scim__store_receipt_put(t->inner, tenant, receipt, err), err);
}

static scim_status
receipt_drop(scim_txn *txn, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	return after(
	    &cue, scim__store_receipt_drop(t->inner, tenant, key, err), err);
}

static scim_status
receipts(scim_txn *txn, scim_arena *arena, const scim_receipt_plan *plan,
    scim_receipt **out, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	scim_receipt *rows;
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_READ, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue,
	    scim__store_receipts(t->inner, arena, plan, &rows, &n, err), err);
	if (rc == SCIM_OK) {
		*out = rows;
		*out_count = n;
	}
	return rc;
}

static scim_status
purge(scim_txn *txn, const scim_purge *what, size_t *out_count, scim_error *err)
{
	struct fault_txn *t = txn_of(txn);
	size_t n;
	struct cue cue;
	scim_status rc = before(t, SCIM__FAULT_WRITE, &cue, err);

	if (rc != SCIM_OK)
		return rc;
	rc = after(&cue, scim__store_purge(t->inner, what, &n, err), err);
	if (rc == SCIM_OK)
		*out_count = n;
	return rc;
}

static bool
is_dead(struct fault_store *f)
{
	(void)pthread_mutex_lock(&f->lock);
	bool dead = f->dead;
	(void)pthread_mutex_unlock(&f->lock);
	return dead;
}

static scim_status
generation(scim_store *store, uint64_t *out, scim_error *err)
{
	struct fault_store *f = fault_of(store);

	return is_dead(f) ? say(SCIM_ERR_STORE, err)
			  : scim__store_generation(f->inner, out, err);
}

static scim_status
health(scim_store *store, scim_error *err)
{
	struct fault_store *f = fault_of(store);

	return is_dead(f) ? say(SCIM_ERR_STORE, err)
			  : scim__store_health(f->inner, err);
}

static scim_status
scrub(scim_store *store, scim_error *err)
{
	struct fault_store *f = fault_of(store);

	return is_dead(f) ? say(SCIM_ERR_STORE, err)
			  : scim__store_scrub(f->inner, err);
}

static scim_status
tidy(scim_store *store, size_t limit, int *out_more, scim_error *err)
{
	struct fault_store *f = fault_of(store);

	return is_dead(f) ? say(SCIM_ERR_STORE, err)
			  : scim__store_tidy(f->inner, limit, out_more, err);
}

static void
close_store(scim_store *store)
{
	struct fault_store *f = fault_of(store);

	scim_store_close(f->inner);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}

static const scim_store_ops methods = { .version = SCIM_STORE_OPS_VERSION,
	.name = "fault",
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
scim__store_fault(scim_store *inner, scim_store **out, scim_error *err)
{
	scim__assert(inner != NULL && out != NULL);
	struct fault_store *f = calloc(1, sizeof(*f));

	if (f == NULL || pthread_mutex_init(&f->lock, NULL) != 0) {
		free(f);
		return scim__fail_memory(err);
	}
	f->inner = inner;
	f->ops = methods;
	f->ops.capabilities = scim_store_capabilities(inner);
	f->base = (scim_store){ .ops = &f->ops, .env = inner->env };
	*out = &f->base;
	return SCIM_OK;
}

void
scim__store_fault_plan(scim_store *store, const struct scim__fault *fault)
{
	struct fault_store *f = fault_of(store);

	(void)pthread_mutex_lock(&f->lock);
	f->plan = fault == NULL ? (struct scim__fault){ .nth = 0 } : *fault;
	(void)pthread_mutex_unlock(&f->lock);
}
