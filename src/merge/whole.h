/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_MERGE_WHOLE_H
#define SCIM_MERGE_WHOLE_H

#include "merge/merge.h"

/* The merged parts as one document, to be validated or written; false: out
 * of memory. */
SCIM_MUST_USE bool scim__merge_whole(const struct scim__merge_rules *rules,
    const struct scim__merged *merged, bool with_secret, scim__value *out);

#endif
