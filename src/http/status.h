/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_STATUS_H
#define SCIM_HTTP_STATUS_H

/* "200 OK"; static. */
const char *scim__http_status_line(int status);

#endif
