/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash of a set: LtHash with 1,024 sums of 16 bits.
 *
 * Each element is stretched to 2,048 bytes by SHAKE-128 and added lane by
 * lane, so elements come and go in any order at the cost of one.  The width
 * is what makes it safe: for one sum of 256 bits two groups of ordinary
 * size with the same sum can be computed in minutes; here that is a lattice
 * problem of dimension 1,024.
 */
#include "version/set_hash.h"

#include "base/cleanup.h"
#include "base/hash.h"

static uint16_t
lane_at(const uint8_t *bytes, size_t lane)
{
	return (uint16_t)(bytes[lane * 2] | bytes[lane * 2 + 1] << 8);
}

scim_status
scim__set_hash_add(scim__set_hash *hash, scim_str element, scim_error *err)
{
	uint8_t bytes[SCIM__SET_HASH_BYTES];
	scim_status rc =
	    scim__hash_shake128(element, bytes, sizeof(bytes), err);

	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; i < scim__countof(hash->lanes); i++)
		hash->lanes[i] = (uint16_t)(hash->lanes[i] + lane_at(bytes, i));
	return SCIM_OK;
}

scim_status
scim__set_hash_remove(scim__set_hash *hash, scim_str element, scim_error *err)
{
	uint8_t bytes[SCIM__SET_HASH_BYTES];
	scim_status rc =
	    scim__hash_shake128(element, bytes, sizeof(bytes), err);

	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; i < scim__countof(hash->lanes); i++)
		hash->lanes[i] = (uint16_t)(hash->lanes[i] - lane_at(bytes, i));
	return SCIM_OK;
}

void
scim__set_hash_encode(
    const scim__set_hash *hash, uint8_t out[SCIM__SET_HASH_BYTES])
{
	for (size_t i = 0; i < scim__countof(hash->lanes); i++) {
		out[i * 2] = (uint8_t)hash->lanes[i];
		out[i * 2 + 1] = (uint8_t)(hash->lanes[i] >> 8);
	}
}

bool
scim__set_hash_decode(scim_str bytes, scim__set_hash *out)
{
	const uint8_t *p = (const uint8_t *)bytes.ptr;

	if (bytes.len != 0 && bytes.len != SCIM__SET_HASH_BYTES)
		return false;
	for (size_t i = 0; i < scim__countof(out->lanes); i++)
		out->lanes[i] = bytes.len == 0 ? 0 : lane_at(p, i);
	return true;
}
