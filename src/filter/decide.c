/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foresight.
 *
 * All resources of a type have one meta.resourceType, and none has a value in
 * what the type has not: a query over several types need not look at any
 * resource of a type to know that.  Whatever depends on more is left to the
 * evaluator, whose truths these are.
 */
#include "filter/decide.h"

#include "base/str.h"
#include "filter/compare.h"

struct deciding {
	scim_arena *arena;
	const scim__resource_type *type;
	scim_error *err;
};

static scim_status decide(const struct deciding *d,
    const struct scim__filter_node *node, enum scim__filter_truth *out);

static enum scim__filter_truth
truth_of(bool holds)
{
	return holds ? SCIM__FILTER_ALWAYS : SCIM__FILTER_NEVER;
}

/* As the evaluator has it of no value, and of one. */
static scim_status
decide_value(const struct deciding *d, const struct scim__filter_node *node,
    bool given, enum scim__filter_truth *out)
{
	scim__value name = scim__value_string(d->type->name);
	bool holds = false;
	scim_status rc = SCIM_OK;

	if (node->kind == SCIM__FILTER_PRESENT)
		holds = given;
	else if (node->value.kind == SCIM__NULL)
		holds = given == (node->op == SCIM__FILTER_NE);
	else if (given)
		rc =
		    scim__filter_compare(d->arena, node, &name, &holds, d->err);
	else
		holds = node->op == SCIM__FILTER_NE;
	if (rc == SCIM_OK)
		*out = truth_of(holds);
	return rc;
}

static bool
is_type(const scim__attribute *a)
{
	return scim__str_equal(a->path, SCIM_STR("meta.resourceType"));
}

/* `and` ends at what never holds, `or` at what always does. */
static scim_status
decide_chain(const struct deciding *d, const struct scim__filter_node *node,
    enum scim__filter_truth *out)
{
	bool any = node->kind == SCIM__FILTER_OR;
	enum scim__filter_truth end = truth_of(any), all = truth_of(!any), one;

	for (node = node->first; node != NULL; node = node->next) {
		scim_status rc = decide(d, node, &one);

		if (rc != SCIM_OK)
			return rc;
		if (one == end) {
			*out = end;
			return SCIM_OK;
		}
		if (one == SCIM__FILTER_DEPENDS)
			all = one;
	}
	*out = all;
	return SCIM_OK;
}

static scim_status
decide_not(const struct deciding *d, const struct scim__filter_node *node,
    enum scim__filter_truth *out)
{
	enum scim__filter_truth inner;
	scim_status rc = decide(d, node->first, &inner);

	if (rc == SCIM_OK)
		*out = inner == SCIM__FILTER_DEPENDS
		    ? inner
		    : truth_of(inner == SCIM__FILTER_NEVER);
	return rc;
}

/* Goes no deeper than the parser did. */
static scim_status
decide(const struct deciding *d, const struct scim__filter_node *node,
    enum scim__filter_truth *out)
{
	switch (node->kind) {
	case SCIM__FILTER_AND:
	case SCIM__FILTER_OR:
		return decide_chain(d, node, out);
	case SCIM__FILTER_NOT:
		return decide_not(d, node, out);
	case SCIM__FILTER_WITHIN:
		*out = node->attribute == NULL ? SCIM__FILTER_NEVER
					       : SCIM__FILTER_DEPENDS;
		return SCIM_OK;
	case SCIM__FILTER_COMPARE:
	case SCIM__FILTER_PRESENT:
		break;
	}
	if (node->attribute == NULL || is_type(node->attribute))
		return decide_value(d, node, node->attribute != NULL, out);
	*out = SCIM__FILTER_DEPENDS;
	return SCIM_OK;
}

scim_status
scim__filter_decide(scim_arena *arena, const scim__resource_type *type,
    const struct scim__filter_node *root, enum scim__filter_truth *out,
    scim_error *err)
{
	struct deciding d = { arena, type, err };
	enum scim__filter_truth truth;
	scim_status rc = decide(&d, root, &truth);

	if (rc == SCIM_OK)
		*out = truth;
	return rc;
}
