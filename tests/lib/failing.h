/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_FAILING_H
#define TESTS_LIB_FAILING_H

#include <stdbool.h>

#include "scimd/types.h"

/* An allocator that says no once, to the nth request (from 0). */
struct failing {
	scim_allocator base;
	size_t nth;
	size_t asked; /* requests so far, the refused one included */
	size_t live;  /* blocks given and not yet returned */
	bool has_failed;
};

#define FAILING_NEVER SIZE_MAX

void failing_init(struct failing *failing, size_t nth);

#endif
