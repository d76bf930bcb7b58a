/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_JSON_VALUE_H
#define SCIM_JSON_VALUE_H

#include <stdbool.h>

#include "scimd/types.h"

/*
 * A JSON value as the library works on it: a plain tree in an arena, with
 * items and members side by side.  Strings may point into the text they were
 * parsed from.  Copying a scim__value copies the reference, not the tree.
 */
typedef enum scim__kind {
	SCIM__NULL,
	SCIM__BOOL,
	SCIM__INTEGER, /* fits int64_t */
	SCIM__REAL,    /* had a fraction or an exponent */
	SCIM__BIG,     /* an integer beyond int64_t, in `string` as written */
	SCIM__STRING,
	SCIM__ARRAY,
	SCIM__OBJECT
} scim__kind;

typedef struct scim__value scim__value;
typedef struct scim__member scim__member;

struct scim__value {
	scim__kind kind;
	uint32_t count; /* of items or members */
	union {
		bool boolean;
		int64_t integer;
		double real;
		scim_str string;
		struct {
			scim__value *items;
			size_t capacity;
		} array;
		struct {
			scim__member *members;
			size_t capacity;
		} object;
	};
};

struct scim__member {
	scim_str name;
	scim__value value;
};

static inline scim__value
scim__value_string(scim_str s)
{
	return (scim__value){ .kind = SCIM__STRING, .string = s };
}

static inline scim__value
scim__value_bool(bool b)
{
	return (scim__value){ .kind = SCIM__BOOL, .boolean = b };
}

static inline scim__value
scim__value_integer(int64_t n)
{
	return (scim__value){ .kind = SCIM__INTEGER, .integer = n };
}

static inline scim__value
scim__value_object(void)
{
	return (scim__value){ .kind = SCIM__OBJECT };
}

static inline scim__value
scim__value_array(void)
{
	return (scim__value){ .kind = SCIM__ARRAY };
}

/* The member of that name, byte for byte; NULL for none or no object. */
scim__value *scim__object_find(const scim__value *object, scim_str name);

/* The same, ASCII case aside. */
scim__value *scim__object_find_nocase(const scim__value *object, scim_str name);

/* The string of that member, or an empty one with ptr NULL. */
scim_str scim__object_get_string(const scim__value *object, scim_str name);

/* Appends without looking for the name.  False: out of memory. */
bool scim__object_add(
    scim_arena *arena, scim__value *object, scim_str name, scim__value value);

/* Replaces the member of that name or appends it. */
bool scim__object_set(
    scim_arena *arena, scim__value *object, scim_str name, scim__value value);

/* Takes the member away, order kept; false when there was none. */
bool scim__object_remove(scim__value *object, scim_str name);

/*
 * Adds the members of `from`, those of an object that both have to the one
 * that is there; no other name may be in both.  False: out of memory.
 */
bool scim__object_merge(
    scim_arena *arena, scim__value *into, const scim__value *from);

bool scim__array_add(scim_arena *arena, scim__value *array, scim__value value);
void scim__array_remove(scim__value *array, size_t index);

/* Deep copy, strings included; false: out of memory. */
bool scim__value_copy(
    scim_arena *arena, const scim__value *from, scim__value *out);

/* Deep and exact; member order does not matter, item order does. */
bool scim__value_equal(const scim__value *a, const scim__value *b);

#endif
