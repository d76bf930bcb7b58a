/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tenant has to say about merging.
 *
 * A guard that guards nothing would be worse than none, since somebody relies
 * on it.  One setting serves all types, so a path may well be unknown to one
 * of them; one that no type knows was misspelt, or its schema is gone, and
 * nothing is merged until that is mended.
 */
#include "provider/rules.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

static bool
is_known(const scim_registry *registry, scim_str path)
{
	for (size_t i = 0; i < scim__registry_type_count(registry); i++)
		if (scim__registry_path(registry,
			scim__registry_type_at(registry, i), path) != NULL)
			return true;
	return false;
}

static scim_status
fail_guard(scim_str path, scim_error *err)
{
	return scim__fail(err, SCIM_ERR_INVALID,
	    "The tenant's setting guards names \"%.*s\", which is no "
	    "attribute of any resource type: nothing is merged.",
	    (int)(path.len < 90 ? path.len : 90), path.ptr);
}

static size_t
count_paths(scim_str list)
{
	size_t count = 0;

	for (; list.len > 0; count++)
		(void)scim__str_cut(&list, ',');
	return count;
}

static scim_status
read_guards(const scim_context *context, const scim__resource_type *type,
    struct scim__merge_rules *rules, scim_error *err)
{
	scim_str list = scim__str(context->settings->guards);
	const scim__attribute **guards = scim__arena_array(
	    context->arena, count_paths(list), sizeof(const scim__attribute *));

	if (guards == NULL)
		return scim__fail_memory(err);
	while (list.len > 0) {
		scim_str path = scim__str_cut(&list, ',');
		const scim__attribute *a =
		    scim__registry_path(context->registry, type, path);

		if (a != NULL)
			guards[rules->guard_count++] = a;
		else if (!is_known(context->registry, path))
			return fail_guard(path, err);
	}
	rules->guards = guards;
	rules->own_guards = true;
	return SCIM_OK;
}

scim_status
scim__merging_rules(const scim_context *context,
    const scim__resource_type *type, struct scim__merge_rules *out,
    scim_error *err)
{
	struct scim__merge_rules rules = { .arena = context->arena,
		.registry = context->registry,
		.type = type };
	scim_status rc = SCIM_OK;

	if (context->settings->own_guards)
		rc = read_guards(context, type, &rules, err);
	if (rc == SCIM_OK)
		*out = rules;
	return rc;
}

scim_status
scim__merging_options(const scim_context *context,
    const scim__resource_type *type, scim_merge_options *options,
    scim_error *err)
{
	struct scim__merge_rules rules;
	scim_str *paths;

	if (options->guards != NULL || !context->settings->own_guards)
		return SCIM_OK;
	scim_status rc = scim__merging_rules(context, type, &rules, err);
	if (rc != SCIM_OK)
		return rc;
	paths = scim__arena_array(
	    context->arena, rules.guard_count, sizeof(*paths));
	if (paths == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < rules.guard_count; i++)
		paths[i] = rules.guards[i]->path;
	options->guards = paths;
	options->guard_count = rules.guard_count;
	return SCIM_OK;
}

scim_status
scim__merging_may_use(
    const scim_settings *settings, scim_merge_use use, scim_error *err)
{
	scim_merge_use most = settings->on_conflict_most;

	if (use == SCIM_MERGE_FAIL || most == SCIM_MERGE_OURS || use == most)
		return SCIM_OK;
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "By this tenant's settings, \"onConflict\" may be %s: name each "
	    "path, and who is to win there, in \"resolutions\".",
	    most == SCIM_MERGE_FAIL ? "\"fail\" alone"
				    : "\"fail\" or \"theirs\"");
}
