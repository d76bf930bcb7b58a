/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight clients patch one resource at once, each with something of its own,
 * and all eight must be there afterwards: members of a group without any
 * condition, since to add one commutes; e-mail addresses of a user on the ETag
 * that was read, and again when it was stale.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/selftest.h"
#include "json/json.h"

enum { ROUNDS_PER_PATCH = 10, TRIES_MOST = 10000 };

struct patching {
	struct scim__racer_user target; /* the group, or the user */
	struct scim__racer_user members[SCIM__RACERS];
	uint64_t round;
	bool is_group;
};

static const char *
collection(const struct patching *p)
{
	return p->is_group ? "/Groups" : "/Users";
}

static scim_str
value_of(const struct patching *p, scim_arena *arena, unsigned racer)
{
	if (p->is_group)
		return scim__str(p->members[racer].id);
	return scim__str_format(
	    arena, "racer-%u-%" PRIu64 "@example.com", racer, p->round);
}

static bool
create_group(struct scim__rounds *rounds)
{
	struct patching *p = rounds->context;
	struct scim__client *client = &rounds->client;

	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "POST",
		.collection = "/Groups",
		.body = scim__str_format(client->arena,
		    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
		    "Group\"],\"displayName\":\"%s\"}",
		    p->target.name) });
	scim_str id = scim__object_get_string(&client->body, SCIM_STR("id"));
	if (client->status != 201 || id.len == 0 ||
	    id.len >= sizeof(p->target.id)) {
		scim__client_complain(client, rounds->race, "creating a group");
		return false;
	}
	memcpy(p->target.id, id.ptr, id.len);
	p->target.id[id.len] = '\0';
	return true;
}

static void
delete_target(struct scim__rounds *rounds)
{
	struct patching *p = rounds->context;

	if (p->target.id[0] == '\0')
		return;
	scim_arena_reset(rounds->client.arena);
	scim__client_send(&rounds->client,
	    &(struct scim__ask){ .method = "DELETE",
		.collection = collection(p),
		.id = p->target.id,
		.if_match = "*" });
	p->target.id[0] = '\0';
}

/* Each round has a target of its own. */
static bool
prepare(struct scim__rounds *rounds, uint64_t round)
{
	struct patching *p = rounds->context;

	delete_target(rounds);
	p->round = round;
	scim__user_name(
	    &p->target, rounds->test, p->is_group ? "team" : "patch", round);
	return p->is_group
	    ? create_group(rounds)
	    : scim__user_create(&rounds->client, rounds->race, &p->target, "0");
}

static long
patch_once(struct patching *p, struct scim__client *client, unsigned racer,
    const char *etag)
{
	scim__buf b;
	scim_str value = value_of(p, client->arena, racer);

	scim__buf_init(&b, client->arena, 16 << 10);
	scim__buf_printf(&b,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],"
	    "\"Operations\":[{\"op\":\"add\",\"path\":\"%s\",\"value\":[{"
	    "\"value\":",
	    p->is_group ? "members" : "emails");
	scim__json_write_string(&b, value);
	scim__buf_add_z(&b, p->is_group ? "}]}]}" : ",\"type\":\"other\"}]}]}");
	if (scim__buf_failed(&b))
		return 0;
	scim__client_send(client,
	    &(struct scim__ask){ .method = "PATCH",
		.collection = collection(p),
		.id = p->target.id,
		.body = scim__buf_str(&b),
		.if_match = etag });
	return client->status;
}

static void
note_conflict(struct scim__race *race)
{
	(void)pthread_mutex_lock(&race->lock);
	race->conflicts++;
	(void)pthread_mutex_unlock(&race->lock);
}

static long
act(struct scim__rounds *rounds, struct scim__client *client, unsigned racer)
{
	struct patching *p = rounds->context;
	char etag[SCIM__ETAG_MOST], text[64];
	long status = 412;

	for (int i = 0; status == 412 && i < TRIES_MOST; i++) {
		scim_arena_reset(client->arena);
		if (!p->is_group &&
		    !scim__user_read(
			client, rounds->race, &p->target, etag, text))
			return 0;
		status =
		    patch_once(p, client, racer, p->is_group ? NULL : etag);
		if (status == 412)
			note_conflict(rounds->race);
	}
	if (status < 200 || status > 299)
		scim__client_complain(client, rounds->race, "patching");
	return status;
}

static bool
is_among(const scim__value *list, scim_str value)
{
	for (uint32_t i = 0;
	     list != NULL && list->kind == SCIM__ARRAY && i < list->count; i++)
		if (scim__str_equal(
			scim__object_get_string(
			    &list->array.items[i], SCIM_STR("value")),
			value))
			return true;
	return false;
}

static bool
judge(struct scim__rounds *rounds, uint64_t round)
{
	struct patching *p = rounds->context;
	struct scim__client *client = &rounds->client;
	struct scim__race *race = rounds->race;
	unsigned winners = 0, kept = 0;

	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "GET",
		.collection = collection(p),
		.id = p->target.id });
	if (client->status != 200) {
		scim__client_complain(client, race, "reading what was patched");
		return false;
	}
	const scim__value *list = scim__object_find(&client->body,
	    p->is_group ? SCIM_STR("members") : SCIM_STR("emails"));
	for (unsigned i = 0; i < SCIM__RACERS; i++) {
		if (rounds->statuses[i] < 200 || rounds->statuses[i] > 299)
			continue;
		winners++;
		kept += is_among(list, value_of(p, client->arena, i));
	}
	race->acknowledged += winners;
	race->stored += kept;
	race->winners[winners]++;
	if (kept != winners)
		scim__race_evidence(race,
		    "round %" PRIu64 ": %u of eight were told that what they "
		    "added is there; %u of it is",
		    round + 1, winners, kept);
	return true;
}

static bool
create_members(struct scim__rounds *rounds)
{
	struct patching *p = rounds->context;
	bool is_made = true;

	for (unsigned i = 0; is_made && p->is_group && i < SCIM__RACERS; i++) {
		scim__user_name(&p->members[i], rounds->test, "member", i);
		is_made = scim__user_create(
		    &rounds->client, rounds->race, &p->members[i], "0");
	}
	return is_made;
}

static void
run(const struct scim__selftest *test, struct scim__race *race, bool is_group)
{
	struct patching p = { .is_group = is_group };
	struct scim__rounds rounds = {
		.test = test,
		.race = race,
		.racers = SCIM__RACERS,
		.count =
		    (test->rounds + ROUNDS_PER_PATCH - 1) / ROUNDS_PER_PATCH,
		.prepare = prepare,
		.act = act,
		.judge = judge,
		.context = &p,
	};

	(void)snprintf(race->title, sizeof(race->title),
	    "%" PRIu64 " rounds of eight %s", rounds.count,
	    is_group ? "members added" : "emails added");
	if (!scim__client_open(&rounds.client, test)) {
		scim__race_evidence(race, "out of memory");
		return;
	}
	double start = scim__race_clock();
	if (!scim__client_offers(&rounds.client, "patch"))
		(void)snprintf(
		    race->title, sizeof(race->title), "patch: not offered");
	else if (create_members(&rounds))
		scim__rounds_run(&rounds);
	race->seconds = scim__race_clock() - start;
	delete_target(&rounds);
	for (unsigned i = 0; i < SCIM__RACERS; i++)
		scim__user_delete(&rounds.client, &p.members[i]);
	scim__client_close(&rounds.client);
}

void
scim__race_members(const struct scim__selftest *test, struct scim__race *race)
{
	run(test, race, true);
}

void
scim__race_emails(const struct scim__selftest *test, struct scim__race *race)
{
	run(test, race, false);
}
