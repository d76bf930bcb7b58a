/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting, for those calls that promise to block. */
#include "base/pause.h"

#include <time.h>

void
scim__pause(unsigned milliseconds)
{
	struct timespec left = { .tv_sec = milliseconds / 1000,
		.tv_nsec = (long)(milliseconds % 1000) * 1000000 };

	while (nanosleep(&left, &left) != 0)
		;
}
