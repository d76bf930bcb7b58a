/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_TURN_H
#define SCIM_STORE_KV_TURN_H

#include <pthread.h>
#include <stdbool.h>

#define SCIM__TURN_PATIENCE_MS 10000

/*
 * Who may do what when: one writer at a time, and readers at any time but
 * while a writer makes its work visible.  Whoever has a turn may hand it to
 * another thread.
 */
struct scim__turn {
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	unsigned patience_ms; /* how long a call waits before it says false */
	bool writing, showing;
	unsigned readers;
};

/* False: the system has no room for another lock. */
bool scim__turn_init(struct scim__turn *turn);
void scim__turn_release(struct scim__turn *turn);

bool scim__turn_begin_read(struct scim__turn *turn);
void scim__turn_end_read(struct scim__turn *turn);
bool scim__turn_begin_write(struct scim__turn *turn);
void scim__turn_end_write(struct scim__turn *turn);

/* Inside a write: waits for the readers to leave and lets none come in. */
bool scim__turn_begin_show(struct scim__turn *turn);
void scim__turn_end_show(struct scim__turn *turn);

#endif
