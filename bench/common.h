/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

/* What the programs of the benchmark share. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { USER_MOST = 2048 };

/*
 * User number `n` as JSON, about 1 KB as it is answered.  `title` is what a
 * replacement changes.
 */
static inline int
write_user(char *out, size_t size, uint64_t n, uint64_t title)
{
	unsigned long long u = n, t = title;

	return snprintf(out, size,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	    "\"userName\":\"user%07llu@example.com\","
	    "\"externalId\":\"ext-%07llu\","
	    "\"name\":{\"familyName\":\"Family%07llu\",\"givenName\":"
	    "\"Given\",\"formatted\":\"Given Family%07llu\"},"
	    "\"displayName\":\"Given Family%07llu\",\"title\":\"%llu\","
	    "\"active\":true,\"preferredLanguage\":\"en-GB\","
	    "\"locale\":\"en-US\",\"timezone\":\"America/Los_Angeles\","
	    "\"profileUrl\":\"https://example.com/people/%07llu\","
	    "\"emails\":[{\"value\":\"user%07llu@example.com\","
	    "\"type\":\"work\",\"primary\":true},"
	    "{\"value\":\"home%07llu@example.org\",\"type\":\"home\"}],"
	    "\"phoneNumbers\":[{\"value\":\"tel:+1-555-%07llu\","
	    "\"type\":\"work\"}],"
	    "\"addresses\":[{\"type\":\"work\",\"streetAddress\":"
	    "\"%llu Main Street\",\"locality\":\"Springfield\","
	    "\"region\":\"CA\",\"postalCode\":\"91608\",\"country\":\"US\"}"
	    "]}",
	    u, u, u, u, u, t, u, u, u, u, u);
}

static inline uint64_t
clock_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* xorshift64*; `*state` is never 0. */
static inline uint64_t
next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

_Noreturn static inline void
die(const char *what)
{
	(void)fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static inline uint64_t
read_count(const char *text)
{
	char *end = NULL;
	unsigned long long n = strtoull(text, &end, 10);

	if (n == 0 || *end != '\0')
		die("a number was expected");
	return n;
}

/* How long each operation took; the first million of them. */
struct latencies {
	uint32_t us[1000000];
	size_t count;
};

static inline void
note_latency(struct latencies *l, uint64_t ns)
{
	if (l->count < sizeof(l->us) / sizeof(l->us[0]))
		l->us[l->count++] = (uint32_t)(ns / 1000);
}

static inline int
compare_latency(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/*
 * One line of JSON: what the harness reads.  `more` are members of it, each
 * with a comma before it.
 */
static inline void
print_result(struct latencies *l, uint64_t operations, uint64_t ns,
    uint64_t wrong, const char *more)
{
	size_t n = l->count;
	struct rusage used = { 0 };

	(void)getrusage(RUSAGE_SELF, &used);
	double cpu_us =
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);

	qsort(l->us, n, sizeof(l->us[0]), compare_latency);
	(void)printf("{\"per_second\":%.1f,\"operations\":%llu,"
		     "\"p50_us\":%u,\"p99_us\":%u,\"wrong\":%llu,"
		     "\"own_cpu_us\":%.1f,\"own_kib\":%ld%s}\n",
	    (double)operations * 1e9 / (double)ns,
	    (unsigned long long)operations, n == 0 ? 0 : l->us[n / 2],
	    n == 0 ? 0 : l->us[n * 99 / 100], (unsigned long long)wrong,
	    operations == 0 ? 0 : cpu_us / (double)operations, used.ru_maxrss,
	    more);
}

#endif
