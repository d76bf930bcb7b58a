/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenants: one document each, under the tenant's name.
 *
 *	{"created":1700000000000,"schemas":"(digest, see schemas.c)",
 *	 "settings":{"etag":"strong","profile":"okta"}}
 *
 * The document holds what was said, not what follows from it, so that a
 * later scimd may change a default and every tenant that never asked for the
 * old one gets the new.  Settings are checked before they are written; one
 * that a later scimd no longer knows is an error when the tenant is used,
 * not a silent default.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"
#include "json/json.h"

enum { NAME_MOST = 63 };

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
scim__tenant_name_valid(scim_str name)
{
	if (name.len == 0 || name.len > NAME_MOST || !is_alnum(name.ptr[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		char c = name.ptr[i];

		if (!is_alnum(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

scim_status
scim__tenant_fail_absent(scim_error *err)
{
	return scim__fail(
	    err, SCIM_ERR_NOT_FOUND, "There is no tenant of this name.");
}

static scim_status
check_name(scim_str name, scim_error *err)
{
	if (scim__tenant_name_valid(name))
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_INVALID,
	    "The name of a tenant has 1 to 63 of a-z, 0-9, '.', '_' and '-',"
	    " the first a letter or digit.");
}

/* Puts a "key=value" text into both forms of the settings. */
static scim_status
say_setting(scim_arena *arena, scim_str text, scim_settings *settings,
    scim__value *said, scim_error *err)
{
	const char *equals =
	    text.len == 0 ? NULL : memchr(text.ptr, '=', text.len);

	if (equals == NULL)
		return scim__fail(
		    err, SCIM_ERR_INVALID, "A setting is given as KEY=VALUE.");
	scim_str key = { text.ptr, (size_t)(equals - text.ptr) };
	scim_str value = { equals + 1, text.len - key.len - 1 };

	scim_status rc = scim_settings_set(settings, key, value, err);
	if (rc != SCIM_OK)
		return rc;
	if (!scim__object_set(arena, said, key, scim__value_string(value)))
		return scim__fail_memory(err);
	return SCIM_OK;
}

/* Checks each of them, and puts them on top of what was said before. */
static scim_status
say_settings(scim_arena *arena, const scim_str *texts, size_t count,
    scim__value *said, scim_error *err)
{
	scim_settings settings;

	scim_settings_init(&settings);
	for (size_t i = 0; i < count; i++) {
		scim_status rc =
		    say_setting(arena, texts[i], &settings, said, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

static scim_status
parse(scim_arena *arena, scim_str text, scim__value *document,
    scim__value **out_said, scim_error *err)
{
	scim_status rc = scim__json_parse_trusted(arena, text, document, err);
	scim__value *said = NULL;

	if (rc == SCIM_OK)
		said = scim__object_find(document, SCIM_STR("settings"));
	if (rc == SCIM_ERR_NO_MEMORY)
		return rc;
	if (said == NULL || said->kind != SCIM__OBJECT)
		return scim__fail(err, SCIM_ERR_STORE,
		    "The stored settings of the tenant can't be read.");
	*out_said = said;
	return SCIM_OK;
}

scim_status
scim__tenant_said(
    scim_arena *arena, scim_str text, scim__value *out, scim_error *err)
{
	scim__value document, *said = NULL;
	scim_status rc = parse(arena, text, &document, &said, err);

	if (rc == SCIM_OK)
		*out = *said;
	return rc;
}

scim_status
scim__tenant_read(scim_arena *arena, scim_str text, scim_settings *out,
    scim_str *out_digest, scim_error *err)
{
	scim__value document, *said = NULL;
	scim_settings settings;
	scim_status rc = parse(arena, text, &document, &said, err);

	if (rc != SCIM_OK)
		return rc;
	scim_settings_init(&settings);
	for (uint32_t i = 0; i < said->count; i++) {
		const scim__member *m = &said->object.members[i];

		if (m->value.kind != SCIM__STRING ||
		    scim_settings_set(
			&settings, m->name, m->value.string, NULL) != SCIM_OK)
			return scim__fail(err, SCIM_ERR_STORE,
			    "A stored setting of the tenant is not one of this"
			    " scimd; set it again with `scimd tenant set`.");
	}
	const scim__value *digest =
	    scim__object_find(&document, SCIM_STR("schemas"));
	*out_digest = (scim_str){ "", 0 };
	if (digest != NULL && digest->kind == SCIM__STRING)
		*out_digest = digest->string;
	*out = settings;
	return SCIM_OK;
}

static scim_status
put_tenant(scim_txn *txn, scim_arena *arena, scim_str name,
    const scim__value *document, scim_error *err)
{
	return scim__policy_put(
	    txn, arena, SCIM_SHELF_TENANT, name, document, err);
}

static scim_status
new_document(scim__policy *policy, scim_arena *arena, scim__value said,
    scim__value *out, scim_error *err)
{
	int64_t now = policy->env->now_ms(policy->env->context);
	scim__value document = scim__value_object();

	if (!scim__object_add(arena, &document, SCIM_STR("created"),
		scim__value_integer(now)) ||
	    !scim__object_add(arena, &document, SCIM_STR("settings"), said))
		return scim__fail_memory(err);
	*out = document;
	return SCIM_OK;
}

scim_status
scim__tenant_ensure(scim__policy *policy, scim_txn *txn, scim_arena *arena,
    scim_str name, bool *out_made, scim_error *err)
{
	scim_str text = { NULL, 0 };
	scim__value document;

	scim_status rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TENANT, name, &text, err);
	if (rc == SCIM_OK)
		*out_made = false;
	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	rc = new_document(policy, arena, scim__value_object(), &document, err);
	if (rc == SCIM_OK)
		rc = put_tenant(txn, arena, name, &document, err);
	if (rc == SCIM_OK)
		*out_made = true;
	return rc;
}

scim_status
scim__tenant_create(scim__policy *policy, scim_str name,
    const scim_str *settings, size_t count, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim__value said = scim__value_object(), document;
	scim_str text = { NULL, 0 };

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = check_name(name, err);
	if (rc == SCIM_OK)
		rc = say_settings(arena, settings, count, &said, err);
	if (rc == SCIM_OK)
		rc = new_document(policy, arena, said, &document, err);
	if (rc == SCIM_OK)
		rc =
		    scim__store_begin(policy->store, SCIM_TXN_WRITE, &txn, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TENANT, name, &text, err);
	if (rc == SCIM_OK)
		return scim__fail(err, SCIM_ERR_EXISTS,
		    "A tenant of this name is there already.");
	if (rc == SCIM_ERR_NOT_FOUND)
		rc = put_tenant(txn, arena, name, &document, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__policy_commit(policy, scim__take(txn), err);
}

scim_status
scim__tenant_set(scim__policy *policy, scim_str name, const scim_str *settings,
    size_t count, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim__value document, *said = NULL;
	scim_str text = { NULL, 0 };

	if (arena == NULL)
		return scim__fail_memory(err);
	if (!scim__tenant_name_valid(name))
		return scim__tenant_fail_absent(err);
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_WRITE, &txn, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TENANT, name, &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__tenant_fail_absent(err);
	if (rc == SCIM_OK)
		rc = parse(arena, text, &document, &said, err);
	if (rc == SCIM_OK)
		rc = say_settings(arena, settings, count, said, err);
	if (rc == SCIM_OK)
		rc = put_tenant(txn, arena, name, &document, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__policy_commit(policy, scim__take(txn), err);
}

static scim_status
remove_leaf(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	const struct scim__visit *visit = context;

	(void)arena;
	return scim__store_leaf_put(
	    visit->txn, visit->shelf, leaf->name, (scim_str){ NULL, 0 }, err);
}

/* Takes away the documents that are named "tenant/…". */
static scim_status
remove_own(scim_txn *txn, scim_shelf shelf, scim_str prefix, scim_error *err)
{
	struct scim__visit visit = {
		.store = txn->store,
		.txn = txn,
		.shelf = shelf,
		.prefix = prefix,
		.each = remove_leaf,
	};

	visit.context = &visit;
	return scim__policy_visit(&visit, err);
}

static scim_status
erase(scim_txn *txn, scim_arena *arena, scim_str name, scim_error *err)
{
	scim_str prefix =
	    scim__str_format(arena, "%.*s/", (int)name.len, name.ptr);

	if (prefix.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__store_erase_tenant(txn, name, err);
	if (rc == SCIM_OK)
		rc = scim__token_remove_all(txn, name, err);
	if (rc == SCIM_OK)
		rc = remove_own(txn, SCIM_SHELF_SCHEMA, prefix, err);
	if (rc == SCIM_OK)
		rc = remove_own(txn, SCIM_SHELF_RESOURCE_TYPE, prefix, err);
	if (rc == SCIM_OK)
		rc = scim__store_leaf_put(
		    txn, SCIM_SHELF_TENANT, name, (scim_str){ NULL, 0 }, err);
	return rc;
}

scim_status
scim__tenant_delete(scim__policy *policy, scim_str name, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_str text = { NULL, 0 };

	if (arena == NULL)
		return scim__fail_memory(err);
	if (!scim__tenant_name_valid(name))
		return scim__tenant_fail_absent(err);
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_WRITE, &txn, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TENANT, name, &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__tenant_fail_absent(err);
	if (rc == SCIM_OK)
		rc = erase(txn, arena, name, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__policy_commit(policy, scim__take(txn), err);
}

struct teller {
	void (*each)(void *context, scim_str name, scim_str settings);
	void *context;
};

static scim_status
tell_tenant(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	const struct teller *teller = context;
	scim__value document, *said = NULL;
	scim__buf line;
	scim_status rc = parse(arena, leaf->value, &document, &said, err);

	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&line, arena, SIZE_MAX);
	for (uint32_t i = 0; i < said->count; i++) {
		const scim__member *m = &said->object.members[i];

		if (i > 0)
			scim__buf_add_char(&line, ' ');
		scim__buf_add(&line, m->name);
		scim__buf_add_char(&line, '=');
		if (m->value.kind == SCIM__STRING)
			scim__buf_add(&line, m->value.string);
	}
	if (scim__buf_failed(&line))
		return scim__fail_memory(err);
	teller->each(teller->context, leaf->name, scim__buf_str(&line));
	return SCIM_OK;
}

scim_status
scim__tenant_each(scim__policy *policy,
    void (*each)(void *context, scim_str name, scim_str settings),
    void *context, scim_error *err)
{
	struct teller teller = { each, context };
	struct scim__visit visit = {
		.store = policy->store,
		.shelf = SCIM_SHELF_TENANT,
		.each = tell_tenant,
		.context = &teller,
	};

	return scim__policy_visit(&visit, err);
}
