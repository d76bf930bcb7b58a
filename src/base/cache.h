/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_CACHE_H
#define SCIM_BASE_CACHE_H

#include <stdatomic.h>

#include "scimd/types.h"

/*
 * A bounded cache of shared, immutable things.  A thing embeds the struct
 * below and is freed when the last reference goes.
 */
struct scim__cached {
	atomic_size_t refs; /* starts at 1: the maker's */
	uint64_t hash;
	scim_str key; /* bytes that belong to the thing itself */
	void (*free)(struct scim__cached *thing);
};

typedef struct scim__cache scim__cache;

void scim__cached_unref(struct scim__cached *thing);

/* Holds at most 64 << `size_log2` things.  NULL: out of memory. */
scim__cache *scim__cache_new(unsigned size_log2);
void scim__cache_free(scim__cache *cache);

/* A reference, or NULL. */
struct scim__cached *scim__cache_find(
    scim__cache *cache, uint64_t hash, scim_str key);

/* To be asked before the store is read for what will be put. */
uint64_t scim__cache_drops(const scim__cache *cache);

/* Shares `thing`, unless something was dropped since `drops` was asked: it
 * may then be from before the change. */
void scim__cache_put(
    scim__cache *cache, struct scim__cached *thing, uint64_t drops);

void scim__cache_drop_all(scim__cache *cache);

#endif
