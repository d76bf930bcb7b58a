/* SPDX-License-Identifier: Apache-2.0 */
#include "filtering.h"

/* What the parser makes of it is what was printed. */
static bool
same(const struct scim__filter_node *a, const struct scim__filter_node *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (a->kind != b->kind || a->op != b->op ||
		    !scim__str_equal(a->path, b->path) ||
		    !scim__value_equal(&a->value, &b->value) ||
		    !same(a->first, b->first))
			return false;
	return a == NULL && b == NULL;
}

/* Random trees, drawn as the parser would build them. */
struct drawing {
	scim_arena *arena;
	uint32_t seed;
};

static uint32_t
draw(struct drawing *d, uint32_t below)
{
	d->seed = d->seed * 1664525u + 1013904223u;
	return (d->seed >> 8) % below;
}

static scim__value
draw_value(struct drawing *d)
{
	static const char *const texts[] = { "", "a", "a\"b\\", "\xC3\xA9\n",
		"not (x pr)", "\xF0\x9F\x98\x80]" };

	switch (draw(d, 6)) {
	case 0:
		return (scim__value){ .kind = SCIM__NULL };
	case 1:
		return scim__value_bool(draw(d, 2) == 0);
	case 2:
		return scim__value_integer((int64_t)draw(d, 1000) - 500);
	case 3:
		return (scim__value){ .kind = SCIM__REAL,
			.real = (double)draw(d, 1000) / 7 };
	case 4:
		return (scim__value){ .kind = SCIM__BIG,
			.string = SCIM_STR("-123456789012345678901") };
	default:
		return scim__value_string(
		    scim__str(texts[draw(d, scim__countof(texts))]));
	}
}

static struct scim__filter_node *
draw_node(struct drawing *d, int depth, bool inside)
{
	static const char *const paths[] = { "a", "not", "and", "eq", "a.$ref",
		"urn:x:2.0:U:a-b_c.d" };
	struct scim__filter_node *node =
	    scim_arena_alloc(d->arena, sizeof(*node));
	struct scim__filter_node **to = &node->first;
	uint32_t count;

	node->path = scim__str(paths[draw(d, scim__countof(paths))]);
	node->kind = depth == 0
	    ? SCIM__FILTER_COMPARE + (draw(d, 2) == 0)
	    : (enum scim__filter_kind)draw(d, inside ? 5 : 6);
	if (node->kind == SCIM__FILTER_COMPARE) {
		node->op = (enum scim__filter_op)draw(d, 9);
		node->value = draw_value(d);
	}
	if (node->kind == SCIM__FILTER_COMPARE ||
	    node->kind == SCIM__FILTER_PRESENT)
		return node;
	inside = inside || node->kind == SCIM__FILTER_WITHIN;
	if (node->kind != SCIM__FILTER_WITHIN)
		node->path = (scim_str){ NULL, 0 };
	count = node->kind == SCIM__FILTER_AND || node->kind == SCIM__FILTER_OR
	    ? 2 + draw(d, 2)
	    : 1;
	for (; count > 0; count--, to = &(*to)->next)
		*to = draw_node(d, depth - 1, inside);
	return node;
}

static void
what_is_printed_reads_as_it_was(void **state)
{
	struct filtering *f = *state;
	struct drawing d = { NULL, 7 };
	const struct scim__filter_limits limits = { 1 << 20, 10000, 64 };

	for (int i = 0; i < 3000; i++) {
		scim__filter again;
		scim__buf buf;
		scim_error err = { 0 };

		d.arena = f->arena;
		struct scim__filter_node *node =
		    draw_node(&d, (int)draw(&d, 4), false);
		scim__buf_init(&buf, f->arena, SIZE_MAX);
		scim__filter_print(&buf, node);
		if (scim__filter_parse(f->arena, scim__buf_str(&buf), &limits,
			&again, &err) != SCIM_OK)
			fail_msg("%.*s\n%s", (int)buf.len, buf.ptr, err.detail);
		if (!same(node, again.root))
			fail_msg("%.*s", (int)buf.len, buf.ptr);
		scim_arena_reset(f->arena);
	}
}

static void
only_needed_parentheses_are_printed(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "((a pr) and (b pr))", "a pr and b pr" },
		{ "(a pr and b pr) or c pr", "a pr and b pr or c pr" },
		{ "a pr and (b pr or c pr)", "a pr and (b pr or c pr)" },
		{ "not((a pr))", "not (a pr)" },
		{ "m[(a eq 1)]", "m[a eq 1]" },
		{ "m[a pr].b eq 1", "m[a pr and b eq 1]" },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter tree;
		scim__buf buf;

		assert_int_equal(SCIM_OK,
		    scim__filter_parse(
			f->arena, scim__str(rows[i].in), &roomy, &tree, NULL));
		scim__buf_init(&buf, f->arena, SIZE_MAX);
		scim__filter_print(&buf, tree.root);
		assert_str(scim__buf_str(&buf), rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_reads_as_it_was),
		cmocka_unit_test(only_needed_parentheses_are_printed),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
