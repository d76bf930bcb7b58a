/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every statement of this backend but the schema, in one table.
 *
 * The tenant is the first column of every key and the first condition of
 * every statement, and what is joined is joined on it, so that a database
 * that is spread over machines by tenant finds all that a statement needs on
 * one of them.  What belongs to no tenant (meta, tenant, token, generation)
 * is small, and can be everywhere.  tools/check-statements holds this; the
 * three that walk a whole shelf say so.
 *
 * Lists come as arrays: a write is as many statements however many rows it
 * has.  A condition is part of the statement that writes: UPDATE and DELETE
 * of a resource name the version they expect.
 */
#include "store/postgres/sql.h"

/* What scim__pg_record() reads; $1 is the set of scim_record_part. */
#define RECORD_COLUMNS                                                  \
	"r.id, r.version, r.sequence, r.position, r.created, "          \
	"r.modified, r.modified_before, r.own_hash, r.relation_count, " \
	"CASE WHEN $1::bigint & 1 <> 0 THEN r.content END, "            \
	"CASE WHEN $1::bigint & 2 <> 0 THEN r.secret END, "             \
	"CASE WHEN $1::bigint & 4 <> 0 THEN r.relation_state END "

#define ONE_RESOURCE " WHERE tenant = $1 AND id = $2 AND type = $3"

/* $2 tenant, $3 type, $4 attribute, then the two ends. */
#define IN_RANGE                                             \
	" FROM attribute WHERE tenant = $2 AND type = $3"    \
	" AND attribute = $4 AND (key, position) > ($5, $6)" \
	" AND (key, position) < ($7, $8) "
#define RANGE(order)                                                           \
	"SELECT " RECORD_COLUMNS "FROM (SELECT tenant, key, position" IN_RANGE \
	"ORDER BY " order " LIMIT $9 OFFSET $10) a "                           \
	"JOIN resource r ON r.tenant = a.tenant AND r.type = $3 "              \
	"AND r.position = a.position WHERE r.tenant = $2 ORDER BY "

#define PAGE                                        \
	"SELECT " RECORD_COLUMNS "FROM resource r " \
	"WHERE r.tenant = $2 AND r.type = $3 "

#define LIVE_MEMBERS                                      \
	" FROM member WHERE tenant = $1 AND holder = $2 " \
	"AND to_sequence IS NULL "

/* $4 values, $5 types, $6 displays of members that come: of one that comes
 * twice, the last. */
#define COMING                                                \
	" (SELECT DISTINCT ON (value) value, type, display "  \
	"FROM unnest($4::bytea[], $5::bytea[], $6::bytea[]) " \
	"WITH ORDINALITY AS u (value, type, display, place) " \
	"ORDER BY value, place DESC) AS n "
#define SAME_ROW "(m.type, m.display) = (n.type, n.display) "

/* What scim__pg_changes() reads; $1 whether the content is wanted. */
#define CHANGE_COLUMNS                                                 \
	"c.sequence, c.parent, c.type, c.id, c.version, c.operation, " \
	"c.actor, c.via, c.at, c.paths, "                              \
	"CASE WHEN $1::bigint <> 0 THEN c.content END "
#define REVISIONS                                              \
	"SELECT h.revision, " CHANGE_COLUMNS                   \
	"FROM history h JOIN change c ON c.tenant = h.tenant " \
	"AND c.sequence = h.sequence "                         \
	"WHERE h.tenant = $2 AND h.id = $3 "

/*
 * The oldest states of a resource, as `those` says, and with each the way
 * back to it, which stands with the state after it.
 */
#define FORGET(those)                                                          \
	"WITH gone AS (DELETE FROM history WHERE tenant = $1 "                 \
	"AND id = $2 AND revision IN (SELECT revision FROM history "           \
	"WHERE tenant = $1 AND id = $2 AND revision <= $3::bigint "            \
	"ORDER BY revision LIMIT 4) " those "RETURNING tenant, id, revision) " \
	"UPDATE change c SET content = '' FROM gone g "                        \
	"JOIN history h ON h.tenant = g.tenant AND h.id = g.id "               \
	"AND h.revision = g.revision + 1 WHERE c.tenant = $1 "                 \
	"AND c.tenant = h.tenant AND c.sequence = h.sequence"

#define RECEIPTS                                                     \
	"SELECT key, fingerprint, id, version, sequence, flags, at " \
	"FROM operation WHERE tenant = $1 "

#define PURGE_MEMBERS(of)                                              \
	"DELETE FROM member m USING (SELECT tenant, holder, value, "   \
	"from_sequence FROM member WHERE tenant = $1 AND " of " = $2 " \
	"AND to_sequence IS NOT NULL LIMIT $3) p "                     \
	"WHERE m.tenant = $1 AND m.tenant = p.tenant "                 \
	"AND m.holder = p.holder AND m.value = p.value "               \
	"AND m.from_sequence = p.from_sequence"

#define LEAF_STATEMENTS(shelf, table)                                      \
	[SQL_LEAF_GET +                                                    \
	    (shelf)] = "SELECT value FROM " table " WHERE name = $1",      \
	    [SQL_LEAF_PUT + (shelf)] =                                     \
		"INSERT INTO " table " (name, value) VALUES ($1, $2) "     \
		"ON CONFLICT (name) DO UPDATE SET value = excluded.value", \
	    [SQL_LEAF_DELETE + (shelf)] =                                  \
		"DELETE FROM " table " WHERE name = $1",                   \
	    [SQL_LEAVES + (shelf)] = "SELECT name, value FROM " table      \
				     " WHERE name > $1 ORDER BY name "     \
				     "LIMIT $2"

/* The same where documents belong to tenants; WHOLE SHELF: of them all. */
#define TENANT_LEAF_STATEMENTS(shelf, table)                                   \
	[SQL_LEAF_GET + (shelf)] =                                             \
	    "SELECT value FROM " table " WHERE tenant = $1 AND name = $2",     \
			[SQL_LEAF_PUT + (shelf)] =                             \
			    "INSERT INTO " table " (tenant, name, value) "     \
			    "VALUES ($1, $2, $3) ON CONFLICT (tenant, name) "  \
			    "DO UPDATE SET value = excluded.value",            \
			[SQL_LEAF_DELETE + (shelf)] =                          \
			    "DELETE FROM " table                               \
			    " WHERE tenant = $1 AND name = $2",                \
			[SQL_TENANT_LEAVES + (shelf)-SCIM_SHELF_SCHEMA] =      \
			    "SELECT name, value FROM " table                   \
			    " WHERE tenant = $1 "                              \
			    "AND name > $2 ORDER BY name LIMIT $3",            \
			[SQL_LEAVES + (shelf)] =                               \
			    "/* WHOLE SHELF */ SELECT name, value FROM " table \
			    " WHERE name > $1 ORDER BY name LIMIT $2"

#define ERASE(table) "DELETE FROM " table " WHERE tenant = $1"

const char *const scim__pg_text[SQL_COUNT] = {
	[SQL_BEGIN_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[SQL_BEGIN_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
	[SQL_LOCK_ALL] = "SELECT pg_advisory_xact_lock("
			 "hashtextextended(current_schema(), 1))",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	/* One name for all: the newest that has it is meant. */
	[SQL_SAVEPOINT] = "SAVEPOINT operation",
	[SQL_RELEASE] = "RELEASE operation",
	[SQL_ROLLBACK_TO] = "ROLLBACK TO operation",
	[SQL_MARK] = "INSERT INTO commit_mark (tenant, id) VALUES ($1, $2) "
		     "ON CONFLICT (tenant, id) DO NOTHING",
	[SQL_MARKS_FORGET] = "DELETE FROM commit_mark WHERE tenant = $1 "
			     "AND at < now() - interval '1 day'",
	[SQL_GENERATION_GET] = "SELECT number FROM generation",
	[SQL_GENERATION_NEXT] = "UPDATE generation SET number = number + 1",

	[SQL_RESOURCE_GET] = "SELECT " RECORD_COLUMNS "FROM resource r "
			     "WHERE r.tenant = $2 AND r.id = $3 "
			     "AND r.type = $4",
	/* All that a write has to know, in one row. */
	[SQL_RESOURCE_LOOK] =
	    "SELECT coalesce((SELECT sequence FROM counter "
	    "WHERE tenant = $1), 0), "
	    "coalesce((SELECT revision FROM history "
	    "WHERE tenant = $1 AND id = $2 ORDER BY revision DESC LIMIT 1), "
	    "0), CASE WHEN $3::boolean THEN nextval('position') END, "
	    "r.type, r.position, r.sequence, r.version "
	    "FROM (SELECT 1) AS one "
	    "LEFT JOIN resource r ON r.tenant = $1 AND r.id = $2",
	[SQL_RESOURCE_INSERT] =
	    "INSERT INTO resource (tenant, id, type, version, sequence, "
	    "created, modified, modified_before, own_hash, relation_count, "
	    "content, secret, relation_state, position) "
	    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
	    "$14) ON CONFLICT (tenant, id) DO NOTHING",
	[SQL_RESOURCE_UPDATE] =
	    "UPDATE resource SET version = $4, sequence = $5, created = $6, "
	    "modified = $7, modified_before = $8, own_hash = $9, "
	    "relation_count = $10, content = $11, secret = $12, "
	    "relation_state = $13" ONE_RESOURCE " AND version = $14",
	[SQL_RESOURCE_DELETE] =
	    "DELETE FROM resource" ONE_RESOURCE " AND version = $4",

	[SQL_COUNTER_NEXT] = "INSERT INTO counter (tenant, sequence, epoch) "
			     "VALUES ($1, 1, $2) ON CONFLICT (tenant) "
			     "DO UPDATE SET sequence = counter.sequence + 1 "
			     "WHERE counter.sequence + 1 = $3",
	[SQL_COUNTER_TRIMMED] =
	    "UPDATE counter SET trimmed = $2 WHERE tenant = $1",
	[SQL_FEED] = "SELECT epoch, trimmed + 1, sequence FROM counter "
		     "WHERE tenant = $1",
	[SQL_TOTAL_ADD] = "INSERT INTO total (tenant, type, count) "
			  "VALUES ($1, $2, $3) ON CONFLICT (tenant, type) "
			  "DO UPDATE SET count = total.count + excluded.count",
	[SQL_TOTAL_GET] =
	    "SELECT count FROM total WHERE tenant = $1 AND type = $2",

	[SQL_UNIQUE_FIND] = "SELECT id FROM unique_value WHERE tenant = $1 "
			    "AND type = $2 AND attribute = $3 AND key = $4",
	[SQL_UNIQUE_INSERT] =
	    "INSERT INTO unique_value (tenant, type, id, attribute, key) "
	    "SELECT $1, $2, $3, u.attribute, u.key "
	    "FROM unnest($4::text[], $5::bytea[]) AS u (attribute, key) "
	    "ON CONFLICT (tenant, type, attribute, key) DO NOTHING",
	[SQL_UNIQUE_DELETE] =
	    "DELETE FROM unique_value v "
	    "USING unnest($4::text[], $5::bytea[]) AS u (attribute, key) "
	    "WHERE v.tenant = $1 AND v.type = $2 AND v.id = $3 "
	    "AND v.attribute = u.attribute AND v.key = u.key",
	[SQL_UNIQUE_CONFLICT] =
	    "SELECT v.id, v.attribute "
	    "FROM unnest($4::text[], $5::bytea[]) "
	    "WITH ORDINALITY AS u (attribute, key, place) "
	    "JOIN unique_value v ON v.tenant = $1 AND v.type = $2 "
	    "AND v.attribute = u.attribute AND v.key = u.key "
	    "AND v.id <> $3 ORDER BY u.place LIMIT 1",
	[SQL_INDEX_INSERT] =
	    "INSERT INTO attribute (tenant, type, position, attribute, key) "
	    "SELECT $1, $2, $3, u.attribute, u.key "
	    "FROM unnest($4::text[], $5::bytea[]) AS u (attribute, key) "
	    "ON CONFLICT (tenant, type, attribute, key, position) "
	    "DO NOTHING",
	[SQL_INDEX_DELETE] =
	    "DELETE FROM attribute a "
	    "USING unnest($4::text[], $5::bytea[]) AS u (attribute, key) "
	    "WHERE a.tenant = $1 AND a.type = $2 AND a.position = $3 "
	    "AND a.attribute = u.attribute AND a.key = u.key",
	[SQL_INDEX_COUNT] =
	    "SELECT count(*) FROM (SELECT tenant" IN_RANGE "LIMIT $1) AS n",

	/* Went with this very change, and is back unchanged. */
	[SQL_MEMBER_REOPEN] =
	    "UPDATE member m SET to_sequence = NULL FROM" COMING
	    "WHERE m.tenant = $1 AND m.holder = $2 AND m.value = n.value "
	    "AND m.to_sequence = $3::bigint AND " SAME_ROW,
	[SQL_MEMBER_CLOSE_OTHER] =
	    "UPDATE member m SET to_sequence = $3::bigint FROM" COMING
	    "WHERE m.tenant = $1 AND m.holder = $2 AND m.value = n.value "
	    "AND m.to_sequence IS NULL AND NOT " SAME_ROW,
	[SQL_MEMBER_INSERT] =
	    "INSERT INTO member (tenant, holder, value, from_sequence, "
	    "type, display, holder_type) "
	    "SELECT $1, $2, n.value, $3::bigint, n.type, n.display, $7 "
	    "FROM" COMING "WHERE NOT EXISTS (SELECT 1 FROM member m "
	    "WHERE m.tenant = $1 AND m.holder = $2 AND m.value = n.value "
	    "AND m.to_sequence IS NULL)",
	[SQL_MEMBER_CLOSE] =
	    "UPDATE member SET to_sequence = $3 WHERE tenant = $1 "
	    "AND holder = $2 AND to_sequence IS NULL "
	    "AND value = ANY ($4::bytea[])",
	[SQL_MEMBER_CLOSE_ALL] =
	    "UPDATE member SET to_sequence = $3 WHERE tenant = $1 "
	    "AND holder = $2 AND to_sequence IS NULL",
	/* What ended with the oldest state that is kept, or before it, is seen
	 * in none; $3 where no state is. */
	[SQL_MEMBER_FORGET] =
	    "DELETE FROM member m USING (SELECT tenant, holder, value, "
	    "from_sequence FROM member WHERE tenant = $1 AND holder = $2 "
	    "AND to_sequence <= coalesce((SELECT sequence FROM history "
	    "WHERE tenant = $1 AND id = $2 ORDER BY revision LIMIT 1), "
	    "$3::bigint) ORDER BY to_sequence LIMIT 1000) p "
	    "WHERE m.tenant = $1 AND m.tenant = p.tenant "
	    "AND m.holder = p.holder AND m.value = p.value "
	    "AND m.from_sequence = p.from_sequence",
	[SQL_MEMBER_GET] = "SELECT value, type, display" LIVE_MEMBERS
			   "AND value = $3 AND holder_type = $4",
	[SQL_MEMBERS] = "SELECT value, type, display" LIVE_MEMBERS
			"AND value > $3 AND holder_type = $4 "
			"ORDER BY value LIMIT $5",
	[SQL_MEMBERS_AT] =
	    "SELECT value, type, display FROM member WHERE tenant = $1 "
	    "AND holder = $2 AND value > $3 AND holder_type = $4 "
	    "AND from_sequence <= $6 "
	    "AND (to_sequence IS NULL OR to_sequence > $6) "
	    "ORDER BY value LIMIT $5",
	[SQL_MEMBERSHIPS] =
	    "SELECT holder, holder_type FROM member WHERE tenant = $1 "
	    "AND value = $2 AND to_sequence IS NULL AND holder > $3 "
	    "ORDER BY holder LIMIT $4",

	[SQL_PAGE_UP] = PAGE "AND r.position > $4 ORDER BY r.position "
			     "LIMIT $5 OFFSET $6",
	[SQL_PAGE_DOWN] = PAGE "AND r.position < $4 "
			       "ORDER BY r.position DESC LIMIT $5 OFFSET $6",
	[SQL_RANGE_UP] = RANGE("key, position") "a.key, a.position",
	[SQL_RANGE_DOWN] =
	    RANGE("key DESC, position DESC") "a.key DESC, a.position DESC",

	[SQL_CHANGE_INSERT] =
	    "INSERT INTO change (tenant, sequence, id, type, version, parent, "
	    "operation, actor, via, at, paths, content) "
	    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
	[SQL_CHANGE_DELETE] =
	    "DELETE FROM change WHERE tenant = $1 AND sequence = $2",
	[SQL_CHANGE_CLEAR] = "UPDATE change SET content = '' "
			     "WHERE tenant = $1 AND sequence = $2",
	[SQL_CHANGE_OLDEST] =
	    "SELECT c.id, c.sequence, c.parent, c.at, c.version IS NULL "
	    "FROM change c WHERE c.tenant = $1 AND c.sequence >= $2 "
	    "ORDER BY c.sequence LIMIT $3",
	[SQL_CHANGES] = "SELECT 0::bigint, " CHANGE_COLUMNS
			"FROM change c WHERE c.tenant = $2 "
			"AND c.sequence >= $3 ORDER BY c.sequence LIMIT $4",
	[SQL_CHANGES_UP] =
	    REVISIONS "AND h.revision >= $4 ORDER BY h.revision LIMIT $5",
	[SQL_CHANGES_DOWN] =
	    REVISIONS "AND h.revision <= $4 ORDER BY h.revision DESC LIMIT $5",
	[SQL_CHANGES_VERSION] =
	    REVISIONS "AND h.version = $4 ORDER BY h.revision DESC LIMIT 1",

	[SQL_HISTORY_ADD] =
	    "INSERT INTO history (tenant, id, revision, sequence, version) "
	    "VALUES ($1, $2, $3, $4, $5)",
	[SQL_HISTORY_FORGET] = FORGET(""),
	[SQL_HISTORY_FORGET_BEFORE] = FORGET("AND sequence <= $4 "),

	[SQL_RECEIPT_GET] = RECEIPTS "AND key = $2",
	[SQL_RECEIPT_PUT] =
	    "INSERT INTO operation (tenant, at, key, fingerprint, id, version, "
	    "sequence, flags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
	    "ON CONFLICT (tenant, key) DO NOTHING",
	[SQL_RECEIPT_DROP] =
	    "DELETE FROM operation WHERE tenant = $1 AND key = $2",
	[SQL_RECEIPTS] = RECEIPTS "AND at < $2 ORDER BY at LIMIT $3",
	[SQL_RECEIPTS_OF] = RECEIPTS "AND id = $2 LIMIT $3",

	[SQL_PURGE_CHANGES] =
	    "DELETE FROM change WHERE tenant = $1 AND sequence IN "
	    "(SELECT sequence FROM change WHERE tenant = $1 AND id = $2 "
	    "AND sequence = ANY ($4::bigint[]) LIMIT $3)",
	[SQL_PURGE_HISTORY] =
	    "DELETE FROM history WHERE tenant = $1 AND id = $2 "
	    "AND revision IN (SELECT revision FROM history "
	    "WHERE tenant = $1 AND id = $2 LIMIT $3)",
	[SQL_PURGE_MEMBERS] = PURGE_MEMBERS("holder"),
	[SQL_PURGE_MEMBERSHIPS] = PURGE_MEMBERS("value"),

	LEAF_STATEMENTS(SCIM_SHELF_META, "meta"),
	LEAF_STATEMENTS(SCIM_SHELF_TENANT, "tenant"),
	LEAF_STATEMENTS(SCIM_SHELF_TOKEN, "token"),
	TENANT_LEAF_STATEMENTS(SCIM_SHELF_SCHEMA, "schema"),
	TENANT_LEAF_STATEMENTS(SCIM_SHELF_RESOURCE_TYPE, "resource_type"),
	TENANT_LEAF_STATEMENTS(SCIM_SHELF_DEPARTURE, "departure"),

	[SQL_ERASE] = ERASE("resource"),
	[SQL_ERASE + 1] = ERASE("attribute"),
	[SQL_ERASE + 2] = ERASE("unique_value"),
	[SQL_ERASE + 3] = ERASE("member"),
	[SQL_ERASE + 4] = ERASE("change"),
	[SQL_ERASE + 5] = ERASE("history"),
	[SQL_ERASE + 6] = ERASE("counter"),
	[SQL_ERASE + 7] = ERASE("total"),
	[SQL_ERASE + 8] = ERASE("schema"),
	[SQL_ERASE + 9] = ERASE("resource_type"),
	[SQL_ERASE + 10] = ERASE("departure"),
	[SQL_ERASE + 11] = ERASE("operation"),
};
