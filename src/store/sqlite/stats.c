/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator wants to see: a snapshot that stays open keeps the WAL
 * from being cleared, so the age of one explains the size of the other.
 */
#include "store/sqlite/stats.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sqlite/sqlite.h"

static uint64_t
wal_bytes(const struct store *store)
{
	static const char suffix[] = "-wal";
	size_t len = strlen(store->path);
	char *name = malloc(len + sizeof(suffix));
	struct stat file;
	uint64_t size = 0;

	if (name == NULL)
		return 0;
	memcpy(name, store->path, len);
	memcpy(name + len, suffix, sizeof(suffix));
	if (stat(name, &file) == 0)
		size = (uint64_t)file.st_size;
	free(name);
	return size;
}

bool
scim__sqlite_stats(scim_store *base, struct scim__sqlite_stats *out)
{
	if (base->ops->close != scim__sqlite_close)
		return false;
	struct store *store = store_of(base);

	out->wal_bytes = wal_bytes(store);
	out->oldest_snapshot_ms = scim__sqlite_oldest_snapshot_ms(store);
	return true;
}
