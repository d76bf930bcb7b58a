/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An element out of a filter: `emails[type eq "work"].value` of a user who
 * has no work address means to add one, and successive operations with that
 * path land in one element.  That works for filters that say what the element
 * is, equalities joined by `and`; any other names nothing that could be made.
 */
#include "base/error.h"
#include "patch/apply.h"

static scim_status
take_equality(struct scim__patching *p, const scim__attribute *a,
    const struct scim__filter_node *node, scim__value *element)
{
	scim__value value;

	if (node->kind != SCIM__FILTER_COMPARE || node->op != SCIM__FILTER_EQ ||
	    node->attribute == NULL || node->value.kind == SCIM__NULL)
		return scim__patch_fail_target(p, a);
	if (node->is_element)
		return scim__check_single(
		    &p->checking, a, &node->value, element);
	if (node->attribute->mutability == SCIM__READ_ONLY)
		return scim__patch_fail_target(p, a);
	scim_status rc = scim__check_value(
	    &p->checking, node->attribute, &node->value, &value);
	if (rc != SCIM_OK)
		return rc;
	return scim__object_set(
		   p->checking.arena, element, node->attribute->name, value)
	    ? SCIM_OK
	    : scim__fail_memory(p->checking.err);
}

scim_status
scim__patch_create(
    struct scim__patching *p, const struct scim__patch_op *op, scim__value *out)
{
	const scim__attribute *a = op->path.attribute;
	const struct scim__filter_node *node = op->path.filter.root;
	scim__value element = scim__value_object();
	scim_status rc = SCIM_OK;

	if (node->kind == SCIM__FILTER_AND)
		node = node->first;
	else if (node->next != NULL)
		return scim__patch_fail_target(p, a);
	for (; rc == SCIM_OK && node != NULL; node = node->next)
		rc = take_equality(p, a, node, &element);
	if (rc != SCIM_OK)
		return rc;
	p->checking.quirks |= SCIM__QUIRK_FILTER_CREATES;
	*out = element;
	return SCIM_OK;
}
