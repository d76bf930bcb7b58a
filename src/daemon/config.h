/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_CONFIG_H
#define SCIM_DAEMON_CONFIG_H

/* How `scimd serve` was told to run. */

#include <stdbool.h>

#include "scimd/types.h"

#define SCIM__LOOPS_MOST 256
#define SCIM__BATCH_MOST 64

struct scim__config {
	const char *listen;     /* HOST:PORT */
	const char *store;      /* URL */
	const char *public_url; /* NULL: from the listen address */
	const char *tls_cert, *tls_key;
	const char *schemas; /* folder, or NULL */
	const char *bootstrap_token;
	unsigned loops;
	unsigned batch; /* writes that share a commit, at most */
	bool insecure_http;
	scim_str *settings; /* "key=value", for tenant `default` */
	size_t setting_count;
};

/* argv[1..] are the flags; `environment` answers like getenv(). */
struct scim__config_source {
	int argc;
	char **argv;
	const char *(*environment)(const char *name);
	unsigned cores; /* loops unless told otherwise */
};

/*
 * Reads flags, then the environment (SCIMD_LISTEN, …), then the file of
 * --config (the long flags are its keys): what comes first in this order
 * stands.  `set` adds up, a flag overriding the file.  SCIM_ERR_INVALID: a
 * sentence for whoever typed it.
 */
SCIM_MUST_USE scim_status scim__config_read(scim_arena *arena,
    const struct scim__config_source *source, struct scim__config *out,
    scim_error *err);

#endif
