/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Paths and methods to operations.
 *
 * Two steps, because who asks decides in between: first which door a path is
 * (an unknown one is 401 to a stranger and 404 to a friend), then, with the
 * tenant's registry, which endpoint.  The endpoints that RFC 7644 section
 * 3.2 fixes are a table; all others are the resource types.
 */

#include "http/route.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/schema.h"

#define READS (SCIM__METHOD_GET | SCIM__METHOD_HEAD | SCIM__METHOD_OPTIONS)
#define SENDS (SCIM__METHOD_POST | SCIM__METHOD_OPTIONS)
#define CHANGES (SCIM__METHOD_PUT | SCIM__METHOD_PATCH | SCIM__METHOD_DELETE)

/* @spec 7644-3.2-05 */
static const struct fixed {
	scim_str name;
	unsigned allow;
	size_t depth; /* segments it may have: 2 when its items have paths */
	scim_operation operation;
	bool is_discovery; /* open, and not to be filtered */
	bool is_subject;   /* an alias: methods mean what they mean there */
	bool writes;
} fixed_endpoints[] = {
	{ { "ServiceProviderConfig", 21 }, READS, 1,
	    SCIM_OPERATION_SERVICE_PROVIDER_CONFIG, true, false, false },
	{ { "ResourceTypes", 13 }, READS, 2, SCIM_OPERATION_RESOURCE_TYPES,
	    true, false, false },
	{ { "Schemas", 7 }, READS, 2, SCIM_OPERATION_SCHEMAS, true, false,
	    false },
	{ { "Bulk", 4 }, SENDS, 1, SCIM_OPERATION_BULK, false, false, true },
	{ { ".changes", 8 }, READS, 1, SCIM_OPERATION_CHANGES, false, false,
	    false },
	{ { "Me", 2 }, READS | CHANGES, 1, SCIM_OPERATION_GET, false, true,
	    false },
};

static const struct fixed *
find_fixed(scim_str name)
{
	for (size_t i = 0; i < scim__countof(fixed_endpoints); i++)
		if (scim__str_equal(fixed_endpoints[i].name, name))
			return &fixed_endpoints[i];
	return NULL;
}

static bool
is_segment(const scim__target *target, size_t i, const char *z)
{
	return i < target->count &&
	    scim__str_equal(target->segments[i], scim__str(z));
}

void
scim__route_locate(const scim__target *target, scim__location *out)
{
	static const struct {
		const char *name;
		enum scim__door door;
		bool is_open;
	} doors[] = {
		{ "healthz", SCIM__DOOR_HEALTH, true },
		{ "readyz", SCIM__DOOR_READY, true },
		{ "metrics", SCIM__DOOR_METRICS, false },
	};
	size_t at = is_segment(target, 0, "t") ? 2 : 0;

	*out = (scim__location){ .door = SCIM__DOOR_NONE };
	if (target->is_foreign)
		return;
	for (size_t i = 0; i < scim__countof(doors); i++) {
		if (target->count == 1 &&
		    is_segment(target, 0, doors[i].name)) {
			out->door = doors[i].door;
			out->is_open = doors[i].is_open;
		}
	}
	if (!is_segment(target, at, "scim") ||
	    !is_segment(target, at + 1, "v2"))
		return;
	out->door = SCIM__DOOR_SCIM;
	if (at > 0)
		out->tenant = target->segments[1];
	out->path = target->segments + at + 2;
	out->path_count = target->count - at - 2;
	if (out->path_count > 0) {
		const struct fixed *fixed = find_fixed(out->path[0]);

		out->is_open = fixed != NULL && fixed->is_discovery;
	}
}

/* "/A/B" of the first `count` segments; empty for none. */
static bool
join(scim_arena *arena, const scim__location *location, size_t count,
    scim_str *out)
{
	size_t len = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		len += 1 + location->path[i].len;
	char *text = scim__arena_take(arena, len);
	if (text == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		text[at++] = '/';
		memcpy(text + at, location->path[i].ptr, location->path[i].len);
		at += location->path[i].len;
	}
	*out = (scim_str){ text, len };
	return true;
}

static int
refuse_unknown(scim_error *err)
{
	(void)scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "There is no such endpoint; /ResourceTypes lists those of "
	    "resources.");
	return 404;
}

static const struct {
	enum scim__method method;
	scim_operation on_one, on_all;
} operations[] = {
	{ SCIM__METHOD_GET, SCIM_OPERATION_GET, SCIM_OPERATION_LIST },
	{ SCIM__METHOD_HEAD, SCIM_OPERATION_GET, SCIM_OPERATION_LIST },
	{ SCIM__METHOD_POST, SCIM_OPERATION_GET, SCIM_OPERATION_CREATE },
	{ SCIM__METHOD_PUT, SCIM_OPERATION_REPLACE, SCIM_OPERATION_LIST },
	{ SCIM__METHOD_PATCH, SCIM_OPERATION_PATCH, SCIM_OPERATION_LIST },
	{ SCIM__METHOD_DELETE, SCIM_OPERATION_DELETE, SCIM_OPERATION_LIST },
};

static void
set_operation(scim__route *route, enum scim__method method, bool is_one)
{
	unsigned all =
	    route->endpoint.len == 0 ? READS : READS | SCIM__METHOD_POST;

	route->allow = is_one ? READS | CHANGES : all;
	route->writes = (method & READS) == 0;
	for (size_t i = 0; i < scim__countof(operations); i++)
		if (operations[i].method == method)
			route->operation = is_one ? operations[i].on_one
						  : operations[i].on_all;
}

static bool
is_named(const scim__location *location, size_t i, const char *name)
{
	return scim__str_equal(location->path[i], scim__str(name));
}

/* What follows a resource in a path about its past. */
static bool
read_past(const scim__location *location, size_t at, scim__route *route)
{
	size_t left = location->path_count - at;

	route->allow = READS;
	route->writes = false;
	if (is_named(location, at, ".diff")) {
		route->operation = SCIM_OPERATION_DIFF;
		return left == 1;
	}
	route->operation = SCIM_OPERATION_VERSIONS;
	if (left == 1)
		return true;
	route->operation = SCIM_OPERATION_VERSION;
	route->version = location->path[at + 1];
	if (left == 2)
		return true;
	route->operation = SCIM_OPERATION_REVERT;
	route->allow = SENDS;
	route->writes = true;
	return left == 3 && is_named(location, at + 2, ".revert");
}

static bool
is_past(const scim__location *location, size_t at)
{
	return at < location->path_count &&
	    (is_named(location, at, ".versions") ||
		is_named(location, at, ".diff"));
}

static int
find_in_table(const scim__location *location, const struct fixed *fixed,
    enum scim__method method, scim__route *route, scim_error *err)
{
	bool recalls = fixed->is_subject && is_past(location, 1);

	if (location->path_count > fixed->depth && !recalls)
		return refuse_unknown(err);
	route->allow = fixed->allow;
	route->operation = fixed->operation;
	route->is_discovery = fixed->is_discovery;
	route->writes = fixed->writes;
	if (location->path_count == 2 && !recalls)
		route->id = location->path[1];
	if (!fixed->is_subject)
		return 0;
	route->is_subject = true;
	if (recalls)
		return read_past(location, 1, route) ? 0 : refuse_unknown(err);
	set_operation(route, method, true);
	/* @spec 7644-3.11-02, 7644-3.11-06 */
	if (method == SCIM__METHOD_POST) {
		(void)scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "Nothing is created at /%.*s; POST to the endpoint of a "
		    "resource type.",
		    (int)fixed->name.len, fixed->name.ptr);
		return 501;
	}
	return 0;
}

/* 0, or a status; `*out` false: the path is not about the past. */
static int
find_past(scim_arena *arena, const scim_registry *registry,
    const scim__location *location, scim__route *route, bool *out,
    scim_error *err)
{
	size_t at = 2;
	scim_str endpoint;

	*out = false;
	while (at < location->path_count && !is_past(location, at))
		at++;
	if (at >= location->path_count)
		return 0;
	if (!join(arena, location, at - 1, &endpoint)) {
		(void)scim__fail_memory(err);
		return 503;
	}
	*out = true;
	route->endpoint = endpoint;
	route->id = location->path[at - 1];
	if (scim__registry_endpoint(registry, endpoint) == NULL ||
	    !read_past(location, at, route))
		return refuse_unknown(err);
	return 0;
}

/* A resource type, one of its resources, the root, or a search of these. */
static int
find_resources(scim_arena *arena, const scim_registry *registry,
    const scim__location *location, enum scim__method method,
    scim__route *route, scim_error *err)
{
	size_t count = location->path_count;
	scim_str last = count == 0 ? SCIM_STR("") : location->path[count - 1];
	bool is_search = scim__str_equal(last, SCIM_STR(".search"));
	scim_str whole, parent = SCIM_STR("");
	bool found;
	int status = find_past(arena, registry, location, route, &found, err);

	if (status != 0 || found)
		return status;
	if (!join(arena, location, count, &whole) ||
	    (count > 0 && !join(arena, location, count - 1, &parent))) {
		(void)scim__fail_memory(err);
		return 503;
	}
	if (is_search &&
	    (parent.len == 0 ||
		scim__registry_endpoint(registry, parent) != NULL)) {
		route->endpoint = parent;
		route->operation = SCIM_OPERATION_SEARCH;
		route->allow = SENDS;
		return 0;
	}
	if (count == 0 || scim__registry_endpoint(registry, whole) != NULL) {
		route->endpoint = whole;
		set_operation(route, method, false);
		return 0;
	}
	if (parent.len == 0 || last.len == 0 ||
	    scim__registry_endpoint(registry, parent) == NULL)
		return refuse_unknown(err);
	route->endpoint = parent;
	route->id = last;
	set_operation(route, method, true);
	return 0;
}

int
scim__route_find(scim_arena *arena, const scim_registry *registry,
    const scim__location *location, enum scim__method method, scim__route *out,
    scim_error *err)
{
	scim__route route = { .operation = SCIM_OPERATION_GET,
		.endpoint = SCIM_STR("") };
	const struct fixed *fixed =
	    location->path_count == 0 ? NULL : find_fixed(location->path[0]);
	int status = fixed != NULL
	    ? find_in_table(location, fixed, method, &route, err)
	    : find_resources(arena, registry, location, method, &route, err);

	if (status != 0)
		return status;
	*out = route;
	if ((route.allow & (unsigned)method) != 0)
		return 0;
	(void)scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "This method is not for this path; Allow says which are.");
	return 405;
}
