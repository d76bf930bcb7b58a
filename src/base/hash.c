/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests by OpenSSL.
 *
 * Looking an algorithm up costs more than hashing a resource with it, so
 * each is fetched once per process and each thread keeps its contexts until
 * it ends.  The fetched algorithms live as long as the process.
 */
#include "base/hash.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/error.h"

static struct {
	pthread_once_t once;
	pthread_key_t key;
	bool ready;
	EVP_MD *sha256, *shake128;
	EVP_MAC *hmac;
} library = { .once = PTHREAD_ONCE_INIT };

struct contexts {
	EVP_MD_CTX *sha256, *shake128;
	EVP_MAC_CTX *hmac;
};

static void
free_contexts(void *p)
{
	struct contexts *c = p;

	EVP_MD_CTX_free(c->sha256);
	EVP_MD_CTX_free(c->shake128);
	EVP_MAC_CTX_free(c->hmac);
	free(c);
}

static void
set_up(void)
{
	library.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	library.shake128 = EVP_MD_fetch(NULL, "SHAKE128", NULL);
	library.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	library.ready = library.sha256 != NULL && library.shake128 != NULL &&
	    library.hmac != NULL &&
	    pthread_key_create(&library.key, free_contexts) == 0;
}

static struct contexts *
new_contexts(void)
{
	struct contexts *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->sha256 = EVP_MD_CTX_new();
	c->shake128 = EVP_MD_CTX_new();
	c->hmac = EVP_MAC_CTX_new(library.hmac);
	if (c->sha256 == NULL || c->shake128 == NULL || c->hmac == NULL ||
	    pthread_setspecific(library.key, c) != 0) {
		free_contexts(c);
		return NULL;
	}
	return c;
}

static struct contexts *
contexts_of_thread(void)
{
	if (pthread_once(&library.once, set_up) != 0 || !library.ready)
		return NULL;
	struct contexts *c = pthread_getspecific(library.key);
	return c != NULL ? c : new_contexts();
}

static scim_status
fail_digest(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NO_MEMORY,
	    "A digest could not be computed; try again later.");
}

scim_status
scim__hash_sha256(
    const scim_str *pieces, size_t count, scim__sha256 *out, scim_error *err)
{
	struct contexts *c = contexts_of_thread();
	scim__sha256 digest;

	if (c == NULL || !EVP_DigestInit_ex2(c->sha256, library.sha256, NULL))
		return fail_digest(err);
	for (size_t i = 0; i < count; i++)
		if (!EVP_DigestUpdate(c->sha256, pieces[i].ptr, pieces[i].len))
			return fail_digest(err);
	if (!EVP_DigestFinal_ex(c->sha256, digest.bytes, NULL))
		return fail_digest(err);
	*out = digest;
	return SCIM_OK;
}

scim_status
scim__hash_hmac(scim_str key, const scim_str *pieces, size_t count,
    scim__sha256 *out, scim_error *err)
{
	struct contexts *c = contexts_of_thread();
	const unsigned char *secret =
	    (const unsigned char *)(key.len == 0 ? "" : key.ptr);
	char name[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	scim__sha256 digest;
	size_t len = 0;

	if (c == NULL || !EVP_MAC_init(c->hmac, secret, key.len, params))
		return fail_digest(err);
	for (size_t i = 0; i < count; i++)
		if (!EVP_MAC_update(c->hmac,
			(const unsigned char *)pieces[i].ptr, pieces[i].len))
			return fail_digest(err);
	if (!EVP_MAC_final(c->hmac, digest.bytes, &len, sizeof(digest.bytes)))
		return fail_digest(err);
	*out = digest;
	return SCIM_OK;
}

scim_status
scim__hash_shake128(scim_str input, void *out, size_t len, scim_error *err)
{
	struct contexts *c = contexts_of_thread();

	if (c == NULL ||
	    !EVP_DigestInit_ex2(c->shake128, library.shake128, NULL) ||
	    !EVP_DigestUpdate(c->shake128, input.ptr, input.len) ||
	    !EVP_DigestFinalXOF(c->shake128, out, len))
		return fail_digest(err);
	return SCIM_OK;
}

int
scim__hash_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
