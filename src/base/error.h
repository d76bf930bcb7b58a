/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_ERROR_H
#define SCIM_BASE_ERROR_H

#include "scimd/error.h"

/* Fill `err`, when there is one, and return `status`: fail in one line. */
SCIM_PRINTF(3, 4)
scim_status scim__fail(
    scim_error *err, scim_status status, const char *fmt, ...);

/* The same with a keyword of RFC 7644 table 9; `scim_type` is static. */
SCIM_PRINTF(4, 5)
scim_status scim__fail_type(scim_error *err, scim_status status,
    const char *scim_type, const char *fmt, ...);

scim_status scim__fail_memory(scim_error *err);

/* The analyzer reads one file at a time; this is what it can't see there. */
#ifdef __clang_analyzer__
#define scim__fail(err, status, ...) \
	((void)(scim__fail)((err), (status), __VA_ARGS__), (status))
#define scim__fail_type(err, status, ...) \
	((void)(scim__fail_type)((err), (status), __VA_ARGS__), (status))
#define scim__fail_memory(err) \
	((void)(scim__fail_memory)(err), SCIM_ERR_NO_MEMORY)
#endif

/*
 * For the public door only: a caller's mistake is an answer, not a crash.
 * It is the one macro in the tree that hides a `return`.
 */
#define SCIM__REQUIRE(err, cond)                                \
	do {                                                    \
		if (!(cond))                                    \
			return scim__fail(err, SCIM_ERR_MISUSE, \
			    "%s() needs %s.", __func__, #cond); \
	} while (0)

/* For our own mistakes.  Stays on in release; never reachable from input. */
#define scim__assert(cond) \
	((cond) ? (void)0 : scim__assert_failed(#cond, __FILE__, __LINE__))

_Noreturn void scim__assert_failed(
    const char *cond, const char *file, int line);

#endif
