/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/transfer/transferring.h"

enum { MEMBERS = 1500 };

/* A tenant that keeps whoever is a member, and a group of very many. */
static void
fill(struct transfer *t)
{
	static char json[MEMBERS * 24 + 200];
	size_t len = (size_t)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"all\",\"members\":[");
	scim_outcome out;

	for (int i = 0; i < MEMBERS; i++)
		len += (size_t)snprintf(json + len, sizeof(json) - len,
		    "%s{\"value\":\"m%d\"}", i == 0 ? "" : ",", i);
	(void)snprintf(json + len, sizeof(json) - len, "]}");
	t->d.settings.dangling_members = SCIM_DANGLING_KEEP;
	t->d.settings.limits.members = MEMBERS;
	assert_int_equal(SCIM_OK, directory_create(&t->d, "Group", json, &out));
	assert_int_equal(SCIM_OK, transfer_export(t, "default"));
}

/* The beginning of the last line. */
static char *
last_line(char *text)
{
	text[strlen(text) - 1] = '\0';
	return strrchr(text, '\n') + 1;
}

static void
it_comes_in_turns_and_is_the_same(void **state)
{
	static struct transfer t;
	static char first[sizeof(t.text)];

	transfer_open(&t);
	fill(&t);
	memcpy(first, t.text, sizeof(first));
	assert_int_equal(SCIM_OK, transfer_import(&t, "other", first));
	assert_int_equal(t.result.made, 1);
	assert_int_equal(t.result.reported, 0);
	assert_int_equal(SCIM_OK, transfer_export(&t, "other"));
	assert_string_equal(strchr(t.text, '\n'), strchr(first, '\n'));
	assert_int_equal(SCIM_OK, transfer_import(&t, "other", first));
	assert_int_equal(t.result.there, 1);
	transfer_close(&t);
}

static void
nothing_is_written_where_a_line_is_missing_or_changed(void **state)
{
	static struct transfer t;
	static char text[sizeof(t.text)];

	transfer_open(&t);
	fill(&t);
	for (int changed = 0; changed < 2; changed++) {
		memcpy(text, t.text, sizeof(text));
		char *last = last_line(text);
		if (changed == 1)
			strstr(last, "\"m")[1] = 'n';
		else
			*last = '\0';
		assert_int_equal(SCIM_OK, transfer_import(&t, "other", text));
		assert_int_equal(t.result.made, 0);
		assert_true(t.result.reported >= 1);
		assert_non_null(strstr(t.why, "The members that follow"));
	}
	transfer_close(&t);
}

static void
members_without_their_resource_are_reported(void **state)
{
	static struct transfer t;

	transfer_open(&t);
	assert_int_equal(SCIM_OK,
	    transfer_import(&t, "other",
		"{\"scimd\":1,\"tenant\":\"x\",\"settings\":{}}\n"
		"{\"type\":\"Group\",\"id\":\"1\",\"members\":"
		"[{\"value\":\"a\"}]}\n"));
	assert_int_equal(t.result.reported, 1);
	assert_int_equal(t.lines[0], 2);
	transfer_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_in_turns_and_is_the_same),
		cmocka_unit_test(
		    nothing_is_written_where_a_line_is_missing_or_changed),
		cmocka_unit_test(members_without_their_resource_are_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
