/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fill DATABASE COUNT TOKEN USERS
 *
 * Makes a database with COUNT users of tenant `default`, which TOKEN opens,
 * and writes their ids and versions to the file USERS, a line each.
 *
 * They are made by the steps that the daemon runs, 1,000 in a transaction,
 * so that the file is what a server would have made.
 */
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "common.h"
#include "handler/call.h"
#include "policy/policy.h"
#include "json/json.h"

enum { BATCH = 1000 };

struct fill {
	scim_store *store;
	scim_provider *provider;
	scim__policy *policy;
	const scim__tenant *tenant;
	FILE *users;
};

static void
check(scim_status status, const scim_error *err)
{
	if (status != SCIM_OK)
		die(err->detail);
}

static void
open_all(struct fill *f, const char *path, const char *token)
{
	scim_error err = { 0 };
	scim_registry *registry = NULL;
	char url[4096];

	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	check(scim_store_open(scim__str(url), NULL, &f->store, &err), &err);
	check(scim_provider_new(f->store, NULL, &f->provider, &err), &err);
	check(scim_registry_new(NULL, 0, &registry, &err), &err);
	check(
	    scim__policy_new(f->store, NULL, registry, &f->policy, &err), &err);
	scim_registry_unref(registry);
	check(scim__policy_bootstrap(f->policy, scim__str(token), &err), &err);
	f->tenant = scim__policy_tenant(f->policy, SCIM_STR("default"), &err);
	if (f->tenant == NULL)
		die(err.detail);
}

static void
make_request(const struct fill *f, uint64_t n, char *body, scim_request *out)
{
	int len = write_user(body, USER_MOST, n, n + 1);

	*out = (scim_request){
		.operation = SCIM_OPERATION_CREATE,
		.endpoint = SCIM_STR("/Users"),
		.body = { body, (size_t)len },
		.context = {
			.tenant = f->tenant->name,
			.registry = f->tenant->registry,
			.settings = &f->tenant->settings,
			.base_url = SCIM_STR("http://127.0.0.1/scim/v2"),
			.actor = SCIM_STR("bench"),
			.via = SCIM_STR("c"),
		},
	};
}

struct one {
	scim__call *call;
	scim_request request;
	char body[USER_MOST];
};

/* "W/"x"" or ""x"" gives x. */
static void
print_user(FILE *to, const scim_response *response)
{
	scim_str location = response->location;
	scim_str etag = response->etag;
	size_t slash = location.len;

	if (response->result != SCIM_RESULT_CREATED)
		die(response->error.detail);
	while (slash > 0 && location.ptr[slash - 1] != '/')
		slash--;
	(void)fprintf(to, "%.*s\t%.*s\n", (int)(location.len - slash),
	    location.ptr + slash, (int)etag.len, etag.ptr);
}

static void
fill_batch(
    const struct fill *f, scim_arena *arena, uint64_t first, uint64_t count)
{
	static struct one ones[BATCH];
	scim_error err = { 0 };
	scim_txn *txn = NULL;

	check(scim__store_begin(f->store, SCIM_TXN_WRITE, &txn, &err), &err);
	for (uint64_t i = 0; i < count; i++) {
		struct one *o = &ones[i];

		make_request(f, first + i, o->body, &o->request);
		o->call = scim__call_new(f->provider, &o->request, arena);
		if (o->call == NULL ||
		    scim__call_start(o->call) != SCIM__STEP_WRITE ||
		    scim__call_apply(o->call, txn) != SCIM_OK)
			die("a user could not be made");
	}
	check(scim__store_commit(txn, &err), &err);
	for (uint64_t i = 0; i < count; i++) {
		if (scim__call_committed(ones[i].call, SCIM_OK, &err) !=
		    SCIM__STEP_DONE)
			die("a user was not done with");
		print_user(f->users, scim__call_response(ones[i].call));
	}
}

int
main(int argc, char **argv)
{
	struct fill f = { .store = NULL };

	if (argc != 5)
		die("usage: fill DATABASE COUNT TOKEN USERS");
	uint64_t count = read_count(argv[2]);
	scim_arena *arena = scim_arena_new(NULL);
	f.users = fopen(argv[4], "w");
	if (arena == NULL || f.users == NULL)
		die("no memory, or no file for the users");
	open_all(&f, argv[1], argv[3]);
	for (uint64_t n = 0; n < count; n += BATCH) {
		fill_batch(&f, arena, n, count - n < BATCH ? count - n : BATCH);
		scim_arena_reset(arena);
	}
	scim__policy_tenant_unref(f.tenant);
	scim__policy_free(f.policy);
	scim_provider_free(f.provider);
	scim_store_close(f.store);
	scim_arena_free(arena);
	return fclose(f.users) == 0 ? 0 : 1;
}
