/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting for good, in turns.
 *
 * The first transaction deletes the resource, if it is there, and leaves the
 * mark, so that nobody sees it any more whatever comes; with it goes as much
 * of the rest as fits.  Later ones only take away, so that a purge which was
 * cut off is gone on with by doing it again: one mark is enough.
 */
#include "provider/purge.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/departure.h"
#include "provider/record.h"

struct purging {
	scim_provider *provider;
	const scim_context *context;
	struct scim__purge_targets targets;
};

static scim_status
begin(const struct purging *p, scim_txn_mode mode, scim_txn **out,
    scim_error *err)
{
	return scim__store_begin(p->provider->store, mode, out, err);
}

/* All of the log, in short reads. */
static scim_status
look_through_log(struct purging *p, scim_error *err)
{
	bool more = true;

	while (more) {
		scim__auto(scim__store_rollback) scim_txn *txn = NULL;
		scim_status rc = begin(p, SCIM_TXN_READ, &txn, err);

		if (rc == SCIM_OK)
			rc = scim__purge_look(&p->targets, txn, &more, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

/* Members that have gone and don't say so yet would be passed over. */
static scim_status
tidy(const struct purging *p, scim_error *err)
{
	int more = 1;
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && more)
		rc = scim__store_tidy(
		    p->provider->store, SCIM__PURGE_ROWS, &more, err);
	return rc;
}

/* What has come since, and the states. */
static scim_status
look_again(struct purging *p, struct scim__purge_target *target, scim_txn *txn,
    scim_error *err)
{
	bool more = true;
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && more)
		rc = scim__purge_look(&p->targets, txn, &more, err);
	return rc != SCIM_OK
	    ? rc
	    : scim__purge_look_at(&p->targets, txn, target, err);
}

/* The type of the resource with that id; NULL: there is none. */
static scim_status
find_type(const struct purging *p, scim_txn *txn, scim_str id,
    const scim__resource_type **out, scim_error *err)
{
	const scim_registry *registry = p->context->registry;
	size_t count = scim__registry_type_count(registry);

	*out = NULL;
	for (size_t i = 0; *out == NULL && i < count; i++) {
		const scim__resource_type *type =
		    scim__registry_type_at(registry, i);
		scim_key key = scim__key(p->context, type, id);
		scim_record record;
		scim_status rc = scim__store_get(
		    txn, p->context->arena, &key, 0, &record, err);

		if (rc == SCIM_OK)
			*out = type;
		else if (rc != SCIM_ERR_NOT_FOUND)
			return rc;
	}
	return SCIM_OK;
}

static scim_status
take_out(const struct purging *p, struct scim__purge_target *target,
    scim_txn *txn, const scim__resource_type *type, bool *out_departs,
    scim_error *err)
{
	scim__op op = { .steps = &scim__purge_steps,
		.provider = p->provider,
		.context = p->context,
		.type = type,
		.arena = p->context->arena,
		.expect = { .kind = SCIM_EXPECT_ANY },
		.id = target->id,
		.unsettled = true };
	scim_status rc = scim__op_apply(&op, txn, err);

	*out_departs = op.departs;
	target->is_marked = true;
	return rc;
}

static scim_status
mark(const struct purging *p, const struct scim__purge_target *target,
    scim_txn *txn, scim_error *err)
{
	scim_write write = { .kind = SCIM_WRITE_MARK,
		.key = { p->context->tenant, target->type, target->id } };
	scim_write_result result;

	write.change =
	    scim__change(p->context, "purge", scim__provider_now(p->provider));
	write.change.keep = 0;
	return scim__store_write(txn, p->context->arena, &write, &result, err);
}

static scim_status
drop_receipts(const struct purging *p, scim_str id, scim_txn *txn,
    uint64_t *rows, scim_error *err)
{
	const scim_receipt_plan plan = { .tenant = p->context->tenant,
		.id = id,
		.limit = SCIM__PURGE_ROWS };
	size_t count = SCIM__PURGE_ROWS;
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && count == SCIM__PURGE_ROWS) {
		scim_receipt *receipts = NULL;

		rc = scim__store_receipts(
		    txn, p->context->arena, &plan, &receipts, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = scim__store_receipt_drop(
			    txn, p->context->tenant, receipts[i].key, err);
		if (rc == SCIM_OK)
			*rows += count;
	}
	return rc;
}

static scim_status
drop_rows(const struct purging *p, const struct scim__purge_target *target,
    scim_txn *txn, scim_purged *out, bool *out_more, scim_error *err)
{
	const scim_purge purge = { .tenant = p->context->tenant,
		.type = target->type,
		.id = target->id,
		.sequences = target->sequences,
		.sequence_count = target->count,
		.limit = SCIM__PURGE_ROWS };
	size_t count = 0;
	scim_status rc = scim__store_purge(txn, &purge, &count, err);

	if (rc == SCIM_OK)
		out->rows += count;
	*out_more = rc == SCIM_OK && count >= purge.limit;
	return rc;
}

/* The first turn. */
static scim_status
begin_with(struct purging *p, struct scim__purge_target *target,
    scim_purged *out, bool *out_departs, bool *out_more, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	const scim__resource_type *type = NULL;
	scim_status rc = begin(p, SCIM_TXN_WRITE, &txn, err);

	if (rc == SCIM_OK)
		rc = look_again(p, target, txn, err);
	if (rc == SCIM_OK)
		rc = find_type(p, txn, target->id, &type, err);
	if (rc == SCIM_OK && type != NULL) {
		target->type = type->name;
		rc = take_out(p, target, txn, type, out_departs, err);
	}
	out->was_there = type != NULL;
	out->type = target->type;
	if (rc == SCIM_OK)
		rc = drop_receipts(p, target->id, txn, &out->rows, err);
	if (rc == SCIM_OK)
		rc = drop_rows(p, target, txn, out, out_more, err);
	if (rc == SCIM_OK && out->rows > 0 && !target->is_marked &&
	    target->type.len > 0)
		rc = mark(p, target, txn, err);
	return rc != SCIM_OK ? rc : scim__store_commit(scim__take(txn), err);
}

static scim_status
go_on(const struct purging *p, const struct scim__purge_target *target,
    scim_purged *out, scim_error *err)
{
	bool more = true;

	while (more) {
		scim__auto(scim__store_rollback) scim_txn *txn = NULL;
		scim_status rc = begin(p, SCIM_TXN_WRITE, &txn, err);

		if (rc == SCIM_OK)
			rc = drop_rows(p, target, txn, out, &more, err);
		if (rc == SCIM_OK)
			rc = scim__store_commit(scim__take(txn), err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

static scim_status
purge_one(struct purging *p, struct scim__purge_target *target,
    scim_purged *out, scim_error *err)
{
	scim_purged purged = { .type = SCIM_STR("") };
	bool departs = false, more = false;
	scim_status rc = begin_with(p, target, &purged, &departs, &more, err);

	if (rc == SCIM_OK && departs)
		rc = scim__departures_finish(p->provider, p->context, err);
	if (rc == SCIM_OK && (departs || more))
		rc = go_on(p, target, &purged, err);
	if (rc == SCIM_OK)
		*out = purged;
	return rc;
}

/* To the store, no id at all means everybody's changes. */
static scim_status
check_ids(const scim_str *ids, size_t count, scim_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i].len == 0)
			return scim__fail_type(err, SCIM_ERR_INVALID,
			    "invalidValue", "An id is empty.");
	return SCIM_OK;
}

scim_status
scim_provider_purge(scim_provider *provider, const scim_context *context,
    const scim_str *ids, size_t count, scim_purged *out, scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL);
	SCIM__REQUIRE(err, count == 0 || (ids != NULL && out != NULL));

	struct purging p = { .provider = provider, .context = context };
	scim_status rc = check_ids(ids, count, err);

	if (rc == SCIM_OK)
		rc = scim__purge_targets_make(
		    context, ids, count, &p.targets, err);
	for (size_t i = 0; i < count; i++)
		out[i] = (scim_purged){ .type = SCIM_STR("") };
	if (rc == SCIM_OK)
		rc = look_through_log(&p, err);
	if (rc == SCIM_OK && count > 0)
		rc = tidy(&p, err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = purge_one(&p, &p.targets.items[i], &out[i], err);
	return rc != SCIM_OK ? rc : scim__store_scrub(provider->store, err);
}
