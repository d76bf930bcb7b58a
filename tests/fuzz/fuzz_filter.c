/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes filters, from text to truth.
 *
 * What is read prints as a text that reads as the same tree and prints the
 * same again.  What can be bound can be planned and evaluated, over a user
 * that has everything and one that has nothing, and `not` of it is the
 * opposite.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/bind.h"
#include "filter/eval.h"
#include "filter/parse.h"
#include "filter/plan.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct scim__filter_limits limits = { 8192, 100, 32 };

static const char *const users[] = {
	"{\"id\":\"1\"}",
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	"\"id\":\"1\",\"userName\":\"bjensen\",\"active\":true,\"emails\":["
	"{\"value\":\"a@b\",\"type\":\"work\",\"primary\":true},{\"value\":"
	"\"\xC3\x89@b\"}],\"name\":{\"givenName\":\"Babs\"},\"meta\":{"
	"\"lastModified\":\"2011-05-13T04:42:34Z\"},\"urn:ietf:params:scim:"
	"schemas:extension:enterprise:2.0:User\":{\"manager\":{\"value\":"
	"\"2\"}}}",
};

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
printed(scim_arena *arena, const scim__filter *tree)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__filter_print(&buf, tree->root);
	scim__assert(!scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static void
check_print(scim_arena *arena, const scim__filter *tree)
{
	const struct scim__filter_limits room = { SIZE_MAX, 1000, 1000 };
	scim__filter again;
	scim_str text = printed(arena, tree);
	scim_status rc = scim__filter_parse(arena, text, &room, &again, NULL);

	scim__assert(rc == SCIM_OK);
	scim__assert(scim__str_equal(text, printed(arena, &again)));
}

static bool
truth(scim_arena *arena, const struct scim__filter_node *root, const char *user)
{
	scim__value value;
	bool out = false;
	scim_status rc =
	    scim__json_parse_trusted(arena, scim__str(user), &value, NULL);

	scim__assert(rc == SCIM_OK);
	struct scim__matching m = {
		.arena = arena, .resource = &value, .budget = 1000000
	};
	rc = scim__filter_matches(&m, root, &out, NULL);
	scim__assert(rc == SCIM_OK);
	return out;
}

static void
check_meaning(scim_arena *arena, const scim__filter *tree)
{
	struct scim__filter_binding to = { .arena = arena,
		.registry = shared_registry() };
	struct scim__filter_plan plan;
	scim__filter bound;

	to.type = scim__registry_type(to.registry, SCIM_STR("User"));
	if (scim__filter_bind(&to, tree, &bound, NULL) != SCIM_OK)
		return;
	scim_status rc = scim__filter_plan(arena, bound.root, &plan, NULL);
	scim__assert(rc == SCIM_OK);
	struct scim__filter_node negation = { .kind = SCIM__FILTER_NOT,
		.first = bound.root };
	for (size_t i = 0; i < 2; i++)
		scim__assert(truth(arena, bound.root, users[i]) !=
		    truth(arena, &negation, users[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_str text = { (const char *)data, size };
	scim_error err = { 0 };
	scim__filter tree;

	scim__assert(arena != NULL);
	if (scim__filter_parse(arena, text, &limits, &tree, &err) != SCIM_OK) {
		scim__assert(err.status == SCIM_ERR_INVALID);
		return 0;
	}
	check_print(arena, &tree);
	check_meaning(arena, &tree);
	return 0;
}
