/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a state to its version, and from a version to the tag.
 *
 * What goes into a digest here is fixed for ever: a change would give every
 * stored state another name.  No two states meet in one input: content is a
 * JSON object and ends with its brace, what follows it is a digest of 32
 * bytes; a relation's state and its count have fixed sizes.
 */
#include "version/tag.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "version/set_hash.h"

/* A version, two dots, 64 bits and the longest sequence. */
#define TAG_MAX (SCIM_VERSION_TEXT_LEN + 1 + 11 + 1 + 20 + 1)

scim_status
scim__own_hash(
    scim_str content, scim_str secret, scim__sha256 *out, scim_error *err)
{
	scim_str pieces[2] = { content, { NULL, 0 } };
	scim__sha256 digest;

	if (secret.len == 0)
		return scim__hash_sha256(pieces, 1, out, err);
	scim_status rc = scim__hash_sha256(&secret, 1, &digest, err);
	if (rc != SCIM_OK)
		return rc;
	pieces[1] =
	    (scim_str){ (const char *)digest.bytes, sizeof(digest.bytes) };
	return scim__hash_sha256(pieces, 2, out, err);
}

scim_status
scim__state_version(const scim__sha256 *own, bool has_relation,
    scim_str relation_state, uint64_t relation_count, scim_version *out,
    scim_error *err)
{
	static const char empty[SCIM__SET_HASH_BYTES];
	uint8_t count[8];
	scim__sha256 digest;

	if (!has_relation) {
		*out = scim_version_from_hash(own->bytes);
		return SCIM_OK;
	}
	if (relation_state.len == 0)
		relation_state = (scim_str){ empty, sizeof(empty) };
	if (relation_state.len != SCIM__SET_HASH_BYTES)
		return scim__fail(err, SCIM_ERR_STORE,
		    "A stored relation has a state of %zu bytes; restore the "
		    "database.",
		    relation_state.len);
	for (unsigned i = 0; i < sizeof(count); i++)
		count[i] = (uint8_t)(relation_count >> (56 - 8 * i));

	const scim_str pieces[] = {
		{ (const char *)own->bytes, sizeof(own->bytes) },
		relation_state,
		{ (const char *)count, sizeof(count) },
	};
	scim_status rc = scim__hash_sha256(pieces, 3, &digest, err);
	if (rc != SCIM_OK)
		return rc;
	*out = scim_version_from_hash(digest.bytes);
	return SCIM_OK;
}

scim_etag
scim__tag_make(scim_arena *arena, const struct scim__tag_parts *parts)
{
	char text[TAG_MAX];
	size_t len = SCIM_VERSION_TEXT_LEN;

	scim_version_format(&parts->own, text);
	if (parts->has_derived) {
		text[len++] = '.';
		scim__base64url_into(
		    text + len, parts->derived, sizeof(parts->derived));
		len += 11;
	}
	if (parts->strong)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    ".%" PRIu64, parts->sequence);
	return (scim_etag){ scim__str_copy(arena, (scim_str){ text, len }),
		!parts->strong };
}

scim_status
scim__derived_hash(scim_str canonical, uint8_t out[8], scim_error *err)
{
	scim__sha256 digest;
	scim_status rc = scim__hash_sha256(&canonical, 1, &digest, err);

	if (rc == SCIM_OK)
		memcpy(out, digest.bytes, 8);
	return rc;
}
