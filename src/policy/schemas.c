/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemas and resource types of a tenant's own.
 *
 * Each stands on its shelf as "tenant/id", the id in lower case, since ids
 * are compared that way.  The tenant's own document names all of them by one
 * digest.  So a change of schemas is a change of that document: whoever holds
 * a tenant can tell by it that his registry is not the present one, and a
 * registry is made again only when the digest is another.
 *
 * A change is one transaction: the new documents together must make a
 * registry, and what the tenant has must fit it.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"
#include "schema/own.h"
#include "json/json.h"

static const scim_shelf shelves[] = { SCIM_SHELF_SCHEMA,
	SCIM_SHELF_RESOURCE_TYPE };

/* What stands on both shelves. */
struct documents {
	scim_arena *arena;
	size_t prefix; /* of the names */
	scim_schema_source *items;
	size_t count, capacity;
};

/* A change on its way. */
struct change {
	scim__policy *policy;
	scim_txn *txn;
	scim_arena *arena;
	scim_str tenant;
	scim__value document; /* the tenant's */
	struct scim__schema_change *result;
};

static scim_str
leaf_name(scim_arena *arena, scim_str tenant, scim_str id)
{
	size_t len = tenant.len + 1 + id.len;
	char *name = scim__arena_take(arena, len);

	if (name == NULL)
		return (scim_str){ NULL, 0 };
	memcpy(name, tenant.ptr, tenant.len);
	name[tenant.len] = '/';
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		name[tenant.len + 1 + i] =
		    c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return (scim_str){ name, len };
}

static scim_status
take_leaf(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	struct documents *d = context;
	scim_str id = { leaf->name.ptr + d->prefix,
		leaf->name.len - d->prefix };

	(void)arena;
	if (d->count == d->capacity) {
		size_t capacity = d->capacity == 0 ? 8 : 2 * d->capacity;
		scim_schema_source *items =
		    scim__arena_array(d->arena, capacity, sizeof(*items));

		if (items == NULL)
			return scim__fail_memory(err);
		if (d->count > 0)
			memcpy(items, d->items, d->count * sizeof(*items));
		d->items = items;
		d->capacity = capacity;
	}
	scim_schema_source *item = &d->items[d->count];
	item->name = scim__str_copy(d->arena, id);
	item->text = scim__str_copy(d->arena, leaf->value);
	if (item->name.ptr == NULL || item->text.ptr == NULL)
		return scim__fail_memory(err);
	d->count++;
	return SCIM_OK;
}

static scim_status
read_documents(scim_txn *txn, scim_arena *arena, scim_str tenant,
    struct documents *out, scim_error *err)
{
	scim_str prefix = leaf_name(arena, tenant, (scim_str){ "", 0 });
	scim_status rc = SCIM_OK;

	if (prefix.ptr == NULL)
		return scim__fail_memory(err);
	*out = (struct documents){ .arena = arena, .prefix = prefix.len };
	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(shelves); i++) {
		const struct scim__visit visit = { .store = txn->store,
			.txn = txn,
			.shelf = shelves[i],
			.prefix = prefix,
			.each = take_leaf,
			.context = out };

		rc = scim__policy_visit(&visit, err);
	}
	return rc;
}

static scim_status
extend(const scim__policy *policy, const struct documents *documents,
    scim_registry **out, scim_error *err)
{
	if (policy->registry == NULL)
		return scim_registry_new(
		    documents->items, documents->count, out, err);
	return scim__registry_extend(
	    policy->registry, documents->items, documents->count, out, err);
}

scim_status
scim__tenant_registry(const scim__policy *policy, scim_txn *txn,
    scim_str tenant, scim_registry **out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct documents documents;
	scim_error why = { .status = SCIM_OK };

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = read_documents(txn, arena, tenant, &documents, err);
	if (rc != SCIM_OK)
		return rc;
	rc = extend(policy, &documents, out, &why);
	if (rc != SCIM_ERR_INVALID)
		return rc == SCIM_OK ? rc : scim__fail_memory(err);
	return scim__fail(err, SCIM_ERR_STORE,
	    "The tenant's own schemas do not fit those of the server: %.170s",
	    why.detail);
}

/* Canonical JSON has no line feed, so none is taken for another. */
static scim_status
put_digest(struct change *c, const struct documents *documents, scim_error *err)
{
	const scim_str name = SCIM_STR("schemas");
	scim__sha256 digest;
	scim__buf all;

	(void)scim__object_remove(&c->document, name);
	if (documents->count == 0)
		return SCIM_OK;
	scim__buf_init(&all, c->arena, SIZE_MAX);
	for (size_t i = 0; i < documents->count; i++) {
		scim__buf_add(&all, documents->items[i].text);
		scim__buf_add_char(&all, '\n');
	}
	if (scim__buf_failed(&all))
		return scim__fail_memory(err);
	scim_str bytes = scim__buf_str(&all);
	scim_status rc = scim__hash_sha256(&bytes, 1, &digest, err);
	if (rc != SCIM_OK)
		return rc;
	scim_str text =
	    scim__base64url(c->arena, digest.bytes, sizeof(digest.bytes));
	if (text.ptr == NULL ||
	    !scim__object_add(
		c->arena, &c->document, name, scim__value_string(text)))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
begin(struct change *c, scim_error *err)
{
	scim_str text;

	if (!scim__tenant_name_valid(c->tenant))
		return scim__tenant_fail_absent(err);
	scim_status rc =
	    scim__store_begin(c->policy->store, SCIM_TXN_WRITE, &c->txn, err);
	if (rc == SCIM_OK)
		rc = scim__store_leaf_get(
		    c->txn, c->arena, SCIM_SHELF_TENANT, c->tenant, &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__tenant_fail_absent(err);
	return rc == SCIM_OK
	    ? scim__json_parse_trusted(c->arena, text, &c->document, err)
	    : rc;
}

/* The registry by what stands on the shelves now, and what stands there. */
static scim_status
look(struct change *c, struct documents *documents, scim_registry **out,
    scim_error *err)
{
	scim_status rc =
	    read_documents(c->txn, c->arena, c->tenant, documents, err);

	return rc == SCIM_OK ? extend(c->policy, documents, out, err) : rc;
}

static scim_status
finish(struct change *c, const scim_registry *old, scim_error *err)
{
	scim_registry *new = NULL;
	struct documents documents;
	scim_status rc = look(c, &documents, &new, err);

	if (rc == SCIM_OK)
		rc = scim__recheck(&(struct scim__recheck){ .txn = c->txn,
				       .tenant = c->tenant,
				       .old = old,
				       .new = new,
				       .result = c->result },
		    err);
	scim_registry_unref(new);
	if (rc == SCIM_OK)
		rc = put_digest(c, &documents, err);
	if (rc == SCIM_OK)
		rc = scim__policy_put(c->txn, c->arena, SCIM_SHELF_TENANT,
		    c->tenant, &c->document, err);
	return rc;
}

static scim_status
put_definition(
    struct change *c, const scim__definition *definition, scim_error *err)
{
	scim_str name = leaf_name(c->arena, c->tenant, definition->id);

	if (name.ptr == NULL)
		return scim__fail_memory(err);
	c->result->documents++;
	return scim__policy_put(c->txn, c->arena, shelves[definition->is_type],
	    name, &definition->document, err);
}

/* From whichever shelf has it. */
static scim_status
take_away(struct change *c, scim_str id, scim_error *err)
{
	scim_str name = leaf_name(c->arena, c->tenant, id), text;
	scim_status rc = SCIM_ERR_NOT_FOUND;

	if (name.ptr == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < scim__countof(shelves); i++) {
		scim_status found = scim__store_leaf_get(
		    c->txn, c->arena, shelves[i], name, &text, err);

		if (found == SCIM_OK)
			found = rc = scim__store_leaf_put(c->txn, shelves[i],
			    name, (scim_str){ NULL, 0 }, err);
		if (found != SCIM_OK && found != SCIM_ERR_NOT_FOUND)
			return found;
	}
	c->result->documents++;
	return rc != SCIM_ERR_NOT_FOUND
	    ? rc
	    : scim__fail(err, rc,
		  "The tenant has nothing of its own with the id \"%.*s\".",
		  (int)(id.len < 120 ? id.len : 120), id.ptr);
}

/* Runs `edit` between the registry of before and that of after. */
static scim_status
run(struct change *c,
    scim_status (*edit)(struct change *c, const void *what, scim_error *err),
    const void *what, scim_error *err)
{
	scim_registry *old = NULL;
	struct documents documents;
	scim_status rc = begin(c, err);

	if (rc == SCIM_OK)
		rc = look(c, &documents, &old, err);
	if (rc == SCIM_OK)
		rc = edit(c, what, err);
	if (rc == SCIM_OK)
		rc = finish(c, old, err);
	scim_registry_unref(old);
	if (rc == SCIM_OK)
		return scim__policy_commit(c->policy, scim__take(c->txn), err);
	scim__store_rollback(c->txn);
	return rc;
}

struct given {
	const scim__definition *definitions;
	const scim_str *ids;
	size_t count;
};

static scim_status
put_all(struct change *c, const void *what, scim_error *err)
{
	const struct given *given = what;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < given->count; i++)
		rc = put_definition(c, &given->definitions[i], err);
	return rc;
}

static scim_status
take_all_away(struct change *c, const void *what, scim_error *err)
{
	const struct given *given = what;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < given->count; i++)
		rc = take_away(c, given->ids[i], err);
	return rc;
}

scim_status
scim__tenant_schemas_add(scim__policy *policy, scim_str tenant,
    const scim_schema_source *sources, size_t count,
    struct scim__schema_change *out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__schema_change result = { 0 };
	struct change c = { .policy = policy,
		.arena = arena,
		.tenant = tenant,
		.result = &result };
	scim__definition *definitions = NULL;
	struct given given = { 0 };

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__definitions_read(
	    arena, sources, count, &definitions, &given.count, err);
	given.definitions = definitions;
	if (rc == SCIM_OK)
		rc = run(&c, put_all, &given, err);
	if (rc == SCIM_OK)
		*out = result;
	return rc;
}

scim_status
scim__tenant_schemas_remove(scim__policy *policy, scim_str tenant,
    const scim_str *ids, size_t count, struct scim__schema_change *out,
    scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__schema_change result = { 0 };
	struct change c = { .policy = policy,
		.arena = arena,
		.tenant = tenant,
		.result = &result };
	const struct given given = { .ids = ids, .count = count };

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = run(&c, take_all_away, &given, err);
	if (rc == SCIM_OK)
		*out = result;
	return rc;
}

scim_status
scim__tenant_schemas_read(scim_txn *txn, scim_arena *arena, scim_str tenant,
    scim__definition **out, size_t *out_count, scim_error *err)
{
	struct documents documents;
	scim_status rc = read_documents(txn, arena, tenant, &documents, err);

	return rc == SCIM_OK ? scim__definitions_read(arena, documents.items,
				   documents.count, out, out_count, err)
			     : rc;
}

scim_status
scim__tenant_schemas_each(scim__policy *policy, scim_str tenant,
    void (*each)(void *context, bool is_type, scim_str id), void *context,
    scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim__definition *list = NULL;
	size_t count = 0;
	scim_str text;

	if (arena == NULL)
		return scim__fail_memory(err);
	if (!scim__tenant_name_valid(tenant))
		return scim__tenant_fail_absent(err);
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_READ, &txn, err);
	if (rc == SCIM_OK)
		rc = scim__store_leaf_get(
		    txn, arena, SCIM_SHELF_TENANT, tenant, &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__tenant_fail_absent(err);
	if (rc == SCIM_OK)
		rc = scim__tenant_schemas_read(
		    txn, arena, tenant, &list, &count, err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		each(context, list[i].is_type, list[i].id);
	return rc;
}
