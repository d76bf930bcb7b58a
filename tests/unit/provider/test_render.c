/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/render.h"

#include <stdio.h>

#include "lib/directory.h"
#include "json/json.h"

#define USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"
#define GROUP_URN "urn:ietf:params:scim:schemas:core:2.0:Group"
#define ENTERPRISE_URN \
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

/* One stored resource with what belongs to it. */
struct shown {
	struct directory *d;
	const scim__resource_type *type;
	scim_txn *txn;
	struct scim__view view;
};

static struct shown
show(struct directory *d, const char *type, scim_str id)
{
	struct shown s = { .d = d,
		.type = scim__registry_type(d->registry, scim__str(type)) };
	scim_key key = scim__key(&d->context, s.type, id);
	scim_record record;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_SNAPSHOT, &s.txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(s.txn, d->context.arena, &key, SCIM_RECORD_CONTENT,
		&record, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__view_make(
		s.txn, &d->context, s.type, &record, &s.view, &d->err));
	return s;
}

static void
hide(struct shown *s)
{
	scim__store_rollback(s->txn);
}

static scim__projection *
projection_of(struct shown *s, const char *attributes, const char *excluded)
{
	scim__projection *projection = NULL;

	assert_int_equal(SCIM_OK,
	    scim__projection_parse(s->d->context.arena, s->d->registry, s->type,
		scim__str(attributes), scim__str(excluded), &projection,
		&s->d->err));
	return projection;
}

static scim_str
rendered(struct shown *s, const scim__projection *projection)
{
	scim_str json = { NULL, 0 };

	if (scim__render(s->txn, &s->d->context, s->type, &s->view, projection,
		&json, &s->d->err) != SCIM_OK)
		fail_msg("%s", s->d->err.detail);
	return json;
}

static scim__value
parsed(struct directory *d, scim_str json)
{
	scim__json_limits limits = { json.len, 32 };
	scim__value value;

	if (scim__json_parse(
		d->context.arena, json, &limits, &value, &d->err) != SCIM_OK)
		fail_msg("%s\n%.*s", d->err.detail, (int)json.len, json.ptr);
	return value;
}

static scim_resource
full_user(struct directory *d, scim_str manager)
{
	char json[1024];
	scim_outcome out;

	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"" USER_URN "\",\"" ENTERPRISE_URN "\"],"
	    "\"userName\":\"bjensen\",\"displayName\":\"B\\u00e9\\\"\\\\\","
	    "\"emails\":[{\"value\":\"a@b\",\"primary\":true}],"
	    "\"active\":false,\"" ENTERPRISE_URN "\":{"
	    "\"employeeNumber\":\"7\"%s%s%s}}",
	    manager.len > 0 ? ",\"manager\":{\"value\":\"" : "",
	    manager.len > 0 ? manager.ptr : "", manager.len > 0 ? "\"}" : "");
	if (directory_create(d, "User", json, &out) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	return out.resource;
}

/*
 * An attribute that the resource does not have is left out: the answer has
 * to be built, and is the same as the one that is put together.
 */
static void
a_spliced_and_a_built_answer_are_one(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = full_user(&d, SCIM_STR(""));
	const scim_str *const members[] = { &user.id, NULL };
	(void)directory_group(&d, "g", members);
	for (int strong = 0; strong < 2; strong++) {
		d.settings.etag = strong ? SCIM_ETAG_STRONG : SCIM_ETAG_WEAK;
		struct shown s = show(&d, "User", user.id);
		scim__value spliced = parsed(&d, rendered(&s, NULL));
		scim__value built = parsed(
		    &d, rendered(&s, projection_of(&s, NULL, "nickName")));

		assert_true(scim__value_equal(&spliced, &built));
		assert_non_null(
		    scim__object_find(&spliced, SCIM_STR("groups")));
		hide(&s);
	}
	directory_close(&d);
}

static void
a_groups_answers_are_one_too(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = full_user(&d, SCIM_STR(""));
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);
	struct shown s = show(&d, "Group", group.id);
	scim__value spliced = parsed(&d, rendered(&s, NULL));
	scim__value built =
	    parsed(&d, rendered(&s, projection_of(&s, NULL, "externalId")));
	assert_true(scim__value_equal(&spliced, &built));
	assert_contains(rendered(&s, NULL), "\"type\":\"User\"");
	assert_contains(rendered(&s, NULL),
	    "\"$ref\":\"https://example.com/scim/v2/Users/");
	hide(&s);
	directory_close(&d);
}

/* @spec 7643-4.3-02 */
static void
a_looked_up_name_is_laid_over_the_document(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		"{\"schemas\":[\"" USER_URN "\"],\"userName\":\"boss\","
		"\"displayName\":\"The Boss\"}",
		&out));
	scim_resource user = full_user(&d, out.resource.id);
	struct shown s = show(&d, "User", user.id);
	scim_str json = rendered(&s, NULL);
	assert_contains(json, "\"displayName\":\"The Boss\"");
	assert_contains(json, "\"employeeNumber\":\"7\"");
	(void)parsed(&d, json);
	hide(&s);
	directory_close(&d);
}

/* @spec 7644-3.4.2.5-02, 7644-3.9-01 */
static void
what_was_not_asked_for_is_not_shown(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = full_user(&d, SCIM_STR(""));
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);

	struct shown s = show(&d, "User", user.id);
	scim_str json = rendered(&s, projection_of(&s, "userName", NULL));
	scim__value value = parsed(&d, json);
	assert_contains(json, "\"userName\":\"bjensen\"");
	assert_contains(json, "\"id\":");
	assert_lacks(json, "emails");
	assert_lacks(json, "groups");
	assert_lacks(json, "employeeNumber");
	assert_null(scim__object_find(&value, SCIM_STR("meta")));
	hide(&s);

	s = show(&d, "Group", group.id);
	json = rendered(&s, projection_of(&s, NULL, "members"));
	assert_lacks(json, "members");
	(void)parsed(&d, json);
	json = rendered(&s, projection_of(&s, "members.value", NULL));
	assert_contains(json, "\"members\":[{\"value\":\"");
	assert_lacks(json, "displayName");
	(void)parsed(&d, json);
	hide(&s);
	directory_close(&d);
}

static scim_resource
group_of(struct directory *d, int count)
{
	scim__buf buf;
	scim_outcome out;

	scim__buf_init(&buf, d->context.arena, SIZE_MAX);
	scim__buf_add_z(&buf,
	    "{\"schemas\":[\"" GROUP_URN "\"],\"displayName\":\"g\","
	    "\"members\":[");
	for (int i = 0; i < count; i++)
		scim__buf_printf(
		    &buf, "%s{\"value\":\"m-%05d\"}", i > 0 ? "," : "", i);
	scim__buf_add(&buf, SCIM_STR("]}\0"));
	assert_false(scim__buf_failed(&buf));
	if (directory_create(d, "Group", buf.ptr, &out) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	return out.resource;
}

/* All members of what is shown; its transaction is over then. */
static scim__roster *
roster_of(struct shown *s)
{
	scim__roster *roster = NULL;
	scim_key key = scim__key(&s->d->context, s->type, s->view.record.id);

	assert_int_equal(SCIM_OK,
	    scim__roster_read(s->d->provider, s->txn, &key,
		s->view.record.relation_count, &roster, &s->d->err));
	scim__store_rollback(scim__take(s->txn));
	return roster;
}

static scim_str
drained(struct shown *s, const scim__projection *projection, int *pieces)
{
	scim_stream *stream = NULL;
	scim__buf buf;
	scim_str piece = { NULL, 0 };

	assert_int_equal(SCIM_OK,
	    scim__render_stream(roster_of(s), &s->d->context, s->type, &s->view,
		projection, &stream, &s->d->err));
	scim__buf_init(&buf, s->d->context.arena, SIZE_MAX);
	for (*pieces = 0;; ++*pieces) {
		scim_arena *arena = scim_arena_new(NULL);

		if (stream->next(stream, arena, &piece, &s->d->err) != SCIM_OK)
			fail_msg("%s", s->d->err.detail);
		scim__buf_add(&buf, piece);
		scim_arena_free(arena);
		if (piece.len == 0)
			break;
	}
	stream->close(stream);
	return scim__buf_str(&buf);
}

static void
a_stream_is_the_whole_in_pieces(void **state)
{
	static const int counts[] = { 0, 1, 499, 500, 501, 1000, 1001, 1500 };
	struct directory d;
	int pieces;

	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	for (size_t i = 0; i < scim__countof(counts); i++) {
		scim_resource group = group_of(&d, counts[i]);
		struct shown s = show(&d, "Group", group.id);
		scim_str whole = rendered(&s, NULL);
		scim_str sum = drained(&s, NULL, &pieces);

		assert_true(scim__str_equal(whole, sum));
		assert_true(pieces > counts[i] / 500);
		hide(&s);

		s = show(&d, "Group", group.id);
		scim__projection *p = projection_of(&s, "members", NULL);
		whole = rendered(&s, p);
		sum = drained(&s, p, &pieces);
		assert_true(scim__str_equal(whole, sum));
		scim__value value = parsed(&d, sum);
		const scim__value *members =
		    scim__object_find(&value, SCIM_STR("members"));
		assert_int_equal(
		    members == NULL ? 0 : members->count, counts[i]);
		hide(&s);
	}
	directory_close(&d);
}

static void
a_member_of_any_length_is_streamed(void **state)
{
	enum { LONG = 5000, COUNT = 1001 };
	struct directory d;
	scim__buf buf;
	scim_outcome out;
	char name[LONG + 1];
	int pieces;

	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	d.settings.limits.body_bytes = 64 << 20;
	memset(name, 'm', LONG);
	name[LONG] = '\0';
	scim__buf_init(&buf, d.context.arena, SIZE_MAX);
	scim__buf_add_z(&buf,
	    "{\"schemas\":[\"" GROUP_URN "\"],\"displayName\":\"g\","
	    "\"members\":[");
	for (int i = 0; i < COUNT; i++)
		scim__buf_printf(&buf, "%s{\"value\":\"%04d%s\"}",
		    i > 0 ? "," : "", i, i % 250 < 3 ? name : "");
	scim__buf_add(&buf, SCIM_STR("]}\0"));
	assert_int_equal(SCIM_OK, directory_create(&d, "Group", buf.ptr, &out));
	struct shown s = show(&d, "Group", out.resource.id);
	scim_str whole = rendered(&s, NULL);
	assert_true(scim__str_equal(whole, drained(&s, NULL, &pieces)));
	directory_close(&d);
}

static void
a_stream_shows_one_state_to_its_end(void **state)
{
	struct directory d;
	scim_stream *stream = NULL;
	scim_str piece = { NULL, 0 };
	scim_outcome out;
	size_t total = 0;

	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	scim_resource group = group_of(&d, 1200);
	struct shown s = show(&d, "Group", group.id);
	scim_str whole = rendered(&s, NULL);
	assert_int_equal(SCIM_OK,
	    scim__render_stream(roster_of(&s), &d.context, s.type, &s.view,
		NULL, &stream, &d.err));
	assert_int_equal(
	    SCIM_OK, stream->next(stream, d.context.arena, &piece, &d.err));
	total += piece.len;
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", group.id,
		"{\"schemas\":[\"" GROUP_URN "\"],\"displayName\":\"g\","
		"\"members\":[]}",
		&expect_any, &out));
	while (piece.len > 0) {
		assert_int_equal(SCIM_OK,
		    stream->next(stream, d.context.arena, &piece, &d.err));
		assert_memory_equal(whole.ptr + total, piece.ptr, piece.len);
		total += piece.len;
	}
	assert_int_equal(total, whole.len);
	stream->close(stream);
	directory_close(&d);
}

static void
only_long_relations_that_are_shown_make_a_long_answer(void **state)
{
	struct directory d;

	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	scim_resource few = group_of(&d, 1000), many = group_of(&d, 1001);
	struct shown s = show(&d, "Group", few.id);
	assert_false(scim__render_is_long(s.type, &s.view, NULL));
	hide(&s);
	s = show(&d, "Group", many.id);
	assert_true(scim__render_is_long(s.type, &s.view, NULL));
	assert_false(scim__render_is_long(
	    s.type, &s.view, projection_of(&s, NULL, "members")));
	hide(&s);
	directory_close(&d);
}

/* "<own>.<derived>.<sequence>", compared whole. */
static void
a_strong_tag_has_all_three_parts(void **state)
{
	struct directory d;
	char text[SCIM_VERSION_TEXT_LEN + 1];

	directory_open(&d);
	d.settings.etag = SCIM_ETAG_STRONG;
	scim_resource user = full_user(&d, SCIM_STR(""));
	const scim_str *const members[] = { &user.id, NULL };
	(void)directory_group(&d, "g", members);
	struct shown s = show(&d, "User", user.id);
	scim_version_format(&s.view.record.version, text);
	assert_int_equal(s.view.etag.ptr[0], '"');
	assert_memory_equal(s.view.etag.ptr + 1, text, strlen(text));
	assert_int_equal(s.view.etag.ptr[1 + strlen(text)], '.');
	assert_contains(s.view.etag, ".1\"");
	assert_false(s.view.validators.etag.weak);
	assert_contains(rendered(&s, NULL), "\"version\":\"\\\"");
	hide(&s);
	directory_close(&d);
}

/* @spec 7644-3.14-03 */
static void
meta_version_is_the_tag(void **state)
{
	struct directory d;

	directory_open(&d);
	for (int strong = 0; strong < 2; strong++) {
		char name[8] = { 'u', (char)('0' + strong) };

		d.settings.etag = strong ? SCIM_ETAG_STRONG : SCIM_ETAG_WEAK;
		scim_resource user = directory_user(&d, name);
		scim__value value = parsed(&d, user.json);
		const scim__value *meta =
		    scim__object_find(&value, SCIM_STR("meta"));
		assert_true(scim__str_equal(user.etag,
		    scim__object_get_string(meta, SCIM_STR("version"))));
		assert_true(scim__str_equal(user.location,
		    scim__object_get_string(meta, SCIM_STR("location"))));
		assert_str(
		    scim__object_get_string(meta, SCIM_STR("resourceType")),
		    "User");
	}
	directory_close(&d);
}

static scim_status
render_both(scim_arena *arena, void *context)
{
	struct shown *s = context;
	scim_context with = s->d->context;
	scim__projection *projection = NULL;
	scim_str spliced = { NULL, 0 }, built = { NULL, 0 };
	struct scim__view view;

	with.arena = arena;
	scim_status rc = scim__view_make(
	    s->txn, &with, s->type, &s->view.record, &view, &s->d->err);
	if (rc == SCIM_OK)
		rc = scim__render(
		    s->txn, &with, s->type, &view, NULL, &spliced, &s->d->err);
	if (rc == SCIM_OK)
		rc = scim__projection_parse(arena, s->d->registry, s->type,
		    (scim_str){ NULL, 0 }, SCIM_STR("title"), &projection,
		    &s->d->err);
	if (rc == SCIM_OK)
		rc = scim__render(s->txn, &with, s->type, &view, projection,
		    &built, &s->d->err);
	if (rc != SCIM_OK)
		assert_null(built.ptr);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = full_user(&d, SCIM_STR(""));
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);
	struct shown s = show(&d, "User", user.id);
	assert_true(test_fail_each_allocation(render_both, &s) > 10);
	hide(&s);
	s = show(&d, "Group", group.id);
	assert_true(test_fail_each_allocation(render_both, &s) > 10);
	hide(&s);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spliced_and_a_built_answer_are_one),
		cmocka_unit_test(a_groups_answers_are_one_too),
		cmocka_unit_test(a_looked_up_name_is_laid_over_the_document),
		cmocka_unit_test(what_was_not_asked_for_is_not_shown),
		cmocka_unit_test(a_stream_is_the_whole_in_pieces),
		cmocka_unit_test(a_member_of_any_length_is_streamed),
		cmocka_unit_test(a_stream_shows_one_state_to_its_end),
		cmocka_unit_test(
		    only_long_relations_that_are_shown_make_a_long_answer),
		cmocka_unit_test(a_strong_tag_has_all_three_parts),
		cmocka_unit_test(meta_version_is_the_tag),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
