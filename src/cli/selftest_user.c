/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The users that the races are about.
 *
 * They carry what the pickiest of servers asks for, and the value that is
 * raced for in nickName, which every server keeps as it is sent.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/selftest.h"
#include "json/json.h"

void
scim__user_name(struct scim__racer_user *user,
    const struct scim__selftest *test, const char *race, uint64_t n)
{
	(void)snprintf(user->name, sizeof(user->name),
	    "scimd-race-%s-%llx-%llu@example.com", race,
	    (unsigned long long)test->seed, (unsigned long long)n);
	user->id[0] = '\0';
}

scim_str
scim__user_body(struct scim__client *client,
    const struct scim__racer_user *user, const char *value)
{
	scim__buf b;

	scim__buf_init(&b, client->arena, 64 << 10);
	scim__buf_add_z(&b,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],");
	if (user->id[0] != '\0') {
		scim__buf_add_z(&b, "\"id\":");
		scim__json_write_string(&b, scim__str(user->id));
		scim__buf_add_char(&b, ',');
	}
	scim__buf_printf(&b,
	    "\"userName\":\"%s\",\"active\":true,\"displayName\":\"Race\","
	    "\"name\":{\"givenName\":\"Race\",\"familyName\":\"Test\"},"
	    "\"emails\":[{\"value\":\"%s\",\"type\":\"work\","
	    "\"primary\":true}],\"nickName\":\"%s\"}",
	    user->name, user->name, value);
	return scim__buf_failed(&b) ? (scim_str){ NULL, 0 } : scim__buf_str(&b);
}

/* A member as a C string; false when it is none or does not fit. */
static bool
get_text(const scim__value *body, scim_str name, char *out, size_t size)
{
	scim_str s = scim__object_get_string(body, name);

	if (s.ptr == NULL || s.len >= size)
		return false;
	memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
	return true;
}

bool
scim__user_create(struct scim__client *client, struct scim__race *race,
    struct scim__racer_user *user, const char *value)
{
	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "POST",
		.collection = "/Users",
		.body = scim__user_body(client, user, value) });
	if (client->status == 201 &&
	    get_text(&client->body, SCIM_STR("id"), user->id, sizeof(user->id)))
		return true;
	scim__client_complain(client, race, "creating a user");
	return false;
}

bool
scim__user_read(struct scim__client *client, struct scim__race *race,
    const struct scim__racer_user *user, char etag[SCIM__ETAG_MOST],
    char value[64])
{
	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){
		.method = "GET", .collection = "/Users", .id = user->id });
	if (client->status != 200) {
		scim__client_complain(client, race, "reading the user");
		return false;
	}
	if (!get_text(&client->body, SCIM_STR("nickName"), value, 64)) {
		scim__race_evidence(race, "this server does not keep nickName");
		return false;
	}
	const scim__value *meta =
	    scim__object_find(&client->body, SCIM_STR("meta"));
	if (client->etag[0] != '\0')
		memcpy(etag, client->etag, SCIM__ETAG_MOST);
	else if (meta == NULL ||
	    !get_text(meta, SCIM_STR("version"), etag, SCIM__ETAG_MOST)) {
		scim__race_evidence(race,
		    "this server gives no ETag: no update of it can be made"
		    " conditional");
		return false;
	}
	return true;
}

long
scim__user_replace(struct scim__client *client,
    const struct scim__racer_user *user, const char *value, const char *etag)
{
	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "PUT",
		.collection = "/Users",
		.id = user->id,
		.body = scim__user_body(client, user, value),
		.if_match = etag });
	return client->status;
}

void
scim__user_delete(
    struct scim__client *client, const struct scim__racer_user *user)
{
	if (user->id[0] == '\0')
		return;
	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){ .method = "DELETE",
		.collection = "/Users",
		.id = user->id,
		.if_match = "*" });
}
