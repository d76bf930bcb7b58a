/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of tests/lib/postgres.c where libpq was not found.
 */
#include "lib/postgres.h"

bool
postgres_is_there(void)
{
	return false;
}

bool
postgres_execute(const char *sql)
{
	(void)sql;
	return false;
}

bool
postgres_place(const char *place, char *out_url, size_t size)
{
	(void)place;
	(void)out_url;
	(void)size;
	return false;
}
