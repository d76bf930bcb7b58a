/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "lib/served.h"
#include "store/store.h"

static struct served served;

static int
tear_down(void **state)
{
	served_close(&served);
	return 0;
}

#define HEALTH "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

/*
 * Sends what comes behind a first request in one piece with it: once that is
 * answered, the loop has the rest, before anything that comes by mail.
 */
static void
send_surely(int fd, const char *rest)
{
	char text[600], answer[600];

	(void)snprintf(text, sizeof(text), HEALTH "%s", rest);
	served_send(fd, text);
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
}

/* A create over a store that takes its time to commit. */
static int
send_slow_create(scim_store *store)
{
	const struct scim__fault slow = {
		.call = SCIM__FAULT_COMMIT, .nth = 1, .delay_ms = 200
	};
	const char *body = "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:"
			   "2.0:User\"],\"userName\":\"a\"}";
	char text[400];
	int fd = served_connect(&served);

	scim__store_fault_plan(store, &slow);
	(void)snprintf(text, sizeof(text),
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	send_surely(fd, text);
	return fd;
}

static void
what_runs_is_finished_before_the_end(void **state)
{
	scim_store *inner, *store;

	assert_int_equal(scim_store_open_memory(NULL, &inner, NULL), SCIM_OK);
	assert_int_equal(scim__store_fault(inner, &store, NULL), SCIM_OK);
	served_open_on(&served, store, NULL);
	int idle = served_connect(&served);
	int busy = send_slow_create(store);

	served_stop(&served);

	char *nothing = served_read_all(idle), *all = served_read_all(busy);
	assert_string_equal(nothing, "");
	assert_non_null(strstr(all, "HTTP/1.1 201 "));
	assert_non_null(strstr(all, "\r\nConnection: close\r\n"));
	free(nothing);
	free(all);
	(void)close(idle);
	(void)close(busy);
}

static void
half_a_request_does_not_hold_up_the_end(void **state)
{
	static const char *const settings[] = { "request_ms=200", NULL };

	served_open(&served, settings);
	int fd = served_connect(&served);
	send_surely(fd, "GET / HTTP/1.1\r\n");

	served_stop(&served);

	char *all = served_read_all(fd);
	assert_non_null(strstr(all, "HTTP/1.1 408 "));
	free(all);
	(void)close(fd);
}

static void
metrics_are_those_of_all_loops(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	static char answer[4096];
	scim__buf buf;

	served_open(&served, NULL);
	(void)served_ask(&served, HEALTH, answer, sizeof(answer));
	scim__buf_init(&buf, arena, SIZE_MAX);
	assert_true(scim__loops_write_metrics(&served.server, &buf));
	scim__buf_add_char(&buf, '\0');

	assert_non_null(strstr(scim__buf_str(&buf).ptr,
	    "scimd_requests_total{method=\"GET\",status=\"200\"} 1\n"));
	assert_non_null(
	    strstr(scim__buf_str(&buf).ptr, "scimd_connections_total 1\n"));
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    what_runs_is_finished_before_the_end, tear_down),
		cmocka_unit_test_teardown(
		    half_a_request_does_not_hold_up_the_end, tear_down),
		cmocka_unit_test_teardown(
		    metrics_are_those_of_all_loops, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
