/* SPDX-License-Identifier: Apache-2.0 */
#include "version/tag.h"

#include "base/arena.h"
#include "lib/test.h"
#include "version/set_hash.h"

static scim__sha256
own_hash(const char *content, const char *secret)
{
	scim__sha256 out;

	assert_int_equal(
	    scim__own_hash(scim__str(content), scim__str(secret), &out, NULL),
	    SCIM_OK);
	return out;
}

static scim_version
related(const scim__sha256 *own, scim_str relation, uint64_t count)
{
	scim_version out;

	assert_int_equal(
	    scim__state_version(own, true, relation, count, &out, NULL),
	    SCIM_OK);
	return out;
}

static void
the_own_hash_covers_content_and_secret(void **state)
{
	scim__sha256 plain = own_hash("{}", ""), same = own_hash("{}", "");
	scim__sha256 other = own_hash("{\"a\":1}", "");
	scim__sha256 secret = own_hash("{}", "s"), else_ = own_hash("{}", "t");

	assert_memory_equal(&plain, &same, sizeof(plain));
	assert_memory_not_equal(&plain, &other, sizeof(plain));
	assert_memory_not_equal(&plain, &secret, sizeof(plain));
	assert_memory_not_equal(&secret, &else_, sizeof(plain));
}

static void
without_a_relation_the_version_is_that_of_the_content(void **state)
{
	scim__sha256 own = own_hash("{\"a\":1}", "");
	scim_version version, want;

	assert_int_equal(scim__state_version(&own, false, SCIM_STR("ignored"),
			     7, &version, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim_version_from_content(SCIM_STR("{\"a\":1}"), &want, NULL),
	    SCIM_OK);

	assert_true(scim_version_equal(&version, &want));
}

static void
with_a_relation_every_part_counts(void **state)
{
	static char set[SCIM__SET_HASH_BYTES];
	scim__sha256 own = own_hash("{}", ""),
		     other = own_hash("{\"a\":1}", "");
	scim_str relation = { set, sizeof(set) };
	scim_version base = related(&own, relation, 1);
	scim_version by_own = related(&other, relation, 1);
	scim_version by_count = related(&own, relation, 256);
	set[SCIM__SET_HASH_BYTES - 1] = 1;
	scim_version by_set = related(&own, relation, 1);
	scim_version content = scim_version_from_hash(own.bytes);

	assert_false(scim_version_equal(&base, &by_own));
	assert_false(scim_version_equal(&base, &by_count));
	assert_false(scim_version_equal(&base, &by_set));
	assert_false(scim_version_equal(&base, &content));
}

static void
an_unset_relation_is_the_empty_set(void **state)
{
	static const char zeros[SCIM__SET_HASH_BYTES];
	scim__sha256 own = own_hash("{}", "");

	scim_version a = related(&own, (scim_str){ NULL, 0 }, 0);
	scim_version b = related(&own, (scim_str){ zeros, sizeof(zeros) }, 0);

	assert_true(scim_version_equal(&a, &b));
}

static void
a_relation_state_of_another_size_is_a_broken_store(void **state)
{
	scim__sha256 own = own_hash("{}", "");
	scim_version out = { { POISON } };

	assert_int_equal(
	    scim__state_version(&own, true, SCIM_STR("x"), 0, &out, NULL),
	    SCIM_ERR_STORE);
	assert_int_equal(out.bytes[0], POISON);
}

/* What is digested may never change: stored versions would not. */
static void
versions_are_the_same_for_ever(void **state)
{
	char text[SCIM_VERSION_TEXT_LEN + 1];
	scim__sha256 own = own_hash("{\"id\":\"1\"}", "");
	scim__sha256 secret = own_hash("{\"id\":\"1\"}", "hash");
	scim_version version = scim_version_from_hash(own.bytes);

	scim_version_format(&version, text);
	assert_string_equal(text, "WBGWf1QNMA0kmrMK5oE1mg");
	version = scim_version_from_hash(secret.bytes);
	scim_version_format(&version, text);
	assert_string_equal(text, "qLXu9h8mI3nna-ZmPEKkuw");
	version = related(&own, (scim_str){ NULL, 0 }, 258);
	scim_version_format(&version, text);
	assert_string_equal(text, "3Xs6lFeBozqE5zhmyvvOtw");
}

static void
a_tag_shows_its_parts(void **state)
{
	static const struct {
		bool has_derived, strong;
		uint64_t sequence;
		const char *want;
	} cases[] = {
		{ false, false, 9, "W/\"AAAAAAAAAAAAAAAAAAAAAA\"" },
		{ true, false, 9, "W/\"AAAAAAAAAAAAAAAAAAAAAA.__________8\"" },
		{ false, true, 9, "\"AAAAAAAAAAAAAAAAAAAAAA.9\"" },
		{ true, true, UINT64_MAX,
		    "\"AAAAAAAAAAAAAAAAAAAAAA.__________8."
		    "18446744073709551615\"" },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__tag_parts parts = {
			.has_derived = cases[i].has_derived,
			.strong = cases[i].strong,
			.sequence = cases[i].sequence,
		};
		memset(parts.derived, 0xFF, sizeof(parts.derived));

		scim_etag etag = scim__tag_make(arena, &parts);

		assert_str(scim_etag_format(arena, &etag), cases[i].want);
	}
	scim_arena_free(arena);
}

static void
derived_values_have_64_bits_of_their_own(void **state)
{
	uint8_t a[8], b[8], c[8];

	assert_int_equal(scim__derived_hash(SCIM_STR("[1]"), a, NULL), SCIM_OK);
	assert_int_equal(scim__derived_hash(SCIM_STR("[1]"), b, NULL), SCIM_OK);
	assert_int_equal(scim__derived_hash(SCIM_STR("[2]"), c, NULL), SCIM_OK);

	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
}

static scim_status
make_tag(scim_arena *arena, void *context)
{
	struct scim__tag_parts parts = { .has_derived = true };

	return scim__tag_make(arena, &parts).opaque.ptr == NULL
	    ? SCIM_ERR_NO_MEMORY
	    : SCIM_OK;
}

static void
a_failed_allocation_gives_null(void **state)
{
	assert_int_equal(test_fail_each_allocation(make_tag, NULL), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_own_hash_covers_content_and_secret),
		cmocka_unit_test(
		    without_a_relation_the_version_is_that_of_the_content),
		cmocka_unit_test(with_a_relation_every_part_counts),
		cmocka_unit_test(an_unset_relation_is_the_empty_set),
		cmocka_unit_test(
		    a_relation_state_of_another_size_is_a_broken_store),
		cmocka_unit_test(versions_are_the_same_for_ever),
		cmocka_unit_test(a_tag_shows_its_parts),
		cmocka_unit_test(derived_values_have_64_bits_of_their_own),
		cmocka_unit_test(a_failed_allocation_gives_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
