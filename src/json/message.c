/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of RFC 7644 by their members.
 *
 * Names ignore case, because providers send "Operations" as "operations".
 * Members that the RFC does not name are nobody's business here.
 */
#include "json/message.h"

#include "base/error.h"
#include "base/str.h"

scim_status
scim__message_find(const scim__value *object, scim_str name,
    const scim__value **out, scim_error *err)
{
	const scim__value *found = NULL;

	for (uint32_t i = 0; i < object->count; i++) {
		const scim__member *m = &object->object.members[i];

		if (!scim__str_equal_nocase(m->name, name))
			continue;
		if (found != NULL)
			return scim__fail_type(err, SCIM_ERR_INVALID,
			    "invalidSyntax",
			    "\"%.*s\" is there twice (names ignore case): "
			    "send it once.",
			    (int)name.len, name.ptr);
		found = &m->value;
	}
	*out = found;
	return SCIM_OK;
}

scim_status
scim__message_check(const scim__value *message, scim_str urn, scim_error *err)
{
	const scim__value *schemas = NULL;
	scim_status rc =
	    scim__message_find(message, SCIM_STR("schemas"), &schemas, err);
	bool named = false;

	if (rc != SCIM_OK)
		return rc;
	for (uint32_t i = 0; schemas != NULL && schemas->kind == SCIM__ARRAY &&
	     i < schemas->count;
	     i++) {
		const scim__value *item = &schemas->array.items[i];

		named |= item->kind == SCIM__STRING &&
		    scim__str_equal_nocase(item->string, urn);
	}
	if (named)
		return SCIM_OK;
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
	    "schemas must name %.*s.", (int)urn.len, urn.ptr);
}
