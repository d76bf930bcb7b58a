/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From tree to text: parentheses where the tree would otherwise read
 * differently, and only there.
 */
#include "filter/parse.h"
#include "json/json.h"

/* Whether an operand of `kind` needs parentheses inside of `around`. */
static bool
needs_group(enum scim__filter_kind around, enum scim__filter_kind kind)
{
	return kind == SCIM__FILTER_OR ||
	    (kind == SCIM__FILTER_AND && around == SCIM__FILTER_AND);
}

static void
print_chain(scim__buf *buf, const struct scim__filter_node *node)
{
	const struct scim__filter_node *at = node->first;

	for (; at != NULL; at = at->next) {
		bool group = needs_group(node->kind, at->kind);

		if (at != node->first)
			scim__buf_add_z(buf,
			    node->kind == SCIM__FILTER_AND ? " and " : " or ");
		if (group)
			scim__buf_add_char(buf, '(');
		scim__filter_print(buf, at);
		if (group)
			scim__buf_add_char(buf, ')');
	}
}

static void
print_below(scim__buf *buf, const char *open,
    const struct scim__filter_node *node, char close)
{
	scim__buf_add_z(buf, open);
	scim__filter_print(buf, node->first);
	scim__buf_add_char(buf, close);
}

void
scim__filter_print(scim__buf *buf, const struct scim__filter_node *node)
{
	switch (node->kind) {
	case SCIM__FILTER_AND:
	case SCIM__FILTER_OR:
		print_chain(buf, node);
		return;
	case SCIM__FILTER_NOT:
		print_below(buf, "not (", node, ')');
		return;
	case SCIM__FILTER_WITHIN:
		scim__buf_add(buf, node->path);
		print_below(buf, "[", node, ']');
		return;
	case SCIM__FILTER_PRESENT:
		scim__buf_add(buf, node->path);
		scim__buf_add_z(buf, " pr");
		return;
	case SCIM__FILTER_COMPARE:
		break;
	}
	scim__buf_add(buf, node->path);
	scim__buf_printf(buf, " %s ", scim__filter_op_names[node->op]);
	scim__json_write(buf, &node->value);
}
