/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_TLS_H
#define SCIM_DAEMON_TLS_H

/* TLS between buffers; who owns the socket moves the bytes. */

#include <stdbool.h>

#include "scimd/types.h"

typedef struct scim__tls_context scim__tls_context;
typedef struct scim__tls scim__tls;

/* A server's, from PEM files.  SCIM_ERR_INVALID: they can't be used. */
SCIM_MUST_USE scim_status scim__tls_context_new(const char *cert_path,
    const char *key_path, scim__tls_context **out, scim_error *err);
void scim__tls_context_free(scim__tls_context *context);

/* NULL: out of memory. */
scim__tls *scim__tls_new(scim__tls_context *context);
void scim__tls_free(scim__tls *tls);

/* Takes bytes from the network.  False: out of memory. */
bool scim__tls_feed(scim__tls *tls, const void *bytes, size_t len);

enum scim__tls_read {
	SCIM__TLS_DATA, /* `out_len` bytes; there may be more */
	SCIM__TLS_WANT, /* nothing until more is fed */
	SCIM__TLS_END,  /* the peer sent close_notify */
	SCIM__TLS_FAILED
};

/* Shakes hands, then reads.  What is to be sent for it is in pending(). */
enum scim__tls_read scim__tls_read(
    scim__tls *tls, char *out, size_t room, size_t *out_len);

/* Whether hands were shaken. */
bool scim__tls_is_ready(const scim__tls *tls);

/* Encrypts into pending().  False: the connection is of no more use. */
bool scim__tls_write(scim__tls *tls, scim_str piece);

/* Says goodbye, into pending(). */
void scim__tls_shutdown(scim__tls *tls);

/* Bytes for the network, valid until the next call; then taken as sent. */
scim_str scim__tls_pending(scim__tls *tls);
void scim__tls_sent(scim__tls *tls);

#endif
