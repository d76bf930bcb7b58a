/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resource as a whole: section by section, attribute by attribute, in the
 * order of the schemas, so that equal inputs give equal bytes.
 *
 * A guard is looked at first.  When theirs changed a guarded attribute and
 * ours changed anything at all, nothing is merged: nobody shall get new roles
 * by a merge into an account that was just deactivated.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/report.h"

/* The attributes at the top, or those of one extension. */
struct section {
	scim_str urn; /* empty: at the top */
	const scim__attribute *attributes;
	size_t count;
	const scim__value *content[SCIM__SIDES];
	const scim__value *secret[SCIM__SIDES];
};

struct merging_all {
	struct scim__merging m;
	const struct scim__merge_state *sides; /* by enum scim__side */
	const scim__attribute **guards;        /* that theirs changed */
	struct scim__trio *guard_values;
	size_t guard_count;
	scim__value schemas;
	bool has_relation; /* the section does */
};

static const scim__value *
value_of(const struct merging_all *all, const struct section *section,
    const scim__attribute *a, enum scim__side side)
{
	const struct scim__merge_state *state = &all->sides[side];
	const scim__value *home = section->content[side];

	if (a->relation && state->relation != NULL)
		return scim__merge_assigned(state->relation);
	if (state->secret != NULL && scim__attribute_is_secret(a))
		home = section->secret[side];
	return scim__merge_assigned(scim__object_find(home, a->name));
}

/* Number `index` of what is guarded of an attribute: itself, or some of its
 * sub-attributes; NULL: nothing more is. */
static const scim__attribute *
guarded(const struct scim__merge_rules *rules, const scim__attribute *a,
    size_t index)
{
	size_t n = 0;

	for (size_t i = 0; rules->own_guards && i < rules->guard_count; i++) {
		const scim__attribute *guard = rules->guards[i];

		if ((guard == a || guard->parent == a) && n++ == index)
			return guard;
	}
	if (rules->own_guards)
		return NULL;
	if (a->guard && n++ == index)
		return a;
	for (size_t i = 0; i < a->sub_count; i++)
		if (a->sub[i].guard && n++ == index)
			return &a->sub[i];
	return NULL;
}

/* Whether `side` changed the attribute, in any cell. */
static bool
has_changed(struct scim__merging *m, const struct scim__place *place,
    const struct scim__trio *trio, enum scim__side side)
{
	struct scim__merging probe = {
		.rules = m->rules, .arena = m->arena, .is_quiet = true
	};
	struct scim__trio alone = { { trio->of[SCIM__BASE],
	    trio->of[SCIM__BASE], trio->of[side] } };

	(void)scim__merge_attribute(&probe, place, &alone);
	m->failed |= probe.failed;
	return probe.changed[SCIM__THEIRS];
}

/* A guard below a list guards the list. */
static void
narrow(const scim__attribute *guard, const scim__attribute *a,
    const struct scim__trio *trio, struct scim__place *place,
    struct scim__trio *out)
{
	*place = (struct scim__place){ .attribute = a };
	*out = *trio;
	if (guard == a || a->multi_valued)
		return;
	place->sub = guard;
	for (int side = 0; side < SCIM__SIDES; side++)
		out->of[side] = scim__merge_assigned(
		    scim__object_find(trio->of[side], guard->name));
}

/* Whether theirs changed what is guarded here; the first is noted. */
static bool
is_tripped(struct merging_all *all, const scim__attribute *a,
    const struct scim__trio *trio)
{
	struct scim__merging *m = &all->m;
	const scim__attribute *guard = NULL;
	struct scim__place place, whole = { .attribute = a };
	struct scim__trio values;

	if (m->is_diff)
		return false;
	for (size_t i = 0; (guard = guarded(m->rules, a, i)) != NULL; i++) {
		narrow(guard, a, trio, &place, &values);
		if (has_changed(m, &place, &values, SCIM__THEIRS))
			break;
	}
	if (guard == NULL)
		return false;
	if (has_changed(m, &whole, trio, SCIM__OURS))
		m->changed[SCIM__OURS] = true;
	m->changed[SCIM__THEIRS] = true;
	all->guards[all->guard_count] = place.sub != NULL ? guard : a;
	all->guard_values[all->guard_count++] = values;
	return true;
}

static const scim__value *
merge_one(struct merging_all *all, const struct section *section,
    const scim__attribute *a)
{
	struct scim__place place = { .attribute = a };
	struct scim__trio trio;

	for (int side = 0; side < SCIM__SIDES; side++)
		trio.of[side] =
		    value_of(all, section, a, (enum scim__side)side);
	if (scim__merge_same(trio.of[SCIM__BASE], trio.of[SCIM__OURS]) &&
	    scim__merge_same(trio.of[SCIM__BASE], trio.of[SCIM__THEIRS]))
		return trio.of[SCIM__THEIRS];
	if (is_tripped(all, a, &trio))
		return trio.of[SCIM__THEIRS];
	return scim__merge_attribute(&all->m, &place, &trio);
}

static void
merge_section(struct merging_all *all, const struct section *section,
    scim__value *content, scim__value *secret)
{
	struct scim__merging *m = &all->m;

	all->has_relation = false;
	for (size_t i = 0; i < section->count && !m->failed; i++) {
		const scim__attribute *a = &section->attributes[i];

		if (scim__merge_is_foreign(a))
			continue;
		const scim__value *value = merge_one(all, section, a);
		all->has_relation |= a->relation;
		if (value == NULL)
			continue;
		if (a->relation)
			m->out.relation = *value;
		else if (!scim__object_add(m->arena,
			     scim__attribute_is_secret(a) ? secret : content,
			     a->name, *value))
			m->failed = true;
	}
}

static void
open_section(const struct merging_all *all, scim_str urn,
    const scim__attribute *attributes, size_t count, struct section *out)
{
	*out = (struct section){ urn, attributes, count, { NULL }, { NULL } };
	for (int side = 0; side < SCIM__SIDES; side++) {
		out->content[side] = all->sides[side].content;
		out->secret[side] = all->sides[side].secret;
		if (urn.len == 0)
			continue;
		out->content[side] = scim__object_find(out->content[side], urn);
		out->secret[side] = scim__object_find(out->secret[side], urn);
	}
}

static void
merge_top(struct merging_all *all)
{
	const struct scim__merge_rules *rules = all->m.rules;
	struct scim__merged *out = &all->m.out;
	struct section section;
	size_t count = 0;
	const scim__attribute *common =
	    scim__registry_common(rules->registry, &count);

	open_section(all, (scim_str){ "", 0 }, common, count, &section);
	merge_section(all, &section, &out->content, &out->secret);
	section.attributes = rules->type->schema->attributes;
	section.count = rules->type->schema->attribute_count;
	merge_section(all, &section, &out->content, &out->secret);
}

static void
merge_extension(struct merging_all *all, const scim__schema *schema)
{
	struct scim__merging *m = &all->m;
	scim__value content = scim__value_object();
	scim__value secret = scim__value_object();
	struct section section;

	open_section(all, schema->id, schema->attributes,
	    schema->attribute_count, &section);
	merge_section(all, &section, &content, &secret);
	if (content.count > 0 &&
	    !scim__object_add(m->arena, &m->out.content, schema->id, content))
		m->failed = true;
	if (secret.count > 0 &&
	    !scim__object_add(m->arena, &m->out.secret, schema->id, secret))
		m->failed = true;
	if ((content.count > 0 || all->has_relation) &&
	    !scim__array_add(
		m->arena, &all->schemas, scim__value_string(schema->id)))
		m->failed = true;
}

static void
report_guards(struct merging_all *all)
{
	struct scim__merging *m = &all->m;

	if (all->guard_count == 0 || !m->changed[SCIM__OURS])
		return;
	for (size_t i = 0; i < all->guard_count; i++) {
		const scim__attribute *guard = all->guards[i];
		struct scim__place place = { .attribute = guard };

		if (guard->parent != NULL) {
			place.attribute = guard->parent;
			place.sub = guard;
		}
		(void)scim__merge_conflict(
		    m, &place, SCIM_MERGE_GUARD, &all->guard_values[i]);
	}
	m->out.is_guarded = true;
	m->out.auto_count = 0;
}

/* `schemas` first and `id` next, as validation and the store leave them. */
static void
begin(struct merging_all *all)
{
	struct scim__merging *m = &all->m;
	const scim__resource_type *type = m->rules->type;
	const scim__value *id =
	    scim__object_find(all->sides[SCIM__THEIRS].content, SCIM_STR("id"));
	size_t count = 0;

	(void)scim__registry_common(m->rules->registry, &count);
	count += type->schema->attribute_count;
	for (size_t i = 0; i < type->extension_count; i++)
		count += type->extensions[i].schema->attribute_count;
	m->out.content = scim__value_object();
	m->out.secret = scim__value_object();
	m->out.relation = scim__value_array();
	all->schemas = scim__value_array();
	all->guards =
	    scim__arena_array(m->arena, count, sizeof(const scim__attribute *));
	all->guard_values =
	    scim__arena_array(m->arena, count, sizeof(*all->guard_values));
	m->failed = all->guards == NULL || all->guard_values == NULL ||
	    !scim__array_add(m->arena, &all->schemas,
		scim__value_string(type->schema->id)) ||
	    !scim__object_add(
		m->arena, &m->out.content, SCIM_STR("schemas"), all->schemas) ||
	    (id != NULL &&
		!scim__object_add(
		    m->arena, &m->out.content, SCIM_STR("id"), *id));
}

static void
merge_all(struct merging_all *all)
{
	const scim__resource_type *type = all->m.rules->type;

	begin(all);
	if (!all->m.failed)
		merge_top(all);
	for (size_t i = 0; i < type->extension_count && !all->m.failed; i++)
		merge_extension(all, type->extensions[i].schema);
	if (all->m.failed)
		return;
	all->m.out.content.object.members[0].value = all->schemas;
	report_guards(all);
}

scim_status
scim__merge(const struct scim__merge_rules *rules,
    const struct scim__merge_state sides[SCIM__SIDES], struct scim__merged *out,
    scim_error *err)
{
	struct merging_all all = {
		.m = { .rules = rules, .arena = rules->arena }, .sides = sides
	};

	merge_all(&all);
	if (all.m.failed)
		return scim__fail_memory(err);
	*out = all.m.out;
	return SCIM_OK;
}

scim_status
scim__diff(const struct scim__merge_rules *rules,
    const struct scim__merge_state *from, const struct scim__merge_state *to,
    struct scim__differences *out, scim_error *err)
{
	const struct scim__merge_state sides[SCIM__SIDES] = { *from, *from,
		*to };
	struct merging_all all = {
		.m = { .rules = rules, .arena = rules->arena, .is_diff = true },
		.sides = sides,
	};

	merge_all(&all);
	if (all.m.failed)
		return scim__fail_memory(err);
	*out = all.m.differences;
	return SCIM_OK;
}
