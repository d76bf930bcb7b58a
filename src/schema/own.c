/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One registry on top of another.
 *
 * A tenant's schemas may replace those below them, and what a document means
 * depends on the others; so everything is read anew, from the texts that the
 * lower registry keeps, and nothing is shared but them.  Whether two types are
 * the same is asked of their documents: who compares structs forgets the
 * member that comes next.
 */
#include "schema/own.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/read.h"

scim_status
scim__registry_extend(const scim_registry *base,
    const scim_schema_source *sources, size_t count, scim_registry **out,
    scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_schema_source *all =
	    scim__arena_array(arena, base->source_count + count, sizeof(*all));
	if (all == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < base->source_count; i++)
		all[i] = base->sources[i];
	for (size_t i = 0; i < count; i++)
		all[base->source_count + i] = sources[i];
	return scim_registry_new(all, base->source_count + count, out, err);
}

bool
scim__type_same(const scim__resource_type *a, const scim__resource_type *b)
{
	if (!scim__str_equal(a->defined, b->defined) ||
	    !scim__str_equal(a->schema->defined, b->schema->defined) ||
	    a->extension_count != b->extension_count)
		return false;
	for (size_t i = 0; i < a->extension_count; i++)
		if (!scim__str_equal(a->extensions[i].schema->defined,
			b->extensions[i].schema->defined))
			return false;
	return true;
}

static bool
same_attributes(const scim__attribute *const *a, size_t a_count,
    const scim__attribute *const *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!scim__str_equal(a[i]->path, b[i]->path) ||
		    a[i]->type != b[i]->type ||
		    a[i]->case_exact != b[i]->case_exact)
			return false;
	return true;
}

bool
scim__type_same_rows(const scim__resource_type *a, const scim__resource_type *b)
{
	return same_attributes(a->indexed, a->indexed_count, b->indexed,
		   b->indexed_count) &&
	    same_attributes(
		a->unique, a->unique_count, b->unique, b->unique_count);
}
