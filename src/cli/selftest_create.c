/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight clients create the same userName at once: one gets 201, the others
 * 409, and one user of that name is there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/selftest.h"

enum { ROUNDS_PER_CREATE = 10 };

struct creating {
	struct scim__racer_user users[SCIM__RACERS];
};

static bool
prepare(struct scim__rounds *rounds, uint64_t round)
{
	struct creating *c = rounds->context;

	for (unsigned i = 0; i < SCIM__RACERS; i++)
		scim__user_name(&c->users[i], rounds->test, "create", round);
	return true;
}

static long
act(struct scim__rounds *rounds, struct scim__client *client, unsigned racer)
{
	struct creating *c = rounds->context;
	struct scim__racer_user *user = &c->users[racer];

	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "POST",
		.collection = "/Users",
		.body = scim__user_body(client, user, "0") });
	scim_str id = scim__object_get_string(&client->body, SCIM_STR("id"));
	if (client->status == 201 && id.len > 0 && id.len < sizeof(user->id)) {
		memcpy(user->id, id.ptr, id.len);
		user->id[id.len] = '\0';
	} else if (client->status != 409) {
		scim__client_complain(client, rounds->race, "creating a user");
	}
	return client->status;
}

/* How many users the server finds by the name; -1 where it has no filter. */
static int64_t
count_of_name(struct scim__client *client, const char *name)
{
	scim_arena_reset(client->arena);
	/* the names hold nothing but letters, digits, '-', '.' and '@' */
	scim_str query = scim__str_format(
	    client->arena, "filter=userName%%20eq%%20%%22%s%%22&count=2", name);
	if (query.ptr == NULL)
		return -1;
	scim__client_send(client,
	    &(struct scim__ask){
		.method = "GET", .collection = "/Users", .query = query.ptr });
	const scim__value *total =
	    scim__object_find(&client->body, SCIM_STR("totalResults"));
	return client->status == 200 && total != NULL &&
		total->kind == SCIM__INTEGER
	    ? total->integer
	    : -1;
}

static bool
judge(struct scim__rounds *rounds, uint64_t round)
{
	struct creating *c = rounds->context;
	struct scim__race *race = rounds->race;
	unsigned winners = 0;
	int64_t there = count_of_name(&rounds->client, c->users[0].name);

	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		race->conflicts += rounds->statuses[i] == 409;
		winners += rounds->statuses[i] == 201;
		scim__user_delete(&rounds->client, &c->users[i]);
	}
	race->acknowledged += winners;
	race->stored += there < 0 ? winners : (uint64_t)there;
	race->winners[winners]++;
	if (winners != 1 || (there >= 0 && there != 1))
		scim__race_evidence(race,
		    "round %" PRIu64 ": %u of eight were told that they"
		    " created \"%s\"; %" PRId64 " are found by that name",
		    round + 1, winners, c->users[0].name, there);
	return true;
}

void
scim__race_create(const struct scim__selftest *test, struct scim__race *race)
{
	struct creating c = { .users = { { .name = "" } } };
	struct scim__rounds rounds = {
		.test = test,
		.race = race,
		.racers = SCIM__RACERS,
		.count = test->rounds / ROUNDS_PER_CREATE,
		.prepare = prepare,
		.act = act,
		.judge = judge,
		.context = &c,
	};

	if (rounds.count == 0)
		rounds.count = 1;
	(void)snprintf(race->title, sizeof(race->title),
	    "%" PRIu64 " rounds of eight on one name", rounds.count);
	if (!scim__client_open(&rounds.client, test)) {
		scim__race_evidence(race, "out of memory");
		return;
	}
	double start = scim__race_clock();
	scim__rounds_run(&rounds);
	race->seconds = scim__race_clock() - start;
	scim__client_close(&rounds.client);
}
