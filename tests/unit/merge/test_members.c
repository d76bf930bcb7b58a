/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

/*
 * A delta is written as words: "+u1" came, "-u1" went, "+u1=Name" came with a
 * display.
 */
static const struct {
	const char *name, *ours, *theirs;
	const char *changes, *conflicts, *autos;
} cases[] = {
	{ "who came and went here", "+u3 -u1", "", "-u1 +u3", "",
	    "members[value eq 'u1'] ours\n" },
	{ "who came and went there", "", "+u3 -u1", "", "",
	    "members[value eq 'u1'] theirs\n" },
	{ "W5", "+u3", "+u4 -u1", "+u3", "", NULL },
	{ "both added", "+u3", "+u3", "", "", "" },
	{ "both added, shown otherwise", "+u3=A", "+u3=B", "", "", "" },
	{ "both removed", "-u3", "-u3", "", "", "" },
	{ "shown otherwise here", "-u1=A +u1=B", "+u2", "-u1=A +u1=B", "",
	    NULL },
	{ "shown otherwise by both, alike", "-u1=A +u1=B", "-u1=A +u1=B", "",
	    "", "" },
	{ "shown otherwise by both", "-u1=A +u1=B", "-u1=A +u1=C", "",
	    "members[value eq 'u1'] modify/modify\n", "" },
	{ "removed here, shown otherwise there", "-u1=A", "-u1=A +u1=C", "",
	    "members[value eq 'u1'] delete/modify\n", "" },
	{ "shown otherwise here, removed there", "-u1=A +u1=B", "-u1=A", "",
	    "members[value eq 'u1'] modify/delete\n", "" },
	{ "sorted", "+c +a +b -d", "", "+a +b +c -d", "", NULL },
};

static struct scim__member_delta
read_delta(scim_arena *arena, const char *words)
{
	struct scim__member_change *changes =
	    scim__arena_array(arena, 8, sizeof(*changes));
	size_t count = 0;

	assert_non_null(changes);
	for (const char *p = words; *p != '\0'; count++) {
		struct scim__member_change *change = &changes[count];
		size_t len = strcspn(p, " ");
		size_t name = strcspn(p, " =");

		change->is_removed = *p == '-';
		change->value = (scim_str){ p + 1, name - 1 };
		if (name < len)
			change->display =
			    (scim_str){ p + name + 1, len - name - 1 };
		p += len;
		p += *p == ' ';
	}
	return (struct scim__member_delta){ changes, count };
}

static scim_str
write_changes(scim_arena *arena, const struct scim__members_merged *merged)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	for (size_t i = 0; i < merged->count; i++) {
		const struct scim__member_change *c = &merged->changes[i];

		scim__buf_add_z(&buf, i == 0 ? "" : " ");
		scim__buf_add_char(&buf, c->is_removed ? '-' : '+');
		scim__buf_add(&buf, c->value);
		if (c->display.len > 0)
			scim__buf_add_char(&buf, '=');
		scim__buf_add(&buf, c->display);
	}
	return scim__buf_str(&buf);
}

static struct scim__merge_rules
rules_in(scim_arena *arena, const char *type)
{
	return (struct scim__merge_rules){ .arena = arena,
		.registry = merging_registry(),
		.type =
		    scim__registry_type(merging_registry(), scim__str(type)) };
}

static scim_str
conflicts_of(scim_arena *arena, const struct scim__members_merged *merged)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	for (size_t i = 0; i < merged->conflict_count; i++) {
		scim__buf_add(&buf, merged->conflicts[i].path);
		scim__buf_printf(&buf, " %s\n",
		    scim_merge_kind_name(merged->conflicts[i].kind));
	}
	return scim__buf_str(&buf);
}

static void
members_are_a_set_and_deltas_are_enough(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const struct scim__merge_rules rules = rules_in(arena, "Group");
		const struct scim__member_delta ours =
		    read_delta(arena, cases[i].ours);
		const struct scim__member_delta theirs =
		    read_delta(arena, cases[i].theirs);
		struct scim__members_merged merged;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(
		    scim__merge_members(&rules, &ours, &theirs, &merged, NULL),
		    SCIM_OK);

		assert_str(write_changes(arena, &merged), cases[i].changes);
		assert_str(conflicts_of(arena, &merged),
		    merging_quoted(arena, cases[i].conflicts).ptr);
		if (cases[i].autos == NULL)
			continue;
		const scim_merge_result autos = { .autos = merged.autos,
			.auto_count = merged.auto_count };
		assert_str(merging_autos(arena, &autos),
		    merging_quoted(arena, cases[i].autos).ptr);
	}
}

static const struct {
	const char *ours, *theirs, *by_ours;
} decided[] = {
	{ "-u1=A +u1=B", "-u1=A +u1=C", "-u1=C +u1=B" },
	{ "-u1=A", "-u1=A +u1=C", "-u1=C" },
	{ "-u1=A +u1=B", "-u1=A", "+u1=B" },
};

static void
who_is_decided_for_is_done(void **state)
{
	for (size_t i = 0; i < scim__countof(decided); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		struct scim__merge_rules rules = rules_in(arena, "Group");
		const struct scim__member_delta ours =
		    read_delta(arena, decided[i].ours);
		const struct scim__member_delta theirs =
		    read_delta(arena, decided[i].theirs);
		struct scim__members_merged merged;

		rules.on_conflict = SCIM_MERGE_OURS;
		assert_int_equal(
		    scim__merge_members(&rules, &ours, &theirs, &merged, NULL),
		    SCIM_OK);
		assert_int_equal(merged.undecided, 0);
		assert_str(write_changes(arena, &merged), decided[i].by_ours);

		rules.on_conflict = SCIM_MERGE_THEIRS;
		assert_int_equal(
		    scim__merge_members(&rules, &ours, &theirs, &merged, NULL),
		    SCIM_OK);
		assert_int_equal(merged.undecided, 0);
		assert_int_equal(merged.count, 0);
	}
}

static void
a_type_without_a_relation_has_no_members(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const struct scim__merge_rules rules = rules_in(arena, "User");
	const struct scim__member_delta none = { NULL, 0 };
	struct scim__members_merged merged = { .count = POISON };

	assert_int_equal(
	    scim__merge_members(&rules, &none, &none, &merged, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(merged.count, POISON);
}

static scim_status
merge_in(scim_arena *arena, void *context)
{
	static const struct scim__member_change changes[] = {
		{ { "u1", 2 }, { "User", 4 }, { "A", 1 }, true },
		{ { "u1", 2 }, { "User", 4 }, { "B", 1 }, false },
		{ { "u2", 2 }, { "User", 4 }, { "C", 1 }, true },
	};
	const struct scim__merge_rules rules = rules_in(arena, "Group");
	const struct scim__member_delta ours = { changes, 3 };
	const struct scim__member_delta theirs = { changes, 1 };
	struct scim__members_merged merged;

	return scim__merge_members(&rules, &ours, &theirs, &merged, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	(void)merging_registry();
	assert_true(test_fail_each_allocation(merge_in, NULL) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_a_set_and_deltas_are_enough),
		cmocka_unit_test(who_is_decided_for_is_done),
		cmocka_unit_test(a_type_without_a_relation_has_no_members),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
