/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/line.h"

#include "base/arena.h"
#include "base/str.h"
#include "lib/test.h"
#include "json/json.h"

static scim_arena *arena;

static int
open_arena(void **state)
{
	arena = scim_arena_new(NULL);
	return arena == NULL;
}

static int
close_arena(void **state)
{
	scim_arena_free(arena);
	return 0;
}

static scim_record
sample(void)
{
	scim_record record = { .id = SCIM_STR("7\"a"),
		.content = SCIM_STR("{\"id\":\"7\"}"),
		.secret = SCIM_STR("{\"password\":\"hash\"}"),
		.created_ms = 12,
		.modified_ms = 1795291200123,
		.modified_before_ms = INT64_MIN,
		.relation_count = 2 };

	memset(record.version.bytes, 0xA5, sizeof(record.version.bytes));
	return record;
}

static const scim_member_row members[] = {
	{ { "a", 1 }, { "User", 4 }, { "", 0 } },
	{ { "b\n", 2 }, { "", 0 }, { "B", 1 } },
};

/* The one line in the buffer, without its end. */
static scim_str
line_of(const scim__buf *buf)
{
	scim_str text = scim__buf_str(buf);

	assert_false(scim__buf_failed(buf));
	assert_true(text.len > 0 && text.ptr[text.len - 1] == '\n');
	text.len--;
	assert_null(memchr(text.ptr, '\n', text.len));
	return text;
}

static void
a_resource_reads_as_it_was_written(void **state)
{
	scim_record record = sample();
	struct scim__line line;
	scim__buf buf;

	for (int i = 0; i < 2; i++) {
		scim__buf_init(&buf, arena, SIZE_MAX);
		scim__line_put_resource(
		    &buf, SCIM_STR("Group"), &record, members, 2);
		assert_int_equal(SCIM_OK,
		    scim__line_read(arena, line_of(&buf), &line, NULL));
		const struct scim__restore *r = &line.resource;
		assert_int_equal(line.kind, SCIM__LINE_RESOURCE);
		assert_str(r->type, "Group");
		assert_str(r->id, "7\"a");
		assert_true(scim_version_equal(&r->version, &record.version));
		assert_int_equal(r->created_ms, 12);
		assert_int_equal(r->modified_ms, 1795291200123);
		assert_true(r->modified_before_ms == record.modified_before_ms);
		assert_int_equal(r->content.count, 1);
		assert_int_equal(r->secret.count, 1);
		assert_int_equal(line.total, 2);
		assert_int_equal(r->member_count, 2);
		assert_str(r->members[1].value, "b\n");
		assert_str(r->members[1].display, "B");
		assert_int_equal(r->members[1].type.len, 0);
		record.modified_before_ms = 5;
	}
}

static void
members_on_a_line_of_their_own_name_their_resource(void **state)
{
	const scim_key key = { SCIM_STR("acme"), SCIM_STR("Group"),
		SCIM_STR("7") };
	struct scim__line line;
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__line_put_crowd(&buf, &key, members, 2);
	assert_int_equal(
	    SCIM_OK, scim__line_read(arena, line_of(&buf), &line, NULL));
	assert_int_equal(line.kind, SCIM__LINE_CROWD);
	assert_str(line.resource.id, "7");
	assert_int_equal(line.resource.member_count, 2);
}

static void
the_first_lines_read_as_they_were_written(void **state)
{
	scim__value document = scim__value_object();
	struct scim__line line;
	scim__buf buf;

	assert_true(scim__object_add(arena, &document, SCIM_STR("etag"),
	    scim__value_string(SCIM_STR("weak"))));
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__line_put_tenant(&buf, SCIM_STR("acme"), &document);
	assert_int_equal(
	    SCIM_OK, scim__line_read(arena, line_of(&buf), &line, NULL));
	assert_int_equal(line.kind, SCIM__LINE_TENANT);
	assert_true(scim__value_equal(&document, &line.document));
	for (int is_type = 0; is_type < 2; is_type++) {
		scim__buf_init(&buf, arena, SIZE_MAX);
		scim__line_put_definition(&buf, is_type == 1, &document);
		assert_int_equal(SCIM_OK,
		    scim__line_read(arena, line_of(&buf), &line, NULL));
		assert_int_equal(line.kind,
		    is_type == 1 ? SCIM__LINE_RESOURCE_TYPE
				 : SCIM__LINE_SCHEMA);
		assert_true(scim__value_equal(&document, &line.document));
	}
}

#define V "\"version\":\"paWlpaWlpaWlpaWlpaWlpQ\""
#define GOOD \
	"\"type\":\"G\",\"id\":\"1\"," V ",\"created\":1,\"lastModified\":1"

static void
what_is_no_line_is_told(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "" },
		{ "[]", "\"type\"" },
		{ "{}", "\"type\"" },
		{ "{\"type\":\"\",\"id\":\"1\"}", "\"type\"" },
		{ "{\"type\":\"G\"}", "\"id\"" },
		{ "{\"type\":\"G\",\"id\":7}", "\"id\"" },
		{ "{" GOOD "}", "\"content\"" },
		{ "{" GOOD ",\"content\":[]}", "\"content\"" },
		{ "{" GOOD ",\"content\":{},\"secret\":1}", "\"secret\"" },
		{ "{" GOOD ",\"content\":{},\"memberCount\":-1}",
		    "\"memberCount\"" },
		{ "{" GOOD ",\"content\":{},\"memberCount\":2,"
		  "\"members\":[{\"value\":\"a\"}]}",
		    "\"memberCount\"" },
		{ "{" GOOD ",\"content\":{},\"modifiedBefore\":\"x\"}",
		    "\"modifiedBefore\"" },
		{ "{\"type\":\"G\",\"id\":\"1\",\"version\":\"x\","
		  "\"content\":{}}",
		    "\"version\"" },
		{ "{\"type\":\"G\",\"id\":\"1\"," V ",\"content\":{}}",
		    "\"created\"" },
		{ "{\"type\":\"G\",\"id\":\"1\"," V ",\"created\":1,"
		  "\"lastModified\":1.5,\"content\":{}}",
		    "\"lastModified\"" },
		{ "{\"type\":\"G\",\"id\":\"1\",\"members\":{}}",
		    "\"members\"" },
		{ "{\"type\":\"G\",\"id\":\"1\",\"members\":[1]}", "order" },
		{ "{\"type\":\"G\",\"id\":\"1\",\"members\":[{\"value\":\"b\"},"
		  "{\"value\":\"b\"}]}",
		    "order" },
		{ "{\"scimd\":2,\"tenant\":\"a\",\"settings\":{}}", "form 2" },
		{ "{\"scimd\":1,\"settings\":{}}", "\"tenant\"" },
		{ "{\"scimd\":1,\"tenant\":\"a\"}", "\"settings\"" },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__line line;
		scim_error err = { 0 };

		assert_int_equal(SCIM_ERR_INVALID,
		    scim__line_read(
			arena, scim__str(rows[i].text), &line, &err));
		if (strstr(err.detail, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].text, err.detail);
	}
}

static void
lines_come_one_by_one_and_are_counted(void **state)
{
	static const char *const want[] = { "one", "", "three" };
	FILE *file = tmpfile();
	struct scim__lines lines = { .file = file };
	scim_str text;

	assert_non_null(file);
	assert_true(fputs("one\n\nthree", file) >= 0);
	rewind(file);
	for (size_t i = 0; i < scim__countof(want); i++) {
		assert_int_equal(
		    SCIM_OK, scim__lines_next(&lines, &text, NULL));
		assert_str(text, want[i]);
		assert_int_equal(lines.number, i + 1);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    SCIM_OK, scim__lines_next(&lines, &text, NULL));
		assert_null(text.ptr);
		assert_int_equal(lines.number, 3);
	}
	scim__lines_end(&lines);
	(void)fclose(file);
}

static void
a_line_that_is_too_long_is_passed_over(void **state)
{
	FILE *file = tmpfile();
	struct scim__lines lines = { .file = file };
	scim_str text;

	assert_non_null(file);
	for (int i = 0; i <= SCIM__LINE_MOST; i++)
		(void)putc('x', file);
	assert_true(fputs("\nnext\n", file) >= 0);
	rewind(file);
	assert_int_equal(
	    SCIM_ERR_TOO_LARGE, scim__lines_next(&lines, &text, NULL));
	assert_int_equal(SCIM_OK, scim__lines_next(&lines, &text, NULL));
	assert_str(text, "next");
	assert_int_equal(lines.number, 2);
	scim__lines_end(&lines);
	(void)fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resource_reads_as_it_was_written),
		cmocka_unit_test(
		    members_on_a_line_of_their_own_name_their_resource),
		cmocka_unit_test(the_first_lines_read_as_they_were_written),
		cmocka_unit_test(what_is_no_line_is_told),
		cmocka_unit_test(lines_come_one_by_one_and_are_counted),
		cmocka_unit_test(a_line_that_is_too_long_is_passed_over),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
