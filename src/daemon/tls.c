/* SPDX-License-Identifier: Apache-2.0 */

/*
 * TLS 1.2 and later by OpenSSL, between two memory buffers.
 *
 * No renegotiation, no compression, no tickets that outlive the process;
 * ALPN says http/1.1, because that is what is spoken.  Every call clears the
 * thread's queue of errors first: what another connection left there would
 * be taken for ours.
 */

#include "daemon/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/error.h"

struct scim__tls_context {
	SSL_CTX *ctx;
};

struct scim__tls {
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
};

static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *argument)
{
	static const unsigned char ours[] = { 8, 'h', 't', 't', 'p', '/', '1',
		'.', '1' };
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)argument;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours), in,
		in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static scim_status
fail_tls(const char *what, const char *path, scim_error *err)
{
	char reason[120];

	ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
	return scim__fail(
	    err, SCIM_ERR_INVALID, "%s %.80s: %s.", what, path, reason);
}

static scim_status
set_up(
    SSL_CTX *ctx, const char *cert_path, const char *key_path, scim_error *err)
{
	(void)SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return fail_tls("TLS", "1.2", err);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_path) != 1)
		return fail_tls("Can't use the certificate", cert_path, err);
	if (SSL_CTX_use_PrivateKey_file(ctx, key_path, SSL_FILETYPE_PEM) != 1)
		return fail_tls("Can't use the key", key_path, err);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return fail_tls(
		    "The certificate is not that of the key", key_path, err);
	return SCIM_OK;
}

scim_status
scim__tls_context_new(const char *cert_path, const char *key_path,
    scim__tls_context **out, scim_error *err)
{
	scim__tls_context *context = OPENSSL_zalloc(sizeof(*context));

	ERR_clear_error();
	if (context == NULL)
		return scim__fail_memory(err);
	context->ctx = SSL_CTX_new(TLS_server_method());
	scim_status rc = context->ctx == NULL
	    ? scim__fail_memory(err)
	    : set_up(context->ctx, cert_path, key_path, err);
	if (rc != SCIM_OK) {
		scim__tls_context_free(context);
		return rc;
	}
	*out = context;
	return SCIM_OK;
}

void
scim__tls_context_free(scim__tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->ctx);
	OPENSSL_free(context);
}

scim__tls *
scim__tls_new(scim__tls_context *context)
{
	scim__tls *tls = OPENSSL_zalloc(sizeof(*tls));

	if (tls == NULL)
		return NULL;
	tls->ssl = SSL_new(context->ctx);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
		BIO_free(tls->in);
		BIO_free(tls->out);
		SSL_free(tls->ssl);
		OPENSSL_free(tls);
		return NULL;
	}
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_accept_state(tls->ssl);
	return tls;
}

void
scim__tls_free(scim__tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	OPENSSL_free(tls);
}

bool
scim__tls_feed(scim__tls *tls, const void *bytes, size_t len)
{
	size_t written = 0;

	return BIO_write_ex(tls->in, bytes, len, &written) == 1 &&
	    written == len;
}

enum scim__tls_read
scim__tls_read(scim__tls *tls, char *out, size_t room, size_t *out_len)
{
	ERR_clear_error();
	int rc = SSL_read_ex(tls->ssl, out, room, out_len);

	switch (SSL_get_error(tls->ssl, rc)) {
	case SSL_ERROR_NONE:
		return SCIM__TLS_DATA;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return SCIM__TLS_WANT;
	case SSL_ERROR_ZERO_RETURN:
		return SCIM__TLS_END;
	default:
		return SCIM__TLS_FAILED;
	}
}

bool
scim__tls_is_ready(const scim__tls *tls)
{
	return SSL_is_init_finished(tls->ssl) == 1;
}

bool
scim__tls_write(scim__tls *tls, scim_str piece)
{
	size_t written;

	ERR_clear_error();
	return piece.len == 0 ||
	    SSL_write_ex(tls->ssl, piece.ptr, piece.len, &written) == 1;
}

void
scim__tls_shutdown(scim__tls *tls)
{
	ERR_clear_error();
	if (SSL_is_init_finished(tls->ssl))
		(void)SSL_shutdown(tls->ssl);
}

scim_str
scim__tls_pending(scim__tls *tls)
{
	char *bytes = NULL;
	long len = BIO_get_mem_data(tls->out, &bytes);

	return (scim_str){ bytes, len < 0 ? 0 : (size_t)len };
}

void
scim__tls_sent(scim__tls *tls)
{
	(void)BIO_reset(tls->out);
}
