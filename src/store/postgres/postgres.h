/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_POSTGRES_POSTGRES_H
#define SCIM_STORE_POSTGRES_POSTGRES_H

/* What the files of this backend share. */

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "scimd/backend/store_ops.h"
#include "store/postgres/sql.h"

#define WAIT_MS 10000   /* for a turn to write; see session in conn.c */
#define RESOLVE_MS 2000 /* for an answer on what became of a commit */
#define DOWN_MS 250     /* a database that is away is asked this often */
#define READERS 16
#define SNAPSHOTS 4
#define SENT_MOST 48 /* statements on their way at once */

enum role { ROLE_WRITER, ROLE_READER, ROLE_SNAPSHOT };

struct store;

struct txn {
	scim_txn base;
	struct conn *conn;
	bool has_begun; /* BEGIN is on its way; reads send it with the first */
	bool has_read;  /* something came back */
	bool has_written;
	bool lost;        /* the database has undone it, or is away */
	uint8_t mark[16]; /* names this transaction: see txn.c */
	char tenant[64];  /* the first it wrote to; the mark goes there */
};

/* What a statement on its way has to have done. */
struct sent {
	enum sql which;
	int rows; /* that it changes; -1: any number */
};

/* A connection, and the one transaction it can have open. */
struct conn {
	struct store *store;
	enum role role;
	PGconn *raw; /* always in pipeline mode; NULL: not connected */
	struct txn txn;
	struct sent sent[SENT_MOST];
	size_t sent_count;
	bool owes;     /* the end of a read, nobody looked at its result */
	bool warned;   /* something was done, but not as it should be */
	uint64_t born; /* store->losses when it was made */
	pthread_t user;
	struct conn *next;
	bool taken;
};

struct pool {
	struct conn *all;
	size_t count, limit;
};

struct store {
	scim_store base;
	char *url;
	pthread_mutex_t lock; /* guards the pools and who has what */
	pthread_cond_t freed;
	bool lock_made, freed_made;
	struct pool pools[ROLE_SNAPSHOT + 1];
	_Atomic uint64_t losses;       /* connections that broke */
	_Atomic int64_t down_until_ms; /* the last connect failed */
	_Atomic uint64_t commits;
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

/* conn.c */

/* Makes `conn` a working connection with every statement prepared. */
scim_status scim__pg_connect(struct conn *conn, scim_error *err);

/* The same, without statements: for migrations. */
scim_status scim__pg_connect_bare(struct conn *conn, scim_error *err);
void scim__pg_disconnect(struct conn *conn);

/* Whether it broke since it was made, or another of its time did. */
bool scim__pg_is_stale(const struct conn *conn);

/*
 * Sends what is queued and reads every result; the last one with it, which
 * the caller clears, may be asked for.  A failure of any is the failure of
 * all.
 */
scim_status scim__pg_sync(struct conn *conn, PGresult **out, scim_error *err);

/* Sends what is queued, whose results are read before the next. */
void scim__pg_leave(struct conn *conn);

/* The failure behind a result, in words and a status. */
scim_status scim__pg_fail(
    struct conn *conn, const PGresult *result, scim_error *err);
scim_status scim__pg_fail_lost(struct conn *conn, scim_error *err);

/* stmt.c: one statement in use; bind its parameters in order, then send or
 * run it.  Leaving the scope clears it. */
#define STMT_PARAMETERS 14

struct stmt {
	struct txn *txn;
	enum sql which;
	int bound;
	const char *values[STMT_PARAMETERS];
	int lengths[STMT_PARAMETERS];
	uint8_t ints[STMT_PARAMETERS][8];
	bool failed; /* a parameter is too large, or memory ran out */
	PGresult *result;
	int row, column;
};

void scim__pg_finish(struct stmt *q);
#define scim__auto_pg __attribute__((cleanup(scim__pg_finish)))

scim_status scim__pg_use(
    struct txn *txn, enum sql which, struct stmt *q, scim_error *err);

void scim__pg_bind_int(struct stmt *q, int64_t value);
void scim__pg_bind_limit(struct stmt *q, uint64_t limit);
void scim__pg_bind_bool(struct stmt *q, bool value);
void scim__pg_bind_null(struct stmt *q);
/* text and bytea alike; borrowed until it is sent */
void scim__pg_bind_str(struct stmt *q, scim_str value);
void scim__pg_bind_bytes(struct stmt *q, const void *bytes, size_t len);

/* A list that is one parameter. */
enum element {
	ELEMENT_BYTES = 17,
	ELEMENT_INT = 20,
	ELEMENT_TEXT = 25
}; /* type numbers */

struct array {
	scim__buf buf;
	uint32_t count;
};

void scim__pg_array_init(
    struct array *array, scim_arena *arena, enum element element);
void scim__pg_array_add(struct array *array, scim_str value);
void scim__pg_array_add_int(struct array *array, int64_t value);
void scim__pg_bind_array(struct stmt *q, struct array *array);

/* Queues it; a failure may be reported by whatever comes next. */
scim_status scim__pg_send(struct stmt *q, int rows, scim_error *err);

/* Runs it and all that is queued; rows are read with scim__pg_row(). */
scim_status scim__pg_run(struct stmt *q, scim_error *err);

/* The same without a transaction around it. */
scim_status scim__pg_run_alone(struct stmt *q, scim_error *err);

/* How many rows a statement that was run has changed. */
int scim__pg_changed(const struct stmt *q);

/* SCIM_OK: on the next row.  SCIM_ERR_NOT_FOUND, without words: no more. */
scim_status scim__pg_row(struct stmt *q);

/* Columns of the row, each the one after the last.  Texts are copied; a
 * `ptr` of NULL is out of memory. */
int64_t scim__pg_read_int(struct stmt *q);
bool scim__pg_read_bool(struct stmt *q);
bool scim__pg_is_null(struct stmt *q);
scim_str scim__pg_peek(struct stmt *q);
scim_str scim__pg_read_str(struct stmt *q, scim_arena *arena);
bool scim__pg_read_bytes(struct stmt *q, void *out, size_t len);

/* key.c: what an index has in place of a value, ordered by its bytes. */
scim_str scim__pg_key(scim_arena *arena, const scim_index_value *value);
scim_str scim__pg_text_key(scim_arena *arena, scim_str text);

/* migrate.c: makes the tables, or brings them up to date, or refuses. */
scim_status scim__pg_migrate(struct conn *conn, scim_error *err);

/* pool.c */
int64_t scim__pg_clock_ms(void);
bool scim__pg_pool_init(struct store *store);
void scim__pg_pool_release(struct store *store);
scim_status scim__pg_acquire(
    struct store *store, enum role role, struct conn **out, scim_error *err);
void scim__pg_give_back(struct conn *conn);

/* txn.c: what a statement of a transaction sends before itself. */
scim_status scim__pg_ensure_begun(struct txn *txn, scim_error *err);

/* Notes that `tenant` is written to; before the first statement that does. */
void scim__pg_writes(struct txn *txn, scim_str tenant);

/* The methods of the table, by file. */

/* txn.c */
scim_status scim__pg_begin(
    scim_store *base, scim_txn_mode mode, scim_txn **out, scim_error *err);
scim_status scim__pg_savepoint(scim_txn *base, scim_error *err);
scim_status scim__pg_release(scim_txn *base, scim_error *err);
scim_status scim__pg_rollback_to(scim_txn *base, scim_error *err);
scim_status scim__pg_commit(scim_txn *base, scim_error *err);
void scim__pg_rollback(scim_txn *base);
scim_status scim__pg_generation(
    scim_store *base, uint64_t *out, scim_error *err);
scim_status scim__pg_health(scim_store *base, scim_error *err);

/* resource.c */
scim_status scim__pg_get(scim_txn *base, scim_arena *arena, const scim_key *key,
    unsigned parts, scim_record *out, scim_error *err);
scim_status scim__pg_find_unique(scim_txn *base, scim_arena *arena,
    const scim_key *key, const scim_unique_row *row, scim_str *out_id,
    scim_error *err);
scim_status scim__pg_query(scim_txn *base, scim_arena *arena,
    const scim_plan *plan, scim_record **out, size_t *out_count,
    scim_error *err);
scim_status scim__pg_count(scim_txn *base, const scim_plan *plan, uint64_t most,
    uint64_t *out, scim_error *err);

/* write.c */
scim_status scim__pg_write(scim_txn *base, scim_arena *arena,
    const scim_write *write, scim_write_result *out, scim_error *err);

/* member.c */
scim_status scim__pg_member_get(scim_txn *base, scim_arena *arena,
    const scim_key *key, scim_str value, scim_member_row *out, scim_error *err);
scim_status scim__pg_members(scim_txn *base, scim_arena *arena,
    const scim_key *key, scim_str after, size_t limit, scim_member_row **out,
    size_t *out_count, scim_error *err);
scim_status scim__pg_memberships(scim_txn *base, scim_arena *arena,
    scim_str tenant, scim_str value, scim_str after, size_t limit,
    scim_membership **out, size_t *out_count, scim_error *err);
scim_status scim__pg_members_at(scim_txn *base, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err);

/* A write that has become a change. */
struct written {
	struct txn *txn;
	scim_arena *arena;
	const scim_write *write;
	int64_t sequence, parent;
	int64_t revision; /* the last that was kept before it, 0 for none */
};

/* The member rows of it. */
scim_status scim__pg_relate(const struct written *written, scim_error *err);

/* log.c: its row of the change log, and what is forgotten for it. */
scim_status scim__pg_log(const struct written *written, scim_error *err);
scim_status scim__pg_changes(scim_txn *base, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err);
scim_status scim__pg_feed(
    scim_txn *base, scim_str tenant, scim_feed *out, scim_error *err);
scim_status scim__pg_trim(scim_txn *base, scim_str tenant, int64_t before_ms,
    size_t limit, size_t *out_count, scim_error *err);

/* receipt.c */
scim_status scim__pg_receipt_get(scim_txn *base, scim_arena *arena,
    scim_str tenant, const uint8_t key[SCIM_RECEIPT_KEY_BYTES],
    scim_receipt *out, scim_error *err);
scim_status scim__pg_receipt_put(scim_txn *base, scim_str tenant,
    const scim_receipt *receipt, scim_error *err);
scim_status scim__pg_receipt_drop(scim_txn *base, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err);
scim_status scim__pg_receipts(scim_txn *base, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err);

/* purge.c */
scim_status scim__pg_purge(scim_txn *base, const scim_purge *purge,
    size_t *out_count, scim_error *err);
scim_status scim__pg_scrub(scim_store *base, scim_error *err);

/* leaf.c */
scim_status scim__pg_leaf_get(scim_txn *base, scim_arena *arena,
    scim_shelf shelf, scim_str name, scim_str *out, scim_error *err);
scim_status scim__pg_leaf_put(scim_txn *base, scim_shelf shelf, scim_str name,
    scim_str value, scim_error *err);
scim_status scim__pg_leaves(scim_txn *base, scim_arena *arena, scim_shelf shelf,
    scim_str after, size_t limit, scim_leaf **out, size_t *out_count,
    scim_error *err);
scim_status scim__pg_erase_tenant(
    scim_txn *base, scim_str tenant, scim_error *err);

#endif
