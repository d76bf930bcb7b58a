/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RELATION_H
#define SCIM_PROVIDER_RELATION_H

/*
 * Changes to a relation: rows that come and go, and what they do to the set
 * hash.  The cost follows the rows named, not the size of the relation.
 */

#include "provider/provider.h"
#include "version/set_hash.h"

/* Resources that the savepoint around a write creates before it ends: as
 * good as there.  In the order of their ids. */
struct scim__promise {
	scim_str id;
	scim_str type;
};
struct scim__promises {
	const struct scim__promise *items;
	size_t count;
};

/* A relation while it is being changed. */
struct scim__relation_edit {
	const struct scim__promises *promises; /* NULL: none */
	scim__set_hash hash;
	uint64_t count;
	scim_member_row *add;
	scim_str *remove;
	size_t add_count, remove_count;
	bool remove_all; /* before what is added */
	bool changed;
	unsigned quirks;  /* enum scim__quirk: dangling members */
	scim_str dropped; /* the first one left out, or ptr NULL */
};

/* Starts from what a record says; an empty record is an empty relation. */
SCIM_MUST_USE scim_status scim__relation_begin(const scim_record *record,
    struct scim__relation_edit *out, scim_error *err);

/*
 * Makes the relation of `key` hold just the elements of `wanted` (objects
 * with value, type, display).  Members that do not exist are refused,
 * dropped or kept as the tenant says.
 */
SCIM_MUST_USE scim_status scim__relation_replace(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type,
    const scim_key *key, const scim__value *wanted,
    struct scim__relation_edit *edit, scim_error *err);

/* Takes one member away, if it is there. */
SCIM_MUST_USE scim_status scim__relation_remove(scim_arena *arena,
    scim_txn *txn, const scim_key *key, scim_str value,
    struct scim__relation_edit *edit, scim_error *err);

/* What a row does to hash and count when it goes and when it comes. */
SCIM_MUST_USE scim_status scim__relation_hash_out(scim_arena *arena,
    struct scim__relation_edit *edit, const scim_member_row *row,
    scim_error *err);
SCIM_MUST_USE scim_status scim__relation_hash_in(scim_arena *arena,
    struct scim__relation_edit *edit, const scim_member_row *row,
    scim_error *err);

/*
 * Whether a member may come in, whose type `row` receives:
 * SCIM_ERR_NOT_FOUND for one to leave out, SCIM_ERR_INVALID for one refused.
 */
SCIM_MUST_USE scim_status scim__relation_admit(scim_txn *txn,
    const scim_context *context, const scim__attribute *relation,
    const struct scim__promises *promises, scim_member_row *row,
    scim_error *err);

/* Notes what the tenant's choice did to a member: what admit() said of it. */
void scim__relation_note(struct scim__relation_edit *edit,
    const scim_member_row *row, scim_status admitted);

/* Whether two rows of one value hold the same. */
bool scim__relation_same_row(
    const scim_member_row *a, const scim_member_row *b);

/* Writes the outcome of the edit into a record and a write. */
SCIM_MUST_USE scim_status scim__relation_finish(scim_arena *arena,
    const struct scim__relation_edit *edit, scim_record *record,
    scim_write *write, scim_error *err);

#endif
