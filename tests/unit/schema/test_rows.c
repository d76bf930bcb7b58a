/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

#include "base/arena.h"
#include "base/buf.h"
#include "schema/rows.h"
#include "json/json.h"

#define EXTRA "urn:x:Extra"

static scim_registry *registry;

static int
set_up(void **state)
{
#define TYPE(word) "\"type\":\"" word "\",\"x-scimd-indexed\":true"
#define INDEXED(name, word) "{\"name\":\"" name "\"," TYPE(word) "}"
	static const char thing[] =
	    THING_SCHEMA(INDEXED("d", "decimal") "," INDEXED(
		"i", "integer") "," INDEXED("t", "dateTime") "," INDEXED("r",
		"reference") ","
			     "{\"name\":\"tags\",\"multiValued\":true,\"x-"
			     "scimd-indexed\":true,"
			     "\"uniqueness\":\"server\"},"
			     "{\"name\":\"exact\",\"caseExact\":true,"
			     "\"uniqueness\":\"global\"},"
			     "{\"name\":\"number\",\"type\":\"integer\","
			     "\"uniqueness\":"
			     "\"server\"},"
			     "{\"name\":\"pin\",\"returned\":\"never\","
			     "\"uniqueness\":"
			     "\"server\"}");
	static const char *const texts[] = { thing,
		THING_TYPE(
		    ",\"schemaExtensions\":[{\"schema\":\"" EXTRA "\"}]"),
		"{\"id\":\"" EXTRA "\",\"attributes\":[{\"name\":\"c\","
		"\"type\":\"complex\",\"subAttributes\":["
		"{\"name\":\"a\",\"x-scimd-indexed\":true}]}]}",
		NULL };
	scim_error err = { .status = SCIM_OK };

	if (load_texts(texts, &registry, &err) == SCIM_OK)
		return 0;
	print_error("%s\n", err.detail);
	return -1;
}

static int
tear_down(void **state)
{
	scim_registry_unref(registry);
	return 0;
}

static scim__value
json(scim_arena *arena, const char *text)
{
	scim__value value;

	assert_int_equal(
	    scim__json_parse_trusted(arena, scim__str(text), &value, NULL),
	    SCIM_OK);
	return value;
}

static void
put_index(scim__buf *buf, const scim_index_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const scim_index_value *value = &rows[i].value;

		scim__buf_add(buf, rows[i].attribute);
		switch (value->kind) {
		case SCIM_INDEX_TEXT:
			scim__buf_printf(buf, "=%.*s;", (int)value->text.len,
			    value->text.ptr);
			break;
		case SCIM_INDEX_INTEGER:
			scim__buf_printf(
			    buf, "=%lld;", (long long)value->integer);
			break;
		case SCIM_INDEX_REAL:
			scim__buf_printf(buf, "=%g.;", value->real);
			break;
		}
	}
}

static void
put_unique(scim__buf *buf, const scim_unique_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(buf, "%.*s=%.*s;", (int)rows[i].attribute.len,
		    rows[i].attribute.ptr, (int)rows[i].value.len,
		    rows[i].value.ptr);
}

static struct scim__rows
rows_of(scim_arena *arena, const char *type, const char *content, int64_t ms)
{
	scim__value value = json(arena, content);
	struct scim__rows rows;

	assert_int_equal(scim__rows_of(arena, registry,
			     scim__registry_type(registry, scim__str(type)),
			     &value, ms, &rows, NULL),
	    SCIM_OK);
	return rows;
}

/* "index | unique" */
static scim_str
text_of(scim_arena *arena, const struct scim__rows *rows)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	put_index(&buf, rows->index, rows->index_count);
	scim__buf_add_z(&buf, "|");
	put_unique(&buf, rows->unique, rows->unique_count);
	return scim__buf_str(&buf);
}

/* @spec 7644-3.3-11, 7643-7-10, 7644-7.8-01, 7643-3.1-13 */
static void
a_state_has_its_rows(void **state)
{
	static const struct {
		const char *type, *content, *want;
	} cases[] = {
		{ "User", "{}", "meta.lastModified=5;|" },
		{ "User",
		    "{\"active\":true,\"displayName\":\"\xC3\x84rger\","
		    "\"emails\":[{\"value\":\"B@x\"},{\"type\":\"work\"},"
		    "{\"value\":\"a@X\"},{\"value\":\"b@X\"}],"
		    "\"externalId\":\"AbC\",\"password\":\"p\","
		    "\"title\":\"T\",\"userName\":\"BJensen\"}",
		    "active=1;displayName=\xC3\xA4rger;emails.value=a@x;"
		    "emails.value=b@x;externalId=AbC;meta.lastModified=5;"
		    "userName=bjensen;|userName=bjensen;" },
		{ "Group",
		    "{\"displayName\":\"G\",\"members\":[{\"value\":\"a\"}]}",
		    "displayName=g;meta.lastModified=5;|" },
		{ "Thing",
		    "{\"d\":1.5,\"i\":-3,\"t\":\"1970-01-01T01:00:00.5+01:00\","
		    "\"r\":\"A/b\",\"tags\":[\"y\",\"X\",\"x\"],"
		    "\"exact\":\"Ee\",\"number\":7,\"pin\":\"1\",\"" EXTRA
		    "\":{\"c\":{\"a\":\"Z\"}}}",
		    "d=1.5.;i=-3;meta.lastModified=5;r=A/b;t=500;tags=x;"
		    "tags=y;" EXTRA ":c.a=z;|exact=Ee;number=7;tags=x;"
		    "tags=y;" },
		{ "Thing", "{\"d\":3}", "d=3.;meta.lastModified=5;|" },
		{ "Thing", "{\"d\":100000000000000000000}",
		    "d=1e+20.;meta.lastModified=5;|" },
		/* Of another type than the schema says by now: no row. */
		{ "Thing", "{\"i\":\"3\",\"t\":\"x\",\"c\":7,\"" EXTRA "\":7}",
		    "meta.lastModified=5;|" },
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__rows rows =
		    rows_of(arena, cases[i].type, cases[i].content, 5);

		assert_str(text_of(arena, &rows), cases[i].want);
	}
}

static void
no_state_has_no_rows(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__rows rows = { .index_count = POISON };

	assert_int_equal(scim__rows_of(arena, registry,
			     scim__registry_type(registry, SCIM_STR("User")),
			     NULL, 5, &rows, NULL),
	    SCIM_OK);
	assert_int_equal(rows.index_count, 0);
	assert_int_equal(rows.unique_count, 0);
}

static void
a_write_carries_the_difference(void **state)
{
	static const struct {
		const char *before, *after; /* NULL: no such state */
		const char *want;           /* comes | goes */
	} cases[] = {
		{ NULL, "{\"userName\":\"A\"}",
		    "meta.lastModified=2;userName=a;userName=a;|" },
		{ "{\"userName\":\"A\"}", NULL,
		    "|meta.lastModified=1;userName=a;userName=a;" },
		{ "{\"userName\":\"A\"}", "{\"userName\":\"a\"}",
		    "meta.lastModified=2;|meta.lastModified=1;" },
		{ "{\"userName\":\"a\",\"active\":true}",
		    "{\"userName\":\"b\",\"active\":true}",
		    "meta.lastModified=2;userName=b;userName=b;|"
		    "meta.lastModified=1;userName=a;userName=a;" },
		{ "{\"emails\":[{\"value\":\"a\"},{\"value\":\"c\"},"
		  "{\"value\":\"d\"}]}",
		    "{\"emails\":[{\"value\":\"c\"},{\"value\":\"b\"},"
		    "{\"value\":\"e\"}]}",
		    "emails.value=b;emails.value=e;meta.lastModified=2;|"
		    "emails.value=a;emails.value=d;meta.lastModified=1;" },
		{ NULL, NULL, "|" },
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__rows before = { 0 }, after = { 0 };
		scim_write write = { .member_add_count = POISON };
		scim__buf buf;

		if (cases[i].before != NULL)
			before = rows_of(arena, "User", cases[i].before, 1);
		if (cases[i].after != NULL)
			after = rows_of(arena, "User", cases[i].after, 2);
		assert_int_equal(
		    scim__rows_diff(arena, &before, &after, &write, NULL),
		    SCIM_OK);
		scim__buf_init(&buf, arena, SIZE_MAX);
		put_index(&buf, write.index_add, write.index_add_count);
		put_unique(&buf, write.unique_add, write.unique_add_count);
		scim__buf_add_z(&buf, "|");
		put_index(&buf, write.index_remove, write.index_remove_count);
		put_unique(
		    &buf, write.unique_remove, write.unique_remove_count);
		assert_str(scim__buf_str(&buf), cases[i].want);
		assert_int_equal(write.member_add_count, POISON);
	}
}

static void
values_of_a_filter_become_index_values(void **state)
{
	static const struct {
		const char *type, *path, *value, *want;
	} cases[] = {
		{ "User", "userName", "\"BJ\"", "=bj;" },
		{ "User", "externalId", "\"BJ\"", "=BJ;" },
		{ "User", "active", "true", "=1;" },
		{ "User", "active", "\"False\"", "=0;" },
		{ "User", "meta.created", "\"1970-01-01T00:00:01Z\"",
		    "=1000;" },
		{ "User", "x509Certificates.value", "\"TWFu\"", "=TWFu;" },
		{ "Thing", "i", "7", "=7;" },
		{ "Thing", "i", "7.0", "=7;" },
		{ "Thing", "d", "7", "=7.;" },
		{ "User", "userName", "1", NULL },
		{ "User", "userName", "null", NULL },
		{ "User", "active", "\"yes\"", NULL },
		{ "User", "active", "1", NULL },
		{ "User", "meta.created", "\"today\"", NULL },
		{ "User", "emails", "\"a\"", NULL },
		{ "Thing", "i", "7.5", NULL },
		{ "Thing", "i", "1e30", NULL },
		{ "Thing", "d", "\"7\"", NULL },
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const scim__attribute *a =
		    find_path(registry, cases[i].type, cases[i].path);
		scim__value value = json(arena, cases[i].value);
		scim_index_row row = { .value = { .integer = POISON } };
		scim_error err = { .status = SCIM_OK };
		scim_status rc =
		    scim__index_value(arena, a, &value, &row.value, &err);
		scim__buf buf;

		if (cases[i].want == NULL) {
			assert_int_equal(rc, SCIM_ERR_INVALID);
			assert_string_equal(err.scim_type, "invalidFilter");
			assert_int_equal(row.value.integer, POISON);
			continue;
		}
		assert_int_equal(rc, SCIM_OK);
		scim__buf_init(&buf, arena, SIZE_MAX);
		put_index(&buf, &row, 1);
		assert_str(scim__buf_str(&buf), cases[i].want);
	}
}

static scim_status
rows_into(scim_arena *arena, void *context)
{
	scim__value content;
	struct scim__rows rows, none = { 0 };
	scim_write write;
	scim_status rc = scim__json_parse_trusted(arena,
	    SCIM_STR("{\"d\":10000000000000000000000,\"exact\":\"E\","
		     "\"number\":3,\"tags\":[\"A\",\"b\"]}"),
	    &content, NULL);

	if (rc == SCIM_OK)
		rc = scim__rows_of(arena, registry,
		    scim__registry_type(registry, SCIM_STR("Thing")), &content,
		    0, &rows, NULL);
	if (rc == SCIM_OK)
		rc = scim__rows_diff(arena, &none, &rows, &write, NULL);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(rows_into, NULL) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_has_its_rows),
		cmocka_unit_test(no_state_has_no_rows),
		cmocka_unit_test(a_write_carries_the_difference),
		cmocka_unit_test(values_of_a_filter_become_index_values),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
