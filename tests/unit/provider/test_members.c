/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/members.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"
#include "lib/directory.h"

#define GROUP_URN "urn:ietf:params:scim:schemas:core:2.0:Group"
#define PATCH_URN "urn:ietf:params:scim:api:messages:2.0:PatchOp"

/* The naive model: who is a member. */
#define MOST 1300

struct model {
	size_t size, count;
	bool member[MOST];
};

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static void
put(struct model *m, size_t i, bool there)
{
	m->count += (size_t)there - (size_t)m->member[i];
	m->member[i] = there;
}

static void
add_values(scim__buf *buf, struct model *m, uint32_t *seed, bool there)
{
	uint32_t count = draw(seed, 4);

	scim__buf_add_char(buf, '[');
	for (uint32_t i = 0; i < count; i++) {
		uint32_t who = draw(seed, (uint32_t)m->size);

		scim__buf_printf(buf, "%s{\"value\":\"m-%04u\"}",
		    i == 0 ? "" : ",", (unsigned)who);
		put(m, who, there);
	}
	scim__buf_add_char(buf, ']');
}

static void
add_operation(scim__buf *buf, struct model *m, uint32_t *seed)
{
	uint32_t who = draw(seed, (uint32_t)m->size);

	switch (draw(seed, 16)) {
	case 0:
		scim__buf_add_z(
		    buf, "{\"op\":\"remove\",\"path\":\"members\"}");
		for (size_t i = 0; i < m->size; i++)
			put(m, i, false);
		return;
	case 1:
		for (size_t i = 0; i < m->size; i++)
			put(m, i, false);
		scim__buf_add_z(
		    buf, "{\"op\":\"replace\",\"path\":\"members\",\"value\":");
		add_values(buf, m, seed, true);
		scim__buf_add_char(buf, '}');
		return;
	case 2:
	case 3:
		scim__buf_printf(buf,
		    "{\"op\":\"remove\",\"path\":"
		    "\"members[value ew \\\"%u\\\"]\"}",
		    (unsigned)who % 10);
		for (size_t i = who % 10; i < m->size; i += 10)
			put(m, i, false);
		return;
	case 4:
	case 5:
	case 6:
		scim__buf_printf(buf,
		    "{\"op\":\"remove\",\"path\":"
		    "\"members[value eq \\\"m-%04u\\\"]\"}",
		    (unsigned)who);
		put(m, who, false);
		return;
	case 7:
	case 8:
	case 9:
		scim__buf_add_z(
		    buf, "{\"op\":\"remove\",\"path\":\"members\",\"value\":");
		add_values(buf, m, seed, false);
		scim__buf_add_char(buf, '}');
		return;
	default:
		scim__buf_add_z(
		    buf, "{\"op\":\"add\",\"path\":\"members\",\"value\":");
		add_values(buf, m, seed, true);
		scim__buf_add_char(buf, '}');
	}
}

static scim_str
patch_of(scim_arena *arena, struct model *m, uint32_t *seed)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add_z(
	    &buf, "{\"schemas\":[\"" PATCH_URN "\"],\"Operations\":[");
	for (uint32_t i = 0, n = 1 + draw(seed, 4); i < n; i++) {
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		add_operation(&buf, m, seed);
	}
	scim__buf_add(&buf, SCIM_STR("]}\0"));
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

/* What a group with these members would have been created from. */
static scim_str
group_of(scim_arena *arena, const struct model *m)
{
	scim__buf buf;
	const char *before = "";

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add_z(&buf,
	    "{\"schemas\":[\"" GROUP_URN
	    "\"],\"displayName\":\"g\",\"members\":[");
	for (size_t i = 0; i < m->size; i++)
		if (m->member[i]) {
			scim__buf_printf(
			    &buf, "%s{\"value\":\"m-%04zu\"}", before, i);
			before = ",";
		}
	scim__buf_add(&buf, SCIM_STR("]}\0"));
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static void
walk(size_t size, int steps, uint32_t seed)
{
	struct directory d;
	struct model m = { .size = size };

	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	d.settings.limits.body_bytes = 1 << 20;
	for (size_t i = 0; i < size; i += 2)
		put(&m, i, true);
	scim_outcome made, out;
	assert_int_equal(SCIM_OK,
	    directory_create(
		&d, "Group", group_of(d.context.arena, &m).ptr, &made));
	scim_version last = made.resource.version;
	for (int step = 0; step < steps; step++) {
		struct model before = m;
		scim_str patch = patch_of(d.context.arena, &m, &seed);

		if (directory_patch(&d, "Group", made.resource.id, patch.ptr,
			&expect_any, &out) != SCIM_OK)
			fail_msg("%s\n%s", patch.ptr, d.err.detail);
		bool same = memcmp(before.member, m.member, size) == 0;
		assert_int_equal(out.changed, !same);
		assert_int_equal(
		    scim_version_equal(&last, &out.resource.version), same);
		last = out.resource.version;
		/* the same, built at once, is no change: neither of the
		 * rows nor of the hash */
		assert_int_equal(SCIM_OK,
		    directory_replace(&d, "Group", made.resource.id,
			group_of(d.context.arena, &m).ptr, &expect_any, &out));
		assert_false(out.changed);
	}
	directory_close(&d);
}

static void
any_operations_do_what_the_model_says(void **state)
{
	for (uint32_t seed = 1; seed < 8; seed++)
		walk(12, 60, seed);
}

static void
members_beyond_a_page_are_found_by_filters(void **state)
{
	walk(MOST, 12, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_operations_do_what_the_model_says),
		cmocka_unit_test(members_beyond_a_page_are_found_by_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
