/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight writers hold one ETag and write at once, each a value of its own:
 * one of them wins, the others get 412, and what is there afterwards is what
 * the winner wrote.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/selftest.h"

struct stale {
	struct scim__racer_user user;
	uint64_t round;
	char etag[SCIM__ETAG_MOST];
	char values[SCIM__RACERS][64];
};

static bool
prepare(struct scim__rounds *rounds, uint64_t round)
{
	struct stale *s = rounds->context;
	char value[64];

	for (unsigned i = 0; i < SCIM__RACERS; i++)
		(void)snprintf(s->values[i], sizeof(s->values[i]),
		    "%" PRIu64 " by %u", round + 1, i + 1);
	/* the judge of the round before has read the ETag */
	return round > 0 ||
	    scim__user_read(
		&rounds->client, rounds->race, &s->user, s->etag, value);
}

static long
act(struct scim__rounds *rounds, struct scim__client *client, unsigned racer)
{
	struct stale *s = rounds->context;
	long status =
	    scim__user_replace(client, &s->user, s->values[racer], s->etag);

	if (status != 412 && (status < 200 || status > 299))
		scim__client_complain(
		    client, rounds->race, "replacing the user");
	return status;
}

static bool
judge(struct scim__rounds *rounds, uint64_t round)
{
	struct stale *s = rounds->context;
	struct scim__race *race = rounds->race;
	unsigned winners = 0, last = 0;
	bool is_kept = false;
	char held[SCIM__ETAG_MOST], value[64];

	memcpy(held, s->etag, sizeof(held));
	if (!scim__user_read(&rounds->client, race, &s->user, s->etag, value))
		return false;
	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		if (rounds->statuses[i] == 412) {
			race->conflicts++;
			continue;
		}
		if (rounds->statuses[i] < 200 || rounds->statuses[i] > 299)
			continue;
		last = i;
		winners++;
		is_kept = is_kept || strcmp(value, s->values[i]) == 0;
	}
	race->acknowledged += winners;
	race->stored += is_kept;
	race->winners[winners]++;
	if (winners != 1)
		scim__race_evidence(race,
		    "round %" PRIu64 ": %u of eight writers that held ETag %s"
		    " were told that they won; \"%s\" is left",
		    round + 1, winners, held, value);
	else if (!is_kept)
		scim__race_evidence(race,
		    "round %" PRIu64 ": writer %u won, and \"%s\" is there",
		    round + 1, last + 1, value);
	/* After a loss it goes on, to tell how many there are. */
	return true;
}

void
scim__race_stale(const struct scim__selftest *test, struct scim__race *race)
{
	struct stale s = { .round = 0 };
	struct scim__rounds rounds = {
		.test = test,
		.race = race,
		.racers = SCIM__RACERS,
		.count = test->rounds,
		.prepare = prepare,
		.act = act,
		.judge = judge,
		.context = &s,
	};

	(void)snprintf(race->title, sizeof(race->title),
	    "%" PRIu64 " rounds of eight on one ETag", rounds.count);
	if (!scim__client_open(&rounds.client, test)) {
		scim__race_evidence(race, "out of memory");
		return;
	}
	double start = scim__race_clock();
	scim__user_name(&s.user, test, "stale", 0);
	if (scim__user_create(&rounds.client, race, &s.user, "0"))
		scim__rounds_run(&rounds);
	race->seconds = scim__race_clock() - start;
	scim__user_delete(&rounds.client, &s.user);
	scim__client_close(&rounds.client);
}
