/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write leaves over, done in turns.
 *
 * When a holder of very many members loses all of them, or goes, closing
 * their rows in its own transaction would keep the one writer for seconds,
 * and need memory for each page that is touched.  So the write makes a row
 * in `emptied` instead, and whatever reads members takes those that began
 * before it for ended: what anybody sees changes in one step, and once.
 * Turns close the rows one stretch of values after the other; `after` is how
 * far they came.  A row that comes to be closed late says the same as if it
 * had been closed at once.
 *
 * `forgotten` is about rows that ended, and belong to no state that is kept
 * any more.
 */
#include "base/arena.h"
#include "store/sqlite/sqlite.h"

/* Sorts after every value. */
static const uint8_t past_all[17] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* A stretch of one who was emptied. */
struct stretch {
	struct txn *txn;
	scim_arena *arena;
	struct holder holder;
	int64_t sequence;
	scim_str after;
	scim_str last; /* ptr NULL: to the end */
};

static scim_status
use(struct txn *txn, enum sql which, const struct holder *holder,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_use(txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, holder->tenant);
	scim__sqlite_bind_id(q, holder->id);
	return SCIM_OK;
}

static scim_status
note_forgotten(struct txn *txn, const struct holder *holder, int64_t sequence,
    scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(txn, SQL_FORGOTTEN_ADD, holder, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, sequence);
	atomic_store(&txn->conn->store->untidy, true);
	return scim__sqlite_run(&q, err);
}

/* Whether there may be more of them. */
static scim_status
forget_some(struct txn *txn, const struct holder *holder, int64_t sequence,
    size_t limit, bool *out_more, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(txn, SQL_MEMBER_FORGET, holder, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, sequence);
	scim__sqlite_bind_limit(&q, limit);
	rc = scim__sqlite_run(&q, err);
	*out_more =
	    rc == SCIM_OK && (size_t)sqlite3_changes(txn->conn->db) >= limit;
	return rc;
}

scim_status
scim__sqlite_forget_members(struct txn *txn, const struct holder *holder,
    int64_t sequence, size_t limit, scim_error *err)
{
	bool more = false;
	scim_status rc = forget_some(txn, holder, sequence, limit, &more, err);

	return more ? note_forgotten(txn, holder, sequence, err) : rc;
}

/* Where no state is kept that is older than that. */
static scim_status
forget_closed(const struct stretch *s, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(s->txn, SQL_HISTORY_OLDEST, &s->holder, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, 1);
	rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_OK) {
		(void)scim__sqlite_read_int(&q);
		if (scim__sqlite_read_int(&q) < s->sequence)
			return SCIM_OK;
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	return note_forgotten(s->txn, &s->holder, s->sequence, err);
}

/* Where the stretch ends, for `limit` rows to be looked at. */
static scim_status
find_last(struct stretch *s, size_t limit, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(s->txn, SQL_EMPTIED_LAST, &s->holder, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_id(&q, s->after);
	scim__sqlite_bind_limit(&q, limit - 1);
	rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	if (rc != SCIM_OK)
		return rc;
	s->last = scim__sqlite_read_id(&q, s->arena);
	return s->last.ptr == NULL ? scim__fail_memory(err) : SCIM_OK;
}

static scim_status
close_stretch(const struct stretch *s, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(s->txn, SQL_EMPTIED_CLOSE, &s->holder, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, s->sequence);
	scim__sqlite_bind_id(&q, s->after);
	if (s->last.ptr == NULL)
		scim__sqlite_bind_blob(&q, past_all, sizeof(past_all));
	else
		scim__sqlite_bind_id(&q, s->last);
	return scim__sqlite_run(&q, err);
}

/* Writes down how far the turns came, or that they are over. */
static scim_status
keep_place(const struct stretch *s, scim_error *err)
{
	bool is_over = s->last.ptr == NULL;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(s->txn,
	    is_over ? SQL_EMPTIED_DROP : SQL_EMPTIED_MOVE, &s->holder, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, s->sequence);
	if (!is_over)
		scim__sqlite_bind_id(&q, s->last);
	rc = scim__sqlite_run(&q, err);
	return rc == SCIM_OK && is_over ? forget_closed(s, err) : rc;
}

/* SCIM_ERR_NOT_FOUND: nobody is left. */
static scim_status
next_emptied(struct stretch *s, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(s->txn, SQL_EMPTIED_NEXT, &q, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_row(&q, err);
	if (rc != SCIM_OK)
		return rc;
	s->holder.tenant = scim__sqlite_read_int(&q);
	s->holder.id = scim__sqlite_read_id(&q, s->arena);
	s->sequence = scim__sqlite_read_int(&q);
	s->after = scim__sqlite_read_id(&q, s->arena);
	return s->holder.id.ptr == NULL || s->after.ptr == NULL
	    ? scim__fail_memory(err)
	    : SCIM_OK;
}

static scim_status
close_some(struct txn *txn, scim_arena *arena, size_t limit, scim_error *err)
{
	struct stretch s = { .txn = txn, .arena = arena };
	scim_status rc = next_emptied(&s, err);

	if (rc == SCIM_OK)
		rc = find_last(&s, limit, err);
	if (rc == SCIM_OK)
		rc = close_stretch(&s, err);
	return rc == SCIM_OK ? keep_place(&s, err) : rc;
}

static scim_status
forget_next(struct txn *txn, scim_arena *arena, size_t limit, scim_error *err)
{
	struct holder holder;
	int64_t sequence;
	bool more;
	scim__auto_stmt struct stmt q = { 0 };
	scim__auto_stmt struct stmt drop = { 0 };
	scim_status rc = scim__sqlite_use(txn, SQL_FORGOTTEN_NEXT, &q, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_row(&q, err);
	if (rc != SCIM_OK)
		return rc;
	holder.tenant = scim__sqlite_read_int(&q);
	holder.id = scim__sqlite_read_id(&q, arena);
	sequence = scim__sqlite_read_int(&q);
	if (holder.id.ptr == NULL)
		return scim__fail_memory(err);
	scim__sqlite_again(&q, 0);
	rc = forget_some(txn, &holder, sequence, limit, &more, err);
	if (rc != SCIM_OK || more)
		return rc;
	rc = use(txn, SQL_FORGOTTEN_DROP, &holder, &drop, err);
	return rc == SCIM_OK ? scim__sqlite_run(&drop, err) : rc;
}

scim_status
scim__sqlite_tidy_some(
    struct txn *txn, size_t limit, bool *out_more, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = NULL;

	*out_more = false;
	if (!atomic_load(&txn->conn->store->untidy))
		return SCIM_OK;
	arena = scim_arena_new(NULL);
	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = close_some(txn, arena, limit, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		rc = forget_next(txn, arena, limit, err);
	*out_more = rc == SCIM_OK;
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

scim_status
scim__sqlite_tidy(
    scim_store *base, size_t limit, int *out_more, scim_error *err)
{
	struct store *store = store_of(base);
	scim_txn *txn = NULL;
	bool more = false;

	*out_more = 0;
	if (!atomic_load(&store->untidy))
		return SCIM_OK;
	scim_status rc = scim__sqlite_begin(base, SCIM_TXN_WRITE, &txn, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__sqlite_tidy_some(txn_of(txn), limit, &more, err);
	if (rc != SCIM_OK) {
		scim__sqlite_rollback(txn);
		return rc;
	}
	/* What comes meanwhile comes through this connection: nothing does. */
	if (!more)
		atomic_store(&store->untidy, false);
	rc = scim__sqlite_commit(txn, err);
	if (rc == SCIM_OK)
		*out_more = more;
	return rc;
}
