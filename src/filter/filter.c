/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters for hosts: parsing and binding as one step, and evaluation over
 * text.
 */
#include "scimd/filter.h"

#include "base/error.h"
#include "base/str.h"
#include "filter/bind.h"
#include "filter/eval.h"
#include "filter/parse.h"
#include "json/json.h"

/* One resource can't cost more than about a second. */
#define BUDGET UINT64_C(10000000)

struct scim_filter {
	scim__filter bound;
	scim__json_limits limits; /* of resources */
};

scim_status
scim_filter_parse(scim_arena *arena, const scim_registry *registry,
    scim_str type, scim_str text, const scim_limits *limits,
    const scim_filter **out, scim_error *err)
{
	SCIM__REQUIRE(err, arena != NULL && registry != NULL);
	SCIM__REQUIRE(err, limits != NULL && out != NULL);

	struct scim__filter_limits bounds = { (size_t)limits->filter_bytes,
		(size_t)limits->filter_nodes, (size_t)limits->depth };
	struct scim__filter_binding to = { .arena = arena,
		.registry = registry,
		.type = scim__registry_type(registry, type) };
	scim__filter tree;
	if (to.type == NULL)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "There is no resource type \"%.*s\".",
		    (int)(type.len < 64 ? type.len : 64), type.ptr);
	scim_filter *filter = scim_arena_alloc(arena, sizeof(*filter));
	if (filter == NULL)
		return scim__fail_memory(err);
	filter->limits = (scim__json_limits){ (size_t)limits->body_bytes,
		(size_t)limits->depth };
	scim_status rc = scim__filter_parse(arena, text, &bounds, &tree, err);
	if (rc == SCIM_OK)
		rc = scim__filter_bind(&to, &tree, &filter->bound, err);
	if (rc == SCIM_OK)
		*out = filter;
	return rc;
}

scim_status
scim_filter_matches(const scim_filter *filter, scim_arena *arena, scim_str json,
    int *out, scim_error *err)
{
	SCIM__REQUIRE(err, filter != NULL && arena != NULL);
	SCIM__REQUIRE(err, out != NULL);

	scim__value resource;
	bool hit = false;
	scim_status rc =
	    scim__json_parse(arena, json, &filter->limits, &resource, err);
	if (rc == SCIM_OK && resource.kind != SCIM__OBJECT)
		rc = scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		    "A resource is a JSON object.");
	if (rc != SCIM_OK)
		return rc;
	struct scim__matching m = {
		.arena = arena, .resource = &resource, .budget = BUDGET
	};
	rc = scim__filter_matches(&m, filter->bound.root, &hit, err);
	if (rc == SCIM_OK)
		*out = hit;
	return rc;
}
