/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONTRACT_WORLD_H
#define TESTS_CONTRACT_WORLD_H

#include <stdbool.h>

#include "lib/test.h"
#include "store/store.h"

/*
 * What the contract tests stand on: every backend, opened empty, and short
 * words for what they do to it over and over.
 */

struct world;

struct backend {
	const char *name;
	scim_status (*open)(struct world *w); /* makes w->store */
};

struct world {
	const struct backend *backend;
	char place[64]; /* a folder for this world alone */
	struct array_host *host;
	scim_store *store;
	scim_arena *arena;
	scim_error err;
};

/* A case of the contract: a true sentence, and what shows it. */
struct contract_case {
	const char *name;
	void (*run)(void **state); /* *state is a struct world */
};

#define CONTRACT_CASE(f) \
	{                \
#f, f    \
	}

/* Runs each case on each backend, each time in a world of its own. */
int contract_run(
    const char *group, const struct contract_case *cases, size_t count);

/* A write with a record behind it. */
struct draft {
	scim_write w;
	scim_record r;
	char content[64];
};

/* A version by a number, and a resource by an id, of tenant "t". */
scim_version ver(uint64_t number);
scim_key user(const char *id);
scim_key group(const char *id);

/* A write that finds version `from` and leaves version `to`; the content
 * says so too. */
struct draft *draft(struct draft *d, scim_write_kind kind, scim_key key,
    uint64_t from, uint64_t to);

/* One write in a transaction and a savepoint of its own. */
scim_status try_write(struct world *w, struct draft *d);
scim_status try_write_for(
    struct world *w, struct draft *d, scim_write_result *out);

/* The same, which has to succeed.  Returns the sequence. */
uint64_t must_write(struct world *w, struct draft *d);
uint64_t must_create(struct world *w, scim_key key, uint64_t to);
uint64_t must_update(struct world *w, scim_key key, uint64_t from, uint64_t to);
uint64_t must_delete(struct world *w, scim_key key, uint64_t from);

scim_txn *must_begin(struct world *w, scim_txn_mode mode);
void must_commit(struct world *w, scim_txn *txn);
void must_leaf_put(
    struct world *w, scim_shelf shelf, const char *name, const char *value);

/* The version a key is at, 0 when it is not there. */
uint64_t version_at(struct world *w, scim_key key);
uint64_t version_in(struct world *w, scim_txn *txn, scim_key key);

/* Rows. */
scim_index_value text(const char *z);
scim_index_value integer(int64_t n);
scim_index_value real(double d);
scim_plan all_users(void);

/* The ids a plan gives, or the values and so on of others, with a blank
 * after each, in the world's arena. */
const char *ids_of(struct world *w, const scim_plan *plan);
const char *members_of(
    struct world *w, scim_key key, const char *after, size_t limit);
const char *memberships_of(
    struct world *w, const char *value, const char *after, size_t limit);
const char *leaves_on(
    struct world *w, scim_shelf shelf, const char *after, size_t limit);
uint64_t count_of(struct world *w, const scim_plan *plan, uint64_t most);

/* The id that holds a unique value of users, or "-". */
const char *holder_of(
    struct world *w, const char *attribute, const char *value);

/* Every call has to succeed. */
#define assert_ok(call) assert_int_equal((call), SCIM_OK)

#endif
