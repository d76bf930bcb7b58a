/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_MESSAGE_H
#define SCIM_HTTP_MESSAGE_H

/* A request as it came, before anything of SCIM is made of it. */

#include <stdbool.h>

#include "scimd/types.h"

/* The methods that some path knows; bits, so that a path can say which. */
enum scim__method {
	SCIM__METHOD_OTHER = 0,
	SCIM__METHOD_GET = 1 << 0,
	SCIM__METHOD_HEAD = 1 << 1,
	SCIM__METHOD_POST = 1 << 2,
	SCIM__METHOD_PUT = 1 << 3,
	SCIM__METHOD_PATCH = 1 << 4,
	SCIM__METHOD_DELETE = 1 << 5,
	SCIM__METHOD_OPTIONS = 1 << 6
};

typedef struct scim__field {
	scim_str name;
	scim_str value; /* without white space around it */
} scim__field;

/* Everything is borrowed from the bytes it was parsed from. */
typedef struct scim__message {
	enum scim__method method;
	scim_str method_name;
	scim_str target;
	unsigned minor; /* of HTTP/1.x: 0 or 1 */
	const scim__field *fields;
	size_t field_count;
	bool has_content; /* said so, also when none has come yet */
	bool expects_continue;
	scim_str body;
} scim__message;

#endif
