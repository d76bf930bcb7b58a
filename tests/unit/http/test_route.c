/* SPDX-License-Identifier: Apache-2.0 */
#include "http/route.h"

#include "base/arena.h"
#include "lib/test.h"

static scim_arena *arena;
static scim_registry *registry;
static scim__target target;

static int
set_up(void **state)
{
	arena = scim_arena_new(NULL);
	assert_non_null(arena);
	return scim_registry_new(NULL, 0, &registry, NULL) == SCIM_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	scim_registry_unref(registry);
	scim_arena_free(arena);
	return 0;
}

static scim__location
locate(const char *path)
{
	scim__location location;

	assert_int_equal(
	    scim__target_parse(arena, scim__str(path), &target, NULL), SCIM_OK);
	scim__route_locate(&target, &location);
	return location;
}

static void
each_path_has_its_door(void **state)
{
	static const struct {
		const char *path;
		enum scim__door door;
		bool is_open;
		const char *tenant;
	} cases[] = {
		{ "/healthz", SCIM__DOOR_HEALTH, true, NULL },
		{ "/readyz/", SCIM__DOOR_READY, true, NULL },
		{ "/metrics", SCIM__DOOR_METRICS, false, NULL },
		{ "/healthz/x", SCIM__DOOR_NONE, false, NULL },
		{ "/openapi.json", SCIM__DOOR_NONE, false, NULL },
		{ "/mcp", SCIM__DOOR_NONE, false, NULL },
		{ "/", SCIM__DOOR_NONE, false, NULL },
		{ "*", SCIM__DOOR_NONE, false, NULL },
		{ "/scim", SCIM__DOOR_NONE, false, NULL },
		{ "/scim/v1/Users", SCIM__DOOR_NONE, false, NULL },
		{ "/scim/v2", SCIM__DOOR_SCIM, false, NULL },
		{ "/scim/v2/Users", SCIM__DOOR_SCIM, false, NULL },
		{ "/scim/v2/Schemas", SCIM__DOOR_SCIM, true, NULL },
		{ "/scim/v2/Schemas/x", SCIM__DOOR_SCIM, true, NULL },
		{ "/scim/v2/Me", SCIM__DOOR_SCIM, false, NULL },
		{ "/t/a/scim/v2/Users", SCIM__DOOR_SCIM, false, "a" },
		{ "/t/a/scim/v2/ResourceTypes", SCIM__DOOR_SCIM, true, "a" },
		{ "/t/scim/v2", SCIM__DOOR_NONE, false, NULL },
		{ "/t/a/b/scim/v2", SCIM__DOOR_NONE, false, NULL },
		{ "/T/a/scim/v2", SCIM__DOOR_NONE, false, NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__location location = locate(cases[i].path);

		assert_int_equal(location.door, cases[i].door);
		assert_int_equal(location.is_open, cases[i].is_open);
		if (cases[i].tenant == NULL)
			assert_null(location.tenant.ptr);
		else
			assert_str(location.tenant, cases[i].tenant);
	}
}

/* @spec 7644-3.2-05 @spec 9110-9.1-03 @spec 9110-10.2.1-01 */
static void
methods_on_paths_are_operations(void **state)
{
#define GET SCIM__METHOD_GET
#define HEAD SCIM__METHOD_HEAD
#define POST SCIM__METHOD_POST
#define PUT SCIM__METHOD_PUT
#define PATCH SCIM__METHOD_PATCH
#define DELETE SCIM__METHOD_DELETE
#define OPTIONS SCIM__METHOD_OPTIONS
	static const struct {
		enum scim__method method;
		const char *path;
		int status;
		scim_operation operation;
		const char *endpoint, *id;
		bool writes;
	} cases[] = {
		{ GET, "/Users", 0, SCIM_OPERATION_LIST, "/Users", "", false },
		{ HEAD, "/Users/", 0, SCIM_OPERATION_LIST, "/Users", "",
		    false },
		{ POST, "/Users", 0, SCIM_OPERATION_CREATE, "/Users", "",
		    true },
		{ PUT, "/Users", 405, 0, "", "", false },
		{ GET, "/Users/1", 0, SCIM_OPERATION_GET, "/Users", "1",
		    false },
		{ HEAD, "/Users/1", 0, SCIM_OPERATION_GET, "/Users", "1",
		    false },
		{ PUT, "/Users/1", 0, SCIM_OPERATION_REPLACE, "/Users", "1",
		    true },
		{ PATCH, "/Users/1", 0, SCIM_OPERATION_PATCH, "/Users", "1",
		    true },
		{ DELETE, "/Users/1", 0, SCIM_OPERATION_DELETE, "/Users", "1",
		    true },
		{ OPTIONS, "/Users/1", 0, SCIM_OPERATION_GET, "/Users", "1",
		    false },
		{ POST, "/Users/1", 405, 0, "", "", false },
		{ GET, "/Groups/1", 0, SCIM_OPERATION_GET, "/Groups", "1",
		    false },
		{ GET, "", 0, SCIM_OPERATION_LIST, "", "", false },
		{ GET, "/", 0, SCIM_OPERATION_LIST, "", "", false },
		{ POST, "", 405, 0, "", "", false },
		{ POST, "/.search", 0, SCIM_OPERATION_SEARCH, "", "", false },
		{ POST, "/Users/.search", 0, SCIM_OPERATION_SEARCH, "/Users",
		    "", false },
		{ GET, "/Users/.search", 405, 0, "", "", false },
		{ POST, "/Bulk", 0, SCIM_OPERATION_BULK, "", "", true },
		{ GET, "/Bulk", 405, 0, "", "", false },
		{ GET, "/ServiceProviderConfig", 0,
		    SCIM_OPERATION_SERVICE_PROVIDER_CONFIG, "", "", false },
		{ GET, "/ServiceProviderConfig/x", 404, 0, "", "", false },
		{ GET, "/Schemas", 0, SCIM_OPERATION_SCHEMAS, "", "", false },
		{ GET, "/Schemas/urn:x", 0, SCIM_OPERATION_SCHEMAS, "", "urn:x",
		    false },
		{ PUT, "/Schemas/urn:x", 405, 0, "", "", false },
		{ GET, "/ResourceTypes/User", 0, SCIM_OPERATION_RESOURCE_TYPES,
		    "", "User", false },
		{ GET, "/Me", 0, SCIM_OPERATION_GET, "", "", false },
		{ HEAD, "/Me", 0, SCIM_OPERATION_GET, "", "", false },
		{ PUT, "/Me", 0, SCIM_OPERATION_REPLACE, "", "", true },
		{ PATCH, "/Me", 0, SCIM_OPERATION_PATCH, "", "", true },
		{ DELETE, "/Me", 0, SCIM_OPERATION_DELETE, "", "", true },
		{ OPTIONS, "/Me", 0, SCIM_OPERATION_GET, "", "", false },
		{ POST, "/Me", 501, 0, "", "", false },
		{ GET, "/Me/1", 404, 0, "", "", false },
		{ GET, "/users", 404, 0, "", "", false },
		{ GET, "/Nonsense", 404, 0, "", "", false },
		{ GET, "/Nonsense/.search", 404, 0, "", "", false },
		{ GET, "/Users/1/2", 404, 0, "", "", false },
		{ GET, "/Users//", 404, 0, "", "", false },
		{ GET, "//Users", 404, 0, "", "", false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		char path[100] = "/scim/v2";
		scim__location location = locate(strcat(path, cases[i].path));
		scim__route route;
		scim_error err = { .status = SCIM_OK };
		int status = scim__route_find(
		    arena, registry, &location, cases[i].method, &route, &err);

		if (status != cases[i].status)
			print_error("%s\n", cases[i].path);
		assert_int_equal(status, cases[i].status);
		if (status == 405)
			assert_true(route.allow != 0 &&
			    (route.allow & (unsigned)cases[i].method) == 0);
		if (status != 0) {
			assert_true(err.detail[0] != '\0');
			continue;
		}
		assert_int_equal(route.operation, cases[i].operation);
		assert_str(route.endpoint, cases[i].endpoint);
		assert_str(route.id.ptr == NULL ? SCIM_STR("") : route.id,
		    cases[i].id);
		assert_int_equal(route.writes, cases[i].writes);
		assert_int_equal(
		    route.is_subject, strcmp(cases[i].path, "/Me") == 0);
		assert_true((route.allow & (unsigned)cases[i].method) != 0);
		assert_true((route.allow & SCIM__METHOD_OPTIONS) != 0);
	}
}

static scim_status
find_user(scim_arena *a, void *context)
{
	scim_str segments[] = { SCIM_STR("Users"), SCIM_STR("1") };
	scim__location location = { .path = segments, .path_count = 2 };
	scim__route route;

	return scim__route_find(a, registry, &location, GET, &route, NULL) == 0
	    ? SCIM_OK
	    : SCIM_ERR_NO_MEMORY;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(find_user, NULL) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_has_its_door),
		cmocka_unit_test(methods_on_paths_are_operations),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
