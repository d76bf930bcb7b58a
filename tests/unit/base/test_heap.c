/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/test.h"

/* Sanitizers bring a heap of their own. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) ||             \
    defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer)
#define HEAP_IS_GLIBC 0
#else
#define HEAP_IS_GLIBC 1
#endif

/* Pages of this process that are its own, by the system's count. */
static size_t
resident_pages(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu %lu", &size, &resident), 2);
	(void)fclose(f);
	return resident;
}

static void
large_blocks_go_back_after_larger_ones(void **state)
{
	enum { BLOCKS = 64, BYTES = 1024 * 1024, PAGES = BYTES / 4096 };
	char *blocks[BLOCKS];

	if (!HEAP_IS_GLIBC)
		skip();
	scim__heap_return_large();
	free(malloc((size_t)24 * 1024 * 1024));
	size_t before = resident_pages();
	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BYTES);
		assert_non_null(blocks[i]);
		memset(blocks[i], 1, BYTES);
	}
	assert_true(resident_pages() > before + BLOCKS * PAGES / 2);
	/* all but the last, which would pin a heap that only shrinks */
	for (size_t i = 0; i + 1 < BLOCKS; i++)
		free(blocks[i]);
	assert_true(resident_pages() < before + BLOCKS * PAGES / 4);
	free(blocks[BLOCKS - 1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_blocks_go_back_after_larger_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
