/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Takes a request target apart.
 *
 * The path is cut at its slashes before it is decoded, so %2F stays inside a
 * segment, and nothing is decoded twice.  A dot segment is a name like any
 * other: it is nobody's endpoint and ends in 404.  What identity providers
 * really send is let through: a trailing slash, a `?` or `&` with nothing
 * behind it, `&&`, `+` for a space.
 */

#include "http/target.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

static const char out_of_memory[] = "";

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that the escape at `i` means, or -1. */
static int
unescape(scim_str raw, size_t i)
{
	int high = i + 2 < raw.len ? hex_of(raw.ptr[i + 1]) : -1;
	int low = high < 0 ? -1 : hex_of(raw.ptr[i + 2]);

	return low < 0 ? -1 : high * 16 + low;
}

static bool
is_plain(scim_str raw, bool is_query)
{
	for (size_t i = 0; i < raw.len; i++)
		if (raw.ptr[i] == '%' || (raw.ptr[i] == '+' && is_query))
			return false;
	return scim__utf8_valid(raw);
}

/* NULL, or what is wrong with it: "a broken escape".  @spec 7644-1.2-01 */
static const char *
decode(scim_arena *arena, scim_str raw, bool is_query, scim_str *out)
{
	if (is_plain(raw, is_query)) {
		*out = raw;
		return NULL;
	}
	char *text = scim__arena_take(arena, raw.len);
	size_t n = 0;

	if (text == NULL)
		return out_of_memory;
	for (size_t i = 0; i < raw.len; i++) {
		int byte = raw.ptr[i] == '%' ? unescape(raw, i) : raw.ptr[i];

		if (raw.ptr[i] == '%') {
			if (byte < 0)
				return "a broken escape";
			i += 2;
		} else if (byte == '+' && is_query) {
			byte = ' ';
		}
		if (byte == 0)
			return "a NUL in it";
		text[n++] = (char)byte;
	}
	scim_str decoded = { text, n };
	if (!scim__utf8_valid(decoded))
		return "bytes that are no UTF-8";
	*out = decoded;
	return NULL;
}

static scim_status
fail_decode(
    scim_error *err, const char *scim_type, scim_str where, const char *what)
{
	if (what == out_of_memory)
		return scim__fail_memory(err);
	return scim__fail_type(err, SCIM_ERR_INVALID, scim_type,
	    "`%.*s` has %s; percent-encode UTF-8.",
	    (int)(where.len < 100 ? where.len : 100), where.ptr, what);
}

/* The part of `s` before the first `c`; `s` becomes what is behind it. */
static scim_str
cut(scim_str *s, char c)
{
	const char *at = s->len == 0 ? NULL : memchr(s->ptr, c, s->len);
	scim_str head = *s;

	if (at == NULL) {
		*s = (scim_str){ s->ptr + s->len, 0 };
		return head;
	}
	head.len = (size_t)(at - s->ptr);
	*s = (scim_str){ at + 1, s->len - head.len - 1 };
	return head;
}

/* RFC 9112 3.2.2: a server takes the absolute form too. */
static scim_str
without_authority(scim_str raw)
{
	static const scim_str schemes[] = { { "http://", 7 },
		{ "https://", 8 } };

	for (size_t i = 0; i < scim__countof(schemes); i++) {
		scim_str rest = { raw.ptr + schemes[i].len, 0 };

		if (raw.len < schemes[i].len ||
		    !scim__str_equal_nocase(
			(scim_str){ raw.ptr, schemes[i].len }, schemes[i]))
			continue;
		rest.len = raw.len - schemes[i].len;
		while (rest.len > 0 && *rest.ptr != '/' && *rest.ptr != '?') {
			rest.ptr++;
			rest.len--;
		}
		return rest.len == 0 ? SCIM_STR("/") : rest;
	}
	return raw;
}

static bool
is_loose(scim_str raw, scim_str path, scim_str query)
{
	bool says_nothing = query.len == 0 && raw.len > path.len;

	for (size_t i = 0; i < query.len && !says_nothing; i++)
		says_nothing = query.ptr[i] == '&' &&
		    (i == 0 || i + 1 == query.len || query.ptr[i + 1] == '&');
	return says_nothing || (path.len > 1 && path.ptr[path.len - 1] == '/');
}

scim_status
scim__target_parse(
    scim_arena *arena, scim_str raw, scim__target *out, scim_error *err)
{
	scim__target target = { .count = 0 };
	scim_str origin = without_authority(raw), rest = origin;
	scim_str path = cut(&rest, '?');

	target.query = rest;
	target.is_loose = is_loose(origin, path, rest);
	target.has_raw_quote = memchr(raw.ptr, '"', raw.len) != NULL;
	if (path.len == 0 || *path.ptr != '/') {
		target.is_foreign = true;
		*out = target;
		return SCIM_OK;
	}
	path = (scim_str){ path.ptr + 1, path.len - 1 };
	while (path.len > 0) {
		scim_str segment = cut(&path, '/');

		if (target.count == SCIM__TARGET_SEGMENTS_MAX) {
			target.is_foreign = true;
			break;
		}
		const char *wrong = decode(
		    arena, segment, false, &target.segments[target.count++]);
		if (wrong != NULL)
			return fail_decode(err, "invalidValue", segment, wrong);
	}
	*out = target;
	return SCIM_OK;
}

static const struct {
	scim_str name;
	size_t at;
} parameters[] = {
	{ { "attributes", 10 }, offsetof(scim__query, attributes) },
	{ { "excludedAttributes", 18 },
	    offsetof(scim__query, excluded_attributes) },
	{ { "filter", 6 }, offsetof(scim__query, filter) },
	{ { "sortBy", 6 }, offsetof(scim__query, sort_by) },
	{ { "sortOrder", 9 }, offsetof(scim__query, sort_order) },
	{ { "startIndex", 10 }, offsetof(scim__query, start_index) },
	{ { "count", 5 }, offsetof(scim__query, count) },
	{ { "cursor", 6 }, offsetof(scim__query, cursor) },
	{ { "from", 4 }, offsetof(scim__query, from) },
	{ { "to", 2 }, offsetof(scim__query, to) },
	{ { "since", 5 }, offsetof(scim__query, since) },
	{ { "wait", 4 }, offsetof(scim__query, wait) },
};

static scim_str *
find_parameter(scim__query *query, scim_str name)
{
	for (size_t i = 0; i < scim__countof(parameters); i++)
		if (scim__str_equal(parameters[i].name, name))
			return (scim_str *)(void *)((char *)query +
			    parameters[i].at);
	return NULL;
}

scim_status
scim__query_parse(
    scim_arena *arena, scim_str raw, scim__query *out, scim_error *err)
{
	scim__query query = { .attributes = { NULL, 0 } };

	while (raw.len > 0) {
		scim_str value = cut(&raw, '&');
		scim_str name = cut(&value, '=');
		const char *wrong = decode(arena, name, true, &name);

		if (wrong == NULL)
			wrong = decode(arena, value, true, &value);
		if (wrong != NULL)
			return fail_decode(err,
			    scim__str_equal(name, SCIM_STR("filter"))
				? "invalidFilter"
				: "invalidValue",
			    name, wrong);
		scim_str *slot = find_parameter(&query, name);
		if (slot == NULL)
			continue;
		if (slot->ptr != NULL)
			return scim__fail_type(err, SCIM_ERR_INVALID,
			    "invalidValue",
			    "The parameter `%.*s` came twice; send it once.",
			    (int)name.len, name.ptr);
		*slot = value;
	}
	*out = query;
	return SCIM_OK;
}
