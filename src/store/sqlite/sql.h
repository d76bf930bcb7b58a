/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_SQLITE_SQL_H
#define SCIM_STORE_SQLITE_SQL_H

/* The statements of this backend, and how one is run. */

#include <sqlite3.h>
#include <stdbool.h>

#include "scimd/backend/store_ops.h"

enum sql {
	SQL_BEGIN_READ,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_SAVEPOINT,
	SQL_RELEASE,
	SQL_ROLLBACK_TO,
	SQL_DATA_VERSION,
	SQL_FIX_STATE,
	SQL_NAME_FIND,
	SQL_NAME_ADD,
	SQL_RESOURCE_GET,
	SQL_RESOURCE_FIND,
	SQL_RESOURCE_INSERT,
	SQL_RESOURCE_UPDATE,
	SQL_RESOURCE_DELETE,
	SQL_RESOURCE_AT,
	SQL_COUNTER_GET,
	SQL_COUNTER_INSERT,
	SQL_COUNTER_UPDATE,
	SQL_TOTAL_ADD,
	SQL_TOTAL_GET,
	SQL_COUNTER_TRIMMED,
	SQL_FEED,
	SQL_CHANGE_INSERT,
	SQL_CHANGE_DELETE,
	SQL_CHANGE_CLEAR,
	SQL_CHANGE_CLEAR_NEXT,
	SQL_CHANGE_OLDEST,
	SQL_CHANGES,
	SQL_CHANGES_UP,
	SQL_CHANGES_DOWN,
	SQL_HISTORY_LAST,
	SQL_HISTORY_OLDEST,
	SQL_HISTORY_FIND,
	SQL_HISTORY_ADD,
	SQL_HISTORY_ADD_END,
	SQL_HISTORY_DROP,
	SQL_HISTORY_DROP_VERSION,
	SQL_PURGE_CHANGE,
	SQL_PURGE_HISTORY,
	SQL_PURGE_MEMBERS,
	SQL_PURGE_MEMBERSHIPS,
	SQL_UNIQUE_FIND,
	SQL_UNIQUE_INSERT,
	SQL_UNIQUE_DELETE,
	SQL_INDEX_INSERT,
	SQL_INDEX_DELETE,
	SQL_INDEX_COUNT,
	SQL_MEMBER_LATEST,
	SQL_MEMBER_INSERT,
	SQL_MEMBER_RENEW,
	SQL_MEMBER_CLOSE,
	SQL_MEMBER_CLOSE_ALL,
	SQL_MEMBER_GET,
	SQL_MEMBERS_TEXT,
	SQL_MEMBERS_UUID,
	SQL_MEMBERS_AT_TEXT,
	SQL_MEMBERS_AT_UUID,
	SQL_MEMBER_FORGET,
	SQL_EMPTIED_ADD,
	SQL_EMPTIED_NEXT,
	SQL_EMPTIED_LAST,
	SQL_EMPTIED_CLOSE,
	SQL_EMPTIED_MOVE,
	SQL_EMPTIED_DROP,
	SQL_FORGOTTEN_ADD,
	SQL_FORGOTTEN_NEXT,
	SQL_FORGOTTEN_DROP,
	SQL_MEMBERSHIPS_FIRST,
	SQL_MEMBERSHIPS_TEXT,
	SQL_MEMBERSHIPS_UUID,
	SQL_PAGE_UP,
	SQL_PAGE_DOWN,
	SQL_RANGE_UP,
	SQL_RANGE_DOWN,
	SQL_SKIP_UP,
	SQL_SKIP_DOWN,
	SQL_RECEIPT_GET,
	SQL_RECEIPT_PUT,
	SQL_RECEIPT_DROP,
	SQL_RECEIPTS,
	SQL_RECEIPTS_OF,
	SQL_RENEW_NEXT,
	SQL_RENEW_STATE,
	SQL_LEAF_GET, /* one for each shelf, here and below */
	SQL_LEAF_PUT = SQL_LEAF_GET + SCIM_SHELF_COUNT,
	SQL_LEAF_DELETE = SQL_LEAF_PUT + SCIM_SHELF_COUNT,
	SQL_LEAVES = SQL_LEAF_DELETE + SCIM_SHELF_COUNT,
	SQL_ERASE = SQL_LEAVES + SCIM_SHELF_COUNT,
	SQL_ERASE_LEAVES = SQL_ERASE + 11,
	SQL_COUNT = SQL_ERASE_LEAVES + 3
};

extern const char *const scim__sqlite_text[SQL_COUNT];

struct txn;

/* No id is bound to a parameter past these. */
#define STMT_PARAMETERS 14

/*
 * One statement in use.  Bind its parameters in order, then step.  A bind
 * that fails is reported by the step.  Leaving the scope resets it, so that
 * no statement stays open across calls.
 *
 *	scim__auto_stmt struct stmt q = { 0 };
 */
struct stmt {
	struct txn *txn;
	sqlite3_stmt *raw;
	int bound;
	int column;                        /* the next to be read */
	int rc;                            /* of the first bind that failed */
	uint8_t uuid[STMT_PARAMETERS][16]; /* ids, while they are bound */
};

void scim__sqlite_finish(struct stmt *q);
#define scim__auto_stmt __attribute__((cleanup(scim__sqlite_finish)))

/* Takes the statement `which` of the transaction's connection into `q`. */
scim_status scim__sqlite_use(
    struct txn *txn, enum sql which, struct stmt *q, scim_error *err);

void scim__sqlite_bind_int(struct stmt *q, int64_t value);
void scim__sqlite_bind_real(struct stmt *q, double value);
void scim__sqlite_bind_text(struct stmt *q, scim_str text);
void scim__sqlite_bind_blob(struct stmt *q, const void *bytes, size_t len);
void scim__sqlite_bind_null(struct stmt *q);

/* Any number larger than SQLite's is its largest. */
void scim__sqlite_bind_limit(struct stmt *q, uint64_t limit);

/* An id in UUID form takes 16 bytes, any other is text. */
void scim__sqlite_bind_id(struct stmt *q, scim_str id);
void scim__sqlite_bind_value(struct stmt *q, const scim_index_value *value);

/* SCIM_OK: on a row.  SCIM_ERR_NOT_FOUND, without words: no more. */
scim_status scim__sqlite_row(struct stmt *q, scim_error *err);

/* Runs a statement that gives no rows, or whose rows nobody wants. */
scim_status scim__sqlite_run(struct stmt *q, scim_error *err);

/* Ready for another run with the first `kept` parameters as they are. */
void scim__sqlite_again(struct stmt *q, int kept);

/* Columns of the row, each the one after the last.  Texts are copied; a
 * `ptr` of NULL is out of memory. */
int64_t scim__sqlite_read_int(struct stmt *q);
scim_str scim__sqlite_read_text(struct stmt *q, scim_arena *arena);
scim_str scim__sqlite_read_id(struct stmt *q, scim_arena *arena);

/* Not copied: good until the statement steps. */
scim_str scim__sqlite_peek(struct stmt *q);
bool scim__sqlite_read_value(
    struct stmt *q, scim_arena *arena, scim_index_value *out);

/* False when the column is not `len` bytes. */
bool scim__sqlite_read_bytes(struct stmt *q, void *out, size_t len);

/* name.c: the number that stands for a tenant, type or attribute. */
scim_status scim__sqlite_find_name(
    struct txn *txn, scim_str name, int64_t *out, scim_error *err);

/* The same, giving out a number where there is none. */
scim_status scim__sqlite_make_name(
    struct txn *txn, scim_str name, int64_t *out, scim_error *err);

/* The numbers of a tenant and a resource type. */
struct scope {
	int64_t tenant, type;
};
scim_status scim__sqlite_find_scope(struct txn *txn, scim_str tenant,
    scim_str type, struct scope *out, scim_error *err);

/* order.c: room for one more in a list of the arena that has `count` things
 * of `size` bytes; the list, moved or not, or NULL when out of memory. */
void *scim__sqlite_grow(
    scim_arena *arena, void *list, size_t count, size_t size);

/* The first id in UUID form that sorts after `s` by bytes; false for none. */
bool scim__sqlite_uuid_after(scim_str s, uint8_t out[16]);

/* A list whose things begin with the scim_str that they are ordered by. */
struct ordered {
	char *things;
	size_t count;
};

/* The first `limit` things of two lists; false when out of memory. */
bool scim__sqlite_merge(scim_arena *arena, const struct ordered lists[2],
    size_t size, size_t limit, struct ordered *out);

#endif
