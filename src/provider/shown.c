/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Representations kept as they were shown.
 *
 * An entry holds while none of what it was read from is touched: the
 * resource itself, and those it derives values from.  Whoever is put into a
 * group is touched by that write, too, so a user who had none need not watch
 * all groups.  What derives from very many is not kept.
 */
#include "provider/shown.h"

#include <stdlib.h>
#include <string.h>

#include "base/cache.h"
#include "base/error.h"
#include "base/str.h"

#define ENTRIES_LOG2 6 /* times 64 */
#define JSON_MOST 4096
#define KEY_MOST 512

struct shown {
	struct scim__cached base;
	uint64_t since;
	uint32_t slots[1 + SCIM__DERIVED_SOURCES];
	size_t slot_count;
	scim_registry *registry; /* a reference: its address names it */
	struct scim__view view;  /* strings in `text` */
	scim_str json;           /* in `text` */
	char text[];
};

scim_status
scim__shown_begin(scim_provider *provider, scim_error *err)
{
	scim_status rc = scim__store_keep_stamps(provider->store, err);

	if (rc != SCIM_OK)
		return rc;
	provider->shown = scim__cache_new(ENTRIES_LOG2);
	return provider->shown == NULL ? scim__fail_memory(err) : SCIM_OK;
}

/* What an answer depends on besides the state: false for overlong ones. */
static bool
make_key(
    const struct scim__get *get, char *room, scim_str *out, uint64_t *out_hash)
{
	const scim_str parts[] = { get->context->tenant, get->type->name,
		get->id, get->context->base_url };
	size_t len = 0;

	room[len++] = (char)('0' + (int)get->context->settings->etag);
	for (size_t i = 0; i < scim__countof(parts); i++) {
		if (parts[i].len + 1 > KEY_MOST - len)
			return false;
		memcpy(room + len, parts[i].ptr, parts[i].len);
		len += parts[i].len;
		room[len++] = '\0';
	}
	*out = (scim_str){ room, len };
	uint64_t hash = scim__str_hash(SCIM__STR_HASH_BEGIN, *out);
	*out_hash = hash ^ hash >> 32;
	return true;
}

static bool
still_holds(const struct shown *s, const struct scim__get *get)
{
	const scim__stamps *stamps = get->provider->store->stamps;

	if (s->registry != get->context->registry)
		return false;
	for (size_t i = 0; i < s->slot_count; i++)
		if (!scim__stamps_hold(stamps, s->slots[i], s->since))
			return false;
	return true;
}

/* The opaque part stands between the quotes of the tag. */
static void
place_tag(struct scim__view *view)
{
	size_t before = view->validators.etag.weak ? 3 : 1;

	view->validators.etag.opaque =
	    (scim_str){ view->etag.ptr + before, view->etag.len - before - 1 };
}

static bool
copy_out(const struct shown *s, struct scim__get *get)
{
	struct scim__view view = s->view;

	view.etag = scim__str_copy(get->arena, s->view.etag);
	view.location = scim__str_copy(get->arena, s->view.location);
	scim_str json = scim__str_copy(get->arena, s->json);
	if (view.etag.ptr == NULL || view.location.ptr == NULL ||
	    json.ptr == NULL)
		return false;
	place_tag(&view);
	view.record.id = get->id;
	get->view = view;
	get->json = json;
	return true;
}

bool
scim__shown_find(struct scim__get *get)
{
	char room[KEY_MOST];
	scim_str key;
	uint64_t hash;

	if (get->provider->shown == NULL || get->projection != NULL ||
	    !make_key(get, room, &key, &hash))
		return false;
	struct scim__cached *found =
	    scim__cache_find(get->provider->shown, hash, key);
	if (found == NULL)
		return false;

	struct shown *s = scim__container_of(found, struct shown, base);
	bool hit = still_holds(s, get) && copy_out(s, get);
	scim__cached_unref(found);
	return hit;
}

static void
free_shown(struct scim__cached *base)
{
	struct shown *s = scim__container_of(base, struct shown, base);

	scim_registry_unref(s->registry);
	free(s);
}

static scim_str
place(char **at, scim_str s)
{
	char *p = *at;

	memcpy(p, s.ptr, s.len);
	*at += s.len;
	return (scim_str){ p, s.len };
}

static void
note_slots(struct shown *s, const struct scim__get *get)
{
	scim_str tenant = get->context->tenant;
	const struct scim__derived *derived = &get->view.derived;

	s->slots[s->slot_count++] = scim__stamps_slot(tenant, get->id);
	for (size_t i = 0; i < derived->source_count; i++)
		s->slots[s->slot_count++] =
		    scim__stamps_slot(tenant, derived->sources[i]);
}

void
scim__shown_keep(const struct scim__get *get, uint64_t since)
{
	char room[KEY_MOST];
	scim_str key;
	uint64_t hash;

	if (get->provider->shown == NULL || get->projection != NULL ||
	    get->json.len > JSON_MOST ||
	    get->view.derived.source_count > SCIM__DERIVED_SOURCES ||
	    !make_key(get, room, &key, &hash))
		return;
	struct shown *s = calloc(1,
	    sizeof(*s) + key.len + get->json.len + get->view.etag.len +
		get->view.location.len);
	if (s == NULL)
		return;

	char *at = s->text;
	s->since = since;
	note_slots(s, get);
	s->registry =
	    scim_registry_ref((scim_registry *)get->context->registry);
	s->view = get->view;
	s->view.derived = (struct scim__derived){ .any = false };
	s->view.record.content = (scim_str){ "", 0 };
	s->view.record.relation_state = (scim_str){ "", 0 };
	s->view.etag = place(&at, get->view.etag);
	s->view.location = place(&at, get->view.location);
	s->json = place(&at, get->json);
	atomic_init(&s->base.refs, 1);
	s->base.hash = hash;
	s->base.key = place(&at, key);
	s->base.free = free_shown;
	scim__cache_put(get->provider->shown, &s->base,
	    scim__cache_drops(get->provider->shown));
	scim__cached_unref(&s->base);
}
