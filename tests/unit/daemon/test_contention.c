/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/contention.h"

#include "lib/test.h"
#include "provider/metrics.h"

static void
what_was_counted_is_written(void **state)
{
	static const scim_str paths[] = { { "title", 5 } };
	static const char *const lines[] = {
		"\nscimd_writes_total{operation=\"patch\","
		"result=\"conflict\"} 1\n",
		"\nscimd_writes_total{operation=\"patch\",result=\"done\"} 0\n",
		"\nscimd_writes_redone_total 1\n",
		"\nscimd_update_retries_total 2\n",
		"\nscimd_merges_total{form=\"message\",result=\"clean\"} 1\n",
		"\nscimd_merge_base_versions_bucket{le=\"2\"} 0\n",
		"\nscimd_merge_base_versions_bucket{le=\"5\"} 1\n",
		"\nscimd_merge_base_versions_bucket{le=\"+Inf\"} 1\n",
		"\nscimd_merge_base_versions_sum 4.000\n",
		"\nscimd_merge_base_age_seconds_bucket{le=\"0.1\"} 0\n",
		"\nscimd_merge_base_age_seconds_bucket{le=\"5\"} 1\n",
		"\nscimd_merge_base_age_seconds_sum 1.500\n",
		"\nscimd_merge_base_age_seconds_count 1\n",
		"\nscimd_tenant_writes_total{tenant=\"acme\","
		"result=\"conflict\"} 1\n",
		"\nscimd_contended_resource_conflicts{tenant=\"acme\","
		"type=\"User\",id=\"a\\\"\\\\\\nb\"} 1\n",
		"\nscimd_contended_path_conflicts{tenant=\"acme\","
		"type=\"User\",path=\"title\"} 1\n",
	};
	scim_arena *arena = scim_arena_new(NULL);
	scim_metrics *metrics = NULL;
	const struct scim__write_noted write = { .tenant = SCIM_STR("acme"),
		.type = SCIM_STR("User"),
		.id = SCIM_STR("a\"\\\nb"),
		.operation = SCIM_WRITES_PATCH,
		.result = SCIM_WRITES_CONFLICT,
		.paths = paths,
		.path_count = 1 };
	const struct scim__merge_noted merge = { true, SCIM_MERGES_MESSAGE,
		SCIM_MERGES_CLEAN, true, 4, 1500 };
	const struct scim__update_noted update = { 3, 2, 10, false };
	scim__buf buf;

	assert_int_equal(SCIM_OK, scim_metrics_new(&metrics, NULL));
	scim__metrics_note_write(metrics, &write);
	scim__metrics_note_merge(metrics, &merge);
	scim__metrics_note_update(metrics, &update);
	scim__metrics_note_redone(metrics);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__contention_write(&buf, metrics);
	scim__buf_add_char(&buf, '\0');
	assert_false(scim__buf_failed(&buf));

	for (size_t i = 0; i < scim__countof(lines); i++)
		if (strstr(scim__buf_str(&buf).ptr, lines[i]) == NULL)
			fail_msg("missing: %s", lines[i]);
	scim_metrics_free(metrics);
	scim_arena_free(arena);
}

static void
no_more_than_ten_are_named(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_metrics *metrics = NULL;
	scim__buf buf;
	size_t named = 0;

	assert_int_equal(SCIM_OK, scim_metrics_new(&metrics, NULL));
	for (char c = 'a'; c <= 'z'; c++) {
		const struct scim__write_noted write = { .tenant =
							     SCIM_STR("t"),
			.type = SCIM_STR("User"),
			.id = { &c, 1 },
			.operation = SCIM_WRITES_PATCH,
			.result = SCIM_WRITES_CONFLICT };

		scim__metrics_note_write(metrics, &write);
	}
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__contention_write(&buf, metrics);
	scim__buf_add_char(&buf, '\0');
	const char *at = scim__buf_str(&buf).ptr;
	while ((at = strstr(at, "\nscimd_contended_resource_conflicts{")) !=
	    NULL) {
		named++;
		at++;
	}

	assert_int_equal(named, SCIM__CONTENTION_NAMED);
	scim_metrics_free(metrics);
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_counted_is_written),
		cmocka_unit_test(no_more_than_ten_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
