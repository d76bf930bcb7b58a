/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/arena.h"
#include "lib/test.h"
#include "scimd/version.h"

/* @spec 9110-8.8.3-01, 9110-8.8.3-04, 9110-5.5-01, 9110-5.5-03 */
static const struct {
	const char *field, *opaque;
	int weak;
} tags[] = {
	{ "\"v7\"", "v7", 0 },
	{ "W/\"v7\"", "v7", 1 },
	{ "\"\"", "", 0 },
	{ "W/\"\"", "", 1 },
	{ "\"a,b\"", "a,b", 0 },
	{ "\"*\"", "*", 0 },
	{ "\"a\\b\"", "a\\b", 0 },
	{ "\"\xE9\"", "\xE9", 0 },
	{ "\"\x80\xFF\"", "\x80\xFF", 0 },
	{ "\"!#~\"", "!#~", 0 },
	{ "W/\"W/\"", "W/", 1 },
	{ " \t\"v7\"\t ", "v7", 0 },
};

/* @spec 9110-8.8.3-02 */
static const char *const no_tags[] = {
	"",
	" ",
	"*",
	"v7",
	"'v7'",
	"\"v7",
	"v7\"",
	"\"",
	"W",
	"W/",
	"W/\"",
	"w/\"v7\"",
	"W/v7",
	"W\\/\"v7\"",
	"W /\"v7\"",
	"W/ \"v7\"",
	"\"a b\"",
	"\"a\tb\"",
	"\"a\nb\"",
	"\"a\x01\"",
	"\"a\x7f\"",
	"\"a\" \"b\"",
	"\"a\"x",
	"\"a\"\"b\"",
	"x\"a\"",
	"\r\"a\"",
	"\"a\"\r\n",
	"\"a\\\"b\"",
	"\xe2\x80\x9cv\xe2\x80\x9d",
};

static void
a_tag_is_read_without_unescaping(void **state)
{
	for (size_t i = 0; i < scim__countof(tags); i++) {
		scim_etag etag;

		assert_int_equal(
		    scim_etag_parse(scim__str(tags[i].field), &etag, NULL),
		    SCIM_OK);
		assert_str(etag.opaque, tags[i].opaque);
		assert_int_equal(etag.weak, tags[i].weak);
	}
}

static void
what_is_no_tag_is_refused(void **state)
{
	static const char *const lists[] = { "\"a\",", ",\"a\"", "\"a\",\"b\"",
		"*, \"a\"" };
	scim_etag etag = { .weak = POISON };
	scim_error err;

	for (size_t i = 0; i < scim__countof(no_tags); i++) {
		assert_int_equal(
		    scim_etag_parse(scim__str(no_tags[i]), &etag, &err),
		    SCIM_ERR_INVALID);
		assert_string_equal(err.scim_type, "invalidValue");
	}
	for (size_t i = 0; i < scim__countof(lists); i++)
		assert_int_equal(
		    scim_etag_parse(scim__str(lists[i]), &etag, &err),
		    SCIM_ERR_INVALID);
	assert_int_equal(scim_etag_parse(SCIM_STR("\"a\0b\""), &etag, &err),
	    SCIM_ERR_INVALID);
	assert_int_equal(etag.weak, POISON);
}

static void
a_tag_is_written_as_it_was_read(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(tags); i++) {
		scim_etag etag, back;

		assert_int_equal(
		    scim_etag_parse(scim__str(tags[i].field), &etag, NULL),
		    SCIM_OK);
		scim_str text = scim_etag_format(arena, &etag);
		assert_int_equal(scim_etag_parse(text, &back, NULL), SCIM_OK);
		assert_str(back.opaque, tags[i].opaque);
		assert_int_equal(back.weak, tags[i].weak);
	}
	scim_arena_free(arena);
}

/* The field's lines, at most three; NULL ends them. */
static scim_etag_list
read_list(scim_arena *arena, const char *const *text)
{
	scim_str *lines = scim__arena_array(arena, 3, sizeof(*lines));
	scim_etag_list list = { .count = POISON };
	size_t count = 0;

	for (; count < 3 && text[count] != NULL; count++)
		lines[count] = scim__str(text[count]);
	assert_int_equal(
	    scim_etag_list_parse(arena, lines, count, &list, NULL), SCIM_OK);
	return list;
}

/* @spec 9110-5.3-01, 9110-5.6.1.2-01, 9110-5.6.1.2-02, 9110-8.8.3-04 */
static const struct {
	const char *lines[3];
	const char *want; /* the tags, each followed by a semicolon */
} lists[] = {
	{ { "\"a\" , W/\"b\",,\"c\"" }, "\"a\";W/\"b\";\"c\";" },
	{ { "\"a\"", "\"b\"" }, "\"a\";\"b\";" },
	{ { "\"a\",", ",\"b\"", "" }, "\"a\";\"b\";" },
	{ { "\"a,b\",\"*\"" }, "\"a,b\";\"*\";" },
	{ { "\",\",\",,\"" }, "\",\";\",,\";" },
	{ { "" }, "" },
	{ { "," }, "" },
	{ { " , , " }, "" },
	{ { "", "" }, "" },
	{ { "\"\"" }, "\"\";" },
	{ { "\t\"a\"\t,\t\"b\"\t" }, "\"a\";\"b\";" },
};

static void
all_lines_are_one_list(void **state)
{
	for (size_t i = 0; i < scim__countof(lists); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim_etag_list list = read_list(arena, lists[i].lines);
		char text[128] = "";

		assert_int_equal(list.kind, SCIM_ETAGS_LIST);
		for (size_t j = 0; j < list.count; j++) {
			scim_str tag = scim_etag_format(arena, &list.tags[j]);

			strncat(text, tag.ptr, tag.len);
			strcat(text, ";");
		}
		assert_string_equal(text, lists[i].want);
		scim_arena_free(arena);
	}
}

static void
a_star_alone_is_any(void **state)
{
	static const char *const stars[][3] = { { "*" }, { "   *  " },
		{ "\t*" } };
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(stars); i++)
		assert_int_equal(
		    read_list(arena, stars[i]).kind, SCIM_ETAGS_ANY);
	scim_arena_free(arena);
}

static void
no_line_is_absent(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_etag_list list = { .kind = SCIM_ETAGS_ANY };

	assert_int_equal(
	    scim_etag_list_parse(arena, NULL, 0, &list, NULL), SCIM_OK);
	assert_int_equal(list.kind, SCIM_ETAGS_ABSENT);
	scim_arena_free(arena);
}

/* @spec 9110-13.1.1-10, 9110-13.1.2-09 */
static void
a_star_among_others_is_malformed(void **state)
{
	static const char *const mixed[][3] = {
		{ "*, \"v7\"" },
		{ "\"v7\", *" },
		{ "*, *" },
		{ "**" },
		{ "*," },
		{ ",*" },
		{ "*", "\"v7\"" },
		{ "\"v7\"", "*" },
		{ "*", "*" },
		{ "*", "" },
		{ "", "*" },
		{ "* x" },
		{ "W/*" },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(mixed); i++)
		assert_int_equal(
		    read_list(arena, mixed[i]).kind, SCIM_ETAGS_MALFORMED);
	scim_arena_free(arena);
}

static void
one_bad_tag_makes_the_whole_field_malformed(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	/* The first three are an empty list and a star. */
	for (size_t i = 3; i < scim__countof(no_tags); i++) {
		const char *alone[3] = { no_tags[i] };
		const char *after[3] = { "\"a\"", no_tags[i] };
		const char *before[3] = { no_tags[i], "\"a\"" };

		assert_int_equal(
		    read_list(arena, alone).kind, SCIM_ETAGS_MALFORMED);
		assert_int_equal(
		    read_list(arena, after).kind, SCIM_ETAGS_MALFORMED);
		assert_int_equal(
		    read_list(arena, before).kind, SCIM_ETAGS_MALFORMED);
	}
	const char *torn[3] = { "\"a", "b\"" };
	assert_int_equal(read_list(arena, torn).kind, SCIM_ETAGS_MALFORMED);
	scim_arena_free(arena);
}

static void
more_than_256_tags_are_too_large(void **state)
{
	static char text[257 * 4];
	scim_arena *arena = scim_arena_new(NULL);
	scim_etag_list list = { .count = POISON };

	for (size_t i = 0; i < 257; i++)
		memcpy(text + i * 4, "\"x\",", 4);
	scim_str line = { text, 256 * 4 };
	assert_int_equal(
	    scim_etag_list_parse(arena, &line, 1, &list, NULL), SCIM_OK);
	assert_int_equal(list.count, 256);

	line.len += 4;
	list.count = POISON;
	assert_int_equal(scim_etag_list_parse(arena, &line, 1, &list, NULL),
	    SCIM_ERR_TOO_LARGE);
	assert_int_equal(list.count, POISON);
	scim_arena_free(arena);
}

static void
a_missing_pointer_is_misuse(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_str line = SCIM_STR("*");
	scim_etag_list list;

	assert_int_equal(
	    scim_etag_list_parse(NULL, &line, 1, &list, NULL), SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_etag_list_parse(arena, NULL, 1, &list, NULL), SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_etag_list_parse(arena, &line, 1, NULL, NULL), SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_etag_parse(SCIM_STR("\"a\""), NULL, NULL), SCIM_ERR_MISUSE);
	scim_arena_free(arena);
}

static scim_status
read_and_write(scim_arena *arena, void *context)
{
	scim_str line = SCIM_STR("\"a\", \"b\"");
	scim_etag_list list = { .count = POISON };
	scim_status rc = scim_etag_list_parse(arena, &line, 1, &list, NULL);

	if (rc != SCIM_OK) {
		assert_int_equal(list.count, POISON);
		return rc;
	}
	return scim_etag_format(arena, &list.tags[0]).ptr == NULL
	    ? SCIM_ERR_NO_MEMORY
	    : SCIM_OK;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_int_equal(test_fail_each_allocation(read_and_write, NULL), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_is_read_without_unescaping),
		cmocka_unit_test(what_is_no_tag_is_refused),
		cmocka_unit_test(a_tag_is_written_as_it_was_read),
		cmocka_unit_test(all_lines_are_one_list),
		cmocka_unit_test(a_star_alone_is_any),
		cmocka_unit_test(no_line_is_absent),
		cmocka_unit_test(a_star_among_others_is_malformed),
		cmocka_unit_test(one_bad_tag_makes_the_whole_field_malformed),
		cmocka_unit_test(more_than_256_tags_are_too_large),
		cmocka_unit_test(a_missing_pointer_is_misuse),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
