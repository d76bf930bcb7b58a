/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/served.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH "\r\n"
#define USER                                                             \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"a\"}"

static struct served served;
static char answer[65536];

static int
set_up(void **state)
{
	served_open(&served, NULL);
	return 0;
}

static int
set_up_hasty(void **state)
{
	static const char *const settings[] = { "idle_ms=200", "request_ms=300",
		"body_bytes=1000", NULL };

	served_open(&served, settings);
	return 0;
}

static int
tear_down(void **state)
{
	served_close(&served);
	return 0;
}

static void
answers_come_in_the_order_of_requests(void **state)
{
	int fd = served_connect(&served);

	served_send(fd,
	    GET("/healthz") "POST /scim/v2/Users HTTP/1.1\r\nHost: "
			    "x\r\n" SERVED_AUTH
			    "Content-Length: 73\r\n\r\n" USER GET(
				"/scim/v2/Nonsense")
				GET("/scim/v2/Users?count=0"));

	assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 201);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 404);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
	assert_non_null(strstr(answer, "\"totalResults\":1"));
	(void)close(fd);
}

static void
a_request_may_come_byte_by_byte(void **state)
{
	const char *text = GET("/healthz");
	int fd = served_connect(&served);

	for (size_t i = 0; text[i] != '\0'; i++) {
		char one[2] = { text[i], '\0' };

		served_send(fd, one);
	}
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
	(void)close(fd);
}

static void
who_says_close_gets_it(void **state)
{
	static const char *const texts[] = {
		"GET /healthz HTTP/1.0\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	};

	for (size_t i = 0; i < scim__countof(texts); i++) {
		int fd = served_connect(&served);

		served_send(fd, texts[i]);
		char *all = served_read_all(fd);
		assert_non_null(strstr(all, "HTTP/1.1 200 OK\r\n"));
		assert_non_null(strstr(all, "\r\nConnection: close\r\n"));
		free(all);
		(void)close(fd);
	}
}

/* @spec 7644-3.12-28 */
static void
what_is_no_request_is_told_so_and_ends(void **state)
{
	static const struct {
		const char *text;
		const char *status;
	} cases[] = {
		{ "nonsense\r\n\r\n", "HTTP/1.1 501 " },
		{ "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 " },
		{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
		  "99999999\r\n\r\n",
		    "HTTP/1.1 413 " },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		int fd = served_connect(&served);

		served_send(fd, cases[i].text);
		char *all = served_read_all(fd);
		assert_non_null(strstr(all, cases[i].status));
		assert_non_null(strstr(all, "messages:2.0:Error"));
		free(all);
		(void)close(fd);
	}
}

static void
half_a_request_is_answered_when_no_more_comes(void **state)
{
	int fd = served_connect(&served);

	served_send(fd, "GET /scim/v2/Users HTTP/1.1\r\nHo");
	(void)shutdown(fd, SHUT_WR);
	char *all = served_read_all(fd);

	assert_non_null(strstr(all, "HTTP/1.1 400 "));
	free(all);
	(void)close(fd);
}

/* @spec 9110-10.1.1-01 */
static void
content_is_asked_for_only_when_it_matters(void **state)
{
	static const struct {
		const char *fields;
		int status;
	} cases[] = {
		{ "", 401 },
		{ SERVED_AUTH "Content-Type: text/xml\r\n", 415 },
		{ SERVED_AUTH, 404 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text),
		    "PUT /scim/v2/Users/1 HTTP/1.1\r\nHost: x\r\n"
		    "Expect: 100-continue\r\nContent-Length: 2\r\n%s\r\n",
		    cases[i].fields);
		assert_int_equal(
		    served_ask(&served, text, answer, sizeof(answer)),
		    cases[i].status);
		assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
	}
}

static void
content_that_matters_is_asked_for(void **state)
{
	int fd = served_connect(&served);

	served_send(fd,
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "Expect: 100-continue\r\nContent-Length: 73\r\n\r\n");
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 100);
	served_send(fd, USER);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 201);
	(void)close(fd);
}

static void
a_stranger_s_content_is_read_past(void **state)
{
	char *content = calloc(1, 100001);
	int fd = served_connect(&served);

	assert_non_null(content);
	memset(content, ' ', 100000);
	served_send(fd,
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 100000\r\n\r\n");
	served_send(fd, content);
	served_send(fd, GET("/healthz"));

	assert_int_equal(served_read(fd, answer, sizeof(answer)), 401);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
	free(content);
	(void)close(fd);
}

static void
an_idle_connection_is_closed(void **state)
{
	int fd = served_connect(&served);
	char *all = served_read_all(fd);

	assert_string_equal(all, "");
	free(all);
	(void)close(fd);
}

static void
a_request_that_takes_too_long_is_408(void **state)
{
	int fd = served_connect(&served);

	served_send(fd, "GET /healthz HTTP/1.1\r\n");
	char *all = served_read_all(fd);

	assert_non_null(strstr(all, "HTTP/1.1 408 "));
	free(all);
	(void)close(fd);
}

static void
a_tenant_s_own_limit_counts(void **state)
{
	char text[2000];
	int len = snprintf(text, sizeof(text),
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "Content-Length: 1001\r\n\r\n%1001s",
	    "");

	assert_true(len > 1001);
	assert_int_equal(
	    served_ask(&served, text, answer, sizeof(answer)), 413);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define HASTY(name) \
	cmocka_unit_test_setup_teardown(name, set_up_hasty, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_come_in_the_order_of_requests),
		TEST(a_request_may_come_byte_by_byte),
		TEST(who_says_close_gets_it),
		TEST(what_is_no_request_is_told_so_and_ends),
		TEST(half_a_request_is_answered_when_no_more_comes),
		TEST(content_is_asked_for_only_when_it_matters),
		TEST(content_that_matters_is_asked_for),
		TEST(a_stranger_s_content_is_read_past),
		HASTY(an_idle_connection_is_closed),
		HASTY(a_request_that_takes_too_long_is_408),
		HASTY(a_tenant_s_own_limit_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
