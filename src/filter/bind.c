/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a filter means for a resource type.
 *
 * Everything that can be wrong with a filter is found here or by the parser,
 * so that evaluation has nothing to refuse: a name that no schema has, an
 * operator that makes no sense for a type, a value of another type.  The
 * value is turned into the form that the index holds, once, and evaluation
 * compares with just that.
 */
#include "filter/bind.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "filter/lex.h"
#include "schema/validate.h"

/* RFC 7643 section 3 has it outside of every schema. */
static const scim__attribute schemas_attribute = {
	.name = { "schemas", 7 },
	.path = { "schemas", 7 },
	.type = SCIM__TYPE_REFERENCE,
	.returned = SCIM__RETURNED_ALWAYS,
	.multi_valued = true,
	.required = true,
};

struct binder {
	const struct scim__filter_binding *to;
	struct scim__lexer where;      /* for positions */
	const scim__attribute *around; /* whose brackets; NULL: none */
};

static bool
is_secret(const scim__attribute *a)
{
	return scim__attribute_is_secret(a) ||
	    (a->parent != NULL && scim__attribute_is_secret(a->parent));
}

/* @spec 7644-3.4.2.2-03, 7644-3.4.2.2-34, 7644-3.4.2.2-35, 7643-4.1.1-17 */
const scim__attribute *
scim__filter_attribute(const scim_registry *registry,
    const scim__resource_type *type, scim_str path)
{
	const scim__attribute *a = scim__registry_path(registry, type, path);

	if (a == NULL && scim__str_equal_nocase(path, SCIM_STR("schemas")))
		a = &schemas_attribute;
	return a == NULL || is_secret(a) ? NULL : a;
}

static bool
another_type_knows(const struct scim__filter_binding *to, scim_str path)
{
	size_t count = scim__registry_type_count(to->registry);

	for (size_t i = 0; to->any_type && i < count; i++)
		if (scim__filter_attribute(to->registry,
			scim__registry_type_at(to->registry, i), path) != NULL)
			return true;
	return false;
}

/* A name inside brackets; `value` is the element of a simple attribute. */
static const scim__attribute *
find_inside(const scim__attribute *around, scim_str name, bool *out_is_element)
{
	const scim__attribute *a =
	    scim__attribute_find(around->sub, around->sub_count, name);

	*out_is_element = around->type != SCIM__TYPE_COMPLEX &&
	    scim__str_equal_nocase(name, SCIM_STR("value"));
	if (*out_is_element)
		return around;
	return a == NULL || is_secret(a) ? NULL : a;
}

static bool
names_secret(const struct scim__filter_binding *to, scim_str path)
{
	const scim__attribute *a =
	    scim__registry_path(to->registry, to->type, path);
	size_t count = scim__registry_type_count(to->registry);

	for (size_t i = 0; a == NULL && to->any_type && i < count; i++)
		a = scim__registry_path(to->registry,
		    scim__registry_type_at(to->registry, i), path);
	return a != NULL && is_secret(a);
}

static scim_status
fail_unknown(const struct binder *b, const struct scim__filter_node *node)
{
	/* @spec 7644-7.5.2-01 */
	if (b->to->of_query && b->around == NULL &&
	    names_secret(b->to, node->path))
		return scim__fail_type(b->where.err, SCIM_ERR_FORBIDDEN,
		    "sensitive",
		    "\"%.*s\" is kept from everyone: nothing is found by it, "
		    "and its value does not belong into an address.",
		    (int)(node->path.len < 60 ? node->path.len : 60),
		    node->path.ptr);
	scim_str of = b->around != NULL ? b->around->name : b->to->type->name;

	return scim__lex_fail(&b->where, node->at,
	    "\"%.*s\" is no attribute of %.*s to filter by",
	    (int)(node->path.len < 60 ? node->path.len : 60), node->path.ptr,
	    (int)(of.len < 60 ? of.len : 60), of.ptr);
}

/* "urn:…:User.department", as some providers write it. */
static const scim__attribute *
find_after_dot(const struct scim__filter_binding *to, scim_str path)
{
	const scim__attribute *a =
	    scim__registry_path_after_dot(to->registry, to->type, path);

	if (a == NULL || is_secret(a))
		return NULL;
	if (to->quirks != NULL)
		*to->quirks |= SCIM__QUIRK_URN_DOT;
	return a;
}

/* @spec 7644-3.4.2.1-04, 7644-3.4.2.2-27, 7644-3.4.2.2-47 */
static scim_status
find_attribute(const struct binder *b, struct scim__filter_node *node)
{
	if (b->around != NULL) {
		node->attribute =
		    find_inside(b->around, node->path, &node->is_element);
		return node->attribute != NULL ? SCIM_OK
					       : fail_unknown(b, node);
	}
	node->attribute =
	    scim__filter_attribute(b->to->registry, b->to->type, node->path);
	if (node->attribute == NULL && b->to->urn_dots)
		node->attribute = find_after_dot(b->to, node->path);
	if (node->attribute != NULL || another_type_knows(b->to, node->path))
		return SCIM_OK;
	return fail_unknown(b, node);
}

/* Which operators a type has, bit by bit. */
#define OP(name) (1u << SCIM__FILTER_##name)
#define SAME (OP(EQ) | OP(NE))
#define PARTS (OP(CO) | OP(SW) | OP(EW))
#define ORDER (OP(GT) | OP(GE) | OP(LT) | OP(LE))

/* @spec 7644-3.4.2.2-18, 7644-3.4.2.2-19, 7644-3.4.2.2-46 */
static unsigned
operators_of(enum scim__type type)
{
	switch (type) {
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_REFERENCE:
	case SCIM__TYPE_DATE_TIME:
		return SAME | PARTS | ORDER;
	case SCIM__TYPE_DECIMAL:
	case SCIM__TYPE_INTEGER:
		return SAME | ORDER;
	case SCIM__TYPE_BOOLEAN:
	case SCIM__TYPE_BINARY:
	case SCIM__TYPE_COMPLEX:
		break;
	}
	return SAME;
}

static scim_status
fail_value(const struct binder *b, const struct scim__filter_node *node,
    const char *kind)
{
	const scim__attribute *a = node->attribute;

	return scim__lex_fail(&b->where, node->value_at,
	    "%.*s is compared with %s",
	    (int)(a->path.len < 90 ? a->path.len : 90), a->path.ptr, kind);
}

/* Where a search goes on after a mismatch (Knuth, Morris and Pratt). */
static bool
make_skips(scim_arena *arena, struct scim__filter_node *node)
{
	scim_str s = node->text;
	uint32_t *skips = scim__arena_array(arena, s.len + 1, sizeof(*skips));
	uint32_t k = 0;

	if (skips == NULL)
		return false;
	for (size_t i = 1; i < s.len; i++) {
		while (k > 0 && s.ptr[i] != s.ptr[k])
			k = skips[k - 1];
		k += s.ptr[i] == s.ptr[k];
		skips[i] = k;
	}
	node->skips = skips;
	return true;
}

/* The ids of a relation are looked up exactly, whatever the schema says. */
static bool
is_exact(const scim__attribute *a)
{
	return a->case_exact || a->type == SCIM__TYPE_DATE_TIME ||
	    (a->parent != NULL && a->parent->relation);
}

/* @spec 7644-3.4.2.2-44, 7643-7-10 */
static scim_status
bind_text(const struct binder *b, struct scim__filter_node *node)
{
	scim_arena *arena = b->to->arena;
	bool exact = is_exact(node->attribute);

	if (node->value.kind != SCIM__STRING)
		return fail_value(b, node, "text in double quotes");
	node->as = exact ? SCIM__AS_TEXT : SCIM__AS_FOLDED;
	node->text = exact ? node->value.string
			   : scim__str_fold(arena, node->value.string);
	if (node->text.ptr == NULL)
		return scim__fail_memory(b->where.err);
	if (node->op == SCIM__FILTER_CO && !make_skips(arena, node))
		return scim__fail_memory(b->where.err);
	return SCIM_OK;
}

/* Directories send "True" in quotes. */
static scim_status
bind_boolean(const struct binder *b, struct scim__filter_node *node)
{
	const scim__value *v = &node->value;
	bool yes = v->kind == SCIM__BOOL && v->boolean;
	bool known = v->kind == SCIM__BOOL;

	if (v->kind == SCIM__STRING) {
		yes = scim__str_equal_nocase(v->string, SCIM_STR("true"));
		known =
		    yes || scim__str_equal_nocase(v->string, SCIM_STR("false"));
	}
	if (!known)
		return fail_value(b, node, "true or false");
	if (v->kind == SCIM__STRING && b->to->quirks != NULL)
		*b->to->quirks |= SCIM__QUIRK_STRING_BOOLEAN;
	node->as = SCIM__AS_BOOLEAN;
	node->integer = yes;
	return SCIM_OK;
}

static scim_status
bind_number(const struct binder *b, struct scim__filter_node *node)
{
	const scim__value *v = &node->value;

	if (v->kind != SCIM__INTEGER && v->kind != SCIM__REAL &&
	    v->kind != SCIM__BIG)
		return fail_value(b, node, "a number");
	node->as = node->attribute->type == SCIM__TYPE_INTEGER
	    ? SCIM__AS_INTEGER
	    : SCIM__AS_REAL;
	return SCIM_OK;
}

/* Part of a time is looked for as text. @spec 7644-3.4.2.2-20 */
static scim_status
bind_time(const struct binder *b, struct scim__filter_node *node)
{
	if (((1u << node->op) & PARTS) != 0)
		return bind_text(b, node);
	if (node->value.kind != SCIM__STRING ||
	    !scim__time_parse(node->value.string, &node->integer))
		return fail_value(
		    b, node, "a time such as \"2011-05-13T04:42:34Z\"");
	node->as = SCIM__AS_TIME;
	return SCIM_OK;
}

static scim_status
bind_typed(const struct binder *b, struct scim__filter_node *node)
{
	switch (node->attribute->type) {
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_REFERENCE:
	case SCIM__TYPE_BINARY:
		return bind_text(b, node);
	case SCIM__TYPE_BOOLEAN:
		return bind_boolean(b, node);
	case SCIM__TYPE_DECIMAL:
	case SCIM__TYPE_INTEGER:
		return bind_number(b, node);
	case SCIM__TYPE_DATE_TIME:
		return bind_time(b, node);
	case SCIM__TYPE_COMPLEX:
		break;
	}
	return scim__lex_fail(&b->where, node->at,
	    "%.*s has parts: name one of them after a dot",
	    (int)(node->attribute->path.len < 90 ? node->attribute->path.len
						 : 90),
	    node->attribute->path.ptr);
}

/* @spec 7644-3.4.2.2-40, 7644-3.4.2.2-48 */
static scim_status
bind_compare(const struct binder *b, struct scim__filter_node *node)
{
	const scim__attribute *a = node->attribute;
	bool null = node->value.kind == SCIM__NULL;

	if (a == NULL)
		return SCIM_OK;
	if (a->type == SCIM__TYPE_COMPLEX && !null) {
		const scim__attribute *value = scim__attribute_find(
		    a->sub, a->sub_count, SCIM_STR("value"));

		if (value != NULL && !is_secret(value))
			node->attribute = a = value;
	}
	unsigned may = null ? SAME : operators_of(a->type);
	if ((a->type != SCIM__TYPE_COMPLEX || null) &&
	    ((1u << node->op) & may) == 0)
		return scim__lex_fail(&b->where, node->at,
		    null ? "`%s` can't compare %.*s with null"
			 : "`%s` makes no sense for the type of %.*s",
		    scim__filter_op_names[node->op],
		    (int)(a->path.len < 90 ? a->path.len : 90), a->path.ptr);
	if (null)
		node->as = SCIM__AS_NULL;
	return null ? SCIM_OK : bind_typed(b, node);
}

static scim_status bind_list(const struct binder *b,
    const struct scim__filter_node *from, struct scim__filter_node **out);

/* @spec 7644-3.4.2.2-26 */
static scim_status
bind_within(const struct binder *b, const struct scim__filter_node *from,
    struct scim__filter_node *node)
{
	struct binder inside = *b;

	inside.around = node->attribute;
	if (node->attribute == NULL) {
		node->first = NULL;
		return SCIM_OK;
	}
	if (!node->attribute->multi_valued &&
	    node->attribute->type != SCIM__TYPE_COMPLEX)
		return scim__lex_fail(&b->where, node->at,
		    "%.*s has no parts to filter by in brackets",
		    (int)(node->path.len < 90 ? node->path.len : 90),
		    node->path.ptr);
	return bind_list(&inside, from->first, &node->first);
}

static scim_status
bind_node(const struct binder *b, const struct scim__filter_node *from,
    struct scim__filter_node *node)
{
	scim_status rc;

	switch (from->kind) {
	case SCIM__FILTER_AND:
	case SCIM__FILTER_OR:
	case SCIM__FILTER_NOT:
		return bind_list(b, from->first, &node->first);
	case SCIM__FILTER_PRESENT:
		return find_attribute(b, node);
	case SCIM__FILTER_WITHIN:
		rc = find_attribute(b, node);
		return rc != SCIM_OK ? rc : bind_within(b, from, node);
	case SCIM__FILTER_COMPARE:
		break;
	}
	rc = find_attribute(b, node);
	return rc != SCIM_OK ? rc : bind_compare(b, node);
}

/* Goes no deeper than the parser did. */
static scim_status
bind_list(const struct binder *b, const struct scim__filter_node *from,
    struct scim__filter_node **out)
{
	for (; from != NULL; from = from->next) {
		struct scim__filter_node *node =
		    scim_arena_alloc(b->to->arena, sizeof(*node));

		if (node == NULL)
			return scim__fail_memory(b->where.err);
		*node = *from;
		node->next = NULL;
		scim_status rc = bind_node(b, from, node);
		if (rc != SCIM_OK)
			return rc;
		*out = node;
		out = &node->next;
	}
	return SCIM_OK;
}

scim_status
scim__filter_bind_within(const struct scim__filter_binding *binding,
    const scim__filter *tree, const scim__attribute *around, scim__filter *out,
    scim_error *err)
{
	struct binder b = { .to = binding,
		.where = { .text = tree->text,
		    .scim_type = "invalidFilter",
		    .err = err },
		.around = around };
	struct scim__filter_node *root = NULL;
	scim_status rc = bind_list(&b, tree->root, &root);

	if (rc == SCIM_OK)
		*out = (scim__filter){ tree->text, root };
	return rc;
}

scim_status
scim__filter_bind(const struct scim__filter_binding *binding,
    const scim__filter *tree, scim__filter *out, scim_error *err)
{
	return scim__filter_bind_within(binding, tree, NULL, out, err);
}
