/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_PROVIDER_TOLD_H
#define TESTS_UNIT_PROVIDER_TOLD_H

/* A user with versions, for the tests of provider/history*.c. */

#include <stdio.h>

#include "base/str.h"
#include "lib/directory.h"
#include "provider/history.h"
#include "store/store.h"

#define TOLD_MOST 40
#define TOLD_URN "urn:ietf:params:scim:schemas:core:2.0:User"

struct told {
	struct directory d;
	scim_target user;
	scim_version versions[TOLD_MOST]; /* oldest first */
	size_t count;
	scim_registry *later; /* other schemas, once there are any */
};

#define told_format(t, ...) scim__str_format((t)->d.context.arena, __VA_ARGS__)

/* Replaces the user; `more` begins with a comma. */
static inline void
told_write(struct told *t, const char *more)
{
	scim_outcome out;
	scim_str body = told_format(
	    t, "{\"schemas\":[\"" TOLD_URN "\"],\"userName\":\"u\"%s}", more);

	if (directory_replace(&t->d, "User", t->user.id, body.ptr, &expect_any,
		&out) != SCIM_OK)
		fail_msg("%s", t->d.err.detail);
	assert_int_equal(out.kind, SCIM_DONE);
	assert_true(t->count < TOLD_MOST);
	t->versions[t->count++] = out.resource.version;
}

/* A user of `count` versions, with the titles "2", "3", … from the second
 * on, a second apart. */
static inline void
told_open(struct told *t, size_t count)
{
	directory_open(&t->d);
	t->later = NULL;
	t->user.type = SCIM_STR("User");
	scim_resource made = directory_user(&t->d, "u");
	t->user.id = made.id;
	t->versions[0] = made.version;
	t->count = 1;
	while (t->count < count) {
		char title[32];

		t->d.fixed.now_ms += 1000;
		(void)snprintf(
		    title, sizeof(title), ",\"title\":\"%zu\"", t->count + 1);
		told_write(t, title);
	}
}

static inline void
told_close(struct told *t)
{
	scim_registry_unref(t->later);
	directory_close(&t->d);
}

static inline const scim__resource_type *
told_type(const struct told *t)
{
	return scim__registry_type(t->d.context.registry, t->user.type);
}

/* From now on the schemas of users are these and nothing else: attributes of
 * the core, and no extension. */
static inline void
told_reform(struct told *t, const char *attributes)
{
	scim_str schema = told_format(t,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Schema\"],"
	    "\"id\":\"" TOLD_URN "\",\"name\":\"User\",\"attributes\":["
	    "{\"name\":\"userName\",\"type\":\"string\",\"required\":true,"
	    "\"uniqueness\":\"server\",\"x-scimd-indexed\":true}%s]}",
	    attributes);
	const scim_schema_source sources[] = {
		{ SCIM_STR("user.json"), schema },
		{ SCIM_STR("type.json"),
		    SCIM_STR("{\"schemas\":[\"urn:ietf:params:scim:schemas:"
			     "core:2.0:ResourceType\"],\"id\":\"User\","
			     "\"name\":\"User\",\"endpoint\":\"/Users\","
			     "\"schema\":\"" TOLD_URN "\"}") },
	};

	if (scim_registry_new(sources, 2, &t->later, &t->d.err) != SCIM_OK)
		fail_msg("%s", t->d.err.detail);
	t->d.context.registry = t->later;
}

#endif
