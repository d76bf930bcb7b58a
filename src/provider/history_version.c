/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resource as it was.
 *
 * What nobody may see of the present nobody sees of the past: the same
 * projection is made of both.  An old version is shown with its own half of
 * the tag only, since what others made of it then is not kept.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "provider/history.h"
#include "json/json.h"

scim_status
scim__history_parse(scim_str text, scim_version *out, scim_error *err)
{
	if (scim_version_parse(text, out, NULL) == SCIM_OK)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "A version is the 22 characters of an ETag before the first dot "
	    "or the last quote.");
}

scim_str
scim__history_name(scim_arena *arena, const scim_version *version)
{
	char *text = scim__arena_take(arena, SCIM_VERSION_TEXT_LEN + 1);

	if (text == NULL)
		return (scim_str){ NULL, 0 };
	scim_version_format(version, text);
	return scim__str(text);
}

scim_status
scim__history_read(const struct scim__history *h, scim_txn *txn, scim_str text,
    struct scim__past *out, scim_error *err)
{
	scim_version version;
	scim_status rc = scim__history_parse(text, &version, err);

	return rc != SCIM_OK ? rc
			     : scim__past_read(txn, h->context, h->type, h->id,
				   &version, out, err);
}

bool
scim__history_shows_members(const struct scim__history *h)
{
	return h->type->relation != NULL &&
	    (h->projection == NULL ||
		scim__projection_shows(h->projection, h->type->relation));
}

/* Members are set in where there are any, as in the present. */
static scim_status
add_members(const struct scim__history *h, scim_txn *txn,
    struct scim__past *past, scim_error *err)
{
	scim__value members;

	if (!scim__history_shows_members(h))
		return SCIM_OK;
	scim_status rc =
	    scim__past_members(txn, h->context, past, &members, err);
	if (rc != SCIM_OK || members.count == 0)
		return rc;
	if (!scim__object_set(h->context->arena, &past->tree,
		h->type->relation->name, members))
		return scim__fail_memory(err);
	return SCIM_OK;
}

/* When the resource was created, 0 where that is not known any more. */
static scim_status
read_created(
    const struct scim__history *h, scim_txn *txn, int64_t *out, scim_error *err)
{
	const scim_key key = scim__key(h->context, h->type, h->id);
	scim_record record = { .created_ms = 0 };
	scim_status rc =
	    scim__store_get(txn, h->context->arena, &key, 0, &record, err);

	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = rc == SCIM_OK ? record.created_ms : 0;
	return SCIM_OK;
}

static bool
add_time(scim_arena *arena, scim__value *meta, scim_str name, int64_t ms)
{
	char *text = scim__arena_take(arena, SCIM__TIME_RFC3339_LEN + 1);

	if (text == NULL)
		return false;
	scim__time_format(ms, text);
	return scim__object_add(
	    arena, meta, name, scim__value_string(scim__str(text)));
}

static bool
add_meta(scim_arena *arena, const scim_resource *resource, scim__value *tree)
{
	scim__value meta = scim__value_object();

	return (resource->created_ms == 0 ||
		   add_time(arena, &meta, SCIM_STR("created"),
		       resource->created_ms)) &&
	    scim__object_add(arena, &meta, SCIM_STR("resourceType"),
		scim__value_string(resource->type)) &&
	    add_time(arena, &meta, SCIM_STR("lastModified"),
		resource->modified_ms) &&
	    scim__object_add(arena, &meta, SCIM_STR("location"),
		scim__value_string(resource->location)) &&
	    scim__object_add(arena, &meta, SCIM_STR("version"),
		scim__value_string(resource->etag)) &&
	    scim__object_add(arena, tree, SCIM_STR("meta"), meta);
}

/* All of a resource but its JSON. */
static scim_status
describe(const struct scim__history *h, scim_txn *txn,
    const struct scim__past *past, scim_resource *out, scim_error *err)
{
	scim_arena *arena = h->context->arena;
	scim_str location = scim__location(arena, h->context, h->type, h->id);
	scim_resource resource = { .id = h->id,
		.type = h->type->name,
		.version = past->row.version,
		.etag = scim__history_etag(h->context, &past->row),
		.modified_ms = past->row.change.at_ms };

	if (location.ptr == NULL || resource.etag.ptr == NULL)
		return scim__fail_memory(err);
	resource.location = h->is_at_home
	    ? location
	    : scim__history_location(arena, location, &past->row.version);
	if (resource.location.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = read_created(h, txn, &resource.created_ms, err);
	if (rc == SCIM_OK)
		*out = resource;
	return rc;
}

static scim_status
show(const struct scim__history *h, scim_txn *txn, struct scim__past *past,
    scim_resource *out, scim_error *err)
{
	scim_arena *arena = h->context->arena;
	scim_resource resource;
	scim__buf buf;
	scim_status rc = describe(h, txn, past, &resource, err);

	if (rc != SCIM_OK)
		return rc;
	if (!add_meta(arena, &resource, &past->tree))
		return scim__fail_memory(err);
	scim__projection_apply(
	    h->projection, h->context->registry, h->type, &past->tree);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, &past->tree);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	resource.json = scim__buf_str(&buf);
	*out = resource;
	return SCIM_OK;
}

/* Reads and shows; `*out_tag` is the tag of what came out. */
static scim_status
recall(const struct scim__history *h, scim_resource *out, scim_etag *out_tag,
    scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__past past;
	scim_etag tag;
	scim_status rc =
	    scim__store_begin(h->provider->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__history_read(h, txn, h->version, &past, err);
	if (rc == SCIM_OK)
		rc = add_members(h, txn, &past, err);
	if (rc != SCIM_OK)
		return rc;
	tag = scim__history_tag(h->context, &past.row);
	if (tag.opaque.ptr == NULL)
		return scim__fail_memory(err);
	*out_tag = tag;
	return show(h, txn, &past, out, err);
}

scim_status
scim__history_version(struct scim__history *h, scim_error *err)
{
	scim_resource resource;
	scim_etag tag;

	/* However small it is, it may come out of large ones. */
	h->later = !h->on_worker;
	if (h->later)
		return SCIM_OK;
	scim_status rc = recall(h, &resource, &tag, err);
	if (rc == SCIM_OK)
		h->document = (struct scim__document){ .json = resource.json,
			.etag = resource.etag,
			.location = resource.location,
			.tag = tag };
	return rc;
}

scim_status
scim__history_resource(
    const struct scim__history *h, scim_resource *out, scim_error *err)
{
	scim_etag tag;

	return recall(h, out, &tag, err);
}

scim_status
scim_provider_version(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_version *version, scim_resource *out,
    scim_error *err)
{
	scim_etag tag;

	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && version != NULL);

	struct scim__history h = { .provider = provider,
		.context = context,
		.id = target->id,
		.version = scim__history_name(context->arena, version) };
	if (h.version.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__provider_type(context, target->type, &h.type, err);
	return rc != SCIM_OK ? rc : recall(&h, out, &tag, err);
}
