/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans.
 *
 * Only what must hold for the whole filter can narrow it down: the filter
 * itself, or an operand of `and`, brackets included.  Of those the one that
 * is likely to leave the least wins, by its form alone: an id, a unique value,
 * a member, a value, a range with both ends, a prefix, a range with one end, a
 * boolean.  Two ends are put together only where an attribute has one value:
 * of several one may be above and another below.
 *
 * An `or` narrows down when each of its operands does, to few each: the way to
 * ask for several users at once.
 */
#include "filter/plan.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/rows.h"

enum rank {
	RANK_ID,
	RANK_UNIQUE,
	RANK_MEMBER,
	RANK_VALUE,
	RANK_ANY,
	RANK_BETWEEN,
	RANK_PREFIX,
	RANK_HALF,
	RANK_BOOLEAN,
	RANK_SCAN
};

struct planning {
	scim_arena *arena;
	scim_error *err;
	struct scim__filter_plan best;
	enum rank rank;
	size_t taken;    /* how many comparisons the best consists of */
	size_t operands; /* comparisons that must hold */
	bool others;     /* and other things that must */
};

static bool
is_single(const scim__attribute *a)
{
	return !a->multi_valued &&
	    (a->parent == NULL || !a->parent->multi_valued);
}

static bool
is_relation_id(const scim__attribute *a)
{
	return a->parent != NULL && a->parent->relation &&
	    scim__str_equal(a->name, SCIM_STR("value"));
}

static bool
is_own_id(const scim__attribute *a)
{
	return scim__str_equal(a->path, SCIM_STR("id"));
}

/* The last character of valid UTF-8, and where it begins. */
static uint32_t
last_character(scim_str s, size_t *out_at)
{
	uint32_t c = 0, shift = 0;
	size_t at = s.len - 1;

	while (at > 0 && ((unsigned char)s.ptr[at] & 0xC0) == 0x80) {
		c |= ((unsigned char)s.ptr[at--] & 0x3Fu) << shift;
		shift += 6;
	}
	*out_at = at;
	if (shift == 0)
		return (unsigned char)s.ptr[at];
	return c |
	    (((unsigned char)s.ptr[at] & (0x3Fu >> (shift / 6))) << shift);
}

static size_t
put_character(char *out, uint32_t c)
{
	static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(lead[len] | c);
	return len;
}

/*
 * The least text after everything that starts with `prefix`: its last
 * character is the next one there is.  ptr NULL when there is none, because
 * it is the last of all.  False: out of memory.
 */
static bool
text_after(scim_arena *arena, scim_str prefix, scim_str *out)
{
	char *copy = scim_arena_alloc(arena, prefix.len + 4);
	uint32_t c = 0x10FFFF;
	size_t at = 0;

	*out = (scim_str){ NULL, 0 };
	if (copy == NULL)
		return false;
	while (prefix.len > 0 && c == 0x10FFFF) {
		c = last_character(prefix, &at);
		prefix.len = at;
	}
	if (c == 0x10FFFF)
		return true;
	memcpy(copy, prefix.ptr, at);
	c = c == 0xD7FF ? 0xE000 : c + 1;
	*out = (scim_str){ copy, at + put_character(copy + at, c) };
	return true;
}

static scim_bound
bound(const scim_index_value *value, bool inclusive)
{
	return (scim_bound){ 1, inclusive, *value };
}

/* A prefix is a range. */
static scim_status
plan_prefix(struct planning *p, const scim_index_value *value,
    struct scim__filter_plan *plan, enum rank *out)
{
	scim_index_value end = *value;

	if (value->kind != SCIM_INDEX_TEXT || value->text.len == 0)
		return SCIM_OK;
	if (!text_after(p->arena, value->text, &end.text))
		return scim__fail_memory(p->err);
	plan->low = bound(value, true);
	if (end.text.ptr != NULL)
		plan->high = bound(&end, false);
	*out = RANK_PREFIX;
	return SCIM_OK;
}

static enum rank
plan_equal(const scim_index_value *value, struct scim__filter_plan *plan)
{
	const scim__attribute *a = plan->attribute;

	plan->low = plan->high = bound(value, true);
	plan->is_equal = true;
	if (a->type == SCIM__TYPE_BOOLEAN)
		return RANK_BOOLEAN;
	plan->is_unique =
	    a->uniqueness != SCIM__UNIQUE_NONE && a->parent == NULL;
	return plan->is_unique ? RANK_UNIQUE : RANK_VALUE;
}

/* What an operator makes of the value it compares with. */
static scim_status
plan_range(struct planning *p, enum scim__filter_op op,
    const scim_index_value *value, struct scim__filter_plan *plan,
    enum rank *out)
{
	switch (op) {
	case SCIM__FILTER_EQ:
		*out = plan_equal(value, plan);
		break;
	case SCIM__FILTER_GT:
	case SCIM__FILTER_GE:
		plan->low = bound(value, op == SCIM__FILTER_GE);
		*out = RANK_HALF;
		break;
	case SCIM__FILTER_LT:
	case SCIM__FILTER_LE:
		plan->high = bound(value, op == SCIM__FILTER_LE);
		*out = RANK_HALF;
		break;
	case SCIM__FILTER_SW:
		return plan_prefix(p, value, plan, out);
	case SCIM__FILTER_NE:
	case SCIM__FILTER_CO:
	case SCIM__FILTER_EW:
		break;
	}
	return SCIM_OK;
}

/* RANK_SCAN: of no help. */
static scim_status
plan_compare(struct planning *p, const struct scim__filter_node *node,
    struct scim__filter_plan *plan, enum rank *out)
{
	const scim__attribute *a = node->attribute;
	scim_index_value value;

	*plan = (struct scim__filter_plan){ .how = SCIM__PLAN_INDEX,
		.attribute = a };
	*out = RANK_SCAN;
	if (a == NULL || node->as == SCIM__AS_NULL)
		return SCIM_OK;
	if (node->op == SCIM__FILTER_EQ && node->as == SCIM__AS_TEXT &&
	    (is_relation_id(a) || is_own_id(a))) {
		plan->how = is_own_id(a) ? SCIM__PLAN_ID : SCIM__PLAN_MEMBER;
		plan->id = node->text;
		*out = is_own_id(a) ? RANK_ID : RANK_MEMBER;
		return SCIM_OK;
	}
	/* A part of a time is text that no index holds. */
	if (!a->indexed ||
	    (a->type == SCIM__TYPE_DATE_TIME && node->as != SCIM__AS_TIME))
		return SCIM_OK;
	scim_status rc =
	    scim__index_value(p->arena, a, &node->value, &value, NULL);
	if (rc == SCIM_ERR_INVALID)
		return SCIM_OK;
	if (rc != SCIM_OK)
		return scim__fail_memory(p->err);
	rc = plan_range(p, node->op, &value, plan, out);
	plan->repeats = *out > RANK_VALUE && !is_single(a);
	return rc;
}

/* Puts the two ends of one range together. */
static bool
join_ends(struct planning *p, const struct scim__filter_plan *plan)
{
	struct scim__filter_plan *best = &p->best;

	if (p->rank != RANK_HALF || best->attribute != plan->attribute ||
	    !is_single(plan->attribute) || best->low.given == plan->low.given)
		return false;
	if (plan->low.given)
		best->low = plan->low;
	else
		best->high = plan->high;
	p->rank = RANK_BETWEEN;
	p->taken = 2;
	return true;
}

static scim_status
consider(struct planning *p, const struct scim__filter_node *node)
{
	struct scim__filter_plan plan;
	enum rank rank;
	scim_status rc = plan_compare(p, node, &plan, &rank);

	p->operands++;
	if (rc != SCIM_OK || (rank == RANK_HALF && join_ends(p, &plan)) ||
	    rank >= p->rank)
		return rc;
	p->best = plan;
	p->rank = rank;
	p->taken = 1;
	return SCIM_OK;
}

static scim_status plan_alone(scim_arena *arena,
    const struct scim__filter_node *root, struct planning *out,
    scim_error *err);

/* Each operand by a plan of its own; RANK_ANY is beyond those that are few. */
static scim_status
plan_any(struct planning *p, const struct scim__filter_node *node,
    struct scim__filter_plan *plan, enum rank *out)
{
	size_t count = 0, at = 0;

	for (const struct scim__filter_node *n = node->first; n != NULL;
	     n = n->next)
		count++;
	*out = RANK_ANY;
	*plan = (struct scim__filter_plan){ .how = SCIM__PLAN_ANY,
		.branches =
		    scim__arena_array(p->arena, count, sizeof(*plan->branches)),
		.branch_count = count,
		.repeats = true,
		.is_exact = true };
	if (plan->branches == NULL)
		return scim__fail_memory(p->err);
	for (node = node->first; *out == RANK_ANY && node != NULL;
	     node = node->next) {
		struct planning branch;
		scim_status rc = plan_alone(p->arena, node, &branch, p->err);

		if (rc != SCIM_OK)
			return rc;
		if (branch.rank > RANK_ANY)
			*out = RANK_SCAN;
		plan->is_exact = plan->is_exact && branch.best.is_exact;
		plan->branches[at++] = branch.best;
	}
	return SCIM_OK;
}

static scim_status
consider_any(struct planning *p, const struct scim__filter_node *node)
{
	struct scim__filter_plan plan;
	enum rank rank;
	scim_status rc = plan_any(p, node, &plan, &rank);

	p->operands++;
	if (rc != SCIM_OK || rank >= p->rank)
		return rc;
	p->best = plan;
	p->rank = rank;
	p->taken = 1;
	return SCIM_OK;
}

/* Goes no deeper than the parser did. */
static scim_status
walk(struct planning *p, const struct scim__filter_node *node)
{
	scim_status rc = SCIM_OK;

	switch (node->kind) {
	case SCIM__FILTER_COMPARE:
		return consider(p, node);
	case SCIM__FILTER_AND:
		for (node = node->first; rc == SCIM_OK && node != NULL;
		     node = node->next)
			rc = walk(p, node);
		return rc;
	case SCIM__FILTER_WITHIN:
		if (node->first == NULL)
			break;
		/* One comparison in brackets says no more than outside. */
		if (node->first->kind != SCIM__FILTER_COMPARE)
			p->others = true;
		return walk(p, node->first);
	case SCIM__FILTER_OR:
		return consider_any(p, node);
	case SCIM__FILTER_NOT:
	case SCIM__FILTER_PRESENT:
		break;
	}
	p->others = true;
	return SCIM_OK;
}

static scim_status
plan_alone(scim_arena *arena, const struct scim__filter_node *root,
    struct planning *out, scim_error *err)
{
	struct planning p = { .arena = arena,
		.err = err,
		.best = { .how = SCIM__PLAN_SCAN },
		.rank = RANK_SCAN };
	scim_status rc = walk(&p, root);
	bool whole = p.rank != RANK_SCAN && !p.others && p.taken == p.operands;

	if (rc != SCIM_OK)
		return rc;
	p.best.is_exact =
	    whole && (p.best.how != SCIM__PLAN_ANY || p.best.is_exact);
	*out = p;
	return SCIM_OK;
}

scim_status
scim__filter_plan(scim_arena *arena, const struct scim__filter_node *root,
    struct scim__filter_plan *out, scim_error *err)
{
	struct planning p;
	scim_status rc = plan_alone(arena, root, &p, err);

	if (rc == SCIM_OK)
		*out = p.best;
	return rc;
}
