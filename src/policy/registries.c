/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registries of tenants with schemas of their own, read once.
 *
 * Whenever another process writes, all tenants are forgotten, and most of
 * them come back as they were.  Their registries stay here, each under the
 * tenant's name with the digest it was made by; nothing need be dropped,
 * since the tenant's document says which digest is the present one.  One that
 * is replaced here lives on for the calls that use it.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"

struct registry_item {
	struct scim__cached base;
	scim_registry *registry;
	scim_str digest;
	char bytes[];
};

static void
free_registry_item(struct scim__cached *thing)
{
	struct registry_item *item =
	    scim__container_of(thing, struct registry_item, base);

	scim_registry_unref(item->registry);
	free(item);
}

/* Puts `registry` in place of what was made by another digest. */
static void
keep_registry(scim__policy *policy, const struct scim__wanted *w,
    scim_str digest, scim_registry *registry)
{
	struct registry_item *item =
	    calloc(1, sizeof(*item) + w->name.len + digest.len);
	char *at = item == NULL ? NULL : item->bytes;

	if (item == NULL)
		return;
	atomic_init(&item->base.refs, 1);
	item->base.hash = w->hash;
	item->base.key = scim__pack(&at, w->name);
	item->base.free = free_registry_item;
	item->digest = scim__pack(&at, digest);
	item->registry = scim_registry_ref(registry);
	scim__cache_put(policy->registries, &item->base,
	    scim__cache_drops(policy->registries));
	scim__cached_unref(&item->base);
}

/* What is kept for the tenant, if it is of this digest. */
static scim_registry *
kept_registry(scim__policy *policy, const struct scim__wanted *w,
    scim_str digest, bool *out_other)
{
	struct scim__cached *hit =
	    scim__cache_find(policy->registries, w->hash, w->name);
	scim_registry *registry = NULL;

	*out_other = false;
	if (hit == NULL)
		return NULL;
	const struct registry_item *item =
	    scim__container_of(hit, struct registry_item, base);
	if (scim__str_equal(item->digest, digest))
		registry = scim_registry_ref(item->registry);
	*out_other = registry == NULL;
	scim__cached_unref(hit);
	return registry;
}

scim_status
scim__registries_find(scim__policy *policy, scim_txn *txn,
    const struct scim__wanted *w, scim_str digest, scim_registry **out,
    scim_error *err)
{
	bool has_other;
	scim_registry *registry = kept_registry(policy, w, digest, &has_other);
	scim_status rc = SCIM_OK;

	if (registry == NULL) {
		if (digest.len > 0)
			rc = scim__tenant_registry(
			    policy, txn, w->name, &registry, err);
		else
			registry = scim_registry_ref(policy->registry);
		if (rc == SCIM_OK && (digest.len > 0 || has_other))
			keep_registry(policy, w, digest, registry);
	}
	if (rc == SCIM_OK)
		*out = registry;
	return rc;
}
