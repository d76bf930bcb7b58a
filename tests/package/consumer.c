/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The least a program can do with an installed libscimd: find the headers,
 * link, and call something.  That it runs is what tools/check-package checks.
 */

#include <scimd/types.h>

int
main(void)
{
	return scim_env_system() == NULL;
}
