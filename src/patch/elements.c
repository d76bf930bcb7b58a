/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on multi-valued attributes.
 *
 * A path chooses elements: all, or those its filter matches.  Elements that
 * come out equal are not looked for here; validation makes one of them, by
 * sorting.  The exception is one that is sent as primary: since it takes that
 * from all others, it must be known before whether it is there already.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "patch/apply.h"

#define BYTES_A_STEP 32

/* The elements, and which of them an operation is about. */
struct choice {
	scim__value *array;
	bool *chosen;
	size_t count;
};

static scim__value *
list_of(struct scim__patching *p, const scim__attribute *a, scim__value *home)
{
	scim__value *found = scim__object_find(home, a->name);

	if (found == NULL) {
		if (!scim__object_add(
			p->checking.arena, home, a->name, scim__value_array()))
			return NULL;
		found = &home->object.members[home->count - 1].value;
	}
	if (found->kind != SCIM__ARRAY)
		*found = scim__value_array();
	return found;
}

static scim_status
pay(struct scim__patching *p, uint64_t steps)
{
	if (p->matching.budget < steps)
		return scim__fail_type(p->checking.err, SCIM_ERR_INVALID,
		    "tooMany",
		    "Too many values would have to be compared: send fewer "
		    "in one request.");
	p->matching.budget -= steps;
	return SCIM_OK;
}

/* The flags are one longer than the list: for an element to be created. */
static scim_status
choose(
    struct scim__patching *p, const struct scim__patch_op *op, struct choice *c)
{
	scim_status rc = SCIM_OK;

	c->chosen = scim__arena_array(
	    p->checking.arena, c->array->count + 1, sizeof(*c->chosen));
	if (c->chosen == NULL)
		return scim__fail_memory(p->checking.err);
	if (!op->path.has_filter)
		rc = pay(p, c->array->count);
	for (uint32_t i = 0; rc == SCIM_OK && i < c->array->count; i++) {
		c->chosen[i] = true;
		if (op->path.has_filter)
			rc = scim__filter_matches_element(&p->matching,
			    op->path.filter.root, &c->array->array.items[i],
			    &c->chosen[i], p->checking.err);
		c->count += c->chosen[i];
	}
	return rc;
}

static bool
is_primary(const scim__value *element)
{
	const scim__value *v = scim__object_find(element, SCIM_STR("primary"));

	return v != NULL && v->kind == SCIM__BOOL && v->boolean;
}

/* @spec 7644-3.5.2-18, 7644-3.5.2.3-09 */
static void
move_primary(scim__value *array, const bool *touched, uint32_t new_from)
{
	bool moves = false;

	for (uint32_t i = touched == NULL ? new_from : 0; i < array->count; i++)
		moves |= (i >= new_from || (touched != NULL && touched[i])) &&
		    is_primary(&array->array.items[i]);
	for (uint32_t i = 0; moves && i < array->count; i++) {
		scim__value *e = &array->array.items[i];

		if (i < new_from && (touched == NULL || !touched[i]) &&
		    is_primary(e))
			*scim__object_find(e, SCIM_STR("primary")) =
			    scim__value_bool(false);
	}
}

static scim_status
make_element(struct scim__patching *p, const scim__attribute *a,
    const scim__value *value, scim__value *out)
{
	if (a->type != SCIM__TYPE_COMPLEX)
		return scim__check_single(&p->checking, a, value, out);
	*out = scim__value_object();
	return scim__patch_merge(p, SCIM__PATCH_ADD, a, value, out);
}

static scim_status
is_there(struct scim__patching *p, const scim__value *array,
    const scim__value *element, bool *out)
{
	scim_status rc = pay(p, array->count);

	*out = false;
	for (uint32_t i = 0; rc == SCIM_OK && !*out && i < array->count; i++)
		*out = scim__value_equal(&array->array.items[i], element);
	return rc;
}

static scim_status
append_one(struct scim__patching *p, const scim__attribute *a,
    const scim__value *value, scim__value *array)
{
	scim__value element;
	bool known = false;

	if (scim__is_unassigned(value))
		return SCIM_OK;
	scim_status rc = make_element(p, a, value, &element);
	if (rc == SCIM_OK && is_primary(&element))
		rc = is_there(p, array, &element, &known);
	if (rc != SCIM_OK || known)
		return rc;
	return scim__array_add(p->checking.arena, array, element)
	    ? SCIM_OK
	    : scim__fail_memory(p->checking.err);
}

/* @spec 7644-3.5.2.1-05, 7644-3.5.2.1-07, 7644-3.5.2.1-09 */
static scim_status
append(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *array)
{
	const scim__value *value = op->value;
	bool is_list = value->kind == SCIM__ARRAY;
	uint32_t before = array->count;
	scim_status rc = SCIM_OK;

	for (uint32_t i = 0; rc == SCIM_OK && i < (is_list ? value->count : 1);
	     i++)
		rc = append_one(p, op->path.attribute,
		    is_list ? &value->array.items[i] : value, array);
	if (rc == SCIM_OK)
		move_primary(array, NULL, before);
	return rc;
}

static scim_status
clear(struct scim__patching *p, const scim__attribute *a, scim__value *array)
{
	if (a->required)
		return scim__patch_fail_required(p, a);
	*array = scim__value_array();
	return SCIM_OK;
}

/* @spec 7644-3.5.2.3-03, 7644-3.5.2.3-10 */
static scim_status
replace_all(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *array)
{
	const scim__attribute *a = op->path.attribute;
	const scim__value *items = NULL;
	size_t count = 0;

	if (scim__is_unassigned(op->value))
		return clear(p, a, array);
	scim_status rc =
	    scim__list_items(&p->checking, a, op->value, &items, &count);
	*array = scim__value_array();
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		scim__value element;

		if (scim__is_unassigned(&items[i]))
			continue;
		rc = make_element(p, a, &items[i], &element);
		if (rc == SCIM_OK &&
		    !scim__array_add(p->checking.arena, array, element))
			rc = scim__fail_memory(p->checking.err);
	}
	return rc;
}

/* @spec 7644-3.5.2.2-03, 7644-3.5.2.2-04, 7644-3.5.2.2-05 */
static scim_status
take_out(struct scim__patching *p, const scim__attribute *a, struct choice *c)
{
	uint32_t kept = 0;
	scim__value *items = c->array->array.items;

	if (c->count == c->array->count && c->count > 0 && a->required)
		return scim__patch_fail_required(p, a);
	for (uint32_t i = 0; i < c->array->count; i++)
		if (!c->chosen[i])
			items[kept++] = items[i];
	c->array->count = kept;
	return SCIM_OK;
}

static scim_status
same_text(struct scim__patching *p, const scim__attribute *a,
    const scim__value *x, const scim__value *y, bool *out)
{
	if (x->kind != SCIM__STRING || y->kind != SCIM__STRING ||
	    a->case_exact) {
		*out = scim__value_equal(x, y);
		return SCIM_OK;
	}
	scim_status rc = pay(p, (x->string.len + y->string.len) / BYTES_A_STEP);
	if (rc != SCIM_OK)
		return rc;
	scim_str left = scim__str_fold(p->checking.arena, x->string);
	scim_str right = scim__str_fold(p->checking.arena, y->string);

	if (left.ptr == NULL || right.ptr == NULL)
		return scim__fail_memory(p->checking.err);
	*out = scim__str_equal(left, right);
	return SCIM_OK;
}

/* Whether an element has all that `wanted` says. */
static scim_status
is_like(struct scim__patching *p, const scim__attribute *a,
    const scim__value *element, const scim__value *wanted, bool *out)
{
	scim_status rc = SCIM_OK;

	if (a->type != SCIM__TYPE_COMPLEX)
		return same_text(p, a, element, wanted, out);
	*out = wanted->count > 0;
	for (uint32_t i = 0; rc == SCIM_OK && *out && i < wanted->count; i++) {
		const scim__member *m = &wanted->object.members[i];
		const scim__attribute *sub =
		    scim__attribute_find(a->sub, a->sub_count, m->name);
		const scim__value *v = scim__object_find(element, m->name);

		*out = sub != NULL && v != NULL;
		if (*out)
			rc = same_text(p, sub, v, &m->value, out);
	}
	return rc;
}

/* `remove` with values: those and no others. */
static scim_status
remove_values(
    struct scim__patching *p, const struct scim__patch_op *op, struct choice *c)
{
	const scim__attribute *a = op->path.attribute;
	bool is_list = op->value->kind == SCIM__ARRAY;
	uint32_t count = is_list ? op->value->count : 1;
	scim_status rc = pay(p, (uint64_t)count * c->array->count);

	p->checking.quirks |= SCIM__QUIRK_REMOVE_VALUES;
	memset(c->chosen, 0, c->array->count * sizeof(*c->chosen));
	c->count = 0;
	for (uint32_t i = 0; rc == SCIM_OK && i < count; i++) {
		const scim__value *item =
		    is_list ? &op->value->array.items[i] : op->value;
		scim__value wanted;

		if (scim__is_unassigned(item))
			continue;
		rc = make_element(p, a, item, &wanted);
		for (uint32_t k = 0; rc == SCIM_OK && k < c->array->count;
		     k++) {
			bool hit = c->chosen[k];

			if (hit)
				continue;
			rc = is_like(
			    p, a, &c->array->array.items[k], &wanted, &hit);
			c->chosen[k] = hit;
			c->count += hit;
		}
	}
	return rc != SCIM_OK ? rc : take_out(p, a, c);
}

static scim_status
remove_chosen(
    struct scim__patching *p, const struct scim__patch_op *op, struct choice *c)
{
	const scim__attribute *sub = op->path.sub;
	scim_status rc = SCIM_OK;

	if (sub == NULL && !op->path.has_filter && op->value != NULL &&
	    op->value->kind != SCIM__NULL)
		return remove_values(p, op, c);
	if (sub == NULL)
		return take_out(p, op->path.attribute, c);
	for (uint32_t i = 0; rc == SCIM_OK && i < c->array->count; i++)
		if (c->chosen[i])
			rc = scim__patch_set_sub(
			    p, op->kind, sub, NULL, &c->array->array.items[i]);
	return rc;
}

/* What the operation makes of one element. */
static scim_status
change_one(struct scim__patching *p, const struct scim__patch_op *op,
    const scim__value *value, scim__value *element)
{
	const scim__attribute *a = op->path.attribute;

	if (op->path.sub != NULL)
		return scim__patch_set_sub(
		    p, op->kind, op->path.sub, value, element);
	if (a->type == SCIM__TYPE_COMPLEX && op->kind == SCIM__PATCH_ADD)
		return scim__patch_merge(p, op->kind, a, value, element);
	return make_element(p, a, value, element);
}

/* @spec 7644-3.5.2.1-10, 7644-3.5.2.3-08 */
static scim_status
create(struct scim__patching *p, const struct scim__patch_op *op,
    const scim__value *value, struct choice *c)
{
	struct scim__patch_op add = *op;
	scim__value element = { .kind = SCIM__NULL };
	bool creates = op->kind == SCIM__PATCH_ADD ||
	    (p->rules->leniency & SCIM__LENIENT_CREATING_REPLACE) != 0;

	if (!creates || !op->path.has_filter)
		return scim__patch_fail_target(p, op->path.attribute);
	if (scim__is_unassigned(value))
		return SCIM_OK;
	add.kind = SCIM__PATCH_ADD;
	scim_status rc = scim__patch_create(p, op, &element);
	if (rc == SCIM_OK)
		rc = change_one(p, &add, value, &element);
	if (rc != SCIM_OK)
		return rc;
	uint32_t before = c->array->count;
	if (!scim__array_add(p->checking.arena, c->array, element))
		return scim__fail_memory(p->checking.err);
	move_primary(c->array, NULL, before);
	return SCIM_OK;
}

/* @spec 7644-3.5.2-09, 7644-3.5.2.3-06, 7644-3.5.2.3-07 */
static scim_status
change_chosen(
    struct scim__patching *p, const struct scim__patch_op *op, struct choice *c)
{
	const scim__value *value = op->value;
	scim_status rc = SCIM_OK;

	/* One element in an array is that element. */
	if (op->path.sub == NULL && value->kind == SCIM__ARRAY &&
	    value->count == 1)
		value = &value->array.items[0];
	if (c->count == 0)
		return create(p, op, value, c);
	if (op->path.sub == NULL && scim__is_unassigned(value))
		return op->kind == SCIM__PATCH_ADD
		    ? SCIM_OK
		    : take_out(p, op->path.attribute, c);
	for (uint32_t i = 0; rc == SCIM_OK && i < c->array->count; i++)
		if (c->chosen[i])
			rc =
			    change_one(p, op, value, &c->array->array.items[i]);
	if (rc == SCIM_OK)
		move_primary(c->array, c->chosen, c->array->count);
	return rc;
}

static bool
says_nothing(const scim__value *element)
{
	if (element->kind != SCIM__OBJECT)
		return element->kind == SCIM__NULL;
	for (uint32_t i = 0; i < element->count; i++)
		if (element->object.members[i].value.kind != SCIM__NULL)
			return false;
	return true;
}

/* The next operation must not find what is no value any more.
 * @spec 7643-2.5-02 */
static void
drop_empty(scim__value *array, uint32_t from)
{
	scim__value *items = array->array.items;
	uint32_t kept = from;

	for (uint32_t i = from; i < array->count; i++)
		if (!says_nothing(&items[i]))
			items[kept++] = items[i];
	array->count = kept;
}

/* Whether what is there already stays as it is.  Then nothing may be done for
 * each element of it: a message can have as many such operations as bytes. */
static bool
only_appends(const struct scim__patch_op *op)
{
	return op->kind == SCIM__PATCH_ADD && !op->path.has_filter &&
	    op->path.sub == NULL;
}

static scim_status
apply_to_list(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *array)
{
	struct choice c = { .array = array };
	bool whole = !op->path.has_filter && op->path.sub == NULL;

	if (only_appends(op))
		return append(p, op, array);
	if (whole && op->kind == SCIM__PATCH_REPLACE)
		return replace_all(p, op, array);
	scim_status rc = choose(p, op, &c);
	if (rc != SCIM_OK)
		return rc;
	return op->kind == SCIM__PATCH_REMOVE ? remove_chosen(p, op, &c)
					      : change_chosen(p, op, &c);
}

scim_status
scim__patch_elements(struct scim__patching *p, const struct scim__patch_op *op,
    scim__value *home)
{
	scim__value *array = list_of(p, op->path.attribute, home);

	if (array == NULL)
		return scim__fail_memory(p->checking.err);
	uint32_t from = only_appends(op) ? array->count : 0;
	scim_status rc = apply_to_list(p, op, array);
	if (rc == SCIM_OK)
		drop_empty(array, from);
	return rc;
}
