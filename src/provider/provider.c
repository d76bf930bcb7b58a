/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider itself: a store, an environment, and nothing that could be
 * derived from them.
 */
#include "provider/provider.h"

#include <stdlib.h>

#include "base/cache.h"
#include "base/error.h"
#include "base/str.h"

scim_status
scim__provider_type(const scim_context *context, scim_str name,
    const scim__resource_type **out, scim_error *err)
{
	const scim__resource_type *type =
	    scim__registry_type(context->registry, name);

	if (type == NULL)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "There is no resource type \"%.*s\".",
		    (int)(name.len < 64 ? name.len : 64), name.ptr);
	*out = type;
	return SCIM_OK;
}

scim_str
scim__location(scim_arena *arena, const scim_context *context,
    const scim__resource_type *type, scim_str id)
{
	return scim__str_format(arena, "%.*s%.*s/%.*s",
	    (int)context->base_url.len, context->base_url.ptr,
	    (int)type->endpoint.len, type->endpoint.ptr, (int)id.len, id.ptr);
}

scim_status
scim_provider_new(scim_store *store, const scim_env *env, scim_provider **out,
    scim_error *err)
{
	SCIM__REQUIRE(err, store != NULL && out != NULL);

	scim_provider *provider = calloc(1, sizeof(*provider));
	if (provider == NULL)
		return scim__fail_memory(err);
	provider->store = store;
	/* Those of a run before this one, if any. */
	atomic_init(&provider->departures, true);
	provider->env = env != NULL ? env : scim_env_system();
	*out = provider;
	return SCIM_OK;
}

void
scim_provider_free(scim_provider *provider)
{
	if (provider != NULL)
		scim__cache_free(provider->shown);
	free(provider);
}
