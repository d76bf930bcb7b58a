/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_LOG_H
#define SCIM_DAEMON_LOG_H

#include <stdarg.h>

#include "base/buf.h"

enum scim__log_level {
	SCIM__LOG_INFO,
	SCIM__LOG_WARNING, /* goes on, somebody should look */
	SCIM__LOG_ERROR    /* something did not happen */
};

/*
 * Writes one line of JSON to stderr: at, level, event, and the pairs of
 * `const char *` that follow, ended by NULL.  One write(2), so that lines of
 * several threads stay whole.  Never given a secret.
 */
void scim__log(enum scim__log_level level, const char *event, ...)
    __attribute__((sentinel));

/* The line without the newline, for those who write it elsewhere. */
void scim__log_line(scim__buf *buf, int64_t now_ms, enum scim__log_level level,
    const char *event, va_list pairs);

#endif
