/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_IDS_H
#define SCIM_BASE_IDS_H

#include <stdbool.h>

#include "scimd/types.h"

#define SCIM__UUID_LEN 36

/* A fresh id: 122 random bits as a version 4 UUID, lower case, 36 bytes and
 * a NUL. */
void scim__uuid_make(const scim_env *env, char out[SCIM__UUID_LEN + 1]);

/* Reads the form scim__uuid_make() writes, and no other spelling. */
bool scim__uuid_decode(scim_str s, uint8_t out[16]);
void scim__uuid_encode(const uint8_t bytes[16], char out[SCIM__UUID_LEN + 1]);

#endif
