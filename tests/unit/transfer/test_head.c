/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/transfer/transferring.h"

#define HEAD \
	"{\"scimd\":1,\"tenant\":\"x\",\"settings\":{\"etag\":\"strong\"}}\n"
#define SCHEMA(label)                                                    \
	"{\"schema\":{\"schemas\":[\"urn:ietf:params:scim:schemas:core:" \
	"2.0:Schema\"],\"id\":\"urn:example:Badge\",\"name\":\"" label   \
	"\",\"attributes\":[{\"name\":\"label\",\"type\":\"string\","    \
	"\"multiValued\":false}]}}\n"

static void
the_tenant_is_made_with_its_settings(void **state)
{
	static struct transfer t;

	transfer_open(&t);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    SCIM_OK, transfer_import(&t, "new", HEAD SCHEMA("a")));
		assert_int_equal(t.result.reported, 0);
	}
	assert_int_equal(SCIM_OK, transfer_export(&t, "new"));
	assert_non_null(strstr(t.text, "\"settings\":{\"etag\":\"strong\"}"));
	assert_non_null(strstr(t.text, "urn:example:Badge"));
	transfer_close(&t);
}

static void
what_is_there_already_stays(void **state)
{
	static struct transfer t;

	transfer_open(&t);
	assert_int_equal(
	    SCIM_OK, transfer_import(&t, "default", HEAD SCHEMA("a")));
	assert_int_equal(t.result.reported, 1);
	assert_int_equal(t.lines[0], 1);
	assert_int_equal(
	    SCIM_OK, transfer_import(&t, "default", HEAD SCHEMA("b")));
	assert_int_equal(t.result.reported, 2);
	assert_int_equal(t.lines[1], 2);
	transfer_close(&t);
}

static void
a_definition_that_means_nothing_is_reported(void **state)
{
	static struct transfer t;

	transfer_open(&t);
	assert_int_equal(SCIM_OK,
	    transfer_import(&t, "new",
		HEAD "{\"schema\":{\"id\":\"urn:example:X\",\"attributes\":"
		     "[{\"name\":\"a\",\"type\":\"nonsense\"}]}}\n"));
	assert_int_equal(t.result.reported, 1);
	assert_int_equal(t.lines[0], 2);
	transfer_close(&t);
}

static void
a_file_of_another_kind_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "nonsense\n", "{\"type\":\"User\",\"id\":\"1\"}\n",
		"{\"scimd\":2,\"tenant\":\"x\",\"settings\":{}}\n",
		"{\"scimd\":1,\"tenant\":\"x\",\"settings\":{\"no\":\"1\"}}\n"
	};
	static struct transfer t;

	transfer_open(&t);
	for (size_t i = 0; i < scim__countof(texts); i++)
		assert_int_equal(
		    SCIM_ERR_INVALID, transfer_import(&t, "new", texts[i]));
	assert_int_equal(SCIM_ERR_NOT_FOUND, transfer_export(&t, "new"));
	transfer_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tenant_is_made_with_its_settings),
		cmocka_unit_test(what_is_there_already_stays),
		cmocka_unit_test(a_definition_that_means_nothing_is_reported),
		cmocka_unit_test(a_file_of_another_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
