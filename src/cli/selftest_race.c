/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every race does beside racing: note the first thing that went wrong,
 * show how far it is, and run rounds.
 *
 * In a round all racers set off at once and are waited for; between rounds
 * only the judge runs, so that what it reads is what the round left.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "cli/selftest.h"

void
scim__race_init(struct scim__race *race)
{
	*race = (struct scim__race){ .acknowledged = 0 };
	(void)pthread_mutex_init(&race->lock, NULL);
}

void
scim__race_evidence(struct scim__race *race, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)pthread_mutex_lock(&race->lock);
	if (race->evidence[0] == '\0')
		(void)vsnprintf(
		    race->evidence, sizeof(race->evidence), fmt, args);
	(void)pthread_mutex_unlock(&race->lock);
	va_end(args);
}

bool
scim__race_has_evidence(struct scim__race *race)
{
	(void)pthread_mutex_lock(&race->lock);
	bool has = race->evidence[0] != '\0';
	(void)pthread_mutex_unlock(&race->lock);
	return has;
}

double
scim__race_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* splitmix64 */
uint64_t
scim__race_random(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15;
	uint64_t z = *state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void
scim__race_progress(const struct scim__selftest *test,
    const struct scim__race *race, uint64_t done, uint64_t of)
{
	if (!test->shows_progress)
		return;
	(void)fprintf(stderr, "\r%s: %llu of %llu\033[K", race->title,
	    (unsigned long long)done, (unsigned long long)of);
	if (done >= of)
		(void)fputs("\r\033[K", stderr);
}

struct racer {
	struct field *field;
	unsigned number;
	pthread_t thread;
	struct scim__client client;
	bool is_open, is_running;
};

struct field {
	struct scim__rounds *rounds;
	pthread_mutex_t lock; /* guards the next three */
	uint64_t round;       /* 0: none yet */
	unsigned running;     /* racers in this round */
	bool is_over;
	pthread_cond_t go, done;
	struct racer racers[SCIM__RACERS_MOST];
};

/* Now and then one is late by a little, or all would race in one way only. */
static void
be_late(uint64_t *random)
{
	uint64_t n = scim__race_random(random);
	const struct timespec moment = { .tv_nsec = (long)(n >> 8) % 200000 };

	if (n % 4 == 0)
		(void)nanosleep(&moment, NULL);
}

/* Waits for a round later than `*round`; false: there is none. */
static bool
wait_for_round(struct field *field, uint64_t *round)
{
	(void)pthread_mutex_lock(&field->lock);
	while (field->round == *round && !field->is_over)
		(void)pthread_cond_wait(&field->go, &field->lock);
	*round = field->round;
	bool is_on = !field->is_over;
	(void)pthread_mutex_unlock(&field->lock);
	return is_on;
}

static void
say_done(struct field *field)
{
	(void)pthread_mutex_lock(&field->lock);
	field->running--;
	if (field->running == 0)
		(void)pthread_cond_signal(&field->done);
	(void)pthread_mutex_unlock(&field->lock);
}

static void *
run_racer(void *argument)
{
	struct racer *racer = argument;
	struct scim__rounds *rounds = racer->field->rounds;
	uint64_t random = rounds->test->seed + racer->number;
	uint64_t round = 0;

	while (wait_for_round(racer->field, &round)) {
		be_late(&random);
		rounds->statuses[racer->number] =
		    rounds->act(rounds, &racer->client, racer->number);
		say_done(racer->field);
	}
	return NULL;
}

static void
run_round(struct field *field)
{
	(void)pthread_mutex_lock(&field->lock);
	field->round++;
	field->running = field->rounds->racers;
	(void)pthread_cond_broadcast(&field->go);
	while (field->running > 0)
		(void)pthread_cond_wait(&field->done, &field->lock);
	(void)pthread_mutex_unlock(&field->lock);
}

static void
run_rounds(struct field *field)
{
	struct scim__rounds *rounds = field->rounds;
	double shown = 0;

	for (uint64_t n = 0; n < rounds->count; n++) {
		if (atomic_load(&rounds->test->stop) ||
		    !rounds->prepare(rounds, n))
			return;
		run_round(field);
		rounds->race->rounds++;
		if (!rounds->judge(rounds, n))
			return;
		if (scim__race_clock() > shown + 0.1 ||
		    n + 1 == rounds->count) {
			shown = scim__race_clock();
			scim__race_progress(
			    rounds->test, rounds->race, n + 1, rounds->count);
		}
	}
}

static bool
start_racers(struct field *field)
{
	for (unsigned i = 0; i < field->rounds->racers; i++) {
		struct racer *r = &field->racers[i];

		r->field = field;
		r->number = i;
		r->is_open = scim__client_open(&r->client, field->rounds->test);
		r->is_running = r->is_open &&
		    pthread_create(&r->thread, NULL, run_racer, r) == 0;
		if (!r->is_running)
			return false;
	}
	return true;
}

static void
end_racers(struct field *field)
{
	(void)pthread_mutex_lock(&field->lock);
	field->is_over = true;
	(void)pthread_cond_broadcast(&field->go);
	(void)pthread_mutex_unlock(&field->lock);
	for (unsigned i = 0; i < field->rounds->racers; i++) {
		struct racer *r = &field->racers[i];

		if (r->is_running)
			(void)pthread_join(r->thread, NULL);
		if (r->is_open)
			scim__client_close(&r->client);
	}
}

void
scim__rounds_run(struct scim__rounds *rounds)
{
	struct field field = { .rounds = rounds };

	(void)pthread_mutex_init(&field.lock, NULL);
	(void)pthread_cond_init(&field.go, NULL);
	(void)pthread_cond_init(&field.done, NULL);
	if (start_racers(&field))
		run_rounds(&field);
	else
		scim__race_evidence(rounds->race,
		    "no memory or threads for %u clients", rounds->racers);
	end_racers(&field);
	(void)pthread_cond_destroy(&field.go);
	(void)pthread_cond_destroy(&field.done);
	(void)pthread_mutex_destroy(&field.lock);
}
