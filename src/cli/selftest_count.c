/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight clients count together: each reads the number, replaces it by the
 * next on the ETag it read, and tries again when it came too late.
 *
 * What the server acknowledged is what must be there at the end.  Two
 * clients that were both told that they wrote the same number are the first
 * evidence, with the ETag they held.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/args.h"
#include "cli/selftest.h"

enum { TRIES_MOST = 10000, COUNTS_PER_ROUND = 2 };

struct counting {
	const struct scim__selftest *test;
	struct scim__race *race;
	struct scim__racer_user user;
	uint64_t target; /* of acknowledged updates */
	uint64_t most;   /* a number beyond it is not ours */
	atomic_uint_fast64_t acknowledged, conflicts;
	atomic_uint running;
	/* by number: 1 + who was told that it wrote it; 0 for nobody */
	atomic_uint *writers;
};

struct counter {
	struct counting *counting;
	unsigned number;
	pthread_t thread;
	struct scim__client client;
	bool is_open, is_running;
};

static void
note_write(struct counting *c, unsigned who, int64_t value, const char *etag)
{
	(void)atomic_fetch_add(&c->acknowledged, 1);
	unsigned before =
	    atomic_exchange(&c->writers[(uint64_t)value], who + 1);
	if (before != 0)
		scim__race_evidence(c->race,
		    "clients %u and %u were both told that they replaced %lld"
		    " by %lld; the second held ETag %s",
		    before, who + 1, (long long)value - 1, (long long)value,
		    etag);
}

/* Adds one to what is there; false: end here. */
static bool
count_once(struct counter *me)
{
	struct counting *c = me->counting;
	char etag[SCIM__ETAG_MOST], text[64];

	for (int i = 0; i < TRIES_MOST; i++) {
		if (atomic_load(&c->test->stop) ||
		    !scim__user_read(
			&me->client, c->race, &c->user, etag, text))
			return false;
		int64_t value =
		    scim__cli_read_number(text, 0, (int64_t)c->most - 1);
		if (value < 0) {
			scim__race_evidence(c->race,
			    "the number is %s, which nobody wrote", text);
			return false;
		}
		(void)snprintf(text, sizeof(text), "%" PRId64, value + 1);
		long status =
		    scim__user_replace(&me->client, &c->user, text, etag);
		if (status >= 200 && status < 300) {
			note_write(c, me->number, value + 1, etag);
			return true;
		}
		if (status != 412) {
			scim__client_complain(
			    &me->client, c->race, "replacing the user");
			return false;
		}
		(void)atomic_fetch_add(&c->conflicts, 1);
	}
	scim__race_evidence(
	    c->race, "a client was refused %d times in a row", (int)TRIES_MOST);
	return false;
}

static void *
run_counter(void *argument)
{
	struct counter *me = argument;
	struct counting *c = me->counting;
	uint64_t mine = c->target / SCIM__RACERS;

	/* all go on after a loss: how much is lost is worth knowing */
	while (mine > 0 && count_once(me))
		mine--;
	(void)atomic_fetch_sub(&c->running, 1);
	return NULL;
}

static void
watch(struct counting *c)
{
	const struct timespec moment = { .tv_nsec = 20 * 1000 * 1000 };

	for (unsigned i = 0; atomic_load(&c->running) > 0; i++) {
		(void)nanosleep(&moment, NULL);
		if (i % 5 == 0)
			scim__race_progress(c->test, c->race,
			    atomic_load(&c->acknowledged), c->target);
	}
	scim__race_progress(c->test, c->race, c->target, c->target);
}

static void
run_counters(struct counting *c)
{
	struct counter counters[SCIM__RACERS] = { { 0 } };

	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		struct counter *me = &counters[i];

		me->counting = c;
		me->number = i;
		me->is_open = scim__client_open(&me->client, c->test);
		(void)atomic_fetch_add(&c->running, 1);
		me->is_running = me->is_open &&
		    pthread_create(&me->thread, NULL, run_counter, me) == 0;
		if (!me->is_running) {
			(void)atomic_fetch_sub(&c->running, 1);
			scim__race_evidence(
			    c->race, "no memory or threads for eight clients");
			break;
		}
	}
	watch(c);
	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		if (counters[i].is_running)
			(void)pthread_join(counters[i].thread, NULL);
		if (counters[i].is_open)
			scim__client_close(&counters[i].client);
	}
}

static void
compare(struct counting *c, struct scim__client *judge)
{
	char etag[SCIM__ETAG_MOST], text[64];
	struct scim__race *race = c->race;

	race->acknowledged = atomic_load(&c->acknowledged);
	race->conflicts = atomic_load(&c->conflicts);
	if (!scim__user_read(judge, race, &c->user, etag, text))
		return;
	int64_t stored = scim__cli_read_number(text, 0, INT64_MAX);
	race->stored = stored < 0 ? 0 : (uint64_t)stored;
	if (race->stored != race->acknowledged)
		scim__race_evidence(race,
		    "%" PRIu64 " updates were acknowledged, the number is %s",
		    race->acknowledged, text);
}

static void
count(struct counting *c, struct scim__client *judge)
{
	double start = scim__race_clock();

	scim__user_name(&c->user, c->test, "count", 0);
	if (!scim__user_create(judge, c->race, &c->user, "0"))
		return;
	run_counters(c);
	c->race->seconds = scim__race_clock() - start;
	compare(c, judge);
	scim__user_delete(judge, &c->user);
}

void
scim__race_count(const struct scim__selftest *test, struct scim__race *race)
{
	struct counting c = { .test = test, .race = race };
	struct scim__client judge;

	c.target =
	    test->rounds * COUNTS_PER_ROUND / SCIM__RACERS * SCIM__RACERS;
	if (c.target == 0)
		c.target = SCIM__RACERS;
	/* A server that writes and says 412 gets further than it admits. */
	c.most = 2 * c.target;
	race->is_count = true;
	(void)snprintf(race->title, sizeof(race->title),
	    "eight clients count to %" PRIu64, c.target);
	c.writers = calloc(c.most + 1, sizeof(*c.writers));
	if (c.writers == NULL || !scim__client_open(&judge, test)) {
		scim__race_evidence(race, "out of memory");
		free(c.writers);
		return;
	}
	count(&c, &judge);
	scim__client_close(&judge);
	free(c.writers);
}
