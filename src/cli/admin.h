/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_CLI_ADMIN_H
#define SCIM_CLI_ADMIN_H

#include "policy/policy.h"

/* A store opened beside whatever serves from it, and its policy. */
struct scim__admin {
	scim_store *store;
	scim__policy *policy;
};

/*
 * Opens the store of `url`; NULL: that of SCIMD_STORE or sqlite:scimd.db.
 * Returns enum scim__cli_exit; unless it is SCIM__CLI_DONE, `verb` was told
 * on stderr what is wrong, and there is nothing to close.
 */
int scim__admin_open(
    struct scim__admin *admin, const char *verb, const char *url);

/* The same, for a verb to which schemas matter: those of the server, in the
 * folder `schemas`; NULL: that of SCIMD_SCHEMAS, or the shipped ones alone. */
int scim__admin_open_with(struct scim__admin *admin, const char *verb,
    const char *url, const char *schemas);
void scim__admin_close(struct scim__admin *admin);

/* What a status means for the exit; anything but SCIM_OK is told on stderr,
 * `what` (may be NULL) in front. */
int scim__admin_exit(const char *verb, const char *what, scim_status status,
    const scim_error *err);

#endif
