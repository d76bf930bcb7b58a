/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_TRANSFER_LINE_H
#define SCIM_TRANSFER_LINE_H

/* The lines of an exported tenant; docs/operating.md shows them to users. */

#include <stdio.h>

#include "base/buf.h"
#include "provider/restore.h"

#define SCIM__LINE_MEMBERS 1000            /* in one line */
#define SCIM__LINE_MOST (16 * 1024 * 1024) /* bytes of one line */

enum scim__line_kind {
	SCIM__LINE_TENANT,
	SCIM__LINE_SCHEMA,
	SCIM__LINE_RESOURCE_TYPE,
	SCIM__LINE_RESOURCE,
	SCIM__LINE_CROWD /* more members of the resource before */
};

struct scim__line {
	enum scim__line_kind kind;
	scim__value document; /* settings, schema, resource type */
	struct scim__restore resource;
	uint64_t total; /* RESOURCE: members, those of later lines too */
};

/* Each appends a whole line. */
void scim__line_put_tenant(
    scim__buf *buf, scim_str name, const scim__value *settings);
void scim__line_put_definition(
    scim__buf *buf, bool is_type, const scim__value *document);
void scim__line_put_resource(scim__buf *buf, scim_str type,
    const scim_record *record, const scim_member_row *members, size_t count);
void scim__line_put_crowd(scim__buf *buf, const scim_key *key,
    const scim_member_row *members, size_t count);

/* SCIM_ERR_INVALID, SCIM_ERR_TOO_LARGE: it is none, and why.  What comes out
 * lives as long as `arena` and `text`. */
SCIM_MUST_USE scim_status scim__line_read(
    scim_arena *arena, scim_str text, struct scim__line *out, scim_error *err);

/* Lines of a file, one at a time. */
struct scim__lines {
	FILE *file;
	uint64_t number; /* of the last line, from 1 */
	char *room;
	size_t capacity;
};

/*
 * The next line, without its end; valid until the next call.  `ptr` NULL: no
 * more.  SCIM_ERR_TOO_LARGE: it is too long and was passed over.
 * SCIM_ERR_STORE: the file can't be read.
 */
SCIM_MUST_USE scim_status scim__lines_next(
    struct scim__lines *lines, scim_str *out, scim_error *err);
void scim__lines_end(struct scim__lines *lines);

#endif
