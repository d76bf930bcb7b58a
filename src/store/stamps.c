/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stamps: the memory of what was written when.
 *
 * A write touches its slots before it commits and settles them after, with a
 * fresh moment.  Whoever kept something from an older snapshot finds a later
 * stamp than his own moment; in between, the slot holds nothing at all, so
 * that nobody sees the old state after somebody saw the new one.  Slots are
 * shared by many ids: a touch can end what it need not, never the reverse.
 *
 * The last slot belongs to no id: it is looked at for every one, and stands
 * for "anything".  It also serves when there is no memory to note a touch.
 */
#include "store/stamps.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/str.h"

#define SLOTS 16384
#define ANYTHING SLOTS

struct slot {
	_Atomic uint64_t stamp;
	_Atomic uint32_t open; /* touches not settled yet */
};

struct scim__stamps {
	_Atomic uint64_t clock;
	_Atomic uint64_t generation;
	struct slot slots[SLOTS + 1];
};

struct scim__touched {
	size_t count, capacity;
	uint32_t slots[];
};

/* Stands in for a list that could not be made: ANYTHING alone. */
static struct scim__touched only_anything;

scim__stamps *
scim__stamps_new(void)
{
	scim__stamps *stamps = calloc(1, sizeof(*stamps));

	if (stamps != NULL)
		atomic_store(&stamps->clock, 1);
	return stamps;
}

void
scim__stamps_free(scim__stamps *stamps)
{
	free(stamps);
}

uint64_t
scim__stamps_now(const scim__stamps *stamps)
{
	return atomic_load(&stamps->clock);
}

uint32_t
scim__stamps_slot(scim_str tenant, scim_str id)
{
	uint64_t hash =
	    scim__str_hash(scim__str_hash(SCIM__STR_HASH_BEGIN, tenant), id);

	return (uint32_t)((hash ^ hash >> 32) % SLOTS);
}

static bool
holds(const struct slot *slot, uint64_t since)
{
	return atomic_load(&slot->open) == 0 &&
	    atomic_load(&slot->stamp) <= since;
}

bool
scim__stamps_hold(const scim__stamps *stamps, uint32_t slot, uint64_t since)
{
	return holds(&stamps->slots[slot], since) &&
	    holds(&stamps->slots[ANYTHING], since);
}

/* Room for one more, or NULL. */
static struct scim__touched *
grow(struct scim__touched *touched)
{
	size_t capacity = touched == NULL ? 8 : touched->capacity * 2;

	if (touched != NULL && touched->count < touched->capacity)
		return touched;
	struct scim__touched *more =
	    realloc(touched, sizeof(*more) + capacity * sizeof(more->slots[0]));
	if (more == NULL)
		return NULL;
	if (touched == NULL)
		more->count = 0;
	more->capacity = capacity;
	return more;
}

/* No memory: everything noted so far is covered by ANYTHING from here on,
 * and its own slots are settled at once. */
static void
fall_back(scim__stamps *stamps, struct scim__touched **touched)
{
	atomic_fetch_add(&stamps->slots[ANYTHING].open, 1);
	if (*touched != NULL)
		scim__stamps_settle(stamps, *touched);
	*touched = &only_anything;
}

void
scim__stamps_touch(
    scim__stamps *stamps, struct scim__touched **touched, uint32_t slot)
{
	if (*touched == &only_anything)
		return;
	struct scim__touched *list = grow(*touched);
	if (list == NULL) {
		fall_back(stamps, touched);
		return;
	}
	*touched = list;
	list->slots[list->count++] = slot;
	atomic_fetch_add(&stamps->slots[slot].open, 1);
}

void
scim__stamps_touch_all(scim__stamps *stamps, struct scim__touched **touched)
{
	scim__stamps_touch(stamps, touched, ANYTHING);
}

static void
settle(scim__stamps *stamps, uint32_t slot, uint64_t now)
{
	struct slot *s = &stamps->slots[slot];
	uint64_t stamp = atomic_load(&s->stamp);

	while (stamp < now &&
	    !atomic_compare_exchange_weak(&s->stamp, &stamp, now))
		continue;
	atomic_fetch_sub(&s->open, 1);
}

void
scim__stamps_settle(scim__stamps *stamps, struct scim__touched *touched)
{
	if (touched == NULL)
		return;
	uint64_t now = atomic_fetch_add(&stamps->clock, 1) + 1;

	if (touched == &only_anything) {
		settle(stamps, ANYTHING, now);
		return;
	}
	for (size_t i = 0; i < touched->count; i++)
		settle(stamps, touched->slots[i], now);
	free(touched);
}

void
scim__stamps_generation(scim__stamps *stamps, uint64_t generation)
{
	if (atomic_load(&stamps->generation) == generation)
		return;
	/* Nothing holds from here on; only then may others take the news
	 * for old. */
	atomic_fetch_add(&stamps->slots[ANYTHING].open, 1);
	atomic_store(&stamps->generation, generation);
	settle(stamps, ANYTHING, atomic_fetch_add(&stamps->clock, 1) + 1);
}
