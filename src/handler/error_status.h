/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_ERROR_STATUS_H
#define SCIM_HANDLER_ERROR_STATUS_H

#include "scimd/error.h"

/* 404 for SCIM_ERR_NOT_FOUND, and so on; no other is ever sent. */
int scim__error_status(scim_status status);

#endif
