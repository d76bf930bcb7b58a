/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_POSTGRES_H
#define TESTS_LIB_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>

/* Whether tests/lib/with-postgres has started a database. */
bool postgres_is_there(void);

/* Makes a schema called as `place` ends, and the URL that leads to it. */
bool postgres_place(const char *place, char *out_url, size_t size);

/* Runs statements in the database. */
bool postgres_execute(const char *sql);

#endif
