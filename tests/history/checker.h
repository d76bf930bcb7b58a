/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_HISTORY_CHECKER_H
#define TESTS_HISTORY_CHECKER_H

/*
 * Was nothing lost?  Takes what clients did and saw, when, and says whether a
 * server that does one thing after the other could have answered so.
 *
 * A state of a resource is a number that its writer chose and put into the
 * content, so that it is known even where no answer came.  Every write names
 * the state it replaced; so the order of states is given, and only time has
 * to be checked: linear work where registers in general are NP-hard.
 */

#include <stddef.h>
#include <stdint.h>

/* States that nobody chose. */
#define HISTORY_NONE UINT64_C(0)     /* before the resource was made */
#define HISTORY_GONE UINT64_MAX      /* after it was deleted */
#define HISTORY_ANY (UINT64_MAX - 1) /* `expected` of a blind write */

enum history_kind {
	HISTORY_READ,    /* saw `state` */
	HISTORY_WRITE,   /* made `state` of `expected`; a delete makes GONE */
	HISTORY_VERSION, /* the server's own account: `state` came after
			  * `expected`; asked for when all was quiet */

	/* Of a relation: `state` is the member.  In a history of its own. */
	HISTORY_ADD,
	HISTORY_REMOVE,
	HISTORY_SEEN, /* DONE: there, REFUSED: not; when all was quiet */
};

enum history_outcome {
	HISTORY_DONE,
	HISTORY_REFUSED, /* 412: `expected` was not the current state */
	HISTORY_UNKNOWN  /* no answer, or one that leaves it open */
};

/* One operation as its client knows it; also the form on disk, in the byte
 * order of the machine.  Times are nanoseconds of one clock. */
struct history_op {
	uint64_t call, end; /* `end` of an unknown one is ignored */
	uint64_t expected, state;
	uint32_t resource; /* from 0, few gaps */
	uint16_t client;
	uint8_t kind, outcome;
};

enum history_verdict {
	HISTORY_FINE,
	HISTORY_FORKED,      /* two writes replaced one state */
	HISTORY_LOST,        /* acknowledged or seen, and not in the chain */
	HISTORY_PHANTOM,     /* a state that nobody wrote */
	HISTORY_TWICE,       /* one write took effect twice */
	HISTORY_STALE,       /* seen or refused against the order of time */
	HISTORY_SPURIOUS,    /* refused though its version was current */
	HISTORY_CONTRADICTS, /* the server's account is another */
	HISTORY_OMITTED,     /* the server's account leaves a change out */
	HISTORY_LOST_MEMBER, /* added for certain, and not there */
	HISTORY_LEFT_MEMBER, /* there, though removed or never added */
	HISTORY_INCOMPLETE,  /* a blind write, and no account of its parent */
	HISTORY_NO_MEMORY
};

struct history_finding {
	enum history_verdict verdict;
	uint32_t resource;
	uint64_t state; /* where it shows */
	uint64_t other; /* FORKED: the other one; STALE: later, but known
			 * to have been there before */
};

/*
 * Reorders `ops` by resource.  The first finding, or HISTORY_FINE.  A history
 * ends with a read or the account of each resource, made when all was quiet;
 * else a write whose answer never came could hide.
 */
struct history_finding history_check(struct history_op *ops, size_t count);

/*
 * The same for members, which come and go without a version: what was there
 * in the end must be what some order of the adds and removes leaves.
 * Reorders `ops` by resource and member.
 */
struct history_finding history_check_members(
    struct history_op *ops, size_t count);

const char *history_verdict_text(enum history_verdict verdict);

#endif
