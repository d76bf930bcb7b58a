/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the Merge message.
 *
 * The bytes are a message about a user whose first version is known: it is
 * read, merged and prepared to be written, and never written, so that each
 * input finds the same.  What comes of it is a write, an outcome or a refusal.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "lib/directory.h"
#include "provider/combine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define USER(rest)                                                       \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"bjensen\"" rest "}"

static struct directory d;
static scim_str id;

static void
open_once(void)
{
	scim_outcome out;

	if (id.ptr != NULL)
		return;
	directory_open(&d);
	id = directory_user(&d, "bjensen").id;
	scim_status rc = directory_replace(&d, "User", id,
	    USER(",\"title\":\"Boss\",\"emails\":[{\"type\":\"work\","
		 "\"value\":\"b@x.example\",\"primary\":true}]"),
	    &expect_any, &out);
	scim__assert(rc == SCIM_OK && out.kind == SCIM_DONE);
}

static void
check(const scim__op *op, scim_status rc, enum scim__op_next next)
{
	if (rc != SCIM_OK) {
		scim__assert(rc == SCIM_ERR_INVALID ||
		    rc == SCIM_ERR_TOO_LARGE || rc == SCIM_ERR_EXISTS);
		return;
	}
	if (next != SCIM__OP_SETTLED)
		return;
	scim__assert(
	    op->outcome.kind == SCIM_DONE || op->outcome.kind == SCIM_MISMATCH);
	scim__assert(
	    op->outcome.kind != SCIM_MISMATCH || op->outcome.conflict.is_merge);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	enum scim__op_next next = SCIM__OP_WRITE;
	scim_error err = { .status = SCIM_OK };

	scim__assert(arena != NULL);
	open_once();
	scim_context context = d.context;
	context.arena = arena;
	scim__op op = { .steps = &scim__combine_steps,
		.provider = d.provider,
		.context = &context,
		.type = scim__registry_type(d.registry, SCIM_STR("User")),
		.arena = arena,
		.expect = expect_any,
		.id = id,
		.body = { (const char *)data, size } };
	scim_status rc = scim__op_start(&op, &next, &err);
	check(&op, rc, next);
	return 0;
}
