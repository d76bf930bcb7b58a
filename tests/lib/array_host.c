/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host as the documentation describes it and no better: it keeps bytes, in
 * order, and knows nothing of what they are.
 */
#include "lib/array_host.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

struct array_pair {
	scim_str key, value; /* own their bytes */
};

static void
enter(struct array_host *h)
{
	scim__assert(!h->busy);
	h->busy = true;
}

static scim_status
leave(struct array_host *h, scim_status rc)
{
	h->busy = false;
	return rc;
}

/* Where `key` is, or belongs. */
static size_t
place_of(const struct array_host *h, scim_str key)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (scim__str_compare(h->pairs[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct array_host *h, size_t at, scim_str key)
{
	return at < h->count && scim__str_equal(h->pairs[at].key, key);
}

static scim_str
own_copy(scim_str s)
{
	char *p = malloc(s.len + 1);

	if (p != NULL && s.len > 0)
		memcpy(p, s.ptr, s.len);
	return (scim_str){ p, s.len };
}

static void
drop(scim_str s)
{
	free((void *)(uintptr_t)s.ptr);
}

static scim_status
get(void *context, scim_arena *arena, scim_str key, scim_str *out,
    scim_error *err)
{
	struct array_host *h = context;
	size_t at = place_of(h, key);

	enter(h);
	if (!is_at(h, at, key))
		return leave(h, SCIM_ERR_NOT_FOUND);
	scim_str copy = scim__str_copy(arena, h->pairs[at].value);
	if (copy.ptr == NULL)
		return leave(h, scim__fail_memory(err));
	*out = copy;
	return leave(h, SCIM_OK);
}

/* The caller's `calls`-th change may be the one that has to fail. */
static bool
has_to_fail(struct array_host *h)
{
	return ++h->calls == h->fail_at;
}

static scim_status
insert(struct array_host *h, size_t at, scim_str key, scim_str value)
{
	if (h->count == h->capacity) {
		size_t capacity = h->capacity == 0 ? 64 : h->capacity * 2;
		struct array_pair *more =
		    realloc(h->pairs, capacity * sizeof(*more));

		if (more == NULL)
			return SCIM_ERR_NO_MEMORY;
		h->pairs = more;
		h->capacity = capacity;
	}
	memmove(&h->pairs[at + 1], &h->pairs[at],
	    (h->count - at) * sizeof(h->pairs[0]));
	h->pairs[at] = (struct array_pair){ own_copy(key), value };
	h->count++;
	return SCIM_OK;
}

static scim_status
put(void *context, scim_str key, scim_str value, scim_error *err)
{
	struct array_host *h = context;
	size_t at = place_of(h, key);

	enter(h);
	scim__assert(key.len <= 4096);
	if (has_to_fail(h))
		return leave(h, scim__fail(err, h->status, "Told to fail."));
	if (!is_at(h, at, key))
		return leave(h, insert(h, at, key, own_copy(value)));
	drop(h->pairs[at].value);
	h->pairs[at].value = own_copy(value);
	return leave(h, SCIM_OK);
}

static scim_status
take_away(void *context, scim_str key, scim_error *err)
{
	struct array_host *h = context;
	size_t at = place_of(h, key);

	enter(h);
	if (has_to_fail(h))
		return leave(h, scim__fail(err, h->status, "Told to fail."));
	if (is_at(h, at, key)) {
		drop(h->pairs[at].key);
		drop(h->pairs[at].value);
		h->count--;
		memmove(&h->pairs[at], &h->pairs[at + 1],
		    (h->count - at) * sizeof(h->pairs[0]));
	}
	return leave(h, SCIM_OK);
}

static scim_status
scan(void *context, scim_str prefix, scim_str from,
    int (*each)(void *argument, scim_str key, scim_str value), void *argument,
    scim_error *err)
{
	struct array_host *h = context;

	(void)err;
	enter(h);
	for (size_t at = place_of(h, from); at < h->count; at++) {
		const struct array_pair *p = &h->pairs[at];

		if (!scim__str_starts_with(p->key, prefix)) {
			if (scim__str_compare(p->key, prefix) > 0)
				break;
			continue;
		}
		if (each(argument, p->key, p->value) == 0)
			break;
	}
	return leave(h, SCIM_OK);
}

scim_plain_callbacks
array_host_callbacks(struct array_host *host)
{
	return (scim_plain_callbacks){ .context = host,
		.get = get,
		.put = put,
		.remove = take_away,
		.scan = scan };
}

void
array_host_release(struct array_host *host)
{
	for (size_t i = 0; i < host->count; i++) {
		drop(host->pairs[i].key);
		drop(host->pairs[i].value);
	}
	free(host->pairs);
	*host = (struct array_host){ .count = 0 };
}
