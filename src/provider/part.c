/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query's share of one type.
 *
 * A query over several types is as many queries, bound and planned apart:
 * what narrows users down may mean nothing to groups.
 */
#include "provider/part.h"

#include "filter/bind.h"
#include "filter/decide.h"
#include "provider/operation.h"

/* Whether the filter holds for all of the type, or for none. */
static scim_status
foresee(struct scim__part *part, scim_arena *arena, scim_error *err)
{
	enum scim__filter_truth truth = SCIM__FILTER_DEPENDS;
	scim_status rc = scim__filter_decide(
	    arena, part->type, part->filter.root, &truth, err);

	part->none = truth == SCIM__FILTER_NEVER;
	part->filtered = truth == SCIM__FILTER_DEPENDS;
	return rc;
}

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
		.of_query = true,
		.urn_dots =
		    (scim__profile_leniency(context->settings->profile) &
			SCIM__LENIENT_MANAGER) != 0 };
	scim_status rc = SCIM_OK;

	if (filter != NULL)
		rc = scim__filter_bind(&to, filter, &p.filter, err);
	if (rc == SCIM_OK && filter != NULL)
		rc = foresee(&p, arena, err);
	if (rc == SCIM_OK && p.filtered)
		rc = scim__filter_plan(arena, p.filter.root, &p.plan, err);
	if (rc == SCIM_OK && p.filtered)
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
scim__part_range(const struct scim__part *part, const scim_context *context,
    const struct scim__filter_plan *by)
{
	scim_plan plan = scim__part_all(part, context);

	if (by->how != SCIM__PLAN_INDEX)
		return plan;
	plan.attribute = by->attribute->path;
	plan.low = by->low;
	plan.high = by->high;
	return plan;
}

scim_plan
scim__part_narrow(const struct scim__part *part, const scim_context *context)
{
	return scim__part_range(part, context, &part->plan);
}

bool
scim__part_is_plain(const struct scim__part *part)
{
	return !part->filtered ||
	    (part->plan.how == SCIM__PLAN_INDEX && part->plan.is_exact &&
		part->plan.is_equal);
}

/* A candidate count under way. */
struct counting {
	const struct scim__part *part;
	const scim_context *context;
	scim_txn *txn;
	uint64_t most, count;
};

static scim_status
count_members(
    struct counting *c, const struct scim__filter_plan *by, scim_error *err)
{
	scim_membership *found = NULL;
	size_t count = 0;
	scim_status rc = scim__store_memberships(c->txn, c->context->arena,
	    c->context->tenant, by->id, SCIM_STR(""), (size_t)c->most, &found,
	    &count, err);

	if (rc == SCIM_OK)
		c->count += count;
	return rc;
}

/* Goes no deeper than the filter. */
static scim_status
count_by(
    struct counting *c, const struct scim__filter_plan *by, scim_error *err)
{
	scim_plan plan = scim__part_range(c->part, c->context, by);
	uint64_t count = 1;
	scim_status rc = SCIM_OK;

	switch (by->how) {
	case SCIM__PLAN_MEMBER:
		return count_members(c, by, err);
	case SCIM__PLAN_ANY:
		for (size_t i = 0; rc == SCIM_OK && c->count < c->most &&
		     i < by->branch_count;
		     i++)
			rc = count_by(c, &by->branches[i], err);
		return rc;
	case SCIM__PLAN_SCAN:
	case SCIM__PLAN_INDEX:
		rc = scim__store_count(c->txn, &plan, c->most, &count, err);
		break;
	case SCIM__PLAN_ID:
		break;
	}
	c->count += count;
	return rc;
}

scim_status
scim__part_candidates(const struct scim__part *part,
    const scim_context *context, scim_txn *txn, uint64_t most, uint64_t *out,
    scim_error *err)
{
	struct counting c = { part, context, txn, most, 0 };
	scim_status rc = part->none ? SCIM_OK : count_by(&c, &part->plan, err);

	if (rc == SCIM_OK)
		*out = c.count < most ? c.count : most;
	return rc;
}
