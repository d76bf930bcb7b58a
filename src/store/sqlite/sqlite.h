/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_SQLITE_SQLITE_H
#define SCIM_STORE_SQLITE_SQLITE_H

/* What the files of this backend share, and what its tests look at. */

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "scimd/backend/store_ops.h"
#include "store/sqlite/sql.h"

#define WAIT_MS 10000 /* for a turn to write, and for other processes */

/* Private memory is bounded by these: 8 + 16 * 1 + 4 * 1 MiB of pages. */
#define READERS 16
#define SNAPSHOTS 4
#define WRITER_CACHE_KIB 8192
#define READER_CACHE_KIB 1024

#define CHECKPOINT_PAGES 4000
#define LARGE_WAL_PAGES 16000

/* Names met before, so that most statements bind a number right away. */
#define NAME_SLOTS 256
#define NAME_BYTES 87

struct name_slot {
	int64_t number; /* 0: free */
	uint8_t len;
	char text[NAME_BYTES];
};

enum role { ROLE_WRITER, ROLE_READER, ROLE_SNAPSHOT };

struct store;

struct txn {
	scim_txn base;
	struct conn *conn;
	bool lost;        /* SQLite has rolled it back on its own */
	bool named;       /* the name cache holds what only this one has seen */
	int64_t since_ms; /* of a snapshot */
};

/* A connection, and the one transaction it can have open. */
struct conn {
	struct store *store;
	enum role role;
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared at first use */
	struct name_slot names[NAME_SLOTS];
	struct txn txn;
	int64_t wait_until_ms; /* where the busy handler gives up */
	int page_bytes;
	int64_t regions;   /* that the index of the WAL has at least */
	int wal_pages;     /* after the last commit */
	int checkpoint_at; /* pages at which the next one is tried */
	pthread_t user;    /* who had it last */
	struct conn *next; /* in the pool's list of all */
	bool taken;
};

/* Connections of one role; they stay open until the store closes. */
struct pool {
	enum role role;
	struct conn *all;
	size_t count, limit;
};

struct store {
	scim_store base;
	char *path;           /* absolute */
	bool any_forms;       /* opened to be renewed */
	pthread_mutex_t lock; /* guards the pools and who has what */
	pthread_cond_t freed;
	bool lock_made, freed_made;
	struct pool pools[ROLE_SNAPSHOT + 1];
	atomic_bool poisoned; /* a commit was uncertain: serve no more */
	atomic_bool untidy;   /* tidy.c may have something to do */
	_Atomic uint64_t generation;
	/* Whether the writer holds the database's lock and has looked since:
	 * while it does, nobody else can commit. */
	atomic_bool is_current;
	_Atomic uint64_t unseen; /* generations that say: who knows */
	_Atomic int64_t no_snapshot_until_ms; /* the WAL is too large */
};

static inline struct store *
store_of(scim_store *base)
{
	return scim__container_of(base, struct store, base);
}

static inline struct txn *
txn_of(scim_txn *base)
{
	return scim__container_of(base, struct txn, base);
}

/* conn.c: one connection, open and set up, but its schema not looked at. */
scim_status scim__sqlite_connect(
    struct store *store, enum role role, struct conn **out, scim_error *err);
void scim__sqlite_disconnect(struct conn *conn);

/* Fails in words that fit a result code, after a look at what is left. */
scim_status scim__sqlite_fail(struct conn *conn, int rc, scim_error *err);

/* migrate.c: makes the schema, or brings it up to date, or refuses. */
scim_status scim__sqlite_migrate(struct conn *conn, scim_error *err);

/* Whether the file says the canonical form and the folding of this scimd. */
struct same_forms {
	bool canonical, folding;
};
scim_status scim__sqlite_same_forms(
    struct conn *conn, struct same_forms *out, scim_error *err);
scim_status scim__sqlite_record_forms(struct conn *conn, scim_error *err);

/* pool.c */
int64_t scim__sqlite_clock_ms(void);
bool scim__sqlite_pool_init(struct store *store);
void scim__sqlite_pool_release(struct store *store);

/* A connection of its own for the caller, by `until_ms` at the latest; no
 * waiting for a snapshot.  SCIM_ERR_BUSY when there is none. */
scim_status scim__sqlite_acquire(struct store *store, enum role role,
    int64_t until_ms, struct conn **out, scim_error *err);

/* The writer's connection when nobody has it, or NULL. */
struct conn *scim__sqlite_try_writer(struct store *store);
void scim__sqlite_give_back(struct conn *conn);

/* For how long the oldest open snapshot has been open; 0 for none. */
int64_t scim__sqlite_oldest_snapshot_ms(struct store *store);

/* The methods of the table, by file. */

/* txn.c */
scim_status scim__sqlite_begin(
    scim_store *base, scim_txn_mode mode, scim_txn **out, scim_error *err);
scim_status scim__sqlite_savepoint(scim_txn *base, scim_error *err);
scim_status scim__sqlite_release(scim_txn *base, scim_error *err);
scim_status scim__sqlite_rollback_to(scim_txn *base, scim_error *err);
scim_status scim__sqlite_commit(scim_txn *base, scim_error *err);
void scim__sqlite_rollback(scim_txn *base);
scim_status scim__sqlite_generation(
    scim_store *base, uint64_t *out, scim_error *err);
scim_status scim__sqlite_health(scim_store *base, scim_error *err);

/* room.c: so that a COMMIT can't fail between what commits and the end.  A
 * result code; when it isn't SQLITE_OK, nothing has happened. */
int scim__sqlite_make_room(struct conn *conn);

/* open.c */
scim_status scim__sqlite_open(scim_str path, const scim_env *env,
    bool any_forms, scim_store **out, scim_error *err);
void scim__sqlite_close(scim_store *base);

/* resource.c */
scim_status scim__sqlite_get(scim_txn *base, scim_arena *arena,
    const scim_key *key, unsigned parts, scim_record *out, scim_error *err);
scim_status scim__sqlite_find_unique(scim_txn *base, scim_arena *arena,
    const scim_key *key, const scim_unique_row *row, scim_str *out_id,
    scim_error *err);

/* Reads the columns RECORD_COLUMNS of sql.c off a row. */
scim_status scim__sqlite_record(
    struct stmt *row, scim_arena *arena, scim_record *out, scim_error *err);

/* write.c */
scim_status scim__sqlite_write(scim_txn *base, scim_arena *arena,
    const scim_write *write, scim_write_result *out, scim_error *err);

/* Adds the index and unique rows of `write` to a resource that has none. */
struct place {
	struct scope scope;
	int64_t position;
};
scim_status scim__sqlite_add_rows(struct txn *txn, scim_arena *arena,
    const struct place *place, const scim_write *write, scim_write_result *out,
    scim_error *err);

/* query.c */
scim_status scim__sqlite_query(scim_txn *base, scim_arena *arena,
    const scim_plan *plan, scim_record **out, size_t *out_count,
    scim_error *err);
scim_status scim__sqlite_count(scim_txn *base, const scim_plan *plan,
    uint64_t most, uint64_t *out, scim_error *err);

/* member.c */
scim_status scim__sqlite_member_get(scim_txn *base, scim_arena *arena,
    const scim_key *key, scim_str value, scim_member_row *out, scim_error *err);
scim_status scim__sqlite_members(scim_txn *base, scim_arena *arena,
    const scim_key *key, scim_str after, size_t limit, scim_member_row **out,
    size_t *out_count, scim_error *err);
scim_status scim__sqlite_memberships(scim_txn *base, scim_arena *arena,
    scim_str tenant, scim_str value, scim_str after, size_t limit,
    scim_membership **out, size_t *out_count, scim_error *err);

scim_status scim__sqlite_members_at(scim_txn *base, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err);

/* relate.c: the member rows of one write, which has become `sequence`. */
struct relation {
	struct txn *txn;
	struct scope scope;
	scim_str holder;
	int64_t sequence;
};
scim_status scim__sqlite_relate(
    const struct relation *relation, const scim_write *write, scim_error *err);

/* log.c: the row of the change log that goes with a write. */
struct logged {
	struct txn *txn;
	struct scope scope;
	int64_t sequence, parent;
	const scim_write *write;
};
scim_status scim__sqlite_log(const struct logged *logged, scim_error *err);
scim_status scim__sqlite_trim(scim_txn *base, scim_str tenant,
    int64_t before_ms, size_t limit, size_t *out_count, scim_error *err);

/* purge.c */
scim_status scim__sqlite_purge(scim_txn *base, const scim_purge *purge,
    size_t *out_count, scim_error *err);
scim_status scim__sqlite_scrub(scim_store *base, scim_error *err);

/* tidy.c */

/* Whose member rows. */
struct holder {
	int64_t tenant;
	scim_str id;
};

/* Forgets member rows that ended at or before `sequence`: `limit` now, and
 * where there may be more, notes that. */
scim_status scim__sqlite_forget_members(struct txn *txn,
    const struct holder *holder, int64_t sequence, size_t limit,
    scim_error *err);

/* One turn of what is left over, in the caller's transaction. */
scim_status scim__sqlite_tidy_some(
    struct txn *txn, size_t limit, bool *out_more, scim_error *err);

scim_status scim__sqlite_tidy(
    scim_store *base, size_t limit, int *out_more, scim_error *err);

/* change.c */
scim_status scim__sqlite_changes(scim_txn *base, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err);
scim_status scim__sqlite_feed(
    scim_txn *base, scim_str tenant, scim_feed *out, scim_error *err);

/* receipt.c */
scim_status scim__sqlite_receipt_get(scim_txn *base, scim_arena *arena,
    scim_str tenant, const uint8_t key[SCIM_RECEIPT_KEY_BYTES],
    scim_receipt *out, scim_error *err);
scim_status scim__sqlite_receipt_put(scim_txn *base, scim_str tenant,
    const scim_receipt *receipt, scim_error *err);
scim_status scim__sqlite_receipt_drop(scim_txn *base, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err);
scim_status scim__sqlite_receipts(scim_txn *base, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err);

/* leaf.c */
scim_status scim__sqlite_leaf_get(scim_txn *base, scim_arena *arena,
    scim_shelf shelf, scim_str name, scim_str *out, scim_error *err);
scim_status scim__sqlite_leaf_put(scim_txn *base, scim_shelf shelf,
    scim_str name, scim_str value, scim_error *err);
scim_status scim__sqlite_leaves(scim_txn *base, scim_arena *arena,
    scim_shelf shelf, scim_str after, size_t limit, scim_leaf **out,
    size_t *out_count, scim_error *err);
scim_status scim__sqlite_erase_tenant(
    scim_txn *base, scim_str tenant, scim_error *err);

#endif
