/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conn.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/served.h"
#include "store/store.h"

#define CLIENTS 40

static struct served served;
static scim_store *store;
static char answer[65536];

static int
set_up(void **state)
{
	scim_store *inner;

	assert_int_equal(scim_store_open_memory(NULL, &inner, NULL), SCIM_OK);
	assert_int_equal(scim__store_fault(inner, &store, NULL), SCIM_OK);
	served_open_on(&served, store, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	served_close(&served);
	return 0;
}

static int
send_user(int number, const char *more)
{
	char body[300], text[600];
	int fd = served_connect(&served);

	(void)snprintf(body, sizeof(body),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	    "\"userName\":\"u%d\"%s}",
	    number, more);
	(void)snprintf(text, sizeof(text),
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	served_send(fd, text);
	return fd;
}

static int
status_of(int fd)
{
	int status = served_read(fd, answer, sizeof(answer));

	(void)close(fd);
	return status;
}

static void
a_password_is_hashed_on_the_way(void **state)
{
	assert_int_equal(
	    status_of(send_user(1, ",\"password\":\"t1meMa$heen\"")), 201);
	assert_null(strstr(answer, "t1meMa"));
}

/* @spec 9110-10.2.3-01 */
static void
too_many_passwords_at_once_are_sent_away(void **state)
{
	int fds[CLIENTS], made = 0, refused = 0;

	for (int i = 0; i < CLIENTS; i++)
		fds[i] = send_user(i, ",\"password\":\"t1meMa$heen\"");
	for (int i = 0; i < CLIENTS; i++) {
		int status = status_of(fds[i]);

		made += status == 201;
		refused += status == 503 &&
		    strstr(answer, "\r\nRetry-After: 1\r\n") != NULL;
	}
	assert_int_equal(made + refused, CLIENTS);
	assert_true(made >= 4);
	assert_true(refused > 0);
}

static void
an_uncertain_commit_is_told(void **state)
{
	const struct scim__fault uncertain = { .call = SCIM__FAULT_COMMIT,
		.nth = 1,
		.status = SCIM_ERR_UNCERTAIN };

	scim__store_fault_plan(store, &uncertain);
	assert_int_equal(status_of(send_user(1, "")), 503);
	assert_non_null(strstr(answer, "\r\nRetry-After: "));
	assert_int_equal(
	    served_ask(&served, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n",
		answer, sizeof(answer)),
	    503);
}

static void
who_leaves_meanwhile_leaves_nothing_behind(void **state)
{
	for (int i = 0; i < CLIENTS; i++)
		(void)close(send_user(i, ",\"password\":\"t1meMa$heen\""));
	served_stop(&served);

	assert_int_equal(served.loop.metrics.connections, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_password_is_hashed_on_the_way),
		TEST(too_many_passwords_at_once_are_sent_away),
		TEST(an_uncertain_commit_is_told),
		TEST(who_leaves_meanwhile_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
