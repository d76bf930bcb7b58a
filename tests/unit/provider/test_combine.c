/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/combine.h"

#include "base/str.h"
#include "lib/directory.h"
#include "lib/failing.h"
#include "provider/merge_message.h"
#include "json/json.h"

#define USER(rest)                                                       \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"bjensen\"" rest "}"

/* A user with a first and a second state. */
struct meeting {
	struct directory d;
	scim_resource user;
	scim_version second;
};

static void
open_meeting(struct meeting *m, const char *theirs)
{
	scim_outcome out;

	directory_open(&m->d);
	m->user = directory_user(&m->d, "bjensen");
	assert_int_equal(SCIM_OK,
	    directory_replace(
		&m->d, "User", m->user.id, theirs, &expect_any, &out));
	m->second = out.resource.version;
}

/* Merges a resource, made from the first state. */
static scim_status
merge(struct meeting *m, const char *ours, scim_outcome *out)
{
	const scim_target target = { SCIM_STR("User"), m->user.id };
	char base[SCIM_VERSION_TEXT_LEN + 1];
	scim_arena *arena = m->d.context.arena;

	scim_version_format(&m->user.version, base);
	scim_str json = scim__str_format(arena,
	    "{\"schemas\":[\"" SCIM__MERGE_URN "\"],\"base\":\"%s\","
	    "\"resource\":%s}",
	    base, ours);
	if (json.ptr == NULL)
		return SCIM_ERR_NO_MEMORY;
	return scim_provider_merge(
	    m->d.provider, &m->d.context, &target, json, out, &m->d.err);
}

static void
changes_of_different_things_are_both_there(void **state)
{
	struct meeting m;
	scim_outcome out;

	open_meeting(&m, USER(",\"title\":\"Boss\""));
	assert_int_equal(
	    SCIM_OK, merge(&m, USER(",\"nickName\":\"Babs\""), &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_true(out.changed);
	assert_contains(out.resource.json, "\"title\":\"Boss\"");
	assert_contains(out.resource.json, "\"nickName\":\"Babs\"");
	assert_contains(out.resource.json,
	    "\"auto\":[{\"path\":\"nickName\",\"from\":\"ours\"},"
	    "{\"path\":\"title\",\"from\":\"theirs\"}]");
	directory_close(&m.d);
}

static void
a_collision_is_a_mismatch_and_changes_nothing(void **state)
{
	struct meeting m;
	scim_outcome out, now;

	open_meeting(&m, USER(",\"title\":\"Boss\""));
	assert_int_equal(
	    SCIM_OK, merge(&m, USER(",\"title\":\"Chief\""), &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_true(out.conflict.is_merge);
	assert_contains(out.conflict.detail, "\"kind\":\"add/add\"");
	assert_int_equal(SCIM_OK, directory_get(&m.d, "User", m.user.id, &now));
	assert_true(scim_version_equal(&now.resource.version, &m.second));
	directory_close(&m.d);
}

/* What was prepared is overtaken before it is written. */
static void
who_was_overtaken_is_merged_again(void **state)
{
	struct meeting m;
	scim_outcome out;
	enum scim__op_next next;
	scim_txn *txn = NULL;
	char base[SCIM_VERSION_TEXT_LEN + 1];

	open_meeting(&m, USER(",\"title\":\"Boss\""));
	scim_version_format(&m.user.version, base);
	scim__op op = { .steps = &scim__combine_steps,
		.provider = m.d.provider,
		.context = &m.d.context,
		.type = scim__registry_type(m.d.registry, SCIM_STR("User")),
		.arena = m.d.context.arena,
		.expect = expect_any,
		.id = m.user.id,
		.body = scim__str_format(m.d.context.arena,
		    "{\"schemas\":[\"" SCIM__MERGE_URN
		    "\"],\"base\":\"%s\",\"resource\":%s}",
		    base, USER(",\"nickName\":\"Babs\"")) };
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &m.d.err));
	assert_int_equal(next, SCIM__OP_WRITE);
	assert_int_equal(SCIM_OK,
	    directory_replace(&m.d, "User", m.user.id,
		USER(",\"title\":\"Chief\""), &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    scim__store_begin(m.d.store, SCIM_TXN_WRITE, &txn, &m.d.err));
	assert_int_equal(SCIM_OK, scim__op_apply(&op, txn, &m.d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &m.d.err));
	assert_int_equal(SCIM_OK, directory_get(&m.d, "User", m.user.id, &out));
	assert_contains(out.resource.json, "\"title\":\"Chief\"");
	assert_contains(out.resource.json, "\"nickName\":\"Babs\"");
	directory_close(&m.d);
}

/* A replace that expects the first state and may be merged. */
static scim__op
stale_op(struct meeting *m, scim_expect *expect, const char *body)
{
	*expect = (scim_expect){ .kind = SCIM_EXPECT_VERSIONS,
		.versions = &m->user.version,
		.version_count = 1 };
	m->d.context.merge_stale = 1;
	m->d.settings.merge_on_if_match = 1;
	return (scim__op){ .steps = &scim__replace_steps,
		.provider = m->d.provider,
		.context = &m->d.context,
		.type = scim__registry_type(m->d.registry, SCIM_STR("User")),
		.arena = m->d.context.arena,
		.expect = *expect,
		.id = m->user.id,
		.body = scim__str(body) };
}

static void
apply(struct meeting *m, scim__op *op)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(m->d.store, SCIM_TXN_WRITE, &txn, &m->d.err));
	assert_int_equal(SCIM_OK, scim__op_apply(op, txn, &m->d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &m->d.err));
	assert_int_equal(op->outcome.kind, SCIM_DONE);
}

static void
write_as_theirs(struct meeting *m, const char *body)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_replace(
		&m->d, "User", m->user.id, body, &expect_any, &out));
}

static void
a_stale_version_is_the_base_where_it_may_be(void **state)
{
	static const struct {
		int asked, on;
		scim_etag_form etag;
		size_t versions;
		scim_outcome_kind kind;
	} rows[] = {
		{ 1, 1, SCIM_ETAG_WEAK, 1, SCIM_DONE },
		{ 0, 1, SCIM_ETAG_WEAK, 1, SCIM_MISMATCH },
		{ 1, 0, SCIM_ETAG_WEAK, 1, SCIM_MISMATCH },
		{ 1, 1, SCIM_ETAG_STRONG, 1, SCIM_MISMATCH },
		{ 1, 1, SCIM_ETAG_WEAK, 2, SCIM_MISMATCH },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct meeting m;
		scim_outcome out;

		open_meeting(&m, USER(",\"title\":\"Boss\""));
		const scim_version both[] = { m.user.version, m.user.version };
		const scim_expect expect = { .kind = SCIM_EXPECT_VERSIONS,
			.versions = both,
			.version_count = rows[i].versions };

		m.d.context.merge_stale = rows[i].asked;
		m.d.settings.merge_on_if_match = rows[i].on;
		m.d.settings.etag = rows[i].etag;
		assert_int_equal(SCIM_OK,
		    directory_replace(&m.d, "User", m.user.id,
			USER(",\"nickName\":\"Babs\""), &expect, &out));
		assert_int_equal(out.kind, rows[i].kind);
		if (out.kind == SCIM_DONE) {
			assert_true(out.is_merged);
			assert_true(
			    scim_version_equal(&out.base, &m.user.version));
			assert_contains(out.resource.json, "\"Boss\"");
			assert_contains(out.resource.json, "\"Babs\"");
		}
		directory_close(&m.d);
	}
}

static void
who_held_the_version_and_was_overtaken_is_merged(void **state)
{
	struct meeting m;
	scim_expect expect;
	scim_outcome out;
	enum scim__op_next next;

	open_meeting(&m, USER(""));
	scim__op op = stale_op(&m, &expect, USER(",\"nickName\":\"Babs\""));
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &m.d.err));
	assert_int_equal(next, SCIM__OP_WRITE);
	write_as_theirs(&m, USER(",\"title\":\"Boss\""));
	apply(&m, &op);
	assert_true(op.outcome.is_merged);
	assert_int_equal(SCIM_OK, directory_get(&m.d, "User", m.user.id, &out));
	assert_contains(out.resource.json, "\"title\":\"Boss\"");
	assert_contains(out.resource.json, "\"nickName\":\"Babs\"");
	directory_close(&m.d);
}

/* What was merged meanwhile must not be written as what is wanted. */
static void
who_finds_the_version_after_all_writes_what_it_wants(void **state)
{
	struct meeting m;
	scim_expect expect;
	scim_outcome out;
	enum scim__op_next next;

	open_meeting(&m, USER(",\"title\":\"Boss\""));
	scim__op op = stale_op(&m, &expect, USER(",\"nickName\":\"Babs\""));
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &m.d.err));
	assert_int_equal(next, SCIM__OP_WRITE);
	write_as_theirs(&m, USER(""));
	apply(&m, &op);
	assert_false(op.outcome.is_merged);
	assert_int_equal(SCIM_OK, directory_get(&m.d, "User", m.user.id, &out));
	assert_lacks(out.resource.json, "Boss");
	assert_contains(out.resource.json, "\"nickName\":\"Babs\"");
	directory_close(&m.d);
}

static void
a_password_is_hashed_once_whoever_comes_between(void **state)
{
	static const char *const between[] = { NULL, USER(""),
		USER(",\"title\":\"Boss\"") };
	const char *body = USER(",\"password\":\"correct horse\"");

	for (size_t i = 0; i < scim__countof(between) * 4; i++) {
		bool was_stale = i % 2 == 1, has_tree = i % 4 > 1;
		const char *then = between[i / 4];
		struct meeting m;
		scim_expect expect;
		enum scim__op_next next;
		scim_record record;
		scim_txn *txn = NULL;
		scim__value tree;

		open_meeting(&m,
		    was_stale ? USER(",\"x\":1,\"title\":\"Guide\"")
			      : USER(""));
		scim__op op = stale_op(&m, &expect, body);
		assert_int_equal(SCIM_OK,
		    scim__json_parse_trusted(
			op.arena, scim__str(body), &tree, &m.d.err));
		op.tree = has_tree ? &tree : NULL;
		assert_int_equal(SCIM_OK, scim__op_start(&op, &next, NULL));
		assert_int_equal(next, SCIM__OP_HASH);
		assert_int_equal(SCIM_OK, scim__op_hash(&op, NULL));
		assert_int_equal(SCIM_OK, scim__op_start(&op, &next, NULL));
		assert_int_equal(next, SCIM__OP_WRITE);
		if (then != NULL)
			write_as_theirs(&m, then);
		apply(&m, &op);
		assert_int_equal(op.hash_count, 1);
		assert_int_equal(SCIM_OK,
		    scim__store_begin(m.d.store, SCIM_TXN_READ, &txn, NULL));
		scim_key key = scim__key(&m.d.context, op.type, m.user.id);
		assert_int_equal(SCIM_OK,
		    scim__store_get(txn, op.arena, &key, SCIM_RECORD_SECRET,
			&record, NULL));
		scim__store_rollback(txn);
		assert_true(
		    scim__str_contains(record.secret, op.hashes[0].hash));
		directory_close(&m.d);
	}
}

static void
lack_of_memory_changes_nothing(void **state)
{
	bool merged = false;

	for (size_t nth = 0; !merged; nth++) {
		struct meeting m;
		struct failing failing;
		scim_outcome out = { .kind = SCIM_ABSENT }, now;

		open_meeting(&m, USER(",\"title\":\"Boss\""));
		scim_arena *arena = m.d.context.arena;
		failing_init(&failing, nth);
		m.d.context.arena = scim_arena_new(&failing.base);
		if (m.d.context.arena == NULL) {
			m.d.context.arena = arena;
			directory_close(&m.d);
			continue;
		}
		scim_status rc =
		    merge(&m, USER(",\"nickName\":\"Babs\""), &out);
		scim_arena_free(m.d.context.arena);
		m.d.context.arena = arena;
		merged = !failing.has_failed;
		assert_int_equal(
		    SCIM_OK, directory_get(&m.d, "User", m.user.id, &now));
		if (rc == SCIM_ERR_NO_MEMORY)
			assert_true(scim_version_equal(
			    &now.resource.version, &m.second));
		else if (rc != SCIM_ERR_UNCERTAIN)
			assert_int_equal(SCIM_OK, rc);
		directory_close(&m.d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_of_different_things_are_both_there),
		cmocka_unit_test(a_collision_is_a_mismatch_and_changes_nothing),
		cmocka_unit_test(who_was_overtaken_is_merged_again),
		cmocka_unit_test(a_stale_version_is_the_base_where_it_may_be),
		cmocka_unit_test(
		    who_held_the_version_and_was_overtaken_is_merged),
		cmocka_unit_test(
		    who_finds_the_version_after_all_writes_what_it_wants),
		cmocka_unit_test(
		    a_password_is_hashed_once_whoever_comes_between),
		cmocka_unit_test(lack_of_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
