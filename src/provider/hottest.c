/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The most frequent of many, after Metwally, Agrawal and El Abbadi ("space
 * saving"): who is new takes the slot of the least frequent and its count,
 * noted as excess.  So no count is too low, and what comes more often than
 * one in so many as there are slots always has one.
 */
#include "provider/hottest.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static bool
is_same(const struct scim__hot *a, const struct scim__hot *b)
{
	return a->tenant == b->tenant && a->type == b->type &&
	    a->name == b->name &&
	    memcmp(a->text, b->text, (size_t)a->tenant + a->type + a->name) ==
	    0;
}

void
scim__hottest_note(struct scim__hottest *hottest, scim_str tenant,
    scim_str type, scim_str name)
{
	struct scim__hot hot = { .count = 1 };
	struct scim__hot *least = &hottest->slots[0];

	if (name.len == 0 ||
	    tenant.len + type.len + name.len > sizeof(hot.text))
		return;
	hot.tenant = (uint8_t)tenant.len;
	hot.type = (uint8_t)type.len;
	hot.name = (uint8_t)name.len;
	if (tenant.len > 0)
		memcpy(hot.text, tenant.ptr, tenant.len);
	if (type.len > 0)
		memcpy(hot.text + tenant.len, type.ptr, type.len);
	memcpy(hot.text + tenant.len + type.len, name.ptr, name.len);
	for (size_t i = 0; i < SCIM__HOTTEST_SLOTS; i++) {
		struct scim__hot *slot = &hottest->slots[i];

		if (slot->count > 0 && is_same(slot, &hot)) {
			slot->count++;
			return;
		}
		if (slot->count < least->count)
			least = slot;
	}
	hot.excess = least->count;
	hot.count += least->count;
	*least = hot;
}

void
scim__hottest_note_path(struct scim__hottest *hottest, scim_str tenant,
    scim_str type, scim_str path)
{
	char plain[SCIM__HOTTEST_BYTES];
	size_t len = 0;
	bool is_inside = false, is_quoted = false;

	for (size_t i = 0; i < path.len && len < sizeof(plain); i++) {
		char c = path.ptr[i];

		if (is_quoted && c == '\\') {
			i++;
			continue;
		}
		if (is_inside && c == '"')
			is_quoted = !is_quoted;
		if (c == '[')
			is_inside = true;
		if (!is_inside)
			plain[len++] = c;
		if (c == ']' && !is_quoted)
			is_inside = false;
	}
	scim__hottest_note(hottest, tenant, type, (scim_str){ plain, len });
}

static int
by_count(const void *a, const void *b)
{
	const struct scim__hot *x = *(const struct scim__hot *const *)a;
	const struct scim__hot *y = *(const struct scim__hot *const *)b;

	return (x->count < y->count) - (x->count > y->count);
}

static bool
put(scim_arena *arena, const struct scim__hot *hot, scim_metrics_hot *out)
{
	scim_str text = scim__str_copy(arena,
	    (scim_str){
		hot->text, (size_t)hot->tenant + hot->type + hot->name });

	if (text.ptr == NULL)
		return false;
	*out = (scim_metrics_hot){ .tenant = { text.ptr, hot->tenant },
		.type = { text.ptr + hot->tenant, hot->type },
		.name = { text.ptr + hot->tenant + hot->type, hot->name },
		.conflicts = hot->count,
		.excess = hot->excess };
	return true;
}

scim_status
scim__hottest_read(const struct scim__hottest *hottest, size_t limit,
    scim_arena *arena, scim_metrics_hot **out, size_t *out_count)
{
	const struct scim__hot *found[SCIM__HOTTEST_SLOTS];
	size_t count = 0;

	for (size_t i = 0; i < SCIM__HOTTEST_SLOTS; i++)
		if (hottest->slots[i].count > 0)
			found[count++] = &hottest->slots[i];
	if (count > 1)
		qsort(found, count, sizeof(found[0]), by_count);
	if (count > limit)
		count = limit;
	scim_metrics_hot *rows =
	    scim__arena_array(arena, count + 1, sizeof(*rows));
	if (rows == NULL)
		return SCIM_ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (!put(arena, found[i], &rows[i]))
			return SCIM_ERR_NO_MEMORY;
	*out = rows;
	*out_count = count;
	return SCIM_OK;
}
