/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helpers behind lib/served.h.
 */
#include "lib/served.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/connection.h"

#define SETTINGS_MOST 8
#define SMALL_BUFFER 4096

static void
tick(void *context)
{
	(void)context;
}

static void
let_go(void *context, const scim_error *err)
{
	(void)context;
	(void)err;
}

static void
set_up_tenant(struct served *s, const char *const *settings)
{
	scim_str list[SETTINGS_MOST];
	size_t count = 0;

	assert_int_equal(scim__policy_bootstrap(
			     s->server.policy, SCIM_STR(SERVED_TOKEN), NULL),
	    SCIM_OK);
	for (; settings != NULL && settings[count] != NULL; count++)
		list[count] = scim__str(settings[count]);
	if (count > 0)
		assert_int_equal(scim__tenant_set(s->server.policy,
				     SCIM_STR("default"), list, count, NULL),
		    SCIM_OK);
}

void
served_open_on(struct served *s, scim_store *store, const char *const *settings)
{
	const scim_env *env = scim_env_system();
	struct scim__writer_options options = { .store = store,
		.queue_most = 16,
		.tick = tick,
		.poisoned = let_go };

	(void)signal(SIGPIPE, SIG_IGN);
	memset(s, 0, sizeof(*s));
	s->store = store;
	s->config.loops = 1;
	s->server = (struct scim__server){ .config = &s->config,
		.env = env,
		.store = store,
		.root_url = "http://h",
		.scim_url = "http://h/scim/v2",
		.loops = &s->loop };
	assert_int_equal(
	    scim_registry_new(NULL, 0, &s->registry, NULL), SCIM_OK);
	assert_int_equal(
	    scim__policy_new(store, env, s->registry, &s->server.policy, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim_provider_new(store, env, &s->server.provider, NULL), SCIM_OK);
	assert_int_equal(scim_metrics_new(&s->server.metrics, NULL), SCIM_OK);
	set_up_tenant(s, settings);
	s->server.workers = scim__workers_new(2, 4);
	s->server.writer = scim__writer_new(&options);
	assert_non_null(s->server.workers);
	assert_non_null(s->server.writer);
	(void)pthread_mutex_init(&s->server.limits_lock, NULL);
	scim__loops_read_limits(&s->server);
	assert_true(scim__loop_start(&s->loop, &s->server));
}

void
served_open(struct served *s, const char *const *settings)
{
	scim_store *store;

	assert_int_equal(scim_store_open_memory(NULL, &store, NULL), SCIM_OK);
	served_open_on(s, store, settings);
}

void
served_stop(struct served *s)
{
	scim__loop_stop(&s->loop);
	scim__loop_join(&s->loop);
	s->is_stopped = true;
}

void
served_close(struct served *s)
{
	if (!s->is_stopped)
		served_stop(s);
	scim__workers_free(s->server.workers);
	scim__writer_free(s->server.writer);
	scim__tls_context_free(s->server.tls);
	scim_provider_free(s->server.provider);
	scim_metrics_free(s->server.metrics);
	scim__policy_free(s->server.policy);
	scim_registry_unref(s->registry);
	scim_store_close(s->store);
}

int
served_connect(struct served *s)
{
	int size = SMALL_BUFFER, fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	/* Small, so that large answers do not fit. */
	(void)setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	assert_true(scim__connection_open(&s->loop, fds[1], true));
	return fds[0];
}

void
served_send(int fd, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

char *
served_read_all(int fd)
{
	size_t len = 0, room = SMALL_BUFFER;
	char *text = malloc(room);
	ssize_t got = 1;

	while (text != NULL && got > 0) {
		if (room - len < SMALL_BUFFER) {
			room *= 2;
			text = realloc(text, room);
			assert_non_null(text);
		}
		got = recv(fd, text + len, room - len - 1, 0);
		len += got > 0 ? (size_t)got : 0;
	}
	assert_non_null(text);
	text[len] = '\0';
	return text;
}

int
served_read(int fd, char *out, size_t room)
{
	size_t len = 0, whole = SIZE_MAX;

	while (len < whole) {
		bool has_head = whole != SIZE_MAX;
		size_t want = has_head ? whole - len : 1;

		assert_true(len + want < room);
		ssize_t got = recv(fd, out + len, want, 0);
		if (got <= 0)
			return 0;
		len += (size_t)got;
		out[len] = '\0';
		if (has_head || len < 4 ||
		    strcmp(out + len - 4, "\r\n\r\n") != 0)
			continue;
		const char *length = strstr(out, "\r\nContent-Length: ");
		whole =
		    len + (length == NULL ? 0 : strtoul(length + 18, NULL, 10));
	}
	return atoi(out + strlen("HTTP/1.1 "));
}

int
served_ask(struct served *s, const char *text, char *out, size_t room)
{
	int fd = served_connect(s);

	served_send(fd, text);
	int status = served_read(fd, out, room);
	(void)close(fd);
	return status;
}
