/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and closing, and the table.
 *
 * The path is made absolute, so that connections opened later find the same
 * file wherever the process has gone, and so that no name is taken for one
 * of SQLite's own (":memory:", "file:").
 *
 * What a crash left in the WAL is carried into the file before anything is
 * added.  Its last frames may never have reached the disk although they can
 * be read; new ones behind them would be lost with them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "store/sqlite/sqlite.h"
#include "store/store.h"

static char *
absolute(scim_str path)
{
	char folder[4096] = "";
	bool is_absolute = path.ptr[0] == '/';

	if (!is_absolute && getcwd(folder, sizeof(folder)) == NULL)
		return NULL;
	size_t before = strlen(folder);
	char *whole = malloc(before + 1 + path.len + 1);

	if (whole == NULL)
		return NULL;
	memcpy(whole, folder, before);
	if (!is_absolute)
		whole[before++] = '/';
	memcpy(whole + before, path.ptr, path.len);
	whole[before + path.len] = '\0';
	return whole;
}

static scim_status
prepare_file(struct conn *writer, bool is_new, scim_error *err)
{
	const char *path = writer->store->path;

	/* It is to hold the hashes of passwords and tokens. */
	if (is_new && chmod(path, S_IRUSR | S_IWUSR) != 0)
		return scim__fail(
		    err, SCIM_ERR_STORE, "Can't protect '%s'.", path);
	if (sqlite3_db_readonly(writer->db, "main") != 0)
		return scim__fail(err, SCIM_ERR_STORE,
		    "'%s' can't be written to: check owner and permissions.",
		    path);
	scim_status rc = scim__sqlite_migrate(writer, err);

	if (rc == SCIM_OK)
		(void)sqlite3_wal_checkpoint_v2(
		    writer->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc;
}

static scim_status
open_writer(struct store *store, scim_error *err)
{
	bool is_new = access(store->path, F_OK) != 0;
	struct conn *writer = NULL;
	scim_status rc = scim__sqlite_acquire(store, ROLE_WRITER,
	    scim__sqlite_clock_ms() + WAIT_MS, &writer, err);

	if (rc != SCIM_OK)
		return rc;
	rc = prepare_file(writer, is_new, err);
	scim__sqlite_give_back(writer);
	return rc;
}

static void
release_store(struct store *store)
{
	scim__sqlite_pool_release(store);
	free(store->path);
	free(store);
}

void
scim__sqlite_close(scim_store *base)
{
	struct store *store = store_of(base);
	struct conn *writer = scim__sqlite_try_writer(store);

	if (writer != NULL && !atomic_load(&store->poisoned)) {
		writer->wait_until_ms = 0;
		(void)sqlite3_wal_checkpoint_v2(
		    writer->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	}
	release_store(store);
}

static const scim_store_ops sqlite_ops = {
	.version = SCIM_STORE_OPS_VERSION,
	.name = "sqlite",
	.capabilities = SCIM_STORE_DURABLE | SCIM_STORE_ATOMIC |
	    SCIM_STORE_SHARED | SCIM_STORE_SNAPSHOTS,
	.begin = scim__sqlite_begin,
	.savepoint = scim__sqlite_savepoint,
	.release = scim__sqlite_release,
	.rollback_to = scim__sqlite_rollback_to,
	.commit = scim__sqlite_commit,
	.rollback = scim__sqlite_rollback,
	.get = scim__sqlite_get,
	.find_unique = scim__sqlite_find_unique,
	.write = scim__sqlite_write,
	.query = scim__sqlite_query,
	.count = scim__sqlite_count,
	.member_get = scim__sqlite_member_get,
	.members = scim__sqlite_members,
	.memberships = scim__sqlite_memberships,
	.leaf_get = scim__sqlite_leaf_get,
	.leaf_put = scim__sqlite_leaf_put,
	.leaves = scim__sqlite_leaves,
	.erase_tenant = scim__sqlite_erase_tenant,
	.generation = scim__sqlite_generation,
	.health = scim__sqlite_health,
	.close = scim__sqlite_close,
	.changes = scim__sqlite_changes,
	.feed = scim__sqlite_feed,
	.members_at = scim__sqlite_members_at,
	.trim = scim__sqlite_trim,
	.receipt_get = scim__sqlite_receipt_get,
	.receipt_put = scim__sqlite_receipt_put,
	.receipt_drop = scim__sqlite_receipt_drop,
	.receipts = scim__sqlite_receipts,
	.purge = scim__sqlite_purge,
	.scrub = scim__sqlite_scrub,
	.tidy = scim__sqlite_tidy,
};

scim_status
scim__sqlite_open(scim_str path, const scim_env *env, bool any_forms,
    scim_store **out, scim_error *err)
{
	if (path.len == 0 || memchr(path.ptr, '\0', path.len) != NULL)
		return scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "An SQLite store needs a path: sqlite:PATH.");

	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return scim__fail_memory(err);
	store->base = (scim_store){ .ops = &sqlite_ops,
		.env = env == NULL ? scim_env_system() : env };
	store->any_forms = any_forms;
	store->untidy = true;
	store->path = absolute(path);
	scim_status rc = store->path != NULL && scim__sqlite_pool_init(store)
	    ? open_writer(store, err)
	    : scim__fail_memory(err);

	if (rc != SCIM_OK) {
		release_store(store);
		return rc;
	}
	*out = &store->base;
	return SCIM_OK;
}

scim_status
scim__store_open_sqlite(
    scim_str path, const scim_env *env, scim_store **out, scim_error *err)
{
	return scim__sqlite_open(path, env, false, out, err);
}
