/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A thread, its event loop and its mailbox.
 *
 * A connection stays with one loop for its life, so nothing of it needs a
 * lock; what other threads have for it comes by mail.  Deadlines are rings
 * in the order they end, looked at ten times a second, and never a timer
 * each.
 */

#include "daemon/loop.h"

#include <string.h>

#include "base/str.h"
#include "daemon/connection.h"
#include "daemon/contention.h"
#include "daemon/log.h"
#include "daemon/park.h"
#include "store/sqlite/stats.h"

#define TICK_MS 100
#define LIMITS_MS 1000
#define LINGER_MS 1000

static struct scim__mail *
take_mail(struct scim__loop *loop)
{
	(void)pthread_mutex_lock(&loop->lock);
	struct scim__mail *first = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	(void)pthread_mutex_unlock(&loop->lock);
	return first;
}

static void
on_mail(uv_async_t *async)
{
	struct scim__loop *loop = async->data;

	for (struct scim__mail *mail = take_mail(loop); mail != NULL;) {
		struct scim__mail *next = mail->next;

		mail->open(mail, loop);
		mail = next;
	}
}

void
scim__loop_post(struct scim__loop *loop, struct scim__mail *mail)
{
	mail->next = NULL;
	(void)pthread_mutex_lock(&loop->lock);
	bool was_empty = loop->first == NULL;
	*loop->last = mail;
	loop->last = &mail->next;
	(void)pthread_mutex_unlock(&loop->lock);
	if (was_empty)
		(void)uv_async_send(&loop->async);
}

void
scim__loops_read_limits(struct scim__server *server)
{
	const scim__tenant *tenant =
	    scim__policy_tenant(server->policy, SCIM_STR("default"), NULL);
	scim_settings settings;

	scim_settings_init(&settings);
	(void)pthread_mutex_lock(&server->limits_lock);
	server->limits =
	    tenant == NULL ? settings.limits : tenant->settings.limits;
	(void)pthread_mutex_unlock(&server->limits_lock);
	scim__policy_tenant_unref(tenant);
}

/* Settings of a tenant change while we run; those of connections too. */
static void
read_limits(struct scim__loop *loop)
{
	struct scim__server *server = loop->server;

	(void)pthread_mutex_lock(&server->limits_lock);
	loop->limits = server->limits;
	(void)pthread_mutex_unlock(&server->limits_lock);
	loop->limits_read_ms = uv_now(&loop->uv);
	loop->wait_ms[SCIM__WAIT_IDLE] = loop->limits.idle_ms;
	loop->wait_ms[SCIM__WAIT_REQUEST] = loop->limits.request_ms;
	loop->wait_ms[SCIM__WAIT_WRITE] = loop->limits.request_ms;
	loop->wait_ms[SCIM__WAIT_LINGER] = LINGER_MS;
}

static void
end_if_done(struct scim__loop *loop)
{
	uv_handle_t *timer = (uv_handle_t *)&loop->timer;

	if (!loop->is_stopping || uv_is_closing(timer) != 0 ||
	    !scim__link_is_alone(&loop->connections))
		return;
	uv_close(timer, NULL);
	uv_close((uv_handle_t *)&loop->async, NULL);
}

static void
on_tick(uv_timer_t *timer)
{
	struct scim__loop *loop = timer->data;
	uint64_t now = uv_now(&loop->uv);

	for (int i = 0; i < SCIM__WAIT_COUNT; i++)
		scim__connections_expire(&loop->waiting[i], now);
	scim__park_tick(loop, now);
	if (loop->is_stopping && now >= loop->stop_by_ms)
		scim__connections_drop(&loop->connections);
	if (now - loop->limits_read_ms >= LIMITS_MS)
		read_limits(loop);
}

void
scim__loop_wait(struct scim__loop *loop, struct scim__link *link,
    uint64_t *deadline_ms, enum scim__wait wait)
{
	scim__link_leave(link);
	if (wait == SCIM__WAIT_COUNT)
		return;
	*deadline_ms = uv_now(&loop->uv) + loop->wait_ms[wait];
	scim__link_join(link, &loop->waiting[wait]);
}

int64_t
scim__loop_date(struct scim__loop *loop, const char **out)
{
	const scim_env *env = loop->server->env;
	int64_t now_ms = env->now_ms(env->context);

	if (now_ms / 1000 != loop->date_s) {
		loop->date_s = now_ms / 1000;
		scim__time_format_http(now_ms, loop->date);
	}
	*out = loop->date;
	return now_ms;
}

void
scim__loop_left(struct scim__loop *loop)
{
	(void)atomic_fetch_sub(&loop->metrics.connections, 1);
	end_if_done(loop);
}

static void *
run(void *argument)
{
	struct scim__loop *loop = argument;

	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	return NULL;
}

static bool
start_handles(struct scim__loop *loop)
{
	if (uv_async_init(&loop->uv, &loop->async, on_mail) != 0)
		return false;
	loop->async.data = loop;
	(void)uv_timer_init(&loop->uv, &loop->timer);
	loop->timer.data = loop;
	(void)uv_timer_start(&loop->timer, on_tick, TICK_MS, TICK_MS);
	if (pthread_create(&loop->thread, NULL, run, loop) == 0)
		return true;
	uv_close((uv_handle_t *)&loop->timer, NULL);
	uv_close((uv_handle_t *)&loop->async, NULL);
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	return false;
}

bool
scim__loop_start(struct scim__loop *loop, struct scim__server *server)
{
	memset(loop, 0, sizeof(*loop));
	loop->server = server;
	loop->last = &loop->first;
	loop->date_s = -1;
	scim__link_init(&loop->connections);
	scim__link_init(&loop->parked);
	for (int i = 0; i < SCIM__WAIT_COUNT; i++)
		scim__link_init(&loop->waiting[i]);
	if (uv_loop_init(&loop->uv) != 0)
		return false;
	(void)pthread_mutex_init(&loop->lock, NULL);
	read_limits(loop);
	if (start_handles(loop))
		return true;
	(void)uv_loop_close(&loop->uv);
	(void)pthread_mutex_destroy(&loop->lock);
	return false;
}

static void
open_stop(struct scim__mail *mail, struct scim__loop *loop)
{
	(void)mail;
	loop->is_stopping = true;
	loop->stop_by_ms = uv_now(&loop->uv) + loop->limits.request_ms;
	scim__connections_stop(&loop->connections);
	scim__park_end(loop);
	end_if_done(loop);
}

void
scim__loop_stop(struct scim__loop *loop)
{
	loop->stop.open = open_stop;
	scim__loop_post(loop, &loop->stop);
}

void
scim__loop_join(struct scim__loop *loop)
{
	(void)pthread_join(loop->thread, NULL);
	if (uv_loop_close(&loop->uv) != 0)
		scim__log(SCIM__LOG_ERROR, "loop_left_open", NULL);
	(void)pthread_mutex_destroy(&loop->lock);
}

bool
scim__loops_write_metrics(const struct scim__server *server, scim__buf *buf)
{
	struct scim__metrics *loops[SCIM__LOOPS_MOST];
	struct scim__writer_counts counts;
	struct scim__sqlite_stats stats = { 0, 0 };
	bool has_wal = scim__sqlite_stats(server->store, &stats);

	for (unsigned i = 0; i < server->config->loops; i++)
		loops[i] = &server->loops[i].metrics;
	scim__writer_count(server->writer, &counts);
	scim__metrics_write(buf, loops, server->config->loops,
	    &(struct scim__metrics_totals){ counts.batches, counts.operations,
		counts.reruns, has_wal, stats.wal_bytes,
		(uint64_t)stats.oldest_snapshot_ms });
	scim__contention_write(buf, server->metrics);
	return !scim__buf_failed(buf);
}
