/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "contract/world.h"

static bool
readers_never_wait(const struct world *w)
{
	return (scim_store_capabilities(w->store) & SCIM_STORE_SNAPSHOTS) != 0;
}

static scim_status
write_in(struct world *w, scim_txn *txn, struct draft *d)
{
	scim_write_result result = { .sequence = POISON };

	return scim__store_write(txn, w->arena, &d->w, &result, &w->err);
}

static void
must_update_in(struct world *w, scim_txn *txn, scim_key key, uint64_t at)
{
	struct draft d;

	assert_ok(
	    write_in(w, txn, draft(&d, SCIM_WRITE_UPDATE, key, at, at + 1)));
}

static void
a_transaction_sees_its_own_writes(void **state)
{
	struct world *w = *state;
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_key key = user("a");
	scim_plan plan = all_users();
	scim_record *rows = NULL;
	size_t count = 0;
	uint64_t total = 0;
	scim_str holder;
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, key, 0, 1);
	d.w.unique_add = &row;
	d.w.unique_add_count = 1;
	assert_ok(write_in(w, txn, &d));
	must_update_in(w, txn, key, 1);

	assert_int_equal(version_in(w, txn, key), 2);
	assert_ok(scim__store_find_unique(
	    txn, w->arena, &key, &row, &holder, &w->err));
	assert_str(holder, "a");
	assert_ok(
	    scim__store_query(txn, w->arena, &plan, &rows, &count, &w->err));
	assert_int_equal(count, 1);
	assert_ok(scim__store_count(txn, &plan, 9, &total, &w->err));
	assert_int_equal(total, 1);
	draft(&d, SCIM_WRITE_UPDATE, key, 1, 3);
	assert_int_equal(write_in(w, txn, &d), SCIM_ERR_VERSION);
	must_commit(w, txn);
	assert_int_equal(version_at(w, key), 2);
}

static void
a_rollback_undoes_everything(void **state)
{
	struct world *w = *state;
	scim_member_row m = { SCIM_STR("m"), SCIM_STR(""), SCIM_STR("") };
	scim_plan plan = all_users();
	struct draft d;

	(void)must_create(w, user("a"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	must_update_in(w, txn, user("a"), 1);
	draft(&d, SCIM_WRITE_CREATE, user("b"), 0, 1);
	d.w.member_add = &m;
	d.w.member_add_count = 1;
	assert_ok(write_in(w, txn, &d));
	assert_ok(scim__store_leaf_put(
	    txn, SCIM_SHELF_TENANT, SCIM_STR("k"), SCIM_STR("v"), &w->err));
	scim__store_rollback(txn);

	assert_int_equal(version_at(w, user("a")), 1);
	assert_string_equal(ids_of(w, &plan), "a ");
	assert_int_equal(count_of(w, &plan, 9), 1);
	assert_string_equal(memberships_of(w, "m", "", 9), "");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TENANT, "", 9), "");
}

static void
a_rollback_works_with_a_savepoint_open(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	must_update_in(w, txn, user("a"), 1);
	assert_ok(scim__store_savepoint(txn, &w->err));
	must_update_in(w, txn, user("a"), 2);
	scim__store_rollback(txn);

	assert_int_equal(version_at(w, user("a")), 1);
	scim__store_rollback(NULL);
}

static void
a_commit_keeps_what_an_open_savepoint_holds(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_savepoint(txn, &w->err));
	must_update_in(w, txn, user("a"), 1);
	must_commit(w, txn);

	assert_int_equal(version_at(w, user("a")), 2);
}

static void
a_savepoint_undoes_what_came_after_it(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();
	struct draft d;

	(void)must_create(w, user("a"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	must_update_in(w, txn, user("a"), 1);
	assert_ok(scim__store_savepoint(txn, &w->err));
	must_update_in(w, txn, user("a"), 2);
	draft(&d, SCIM_WRITE_CREATE, user("b"), 0, 1);
	assert_ok(write_in(w, txn, &d));
	draft(&d, SCIM_WRITE_DELETE, user("a"), 3, 0);
	assert_ok(write_in(w, txn, &d));
	assert_ok(scim__store_rollback_to(txn, &w->err));
	assert_int_equal(version_in(w, txn, user("a")), 2);
	must_commit(w, txn);

	assert_int_equal(version_at(w, user("a")), 2);
	assert_string_equal(ids_of(w, &plan), "a ");
}

static void
savepoints_follow_one_another(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	for (uint64_t i = 1; i <= 64; i++) {
		assert_ok(scim__store_savepoint(txn, &w->err));
		must_update_in(w, txn, user("a"), i);
		assert_ok(scim__store_release(txn, &w->err));
		assert_ok(scim__store_savepoint(txn, &w->err));
		must_update_in(w, txn, user("b"), 1);
		assert_ok(scim__store_rollback_to(txn, &w->err));
	}
	must_commit(w, txn);

	assert_int_equal(version_at(w, user("a")), 65);
	assert_int_equal(version_at(w, user("b")), 1);
	assert_int_equal(must_update(w, user("b"), 1, 2), 2 + 64 + 1);
}

static void
an_inner_savepoint_undoes_itself_alone(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_savepoint(txn, &w->err));
	must_update_in(w, txn, user("a"), 1);
	for (uint64_t i = 1; i <= 8; i++) {
		assert_ok(scim__store_savepoint(txn, &w->err));
		must_update_in(w, txn, user("b"), i);
		assert_ok(scim__store_release(txn, &w->err));
		assert_ok(scim__store_savepoint(txn, &w->err));
		must_update_in(w, txn, user("a"), 2);
		assert_ok(scim__store_rollback_to(txn, &w->err));
	}
	assert_int_equal(version_in(w, txn, user("a")), 2);
	assert_ok(scim__store_release(txn, &w->err));
	must_commit(w, txn);

	assert_int_equal(version_at(w, user("a")), 2);
	assert_int_equal(version_at(w, user("b")), 9);
}

static void
an_outer_savepoint_undoes_what_inner_ones_kept(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	for (unsigned i = 0; i < SCIM_SAVEPOINT_DEPTH; i++) {
		assert_ok(scim__store_savepoint(txn, &w->err));
		must_update_in(w, txn, user("a"), 1 + i);
	}
	for (unsigned i = 1; i < SCIM_SAVEPOINT_DEPTH; i++)
		assert_ok(scim__store_release(txn, &w->err));
	assert_int_equal(
	    version_in(w, txn, user("a")), 1 + SCIM_SAVEPOINT_DEPTH);
	assert_ok(scim__store_rollback_to(txn, &w->err));
	assert_int_equal(version_in(w, txn, user("a")), 1);
	must_update_in(w, txn, user("a"), 1);
	must_commit(w, txn);

	assert_int_equal(version_at(w, user("a")), 2);
}

static void
a_refusal_in_a_savepoint_leaves_the_others(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	struct draft d;

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	for (int i = 0; i < 3; i++) {
		char id[2] = { (char)('a' + i), '\0' };

		assert_ok(scim__store_savepoint(txn, &w->err));
		draft(&d, SCIM_WRITE_CREATE, user(id), 0, 1);
		d.w.unique_add = &row;
		d.w.unique_add_count = i < 2 ? 1 : 0;
		if (i == 1) {
			assert_int_equal(write_in(w, txn, &d), SCIM_ERR_EXISTS);
			assert_ok(scim__store_rollback_to(txn, &w->err));
		} else {
			assert_ok(write_in(w, txn, &d));
			assert_ok(scim__store_release(txn, &w->err));
		}
	}
	must_commit(w, txn);

	scim_plan plan = all_users();
	assert_string_equal(ids_of(w, &plan), "a c ");
	assert_int_equal(must_create(w, user("d"), 1), 3);
}

static scim_key
key_in(const char *tenant)
{
	return (scim_key){ scim__str(tenant), SCIM_STR("User"), SCIM_STR("a") };
}

/* Seed 3 of the random runs: SQLite once took the name of one tenant for
 * another's. */
static void
a_tenant_undone_leaves_nothing_to_the_next(void **state)
{
	struct world *w = *state;
	struct draft d;

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	draft(&d, SCIM_WRITE_CREATE, key_in("one"), 0, 1);
	assert_ok(write_in(w, txn, &d));
	assert_ok(scim__store_savepoint(txn, &w->err));
	draft(&d, SCIM_WRITE_CREATE, key_in("two"), 0, 1);
	assert_ok(write_in(w, txn, &d));
	assert_ok(scim__store_rollback_to(txn, &w->err));
	assert_int_equal(version_in(w, txn, key_in("one")), 1);
	scim__store_rollback(txn);
	(void)must_create(w, key_in("three"), 3);

	txn = must_begin(w, SCIM_TXN_WRITE);
	assert_int_equal(version_in(w, txn, key_in("one")), 0);
	assert_int_equal(version_in(w, txn, key_in("two")), 0);
	assert_int_equal(version_in(w, txn, key_in("three")), 3);
	must_commit(w, txn);
}

static void
a_reader_sees_one_state_while_writes_go_on(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();
	static const scim_txn_mode modes[] = { SCIM_TXN_READ,
		SCIM_TXN_SNAPSHOT };

	if (!readers_never_wait(w))
		skip();
	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);
	for (size_t i = 0; i < scim__countof(modes); i++) {
		uint64_t at = version_at(w, user("a"));
		scim_txn *reader = must_begin(w, modes[i]);
		scim_record *rows = NULL;
		size_t count = 0;

		/* A state may be chosen as late as the first read. */
		assert_int_equal(version_in(w, reader, user("a")), at);
		for (uint64_t n = 0; n < 20; n++)
			(void)must_update(w, user("a"), at + n, at + n + 1);
		(void)must_delete(w, user("b"), 1);

		assert_int_equal(version_in(w, reader, user("a")), at);
		assert_ok(scim__store_query(
		    reader, w->arena, &plan, &rows, &count, &w->err));
		assert_int_equal(count, 2);
		must_commit(w, reader);
		assert_int_equal(version_at(w, user("a")), at + 20);
		assert_int_equal(version_at(w, user("b")), 0);
		(void)must_create(w, user("b"), 1);
	}
}

static void
snapshots_of_many_ages_live_side_by_side(void **state)
{
	enum { MANY = 4 };
	struct world *w = *state;
	scim_txn *readers[MANY];

	if (!readers_never_wait(w))
		skip();
	(void)must_create(w, user("a"), 1);
	for (uint64_t i = 0; i < MANY; i++) {
		readers[i] = must_begin(w, SCIM_TXN_SNAPSHOT);
		assert_int_equal(version_in(w, readers[i], user("a")), i + 1);
		(void)must_update(w, user("a"), i + 1, i + 2);
	}

	/* Not in the order they came. */
	for (uint64_t i = 0; i < MANY; i++) {
		uint64_t one = (i * 3 + 1) % MANY;

		assert_int_equal(
		    version_in(w, readers[one], user("a")), one + 1);
		scim__store_rollback(readers[one]);
		(void)must_update(w, user("a"), MANY + 1 + i, MANY + 2 + i);
	}
}

static void
what_is_not_committed_is_not_seen(void **state)
{
	struct world *w = *state;

	if (!readers_never_wait(w))
		skip();
	(void)must_create(w, user("a"), 1);

	scim_txn *writer = must_begin(w, SCIM_TXN_WRITE);
	must_update_in(w, writer, user("a"), 1);
	assert_int_equal(version_at(w, user("a")), 1);
	must_commit(w, writer);
	assert_int_equal(version_at(w, user("a")), 2);
}

/* A thread that writes `times` times, each only once. */
struct updater {
	struct world *w;
	uint64_t from, times;
	pthread_t thread;
};

static void
pause_ms(unsigned ms)
{
	struct timespec t = { 0, (long)ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* cmocka's asserts belong to the main thread; these stop the program. */
static void *
update_in_turn(void *argument)
{
	struct updater *u = argument;
	scim_arena *arena = scim_arena_new(NULL);

	for (uint64_t i = 0; i < u->times; i++) {
		scim_txn *txn = NULL;
		scim_write_result out;
		struct draft d;

		draft(&d, SCIM_WRITE_UPDATE, user("a"), u->from + i,
		    u->from + i + 1);
		if (scim__store_begin(
			u->w->store, SCIM_TXN_WRITE, &txn, NULL) != SCIM_OK ||
		    scim__store_write(txn, arena, &d.w, &out, NULL) !=
			SCIM_OK ||
		    scim__store_commit(txn, NULL) != SCIM_OK)
			break;
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
	return NULL;
}

static void
a_reader_sees_one_state_beside_a_writing_thread(void **state)
{
	struct world *w = *state;
	struct updater u = { .w = w, .from = 1, .times = 3 };

	(void)must_create(w, user("a"), 1);
	scim_txn *reader = must_begin(w, SCIM_TXN_READ);
	assert_int_equal(version_in(w, reader, user("a")), 1);
	assert_int_equal(
	    pthread_create(&u.thread, NULL, update_in_turn, &u), 0);
	for (int i = 0; i < 5; i++) {
		pause_ms(5);
		assert_int_equal(version_in(w, reader, user("a")), 1);
	}
	must_commit(w, reader);
	assert_int_equal(pthread_join(u.thread, NULL), 0);

	assert_int_equal(version_at(w, user("a")), 4);
}

static void
a_writer_waits_for_its_turn(void **state)
{
	struct world *w = *state;
	struct updater u = { .w = w, .from = 2, .times = 1 };

	(void)must_create(w, user("a"), 1);
	scim_txn *writer = must_begin(w, SCIM_TXN_WRITE);
	assert_int_equal(
	    pthread_create(&u.thread, NULL, update_in_turn, &u), 0);
	pause_ms(20);
	must_update_in(w, writer, user("a"), 1);
	must_commit(w, writer);
	assert_int_equal(pthread_join(u.thread, NULL), 0);

	/* It expected what this transaction wrote. */
	assert_int_equal(version_at(w, user("a")), 3);
}

/* Threads that count: read, then write against what was read. */
struct counter {
	struct world *w;
	unsigned rounds;
	uint64_t wins, losses, failures;
	pthread_t thread;
};

static scim_status
count_once(struct counter *c, scim_arena *arena)
{
	scim_txn *txn = NULL;
	scim_record r = { .position = 0 };
	scim_write_result out;
	scim_key key = user("a");
	struct draft d;
	uint64_t at = 0;

	scim_status rc =
	    scim__store_begin(c->w->store, SCIM_TXN_READ, &txn, NULL);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__store_get(txn, arena, &key, 0, &r, NULL);
	scim__store_rollback(txn);
	if (rc != SCIM_OK)
		return rc;
	memcpy(&at, r.version.bytes, sizeof(at));

	rc = scim__store_begin(c->w->store, SCIM_TXN_WRITE, &txn, NULL);
	if (rc != SCIM_OK)
		return rc;
	draft(&d, SCIM_WRITE_UPDATE, key, at, at + 1);
	rc = scim__store_write(txn, arena, &d.w, &out, NULL);
	if (rc != SCIM_OK) {
		scim__store_rollback(txn);
		return rc;
	}
	return scim__store_commit(txn, NULL);
}

static void *
count_up(void *argument)
{
	struct counter *c = argument;
	scim_arena *arena = scim_arena_new(NULL);

	while (arena != NULL && c->wins < c->rounds && c->failures == 0) {
		scim_status rc = count_once(c, arena);

		if (rc == SCIM_OK)
			c->wins++;
		else if (rc == SCIM_ERR_VERSION)
			c->losses++;
		else
			c->failures++;
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
	return NULL;
}

/* @spec 7644-3.14-07 */
static void
no_update_is_lost_between_threads(void **state)
{
	enum { THREADS = 4, ROUNDS = 100 };
	struct world *w = *state;
	struct counter counters[THREADS];
	scim_key key = user("a");
	scim_record r;

	(void)must_create(w, key, 1);
	for (int i = 0; i < THREADS; i++) {
		counters[i] = (struct counter){ .w = w, .rounds = ROUNDS };
		assert_int_equal(pthread_create(&counters[i].thread, NULL,
				     count_up, &counters[i]),
		    0);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(counters[i].thread, NULL), 0);

	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(counters[i].failures, 0);
		assert_int_equal(counters[i].wins, ROUNDS);
	}
	assert_int_equal(version_at(w, key), 1 + THREADS * ROUNDS);
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_get(txn, w->arena, &key, 0, &r, &w->err));
	must_commit(w, txn);
	assert_int_equal(r.sequence, 1 + THREADS * ROUNDS);
}

/* Threads that all want one unique value. */
struct claimer {
	struct world *w;
	char id[16];
	scim_status rc;
	pthread_t thread;
};

static void *
claim(void *argument)
{
	struct claimer *c = argument;
	scim_arena *arena = scim_arena_new(NULL);
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_write_result out;
	scim_txn *txn = NULL;
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, user(c->id), 0, 1);
	d.w.unique_add = &row;
	d.w.unique_add_count = 1;
	c->rc = scim__store_begin(c->w->store, SCIM_TXN_WRITE, &txn, NULL);
	if (c->rc == SCIM_OK) {
		c->rc = scim__store_write(txn, arena, &d.w, &out, NULL);
		if (c->rc == SCIM_OK)
			c->rc = scim__store_commit(txn, NULL);
		else
			scim__store_rollback(txn);
	}
	scim_arena_free(arena);
	return NULL;
}

static void
one_of_many_threads_gets_a_unique_value(void **state)
{
	enum { THREADS = 8 };
	struct world *w = *state;
	struct claimer claimers[THREADS];
	unsigned winners = 0;
	scim_plan plan = all_users();

	for (int i = 0; i < THREADS; i++) {
		claimers[i] = (struct claimer){ .w = w };
		(void)snprintf(
		    claimers[i].id, sizeof(claimers[i].id), "u%d", i);
		assert_int_equal(pthread_create(&claimers[i].thread, NULL,
				     claim, &claimers[i]),
		    0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(claimers[i].thread, NULL), 0);
		if (claimers[i].rc == SCIM_OK)
			winners++;
		else
			assert_int_equal(claimers[i].rc, SCIM_ERR_EXISTS);
	}

	assert_int_equal(winners, 1);
	assert_int_equal(count_of(w, &plan, 99), 1);
}

/* Readers that look at two resources which always change together. */
struct watcher {
	struct world *w;
	uint64_t until;
	bool torn;
	pthread_t thread;
};

static uint64_t
peek(scim_txn *txn, scim_arena *arena, const char *id)
{
	scim_key key = user(id);
	scim_record r;
	uint64_t at = 0;

	if (scim__store_get(txn, arena, &key, SCIM_RECORD_CONTENT, &r, NULL) ==
	    SCIM_OK)
		memcpy(&at, r.version.bytes, sizeof(at));
	return at;
}

static void *
watch(void *argument)
{
	struct watcher *c = argument;
	scim_arena *arena = scim_arena_new(NULL);
	uint64_t seen = 0;

	while (seen < c->until && !c->torn) {
		scim_txn *txn = NULL;

		if (scim__store_begin(c->w->store, SCIM_TXN_READ, &txn, NULL) !=
		    SCIM_OK) {
			c->torn = true;
			break;
		}
		uint64_t a = peek(txn, arena, "a");
		uint64_t b = peek(txn, arena, "b");
		scim__store_rollback(txn);
		c->torn = a != b || a < seen;
		seen = a;
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
	return NULL;
}

static void
readers_in_threads_see_whole_commits_in_order(void **state)
{
	enum { THREADS = 2, COMMITS = 100 };
	struct world *w = *state;
	struct watcher watchers[THREADS];

	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);
	for (int i = 0; i < THREADS; i++) {
		watchers[i] = (struct watcher){ .w = w, .until = COMMITS };
		assert_int_equal(pthread_create(&watchers[i].thread, NULL,
				     watch, &watchers[i]),
		    0);
	}
	for (uint64_t at = 1; at < COMMITS; at++) {
		scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

		must_update_in(w, txn, user("a"), at);
		must_update_in(w, txn, user("b"), at);
		must_commit(w, txn);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(watchers[i].thread, NULL), 0);
		assert_false(watchers[i].torn);
	}
}

static void
a_store_in_good_health_says_so(void **state)
{
	struct world *w = *state;
	uint64_t before = POISON, after = POISON;

	assert_ok(scim__store_health(w->store, &w->err));
	assert_ok(scim__store_generation(w->store, &before, &w->err));
	assert_ok(scim__store_generation(w->store, &after, &w->err));
	assert_int_equal(before, after);
}

int
main(void)
{
	static const struct contract_case cases[] = {
		CONTRACT_CASE(a_transaction_sees_its_own_writes),
		CONTRACT_CASE(a_rollback_undoes_everything),
		CONTRACT_CASE(a_rollback_works_with_a_savepoint_open),
		CONTRACT_CASE(a_commit_keeps_what_an_open_savepoint_holds),
		CONTRACT_CASE(a_savepoint_undoes_what_came_after_it),
		CONTRACT_CASE(savepoints_follow_one_another),
		CONTRACT_CASE(an_inner_savepoint_undoes_itself_alone),
		CONTRACT_CASE(an_outer_savepoint_undoes_what_inner_ones_kept),
		CONTRACT_CASE(a_refusal_in_a_savepoint_leaves_the_others),
		CONTRACT_CASE(a_tenant_undone_leaves_nothing_to_the_next),
		CONTRACT_CASE(a_reader_sees_one_state_while_writes_go_on),
		CONTRACT_CASE(snapshots_of_many_ages_live_side_by_side),
		CONTRACT_CASE(what_is_not_committed_is_not_seen),
		CONTRACT_CASE(a_reader_sees_one_state_beside_a_writing_thread),
		CONTRACT_CASE(a_writer_waits_for_its_turn),
		CONTRACT_CASE(no_update_is_lost_between_threads),
		CONTRACT_CASE(one_of_many_threads_gets_a_unique_value),
		CONTRACT_CASE(readers_in_threads_see_whole_commits_in_order),
		CONTRACT_CASE(a_store_in_good_health_says_so),
	};

	return contract_run("store/state", cases, scim__countof(cases));
}
