/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_TRANSFER_IMPORTING_H
#define SCIM_TRANSFER_IMPORTING_H

/* An import on its way: what the files of this folder share. */

#include "base/arena.h"
#include "transfer/import.h"
#include "transfer/line.h"

/* A resource whose members are on lines of their own. */
struct scim__crowd {
	bool is_open;
	uint64_t line; /* of the resource */
	scim_arena *arena;
	struct scim__restore whole;
	uint64_t total;
	struct scim__relation_edit edit; /* hash and count of what came */
	scim_str last;
	FILE *spool; /* the lines of members */
};

struct scim__importing {
	const struct scim__import *job;
	struct scim__import_result result;
	struct scim__lines lines;
	uint64_t number; /* of the line that is being taken */
	scim_provider *provider;
	const scim__tenant *tenant; /* as of the transaction */
	scim_txn *txn;              /* NULL: none is open */
	int64_t began_ms;
	unsigned in_batch;
	scim_arena *arena;   /* for a line */
	scim_arena *scratch; /* for less */
	scim_arena *kept;    /* for all of them */
	FILE *absent;        /* members that were not there yet; NULL: none */
	struct scim__crowd crowd;
};

void scim__import_report(
    struct scim__importing *i, uint64_t line, const char *why);

/* Whether this is about one line, and the import can go on. */
bool scim__import_is_of_line(scim_status status);

/* Writes one, and reports it where it can't be; false in `*out`: it was
 * reported.  Anything but SCIM_OK ends the import. */
SCIM_MUST_USE scim_status scim__import_one(struct scim__importing *i,
    uint64_t line, const struct scim__restore *restore,
    enum scim__restored *out_what, bool *out, scim_error *err);

/* head.c: tenant and schemas; hands out the line after them. */
SCIM_MUST_USE scim_status scim__import_head(
    struct scim__importing *i, scim_str *out_next, scim_error *err);

/* crowd.c: opens one, adds a line to it, and writes it where one is open. */
SCIM_MUST_USE scim_status scim__crowd_open(
    struct scim__importing *i, scim_str text, scim_error *err);
SCIM_MUST_USE scim_status scim__crowd_add(struct scim__importing *i,
    const struct scim__restore *more, scim_str text, scim_error *err);
SCIM_MUST_USE scim_status scim__crowd_close(
    struct scim__importing *i, scim_error *err);
void scim__crowd_drop(struct scim__crowd *crowd);

#endif
