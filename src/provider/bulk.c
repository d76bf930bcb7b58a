/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bulk (RFC 7644 section 3.7).
 *
 * A bulk request goes to the writer in slices, so that whoever else writes
 * gets a turn in between; an atomic one is a single slice.  Every component
 * (one operation, or those of a circle) runs in a savepoint of its own and
 * fails alone.
 *
 * Passwords are never hashed in the writer.  Where only the writer finds out
 * that there is one, because an operation before made what this one changes,
 * the slice ends there, and the next begins with it.
 */
#include "provider/bulk.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/combine.h"
#include "provider/merge_message.h"

#define SLICE_MS 10
#define ATOMIC_ROWS 1000

scim_status
scim__bulk_read(scim__bulk *bulk, scim_error *err)
{
	scim_status rc = scim__bulk_parse(bulk, err);

	bulk->stuck_at = SIZE_MAX;
	if (rc == SCIM_OK)
		rc = scim__bulk_recall(bulk, err);
	if (rc == SCIM_OK)
		rc = scim__bulk_resolve(bulk, err);
	bulk->is_over = rc != SCIM_OK || bulk->count == 0;
	return rc;
}

static void
fail_item(struct scim__bulk_item *item, const scim_error *err)
{
	item->state = SCIM__BULK_FAILED;
	item->err = *err;
}

/* The words of a header are not those of an operation. */
static void
name_version(const struct scim__bulk_item *item, scim_error *err)
{
	if (err->status == SCIM_ERR_INVALID &&
	    item->expect.if_match.kind == SCIM_ETAGS_MALFORMED)
		(void)scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "\"version\" is malformed: send one entity tag as "
		    "meta.version shows it, or \"*\".");
	if (err->status == SCIM_ERR_REQUIRED)
		(void)scim__fail(err, SCIM_ERR_REQUIRED,
		    "This tenant requires a precondition: send \"version\" "
		    "with the operation.");
}

/* A copy that outlasts the slice, unless the answer becomes too long by it;
 * false: out of memory. */
static bool
take_text(scim__bulk *bulk, scim_str text, scim_str *out)
{
	uint64_t most = bulk->request_context->settings->limits.body_bytes;

	*out = (scim_str){ NULL, 0 };
	if (text.len == 0 || bulk->explained + text.len > most)
		return true;
	bulk->explained += text.len;
	*out = scim__str_copy(bulk->arena, text);
	return out->ptr != NULL;
}

/* What was in the way: of a merge all of it is known by now. */
static scim_status
take_conflict(scim__bulk *bulk, struct scim__bulk_item *item, scim_error *err)
{
	const scim_conflict *conflict = &item->op->outcome.conflict;

	if (conflict->current.ptr == NULL)
		return SCIM_OK;
	item->etag = scim__str_copy(bulk->arena, conflict->current);
	if (item->etag.ptr == NULL ||
	    !take_text(bulk, conflict->detail, &item->conflict))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
take_merge(scim__bulk *bulk, struct scim__bulk_item *item, scim_error *err)
{
	const scim__op *op = item->op;
	scim_str message;

	item->told = (scim_str){ NULL, 0 };
	if (!op->outcome.is_merged)
		return SCIM_OK;
	bulk->has_merged |= op->merge->is_stale;
	message = scim__combine_message(op);
	if (message.ptr == NULL || !take_text(bulk, message, &item->told))
		return scim__fail_memory(err);
	return SCIM_OK;
}

/* What the operation said, kept where it outlasts the slice. */
static scim_status
take_outcome(scim__bulk *bulk, struct scim__bulk_item *item, scim_status rc,
    scim_error *err)
{
	const scim__op *op = item->op;
	const scim_record *record;
	scim_error why = *err;

	bulk->quirks |= op->validation.quirks;
	if (op->dropped.ptr != NULL && bulk->dropped.ptr == NULL)
		bulk->dropped = scim__str_copy(bulk->arena, op->dropped);
	item->merge_noted = op->merge_noted;
	if (op->settled && op->outcome.kind != SCIM_DONE) {
		(void)scim__fail_outcome(
		    op->type, item->id, &op->outcome, &why);
		fail_item(item, &why);
		return take_conflict(bulk, item, err);
	}
	if (rc != SCIM_OK) {
		if (op->wants_hash)
			(void)scim__fail_type(&why, SCIM_ERR_INVALID,
			    "invalidValue",
			    "All or nothing, a password can't be set on what "
			    "the same request makes: set it when it is "
			    "created, or apart.");
		name_version(item, &why);
		fail_item(item, &why);
		return SCIM_OK;
	}
	record = op->settled ? &op->current.record : &op->record;
	item->state = SCIM__BULK_DONE;
	item->is_changed = op->outcome.changed && !op->claim.is_repeat;
	item->version =
	    op->claim.is_repeat ? op->claim.receipt.version : record->version;
	item->sequence =
	    op->claim.is_repeat ? op->claim.receipt.sequence : record->sequence;
	return take_merge(bulk, item, err);
}

static uint64_t
rows_of(const scim__op *op)
{
	const scim_write *w = &op->write;

	if (op->settled)
		return 0;
	return 1 + w->member_add_count + w->member_remove_count + op->left +
	    (w->member_remove_all ? op->current.record.relation_count : 0);
}

/* Whether what the item refers to is there; or what it fails for. */
static bool
has_needs(const scim__bulk *bulk, struct scim__bulk_item *item)
{
	for (size_t i = 0; i < item->need_count; i++) {
		const struct scim__bulk_item *to =
		    &bulk->items[bulk->needs[item->first_need + i].needs];
		scim_error why;

		if (to->state != SCIM__BULK_FAILED)
			continue;
		(void)scim__fail(&why, SCIM_ERR_EXISTS,
		    "bulkId:%.*s, which this refers to, was not created.",
		    (int)(to->bulk_id.len < 64 ? to->bulk_id.len : 64),
		    to->bulk_id.ptr);
		fail_item(item, &why);
		return false;
	}
	return true;
}

/* Carries out one operation; a failure of its own is its state.
 * Not SCIM_OK: the slice can't go on. */
static scim_status
run_item(scim__bulk *bulk, struct scim__bulk_item *item, scim_txn *txn,
    scim_error *err)
{
	if (item->is_broken) {
		item->state = SCIM__BULK_FAILED;
		return SCIM_OK;
	}
	if (!has_needs(bulk, item))
		return SCIM_OK;
	if (bulk->slice->has_run)
		item->op->unsettled = true;
	item->op->wants_hash = false;
	*err = (scim_error){ 0 };
	scim_status rc = scim__op_apply(item->op, txn, err);
	if (rc == SCIM_ERR_ROLLED_BACK ||
	    (item->op->wants_hash && !bulk->is_atomic))
		return rc;
	if (rc == SCIM_OK)
		bulk->touched += rows_of(item->op);
	return take_outcome(bulk, item, rc, err);
}

/* Of a circle, all have failed when one has.
 * @spec 7644-3.7.1-02 */
static void
fail_circle(scim__bulk *bulk, size_t c)
{
	size_t at, end = scim__bulk_component(bulk, c, &at);
	scim_error why;

	for (; at < end; at++) {
		struct scim__bulk_item *item = scim__bulk_item_at(bulk, at);

		if (item->state != SCIM__BULK_FAILED) {
			(void)scim__fail(&why, SCIM_ERR_EXISTS,
			    "An operation that this one and others refer to "
			    "in a circle failed, and with it all of them.");
			fail_item(item, &why);
		}
		bulk->errors++;
	}
}

/* A circle is one turn, so it takes no more than one operation may. */
static scim_status
check_circle(scim__bulk *bulk, size_t c, uint64_t before, scim_error *err)
{
	uint64_t most = bulk->request_context->settings->limits.members;
	size_t at, end = scim__bulk_component(bulk, c, &at);

	if (end - at == 1 || bulk->touched - before <= most + (end - at))
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "Operations that refer to each other in a circle name more than "
	    "%llu members: add the others in further operations.",
	    (unsigned long long)most);
}

/* One savepoint.  `*out_wants_hash`: it is for the next slice. */
static scim_status
run_component(scim__bulk *bulk, size_t c, scim_txn *txn, bool *out_wants_hash,
    scim_error *err)
{
	size_t at, end = scim__bulk_component(bulk, c, &at);
	uint64_t before = bulk->touched;
	bool failed = false;
	scim_status rc = scim__store_savepoint(txn, err);

	if (rc != SCIM_OK)
		return rc;
	for (; rc == SCIM_OK && !failed && at < end; at++) {
		struct scim__bulk_item *item = scim__bulk_item_at(bulk, at);

		rc = run_item(bulk, item, txn, err);
		*out_wants_hash = rc != SCIM_OK && item->op->wants_hash;
		if (rc == SCIM_OK && item->state == SCIM__BULK_DONE &&
		    check_circle(bulk, c, before, err) != SCIM_OK)
			fail_item(item, err);
		failed = item->state == SCIM__BULK_FAILED;
	}
	if (rc == SCIM_ERR_ROLLED_BACK)
		return rc;
	if (!failed && rc == SCIM_OK)
		return scim__store_release(txn, err);
	scim_error ignored;
	scim_status back = scim__store_rollback_to(txn, &ignored);
	if (back != SCIM_OK) {
		*err = ignored;
		return back;
	}
	if (failed)
		fail_circle(bulk, c);
	return *out_wants_hash ? SCIM_OK : rc;
}

static bool
is_at_its_end(const scim__bulk *bulk)
{
	uint64_t most = bulk->errors_most > 0 ? bulk->errors_most : 1;

	return bulk->has_most && bulk->errors >= most;
}

/*
 * An atomic request is undone by its first failure, and by what it takes up:
 * what was prepared tells nothing of it, where operations change what others
 * before them make.
 */
static scim_status
check_atomic(scim__bulk *bulk, size_t bytes, scim_error *err)
{
	if (bulk->errors > 0) {
		bulk->was_refused = true;
		return scim__fail(err, SCIM_ERR_EXISTS, "Nothing was done.");
	}
	if (bytes > SCIM__BULK_ATOMIC_BYTES)
		return scim__bulk_fail_bytes(err);
	if (bulk->touched <= ATOMIC_ROWS)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "The request changes more than %d rows (resources and members), "
	    "too many to be done all or nothing: send it in parts.",
	    ATOMIC_ROWS);
}

/* As if the slice had not run yet. */
static void
begin_slice(scim__bulk *bulk)
{
	size_t end = bulk->order.starts[bulk->prepared];

	for (size_t at = bulk->order.starts[bulk->durable]; at < end; at++)
		scim__bulk_item_at(bulk, at)->state = SCIM__BULK_WAITING;
	bulk->errors = bulk->durable_errors;
	bulk->touched = 0;
	bulk->was_refused = false;
	bulk->applied = bulk->durable;
}

scim_status
scim__bulk_apply(scim__bulk *bulk, scim_txn *txn, scim_error *err)
{
	int64_t end_ms = scim__provider_now(bulk->provider) + SLICE_MS;
	size_t before = bulk->slice->bytes;
	bool wants_hash = false;

	begin_slice(bulk);
	while (bulk->applied < bulk->prepared && !is_at_its_end(bulk)) {
		bool in_time = scim__provider_now(bulk->provider) < end_ms &&
		    bulk->slice->bytes <= 2 * SCIM__BULK_SLICE_BYTES;

		if (!bulk->is_atomic && !in_time &&
		    bulk->applied > bulk->durable)
			break;
		scim_status rc =
		    run_component(bulk, bulk->applied, txn, &wants_hash, err);
		if (rc == SCIM_OK && bulk->is_atomic)
			rc = check_atomic(
			    bulk, bulk->slice->bytes - before, err);
		if (rc != SCIM_OK) {
			bulk->slice->has_run = true;
			return rc;
		}
		if (wants_hash)
			break;
		bulk->applied++;
	}
	bulk->slice->has_run = true;
	return SCIM_OK;
}

/* Which operation was the end of an atomic request. */
static void
fail_all(scim__bulk *bulk)
{
	scim_error why;
	size_t first = 0;

	while (first < bulk->count &&
	    bulk->items[first].state != SCIM__BULK_FAILED)
		first++;
	for (size_t i = 0; i < bulk->count; i++) {
		if (bulk->items[i].state == SCIM__BULK_FAILED)
			continue;
		(void)scim__fail(&why, SCIM_ERR_EXISTS,
		    "Nothing was done: the request is atomic, and its "
		    "operation number %zu failed.",
		    first + 1);
		fail_item(&bulk->items[i], &why);
	}
}

static scim_write_result_kind
result_of(const struct scim__bulk_item *item)
{
	const struct scim__merge_noted *merge = &item->merge_noted;

	if (item->state == SCIM__BULK_DONE)
		return item->is_changed ? SCIM_WRITES_DONE
					: SCIM_WRITES_UNCHANGED;
	/* That two changes collide is a 409, too. */
	if (item->err.status == SCIM_ERR_EXISTS && merge->is_noted &&
	    (merge->end == SCIM_MERGES_CONFLICT ||
		merge->end == SCIM_MERGES_GUARD ||
		merge->end == SCIM_MERGES_FORGOTTEN))
		return SCIM_WRITES_CONFLICT;
	return scim__metrics_result(item->err.status);
}

static void
count_item(const scim__bulk *bulk, const struct scim__bulk_item *item)
{
	struct scim__write_noted noted = {
		.tenant = bulk->request_context->tenant, .id = item->id
	};

	if (item->state == SCIM__BULK_WAITING || item->steps == NULL ||
	    item->type == NULL)
		return;
	noted.type = item->type->name;
	noted.operation = scim__op_counted_as(item->steps);
	noted.result = result_of(item);
	scim__metrics_note_write(bulk->provider->metrics, &noted);
	scim__metrics_note_merge(bulk->provider->metrics, &item->merge_noted);
}

static void
end(scim__bulk *bulk)
{
	bulk->is_over = true;
	scim__bulk_release(bulk);
	for (size_t i = 0; i < bulk->count; i++) {
		const struct scim__bulk_item *item = &bulk->items[i];

		bulk->conflicts += item->state == SCIM__BULK_FAILED &&
		    item->err.status == SCIM_ERR_VERSION;
		count_item(bulk, item);
	}
}

void
scim__bulk_committed(scim__bulk *bulk)
{
	if (bulk->was_refused) {
		fail_all(bulk);
		end(bulk);
		return;
	}
	bulk->stuck_at =
	    bulk->applied == bulk->durable ? bulk->applied : SIZE_MAX;
	bulk->durable = bulk->applied;
	bulk->durable_errors = bulk->errors;
	if (bulk->durable == bulk->order.count || is_at_its_end(bulk))
		end(bulk);
}

void
scim__bulk_stop(scim__bulk *bulk, const scim_error *why)
{
	size_t lost = bulk->order.starts[bulk->applied];
	scim_error not_reached;

	(void)scim__fail(&not_reached, SCIM_ERR_BUSY,
	    "Not carried out, since the server could not go on: send it "
	    "again.");
	for (size_t at = bulk->order.starts[bulk->durable]; at < bulk->count;
	     at++)
		fail_item(scim__bulk_item_at(bulk, at),
		    at < lost ? why : &not_reached);
	end(bulk);
}

/* The tag of a state of ours, with what it derives from others by now. */
static scim_status
find_tag(const scim__bulk *bulk, scim_txn *txn, scim_arena *scratch,
    struct scim__bulk_item *item, scim_error *err)
{
	scim_context context = *bulk->request_context;
	scim_key key = scim__key(&context, item->type, item->id);
	scim_record record;
	struct scim__view view;
	scim_status rc = scim__store_get(
	    txn, scratch, &key, SCIM_RECORD_CONTENT, &record, err);
	bool is_there = rc == SCIM_OK;

	context.arena = scratch;
	if (rc == SCIM_ERR_NOT_FOUND)
		record = (scim_record){ .id = item->id };
	else if (rc != SCIM_OK)
		return rc;
	record.version = item->version;
	record.sequence = item->sequence;
	rc = scim__view_make(
	    is_there ? txn : NULL, &context, item->type, &record, &view, err);
	if (rc == SCIM_OK)
		item->etag = scim__str_copy(bulk->arena, view.etag);
	return rc == SCIM_OK && item->etag.ptr == NULL ? scim__fail_memory(err)
						       : rc;
}

/* Tells of one conflict, unless the answer becomes too long by it. */
static scim_status
explain(scim__bulk *bulk, scim_arena *scratch, struct scim__bulk_item *item,
    scim_error *err)
{
	scim_context context = *bulk->request_context;
	scim__op op = { .steps = item->steps,
		.provider = bulk->provider,
		.context = &context,
		.type = item->type,
		.arena = scratch,
		.expect = { .kind = SCIM_EXPECT_PRECONDITIONS,
		    .preconditions = &item->expect },
		.id = item->id,
		.tree = item->data };
	const scim_conflict *conflict = &op.outcome.conflict;

	context.arena = scratch;
	context.merge_stale = 0; /* it was tried */
	/* Another one may have made it as it was. */
	if (scim__op_check(&op, NULL) != SCIM_OK || !op.settled)
		return SCIM_OK;
	scim__op_explain(&op);
	scim__metrics_note_merge(bulk->provider->metrics, &op.merge_noted);
	scim__metrics_note_paths(bulk->provider->metrics, context.tenant,
	    op.type->name, conflict->paths, conflict->path_count);
	if (!take_text(bulk, conflict->detail, &item->conflict))
		return scim__fail_memory(err);
	if (item->conflict.ptr == NULL)
		return SCIM_OK;
	(void)scim__fail_outcome(op.type, item->id, &op.outcome, &item->err);
	item->etag = scim__str_copy(bulk->arena, conflict->current);
	return item->etag.ptr != NULL ? SCIM_OK : scim__fail_memory(err);
}

scim_status
scim__bulk_finish(scim__bulk *bulk, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *scratch =
	    scim_arena_new(scim__arena_allocator(bulk->arena));
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;

	if (scratch == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__store_begin(bulk->provider->store, SCIM_TXN_READ, &txn, err);
	for (size_t i = 0; rc == SCIM_OK && i < bulk->count; i++) {
		struct scim__bulk_item *item = &bulk->items[i];

		if (item->state == SCIM__BULK_FAILED &&
		    item->err.status == SCIM_ERR_VERSION)
			rc = explain(bulk, scratch, item, err);
		else if (item->state == SCIM__BULK_DONE &&
		    item->steps != &scim__delete_steps)
			rc = find_tag(bulk, txn, scratch, item, err);
		scim_arena_reset(scratch);
	}
	return rc;
}
