/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conflict in words a program can read.
 */
#include "base/buf.h"
#include "base/str.h"
#include "provider/provider.h"
#include "json/json.h"

static void
write_pair(scim__buf *buf, const char *name, scim_str value)
{
	scim__buf_add_z(buf, name);
	scim__json_write_string(buf, value.ptr != NULL ? value : SCIM_STR(""));
}

scim_str
scim_conflict_json(scim_arena *arena, const scim_conflict *conflict)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	write_pair(&buf, "{\"id\":", conflict->id);
	write_pair(&buf, ",\"expectedVersion\":", conflict->expected);
	write_pair(&buf, ",\"currentVersion\":", conflict->current);
	write_pair(&buf, ",\"message\":", conflict->message);
	scim__buf_add_z(&buf, ",\"paths\":[");
	for (size_t i = 0; i < conflict->path_count; i++) {
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		scim__json_write_string(&buf, conflict->paths[i]);
	}
	scim__buf_add_z(&buf, "]}");
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}
