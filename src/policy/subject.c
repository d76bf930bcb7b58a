/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a token stands for at /Me.
 *
 * A token keeps an id alone.  Ids are never given out twice, so the one
 * resource of the tenant that has it, of whatever type, is the subject: a
 * user, or what else a schema file made.  That there is one now promises
 * nothing about later; whoever goes on to it looks again, in the transaction
 * that counts.
 */
#include "base/error.h"
#include "policy/private.h"
#include "schema/schema.h"

static scim_status
look_in(scim_txn *txn, scim_arena *arena, const scim_key *key, bool *out_found,
    scim_error *err)
{
	scim_record record;
	scim_status rc = scim__store_get(txn, arena, key, 0, &record, err);

	*out_found = rc == SCIM_OK;
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

scim_status
scim__policy_subject(scim__policy *policy, scim_arena *arena,
    const scim__tenant *tenant, scim_str subject,
    const scim__resource_type **out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	size_t count = scim__registry_type_count(tenant->registry);
	bool found = false;

	if (subject.len == 0)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "This token stands for no resource: make one with "
		    "`scimd token create --subject ID`.");
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_READ, &txn, err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		const scim__resource_type *type =
		    scim__registry_type_at(tenant->registry, i);
		scim_key key = { tenant->name, type->name, subject };

		rc = look_in(txn, arena, &key, &found, err);
		if (found) {
			*out = type;
			return SCIM_OK;
		}
	}
	if (rc != SCIM_OK)
		return rc;
	return scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "The resource that this token stands for does not exist.");
}
