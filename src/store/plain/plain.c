/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store over four callbacks of a host that can get, put, remove and scan,
 * and can neither compare and swap nor undo.
 *
 * What makes check and write one step is that this process has one writer at
 * a time, and that nothing of a write is handed to the host before its
 * commit: it is gathered in a tree that lies over the host's data, where the
 * writer's own reads see it.  A commit waits until the readers have left,
 * keeps new ones out, and hands over what was gathered in the order of keys.
 *
 * That is no more than a host with four callbacks can do.  A crash in the
 * middle of a commit leaves a part of it, another process that writes is not
 * noticed, and a long reader holds up the commits of others: the capabilities
 * are 0.  When a callback fails in the middle, nobody can tell what is there;
 * the commit is uncertain, and the store serves no more.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/kv.h"
#include "store/kv/tree.h"
#include "store/kv/turn.h"
#include "store/plain/merge.h"

enum { KEY_MOST = 4096 };

struct plain {
	scim_store base;
	scim_plain_callbacks host;
	struct scim__turn turn;
	pthread_mutex_t calls; /* held for each callback; guards `broken` */
	bool broken;
};

struct plain_txn {
	struct scim__kv_txn kv;
	struct scim__tree over; /* of a writer: '+' and a value, or '-' */
	struct scim__tree_mark savepoints[SCIM_SAVEPOINT_DEPTH];
	unsigned marked; /* how many of them */
};

static struct plain *
plain_of(scim_store *store)
{
	return scim__container_of(store, struct plain, base);
}

static struct plain_txn *
txn_of(scim_txn *txn)
{
	return scim__container_of(scim__kv_of(txn), struct plain_txn, kv);
}

static bool
writes(const struct plain_txn *t)
{
	return t->kv.base.mode == SCIM_TXN_WRITE;
}

/* Called with `calls` held. */
static scim_status
check_whole(const struct plain *p, scim_error *err)
{
	if (!p->broken)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_STORE,
	    "A commit was cut short; the store has to be opened again.");
}

/* A host may fail in words of its own; a store fails in two ways only. */
static scim_status
host_failed(scim_status rc, const scim_error *why, scim_error *err)
{
	if (rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(err);
	if (why->detail[0] == '\0')
		return scim__fail(
		    err, SCIM_ERR_STORE, "A callback of the store failed.");
	return scim__fail(err, SCIM_ERR_STORE, "%s", why->detail);
}

static scim_status
host_get(struct plain *p, scim_arena *arena, scim_str key, scim_str *out,
    scim_error *err)
{
	scim_error why = { .status = SCIM_OK };
	scim_str value = SCIM_STR("");

	(void)pthread_mutex_lock(&p->calls);
	scim_status rc = check_whole(p, &why);
	if (rc == SCIM_OK)
		rc = p->host.get(p->host.context, arena, key, &value, &why);
	(void)pthread_mutex_unlock(&p->calls);
	if (rc == SCIM_OK)
		*out = value;
	if (rc == SCIM_OK || rc == SCIM_ERR_NOT_FOUND)
		return rc;
	return host_failed(rc, &why, err);
}

static scim_status
map_get(struct scim__kv_txn *kv, scim_arena *arena, scim_str key, scim_str *out,
    scim_error *err)
{
	struct plain_txn *t = txn_of(&kv->base);
	scim_str over;

	if (!writes(t) || !scim__tree_find(t->over.root, key, &over)) {
		if (key.len > KEY_MOST)
			return SCIM_ERR_NOT_FOUND;
		return host_get(plain_of(kv->base.store), arena, key, out, err);
	}
	if (over.ptr[0] == '-')
		return SCIM_ERR_NOT_FOUND;
	/* It may be replaced later in this transaction. */
	scim_str copy =
	    scim__str_copy(arena, (scim_str){ over.ptr + 1, over.len - 1 });
	if (copy.ptr == NULL)
		return scim__fail_memory(err);
	*out = copy;
	return SCIM_OK;
}

static scim_status
map_put(struct scim__kv_txn *kv, scim_str key, scim_str value, scim_error *err)
{
	struct plain_txn *t = txn_of(&kv->base);

	if (key.len > KEY_MOST)
		return scim__fail(err, SCIM_ERR_TOO_LARGE,
		    "A plain store takes keys of %d bytes at most.", KEY_MOST);
	char *marked = value.len < SIZE_MAX ? malloc(value.len + 1) : NULL;
	if (marked == NULL)
		return scim__fail_memory(err);
	marked[0] = '+';
	if (value.len > 0)
		memcpy(marked + 1, value.ptr, value.len);
	bool ok =
	    scim__tree_put(&t->over, key, (scim_str){ marked, value.len + 1 });
	free(marked);
	return ok ? SCIM_OK : scim__fail_memory(err);
}

static scim_status
map_remove(struct scim__kv_txn *kv, scim_str key, scim_error *err)
{
	struct plain_txn *t = txn_of(&kv->base);

	if (key.len <= KEY_MOST &&
	    !scim__tree_put(&t->over, key, SCIM_STR("-")))
		return scim__fail_memory(err);
	return SCIM_OK;
}

/* What all keys of a range begin with. */
static scim_str
prefix_of(const struct scim__kv_range *range)
{
	size_t len = 0;

	while (len < range->low.len && len < range->high.len &&
	    range->low.ptr[len] == range->high.ptr[len])
		len++;
	return (scim_str){ range->low.ptr, len < KEY_MOST ? len : KEY_MOST };
}

static scim_status
host_scan(struct plain *p, const struct scim__kv_range *range,
    struct scim__plain_merge *m, scim_error *err)
{
	scim_error why = { .status = SCIM_OK };
	scim_str from = range->low;

	if (from.len > KEY_MOST)
		from.len = KEY_MOST;
	(void)pthread_mutex_lock(&p->calls);
	scim_status rc = check_whole(p, &why);
	if (rc == SCIM_OK)
		rc = p->host.scan(p->host.context, prefix_of(range), from,
		    scim__plain_merge_one, m, &why);
	(void)pthread_mutex_unlock(&p->calls);
	if (rc != SCIM_OK)
		return host_failed(rc, &why, err);
	scim__plain_merge_rest(m);
	return SCIM_OK;
}

static scim_status
scan_up(struct plain_txn *t, scim_arena *arena,
    const struct scim__kv_range *range, scim__kv_each *each, void *argument,
    scim_error *err)
{
	struct scim__plain_list over = { .arena = arena };
	struct scim__plain_merge m = { .range = range,
		.over = &over,
		.each = each,
		.argument = argument };

	if (writes(t)) {
		struct scim__kv_range up = { range->low, range->high, false };

		scim__tree_scan(t->over.root, &up, scim__plain_list_add, &over);
	}
	if (over.failed)
		return scim__fail_memory(err);
	return host_scan(plain_of(t->kv.base.store), range, &m, err);
}

/* The callbacks only know the way up: what is there is copied first. */
static scim_status
map_scan(struct scim__kv_txn *kv, const struct scim__kv_range *range,
    scim__kv_each *each, void *argument, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__plain_list all = { .arena = arena, .copy = true };

	if (arena == NULL)
		return scim__fail_memory(err);
	if (!range->descending)
		return scan_up(
		    txn_of(&kv->base), arena, range, each, argument, err);
	scim_status rc = scan_up(
	    txn_of(&kv->base), arena, range, scim__plain_list_add, &all, err);
	if (rc == SCIM_OK && all.failed)
		rc = scim__fail_memory(err);
	if (rc != SCIM_OK)
		return rc;
	while (all.count > 0) {
		const struct scim__plain_pair *p = &all.pairs[--all.count];

		if (!each(argument, p->key, p->value))
			break;
	}
	return SCIM_OK;
}

static const struct scim__kv_map map = {
	.get = map_get, .put = map_put, .remove = map_remove, .scan = map_scan
};

static scim_status
begin(scim_store *store, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	struct plain *p = plain_of(store);
	struct plain_txn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return scim__fail_memory(err);
	t->kv = (struct scim__kv_txn){ .base = { .store = store, .mode = mode },
		.map = &map };
	scim__tree_init(&t->over, NULL);
	if (!(writes(t) ? scim__turn_begin_write(&p->turn)
			: scim__turn_begin_read(&p->turn))) {
		free(t);
		return scim__fail(err, SCIM_ERR_BUSY,
		    "Other writes took too long; try again later.");
	}
	(void)pthread_mutex_lock(&p->calls);
	scim_status rc = check_whole(p, err);
	(void)pthread_mutex_unlock(&p->calls);
	if (rc != SCIM_OK) {
		store->ops->rollback(&t->kv.base);
		return rc;
	}
	*out = &t->kv.base;
	return SCIM_OK;
}

static scim_status
savepoint(scim_txn *txn, scim_error *err)
{
	struct plain_txn *t = txn_of(txn);

	(void)err;
	scim__assert(t->marked < SCIM_SAVEPOINT_DEPTH);
	t->savepoints[t->marked++] = scim__tree_mark(&t->over);
	return SCIM_OK;
}

static scim_status
release(scim_txn *txn, scim_error *err)
{
	(void)err;
	scim__assert(txn_of(txn)->marked > 0);
	txn_of(txn)->marked--;
	return SCIM_OK;
}

static scim_status
rollback_to(scim_txn *txn, scim_error *err)
{
	struct plain_txn *t = txn_of(txn);

	(void)err;
	scim__assert(t->marked > 0);
	scim__tree_back(&t->over, &t->savepoints[--t->marked]);
	return SCIM_OK;
}

static void
rollback(scim_txn *txn)
{
	struct plain *p = plain_of(txn->store);
	struct plain_txn *t = txn_of(txn);

	if (writes(t))
		scim__turn_end_write(&p->turn);
	else
		scim__turn_end_read(&p->turn);
	scim__tree_free(&t->over, scim__tree_publish(&t->over));
	scim__tree_release(&t->over);
	free(t);
}

/* Hands what was gathered to the host.  Called with `calls` held. */
static scim_status
hand_over(struct plain *p, const struct scim__plain_list *over, scim_error *err)
{
	const scim_plain_callbacks *host = &p->host;

	for (size_t i = 0; i < over->count; i++) {
		scim_str key = over->pairs[i].key;
		scim_str value = over->pairs[i].value;
		scim_error why = { .status = SCIM_OK };
		scim_status rc = value.ptr[0] == '-'
		    ? host->remove(host->context, key, &why)
		    : host->put(host->context, key,
			  (scim_str){ value.ptr + 1, value.len - 1 }, &why);

		if (rc == SCIM_OK)
			continue;
		if (i == 0 && rc != SCIM_ERR_UNCERTAIN)
			return host_failed(rc, &why, err);
		p->broken = true;
		return scim__fail(err, SCIM_ERR_UNCERTAIN,
		    "A callback failed in the middle of a commit; "
		    "read before trying again.");
	}
	return SCIM_OK;
}

static scim_status
show(struct plain *p, const struct scim__plain_list *over, scim_error *err)
{
	if (over->count == 0)
		return SCIM_OK;
	if (!scim__turn_begin_show(&p->turn))
		return scim__fail(err, SCIM_ERR_BUSY,
		    "Readers stayed too long; try again later.");
	(void)pthread_mutex_lock(&p->calls);
	scim_status rc = check_whole(p, err);
	if (rc == SCIM_OK)
		rc = hand_over(p, over, err);
	(void)pthread_mutex_unlock(&p->calls);
	scim__turn_end_show(&p->turn);
	return rc;
}

static scim_status
commit(scim_txn *txn, scim_error *err)
{
	/* Every key begins with a letter, and so is in this range. */
	static const struct scim__kv_range everything = { { "", 0 },
		{ "\xFF", 1 }, false };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__plain_list over = { .arena = arena };
	scim_status rc = SCIM_OK;

	if (arena != NULL)
		scim__tree_scan(txn_of(txn)->over.root, &everything,
		    scim__plain_list_add, &over);
	rc = arena == NULL || over.failed
	    ? scim__fail_memory(err)
	    : show(plain_of(txn->store), &over, err);
	rollback(txn);
	return rc;
}

static scim_status
health(scim_store *store, scim_error *err)
{
	struct plain *p = plain_of(store);

	(void)pthread_mutex_lock(&p->calls);
	scim_status rc = check_whole(p, err);
	(void)pthread_mutex_unlock(&p->calls);
	return rc;
}

static void
close_store(scim_store *store)
{
	struct plain *p = plain_of(store);

	(void)pthread_mutex_destroy(&p->calls);
	scim__turn_release(&p->turn);
	free(p);
}

static const scim_store_ops ops = { .version = SCIM_STORE_OPS_VERSION,
	.name = "plain",
	.capabilities = 0,
	.begin = begin,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.commit = commit,
	.rollback = rollback,
	SCIM__KV_METHODS,
	.health = health,
	.close = close_store };

static bool
set_up(struct plain *p)
{
	if (!scim__turn_init(&p->turn))
		return false;
	if (pthread_mutex_init(&p->calls, NULL) == 0)
		return true;
	scim__turn_release(&p->turn);
	return false;
}

scim_status
scim_store_open_plain(const scim_plain_callbacks *callbacks,
    const scim_env *env, scim_store **out, scim_error *err)
{
	SCIM__REQUIRE(err, callbacks != NULL);
	SCIM__REQUIRE(err, callbacks->get != NULL && callbacks->put != NULL);
	SCIM__REQUIRE(err, callbacks->remove != NULL);
	SCIM__REQUIRE(err, callbacks->scan != NULL);
	SCIM__REQUIRE(err, out != NULL);
	struct plain *p = calloc(1, sizeof(*p));

	if (p == NULL || !set_up(p)) {
		free(p);
		return scim__fail_memory(err);
	}
	p->base = (scim_store){ .ops = &ops,
		.env = env == NULL ? scim_env_system() : env };
	p->host = *callbacks;
	*out = &p->base;
	return SCIM_OK;
}
