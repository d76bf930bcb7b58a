/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_COMBINE_H
#define SCIM_PROVIDER_COMBINE_H

#include "provider/operation.h"

/* A write that is merged with what came between: its body is a Merge message
 * (provider/merge_message.h). */
extern const struct scim__op_steps scim__combine_steps;

/* Adds to the rendered outcome what was merged; a dry run shows no more. */
SCIM_MUST_USE scim_status scim__combine_tell(scim__op *op, scim_error *err);

#endif
