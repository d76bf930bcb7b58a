/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes validation, rows and projection.
 *
 * The first byte picks the resource type and what is let through, the rest is
 * the request.  For every request that is taken: its content is a request
 * that is taken as it is, without leniency, and comes out the same; sending
 * the request again as a replace changes nothing.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/project.h"
#include "schema/rows.h"
#include "schema/validate.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static scim_registry *registry;
static const scim__json_limits limits = { .bytes = 1 << 20, .depth = 32 };

static bool
validate(scim_arena *arena, const scim__resource_type *type,
    scim__value *request, const scim__state *current, unsigned leniency,
    struct scim__validation *out)
{
	struct scim__validation_options options = { .leniency = leniency };
	scim_error err = { .status = SCIM_OK };
	scim_status rc = scim__validate(
	    arena, registry, type, request, current, &options, out, &err);

	scim__assert(rc == err.status && rc != SCIM_ERR_NO_MEMORY);
	scim__assert(
	    rc == SCIM_OK || (err.scim_type != NULL && err.detail[0] != '\0'));
	return rc == SCIM_OK;
}

static void
check_state(scim_arena *arena, const scim__resource_type *type,
    struct scim__validation *first)
{
	struct scim__validation second;
	struct scim__rows rows;
	scim_status rc = scim__rows_of(
	    arena, registry, type, &first->state.content, 0, &rows, NULL);

	scim__assert(rc == SCIM_OK);
	scim__assert(
	    validate(arena, type, &first->state.content, NULL, 0, &second));
	scim__assert(second.quirks == 0);
	scim__assert(
	    scim__value_equal(&first->state.content, &second.state.content));
	scim__projection_apply(NULL, registry, type, &second.state.content);
	scim__assert(
	    scim__value_equal(&first->state.content, &second.state.content));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scim__validation first, again;
	scim__value request;

	if (registry == NULL) {
		scim_status made = scim_registry_new(NULL, 0, &registry, NULL);

		scim__assert(made == SCIM_OK);
	}
	if (size == 0)
		return 0;
	scim_arena *arena = scim_arena_new(NULL);
	scim__assert(arena != NULL);
	const scim__resource_type *type =
	    scim__registry_type_at(registry, (data[0] >> 4) % 2U);
	unsigned leniency = data[0] & 0xFU;
	scim_str text = { (const char *)data + 1, size - 1 };
	if (scim__json_parse(arena, text, &limits, &request, NULL) == SCIM_OK &&
	    validate(arena, type, &request, NULL, leniency, &first)) {
		check_state(arena, type, &first);
		scim__assert(validate(
		    arena, type, &request, &first.state, leniency, &again));
		scim__assert(scim__value_equal(
		    &first.state.content, &again.state.content));
		scim__assert(scim__value_equal(
		    &first.state.secret, &again.state.secret));
	}
	scim_arena_free(arena);
	return 0;
}
