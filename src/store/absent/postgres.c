/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of src/store/postgres where libpq was not found.
 */
#include "base/error.h"
#include "store/store.h"

scim_status
scim__store_open_postgres(
    scim_str url, const scim_env *env, scim_store **out, scim_error *err)
{
	(void)url;
	(void)env;
	(void)out;
	return scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "This scimd was built without libpq and knows no postgres:// "
	    "store.");
}
