/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/past.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "lib/directory.h"
#include "json/json.h"

enum { STEPS = 150, KEEP = 60, PEOPLE = 5 };

struct fixture {
	struct directory d;
	uint64_t seed;
	scim_str ids[PEOPLE];
};

/* A state when it was the present one. */
struct seen {
	scim_version version;
	scim_str content;
	scim_str members;
};

static unsigned
draw(struct fixture *f, unsigned below)
{
	f->seed = f->seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(f->seed >> 33) % below;
}

static const scim__resource_type *
type_of(struct fixture *f, const char *name)
{
	return scim__registry_type(f->d.registry, scim__str(name));
}

static scim_str
as_text(struct fixture *f, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, f->d.context.arena, SIZE_MAX);
	scim__json_write(&buf, value);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static scim_status
read_past(struct fixture *f, const char *type, scim_str id,
    const scim_version *version, struct seen *out)
{
	scim_txn *txn = NULL;
	struct scim__past past;
	scim__value members;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &txn, &f->d.err));
	scim_status rc = scim__past_read(txn, &f->d.context, type_of(f, type),
	    id, version, &past, &f->d.err);
	if (rc == SCIM_OK) {
		assert_int_equal(SCIM_OK,
		    scim__past_members(
			txn, &f->d.context, &past, &members, &f->d.err));
		out->version = past.row.version;
		out->content = past.content;
		out->members = as_text(f, &members);
	}
	scim__store_rollback(txn);
	return rc;
}

/* What is there now, read as everybody reads it. */
static struct seen
present(struct fixture *f, const char *type, scim_str id)
{
	scim_txn *txn = NULL;
	scim_record record;
	scim_key key = { f->d.context.tenant, scim__str(type), id };
	scim_member_row *rows = NULL;
	size_t count = 0;
	struct seen seen = { .members = { NULL, 0 } };
	scim__buf buf;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &txn, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(txn, f->d.context.arena, &key, SCIM_RECORD_CONTENT,
		&record, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_members(txn, f->d.context.arena, &key, SCIM_STR(""),
		1000, &rows, &count, &f->d.err));
	scim__store_rollback(txn);
	scim__buf_init(&buf, f->d.context.arena, SIZE_MAX);
	scim__buf_add_char(&buf, '[');
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(&buf,
		    "%s{\"value\":\"%.*s\",\"$ref\":\"%.*s/%ss/%.*s\","
		    "\"type\":\"%.*s\"}",
		    i > 0 ? "," : "", (int)rows[i].value.len, rows[i].value.ptr,
		    (int)f->d.context.base_url.len, f->d.context.base_url.ptr,
		    "User", (int)rows[i].value.len, rows[i].value.ptr,
		    (int)rows[i].type.len, rows[i].type.ptr);
	scim__buf_add_char(&buf, ']');
	seen.version = record.version;
	seen.content = record.content;
	seen.members = scim__buf_str(&buf);
	return seen;
}

static void
change_user(struct fixture *f, scim_str id)
{
	static const char *const values[] = { "null", "\"a\"", "\"B\"",
		"\"\xC3\xA9\\u0001\"" };
	scim_outcome out;
	scim_str body = scim__str_format(f->d.context.arena,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	    "\"userName\":\"u%u\",\"title\":%s,\"name\":{\"givenName\":%s,"
	    "\"familyName\":%s},\"emails\":[{\"value\":\"a%u@x\",\"type\":"
	    "\"work\"}],\"password\":%s,"
	    "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":"
	    "{\"department\":%s}}",
	    draw(f, 3), values[draw(f, 4)], values[draw(f, 4)],
	    values[draw(f, 4)], draw(f, 2),
	    draw(f, 40) == 0 ? "\"Secret-1234\"" : "null", values[draw(f, 4)]);

	if (directory_replace(&f->d, "User", id, body.ptr, &expect_any, &out) !=
	    SCIM_OK)
		fail_msg("%s", f->d.err.detail);
}

static void
change_group(struct fixture *f, scim_str id)
{
	static const char *const ops[] = { "add", "remove" };
	bool adds = draw(f, 2) == 0;
	scim_str who = f->ids[draw(f, PEOPLE)];
	scim_outcome out;
	scim_str body = adds
	    ? scim__str_format(f->d.context.arena,
		  "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		  "PatchOp\"],\"Operations\":[{\"op\":\"%s\",\"path\":"
		  "\"members\",\"value\":[{\"value\":\"%.*s\"}]}%s]}",
		  ops[0], (int)who.len, who.ptr,
		  draw(f, 4) == 0 ? ",{\"op\":\"replace\",\"path\":"
				    "\"displayName\",\"value\":\"h\"}"
				  : "")
	    : scim__str_format(f->d.context.arena,
		  "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		  "PatchOp\"],\"Operations\":[{\"op\":\"%s\",\"path\":"
		  "\"members[value eq \\\"%.*s\\\"]\"}]}",
		  ops[1], (int)who.len, who.ptr);

	scim_status rc =
	    directory_patch(&f->d, "Group", id, body.ptr, &expect_any, &out);
	if (rc != SCIM_OK)
		fail_msg("%s", f->d.err.detail);
}

static void
assert_seen(const struct seen *have, const struct seen *want)
{
	assert_memory_equal(have->version.bytes, want->version.bytes,
	    sizeof(want->version.bytes));
	assert_int_equal(have->content.len, want->content.len);
	assert_memory_equal(
	    have->content.ptr, want->content.ptr, want->content.len);
	assert_int_equal(have->members.len, want->members.len);
	assert_memory_equal(
	    have->members.ptr, want->members.ptr, want->members.len);
}

/* Each state among the last KEEP, `count` in all, is what it was. */
static void
assert_kept(struct fixture *f, const char *type, scim_str id,
    const struct seen *was, size_t count, size_t keep)
{
	for (size_t i = 0; i < count; i++) {
		struct seen have;
		bool is_last_visit = true;

		for (size_t k = i + 1; k < count; k++)
			if (scim_version_equal(
				&was[k].version, &was[i].version))
				is_last_visit = false;
		if (!is_last_visit)
			continue;
		scim_status rc = read_past(f, type, id, &was[i].version, &have);
		if (i + keep < count) {
			assert_int_equal(rc, SCIM_ERR_NOT_FOUND);
			continue;
		}
		if (rc != SCIM_OK)
			fail_msg("%zu of %zu: %s", i, count, f->d.err.detail);
		assert_seen(&have, &was[i]);
	}
}

static void
open_fixture(struct fixture *f, bool sqlite)
{
	static const char *const names[PEOPLE] = { "a", "b", "c", "d", "e" };

	if (sqlite)
		directory_open_sqlite(&f->d, false);
	else
		directory_open(&f->d);
	f->seed = 20261122;
	f->d.settings.history_count = KEEP;
	for (size_t i = 0; i < PEOPLE; i++)
		f->ids[i] = directory_user(&f->d, names[i]).id;
}

static void
every_kept_state_is_what_it_was(void **state)
{
	for (int sqlite = 0; sqlite < 2; sqlite++) {
		struct fixture f;
		struct seen users[STEPS + 1], groups[STEPS + 1];
		size_t user_count = 0, group_count = 0;
		const scim_str *const none[] = { NULL };
		scim_outcome out;

		open_fixture(&f, sqlite != 0);
		scim_str user = directory_user(&f.d, "u").id;
		scim_str group = directory_group(&f.d, "g", none).id;
		users[user_count++] = present(&f, "User", user);
		groups[group_count++] = present(&f, "Group", group);
		for (size_t i = 0; i < STEPS; i++) {
			f.d.fixed.now_ms += 1000;
			struct seen now;

			change_user(&f, user);
			now = present(&f, "User", user);
			if (!scim_version_equal(
				&now.version, &users[user_count - 1].version))
				users[user_count++] = now;
			change_group(&f, group);
			now = present(&f, "Group", group);
			if (!scim_version_equal(
				&now.version, &groups[group_count - 1].version))
				groups[group_count++] = now;
		}
		assert_true(user_count > KEEP + SCIM_WHOLE_EVERY);
		assert_true(group_count > KEEP);
		assert_kept(&f, "User", user, users, user_count, KEEP);
		assert_kept(&f, "Group", group, groups, group_count, KEEP);

		/* The delete itself is one of those that are kept. */
		assert_int_equal(SCIM_OK,
		    directory_delete(&f.d, "User", user, &expect_any, &out));
		assert_int_equal(SCIM_OK,
		    directory_delete(&f.d, "Group", group, &expect_any, &out));
		assert_kept(&f, "User", user, users, user_count, KEEP - 1);
		assert_kept(&f, "Group", group, groups, group_count, KEEP - 1);
		directory_close(&f.d);
	}
}

static void
a_member_that_is_deleted_was_one(void **state)
{
	struct fixture f;
	struct seen have;
	scim_outcome out;

	open_fixture(&f, false);
	const scim_str *const members[] = { &f.ids[0], &f.ids[1], NULL };
	scim_str group = directory_group(&f.d, "g", members).id;
	struct seen was = present(&f, "Group", group);
	assert_int_equal(SCIM_OK,
	    directory_delete(&f.d, "User", f.ids[0], &expect_any, &out));
	struct seen is = present(&f, "Group", group);

	assert_int_equal(
	    SCIM_OK, read_past(&f, "Group", group, &was.version, &have));
	assert_seen(&have, &was);
	assert_int_equal(
	    SCIM_OK, read_past(&f, "Group", group, &is.version, &have));
	assert_seen(&have, &is);
	assert_contains(was.members, f.ids[0].ptr);
	assert_lacks(is.members, f.ids[0].ptr);
	directory_close(&f.d);
}

static void
no_secret_is_kept(void **state)
{
	struct fixture f;
	scim_outcome out;
	scim_txn *txn = NULL;
	const scim_change_plan plan = {
		.tenant = SCIM_STR("default"), .with_content = 1, .limit = 100
	};
	scim_change_row *rows = NULL;
	size_t count = 0;

	open_fixture(&f, false);
	for (int i = 0; i < 3; i++) {
		scim_str body = scim__str_format(f.d.context.arena,
		    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
		    "User\"],\"userName\":\"a\",\"password\":\"Hidden-%d%d\"}",
		    i, i);

		assert_int_equal(SCIM_OK,
		    directory_replace(
			&f.d, "User", f.ids[0], body.ptr, &expect_any, &out));
	}
	assert_int_equal(SCIM_OK,
	    directory_delete(&f.d, "User", f.ids[0], &expect_any, &out));

	assert_int_equal(SCIM_OK,
	    scim__store_begin(f.d.store, SCIM_TXN_READ, &txn, &f.d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_changes(
		txn, f.d.context.arena, &plan, &rows, &count, &f.d.err));
	scim__store_rollback(txn);
	assert_int_equal(count, PEOPLE + 4);
	for (size_t i = 0; i < count; i++) {
		assert_lacks(rows[i].change.content, "assword");
		assert_lacks(rows[i].change.content, "argon");
	}
	assert_str(rows[PEOPLE].change.paths, "[\"password\"]");
	directory_close(&f.d);
}

static void
of_another_type_there_is_no_state(void **state)
{
	struct fixture f;
	struct seen have;

	open_fixture(&f, false);
	struct seen is = present(&f, "User", f.ids[0]);

	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    read_past(&f, "Group", f.ids[0], &is.version, &have));
	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    read_past(&f, "User", SCIM_STR("nobody"), &is.version, &have));
	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    read_past(&f, "User", SCIM_STR(""), &is.version, &have));
	is.version.bytes[0] ^= 1;
	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    read_past(&f, "User", f.ids[0], &is.version, &have));
	directory_close(&f.d);
}

static void
states_are_missing_where_history_was_off(void **state)
{
	struct fixture f;
	struct seen have, was[3];

	open_fixture(&f, false);
	was[0] = present(&f, "User", f.ids[0]);
	f.d.settings.history_count = 0;
	change_user(&f, f.ids[0]);
	was[1] = present(&f, "User", f.ids[0]);
	f.d.settings.history_count = KEEP;
	change_user(&f, f.ids[0]);
	was[2] = present(&f, "User", f.ids[0]);

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(i == 2 ? SCIM_OK : SCIM_ERR_NOT_FOUND,
		    read_past(&f, "User", f.ids[0], &was[i].version, &have));
	directory_close(&f.d);
}

static void
too_many_members_are_refused(void **state)
{
	struct fixture f;
	struct seen have;

	open_fixture(&f, false);
	const scim_str *const members[] = { &f.ids[0], &f.ids[1], NULL };
	scim_str group = directory_group(&f.d, "g", members).id;
	struct seen is = present(&f, "Group", group);
	struct scim__past past;
	scim__value list;
	scim_txn *txn = NULL;

	assert_int_equal(
	    SCIM_OK, read_past(&f, "Group", group, &is.version, &have));
	f.d.settings.limits.members = 1;
	assert_int_equal(SCIM_OK,
	    scim__store_begin(f.d.store, SCIM_TXN_READ, &txn, &f.d.err));
	assert_int_equal(SCIM_OK,
	    scim__past_read(txn, &f.d.context, type_of(&f, "Group"), group,
		&is.version, &past, &f.d.err));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__past_members(txn, &f.d.context, &past, &list, &f.d.err));
	assert_string_equal(f.d.err.scim_type, "tooMany");
	scim__store_rollback(txn);
	directory_close(&f.d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kept_state_is_what_it_was),
		cmocka_unit_test(a_member_that_is_deleted_was_one),
		cmocka_unit_test(no_secret_is_kept),
		cmocka_unit_test(of_another_type_there_is_no_state),
		cmocka_unit_test(states_are_missing_where_history_was_off),
		cmocka_unit_test(too_many_members_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
