/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One write, in two trips.
 *
 * The first looks: at which sequence the tenant is, where the resource
 * stands, what came before.  A stale version, a taken id and a resource that
 * is gone are refused there, before anything is written.  What was seen stays
 * so, since the transaction holds the lock of those who write.
 *
 * The second writes everything, and asks at its end whether somebody else has
 * one of the unique values.  Its statements carry the condition all the same:
 * were the lock not what it is, they would change another number of rows than
 * they have to, and the transaction be lost.
 */
#include <string.h>

#include "base/str.h"
#include "store/postgres/postgres.h"

struct job {
	struct written written;
	int64_t position;
	scim_str type; /* that the id has; ptr NULL: nobody has it */
	bool is_at_expected;
};

static scim_status
taken(const struct job *job, scim_str holder, scim_str attribute,
    scim_write_result *out, scim_error *err)
{
	scim_str who = scim__str_copy(job->written.arena, holder);
	scim_str what = scim__str_copy(job->written.arena, attribute);

	if (who.ptr == NULL || what.ptr == NULL)
		return scim__fail_memory(err);
	out->holder = who;
	out->attribute = what;
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "Another resource has this value in '%.*s'.", (int)what.len,
	    what.ptr);
}

static scim_status
read_look(struct job *job, struct stmt *q, scim_error *err)
{
	struct written *w = &job->written;
	int64_t fresh;

	w->sequence = scim__pg_read_int(q) + 1;
	w->revision = scim__pg_read_int(q);
	fresh = scim__pg_read_int(q);
	bool exists = !scim__pg_is_null(q);
	scim_str type = scim__pg_read_str(q, w->arena);
	if (type.ptr == NULL)
		return scim__fail_memory(err);
	job->type = exists ? type : (scim_str){ NULL, 0 };
	job->position = scim__pg_read_int(q);
	w->parent = scim__pg_read_int(q);
	if (w->write->kind == SCIM_WRITE_MARK)
		w->parent = 0;
	const scim_version *expected = &w->write->expected;
	scim_str version = scim__pg_peek(q);
	job->is_at_expected = version.len == sizeof(expected->bytes) &&
	    memcmp(version.ptr, expected->bytes, version.len) == 0;
	if (!exists)
		job->position = fresh;
	return SCIM_OK;
}

static scim_status
look(struct job *job, scim_error *err)
{
	const scim_write *write = job->written.write;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc =
	    scim__pg_use(job->written.txn, SQL_RESOURCE_LOOK, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, write->key.tenant);
	scim__pg_bind_str(&q, write->key.id);
	scim__pg_bind_bool(&q, write->kind == SCIM_WRITE_CREATE);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;
	if (scim__pg_row(&q) != SCIM_OK)
		return scim__fail(err, SCIM_ERR_STORE, "No row came.");
	return read_look(job, &q, err);
}

static scim_status
refuse(const struct job *job, scim_write_result *out, scim_error *err)
{
	const scim_write *write = job->written.write;

	if (write->kind == SCIM_WRITE_MARK)
		return SCIM_OK;
	if (write->kind == SCIM_WRITE_CREATE)
		return job->type.ptr == NULL
		    ? SCIM_OK
		    : taken(job, write->key.id, SCIM_STR("id"), out, err);
	if (job->type.ptr == NULL ||
	    !scim__str_equal(job->type, write->key.type))
		return scim__fail(err, SCIM_ERR_NOT_FOUND, "No such resource.");
	if (!job->is_at_expected)
		return scim__fail(err, SCIM_ERR_VERSION,
		    "The resource is at another version.");
	return SCIM_OK;
}

static void
bind_key(struct stmt *q, const struct job *job)
{
	const scim_key *key = &job->written.write->key;

	scim__pg_bind_str(q, key->tenant);
	scim__pg_bind_str(q, key->id);
	scim__pg_bind_str(q, key->type);
}

static void
bind_version(struct stmt *q, const scim_version *version)
{
	scim__pg_bind_bytes(q, version->bytes, sizeof(version->bytes));
}

static void
bind_state(struct stmt *q, const struct job *job)
{
	const scim_record *r = job->written.write->record;

	bind_version(q, &r->version);
	scim__pg_bind_int(q, job->written.sequence);
	scim__pg_bind_int(q, r->created_ms);
	scim__pg_bind_int(q, r->modified_ms);
	scim__pg_bind_int(q, r->modified_before_ms);
	scim__pg_bind_bytes(q, r->own_hash, sizeof(r->own_hash));
	scim__pg_bind_int(q, (int64_t)r->relation_count);
	scim__pg_bind_str(q, r->content);
	scim__pg_bind_str(q, r->secret);
	scim__pg_bind_str(q, r->relation_state);
}

static scim_status
send_resource(const struct job *job, scim_error *err)
{
	static const enum sql statements[] = { [SCIM_WRITE_CREATE] =
						   SQL_RESOURCE_INSERT,
		[SCIM_WRITE_UPDATE] = SQL_RESOURCE_UPDATE,
		[SCIM_WRITE_DELETE] = SQL_RESOURCE_DELETE };
	const scim_write *write = job->written.write;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc =
	    scim__pg_use(job->written.txn, statements[write->kind], &q, err);

	if (rc != SCIM_OK)
		return rc;
	bind_key(&q, job);
	if (write->kind != SCIM_WRITE_DELETE)
		bind_state(&q, job);
	if (write->kind == SCIM_WRITE_CREATE)
		scim__pg_bind_int(&q, job->position);
	else
		bind_version(&q, &write->expected);
	return scim__pg_send(&q, 1, err);
}

/* A feed that begins again, as after erasing a tenant, is another epoch. */
static scim_status
send_counter(const struct job *job, scim_error *err)
{
	const scim_env *env = job->written.txn->base.store->env;
	int64_t epoch = 0;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc =
	    scim__pg_use(job->written.txn, SQL_COUNTER_NEXT, &q, err);

	if (rc != SCIM_OK)
		return rc;
	if (job->written.sequence == 1)
		env->random(env->context, &epoch, sizeof(epoch));
	scim__pg_bind_str(&q, job->written.write->key.tenant);
	scim__pg_bind_int(&q, epoch & INT64_MAX);
	scim__pg_bind_int(&q, job->written.sequence);
	return scim__pg_send(&q, 1, err);
}

static scim_status
send_total(const struct job *job, scim_error *err)
{
	const scim_write *write = job->written.write;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = SCIM_OK;

	if (write->kind == SCIM_WRITE_UPDATE)
		return SCIM_OK;
	rc = scim__pg_use(job->written.txn, SQL_TOTAL_ADD, &q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, write->key.tenant);
	scim__pg_bind_str(&q, write->key.type);
	scim__pg_bind_int(&q, write->kind == SCIM_WRITE_CREATE ? 1 : -1);
	return scim__pg_send(&q, 1, err);
}

/* Rows of an index as two lists, of attributes and of keys. */
struct lists {
	struct array attributes, keys;
	bool failed;
};

static void
lists_init(struct lists *lists, scim_arena *arena)
{
	scim__pg_array_init(&lists->attributes, arena, ELEMENT_TEXT);
	scim__pg_array_init(&lists->keys, arena, ELEMENT_BYTES);
	lists->failed = false;
}

static void
lists_add(struct lists *lists, scim_str attribute, scim_str key)
{
	lists->failed = lists->failed || key.ptr == NULL;
	scim__pg_array_add(&lists->attributes, attribute);
	scim__pg_array_add(&lists->keys, key);
}

static void
bind_lists(struct stmt *q, struct lists *lists)
{
	q->failed = q->failed || lists->failed;
	scim__pg_bind_array(q, &lists->attributes);
	scim__pg_bind_array(q, &lists->keys);
}

static scim_status
use_unique(const struct job *job, enum sql which, bool adding, struct stmt *q,
    scim_error *err)
{
	const scim_write *w = job->written.write;
	const scim_unique_row *rows = adding ? w->unique_add : w->unique_remove;
	size_t count = adding ? w->unique_add_count : w->unique_remove_count;
	scim_arena *arena = job->written.arena;
	struct lists lists;
	scim_status rc = scim__pg_use(job->written.txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	lists_init(&lists, arena);
	for (size_t i = 0; i < count; i++)
		lists_add(&lists, rows[i].attribute,
		    scim__pg_text_key(arena, rows[i].value));
	scim__pg_bind_str(q, w->key.tenant);
	scim__pg_bind_str(q, w->key.type);
	scim__pg_bind_str(q, w->key.id);
	bind_lists(q, &lists);
	return SCIM_OK;
}

static scim_status
send_unique(const struct job *job, enum sql which, bool adding, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use_unique(job, which, adding, &q, err);

	return rc == SCIM_OK ? scim__pg_send(&q, -1, err) : rc;
}

static scim_status
send_index(const struct job *job, bool adding, scim_error *err)
{
	const scim_write *w = job->written.write;
	const scim_index_row *rows = adding ? w->index_add : w->index_remove;
	size_t count = adding ? w->index_add_count : w->index_remove_count;
	scim_arena *arena = job->written.arena;
	struct lists lists;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(job->written.txn,
	    adding ? SQL_INDEX_INSERT : SQL_INDEX_DELETE, &q, err);

	if (rc != SCIM_OK)
		return rc;
	lists_init(&lists, arena);
	for (size_t i = 0; i < count; i++)
		lists_add(&lists, rows[i].attribute,
		    scim__pg_key(arena, &rows[i].value));
	scim__pg_bind_str(&q, w->key.tenant);
	scim__pg_bind_str(&q, w->key.type);
	scim__pg_bind_int(&q, job->position);
	bind_lists(&q, &lists);
	return scim__pg_send(&q, -1, err);
}

static scim_status
send_rows(const struct job *job, scim_error *err)
{
	const scim_write *w = job->written.write;
	scim_status rc = SCIM_OK;

	if (w->unique_remove_count > 0)
		rc = send_unique(job, SQL_UNIQUE_DELETE, false, err);
	if (rc == SCIM_OK && w->unique_add_count > 0)
		rc = send_unique(job, SQL_UNIQUE_INSERT, true, err);
	if (rc == SCIM_OK && w->index_remove_count > 0)
		rc = send_index(job, false, err);
	if (rc == SCIM_OK && w->index_add_count > 0)
		rc = send_index(job, true, err);
	return rc;
}

/* Waits for all that was sent. */
static scim_status
finish(const struct job *job, scim_write_result *out, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };

	if (job->written.write->unique_add_count == 0 ||
	    job->written.write->kind == SCIM_WRITE_MARK)
		return scim__pg_sync(job->written.txn->conn, NULL, err);
	scim_status rc = use_unique(job, SQL_UNIQUE_CONFLICT, true, &q, err);

	if (rc == SCIM_OK)
		rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK || scim__pg_row(&q) != SCIM_OK)
		return rc;

	scim_str holder = scim__pg_peek(&q);
	scim_str attribute = scim__pg_peek(&q);

	return taken(job, holder, attribute, out, err);
}

static scim_status
send_all(const struct job *job, scim_error *err)
{
	scim_status rc = SCIM_OK;

	switch (job->written.write->kind) {
	case SCIM_WRITE_INDEX:
		return send_rows(job, err);
	case SCIM_WRITE_MARK:
		rc = send_counter(job, err);
		return rc == SCIM_OK ? scim__pg_log(&job->written, err) : rc;
	case SCIM_WRITE_CREATE:
	case SCIM_WRITE_UPDATE:
	case SCIM_WRITE_DELETE:
		break;
	}
	rc = send_resource(job, err);
	if (rc == SCIM_OK)
		rc = send_counter(job, err);
	if (rc == SCIM_OK)
		rc = send_total(job, err);
	if (rc == SCIM_OK)
		rc = send_rows(job, err);
	if (rc == SCIM_OK)
		rc = scim__pg_relate(&job->written, err);
	return rc == SCIM_OK ? scim__pg_log(&job->written, err) : rc;
}

scim_status
scim__pg_write(scim_txn *base, scim_arena *arena, const scim_write *write,
    scim_write_result *out, scim_error *err)
{
	struct job job = {
		.written = { .txn = txn_of(base),
		    .arena = arena,
		    .write = write },
	};
	scim_status rc = look(&job, err);

	if (rc == SCIM_OK)
		rc = refuse(&job, out, err);
	if (rc != SCIM_OK)
		return rc;
	scim__pg_writes(job.written.txn, write->key.tenant);
	rc = send_all(&job, err);
	if (rc == SCIM_OK)
		rc = finish(&job, out, err);
	if (rc != SCIM_OK || write->kind == SCIM_WRITE_INDEX)
		return rc;
	out->sequence = (uint64_t)job.written.sequence;
	if (write->kind == SCIM_WRITE_CREATE)
		out->position = (uint64_t)job.position;
	return SCIM_OK;
}
