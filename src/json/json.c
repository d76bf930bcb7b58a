/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to tree: the only file that knows yyjson.
 *
 * The text is copied once into the arena and parsed in place there, so the
 * tree's strings stand in that copy and live as long as the request.  The
 * parser's own tree is left when ours is built.  Ours is built by recursion,
 * which the depth limit bounds; whatever walks a tree may rely on that.
 */
#include "json/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <yyjson.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "json/admit.h"

/* No setting allows more: trees are walked by recursion. */
#define DEEPEST 256

SCIM__DEFINE_AUTO(yyjson_doc *, yyjson_doc_free);

struct build {
	scim_arena *arena;
	const char *text;
	scim_error *err;
};

static void *
pool_alloc(void *context, size_t size)
{
	scim_allocator *allocator = context;

	return allocator->alloc(allocator, size);
}

static void *
pool_realloc(void *context, void *p, size_t old_size, size_t size)
{
	scim_allocator *allocator = context;
	void *to = allocator->alloc(allocator, size);

	if (to == NULL)
		return NULL;
	memcpy(to, p, old_size < size ? old_size : size);
	allocator->release(allocator, p);
	return to;
}

static void
pool_free(void *context, void *p)
{
	scim_allocator *allocator = context;

	allocator->release(allocator, p);
}

static scim_status
build_raw(struct build *b, yyjson_val *from, scim__value *out)
{
	scim_str raw = { yyjson_get_raw(from), yyjson_get_len(from) };

	for (size_t i = 0; i < raw.len; i++)
		if (strchr(".eE", raw.ptr[i]) != NULL)
			return scim__fail_type(b->err, SCIM_ERR_INVALID,
			    "invalidSyntax",
			    "The number at byte %zu is out of range; send a "
			    "smaller one.",
			    (size_t)(raw.ptr - b->text));
	*out = (scim__value){ .kind = SCIM__BIG, .string = raw };
	return SCIM_OK;
}

static scim_status
build_number(struct build *b, yyjson_val *from, scim__value *out)
{
	if (yyjson_is_real(from)) {
		/* Adding zero turns -0.0 into 0.0: they are one number. */
		*out = (scim__value){ .kind = SCIM__REAL,
			.real = yyjson_get_real(from) + 0.0 };
		return SCIM_OK;
	}
	if (yyjson_is_sint(from) || yyjson_get_uint(from) <= INT64_MAX) {
		*out = scim__value_integer(yyjson_get_sint(from));
		return SCIM_OK;
	}
	scim_str digits =
	    scim__str_format(b->arena, "%" PRIu64, yyjson_get_uint(from));
	if (digits.ptr == NULL)
		return scim__fail_memory(b->err);
	*out = (scim__value){ .kind = SCIM__BIG, .string = digits };
	return SCIM_OK;
}

static scim_status build(
    struct build *b, yyjson_val *from, size_t depth, scim__value *out);

static scim_status
build_array(struct build *b, yyjson_val *from, size_t depth, scim__value *out)
{
	size_t count = yyjson_arr_size(from);
	scim__value *items = scim__arena_array(b->arena, count, sizeof(*items));

	if (items == NULL)
		return scim__fail_memory(b->err);
	yyjson_arr_iter iter = yyjson_arr_iter_with(from);
	for (size_t i = 0; i < count; i++) {
		scim_status rc =
		    build(b, yyjson_arr_iter_next(&iter), depth, &items[i]);

		if (rc != SCIM_OK)
			return rc;
	}
	*out = (scim__value){ .kind = SCIM__ARRAY, .count = (uint32_t)count };
	out->array.items = items;
	out->array.capacity = count;
	return SCIM_OK;
}

static scim_status
build_object(struct build *b, yyjson_val *from, size_t depth, scim__value *out)
{
	size_t count = yyjson_obj_size(from);
	scim__member *members =
	    scim__arena_array(b->arena, count, sizeof(*members));

	if (members == NULL)
		return scim__fail_memory(b->err);
	yyjson_obj_iter iter = yyjson_obj_iter_with(from);
	for (size_t i = 0; i < count; i++) {
		yyjson_val *name = yyjson_obj_iter_next(&iter);
		scim_status rc = build(
		    b, yyjson_obj_iter_get_val(name), depth, &members[i].value);

		if (rc != SCIM_OK)
			return rc;
		members[i].name =
		    (scim_str){ yyjson_get_str(name), yyjson_get_len(name) };
	}
	*out = (scim__value){ .kind = SCIM__OBJECT, .count = (uint32_t)count };
	out->object.members = members;
	out->object.capacity = count;
	return SCIM_OK;
}

static scim_status
build(struct build *b, yyjson_val *from, size_t depth, scim__value *out)
{
	if (yyjson_is_ctn(from) && depth == 0)
		return scim__fail_type(b->err, SCIM_ERR_INVALID,
		    "invalidSyntax", "The document is nested too deep.");
	switch (yyjson_get_type(from)) {
	case YYJSON_TYPE_BOOL:
		*out = scim__value_bool(yyjson_get_bool(from));
		return SCIM_OK;
	case YYJSON_TYPE_NUM:
		return build_number(b, from, out);
	case YYJSON_TYPE_RAW:
		return build_raw(b, from, out);
	case YYJSON_TYPE_STR:
		*out = scim__value_string(
		    (scim_str){ yyjson_get_str(from), yyjson_get_len(from) });
		return SCIM_OK;
	case YYJSON_TYPE_ARR:
		return build_array(b, from, depth - 1, out);
	case YYJSON_TYPE_OBJ:
		return build_object(b, from, depth - 1, out);
	default:
		*out = (scim__value){ .kind = SCIM__NULL };
		return SCIM_OK;
	}
}

static scim_status
fail_read(const yyjson_read_err *why, scim_error *err)
{
	if (why->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return scim__fail_memory(err);
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
	    "The body is not JSON: %s at byte %zu.", why->msg, why->pos);
}

static scim_status
read_text(scim_arena *arena, scim_str text, size_t depth, scim__value *out,
    scim_error *err)
{
	yyjson_alc pool = { pool_alloc, pool_realloc, pool_free,
		scim__arena_allocator(arena) };
	yyjson_read_err why = { 0 };

	if (text.len == 0)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		    "The body is empty; send a JSON document.");
	char *copy = scim__arena_take(arena, text.len + YYJSON_PADDING_SIZE);
	if (copy == NULL)
		return scim__fail_memory(err);
	memcpy(copy, text.ptr, text.len);
	memset(copy + text.len, 0, YYJSON_PADDING_SIZE);

	scim__auto(yyjson_doc_free) yyjson_doc *doc =
	    yyjson_read_opts(copy, text.len,
		YYJSON_READ_INSITU | YYJSON_READ_BIGNUM_AS_RAW, &pool, &why);
	if (doc == NULL)
		return fail_read(&why, err);
	struct build b = { arena, copy, err };
	scim__value root;
	scim_status rc = build(&b, yyjson_doc_get_root(doc), depth, &root);
	if (rc == SCIM_OK)
		*out = root;
	return rc;
}

scim_status
scim__json_parse(scim_arena *arena, scim_str text,
    const scim__json_limits *limits, scim__value *out, scim_error *err)
{
	size_t depth = limits->depth < DEEPEST ? limits->depth : DEEPEST;

	if (text.len > limits->bytes || text.len > UINT32_MAX)
		return scim__fail(err, SCIM_ERR_TOO_LARGE,
		    "The body has %zu bytes, over the limit of %zu; send it "
		    "in parts.",
		    text.len, limits->bytes);
	scim_status rc = scim__json_admit(arena, text, depth, err);
	if (rc != SCIM_OK)
		return rc;
	return read_text(arena, text, depth, out, err);
}

scim_status
scim__json_parse_trusted(
    scim_arena *arena, scim_str text, scim__value *out, scim_error *err)
{
	if (text.len > UINT32_MAX)
		return scim__fail(
		    err, SCIM_ERR_TOO_LARGE, "The document has over 4 GiB.");
	return read_text(arena, text, DEEPEST, out, err);
}

void
scim__json_write_real(scim__buf *buf, double real)
{
	char room[512];
	yyjson_alc pool;
	yyjson_val val = { .tag = 0 };
	size_t len = 0;

	/* JSON has no word for these, and the parser lets none in. */
	scim__assert(isfinite(real));
	bool ok = yyjson_alc_pool_init(&pool, room, sizeof(room)) &&
	    yyjson_set_real(&val, real + 0.0);
	char *text =
	    ok ? yyjson_val_write_opts(&val, 0, &pool, &len, NULL) : NULL;
	scim__assert(text != NULL);
	scim__buf_add(buf, (scim_str){ text, len });
}
