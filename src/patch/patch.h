/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PATCH_PATCH_H
#define SCIM_PATCH_PATCH_H

/*
 * PATCH (RFC 7644 section 3.5.2) as a function: a message and a document
 * make another document.  Nothing here knows a store.
 */

#include "filter/path.h"
#include "schema/validate.h"

enum scim__patch_kind {
	SCIM__PATCH_ADD,
	SCIM__PATCH_REPLACE,
	SCIM__PATCH_REMOVE
};

struct scim__patch_op {
	enum scim__patch_kind kind;
	bool has_path;
	struct scim__path path;
	const scim__value *value; /* NULL: none */
};

typedef struct scim__patch {
	struct scim__patch_op *ops;
	size_t count;
	unsigned quirks; /* enum scim__quirk, or-ed */
} scim__patch;

/* What reading and applying go by. */
struct scim__patch_rules {
	struct scim__filter_binding binding; /* its arena owns everything */
	struct scim__filter_limits limits;   /* of each path */
	unsigned leniency;                   /* enum scim__leniency, or-ed */
};

/*
 * Reads a PatchOp message.  SCIM_ERR_INVALID with scimType invalidSyntax,
 * invalidValue, invalidPath, invalidFilter or noTarget.  Shares memory with
 * `message`.
 */
SCIM_MUST_USE scim_status scim__patch_parse(
    const struct scim__patch_rules *rules, const scim__value *message,
    scim__patch *out, scim_error *err);

/* What an operation does to a relation, whose elements are not in the
 * document. */
enum scim__relation_change_kind {
	SCIM__RELATION_ADD,
	SCIM__RELATION_REMOVE, /* those with the values of `elements` */
	SCIM__RELATION_REMOVE_MATCHING,
	SCIM__RELATION_REMOVE_ALL,
	SCIM__RELATION_REPLACE
};

struct scim__relation_change {
	enum scim__relation_change_kind kind;
	scim__value elements; /* ARRAY of OBJECTs with value, type, display */
	const struct scim__filter_node *filter; /* REMOVE_MATCHING */
};

struct scim__patched {
	struct scim__relation_change *changes; /* in order */
	size_t change_count;
	size_t element_count; /* in all of them together */
	unsigned quirks;
};

/*
 * Applies the operations in order to `document`: OBJECT with canonical
 * names.  What is taken away leaves an explicit null or [] there, so that it
 * can be told from what was never there.  The result is still to be
 * validated.  SCIM_ERR_INVALID with scimType invalidValue, mutability,
 * noTarget, tooMany or invalidPath; then `document` is spoilt.
 */
SCIM_MUST_USE scim_status scim__patch_apply(
    const struct scim__patch_rules *rules, const scim__patch *patch,
    scim__value *document, struct scim__patched *out, scim_error *err);

#endif
