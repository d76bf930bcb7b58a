/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_MERGE_REPORT_H
#define SCIM_MERGE_REPORT_H

#include "merge/cell.h"

/* Adds a conflict and says who was decided for beforehand. */
scim_merge_use scim__merge_report(
    struct scim__merging *merging, struct scim__merge_conflict *conflict);

#endif
