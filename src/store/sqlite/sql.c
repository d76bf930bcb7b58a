/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every statement of this backend but the schema, in one table.
 *
 * Tenants, types and attributes are bound as the numbers of name.c.  Bounds
 * are always given: -infinity sorts before every value that is stored, and
 * an empty blob after every one, for text sorts after numbers and blobs
 * after text.  That leaves one statement for each direction.  (value,
 * position) is compared as a pair, so that a page starts with one descent
 * of the tree however many rows share a value.
 *
 * A condition is part of the statement that writes: UPDATE and DELETE of a
 * resource name the version they expect.
 *
 * A `+` keeps a term from choosing the index: rows that go are found by it
 * and taken away by their key, a part of which in a list of rows would make
 * SQLite look at all of a tenant's.
 */
#include "store/sqlite/sql.h"

/* What scim__sqlite_record() reads; ?1 is the set of scim_record_part. */
#define RECORD_COLUMNS                                                  \
	"r.id, r.version, r.sequence, r.position, r.created, "          \
	"r.modified, r.modified_before, r.own_hash, r.relation_count, " \
	"iif(?1 & 1, r.content, NULL), iif(?1 & 2, r.secret, NULL), "   \
	"iif(?1 & 4, r.relation_state, NULL) "

#define ONE_RESOURCE " WHERE tenant = ? AND id = ? AND type = ?"

/* ?2 tenant, ?3 type, ?4 attribute, then the two ends. */
#define IN_RANGE                                              \
	" a.tenant = ?2 AND a.type = ?3 AND a.attribute = ?4" \
	" AND (a.value, a.position) > (?5, ?6)"               \
	" AND (a.value, a.position) < (?7, ?8) "
#define RANGE                                                                \
	"SELECT " RECORD_COLUMNS                                             \
	"FROM attribute a CROSS JOIN resource r ON r.position = a.position " \
	"WHERE" IN_RANGE
#define SKIP "SELECT a.value, a.position FROM attribute a WHERE ?1 AND" IN_RANGE

#define PAGE                                                             \
	"SELECT " RECORD_COLUMNS                                         \
	"FROM resource r INDEXED BY resource_order WHERE r.tenant = ?2 " \
	"AND r.type = ?3 "

/* Where a holder has been emptied, rows from before are live no more,
 * whatever they say yet: see tidy.c. */
#define MEMBERS                                                           \
	"SELECT value, type, display FROM member INDEXED BY member_live " \
	"WHERE tenant = ?1 AND holder = ?2 AND to_sequence IS NULL "      \
	"AND from_sequence >= ifnull((SELECT max(sequence) FROM emptied " \
	"WHERE tenant = ?1 AND holder = ?2), 0) "
#define MEMBERSHIPS                                                       \
	"SELECT m.holder, n.text FROM member m INDEXED BY member_of "     \
	"CROSS JOIN name n ON n.number = m.holder_type "                  \
	"WHERE m.tenant = ?1 AND m.value = ?2 AND m.to_sequence IS NULL " \
	"AND NOT EXISTS (SELECT 1 FROM emptied e WHERE e.tenant = ?1 "    \
	"AND e.holder = m.holder AND e.sequence > m.from_sequence) "

/* When a row ended, or will have once it says so. */
#define ENDED                                          \
	"ifnull(to_sequence, (SELECT min(e.sequence) " \
	"FROM emptied e WHERE e.tenant = ?1 "          \
	"AND e.holder = ?2 AND e.sequence > from_sequence))"

#define MEMBERS_AT                                                   \
	"SELECT value, type, display FROM member WHERE tenant = ?1 " \
	"AND holder = ?2 AND holder_type = ?5 "                      \
	"AND from_sequence <= ?6 AND ifnull(" ENDED " > ?6, TRUE) "  \
	"AND "

/* What scim__sqlite_changes() reads; ?1 whether the content is wanted. */
#define CHANGE_COLUMNS                                                 \
	"c.sequence, c.parent, n.text, c.id, c.version, c.operation, " \
	"c.actor, c.via, c.at, c.paths, iif(?1, c.content, NULL) "
#define REVISIONS                                                    \
	"SELECT h.key, " CHANGE_COLUMNS                              \
	"FROM history h CROSS JOIN change c ON c.tenant = h.tenant " \
	"AND c.sequence = h.value CROSS JOIN name n "                \
	"ON n.number = c.type WHERE h.tenant = ?2 AND h.id = ?3 "

/* Revisions are integers, which sort before the versions beside them. */
#define HISTORY " FROM history WHERE tenant = ? AND id = ? "

#define RECEIPTS                                                          \
	"SELECT key, fingerprint, id, version, sequence, flags, at FROM " \
	"operation "

#define LEAF_STATEMENTS(shelf, table)                                       \
	[SQL_LEAF_GET +                                                     \
	    (shelf)] = "SELECT value FROM " table " WHERE name = ?",        \
	    [SQL_LEAF_PUT + (shelf)] =                                      \
		"INSERT INTO " table " (name, value) VALUES (?, ?)"         \
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value", \
	    [SQL_LEAF_DELETE + (shelf)] =                                   \
		"DELETE FROM " table " WHERE name = ?",                     \
	    [SQL_LEAVES + (shelf)] = "SELECT name, value FROM " table       \
				     " WHERE name > ? ORDER BY name LIMIT ?"

const char *const scim__sqlite_text[SQL_COUNT] = {
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	/* One name for all: SQLite takes the newest that has it. */
	[SQL_SAVEPOINT] = "SAVEPOINT operation",
	[SQL_RELEASE] = "RELEASE operation",
	[SQL_ROLLBACK_TO] = "ROLLBACK TO operation",
	[SQL_DATA_VERSION] = "PRAGMA data_version",
	[SQL_FIX_STATE] = "SELECT 1 FROM counter LIMIT 1",

	[SQL_NAME_FIND] = "SELECT number FROM name WHERE text = ?",
	[SQL_NAME_ADD] = "INSERT INTO name (text) VALUES (?)",

	[SQL_RESOURCE_GET] = "SELECT " RECORD_COLUMNS "FROM resource r "
			     "WHERE tenant = ?2 AND id = ?3 AND type = ?4",
	[SQL_RESOURCE_FIND] =
	    "SELECT position, sequence FROM resource" ONE_RESOURCE,
	[SQL_RESOURCE_INSERT] =
	    "INSERT INTO resource (tenant, id, type, version, sequence, "
	    "created, modified, modified_before, own_hash, relation_count, "
	    "content, secret, relation_state) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (tenant, id) DO NOTHING",
	[SQL_RESOURCE_UPDATE] =
	    "UPDATE resource SET version = ?, sequence = ?, created = ?, "
	    "modified = ?, modified_before = ?, own_hash = ?, "
	    "relation_count = ?, content = ?, secret = ?, "
	    "relation_state = ?" ONE_RESOURCE " AND version = ?",
	[SQL_RESOURCE_DELETE] =
	    "DELETE FROM resource" ONE_RESOURCE " AND version = ?",
	[SQL_RESOURCE_AT] =
	    "SELECT 1 FROM resource" ONE_RESOURCE " AND version = ?",

	[SQL_COUNTER_GET] = "SELECT sequence FROM counter WHERE tenant = ?",
	[SQL_COUNTER_INSERT] = "INSERT INTO counter (tenant, sequence, epoch) "
			       "VALUES (?, ?, ?)",
	[SQL_COUNTER_UPDATE] =
	    "UPDATE counter SET sequence = ?2 WHERE tenant = ?1",
	[SQL_TOTAL_ADD] =
	    "INSERT INTO total (tenant, type, count) VALUES (?, ?, ?)"
	    " ON CONFLICT (tenant, type)"
	    " DO UPDATE SET count = count + excluded.count",
	[SQL_TOTAL_GET] =
	    "SELECT count FROM total WHERE tenant = ? AND type = ?",
	[SQL_CHANGE_INSERT] =
	    "INSERT INTO change (tenant, sequence, id, type, version, parent, "
	    "operation, actor, via, at, paths, content) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",

	[SQL_COUNTER_TRIMMED] =
	    "UPDATE counter SET trimmed = ?2 WHERE tenant = ?1",
	[SQL_FEED] =
	    "SELECT epoch, trimmed + 1, sequence FROM counter WHERE tenant = ?",
	[SQL_CHANGE_DELETE] =
	    "DELETE FROM change WHERE tenant = ? AND sequence = ?",
	[SQL_CHANGE_CLEAR] = "UPDATE change SET content = '' "
			     "WHERE tenant = ? AND sequence = ?",
	[SQL_CHANGE_CLEAR_NEXT] =
	    "UPDATE change SET content = '' WHERE tenant = ?1 "
	    "AND sequence = (SELECT value FROM history "
	    "WHERE tenant = ?1 AND id = ?2 AND key = ?3)",
	[SQL_CHANGE_OLDEST] =
	    "SELECT id, sequence, parent, at, version IS NULL FROM change "
	    "WHERE tenant = ? AND sequence >= ? ORDER BY sequence LIMIT ?",
	[SQL_CHANGES] =
	    "SELECT 0, " CHANGE_COLUMNS "FROM change c CROSS JOIN name n "
	    "ON n.number = c.type WHERE c.tenant = ?2 "
	    "AND c.sequence >= ?3 ORDER BY c.sequence LIMIT ?4",
	[SQL_CHANGES_UP] =
	    REVISIONS "AND h.key >= ?4 AND h.key < x'' ORDER BY h.key LIMIT ?5",
	[SQL_CHANGES_DOWN] =
	    REVISIONS "AND h.key <= ?4 ORDER BY h.key DESC LIMIT ?5",

	[SQL_HISTORY_LAST] =
	    "SELECT key" HISTORY "AND key < x'' ORDER BY key DESC LIMIT 1",
	[SQL_HISTORY_OLDEST] =
	    "SELECT key, value" HISTORY "AND key < x'' ORDER BY key LIMIT ?",
	[SQL_HISTORY_FIND] = "SELECT value" HISTORY "AND key = ?",
	[SQL_HISTORY_ADD] = "INSERT INTO history (tenant, id, key, value) "
			    "VALUES (?1, ?2, ?3, ?4), (?1, ?2, ?5, ?3) "
			    "ON CONFLICT (tenant, id, key) DO UPDATE "
			    "SET value = excluded.value",
	[SQL_HISTORY_ADD_END] = "INSERT INTO history (tenant, id, key, value) "
				"VALUES (?, ?, ?, ?)",
	[SQL_HISTORY_DROP] =
	    "DELETE FROM history WHERE tenant = ? AND id = ? AND key = ?",
	[SQL_HISTORY_DROP_VERSION] =
	    "DELETE FROM history WHERE tenant = ?1 AND id = ?2 "
	    "AND key = (SELECT version FROM change "
	    "WHERE tenant = ?1 AND sequence = ?4) AND value = ?3",

	[SQL_PURGE_CHANGE] =
	    "DELETE FROM change WHERE tenant = ? AND sequence = ? AND id = ?",
	[SQL_PURGE_HISTORY] =
	    "DELETE FROM history WHERE tenant = ?1 AND id = ?2 AND key IN "
	    "(SELECT key FROM history WHERE tenant = ?1 AND id = ?2 LIMIT ?3)",
	[SQL_PURGE_MEMBERS] =
	    "DELETE FROM member WHERE tenant = ?1 AND holder = ?2 "
	    "AND +to_sequence IS NOT NULL AND value IN (SELECT value "
	    "FROM member INDEXED BY member_past WHERE tenant = ?1 "
	    "AND holder = ?2 AND to_sequence IS NOT NULL LIMIT ?3)",
	/* From holder to holder, so that each costs one look, not all of its
	 * rows: who was a member of what is in no index. */
	[SQL_PURGE_MEMBERSHIPS] =
	    "DELETE FROM member WHERE tenant = ?1 AND value = ?2 "
	    "AND +to_sequence IS NOT NULL AND holder IN ("
	    "WITH RECURSIVE h (id) AS (SELECT * FROM (SELECT holder "
	    "FROM member INDEXED BY member_past WHERE tenant = ?1 "
	    "AND to_sequence IS NOT NULL ORDER BY holder LIMIT 1) "
	    "UNION ALL SELECT (SELECT holder "
	    "FROM member INDEXED BY member_past WHERE tenant = ?1 "
	    "AND holder > h.id AND to_sequence IS NOT NULL "
	    "ORDER BY holder LIMIT 1) FROM h WHERE h.id IS NOT NULL) "
	    "SELECT m.holder FROM h CROSS JOIN member m "
	    "WHERE m.tenant = ?1 AND m.holder = h.id AND m.value = ?2 "
	    "AND +m.to_sequence IS NOT NULL LIMIT ?3)",

	[SQL_UNIQUE_FIND] = "SELECT id FROM unique_value WHERE tenant = ? "
			    "AND type = ? AND attribute = ? AND value = ?",
	[SQL_UNIQUE_INSERT] =
	    "INSERT INTO unique_value (tenant, type, id, attribute, value) "
	    "VALUES (?, ?, ?, ?, ?) "
	    "ON CONFLICT (tenant, type, attribute, value) DO NOTHING",
	[SQL_UNIQUE_DELETE] =
	    "DELETE FROM unique_value WHERE tenant = ? AND type = ? "
	    "AND id = ? AND attribute = ? AND value = ?",
	[SQL_INDEX_INSERT] =
	    "INSERT INTO attribute (tenant, type, position, attribute, value) "
	    "VALUES (?, ?, ?, ?, ?) "
	    "ON CONFLICT (tenant, type, attribute, value, position) "
	    "DO NOTHING",
	[SQL_INDEX_DELETE] =
	    "DELETE FROM attribute WHERE tenant = ? AND type = ? "
	    "AND position = ? AND attribute = ? AND value = ?",
	[SQL_INDEX_COUNT] = "SELECT count(*) FROM (SELECT 1 FROM attribute a "
			    "WHERE" IN_RANGE "LIMIT ?1)",

	[SQL_MEMBER_LATEST] =
	    "SELECT from_sequence, ifnull(" ENDED
	    ", 0), to_sequence IS NULL, type, display "
	    "FROM member WHERE tenant = ?1 AND holder = ?2 AND value = ?3 "
	    "ORDER BY from_sequence DESC LIMIT 1",
	[SQL_MEMBER_INSERT] =
	    "INSERT INTO member (tenant, holder, value, from_sequence, "
	    "type, display, holder_type) VALUES (?, ?, ?, ?, ?, ?, ?)",
	[SQL_MEMBER_RENEW] =
	    "UPDATE member SET to_sequence = NULL, type = ?5, display = ?6 "
	    "WHERE tenant = ?1 AND holder = ?2 AND value = ?3 "
	    "AND from_sequence = ?4",
	[SQL_MEMBER_CLOSE] =
	    "UPDATE member INDEXED BY member_live SET to_sequence = ?3 "
	    "WHERE tenant = ?1 AND holder = ?2 AND value = ?4 "
	    "AND to_sequence IS NULL",
	/* Where no turns are to do it. */
	[SQL_MEMBER_CLOSE_ALL] =
	    "UPDATE member INDEXED BY member_live SET to_sequence = ?3 "
	    "WHERE tenant = ?1 AND holder = ?2 AND to_sequence IS NULL "
	    "AND NOT EXISTS (SELECT 1 FROM emptied "
	    "WHERE tenant = ?1 AND holder = ?2)",
	[SQL_MEMBER_GET] = MEMBERS "AND value = ?3 AND holder_type = ?4",
	[SQL_MEMBERS_TEXT] =
	    MEMBERS "AND value > ?3 AND value < x'' AND holder_type = ?5 "
		    "ORDER BY value LIMIT ?4",
	[SQL_MEMBERS_UUID] = MEMBERS
	"AND value >= ?3 AND holder_type = ?5 ORDER BY value LIMIT ?4",
	[SQL_MEMBERS_AT_TEXT] =
	    MEMBERS_AT "value > ?3 AND value < x'' ORDER BY value LIMIT ?4",
	[SQL_MEMBERS_AT_UUID] =
	    MEMBERS_AT "value >= ?3 ORDER BY value LIMIT ?4",
	[SQL_MEMBER_FORGET] =
	    "DELETE FROM member WHERE tenant = ?1 AND holder = ?2 "
	    "AND +to_sequence <= ?3 AND value IN (SELECT value "
	    "FROM member INDEXED BY member_past WHERE tenant = ?1 "
	    "AND holder = ?2 AND to_sequence <= ?3 LIMIT ?4)",
	/* Where there are many, and where turns are under way. */
	[SQL_EMPTIED_ADD] =
	    "INSERT INTO emptied (tenant, holder, sequence, after) "
	    "SELECT ?1, ?2, ?3, '' WHERE (SELECT 1 "
	    "FROM member INDEXED BY member_live WHERE tenant = ?1 "
	    "AND holder = ?2 AND to_sequence IS NULL LIMIT 1 OFFSET 1000) "
	    "IS NOT NULL OR EXISTS (SELECT 1 FROM emptied "
	    "WHERE tenant = ?1 AND holder = ?2)",
	[SQL_EMPTIED_NEXT] = "SELECT tenant, holder, sequence, after "
			     "FROM emptied WHERE tenant > 0 LIMIT 1",
	[SQL_EMPTIED_LAST] =
	    "SELECT value FROM member INDEXED BY member_live WHERE tenant = ? "
	    "AND holder = ? AND to_sequence IS NULL AND value > ? "
	    "ORDER BY value LIMIT 1 OFFSET ?",
	[SQL_EMPTIED_CLOSE] =
	    "UPDATE member INDEXED BY member_live SET to_sequence = ?3 "
	    "WHERE tenant = ?1 AND holder = ?2 AND to_sequence IS NULL "
	    "AND value > ?4 AND value <= ?5 AND from_sequence < ?3",
	[SQL_EMPTIED_MOVE] =
	    "UPDATE emptied SET after = ?4 "
	    "WHERE tenant = ?1 AND holder = ?2 AND sequence = ?3",
	[SQL_EMPTIED_DROP] = "DELETE FROM emptied "
			     "WHERE tenant = ? AND holder = ? AND sequence = ?",
	[SQL_FORGOTTEN_ADD] =
	    "INSERT INTO forgotten (tenant, holder, sequence) VALUES (?, ?, ?) "
	    "ON CONFLICT (tenant, holder) "
	    "DO UPDATE SET sequence = max(sequence, excluded.sequence)",
	[SQL_FORGOTTEN_NEXT] = "SELECT tenant, holder, sequence FROM forgotten "
			       "WHERE tenant > 0 LIMIT 1",
	[SQL_FORGOTTEN_DROP] =
	    "DELETE FROM forgotten WHERE tenant = ? AND holder = ?",
	[SQL_MEMBERSHIPS_FIRST] = MEMBERSHIPS "ORDER BY m.holder LIMIT ?3",
	[SQL_MEMBERSHIPS_TEXT] = MEMBERSHIPS
	"AND m.holder > ?3 AND m.holder < x'' ORDER BY m.holder LIMIT ?4",
	[SQL_MEMBERSHIPS_UUID] =
	    MEMBERSHIPS "AND m.holder >= ?3 ORDER BY m.holder LIMIT ?4",

	[SQL_PAGE_UP] =
	    PAGE "AND r.position > ?4 ORDER BY r.position LIMIT ?5 OFFSET ?6",
	[SQL_PAGE_DOWN] = PAGE
	"AND r.position < ?4 ORDER BY r.position DESC LIMIT ?5 OFFSET ?6",
	[SQL_RANGE_UP] = RANGE "ORDER BY a.value, a.position LIMIT ?9",
	[SQL_RANGE_DOWN] =
	    RANGE "ORDER BY a.value DESC, a.position DESC LIMIT ?9",
	[SQL_SKIP_UP] = SKIP "ORDER BY a.value, a.position LIMIT 1 OFFSET ?9",
	[SQL_SKIP_DOWN] =
	    SKIP "ORDER BY a.value DESC, a.position DESC LIMIT 1 OFFSET ?9",

	[SQL_RECEIPT_GET] =
	    RECEIPTS "INDEXED BY operation_key WHERE tenant = ? AND key = ?",
	[SQL_RECEIPT_PUT] =
	    "INSERT INTO operation (tenant, at, key, fingerprint, id, version, "
	    "sequence, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (tenant, key) DO NOTHING",
	[SQL_RECEIPT_DROP] = "DELETE FROM operation INDEXED BY operation_key "
			     "WHERE tenant = ? AND key = ?",
	[SQL_RECEIPTS] =
	    RECEIPTS "WHERE tenant = ? AND at < ? ORDER BY at LIMIT ?",
	[SQL_RECEIPTS_OF] = RECEIPTS
	"INDEXED BY operation_of WHERE tenant = ? AND id = ? LIMIT ?",

	[SQL_RENEW_NEXT] = "SELECT " RECORD_COLUMNS ", r.tenant, r.type, "
			   "(SELECT text FROM name WHERE number = r.tenant), "
			   "(SELECT text FROM name WHERE number = r.type) "
			   "FROM resource r WHERE r.position > ?2 "
			   "ORDER BY r.position LIMIT ?3",
	[SQL_RENEW_STATE] = "UPDATE resource SET version = ?, own_hash = ?, "
			    "content = ?, secret = ? WHERE position = ?",

	LEAF_STATEMENTS(SCIM_SHELF_META, "meta"),
	LEAF_STATEMENTS(SCIM_SHELF_TENANT, "tenant"),
	LEAF_STATEMENTS(SCIM_SHELF_TOKEN, "token"),
	LEAF_STATEMENTS(SCIM_SHELF_SCHEMA, "schema"),
	LEAF_STATEMENTS(SCIM_SHELF_RESOURCE_TYPE, "resource_type"),
	LEAF_STATEMENTS(SCIM_SHELF_DEPARTURE, "departure"),

	[SQL_ERASE] = "DELETE FROM resource WHERE tenant = ?",
	[SQL_ERASE + 1] = "DELETE FROM attribute WHERE tenant = ?",
	[SQL_ERASE + 2] = "DELETE FROM unique_value WHERE tenant = ?",
	[SQL_ERASE + 3] = "DELETE FROM member WHERE tenant = ?",
	[SQL_ERASE + 4] = "DELETE FROM change WHERE tenant = ?",
	[SQL_ERASE + 5] = "DELETE FROM counter WHERE tenant = ?",
	[SQL_ERASE + 6] = "DELETE FROM total WHERE tenant = ?",
	[SQL_ERASE + 7] = "DELETE FROM operation WHERE tenant = ?",
	[SQL_ERASE + 8] = "DELETE FROM history WHERE tenant = ?",
	[SQL_ERASE + 9] = "DELETE FROM emptied WHERE tenant = ?",
	[SQL_ERASE + 10] = "DELETE FROM forgotten WHERE tenant = ?",
	/* '0' is the character after '/'. */
	[SQL_ERASE_LEAVES] = "DELETE FROM schema "
			     "WHERE name >= ?1 || '/' AND name < ?1 || '0'",
	[SQL_ERASE_LEAVES + 1] = "DELETE FROM resource_type "
				 "WHERE name >= ?1 || '/' AND name < ?1 || '0'",
	[SQL_ERASE_LEAVES + 2] = "DELETE FROM departure "
				 "WHERE name >= ?1 || '/' AND name < ?1 || '0'",
};
