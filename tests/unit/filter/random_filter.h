/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FILTER_RANDOM_FILTER_H
#define TESTS_UNIT_FILTER_RANDOM_FILTER_H

/*
 * Random filters over random resources, and an evaluation of them that
 * shares nothing with the library's: it works on plain C values, and was
 * written from the RFC's table alone.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* One text, or none. */
struct random_text {
	bool given;
	const char *text;
};

/* Of the attributes of Thing: s (any case), e (exact), i, b, m[]. */
struct random_thing {
	struct random_text s, e;
	bool has_i, has_b, b;
	int i;
	int m_count;
	struct random_text m_value[3], m_type[3];
};

static const char *const random_texts[] = { "a", "A", "ab", "Ab", "b", "ba",
	"z" };

static inline uint32_t
random_draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static inline const char *
random_text(uint32_t *seed)
{
	return random_texts[random_draw(seed, 7)];
}

static inline struct random_text
random_maybe(uint32_t *seed)
{
	bool given = random_draw(seed, 4) > 0;

	return (struct random_text){ given, random_text(seed) };
}

static inline void
random_thing_draw(struct random_thing *t, uint32_t *seed)
{
	t->s = random_maybe(seed);
	t->e = random_maybe(seed);
	t->has_i = random_draw(seed, 4) > 0;
	t->i = (int)random_draw(seed, 5) - 2;
	t->has_b = random_draw(seed, 4) > 0;
	t->b = random_draw(seed, 2) > 0;
	t->m_count = (int)random_draw(seed, 4);
	for (int k = 0; k < t->m_count; k++) {
		t->m_value[k] = random_maybe(seed);
		t->m_type[k] = random_maybe(seed);
		/* no element is empty */
		if (!t->m_type[k].given)
			t->m_value[k].given = true;
	}
}

static inline void
random_thing_print(const struct random_thing *t, char *out, size_t size)
{
	int len = snprintf(out, size, "{\"schemas\":[\"urn:x:a.b:2.0:Thing\"]");

	if (t->s.given)
		len += snprintf(
		    out + len, size - (size_t)len, ",\"s\":\"%s\"", t->s.text);
	if (t->e.given)
		len += snprintf(
		    out + len, size - (size_t)len, ",\"e\":\"%s\"", t->e.text);
	if (t->has_i)
		len +=
		    snprintf(out + len, size - (size_t)len, ",\"i\":%d", t->i);
	if (t->has_b)
		len += snprintf(out + len, size - (size_t)len, ",\"b\":%s",
		    t->b ? "true" : "false");
	if (t->m_count > 0)
		len += snprintf(out + len, size - (size_t)len, ",\"m\":[");
	for (int k = 0; k < t->m_count; k++) {
		const char *comma = "";

		len += snprintf(
		    out + len, size - (size_t)len, "%s{", k > 0 ? "," : "");
		if (t->m_value[k].given) {
			len += snprintf(out + len, size - (size_t)len,
			    "\"value\":\"%s\"", t->m_value[k].text);
			comma = ",";
		}
		if (t->m_type[k].given)
			len += snprintf(out + len, size - (size_t)len,
			    "%s\"type\":\"%s\"", comma, t->m_type[k].text);
		len += snprintf(out + len, size - (size_t)len, "}");
	}
	(void)snprintf(
	    out + len, size - (size_t)len, "%s}", t->m_count > 0 ? "]" : "");
}

/* What is compared; the last two also inside m[…], as value and type. */
enum random_name { R_S, R_E, R_I, R_B, R_M_VALUE, R_M_TYPE };

struct random_part {
	enum { R_AND, R_OR, R_NOT, R_WITHIN, R_COMPARE } kind;
	int left, right; /* of `parts` */
	enum random_name name;
	const char *op;
	const char *text; /* of the value */
	int number;       /* or this */
	bool null;
};

struct random_filter {
	struct random_part parts[64];
	int count;
};

static inline int
random_part_draw(
    struct random_filter *f, uint32_t *seed, int depth, bool inside)
{
	static const char *const of_text[] = { "eq", "ne", "co", "sw", "ew",
		"gt", "ge", "lt", "le", "pr" };
	static const char *const of_number[] = { "eq", "ne", "gt", "ge", "lt",
		"le", "pr" };
	static const char *const of_boolean[] = { "eq", "ne", "pr" };
	int at = f->count++;
	struct random_part *p = &f->parts[at];

	*p = (struct random_part){ .kind = R_COMPARE };
	if (depth > 0)
		p->kind = random_draw(seed, inside ? 3 : 5);
	if (inside && p->kind == R_WITHIN)
		p->kind = R_COMPARE;
	if (p->kind == R_COMPARE) {
		p->name = inside ? R_M_VALUE + random_draw(seed, 2)
				 : random_draw(seed, 6);
		p->text = random_text(seed);
		p->number = (int)random_draw(seed, 5) - 2;
		p->op = p->name == R_I ? of_number[random_draw(seed, 7)]
		    : p->name == R_B   ? of_boolean[random_draw(seed, 3)]
				       : of_text[random_draw(seed, 10)];
		p->null = random_draw(seed, 8) == 0 &&
		    (strcmp(p->op, "eq") == 0 || strcmp(p->op, "ne") == 0);
		return at;
	}
	int left =
	    random_part_draw(f, seed, depth - 1, inside || p->kind == R_WITHIN);
	f->parts[at].left = left;
	if (p->kind == R_AND || p->kind == R_OR) {
		int right = random_part_draw(f, seed, depth - 1, inside);

		f->parts[at].right = right;
	}
	return at;
}

static inline void
random_filter_draw(struct random_filter *f, uint32_t *seed)
{
	f->count = 0;
	(void)random_part_draw(f, seed, (int)random_draw(seed, 5), false);
}

static inline int
random_part_print(
    const struct random_filter *f, int at, bool inside, char *out, size_t size)
{
	static const char *const names[] = { "s", "e", "i", "b", "m.value",
		"m.type" };
	const struct random_part *p = &f->parts[at];
	int len = 0;

	switch (p->kind) {
	case R_AND:
	case R_OR:
		len = snprintf(out, size, "(");
		len += random_part_print(
		    f, p->left, inside, out + len, size - (size_t)len);
		len += snprintf(out + len, size - (size_t)len,
		    p->kind == R_AND ? " and " : " or ");
		len += random_part_print(
		    f, p->right, inside, out + len, size - (size_t)len);
		return len + snprintf(out + len, size - (size_t)len, ")");
	case R_NOT:
		len = snprintf(out, size, "not (");
		len += random_part_print(
		    f, p->left, inside, out + len, size - (size_t)len);
		return len + snprintf(out + len, size - (size_t)len, ")");
	case R_WITHIN:
		len = snprintf(out, size, "m[");
		len += random_part_print(
		    f, p->left, true, out + len, size - (size_t)len);
		return len + snprintf(out + len, size - (size_t)len, "]");
	case R_COMPARE:
		break;
	}
	len = snprintf(
	    out, size, "%s %s", names[p->name] + (inside ? 2 : 0), p->op);
	if (strcmp(p->op, "pr") == 0)
		return len;
	if (p->null)
		return len + snprintf(out + len, size - (size_t)len, " null");
	if (p->name == R_I)
		return len +
		    snprintf(out + len, size - (size_t)len, " %d", p->number);
	if (p->name == R_B)
		return len +
		    snprintf(out + len, size - (size_t)len, " %s",
			p->number > 0 ? "true" : "false");
	return len +
	    snprintf(out + len, size - (size_t)len, " \"%s\"", p->text);
}

static inline void
random_filter_print(const struct random_filter *f, char *out, size_t size)
{
	(void)random_part_print(f, 0, false, out, size);
}

static inline bool
random_order(const char *op, int order)
{
	return strcmp(op, "eq") == 0 ? order == 0
	    : strcmp(op, "ne") == 0  ? order != 0
	    : strcmp(op, "gt") == 0  ? order > 0
	    : strcmp(op, "ge") == 0  ? order >= 0
	    : strcmp(op, "lt") == 0  ? order < 0
				     : order <= 0;
}

static inline void
random_lower(const char *text, bool exact, char out[8])
{
	size_t i = 0;

	for (; text[i] != '\0'; i++)
		out[i] = !exact && text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + 32)
		    : text[i];
	out[i] = '\0';
}

static inline bool
random_text_holds(
    const char *op, const char *have, const char *with, bool exact)
{
	char a[8], b[8];

	random_lower(have, exact, a);
	random_lower(with, exact, b);
	if (strcmp(op, "co") == 0)
		return strstr(a, b) != NULL;
	if (strcmp(op, "sw") == 0)
		return strncmp(a, b, strlen(b)) == 0;
	if (strcmp(op, "ew") == 0)
		return strlen(a) >= strlen(b) &&
		    strcmp(a + strlen(a) - strlen(b), b) == 0;
	return random_order(op, strcmp(a, b));
}

/* The texts that a name stands for; of one element when `k` is not -1. */
static inline int
random_gather(const struct random_thing *t, enum random_name name, int k,
    const char *out[3])
{
	const struct random_text *from = name == R_S ? &t->s
	    : name == R_E                            ? &t->e
	    : name == R_M_VALUE                      ? t->m_value
						     : t->m_type;
	int first = k < 0 ? 0 : k, count = 0;
	int last = name == R_S || name == R_E ? 1 : k < 0 ? t->m_count : k + 1;

	for (int i = first; i < last; i++)
		if (from[i].given)
			out[count++] = from[i].text;
	return count;
}

static inline bool
random_compare_holds(
    const struct random_part *p, const struct random_thing *t, int k)
{
	const char *texts[3];
	bool number = p->name == R_I || p->name == R_B;
	int count = p->name == R_I ? t->has_i
	    : p->name == R_B       ? t->has_b
				   : random_gather(t, p->name, k, texts);

	if (strcmp(p->op, "pr") == 0)
		return count > 0;
	if (p->null)
		return (count > 0) == (strcmp(p->op, "ne") == 0);
	if (count == 0)
		return strcmp(p->op, "ne") == 0;
	if (number)
		return random_order(p->op,
		    p->name == R_I ? t->i - p->number
				   : (int)t->b - (p->number > 0));
	for (int i = 0; i < count; i++)
		if (random_text_holds(p->op, texts[i], p->text, p->name == R_E))
			return true;
	return false;
}

static inline bool
random_part_holds(
    const struct random_filter *f, int at, const struct random_thing *t, int k)
{
	const struct random_part *p = &f->parts[at];

	switch (p->kind) {
	case R_AND:
		return random_part_holds(f, p->left, t, k) &&
		    random_part_holds(f, p->right, t, k);
	case R_OR:
		return random_part_holds(f, p->left, t, k) ||
		    random_part_holds(f, p->right, t, k);
	case R_NOT:
		return !random_part_holds(f, p->left, t, k);
	case R_WITHIN:
		for (int i = 0; i < t->m_count; i++)
			if (random_part_holds(f, p->left, t, i))
				return true;
		return false;
	case R_COMPARE:
		break;
	}
	return random_compare_holds(p, t, k);
}

static inline bool
random_filter_holds(const struct random_filter *f, const struct random_thing *t)
{
	return random_part_holds(f, 0, t, -1);
}

#endif
