/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker against an exhaustive search.
 *
 * A register is simulated, with answers that get lost and, in four of five
 * rounds, a bug; whatever comes out, the checker has to say what trying every
 * order says.
 */
#include "history/checker.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/test.h"

#define CLIENTS 3
#define MOST 12

enum bug { SOUND, LOSES_UPDATE, REFUSES, DROPS, READS_STALE, BUGS };

static uint64_t seed;

static uint64_t
draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static bool
odds(unsigned percent)
{
	return draw(100) < percent;
}

/* What the simulated server is, and what its clients have seen of it. */
struct world {
	uint64_t states[MOST + 2];
	size_t count;          /* of states so far; the last is current */
	uint64_t at[MOST + 2]; /* when each was first answered */
	uint64_t seen[MOST + 2];
	size_t seen_count;
};

static uint64_t
recently_seen(const struct world *w, uint64_t before)
{
	uint64_t found = w->states[0];

	for (size_t i = 0; i < w->seen_count; i++)
		if (w->at[i] < before && !odds(30))
			found = w->seen[i];
	return found;
}

static void
see(struct world *w, uint64_t state, uint64_t when)
{
	w->seen[w->seen_count] = state;
	w->at[w->seen_count++] = when;
}

static void
write_once(struct world *w, struct history_op *op, enum bug bug, bool deletes)
{
	uint64_t current = w->states[w->count - 1];
	bool unheard = odds(15);
	bool wins;

	op->kind = HISTORY_WRITE;
	op->expected = recently_seen(w, op->call);
	if (op->expected == HISTORY_GONE)
		op->expected = w->states[0];
	op->state = deletes ? HISTORY_GONE : draw(UINT64_C(1) << 40) + 10;
	wins = op->expected == current;
	if (bug == LOSES_UPDATE && !wins && current != HISTORY_GONE)
		wins = odds(25);
	if (bug == REFUSES && wins && odds(20)) {
		op->outcome = HISTORY_REFUSED;
		return;
	}
	if (wins && unheard && odds(30))
		wins = false; /* the request got lost, not the answer */
	if (wins && !(bug == DROPS && odds(20)))
		w->states[w->count++] = op->state;
	op->outcome = wins ? HISTORY_DONE : HISTORY_REFUSED;
	if (unheard)
		op->outcome = HISTORY_UNKNOWN;
	if (op->outcome == HISTORY_DONE && !deletes)
		see(w, op->state, op->end);
}

static void
read_once(struct world *w, struct history_op *op, enum bug bug)
{
	size_t back = 1;

	if (bug == READS_STALE && w->count > 1 && odds(30))
		back = 2;
	op->kind = HISTORY_READ;
	op->outcome = HISTORY_DONE;
	op->state = w->states[w->count - back];
	if (op->state != HISTORY_GONE)
		see(w, op->state, op->end);
}

/* Points in time at which the server acts, in order; around each a client
 * that calls before and hears after. */
static size_t
simulate(struct history_op *ops, enum bug bug)
{
	struct world w = { .states = { 1 }, .count = 1 };
	uint64_t now = 100, free_at[CLIENTS] = { 3, 3, 3 };
	size_t count = 1, most = 5 + draw(MOST - 6);

	ops[0] = (struct history_op){
		.call = 1, .end = 2, .state = 1, .kind = HISTORY_WRITE
	};
	see(&w, 1, 2);
	while (count < most) {
		size_t client = draw(CLIENTS);
		struct history_op *op = &ops[count];

		now += 1 + draw(20);
		if (free_at[client] + 1 >= now)
			continue;
		*op = (struct history_op){
			.client = (uint16_t)client,
			.call = now - 1 - draw(now - free_at[client] - 1),
			.end = now + 1 + draw(60),
		};
		if (odds(60))
			write_once(&w, op, bug, odds(12));
		else
			read_once(&w, op, bug);
		free_at[client] = op->end;
		count++;
	}
	ops[count] = (struct history_op){ .call = now + 1000,
		.end = now + 1001,
		.state = w.states[w.count - 1],
		.kind = HISTORY_READ };
	return count + 1;
}

/* Every order that agrees with time, depth first, by the set of what was
 * done and the state it led to. */
struct search {
	const struct history_op *ops;
	size_t count;
	unsigned needed;
	bool *tried; /* by set and by who made the current state */
};

static bool
takes_effect(const struct history_op *op, uint64_t state, uint64_t *after)
{
	*after = state;
	if (op->kind == HISTORY_READ)
		return op->state == state;
	if (op->outcome == HISTORY_REFUSED)
		return op->expected != state;
	*after = op->state;
	return op->expected == state;
}

static bool
can_end(struct search *s, unsigned done, size_t maker)
{
	uint64_t state = maker == s->count ? HISTORY_NONE : s->ops[maker].state;
	uint64_t first_end = UINT64_MAX;
	bool *tried = &s->tried[done * (s->count + 1) + maker];

	if ((done & s->needed) == s->needed)
		return true;
	if (*tried)
		return false;
	*tried = true;
	for (size_t i = 0; i < s->count; i++)
		if ((done >> i & 1) == 0 &&
		    s->ops[i].outcome != HISTORY_UNKNOWN &&
		    s->ops[i].end < first_end)
			first_end = s->ops[i].end;
	for (size_t i = 0; i < s->count; i++) {
		const struct history_op *op = &s->ops[i];
		uint64_t after;

		if ((done >> i & 1) != 0 || op->call > first_end)
			continue;
		if (takes_effect(op, state, &after) &&
		    can_end(s, done | 1U << i, after != state ? i : maker))
			return true;
	}
	return false;
}

static bool
some_order_explains(const struct history_op *ops, size_t count)
{
	struct search s = { .ops = ops, .count = count };

	s.tried = calloc(((size_t)1 << count) * (count + 1), 1);
	assert_non_null(s.tried);
	for (size_t i = 0; i < count; i++)
		if (ops[i].outcome != HISTORY_UNKNOWN)
			s.needed |= 1U << i;
	bool can = can_end(&s, 0, count);
	free(s.tried);
	return can;
}

static void
it_says_what_trying_every_order_says(void **state)
{
	size_t sound[BUGS] = { 0 }, unsound[BUGS] = { 0 };

	seed = 20261122;
	for (size_t round = 0; round < 20000; round++) {
		enum bug bug = round % BUGS;
		struct history_op ops[MOST + 2], copy[MOST + 2];
		size_t count = simulate(ops, bug);

		memcpy(copy, ops, sizeof(copy));
		struct history_finding f = history_check(copy, count);
		bool can = some_order_explains(ops, count);
		if ((f.verdict == HISTORY_FINE) != can)
			fail_msg("round %zu: %s, but an order %s", round,
			    history_verdict_text(f.verdict),
			    can ? "explains it" : "can't be found");
		(can ? sound : unsound)[bug]++;
	}
	assert_int_equal(unsound[SOUND], 0);
	for (size_t bug = SOUND + 1; bug < BUGS; bug++) {
		assert_true(unsound[bug] > 300);
		assert_true(sound[bug] > 300);
	}
}

#define WRITE(from, to, c, e, o)                                            \
	{                                                                   \
		.call = (c), .end = (e), .expected = (from), .state = (to), \
		.kind = HISTORY_WRITE, .outcome = HISTORY_##o               \
	}
#define READ(at, c, e)                                                       \
	{                                                                    \
		.call = (c), .end = (e), .state = (at), .kind = HISTORY_READ \
	}
#define ACCOUNT(from, to)                                                  \
	{                                                                  \
		.expected = (from), .state = (to), .kind = HISTORY_VERSION \
	}
#define ANY HISTORY_ANY
#define GONE HISTORY_GONE

static void
it_names_what_is_wrong(void **state)
{
	static const struct {
		const char *what;
		enum history_verdict want;
		struct history_op ops[5];
	} cases[] = {
		{ "a chain", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			READ(2, 5, 6) } },
		{ "two of one", HISTORY_FORKED,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			WRITE(1, 3, 3, 4, DONE), READ(3, 5, 6) } },
		{ "acknowledged, then not there", HISTORY_STALE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			READ(1, 5, 6) } },
		{ "never written", HISTORY_PHANTOM,
		    { WRITE(0, 1, 1, 2, DONE), READ(7, 5, 6) } },
		{ "done twice", HISTORY_TWICE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			WRITE(2, 2, 5, 6, DONE) } },
		{ "refused while current", HISTORY_SPURIOUS,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, REFUSED),
			READ(1, 5, 6) } },
		{ "refused before it was replaced", HISTORY_STALE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 3, 3, 4, REFUSED),
			WRITE(1, 2, 5, 6, DONE), READ(2, 7, 8) } },
		{ "unheard of, and not there", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, UNKNOWN),
			READ(1, 5, 6) } },
		{ "unheard of, and there later on", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, UNKNOWN),
			READ(1, 5, 6), READ(2, 7, 8) } },
		{ "unheard of, and followed", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, UNKNOWN),
			WRITE(2, 3, 5, 6, DONE), READ(3, 7, 8) } },
		{ "each of the other", HISTORY_LOST,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(3, 2, 3, 4, DONE),
			WRITE(2, 3, 3, 4, DONE) } },
		{ "blind", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(ANY, 2, 3, 4, DONE),
			ACCOUNT(0, 1), ACCOUNT(1, 2) } },
		{ "blind, without an account", HISTORY_INCOMPLETE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(ANY, 2, 3, 4, DONE),
			READ(2, 5, 6) } },
		{ "another account", HISTORY_CONTRADICTS,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			WRITE(2, 3, 5, 6, DONE), ACCOUNT(1, 3) } },
		{ "a row missing from the account", HISTORY_CONTRADICTS,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			WRITE(2, 3, 5, 6, DONE), ACCOUNT(0, 1),
			ACCOUNT(1, 3) } },
		{ "the newest left out of the account", HISTORY_OMITTED,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			WRITE(2, 3, 5, 6, DONE), ACCOUNT(0, 1),
			ACCOUNT(1, 2) } },
		{ "the end left out of the account", HISTORY_OMITTED,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, GONE, 3, 4, UNKNOWN),
			READ(GONE, 5, 6), ACCOUNT(0, 1) } },
		{ "the end in the account", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, GONE, 3, 4, UNKNOWN),
			READ(GONE, 5, 6), ACCOUNT(0, 1), ACCOUNT(1, GONE) } },
		{ "the oldest forgotten by the account", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, 2, 3, 4, DONE),
			WRITE(2, 3, 5, 6, DONE), ACCOUNT(1, 2),
			ACCOUNT(2, 3) } },
		{ "deleted", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, GONE, 3, 4, DONE),
			READ(GONE, 5, 6) } },
		{ "deleted by one of two", HISTORY_FINE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, GONE, 3, 4, UNKNOWN),
			WRITE(1, GONE, 3, 4, UNKNOWN), READ(GONE, 5, 6) } },
		{ "deleted by both", HISTORY_TWICE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, GONE, 3, 4, DONE),
			WRITE(1, GONE, 3, 4, DONE), READ(GONE, 5, 6) } },
		{ "gone by itself", HISTORY_PHANTOM,
		    { WRITE(0, 1, 1, 2, DONE), READ(GONE, 5, 6) } },
		{ "back from the dead", HISTORY_STALE,
		    { WRITE(0, 1, 1, 2, DONE), WRITE(1, GONE, 3, 4, DONE),
			READ(1, 5, 6) } },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct history_op ops[5];
		size_t count = 0;

		memcpy(ops, cases[i].ops, sizeof(ops));
		while (count < 5 &&
		    (ops[count].state != 0 || ops[count].call != 0))
			count++;
		struct history_finding f = history_check(ops, count);
		if (f.verdict != cases[i].want)
			fail_msg("%s: %s", cases[i].what,
			    history_verdict_text(f.verdict));
	}
}

#define CHANGE(k, c, e, o)                                                \
	{                                                                 \
		.call = (c), .end = (e), .state = 5, .kind = HISTORY_##k, \
		.outcome = HISTORY_##o                                    \
	}
#define THERE CHANGE(SEEN, 90, 91, DONE)
#define NOT_THERE CHANGE(SEEN, 90, 91, REFUSED)

static void
the_last_change_of_a_member_stands(void **state)
{
	static const struct {
		const char *what;
		enum history_verdict want;
		struct history_op ops[4];
	} cases[] = {
		{ "added", HISTORY_FINE, { THERE, CHANGE(ADD, 1, 2, DONE) } },
		{ "lost", HISTORY_LOST_MEMBER,
		    { NOT_THERE, CHANGE(ADD, 1, 2, DONE) } },
		{ "never added", HISTORY_LEFT_MEMBER, { THERE } },
		{ "not added", HISTORY_FINE, { NOT_THERE } },
		{ "maybe added", HISTORY_FINE,
		    { THERE, CHANGE(ADD, 1, 2, UNKNOWN) } },
		{ "maybe not added", HISTORY_FINE,
		    { NOT_THERE, CHANGE(ADD, 1, 2, UNKNOWN) } },
		{ "refused", HISTORY_LEFT_MEMBER,
		    { THERE, CHANGE(ADD, 1, 2, REFUSED) } },
		{ "removed", HISTORY_LEFT_MEMBER,
		    { THERE, CHANGE(ADD, 1, 2, DONE),
			CHANGE(REMOVE, 3, 4, DONE) } },
		{ "removed at the same time", HISTORY_FINE,
		    { THERE, CHANGE(ADD, 1, 3, DONE),
			CHANGE(REMOVE, 2, 4, DONE) } },
		{ "added at the same time", HISTORY_FINE,
		    { NOT_THERE, CHANGE(ADD, 1, 3, DONE),
			CHANGE(REMOVE, 2, 4, DONE) } },
		{ "added anew", HISTORY_LOST_MEMBER,
		    { NOT_THERE, CHANGE(ADD, 1, 2, DONE),
			CHANGE(REMOVE, 3, 4, DONE), CHANGE(ADD, 5, 6, DONE) } },
		{ "removed late", HISTORY_FINE,
		    { NOT_THERE, CHANGE(REMOVE, 1, 2, UNKNOWN),
			CHANGE(ADD, 5, 6, DONE) } },
		{ "never looked at", HISTORY_INCOMPLETE,
		    { CHANGE(ADD, 1, 2, DONE) } },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct history_op ops[4];
		size_t count = 0;

		memcpy(ops, cases[i].ops, sizeof(ops));
		while (count < 4 && ops[count].state != 0)
			count++;
		struct history_finding f = history_check_members(ops, count);
		if (f.verdict != cases[i].want)
			fail_msg("%s: %s", cases[i].what,
			    history_verdict_text(f.verdict));
	}
}

/* Each resource has a chain of writes, each read by three others. */
static struct history_op *
make_long(size_t count, uint32_t resources)
{
	struct history_op *ops = calloc(count, sizeof(*ops));
	uint64_t *last = calloc(resources, sizeof(*last));

	assert_non_null(ops);
	assert_non_null(last);
	for (size_t i = 0; i < count; i++) {
		uint32_t r = (uint32_t)(i % resources);
		bool reads = i / resources % 4 != 0;

		ops[i] = (struct history_op){ .resource = r,
			.call = 10 * i + 1,
			.end = 10 * i + 25,
			.kind = reads ? HISTORY_READ : HISTORY_WRITE,
			.expected = reads ? 0 : last[r],
			.state =
			    reads ? last[r] : (uint64_t)r << 32 | (i + 1) };
		last[r] = ops[i].state;
	}
	free(last);
	return ops;
}

static void
it_takes_linear_work(void **state)
{
	const char *wanted = getenv("HISTORY_OPS");
	size_t count = wanted == NULL ? 200000 : strtoul(wanted, NULL, 10);
	static const uint32_t resources[] = { 8, 10000 };

	for (size_t i = 0; i < 2; i++) {
		struct history_op *ops = make_long(count, resources[i]);
		clock_t began = clock();
		struct history_finding f = history_check(ops, count);

		print_message("%zu operations on %u resources: %.2f s\n", count,
		    resources[i], (double)(clock() - began) / CLOCKS_PER_SEC);
		assert_int_equal(f.verdict, HISTORY_FINE);
		ops[count / 2].state ^= 1;
		assert_int_not_equal(
		    history_check(ops, count).verdict, HISTORY_FINE);
		free(ops);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_trying_every_order_says),
		cmocka_unit_test(it_names_what_is_wrong),
		cmocka_unit_test(the_last_change_of_a_member_stands),
		cmocka_unit_test(it_takes_linear_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
