/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Error message (RFC 7644 section 3.12).
 */
#include "handler/error_body.h"

#include "base/buf.h"
#include "base/str.h"
#include "json/json.h"

scim_str
scim__conflict_body(
    scim_arena *arena, int status, const scim_error *error, scim_str conflict)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_printf(&buf,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"%s],"
	    "\"status\":\"%d\"",
	    conflict.ptr == NULL ? "" : ",\"" SCIM__CONFLICT_URN "\"", status);
	if (error->scim_type != NULL)
		scim__buf_printf(
		    &buf, ",\"scimType\":\"%s\"", error->scim_type);
	scim__buf_add_z(&buf, ",\"detail\":");
	scim__json_write_string(&buf, scim__str(error->detail));
	if (conflict.ptr != NULL) {
		scim__buf_add_z(&buf, ",\"" SCIM__CONFLICT_URN "\":");
		scim__buf_add(&buf, conflict);
	}
	scim__buf_add_char(&buf, '}');
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}

scim_str
scim_error_body(scim_arena *arena, int status, const scim_error *error)
{
	return scim__conflict_body(arena, status, error, (scim_str){ NULL, 0 });
}
