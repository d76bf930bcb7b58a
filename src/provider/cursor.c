/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors as text.
 *
 * A cursor holds all there is to know about a walk, so that the server keeps
 * nothing for any of them and one restarted, or another on the same store,
 * goes on with it.  It is sealed, because values of resources are in it and
 * a client is not to make one up; and what it is bound to is only hashed, not
 * carried: another tenant, another token or another query does not open it,
 * and nobody can tell which of these it was.
 *
 *	version 1 | expires 8 | count 4 | flags 1 | type 8
 *	| position 8 | value: 8, or a text up to the end
 */
#include "provider/cursor.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/query.h"
#include "provider/secret.h"

#define VERSION 1
#define HEAD (1 + 8 + 4 + 1 + 8 + 8)
#define MOST_BYTES (HEAD + SCIM__CURSOR_TEXT_MOST + SCIM__SEAL_EXTRA)
#define KEY_NAME SCIM_STR("cursor-key")
#define MOST_BOUND 16
#define ABSENT UINT64_MAX

enum flag {
	HAS_VALUE = 1 << 0,
	IS_DIGEST = 1 << 1,
	KIND_SHIFT = 2,
	FLAGS_END = 1 << 4
};

scim_status
scim__cursor_fail(scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidCursor",
	    "This is no cursor of this query: send the nextCursor of the page "
	    "before, with all else as it was, or an empty one to begin.");
}

static scim_status
fail_expired(const struct scim__cursor_seal *seal, scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "expiredCursor",
	    "This cursor has expired: begin with an empty one, and ask for "
	    "each next page within %lld seconds.",
	    (long long)(seal->lifetime_ms / 1000));
}

scim_status
scim__cursor_key(scim_txn *txn, scim_arena *arena, struct scim__seal_key *out,
    scim_error *err)
{
	_Static_assert(
	    sizeof(out->bytes) == SCIM__SECRET_BYTES, "a secret is a key");
	return scim__secret_read(txn, arena, KEY_NAME, out->bytes, err);
}

scim_status
scim__cursor_make_key(
    const scim_env *env, scim_txn *txn, scim_arena *arena, scim_error *err)
{
	return scim__secret_make(env, txn, arena, KEY_NAME, err);
}

static uint8_t *
put_number(uint8_t *to, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(n >> (8 * (bytes - 1 - i)));
	return to + bytes;
}

static uint64_t
get_number(const uint8_t **from, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | *(*from)++;
	return n;
}

scim_status
scim__cursor_bind(const scim_context *context, const scim_str *parameters,
    size_t count, scim__sha256 *out, scim_error *err)
{
	scim_str all[MOST_BOUND] = { context->tenant, context->actor };
	uint8_t lengths[MOST_BOUND][8];
	scim_str pieces[2 * MOST_BOUND];

	scim__assert(count + 2 <= MOST_BOUND);
	for (size_t i = 0; i < count; i++)
		all[2 + i] = parameters[i];
	for (size_t i = 0; i < count + 2; i++) {
		bool given = all[i].ptr != NULL;

		(void)put_number(lengths[i], given ? all[i].len : ABSENT,
		    sizeof(lengths[i]));
		pieces[2 * i] =
		    (scim_str){ (char *)lengths[i], sizeof(lengths[i]) };
		pieces[2 * i + 1] = given ? all[i] : SCIM_STR("");
	}
	return scim__hash_sha256(pieces, 2 * (count + 2), out, err);
}

scim_status
scim__cursor_open(const scim_provider *provider, const scim_context *context,
    scim_txn *txn, const scim_str *parameters, size_t count,
    struct scim__cursor_seal *out, scim_error *err)
{
	scim_status rc = scim__cursor_key(txn, context->arena, &out->key, err);

	if (rc != SCIM_OK)
		return rc;
	out->env = provider->env;
	out->lifetime_ms = (int64_t)context->settings->limits.cursor_s * 1000;
	return scim__cursor_bind(context, parameters, count, &out->bound, err);
}

static scim_status
fail_count(const scim_context *context, scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidCount",
	    "count is a whole number up to %llu, and the same for every page "
	    "of a query by cursor.",
	    (unsigned long long)context->settings->limits.page_most);
}

scim_status
scim__cursor_count(
    const scim_context *context, scim_str count, uint64_t *out, scim_error *err)
{
	const scim_limits *limits = &context->settings->limits;
	scim_limits open = *limits;
	struct scim__page page;

	open.page_most = INT64_MAX;
	scim_status rc =
	    scim__page_parse((scim_str){ NULL, 0 }, count, &open, &page, err);
	if (rc == SCIM_ERR_INVALID)
		return fail_count(context, err);
	if (rc != SCIM_OK)
		return rc;
	if (count.ptr == NULL && page.count > limits->page_most)
		page.count = limits->page_most;
	if (page.count > limits->page_most)
		return fail_count(context, err);
	*out = page.count;
	return SCIM_OK;
}

scim_status
scim__cursor_same_count(const scim_context *context, scim_str text,
    const struct scim__cursor *cursor, uint64_t *count, scim_error *err)
{
	if (text.ptr != NULL && *count != cursor->count)
		return fail_count(context, err);
	*count = cursor->count;
	return SCIM_OK;
}

/* RFC 9865 2.4 leaves open what both of them mean.  @spec 9865-2.4-03 */
scim_status
scim__cursor_refuse_index(scim_str start_index, scim_error *err)
{
	if (start_index.ptr == NULL)
		return SCIM_OK;
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "A page begins at a startIndex or after a cursor: send one of "
	    "them.");
}

scim_status
scim__cursor_shorten(
    scim_arena *arena, struct scim__cursor *cursor, scim_error *err)
{
	scim__sha256 digest;
	scim_str *text = &cursor->value.text;

	if (!cursor->has_value || cursor->value.kind != SCIM_INDEX_TEXT ||
	    text->len <= SCIM__CURSOR_TEXT_MOST)
		return SCIM_OK;
	scim_status rc = scim__hash_sha256(text, 1, &digest, err);
	if (rc != SCIM_OK)
		return rc;
	scim_str copy = scim__str_copy(
	    arena, (scim_str){ (char *)digest.bytes, sizeof(digest.bytes) });
	if (copy.ptr == NULL)
		return scim__fail_memory(err);
	*text = copy;
	cursor->is_digest = true;
	return SCIM_OK;
}

static uint64_t
bits_of(const scim_index_value *value)
{
	uint64_t bits;

	if (value->kind == SCIM_INDEX_INTEGER)
		return (uint64_t)value->integer;
	memcpy(&bits, &value->real, sizeof(bits));
	return bits;
}

static scim_index_value
number_of(scim_index_kind kind, uint64_t bits)
{
	scim_index_value value = { .kind = kind };

	if (kind == SCIM_INDEX_INTEGER)
		memcpy(&value.integer, &bits, sizeof(bits));
	else
		memcpy(&value.real, &bits, sizeof(bits));
	return value;
}

static size_t
value_len(const struct scim__cursor *c)
{
	if (!c->has_value)
		return 0;
	return c->value.kind == SCIM_INDEX_TEXT ? c->value.text.len : 8;
}

static unsigned
flags_of(const struct scim__cursor *c)
{
	unsigned flags = 0;

	if (c->has_value)
		flags = HAS_VALUE | (unsigned)c->value.kind << KIND_SHIFT;
	return c->is_digest ? flags | IS_DIGEST : flags;
}

static void
write_plain(const struct scim__cursor *c, int64_t expires_ms, uint8_t *to)
{
	*to++ = VERSION;
	to = put_number(to, (uint64_t)expires_ms, 8);
	to = put_number(to, c->count, 4);
	to = put_number(to, flags_of(c), 1);
	to = put_number(to, c->type, 8);
	to = put_number(to, c->position, 8);
	if (!c->has_value)
		return;
	if (c->value.kind == SCIM_INDEX_TEXT)
		memcpy(to, c->value.text.ptr, c->value.text.len);
	else
		(void)put_number(to, bits_of(&c->value), 8);
}

scim_status
scim__cursor_write(scim_arena *arena, const struct scim__cursor_seal *seal,
    const struct scim__cursor *cursor, scim_str *out, scim_error *err)
{
	const scim_env *env = seal->env;
	size_t len = HEAD + value_len(cursor);
	uint8_t *plain = scim__arena_take(arena, len);
	uint8_t *sealed = scim__arena_take(arena, len + SCIM__SEAL_EXTRA);
	scim_str bound = { (const char *)seal->bound.bytes,
		sizeof(seal->bound.bytes) };
	uint8_t nonce[SCIM__SEAL_NONCE];

	scim__assert(len + SCIM__SEAL_EXTRA <= MOST_BYTES);
	if (plain == NULL || sealed == NULL)
		return scim__fail_memory(err);
	write_plain(
	    cursor, env->now_ms(env->context) + seal->lifetime_ms, plain);
	env->random(env->context, nonce, sizeof(nonce));
	if (!scim__seal(&seal->key, nonce, bound,
		(scim_str){ (char *)plain, len }, sealed))
		return scim__fail(
		    err, SCIM_ERR_STORE, "libsodium does not start.");
	scim_str text = scim__base64url(arena, sealed, len + SCIM__SEAL_EXTRA);
	if (text.ptr == NULL)
		return scim__fail_memory(err);
	*out = text;
	return SCIM_OK;
}

/* `rest` is what follows the head. */
static bool
read_value(unsigned flags, scim_str rest, struct scim__cursor *c)
{
	const uint8_t *from = (const uint8_t *)rest.ptr;
	unsigned kind = flags >> KIND_SHIFT;

	c->has_value = (flags & HAS_VALUE) != 0;
	c->is_digest = (flags & IS_DIGEST) != 0;
	if (!c->has_value)
		return rest.len == 0 && flags == 0;
	if (kind == SCIM_INDEX_TEXT) {
		c->value =
		    (scim_index_value){ .kind = SCIM_INDEX_TEXT, .text = rest };
		return !c->is_digest || rest.len == sizeof(scim__sha256);
	}
	if (kind > SCIM_INDEX_REAL || c->is_digest || rest.len != 8)
		return false;
	c->value = number_of((scim_index_kind)kind, get_number(&from, 8));
	return true;
}

/* Only what we wrote comes here; it is read as if anybody had. */
static bool
read_plain(scim_str plain, struct scim__cursor *out, int64_t *expires_ms)
{
	const uint8_t *from = (const uint8_t *)plain.ptr;
	struct scim__cursor c = { .count = 0 };

	if (plain.len < HEAD || *from++ != VERSION)
		return false;
	*expires_ms = (int64_t)get_number(&from, 8);
	c.count = get_number(&from, 4);
	unsigned flags = (unsigned)get_number(&from, 1);
	c.type = get_number(&from, 8);
	c.position = get_number(&from, 8);
	scim_str rest = { plain.ptr + HEAD, plain.len - HEAD };
	if (flags >= FLAGS_END || !read_value(flags, rest, &c))
		return false;
	*out = c;
	return true;
}

scim_status
scim__cursor_read(scim_arena *arena, const struct scim__cursor_seal *seal,
    scim_str text, struct scim__cursor *out, scim_error *err)
{
	const scim_env *env = seal->env;
	size_t len = text.len / 4 * 3 + text.len % 4 * 3 / 4;
	scim_str bound = { (const char *)seal->bound.bytes,
		sizeof(seal->bound.bytes) };
	struct scim__cursor cursor;
	int64_t expires_ms = 0;

	if (len < SCIM__SEAL_EXTRA + HEAD || len > MOST_BYTES)
		return scim__cursor_fail(err);
	uint8_t *sealed = scim__arena_take(arena, len);
	uint8_t *plain = scim__arena_take(arena, len - SCIM__SEAL_EXTRA);
	if (sealed == NULL || plain == NULL)
		return scim__fail_memory(err);
	if (!scim__base64url_decode(text, sealed, len) ||
	    !scim__unseal(
		&seal->key, bound, (scim_str){ (char *)sealed, len }, plain) ||
	    !read_plain((scim_str){ (char *)plain, len - SCIM__SEAL_EXTRA },
		&cursor, &expires_ms))
		return scim__cursor_fail(err);
	if (env->now_ms(env->context) >= expires_ms)
		return fail_expired(seal, err);
	*out = cursor;
	return SCIM_OK;
}
