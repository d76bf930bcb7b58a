/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Departures, settled in turns.
 *
 * A turn is one transaction: what it did is durable, what it did not do is
 * still on the shelf, so a crash in between loses nothing and repeats
 * nothing.
 */
#include "provider/departure.h"

#include "base/error.h"
#include "base/str.h"
#include "provider/holder.h"

#define AT_MOST 1024 /* departures looked at together */

static scim_str
leaf_name(const scim_context *context, scim_str id)
{
	return scim__str_format(context->arena, "%.*s/%.*s",
	    (int)context->tenant.len, context->tenant.ptr, (int)id.len, id.ptr);
}

static scim_str
id_of(const struct scim__departures *d, size_t i)
{
	return (scim_str){ d->gone[i].name.ptr + d->prefix,
		d->gone[i].name.len - d->prefix };
}

scim_status
scim__departures_read(scim_txn *txn, const scim_context *context,
    struct scim__departures *out, scim_error *err)
{
	scim_str prefix = leaf_name(context, SCIM_STR(""));
	scim_leaf *leaves = NULL;
	size_t count = 0, ours = 0;
	scim_status rc = prefix.ptr == NULL
	    ? scim__fail_memory(err)
	    : scim__store_leaves(txn, context->arena, SCIM_SHELF_DEPARTURE,
		  prefix, AT_MOST, &leaves, &count, err);

	if (rc != SCIM_OK)
		return rc;
	while (ours < count && scim__str_starts_with(leaves[ours].name, prefix))
		ours++;
	*out = (struct scim__departures){ leaves, ours, prefix.len };
	return SCIM_OK;
}

scim_status
scim__departures_touch(scim_txn *txn, const scim_context *context,
    const scim_key *key, const struct scim__departures *departures, bool *out,
    scim_error *err)
{
	*out = false;
	for (size_t i = 0; !*out && i < departures->count; i++) {
		scim_member_row row;
		scim_status rc = scim__store_member_get(
		    txn, context->arena, key, id_of(departures, i), &row, err);

		if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
			return rc;
		*out = rc == SCIM_OK;
	}
	return SCIM_OK;
}

scim_status
scim__departures_pending(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, scim_str id, bool *out, scim_error *err)
{
	struct scim__departures departures;
	scim_key key = scim__key(context, type, id);

	*out = false;
	if (type->relation == NULL)
		return SCIM_OK;
	scim_status rc = scim__departures_read(txn, context, &departures, err);
	if (rc != SCIM_OK || departures.count == 0)
		return rc;
	return scim__departures_touch(
	    txn, context, &key, &departures, out, err);
}

scim_status
scim__departure_note(scim_provider *provider, scim_txn *txn,
    const scim_context *context, scim_str id, scim_error *err)
{
	scim_str name = leaf_name(context, id);

	atomic_store(&provider->departures, true);

	if (name.ptr == NULL)
		return scim__fail_memory(err);
	return scim__store_leaf_put(
	    txn, SCIM_SHELF_DEPARTURE, name, SCIM_STR("gone"), err);
}

static scim_status
settle_with(const struct scim__write_by *by, scim_txn *txn,
    const scim__resource_type *type, scim_str id,
    const struct scim__departures *departures, scim_error *err)
{
	struct scim__holder holder;
	scim_status rc = scim__holder_open(by, txn, type, id, &holder, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	for (size_t i = 0; rc == SCIM_OK && i < departures->count; i++)
		rc = scim__relation_remove(by->context->arena, txn, &holder.key,
		    id_of(departures, i), &holder.edit, err);
	if (rc != SCIM_OK || !holder.edit.changed)
		return rc;
	return scim__holder_write(by, txn, &holder, err);
}

scim_status
scim__departures_settle(scim_provider *provider, scim_txn *txn,
    const scim_context *context, const scim__resource_type *type, scim_str id,
    scim_error *err)
{
	struct scim__write_by by = { provider, context, "delete" };
	struct scim__departures departures;
	scim_status rc = scim__departures_read(txn, context, &departures, err);

	if (rc != SCIM_OK || departures.count == 0)
		return rc;
	return settle_with(&by, txn, type, id, &departures, err);
}

/*
 * A page of relations of the first departure.  Those of a type that no schema
 * has any more can't be settled, and nobody can see them: they are passed
 * over, or a page full of them would come again for ever.
 */
static scim_status
settle_some(scim_provider *provider, scim_txn *txn, const scim_context *context,
    const struct scim__departures *departures, bool *out_all, scim_error *err)
{
	struct scim__write_by by = { provider, context, "delete" };
	scim_str after = { "", 0 };
	size_t count = SCIM__LEAVE_AT_ONCE, settled = 0;

	while (count == SCIM__LEAVE_AT_ONCE && settled == 0) {
		scim_membership *page = NULL;
		scim_status rc = scim__store_memberships(txn, context->arena,
		    context->tenant, id_of(departures, 0), after,
		    SCIM__LEAVE_AT_ONCE, &page, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
			const scim__resource_type *type = scim__registry_type(
			    context->registry, page[i].type);

			after = page[i].id;
			if (type == NULL)
				continue;
			rc = settle_with(
			    &by, txn, type, page[i].id, departures, err);
			settled++;
		}
		if (rc != SCIM_OK)
			return rc;
	}
	*out_all = count < SCIM__LEAVE_AT_ONCE;
	return SCIM_OK;
}

scim_status
scim__departures_turn(scim_provider *provider, scim_txn *txn,
    const scim_context *context, bool *out_more, scim_error *err)
{
	struct scim__departures departures;
	bool all = false;
	scim_status rc = scim__departures_read(txn, context, &departures, err);

	*out_more = rc == SCIM_OK && departures.count > 0;
	if (!*out_more)
		return rc;
	rc = settle_some(provider, txn, context, &departures, &all, err);
	if (rc != SCIM_OK || !all)
		return rc;
	*out_more = departures.count > 1;
	return scim__store_leaf_put(txn, SCIM_SHELF_DEPARTURE,
	    departures.gone[0].name, SCIM_STR(""), err);
}

scim_status
scim__departures_finish(
    scim_provider *provider, const scim_context *context, scim_error *err)
{
	bool more = true;

	while (more) {
		scim__auto(scim__store_rollback) scim_txn *txn = NULL;
		scim_status rc = scim__store_begin(
		    provider->store, SCIM_TXN_WRITE, &txn, err);

		if (rc == SCIM_OK)
			rc = scim__departures_turn(
			    provider, txn, context, &more, err);
		if (rc == SCIM_OK)
			rc = scim__store_commit(scim__take(txn), err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

scim_status
scim__departures_tenant(scim_provider *provider, scim_txn *txn,
    scim_arena *arena, scim_str *out, scim_error *err)
{
	scim_leaf *leaf = NULL;
	size_t count = 0;

	/* Cleared first: whoever notes one meanwhile sets it again. */
	atomic_store(&provider->departures, false);
	scim_status rc = scim__store_leaves(txn, arena, SCIM_SHELF_DEPARTURE,
	    SCIM_STR(""), 1, &leaf, &count, err);
	if (rc != SCIM_OK || count == 0) {
		*out = (scim_str){ NULL, 0 };
		return rc;
	}
	atomic_store(&provider->departures, true);
	*out = leaf->name;
	const char *slash = memchr(leaf->name.ptr, '/', leaf->name.len);
	if (slash != NULL)
		out->len = (size_t)(slash - leaf->name.ptr);
	return SCIM_OK;
}
