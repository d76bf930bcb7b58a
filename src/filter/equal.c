/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter `attribute eq value`.
 *
 * The value is JSON; quoting it right is the client's duty, because guessing
 * where an unquoted value ends is how two servers come to answer differently.
 */
#include "filter/equal.h"

#include "base/error.h"
#include "base/str.h"
#include "json/json.h"

static scim_str
trim(scim_str s)
{
	while (s.len > 0 && s.ptr[0] == ' ') {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* Takes what stands before the next blank. */
static scim_str
take_word(scim_str *rest)
{
	scim_str word = { rest->ptr, 0 };

	while (word.len < rest->len && rest->ptr[word.len] != ' ')
		word.len++;
	rest->ptr += word.len;
	rest->len -= word.len;
	*rest = trim(*rest);
	return word;
}

static bool
is_operator(scim_str word)
{
	static const char *const operators[] = { "ne", "co", "sw", "ew", "pr",
		"gt", "ge", "lt", "le", NULL };

	for (size_t i = 0; operators[i] != NULL; i++)
		if (scim__str_equal_nocase(word, scim__str(operators[i])))
			return true;
	return false;
}

static scim_status
not_yet(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "Only `attribute eq value` on an indexed attribute is answered "
	    "as a filter.");
}

static scim_status
read_value(scim_arena *arena, scim_str text, scim__value *out, scim_error *err)
{
	scim__json_limits limits = { text.len, 2 };

	scim_status rc = scim__json_parse(arena, text, &limits, out, err);

	if (rc == SCIM_OK || rc == SCIM_ERR_NO_MEMORY)
		return rc;
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidFilter",
	    "The value in the filter is not JSON: put text in double quotes.");
}

/* Grouping, value paths and negation begin or go on with other words. */
static bool
is_richer(scim_str word, scim_str relation)
{
	return word.len > 0 &&
	    (word.ptr[0] == '(' || memchr(word.ptr, '[', word.len) != NULL ||
		scim__str_equal_nocase(word, SCIM_STR("not")) ||
		is_operator(relation));
}

/* `"a" and b eq "c"` is no value: its string ends before the end. */
static bool
goes_on(scim_str rest)
{
	for (size_t i = 1; i < rest.len && rest.ptr[0] == '"'; i++) {
		if (rest.ptr[i] == '\\')
			i++;
		else if (rest.ptr[i] == '"')
			return i + 1 < rest.len && rest.ptr[i + 1] == ' ';
	}
	return false;
}

scim_status
scim__filter_equal(scim_arena *arena, const scim_registry *registry,
    const scim__resource_type *type, scim_str text, scim_index_row *out,
    scim_error *err)
{
	scim_str rest = trim(text);
	scim_str word = take_word(&rest);
	scim_str relation = take_word(&rest);
	scim__value value;

	if (is_richer(word, relation))
		return not_yet(err);
	if (!scim__str_equal_nocase(relation, SCIM_STR("eq")))
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidFilter",
		    "A filter is `attribute operator value`, such as "
		    "userName eq \"bjensen\".");
	if (goes_on(rest))
		return not_yet(err);
	scim_status rc = read_value(arena, rest, &value, err);
	if (rc != SCIM_OK)
		return rc;

	const scim__attribute *attribute =
	    scim__registry_path(registry, type, word);
	if (attribute == NULL)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidFilter",
		    "The filter names an attribute that no schema of %.*s "
		    "has.",
		    (int)type->name.len, type->name.ptr);
	if (!attribute->indexed)
		return not_yet(err);
	out->attribute = attribute->path;
	return scim__index_value(arena, attribute, &value, &out->value, err);
}
