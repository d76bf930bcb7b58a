/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/test.h"

#define VALID_S 3600
#define LARGE 200000

static char cert_path[] = "/tmp/scimd-cert-XXXXXX";
static char key_path[] = "/tmp/scimd-key-XXXXXX";

static X509 *
make_certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	const unsigned char host[] = "localhost";

	assert_int_equal(X509_set_version(cert, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S));
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(
			     name, "CN", MBSTRING_ASC, host, -1, -1, 0),
	    1);
	assert_int_equal(X509_set_issuer_name(cert, name), 1);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	return cert;
}

static int
set_up(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make_certificate(key);
	FILE *cert_file = fdopen(mkstemp(cert_path), "w");
	FILE *key_file = fdopen(mkstemp(key_path), "w");

	assert_int_equal(PEM_write_X509(cert_file, cert), 1);
	assert_int_equal(
	    PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL), 1);
	(void)fclose(cert_file);
	(void)fclose(key_file);
	X509_free(cert);
	EVP_PKEY_free(key);
	return 0;
}

static int
tear_down(void **state)
{
	(void)unlink(cert_path);
	(void)unlink(key_path);
	return 0;
}

/* A client of OpenSSL's own, between buffers too. */
struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *in, *out;
};

static void
client_init(struct client *c, int version_most)
{
	static const unsigned char protocols[] = "\x02h2\x08http/1.1";

	c->ctx = SSL_CTX_new(TLS_client_method());
	if (version_most != 0)
		assert_int_equal(
		    SSL_CTX_set_max_proto_version(c->ctx, version_most), 1);
	SSL_CTX_set_security_level(c->ctx, 0);
	c->ssl = SSL_new(c->ctx);
	assert_int_equal(
	    SSL_set_alpn_protos(c->ssl, protocols, sizeof(protocols) - 1), 0);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	SSL_set_bio(c->ssl, c->in, c->out);
	SSL_set_connect_state(c->ssl);
}

static void
client_release(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
}

/* Carries bytes both ways, a few at a time. */
static enum scim__tls_read
carry(struct client *c, scim__tls *tls, char *out, size_t room, size_t *len)
{
	char bytes[777];
	int got = BIO_read(c->out, bytes, sizeof(bytes));

	if (got > 0)
		assert_true(scim__tls_feed(tls, bytes, (size_t)got));
	enum scim__tls_read rc = scim__tls_read(tls, out, room, len);
	scim_str pending = scim__tls_pending(tls);
	if (pending.len > 0)
		assert_int_equal(
		    BIO_write(c->in, pending.ptr, (int)pending.len),
		    (int)pending.len);
	scim__tls_sent(tls);
	return rc;
}

static bool
shake_hands(struct client *c, scim__tls *tls)
{
	char nothing[16];
	size_t len;

	for (int i = 0; i < 100; i++) {
		bool is_done = SSL_do_handshake(c->ssl) == 1;
		enum scim__tls_read rc =
		    carry(c, tls, nothing, sizeof(nothing), &len);

		if (rc == SCIM__TLS_FAILED)
			return false;
		if (is_done && scim__tls_is_ready(tls))
			return true;
	}
	return false;
}

/* @spec 7644-7.2-02 @spec 7644-7.2-03 */
static void
bytes_arrive_as_they_were_sent(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static char sent[LARGE], received[LARGE];

	for (size_t i = 0; i < LARGE; i++)
		sent[i] = (char)(i * 7);
	for (size_t v = 0; v < scim__countof(versions); v++) {
		scim__tls_context *context = NULL;
		struct client client;
		const unsigned char *protocol;
		unsigned protocol_len;
		size_t at = 0, len = 0;

		assert_int_equal(
		    scim__tls_context_new(cert_path, key_path, &context, NULL),
		    SCIM_OK);
		scim__tls *tls = scim__tls_new(context);
		client_init(&client, versions[v]);
		assert_true(shake_hands(&client, tls));
		SSL_get0_alpn_selected(client.ssl, &protocol, &protocol_len);
		assert_int_equal(protocol_len, 8);
		assert_memory_equal(protocol, "http/1.1", 8);

		assert_int_equal(SSL_write(client.ssl, sent, LARGE), LARGE);
		while (at < LARGE)
			if (carry(&client, tls, received + at, LARGE - at,
				&len) == SCIM__TLS_DATA)
				at += len;
		assert_memory_equal(sent, received, LARGE);

		memset(received, 0, LARGE);
		assert_true(scim__tls_write(tls, (scim_str){ sent, LARGE }));
		(void)carry(&client, tls, received, 1, &len);
		for (at = 0; at < LARGE; at += len)
			assert_int_equal(SSL_read_ex(client.ssl, received + at,
					     LARGE - at, &len),
			    1);
		assert_memory_equal(sent, received, LARGE);

		(void)SSL_shutdown(client.ssl);
		assert_int_equal(
		    carry(&client, tls, received, 1, &len), SCIM__TLS_END);
		client_release(&client);
		scim__tls_free(tls);
		scim__tls_context_free(context);
	}
}

static void
versions_before_1_2_are_refused(void **state)
{
	scim__tls_context *context = NULL;
	struct client client;

	assert_int_equal(
	    scim__tls_context_new(cert_path, key_path, &context, NULL),
	    SCIM_OK);
	scim__tls *tls = scim__tls_new(context);
	client_init(&client, TLS1_1_VERSION);
	assert_false(shake_hands(&client, tls));
	client_release(&client);
	scim__tls_free(tls);
	scim__tls_context_free(context);
}

static void
what_is_no_tls_fails(void **state)
{
	scim__tls_context *context = NULL;
	const char *text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	char out[100];
	size_t len;

	assert_int_equal(
	    scim__tls_context_new(cert_path, key_path, &context, NULL),
	    SCIM_OK);
	scim__tls *tls = scim__tls_new(context);
	assert_int_equal(
	    scim__tls_read(tls, out, sizeof(out), &len), SCIM__TLS_WANT);
	assert_true(scim__tls_feed(tls, text, strlen(text)));
	assert_int_equal(
	    scim__tls_read(tls, out, sizeof(out), &len), SCIM__TLS_FAILED);
	scim__tls_shutdown(tls);
	scim__tls_free(tls);
	scim__tls_context_free(context);
}

static void
files_that_can_not_be_used_are_named(void **state)
{
	const char *const cases[][2] = {
		{ "/nowhere/cert", key_path },
		{ cert_path, "/nowhere/key" },
		{ key_path, key_path },
		{ cert_path, cert_path },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__tls_context *context = NULL;
		scim_error err = { .detail = "" };

		assert_int_equal(scim__tls_context_new(
				     cases[i][0], cases[i][1], &context, &err),
		    SCIM_ERR_INVALID);
		assert_null(context);
		assert_non_null(strstr(err.detail, "Can't use"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_arrive_as_they_were_sent),
		cmocka_unit_test(versions_before_1_2_are_refused),
		cmocka_unit_test(what_is_no_tls_fails),
		cmocka_unit_test(files_that_can_not_be_used_are_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
