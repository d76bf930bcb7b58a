/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock that stands and a die that always falls the same.
 */
#include "lib/fixed_env.h"

static int64_t
fixed_now(void *context)
{
	const struct fixed_env *fixed = context;

	return fixed->now_ms;
}

/* A linear congruence; its high bits are random enough for tests. */
static void
fixed_random(void *context, void *buf, size_t len)
{
	struct fixed_env *fixed = context;
	uint8_t *bytes = buf;

	for (size_t i = 0; i < len; i++) {
		fixed->state = fixed->state * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
		bytes[i] = (uint8_t)(fixed->state >> 56);
	}
}

void
fixed_env_init(struct fixed_env *fixed, int64_t now_ms, uint64_t seed)
{
	*fixed = (struct fixed_env){
		.env = SCIM_ENV_INIT,
		.now_ms = now_ms,
		.state = seed,
	};
	fixed->env.context = fixed;
	fixed->env.now_ms = fixed_now;
	fixed->env.random = fixed_random;
}
