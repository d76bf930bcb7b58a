/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C library does with freed memory.
 *
 * glibc raises the size from which it gives blocks back each time it frees a
 * larger one, up to 32 MiB: after a few large requests their memory would
 * stay with the process for good.  Saying the size once ends that.
 */
#include "base/heap.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define LARGE_BYTES (128 * 1024)

void
scim__heap_return_large(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
#endif
}
