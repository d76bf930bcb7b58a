/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes positions of the feed, both what a client sends and, as if it had
 * been made up well, what stands in one.  A position that is taken leads to
 * one that is taken as well and has nothing left after it.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "lib/directory.h"
#include "scimd/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHANGES 3
#define BYTES 16 /* of a position */

static struct directory d;
static bool is_open;

static void
open_once(void)
{
	static const char *const names[CHANGES] = { "a", "b", "c" };

	if (is_open)
		return;
	directory_open(&d);
	for (int i = 0; i < CHANGES; i++)
		(void)directory_user(&d, names[i]);
	is_open = true;
}

static void
go_on(scim_arena *arena, scim_str since)
{
	scim_context context = d.context;
	scim_feed_page page, rest;

	context.arena = arena;
	scim_status rc =
	    scim_provider_changes(d.provider, &context, since, 0, &page, NULL);
	scim__assert(
	    rc == SCIM_OK || rc == SCIM_ERR_INVALID || rc == SCIM_ERR_GONE);
	if (rc != SCIM_OK)
		return;
	scim__assert(page.count <= CHANGES && page.total == page.count);
	rc = scim_provider_changes(
	    d.provider, &context, page.position, 0, &rest, NULL);
	scim__assert(rc == SCIM_OK && rest.count == 0 && rest.total == 0);
}

/* The bytes themselves, in the place of the last ones of a good position. */
static void
make_up(scim_arena *arena, const uint8_t *data, size_t size)
{
	scim_context context = d.context;
	uint8_t bytes[BYTES];
	scim_feed_page page;

	context.arena = arena;
	scim_status rc = scim_provider_changes(
	    d.provider, &context, SCIM_STR("now"), 0, &page, NULL);
	scim__assert(rc == SCIM_OK);
	scim__assert(
	    scim__base64url_decode(page.position, bytes, sizeof(bytes)));
	for (size_t i = 0; i < size && i < BYTES; i++)
		bytes[BYTES - 1 - i] = data[i];
	scim_str text = scim__base64url(arena, bytes, sizeof(bytes));
	scim__assert(text.ptr != NULL);
	go_on(arena, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	scim__assert(arena != NULL);
	open_once();
	go_on(arena, (scim_str){ (const char *)data, size });
	make_up(arena, data, size);
	return 0;
}
