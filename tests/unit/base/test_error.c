/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include "lib/test.h"

static void
failing_fills_the_error_and_returns_the_status(void **state)
{
	scim_error err = { .scim_type = "old" };

	scim_status rc =
	    scim__fail(&err, SCIM_ERR_EXISTS, "The name %s is taken.", "x");

	assert_int_equal(rc, SCIM_ERR_EXISTS);
	assert_int_equal(err.status, SCIM_ERR_EXISTS);
	assert_null(err.scim_type);
	assert_string_equal(err.detail, "The name x is taken.");
}

static void
the_keyword_is_kept(void **state)
{
	scim_error err;

	scim_status rc =
	    scim__fail_type(&err, SCIM_ERR_INVALID, "invalidPath", "At %d.", 3);

	assert_int_equal(rc, SCIM_ERR_INVALID);
	assert_string_equal(err.scim_type, "invalidPath");
	assert_string_equal(err.detail, "At 3.");
}

static void
nobody_has_to_listen(void **state)
{
	assert_int_equal(
	    scim__fail(NULL, SCIM_ERR_BUSY, "%s", "x"), SCIM_ERR_BUSY);
	assert_int_equal(scim__fail_memory(NULL), SCIM_ERR_NO_MEMORY);
}

static void
an_error_may_quote_itself(void **state)
{
	scim_error err;

	(void)scim__fail(&err, SCIM_ERR_STORE, "disk full");
	(void)scim__fail(&err, SCIM_ERR_BUSY, "Later: %s.", err.detail);

	assert_string_equal(err.detail, "Later: disk full.");
}

static void
a_long_detail_is_cut_between_characters(void **state)
{
	char text[600];
	scim_error err;

	for (size_t shift = 0; shift < 4; shift++) {
		size_t len = shift;

		memset(text, 'x', shift);
		for (; len + 4 < sizeof(text); len += 4)
			memcpy(text + len, "\xf0\x9f\x98\x80", 4);
		text[len] = '\0';

		(void)scim__fail(&err, SCIM_ERR_INVALID, "%s", text);

		size_t kept = strlen(err.detail);
		assert_true(kept >= sizeof(err.detail) - 4);
		assert_true(kept < sizeof(err.detail));
		assert_int_equal(kept % 4, shift);
		assert_true(scim__utf8_valid(scim__str(err.detail)));
	}
}

static void
stray_bytes_become_question_marks(void **state)
{
	scim_error err;

	(void)scim__fail(&err, SCIM_ERR_INVALID, "a\xff\xc3<\xc3\xa9\xe2\x82");

	assert_string_equal(err.detail,
	    "a?"
	    "?<\xc3\xa9?"
	    "?");
}

static scim_status
needs_a_pointer(const void *p, scim_error *err)
{
	SCIM__REQUIRE(err, p != NULL);
	return SCIM_OK;
}

static void
misuse_is_an_answer(void **state)
{
	scim_error err;

	assert_int_equal(needs_a_pointer(&err, NULL), SCIM_OK);
	assert_int_equal(needs_a_pointer(NULL, &err), SCIM_ERR_MISUSE);
	assert_string_equal(err.detail, "needs_a_pointer() needs p != NULL.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    failing_fills_the_error_and_returns_the_status),
		cmocka_unit_test(the_keyword_is_kept),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(an_error_may_quote_itself),
		cmocka_unit_test(a_long_detail_is_cut_between_characters),
		cmocka_unit_test(stray_bytes_become_question_marks),
		cmocka_unit_test(misuse_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
