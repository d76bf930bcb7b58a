/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions: names of states.
 *
 * A version is the first half of a SHA-256 digest, so two states never
 * share one and nothing has to be counted, locked or restored to keep it so.
 */
#include "scimd/version.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"

scim_version
scim_version_from_hash(const uint8_t digest[32])
{
	scim_version version;

	memcpy(version.bytes, digest, sizeof(version.bytes));
	return version;
}

scim_status
scim_version_from_content(scim_str content, scim_version *out, scim_error *err)
{
	scim__sha256 digest;

	SCIM__REQUIRE(err, out != NULL);
	scim_status rc = scim__hash_sha256(&content, 1, &digest, err);
	if (rc != SCIM_OK)
		return rc;
	*out = scim_version_from_hash(digest.bytes);
	return SCIM_OK;
}

int
scim_version_equal(const scim_version *a, const scim_version *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void
scim_version_format(
    const scim_version *version, char out[SCIM_VERSION_TEXT_LEN + 1])
{
	scim__base64url_into(out, version->bytes, sizeof(version->bytes));
	out[SCIM_VERSION_TEXT_LEN] = '\0';
}

scim_status
scim_version_parse(scim_str text, scim_version *out, scim_error *err)
{
	scim_version version;

	SCIM__REQUIRE(err, out != NULL);
	if (!scim__base64url_decode(text, version.bytes, sizeof(version.bytes)))
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "That is not a version; send the 22 characters between "
		    "the quotes of the ETag, up to the first dot.");
	*out = version;
	return SCIM_OK;
}
