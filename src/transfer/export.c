/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tenant, written down.
 *
 * All of it is read in one snapshot, and one that nobody has to settle: where
 * somebody deleted still stands in groups, that is brought to its end first,
 * so that every version on a line is that of what stands on it.  Types without
 * a relation come before those with one: members are mostly there when an
 * import gets to who has them.
 */
#include "transfer/export.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/departure.h"
#include "schema/own.h"
#include "transfer/line.h"

enum { PAGE = 200, TRIES = 100 };

struct exporting {
	const struct scim__export *job;
	const scim__tenant *tenant;
	scim_provider *provider;
	scim_txn *txn;
	scim_arena *arena; /* for a page */
	uint64_t resources;
};

static scim_status
flush(const struct exporting *e, const scim__buf *buf, scim_error *err)
{
	if (scim__buf_failed(buf))
		return scim__fail_memory(err);
	if (buf->len > 0 &&
	    fwrite(buf->ptr, 1, buf->len, e->job->file) != buf->len)
		return scim__fail(err, SCIM_ERR_STORE,
		    "The file can't be written: %s.", strerror(errno));
	return SCIM_OK;
}

static scim_context
context_of(const struct exporting *e)
{
	return (scim_context){ .arena = e->arena,
		.tenant = e->tenant->name,
		.registry = e->tenant->registry,
		.settings = &e->tenant->settings,
		.base_url = SCIM_STR(""),
		.actor = SCIM_STR("cli"),
		.via = SCIM_STR("cli") };
}

/* Whether the snapshot is one of this tenant with nothing left to settle. */
static scim_status
is_settled(const struct exporting *e, bool *out, scim_error *err)
{
	const scim_context context = context_of(e);
	struct scim__departures departures = { .count = 0 };
	scim_str text;
	scim_status rc = scim__store_leaf_get(
	    e->txn, e->arena, SCIM_SHELF_TENANT, e->tenant->name, &text, err);

	if (rc == SCIM_OK)
		rc = scim__departures_read(e->txn, &context, &departures, err);
	if (rc == SCIM_OK)
		*out = departures.count == 0 &&
		    scim__str_equal(text, e->tenant->text);
	return rc;
}

static scim_status
begin_once(struct exporting *e, bool *out, scim_error *err)
{
	scim_status rc = scim__policy_refresh(e->job->policy, err);

	if (rc != SCIM_OK)
		return rc;
	e->tenant = scim__policy_tenant(e->job->policy, e->job->tenant, err);
	if (e->tenant == NULL)
		return err->status;
	const scim_context context = context_of(e);
	rc = scim__departures_finish(e->provider, &context, err);
	if (rc == SCIM_OK)
		rc = scim__store_begin(
		    e->job->store, SCIM_TXN_SNAPSHOT, &e->txn, err);
	return rc == SCIM_OK ? is_settled(e, out, err) : rc;
}

static void
end(struct exporting *e)
{
	scim__store_rollback(scim__take(e->txn));
	scim__policy_tenant_unref(scim__take(e->tenant));
}

static scim_status
begin(struct exporting *e, scim_error *err)
{
	bool is_good = false;

	for (int i = 0; i < TRIES; i++) {
		scim_status rc = begin_once(e, &is_good, err);

		if (rc != SCIM_OK || is_good)
			return rc;
		end(e);
		scim_arena_reset(e->arena);
	}
	return scim__fail(err, SCIM_ERR_BUSY,
	    "Members are deleted faster than they leave their groups; try "
	    "again later.");
}

static scim_status
put_definitions(struct exporting *e, scim__buf *buf, scim_error *err)
{
	scim__definition *list = NULL;
	size_t count = 0;
	scim_status rc = scim__tenant_schemas_read(
	    e->txn, e->arena, e->tenant->name, &list, &count, err);

	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		scim__line_put_definition(
		    buf, list[i].is_type, &list[i].document);
	return rc;
}

static scim_status
put_head(struct exporting *e, scim_error *err)
{
	scim__value said;
	scim__buf buf;
	scim_status rc =
	    scim__tenant_said(e->arena, e->tenant->text, &said, err);

	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&buf, e->arena, SIZE_MAX);
	scim__line_put_tenant(&buf, e->tenant->name, &said);
	rc = put_definitions(e, &buf, err);
	return rc == SCIM_OK ? flush(e, &buf, err) : rc;
}

/* One line of members, in an arena of its own; `*after` moves on. */
static scim_status
put_crowd_line(const struct exporting *e, const scim_key *key, scim_str *after,
    size_t *out_count, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *scratch = scim_arena_new(NULL);
	scim_member_row *rows = NULL;
	scim__buf buf;

	if (scratch == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__store_members(e->txn, scratch, key, *after,
	    SCIM__LINE_MEMBERS, &rows, out_count, err);
	if (rc != SCIM_OK || *out_count == 0)
		return rc;
	scim__buf_init(&buf, scratch, SIZE_MAX);
	scim__line_put_crowd(&buf, key, rows, *out_count);
	*after = scim__str_copy(e->arena, rows[*out_count - 1].value);
	return after->ptr == NULL ? scim__fail_memory(err)
				  : flush(e, &buf, err);
}

static scim_status
put_resource(const struct exporting *e, const scim__resource_type *type,
    const scim_record *record, scim_error *err)
{
	const scim_key key = { e->tenant->name, type->name, record->id };
	bool is_crowd = record->relation_count > SCIM__LINE_MEMBERS;
	scim_member_row *rows = NULL;
	scim_str after = SCIM_STR("");
	size_t count = 0;
	scim_status rc = SCIM_OK;
	scim__buf buf;

	if (record->relation_count > 0 && !is_crowd)
		rc = scim__store_members(e->txn, e->arena, &key, after,
		    SCIM__LINE_MEMBERS, &rows, &count, err);
	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&buf, e->arena, SIZE_MAX);
	scim__line_put_resource(&buf, type->name, record, rows, count);
	rc = flush(e, &buf, err);
	count = is_crowd ? SCIM__LINE_MEMBERS : 0;
	while (rc == SCIM_OK && count == SCIM__LINE_MEMBERS)
		rc = put_crowd_line(e, &key, &after, &count, err);
	return rc;
}

static scim_status
put_page(struct exporting *e, const scim__resource_type *type, uint64_t *after,
    bool *out_more, scim_error *err)
{
	const scim_plan plan = { .tenant = e->tenant->name,
		.type = type->name,
		.attribute = SCIM_STR(""),
		.has_after = 1,
		.after_position = *after,
		.limit = PAGE,
		.parts = SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET };
	scim_record *records = NULL;
	size_t count = 0;
	scim_status rc =
	    scim__store_query(e->txn, e->arena, &plan, &records, &count, err);

	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		*after = records[i].position;
		rc = put_resource(e, type, &records[i], err);
		e->resources++;
	}
	*out_more = count == PAGE;
	return rc;
}

static scim_status
put_type(struct exporting *e, const scim__resource_type *type, scim_error *err)
{
	uint64_t after = 0;
	scim_status rc = SCIM_OK;
	bool more = true;

	while (rc == SCIM_OK && more) {
		scim_arena_reset(e->arena);
		rc = put_page(e, type, &after, &more, err);
		if (rc == SCIM_OK && e->job->progress != NULL)
			e->job->progress(e->job->context, e->resources);
	}
	return rc;
}

static scim_status
put_all(struct exporting *e, scim_error *err)
{
	const scim_registry *registry = e->tenant->registry;
	size_t count = scim__registry_type_count(registry);
	scim_status rc = put_head(e, err);

	for (int related = 0; related < 2; related++)
		for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
			const scim__resource_type *type =
			    scim__registry_type_at(registry, i);

			if ((type->relation != NULL) == (related == 1))
				rc = put_type(e, type, err);
		}
	return rc;
}

scim_status
scim__export(
    const struct scim__export *job, uint64_t *out_resources, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct exporting e = { .job = job, .arena = arena };
	scim_error why = { .status = SCIM_OK };

	if (arena == NULL)
		return scim__fail_memory(err);
	if (err == NULL)
		err = &why;
	scim_status rc = scim_provider_new(job->store, NULL, &e.provider, err);
	if (rc == SCIM_OK)
		rc = begin(&e, err);
	if (rc == SCIM_OK)
		rc = put_all(&e, err);
	end(&e);
	scim_provider_free(e.provider);
	if (rc == SCIM_OK)
		*out_resources = e.resources;
	return rc;
}
