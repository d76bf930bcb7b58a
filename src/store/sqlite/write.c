/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One write: the resource under its condition, then all that goes with it.
 *
 * The statement that changes the resource names the version it expects, and
 * what it reports to have changed decides.  The look before it finds where
 * the resource stands and what came before; it decides nothing but between
 * "gone" and "changed" afterwards.  Until that statement has succeeded
 * nothing is written, so a refused write leaves nothing even in a
 * transaction that goes on without a savepoint.
 */
#include <string.h>

#include "base/str.h"
#include "store/sqlite/sqlite.h"

struct job {
	struct txn *txn;
	scim_arena *arena;
	const scim_write *write;
	struct scope scope;
	int64_t sequence; /* of this change */
	int64_t parent;   /* of the one before, 0 for none */
	int64_t position;
};

static bool
changed_one(const struct job *job)
{
	return sqlite3_changes(job->txn->conn->db) == 1;
}

static scim_status
taken(const struct job *job, scim_str holder, scim_str attribute,
    scim_write_result *out, scim_error *err)
{
	scim_str who = scim__str_copy(job->arena, holder);
	scim_str what = scim__str_copy(job->arena, attribute);

	if (who.ptr == NULL || what.ptr == NULL)
		return scim__fail_memory(err);
	out->holder = who;
	out->attribute = what;
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "Another resource has this value in '%.*s'.", (int)what.len,
	    what.ptr);
}

static scim_status
next_sequence(struct job *job, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(job->txn, SQL_COUNTER_GET, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, job->scope.tenant);
	rc = scim__sqlite_row(&q, err);
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	job->sequence = rc == SCIM_OK ? scim__sqlite_read_int(&q) + 1 : 1;
	return SCIM_OK;
}

/* A feed that begins again, as after erasing a tenant, is another epoch. */
static scim_status
keep_sequence(const struct job *job, scim_error *err)
{
	bool is_first = job->sequence == 1;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(job->txn,
	    is_first ? SQL_COUNTER_INSERT : SQL_COUNTER_UPDATE, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, job->scope.tenant);
	scim__sqlite_bind_int(&q, job->sequence);
	if (is_first) {
		const scim_env *env = job->txn->base.store->env;
		int64_t epoch = 0;

		env->random(env->context, &epoch, sizeof(epoch));
		scim__sqlite_bind_int(&q, epoch & INT64_MAX);
	}
	return scim__sqlite_run(&q, err);
}

static void
bind_version(struct stmt *q, const scim_version *version)
{
	scim__sqlite_bind_blob(q, version->bytes, sizeof(version->bytes));
}

static void
bind_state(struct stmt *q, const struct job *job)
{
	const scim_record *r = job->write->record;

	bind_version(q, &r->version);
	scim__sqlite_bind_int(q, job->sequence);
	scim__sqlite_bind_int(q, r->created_ms);
	scim__sqlite_bind_int(q, r->modified_ms);
	scim__sqlite_bind_int(q, r->modified_before_ms);
	scim__sqlite_bind_blob(q, r->own_hash, sizeof(r->own_hash));
	scim__sqlite_bind_int(q, (int64_t)r->relation_count);
	scim__sqlite_bind_text(q, r->content);
	scim__sqlite_bind_text(q, r->secret);
	scim__sqlite_bind_blob(q, r->relation_state.ptr, r->relation_state.len);
}

static void
bind_key(struct stmt *q, const struct job *job)
{
	scim__sqlite_bind_int(q, job->scope.tenant);
	scim__sqlite_bind_id(q, job->write->key.id);
	scim__sqlite_bind_int(q, job->scope.type);
}

static scim_status
insert_resource(struct job *job, scim_write_result *out, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc =
	    scim__sqlite_use(job->txn, SQL_RESOURCE_INSERT, &q, err);

	if (rc != SCIM_OK)
		return rc;
	bind_key(&q, job);
	bind_state(&q, job);
	rc = scim__sqlite_run(&q, err);
	if (rc != SCIM_OK)
		return rc;
	if (!changed_one(job))
		return taken(job, job->write->key.id, SCIM_STR("id"), out, err);
	job->position = sqlite3_last_insert_rowid(job->txn->conn->db);
	return SCIM_OK;
}

static scim_status
find_resource(struct job *job, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(job->txn, SQL_RESOURCE_FIND, &q, err);

	if (rc != SCIM_OK)
		return rc;
	bind_key(&q, job);
	rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, rc, "No such resource.");
	if (rc != SCIM_OK)
		return rc;
	job->position = scim__sqlite_read_int(&q);
	job->parent = scim__sqlite_read_int(&q);
	return SCIM_OK;
}

static scim_status
fail_version(scim_error *err)
{
	return scim__fail(
	    err, SCIM_ERR_VERSION, "The resource is at another version.");
}

static scim_status
change_resource(struct job *job, scim_error *err)
{
	bool is_update = job->write->kind == SCIM_WRITE_UPDATE;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = find_resource(job, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(job->txn,
		    is_update ? SQL_RESOURCE_UPDATE : SQL_RESOURCE_DELETE, &q,
		    err);
	if (rc != SCIM_OK)
		return rc;
	if (is_update)
		bind_state(&q, job);
	bind_key(&q, job);
	bind_version(&q, &job->write->expected);
	rc = scim__sqlite_run(&q, err);
	if (rc != SCIM_OK)
		return rc;
	return changed_one(job) ? SCIM_OK : fail_version(err);
}

/* Whether the resource is at the version that is expected. */
static scim_status
expect_resource(struct job *job, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = find_resource(job, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(job->txn, SQL_RESOURCE_AT, &q, err);
	if (rc != SCIM_OK)
		return rc;
	bind_key(&q, job);
	bind_version(&q, &job->write->expected);
	rc = scim__sqlite_row(&q, err);
	return rc == SCIM_ERR_NOT_FOUND ? fail_version(err) : rc;
}

static scim_status
add_to_total(const struct job *job, int64_t by, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(job->txn, SQL_TOTAL_ADD, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, job->scope.tenant);
	scim__sqlite_bind_int(&q, job->scope.type);
	scim__sqlite_bind_int(&q, by);
	return scim__sqlite_run(&q, err);
}

static scim_status
write_resource(struct job *job, scim_write_result *out, scim_error *err)
{
	scim_status rc = SCIM_OK;

	switch (job->write->kind) {
	case SCIM_WRITE_CREATE:
		rc = insert_resource(job, out, err);
		return rc == SCIM_OK ? add_to_total(job, 1, err) : rc;
	case SCIM_WRITE_UPDATE:
		return change_resource(job, err);
	case SCIM_WRITE_INDEX:
		return expect_resource(job, err);
	case SCIM_WRITE_MARK:
		return SCIM_OK;
	case SCIM_WRITE_DELETE:
		break;
	}
	rc = change_resource(job, err);
	return rc == SCIM_OK ? add_to_total(job, -1, err) : rc;
}

static scim_status
check_holder(const struct job *job, int64_t attribute,
    const scim_unique_row *row, scim_write_result *out, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(job->txn, SQL_UNIQUE_FIND, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, job->scope.tenant);
	scim__sqlite_bind_int(&q, job->scope.type);
	scim__sqlite_bind_int(&q, attribute);
	scim__sqlite_bind_text(&q, row->value);
	rc = scim__sqlite_row(&q, err);
	if (rc != SCIM_OK)
		return rc;

	scim_str holder = scim__sqlite_read_id(&q, job->arena);

	if (holder.ptr == NULL)
		return scim__fail_memory(err);
	if (scim__str_equal(holder, job->write->key.id))
		return SCIM_OK;
	return taken(job, holder, row->attribute, out, err);
}

static scim_status
each_unique(
    const struct job *job, bool adding, scim_write_result *out, scim_error *err)
{
	const scim_write *w = job->write;
	const scim_unique_row *rows = adding ? w->unique_add : w->unique_remove;
	size_t count = adding ? w->unique_add_count : w->unique_remove_count;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		int64_t attribute = 0;

		rc = scim__sqlite_make_name(
		    job->txn, rows[i].attribute, &attribute, err);
		if (rc == SCIM_OK)
			rc = scim__sqlite_use(job->txn,
			    adding ? SQL_UNIQUE_INSERT : SQL_UNIQUE_DELETE, &q,
			    err);
		if (rc != SCIM_OK)
			break;
		scim__sqlite_again(&q, 0);
		scim__sqlite_bind_int(&q, job->scope.tenant);
		scim__sqlite_bind_int(&q, job->scope.type);
		scim__sqlite_bind_id(&q, w->key.id);
		scim__sqlite_bind_int(&q, attribute);
		scim__sqlite_bind_text(&q, rows[i].value);
		rc = scim__sqlite_run(&q, err);
		if (rc == SCIM_OK && adding && !changed_one(job))
			rc = check_holder(job, attribute, &rows[i], out, err);
	}
	return rc;
}

static scim_status
each_index(const struct job *job, bool adding, scim_error *err)
{
	const scim_write *w = job->write;
	const scim_index_row *rows = adding ? w->index_add : w->index_remove;
	size_t count = adding ? w->index_add_count : w->index_remove_count;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		int64_t attribute = 0;

		rc = scim__sqlite_make_name(
		    job->txn, rows[i].attribute, &attribute, err);
		if (rc == SCIM_OK)
			rc = scim__sqlite_use(job->txn,
			    adding ? SQL_INDEX_INSERT : SQL_INDEX_DELETE, &q,
			    err);
		if (rc != SCIM_OK)
			break;
		scim__sqlite_again(&q, 0);
		scim__sqlite_bind_int(&q, job->scope.tenant);
		scim__sqlite_bind_int(&q, job->scope.type);
		scim__sqlite_bind_int(&q, job->position);
		scim__sqlite_bind_int(&q, attribute);
		scim__sqlite_bind_value(&q, &rows[i].value);
		rc = scim__sqlite_run(&q, err);
	}
	return rc;
}

static scim_status
write_rows(const struct job *job, scim_write_result *out, scim_error *err)
{
	scim_status rc = each_unique(job, false, out, err);

	if (rc == SCIM_OK)
		rc = each_unique(job, true, out, err);
	if (rc == SCIM_OK)
		rc = each_index(job, false, err);
	return rc == SCIM_OK ? each_index(job, true, err) : rc;
}

/* What goes with the resource, once it is written. */
static scim_status
write_rest(const struct job *job, scim_write_result *out, scim_error *err)
{
	const struct relation relation = { job->txn, job->scope,
		job->write->key.id, job->sequence };
	const struct logged logged = { job->txn, job->scope, job->sequence,
		job->parent, job->write };
	scim_status rc = keep_sequence(job, err);

	if (rc == SCIM_OK)
		rc = write_rows(job, out, err);
	if (rc == SCIM_OK)
		rc = scim__sqlite_relate(&relation, job->write, err);
	return rc == SCIM_OK ? scim__sqlite_log(&logged, err) : rc;
}

scim_status
scim__sqlite_write(scim_txn *base, scim_arena *arena, const scim_write *write,
    scim_write_result *out, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct job job = { .txn = txn, .arena = arena, .write = write };
	scim_status rc = scim__sqlite_make_name(
	    txn, write->key.tenant, &job.scope.tenant, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_make_name(
		    txn, write->key.type, &job.scope.type, err);
	if (rc == SCIM_OK)
		rc = next_sequence(&job, err);
	if (rc == SCIM_OK)
		rc = write_resource(&job, out, err);
	if (write->kind == SCIM_WRITE_INDEX)
		return rc == SCIM_OK ? write_rows(&job, out, err) : rc;
	if (rc == SCIM_OK)
		rc = write_rest(&job, out, err);
	if (rc != SCIM_OK)
		return rc;
	out->sequence = (uint64_t)job.sequence;
	if (write->kind == SCIM_WRITE_CREATE)
		out->position = (uint64_t)job.position;
	return SCIM_OK;
}

scim_status
scim__sqlite_add_rows(struct txn *txn, scim_arena *arena,
    const struct place *place, const scim_write *write, scim_write_result *out,
    scim_error *err)
{
	const struct job job = { .txn = txn,
		.arena = arena,
		.write = write,
		.scope = place->scope,
		.position = place->position };
	scim_status rc = each_unique(&job, true, out, err);

	return rc == SCIM_OK ? each_index(&job, true, err) : rc;
}
