/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SCHEMA_DEFINITIONS_H
#define TESTS_UNIT_SCHEMA_DEFINITIONS_H

/* Definitions as the tests of src/schema write them down. */

#include "lib/test.h"

#include "schema/schema.h"

#define SCHEMA_URN "urn:ietf:params:scim:schemas:core:2.0:Schema"
#define TYPE_URN "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
#define USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"
#define GROUP_URN "urn:ietf:params:scim:schemas:core:2.0:Group"
#define ENTERPRISE_URN \
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

/* A schema "urn:x:Thing" with these attribute definitions. */
#define THING_SCHEMA(attributes)                         \
	"{\"schemas\":[\"" SCHEMA_URN                    \
	"\"],\"id\":\"urn:x:Thing\",\"name\":\"Thing\"," \
	"\"attributes\":[" attributes "]}"

/* Its resource type "Thing" at /Things; `more` begins with a comma. */
#define THING_TYPE(more)                                        \
	"{\"schemas\":[\"" TYPE_URN                             \
	"\"],\"id\":\"Thing\",\"name\":\"Thing\",\"endpoint\":" \
	"\"/Things\",\"schema\":\"urn:x:Thing\"" more "}"

/* A registry of the shipped documents and up to four of these texts, which
 * errors call "1.json" and so on. */
static inline scim_status
load_texts(const char *const *texts, scim_registry **out, scim_error *err)
{
	static const char *const names[] = { "1.json", "2.json", "3.json",
		"4.json" };
	scim_schema_source sources[4];
	size_t count = 0;

	for (; count < 4 && texts[count] != NULL; count++)
		sources[count] = (scim_schema_source){ scim__str(names[count]),
			scim__str(texts[count]) };
	return scim_registry_new(sources, count, out, err);
}

static inline scim_registry *
load_thing(const char *schema, const char *type)
{
	const char *texts[] = { schema, type, NULL };
	scim_registry *registry = NULL;
	scim_error err = { .status = SCIM_OK };
	scim_status rc = load_texts(texts, &registry, &err);

	if (rc != SCIM_OK)
		print_error("%s\n", err.detail);
	assert_int_equal(rc, SCIM_OK);
	return registry;
}

/* Definitions that are refused with just this sentence. */
static inline void
assert_refused(const char *const *texts, const char *detail)
{
	scim_registry *poison = (scim_registry *)(uintptr_t)POISON;
	scim_registry *registry = poison;
	scim_error err = { .status = SCIM_OK };

	assert_int_equal(load_texts(texts, &registry, &err), SCIM_ERR_INVALID);
	assert_string_equal(err.detail, detail);
	assert_ptr_equal(registry, poison);
}

static inline void
assert_thing_refused(const char *schema, const char *detail)
{
	const char *texts[] = { schema, THING_TYPE(""), NULL };

	assert_refused(texts, detail);
}

static inline const scim__attribute *
find_path(const scim_registry *registry, const char *type, const char *path)
{
	return scim__registry_path(registry,
	    scim__registry_type(registry, scim__str(type)), scim__str(path));
}

#endif
