/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going through the small documents of a shelf, and writing one.
 *
 * Documents come in pages, so that any number of tokens costs the memory of
 * two pages: the one at hand, and the one whose last name says where the
 * next begins.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"
#include "json/json.h"

enum { PAGE = 256 };

struct page {
	scim_leaf *leaves;
	size_t count;
};

static scim_status
read_page(const struct scim__visit *visit, scim_arena *arena, scim_str after,
    struct page *out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *own = NULL;
	scim_txn *txn = visit->txn;

	if (txn == NULL) {
		scim_status rc =
		    scim__store_begin(visit->store, SCIM_TXN_READ, &own, err);
		if (rc != SCIM_OK)
			return rc;
		txn = own;
	}
	return scim__store_leaves(txn, arena, visit->shelf, after, PAGE,
	    &out->leaves, &out->count, err);
}

/* `out_more` when the next page may hold more of them. */
static scim_status
visit_page(const struct scim__visit *visit, scim_arena *arena,
    const struct page *page, bool *out_more, scim_error *err)
{
	*out_more = page->count == PAGE;
	for (size_t i = 0; i < page->count; i++) {
		const scim_leaf *leaf = &page->leaves[i];

		if (!scim__str_starts_with(leaf->name, visit->prefix)) {
			*out_more = false;
			return SCIM_OK;
		}
		scim_status rc = visit->each(visit->context, arena, leaf, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

scim_status
scim__policy_visit(const struct scim__visit *visit, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *even = scim_arena_new(NULL);
	scim__auto(scim_arena_free) scim_arena *odd = scim_arena_new(NULL);
	scim_arena *arenas[] = { even, odd };
	scim_str after = visit->prefix;
	bool more = true;

	if (even == NULL || odd == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; more; i++) {
		scim_arena *arena = arenas[i % 2];
		struct page page = { NULL, 0 };

		scim_arena_reset(arena);
		scim_status rc = read_page(visit, arena, after, &page, err);
		if (rc == SCIM_OK)
			rc = visit_page(visit, arena, &page, &more, err);
		if (rc != SCIM_OK)
			return rc;
		if (more)
			after = page.leaves[page.count - 1].name;
	}
	return SCIM_OK;
}

scim_status
scim__policy_put(scim_txn *txn, scim_arena *arena, scim_shelf shelf,
    scim_str name, const scim__value *document, scim_error *err)
{
	scim__buf text;

	scim__buf_init(&text, arena, SIZE_MAX);
	scim__json_write_canonical(&text, document);
	if (scim__buf_failed(&text))
		return scim__fail_memory(err);
	return scim__store_leaf_put(
	    txn, shelf, name, scim__buf_str(&text), err);
}
