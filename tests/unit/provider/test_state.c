/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/state.h"

#include <stdio.h>

#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"
#define GROUP(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"]," rest \
	"}"

static scim_resource
created(struct directory *d, const char *type, const char *json)
{
	scim_outcome out;

	if (directory_create(d, type, json, &out) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	return out.resource;
}

static scim_resource
replaced(struct directory *d, const char *type, scim_str id, const char *json)
{
	scim_outcome out;

	if (directory_replace(d, type, id, json, &expect_any, &out) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	assert_int_equal(out.kind, SCIM_DONE);
	return out.resource;
}

/* Two directories draw the same ids, as one does that was restored. */
static void
one_state_has_one_version_on_every_node(void **state)
{
	static const char *const bodies[] = {
		USER("\"userName\":\"b\",\"name\":{\"givenName\":\"B\","
		     "\"familyName\":\"J\"},\"active\":true"),
		USER("\"active\":true,\"NAME\":{\"familyName\":\"J\","
		     "\"givenName\":\"B\"},\"USERNAME\":\"b\""),
		USER("\"userName\" : \"b\", \"name\":{\"givenName\":\"\\u0042\""
		     ",\"familyName\":\"J\"},\"active\":true,\"title\":null,"
		     "\"emails\":[],\"meta\":{\"version\":\"x\"}"),
	};
	scim_version versions[scim__countof(bodies)];

	for (size_t i = 0; i < scim__countof(bodies); i++) {
		struct directory d;

		directory_open(&d);
		d.fixed.now_ms += (int64_t)i * 86400000;
		versions[i] = created(&d, "User", bodies[i]).version;
		directory_close(&d);
		assert_true(scim_version_equal(&versions[0], &versions[i]));
	}
}

static void
two_states_never_share_a_version(void **state)
{
	static const char *const bodies[] = {
		USER("\"userName\":\"b\""),
		USER("\"userName\":\"B\""),
		USER("\"userName\":\"b\",\"active\":true"),
		USER("\"userName\":\"b\",\"active\":false"),
		USER("\"userName\":\"b\",\"title\":\"true\""),
		USER("\"userName\":\"b\",\"externalId\":\"7\""),
		USER("\"userName\":\"b\",\"emails\":[{\"value\":\"a@b\"},"
		     "{\"value\":\"c@d\"}]"),
		USER("\"userName\":\"b\",\"emails\":[{\"value\":\"c@d\"},"
		     "{\"value\":\"a@b\"}]"),
	};
	scim_version versions[scim__countof(bodies)];

	for (size_t i = 0; i < scim__countof(bodies); i++) {
		struct directory d;

		directory_open(&d);
		versions[i] = created(&d, "User", bodies[i]).version;
		directory_close(&d);
		for (size_t k = 0; k < i; k++)
			assert_false(
			    scim_version_equal(&versions[k], &versions[i]));
	}
}

static void
the_version_covers_the_secret(void **state)
{
	struct directory with, without;

	directory_open(&with);
	directory_open(&without);
	scim_resource a = created(&with, "User",
	    USER("\"userName\":\"b\",\"password\":\"t1meMa$heen\""));
	scim_resource b = created(&without, "User", USER("\"userName\":\"b\""));
	assert_true(scim__str_equal(a.id, b.id));
	assert_false(scim_version_equal(&a.version, &b.version));

	/* and nothing else of it is to be seen */
	a = replaced(
	    &with, "User", a.id, USER("\"userName\":\"b\",\"password\":null"));
	assert_true(scim_version_equal(&a.version, &b.version));
	directory_close(&with);
	directory_close(&without);
}

static void
who_goes_back_to_a_state_is_at_its_version(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource a = created(&d, "User", USER("\"userName\":\"a\""));
	scim_resource b =
	    replaced(&d, "User", a.id, USER("\"userName\":\"b\""));
	scim_resource again =
	    replaced(&d, "User", a.id, USER("\"userName\":\"a\""));
	assert_false(scim_version_equal(&a.version, &b.version));
	assert_true(scim_version_equal(&a.version, &again.version));
	directory_close(&d);
}

static void
a_member_is_part_of_its_groups_state(void **state)
{
	struct directory d;
	char one[256], two[512];

	directory_open(&d);
	scim_resource x = directory_user(&d, "x"), y = directory_user(&d, "y");
	const scim_str *const both[] = { &x.id, &y.id, NULL };
	scim_resource g = directory_group(&d, "g", both);
	(void)snprintf(one, sizeof(one),
	    GROUP("\"displayName\":\"g\",\"members\":[{\"value\":\"%s\"}]"),
	    x.id.ptr);
	(void)snprintf(two, sizeof(two),
	    GROUP("\"members\":[{\"value\":\"%s\",\"type\":\"User\"},"
		  "{\"value\":\"%s\"}],\"displayName\":\"g\""),
	    y.id.ptr, x.id.ptr);
	scim_resource less = replaced(&d, "Group", g.id, one);
	assert_false(scim_version_equal(&g.version, &less.version));
	scim_resource more = replaced(&d, "Group", g.id, two);
	assert_true(scim_version_equal(&g.version, &more.version));
	directory_close(&d);
}

static void
last_modified_never_runs_backwards(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource u = created(&d, "User", USER("\"userName\":\"0\""));
	d.fixed.now_ms -= 86400000;
	scim_resource v =
	    replaced(&d, "User", u.id, USER("\"userName\":\"1\""));
	assert_int_equal(v.modified_ms, DIRECTORY_NOW);
	assert_int_equal(v.created_ms, DIRECTORY_NOW);

	d.fixed.now_ms = DIRECTORY_NOW + 1;
	v = replaced(&d, "User", u.id, USER("\"userName\":\"2\""));
	assert_int_equal(v.modified_ms, DIRECTORY_NOW + 1);
	assert_int_equal(v.created_ms, DIRECTORY_NOW);
	directory_close(&d);
}

/* An operation that was started and not yet applied shows its write. */
static scim__op
prepared(struct directory *d, const struct scim__op_steps *steps, scim_str id,
    const char *body)
{
	enum scim__op_next next = SCIM__OP_SETTLED;
	scim__op op = { .steps = steps,
		.provider = d->provider,
		.context = &d->context,
		.type = scim__registry_type(d->registry, SCIM_STR("User")),
		.arena = d->context.arena,
		.expect = expect_any,
		.id = id,
		.body = scim__str(body) };

	if (scim__op_start(&op, &next, &d->err) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	assert_int_equal(next, SCIM__OP_WRITE);
	return op;
}

static void
a_write_says_in_the_log_who_did_what_when(void **state)
{
	static const struct {
		const struct scim__op_steps *steps;
		scim_write_kind kind;
		const char *name;
	} cases[] = {
		{ &scim__create_steps, SCIM_WRITE_CREATE, "create" },
		{ &scim__replace_steps, SCIM_WRITE_UPDATE, "replace" },
		{ &scim__delete_steps, SCIM_WRITE_DELETE, "delete" },
	};
	struct directory d;

	directory_open(&d);
	scim_resource u = created(&d, "User", USER("\"userName\":\"a\""));
	d.fixed.now_ms += 1000;
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__op op = prepared(&d, cases[i].steps,
		    i == 0 ? (scim_str){ NULL, 0 } : u.id,
		    USER("\"userName\":\"b\""));

		assert_int_equal(op.write.kind, cases[i].kind);
		assert_str(op.write.change.operation, cases[i].name);
		assert_str(op.write.change.actor, "test");
		assert_str(op.write.change.via, "c");
		assert_int_equal(op.write.change.at_ms, DIRECTORY_NOW + 1000);
		assert_str(op.write.key.tenant, "default");
		assert_str(op.write.key.type, "User");
		if (i > 0)
			assert_true(
			    scim_version_equal(&op.write.expected, &u.version));
	}
	directory_close(&d);
}

static bool
has_unique(const scim_unique_row *rows, size_t count, const char *value)
{
	for (size_t i = 0; i < count; i++)
		if (scim__str_equal(rows[i].value, scim__str(value)))
			return true;
	return false;
}

static void
only_rows_that_change_are_in_a_write(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource u = created(
	    &d, "User", USER("\"userName\":\"Ann\",\"externalId\":\"7\""));
	scim__op op = prepared(&d, &scim__replace_steps, u.id,
	    USER("\"userName\":\"Bob\",\"externalId\":\"7\""));
	assert_int_equal(op.write.unique_add_count, 1);
	assert_int_equal(op.write.unique_remove_count, 1);
	assert_true(has_unique(op.write.unique_add, 1, "bob"));
	assert_true(has_unique(op.write.unique_remove, 1, "ann"));
	for (size_t i = 0; i < op.write.index_add_count; i++)
		assert_false(scim__str_equal(
		    op.write.index_add[i].attribute, SCIM_STR("externalId")));

	/* another spelling of the same name is the same row */
	op = prepared(&d, &scim__replace_steps, u.id,
	    USER("\"userName\":\"ANN\",\"externalId\":\"7\""));
	assert_int_equal(op.write.unique_add_count, 0);
	assert_int_equal(op.write.unique_remove_count, 0);

	op = prepared(&d, &scim__delete_steps, u.id, "");
	assert_int_equal(op.write.unique_add_count, 0);
	assert_int_equal(op.write.index_add_count, 0);
	assert_true(has_unique(
	    op.write.unique_remove, op.write.unique_remove_count, "ann"));
	assert_true(op.write.index_remove_count >= 2);
	directory_close(&d);
}

static void
a_deleted_name_is_free_again(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource u = created(&d, "User", USER("\"userName\":\"a\""));
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", u.id, &expect_any, &out));
	scim_resource v = created(&d, "User", USER("\"userName\":\"A\""));
	assert_false(scim__str_equal(u.id, v.id));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_state_has_one_version_on_every_node),
		cmocka_unit_test(two_states_never_share_a_version),
		cmocka_unit_test(the_version_covers_the_secret),
		cmocka_unit_test(who_goes_back_to_a_state_is_at_its_version),
		cmocka_unit_test(a_member_is_part_of_its_groups_state),
		cmocka_unit_test(last_modified_never_runs_backwards),
		cmocka_unit_test(a_write_says_in_the_log_who_did_what_when),
		cmocka_unit_test(only_rows_that_change_are_in_a_write),
		cmocka_unit_test(a_deleted_name_is_free_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
