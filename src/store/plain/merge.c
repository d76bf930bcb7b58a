/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a writer sees when it scans: the host's pairs, and its own in between
 * and on top of them.
 *
 * Both come in the order of keys, so one pass over the host's is enough; the
 * writer's are a list that was taken out of its tree before.
 */
#include "store/plain/merge.h"

#include "base/arena.h"
#include "base/str.h"

static bool
make_room(struct scim__plain_list *l)
{
	size_t capacity = l->capacity == 0 ? 16 : l->capacity * 2;

	if (l->count < l->capacity)
		return true;
	struct scim__plain_pair *more =
	    scim__arena_array(l->arena, capacity, sizeof(*more));
	if (more == NULL)
		return false;
	if (l->count > 0)
		memcpy(more, l->pairs, l->count * sizeof(*more));
	l->pairs = more;
	l->capacity = capacity;
	return true;
}

bool
scim__plain_list_add(void *argument, scim_str key, scim_str value)
{
	struct scim__plain_list *l = argument;

	l->failed = true;
	if (!make_room(l))
		return false;
	if (l->copy) {
		key = scim__str_copy(l->arena, key);
		value = scim__str_copy(l->arena, value);
		if (key.ptr == NULL || value.ptr == NULL)
			return false;
	}
	l->failed = false;
	l->pairs[l->count++] = (struct scim__plain_pair){ key, value };
	return true;
}

static void
emit(struct scim__plain_merge *m, scim_str key, scim_str value)
{
	if (!m->stopped && !m->each(m->argument, key, value))
		m->stopped = true;
}

/* Emits the writer's pairs up to `until`, NULL for all that are left.  Tells
 * whether one of them was at `until` itself. */
static bool
emit_over(struct scim__plain_merge *m, const scim_str *until)
{
	bool hides = false;

	while (m->next < m->over->count) {
		const struct scim__plain_pair *p = &m->over->pairs[m->next];
		int order =
		    until == NULL ? -1 : scim__str_compare(p->key, *until);

		if (order > 0)
			break;
		hides = order == 0;
		m->next++;
		if (p->value.ptr[0] == '+')
			emit(m, p->key,
			    (scim_str){ p->value.ptr + 1, p->value.len - 1 });
	}
	return hides;
}

int
scim__plain_merge_one(void *argument, scim_str key, scim_str value)
{
	struct scim__plain_merge *m = argument;

	if (scim__str_compare(key, m->range->high) >= 0)
		return 0;
	if (scim__str_compare(key, m->range->low) < 0)
		return 1;
	if (!emit_over(m, &key))
		emit(m, key, value);
	return m->stopped ? 0 : 1;
}

void
scim__plain_merge_rest(struct scim__plain_merge *m)
{
	(void)emit_over(m, NULL);
}
