/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reads the header fields that matter to SCIM: what the content is, who
 * asks, and what must hold.  A field that may be sent once and came twice
 * means nothing we could know, and is refused; conditional fields are lists
 * over all their lines (RFC 9110 section 5.3).
 */

#include "http/fields.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define KEY_MOST 255 /* characters of an Idempotency-Key */

bool
scim__fields_all(const scim__message *message, scim_str name, scim_arena *arena,
    const scim_str **out, size_t *out_count)
{
	scim_str *values = NULL;
	size_t count = 0;

	for (size_t i = 0; i < message->field_count; i++) {
		if (!scim__str_equal_nocase(message->fields[i].name, name))
			continue;
		if (values == NULL)
			values = scim__arena_array(
			    arena, message->field_count - i, sizeof(*values));
		if (values == NULL)
			return false;
		values[count++] = message->fields[i].value;
	}
	*out = values;
	*out_count = count;
	return true;
}

/* How many fields of that name there are; `out` becomes the last's value. */
static size_t
find(const scim__message *message, scim_str name, scim_str *out)
{
	size_t count = 0;

	for (size_t i = 0; i < message->field_count; i++) {
		if (!scim__str_equal_nocase(message->fields[i].name, name))
			continue;
		*out = message->fields[i].value;
		count++;
	}
	return count;
}

bool
scim__fields_has(const scim__message *message, scim_str name)
{
	scim_str value;

	return find(message, name, &value) > 0;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static bool
is_b64token(scim_str s)
{
	size_t i = 0;

	while (i < s.len &&
	    (is_alnum(s.ptr[i]) || memchr("-._~+/", s.ptr[i], 6) != NULL))
		i++;
	if (i == 0)
		return false;
	while (i < s.len && s.ptr[i] == '=')
		i++;
	return i == s.len;
}

enum scim__bearer
scim__fields_bearer(const scim__message *message, scim_str *out)
{
	static const scim_str scheme = { "Bearer", 6 };
	scim_str value;
	size_t count = find(message, SCIM_STR("Authorization"), &value);

	if (count == 0)
		return SCIM__BEARER_NONE;
	if (count > 1)
		return SCIM__BEARER_TWICE;
	if (value.len <= scheme.len || value.ptr[scheme.len] != ' ' ||
	    !scim__str_equal_nocase(
		(scim_str){ value.ptr, scheme.len }, scheme))
		return SCIM__BEARER_MALFORMED;
	while (value.len > scheme.len && value.ptr[scheme.len] == ' ') {
		value.ptr++;
		value.len--;
	}
	value = (scim_str){ value.ptr + scheme.len, value.len - scheme.len };
	if (!is_b64token(value))
		return SCIM__BEARER_MALFORMED;
	*out = value;
	return SCIM__BEARER_TOKEN;
}

static scim_str
trim(scim_str s)
{
	while (s.len > 0 && (*s.ptr == ' ' || *s.ptr == '\t')) {
		s.ptr++;
		s.len--;
	}
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* The part before `;`, trimmed; `s` becomes what is behind it. */
static scim_str
cut_parameter(scim_str *s)
{
	const char *at = s->len == 0 ? NULL : memchr(s->ptr, ';', s->len);
	scim_str head = *s;

	if (at == NULL) {
		*s = (scim_str){ s->ptr + s->len, 0 };
		return trim(head);
	}
	head.len = (size_t)(at - s->ptr);
	*s = (scim_str){ at + 1, s->len - head.len - 1 };
	return trim(head);
}

static bool
is_utf8_or_no_charset(scim_str parameter)
{
	static const scim_str name = { "charset=", 8 };

	if (parameter.len < name.len ||
	    !scim__str_equal_nocase(
		(scim_str){ parameter.ptr, name.len }, name))
		return true;
	scim_str value = { parameter.ptr + name.len, parameter.len - name.len };
	return scim__str_equal_nocase(value, SCIM_STR("utf-8")) ||
	    scim__str_equal_nocase(value, SCIM_STR("\"utf-8\""));
}

bool
scim__fields_is_merge(const scim__message *message)
{
	scim_str value = { "", 0 };

	return message->method == SCIM__METHOD_PATCH &&
	    find(message, SCIM_STR("Content-Type"), &value) == 1 &&
	    scim__str_equal_nocase(
		cut_parameter(&value), SCIM_STR(SCIM__MERGE_MEDIA));
}

static bool
is_json(const scim__message *message, scim_str media)
{
	scim_str type = cut_parameter(&media);

	if (!scim__str_equal_nocase(type, SCIM_STR("application/scim+json")) &&
	    !scim__str_equal_nocase(type, SCIM_STR("application/json")) &&
	    !scim__fields_is_merge(message))
		return false;
	while (media.len > 0)
		if (!is_utf8_or_no_charset(cut_parameter(&media)))
			return false;
	return true;
}

/* @spec 7644-3.8-07 @spec 7644-8.1-01 @spec 9110-15.5.16-01 */
int
scim__fields_check_media(const scim__message *message, scim_error *err)
{
	scim_str value;
	size_t count = find(message, SCIM_STR("Content-Type"), &value);

	if (count > 1 || (count == 1 && !is_json(message, value))) {
		(void)scim__fail(err, SCIM_ERR_INVALID,
		    "Send Content-Type application/scim+json or "
		    "application/json, in UTF-8.");
		return 415;
	}
	count = find(message, SCIM_STR("Content-Encoding"), &value);
	if (count > 1 ||
	    (count == 1 &&
		!scim__str_equal_nocase(value, SCIM_STR("identity")))) {
		(void)scim__fail(err, SCIM_ERR_INVALID,
		    "Send the content without a Content-Encoding.");
		return 415;
	}
	return 0;
}

/* @spec 9110-5.3-01 */
int
scim__fields_preconditions(scim_arena *arena, const scim__message *message,
    int64_t now_ms, scim_preconditions *out, scim_error *err)
{
	scim_precondition_lines lines = { .if_match = NULL };
	scim_status rc = SCIM_ERR_NO_MEMORY;

	if (scim__fields_all(message, SCIM_STR("If-Match"), arena,
		&lines.if_match, &lines.if_match_count) &&
	    scim__fields_all(message, SCIM_STR("If-None-Match"), arena,
		&lines.if_none_match, &lines.if_none_match_count) &&
	    scim__fields_all(message, SCIM_STR("If-Unmodified-Since"), arena,
		&lines.if_unmodified_since, &lines.if_unmodified_since_count) &&
	    scim__fields_all(message, SCIM_STR("If-Modified-Since"), arena,
		&lines.if_modified_since, &lines.if_modified_since_count))
		rc = scim_preconditions_parse(arena, &lines, now_ms, out, err);
	else
		(void)scim__fail_memory(err);
	if (rc == SCIM_OK)
		return 0;
	return rc == SCIM_ERR_TOO_LARGE ? 431 : 503;
}

/* Commas would let two fields, joined on the way, pass for one. */
static bool
is_bare_key(scim_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' ||
		    memchr("\",;\\", s.ptr[i], 4) != NULL)
			return false;
	return s.len > 0;
}

/* What is between quotes, without them; false: it is malformed. */
static bool
unquote(scim_str s, char *out, size_t *out_len)
{
	size_t len = 0, i = 1;

	for (; i + 1 < s.len; i++) {
		bool is_escape = s.ptr[i] == '\\';

		i += is_escape;
		if (i + 1 == s.len || s.ptr[i] < ' ' || s.ptr[i] > '~' ||
		    (memchr("\"\\", s.ptr[i], 2) != NULL) != is_escape)
			return false;
		out[len++] = s.ptr[i];
	}
	*out_len = len;
	return i + 1 == s.len && s.ptr[i] == '"' && len > 0;
}

static int
fail_key(scim_error *err)
{
	(void)scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "Send one Idempotency-Key of 1 to %d characters, in quotes: "
	    "\"8e03978e-40d5-43e8-bc93-6894a57f9324\".",
	    KEY_MOST);
	return 400;
}

int
scim__fields_idempotency(scim_arena *arena, const scim__message *message,
    scim_str *out, scim_error *err)
{
	scim_str value = { "", 0 };
	size_t count = find(message, SCIM_STR("Idempotency-Key"), &value);

	*out = (scim_str){ NULL, 0 };
	if (count == 0)
		return 0;
	if (count > 1 || value.len == 0 || value.len > 2 * KEY_MOST + 2)
		return fail_key(err);
	if (value.ptr[0] == '"') {
		char *text = scim_arena_alloc(arena, value.len);

		if (text == NULL) {
			(void)scim__fail_memory(err);
			return 503;
		}
		if (!unquote(value, text, &value.len))
			return fail_key(err);
		value.ptr = text;
	} else if (!is_bare_key(value)) {
		return fail_key(err);
	}
	if (value.len > KEY_MOST)
		return fail_key(err);
	*out = value;
	return 0;
}

/* Cuts off what is before `separator` outside of quotes. */
static scim_str
cut_quoted(scim_str *s, char separator)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < s->len && (quoted || s->ptr[i] != separator); i++) {
		if (quoted && s->ptr[i] == '\\' && i + 1 < s->len)
			i++;
		else if (s->ptr[i] == '"')
			quoted = !quoted;
	}
	scim_str head = { s->ptr, i < s->len ? i : s->len };
	size_t used = i < s->len ? i + 1 : s->len;

	*s = (scim_str){ s->ptr + used, s->len - used };
	return trim(head);
}

/* One preference: its name, and its value without quotes. */
static scim_str
cut_preference(scim_str text, scim_str *out_value)
{
	scim_str value = cut_quoted(&text, ';');
	scim_str name = cut_quoted(&value, '=');

	value = trim(value);
	if (value.len >= 2 && value.ptr[0] == '"' &&
	    value.ptr[value.len - 1] == '"')
		value = (scim_str){ value.ptr + 1, value.len - 2 };
	*out_value = value;
	return name;
}

/* Those other than `return` say nothing here. */
static scim_prefer
read_preference(scim_str text)
{
	scim_str value;
	scim_str name = cut_preference(text, &value);

	if (!scim__str_equal_nocase(name, SCIM_STR("return")))
		return SCIM_PREFER_NOTHING;
	if (scim__str_equal(value, SCIM_STR("minimal")))
		return SCIM_PREFER_MINIMAL;
	if (scim__str_equal(value, SCIM_STR("representation")))
		return SCIM_PREFER_REPRESENTATION;
	return SCIM_PREFER_NOTHING;
}

/* @spec 7240-2-02, 7240-4.2-01 */
scim_prefer
scim__fields_prefer(const scim__message *message)
{
	scim_prefer found = SCIM_PREFER_NOTHING;

	for (size_t i = 0; i < message->field_count; i++) {
		scim_str rest = message->fields[i].value;

		if (!scim__str_equal_nocase(
			message->fields[i].name, SCIM_STR("Prefer")))
			continue;
		while (rest.len > 0) {
			scim_prefer next =
			    read_preference(cut_quoted(&rest, ','));

			if (next == SCIM_PREFER_NOTHING || next == found)
				continue;
			if (found != SCIM_PREFER_NOTHING)
				return SCIM_PREFER_NOTHING;
			found = next;
		}
	}
	return found;
}

bool
scim__fields_prefers(
    const scim__message *message, scim_str wanted, scim_str value)
{
	for (size_t i = 0; i < message->field_count; i++) {
		scim_str rest = message->fields[i].value;

		if (!scim__str_equal_nocase(
			message->fields[i].name, SCIM_STR("Prefer")))
			continue;
		while (rest.len > 0) {
			scim_str given;
			scim_str name =
			    cut_preference(cut_quoted(&rest, ','), &given);

			if (scim__str_equal_nocase(name, wanted))
				return scim__str_equal(given, value);
		}
	}
	return false;
}
