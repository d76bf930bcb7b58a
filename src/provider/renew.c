/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored state by the forms of this scimd: what a migration writes.
 *
 * Rows come from the content alone, so they can be made again at any time.
 * A state whose octets stay what they are keeps its version, whatever
 * happened around it.
 */
#include "provider/renew.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "schema/rows.h"
#include "version/tag.h"
#include "json/json.h"

static scim_status
find_type(const scim_registry *registry, const scim_key *key,
    const scim__resource_type **out, scim_error *err)
{
	const scim__resource_type *type =
	    scim__registry_type(registry, key->type);

	if (type == NULL)
		return scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "Tenant '%.*s' has resources of type '%.*s', which is not "
		    "defined here: give the --schemas that the server has.",
		    (int)key->tenant.len, key->tenant.ptr, (int)key->type.len,
		    key->type.ptr);
	*out = type;
	return SCIM_OK;
}

/* `text` in canonical form; empty stays empty. */
static scim_status
rewrite(scim_arena *arena, scim_str *text, bool *changed, scim_error *err)
{
	scim__value value;
	scim__buf buf;

	if (text->len == 0)
		return SCIM_OK;
	scim_status rc = scim__json_parse_trusted(arena, *text, &value, err);
	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, &value);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*changed = *changed || !scim__str_equal(*text, scim__buf_str(&buf));
	*text = scim__buf_str(&buf);
	return SCIM_OK;
}

static scim_status
put_version(
    const scim__resource_type *type, scim_record *record, scim_error *err)
{
	scim__sha256 own;
	scim_status rc =
	    scim__own_hash(record->content, record->secret, &own, err);

	if (rc != SCIM_OK)
		return rc;
	memcpy(record->own_hash, own.bytes, sizeof(own.bytes));
	return scim__state_version(&own, type->relation != NULL,
	    record->relation_state, record->relation_count, &record->version,
	    err);
}

static scim_status
put_documents(scim_arena *arena, const scim__resource_type *type,
    scim_record *record, bool *out_changed, scim_error *err)
{
	scim_record renewed = *record;
	bool is_changed = false;
	scim_status rc = rewrite(arena, &renewed.content, &is_changed, err);

	if (rc == SCIM_OK)
		rc = rewrite(arena, &renewed.secret, &is_changed, err);
	if (rc == SCIM_OK && is_changed)
		rc = put_version(type, &renewed, err);
	if (rc != SCIM_OK)
		return rc;
	*record = renewed;
	*out_changed = is_changed;
	return SCIM_OK;
}

scim_status
scim__renew(const scim_registry *registry, scim_arena *arena, bool rewrites,
    scim_record *record, scim_write *write, bool *out_changed, scim_error *err)
{
	const scim__resource_type *type = NULL;
	struct scim__rows rows = { 0 };
	bool is_changed = false;
	scim__value content;
	scim_status rc = find_type(registry, &write->key, &type, err);

	if (rc == SCIM_OK && rewrites)
		rc = put_documents(arena, type, record, &is_changed, err);
	if (rc == SCIM_OK)
		rc = scim__json_parse_trusted(
		    arena, record->content, &content, err);
	if (rc == SCIM_OK)
		rc = scim__rows_of(arena, registry, type, &content,
		    record->modified_ms, &rows, err);
	if (rc != SCIM_OK)
		return rc;
	write->index_add = rows.index;
	write->index_add_count = rows.index_count;
	write->unique_add = rows.unique;
	write->unique_add_count = rows.unique_count;
	*out_changed = is_changed;
	return SCIM_OK;
}
