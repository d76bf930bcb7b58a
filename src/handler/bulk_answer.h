/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_BULK_ANSWER_H
#define SCIM_HANDLER_BULK_ANSWER_H

#include "provider/bulk.h"

/* The BulkResponse message of what came of a bulk request. */
SCIM_MUST_USE scim_status scim__bulk_answer(
    const scim__bulk *bulk, scim_str *out, scim_error *err);

#endif
