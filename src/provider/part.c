/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query's share of one type.
 *
 * A query over several types is as many queries, bound and planned apart:
 * what narrows users down may mean nothing to groups.
 */
#include "provider/part.h"

#include "filter/bind.h"

scim_status
scim__part_open(struct scim__part *part, const scim_context *context,
    const scim__resource_type *type, bool any_type, const scim__filter *filter,
    const struct scim__sort *sort, scim_error *err)
{
	scim_arena *arena = context->arena;
	struct scim__part p = { .type = type,
		.rank = scim__type_rank(context->registry, type),
		.filtered = filter != NULL,
		.plan = { .how = SCIM__PLAN_SCAN },
		.sort = scim__sort_attribute(context->registry, type, sort) };
	struct scim__filter_binding to = { .arena = arena,
		.registry = context->registry,
		.type = type,
		.any_type = any_type,
		.quirks = &p.quirks,
		.of_query = true };
	scim_status rc = SCIM_OK;

	if (filter != NULL)
		rc = scim__filter_bind(&to, filter, &p.filter, err);
	if (rc == SCIM_OK && filter != NULL)
		rc = scim__filter_plan(arena, p.filter.root, &p.plan, err);
	if (rc == SCIM_OK && filter != NULL)
		rc = scim__asked_read(arena, p.filter.root, &p.asked, err);
	if (rc != SCIM_OK)
		return rc;
	if (p.sort != NULL)
		scim__asked_add(&p.asked, p.sort);
	*part = p;
	return SCIM_OK;
}

scim_plan
scim__part_all(const struct scim__part *part, const scim_context *context)
{
	return (scim_plan){ .tenant = context->tenant,
		.type = part->type->name,
		.attribute = SCIM_STR(""),
		.limit = 1,
		.parts = SCIM_RECORD_CONTENT };
}

scim_plan
scim__part_narrow(const struct scim__part *part, const scim_context *context)
{
	scim_plan plan = scim__part_all(part, context);

	if (part->plan.how != SCIM__PLAN_INDEX)
		return plan;
	plan.attribute = part->plan.attribute->path;
	plan.low = part->plan.low;
	plan.high = part->plan.high;
	return plan;
}

bool
scim__part_is_plain(const struct scim__part *part)
{
	return !part->filtered ||
	    (part->plan.how == SCIM__PLAN_INDEX && part->plan.is_exact &&
		part->plan.is_equal);
}

scim_status
scim__part_candidates(const struct scim__part *part,
    const scim_context *context, scim_txn *txn, uint64_t most, uint64_t *out,
    scim_error *err)
{
	scim_plan plan = scim__part_narrow(part, context);
	scim_membership *found = NULL;
	size_t count = 0;
	scim_status rc;

	if (part->none || part->plan.how == SCIM__PLAN_ID) {
		*out = part->none ? 0 : 1;
		return SCIM_OK;
	}
	if (part->plan.how != SCIM__PLAN_MEMBER)
		return scim__store_count(txn, &plan, most, out, err);
	rc = scim__store_memberships(txn, context->arena, context->tenant,
	    part->plan.id, SCIM_STR(""), (size_t)most, &found, &count, err);
	if (rc == SCIM_OK)
		*out = count;
	return rc;
}
