/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FILTER_FILTERING_H
#define TESTS_UNIT_FILTER_FILTERING_H

/*
 * A resource type with an attribute of every kind, and the way from a text
 * to a bound filter and to its truth.
 */

#include "lib/test.h"

#include "base/arena.h"
#include "filter/bind.h"
#include "filter/eval.h"
#include "filter/parse.h"
#include "json/json.h"

static const struct scim__filter_limits roomy = { 8192, 100, 32 };

/* What the tests of one program share. */
struct filtering {
	scim_registry *registry;
	scim_arena *arena;
};

#define THING "urn:x:a.b:2.0:Thing"
#define EXTRA "urn:x:extra:1.0:Thing"

static inline int
filtering_setup(void **state)
{
	static const char thing[] =
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Schema\"],"
	    "\"id\":\"" THING "\",\"name\":\"Thing\",\"attributes\":["
	    "{\"name\":\"n\",\"uniqueness\":\"server\"},"
	    "{\"name\":\"s\",\"x-scimd-indexed\":true},"
	    "{\"name\":\"e\",\"caseExact\":true,\"x-scimd-indexed\":true},"
	    "{\"name\":\"plain\"},"
	    "{\"name\":\"b\",\"type\":\"boolean\",\"x-scimd-indexed\":true},"
	    "{\"name\":\"d\",\"type\":\"decimal\",\"x-scimd-indexed\":true},"
	    "{\"name\":\"i\",\"type\":\"integer\",\"x-scimd-indexed\":true},"
	    "{\"name\":\"t\",\"type\":\"dateTime\",\"x-scimd-indexed\":true},"
	    "{\"name\":\"x\",\"type\":\"binary\"},"
	    "{\"name\":\"r\",\"type\":\"reference\",\"caseExact\":true},"
	    "{\"name\":\"pin\",\"returned\":\"never\"},"
	    "{\"name\":\"key\",\"mutability\":\"writeOnly\"},"
	    "{\"name\":\"list\",\"multiValued\":true,"
	    "\"x-scimd-indexed\":true},"
	    "{\"name\":\"c\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"a\"},{\"name\":\"many\",\"type\":\"integer\","
	    "\"multiValued\":true}]},"
	    "{\"name\":\"v\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"value\"}]},"
	    "{\"name\":\"m\",\"type\":\"complex\",\"multiValued\":true,"
	    "\"subAttributes\":["
	    "{\"name\":\"value\",\"x-scimd-indexed\":true},"
	    "{\"name\":\"type\"},{\"name\":\"$ref\",\"type\":\"reference\"},"
	    "{\"name\":\"primary\",\"type\":\"boolean\"}]}]}";
	static const char extra[] =
	    "{\"id\":\"" EXTRA "\",\"attributes\":[{\"name\":\"code\"},"
	    "{\"name\":\"o\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"one\"}]}]}";
	static const char type[] =
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
	    "ResourceType\"],\"id\":\"Thing\",\"name\":\"Thing\","
	    "\"endpoint\":\"/Things\",\"schema\":\"" THING "\","
	    "\"schemaExtensions\":[{\"schema\":\"" EXTRA "\"}]}";
	const scim_schema_source sources[] = {
		{ SCIM_STR("thing.json"), SCIM_STR(thing) },
		{ SCIM_STR("extra.json"), SCIM_STR(extra) },
		{ SCIM_STR("type.json"), SCIM_STR(type) },
	};
	static struct filtering f;
	scim_error err = { 0 };

	f.arena = scim_arena_new(NULL);
	*state = &f;
	if (scim_registry_new(sources, 3, &f.registry, &err) == SCIM_OK)
		return 0;
	print_error("%s\n", err.detail);
	return -1;
}

static inline int
filtering_teardown(void **state)
{
	struct filtering *f = *state;

	scim_registry_unref(f->registry);
	scim_arena_free(f->arena);
	return 0;
}

static inline struct scim__filter_binding
binding_of(struct filtering *f, scim_arena *arena, const char *type)
{
	return (struct scim__filter_binding){ .arena = arena,
		.registry = f->registry,
		.type = scim__registry_type(f->registry, scim__str(type)) };
}

/* Parsed and bound to `type`. */
static inline scim_status
bound_to(struct filtering *f, const char *type, const char *text,
    scim__filter *out, scim_error *err)
{
	struct scim__filter_binding to = binding_of(f, f->arena, type);
	scim__filter tree;
	scim_status rc =
	    scim__filter_parse(f->arena, scim__str(text), &roomy, &tree, err);

	return rc != SCIM_OK ? rc : scim__filter_bind(&to, &tree, out, err);
}

static inline scim__value
parsed_json(struct filtering *f, const char *text)
{
	scim__value value;

	if (scim__json_parse_trusted(f->arena, scim__str(text), &value, NULL) !=
	    SCIM_OK)
		fail_msg("%s", text);
	return value;
}

static inline bool
matches(struct filtering *f, const char *type, const char *filter,
    const char *resource)
{
	scim__filter bound;
	scim_error err = { 0 };
	scim__value value = parsed_json(f, resource);
	struct scim__matching m = {
		.arena = f->arena, .resource = &value, .budget = 1000000
	};
	bool out = false;

	if (bound_to(f, type, filter, &bound, &err) != SCIM_OK)
		fail_msg("%s: %s", filter, err.detail);
	if (scim__filter_matches(&m, bound.root, &out, &err) != SCIM_OK)
		fail_msg("%s: %s", filter, err.detail);
	return out;
}

#endif
