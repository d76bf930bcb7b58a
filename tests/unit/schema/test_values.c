/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#define OK_(sent, kept)                                        \
	{                                                      \
		.type = "Thing", .request = THING_IS sent "}", \
		.want = THING_IS kept "}"                      \
	}
#define EMPTY(sent)                                            \
	{                                                      \
		.type = "Thing", .request = THING_IS sent "}", \
		.want = "{\"schemas\":[\"urn:x:Thing\"]}"      \
	}
#define QUIRK(sent, kept, quirk)                               \
	{                                                      \
		.type = "Thing", .request = THING_IS sent "}", \
		.want = THING_IS kept "}", .quirks = (quirk)   \
	}
#define NO(sent, why)                                                       \
	{                                                                   \
		.type = "Thing", .request = THING_IS sent "}", .want = why, \
		.scim_type = "invalidValue", .leniency = LENIENT            \
	}

/* @spec 7643-2.3-02, 7643-2.3.1-01, 7643-2.3.3-01, 7643-7-11 */
static void
values_of_their_type_are_kept(void **state)
{
	static const struct row rows[] = {
		OK_("\"s\":\"\"", "\"s\":\"\""),
		OK_("\"s\":\"  T\\u0001\\ud83d\\ude00  \"",
		    "\"s\":\"  T\\u0001\xF0\x9F\x98\x80  \""),
		OK_("\"b\":false", "\"b\":false"),
		OK_("\"d\":5", "\"d\":5"),
		OK_("\"d\":0.1", "\"d\":0.1"),
		OK_("\"d\":123456789012345678901234567890",
		    "\"d\":123456789012345678901234567890"),
		OK_("\"i\":-9223372036854775808", "\"i\":-9223372036854775808"),
		OK_("\"t\":\"2011-05-13T04:42:34+02:00\"",
		    "\"t\":\"2011-05-13T04:42:34+02:00\""),
		OK_("\"x\":\"TWFu\"", "\"x\":\"TWFu\""),
		OK_("\"x\":\"TWE=\"", "\"x\":\"TWE=\""),
		OK_("\"x\":\"TWE\"", "\"x\":\"TWE\""),
		OK_("\"x\":\"_-A\"", "\"x\":\"_-A\""),
		OK_("\"x\":\"\"", "\"x\":\"\""),
		OK_("\"r\":\"../Users/1\"", "\"r\":\"../Users/1\""),
	};

	assert_rows(rows);
}

/* @spec 7643-2.5-01, 7643-2.5-02, 7644-3.3-05 */
static void
nothing_is_nothing(void **state)
{
	static const struct row rows[] = {
		EMPTY("\"s\":null"),
		EMPTY("\"s\":[]"),
		EMPTY("\"list\":[]"),
		EMPTY("\"list\":null"),
		EMPTY("\"list\":[null,[],{}]"),
		EMPTY("\"c\":{}"),
		EMPTY("\"c\":{\"p\":null,\"many\":[null]}"),
		EMPTY("\"must\":[{}]"),
		EMPTY("\"must\":[{\"note\":null}]"),
	};

	assert_rows(rows);
}

/* @spec 7643-2.3.2-01 */
static void
what_providers_send_is_understood(void **state)
{
	static const struct row rows[] = {
		QUIRK(
		    "\"b\":\"True\"", "\"b\":true", SCIM__QUIRK_STRING_BOOLEAN),
		QUIRK("\"b\":\"fALSE\"", "\"b\":false",
		    SCIM__QUIRK_STRING_BOOLEAN),
		{ .type = "Thing",
		    .request = THING_IS "\"c\":[{\"p\":\"1\"}]}",
		    .want = THING_IS "\"c\":{\"p\":\"1\"}}",
		    .leniency = SCIM__LENIENT_MANAGER,
		    .quirks = SCIM__QUIRK_ARRAY_COMPLEX },
	};

	assert_rows(rows);
}

/* @spec 7644-3.3-14, 7643-2.3.4-01, 7643-2.3.5-01, 7643-2.3.6-01 */
static void
values_of_another_type_are_refused(void **state)
{
#define DATE "t must be a date and time such as \"2011-05-13T04:42:34Z\"."
	static const struct row rows[] = {
		NO("\"s\":1", "s must be a string."),
		NO("\"s\":true", "s must be a string."),
		NO("\"s\":{\"a\":1}", "s must be a string."),
		NO("\"s\":[\"a\"]",
		    "s takes one value: send it without an array."),
		NO("\"b\":1", "b must be true or false."),
		NO("\"b\":\"yes\"", "b must be true or false."),
		NO("\"b\":\"\"", "b must be true or false."),
		NO("\"d\":\"5\"", "d must be a number."),
		NO("\"i\":\"5\"",
		    "i must be a number without a fraction or an exponent."),
		NO("\"i\":5.5",
		    "i must be a number without a fraction or an exponent."),
		NO("\"i\":1e3",
		    "i must be a number without a fraction or an exponent."),
		NO("\"i\":5.0",
		    "i must be a number without a fraction or an exponent."),
		NO("\"i\":1e19",
		    "i must be a number without a fraction or an exponent."),
		NO("\"i\":9223372036854775808",
		    "i is too large: it must fit 64 bits."),
		NO("\"t\":\"2011-05-13\"", DATE),
		NO("\"t\":\"\"", DATE),
		NO("\"t\":1305261754", DATE),
		NO("\"x\":\"a\"", "x must be base64 text."),
		NO("\"x\":\"TWE===\"", "x must be base64 text."),
		NO("\"x\":\"TW======\"", "x must be base64 text."),
		NO("\"x\":\"TWFu=\"", "x must be base64 text."),
		NO("\"x\":\"TW u\"", "x must be base64 text."),
		NO("\"x\":7", "x must be base64 text."),
		NO("\"r\":7", "r must be a string."),
		NO("\"c\":[{\"p\":\"1\"},{\"p\":\"2\"}]",
		    "c takes one value: send it without an array."),
		{ .type = "Thing",
		    .request = THING_IS "\"c\":[{\"p\":\"1\"}]}",
		    .want = "c takes one value: send it without an array.",
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

/* @spec 7643-4.1.1-01 */
static void
a_required_string_is_not_blank(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER_IS "\"userName\":\" \\t\"}",
		    .want = "userName is required: give it a value that is "
			    "not blank.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"must\":[{\"value\":\"v\"},"
					"{\"value\":\"\"}]}",
		    .want = "must[1].value is required: give it a value that "
			    "is not blank.",
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_their_type_are_kept),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(what_providers_send_is_understood),
		cmocka_unit_test(values_of_another_type_are_refused),
		cmocka_unit_test(a_required_string_is_not_blank),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
