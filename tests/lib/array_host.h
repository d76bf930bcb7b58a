/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_ARRAY_HOST_H
#define TESTS_LIB_ARRAY_HOST_H

#include <stdbool.h>

#include "scimd/store.h"

/* The simplest host of a plain store: a sorted array of pairs. */
struct array_host {
	struct array_pair *pairs;
	size_t count, capacity;
	unsigned calls;   /* puts and removes so far */
	unsigned fail_at; /* this one of them fails; 0: none */
	scim_status status;
	bool busy; /* a callback runs: no other may */
};

scim_plain_callbacks array_host_callbacks(struct array_host *host);
void array_host_release(struct array_host *host);

#endif
