/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BACKEND_RECEIPT_H
#define SCIM_BACKEND_RECEIPT_H

/**
 * @file scimd/backend/receipt.h
 * @brief Receipts, as a storage backend keeps them.
 *
 * A write that comes with an Idempotency-Key leaves a receipt, put in the
 * transaction of the write itself.  Who sends the same again gets the answer
 * that the receipt tells of; see store_ops.h for the methods.
 */

#include "scimd/types.h"
#include "scimd/version.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCIM_RECEIPT_KEY_BYTES 16

/** What is kept of a write that came with an Idempotency-Key. */
typedef struct scim_receipt {
	/** Made of who sent it and of their key; one receipt for each. */
	uint8_t key[SCIM_RECEIPT_KEY_BYTES];
	uint8_t fingerprint[16]; /* of what was asked for */
	scim_str id;             /* of the resource */
	scim_version version;    /* that it has been at since */
	uint64_t sequence;       /* of the change that led to it */
	uint32_t flags;          /* the library's own */
	int64_t at_ms;           /* when it was put */
} scim_receipt;

/** Which receipts of a tenant. */
typedef struct scim_receipt_plan {
	scim_str tenant;
	/** Empty: those put before `before_ms`, the oldest first.  Else those
	 * of this resource, whenever they were put. */
	scim_str id;
	int64_t before_ms;
	size_t limit; /* never 0 */
} scim_receipt_plan;

#ifdef __cplusplus
}
#endif
#endif
