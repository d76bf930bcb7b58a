/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens when several change one resource.
 *
 * Each scene is a function of its own: the life of a version, a conditional
 * change that succeeds and one that does not, a conditional delete, two
 * writers at once, the four ways to go on after a conflict, and a bulk
 * request with a stale version in it.  docs/concurrency.md walks through it.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "scimd/handler.h"
#include "scimd/retry.h"

#define USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"
#define PATCH_URN "urn:ietf:params:scim:api:messages:2.0:PatchOp"
#define BULK_URN "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

#define USER(name, more)                            \
	SCIM_STR("{\"schemas\":[\"" USER_URN "\"]," \
		 "\"userName\":\"" name "\"" more "}")
#define SET(values)                                     \
	SCIM_STR("{\"schemas\":[\"" PATCH_URN "\"],"    \
		 "\"Operations\":[{\"op\":\"replace\"," \
		 "\"value\":{" values "}}]}")

struct host {
	scim_store *store;
	scim_registry *registry;
	scim_provider *provider;
	scim_settings settings;
	scim_context context;
};

static scim_status
host_open(struct host *host, scim_error *err)
{
	scim_status rc = scim_store_open_memory(NULL, &host->store, err);

	if (rc == SCIM_OK)
		rc = scim_registry_new(NULL, 0, &host->registry, err);
	if (rc == SCIM_OK)
		rc = scim_provider_new(host->store, NULL, &host->provider, err);
	if (rc != SCIM_OK)
		return rc;
	scim_settings_init(&host->settings);
	host->context.arena = scim_arena_new(NULL);
	host->context.tenant = SCIM_STR("default");
	host->context.registry = host->registry;
	host->context.settings = &host->settings;
	host->context.base_url = SCIM_STR("https://id.example.com/scim/v2");
	host->context.actor = SCIM_STR("etag_concurrency");
	host->context.via = SCIM_STR("c");
	return host->context.arena == NULL ? SCIM_ERR_NO_MEMORY : SCIM_OK;
}

static void
host_close(struct host *host)
{
	scim_arena_free(host->context.arena);
	scim_provider_free(host->provider);
	scim_registry_unref(host->registry);
	scim_store_close(host->store);
}

/* Calls that the scenes are made of. */

static scim_status
create(
    const struct host *host, scim_str json, scim_outcome *out, scim_error *err)
{
	static const scim_expect any = SCIM_EXPECT_ANY_INIT;

	return scim_provider_create(host->provider, &host->context,
	    SCIM_STR("User"), json, &any, out, err);
}

/* Changes what `json`, a PATCH, says, provided the user is at `version`;
 * NULL: whatever it is at. */
static scim_status
patch(const struct host *host, scim_str id, const scim_version *version,
    scim_str json, scim_outcome *out, scim_error *err)
{
	const scim_target user = { SCIM_STR("User"), id };
	const scim_expect expect = { version == NULL ? SCIM_EXPECT_ANY
						     : SCIM_EXPECT_VERSIONS,
		version, version == NULL ? 0 : 1, NULL };

	return scim_provider_patch(
	    host->provider, &host->context, &user, json, &expect, out, err);
}

/* Where `text` ends in `in`; NULL when it is not there.  What the library
 * hands out has a length, and no NUL behind it. */
static const char *
behind(scim_str in, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= in.len; i++)
		if (memcmp(in.ptr + i, text, len) == 0)
			return in.ptr + i + len;
	return NULL;
}

/* The value of a text attribute, between its quotes. */
static scim_str
value_of(scim_str json, const char *name)
{
	char key[40];
	scim_str value = { "", 0 };

	(void)snprintf(key, sizeof(key), "\"%s\":\"", name);
	const char *at = behind(json, key);
	if (at == NULL)
		return value;
	value.ptr = at;
	while (at + value.len < json.ptr + json.len && at[value.len] != '"')
		value.len++;
	return value;
}

static void
show(const struct host *host, scim_str id)
{
	static const scim_expect any = SCIM_EXPECT_ANY_INIT;
	const scim_target user = { SCIM_STR("User"), id };
	scim_outcome now;

	if (scim_provider_get(host->provider, &host->context, &user, &any, &now,
		NULL) != SCIM_OK ||
	    now.kind != SCIM_DONE)
		return;
	scim_str title = value_of(now.resource.json, "title");
	scim_str nick = value_of(now.resource.json, "nickName");
	printf("  now: title \"%.*s\", nickName \"%.*s\"\n", (int)title.len,
	    title.ptr, (int)nick.len, nick.ptr);
}

static void
tell(const char *who, const scim_outcome *outcome)
{
	static const char *const kinds[] = { "done", "mismatch", "absent",
		"not modified" };

	printf("  %s: %s\n", who,
	    outcome->kind == SCIM_DONE && !outcome->changed
		? "nothing to change"
		: kinds[outcome->kind]);
}

/* Scenes. */

/* A version names a state: the same state again has the same version. */
static scim_status
the_life_of_a_version(const struct host *host, scim_error *err)
{
	scim_outcome a, b, same, back;
	scim_status rc =
	    create(host, USER("alice", ",\"title\":\"Guide\""), &a, err);

	puts("a version names a state");
	if (rc == SCIM_OK)
		rc = patch(host, a.resource.id, NULL,
		    SET("\"title\":\"Chief\""), &b, err);
	if (rc == SCIM_OK)
		rc = patch(host, a.resource.id, NULL,
		    SET("\"title\":\"Chief\""), &same, err);
	if (rc == SCIM_OK)
		rc = patch(host, a.resource.id, NULL,
		    SET("\"title\":\"Guide\""), &back, err);
	if (rc != SCIM_OK)
		return rc;
	printf("  another state, another version: %s\n",
	    scim_version_equal(&a.resource.version, &b.resource.version)
		? "no"
		: "yes");
	tell("the same once more", &same);
	printf("  the first state again, the first version again: %s\n",
	    scim_version_equal(&a.resource.version, &back.resource.version)
		? "yes"
		: "no");
	return SCIM_OK;
}

static scim_status
a_change_that_knows_what_it_changes(const struct host *host, scim_error *err)
{
	scim_outcome made, first, second;
	scim_status rc =
	    create(host, USER("bob", ",\"title\":\"Guide\""), &made, err);

	puts("of two who hold one version, the second is told");
	if (rc == SCIM_OK)
		rc = patch(host, made.resource.id, &made.resource.version,
		    SET("\"title\":\"Chief\""), &first, err);
	if (rc == SCIM_OK)
		rc = patch(host, made.resource.id, &made.resource.version,
		    SET("\"nickName\":\"Bobby\""), &second, err);
	if (rc != SCIM_OK)
		return rc;
	tell("the first", &first);
	tell("the second", &second);
	printf("  \"%.*s\"\n", (int)second.conflict.message.len,
	    second.conflict.message.ptr);
	show(host, made.resource.id);
	return SCIM_OK;
}

static scim_status
a_delete_that_knows_what_it_deletes(const struct host *host, scim_error *err)
{
	scim_outcome made, changed, refused, gone, again;
	scim_status rc = create(host, USER("carol", ""), &made, err);

	puts("a delete is conditional as well");
	if (rc == SCIM_OK)
		rc = patch(host, made.resource.id, NULL,
		    SET("\"title\":\"Guide\""), &changed, err);
	if (rc != SCIM_OK)
		return rc;

	const scim_target user = { SCIM_STR("User"), made.resource.id };
	const scim_expect stale = { SCIM_EXPECT_VERSIONS,
		&made.resource.version, 1, NULL };
	const scim_expect current = { SCIM_EXPECT_VERSIONS,
		&changed.resource.version, 1, NULL };
	rc = scim_provider_delete(
	    host->provider, &host->context, &user, &stale, &refused, err);
	if (rc == SCIM_OK)
		rc = scim_provider_delete(host->provider, &host->context, &user,
		    &current, &gone, err);
	if (rc == SCIM_OK)
		rc = scim_provider_delete(host->provider, &host->context, &user,
		    &current, &again, err);
	if (rc != SCIM_OK)
		return rc;
	tell("with the version of before", &refused);
	tell("with the version of now", &gone);
	tell("once more", &again);
	return SCIM_OK;
}

/* Two threads, one version, for real and many times. */

#define ROUNDS 200

struct writer {
	const struct host *host;
	scim_context context; /* the host's, with an arena of its own */
	scim_target user;
	scim_version version;
	scim_str json;
	scim_outcome_kind kind;
	scim_status status;
};

static void *
write_in_a_thread(void *argument)
{
	struct writer *w = argument;
	const scim_expect expect = { SCIM_EXPECT_VERSIONS, &w->version, 1,
		NULL };
	scim_outcome outcome;

	w->status = scim_provider_patch(w->host->provider, &w->context,
	    &w->user, w->json, &expect, &outcome, NULL);
	w->kind = outcome.kind;
	return NULL;
}

/* Both try to write; `*out_winners` of them did. */
static scim_status
race_once(struct writer writers[2], int *out_winners)
{
	pthread_t other;

	*out_winners = 0;
	if (pthread_create(&other, NULL, write_in_a_thread, &writers[1]) != 0)
		return SCIM_ERR_NO_MEMORY;
	(void)write_in_a_thread(&writers[0]);
	(void)pthread_join(other, NULL);
	for (int i = 0; i < 2; i++) {
		if (writers[i].status != SCIM_OK)
			return writers[i].status;
		*out_winners += writers[i].kind == SCIM_DONE;
	}
	return SCIM_OK;
}

static scim_status
run_rounds(const struct host *host, struct writer writers[2], scim_str id,
    int *out_one_winner, scim_error *err)
{
	static const char *const states[] = { "even", "odd" };
	scim_status rc = SCIM_OK;

	for (int round = 0; rc == SCIM_OK && round < ROUNDS; round++) {
		scim_outcome now;
		int winners;
		char reset[200];

		(void)snprintf(reset, sizeof(reset),
		    "{\"schemas\":[\"" PATCH_URN "\"],\"Operations\":[{"
		    "\"op\":\"replace\",\"value\":{\"title\":\"%s\"}}]}",
		    states[round % 2]);
		const scim_str text = { reset, strlen(reset) };
		rc = patch(host, id, NULL, text, &now, err);
		writers[0].version = writers[1].version = now.resource.version;
		if (rc == SCIM_OK)
			rc = race_once(writers, &winners);
		if (rc == SCIM_OK)
			*out_one_winner += winners == 1;
	}
	return rc;
}

static scim_status
two_writers_at_once(const struct host *host, scim_error *err)
{
	struct writer writers[2] = { { .host = host,
					 .context = host->context,
					 .json = SET("\"title\":\"one\"") },
		{ .host = host,
		    .context = host->context,
		    .json = SET("\"title\":\"other\"") } };
	int one_winner = 0;
	scim_outcome made;
	scim_status rc = create(host, USER("dave", ""), &made, err);

	if (rc != SCIM_OK)
		return rc;
	printf("two threads with one version, %d times\n", ROUNDS);
	for (int i = 0; i < 2; i++) {
		writers[i].user =
		    (scim_target){ SCIM_STR("User"), made.resource.id };
		writers[i].context.arena = scim_arena_new(NULL);
		if (writers[i].context.arena == NULL)
			rc = SCIM_ERR_NO_MEMORY;
	}
	if (rc == SCIM_OK)
		rc = run_rounds(
		    host, writers, made.resource.id, &one_winner, err);
	for (int i = 0; i < 2; i++)
		scim_arena_free(writers[i].context.arena);
	if (rc == SCIM_OK)
		printf("  one of both succeeded: %d times\n", one_winner);
	return rc;
}

/* The four ways to go on.  In each, somebody else changes the user while the
 * change is being made. */

struct edit {
	const struct host *host;
	scim_str id;
	scim_str theirs; /* a PATCH that comes in between, once */
	const char *wanted;
};

static scim_status
set_title(void *argument, scim_arena *arena, const scim_resource *current,
    scim_str *out, scim_error *err)
{
	struct edit *edit = argument;
	scim_outcome done;
	scim_str nick = value_of(current->json, "nickName");
	scim_str name = value_of(current->json, "userName");
	char *text = scim_arena_alloc(arena, 400);

	if (text == NULL)
		return SCIM_ERR_NO_MEMORY;
	(void)snprintf(text, 400,
	    "{\"schemas\":[\"" USER_URN "\"],\"userName\":\"%.*s\","
	    "\"nickName\":\"%.*s\",\"title\":\"%s\"}",
	    (int)name.len, name.ptr, (int)nick.len, nick.ptr, edit->wanted);
	out->ptr = text;
	out->len = strlen(text);
	if (edit->theirs.len == 0)
		return SCIM_OK;
	scim_str theirs = edit->theirs;
	edit->theirs.len = 0;
	return patch(edit->host, edit->id, NULL, theirs, &done, err);
}

static scim_status
decide(void *argument, scim_arena *arena, const scim_update_conflict *conflict,
    scim_update_decision *out, scim_str *out_json, scim_error *err)
{
	(void)argument;
	(void)arena;
	(void)out_json;
	(void)err;
	for (size_t i = 0; i < conflict->merge->conflict_count; i++) {
		const scim_merge_conflict *c = &conflict->merge->conflicts[i];

		printf("  asked about %.*s: was %.*s, local %.*s, remote "
		       "%.*s\n",
		    (int)c->path.len, c->path.ptr, (int)c->base.len,
		    c->base.ptr, (int)c->ours.len, c->ours.ptr,
		    (int)c->theirs.len, c->theirs.ptr);
	}
	*out = SCIM_UPDATE_GIVE_UP;
	return SCIM_OK;
}

static scim_status
update(struct edit *edit, const char *what, scim_update_strategy strategy,
    scim_error *err)
{
	const scim_target user = { SCIM_STR("User"), edit->id };
	scim_update_policy policy = SCIM_UPDATE_POLICY_INIT;
	scim_update ended;

	policy.strategy = strategy;
	policy.argument = edit;
	policy.change = set_title;
	policy.decide = decide;
	policy.base_ms = 1;
	printf("%s\n", what);
	scim_status rc = scim_provider_update(edit->host->provider,
	    &edit->host->context, &user, &policy, &ended, err);
	if (rc != SCIM_OK)
		return rc;
	tell("the update", &ended.outcome);
	printf("  writes tried: %u, conflicts: %u\n", ended.attempts,
	    ended.conflicts);
	show(edit->host, edit->id);
	return SCIM_OK;
}

static scim_status
ways_to_go_on(const struct host *host, scim_error *err)
{
	struct edit edit = { .host = host };
	scim_outcome made;
	scim_status rc = create(host,
	    USER("erin", ",\"title\":\"Guide\",\"nickName\":\"Eri\""), &made,
	    err);

	if (rc != SCIM_OK)
		return rc;
	edit.id = made.resource.id;
	edit.theirs = SET("\"nickName\":\"Rin\"");
	edit.wanted = "Chief";
	rc = update(&edit, "again, from the latest",
	    SCIM_UPDATE_RETRY_WITH_LATEST, err);

	edit.theirs = SET("\"nickName\":\"Erie\"");
	edit.wanted = "Boss";
	if (rc == SCIM_OK)
		rc = update(&edit, "merged with what came between",
		    SCIM_UPDATE_MERGE_AND_RETRY, err);

	edit.theirs = SET("\"title\":\"Manager\"");
	edit.wanted = "Owner";
	if (rc == SCIM_OK)
		rc = update(&edit, "merged, where that can't be",
		    SCIM_UPDATE_MERGE_AND_RETRY, err);

	edit.theirs = SET("\"title\":\"Director\"");
	if (rc == SCIM_OK)
		rc = update(&edit, "decided by the caller",
		    SCIM_UPDATE_CALLER_DECIDES, err);

	edit.theirs = SET("\"nickName\":\"lost\"");
	if (rc == SCIM_OK)
		rc = update(&edit, "the last writer wins",
		    SCIM_UPDATE_LAST_WRITER_WINS, err);
	return rc;
}

static scim_status
a_bulk_request_with_a_stale_version(const struct host *host, scim_error *err)
{
	static const char form[] =
	    "{\"schemas\":[\"" BULK_URN "\"],\"Operations\":["
	    "{\"method\":\"PATCH\",\"path\":\"/Users/%.*s\","
	    "\"version\":\"%.*s\",\"data\":{\"schemas\":[\"" PATCH_URN "\"],"
	    "\"Operations\":[{\"op\":\"replace\",\"path\":\"title\","
	    "\"value\":\"Chief\"}]}},"
	    "{\"method\":\"DELETE\",\"path\":\"/Users/%.*s\","
	    "\"version\":\"W/\\\"m2A81kq0RfVbQ7Zk3v9x2L\\\"\"}]}";
	scim_outcome frank, grace;
	char body[1000], tag[64];
	size_t len = 0;
	scim_status rc = create(host, USER("frank", ""), &frank, err);

	if (rc == SCIM_OK)
		rc = create(host, USER("grace", ""), &grace, err);
	if (rc != SCIM_OK)
		return rc;
	puts("a bulk request: the stale operation fails alone");
	/* An entity tag has quotes, and here it is inside a JSON string. */
	for (size_t i = 0; i < frank.resource.etag.len; i++) {
		if (frank.resource.etag.ptr[i] == '"')
			tag[len++] = '\\';
		tag[len++] = frank.resource.etag.ptr[i];
	}
	(void)snprintf(body, sizeof(body), form, (int)frank.resource.id.len,
	    frank.resource.id.ptr, (int)len, tag, (int)grace.resource.id.len,
	    grace.resource.id.ptr);

	scim_request request = { .operation = SCIM_OPERATION_BULK };
	scim_response response;
	request.endpoint = SCIM_STR("");
	request.body = (scim_str){ body, strlen(body) };
	request.context = host->context;
	scim_handle(host->provider, &request, host->context.arena, &response);
	/* Each result has a method, and a status behind it. */
	scim_str rest = response.body;
	for (const char *at = rest.ptr;
	     (at = behind(rest, "\"Operations\":[{\"")) != NULL ||
	     (at = behind(rest, "},{\"")) != NULL;) {
		rest.len -= (size_t)(at - rest.ptr);
		rest.ptr = at;
		scim_str method = value_of(rest, "method");
		scim_str status = value_of(rest, "status");

		printf("  %.*s: %.*s\n", (int)method.len, method.ptr,
		    (int)status.len, status.ptr);
	}
	show(host, frank.resource.id);
	return SCIM_OK;
}

int
main(void)
{
	scim_status (*const scenes[])(const struct host *, scim_error *) = {
		the_life_of_a_version,
		a_change_that_knows_what_it_changes,
		a_delete_that_knows_what_it_deletes,
		two_writers_at_once,
		ways_to_go_on,
		a_bulk_request_with_a_stale_version,
	};
	struct host host = { NULL };
	scim_error err = { .detail = "out of memory" };
	scim_status rc = host_open(&host, &err);

	for (size_t i = 0;
	     rc == SCIM_OK && i < sizeof(scenes) / sizeof(*scenes); i++)
		rc = scenes[i](&host, &err);
	if (rc != SCIM_OK)
		(void)fprintf(stderr, "failed (%d): %s\n", rc, err.detail);
	host_close(&host);
	return rc == SCIM_OK ? 0 : 1;
}
