/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Builds the server up and takes it down again.
 *
 * Up: what can be wrong in the configuration first, then the file's lock, so
 * that a second server touches nothing; the port last, so that whoever
 * connects is served.  Down, in reverse: no connection outlives its loop, no
 * call its writer, no writer its store; the store closes when all is quiet,
 * and what was acknowledged is in it.
 */

#include "daemon/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/str.h"
#include "daemon/acceptor.h"
#include "daemon/address.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/park.h"
#include "daemon/schema_files.h"
#include "handler/call.h"
#include "handler/forget.h"
#include "provider/shown.h"
#include "store/sqlite/lock.h"
#include "store/store.h"

/* At 19 MiB a password, and at most so many calls in a queue. */
#define WORKERS 2
#define WORKERS_QUEUE 256
#define WRITER_QUEUE 4096
#define TOKEN_BYTES 32
#define FORGET_MS 10000
#define TIDY_AT_ONCE 500
#define LIMITS_MS 1000

/* A connection to the database for each; they wait most of the time. */
#define READERS 16
#define READERS_QUEUE 1024

/* All that is built, in the order of building. */
struct running {
	struct scim__server server;
	scim_arena *arena;
	struct scim__address address;
	char address_text[SCIM__ADDRESS_TEXT_MAX];
	int fd;
	scim_registry *registry;
	struct scim__acceptor acceptor;
	bool has_acceptor;
	unsigned loops_started;
	pthread_mutex_t waking; /* guards the next */
	unsigned loops_to_wake; /* after a commit */
	_Atomic bool is_poisoned;
	bool tick_failed;                   /* the writer's own */
	const scim__tenant *settling;       /* the writer's own */
	struct scim__forgetting forgetting; /* the writer's own */
	int64_t forgot_ms;                  /* the writer's own */
	int64_t limits_ms;                  /* the writer's own */
};

static bool
is_remote(const struct running *r)
{
	return (scim_store_capabilities(r->server.store) & SCIM_STORE_REMOTE) !=
	    0;
}

static void
on_poisoned(void *context, const scim_error *err)
{
	struct running *r = context;

	scim__log(SCIM__LOG_ERROR, "commit_uncertain", "detail",
	    "a commit was sent and its outcome is unknown; ending", "error",
	    err->detail, NULL);
	atomic_store(&r->is_poisoned, true);
	scim__acceptor_wake(&r->acceptor);
}

/* For a turn: the tenant is let go when the turn is over. */
static bool
settle_for(void *argument, scim_str name, scim_context *out)
{
	struct running *r = argument;

	r->settling = scim__policy_tenant(r->server.policy, name, NULL);
	if (r->settling == NULL)
		return false;
	*out = (scim_context){ .registry = r->settling->registry,
		.settings = &r->settling->settings,
		.base_url = scim__str(r->server.scim_url),
		.actor = SCIM_STR("scimd"),
		.via = SCIM_STR("settle") };
	return true;
}

/* Who waits for a change looks whether this was one. */
static void
on_committed(void *context)
{
	struct running *r = context;

	(void)pthread_mutex_lock(&r->waking);
	for (unsigned i = 0; i < r->loops_to_wake; i++)
		scim__park_wake(&r->server.loops[i]);
	(void)pthread_mutex_unlock(&r->waking);
}

static void
set_loops_to_wake(struct running *r, unsigned count)
{
	(void)pthread_mutex_lock(&r->waking);
	r->loops_to_wake = count;
	(void)pthread_mutex_unlock(&r->waking);
}

static void
let_tenant_go(struct running *r)
{
	if (r->settling != NULL)
		scim__policy_tenant_unref(r->settling);
	r->settling = NULL;
}

/* One turn of forgetting, while a round through the tenants is under way. */
static scim_status
forget_when_due(struct running *r, scim_error *err)
{
	const scim_env *env = r->server.env;
	int64_t now_ms = env->now_ms(env->context);
	int64_t since_ms = now_ms - r->forgot_ms;

	if (r->forgetting.is_done && since_ms >= 0 && since_ms < FORGET_MS)
		return SCIM_OK;
	if (r->forgetting.is_done) {
		r->forgetting = (struct scim__forgetting){ .last_len = 0 };
		/* Another node may have ended with something left to do. */
		if (is_remote(r))
			scim__settle_look(r->server.provider);
	}
	scim_status rc = scim__forget_turn(
	    r->server.provider, settle_for, r, &r->forgetting, err);
	let_tenant_go(r);
	if (rc != SCIM_OK)
		r->forgetting.is_done = true;
	if (r->forgetting.is_done)
		r->forgot_ms = now_ms;
	return rc;
}

static void
read_limits_when_due(struct running *r)
{
	const scim_env *env = r->server.env;
	int64_t now_ms = env->now_ms(env->context);
	int64_t since_ms = now_ms - r->limits_ms;

	if (since_ms >= 0 && since_ms < LIMITS_MS)
		return;
	r->limits_ms = now_ms;
	scim__loops_read_limits(&r->server);
}

/* Between two batches: one turn of what a delete left for later, one of what
 * is old enough to be forgotten, and one of what the store left for later. */
static void
on_tick(void *context)
{
	struct running *r = context;
	scim_error err;
	bool more;
	int left;
	scim_status rc =
	    scim__settle_turn(r->server.provider, settle_for, r, &more, &err);

	let_tenant_go(r);
	if (rc == SCIM_OK)
		rc = forget_when_due(r, &err);
	if (rc == SCIM_OK)
		rc = scim__store_tidy(
		    r->server.store, TIDY_AT_ONCE, &left, &err);
	read_limits_when_due(r);
	if (rc == SCIM_ERR_UNCERTAIN && !is_remote(r))
		on_poisoned(r, &err);
	if (rc != SCIM_OK && !r->tick_failed)
		scim__log(SCIM__LOG_WARNING, "tick_failed", "detail",
		    err.detail, NULL);
	r->tick_failed = rc != SCIM_OK;
}

/* One server a file. */
static scim_status
lock_store(struct running *r, scim_error *err)
{
	static const scim_str scheme = { "sqlite:", 7 };
	scim_str url = scim__str(r->server.config->store);
	char holder[SCIM__SERVE_HOLDER_MAX];

	if (!scim__str_starts_with(url, scheme))
		return SCIM_OK;
	scim_str path = scim__str_copy(
	    r->arena, (scim_str){ url.ptr + scheme.len, url.len - scheme.len });
	scim_str text = scim__str_format(r->arena, "pid %ld at %s",
	    (long)getpid(), r->server.config->listen);
	if (path.ptr == NULL || text.ptr == NULL)
		return scim__fail_memory(err);
	return scim__sqlite_serve_lock(path, text, holder, err);
}

/* A token for the first start, shown this once. */
static scim_status
make_first_token(struct running *r, scim_error *err)
{
	unsigned char bytes[TOKEN_BYTES];
	const scim_env *env = r->server.env;

	env->random(env->context, bytes, sizeof(bytes));
	scim_str token = scim__base64url(r->arena, bytes, sizeof(bytes));
	if (token.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__policy_bootstrap(r->server.policy, token, err);
	if (rc == SCIM_OK) {
		(void)printf("token %.*s\n", (int)token.len, token.ptr);
		(void)fflush(stdout);
	}
	return rc;
}

static scim_status
bootstrap(struct running *r, scim_error *err)
{
	const struct scim__config *config = r->server.config;
	bool is_empty = false;
	scim_status rc =
	    scim__policy_is_empty(r->server.policy, &is_empty, err);

	if (rc == SCIM_OK && config->bootstrap_token != NULL)
		rc = scim__policy_bootstrap(
		    r->server.policy, scim__str(config->bootstrap_token), err);
	else if (rc == SCIM_OK && is_empty)
		rc = make_first_token(r, err);
	if (rc == SCIM_OK && config->setting_count > 0)
		rc = scim__tenant_set(r->server.policy, SCIM_STR("default"),
		    config->settings, config->setting_count, err);
	return rc;
}

static scim_status
open_store(struct running *r, scim_error *err)
{
	struct scim__server *s = &r->server;
	scim_status rc =
	    scim__schema_files_read(s->config->schemas, &r->registry, err);

	if (rc == SCIM_OK)
		rc = lock_store(r, err);
	if (rc == SCIM_OK)
		rc = scim_store_open(
		    scim__str(s->config->store), s->env, &s->store, err);
	if (rc == SCIM_OK)
		rc = scim__policy_new(
		    s->store, s->env, r->registry, &s->policy, err);
	if (rc == SCIM_OK)
		rc = scim_provider_new(s->store, s->env, &s->provider, err);
	/* Others write to a remote one, and it does not tell what. */
	if (rc == SCIM_OK && !is_remote(r))
		rc = scim__shown_begin(s->provider, err);
	if (rc == SCIM_OK)
		rc = scim_metrics_new(&s->metrics, err);
	if (rc == SCIM_OK)
		scim_provider_count_in(s->provider, s->metrics);
	return rc == SCIM_OK ? bootstrap(r, err) : rc;
}

/* @spec 7644-7.2-01 @spec 7644-7.4-02 */
static scim_status
check_listen(struct running *r, scim_error *err)
{
	const struct scim__config *config = r->server.config;
	scim_status rc = scim__address_parse(config->listen, &r->address, err);

	if (rc == SCIM_OK && config->tls_cert == NULL &&
	    !config->insecure_http && !scim__address_is_loopback(&r->address))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "%.60s can be reached from other machines: give --tls-cert "
		    "and --tls-key, or --insecure-http when a proxy in front "
		    "does TLS.",
		    config->listen);
	return rc;
}

static scim_status
set_urls(struct running *r, scim_error *err)
{
	const struct scim__config *config = r->server.config;
	scim_str root = config->public_url != NULL
	    ? scim__str(config->public_url)
	    : scim__str_format(r->arena, "%s://%s",
		  r->server.tls == NULL ? "http" : "https", r->address_text);

	while (root.len > 0 && root.ptr[root.len - 1] == '/')
		root.len--;
	r->server.root_url = scim__str_copy_z(r->arena, root);
	scim_str scim =
	    scim__str_format(r->arena, "%.*s/scim/v2", (int)root.len, root.ptr);
	r->server.scim_url = scim__str_copy_z(r->arena, scim);
	if (r->server.root_url == NULL || r->server.scim_url == NULL)
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
open_port(struct running *r, scim_error *err)
{
	const struct scim__config *config = r->server.config;
	scim_status rc = SCIM_OK;

	if (config->tls_cert != NULL)
		rc = scim__tls_context_new(
		    config->tls_cert, config->tls_key, &r->server.tls, err);
	if (rc == SCIM_OK)
		rc = scim__address_listen(&r->address, &r->fd, err);
	if (rc != SCIM_OK)
		return rc == SCIM_ERR_INVALID ? SCIM_ERR_BUSY : rc;
	scim__address_format(&r->address, r->address_text);
	return set_urls(r, err);
}

static scim_status
start_threads(struct running *r, scim_error *err)
{
	struct scim__server *s = &r->server;
	struct scim__writer_options options = { .store = s->store,
		.queue_most = WRITER_QUEUE,
		.batch_most = s->config->batch,
		.tick = on_tick,
		.committed = on_committed,
		.poisoned = on_poisoned,
		.context = r };

	r->has_acceptor = scim__acceptor_init(&r->acceptor, s, r->fd);
	if (!r->has_acceptor)
		return scim__fail_memory(err);
	scim__loops_read_limits(&r->server);
	s->workers = scim__workers_new(WORKERS, WORKERS_QUEUE);
	if (is_remote(r))
		s->readers = scim__workers_new(READERS, READERS_QUEUE);
	s->writer = scim__writer_new(&options);
	s->loops = calloc(s->config->loops, sizeof(*s->loops));
	if (s->workers == NULL || s->writer == NULL || s->loops == NULL ||
	    (is_remote(r) && s->readers == NULL))
		return scim__fail_memory(err);
	while (r->loops_started < s->config->loops) {
		if (!scim__loop_start(&s->loops[r->loops_started], s))
			return scim__fail(err, SCIM_ERR_NO_MEMORY,
			    "Can't start %u loops.", s->config->loops);
		r->loops_started++;
	}
	set_loops_to_wake(r, r->loops_started);
	return SCIM_OK;
}

static scim_status
start(struct running *r, scim_error *err)
{
	r->arena = scim_arena_new(NULL);
	if (r->arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = check_listen(r, err);
	if (rc == SCIM_OK)
		rc = open_store(r, err);
	if (rc == SCIM_OK)
		rc = open_port(r, err);
	return rc == SCIM_OK ? start_threads(r, err) : rc;
}

/* Whoever asks twice gets the same end: no signal cuts the closing short. */
static void
block_signals(void)
{
	sigset_t both;

	(void)sigemptyset(&both);
	(void)sigaddset(&both, SIGTERM);
	(void)sigaddset(&both, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &both, NULL);
}

static void
stop(struct running *r)
{
	struct scim__server *s = &r->server;

	if (r->fd >= 0)
		(void)close(r->fd);
	set_loops_to_wake(r, 0);
	for (unsigned i = 0; i < r->loops_started; i++)
		scim__loop_stop(&s->loops[i]);
	for (unsigned i = 0; i < r->loops_started; i++)
		scim__loop_join(&s->loops[i]);
	scim__workers_free(s->readers);
	scim__workers_free(s->workers);
	scim__writer_free(s->writer);
	if (r->has_acceptor) {
		block_signals();
		scim__acceptor_release(&r->acceptor);
	}
	free(s->loops);
	scim__tls_context_free(s->tls);
	scim_provider_free(s->provider);
	scim_metrics_free(s->metrics);
	scim__policy_free(s->policy);
	scim_registry_unref(r->registry);
	scim_store_close(s->store);
	scim_arena_free(r->arena);
}

static void
set_up_process(void)
{
	struct rlimit files;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

scim_status
scim__server_run(const struct scim__config *config, scim_error *err)
{
	struct running r = { .fd = -1, .waking = PTHREAD_MUTEX_INITIALIZER };

	(void)pthread_mutex_init(&r.server.limits_lock, NULL);
	r.server.config = config;
	r.server.env = scim_env_system();
	scim__heap_return_large();
	set_up_process();
	scim_status rc = start(&r, err);
	if (rc == SCIM_OK) {
		(void)printf("listening %s\n", r.server.scim_url);
		(void)fflush(stdout);
		char store[512];

		(void)scim__store_show_url(config->store, store, sizeof(store));
		scim__log(SCIM__LOG_INFO, "listening", "address",
		    r.address_text, "url", r.server.scim_url, "store", store,
		    "version", SCIMD_VERSION, NULL);
		scim__acceptor_run(&r.acceptor);
		scim__log(SCIM__LOG_INFO, "stopping", "reason",
		    r.acceptor.reason, NULL);
	}
	stop(&r);
	if (rc == SCIM_OK)
		scim__log(SCIM__LOG_INFO, "stopped", NULL);
	if (rc == SCIM_OK && atomic_load(&r.is_poisoned))
		return scim__fail(err, SCIM_ERR_UNCERTAIN,
		    "A commit's outcome is unknown; look at the disk, then "
		    "start again.");
	return rc;
}
