/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge_laws MERGES [SEED]          asks the laws of so many merges and more
 * merge_laws --cases CASES [SEED]   prints cases with what came out, as NDJSON
 *
 * Every case depends on the seed and its own number alone, so a campaign of
 * many processes is one of many seeds.  A broken law is printed with the
 * smallest case that still breaks it; then the exit status is 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "laws.h"
#include "lib/merging.h"
#include "merge/whole.h"
#include "json/json.h"

/* Laws that cost more than a merge are asked of one case in so many. */
#define SELDOM 8

static uint64_t
seed_of(uint64_t seed, uint64_t number)
{
	struct rng rng = { seed };

	rng.state = rng_next(&rng) + number * UINT64_C(0xD1342543DE82EF95);
	return rng_next(&rng);
}

static void
add_document(scim__buf *buf, const char *name, const scim__value *document)
{
	scim__buf_printf(buf, "\"%s\":", name);
	scim__json_write_canonical(buf, document);
}

static void
print_case(scim_arena *arena, const struct law_case *c)
{
	static const char *const names[] = { "base", "ours", "theirs",
		"another" };
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_printf(&buf, "{\"type\":\"%.*s\"", (int)c->type->name.len,
	    c->type->name.ptr);
	for (size_t i = 0; i < 4; i++) {
		scim__buf_add_char(&buf, ',');
		add_document(&buf, names[i], &c->documents[i]);
	}
	printf("%.*s}\n", (int)buf.len, buf.ptr);
}

static int
report(const char *law, uint64_t seed, uint64_t number)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct law_case c;

	scim__assert(arena != NULL);
	generate(arena, merging_registry(), seed_of(seed, number), &c);
	printf("seed %" PRIu64 ", case %" PRIu64 " breaks %s\n", seed, number,
	    law);
	shrink(arena, &c, law);
	print_case(arena, &c);
	return EXIT_FAILURE;
}

static void
print_tally(uint64_t seed, uint64_t cases, const struct tally *tally)
{
	printf("seed %" PRIu64 ": %" PRIu64 " merges of %" PRIu64
	       " cases, %" PRIu64 " clean, %" PRIu64 " in conflict, %" PRIu64
	       " by three writers (%" PRIu64 " clean in one order);",
	    seed, tally->merges, cases, tally->clean, tally->conflicts,
	    tally->associative, tally->one_order);
	for (int kind = 0; kind <= SCIM_MERGE_VALIDATION; kind++)
		printf(" %s %" PRIu64,
		    scim_merge_kind_name((scim_merge_kind)kind),
		    tally->kinds[kind]);
	printf("; no law broken\n");
}

static int
ask(uint64_t merges, uint64_t seed)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim_registry *registry = merging_registry();
	struct tally tally = { 0 };
	uint64_t number = 0;

	scim__assert(arena != NULL);
	for (; tally.merges < merges; number++) {
		struct law_case c;

		scim_arena_reset(arena);
		generate(arena, registry, seed_of(seed, number), &c);
		const char *law =
		    broken_law(arena, &c, number % SELDOM == 0, &tally);
		if (law != NULL)
			return report(law, seed, number);
	}
	print_tally(seed, number, &tally);
	return EXIT_SUCCESS;
}

static void
add_outcome(scim_arena *arena, scim__buf *buf, const struct law_case *c)
{
	const struct scim__merge_rules rules = { .arena = arena,
		.registry = c->registry,
		.type = c->type,
		.own_guards = true };
	struct scim__merge_state states[3];
	struct scim__merged merged;
	scim__value whole;

	for (size_t i = 0; i < 3; i++)
		states[i] =
		    (struct scim__merge_state){ .content = &c->documents[i] };
	scim_status rc = scim__merge(&rules, states, &merged, NULL);
	scim__assert(rc == SCIM_OK);
	scim__assert(scim__merge_whole(&rules, &merged, true, &whole));
	scim__buf_add_char(buf, ',');
	add_document(buf, "result", &whole);
	scim__buf_add_z(buf, ",\"conflicts\":[");
	for (size_t i = 0; i < merged.conflict_count; i++) {
		const struct scim__merge_conflict *k = &merged.conflicts[i];

		scim__buf_add_z(buf, i == 0 ? "[" : ",[");
		scim__json_write_string(buf, k->path);
		scim__buf_printf(
		    buf, ",\"%s\"]", scim_merge_kind_name(k->kind));
	}
	scim__buf_add_char(buf, ']');
}

static int
print_cases(uint64_t cases, uint64_t seed)
{
	static const char *const names[] = { "base", "ours", "theirs" };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	scim__assert(arena != NULL);
	for (uint64_t number = 0; number < cases; number++) {
		struct law_case c;
		scim__buf buf;

		scim_arena_reset(arena);
		generate(arena, merging_registry(), seed_of(seed, number), &c);
		scim__buf_init(&buf, arena, SIZE_MAX);
		scim__buf_printf(&buf, "{\"type\":\"%.*s\"",
		    (int)c.type->name.len, c.type->name.ptr);
		for (size_t i = 0; i < 3; i++) {
			scim__buf_add_char(&buf, ',');
			add_document(&buf, names[i], &c.documents[i]);
		}
		add_outcome(arena, &buf, &c);
		printf("%.*s}\n", (int)buf.len, buf.ptr);
	}
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	bool cases = argc > 1 && strcmp(argv[1], "--cases") == 0;
	char **args = argv + (cases ? 2 : 1);
	int count = argc - (cases ? 2 : 1);

	if (count < 1 || count > 2) {
		(void)fprintf(stderr,
		    "usage: merge_laws MERGES [SEED] | --cases CASES [SEED]\n");
		return 2;
	}
	uint64_t wanted = strtoull(args[0], NULL, 10);
	uint64_t seed = count > 1 ? strtoull(args[1], NULL, 10) : 1;
	int rc = cases ? print_cases(wanted, seed) : ask(wanted, seed);
	(void)merging_end(NULL);
	return rc;
}
