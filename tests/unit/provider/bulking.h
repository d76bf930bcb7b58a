/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_PROVIDER_BULKING_H
#define TESTS_UNIT_PROVIDER_BULKING_H

/* Bulk requests step by step, for tests of their parts. */

#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"
#include "provider/bulk.h"

#define BULKING_USER                                                     \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"%s\"%s}"

/* A bulk request of these operations, and members after them. */
static inline scim_str
bulking_body(struct directory *d, const char *operations, const char *rest)
{
	return scim__str_format(d->context.arena,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "BulkRequest\"],\"Operations\":[%s]%s}",
	    operations, rest);
}

static inline scim__bulk
bulking(struct directory *d, const char *operations, const char *rest)
{
	return (scim__bulk){ .provider = d->provider,
		.request_context = &d->context,
		.arena = d->context.arena,
		.body = bulking_body(d, operations, rest) };
}

/* `{"method":"POST",…}` for a user; `more` is of the data, comma first. */
static inline scim_str
bulking_user(struct directory *d, const char *bulk_id, const char *name,
    const char *more)
{
	return scim__str_format(d->context.arena,
	    "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"%s\","
	    "\"data\":" BULKING_USER "}",
	    bulk_id, name, more);
}

static inline scim_str
bulking_group(struct directory *d, const char *bulk_id, const char *member)
{
	return scim__str_format(d->context.arena,
	    "{\"method\":\"POST\",\"path\":\"/Groups\",\"bulkId\":\"%s\","
	    "\"data\":{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
	    "Group\"],\"displayName\":\"%s\",\"members\":[{\"value\":\"%s\"}]"
	    "}}",
	    bulk_id, bulk_id, member);
}

static inline const char *
bulking_list(struct directory *d, const scim_str *operations, size_t count)
{
	scim_str list = SCIM_STR("");

	for (size_t i = 0; i < count; i++)
		list = scim__str_format(d->context.arena, "%.*s%s%.*s",
		    (int)list.len, list.ptr, i > 0 ? "," : "",
		    (int)operations[i].len, operations[i].ptr);
	return scim__str_copy_z(d->context.arena, list);
}

/* One turn in the writer. */
static inline scim_status
bulking_turn(struct directory *d, scim__bulk *bulk)
{
	scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err);

	assert_int_equal(rc, SCIM_OK);
	rc = scim__bulk_apply(bulk, txn, &d->err);
	if (rc == SCIM_OK)
		assert_int_equal(SCIM_OK, scim__store_commit(txn, &d->err));
	else
		scim__store_rollback(txn);
	return rc;
}

/* From beginning to end; how many turns it took. */
static inline size_t
bulking_run(struct directory *d, scim__bulk *bulk)
{
	size_t turns = 0;

	assert_int_equal(SCIM_OK, scim__bulk_read(bulk, &d->err));
	while (!bulk->is_over) {
		do
			assert_int_equal(
			    SCIM_OK, scim__bulk_prepare(bulk, &d->err));
		while (bulk->has_more);
		if (bulking_turn(d, bulk) == SCIM_OK || bulk->was_refused)
			scim__bulk_committed(bulk);
		else
			scim__bulk_stop(bulk, &d->err);
		turns++;
	}
	assert_int_equal(SCIM_OK, scim__bulk_finish(bulk, &d->err));
	return turns;
}

#endif
