/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_CLEANUP_H
#define SCIM_BASE_CLEANUP_H

#include <stddef.h>

/*
 * Scope-bound release.
 *
 *	scim__auto(sqlite3_finalize) sqlite3_stmt *q = NULL;
 *
 * releases `q` on every way out of the scope.  Declare, initialise to NULL,
 * and hand a value out with scim__take() when it must survive.
 */
#define SCIM__DEFINE_AUTO(type, fn)            \
	static inline void fn##__auto(type *p) \
	{                                      \
		if (*p != NULL)                \
			(void)fn(*p);          \
	}                                      \
	struct scim__swallow_semicolon

#define scim__auto(fn) __attribute__((cleanup(fn##__auto)))

/* Moves a pointer out of an auto variable: yields it and leaves NULL. */
#define scim__take(p)                       \
	(__extension__({                    \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	}))

#define scim__container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define scim__countof(a) (sizeof(a) / sizeof((a)[0]))

#endif
