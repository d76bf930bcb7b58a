/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first lines of an import: the tenant and what it has of its own.
 *
 * Resources are validated by these, so they come first; schemas all together,
 * since each means something only beside the others.  As with resources, what
 * is there already stays: the same again is nothing to do, another one is
 * reported.
 */
#include "base/error.h"
#include "base/str.h"
#include "schema/own.h"
#include "transfer/importing.h"
#include "json/json.h"

enum { SAID_MOST = 64, DEFINITIONS_MOST = 10000 };

struct head {
	struct scim__importing *importing;
	scim_arena *arena;
	scim_schema_source *sources;
	size_t count, capacity;
	uint64_t first; /* line of a definition */
};

static scim_status
create_tenant(
    const struct head *h, const scim__value *settings, scim_error *err)
{
	const struct scim__import *job = h->importing->job;
	scim_str said[SAID_MOST];

	if (settings->count > SAID_MOST)
		return scim__fail(err, SCIM_ERR_INVALID, "Too many settings.");
	for (uint32_t i = 0; i < settings->count; i++) {
		const scim__member *m = &settings->object.members[i];
		scim_str value = m->value.kind == SCIM__STRING ? m->value.string
							       : SCIM_STR("");

		said[i] = scim__str_format(h->arena, "%.*s=%.*s",
		    (int)m->name.len, m->name.ptr, (int)value.len, value.ptr);
		if (said[i].ptr == NULL)
			return scim__fail_memory(err);
	}
	return scim__tenant_create(
	    job->policy, job->tenant, said, settings->count, err);
}

/* The tenant is there: with these settings? */
static scim_status
compare_settings(
    const struct head *h, const scim__value *settings, scim_error *err)
{
	const struct scim__import *job = h->importing->job;
	const scim__tenant *tenant =
	    scim__policy_tenant(job->policy, job->tenant, err);
	scim__value said;

	if (tenant == NULL)
		return err->status;
	scim_status rc = scim__tenant_said(h->arena, tenant->text, &said, err);
	if (rc == SCIM_OK && !scim__value_equal(&said, settings))
		scim__import_report(h->importing, 1,
		    "The tenant is there with other settings, which were left "
		    "as they are.");
	scim__policy_tenant_unref(tenant);
	return rc;
}

static scim_status
take_tenant(struct head *h, scim_str text, scim_error *err)
{
	struct scim__line line;
	scim_status rc = scim__line_read(h->arena, text, &line, err);

	if (rc == SCIM_OK && line.kind != SCIM__LINE_TENANT)
		rc = SCIM_ERR_INVALID;
	if (rc == SCIM_ERR_INVALID || rc == SCIM_ERR_TOO_LARGE)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "The first line is not that of an export of this scimd.");
	if (rc == SCIM_OK)
		rc = create_tenant(h, &line.document, err);
	return rc == SCIM_ERR_EXISTS ? compare_settings(h, &line.document, err)
				     : rc;
}

static bool
grow(struct head *h)
{
	size_t capacity = h->capacity == 0 ? 8 : 2 * h->capacity;
	scim_schema_source *sources =
	    scim__arena_array(h->arena, capacity, sizeof(*sources));

	if (sources == NULL)
		return false;
	if (h->count > 0)
		memcpy(sources, h->sources, h->count * sizeof(*sources));
	h->sources = sources;
	h->capacity = capacity;
	return true;
}

/* Keeps the text of a definition; `*out` false: the line is none. */
static scim_status
take_definition(struct head *h, scim_str text, bool *out, scim_error *err)
{
	struct scim__importing *i = h->importing;
	struct scim__line line;
	scim__buf buf;

	scim_arena_reset(i->arena);
	scim_status rc = scim__line_read(i->arena, text, &line, NULL);
	*out = rc == SCIM_OK &&
	    (line.kind == SCIM__LINE_SCHEMA ||
		line.kind == SCIM__LINE_RESOURCE_TYPE) &&
	    h->count < DEFINITIONS_MOST;
	if (!*out)
		return rc == SCIM_ERR_NO_MEMORY ? scim__fail_memory(err)
						: SCIM_OK;
	scim__buf_init(&buf, h->arena, SIZE_MAX);
	scim__json_write_canonical(&buf, &line.document);
	if (scim__buf_failed(&buf) || (h->count == h->capacity && !grow(h)))
		return scim__fail_memory(err);
	if (h->count == 0)
		h->first = i->lines.number;
	h->sources[h->count].name = scim__str_format(
	    h->arena, "line %llu", (unsigned long long)i->lines.number);
	h->sources[h->count++].text = scim__buf_str(&buf);
	return SCIM_OK;
}

static const scim__definition *
find(const scim__definition *list, size_t count, const scim__definition *like)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].is_type == like->is_type &&
		    scim__str_equal_nocase(list[i].id, like->id))
			return &list[i];
	return NULL;
}

/* Leaves those of `h->sources` that the tenant has not. */
static scim_status
leave_missing(struct head *h, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	const struct scim__import *job = h->importing->job;
	scim__definition *there = NULL, *one = NULL;
	size_t there_count = 0, one_count = 0, left = 0;
	scim_status rc =
	    scim__store_begin(job->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__tenant_schemas_read(
		    txn, h->arena, job->tenant, &there, &there_count, err);
	for (size_t i = 0; rc == SCIM_OK && i < h->count; i++) {
		const scim__definition *same = NULL;

		rc = scim__definitions_read(
		    h->arena, &h->sources[i], 1, &one, &one_count, err);
		if (rc == SCIM_OK && one_count == 1)
			same = find(there, there_count, one);
		if (rc == SCIM_OK && same == NULL)
			h->sources[left++] = h->sources[i];
		else if (rc == SCIM_OK &&
		    !scim__value_equal(&same->document, &one->document))
			scim__import_report(h->importing, h->first + i,
			    "The tenant has another definition of this id, "
			    "which was left as it is.");
	}
	h->count = left;
	return rc;
}

static scim_status
add_definitions(struct head *h, scim_error *err)
{
	const struct scim__import *job = h->importing->job;
	struct scim__schema_change change;
	scim_status rc = leave_missing(h, err);

	if (rc == SCIM_OK && h->count > 0)
		rc = scim__tenant_schemas_add(job->policy, job->tenant,
		    h->sources, h->count, &change, err);
	if (!scim__import_is_of_line(rc))
		return rc;
	scim__import_report(h->importing, h->first, err->detail);
	return SCIM_OK;
}

scim_status
scim__import_head(
    struct scim__importing *i, scim_str *out_next, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct head h = { .importing = i, .arena = arena };
	bool is_definition = true;
	scim_str text = { NULL, 0 };

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__lines_next(&i->lines, &text, err);
	if (rc == SCIM_OK)
		rc = take_tenant(
		    &h, text.ptr == NULL ? SCIM_STR("") : text, err);
	while (rc == SCIM_OK && is_definition) {
		rc = scim__lines_next(&i->lines, &text, err);
		if (rc != SCIM_OK || text.ptr == NULL)
			break;
		rc = take_definition(&h, text, &is_definition, err);
	}
	if (rc == SCIM_OK && h.count > 0)
		rc = add_definitions(&h, err);
	if (rc == SCIM_OK)
		*out_next = text;
	return rc;
}
