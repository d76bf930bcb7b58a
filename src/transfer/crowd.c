/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group too large for one line.
 *
 * Its lines are put aside in a file without a name, and only when all of them
 * together have the version of the group is any of it written: a thousand
 * members at a time, so that neither memory nor a transaction grows with it.
 */
#include "base/error.h"
#include "base/str.h"
#include "transfer/importing.h"
#include "version/tag.h"

void
scim__crowd_drop(struct scim__crowd *crowd)
{
	if (crowd->spool != NULL)
		(void)fclose(crowd->spool);
	scim_arena_free(crowd->arena);
	*crowd = (struct scim__crowd){ .is_open = false };
}

static scim_status
fail_spool(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE,
	    "A temporary file for the members can't be written.");
}

scim_status
scim__crowd_open(struct scim__importing *i, scim_str text, scim_error *err)
{
	struct scim__crowd *c = &i->crowd;
	struct scim__line line;

	*c = (struct scim__crowd){ .is_open = true,
		.line = i->number,
		.arena = scim_arena_new(NULL),
		.last = SCIM_STR("") };
	scim_str kept = { NULL, 0 };
	if (c->arena != NULL)
		kept = scim__str_copy(c->arena, text);
	if (kept.ptr == NULL)
		return scim__fail_memory(err);
	c->spool = tmpfile();
	if (c->spool == NULL)
		return fail_spool(err);
	scim_status rc = scim__line_read(c->arena, kept, &line, err);
	if (rc != SCIM_OK)
		return rc;
	c->whole = line.resource;
	c->whole.is_part = true;
	c->total = line.total;
	return scim__restore_own_hash(i->arena, &c->whole, err);
}

scim_status
scim__crowd_add(struct scim__importing *i, const struct scim__restore *more,
    scim_str text, scim_error *err)
{
	struct scim__crowd *c = &i->crowd;
	scim_status rc = SCIM_OK;

	if (!c->is_open || !scim__str_equal(c->whole.id, more->id) ||
	    !scim__str_equal(c->whole.type, more->type))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "These are members of a resource whose line does not come "
		    "before them.");
	if (more->member_count == 0)
		return SCIM_OK;
	if (scim__str_compare(c->last, more->members[0].value) >= 0)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "The members are not in the order of their values.");
	for (size_t m = 0; rc == SCIM_OK && m < more->member_count; m++) {
		scim_arena_reset(i->scratch);
		rc = scim__relation_hash_in(
		    i->scratch, &c->edit, &more->members[m], err);
	}
	if (rc != SCIM_OK)
		return rc;
	c->last = scim__str_copy(
	    c->arena, more->members[more->member_count - 1].value);
	if (c->last.ptr == NULL)
		return scim__fail_memory(err);
	return fwrite(text.ptr, 1, text.len, c->spool) == text.len &&
		putc('\n', c->spool) != EOF
	    ? SCIM_OK
	    : fail_spool(err);
}

/* Whether what came is what the version names. */
static scim_status
is_whole(const struct scim__crowd *c, bool *out, scim_error *err)
{
	uint8_t state[SCIM__SET_HASH_BYTES];
	scim_version version;
	scim__sha256 own;

	memcpy(own.bytes, c->whole.own_hash, sizeof(own.bytes));
	scim__set_hash_encode(&c->edit.hash, state);
	scim_status rc = scim__state_version(&own, true,
	    (scim_str){ (const char *)state, sizeof(state) }, c->edit.count,
	    &version, err);
	*out = rc == SCIM_OK && c->edit.count == c->total &&
	    scim_version_equal(&version, &c->whole.version);
	return rc;
}

/* One of the lines put aside; they were read once before. */
static scim_status
write_line(struct scim__importing *i, scim_str text, bool *made, bool *good,
    scim_error *err)
{
	struct scim__restore part = i->crowd.whole;
	enum scim__restored what = SCIM__RESTORED_THERE;
	struct scim__line line;

	scim_arena_reset(i->arena);
	scim_status rc = scim__line_read(i->arena, text, &line, err);
	if (rc != SCIM_OK)
		return rc;
	part.members = line.resource.members;
	part.member_count = line.resource.member_count;
	rc = scim__import_one(i, i->crowd.line, &part, &what, good, err);
	*made = *made || what == SCIM__RESTORED_NEW;
	return rc;
}

static scim_status
write_all(struct scim__importing *i, scim_error *err)
{
	struct scim__lines lines = { .file = i->crowd.spool };
	struct scim__restore whole = i->crowd.whole;
	enum scim__restored what;
	bool made = false, good = true;
	scim_str text = SCIM_STR("");
	scim_status rc = SCIM_OK;

	if (fflush(lines.file) != 0)
		return fail_spool(err);
	rewind(lines.file);
	while (rc == SCIM_OK && good) {
		rc = scim__lines_next(&lines, &text, err);
		if (rc != SCIM_OK || text.ptr == NULL)
			break;
		rc = write_line(i, text, &made, &good, err);
	}
	scim__lines_end(&lines);
	if (rc != SCIM_OK || !good)
		return rc;
	/* It has its version now, unless somebody else wrote to it. */
	whole.is_part = false;
	scim_arena_reset(i->arena);
	rc = scim__import_one(i, i->crowd.line, &whole, &what, &good, err);
	if (rc == SCIM_OK && good) {
		i->result.made += made;
		i->result.there += !made;
	}
	return rc;
}

scim_status
scim__crowd_close(struct scim__importing *i, scim_error *err)
{
	bool is_good = false;

	if (!i->crowd.is_open)
		return SCIM_OK;
	scim_status rc = is_whole(&i->crowd, &is_good, err);
	if (rc == SCIM_OK && !is_good)
		scim__import_report(i, i->crowd.line,
		    "The members that follow are not those that the version "
		    "names: some are missing, or were changed.");
	else if (rc == SCIM_OK)
		rc = write_all(i, err);
	scim__crowd_drop(&i->crowd);
	return rc;
}
