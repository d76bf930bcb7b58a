/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/race.h"
#include "json/json.h"

static void
the_body_is_a_user(void **state)
{
	const struct scim__selftest test = { .base = "", .seed = 255 };
	struct scim__client client;
	struct scim__racer_user user;
	scim__value v;

	assert_true(scim__client_open(&client, &test));
	scim__user_name(&user, &test, "count", 7);
	assert_string_equal(user.name, "scimd-race-count-ff-7@example.com");
	scim_str body = scim__user_body(&client, &user, "12");
	assert_int_equal(
	    scim__json_parse_trusted(client.arena, body, &v, NULL), SCIM_OK);
	assert_str(scim__object_get_string(&v, SCIM_STR("userName")),
	    "scimd-race-count-ff-7@example.com");
	assert_str(scim__object_get_string(&v, SCIM_STR("nickName")), "12");
	assert_null(scim__object_find(&v, SCIM_STR("id")));

	(void)strcpy(user.id, "a\"b");
	body = scim__user_body(&client, &user, "12");
	assert_int_equal(
	    scim__json_parse_trusted(client.arena, body, &v, NULL), SCIM_OK);
	assert_str(scim__object_get_string(&v, SCIM_STR("id")), "a\"b");
	scim__client_close(&client);
}

static void
a_user_is_made_read_replaced_and_deleted(void **state)
{
	struct mock_server server;
	struct scim__client client;
	struct scim__race race;
	struct scim__racer_user user;
	char etag[SCIM__ETAG_MOST], stale[SCIM__ETAG_MOST], value[64];

	mock_server_start(&server, MOCK_SOUND);
	const struct scim__selftest test = { .base = server.url };
	assert_true(scim__client_open(&client, &test));
	scim__race_init(&race);
	scim__user_name(&user, &test, "x", 0);
	assert_true(scim__user_create(&client, &race, &user, "0"));
	assert_true(scim__user_read(&client, &race, &user, stale, value));
	assert_string_equal(value, "0");
	assert_int_equal(scim__user_replace(&client, &user, "1", stale), 200);
	assert_int_equal(scim__user_replace(&client, &user, "2", stale), 412);
	assert_true(scim__user_read(&client, &race, &user, etag, value));
	assert_string_equal(value, "1");
	assert_string_not_equal(etag, stale);
	scim__user_delete(&client, &user);
	assert_int_equal(mock_server_users(&server), 0);
	assert_string_equal(race.evidence, "");

	assert_false(scim__user_read(&client, &race, &user, etag, value));
	assert_string_equal(race.evidence, "answer 404 while reading the user");
	scim__client_close(&client);
	mock_server_stop(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_is_a_user),
		cmocka_unit_test(a_user_is_made_read_replaced_and_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
