/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From text to tree, by recursive descent.
 *
 * A function calls itself only for what stands in parentheses or brackets,
 * and how deep those may go is a limit given from outside; chains of `and`
 * and `or` are lists.  Blanks are required where the grammar has them.  One
 * form is let in that the grammar does not have, because directories ask for
 * it: a[…].b op value, which is a[(…) and b op value].
 */
#include "filter/parse.h"

#include "base/error.h"
#include "base/str.h"
#include "json/json.h"

const char *const scim__filter_op_names[9] = {
	[SCIM__FILTER_EQ] = "eq",
	[SCIM__FILTER_NE] = "ne",
	[SCIM__FILTER_CO] = "co",
	[SCIM__FILTER_SW] = "sw",
	[SCIM__FILTER_EW] = "ew",
	[SCIM__FILTER_GT] = "gt",
	[SCIM__FILTER_GE] = "ge",
	[SCIM__FILTER_LT] = "lt",
	[SCIM__FILTER_LE] = "le",
};

/* A word as it may be shown to its sender again. */
#define SHOWN(text) (int)((text).len < 40 ? (text).len : 40), (text).ptr

static scim_status parse_chain(struct scim__parser *p,
    enum scim__filter_kind kind, size_t depth, struct scim__filter_node **out);

scim_status
scim__parser_advance(struct scim__parser *p)
{
	return scim__lex(&p->lexer, &p->token);
}

static scim_status
fail_here(const struct scim__parser *p, const char *sentence)
{
	return scim__lex_fail(&p->lexer, p->token.at, "%s", sentence);
}

static bool
is_mark(const struct scim__parser *p, enum scim__token_kind kind)
{
	return p->token.kind == kind;
}

static bool
is_keyword(const struct scim__token *token, const char *keyword)
{
	return token->kind == SCIM__TOKEN_WORD &&
	    scim__str_equal_nocase(token->text, scim__str(keyword));
}

static scim_status
new_node(struct scim__parser *p, enum scim__filter_kind kind, size_t at,
    struct scim__filter_node **out)
{
	if (p->nodes == p->limits->nodes) {
		(void)scim__lex_fail(&p->lexer, at,
		    "The filter has more than %zu parts", p->limits->nodes);
		return SCIM_ERR_INVALID; /* where an analyzer sees it too */
	}
	p->nodes++;
	struct scim__filter_node *node =
	    scim_arena_alloc(p->arena, sizeof(*node));
	if (node == NULL)
		return scim__fail_memory(p->lexer.err);
	node->kind = kind;
	node->at = at;
	*out = node;
	return SCIM_OK;
}

static scim_status
check_depth(const struct scim__parser *p, size_t depth)
{
	if (depth <= p->limits->depth)
		return SCIM_OK;
	return scim__lex_fail(&p->lexer, p->token.at,
	    "The filter is nested more than %zu deep", p->limits->depth);
}

/* @spec 7644-3.4.2.2-31, 7644-3.4.2.2-32, 7644-3.4.2.2-33 */
static scim_status
parse_value(struct scim__parser *p, scim__value *out)
{
	scim_str text = p->token.text;
	scim__json_limits limits = { text.len, 1 };

	if (is_keyword(&p->token, "true"))
		text = SCIM_STR("true");
	else if (is_keyword(&p->token, "false"))
		text = SCIM_STR("false");
	scim_status rc = scim__json_parse(p->arena, text, &limits, out, NULL);
	if (rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(p->lexer.err);
	if (rc == SCIM_OK)
		return SCIM_OK;
	return fail_here(p,
	    p->token.kind == SCIM__TOKEN_STRING
		? "The text is not a JSON string"
		: "The value is not true, false, null or a number; text goes "
		  "in double quotes");
}

static int
find_operator(scim_str word)
{
	for (int i = 0; i < 9; i++)
		if (scim__str_equal_nocase(
			word, scim__str(scim__filter_op_names[i])))
			return i;
	return -1;
}

/* `op value` or `pr` after a path. @spec 7644-3.4.2.2-04, 7644-3.4.2.2-06 */
static scim_status
parse_comparison(struct scim__parser *p, scim_str path, size_t at,
    struct scim__filter_node **out)
{
	struct scim__filter_node *node = NULL;

	if (!is_mark(p, SCIM__TOKEN_WORD) || !p->token.spaced)
		return fail_here(p, "An operator is missing, such as eq");
	bool present = is_keyword(&p->token, "pr");
	int op = find_operator(p->token.text);
	if (op < 0 && !present) /* @spec 7644-3.4.2.2-43 */
		return scim__lex_fail(&p->lexer, p->token.at,
		    "The operator '%.*s' is not supported",
		    SHOWN(p->token.text));
	scim_status rc = new_node(p,
	    present ? SCIM__FILTER_PRESENT : SCIM__FILTER_COMPARE, at, &node);
	if (rc == SCIM_OK)
		rc = scim__parser_advance(p);
	if (rc != SCIM_OK)
		return rc;
	node->path = path;
	*out = node;
	if (present)
		return SCIM_OK;
	if ((!is_mark(p, SCIM__TOKEN_WORD) &&
		!is_mark(p, SCIM__TOKEN_STRING)) ||
	    !p->token.spaced)
		return fail_here(p, "A value to compare with is missing");
	node->op = (enum scim__filter_op)op;
	node->value_at = p->token.at;
	rc = parse_value(p, &node->value);
	return rc != SCIM_OK ? rc : scim__parser_advance(p);
}

scim_status
scim__parser_brackets(
    struct scim__parser *p, size_t depth, struct scim__filter_node **out)
{
	if (p->in_brackets) /* @spec 7644-3.4.2.2-28 */
		return fail_here(p, "Brackets can't stand inside of brackets");
	scim_status rc = check_depth(p, depth + 1);
	if (rc == SCIM_OK)
		rc = scim__parser_advance(p);
	p->in_brackets = true;
	if (rc == SCIM_OK)
		rc = parse_chain(p, SCIM__FILTER_OR, depth + 1, out);
	p->in_brackets = false;
	if (rc != SCIM_OK)
		return rc;
	if (!is_mark(p, SCIM__TOKEN_CLOSE_BRACKET))
		return fail_here(p, "`and`, `or` or ] is missing");
	return scim__parser_advance(p);
}

/* a[…].b op value: one more operand inside the brackets. */
static scim_status
parse_tail(struct scim__parser *p, struct scim__filter_node **within)
{
	struct scim__filter_node *both = NULL, *tail = NULL;
	scim_str sub = { p->token.text.ptr + 1, p->token.text.len - 1 };
	size_t at = p->token.at + 1;

	if (sub.len == 0)
		return scim__lex_fail(
		    &p->lexer, at, "The name of a sub-attribute is missing");
	scim_status rc = new_node(p, SCIM__FILTER_AND, (*within)->at, &both);
	if (rc == SCIM_OK)
		rc = scim__parser_advance(p);
	if (rc == SCIM_OK)
		rc = parse_comparison(p, sub, at, &tail);
	if (rc != SCIM_OK)
		return rc;
	both->first = *within;
	both->first->next = tail;
	*within = both;
	return SCIM_OK;
}

/* @spec 7644-3.4.2.2-25, 7644-3.4.2.2-29 */
static scim_status
parse_within(struct scim__parser *p, scim_str path, size_t at, size_t depth,
    struct scim__filter_node **out)
{
	struct scim__filter_node *node = NULL;
	scim_status rc = new_node(p, SCIM__FILTER_WITHIN, at, &node);

	if (rc != SCIM_OK)
		return rc;
	node->path = path;
	rc = scim__parser_brackets(p, depth, &node->first);
	if (rc == SCIM_OK && is_mark(p, SCIM__TOKEN_WORD) && !p->token.spaced &&
	    p->token.text.ptr[0] == '.')
		rc = parse_tail(p, &node->first);
	if (rc == SCIM_OK)
		*out = node;
	return rc;
}

/* @spec 7644-3.4.2.2-24 */
static scim_status
parse_group(
    struct scim__parser *p, size_t depth, struct scim__filter_node **out)
{
	scim_status rc = check_depth(p, depth + 1);

	if (rc == SCIM_OK)
		rc = scim__parser_advance(p);
	if (rc == SCIM_OK)
		rc = parse_chain(p, SCIM__FILTER_OR, depth + 1, out);
	if (rc != SCIM_OK)
		return rc;
	if (!is_mark(p, SCIM__TOKEN_CLOSE))
		return fail_here(p, "`and`, `or` or ) is missing");
	return scim__parser_advance(p);
}

/* @spec 7644-3.4.2.2-36 */
static scim_status
parse_not(struct scim__parser *p, size_t at, size_t depth,
    struct scim__filter_node **out)
{
	struct scim__filter_node *node = NULL;
	scim_status rc = new_node(p, SCIM__FILTER_NOT, at, &node);

	if (rc == SCIM_OK)
		rc = parse_group(p, depth, &node->first);
	if (rc == SCIM_OK)
		*out = node;
	return rc;
}

static scim_status
parse_term(struct scim__parser *p, size_t depth, struct scim__filter_node **out)
{
	struct scim__token word = p->token;

	if (is_mark(p, SCIM__TOKEN_OPEN))
		return parse_group(p, depth, out);
	if (!is_mark(p, SCIM__TOKEN_WORD))
		return fail_here(p,
		    "An expression is missing, such as userName eq "
		    "\"bjensen\"");
	scim_status rc = scim__parser_advance(p);
	if (rc != SCIM_OK)
		return rc;
	if (is_mark(p, SCIM__TOKEN_OPEN) && is_keyword(&word, "not"))
		return parse_not(p, word.at, depth, out);
	if (is_mark(p, SCIM__TOKEN_OPEN_BRACKET) && !p->token.spaced)
		return parse_within(p, word.text, word.at, depth, out);
	return parse_comparison(p, word.text, word.at, out);
}

static scim_status
parse_operand(struct scim__parser *p, enum scim__filter_kind kind, size_t depth,
    struct scim__filter_node **out)
{
	return kind == SCIM__FILTER_OR
	    ? parse_chain(p, SCIM__FILTER_AND, depth, out)
	    : parse_term(p, depth, out);
}

/* The keyword between two operands, with a blank on both sides. */
static scim_status
take_keyword(struct scim__parser *p)
{
	struct scim__token keyword = p->token;
	scim_status rc = scim__parser_advance(p);

	if (rc != SCIM_OK || (keyword.spaced && p->token.spaced))
		return rc;
	return scim__lex_fail(&p->lexer,
	    keyword.spaced ? p->token.at : keyword.at,
	    "`and` and `or` stand between blanks");
}

/* @spec 7644-3.4.2.2-07, 7644-3.4.2.2-37 */
static scim_status
parse_chain(struct scim__parser *p, enum scim__filter_kind kind, size_t depth,
    struct scim__filter_node **out)
{
	const char *keyword = kind == SCIM__FILTER_OR ? "or" : "and";
	struct scim__filter_node *chain = NULL, *last = NULL;
	scim_status rc = parse_operand(p, kind, depth, &last);

	if (rc != SCIM_OK)
		return rc;
	if (!is_keyword(&p->token, keyword)) {
		*out = last;
		return SCIM_OK;
	}
	rc = new_node(p, kind, last->at, &chain);
	if (rc != SCIM_OK)
		return rc;
	chain->first = last;
	while (rc == SCIM_OK && is_keyword(&p->token, keyword)) {
		rc = take_keyword(p);
		if (rc == SCIM_OK)
			rc = parse_operand(p, kind, depth, &last->next);
		if (rc == SCIM_OK)
			last = last->next;
	}
	if (rc == SCIM_OK)
		*out = chain;
	return rc;
}

scim_status
scim__parser_begin(struct scim__parser *p, scim_arena *arena, scim_str text,
    const struct scim__filter_limits *limits, const char *scim_type,
    scim_error *err)
{
	*p = (struct scim__parser){ .arena = arena,
		.lexer = { .text = text, .scim_type = scim_type, .err = err },
		.limits = limits };
	if (text.len > limits->bytes)
		return scim__fail_type(err, SCIM_ERR_INVALID, scim_type,
		    "The filter or path is longer than %zu bytes.",
		    limits->bytes);
	return scim__parser_advance(p);
}

/* @spec 7644-3.4.2.2-05, 7644-3.4.2.2-30 */
scim_status
scim__filter_parse(scim_arena *arena, scim_str text,
    const struct scim__filter_limits *limits, scim__filter *out,
    scim_error *err)
{
	struct scim__parser p;
	struct scim__filter_node *root = NULL;
	scim_status rc =
	    scim__parser_begin(&p, arena, text, limits, "invalidFilter", err);

	if (rc == SCIM_OK)
		rc = parse_chain(&p, SCIM__FILTER_OR, 0, &root);
	if (rc == SCIM_OK && !is_mark(&p, SCIM__TOKEN_END))
		rc = fail_here(&p, "`and` or `or` is missing");
	if (rc == SCIM_OK)
		*out = (scim__filter){ text, root };
	return rc;
}
