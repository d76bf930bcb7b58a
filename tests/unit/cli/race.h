/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CLI_RACE_H
#define TESTS_UNIT_CLI_RACE_H

#include "cli/selftest.h"
#include "lib/mock_server.h"
#include "lib/test.h"

/* What a race finds on a server with these faults. */
static inline void
race_against(unsigned faults, uint64_t rounds,
    void (*run)(const struct scim__selftest *test, struct scim__race *race),
    struct scim__race *out)
{
	struct mock_server server;

	mock_server_start(&server, faults);
	struct scim__selftest test = {
		.base = server.url,
		.token = "t",
		.rounds = rounds,
		.seed = 1,
	};
	scim__race_init(out);
	run(&test, out);
	if ((faults & (MOCK_BROKEN_AFTER | MOCK_SILENT_AFTER)) == 0)
		assert_int_equal(mock_server_users(&server), 0);
	mock_server_stop(&server);
}

struct race_row {
	unsigned faults;
	const char *evidence; /* part of it; NULL for none */
};

static inline void
check_rows(const struct race_row *rows, size_t count, uint64_t rounds,
    void (*run)(const struct scim__selftest *test, struct scim__race *race))
{
	for (size_t i = 0; i < count; i++) {
		struct scim__race race;

		race_against(rows[i].faults, rounds, run, &race);
		if (rows[i].evidence == NULL)
			assert_string_equal(race.evidence, "");
		else if (strstr(race.evidence, rows[i].evidence) == NULL)
			fail_msg("row %zu: no \"%s\" in \"%s\"", i,
			    rows[i].evidence, race.evidence);
	}
}

#endif
