/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_ROW_H
#define SCIM_STORE_KV_ROW_H

#include "base/buf.h"
#include "scimd/backend/store_ops.h"

/* The values of the tables.  Writers append; ask the buffer how it went. */
void scim__row_add_record(
    scim__buf *row, scim_str type, const scim_record *record);
void scim__row_add_member(
    scim__buf *row, const scim_member_row *member, uint64_t since);
void scim__row_add_change(scim__buf *row, const scim_change_row *change);
void scim__row_add_receipt(scim__buf *row, const scim_receipt *receipt);

/* `out` points into `row`, and has no id.  SCIM_ERR_NOT_FOUND: the resource
 * is of another type, for which `err` is left alone. */
SCIM_MUST_USE scim_status scim__row_view_record(
    scim_str row, scim_str type, scim_record *out, scim_error *err);

/* Texts are copied into `arena`; what stands in the key is left alone. */
SCIM_MUST_USE scim_status scim__row_read_member(scim_arena *arena, scim_str row,
    scim_member_row *out, uint64_t *out_since, scim_error *err);
SCIM_MUST_USE scim_status scim__row_read_change(
    scim_arena *arena, scim_str row, scim_change_row *out, scim_error *err);

SCIM_MUST_USE scim_status scim__row_read_receipt(
    scim_arena *arena, scim_str row, scim_receipt *out, scim_error *err);

/* What a reader says of a row that nobody can have written. */
scim_status scim__row_damaged(scim_error *err);

#endif
