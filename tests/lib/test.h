/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_TEST_H
#define TESTS_LIB_TEST_H

/*
 * What every test includes: cmocka with the headers it wants before it, and
 * comparisons of our own types that say what they saw.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "scimd/types.h"

/* What outputs hold before a call that must leave them alone. */
#define POISON 77

#define assert_str(have, want) \
	test_assert_str((have), (want), __FILE__, __LINE__)

/* Fails the test when `have` is not the text `want`. */
void test_assert_str(
    scim_str have, const char *want, const char *file, int line);

/*
 * Runs `call` with an arena whose nth allocation fails, for n from 0 until
 * it succeeds.  Fails the test when another status than SCIM_OK or
 * SCIM_ERR_NO_MEMORY comes, or when memory is left behind.  Returns how many
 * allocations the successful run made.
 */
size_t test_fail_each_allocation(
    scim_status (*call)(scim_arena *arena, void *context), void *context);

#endif
