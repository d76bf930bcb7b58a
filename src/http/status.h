/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_STATUS_H
#define SCIM_HTTP_STATUS_H

#include "scimd/error.h"

/* The HTTP status of an error; the one place where the two meet. */
int scim__http_status(scim_status status);

/* "200 OK"; static. */
const char *scim__http_status_line(int status);

#endif
