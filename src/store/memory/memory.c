/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store that keeps everything in the memory of this process.
 *
 * A commit publishes a new root of a tree whose old states never change
 * (store/kv/tree.c).  A reader holds on to the newest state there is when it
 * begins and is in nobody's way, however long it stays; writers take turns.
 * States are queued from the oldest that is still read to the newest, each
 * with what its successor no longer needs.  A writer's commit takes those
 * that nobody reads out of the queue, and frees what only they could see;
 * what an older one can see too becomes that one's rubbish.  So a long
 * reader keeps alive what it sees and not all that came and went since.
 * Only writers clear up, for only they use the tree's free list.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "store/kv/kv.h"
#include "store/kv/tree.h"
#include "store/kv/turn.h"

/* A published state. */
struct state {
	struct state *newer;
	struct scim__tree_node *root;
	struct scim__tree_thing *rubbish; /* not needed by newer ones */
	uint64_t stamp;                   /* of the youngest thing in it */
	unsigned readers;
};

struct memory {
	scim_store base;
	struct scim__turn turn;
	pthread_mutex_t lock; /* guards the queue and all `readers` */
	struct state *oldest, *newest;
	struct scim__tree tree; /* belongs to whoever has the turn to write */
};

struct memory_txn {
	struct scim__kv_txn kv;
	struct state *state;          /* of a reader */
	struct scim__tree_mark start; /* of a writer */
	struct scim__tree_mark savepoints[SCIM_SAVEPOINT_DEPTH];
	unsigned marked;    /* how many of them */
	struct state *next; /* of a writer: what it will publish */
};

static struct memory *
memory_of(scim_store *store)
{
	return scim__container_of(store, struct memory, base);
}

static struct memory_txn *
txn_of(scim_txn *txn)
{
	return scim__container_of(scim__kv_of(txn), struct memory_txn, kv);
}

static bool
writes(const struct scim__kv_txn *kv)
{
	return kv->base.mode == SCIM_TXN_WRITE;
}

static const struct scim__tree_node *
root_of(struct scim__kv_txn *kv)
{
	return writes(kv) ? memory_of(kv->base.store)->tree.root
			  : txn_of(&kv->base)->state->root;
}

static scim_status
map_get(struct scim__kv_txn *kv, scim_arena *arena, scim_str key, scim_str *out,
    scim_error *err)
{
	(void)arena;
	(void)err;
	return scim__tree_find(root_of(kv), key, out) ? SCIM_OK
						      : SCIM_ERR_NOT_FOUND;
}

static scim_status
map_put(struct scim__kv_txn *kv, scim_str key, scim_str value, scim_error *err)
{
	if (!scim__tree_put(&memory_of(kv->base.store)->tree, key, value))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
map_remove(struct scim__kv_txn *kv, scim_str key, scim_error *err)
{
	if (!scim__tree_remove(&memory_of(kv->base.store)->tree, key))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
map_scan(struct scim__kv_txn *kv, const struct scim__kv_range *range,
    scim__kv_each *each, void *argument, scim_error *err)
{
	(void)err;
	scim__tree_scan(root_of(kv), range, each, argument);
	return SCIM_OK;
}

static const struct scim__kv_map map = {
	.get = map_get, .put = map_put, .remove = map_remove, .scan = map_scan
};

static void
begin_read(struct memory *m, struct memory_txn *t)
{
	(void)pthread_mutex_lock(&m->lock);
	t->state = m->newest;
	t->state->readers++;
	(void)pthread_mutex_unlock(&m->lock);
}

static scim_status
begin_write(struct memory *m, struct memory_txn *t, scim_error *err)
{
	t->next = calloc(1, sizeof(*t->next));
	if (t->next == NULL)
		return scim__fail_memory(err);
	if (!scim__turn_begin_write(&m->turn)) {
		free(t->next);
		return scim__fail(err, SCIM_ERR_BUSY,
		    "Other writes took too long; try again later.");
	}
	t->start = scim__tree_mark(&m->tree);
	return SCIM_OK;
}

static scim_status
begin(scim_store *store, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	struct memory_txn *t = calloc(1, sizeof(*t));
	scim_status rc = SCIM_OK;

	if (t == NULL)
		return scim__fail_memory(err);
	t->kv = (struct scim__kv_txn){ .base = { .store = store, .mode = mode },
		.map = &map };
	if (mode == SCIM_TXN_WRITE)
		rc = begin_write(memory_of(store), t, err);
	else
		begin_read(memory_of(store), t);
	if (rc != SCIM_OK) {
		free(t);
		return rc;
	}
	*out = &t->kv.base;
	return SCIM_OK;
}

static scim_status
savepoint(scim_txn *txn, scim_error *err)
{
	struct memory_txn *t = txn_of(txn);

	(void)err;
	scim__assert(t->marked < SCIM_SAVEPOINT_DEPTH);
	if (writes(&t->kv))
		t->savepoints[t->marked] =
		    scim__tree_mark(&memory_of(txn->store)->tree);
	t->marked++;
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
	struct memory_txn *t = txn_of(txn);

	(void)err;
	scim__assert(t->marked > 0);
	t->marked--;
	if (writes(&t->kv))
		scim__tree_back(
		    &memory_of(txn->store)->tree, &t->savepoints[t->marked]);
	return SCIM_OK;
}

/* Takes the states that nobody reads out of the queue.  Returns what went
 * out of sight with them.  Called with the lock held. */
static struct scim__tree_thing *
clear_queue(struct memory *m)
{
	struct scim__tree_thing *gone = NULL;
	struct state *older = NULL, **link = &m->oldest;

	while (*link != m->newest) {
		struct state *s = *link;

		if (s->readers > 0) {
			older = s;
			link = &s->newer;
			continue;
		}
		*link = s->newer;
		if (older == NULL)
			scim__tree_divide(s->rubbish, 0, &gone, &gone);
		else
			scim__tree_divide(
			    s->rubbish, older->stamp, &gone, &older->rubbish);
		free(s);
	}
	return gone;
}

static struct scim__tree_thing *
publish(struct memory *m, struct state *next)
{
	(void)pthread_mutex_lock(&m->lock);
	next->root = m->tree.root;
	next->stamp = m->tree.stamp;
	m->newest->rubbish = scim__tree_publish(&m->tree);
	m->newest->newer = next;
	m->newest = next;
	struct scim__tree_thing *gone = clear_queue(m);
	(void)pthread_mutex_unlock(&m->lock);
	return gone;
}

static void
end_read(struct memory *m, struct memory_txn *t)
{
	(void)pthread_mutex_lock(&m->lock);
	t->state->readers--;
	(void)pthread_mutex_unlock(&m->lock);
	free(t);
}

static scim_status
commit(scim_txn *txn, scim_error *err)
{
	struct memory *m = memory_of(txn->store);
	struct memory_txn *t = txn_of(txn);

	(void)err;
	if (!writes(&t->kv)) {
		end_read(m, t);
		return SCIM_OK;
	}
	scim__tree_free(&m->tree, publish(m, t->next));
	scim__turn_end_write(&m->turn);
	free(t);
	return SCIM_OK;
}

static void
rollback(scim_txn *txn)
{
	struct memory *m = memory_of(txn->store);
	struct memory_txn *t = txn_of(txn);

	if (!writes(&t->kv)) {
		end_read(m, t);
		return;
	}
	scim__tree_back(&m->tree, &t->start);
	scim__turn_end_write(&m->turn);
	free(t->next);
	free(t);
}

static void
close_store(scim_store *store)
{
	struct memory *m = memory_of(store);

	scim__tree_free(&m->tree, clear_queue(m));
	free(m->newest);
	scim__tree_release(&m->tree);
	(void)pthread_mutex_destroy(&m->lock);
	scim__turn_release(&m->turn);
	free(m);
}

static const scim_store_ops ops = { .version = SCIM_STORE_OPS_VERSION,
	.name = "memory",
	.capabilities = SCIM_STORE_ATOMIC | SCIM_STORE_SNAPSHOTS,
	.begin = begin,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.commit = commit,
	.rollback = rollback,
	SCIM__KV_METHODS,
	.close = close_store };

static bool
set_up(struct memory *m, const scim_env *env)
{
	m->base = (scim_store){ .ops = &ops, .env = env };
	scim__tree_init(&m->tree, NULL);
	m->newest = m->oldest = calloc(1, sizeof(*m->oldest));
	if (m->newest == NULL)
		return false;
	if (pthread_mutex_init(&m->lock, NULL) != 0) {
		free(m->newest);
		return false;
	}
	if (!scim__turn_init(&m->turn)) {
		(void)pthread_mutex_destroy(&m->lock);
		free(m->newest);
		return false;
	}
	return true;
}

scim_status
scim_store_open_memory(const scim_env *env, scim_store **out, scim_error *err)
{
	SCIM__REQUIRE(err, out != NULL);
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL || !set_up(m, env == NULL ? scim_env_system() : env)) {
		free(m);
		return scim__fail_memory(err);
	}
	*out = &m->base;
	return SCIM_OK;
}
