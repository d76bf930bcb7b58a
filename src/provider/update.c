/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read, change, write; and again, when somebody else was faster.
 *
 * Whatever the strategy, what is written is conditional on the version that
 * was last looked at, so that even here check and write are one step and a
 * loop that ends with SCIM_DONE has overwritten nothing unseen.  Waiting is
 * by full jitter: many who met once are not to meet again.
 */
#include "scimd/retry.h"

#include "base/error.h"
#include "base/pause.h"
#include "base/str.h"
#include "provider/metrics.h"
#include "provider/rules.h"

#define ATTEMPTS 10
#define BASE_MS 10
#define CAP_MS 1000

struct updating {
	scim_provider *provider;
	const scim_context *context;
	const scim_target *target;
	const scim_update_policy *policy;
	scim_resource base;   /* that the change was made from */
	scim_resource remote; /* as it was last read */
	scim_str local;       /* what the change made of the base */
	scim_str wanted;      /* what is to be written over remote */
	scim_update out;
	bool ended; /* `out` stands */
};

static scim_status
read_remote(struct updating *u, scim_error *err)
{
	static const scim_expect any = SCIM_EXPECT_ANY_INIT;
	scim_outcome outcome;
	scim_status rc = scim_provider_get(
	    u->provider, u->context, u->target, &any, &outcome, err);

	if (rc != SCIM_OK)
		return rc;
	if (outcome.kind != SCIM_DONE) {
		u->out.outcome = outcome;
		u->ended = true;
	}
	u->remote = outcome.resource;
	return SCIM_OK;
}

/* Leaves the resource as it is, with what it is now. */
static void
end_unchanged(struct updating *u)
{
	u->out.outcome =
	    (scim_outcome){ .kind = SCIM_DONE, .resource = u->remote };
	u->ended = true;
}

/* Makes the change from what was last read. */
static scim_status
change(struct updating *u, scim_error *err)
{
	scim_str made = { "", 0 };
	scim_status rc = u->policy->change(
	    u->policy->argument, u->context->arena, &u->remote, &made, err);

	if (rc != SCIM_OK)
		return rc;
	u->base = u->remote;
	u->local = u->wanted = made;
	if (made.len == 0)
		end_unchanged(u);
	return SCIM_OK;
}

static void
note_merge(
    const struct updating *u, scim_status rc, const scim_merge_result *result)
{
	struct scim__merge_noted noted = { .is_noted = true,
		.form = SCIM_MERGES_UPDATE,
		.end = SCIM_MERGES_INVALID };

	if (rc == SCIM_OK && result->proposed.ptr == NULL && !result->is_clean)
		noted.end = SCIM_MERGES_GUARD;
	else if (rc == SCIM_OK && !result->is_clean)
		noted.end = SCIM_MERGES_CONFLICT;
	else if (rc == SCIM_OK)
		noted.end = result->conflict_count > 0 ? SCIM_MERGES_DECIDED
						       : SCIM_MERGES_CLEAN;
	scim__metrics_note_merge(u->provider->metrics, &noted);
}

static scim_status
merge(struct updating *u, scim_merge_result *out, scim_error *err)
{
	scim_merge_sides sides = { u->base.json, u->local, u->remote.json };
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	const scim__resource_type *type = NULL;

	if (u->policy->merge != NULL) {
		SCIM__REQUIRE(err, u->policy->merge->size == sizeof(options));
		options = *u->policy->merge;
	}
	scim_status rc =
	    scim__provider_type(u->context, u->target->type, &type, err);
	if (rc == SCIM_OK)
		rc = scim__merging_options(u->context, type, &options, err);
	if (rc != SCIM_OK)
		return rc;
	u->out.merges++;
	rc = scim_merge(u->context->arena, u->context->registry,
	    u->target->type, &sides, &options, out, err);
	note_merge(u, rc, out);
	return rc;
}

/* The conflict of the last write stands; says what it is about. */
static scim_status
give_up(struct updating *u, const scim_merge_result *merged, scim_error *err)
{
	scim_conflict *conflict = &u->out.outcome.conflict;
	size_t count = merged == NULL ? 0 : merged->conflict_count;
	scim_str *paths =
	    scim_arena_alloc(u->context->arena, count * sizeof(*paths));

	u->ended = true;
	if (paths == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < count; i++)
		paths[i] = merged->conflicts[i].path;
	conflict->paths = paths;
	conflict->path_count = count;
	return SCIM_OK;
}

static scim_status
merge_and_retry(struct updating *u, scim_error *err)
{
	scim_merge_result merged;
	scim_status rc = merge(u, &merged, err);

	if (rc != SCIM_OK)
		return rc;
	if (!merged.is_clean)
		return give_up(u, &merged, err);
	u->wanted = merged.json;
	if (!merged.is_changed)
		end_unchanged(u);
	return SCIM_OK;
}

static scim_status
let_caller_decide(struct updating *u, scim_error *err)
{
	scim_update_decision decision = SCIM_UPDATE_GIVE_UP;
	scim_merge_result merged;
	scim_update_conflict conflict = { &u->base, u->local, &u->remote,
		&merged, u->out.attempts };
	scim_str json = { "", 0 };
	scim_status rc = merge(u, &merged, err);

	if (rc == SCIM_OK)
		rc = u->policy->decide(u->policy->argument, u->context->arena,
		    &conflict, &decision, &json, err);
	if (rc != SCIM_OK)
		return rc;
	switch (decision) {
	case SCIM_UPDATE_CHANGE_AGAIN:
		return change(u, err);
	case SCIM_UPDATE_WRITE:
		u->wanted = json;
		return SCIM_OK;
	case SCIM_UPDATE_GIVE_UP:
		break;
	}
	return give_up(u, &merged, err);
}

/* What to write next, now that `remote` is in the way. */
static scim_status
resolve(struct updating *u, scim_error *err)
{
	switch (u->policy->strategy) {
	case SCIM_UPDATE_RETRY_WITH_LATEST:
		return change(u, err);
	case SCIM_UPDATE_LAST_WRITER_WINS:
		return SCIM_OK;
	case SCIM_UPDATE_MERGE_AND_RETRY:
		return merge_and_retry(u, err);
	case SCIM_UPDATE_CALLER_DECIDES:
		return let_caller_decide(u, err);
	}
	return scim__fail(err, SCIM_ERR_MISUSE, "There is no such strategy.");
}

static unsigned
pick(unsigned given, unsigned fallback)
{
	return given == 0 ? fallback : given;
}

/* A random time below base * 2^(n-1) before attempt n + 1, capped. */
static unsigned
jitter(const struct updating *u)
{
	const scim_env *env = u->provider->env;
	uint64_t below = pick(u->policy->base_ms, BASE_MS);
	uint64_t cap = pick(u->policy->cap_ms, CAP_MS);
	uint32_t random;

	for (unsigned n = 1; n < u->out.attempts && below < cap; n++)
		below *= 2;
	below = below < cap ? below : cap;
	env->random(env->context, &random, sizeof(random));
	return (unsigned)(random * below >> 32);
}

/* Before another attempt; whether there is one. */
static bool
wait_for_turn(struct updating *u)
{
	const scim_update_policy *policy = u->policy;
	unsigned ms = jitter(u);

	if (u->out.attempts >= pick(policy->attempts, ATTEMPTS))
		return false;
	if (policy->wait != NULL)
		policy->wait(policy->argument, ms);
	else
		scim__pause(ms);
	u->out.waited_ms += ms;
	u->out.cancelled = policy->is_cancelled != NULL &&
	    policy->is_cancelled(policy->argument);
	return !u->out.cancelled;
}

static scim_status
replace(struct updating *u, scim_error *err)
{
	scim_expect expect = { .kind = SCIM_EXPECT_VERSIONS,
		.versions = &u->remote.version,
		.version_count = 1 };

	return scim_provider_replace(u->provider, u->context, u->target,
	    u->wanted, &expect, &u->out.outcome, err);
}

/* A receipt tells whether a commit whose answer was lost took place. */
static scim_status
ask_again(struct updating *u)
{
	scim_error ignored;

	return u->context->idempotency_key.ptr != NULL &&
		replace(u, &ignored) == SCIM_OK
	    ? SCIM_OK
	    : SCIM_ERR_UNCERTAIN;
}

/* Writes what is wanted over what was last read. */
static scim_status
write_once(struct updating *u, scim_error *err)
{
	u->out.attempts++;
	scim_status rc = replace(u, err);
	if (rc == SCIM_ERR_UNCERTAIN)
		rc = ask_again(u);
	if (rc == SCIM_ERR_BUSY)
		return wait_for_turn(u) ? SCIM_OK : rc;
	if (rc != SCIM_OK)
		return rc;
	u->ended = u->out.outcome.kind != SCIM_MISMATCH;
	if (u->ended)
		return SCIM_OK;
	u->out.conflicts++;
	if (!wait_for_turn(u))
		return give_up(u, NULL, err);
	rc = read_remote(u, err);
	return rc != SCIM_OK || u->ended ? rc : resolve(u, err);
}

scim_status
scim_provider_update(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_update_policy *policy,
    scim_update *out, scim_error *err)
{
	SCIM__REQUIRE(err,
	    provider != NULL && context != NULL && target != NULL &&
		policy != NULL && out != NULL);
	SCIM__REQUIRE(err,
	    policy->size == sizeof(*policy) && policy->change != NULL &&
		(policy->decide != NULL ||
		    policy->strategy != SCIM_UPDATE_CALLER_DECIDES));

	struct updating u = { .provider = provider,
		.context = context,
		.target = target,
		.policy = policy };
	scim_status rc = read_remote(&u, err);
	if (rc == SCIM_OK && !u.ended)
		rc = change(&u, err);
	while (rc == SCIM_OK && !u.ended)
		rc = write_once(&u, err);
	scim__metrics_note_update(provider->metrics,
	    &(struct scim__update_noted){ u.out.attempts, u.out.conflicts,
		u.out.waited_ms,
		rc != SCIM_OK || u.out.outcome.kind == SCIM_MISMATCH });
	if (rc == SCIM_OK)
		*out = u.out;
	return rc;
}
