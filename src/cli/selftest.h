/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_CLI_SELFTEST_H
#define SCIM_CLI_SELFTEST_H

/*
 * What the races of `scimd selftest race` share: the test, a client of it,
 * and what a race found.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "json/value.h"

enum {
	SCIM__RACERS = 8,
	SCIM__RACERS_MOST = 100, /* of those who merge */
	SCIM__ETAG_MOST = 512,
	SCIM__ID_MOST = 256
};

struct scim__selftest {
	const char *base;  /* URL without a slash at its end */
	const char *token; /* may be NULL */
	uint64_t rounds;
	uint64_t seed;
	bool shows_progress;
	atomic_bool stop; /* interrupted: clean up and end */
};

struct scim__race {
	char title[64];
	uint64_t acknowledged; /* what the server said it had done */
	uint64_t stored;       /* what was there afterwards */
	uint64_t conflicts;    /* refusals, as they should be */
	uint64_t rounds;
	uint64_t winners[SCIM__RACERS_MOST + 1]; /* rounds with so many */
	double seconds;
	bool is_count;        /* without rounds */
	pthread_mutex_t lock; /* guards evidence */
	char evidence[768];   /* what went wrong first; empty for nothing */
};

void scim__race_init(struct scim__race *race);

/* Keeps the first of them. */
SCIM_PRINTF(2, 3)
void scim__race_evidence(struct scim__race *race, const char *fmt, ...);
bool scim__race_has_evidence(struct scim__race *race);

/* Rewrites the line of progress. */
void scim__race_progress(const struct scim__selftest *test,
    const struct scim__race *race, uint64_t done, uint64_t of);

/* Seconds on a clock that only goes forward. */
double scim__race_clock(void);

/* The next of a series of numbers without an order; starts anywhere. */
uint64_t scim__race_random(uint64_t *state);

/* One connection.  Belongs to one thread. */
struct scim__client {
	const struct scim__selftest *test;
	void *easy; /* CURL */
	scim_arena *arena;
	char *text; /* body of the answer */
	size_t len, capacity;
	/* the answer */
	long status; /* 0: none came */
	char etag[SCIM__ETAG_MOST];
	char trouble[256]; /* why none came */
	scim__value body;  /* null if it was no JSON */
};

bool scim__client_open(
    struct scim__client *client, const struct scim__selftest *test);
void scim__client_close(struct scim__client *client);

struct scim__ask {
	const char *method;
	const char *collection; /* "/Users" */
	const char *id;         /* NULL: of the collection */
	const char *query;      /* "filter=…", encoded; NULL for none */
	scim_str body;          /* empty for none */
	const char *media;      /* of the body; NULL: as SCIM has it */
	const char *if_match;   /* NULL for none */
};

/* Waits out 429 and 503; else the answer is in `client`. */
void scim__client_send(
    struct scim__client *client, const struct scim__ask *ask);

/* One sentence on an answer that should have been another. */
void scim__client_complain(const struct scim__client *client,
    struct scim__race *race, const char *doing);

/* Whether ServiceProviderConfig says so of "bulk", "patch". */
bool scim__client_offers(struct scim__client *client, const char *feature);

/* A user of the race: what identifies it, and the value that is raced for. */
struct scim__racer_user {
	char name[96];
	char id[SCIM__ID_MOST];
};

void scim__user_name(struct scim__racer_user *user,
    const struct scim__selftest *test, const char *race, uint64_t n);

/* The body that makes or replaces it, in the client's arena. */
scim_str scim__user_body(struct scim__client *client,
    const struct scim__racer_user *user, const char *value);

/* These say false when the answer was another than expected, and have told
 * the race.  read() takes the ETag, from the body when no header has it. */
bool scim__user_create(struct scim__client *client, struct scim__race *race,
    struct scim__racer_user *user, const char *value);
bool scim__user_read(struct scim__client *client, struct scim__race *race,
    const struct scim__racer_user *user, char etag[SCIM__ETAG_MOST],
    char value[64]);
void scim__user_delete(
    struct scim__client *client, const struct scim__racer_user *user);
/* The status of a conditional replacement. */
long scim__user_replace(struct scim__client *client,
    const struct scim__racer_user *user, const char *value, const char *etag);

/* Rounds in which all racers act at once, and a judge looks afterwards. */
struct scim__rounds {
	const struct scim__selftest *test;
	struct scim__race *race;
	uint64_t count;
	unsigned racers;
	/* false: end here.  The judge's client is its own. */
	bool (*prepare)(struct scim__rounds *rounds, uint64_t round);
	long (*act)(struct scim__rounds *rounds, struct scim__client *client,
	    unsigned racer);
	bool (*judge)(struct scim__rounds *rounds, uint64_t round);
	struct scim__client client;
	long statuses[SCIM__RACERS_MOST];
	void *context;
};

void scim__rounds_run(struct scim__rounds *rounds);

/* The races. */
void scim__race_count(
    const struct scim__selftest *test, struct scim__race *race);
void scim__race_stale(
    const struct scim__selftest *test, struct scim__race *race);
void scim__race_create(
    const struct scim__selftest *test, struct scim__race *race);
/* These find nothing where the server does not offer what they are about. */
void scim__race_members(
    const struct scim__selftest *test, struct scim__race *race);
void scim__race_emails(
    const struct scim__selftest *test, struct scim__race *race);
void scim__race_bulk(
    const struct scim__selftest *test, struct scim__race *race);
void scim__race_merge(
    const struct scim__selftest *test, struct scim__race *race);

#endif
