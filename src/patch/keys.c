/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations without a path: every key of the value is a path of its own.
 *
 * Providers send "name.givenName", whole URNs and even value filters as
 * keys, and send back what they once read, `id`, `schemas` and `meta` with
 * it.  So a key that no schema knows, or that only the server writes, is
 * ignored here, where a path that says the same would be an error.
 */
#include "base/error.h"
#include "base/str.h"
#include "patch/apply.h"

/* "urn:…:User.department" with a colon instead of the dot; ptr NULL: it is
 * no such path, or out of memory. */
static scim_str
mend_urn(const struct scim__patch_rules *rules, scim_str text, bool *failed)
{
	const scim__resource_type *type = rules->binding.type;

	for (size_t i = 0; i <= type->extension_count; i++) {
		scim_str urn = i == 0 ? type->schema->id
				      : type->extensions[i - 1].schema->id;
		scim_str head = { text.ptr, urn.len };

		if (text.len <= urn.len || text.ptr[urn.len] != '.' ||
		    !scim__str_equal_nocase(head, urn))
			continue;
		scim_str mended = scim__str_format(rules->binding.arena,
		    "%.*s:%.*s", (int)urn.len, urn.ptr,
		    (int)(text.len - urn.len - 1), text.ptr + urn.len + 1);

		*failed = mended.ptr == NULL;
		return mended;
	}
	return (scim_str){ NULL, 0 };
}

/* Whether brackets hold what could be a filter: `emails[0]` and `emails[`
 * are bad paths rather than bad filters.  @spec 7644-3.5.2-02, 7644-3.5.2-08 */
static bool
holds_filter(scim_str text)
{
	bool open = false, spaced = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == ']')
			return open && spaced;
		open |= text.ptr[i] == '[';
		spaced |= open && text.ptr[i] == ' ';
	}
	return false;
}

scim_status
scim__patch_read_path(const struct scim__patch_rules *rules, scim_str text,
    struct scim__path *out, unsigned *quirks, scim_error *err)
{
	bool failed = false;
	scim_str mended = { NULL, 0 };

	if ((rules->leniency & SCIM__LENIENT_MANAGER) != 0)
		mended = mend_urn(rules, text, &failed);
	if (failed)
		return scim__fail_memory(err);
	if (mended.ptr != NULL) {
		text = mended;
		*quirks |= SCIM__QUIRK_URN_DOT;
	}
	scim_error why = { 0 };
	struct scim__filter_binding binding = rules->binding;

	binding.quirks = quirks;
	scim_status rc =
	    scim__path_parse(&binding, text, &rules->limits, out, &why);

	if (rc == SCIM_ERR_INVALID && !holds_filter(text))
		why.scim_type = "invalidPath";
	if (rc != SCIM_OK && err != NULL)
		*err = why;
	return rc;
}

static bool
is_bare_name(scim_str key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] == '.' || key.ptr[i] == ':' || key.ptr[i] == '[')
			return false;
	return true;
}

/* Whether only the server writes what a path names. */
static bool
is_read_only(const struct scim__path *path)
{
	return path->extension == NULL &&
	    (path->attribute->mutability == SCIM__READ_ONLY ||
		(path->sub != NULL &&
		    path->sub->mutability == SCIM__READ_ONLY));
}

/* @spec 7644-3.5.2.1-11 */
static scim_status
at_key(struct scim__patching *p, enum scim__patch_kind kind, scim_str key,
    const scim__value *value)
{
	unsigned *quirks = &p->checking.quirks;
	struct scim__patch_op op = {
		.kind = kind, .has_path = true, .value = value
	};
	scim_error err = { 0 };
	scim_status rc =
	    scim__patch_read_path(p->rules, key, &op.path, quirks, &err);

	if (rc == SCIM_ERR_INVALID && err.scim_type != NULL &&
	    scim__str_equal(
		scim__str(err.scim_type), SCIM_STR("invalidPath"))) {
		*quirks |= SCIM__QUIRK_UNKNOWN_ATTRIBUTE;
		return SCIM_OK;
	}
	if (rc != SCIM_OK) {
		if (p->checking.err != NULL)
			*p->checking.err = err;
		return rc;
	}
	if (is_read_only(&op.path))
		return SCIM_OK;
	if (op.path.extension == NULL && !is_bare_name(key))
		*quirks |= SCIM__QUIRK_DOTTED_KEY;
	return scim__patch_at(p, &op);
}

scim_status
scim__patch_keys(struct scim__patching *p, const struct scim__patch_op *op)
{
	scim_status rc = SCIM_OK;

	for (uint32_t i = 0; rc == SCIM_OK && i < op->value->count; i++) {
		const scim__member *m = &op->value->object.members[i];

		if (!scim__str_equal_nocase(m->name, SCIM_STR("schemas")))
			rc = at_key(p, op->kind, m->name, &m->value);
	}
	return rc;
}

scim_status
scim__patch_extension_keys(
    struct scim__patching *p, const struct scim__patch_op *op)
{
	scim_str urn = op->path.extension->id;
	scim_status rc = SCIM_OK;

	for (uint32_t i = 0; rc == SCIM_OK && i < op->value->count; i++) {
		const scim__member *m = &op->value->object.members[i];
		scim_str key = scim__str_format(p->checking.arena, "%.*s:%.*s",
		    (int)urn.len, urn.ptr, (int)m->name.len, m->name.ptr);

		if (key.ptr == NULL)
			return scim__fail_memory(p->checking.err);
		unsigned before = p->checking.quirks;
		rc = at_key(p, op->kind, key, &m->value);
		/* The URN is ours, not the provider's. */
		if (is_bare_name(m->name))
			p->checking.quirks = before |
			    (p->checking.quirks &
				~(unsigned)SCIM__QUIRK_DOTTED_KEY);
	}
	return rc;
}
