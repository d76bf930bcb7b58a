/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains, and time along them.
 *
 * The writes of one resource are edges from the state they replaced to the
 * state they made.  Those that were acknowledged, or whose state anybody saw,
 * have to be one path: two edges from one state are a lost update, an edge
 * that the path does not reach is a lost write.  A write without an answer is
 * on the path if and only if its state was seen.
 *
 * State i of the path began not before L(i), the calls of its writer and of
 * whoever still read state i-1, and not after U(i), the ends of its writer,
 * of whoever read state i, and of whoever was refused for expecting i-1.
 * There is an order that agrees with time if and only if no L before or at i
 * is later than U(i).
 */
#include "history/checker.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
#define AHEAD 12

/* A state of one resource. */
struct node {
	uint64_t state;
	uint64_t parent;
	uint64_t since, until;    /* L and U; at first, of its writer alone */
	uint32_t next;            /* the node that replaced it */
	bool used, known, placed; /* known: acknowledged or seen */
	bool told;                /* by the server's account */
};

/* One resource under examination. */
struct chain {
	const struct history_op *ops;
	size_t count;
	struct node *nodes; /* open addressing */
	size_t capacity;    /* of `nodes` in all */
	size_t mask;        /* of those in use now, a power of two less one */
	size_t known;       /* how many nodes are */
	uint32_t first;     /* the one made of nothing */
	bool is_gone;       /* seen, and no delete was acknowledged */
	bool gone_told;     /* the server's account has its end */
	struct history_finding account; /* what is wrong with that */
	struct history_finding found;
};

static bool
find(struct chain *c, enum history_verdict verdict, uint64_t state,
    uint64_t other)
{
	c->found.verdict = verdict;
	c->found.state = state;
	c->found.other = other;
	return false;
}

static size_t
home_of(const struct chain *c, uint64_t state)
{
	return (state * UINT64_C(0x9e3779b97f4a7c15) >> 20) & c->mask;
}

static size_t
slot_of(const struct chain *c, uint64_t state)
{
	size_t at = home_of(c, state);

	while (c->nodes[at].used && c->nodes[at].state != state)
		at = (at + 1) & c->mask;
	return at;
}

/* Where memory is what takes time: asks for what is needed soon. */
static void
foresee(const struct chain *c, size_t i)
{
	if (i + AHEAD < c->count)
		__builtin_prefetch(
		    &c->nodes[home_of(c, c->ops[i + AHEAD].state)]);
}

static struct node *
look_up(struct chain *c, uint64_t state)
{
	struct node *node = &c->nodes[slot_of(c, state)];

	return node->used ? node : NULL;
}

static bool
make_room(struct chain *c)
{
	size_t writes = 1, size = 16;

	for (size_t i = 0; i < c->count; i++)
		writes += c->ops[i].kind == HISTORY_WRITE;
	while (size < 2 * writes)
		size *= 2;
	if (size > c->capacity) {
		free(c->nodes);
		c->nodes = malloc(size * sizeof(*c->nodes));
		c->capacity = c->nodes == NULL ? 0 : size;
		if (c->nodes == NULL)
			return find(c, HISTORY_NO_MEMORY, 0, 0);
	}
	memset(c->nodes, 0, size * sizeof(*c->nodes));
	c->mask = size - 1;
	c->known = 0;
	c->first = NOWHERE;
	c->is_gone = false;
	c->gone_told = false;
	c->account.verdict = HISTORY_FINE;
	return true;
}

/* Deletes make one and the same state; which of those without an answer did
 * it is chosen later. */
static bool
add_write(struct chain *c, const struct history_op *op)
{
	struct node *node = &c->nodes[slot_of(c, op->state)];

	if (node->used)
		return find(c, HISTORY_TWICE, op->state, op->expected);
	*node = (struct node){ .state = op->state,
		.parent = op->expected,
		.since = op->call,
		.until = op->outcome == HISTORY_DONE ? op->end : UINT64_MAX,
		.next = NOWHERE,
		.used = true };
	return true;
}

static bool
is_open_delete(const struct history_op *op)
{
	return op->kind == HISTORY_WRITE && op->state == HISTORY_GONE &&
	    op->outcome == HISTORY_UNKNOWN;
}

static bool
add_writes(struct chain *c)
{
	bool fine = true;

	for (size_t i = 0; fine && i < c->count; i++) {
		const struct history_op *op = &c->ops[i];

		foresee(c, i);
		if (op->kind == HISTORY_WRITE &&
		    op->outcome != HISTORY_REFUSED && !is_open_delete(op))
			fine = add_write(c, op);
	}
	return fine;
}

/* What the server says of itself must agree with what its clients know; but
 * where they contradict each other, that comes first. */
static void
doubt(
    struct chain *c, enum history_verdict verdict, const struct history_op *op)
{
	if (c->account.verdict == HISTORY_FINE)
		c->account = (struct history_finding){ verdict,
			c->found.resource, op->state, op->expected };
}

static void
take_account(struct chain *c, const struct history_op *op)
{
	struct node *node = look_up(c, op->state);

	c->gone_told = c->gone_told || op->state == HISTORY_GONE;
	if (node == NULL && op->state != HISTORY_GONE)
		doubt(c, HISTORY_PHANTOM, op);
	if (node == NULL)
		return;
	node->told = true;
	if (node->parent == HISTORY_ANY)
		node->parent = op->expected;
	if (node->parent != op->expected)
		doubt(c, HISTORY_CONTRADICTS, op);
}

static bool
believe_account(struct chain *c)
{
	if (c->account.verdict != HISTORY_FINE)
		c->found = c->account;
	return c->account.verdict == HISTORY_FINE;
}

/* Marks a state as having been there, and so all that led to it. */
static bool
mark(struct chain *c, uint64_t state)
{
	while (state != HISTORY_NONE) {
		struct node *node = look_up(c, state);

		if (node == NULL && state == HISTORY_GONE) {
			c->is_gone = true;
			return true;
		}
		if (node == NULL)
			return find(c, HISTORY_PHANTOM, state, 0);
		if (node->known)
			return true;
		if (node->parent == HISTORY_ANY)
			return find(c, HISTORY_INCOMPLETE, state, 0);
		node->known = true;
		c->known++;
		state = node->parent;
	}
	return true;
}

static bool
mark_known(struct chain *c)
{
	bool fine = true;

	for (size_t i = 0; i < c->count; i++)
		if (c->ops[i].kind == HISTORY_VERSION)
			take_account(c, &c->ops[i]);
	for (size_t i = 0; fine && i < c->count; i++) {
		const struct history_op *op = &c->ops[i];

		if (op->kind == HISTORY_WRITE && op->outcome == HISTORY_REFUSED)
			fine = mark(c, op->expected);
		else if (op->outcome == HISTORY_DONE)
			fine = mark(c, op->state);
	}
	return fine;
}

static bool
link_up(struct chain *c)
{
	for (size_t i = 0; i <= c->mask; i++) {
		struct node *node = &c->nodes[i];

		if (!node->used || !node->known)
			continue;
		uint32_t *from = node->parent == HISTORY_NONE
		    ? &c->first
		    : &c->nodes[slot_of(c, node->parent)].next;
		if (*from != NOWHERE)
			return find(c, HISTORY_FORKED, node->state,
			    c->nodes[*from].state);
		*from = (uint32_t)i;
	}
	return true;
}

/* Of the deletes without an answer, the first that can have done it: one
 * that expected the last state of the path, or none. */
static bool
choose_delete(struct chain *c)
{
	const struct history_op *chosen = NULL;
	uint32_t *end = &c->first;
	uint64_t last = HISTORY_NONE;

	if (!c->is_gone)
		return true;
	while (*end != NOWHERE) {
		last = c->nodes[*end].state;
		end = &c->nodes[*end].next;
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct history_op *op = &c->ops[i];

		if (is_open_delete(op) &&
		    (op->expected == last || op->expected == HISTORY_ANY) &&
		    (chosen == NULL || op->call < chosen->call))
			chosen = op;
	}
	if (chosen == NULL)
		return find(c, HISTORY_PHANTOM, HISTORY_GONE, last);
	if (!add_write(c, chosen))
		return false;
	*end = (uint32_t)slot_of(c, HISTORY_GONE);
	c->nodes[*end].known = true;
	c->nodes[*end].told = c->gone_told;
	c->known++;
	return true;
}

/* Everything known is on the one path, and in the account, which may have
 * forgotten what is oldest. */
static bool
walk(struct chain *c)
{
	size_t steps = 0;
	bool told = false;

	for (uint32_t at = c->first; at != NOWHERE; at = c->nodes[at].next) {
		struct node *node = &c->nodes[at];

		if (told && !node->told)
			return find(
			    c, HISTORY_OMITTED, node->state, node->parent);
		told = node->told;
		node->placed = true;
		steps++;
	}
	if (steps == c->known)
		return true;
	for (size_t i = 0; i <= c->mask; i++)
		if (c->nodes[i].known && !c->nodes[i].placed)
			return find(c, HISTORY_LOST, c->nodes[i].state,
			    c->nodes[i].parent);
	return find(c, HISTORY_LOST, 0, 0);
}

static void
lower(uint64_t *bound, uint64_t to)
{
	*bound = to < *bound ? to : *bound;
}

static void
raise_to(uint64_t *bound, uint64_t to)
{
	*bound = to > *bound ? to : *bound;
}

static bool
bound_by(struct chain *c, const struct history_op *op)
{
	bool refused =
	    op->kind == HISTORY_WRITE && op->outcome == HISTORY_REFUSED;

	if (!refused &&
	    (op->kind != HISTORY_READ || op->outcome != HISTORY_DONE))
		return true;
	struct node *node = look_up(c, refused ? op->expected : op->state);
	if (node == NULL)
		return find(c, HISTORY_PHANTOM, op->state, op->expected);
	struct node *next =
	    node->next == NOWHERE ? NULL : &c->nodes[node->next];
	if (refused && next == NULL)
		return find(c, HISTORY_SPURIOUS, op->expected, 0);
	lower(refused ? &next->until : &node->until, op->end);
	if (!refused && next != NULL)
		raise_to(&next->since, op->call);
	return true;
}

static bool
agrees_with_time(struct chain *c)
{
	uint64_t latest = 0, whose = 0;

	for (size_t i = 0; i < c->count; i++) {
		foresee(c, i);
		if (!bound_by(c, &c->ops[i]))
			return false;
	}
	for (uint32_t at = c->first; at != NOWHERE; at = c->nodes[at].next) {
		const struct node *node = &c->nodes[at];

		if (node->since > latest) {
			latest = node->since;
			whose = node->state;
		}
		if (latest > node->until)
			return find(c, HISTORY_STALE, whose, node->state);
	}
	return true;
}

static bool
check_one(struct chain *c)
{
	c->found.resource = c->ops[0].resource;
	return make_room(c) && add_writes(c) && mark_known(c) && link_up(c) &&
	    choose_delete(c) && believe_account(c) && walk(c) &&
	    agrees_with_time(c);
}

/* Counting sort: the operations of a resource side by side. */
static bool
sort_by_resource(struct history_op *ops, size_t count)
{
	uint32_t most = 0;
	bool sorted = true;

	for (size_t i = 0; i < count; i++) {
		sorted = sorted && ops[i].resource >= most;
		most = ops[i].resource > most ? ops[i].resource : most;
	}
	if (sorted)
		return true;
	size_t *start = calloc((size_t)most + 2, sizeof(*start));
	struct history_op *copy = malloc(count * sizeof(*copy));
	if (start != NULL && copy != NULL) {
		for (size_t i = 0; i < count; i++)
			start[ops[i].resource + 1]++;
		for (size_t i = 0; i < most; i++)
			start[i + 1] += start[i];
		for (size_t i = 0; i < count; i++)
			copy[start[ops[i].resource]++] = ops[i];
		memcpy(ops, copy, count * sizeof(*ops));
		sorted = true;
	}
	free(start);
	free(copy);
	return sorted;
}

struct history_finding
history_check(struct history_op *ops, size_t count)
{
	struct chain c = { .found = { .verdict = HISTORY_FINE } };
	size_t at = 0;

	if (!sort_by_resource(ops, count))
		(void)find(&c, HISTORY_NO_MEMORY, 0, 0);
	while (c.found.verdict == HISTORY_FINE && at < count) {
		c.ops = ops + at;
		for (c.count = 0;
		     at < count && ops[at].resource == c.ops[0].resource; at++)
			c.count++;
		(void)check_one(&c);
	}
	free(c.nodes);
	return c.found;
}

const char *
history_verdict_text(enum history_verdict verdict)
{
	switch (verdict) {
	case HISTORY_FINE:
		return "no update was lost";
	case HISTORY_FORKED:
		return "lost update: two writes replaced one state";
	case HISTORY_LOST:
		return "lost write: acknowledged or seen, then not there";
	case HISTORY_PHANTOM:
		return "phantom: a state that nobody wrote";
	case HISTORY_TWICE:
		return "one write took effect twice";
	case HISTORY_STALE:
		return "stale: against the order of time";
	case HISTORY_SPURIOUS:
		return "refused though the version was current";
	case HISTORY_CONTRADICTS:
		return "the server's history is not what happened";
	case HISTORY_OMITTED:
		return "the server's history leaves a change out";
	case HISTORY_LOST_MEMBER:
		return "lost member: added, and not there";
	case HISTORY_LEFT_MEMBER:
		return "a member that was removed, or never added";
	case HISTORY_INCOMPLETE:
		return "incomplete record: a write without its predecessor";
	case HISTORY_NO_MEMORY:
		return "out of memory";
	}
	return "unknown";
}
