/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight clients each send a bulk request of three operations: two on a user of
 * their own, and between them one on a user of all, with the version that all
 * of them hold.  One wins that; for the others this operation fails, alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/selftest.h"
#include "json/json.h"

enum { ROUNDS_PER_BULK = 10, OPERATIONS = 3 };

struct bulk {
	struct scim__racer_user all, own[SCIM__RACERS];
	char etag[SCIM__ETAG_MOST];
	char values[SCIM__RACERS][64];
};

static bool
prepare(struct scim__rounds *rounds, uint64_t round)
{
	struct bulk *b = rounds->context;
	char value[64];

	for (unsigned i = 0; i < SCIM__RACERS; i++)
		(void)snprintf(b->values[i], sizeof(b->values[i]),
		    "%" PRIu64 " by %u", round + 1, i + 1);
	return round > 0 ||
	    scim__user_read(
		&rounds->client, rounds->race, &b->all, b->etag, value);
}

static void
add_replace(scim__buf *buf, struct scim__client *client,
    const struct scim__racer_user *user, const char *value, const char *etag)
{
	scim__buf_add_z(buf, "{\"method\":\"PUT\",\"path\":");
	scim__json_write_string(
	    buf, scim__str_format(client->arena, "/Users/%s", user->id));
	if (etag != NULL) {
		scim__buf_add_z(buf, ",\"version\":");
		scim__json_write_string(buf, scim__str(etag));
	}
	scim__buf_add_z(buf, ",\"data\":");
	scim__buf_add(buf, scim__user_body(client, user, value));
	scim__buf_add_char(buf, '}');
}

static scim_str
make_body(struct bulk *b, struct scim__client *client, unsigned racer)
{
	const struct scim__racer_user *own = &b->own[racer];
	scim__buf buf;

	scim__buf_init(&buf, client->arena, 64 << 10);
	scim__buf_add_z(&buf,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "BulkRequest\"],\"Operations\":[");
	add_replace(&buf, client, own, "first", NULL);
	scim__buf_add_char(&buf, ',');
	add_replace(&buf, client, &b->all, b->values[racer], b->etag);
	scim__buf_add_char(&buf, ',');
	add_replace(&buf, client, own, b->values[racer], NULL);
	scim__buf_add_z(&buf, "]}");
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}

/* The status of one result, 0 for none. */
static long
status_of(const scim__value *results, uint32_t i)
{
	if (results == NULL || results->kind != SCIM__ARRAY ||
	    i >= results->count)
		return 0;
	scim_str text = scim__object_get_string(
	    &results->array.items[i], SCIM_STR("status"));
	long status = 0;

	for (size_t k = 0; k < text.len && k < 3; k++)
		status = status * 10 + (text.ptr[k] - '0');
	return status;
}

/* The status of the operation that is raced for. */
static long
act(struct scim__rounds *rounds, struct scim__client *client, unsigned racer)
{
	struct bulk *b = rounds->context;

	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "POST",
		.collection = "/Bulk",
		.body = make_body(b, client, racer) });
	const scim__value *results =
	    scim__object_find(&client->body, SCIM_STR("Operations"));
	if (client->status != 200) {
		scim__client_complain(
		    client, rounds->race, "sending a bulk request");
		return client->status;
	}
	for (uint32_t i = 0; i < OPERATIONS; i += 2)
		if (status_of(results, i) != 200)
			scim__race_evidence(rounds->race,
			    "operation %u of a bulk request, which nothing "
			    "stands in the way of, has status %ld",
			    i + 1, status_of(results, i));
	return status_of(results, 1);
}

static bool
judge_own(struct scim__rounds *rounds)
{
	struct bulk *b = rounds->context;
	char etag[SCIM__ETAG_MOST], value[64];

	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		if (!scim__user_read(
			&rounds->client, rounds->race, &b->own[i], etag, value))
			return false;
		if (strcmp(value, b->values[i]) != 0)
			scim__race_evidence(rounds->race,
			    "the last operation of a bulk request wrote "
			    "\"%s\", and \"%s\" is there",
			    b->values[i], value);
	}
	return true;
}

static bool
judge(struct scim__rounds *rounds, uint64_t round)
{
	struct bulk *b = rounds->context;
	struct scim__race *race = rounds->race;
	unsigned winners = 0;
	bool is_kept = false;
	char value[64];

	if (!scim__user_read(&rounds->client, race, &b->all, b->etag, value))
		return false;
	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		race->conflicts += rounds->statuses[i] == 412;
		if (rounds->statuses[i] != 200)
			continue;
		winners++;
		is_kept = is_kept || strcmp(value, b->values[i]) == 0;
	}
	race->acknowledged += winners;
	race->stored += is_kept;
	race->winners[winners]++;
	if (winners != 1 || !is_kept)
		scim__race_evidence(race,
		    "round %" PRIu64 ": %u of eight bulk operations with one "
		    "version were told that they won; \"%s\" is left",
		    round + 1, winners, value);
	return judge_own(rounds);
}

static void
run(struct scim__rounds *rounds)
{
	struct bulk *b = rounds->context;
	bool is_made = true;

	scim__user_name(&b->all, rounds->test, "bulk", SCIM__RACERS);
	for (unsigned i = 0; i < SCIM__RACERS; i++)
		scim__user_name(&b->own[i], rounds->test, "bulk", i);
	is_made =
	    scim__user_create(&rounds->client, rounds->race, &b->all, "0");
	for (unsigned i = 0; is_made && i < SCIM__RACERS; i++)
		is_made = scim__user_create(
		    &rounds->client, rounds->race, &b->own[i], "0");
	if (is_made)
		scim__rounds_run(rounds);
	scim__user_delete(&rounds->client, &b->all);
	for (unsigned i = 0; i < SCIM__RACERS; i++)
		scim__user_delete(&rounds->client, &b->own[i]);
}

void
scim__race_bulk(const struct scim__selftest *test, struct scim__race *race)
{
	struct bulk b = { .etag = "" };
	struct scim__rounds rounds = {
		.test = test,
		.race = race,
		.racers = SCIM__RACERS,
		.count = (test->rounds + ROUNDS_PER_BULK - 1) / ROUNDS_PER_BULK,
		.prepare = prepare,
		.act = act,
		.judge = judge,
		.context = &b,
	};

	(void)snprintf(race->title, sizeof(race->title),
	    "%" PRIu64 " rounds of eight in bulk", rounds.count);
	if (!scim__client_open(&rounds.client, test)) {
		scim__race_evidence(race, "out of memory");
		return;
	}
	double start = scim__race_clock();
	if (scim__client_offers(&rounds.client, "bulk"))
		run(&rounds);
	else
		(void)snprintf(
		    race->title, sizeof(race->title), "bulk: not offered");
	race->seconds = scim__race_clock() - start;
	scim__client_close(&rounds.client);
}
