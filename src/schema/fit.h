/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_FIT_H
#define SCIM_SCHEMA_FIT_H

#include "schema/schema.h"

/*
 * Takes from a content that was stored under earlier schemas what those of
 * today have no place for: attributes and extensions that are gone, values
 * of another form than theirs now, and what has become secret since.
 */
void scim__schema_fit(const scim_registry *registry,
    const scim__resource_type *type, scim__value *content);

#endif
