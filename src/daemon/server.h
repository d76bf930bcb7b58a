/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_SERVER_H
#define SCIM_DAEMON_SERVER_H

/* What all threads of a serving process share. */

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/config.h"
#include "daemon/tls.h"
#include "daemon/workers.h"
#include "daemon/writer.h"
#include "policy/policy.h"
#include "scimd/metrics.h"
#include "scimd/provider.h"

struct scim__loop;

/* Set before the threads start; what they point to locks for itself. */
struct scim__server {
	const struct scim__config *config;
	const scim_env *env;
	scim_store *store;
	scim__policy *policy;
	scim_provider *provider;
	scim_metrics *metrics; /* of its writes */
	scim__workers *workers;
	/* For whatever looks at a SCIM_STORE_REMOTE store; NULL: a loop may. */
	scim__workers *readers;
	scim__writer *writer;
	scim__tls_context *tls;   /* NULL: plain HTTP */
	const char *root_url;     /* "https://host", no slash at its end */
	const char *scim_url;     /* root_url and "/scim/v2" */
	struct scim__loop *loops; /* config->loops of them */
	atomic_size_t bulk_bytes; /* content of bulk requests under way */
	pthread_mutex_t limits_lock;
	scim_limits limits; /* of tenant `default`, now and then; guarded */
};

/*
 * Serves until a signal ends it: SCIM_OK.  SCIM_ERR_INVALID: it was told to
 * do what can't be done, and did nothing.  SCIM_ERR_UNCERTAIN: the store
 * could serve no more.  Any other: it could not begin.
 */
SCIM_MUST_USE scim_status scim__server_run(
    const struct scim__config *config, scim_error *err);

#endif
