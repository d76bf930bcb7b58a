/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading members and memberships: live rows only, a page at a time, by
 * indexes that hold nothing but live rows.  However long a group's history,
 * it costs these reads nothing.
 */
#include "base/ids.h"
#include "base/str.h"
#include "store/sqlite/sqlite.h"

struct walk {
	struct txn *txn;
	scim_arena *arena;
	enum sql text, uuid;
	enum sql first; /* where most lists are short; 0: there is none */
	int64_t tenant;
	scim_str anchor; /* the id that the list belongs to */
	scim_str after;
	size_t limit, size;
	int64_t holder_type; /* 0: any */
	int64_t sequence;    /* as of this change; 0: now */
	bool (*read)(struct stmt *q, scim_arena *arena, void *out);
};

static scim_status
collect(const struct walk *walk, struct stmt *q, struct ordered *out,
    scim_error *err)
{
	scim_status rc;

	*out = (struct ordered){ NULL, 0 };
	while ((rc = scim__sqlite_row(q, err)) == SCIM_OK) {
		out->things = scim__sqlite_grow(
		    walk->arena, out->things, out->count, walk->size);
		if (out->things == NULL ||
		    !walk->read(
			q, walk->arena, out->things + out->count * walk->size))
			return scim__fail_memory(err);
		out->count++;
	}
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

static scim_status
walk_texts(
    const struct walk *walk, bool uuids, struct ordered *out, scim_error *err)
{
	uint8_t first[16];
	scim__auto_stmt struct stmt q = { 0 };

	*out = (struct ordered){ NULL, 0 };
	if (uuids && !scim__sqlite_uuid_after(walk->after, first))
		return SCIM_OK;

	scim_status rc = scim__sqlite_use(
	    walk->txn, uuids ? walk->uuid : walk->text, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, walk->tenant);
	scim__sqlite_bind_id(&q, walk->anchor);
	if (uuids)
		scim__sqlite_bind_blob(&q, first, sizeof(first));
	else
		scim__sqlite_bind_text(&q, walk->after);
	scim__sqlite_bind_limit(&q, walk->limit);
	if (walk->holder_type != 0)
		scim__sqlite_bind_int(&q, walk->holder_type);
	if (walk->sequence != 0)
		scim__sqlite_bind_int(&q, walk->sequence);
	return collect(walk, &q, out, err);
}

static struct ordered
split_off_uuids(const struct walk *walk, struct ordered *list)
{
	size_t texts = 0, count = list->count;
	char *thing = list->things;
	uint8_t uuid[16];

	while (texts < count &&
	    !scim__uuid_decode(*(const scim_str *)(const void *)thing, uuid)) {
		thing += walk->size;
		texts++;
	}
	list->count = texts;
	return (struct ordered){ thing, count - texts };
}

/* Both kinds of ids by one statement, texts first; `*out_all` false: there
 * are more than it may list. */
static scim_status
walk_from_start(const struct walk *walk, struct ordered lists[2], bool *out_all,
    scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(walk->txn, walk->first, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, walk->tenant);
	scim__sqlite_bind_id(&q, walk->anchor);
	scim__sqlite_bind_limit(&q, walk->limit);
	rc = collect(walk, &q, &lists[0], err);
	if (rc == SCIM_OK)
		*out_all = lists[0].count < walk->limit;
	lists[1] = split_off_uuids(walk, &lists[0]);
	return rc;
}

static scim_status
run_walk(const struct walk *walk, struct ordered *out, scim_error *err)
{
	struct ordered lists[2];
	bool all = false;
	scim_status rc = SCIM_OK;

	if (walk->first != 0 && walk->after.len == 0)
		rc = walk_from_start(walk, lists, &all, err);
	if (rc == SCIM_OK && !all)
		rc = walk_texts(walk, false, &lists[0], err);
	if (rc == SCIM_OK && !all)
		rc = walk_texts(walk, true, &lists[1], err);
	if (rc != SCIM_OK)
		return rc;
	if (!scim__sqlite_merge(
		walk->arena, lists, walk->size, walk->limit, out))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static bool
read_member(struct stmt *q, scim_arena *arena, void *out)
{
	scim_member_row *row = out;

	row->value = scim__sqlite_read_id(q, arena);
	row->type = scim__sqlite_read_text(q, arena);
	row->display = scim__sqlite_read_text(q, arena);
	return row->value.ptr != NULL && row->type.ptr != NULL &&
	    row->display.ptr != NULL;
}

static bool
read_membership(struct stmt *q, scim_arena *arena, void *out)
{
	scim_membership *membership = out;

	membership->id = scim__sqlite_read_id(q, arena);
	membership->type = scim__sqlite_read_text(q, arena);
	return membership->id.ptr != NULL && membership->type.ptr != NULL;
}

scim_status
scim__sqlite_member_get(scim_txn *base, scim_arena *arena, const scim_key *key,
    scim_str value, scim_member_row *out, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct scope scope = { 0 };
	scim_member_row row = { 0 };
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc =
	    scim__sqlite_find_scope(txn, key->tenant, key->type, &scope, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(txn, SQL_MEMBER_GET, &q, err);
	if (rc == SCIM_OK) {
		scim__sqlite_bind_int(&q, scope.tenant);
		scim__sqlite_bind_id(&q, key->id);
		scim__sqlite_bind_id(&q, value);
		scim__sqlite_bind_int(&q, scope.type);
		rc = scim__sqlite_row(&q, err);
	}
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, rc, "No such member.");
	if (rc != SCIM_OK)
		return rc;
	if (!read_member(&q, arena, &row))
		return scim__fail_memory(err);
	*out = row;
	return SCIM_OK;
}

scim_status
scim__sqlite_members(scim_txn *base, scim_arena *arena, const scim_key *key,
    scim_str after, size_t limit, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	struct scope scope = { 0 };
	struct ordered found = { NULL, 0 };
	scim_status rc = scim__sqlite_find_scope(
	    txn_of(base), key->tenant, key->type, &scope, err);

	if (rc == SCIM_OK) {
		const struct walk walk = { .txn = txn_of(base),
			.arena = arena,
			.text = SQL_MEMBERS_TEXT,
			.uuid = SQL_MEMBERS_UUID,
			.tenant = scope.tenant,
			.anchor = key->id,
			.after = after,
			.limit = limit,
			.size = sizeof(**out),
			.holder_type = scope.type,
			.read = read_member };

		rc = run_walk(&walk, &found, err);
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = (scim_member_row *)(void *)found.things;
	*out_count = found.count;
	return SCIM_OK;
}

scim_status
scim__sqlite_members_at(scim_txn *base, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	struct scope scope = { 0 };
	struct ordered found = { NULL, 0 };
	scim_status rc = scim__sqlite_find_scope(
	    txn_of(base), plan->tenant, plan->type, &scope, err);

	if (rc == SCIM_OK && plan->sequence > 0) {
		const struct walk walk = { .txn = txn_of(base),
			.arena = arena,
			.text = SQL_MEMBERS_AT_TEXT,
			.uuid = SQL_MEMBERS_AT_UUID,
			.tenant = scope.tenant,
			.anchor = plan->id,
			.after = plan->after,
			.limit = plan->limit,
			.size = sizeof(**out),
			.holder_type = scope.type,
			.sequence = (int64_t)plan->sequence,
			.read = read_member };

		rc = run_walk(&walk, &found, err);
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = (scim_member_row *)(void *)found.things;
	*out_count = found.count;
	return SCIM_OK;
}

scim_status
scim__sqlite_memberships(scim_txn *base, scim_arena *arena, scim_str tenant,
    scim_str value, scim_str after, size_t limit, scim_membership **out,
    size_t *out_count, scim_error *err)
{
	int64_t number = 0;
	struct ordered found = { NULL, 0 };
	scim_status rc =
	    scim__sqlite_find_name(txn_of(base), tenant, &number, err);

	if (rc == SCIM_OK) {
		const struct walk walk = { .txn = txn_of(base),
			.arena = arena,
			.first = SQL_MEMBERSHIPS_FIRST,
			.text = SQL_MEMBERSHIPS_TEXT,
			.uuid = SQL_MEMBERSHIPS_UUID,
			.tenant = number,
			.anchor = value,
			.after = after,
			.limit = limit,
			.size = sizeof(**out),
			.read = read_membership };

		rc = run_walk(&walk, &found, err);
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = (scim_membership *)(void *)found.things;
	*out_count = found.count;
	return SCIM_OK;
}
