/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/served.h"
#include "store/store.h"

#define MANY 50
#define NAME_LEN 20000
#define MEMBERS 5000
#define LIST "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH "\r\n"

static struct served served;

static int
set_up(void **state)
{
	served_open(&served, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	served_close(&served);
	return 0;
}

/* A user with a long name. */
static void
make_user(int number)
{
	static char text[2 * NAME_LEN], answer[4 * NAME_LEN];
	static char name[NAME_LEN + 1];
	int fd = served_connect(&served);
	char body_start[] = "{\"schemas\":[\"urn:ietf:params:scim:schemas:"
			    "core:2.0:User\"],\"userName\":\"";

	memset(name, 'n', NAME_LEN);
	int len = snprintf(text, sizeof(text),
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "Content-Length: %zu\r\n\r\n%s%04d\",\"displayName\":\"%s\"}",
	    sizeof(body_start) - 1 + 4 + 17 + NAME_LEN + 2, body_start, number,
	    name);
	assert_true(len > NAME_LEN);
	served_send(fd, text);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 201);
	(void)close(fd);
}

static void
a_slow_reader_gets_all_of_it(void **state)
{
	static char answer[4 * MANY * NAME_LEN];
	int fd = served_connect(&served);

	for (int i = 0; i < MANY; i++)
		make_user(i);
	served_send(fd, LIST LIST);
	(void)usleep(50000);

	for (int i = 0; i < 2; i++) {
		assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
		assert_true(strlen(answer) > MANY * NAME_LEN);
		assert_string_equal(answer + strlen(answer) - 2, "]}");
	}
	(void)close(fd);
}

static void
who_leaves_in_the_middle_leaves_nothing_behind(void **state)
{
	for (int i = 0; i < MANY; i++)
		make_user(i);
	for (int i = 0; i < 20; i++) {
		int fd = served_connect(&served);

		served_send(fd, LIST LIST);
		(void)close(fd);
	}
	served_stop(&served);

	assert_int_equal(served.loop.metrics.connections, 0);
}

/* HEAD has the head of GET and nothing behind it. */
static void
a_head_is_all_there_is_to_head(void **state)
{
	int fd = served_connect(&served);

	served_send(fd,
	    "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /healthz HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n\r\n");
	char *all = served_read_all(fd);
	char *second = strstr(all + 1, "HTTP/1.1 200 OK");

	assert_non_null(second);
	assert_memory_equal(second - 4, "\r\n\r\n", 4);
	assert_non_null(strstr(all, "\r\nContent-Length: 15\r\n"));
	free(all);
	(void)close(fd);
}

static scim_store *faulty;

static int
set_up_group(void **state)
{
	static const char *const settings[] = { "dangling_members=keep", NULL };
	scim_store *inner;

	assert_int_equal(scim_store_open_memory(NULL, &inner, NULL), SCIM_OK);
	assert_int_equal(scim__store_fault(inner, &faulty, NULL), SCIM_OK);
	served_open_on(&served, faulty, settings);
	return 0;
}

/* Makes a group of MEMBERS and writes a request for it. */
static void
make_group(char request[400], const char *version)
{
	static char text[MEMBERS * 80], answer[MEMBERS * 200],
	    body[MEMBERS * 70];
	int fd = served_connect(&served);
	int len = snprintf(body, sizeof(body),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[");

	for (int i = 0; i < MEMBERS; i++)
		len += snprintf(body + len, sizeof(body) - (size_t)len,
		    "%s{\"value\":\"00000000-0000-4000-8000-%012d\"}",
		    i == 0 ? "" : ",", i);
	(void)snprintf(body + len, sizeof(body) - (size_t)len, "]}");
	(void)snprintf(text, sizeof(text),
	    "POST /scim/v2/Groups?excludedAttributes=members HTTP/1.1\r\n"
	    "Host: x\r\n" SERVED_AUTH "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	served_send(fd, text);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 201);
	(void)close(fd);
	const char *location = strstr(answer, "Location: http://h");
	assert_non_null(location);
	(void)snprintf(request, 400,
	    "GET %.*s HTTP/%s\r\nHost: x\r\nConnection: close\r\n" SERVED_AUTH
	    "\r\n",
	    (int)strcspn(location + 18, "\r"), location + 18, version);
}

static void
a_long_answer_is_streamed(void **state)
{
	static const char *const versions[] = { "1.1", "1.0" };

	for (size_t i = 0; i < scim__countof(versions); i++) {
		char request[400];

		make_group(request, versions[i]);
		int fd = served_connect(&served);
		served_send(fd, request);
		char *all = served_read_all(fd);
		const char *end = all + strlen(all);

		assert_non_null(strstr(all, "HTTP/1.1 200 OK\r\n"));
		assert_int_equal(
		    strstr(all, "Transfer-Encoding: chunked") != NULL, i == 0);
		assert_string_equal(i == 0 ? end - 7 : end - 2,
		    i == 0 ? "\r\n0\r\n\r\n" : "]}");
		assert_true(strlen(all) > (size_t)MEMBERS * 40);
		free(all);
		(void)close(fd);
	}
}

/* Everything is read before the first byte is sent. */
static void
a_long_answer_that_cant_be_read_is_an_error_from_the_start(void **state)
{
	const struct scim__fault fails = {
		.call = SCIM__FAULT_READ, .nth = 4, .status = SCIM_ERR_STORE
	};
	char request[400];

	make_group(request, "1.1");
	scim__store_fault_plan(faulty, &fails);
	int fd = served_connect(&served);
	served_send(fd, request);
	char *all = served_read_all(fd);

	assert_non_null(strstr(all, "HTTP/1.1 500 "));
	assert_null(strstr(all, "HTTP/1.1 200 "));
	free(all);
	(void)close(fd);
}

static void
who_leaves_a_stream_leaves_nothing_behind(void **state)
{
	char request[400];

	make_group(request, "1.1");
	for (int i = 0; i < 20; i++) {
		int fd = served_connect(&served);

		served_send(fd, request);
		(void)close(fd);
	}
	served_stop(&served);

	assert_int_equal(served.loop.metrics.connections, 0);
}

#define GROUP(name) \
	cmocka_unit_test_setup_teardown(name, set_up_group, tear_down)
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slow_reader_gets_all_of_it),
		TEST(who_leaves_in_the_middle_leaves_nothing_behind),
		TEST(a_head_is_all_there_is_to_head),
		GROUP(a_long_answer_is_streamed),
		GROUP(
		    a_long_answer_that_cant_be_read_is_an_error_from_the_start),
		GROUP(who_leaves_a_stream_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
