/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROPERTY_GENERATE_H
#define TESTS_PROPERTY_GENERATE_H

/*
 * Resources at random, of any type: few attributes and few values, so that
 * changes meet.  What comes out depends on the number alone.
 */
#include "merge/merge.h"

struct rng {
	uint64_t state;
};

static inline uint64_t
rng_next(struct rng *rng)
{
	uint64_t z = rng->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* Below `n`, which is not 0. */
static inline uint32_t
rng_below(struct rng *rng, uint32_t n)
{
	return (uint32_t)((rng_next(rng) >> 32) * n >> 32);
}

#define FOCUS_MOST 6

/* One case: a type, the attributes that vary, and four states of it. */
struct law_case {
	const scim_registry *registry;
	const scim__resource_type *type;
	struct focus {
		scim_str urn; /* empty: at the top */
		const scim__attribute *attribute;
	} focus[FOCUS_MOST];
	size_t focus_count;
	bool has_secret;          /* in the focus */
	scim__value documents[4]; /* base, ours, theirs, another's */
};

void generate(scim_arena *arena, const scim_registry *registry, uint64_t seed,
    struct law_case *out);

/* The values of an element by which it is known, as text without doubt. */
uint64_t identity_of(const scim__attribute *a, const scim__value *element);

/* Whether `primary` is true in an element. */
bool is_primary(const scim__value *element);

#endif
