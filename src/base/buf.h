/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_BUF_H
#define SCIM_BASE_BUF_H

#include <stdbool.h>

#include "scimd/types.h"

/*
 * A growing run of bytes in an arena.  The first failure sticks: append
 * without looking, ask scim__buf_failed() once at the end.
 */
typedef struct scim__buf {
	scim_arena *arena;
	char *ptr;
	size_t len, capacity;
	size_t limit; /* bytes it may grow to; SIZE_MAX for none */
	bool failed;
} scim__buf;

void scim__buf_init(scim__buf *buf, scim_arena *arena, size_t limit);
void scim__buf_add(scim__buf *buf, scim_str s);
void scim__buf_add_z(scim__buf *buf, const char *z);
void scim__buf_add_char(scim__buf *buf, char c);
SCIM_PRINTF(2, 3)
void scim__buf_printf(scim__buf *buf, const char *fmt, ...);

/* Room for `size` more bytes at the end, or NULL; then add to `len`. */
char *scim__buf_reserve(scim__buf *buf, size_t size);

static inline bool
scim__buf_failed(const scim__buf *buf)
{
	return buf->failed;
}

static inline scim_str
scim__buf_str(const scim__buf *buf)
{
	return (scim_str){ buf->ptr == NULL ? "" : buf->ptr, buf->len };
}

#endif
