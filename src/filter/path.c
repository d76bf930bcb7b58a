/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths.
 *
 * A path is a filter's attribute path, or one with brackets, or one with
 * brackets and a sub-attribute after them; so the filter's own lexer and
 * parser read it.  Whether an operation may touch what it names is not asked
 * here: a path to a password is a path.
 */
#include "filter/path.h"

#include "base/error.h"
#include "base/str.h"

static scim_status
fail_unknown(const struct scim__parser *p, const struct scim__token *word,
    const scim__resource_type *type)
{
	return scim__lex_fail(&p->lexer, word->at,
	    "\"%.*s\" is no attribute of %.*s",
	    (int)(word->text.len < 90 ? word->text.len : 90), word->text.ptr,
	    (int)(type->name.len < 60 ? type->name.len : 60), type->name.ptr);
}

static const scim__schema *
find_extension(const scim__resource_type *type, scim_str urn)
{
	for (size_t i = 0; i < type->extension_count; i++)
		if (scim__str_equal_nocase(type->extensions[i].schema->id, urn))
			return type->extensions[i].schema;
	return NULL;
}

/* The attribute or extension of the first word. */
static scim_status
find_target(const struct scim__filter_binding *b, const struct scim__parser *p,
    const struct scim__token *word, struct scim__path *path)
{
	const scim__attribute *a =
	    scim__registry_path(b->registry, b->type, word->text);

	if (a == NULL)
		a = scim__filter_attribute(b->registry, b->type, word->text);
	if (a == NULL)
		path->extension = find_extension(b->type, word->text);
	if (a == NULL && path->extension == NULL)
		return fail_unknown(p, word, b->type);
	if (a != NULL) {
		path->attribute = a->parent != NULL ? a->parent : a;
		path->sub = a->parent != NULL ? a : NULL;
	}
	return SCIM_OK;
}

static scim_status
parse_filter(const struct scim__filter_binding *b, struct scim__parser *p,
    struct scim__path *path)
{
	scim__filter tree = { p->lexer.text, NULL };
	size_t at = p->token.at;

	if (path->attribute == NULL || path->sub != NULL ||
	    (!path->attribute->multi_valued &&
		path->attribute->type != SCIM__TYPE_COMPLEX))
		return scim__lex_fail(&p->lexer, at,
		    "Brackets choose among the values of an attribute, and "
		    "this has none to choose from");
	p->lexer.scim_type = "invalidFilter";
	scim_status rc = scim__parser_brackets(p, 0, &tree.root);
	if (rc == SCIM_OK)
		rc = scim__filter_bind_within(
		    b, &tree, path->attribute, &path->filter, p->lexer.err);
	p->lexer.scim_type = "invalidPath";
	path->has_filter = true;
	return rc;
}

/* `.sub` right behind the brackets. */
static scim_status
parse_sub(const struct scim__filter_binding *b, struct scim__parser *p,
    struct scim__path *path)
{
	struct scim__token word = p->token;

	if (word.kind != SCIM__TOKEN_WORD || word.spaced ||
	    word.text.ptr[0] != '.')
		return SCIM_OK;
	word.text = (scim_str){ word.text.ptr + 1, word.text.len - 1 };
	word.at++;
	path->sub = scim__attribute_find(
	    path->attribute->sub, path->attribute->sub_count, word.text);
	if (path->sub == NULL)
		return fail_unknown(p, &word, b->type);
	return scim__parser_advance(p);
}

static scim_status
parse_path(const struct scim__filter_binding *b, struct scim__parser *p,
    struct scim__path *path)
{
	struct scim__token word = p->token;

	if (word.kind != SCIM__TOKEN_WORD)
		return scim__lex_fail(
		    &p->lexer, word.at, "The name of an attribute is missing");
	scim_status rc = find_target(b, p, &word, path);
	if (rc == SCIM_OK)
		rc = scim__parser_advance(p);
	if (rc == SCIM_OK && p->token.kind == SCIM__TOKEN_OPEN_BRACKET &&
	    !p->token.spaced) {
		rc = parse_filter(b, p, path);
		if (rc == SCIM_OK)
			rc = parse_sub(b, p, path);
	}
	if (rc == SCIM_OK && p->token.kind != SCIM__TOKEN_END)
		rc = scim__lex_fail(
		    &p->lexer, p->token.at, "The path should end here");
	return rc;
}

/* @spec 7644-3.5.2-08, 7644-3.5.2-09, 7644-3.5.2-10, 7644-3.5.2-25 */
scim_status
scim__path_parse(const struct scim__filter_binding *binding, scim_str text,
    const struct scim__filter_limits *limits, struct scim__path *out,
    scim_error *err)
{
	struct scim__parser p;
	struct scim__path path = { .extension = NULL };
	scim_status rc = scim__parser_begin(
	    &p, binding->arena, text, limits, "invalidPath", err);

	if (rc == SCIM_OK)
		rc = parse_path(binding, &p, &path);
	if (rc == SCIM_OK)
		*out = path;
	return rc;
}

void
scim__path_print(scim__buf *buf, const struct scim__path *path)
{
	if (path->extension != NULL) {
		scim__buf_add(buf, path->extension->id);
		return;
	}
	scim__buf_add(buf, path->attribute->path);
	if (path->has_filter) {
		scim__buf_add_char(buf, '[');
		scim__filter_print(buf, path->filter.root);
		scim__buf_add_char(buf, ']');
	}
	if (path->sub != NULL) {
		scim__buf_add_char(buf, '.');
		scim__buf_add(buf, path->sub->name);
	}
}
