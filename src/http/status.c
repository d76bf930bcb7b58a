/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The statuses of HTTP that scimd sends, in words.  No other is ever sent; a
 * proxy in front may rely on it.
 */

#include "http/status.h"

#include <stddef.h>

#include "base/cleanup.h"

const char *
scim__http_status_line(int status)
{
	static const struct {
		int status;
		const char *line;
	} lines[] = {
		{ 200, "200 OK" },
		{ 201, "201 Created" },
		{ 204, "204 No Content" },
		{ 304, "304 Not Modified" },
		{ 308, "308 Permanent Redirect" },
		{ 400, "400 Bad Request" },
		{ 401, "401 Unauthorized" },
		{ 403, "403 Forbidden" },
		{ 404, "404 Not Found" },
		{ 405, "405 Method Not Allowed" },
		{ 408, "408 Request Timeout" },
		{ 409, "409 Conflict" },
		{ 410, "410 Gone" },
		{ 411, "411 Length Required" },
		{ 412, "412 Precondition Failed" },
		{ 413, "413 Content Too Large" },
		{ 414, "414 URI Too Long" },
		{ 415, "415 Unsupported Media Type" },
		{ 428, "428 Precondition Required" },
		{ 429, "429 Too Many Requests" },
		{ 431, "431 Request Header Fields Too Large" },
		{ 501, "501 Not Implemented" },
		{ 503, "503 Service Unavailable" },
	};

	for (size_t i = 0; i < scim__countof(lines); i++)
		if (lines[i].status == status)
			return lines[i].line;
	return "500 Internal Server Error";
}
