/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operating system's clock and random bytes, for hosts that want no
 * other.  The only place in the library that asks for either.
 */
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "scimd/types.h"

/* What getentropy() gives at most in one call. */
#define ENTROPY_MAX 256

static int64_t
now_ms(void *context)
{
	struct timespec ts;

	(void)context;
	int rc = clock_gettime(CLOCK_REALTIME, &ts);
	scim__assert(rc == 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
random_bytes(void *context, void *buf, size_t len)
{
	char *p = buf;

	(void)context;
	while (len > 0) {
		size_t n = len < ENTROPY_MAX ? len : ENTROPY_MAX;
		int rc = getentropy(p, n);

		scim__assert(rc == 0);
		p += n;
		len -= n;
	}
}

const scim_env *
scim_env_system(void)
{
	static const scim_env env = {
		.size = sizeof(env),
		.now_ms = now_ms,
		.random = random_bytes,
	};

	return &env;
}
