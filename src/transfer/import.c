/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tenant, read again.
 *
 * Each line is a savepoint in a transaction of at most LINES lines and about
 * BATCH_MS, so that a server beside it waits no longer than that.  What was
 * committed is known by its version when the same file is read again: the
 * file itself is the only note of how far it got.  Lines are read before a
 * transaction is begun, never in one.
 *
 * Members may be further down in the file than who has them.  What is not
 * there yet is written down, and looked for once more at the end.
 */
#include "transfer/import.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/pause.h"
#include "base/str.h"
#include "transfer/importing.h"

enum { LINES = 1000, BATCH_BYTES = 1024 * 1024, BATCH_MS = 100, REST_MS = 2 };

void
scim__import_report(struct scim__importing *i, uint64_t line, const char *why)
{
	i->result.reported++;
	i->job->report(i->job->context, line, why);
}

bool
scim__import_is_of_line(scim_status status)
{
	return status == SCIM_ERR_INVALID || status == SCIM_ERR_EXISTS ||
	    status == SCIM_ERR_TOO_LARGE || status == SCIM_ERR_UNSUPPORTED;
}

static int64_t
now_ms(void)
{
	const scim_env *env = scim_env_system();

	return env->now_ms(env->context);
}

/* The tenant as it is now: nobody else can change it in a transaction. */
static scim_status
look_at_tenant(struct scim__importing *i, scim_error *err)
{
	scim_status rc = scim__policy_refresh(i->job->policy, err);

	if (rc != SCIM_OK)
		return rc;
	const scim__tenant *tenant =
	    scim__policy_tenant(i->job->policy, i->job->tenant, err);
	if (tenant == NULL)
		return err->status;
	scim__policy_tenant_unref(i->tenant);
	i->tenant = tenant;
	return SCIM_OK;
}

static scim_status
open_batch(struct scim__importing *i, scim_error *err)
{
	if (i->txn != NULL)
		return SCIM_OK;
	i->in_batch = 0;
	scim_status rc =
	    scim__store_begin(i->job->store, SCIM_TXN_WRITE, &i->txn, err);
	i->began_ms = now_ms();
	return rc == SCIM_OK ? look_at_tenant(i, err) : rc;
}

static scim_status
close_batch(struct scim__importing *i, scim_error *err)
{
	if (i->txn == NULL)
		return SCIM_OK;
	scim_status rc = scim__store_commit(scim__take(i->txn), err);
	if (rc == SCIM_OK && i->job->progress != NULL)
		i->job->progress(i->job->context, i->number);
	scim__pause(REST_MS); /* who waits for a turn gets it here */
	return rc;
}

static scim_status
close_full_batch(struct scim__importing *i, scim_error *err)
{
	return ++i->in_batch < LINES && now_ms() - i->began_ms < BATCH_MS
	    ? SCIM_OK
	    : close_batch(i, err);
}

/* `number` stands where the display of a member would. */
static scim_status
note_absent(struct scim__importing *i, const scim_key *key,
    const scim_member_row *member, uint64_t number, scim_error *err)
{
	scim_member_row row = *member;
	scim__buf buf;

	if (i->absent == NULL)
		i->absent = tmpfile();
	row.display =
	    scim__str_format(i->arena, "%llu", (unsigned long long)number);
	scim__buf_init(&buf, i->arena, SIZE_MAX);
	scim__line_put_crowd(&buf, key, &row, 1);
	if (row.display.ptr == NULL || scim__buf_failed(&buf))
		return scim__fail_memory(err);
	return i->absent != NULL &&
		fwrite(buf.ptr, 1, buf.len, i->absent) == buf.len
	    ? SCIM_OK
	    : scim__fail(err, SCIM_ERR_STORE,
		  "A temporary file for members can't be written.");
}

static scim_status
is_there(struct scim__importing *i, scim_txn *txn,
    const scim_member_row *member, bool *out, scim_error *err)
{
	const scim_key key = { i->tenant->name, member->type, member->value };
	scim_record record;
	scim_status rc = scim__store_get(txn, i->arena, &key, 0, &record, err);

	*out = rc == SCIM_OK;
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

/* Members that were kept though nobody ever was there have no type. */
static scim_status
look_at_members(struct scim__importing *i, uint64_t number,
    const struct scim__restore *r, scim_error *err)
{
	const scim_key key = { i->tenant->name, r->type, r->id };
	scim_status rc = SCIM_OK;
	bool there = true;

	for (size_t m = 0; rc == SCIM_OK && m < r->member_count; m++) {
		if (r->members[m].type.len == 0)
			continue;
		rc = is_there(i, i->txn, &r->members[m], &there, err);
		if (rc == SCIM_OK && !there)
			rc = note_absent(i, &key, &r->members[m], number, err);
	}
	return rc;
}

static scim_status
restore_in_savepoint(struct scim__importing *i,
    const struct scim__restore *restore, enum scim__restored *out, bool *good,
    scim_error *why, scim_error *err)
{
	const scim_context context = { .arena = i->arena,
		.tenant = i->tenant->name,
		.registry = i->tenant->registry,
		.settings = &i->tenant->settings,
		.base_url = SCIM_STR(""),
		.actor = SCIM_STR("cli"),
		.via = SCIM_STR("cli") };
	scim_status rc = scim__store_savepoint(i->txn, err);

	if (rc != SCIM_OK)
		return rc;
	rc = scim__restore(i->provider, &context, i->txn, restore, out, why);
	*good = rc == SCIM_OK;
	if (rc == SCIM_OK)
		return scim__store_release(i->txn, err);
	if (scim__import_is_of_line(rc))
		return scim__store_rollback_to(i->txn, err);
	*err = *why;
	return rc;
}

scim_status
scim__import_one(struct scim__importing *i, uint64_t line,
    const struct scim__restore *restore, enum scim__restored *out_what,
    bool *out, scim_error *err)
{
	scim_error why = { .status = SCIM_OK };
	scim_status rc = open_batch(i, err);

	if (rc == SCIM_OK)
		rc = restore_in_savepoint(i, restore, out_what, out, &why, err);
	if (rc != SCIM_OK)
		return rc;
	if (!*out)
		scim__import_report(i, line, why.detail);
	else if (*out_what == SCIM__RESTORED_OTHER) {
		*out = false;
		scim__import_report(i, line,
		    "The resource is there at another version, and was left "
		    "as it is.");
	} else
		rc = look_at_members(i, line, restore, err);
	return rc == SCIM_OK ? close_full_batch(i, err) : rc;
}

static scim_status
take_resource(struct scim__importing *i, const struct scim__line *line,
    scim_str text, scim_error *err)
{
	enum scim__restored what = SCIM__RESTORED_OTHER;
	bool good = false;

	if (line->total > line->resource.member_count)
		return scim__crowd_open(i, text, err);
	scim_status rc =
	    scim__import_one(i, i->number, &line->resource, &what, &good, err);
	if (rc == SCIM_OK && good) {
		i->result.made += what == SCIM__RESTORED_NEW;
		i->result.there += what == SCIM__RESTORED_THERE;
	}
	return rc;
}

static scim_status
take_line(struct scim__importing *i, scim_str text, scim_error *err)
{
	scim_error why = { .status = SCIM_OK };
	struct scim__line line;

	scim_arena_reset(i->arena);
	scim_status rc = scim__line_read(i->arena, text, &line, &why);
	if (rc == SCIM_OK && line.kind == SCIM__LINE_CROWD)
		rc = scim__crowd_add(i, &line.resource, text, &why);
	else if (rc == SCIM_OK && line.kind != SCIM__LINE_RESOURCE)
		rc = scim__fail(&why, SCIM_ERR_INVALID,
		    "A tenant and its schemas stand at the beginning, and "
		    "nowhere else.");
	else if (rc == SCIM_OK) {
		rc = scim__crowd_close(i, err);
		return rc == SCIM_OK ? take_resource(i, &line, text, err) : rc;
	}
	if (rc == SCIM_OK)
		return rc;
	if (!scim__import_is_of_line(rc)) {
		*err = why;
		return rc;
	}
	scim__import_report(i, i->number, why.detail);
	return SCIM_OK;
}

/* Lines read ahead: whoever feeds a pipe slowly keeps nobody waiting. */
struct ahead {
	scim_arena *arena;
	scim_str lines[LINES];
	uint64_t numbers[LINES];
	size_t count, bytes;
};

static scim_status
keep_line(struct ahead *a, scim_str text, uint64_t number, scim_error *err)
{
	scim_str kept = scim__str_copy(a->arena, text);

	if (kept.ptr == NULL)
		return scim__fail_memory(err);
	a->numbers[a->count] = number;
	a->lines[a->count++] = kept;
	a->bytes += text.len;
	return SCIM_OK;
}

/* A line that is too long is reported and passed over. */
static scim_status
read_ahead(
    struct scim__importing *i, struct ahead *a, bool *out_end, scim_error *err)
{
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && !*out_end && a->count < LINES &&
	    a->bytes < BATCH_BYTES) {
		scim_str text = { NULL, 0 };

		rc = scim__lines_next(&i->lines, &text, err);
		if (rc == SCIM_ERR_TOO_LARGE) {
			scim__import_report(i, i->lines.number, err->detail);
			rc = SCIM_OK;
			continue;
		}
		*out_end = text.ptr == NULL;
		if (rc == SCIM_OK && !*out_end)
			rc = keep_line(a, text, i->lines.number, err);
	}
	return rc;
}

static scim_status
take_ahead(struct scim__importing *i, struct ahead *a, scim_error *err)
{
	scim_status rc = SCIM_OK;

	for (size_t n = 0; rc == SCIM_OK && n < a->count; n++) {
		i->number = a->numbers[n];
		rc = take_line(i, a->lines[n], err);
	}
	a->count = a->bytes = 0;
	scim_arena_reset(a->arena);
	return rc == SCIM_OK ? close_batch(i, err) : rc;
}

static scim_status
report_absent(struct scim__importing *i, scim_txn *txn,
    const struct scim__line *line, scim_error *err)
{
	const scim_member_row *member = line->resource.members;
	char why[200], number[24];
	bool there = true;
	scim_status rc = is_there(i, txn, member, &there, err);

	if (rc != SCIM_OK || there)
		return rc;
	(void)snprintf(number, sizeof(number), "%.*s", (int)member->display.len,
	    member->display.ptr);
	(void)snprintf(why, sizeof(why),
	    "%.*s %.*s has a member that is nowhere: %.*s %.*s.",
	    (int)line->resource.type.len, line->resource.type.ptr,
	    (int)line->resource.id.len, line->resource.id.ptr,
	    (int)member->type.len, member->type.ptr, (int)member->value.len,
	    member->value.ptr);
	scim__import_report(i, strtoull(number, NULL, 10), why);
	return SCIM_OK;
}

static scim_status
look_for_absent(struct scim__importing *i, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__lines lines = { .file = i->absent };
	struct scim__line line;
	scim_str text;

	if (i->absent == NULL)
		return SCIM_OK;
	rewind(i->absent);
	scim_status rc =
	    scim__store_begin(i->job->store, SCIM_TXN_SNAPSHOT, &txn, err);
	while (rc == SCIM_OK) {
		rc = scim__lines_next(&lines, &text, err);
		if (rc != SCIM_OK || text.ptr == NULL)
			break;
		scim_arena_reset(i->arena);
		rc = scim__line_read(i->arena, text, &line, err);
		if (rc == SCIM_OK)
			rc = report_absent(i, txn, &line, err);
	}
	scim__lines_end(&lines);
	return rc;
}

/* `text` is the first line after the head. */
static scim_status
take_lines(struct scim__importing *i, scim_str text, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	bool is_end = text.ptr == NULL;
	scim_status rc = SCIM_OK;

	if (arena == NULL)
		return scim__fail_memory(err);
	struct ahead *a = scim_arena_alloc(i->kept, sizeof(*a));
	if (a == NULL)
		return scim__fail_memory(err);
	a->arena = arena;
	if (!is_end)
		rc = keep_line(a, text, i->lines.number, err);
	while (rc == SCIM_OK && (!is_end || a->count > 0)) {
		rc = read_ahead(i, a, &is_end, err);
		if (rc == SCIM_OK)
			rc = take_ahead(i, a, err);
	}
	return rc;
}

static scim_status
take_all(struct scim__importing *i, scim_str text, scim_error *err)
{
	scim_status rc = take_lines(i, text, err);

	if (rc == SCIM_OK)
		rc = scim__crowd_close(i, err);
	if (rc == SCIM_OK)
		rc = close_batch(i, err);
	if (rc == SCIM_OK && i->tenant == NULL)
		rc = look_at_tenant(i, err);
	return rc == SCIM_OK ? look_for_absent(i, err) : rc;
}

scim_status
scim__import(const struct scim__import *job, struct scim__import_result *out,
    scim_error *err)
{
	struct scim__importing i = { .job = job,
		.lines = { .file = job->file },
		.arena = scim_arena_new(NULL),
		.scratch = scim_arena_new(NULL),
		.kept = scim_arena_new(NULL) };
	scim_error why = { .status = SCIM_OK };
	scim_str text = { NULL, 0 };

	if (err == NULL)
		err = &why;
	scim_status rc = i.arena == NULL || i.scratch == NULL || i.kept == NULL
	    ? scim__fail_memory(err)
	    : scim_provider_new(job->store, NULL, &i.provider, err);
	if (rc == SCIM_OK)
		rc = scim__import_head(&i, &text, err);
	if (rc == SCIM_OK)
		rc = take_all(&i, text, err);
	scim__store_rollback(i.txn);
	scim__crowd_drop(&i.crowd);
	scim__lines_end(&i.lines);
	if (i.absent != NULL)
		(void)fclose(i.absent);
	scim__policy_tenant_unref(i.tenant);
	scim_provider_free(i.provider);
	scim_arena_free(i.kept);
	scim_arena_free(i.scratch);
	scim_arena_free(i.arena);
	*out = i.result;
	return rc;
}
