/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of a database that is in use.
 *
 * The pages are those of one snapshot, kept open until the last of them is
 * copied: without it SQLite would begin anew at every commit of somebody
 * else.  Writers go on; the WAL can't be cleared meanwhile and grows.
 *
 * A copy that is put back is another course of events from there on: feeds
 * must not go on in it from where they were.  So each tenant gets another
 * epoch in the copy, before it is checked, and a copy that fails the check is
 * thrown away.
 */
#include "store/sqlite/backup.h"

#include <stdio.h>
#include <string.h>

#include "base/new_file.h"
#include "store/sqlite/sqlite.h"

#define PAGES_AT_ONCE 1024

struct copy {
	const struct scim__backup *backup;
	struct scim__new_file file;
	sqlite3 *from, *to;
};

static scim_status
fail_copy(const struct copy *copy, int rc, scim_error *err)
{
	if (rc == SQLITE_NOMEM)
		return scim__fail_memory(err);
	return scim__fail(err, SCIM_ERR_STORE, "%s can't be written: %s.",
	    copy->file.part,
	    copy->to == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(copy->to));
}

static scim_status
copy_pages(struct copy *copy, scim_error *err)
{
	const struct scim__backup *b = copy->backup;
	sqlite3_backup *pages =
	    sqlite3_backup_init(copy->to, "main", copy->from, "main");
	int rc = pages == NULL ? sqlite3_errcode(copy->to) : SQLITE_OK;

	while (rc == SQLITE_OK) {
		rc = sqlite3_backup_step(pages, PAGES_AT_ONCE);
		int of = sqlite3_backup_pagecount(pages);
		int left = sqlite3_backup_remaining(pages);

		if (b->progress != NULL && (rc == SQLITE_OK || left == 0))
			b->progress(
			    b->context, (uint64_t)(of - left), (uint64_t)of);
	}
	if (pages != NULL)
		(void)sqlite3_backup_finish(pages);
	return rc == SQLITE_DONE ? SCIM_OK : fail_copy(copy, rc, err);
}

/* SQLite has no operator for it: the bits that only one of both has. */
static scim_status
begin_epochs(struct copy *copy, const scim_env *env, scim_error *err)
{
	sqlite3_stmt *q = NULL;
	uint64_t with = 0;

	while ((with & INT64_MAX) == 0)
		env->random(env->context, &with, sizeof(with));
	int rc = sqlite3_prepare_v2(copy->to,
	    "UPDATE counter SET epoch = (epoch | ?1) - (epoch & ?1)", -1, &q,
	    NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(q, 1, (int64_t)(with & INT64_MAX));
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	(void)sqlite3_finalize(q);
	return rc == SQLITE_DONE ? SCIM_OK : fail_copy(copy, rc, err);
}

static int
take_verdict(void *context, int count, char **values, char **names)
{
	char *first = context;

	(void)count;
	(void)names;
	if (*first == '\0')
		(void)snprintf(first, 100, "%s", values[0]);
	return 0;
}

static scim_status
check(struct copy *copy, scim_error *err)
{
	char verdict[100] = "";
	int rc = sqlite3_exec(
	    copy->to, "PRAGMA integrity_check(1)", take_verdict, verdict, NULL);

	if (rc != SQLITE_OK)
		return fail_copy(copy, rc, err);
	if (strcmp(verdict, "ok") == 0)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_STORE,
	    "The copy is damaged, as the database is: %s.", verdict);
}

static scim_status
write_part(struct copy *copy, const scim_env *env, scim_error *err)
{
	int rc = sqlite3_open_v2(
	    copy->file.part, &copy->to, SQLITE_OPEN_READWRITE, NULL);

	if (rc != SQLITE_OK)
		return fail_copy(copy, rc, err);
	scim_status done = copy_pages(copy, err);
	/* One file alone, whatever the original's journal is. */
	if (done == SCIM_OK) {
		rc = sqlite3_exec(copy->to,
		    "PRAGMA journal_mode = DELETE;"
		    "PRAGMA synchronous = EXTRA",
		    NULL, NULL, NULL);
		done = rc == SQLITE_OK ? SCIM_OK : fail_copy(copy, rc, err);
	}
	if (done == SCIM_OK)
		done = begin_epochs(copy, env, err);
	if (done == SCIM_OK)
		done = check(copy, err);
	(void)sqlite3_close(copy->to);
	copy->to = NULL;
	return done;
}

scim_status
scim__sqlite_backup(scim_store *store, const struct scim__backup *backup,
    uint64_t *out_bytes, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct copy copy = { .backup = backup };
	scim_status rc = scim__store_begin(store, SCIM_TXN_SNAPSHOT, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__new_file_make(&copy.file, backup->path, err);
	if (rc != SCIM_OK)
		return rc;
	copy.from = scim__container_of(txn, struct txn, base)->conn->db;
	rc = write_part(&copy, store->env, err);
	if (rc == SCIM_OK)
		return scim__new_file_finish(&copy.file, out_bytes, err);
	scim__new_file_abandon(&copy.file);
	return rc;
}
