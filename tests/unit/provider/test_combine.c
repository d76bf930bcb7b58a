/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/combine.h"

#include "base/str.h"
#include "lib/directory.h"
#include "lib/failing.h"
#include "provider/merge_message.h"

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
		cmocka_unit_test(lack_of_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
