/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random operations on every backend beside a model that is too simple to be
 * wrong: arrays, searched from end to end.  Every answer is compared.  The
 * seed is fixed; SCIMD_TEST_SEED takes another one, and is printed when
 * something differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/world.h"

enum {
	TENANTS = 2,
	IDS = 12,
	ROWS = 5,
	MEMBERS = 8,
	VALUES = 6,
	LEAVES = 6,
	STEPS = 4000,
	MARKS = SCIM_SAVEPOINT_DEPTH - 1
};

static const char *const tenants[TENANTS] = { "t", "tt" };
static const char *const types[] = { "User", "Group" };
static const char *const ids[IDS] = { "a", "b",
	"2819c223-7f76-453a-919d-413861904646", "c", "ab", "B", "d",
	"2819c223-7f76-453a-919d-413861904647", "\xC3\xA9", "e0", "e", "z" };
static const char *const words[VALUES] = { "", "a", "ab", "b", "B",
	"\xC3\xA9" };
static const char *const attributes[] = { "text", "integer", "real" };

/* A resource; exists when version is not 0. */
struct thing {
	unsigned type;
	uint64_t version, sequence, position;
	bool index[3][VALUES]; /* attribute, value */
	bool unique[VALUES];
	bool member[IDS];
	char display[IDS];
};

struct model {
	struct thing things[TENANTS][IDS];
	uint64_t sequence[TENANTS];
	uint64_t last_position;
	unsigned leaf[LEAVES]; /* 0: none */
};

struct run {
	struct world *w;
	uint64_t seed;
	struct model now, saved[MARKS], committed;
	scim_txn *txn;   /* of the open write, or NULL */
	unsigned marked; /* how many savepoints are open */
	uint64_t versions;
};

static unsigned
draw(struct run *r, unsigned below)
{
	r->seed = r->seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(r->seed >> 33) % below;
}

static scim_index_value
value_of(unsigned attribute, unsigned value)
{
	if (attribute == 0)
		return text(words[value]);
	if (attribute == 1)
		return integer((int64_t)value * 100 - 250);
	return real((double)value * 0.75 - 1.5);
}

static scim_key
key_of(unsigned tenant, unsigned type, unsigned id)
{
	return (scim_key){ scim__str(tenants[tenant]), scim__str(types[type]),
		scim__str(ids[id]) };
}

static int
order_of_ids(unsigned a, unsigned b)
{
	return strcmp(ids[a], ids[b]);
}

/* The rows of a write, and what the model will be when it succeeds. */
struct change {
	struct draft d;
	scim_unique_row unique_add[ROWS], unique_remove[VALUES];
	scim_index_row index_add[ROWS], index_remove[ROWS + 3 * VALUES];
	scim_member_row member_add[ROWS];
	scim_str member_remove[ROWS];
	char display[ROWS][2];
};

static void
draw_unique(struct run *r, struct change *c, struct thing *t)
{
	scim_write *w = &c->d.w;

	for (unsigned n = draw(r, 2); n > 0; n--) {
		unsigned value = draw(r, VALUES);

		c->unique_remove[w->unique_remove_count++] =
		    (scim_unique_row){ SCIM_STR("userName"),
			    scim__str(words[value]) };
		t->unique[value] = false;
	}
	for (unsigned n = draw(r, 2); n > 0; n--) {
		unsigned value = draw(r, VALUES);

		c->unique_add[w->unique_add_count++] =
		    (scim_unique_row){ SCIM_STR("userName"),
			    scim__str(words[value]) };
		t->unique[value] = true;
	}
}

static void
draw_index(struct run *r, struct change *c, struct thing *t)
{
	scim_write *w = &c->d.w;

	for (unsigned n = draw(r, ROWS); n > 0; n--) {
		unsigned attribute = draw(r, 3), value = draw(r, VALUES);

		c->index_remove[w->index_remove_count++] =
		    (scim_index_row){ scim__str(attributes[attribute]),
			    value_of(attribute, value) };
		t->index[attribute][value] = false;
	}
	for (unsigned n = draw(r, ROWS); n > 0; n--) {
		unsigned attribute = draw(r, 3), value = draw(r, VALUES);

		c->index_add[w->index_add_count++] =
		    (scim_index_row){ scim__str(attributes[attribute]),
			    value_of(attribute, value) };
		t->index[attribute][value] = true;
	}
}

static void
draw_members(struct run *r, struct change *c, struct thing *t)
{
	scim_write *w = &c->d.w;

	if (draw(r, 6) == 0) {
		w->member_remove_all = 1;
		memset(t->member, 0, sizeof(t->member));
	}
	for (unsigned n = draw(r, 3); n > 0; n--) {
		unsigned id = draw(r, IDS);

		c->member_remove[w->member_remove_count++] = scim__str(ids[id]);
		t->member[id] = false;
	}
	for (unsigned n = draw(r, 3); n > 0; n--) {
		unsigned id = draw(r, IDS);
		size_t at = w->member_add_count++;

		c->display[at][0] = (char)('A' + (int)draw(r, 26));
		c->member_add[at] = (scim_member_row){ scim__str(ids[id]),
			SCIM_STR("User"), scim__str(c->display[at]) };
		t->member[id] = true;
		t->display[id] = c->display[at][0];
	}
}

/* A deletion names every row there is. */
static void
name_all_rows(struct change *c, const struct thing *t)
{
	scim_write *w = &c->d.w;

	for (unsigned v = 0; v < VALUES; v++) {
		if (t->unique[v])
			c->unique_remove[w->unique_remove_count++] =
			    (scim_unique_row){ SCIM_STR("userName"),
				    scim__str(words[v]) };
		for (unsigned a = 0; a < 3; a++)
			if (t->index[a][v])
				c->index_remove[w->index_remove_count++] =
				    (scim_index_row){ scim__str(attributes[a]),
					    value_of(a, v) };
	}
}

static bool
conflicts(const struct run *r, unsigned tenant, unsigned id, unsigned type,
    const struct thing *after)
{
	for (unsigned other = 0; other < IDS; other++) {
		const struct thing *t = &r->now.things[tenant][other];

		if (other == id || t->version == 0 || t->type != type)
			continue;
		for (unsigned v = 0; v < VALUES; v++)
			if (t->unique[v] && after->unique[v])
				return true;
	}
	return false;
}

static scim_status
expect(const struct run *r, const struct change *c, unsigned tenant,
    unsigned id, unsigned type, const struct thing *after)
{
	const struct thing *t = &r->now.things[tenant][id];
	scim_version at = ver(t->version);

	if (c->d.w.kind == SCIM_WRITE_CREATE) {
		if (t->version != 0)
			return SCIM_ERR_EXISTS;
	} else {
		if (t->version == 0 || t->type != type)
			return SCIM_ERR_NOT_FOUND;
		if (memcmp(&at, &c->d.w.expected, sizeof(at)) != 0)
			return SCIM_ERR_VERSION;
	}
	if (c->d.w.kind != SCIM_WRITE_DELETE &&
	    conflicts(r, tenant, id, type, after))
		return SCIM_ERR_EXISTS;
	return SCIM_OK;
}

static void
fill(struct run *r, struct change *c, unsigned tenant, unsigned type,
    unsigned id, struct thing *after)
{
	const struct thing *t = &r->now.things[tenant][id];
	unsigned roll = draw(r, 10);
	scim_write_kind kind = roll < 2    ? SCIM_WRITE_DELETE
	    : t->version == 0 || roll == 2 ? SCIM_WRITE_CREATE
					   : SCIM_WRITE_UPDATE;
	uint64_t from = draw(r, 8) == 0 ? t->version + 1 : t->version;

	*after = *t;
	after->type = type;
	after->version = ++r->versions;
	draft(&c->d, kind, key_of(tenant, type, id), from, after->version);
	c->d.w.unique_add = c->unique_add;
	c->d.w.unique_remove = c->unique_remove;
	c->d.w.index_add = c->index_add;
	c->d.w.index_remove = c->index_remove;
	c->d.w.member_add = c->member_add;
	c->d.w.member_remove = c->member_remove;
	if (kind == SCIM_WRITE_DELETE) {
		name_all_rows(c, t);
		return;
	}
	draw_unique(r, c, after);
	draw_index(r, c, after);
	draw_members(r, c, after);
}

static void
apply(struct run *r, const struct change *c, unsigned tenant, unsigned id,
    const struct thing *after, const scim_write_result *result)
{
	struct thing *t = &r->now.things[tenant][id];

	assert_int_equal(result->sequence, ++r->now.sequence[tenant]);
	if (c->d.w.kind == SCIM_WRITE_DELETE) {
		*t = (struct thing){ .version = 0 };
		return;
	}
	uint64_t position = t->position;
	*t = *after;
	t->sequence = result->sequence;
	t->position = position;
	if (c->d.w.kind == SCIM_WRITE_CREATE) {
		assert_true(result->position > r->now.last_position);
		r->now.last_position = result->position;
		t->position = result->position;
	}
}

static void
step_write(struct run *r)
{
	unsigned tenant = draw(r, TENANTS), id = draw(r, IDS);
	unsigned type = draw(r, 8) == 0 ? id % 2 : (id + 1) % 2;
	scim_write_result result = { .sequence = POISON };
	struct change c = { .display = { { 0 } } };
	struct thing after;

	fill(r, &c, tenant, type, id, &after);
	scim_status want = expect(r, &c, tenant, id, type, &after);
	/* A refusal may leave a part, unless it is rolled back. */
	bool undo = r->marked == 0 || draw(r, 2) == 0;
	if (undo)
		assert_ok(scim__store_savepoint(r->txn, NULL));
	scim_status rc =
	    scim__store_write(r->txn, r->w->arena, &c.d.w, &result, &r->w->err);
	assert_int_equal(rc, want);
	if (rc == SCIM_OK) {
		apply(r, &c, tenant, id, &after, &result);
		if (undo)
			assert_ok(scim__store_release(r->txn, NULL));
		return;
	}
	assert_int_equal(result.sequence, POISON);
	assert_ok(scim__store_rollback_to(r->txn, NULL));
	if (!undo)
		r->now = r->saved[--r->marked];
}

static void
compare_gets(struct run *r, scim_txn *txn, const struct model *m)
{
	for (unsigned n = 0; n < TENANTS * IDS; n++) {
		const struct thing *t = &m->things[n / IDS][n % IDS];
		unsigned type = t->version == 0 ? draw(r, 2) : t->type;
		scim_key key = key_of(n / IDS, type, n % IDS);
		scim_record have = { .position = POISON };

		assert_int_equal(version_in(r->w, txn, key), t->version);
		if (t->version == 0)
			continue;
		assert_ok(
		    scim__store_get(txn, r->w->arena, &key, 0, &have, NULL));
		assert_int_equal(have.sequence, t->sequence);
		assert_int_equal(have.position, t->position);
	}
}

static void
compare_unique(struct run *r, scim_txn *txn, const struct model *m)
{
	unsigned tenant = draw(r, TENANTS), type = draw(r, 2);
	unsigned value = draw(r, VALUES);
	scim_key key = key_of(tenant, type, 0);
	scim_unique_row row = { SCIM_STR("userName"), scim__str(words[value]) };
	scim_str have = SCIM_STR("-");
	const char *want = "-";

	for (unsigned id = 0; id < IDS; id++) {
		const struct thing *t = &m->things[tenant][id];

		if (t->version != 0 && t->type == type && t->unique[value])
			want = ids[id];
	}
	scim_status rc =
	    scim__store_find_unique(txn, r->w->arena, &key, &row, &have, NULL);
	assert_true(rc == SCIM_OK || rc == SCIM_ERR_NOT_FOUND);
	assert_str(have, want);
}

/* A row of the model that a plan may name. */
struct line {
	unsigned id, value;
	uint64_t position;
};

struct sorting {
	unsigned attribute;
	bool by_value;
};

static int
compare_values(unsigned attribute, unsigned a, unsigned b)
{
	if (attribute == 0)
		return strcmp(words[a], words[b]);
	return (a > b) - (a < b);
}

static struct sorting sorting; /* qsort hands no context on */

static int
compare_lines(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (sorting.by_value) {
		int order =
		    compare_values(sorting.attribute, a->value, b->value);

		if (order != 0)
			return order;
	}
	return (a->position > b->position) - (a->position < b->position);
}

static bool
is_within(const scim_bound *bound, unsigned attribute, unsigned limit,
    unsigned value, int sign)
{
	int order = sign * compare_values(attribute, value, limit);

	return !bound->given || (bound->inclusive ? order >= 0 : order > 0);
}

struct wanted {
	struct line lines[IDS * VALUES];
	size_t count;
};

static void
collect(const struct model *m, unsigned tenant, unsigned type,
    const scim_plan *plan, const unsigned limits[2], struct wanted *out)
{
	for (unsigned id = 0; id < IDS; id++) {
		const struct thing *t = &m->things[tenant][id];

		if (t->version == 0 || t->type != type)
			continue;
		for (unsigned v = 0; v < (sorting.by_value ? VALUES : 1); v++) {
			if (sorting.by_value &&
			    (!t->index[sorting.attribute][v] ||
				!is_within(&plan->low, sorting.attribute,
				    limits[0], v, 1) ||
				!is_within(&plan->high, sorting.attribute,
				    limits[1], v, -1)))
				continue;
			out->lines[out->count++] =
			    (struct line){ id, v, t->position };
		}
	}
	qsort(out->lines, out->count, sizeof(out->lines[0]), compare_lines);
}

/* Cuts what the keyset, the offset and the limit of the plan leave. */
static void
cut(const scim_plan *plan, const struct line *after, struct wanted *w)
{
	size_t kept = 0;
	uint64_t skip = plan->offset;

	if (plan->descending)
		for (size_t i = 0; i < w->count / 2; i++) {
			struct line l = w->lines[i];

			w->lines[i] = w->lines[w->count - 1 - i];
			w->lines[w->count - 1 - i] = l;
		}
	for (size_t i = 0; i < w->count; i++) {
		int order = compare_lines(&w->lines[i], after);

		if (plan->has_after &&
		    (plan->descending ? order >= 0 : order <= 0))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		if (kept < plan->limit)
			w->lines[kept++] = w->lines[i];
	}
	w->count = kept;
}

static scim_bound
draw_bound(struct run *r, unsigned value)
{
	return (scim_bound){ .given = draw(r, 2) == 0,
		.inclusive = draw(r, 2) == 0,
		.value = value_of(sorting.attribute, value) };
}

static void
compare_plan(struct run *r, scim_txn *txn, const struct model *m)
{
	unsigned tenant = draw(r, TENANTS), type = draw(r, 2);
	unsigned limits[2] = { draw(r, VALUES), draw(r, VALUES) };
	struct line after = { 0, draw(r, VALUES),
		draw(r, (unsigned)m->last_position + 2) };
	struct wanted want = { .count = 0 };
	scim_record *rows = NULL;
	size_t count = POISON;
	uint64_t total = POISON, most = 1 + draw(r, 12);

	sorting = (struct sorting){ draw(r, 3), draw(r, 4) != 0 };
	scim_plan plan = { .tenant = scim__str(tenants[tenant]),
		.type = scim__str(types[type]),
		.attribute = scim__str(
		    sorting.by_value ? attributes[sorting.attribute] : ""),
		.descending = draw(r, 2) == 0,
		.has_after = draw(r, 2) == 0,
		.after_value = value_of(sorting.attribute, after.value),
		.after_position = after.position,
		.offset = draw(r, 3) == 0 ? draw(r, 5) : 0,
		.limit = 1 + draw(r, 20) };
	if (sorting.by_value) {
		plan.low = draw_bound(r, limits[0]);
		plan.high = draw_bound(r, limits[1]);
	}
	collect(m, tenant, type, &plan, limits, &want);
	assert_ok(scim__store_count(txn, &plan, most, &total, NULL));
	assert_int_equal(total, want.count < most ? want.count : most);

	cut(&plan, &after, &want);
	assert_ok(
	    scim__store_query(txn, r->w->arena, &plan, &rows, &count, NULL));
	assert_int_equal(count, want.count);
	for (size_t i = 0; i < count; i++)
		assert_str(rows[i].id, ids[want.lines[i].id]);
}

/* Ids that are in `set`, in order, after `after` (IDS: from the first). */
static size_t
pick_ids(const bool set[IDS], unsigned after, size_t limit, unsigned out[IDS])
{
	size_t count = 0;

	for (unsigned id = 0; id < IDS; id++) {
		size_t at = count;

		if (!set[id] || (after < IDS && order_of_ids(id, after) <= 0))
			continue;
		for (; at > 0 && order_of_ids(out[at - 1], id) > 0; at--)
			out[at] = out[at - 1];
		out[at] = id;
		count++;
	}
	return count < limit ? count : limit;
}

static void
compare_members(struct run *r, scim_txn *txn, const struct model *m)
{
	unsigned tenant = draw(r, TENANTS), id = draw(r, IDS);
	unsigned after = draw(r, 2) == 0 ? IDS : draw(r, IDS);
	const struct thing *t = &m->things[tenant][id];
	scim_key key = key_of(tenant, t->type, id);
	scim_member_row *rows = NULL, one;
	size_t count = POISON, limit = 1 + draw(r, IDS);
	unsigned want[IDS];
	size_t want_count = pick_ids(t->member, after, limit, want);

	assert_ok(scim__store_members(txn, r->w->arena, &key,
	    scim__str(after < IDS ? ids[after] : ""), limit, &rows, &count,
	    NULL));
	assert_int_equal(count, want_count);
	for (size_t i = 0; i < count; i++) {
		char display[2] = { t->display[want[i]], '\0' };

		assert_str(rows[i].value, ids[want[i]]);
		assert_str(rows[i].type, "User");
		assert_str(rows[i].display, display);
	}
	unsigned which = draw(r, IDS);
	scim_status rc = scim__store_member_get(
	    txn, r->w->arena, &key, scim__str(ids[which]), &one, NULL);
	assert_int_equal(rc, t->member[which] ? SCIM_OK : SCIM_ERR_NOT_FOUND);
}

static void
compare_memberships(struct run *r, scim_txn *txn, const struct model *m)
{
	unsigned tenant = draw(r, TENANTS), value = draw(r, IDS);
	unsigned after = draw(r, 2) == 0 ? IDS : draw(r, IDS);
	scim_membership *rows = NULL;
	size_t count = POISON, limit = 1 + draw(r, IDS);
	bool in[IDS];
	unsigned want[IDS];

	for (unsigned id = 0; id < IDS; id++)
		in[id] = m->things[tenant][id].version != 0 &&
		    m->things[tenant][id].member[value];
	size_t want_count = pick_ids(in, after, limit, want);
	assert_ok(scim__store_memberships(txn, r->w->arena,
	    scim__str(tenants[tenant]), scim__str(ids[value]),
	    scim__str(after < IDS ? ids[after] : ""), limit, &rows, &count,
	    NULL));
	assert_int_equal(count, want_count);
	for (size_t i = 0; i < count; i++) {
		assert_str(rows[i].id, ids[want[i]]);
		assert_str(
		    rows[i].type, types[m->things[tenant][want[i]].type]);
	}
}

static void
compare_leaves(struct run *r, scim_txn *txn, const struct model *m)
{
	scim_leaf *rows = NULL;
	size_t count = POISON, at = 0;

	assert_ok(scim__store_leaves(txn, r->w->arena, SCIM_SHELF_TOKEN,
	    SCIM_STR(""), LEAVES, &rows, &count, NULL));
	for (unsigned i = 0; i < LEAVES; i++) {
		char want[8];

		if (m->leaf[i] == 0)
			continue;
		assert_true(at < count);
		(void)snprintf(want, sizeof(want), "k%u", i % LEAVES);
		assert_str(rows[at].name, want);
		(void)snprintf(want, sizeof(want), "%u", m->leaf[i] % 1000);
		assert_str(rows[at].value, want);
		at++;
	}
	assert_int_equal(at, count);
}

static void
compare(struct run *r, scim_txn *txn, const struct model *m)
{
	if (draw(r, 8) == 0)
		compare_gets(r, txn, m);
	compare_unique(r, txn, m);
	compare_plan(r, txn, m);
	compare_plan(r, txn, m);
	compare_members(r, txn, m);
	compare_memberships(r, txn, m);
	compare_leaves(r, txn, m);
}

static void
step_leaf(struct run *r)
{
	unsigned i = draw(r, LEAVES), value = draw(r, 3) * draw(r, 300);
	char name[8], leaf[8] = "";

	(void)snprintf(name, sizeof(name), "k%u", i % LEAVES);
	if (value != 0)
		(void)snprintf(leaf, sizeof(leaf), "%u", value % 1000);
	assert_ok(scim__store_leaf_put(
	    r->txn, SCIM_SHELF_TOKEN, scim__str(name), scim__str(leaf), NULL));
	r->now.leaf[i] = value;
}

static void
step_erase(struct run *r)
{
	unsigned tenant = draw(r, TENANTS);

	assert_ok(
	    scim__store_erase_tenant(r->txn, scim__str(tenants[tenant]), NULL));
	memset(r->now.things[tenant], 0, sizeof(r->now.things[tenant]));
	r->now.sequence[tenant] = 0;
}

static void
step_savepoint(struct run *r)
{
	if (r->marked == 0 || (r->marked < MARKS && draw(r, 2) == 0)) {
		assert_ok(scim__store_savepoint(r->txn, NULL));
		r->saved[r->marked++] = r->now;
		return;
	}
	r->marked--;
	if (draw(r, 2) == 0) {
		assert_ok(scim__store_release(r->txn, NULL));
		return;
	}
	assert_ok(scim__store_rollback_to(r->txn, NULL));
	r->now = r->saved[r->marked];
}

static void
step_end(struct run *r)
{
	if (draw(r, 4) == 0) {
		scim__store_rollback(r->txn);
		r->now = r->committed;
	} else {
		assert_ok(scim__store_commit(r->txn, NULL));
		r->committed = r->now;
	}
	r->txn = NULL;
	r->marked = 0;
}

static void
step(struct run *r)
{
	unsigned roll = draw(r, 100);

	scim_arena_reset(r->w->arena);
	if (r->txn == NULL) {
		scim_txn *reader = must_begin(
		    r->w, roll < 50 ? SCIM_TXN_READ : SCIM_TXN_SNAPSHOT);

		compare(r, reader, &r->committed);
		must_commit(r->w, reader);
		r->txn = must_begin(r->w, SCIM_TXN_WRITE);
		return;
	}
	if (roll < 55)
		step_write(r);
	else if (roll < 60)
		step_leaf(r);
	else if (roll < 61)
		step_erase(r);
	else if (roll < 70)
		step_savepoint(r);
	else if (roll < 80)
		step_end(r);
	else
		compare(r, r->txn, &r->now);
}

static void
no_run_of_operations_tells_it_from_the_model(void **state)
{
	struct run *r = calloc(1, sizeof(*r));
	const char *seed = getenv("SCIMD_TEST_SEED");

	assert_non_null(r);
	r->w = *state;
	r->seed = seed == NULL ? 20261121 : strtoull(seed, NULL, 10);
	print_message("SCIMD_TEST_SEED=%" PRIu64 "\n", r->seed);
	for (int i = 0; i < STEPS; i++)
		step(r);
	if (r->txn != NULL)
		step_end(r);
	free(r);
}

int
main(void)
{
	static const struct contract_case cases[] = {
		CONTRACT_CASE(no_run_of_operations_tells_it_from_the_model),
	};

	return contract_run("store/random", cases, scim__countof(cases));
}
