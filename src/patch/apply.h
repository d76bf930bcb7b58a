/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PATCH_APPLY_H
#define SCIM_PATCH_APPLY_H

/* The parts of applying a patch, each in the file of its name. */

#include "filter/eval.h"
#include "patch/patch.h"
#include "schema/check.h"

struct scim__patching {
	const struct scim__patch_rules *rules;
	struct scim__checking checking;
	struct scim__matching matching;
	scim__value *document;
	struct scim__patched *out;
};

/* apply.c: one operation whose path is set. */
SCIM_MUST_USE scim_status scim__patch_at(
    struct scim__patching *patching, const struct scim__patch_op *op);

/* keys.c: one operation without a path, key by key. */
SCIM_MUST_USE scim_status scim__patch_keys(
    struct scim__patching *patching, const struct scim__patch_op *op);

/* keys.c: the same for the value of an extension as a whole. */
SCIM_MUST_USE scim_status scim__patch_extension_keys(
    struct scim__patching *patching, const struct scim__patch_op *op);

/* keys.c: a path as providers write it; a dot after a URN by leniency. */
SCIM_MUST_USE scim_status scim__patch_read_path(
    const struct scim__patch_rules *rules, scim_str text,
    struct scim__path *out, unsigned *quirks, scim_error *err);

/* complex.c: lays the sub-attributes of `value` over `object`. */
SCIM_MUST_USE scim_status scim__patch_merge(struct scim__patching *patching,
    enum scim__patch_kind kind, const scim__attribute *attribute,
    const scim__value *value, scim__value *object);

/* complex.c: one sub-attribute; `value` NULL or unassigned: taken away. */
SCIM_MUST_USE scim_status scim__patch_set_sub(struct scim__patching *patching,
    enum scim__patch_kind kind, const scim__attribute *sub,
    const scim__value *value, scim__value *object);

/* elements.c: a multi-valued attribute of `home`. */
SCIM_MUST_USE scim_status scim__patch_elements(struct scim__patching *patching,
    const struct scim__patch_op *op, scim__value *home);

/* create.c: an element that the filter of `op` would match. */
SCIM_MUST_USE scim_status scim__patch_create(struct scim__patching *patching,
    const struct scim__patch_op *op, scim__value *out);

/* relation.c: a relation; notes what is to change. */
SCIM_MUST_USE scim_status scim__patch_relation(
    struct scim__patching *patching, const struct scim__patch_op *op);

/* apply.c: SCIM_ERR_INVALID for what would take a required value away. */
SCIM_MUST_USE scim_status scim__patch_fail_required(
    const struct scim__patching *patching, const scim__attribute *attribute);

/* apply.c: SCIM_ERR_INVALID noTarget. */
SCIM_MUST_USE scim_status scim__patch_fail_target(
    const struct scim__patching *patching, const scim__attribute *attribute);

#endif
