/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_WORKERS_H
#define SCIM_DAEMON_WORKERS_H

/* Threads for what must not hold up a loop: password hashes, scans. */

#include <stdbool.h>
#include <stddef.h>

typedef struct scim__workers scim__workers;

/* Embedded in what is to be done; belongs to the pool until run() begins. */
struct scim__job {
	struct scim__job *next;
	void (*run)(struct scim__job *job);
};

/* NULL: out of memory or threads. */
scim__workers *scim__workers_new(unsigned threads, size_t queue_most);

/* Runs what is queued, then ends the threads. */
void scim__workers_free(scim__workers *workers);

/* False: the queue is full, and `job` is the caller's as before.  `must`
 * takes it all the same, for work that can't be refused any more. */
bool scim__workers_submit(
    scim__workers *workers, struct scim__job *job, bool must);

#endif
