/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The log: a line of JSON for each start, stop and problem, on stderr.
 *
 * Requests are not logged, but for those with a quirk (quirks.c); /metrics
 * counts them.  A line that can't be written is lost: there is nobody left
 * to tell.
 */

#include "daemon/log.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"
#include "json/json.h"

#define LINE_MOST 4096

void
scim__log_line(scim__buf *buf, int64_t now_ms, enum scim__log_level level,
    const char *event, va_list pairs)
{
	static const char *const levels[] = { "info", "warning", "error" };
	char at[SCIM__TIME_RFC3339_LEN + 1];

	scim__time_format(now_ms, at);
	scim__buf_printf(
	    buf, "{\"at\":\"%s\",\"level\":\"%s\"", at, levels[level]);
	scim__buf_add(buf, SCIM_STR(",\"event\":"));
	scim__json_write_string(buf, scim__str(event));
	for (const char *key = va_arg(pairs, const char *); key != NULL;
	     key = va_arg(pairs, const char *)) {
		const char *value = va_arg(pairs, const char *);

		scim__buf_add_char(buf, ',');
		scim__json_write_string(buf, scim__str(key));
		scim__buf_add_char(buf, ':');
		scim__json_write_string(
		    buf, scim__str(value == NULL ? "" : value));
	}
	scim__buf_add_char(buf, '}');
}

void
scim__log(enum scim__log_level level, const char *event, ...)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim_env *env = scim_env_system();
	scim__buf buf;
	va_list pairs;

	if (arena == NULL)
		return;
	scim__buf_init(&buf, arena, LINE_MOST);
	va_start(pairs, event);
	scim__log_line(&buf, env->now_ms(env->context), level, event, pairs);
	va_end(pairs);
	scim__buf_add_char(&buf, '\n');
	if (!scim__buf_failed(&buf)) {
		scim_str line = scim__buf_str(&buf);
		ssize_t written = write(STDERR_FILENO, line.ptr, line.len);

		(void)written;
	}
}
