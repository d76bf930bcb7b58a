/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hundred clients read one user, wait until all have, and each sends an
 * e-mail address of its own together with the version that it has read.  Who
 * merges needs those two calls each, and every address is there afterwards.
 *
 * Only scimd is known to take such messages; another server refuses the dry
 * run that is sent first.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/selftest.h"
#include "json/json.h"

#define MEDIA "application/vnd.scimd.merge+json"
#define MESSAGE "urn:scimd:params:scim:api:messages:2.0:Merge"

enum { ROUNDS_PER_MERGE = 200 };

struct merging {
	struct scim__racer_user user;
	uint64_t round;
	pthread_barrier_t all_have_read;
};

static scim_str
address_of(const struct merging *m, scim_arena *arena, unsigned racer)
{
	return scim__str_format(
	    arena, "merger-%u-%" PRIu64 "@example.com", racer, m->round);
}

static long
send_merge(struct scim__client *client, const struct merging *m,
    const char *etag, const char *rest)
{
	scim__buf b;

	scim__buf_init(&b, client->arena, 16 << 10);
	scim__buf_add_z(&b, "{\"schemas\":[\"" MESSAGE "\"],\"base\":");
	scim__json_write_string(&b, scim__str(etag));
	scim__buf_add_z(&b, rest);
	if (scim__buf_failed(&b))
		return 0;
	scim__client_send(client,
	    &(struct scim__ask){ .method = "PATCH",
		.collection = "/Users",
		.id = m->user.id,
		.body = scim__buf_str(&b),
		.media = MEDIA });
	return client->status;
}

static bool
is_offered(struct scim__rounds *rounds)
{
	const struct merging *m = rounds->context;
	struct scim__client *client = &rounds->client;
	char etag[SCIM__ETAG_MOST], text[64];

	if (!scim__user_read(client, rounds->race, &m->user, etag, text))
		return false;
	long status = send_merge(client, m, etag,
	    ",\"dryRun\":true,\"Operations\":[{\"op\":\"replace\","
	    "\"path\":\"nickName\",\"value\":\"dry\"}]}");
	const scim__value *schemas =
	    scim__object_find(&client->body, SCIM_STR("schemas"));
	return status == 200 && schemas != NULL &&
	    schemas->kind == SCIM__ARRAY && schemas->array.items != NULL &&
	    schemas->count == 1 &&
	    scim__str_equal(schemas->array.items[0].string, SCIM_STR(MESSAGE));
}

/* Each round has a user of its own. */
static bool
prepare(struct scim__rounds *rounds, uint64_t round)
{
	struct merging *m = rounds->context;

	scim__user_delete(&rounds->client, &m->user);
	m->round = round;
	scim__user_name(&m->user, rounds->test, "merge", round);
	return scim__user_create(&rounds->client, rounds->race, &m->user, "0");
}

static long
act(struct scim__rounds *rounds, struct scim__client *client, unsigned racer)
{
	struct merging *m = rounds->context;
	char etag[SCIM__ETAG_MOST], text[64];
	bool has_read =
	    scim__user_read(client, rounds->race, &m->user, etag, text);

	(void)pthread_barrier_wait(&m->all_have_read);
	scim_arena_reset(client->arena);
	scim_str rest = scim__str_format(client->arena,
	    ",\"Operations\":[{\"op\":\"add\",\"path\":\"emails\",\"value\":"
	    "[{\"value\":\"%s\",\"type\":\"other\"}]}]}",
	    address_of(m, client->arena, racer).ptr);
	if (!has_read || rest.ptr == NULL)
		return 0;
	long status = send_merge(client, m, etag, rest.ptr);
	if (status != 200)
		scim__client_complain(client, rounds->race, "merging");
	return status;
}

static bool
is_there(const scim__value *emails, scim_str address)
{
	for (uint32_t i = 0;
	     emails != NULL && emails->kind == SCIM__ARRAY && i < emails->count;
	     i++)
		if (scim__str_equal(
			scim__object_get_string(
			    &emails->array.items[i], SCIM_STR("value")),
			address))
			return true;
	return false;
}

static bool
judge(struct scim__rounds *rounds, uint64_t round)
{
	const struct merging *m = rounds->context;
	struct scim__client *client = &rounds->client;
	struct scim__race *race = rounds->race;
	unsigned merged = 0, kept = 0;
	char etag[SCIM__ETAG_MOST], text[64];

	if (!scim__user_read(client, race, &m->user, etag, text))
		return false;
	const scim__value *emails =
	    scim__object_find(&client->body, SCIM_STR("emails"));
	for (unsigned i = 0; i < rounds->racers; i++) {
		race->conflicts +=
		    rounds->statuses[i] == 409 || rounds->statuses[i] == 412;
		if (rounds->statuses[i] != 200)
			continue;
		merged++;
		kept += is_there(emails, address_of(m, client->arena, i));
	}
	race->acknowledged += merged;
	race->stored += kept;
	race->winners[merged]++;
	if (kept != merged)
		scim__race_evidence(race,
		    "round %" PRIu64 ": %u of %u were told that their address "
		    "was merged; %u of them are there",
		    round + 1, merged, rounds->racers, kept);
	return true;
}

void
scim__race_merge(const struct scim__selftest *test, struct scim__race *race)
{
	struct merging m = { .round = 0 };
	struct scim__rounds rounds = {
		.test = test,
		.race = race,
		.racers = SCIM__RACERS_MOST,
		.count =
		    (test->rounds + ROUNDS_PER_MERGE - 1) / ROUNDS_PER_MERGE,
		.prepare = prepare,
		.act = act,
		.judge = judge,
		.context = &m,
	};

	(void)snprintf(race->title, sizeof(race->title),
	    "%" PRIu64 " rounds of %u merges", rounds.count, rounds.racers);
	if (!scim__client_open(&rounds.client, test)) {
		scim__race_evidence(race, "out of memory");
		return;
	}
	(void)pthread_barrier_init(&m.all_have_read, NULL, rounds.racers);
	double start = scim__race_clock();
	bool is_made = prepare(&rounds, 0);
	if (is_made && is_offered(&rounds))
		scim__rounds_run(&rounds);
	else if (is_made)
		(void)snprintf(
		    race->title, sizeof(race->title), "merge: not offered");
	race->seconds = scim__race_clock() - start;
	scim__user_delete(&rounds.client, &m.user);
	(void)pthread_barrier_destroy(&m.all_have_read);
	scim__client_close(&rounds.client);
}
