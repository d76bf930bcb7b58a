/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the contract tests.
 *
 * Every case gets a store that is new and a folder that nobody else uses,
 * so that backends on disk can be run beside each other.
 */
#include "contract/world.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "contract/backends.h"
#include "lib/array_host.h"

static void
empty_folder(const char *place)
{
	DIR *folder = opendir(place);
	const struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		char path[384];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(
		    path, sizeof(path), "%s/%s", place, entry->d_name);
		assert_int_equal(unlink(path), 0);
	}
	(void)closedir(folder);
}

static int
open_world(void **state)
{
	const struct backend *backend = *state;
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	w->backend = backend;
	(void)snprintf(w->place, sizeof(w->place), "/tmp/scimd-test-XXXXXX");
	if (mkdtemp(w->place) == NULL)
		return -1;
	w->arena = scim_arena_new(NULL);
	if (w->arena == NULL || backend->open(w) != SCIM_OK)
		return -1;
	assert_ok(scim__store_check_ops(w->store->ops, NULL));
	*state = w;
	return 0;
}

static int
close_world(void **state)
{
	struct world *w = *state;

	scim_store_close(w->store);
	if (w->host != NULL)
		array_host_release(w->host);
	free(w->host);
	scim_arena_free(w->arena);
	empty_folder(w->place);
	(void)rmdir(w->place);
	free(w);
	return 0;
}

int
contract_run(
    const char *group_name, const struct contract_case *cases, size_t count)
{
	size_t backend_count;
	const struct backend *backends = contract_backends(&backend_count);
	size_t total = backend_count * count;
	struct CMUnitTest *tests = calloc(total, sizeof(*tests));
	char(*names)[160] = calloc(total, sizeof(*names));
	int failed = -1;

	for (size_t i = 0; tests != NULL && names != NULL && i < total; i++) {
		const struct backend *b = &backends[i / count];
		const struct contract_case *c = &cases[i % count];

		(void)snprintf(
		    names[i], sizeof(names[i]), "%s: %s", b->name, c->name);
		tests[i] = (struct CMUnitTest){ .name = names[i],
			.test_func = c->run,
			.setup_func = open_world,
			.teardown_func = close_world,
			.initial_state = (void *)(uintptr_t)b };
	}
	if (tests != NULL && names != NULL)
		failed = _cmocka_run_group_tests(
		    group_name, tests, total, NULL, NULL);
	free(tests);
	free(names);
	return failed;
}

scim_version
ver(uint64_t number)
{
	scim_version v = { { 0 } };

	memcpy(v.bytes, &number, sizeof(number));
	return v;
}

static scim_key
key_of(const char *type, const char *id)
{
	return (scim_key){ SCIM_STR("t"), scim__str(type), scim__str(id) };
}

scim_key
user(const char *id)
{
	return key_of("User", id);
}

scim_key
group(const char *id)
{
	return key_of("Group", id);
}

struct draft *
draft(struct draft *d, scim_write_kind kind, scim_key key, uint64_t from,
    uint64_t to)
{
	*d = (struct draft){ .w = { .kind = kind, .key = key } };
	(void)snprintf(
	    d->content, sizeof(d->content), "{\"n\":%" PRIu64 "}", to);
	d->r = (scim_record){ .id = key.id,
		.content = scim__str(d->content),
		.secret = SCIM_STR(""),
		.version = ver(to),
		.created_ms = 1000,
		.modified_ms = 1000 + (int64_t)to,
		.modified_before_ms = INT64_MIN,
		.relation_state = SCIM_STR("") };
	d->w.expected = ver(from);
	d->w.record = &d->r;
	d->w.change = (scim_change){ .operation = SCIM_STR("replace"),
		.actor = SCIM_STR("cli"),
		.via = SCIM_STR("c"),
		.paths = SCIM_STR("[]"),
		.content = SCIM_STR(""),
		.at_ms = 5 };
	return d;
}

scim_txn *
must_begin(struct world *w, scim_txn_mode mode)
{
	scim_txn *txn = NULL;

	assert_ok(scim__store_begin(w->store, mode, &txn, &w->err));
	assert_non_null(txn);
	return txn;
}

void
must_commit(struct world *w, scim_txn *txn)
{
	assert_ok(scim__store_commit(txn, &w->err));
}

scim_status
try_write_for(struct world *w, struct draft *d, scim_write_result *out)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

	assert_ok(scim__store_savepoint(txn, &w->err));
	scim_status rc = scim__store_write(txn, w->arena, &d->w, out, &w->err);
	if (rc == SCIM_OK)
		assert_ok(scim__store_release(txn, &w->err));
	else
		assert_ok(scim__store_rollback_to(txn, NULL));
	must_commit(w, txn);
	return rc;
}

scim_status
try_write(struct world *w, struct draft *d)
{
	scim_write_result ignored = { .sequence = POISON };

	return try_write_for(w, d, &ignored);
}

uint64_t
must_write(struct world *w, struct draft *d)
{
	scim_write_result result = { .sequence = 0 };
	scim_status rc = try_write_for(w, d, &result);

	if (rc != SCIM_OK)
		print_error("%s\n", w->err.detail);
	assert_ok(rc);
	return result.sequence;
}

uint64_t
must_create(struct world *w, scim_key key, uint64_t to)
{
	struct draft d;

	return must_write(w, draft(&d, SCIM_WRITE_CREATE, key, 0, to));
}

uint64_t
must_update(struct world *w, scim_key key, uint64_t from, uint64_t to)
{
	struct draft d;

	return must_write(w, draft(&d, SCIM_WRITE_UPDATE, key, from, to));
}

uint64_t
must_delete(struct world *w, scim_key key, uint64_t from)
{
	struct draft d;

	return must_write(w, draft(&d, SCIM_WRITE_DELETE, key, from, 0));
}

void
must_leaf_put(
    struct world *w, scim_shelf shelf, const char *name, const char *value)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

	assert_ok(scim__store_leaf_put(
	    txn, shelf, scim__str(name), scim__str(value), &w->err));
	must_commit(w, txn);
}

uint64_t
version_in(struct world *w, scim_txn *txn, scim_key key)
{
	scim_record r = { .position = POISON };
	uint64_t number;
	scim_status rc = scim__store_get(
	    txn, w->arena, &key, SCIM_RECORD_CONTENT, &r, &w->err);

	if (rc == SCIM_ERR_NOT_FOUND) {
		assert_int_equal(r.position, POISON);
		return 0;
	}
	assert_ok(rc);
	memcpy(&number, r.version.bytes, sizeof(number));
	struct draft d;
	assert_str(
	    r.content, draft(&d, SCIM_WRITE_UPDATE, key, 0, number)->content);
	return number;
}

uint64_t
version_at(struct world *w, scim_key key)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	uint64_t number = version_in(w, txn, key);

	must_commit(w, txn);
	return number;
}

scim_index_value
text(const char *z)
{
	return (
	    scim_index_value){ .kind = SCIM_INDEX_TEXT, .text = scim__str(z) };
}

scim_index_value
integer(int64_t n)
{
	return (scim_index_value){
		.kind = SCIM_INDEX_INTEGER, .text = SCIM_STR(""), .integer = n
	};
}

scim_index_value
real(double d)
{
	return (scim_index_value){
		.kind = SCIM_INDEX_REAL, .text = SCIM_STR(""), .real = d
	};
}

scim_plan
all_users(void)
{
	return (scim_plan){ .tenant = SCIM_STR("t"),
		.type = SCIM_STR("User"),
		.attribute = SCIM_STR(""),
		.limit = 100 };
}

static const char *
end_line(scim__buf *line)
{
	scim__buf_add_char(line, '\0');
	assert_false(scim__buf_failed(line));
	return line->ptr;
}

const char *
ids_of(struct world *w, const scim_plan *plan)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_record *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(
	    scim__store_query(txn, w->arena, plan, &rows, &count, &w->err));
	must_commit(w, txn);
	assert_true(count <= plan->limit);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++) {
		scim__buf_add(&line, rows[i].id);
		scim__buf_add_char(&line, ' ');
	}
	return end_line(&line);
}

const char *
members_of(struct world *w, scim_key key, const char *after, size_t limit)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_member_row *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(scim__store_members(txn, w->arena, &key, scim__str(after),
	    limit, &rows, &count, &w->err));
	must_commit(w, txn);
	assert_true(count <= limit);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++) {
		scim__buf_add(&line, rows[i].value);
		if (rows[i].type.len + rows[i].display.len > 0) {
			scim__buf_add_char(&line, ':');
			scim__buf_add(&line, rows[i].type);
			scim__buf_add_char(&line, ':');
			scim__buf_add(&line, rows[i].display);
		}
		scim__buf_add_char(&line, ' ');
	}
	return end_line(&line);
}

const char *
memberships_of(
    struct world *w, const char *value, const char *after, size_t limit)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_membership *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(scim__store_memberships(txn, w->arena, SCIM_STR("t"),
	    scim__str(value), scim__str(after), limit, &rows, &count, &w->err));
	must_commit(w, txn);
	assert_true(count <= limit);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++) {
		scim__buf_add(&line, rows[i].type);
		scim__buf_add_char(&line, '/');
		scim__buf_add(&line, rows[i].id);
		scim__buf_add_char(&line, ' ');
	}
	return end_line(&line);
}

const char *
leaves_on(struct world *w, scim_shelf shelf, const char *after, size_t limit)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_leaf *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(scim__store_leaves(txn, w->arena, shelf, scim__str(after),
	    limit, &rows, &count, &w->err));
	must_commit(w, txn);
	assert_true(count <= limit);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++) {
		scim__buf_add(&line, rows[i].name);
		scim__buf_add_char(&line, '=');
		scim__buf_add(&line, rows[i].value);
		scim__buf_add_char(&line, ' ');
	}
	return end_line(&line);
}

uint64_t
count_of(struct world *w, const scim_plan *plan, uint64_t most)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	uint64_t n = POISON;

	assert_ok(scim__store_count(txn, plan, most, &n, &w->err));
	must_commit(w, txn);
	return n;
}

const char *
holder_of(struct world *w, const char *attribute, const char *value)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_key key = user("");
	scim_unique_row row = { scim__str(attribute), scim__str(value) };
	scim_str id = { "poison", 6 };
	scim_status rc =
	    scim__store_find_unique(txn, w->arena, &key, &row, &id, &w->err);

	must_commit(w, txn);
	if (rc == SCIM_ERR_NOT_FOUND) {
		assert_str(id, "poison");
		return "-";
	}
	assert_ok(rc);
	return scim__str_copy_z(w->arena, id);
}
