/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_scan DATABASE
 *
 * The yardstick of a filter that no index helps: goes once through all users
 * of the database, in the order of their creation, parses each with yyjson and
 * looks at its time zone.  With the settings of the store's readers, and
 * nothing around it.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <yyjson.h>

#include "common.h"
#include "store/sqlite/sqlite.h"

static sqlite3 *
open_database(const char *path)
{
	sqlite3 *db = NULL;
	char sql[128];

	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -%d",
	    READER_CACHE_KIB);
	if (sqlite3_open_v2(path, &db,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	return db;
}

static bool
is_in_zone(const char *json, size_t len, const char *zone)
{
	yyjson_doc *doc = yyjson_read(json, len, 0);
	yyjson_val *value =
	    yyjson_obj_get(yyjson_doc_get_root(doc), "timezone");
	bool is_there = yyjson_equals_str(value, zone);

	yyjson_doc_free(doc);
	return is_there;
}

int
main(int argc, char **argv)
{
	static struct latencies latencies;
	sqlite3_stmt *q = NULL;
	uint64_t found = 0, rows = 0;

	if (argc != 2)
		die("usage: bare_scan DATABASE");
	sqlite3 *db = open_database(argv[1]);
	uint64_t start = clock_ns();
	if (sqlite3_prepare_v2(db,
		"SELECT content FROM resource WHERE tenant ="
		" (SELECT number FROM name WHERE text = 'default') AND type ="
		" (SELECT number FROM name WHERE text = 'User')"
		" ORDER BY position",
		-1, &q, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	for (; sqlite3_step(q) == SQLITE_ROW; rows++)
		found += is_in_zone((const char *)sqlite3_column_text(q, 0),
		    (size_t)sqlite3_column_bytes(q, 0), "Europe/Nowhere");
	uint64_t took = clock_ns() - start;
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	if (rows == 0 || found > 0)
		die("the database is not one of fill");
	note_latency(&latencies, took);
	print_result(&latencies, 1, took, 0, "");
	return 0;
}
