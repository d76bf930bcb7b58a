/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_PROVIDER_H
#define SCIM_PROVIDER_PROVIDER_H

/* What the operations share. */

#include <stdatomic.h>

#include "schema/project.h"
#include "schema/schema.h"
#include "scimd/provider.h"
#include "store/store.h"

struct scim_provider {
	scim_store *store;
	const scim_env *env;
	/* whether there may be departures to settle; see departure.h */
	atomic_bool departures;
	atomic_uint_least64_t roster_bytes; /* for long answers; roster.h */
	struct scim__cache *shown;    /* NULL: nothing is kept; see shown.h */
	struct scim_metrics *metrics; /* NULL: nobody counts; borrowed */
};

static inline int64_t
scim__provider_now(const scim_provider *provider)
{
	return provider->env->now_ms(provider->env->context);
}

/* The resource type of that name, or SCIM_ERR_INVALID. */
SCIM_MUST_USE scim_status scim__provider_type(const scim_context *context,
    scim_str name, const scim__resource_type **out, scim_error *err);

/* base_url + endpoint + "/" + id; ptr NULL when out of memory. */
scim_str scim__location(scim_arena *arena, const scim_context *context,
    const scim__resource_type *type, scim_str id);

/* How long a page may be that a caller wants so long; 0: as usual. */
static inline size_t
scim__page_limit(const scim_context *context, size_t wanted)
{
	const scim_limits *limits = &context->settings->limits;
	uint64_t count = wanted == 0 ? limits->page_default : wanted;

	return (size_t)(count < limits->page_most ? count : limits->page_most);
}

/* A key of the context's tenant. */
static inline scim_key
scim__key(
    const scim_context *context, const scim__resource_type *type, scim_str id)
{
	return (scim_key){ context->tenant, type->name, id };
}

#endif
