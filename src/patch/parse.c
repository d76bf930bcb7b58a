/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PatchOp message (RFC 7644 section 3.5.2): what it must hold, and
 * nothing of what it does.
 *
 * The words of `op` ignore case like the names of the message, because
 * providers send "add" as "Add".  Members that the RFC does not name are
 * ignored.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "patch/apply.h"
#include "json/message.h"

static const scim_str message_urn = {
	"urn:ietf:params:scim:api:messages:2.0:PatchOp", 45
};

static scim_status
fail_syntax(scim_error *err, const char *what)
{
	return scim__fail_type(
	    err, SCIM_ERR_INVALID, "invalidSyntax", "%s", what);
}

/* @spec 7644-3.5.2-02, 7644-3.5.2-05, 7644-3.5.2-24 */
static scim_status
parse_kind(const scim__value *op, unsigned *quirks, enum scim__patch_kind *out,
    scim_error *err)
{
	static const scim_str names[] = {
		[SCIM__PATCH_ADD] = { "add", 3 },
		[SCIM__PATCH_REPLACE] = { "replace", 7 },
		[SCIM__PATCH_REMOVE] = { "remove", 6 },
	};
	const scim__value *word = NULL;
	scim_status rc = scim__message_find(op, SCIM_STR("op"), &word, err);

	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; word != NULL && word->kind == SCIM__STRING && i < 3;
	     i++) {
		if (!scim__str_equal_nocase(word->string, names[i]))
			continue;
		if (!scim__str_equal(word->string, names[i]))
			*quirks |= SCIM__QUIRK_OPERATION_CASE;
		*out = (enum scim__patch_kind)i;
		return SCIM_OK;
	}
	return fail_syntax(err,
	    "Every operation needs \"op\": \"add\", \"replace\" or "
	    "\"remove\".");
}

static scim_status
parse_path(const struct scim__patch_rules *rules, const scim__value *path,
    struct scim__patch_op *op, unsigned *quirks, scim_error *err)
{
	if (path == NULL || path->kind == SCIM__NULL)
		return SCIM_OK;
	if (path->kind != SCIM__STRING)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidPath",
		    "\"path\" must be a string.");
	op->has_path = true;
	return scim__patch_read_path(
	    rules, path->string, &op->path, quirks, err);
}

/* @spec 7644-3.5.2-06, 7644-3.5.2.1-01, 7644-3.5.2.1-02, 7644-3.5.2.2-01,
 * 7644-3.5.2.3-01 */
static scim_status
check_op(const struct scim__patch_op *op, scim_error *err)
{
	if (op->kind == SCIM__PATCH_REMOVE) {
		if (op->has_path)
			return SCIM_OK;
		return scim__fail_type(err, SCIM_ERR_INVALID, "noTarget",
		    "A \"remove\" needs a \"path\": what to take away.");
	}
	if (op->value == NULL)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "An \"%s\" needs a \"value\".",
		    op->kind == SCIM__PATCH_ADD ? "add" : "replace");
	if (!op->has_path && op->value->kind != SCIM__OBJECT)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "Without a \"path\" the \"value\" must be an object of "
		    "attributes.");
	return SCIM_OK;
}

static scim_status
parse_op(const struct scim__patch_rules *rules, const scim__value *in,
    struct scim__patch_op *op, unsigned *quirks, scim_error *err)
{
	const scim__value *path = NULL;

	*op = (struct scim__patch_op){ .has_path = false };
	if (in->kind != SCIM__OBJECT)
		return fail_syntax(err, "Every operation must be an object.");
	scim_status rc = parse_kind(in, quirks, &op->kind, err);
	if (rc == SCIM_OK)
		rc = scim__message_find(in, SCIM_STR("path"), &path, err);
	if (rc == SCIM_OK)
		rc = scim__message_find(in, SCIM_STR("value"), &op->value, err);
	if (rc == SCIM_OK)
		rc = parse_path(rules, path, op, quirks, err);
	return rc != SCIM_OK ? rc : check_op(op, err);
}

/* @spec 7644-3.5.2-04, 5789-2.2-01, 5789-2.2-03 */
scim_status
scim__patch_parse(const struct scim__patch_rules *rules,
    const scim__value *message, scim__patch *out, scim_error *err)
{
	const scim__value *operations = NULL;
	scim__patch patch = { NULL, 0, 0 };

	if (message->kind != SCIM__OBJECT)
		return fail_syntax(err, "A PATCH is a JSON object.");
	/* @spec 7644-3.5.2-03, 7644-8.2-01 */
	scim_status rc = scim__message_check(message, message_urn, err);
	if (rc == SCIM_OK)
		rc = scim__message_find(
		    message, SCIM_STR("Operations"), &operations, err);
	if (rc != SCIM_OK)
		return rc;
	if (operations == NULL || operations->kind != SCIM__ARRAY ||
	    operations->count == 0)
		return fail_syntax(err,
		    "\"Operations\" must be an array of one operation or "
		    "more.");
	patch.ops = scim__arena_array(
	    rules->binding.arena, operations->count, sizeof(*patch.ops));
	if (patch.ops == NULL)
		return scim__fail_memory(err);
	for (; rc == SCIM_OK && patch.count < operations->count; patch.count++)
		rc = parse_op(rules, &operations->array.items[patch.count],
		    &patch.ops[patch.count], &patch.quirks, err);
	if (rc == SCIM_OK)
		*out = patch;
	return rc;
}
