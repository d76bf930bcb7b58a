/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_POLICY_BADGES_H
#define TESTS_UNIT_POLICY_BADGES_H

/* Tenant "acme" on a server of the shipped schemas, and what it may have of
 * its own: a schema of badges, by its attributes. */

#include "unit/policy/door.h"

#include <stdio.h>

#include "schema/schema.h"

#define BADGE_SCHEMA(attributes)                                  \
	"{\"id\":\"urn:x:Badge\",\"name\":\"Badge\",\"schemas\":" \
	"[\"urn:ietf:params:scim:schemas:core:2.0:Schema\"],"     \
	"\"attributes\":[" attributes "]}"
#define BADGE_TYPE                                                       \
	"{\"id\":\"Badge\",\"name\":\"Badge\",\"endpoint\":\"/Badges\"," \
	"\"schemas\":"                                                   \
	"[\"urn:ietf:params:scim:schemas:core:2.0:ResourceType\"],"      \
	"\"schema\":\"urn:x:Badge\"}"

struct badges {
	struct door door;
	scim_registry *shipped;
	scim__policy *policy;
	scim_error err;
};

static inline void
badges_open(struct badges *b)
{
	*b = (struct badges){ .shipped = NULL };
	door_open(&b->door);
	make_tenant(&b->door, "acme", "page_most=7", NULL);
	assert_int_equal(
	    scim_registry_new(NULL, 0, &b->shipped, NULL), SCIM_OK);
	assert_int_equal(scim__policy_new(b->door.store, &b->door.env.env,
			     b->shipped, &b->policy, NULL),
	    SCIM_OK);
}

static inline void
badges_close(struct badges *b)
{
	scim__policy_free(b->policy);
	scim_registry_unref(b->shipped);
	door_close(&b->door);
}

/* Gives acme a schema, with its type, unless NULL. */
static inline scim_status
badges_add(
    struct badges *b, const char *schema, struct scim__schema_change *out)
{
	const scim_schema_source sources[] = {
		{ SCIM_STR("type.json"), SCIM_STR(BADGE_TYPE) },
		{ SCIM_STR("schema.json"), scim__str(schema) },
	};

	return scim__tenant_schemas_add(b->policy, SCIM_STR("acme"), sources,
	    schema == NULL ? 1 : 2, out, &b->err);
}

static inline void
badges_must_add(struct badges *b, const char *schema)
{
	struct scim__schema_change change;

	assert_int_equal(badges_add(b, schema, &change), SCIM_OK);
}

static inline scim_status
badges_remove(struct badges *b, const char *id)
{
	const scim_str ids[] = { scim__str(id) };
	struct scim__schema_change change;

	return scim__tenant_schemas_remove(
	    b->policy, SCIM_STR("acme"), ids, 1, &change, &b->err);
}

/* A reference. */
static inline const scim__tenant *
acme(struct badges *b)
{
	const scim__tenant *tenant =
	    scim__policy_tenant(b->policy, SCIM_STR("acme"), &b->err);

	assert_non_null(tenant);
	return tenant;
}

/* Writes a resource as it would be stored, without rows. */
static inline void
badges_put(struct badges *b, const char *type, const char *id,
    const char *content, const char *secret)
{
	scim_record record = { .id = scim__str(id),
		.content = scim__str(content),
		.secret = scim__str(secret),
		.relation_state = SCIM_STR("") };
	const scim_str none = SCIM_STR("");
	const scim_write write = { .kind = SCIM_WRITE_CREATE,
		.key = { SCIM_STR("acme"), scim__str(type), scim__str(id) },
		.record = &record,
		.change = { .operation = none,
		    .actor = none,
		    .via = none,
		    .paths = none,
		    .content = none } };
	scim_write_result result;
	scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(b->door.store, SCIM_TXN_WRITE, &txn, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim__store_write(txn, b->door.arena, &write, &result, NULL),
	    SCIM_OK);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_OK);
}

#endif
