/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_ASKED_H
#define SCIM_PROVIDER_ASKED_H

/*
 * What a filter asks about: of a candidate no more is read than that.
 */

#include "filter/tree.h"
#include "provider/provider.h"

/* More members than this are not read for a filter. */
#define SCIM__ASKED_MEMBERS 10000

enum scim__asked_part {
	SCIM__ASKED_META = 1 << 0,
	SCIM__ASKED_DERIVED = 1 << 1,
	SCIM__ASKED_ANY_MEMBER = 1 << 2, /* whether there is one */
	SCIM__ASKED_ALL_MEMBERS = 1 << 3
};

struct scim__asked {
	unsigned parts;          /* enum scim__asked_part, or-ed */
	const scim_str *members; /* the only ones asked about, else */
	size_t member_count;
};

/* Reads it off a bound filter. */
SCIM_MUST_USE scim_status scim__asked_read(scim_arena *arena,
    const struct scim__filter_node *root, struct scim__asked *out,
    scim_error *err);

/* Asks for what an attribute is shown by; a relation is left to others. */
void scim__asked_add(
    struct scim__asked *asked, const scim__attribute *attribute);

/*
 * A candidate, read in `txn`, as a tree in which the filter finds all it asks
 * about.  `record` comes with its content; the context's arena is for this
 * candidate alone.  SCIM_ERR_INVALID "tooMany" when all members are asked
 * about and there are too many.
 */
SCIM_MUST_USE scim_status scim__asked_make(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type,
    const struct scim__asked *asked, const scim_record *record,
    scim__value *out, scim_error *err);

#endif
