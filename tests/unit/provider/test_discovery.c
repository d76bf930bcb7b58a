/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/discovery.h"

#include "lib/directory.h"
#include "json/json.h"

typedef scim_status (*find_document)(scim_arena *arena,
    const scim_context *context, scim_str name, struct scim__document *out,
    scim_error *err);

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

/* By a path of names, each of an object. */
static const scim__value *
at(const scim__value *value, const char *first, const char *second)
{
	value = scim__object_find(value, scim__str(first));
	assert_non_null(value);
	if (second != NULL)
		value = scim__object_find(value, scim__str(second));
	assert_non_null(value);
	return value;
}

static struct scim__document
config_of(struct directory *d)
{
	struct scim__document out;

	if (scim__discovery_config(
		d->context.arena, &d->context, &out, &d->err) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	return out;
}

/* @spec 7643-5-04, 7643-5-05, 7643-5-06, 7643-5-07, 7643-5-08, 7643-5-09 */
static void
the_configuration_says_what_the_features_say(void **state)
{
	static const struct {
		const char *name;
		unsigned feature;
	} cases[] = {
		{ "patch", SCIM__FEATURE_PATCH },
		{ "bulk", SCIM__FEATURE_BULK },
		{ "filter", SCIM__FEATURE_FILTER },
		{ "changePassword", SCIM__FEATURE_CHANGE_PASSWORD },
		{ "sort", SCIM__FEATURE_SORT },
		{ "etag", SCIM__FEATURE_ETAG },
	};
	struct directory d;

	directory_open(&d);
	scim__value config = parsed(&d, config_of(&d).json);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		const scim__value *said =
		    at(&config, cases[i].name, "supported");

		assert_int_equal(said->kind, SCIM__BOOL);
		assert_int_equal(
		    said->boolean, (SCIM__FEATURES & cases[i].feature) != 0);
	}
	directory_close(&d);
}

static void
the_configuration_says_the_tenants_limits(void **state)
{
	struct directory d;

	directory_open(&d);
	d.settings.limits.bulk_operations = 7;
	d.settings.limits.body_bytes = 4096;
	d.settings.limits.page_default = 3;
	d.settings.limits.page_most = 11;
	scim__value config = parsed(&d, config_of(&d).json);
	assert_int_equal(at(&config, "bulk", "maxOperations")->integer, 7);
	assert_int_equal(at(&config, "bulk", "maxPayloadSize")->integer, 4096);
	assert_int_equal(at(&config, "filter", "maxResults")->integer, 11);
	assert_int_equal(
	    at(&config, "pagination", "defaultPageSize")->integer, 3);
	assert_int_equal(at(&config, "pagination", "maxPageSize")->integer, 11);
	directory_close(&d);
}

/* @spec 7643-5-10, 7643-5-11, 7643-5-12 */
static void
the_configuration_says_how_to_authenticate(void **state)
{
	struct directory d;

	directory_open(&d);
	scim__value config = parsed(&d, config_of(&d).json);
	const scim__value *schemes = at(&config, "authenticationSchemes", NULL);
	assert_int_equal(schemes->count, 1);
	const scim__value *scheme = &schemes->array.items[0];
	assert_str(at(scheme, "type", NULL)->string, "oauthbearertoken");
	assert_true(at(scheme, "name", NULL)->string.len > 0);
	assert_true(at(scheme, "description", NULL)->string.len > 0);
	directory_close(&d);
}

/* @spec 7644-4-01, 7644-3.14-03 */
static void
a_document_shows_its_own_tag_and_address(void **state)
{
	struct directory d;

	directory_open(&d);
	struct scim__document doc = config_of(&d);
	scim__value config = parsed(&d, doc.json);
	assert_true(
	    scim__str_equal(at(&config, "meta", "version")->string, doc.etag));
	assert_true(scim__str_equal(
	    at(&config, "meta", "location")->string, doc.location));
	assert_str(at(&config, "meta", "resourceType")->string,
	    "ServiceProviderConfig");
	assert_str(
	    doc.location, "https://example.com/scim/v2/ServiceProviderConfig");
	assert_true(scim__str_equal(
	    scim_etag_format(d.context.arena, &doc.tag), doc.etag));
	directory_close(&d);
}

static void
a_tag_changes_with_the_document_and_only_then(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_str first = config_of(&d).etag;
	assert_true(scim__str_equal(first, config_of(&d).etag));

	d.settings.limits.page_most++;
	scim_str second = config_of(&d).etag;
	assert_false(scim__str_equal(first, second));

	d.context.base_url = SCIM_STR("https://example.com/t/x/scim/v2");
	assert_false(scim__str_equal(second, config_of(&d).etag));
	directory_close(&d);
}

/* @spec 7644-4-02, 7644-4-05, 7644-4-09, 7644-4-10 */
static void
a_list_holds_each_document_as_it_is_alone(void **state)
{
	static const struct {
		find_document find;
		const char *name, *kind;
		size_t least;
	} cases[] = {
		{ scim__discovery_types, "name", "ResourceType", 2 },
		{ scim__discovery_schemas, "id", "Schema", 3 },
	};
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__document all, one;

		assert_int_equal(SCIM_OK,
		    cases[i].find(d.context.arena, &d.context, SCIM_STR(""),
			&all, &d.err));
		assert_int_equal(all.etag.len, 0);
		scim__value list = parsed(&d, all.json);
		const scim__value *items = at(&list, "Resources", NULL);
		assert_true(items->count >= cases[i].least);
		assert_int_equal(
		    at(&list, "totalResults", NULL)->integer, items->count);
		for (uint32_t k = 0; k < items->count; k++) {
			const scim__value *item = &items->array.items[k];
			scim_str name = at(item, cases[i].name, NULL)->string;

			assert_int_equal(SCIM_OK,
			    cases[i].find(d.context.arena, &d.context, name,
				&one, &d.err));
			scim__value alone = parsed(&d, one.json);
			assert_true(scim__value_equal(item, &alone));
			assert_str(at(item, "meta", "resourceType")->string,
			    cases[i].kind);
			assert_true(one.etag.len > 0);
		}
	}
	directory_close(&d);
}

/* @spec 7644-4-03, 7644-4-04, 7644-4-06 */
static void
what_is_not_there_is_not_found(void **state)
{
	static const find_document finds[] = { scim__discovery_types,
		scim__discovery_schemas };
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(finds); i++) {
		struct scim__document untouched = { .etag = { NULL, POISON } };

		assert_int_equal(SCIM_ERR_NOT_FOUND,
		    finds[i](d.context.arena, &d.context,
			SCIM_STR("urn:nobody:knows"), &untouched, &d.err));
		assert_int_equal(untouched.etag.len, POISON);
	}
	directory_close(&d);
}

static scim_status
discover(scim_arena *arena, void *context)
{
	struct directory *d = context;
	struct scim__document config, types, schemas;
	scim_status rc =
	    scim__discovery_config(arena, &d->context, &config, &d->err);

	if (rc == SCIM_OK)
		rc = scim__discovery_types(
		    arena, &d->context, SCIM_STR(""), &types, &d->err);
	if (rc == SCIM_OK)
		rc = scim__discovery_schemas(
		    arena, &d->context, SCIM_STR(""), &schemas, &d->err);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;

	directory_open(&d);
	assert_true(test_fail_each_allocation(discover, &d) > 10);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configuration_says_what_the_features_say),
		cmocka_unit_test(the_configuration_says_the_tenants_limits),
		cmocka_unit_test(the_configuration_says_how_to_authenticate),
		cmocka_unit_test(a_document_shows_its_own_tag_and_address),
		cmocka_unit_test(a_tag_changes_with_the_document_and_only_then),
		cmocka_unit_test(a_list_holds_each_document_as_it_is_alone),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
