/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/address.h"

#include <unistd.h>

#include "lib/test.h"

static void
addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *shown;
		bool is_loopback;
	} cases[] = {
		{ "127.0.0.1:8080", "127.0.0.1:8080", true },
		{ "127.1.2.3:0", "127.1.2.3:0", true },
		{ "0.0.0.0:65535", "0.0.0.0:65535", false },
		{ "10.0.0.1:80", "10.0.0.1:80", false },
		{ "[::1]:8080", "[::1]:8080", true },
		{ "[::]:80", "[::]:80", false },
		{ "[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", true },
		{ "[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.1]:80", false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		char shown[SCIM__ADDRESS_TEXT_MAX];
		struct scim__address address;

		assert_int_equal(
		    scim__address_parse(cases[i].text, &address, NULL),
		    SCIM_OK);
		scim__address_format(&address, shown);
		assert_string_equal(shown, cases[i].shown);
		assert_int_equal(
		    scim__address_is_loopback(&address), cases[i].is_loopback);
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const cases[] = { "", ":", "8080", "127.0.0.1",
		"127.0.0.1:", ":80", "127.0.0.1:x", "127.0.0.1:-1",
		"127.0.0.1:65536", "127.0.0.1:99999999999999999999", "::1:80",
		"[::1]", "[::1:80", "[]:80", "256.0.0.1:80", "[1.2.3.4.5]:80" };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__address address = { .len = POISON };
		scim_error err = { .status = SCIM_OK };

		assert_int_equal(scim__address_parse(cases[i], &address, &err),
		    SCIM_ERR_INVALID);
		assert_int_equal(address.len, POISON);
		assert_true(err.detail[0] != '\0');
	}
}

static void
a_free_port_is_found_and_told(void **state)
{
	char first_text[SCIM__ADDRESS_TEXT_MAX];
	struct scim__address first, second;
	int fd = -1, none = POISON;
	scim_error err;

	assert_int_equal(
	    scim__address_parse("127.0.0.1:0", &first, NULL), SCIM_OK);
	assert_int_equal(scim__address_listen(&first, &fd, NULL), SCIM_OK);
	scim__address_format(&first, first_text);
	assert_string_not_equal(first_text, "127.0.0.1:0");

	second = first;
	assert_int_equal(
	    scim__address_listen(&second, &none, &err), SCIM_ERR_BUSY);
	assert_int_equal(none, POISON);
	assert_non_null(strstr(err.detail, first_text));
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_free_port_is_found_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
