/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/park.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lib/served.h"

#define WAITERS 5

static struct served served;
static char answer[65536];

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

static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Asks for what comes after the present end, with so many seconds to wait. */
static int
ask(unsigned wait_s)
{
	char text[300], since[64];

	assert_int_equal(served_ask(&served,
			     "GET /scim/v2/.changes?since=now&wait=9 "
			     "HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH "\r\n",
			     answer, sizeof(answer)),
	    200);
	const char *position = strstr(answer, "{\"position\":\"");
	assert_non_null(position);
	assert_int_equal(
	    1, sscanf(position, "{\"position\":\"%63[^\"]", since));
	int fd = served_connect(&served);

	(void)snprintf(text, sizeof(text),
	    "GET /scim/v2/.changes?since=%s&wait=%u HTTP/1.1\r\nHost: "
	    "x\r\n" SERVED_AUTH "\r\n",
	    since, wait_s);
	served_send(fd, text);
	return fd;
}

/* Until so many wait; they are put to rest by a thread that is not ours. */
static void
until_parked(unsigned count)
{
	const struct timespec moment = { 0, 1000000 };
	int64_t end = now_ms() + 10000;

	while (atomic_load(&served.loop.parked_count) != count) {
		assert_true(now_ms() < end);
		(void)nanosleep(&moment, NULL);
	}
}

static void
make_user(const char *name)
{
	char body[200], text[500];

	(void)snprintf(body, sizeof(body),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	    "\"userName\":\"%s\"}",
	    name);
	(void)snprintf(text, sizeof(text),
	    "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	assert_int_equal(
	    served_ask(&served, text, answer, sizeof(answer)), 201);
}

static void
read_answer(int fd)
{
	assert_int_equal(served_read(fd, answer, sizeof(answer)), 200);
	(void)close(fd);
}

static void
who_waits_is_woken_by_a_change(void **state)
{
	int64_t longest = 0;
	char name[16];

	/* What is looked at without a call comes within a second: only who is
	 * woken is always faster. */
	for (int i = 0; i < WAITERS; i++) {
		int fd = ask(20);

		until_parked(1);
		(void)snprintf(name, sizeof(name), "u%d", i);
		int64_t began = now_ms();
		make_user(name);
		scim__park_wake(&served.loop);
		read_answer(fd);
		assert_non_null(strstr(answer, "\"operation\":\"create\""));
		if (now_ms() - began > longest)
			longest = now_ms() - began;
		assert_int_equal(atomic_load(&served.loop.parked_count), 0);
	}
	assert_true(longest < 900);
}

static void
all_who_wait_are_woken_at_once(void **state)
{
	int fds[WAITERS];

	for (unsigned i = 0; i < WAITERS; i++)
		fds[i] = ask(20);
	until_parked(WAITERS);
	make_user("u");
	scim__park_wake(&served.loop);
	scim__park_wake(&served.loop);
	for (unsigned i = 0; i < WAITERS; i++) {
		read_answer(fds[i]);
		assert_non_null(strstr(answer, "\"operation\":\"create\""));
	}
	assert_int_equal(atomic_load(&served.loop.parked_count), 0);
}

/* As when another process wrote. */
static void
a_change_that_wakes_nobody_is_seen_as_well(void **state)
{
	int fd = ask(20);

	until_parked(1);
	int64_t began = now_ms();
	make_user("u");
	read_answer(fd);
	assert_non_null(strstr(answer, "\"operation\":\"create\""));
	assert_true(now_ms() - began < 10000);
}

static void
who_is_woken_for_nothing_goes_on_waiting(void **state)
{
	int64_t began = now_ms();
	int fd = ask(1);

	until_parked(1);
	scim__park_wake(&served.loop);
	read_answer(fd);
	assert_true(now_ms() - began >= 900);
	assert_non_null(strstr(answer, "\"Resources\":[]"));
	assert_int_equal(atomic_load(&served.loop.parked_count), 0);
}

static void
who_has_something_to_read_does_not_wait(void **state)
{
	int64_t began = now_ms();

	make_user("u");
	int fd = served_connect(&served);
	served_send(fd,
	    "GET /scim/v2/.changes?wait=20 HTTP/1.1\r\nHost: x\r\n" SERVED_AUTH
	    "\r\n");
	read_answer(fd);
	assert_non_null(strstr(answer, "\"operation\":\"create\""));
	assert_true(now_ms() - began < 10000);
}

static void
nobody_is_woken_where_nobody_waits(void **state)
{
	scim__park_wake(&served.loop);
	assert_false(atomic_load(&served.loop.wake_posted));
	served_stop(&served);
}

static void
at_the_end_all_are_answered(void **state)
{
	int64_t began = now_ms();
	int fd = ask(60);

	until_parked(1);
	served_stop(&served);
	read_answer(fd);
	assert_non_null(strstr(answer, "\"Resources\":[]"));
	assert_true(now_ms() - began < 10000);
	assert_int_equal(atomic_load(&served.loop.parked_count), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_waits_is_woken_by_a_change),
		TEST(all_who_wait_are_woken_at_once),
		TEST(a_change_that_wakes_nobody_is_seen_as_well),
		TEST(who_is_woken_for_nothing_goes_on_waiting),
		TEST(who_has_something_to_read_does_not_wait),
		TEST(nobody_is_woken_where_nobody_waits),
		TEST(at_the_end_all_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
