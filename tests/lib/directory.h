/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_DIRECTORY_H
#define TESTS_LIB_DIRECTORY_H

/*
 * A whole directory in memory: store, shipped schemas, provider, and a clock
 * that the test moves.  Everything a test reads from it lives until
 * directory_close().
 */

#include "lib/fixed_env.h"
#include "lib/test.h"
#include "scimd/handler.h"
#include "scimd/provider.h"

struct directory {
	struct fixed_env fixed;
	scim_store *store;
	scim_registry *registry;
	scim_provider *provider;
	scim_settings settings;
	scim_context context;
	scim_error err;  /* of the last call */
	char folder[64]; /* where its file is; empty for none */
};

#define DIRECTORY_NOW 1795291200123 /* 2026-11-21T20:00:00.123Z */

void directory_open(struct directory *d);

/* The same over a store that the test made, and that it owns from then on;
 * with the system's clock and random bytes when `threads`. */
void directory_open_on(struct directory *d, scim_store *store, bool threads);
/* The same over a database file, which goes with the directory. */
void directory_open_sqlite(struct directory *d, bool threads);
void directory_close(struct directory *d);

extern const scim_expect expect_any;

/* The id that comes out has a NUL behind it. */
scim_status directory_create(
    struct directory *d, const char *type, const char *json, scim_outcome *out);
scim_status directory_get(
    struct directory *d, const char *type, scim_str id, scim_outcome *out);
scim_status directory_replace(struct directory *d, const char *type,
    scim_str id, const char *json, const scim_expect *expect,
    scim_outcome *out);
scim_status directory_patch(struct directory *d, const char *type, scim_str id,
    const char *json, const scim_expect *expect, scim_outcome *out);
scim_status directory_delete(struct directory *d, const char *type, scim_str id,
    const scim_expect *expect, scim_outcome *out);

/* A user of that name; fails the test when it can't be created. */
scim_resource directory_user(struct directory *d, const char *user_name);

/* A group with those members, up to a NULL. */
scim_resource directory_group(struct directory *d, const char *display_name,
    const scim_str *const *members);

/* One version expected. */
scim_expect expect_version(const scim_version *version);

/* Fails the test unless `json` contains `text`, or does. */
void assert_contains(scim_str json, const char *text);
void assert_lacks(scim_str json, const char *text);

#endif
