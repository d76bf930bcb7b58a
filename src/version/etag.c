/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entity tags as they stand on the wire (RFC 9110 section 8.8.3).
 *
 * The readers walk the grammar and never split at commas: a comma, a star
 * or a backslash between the quotes is data.  What does not follow the
 * grammar is malformed as a whole.  Guessing what was meant would make a
 * precondition true that its sender never wrote.
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "scimd/version.h"

/* More than any client holds versions of one resource. */
#define MOST_TAGS 256

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip(scim_str *s, size_t n)
{
	*s = (scim_str){ s->ptr + n, s->len - n };
}

static void
skip_space(scim_str *s)
{
	while (s->len > 0 && is_space(s->ptr[0]))
		skip(s, 1);
}

/* @spec 9110-8.8.3-01 %x21 / %x23-7E / obs-text */
static bool
is_tag_char(unsigned char c)
{
	return c == 0x21 || (c >= 0x23 && c != 0x7F);
}

/* Takes one tag off the front of `s`. */
static bool
take_tag(scim_str *s, scim_etag *out)
{
	scim_str rest = *s;
	size_t len = 0;

	/* @spec 9110-8.8.3-02 */
	int weak = rest.len >= 2 && rest.ptr[0] == 'W' && rest.ptr[1] == '/';
	if (weak)
		skip(&rest, 2);
	if (rest.len == 0 || rest.ptr[0] != '"')
		return false;
	skip(&rest, 1);
	/* @spec 9110-8.8.3-04 */
	while (len < rest.len && is_tag_char((unsigned char)rest.ptr[len]))
		len++;
	if (len == rest.len || rest.ptr[len] != '"')
		return false;
	*out = (scim_etag){ { rest.ptr, len }, weak };
	skip(&rest, len + 1);
	*s = rest;
	return true;
}

scim_status
scim_etag_parse(scim_str field, scim_etag *out, scim_error *err)
{
	scim_etag etag;

	SCIM__REQUIRE(err, out != NULL);
	skip_space(&field);
	bool is_tag = take_tag(&field, &etag);
	skip_space(&field);
	if (!is_tag || field.len > 0)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "That is not an entity tag; send it as it came, with its "
		    "quotes and W/.");
	*out = etag;
	return SCIM_OK;
}

scim_str
scim_etag_format(scim_arena *arena, const scim_etag *etag)
{
	size_t before = etag->weak ? 3 : 1;
	size_t len = etag->opaque.len + before + 1;
	char *text = scim__arena_take(arena, len);

	if (text == NULL)
		return (scim_str){ NULL, 0 };
	memcpy(text, etag->weak ? "W/\"" : "\"", before);
	if (etag->opaque.len > 0)
		memcpy(text + before, etag->opaque.ptr, etag->opaque.len);
	text[len - 1] = '"';
	return (scim_str){ text, len };
}

/*
 * Reads the tags of one line, after those that `tags` holds already.  With
 * `tags` NULL it counts only.  False: malformed.
 */
static bool
read_line(scim_str line, scim_etag *tags, size_t *count)
{
	scim_etag etag;

	for (;;) {
		/* @spec 9110-5.6.1.2-01 Empty elements are ignored. */
		skip_space(&line);
		if (line.len == 0)
			return true;
		if (line.ptr[0] == ',') {
			skip(&line, 1);
			continue;
		}
		if (!take_tag(&line, &etag))
			return false;
		if (tags != NULL)
			tags[*count] = etag;
		(*count)++;
		skip_space(&line);
		if (line.len > 0 && line.ptr[0] != ',')
			return false;
	}
}

/* @spec 9110-5.3-01 All lines are one list. */
static bool
read_lines(const scim_str *lines, size_t line_count, scim_etag *tags,
    size_t *out_count)
{
	*out_count = 0;
	for (size_t i = 0; i < line_count; i++)
		if (!read_line(lines[i], tags, out_count))
			return false;
	return true;
}

/* @spec 9110-13.1.1-10, 9110-13.1.2-09 A star stands alone. */
static bool
is_star(const scim_str *lines, size_t count)
{
	if (count != 1)
		return false;
	scim_str line = lines[0];
	skip_space(&line);
	if (line.len == 0 || line.ptr[0] != '*')
		return false;
	skip(&line, 1);
	skip_space(&line);
	return line.len == 0;
}

scim_status
scim_etag_list_parse(scim_arena *arena, const scim_str *lines, size_t count,
    scim_etag_list *out, scim_error *err)
{
	size_t tag_count;

	SCIM__REQUIRE(err, arena != NULL);
	SCIM__REQUIRE(err, lines != NULL || count == 0);
	SCIM__REQUIRE(err, out != NULL);
	if (count == 0 || is_star(lines, count)) {
		*out = (scim_etag_list){
			count == 0 ? SCIM_ETAGS_ABSENT : SCIM_ETAGS_ANY, NULL, 0
		};
		return SCIM_OK;
	}
	if (!read_lines(lines, count, NULL, &tag_count)) {
		*out = (scim_etag_list){ SCIM_ETAGS_MALFORMED, NULL, 0 };
		return SCIM_OK;
	}
	if (tag_count > MOST_TAGS)
		return scim__fail(err, SCIM_ERR_TOO_LARGE,
		    "A conditional header holds more than %d entity tags; "
		    "send fewer.",
		    MOST_TAGS);
	scim_etag *tags = scim__arena_array(arena, tag_count, sizeof(*tags));
	if (tags == NULL)
		return scim__fail_memory(err);
	(void)read_lines(lines, count, tags, &tag_count);
	*out = (scim_etag_list){ SCIM_ETAGS_LIST, tags, tag_count };
	return SCIM_OK;
}
