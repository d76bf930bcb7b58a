/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_WRITER_H
#define SCIM_DAEMON_WRITER_H

/* The one thread that writes. */

#include <stdbool.h>

#include "store/store.h"

typedef struct scim__writer scim__writer;

/* Embedded in what is to be written; the writer's until done() begins. */
struct scim__turn {
	struct scim__turn *next;

	/* Runs inside a savepoint, which is rolled back unless SCIM_OK; may
	 * run again after that. */
	scim_status (*apply)(struct scim__turn *turn, scim_txn *txn);

	/* `commit` SCIM_OK: what apply() said stands, and is durable.
	 * SCIM_ERR_UNCERTAIN: it may have happened.  Any other: it has not,
	 * and `err` says why. */
	void (*done)(struct scim__turn *turn);

	scim_status commit;
	scim_error err;
};

struct scim__writer_options {
	scim_store *store;
	size_t queue_most;
	size_t batch_most; /* turns that share a commit; 0: 64, the most */

	/* Called in the writer's thread, `context` in front: every 5 ms while
	 * there is nothing to write, and once between batches that took that
	 * long. */
	void (*tick)(void *context);

	/* After each commit of turns; may be NULL. */
	void (*committed)(void *context);

	/* Once, when a commit became uncertain; `err` is what it said. */
	void (*poisoned)(void *context, const scim_error *err);
	void *context;
};

struct scim__writer_counts {
	uint64_t batches, operations, reruns;
};

/* NULL: out of memory or threads. */
scim__writer *scim__writer_new(const struct scim__writer_options *options);

/* Writes what is queued, then ends the thread. */
void scim__writer_free(scim__writer *writer);

/* False: the queue is full, and `turn` is the caller's as before. */
bool scim__writer_submit(scim__writer *writer, struct scim__turn *turn);

void scim__writer_count(scim__writer *writer, struct scim__writer_counts *out);

#endif
