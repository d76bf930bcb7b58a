/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes PATCH messages: whatever is applied to a user and validates is the
 * same when it is validated again.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "patch/patch.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char user[] =
    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
    "\"userName\":\"bjensen\",\"name\":{\"givenName\":\"Barbara\"},"
    "\"emails\":[{\"value\":\"w@x\",\"type\":\"work\",\"primary\":true},"
    "{\"value\":\"h@x\",\"type\":\"home\"}],"
    "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":"
    "{\"department\":\"d\",\"manager\":{\"value\":\"m\"}}}";

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
written(scim_arena *arena, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	scim__assert(!scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static void
run(scim_arena *arena, const scim__value *message, const char *type,
    unsigned leniency)
{
	struct scim__patch_rules rules = {
		.binding = { .arena = arena, .registry = shared_registry() },
		.limits = { 8192, 100, 32 },
		.leniency = leniency,
	};
	struct scim__validation_options options = { .leniency = leniency,
		.hashed = true };
	struct scim__validation once, twice;
	struct scim__patched patched;
	scim__value document;
	scim__patch patch;

	rules.binding.type =
	    scim__registry_type(rules.binding.registry, scim__str(type));
	scim_status rc =
	    scim__json_parse_trusted(arena, scim__str(user), &document, NULL);
	scim__assert(rc == SCIM_OK);
	if (scim__patch_parse(&rules, message, &patch, NULL) != SCIM_OK ||
	    scim__patch_apply(&rules, &patch, &document, &patched, NULL) !=
		SCIM_OK ||
	    scim__validate(arena, rules.binding.registry, rules.binding.type,
		&document, NULL, &options, &once, NULL) != SCIM_OK)
		return;
	scim_str first = written(arena, &once.state.content);
	rc = scim__validate(arena, rules.binding.registry, rules.binding.type,
	    &once.state.content, NULL, &options, &twice, NULL);
	scim__assert(rc == SCIM_OK);
	scim__assert(
	    scim__str_equal(first, written(arena, &twice.state.content)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim__json_limits limits = { 1 << 16, 32 };
	scim_str text = { (const char *)data, size };
	scim__value message;

	scim__assert(arena != NULL);
	if (scim__json_parse(arena, text, &limits, &message, NULL) != SCIM_OK)
		return 0;
	run(arena, &message, "User", 0);
	run(arena, &message, "User", ~0U);
	return 0;
}
