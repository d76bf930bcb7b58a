/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/str.h"
#include "lib/directory.h"
#include "provider/operation.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"
#define PATCH(ops)                                                          \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]," \
	"\"Operations\":[" ops "]}"
#define SET(path, value) \
	"{\"op\":\"replace\",\"path\":\"" path "\",\"value\":" value "}"
#define ADD(path, value) \
	"{\"op\":\"add\",\"path\":\"" path "\",\"value\":" value "}"

/* @spec 7644-3.5.2-21, 7644-3.5.2-28 */
static void
a_patch_is_what_is_read_afterwards(void **state)
{
	struct directory d;
	scim_outcome out, got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id,
		PATCH(SET("title", "\"Engineer\"")), &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_true(out.changed);
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, "\"title\":\"Engineer\"");
	assert_contains(got.resource.json, "\"userName\":\"bjensen\"");
	assert_true(scim__str_equal(out.resource.json, got.resource.json));
	assert_false(scim_version_equal(&user.version, &out.resource.version));
	directory_close(&d);
}

/* @spec 7644-3.5.2-19, 5789-2-02, 7644-3.5.2.1-08 */
static void
what_fails_or_changes_nothing_leaves_no_trace(void **state)
{
	static const char *const refused[] = {
		PATCH(SET("title", "\"x\"") "," SET("nope", "\"x\"")),
		PATCH(SET("title", "\"x\"") "," SET("active", "\"x\"")),
		PATCH(SET("title", "\"x\"") ",{\"op\":\"remove\",\"path\":"
					    "\"userName\"}"),
		PATCH("{\"op\":\"remove\"}"),
	};
	static const char *const empty[] = {
		PATCH(SET("userName", "\"bjensen\"")),
		PATCH("{\"op\":\"remove\",\"path\":\"title\"}"),
		PATCH(SET("title", "\"x\"") ",{\"op\":\"remove\",\"path\":"
					    "\"title\"}"),
		PATCH(SET("emails", "[]")),
	};
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	d.fixed.now_ms += 5000;
	for (size_t i = 0; i < scim__countof(refused); i++)
		assert_int_equal(SCIM_ERR_INVALID,
		    directory_patch(
			&d, "User", user.id, refused[i], &expect_any, &out));
	for (size_t i = 0; i < scim__countof(empty); i++) {
		assert_int_equal(SCIM_OK,
		    directory_patch(
			&d, "User", user.id, empty[i], &expect_any, &out));
		assert_false(out.changed);
		assert_true(scim__str_equal(out.resource.json, user.json));
	}
	directory_close(&d);
}

/* @spec 7644-3.14-08, 7644-3.5.2-26, 7644-3.5.2-27 */
static void
a_stale_version_an_absent_user_and_a_taken_name_lose(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_expect held = expect_version(&user.version);
	(void)directory_user(&d, "taken");
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id, PATCH(SET("title", "\"a\"")),
		&held, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id, PATCH(SET("title", "\"b\"")),
		&held, &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_patch(&d, "User", user.id,
		PATCH(SET("userName", "\"TAKEN\"")), &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", SCIM_STR("none"),
		PATCH(SET("title", "\"b\"")), &expect_any, &out));
	assert_int_equal(out.kind, SCIM_ABSENT);
	directory_close(&d);
}

/* @spec 7643-4.1.1-19, 7643-4.1.1-12 */
static void
a_password_is_hashed_kept_and_taken_away(void **state)
{
	struct directory d;
	scim_outcome out;
	scim_record record;
	scim_txn *txn = NULL;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_key key = { SCIM_STR("default"), SCIM_STR("User"), user.id };
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id,
		PATCH(SET("password", "\"t1meMa$heen\"") "," SET(
		    "title", "\"x\"")),
		&expect_any, &out));
	assert_true(out.changed);
	assert_lacks(out.resource.json, "assword");
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_READ, &txn, &d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(txn, d.context.arena, &key, SCIM_RECORD_SECRET,
		&record, &d.err));
	scim__store_rollback(txn);
	assert_contains(record.secret, "$argon2id$");
	assert_lacks(record.secret, "t1meMa$heen");

	/* another attribute leaves it; its hash is not hashed again */
	scim_version before = out.resource.version;
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id, PATCH(SET("title", "\"x\"")),
		&expect_any, &out));
	assert_true(scim_version_equal(&before, &out.resource.version));
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id,
		PATCH("{\"op\":\"remove\",\"path\":\"password\"}"), &expect_any,
		&out));
	assert_true(out.changed);
	directory_close(&d);
}

static scim__op
patch_op(struct directory *d, const char *type, scim_str id, const char *body)
{
	return (scim__op){
		.steps = &scim__patch_steps,
		.provider = d->provider,
		.context = &d->context,
		.type = scim__registry_type(d->registry, scim__str(type)),
		.arena = d->context.arena,
		.expect = expect_any,
		.id = id,
		.body = scim__str(body),
	};
}

static void
write_now(struct directory *d, scim__op *op)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err));
	assert_int_equal(SCIM_OK, scim__op_apply(op, txn, &d->err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d->err));
	assert_int_equal(SCIM_OK, scim__op_render(op, &d->err));
}

/* Both were prepared before either was written. */
static void
patches_that_cross_both_stand(void **state)
{
	struct directory d;
	enum scim__op_next next;
	scim_outcome got;

	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	scim_resource group = directory_group(&d, "g", NULL);
	scim_resource user = directory_user(&d, "bjensen");
	scim__op ops[] = {
		patch_op(&d, "Group", group.id,
		    PATCH(ADD("members", "[{\"value\":\"a\"}]"))),
		patch_op(&d, "Group", group.id,
		    PATCH(ADD("members", "[{\"value\":\"b\"}]"))),
		patch_op(&d, "User", user.id,
		    PATCH(ADD("emails", "[{\"value\":\"a@x\"}]"))),
		patch_op(&d, "User", user.id,
		    PATCH(ADD("emails", "[{\"value\":\"b@x\"}]"))),
	};
	for (size_t i = 0; i < scim__countof(ops); i++)
		assert_int_equal(
		    SCIM_OK, scim__op_start(&ops[i], &next, &d.err));
	for (size_t i = 0; i < scim__countof(ops); i++)
		write_now(&d, &ops[i]);
	assert_int_equal(SCIM_OK, directory_get(&d, "Group", group.id, &got));
	assert_contains(got.resource.json, "\"value\":\"a\"");
	assert_contains(got.resource.json, "\"value\":\"b\"");
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, "a@x");
	assert_contains(got.resource.json, "b@x");
	directory_close(&d);
}

/* The password was hashed before the user moved. */
static void
a_hash_survives_a_second_preparation(void **state)
{
	struct directory d;
	enum scim__op_next next;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim__op op = patch_op(
	    &d, "User", user.id, PATCH(SET("password", "\"t1meMa$heen\"")));
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &d.err));
	assert_int_equal(SCIM__OP_HASH, next);
	assert_int_equal(SCIM_OK, scim__op_hash(&op, &d.err));
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &d.err));
	assert_int_equal(SCIM__OP_WRITE, next);
	scim_str hash = op.record.secret;
	assert_contains(hash, "$argon2id$");
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id, PATCH(SET("title", "\"x\"")),
		&expect_any, &out));
	write_now(&d, &op);
	assert_true(scim__str_equal(hash, op.record.secret));
	assert_contains(op.outcome.resource.json, "\"title\":\"x\"");
	directory_close(&d);
}

/* A group may have a million; the one that is named by its value is a row. */
static void
looking_through_members_is_for_a_worker(void **state)
{
	static const struct {
		const char *path;
		enum scim__op_next next;
	} cases[] = {
		{ "members[value eq \\\"x\\\"]", SCIM__OP_SETTLED },
		{ "members[display eq \\\"x\\\"]", SCIM__OP_LONG },
	};
	struct directory d;

	directory_open(&d);
	scim_resource group = directory_group(&d, "g", NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char body[512];
		enum scim__op_next next = SCIM__OP_HASH;

		(void)snprintf(body, sizeof(body),
		    PATCH("{\"op\":\"remove\",\"path\":\"%s\"}"),
		    cases[i].path);
		scim__op op = patch_op(&d, "Group", group.id, body);
		op.on_loop = true;
		assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &d.err));
		assert_int_equal(cases[i].next, next);
		op.on_loop = false;
		assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &d.err));
		assert_int_equal(SCIM__OP_SETTLED, next);
	}
	directory_close(&d);
}

static void
members_that_do_not_exist_are_the_tenants_choice(void **state)
{
	static const char *const add =
	    PATCH(ADD("members", "[{\"value\":\"nobody\"}]"));
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource group = directory_group(&d, "g", NULL);
	assert_int_equal(SCIM_ERR_INVALID,
	    directory_patch(&d, "Group", group.id, add, &expect_any, &out));
	assert_contains(scim__str(d.err.detail), "nobody");
	d.settings.dangling_members = SCIM_DANGLING_DROP;
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "Group", group.id, add, &expect_any, &out));
	assert_false(out.changed);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	d.settings.limits.members = 1;
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "Group", group.id, add, &expect_any, &out));
	assert_true(out.changed);
	assert_int_equal(SCIM_ERR_TOO_LARGE,
	    directory_patch(&d, "Group", group.id,
		PATCH(ADD("members", "[{\"value\":\"a\"},{\"value\":\"b\"}]")),
		&expect_any, &out));
	directory_close(&d);
}

#define LONG "\"0123456789012345678901234567890123456789012345678901234567\""

/* Piece by piece it can't outgrow what may be sent at once. */
static void
a_resource_does_not_grow_beyond_a_request(void **state)
{
	static const char *const add = PATCH(ADD("title", LONG));
	static const char *const more = PATCH(ADD("nickName", LONG));
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	d.settings.limits.body_bytes = 230;
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id, add, &expect_any, &out));
	assert_int_equal(SCIM_ERR_TOO_LARGE,
	    directory_patch(&d, "User", user.id, more, &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    directory_patch(&d, "User", user.id,
		PATCH("{\"op\":\"remove\",\"path\":\"title\"}"), &expect_any,
		&out));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_patch_is_what_is_read_afterwards),
		cmocka_unit_test(what_fails_or_changes_nothing_leaves_no_trace),
		cmocka_unit_test(
		    a_stale_version_an_absent_user_and_a_taken_name_lose),
		cmocka_unit_test(a_password_is_hashed_kept_and_taken_away),
		cmocka_unit_test(patches_that_cross_both_stand),
		cmocka_unit_test(a_hash_survives_a_second_preparation),
		cmocka_unit_test(looking_through_members_is_for_a_worker),
		cmocka_unit_test(a_resource_does_not_grow_beyond_a_request),
		cmocka_unit_test(
		    members_that_do_not_exist_are_the_tenants_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
