/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_TIME_H
#define SCIM_BASE_TIME_H

#include <stdbool.h>

#include "scimd/types.h"

/* Times are milliseconds since 1970-01-01T00:00:00Z, as int64_t. */

#define SCIM__TIME_RFC3339_LEN 24 /* 2026-11-21T20:01:02.345Z */
#define SCIM__TIME_HTTP_LEN 29    /* Sat, 21 Nov 2026 20:01:02 GMT */

/* Years 0000 to 9999; writes the length above and a NUL. */
void scim__time_format(int64_t ms, char out[SCIM__TIME_RFC3339_LEN + 1]);
void scim__time_format_http(int64_t ms, char out[SCIM__TIME_HTTP_LEN + 1]);

/* RFC 3339 (also without a zone: UTC), any offset and fraction. */
bool scim__time_parse(scim_str s, int64_t *out_ms);

/* IMF-fixdate, RFC 850 or asctime (RFC 9110 5.6.7).  `now_ms` decides the
 * century of a two-digit year. */
bool scim__time_parse_http(scim_str s, int64_t now_ms, int64_t *out_ms);

#endif
