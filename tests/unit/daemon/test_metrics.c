/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metrics.h"

#include "base/arena.h"
#include "lib/test.h"
#include "schema/validate.h"

static void
loops_are_added_up(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	static struct scim__metrics one, two;
	struct scim__metrics *const loops[] = { &one, &two };
	scim__buf buf;

	scim__metrics_request(&one, SCIM__METHOD_GET, 200);
	scim__metrics_request(&two, SCIM__METHOD_GET, 200);
	scim__metrics_request(&two, SCIM__METHOD_PUT, 412);
	scim__metrics_request(&two, SCIM__METHOD_OTHER, 501);
	scim__metrics_conflicts(&one, 2);
	scim__metrics_quirks(
	    &one, SCIM__QUIRK_STRING_BOOLEAN | SCIM__QUIRK_DOTTED_KEY);
	atomic_store(&one.connections, 3);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__metrics_write(&buf, loops, 2,
	    &(struct scim__metrics_totals){ 5, 6, 7, true, 8, 9500 });
	scim__buf_add_char(&buf, '\0');
	assert_false(scim__buf_failed(&buf));
	const char *text = scim__buf_str(&buf).ptr;

	static const char *const lines[] = {
		"\nscimd_requests_total{method=\"GET\",status=\"200\"} 2\n",
		"\nscimd_requests_total{method=\"PUT\",status=\"412\"} 1\n",
		"\nscimd_requests_total{method=\"other\",status=\"501\"} 1\n",
		"\nscimd_conflicts_total 3\n",
		"\nscimd_connections 3\n",
		"\nscimd_writer_batches_total 5\n",
		"\nscimd_writer_operations_total 6\n",
		"\nscimd_writer_reruns_total 7\n",
		"\nscimd_store_wal_bytes 8\n",
		"\nscimd_store_oldest_snapshot_seconds 9.500\n",
		"\nscimd_quirks_total{quirk=\"string_boolean\"} 1\n",
		"\nscimd_quirks_total{quirk=\"dotted_key\"} 1\n",
		"\nscimd_quirks_total{quirk=\"urn_dot\"} 0\n",
	};
	for (size_t i = 0; i < scim__countof(lines); i++)
		assert_non_null(strstr(text, lines[i]));
	assert_null(strstr(text, "method=\"HEAD\""));
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loops_are_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
