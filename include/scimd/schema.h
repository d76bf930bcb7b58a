/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_H
#define SCIM_SCHEMA_H

/**
 * @file scimd/schema.h
 * @brief The registry: which resource types exist and what they hold.
 *
 * Schemas and resource types are JSON documents (RFC 7643 sections 6 and 7);
 * nothing about User or Group is known to the code.  A registry is immutable
 * once made, so any number of threads share it.
 */

#include "scimd/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct scim_registry scim_registry;

/** One document to read: a schema, a list of them, or a resource type. */
typedef struct scim_schema_source {
	scim_str name; /* shown in errors: a file name */
	scim_str text; /* JSON */
} scim_schema_source;

/**
 * Make a registry of the shipped schemas (User, Group, EnterpriseUser) and,
 * on top of them, of the documents given.
 *
 * A document whose "schemas" names a resource type is one; any other is a
 * schema.  A document with the id of an earlier one replaces it.
 *
 * @param sources  The documents.  Borrowed for the call.
 * @param count    How many; 0 for the shipped ones alone.
 * @param out      Receives the registry, to be ended by
 *                 scim_registry_unref().  Left alone on failure.
 * @param err      Receives the reason on failure: which document, where, what
 *                 to do.  May be NULL.
 * @retval SCIM_OK             Done.
 * @retval SCIM_ERR_INVALID    A document is not a valid definition.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_registry_new(
    const scim_schema_source *sources, size_t count, scim_registry **out,
    scim_error *err);

/**
 * Share a registry.
 *
 * @param registry  The registry.
 * @return The same registry, to be ended once more.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT scim_registry *scim_registry_ref(scim_registry *registry);

/**
 * Let go of a registry; the last one frees it.
 *
 * @param registry  The registry; NULL is allowed.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_registry_unref(scim_registry *registry);

#ifdef __cplusplus
}
#endif
#endif
