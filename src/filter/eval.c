/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation.
 *
 * A comparison holds when it holds for any value of its attribute.  No value
 * at all is as good as null: it equals null, differs from everything else,
 * and is neither before nor after anything.  That a filter can't be
 * evaluated to its end is a status, never a truth: `not` of a failure would
 * be a match.
 *
 * Every node and every value looked at is paid for out of the budget, the
 * longer the dearer, so that a scan knows when to give up.
 */
#include "filter/eval.h"

#include "base/error.h"
#include "base/str.h"
#include "filter/compare.h"

#define BYTES_A_STEP 32

/* What is known of the values of one node so far. */
struct tally {
	struct scim__matching *m;
	const struct scim__filter_node *node;
	bool some; /* there is a value */
	bool hit;  /* and it is one that is asked for */
};

static scim_status match_node(struct scim__matching *m,
    const struct scim__filter_node *node, const scim__value *element, bool *out,
    scim_error *err);

static scim_status
pay(struct scim__matching *m, uint64_t steps, scim_error *err)
{
	if (m->budget < steps)
		return scim__fail_type(err, SCIM_ERR_INVALID, "tooMany",
		    "Too much would have to be looked at for this filter: "
		    "ask for an indexed attribute as well.");
	m->budget -= steps;
	return SCIM_OK;
}

/* RFC 7643 section 2.5; for `pr` a string has to be non-empty, too. */
static bool
is_assigned(const scim__value *v, bool present)
{
	if (v == NULL || v->kind == SCIM__NULL)
		return false;
	if (v->kind == SCIM__ARRAY || v->kind == SCIM__OBJECT)
		return v->count > 0;
	return !present || v->kind != SCIM__STRING || v->string.len > 0;
}

static scim_status
look_at(struct tally *t, const scim__value *value, scim_error *err)
{
	bool present = t->node->kind == SCIM__FILTER_PRESENT;
	size_t len = value->kind == SCIM__STRING ? value->string.len : 0;
	scim_status rc = pay(t->m, 1 + len / BYTES_A_STEP, err);

	if (rc != SCIM_OK || t->hit || !is_assigned(value, present))
		return rc;
	t->some = true;
	if (present || t->node->as == SCIM__AS_NULL)
		return SCIM_OK;
	return scim__filter_compare(t->m->arena, t->node, value, &t->hit, err);
}

/* One value, or all of an array; NULL for none. */
static scim_status
look_at_all(struct tally *t, const scim__value *value, scim_error *err)
{
	scim_status rc = SCIM_OK;

	if (value == NULL)
		return SCIM_OK;
	if (value->kind != SCIM__ARRAY)
		return look_at(t, value, err);
	for (uint32_t i = 0; rc == SCIM_OK && !t->hit && i < value->count; i++)
		rc = look_at(t, &value->array.items[i], err);
	return rc;
}

/* A sub-attribute's values: of one object, or of all in an array. */
static scim_status
look_at_subs(
    struct tally *t, const scim__value *home, scim_str name, scim_error *err)
{
	scim_status rc = SCIM_OK;

	if (home == NULL || home->kind != SCIM__ARRAY)
		return look_at_all(t, scim__object_find(home, name), err);
	for (uint32_t i = 0; rc == SCIM_OK && !t->hit && i < home->count; i++)
		rc = look_at_all(
		    t, scim__object_find(&home->array.items[i], name), err);
	return rc == SCIM_OK ? pay(t->m, 1 + home->count / 8, err) : rc;
}

/* Extensions are objects under their URN, which is what a path has before
 * the name and a colon. */
const scim__value *
scim__filter_find_top(const scim__value *home, const scim__attribute *top)
{
	if (top->path.len > top->name.len)
		home = scim__object_find(home,
		    (scim_str){
			top->path.ptr, top->path.len - top->name.len - 1 });
	return scim__object_find(home, top->name);
}

static scim_status
look_everywhere(struct tally *t, const scim__value *element, scim_error *err)
{
	const scim__attribute *a = t->node->attribute;
	const scim__attribute *top = a->parent != NULL ? a->parent : a;
	const scim__value *value = element != NULL
	    ? element
	    : scim__filter_find_top(t->m->resource, top);

	if (t->node->is_element)
		return look_at_all(t, element, err);
	return a->parent != NULL || element != NULL
	    ? look_at_subs(t, value, a->name, err)
	    : look_at_all(t, value, err);
}

/* @spec 7644-3.4.2.2-09, 7644-3.4.2.2-13, 7644-3.4.2.2-38, 7644-3.4.2.2-48 */
static scim_status
match_values(struct scim__matching *m, const struct scim__filter_node *node,
    const scim__value *element, bool *out, scim_error *err)
{
	struct tally t = { .m = m, .node = node };
	scim_status rc = SCIM_OK;
	bool is_null = node->value.kind == SCIM__NULL;

	if (node->attribute != NULL)
		rc = look_everywhere(&t, element, err);
	if (rc != SCIM_OK)
		return rc;
	if (node->kind == SCIM__FILTER_PRESENT)
		*out = t.some;
	else if (is_null)
		*out = t.some == (node->op == SCIM__FILTER_NE);
	else
		*out = t.some ? t.hit : node->op == SCIM__FILTER_NE;
	return SCIM_OK;
}

/* @spec 7644-3.4.2.2-26 */
static scim_status
match_within(struct scim__matching *m, const struct scim__filter_node *node,
    bool *out, scim_error *err)
{
	const scim__value *value = node->attribute == NULL
	    ? NULL
	    : scim__filter_find_top(m->resource, node->attribute);
	bool hit = false;
	scim_status rc = SCIM_OK;

	if (value != NULL && value->kind != SCIM__ARRAY)
		rc = match_node(m, node->first, value, &hit, err);
	for (uint32_t i = 0; rc == SCIM_OK && !hit && value != NULL &&
	     value->kind == SCIM__ARRAY && i < value->count;
	     i++)
		rc = match_node(
		    m, node->first, &value->array.items[i], &hit, err);
	if (rc == SCIM_OK)
		*out = hit;
	return rc;
}

/* @spec 7644-3.4.2.2-21, 7644-3.4.2.2-22 */
static scim_status
match_chain(struct scim__matching *m, const struct scim__filter_node *node,
    const scim__value *element, bool *out, scim_error *err)
{
	bool stop = node->kind == SCIM__FILTER_OR, hit = !stop;

	for (const struct scim__filter_node *at = node->first;
	     at != NULL && hit != stop; at = at->next) {
		scim_status rc = match_node(m, at, element, &hit, err);

		if (rc != SCIM_OK)
			return rc;
	}
	*out = hit;
	return SCIM_OK;
}

/* Goes no deeper than the parser did. */
static scim_status
match_node(struct scim__matching *m, const struct scim__filter_node *node,
    const scim__value *element, bool *out, scim_error *err)
{
	scim_status rc = pay(m, 1, err);

	if (rc != SCIM_OK)
		return rc;
	switch (node->kind) {
	case SCIM__FILTER_AND:
	case SCIM__FILTER_OR:
		return match_chain(m, node, element, out, err);
	case SCIM__FILTER_NOT: /* @spec 7644-3.4.2.2-23 */
		rc = match_node(m, node->first, element, out, err);
		if (rc == SCIM_OK)
			*out = !*out;
		return rc;
	case SCIM__FILTER_WITHIN:
		return match_within(m, node, out, err);
	case SCIM__FILTER_COMPARE:
	case SCIM__FILTER_PRESENT:
		break;
	}
	return match_values(m, node, element, out, err);
}

scim_status
scim__filter_matches(struct scim__matching *matching,
    const struct scim__filter_node *root, bool *out, scim_error *err)
{
	return scim__filter_matches_element(matching, root, NULL, out, err);
}

scim_status
scim__filter_matches_element(struct scim__matching *matching,
    const struct scim__filter_node *root, const scim__value *element, bool *out,
    scim_error *err)
{
	bool hit = false;
	scim_status rc = match_node(matching, root, element, &hit, err);

	if (rc == SCIM_OK)
		*out = hit;
	return rc;
}
