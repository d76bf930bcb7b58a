/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the paths of PATCH operations: what is read prints as a path that
 * names the same.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static scim_registry *
shared_registry(void)
{
	static scim_registry *registry;

	if (registry == NULL &&
	    scim_registry_new(NULL, 0, &registry, NULL) != SCIM_OK)
		scim__assert(registry != NULL);
	return registry;
}

static scim_str
printed(scim_arena *arena, const struct scim__path *path)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__path_print(&buf, path);
	scim__assert(!scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const struct scim__filter_limits limits = { 8192, 100, 32 };
	const struct scim__filter_limits room = { SIZE_MAX, 1000, 1000 };
	struct scim__filter_binding to = { .arena = arena,
		.registry = shared_registry() };
	scim_str text = { (const char *)data, size };
	struct scim__path path, again;

	scim__assert(arena != NULL);
	to.type = scim__registry_type(to.registry, SCIM_STR("User"));
	if (scim__path_parse(&to, text, &limits, &path, NULL) != SCIM_OK)
		return 0;
	scim_str shown = printed(arena, &path);
	scim_status rc = scim__path_parse(&to, shown, &room, &again, NULL);
	scim__assert(rc == SCIM_OK);
	scim__assert(path.attribute == again.attribute);
	scim__assert(path.sub == again.sub);
	scim__assert(path.extension == again.extension);
	scim__assert(path.has_filter == again.has_filter);
	scim__assert(scim__str_equal(shown, printed(arena, &again)));
	return 0;
}
