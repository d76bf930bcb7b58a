/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_KEY_H
#define SCIM_STORE_KV_KEY_H

#include "base/buf.h"
#include "scimd/backend/store_ops.h"

/* The tables of a tenant. */
enum scim__kv_table {
	SCIM__KV_ATTRIBUTE = 'a',  /* type attribute value position -> id */
	SCIM__KV_CHANGE = 'c',     /* sequence -> change row */
	SCIM__KV_EPOCH = 'e',      /* nothing -> which log this is */
	SCIM__KV_MEMBERSHIP = 'g', /* value id type -> nothing */
	SCIM__KV_HISTORY = 'h',    /* id ... : see log.c */
	SCIM__KV_RECEIPT_AT = 'i', /* time key -> nothing */
	SCIM__KV_RECEIPT_OF = 'j', /* id key -> nothing */
	SCIM__KV_RECEIPT = 'k',    /* key -> receipt */
	SCIM__KV_MEMBER = 'm',     /* type id value -> type display since */
	SCIM__KV_PAST = 'o',       /* type id until value -> the same */
	SCIM__KV_POSITION = 'p',   /* type position -> id */
	SCIM__KV_RECORD = 'r',     /* id -> type and record */
	SCIM__KV_SEQUENCE = 's',   /* nothing -> last sequence given */
	SCIM__KV_TRIMMED = 'w',    /* nothing -> last sequence forgotten */
	SCIM__KV_TOTAL = 't',      /* type -> how many resources */
	SCIM__KV_UNIQUE = 'u'      /* type attribute value -> id */
};

/* What is before the tables of all tenants. */
enum scim__kv_room {
	SCIM__KV_LEAF = 'L',          /* shelf name -> value */
	SCIM__KV_LAST_POSITION = 'P', /* nothing -> last position given */
	SCIM__KV_TENANT = 'T'         /* tenant table ... */
};

/* Begin a key of a table, of the last position, of a shelf. */
void scim__key_begin(scim__buf *key, scim_arena *arena, scim_str tenant,
    enum scim__kv_table table);
void scim__key_begin_tenant(scim__buf *key, scim_arena *arena, scim_str tenant);
void scim__key_begin_position(scim__buf *key, scim_arena *arena);
void scim__key_begin_shelf(scim__buf *key, scim_arena *arena, scim_shelf shelf);

/* Add a part.  Keys are in the order of their parts, from left to right. */
void scim__key_add(scim__buf *key, scim_str text);
void scim__key_add_number(scim__buf *key, uint64_t number);
void scim__key_add_value(scim__buf *key, const scim_index_value *value);

/* Makes the key the end of all keys that begin with it. */
void scim__key_to_end(scim__buf *key);

/* Take the next part off the front of `rest`.  False: it is damaged. */
bool scim__key_take_number(scim_str *rest, uint64_t *out);

/* The text is copied into `arena`; its ptr NULL means out of memory. */
bool scim__key_take(scim_str *rest, scim_arena *arena, scim_str *out);

#endif
