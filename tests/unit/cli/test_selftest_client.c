/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/str.h"
#include "unit/cli/race.h"

static void
create(struct scim__client *client)
{
	scim__client_send(client,
	    &(struct scim__ask){ .method = "POST",
		.collection = "/Users",
		.body = SCIM_STR("{\"userName\":\"a\",\"nickName\":\"b\"}") });
}

static void
an_answer_is_status_etag_and_body(void **state)
{
	struct mock_server server;
	struct scim__client client;

	mock_server_start(&server, MOCK_SOUND);
	const struct scim__selftest test = { .base = server.url };
	assert_true(scim__client_open(&client, &test));
	create(&client);
	assert_int_equal(client.status, 201);
	assert_string_equal(client.etag, "W/\"1\"");
	assert_str(scim__object_get_string(&client.body, SCIM_STR("id")), "0");

	/* what one answer had is not in the next */
	scim__client_send(&client,
	    &(struct scim__ask){ .method = "DELETE",
		.collection = "/Users",
		.id = "0",
		.if_match = "W/\"7\"" });
	assert_int_equal(client.status, 412);
	assert_string_equal(client.etag, "");
	assert_int_equal(client.body.kind, SCIM__NULL);
	scim__client_close(&client);
	mock_server_stop(&server);
}

static void
a_busy_server_is_waited_for(void **state)
{
	struct mock_server server;
	struct scim__client client;

	mock_server_start(&server, MOCK_BUSY);
	const struct scim__selftest test = { .base = server.url };
	assert_true(scim__client_open(&client, &test));
	create(&client);
	create(&client);
	create(&client); /* the third request is refused */
	assert_int_equal(client.status, 409);
	assert_int_equal(atomic_load(&server.requests), 4);
	scim__client_close(&client);
	mock_server_stop(&server);
}

static void
no_answer_is_told_and_not_repeated(void **state)
{
	struct scim__client client;
	struct scim__race race;
	const struct scim__selftest test = { .base = "http://127.0.0.1:1" };

	assert_true(scim__client_open(&client, &test));
	create(&client);
	assert_int_equal(client.status, 0);
	scim__race_init(&race);
	scim__client_complain(&client, &race, "trying");
	assert_non_null(strstr(race.evidence, "no answer while trying: "));
	scim__client_close(&client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_status_etag_and_body),
		cmocka_unit_test(a_busy_server_is_waited_for),
		cmocka_unit_test(no_answer_is_told_and_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
