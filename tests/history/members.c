/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members are independent of each other: each is there or not, and the last
 * add or remove decides.  A write can have been the last if no acknowledged
 * one of the other kind began after it had ended; one without an answer may
 * take effect at any time, or never.
 */
#include "history/checker.h"

#include <stdbool.h>
#include <stdlib.h>

/* What is known of one member. */
struct member {
	uint64_t add_end, remove_end;   /* the latest; 0: none */
	uint64_t add_call, remove_call; /* the latest acknowledged */
};

static int
by_member(const void *left, const void *right)
{
	const struct history_op *a = left, *b = right;

	if (a->resource != b->resource)
		return a->resource < b->resource ? -1 : 1;
	return (a->state > b->state) - (a->state < b->state);
}

static void
take(struct member *m, const struct history_op *op)
{
	bool adds = op->kind == HISTORY_ADD;
	bool is_done = op->outcome == HISTORY_DONE;
	uint64_t end = is_done ? op->end : UINT64_MAX;
	uint64_t *last_end = adds ? &m->add_end : &m->remove_end;
	uint64_t *last_call = adds ? &m->add_call : &m->remove_call;

	*last_end = end > *last_end ? end : *last_end;
	if (is_done && op->call > *last_call)
		*last_call = op->call;
}

static enum history_verdict
judge(const struct member *m, bool is_there)
{
	bool may_be_there = m->add_end > 0 && m->add_end >= m->remove_call;
	bool may_be_gone = m->add_call == 0 ||
	    (m->remove_end > 0 && m->remove_end >= m->add_call);

	if (is_there)
		return may_be_there ? HISTORY_FINE : HISTORY_LEFT_MEMBER;
	return may_be_gone ? HISTORY_FINE : HISTORY_LOST_MEMBER;
}

struct history_finding
history_check_members(struct history_op *ops, size_t count)
{
	struct history_finding found = { .verdict = HISTORY_FINE };
	size_t at = 0;

	if (count > 1)
		qsort(ops, count, sizeof(*ops), by_member);
	while (found.verdict == HISTORY_FINE && at < count) {
		const struct history_op *first = &ops[at], *seen = NULL;
		struct member m = { 0 };

		for (; at < count && by_member(&ops[at], first) == 0; at++) {
			if (ops[at].kind == HISTORY_SEEN)
				seen = &ops[at];
			else if (ops[at].outcome != HISTORY_REFUSED)
				take(&m, &ops[at]);
		}
		found.resource = first->resource;
		found.state = first->state;
		found.verdict = seen == NULL
		    ? HISTORY_INCOMPLETE
		    : judge(&m, seen->outcome == HISTORY_DONE);
	}
	return found;
}
