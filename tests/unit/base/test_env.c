/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "lib/test.h"

static void
the_clock_is_the_clock_of_the_system(void **state)
{
	const scim_env *env = scim_env_system();
	int64_t before = (int64_t)time(NULL) * 1000;

	int64_t now = env->now_ms(env->context);

	assert_true(now >= before - 1000);
	assert_true(now <= before + 60000);
}

static void
random_bytes_fill_the_whole_buffer(void **state)
{
	const scim_env *env = scim_env_system();
	unsigned char buf[1003] = { 0 };
	size_t seen[256] = { 0 };
	size_t kinds = 0;

	buf[1002] = POISON;
	env->random(env->context, buf, 1002);

	for (size_t i = 0; i < 1002; i++)
		seen[buf[i]]++;
	for (size_t i = 0; i < 256; i++)
		kinds += seen[i] > 0;
	assert_true(kinds > 200);
	assert_true(memcmp(buf, buf + 501, 501) != 0);
	assert_int_equal(buf[1002], POISON);
	env->random(env->context, buf, 0);
}

static void
the_environment_says_its_size(void **state)
{
	assert_int_equal(scim_env_system()->size, sizeof(scim_env));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_is_the_clock_of_the_system),
		cmocka_unit_test(random_bytes_fill_the_whole_buffer),
		cmocka_unit_test(the_environment_says_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
