/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_GATHER_H
#define SCIM_PROVIDER_GATHER_H

/* What an index finds in an order of its own, put into that of creation. */

#include "provider/part.h"

struct scim__gathered {
	uint64_t position;
	scim_str id;
};

struct scim__gathering {
	scim_arena *batch;    /* for records, one page of them at a time */
	scim_context context; /* its arena has the result */
	scim_txn *txn;
	size_t most;

	struct scim__gathered *items; /* by position, each once */
	size_t count, capacity;
	bool too_many; /* more than `most`: items are of no use */
};

/* Whether the plan of this part has to be gathered. */
bool scim__gather_is_needed(const struct scim__part *part);

SCIM_MUST_USE scim_status scim__gather(struct scim__gathering *gathering,
    const struct scim__part *part, scim_error *err);

/* How many of the items are not after a position. */
size_t scim__gather_after(
    const struct scim__gathering *gathering, uint64_t position);

#endif
