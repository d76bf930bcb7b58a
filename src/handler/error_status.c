/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which status an error has (RFC 7644 section 3.12, table 8).  It belongs to
 * the protocol, not to the door: results of bulk operations carry it inside a
 * message.
 */
#include "handler/error_status.h"

int
scim__error_status(scim_status status)
{
	switch (status) {
	case SCIM_OK:
		return 200;
	case SCIM_ERR_INVALID:
		return 400;
	case SCIM_ERR_CREDENTIAL:
		return 401;
	case SCIM_ERR_FORBIDDEN:
		return 403;
	case SCIM_ERR_NOT_FOUND:
		return 404;
	case SCIM_ERR_EXISTS:
		return 409;
	case SCIM_ERR_GONE:
		return 410;
	case SCIM_ERR_VERSION:
		return 412;
	case SCIM_ERR_TOO_LARGE:
		return 413;
	case SCIM_ERR_REQUIRED:
		return 428;
	case SCIM_ERR_UNSUPPORTED:
		return 501;
	case SCIM_ERR_NO_MEMORY:
	case SCIM_ERR_UNCERTAIN:
	case SCIM_ERR_BUSY:
		return 503;
	case SCIM_ERR_STORE:
	case SCIM_ERR_MISUSE:
	case SCIM_ERR_ROLLED_BACK:
		break;
	}
	return 500;
}
