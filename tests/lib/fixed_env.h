/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_FIXED_ENV_H
#define TESTS_LIB_FIXED_ENV_H

#include "scimd/types.h"

/*
 * An environment whose clock stands where the test puts it and whose random
 * bytes follow from a seed.  For one thread at a time.
 */
struct fixed_env {
	scim_env env;
	int64_t now_ms;
	uint64_t state;
};

void fixed_env_init(struct fixed_env *fixed, int64_t now_ms, uint64_t seed);

#endif
