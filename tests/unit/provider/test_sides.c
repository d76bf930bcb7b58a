/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/sides.h"

#include "base/str.h"
#include "lib/directory.h"
#include "json/json.h"

#define USER(rest)                                                       \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"bjensen\"" rest "}"

/* A user with a first state and a present one. */
struct meeting {
	struct directory d;
	scim_version first;
	scim__op op;
	scim_txn *txn;
};

static void
open_meeting(struct meeting *m, const char *theirs, const char *ours)
{
	scim_outcome out;

	directory_open(&m->d);
	scim_resource user = directory_user(&m->d, "bjensen");
	m->first = user.version;
	assert_int_equal(SCIM_OK,
	    directory_replace(
		&m->d, "User", user.id, theirs, &expect_any, &out));
	m->op = (scim__op){ .steps = &scim__replace_steps,
		.provider = m->d.provider,
		.context = &m->d.context,
		.type = scim__registry_type(m->d.registry, SCIM_STR("User")),
		.arena = m->d.context.arena,
		.id = user.id,
		.body = scim__str(ours) };
	assert_int_equal(SCIM_OK,
	    scim__store_begin(m->d.store, SCIM_TXN_READ, &m->txn, &m->d.err));
	assert_int_equal(SCIM_OK, scim__op_read(&m->op, m->txn, &m->d.err));
}

static void
close_meeting(struct meeting *m)
{
	scim__store_rollback(m->txn);
	directory_close(&m->d);
}

static scim_str
text_of(struct meeting *m, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, m->d.context.arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	return scim__buf_str(&buf);
}

static void
each_side_is_a_state_of_its_own(void **state)
{
	struct meeting m;
	struct scim__sides sides;

	open_meeting(
	    &m, USER(",\"title\":\"Boss\""), USER(",\"nickName\":\"Babs\""));
	assert_int_equal(SCIM_OK,
	    scim__sides_read(&m.op, m.txn, &m.first, &sides, &m.d.err));
	assert_int_equal(
	    SCIM_OK, scim__sides_add_ours(&m.op, &sides, &m.d.err));
	assert_int_equal(sides.since_count, 1);

	scim_str base = text_of(&m, &sides.content[SCIM__BASE]);
	scim_str ours = text_of(&m, &sides.content[SCIM__OURS]);
	scim_str theirs = text_of(&m, &sides.content[SCIM__THEIRS]);
	assert_lacks(base, "title");
	assert_lacks(base, "nickName");
	assert_contains(ours, "\"nickName\":\"Babs\"");
	assert_lacks(ours, "title");
	assert_contains(theirs, "\"title\":\"Boss\"");
	close_meeting(&m);
}

static void
a_secret_changed_since_is_another_in_the_base(void **state)
{
	struct meeting m;
	struct scim__sides sides;

	open_meeting(&m, USER(",\"password\":\"correct horse\""), USER(""));
	assert_int_equal(SCIM_OK,
	    scim__sides_read(&m.op, m.txn, &m.first, &sides, &m.d.err));
	assert_int_equal(
	    SCIM_OK, scim__sides_add_ours(&m.op, &sides, &m.d.err));
	assert_false(scim__value_equal(
	    &sides.secret[SCIM__BASE], &sides.secret[SCIM__THEIRS]));
	assert_true(scim__value_equal(
	    &sides.secret[SCIM__BASE], &sides.secret[SCIM__OURS]));
	close_meeting(&m);
}

static void
a_body_that_is_no_resource_makes_no_side(void **state)
{
	struct meeting m;
	struct scim__sides sides;

	open_meeting(&m, USER(",\"title\":\"Boss\""), USER(",\"title\":7"));
	assert_int_equal(SCIM_OK,
	    scim__sides_read(&m.op, m.txn, &m.first, &sides, &m.d.err));
	assert_int_equal(
	    SCIM_ERR_INVALID, scim__sides_add_ours(&m.op, &sides, &m.d.err));
	close_meeting(&m);
}

static void
a_path_touches_what_is_in_it(void **state)
{
	static const struct {
		const char *attribute, *path;
		bool touches;
	} cases[] = {
		{ "title", "title", true },
		{ "title", "titles", false },
		{ "titles", "title", false },
		{ "name", "name.familyName", true },
		{ "name.familyName", "name", false },
		{ "emails", "emails[type eq \"work\"].value", true },
		{ "urn:x:User", "urn:x:User:manager", true },
		{ "", "title", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (scim__path_touches(scim__str(cases[i].attribute),
			scim__str(cases[i].path)) != cases[i].touches)
			fail_msg("%zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_is_a_state_of_its_own),
		cmocka_unit_test(a_secret_changed_since_is_another_in_the_base),
		cmocka_unit_test(a_body_that_is_no_resource_makes_no_side),
		cmocka_unit_test(a_path_touches_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
