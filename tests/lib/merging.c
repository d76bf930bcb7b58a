/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helpers behind lib/merging.h.
 */
#include "lib/merging.h"

#define SCHEMA_URN "urn:ietf:params:scim:schemas:core:2.0:Schema"

/* An attribute of every type, form and mark that merging looks at. */
static const char thing_schema[] =
    "{'schemas':['" SCHEMA_URN "'],"
    "'id':'urn:x:Thing','name':'Thing','attributes':["
    "{'name':'key','type':'string','required':true},"
    "{'name':'text','type':'string'},"
    "{'name':'exact','type':'string','caseExact':true},"
    "{'name':'flag','type':'boolean'},"
    "{'name':'amount','type':'decimal'},"
    "{'name':'count','type':'integer'},"
    "{'name':'when','type':'dateTime'},"
    "{'name':'blob','type':'binary'},"
    "{'name':'link','type':'reference','referenceTypes':['external']},"
    "{'name':'once','type':'string','mutability':'immutable'},"
    "{'name':'seen','type':'string','mutability':'readOnly'},"
    "{'name':'asked','type':'string','returned':'request'},"
    "{'name':'locked','type':'boolean','x-scimd-guard':true},"
    "{'name':'pin','type':'string','mutability':'writeOnly',"
    "'returned':'never'},"
    "{'name':'pins','type':'string','multiValued':true,"
    "'mutability':'writeOnly','returned':'never'},"
    "{'name':'part','type':'complex','subAttributes':["
    "{'name':'a','type':'string'},"
    "{'name':'b','type':'string'},"
    "{'name':'list','type':'string','multiValued':true}]},"
    "{'name':'whole','type':'complex','x-scimd-atomic':true,"
    "'subAttributes':["
    "{'name':'x','type':'string'},"
    "{'name':'y','type':'integer'}]},"
    "{'name':'gate','type':'complex','subAttributes':["
    "{'name':'open','type':'boolean','x-scimd-guard':true},"
    "{'name':'note','type':'string'}]},"
    "{'name':'pair','type':'complex','subAttributes':["
    "{'name':'must','type':'string','required':true},"
    "{'name':'may','type':'string'}]},"
    "{'name':'tags','type':'string','multiValued':true},"
    "{'name':'codes','type':'string','multiValued':true,'caseExact':true},"
    "{'name':'numbers','type':'integer','multiValued':true},"
    "{'name':'needed','type':'string','multiValued':true,'required':true},"
    "{'name':'mails','type':'complex','multiValued':true,"
    "'x-scimd-slot':true,'x-scimd-identity':['type','value'],'subAttributes':["
    "{'name':'value','type':'string'},"
    "{'name':'type','type':'string'},"
    "{'name':'label','type':'string'},"
    "{'name':'primary','type':'boolean'}]},"
    "{'name':'plain','type':'complex','multiValued':true,'subAttributes':["
    "{'name':'value','type':'string'},"
    "{'name':'type','type':'string'},"
    "{'name':'note','type':'string'}]},"
    "{'name':'spots','type':'complex','multiValued':true,'subAttributes':["
    "{'name':'x','type':'integer'},"
    "{'name':'y','type':'string'}]},"
    "{'name':'places','type':'complex','multiValued':true,"
    "'x-scimd-atomic':true,'x-scimd-slot':true,'subAttributes':["
    "{'name':'type','type':'string'},"
    "{'name':'street','type':'string'},"
    "{'name':'city','type':'string'},"
    "{'name':'primary','type':'boolean'}]},"
    "{'name':'cards','type':'complex','multiValued':true,"
    "'x-scimd-atomic':true,'x-scimd-identity':['value'],'subAttributes':["
    "{'name':'value','type':'string'},"
    "{'name':'note','type':'string'},"
    "{'name':'primary','type':'boolean'}]},"
    "{'name':'links','type':'complex','multiValued':true,"
    "'x-scimd-identity':['value'],'x-scimd-relation':{'types':['User']},'"
    "subAttributes':["
    "{'name':'value','type':'string','caseExact':true},"
    "{'name':'type','type':'string'},"
    "{'name':'display','type':'string'}]}"
    "]}";

static const char more_schema[] =
    "{'schemas':['" SCHEMA_URN "'],"
    "'id':'urn:x:More','name':'More','attributes':["
    "{'name':'grade','type':'string'},"
    "{'name':'boss','type':'complex','x-scimd-atomic':true,"
    "'subAttributes':["
    "{'name':'value','type':'string'},"
    "{'name':'note','type':'string'}]},"
    "{'name':'code','type':'string','mutability':'writeOnly',"
    "'returned':'never'},"
    "{'name':'extras','type':'complex','multiValued':true,'subAttributes':["
    "{'name':'value','type':'string'},"
    "{'name':'note','type':'string'}]}"
    "]}";

static const char thing_type[] =
    "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],"
    "'id':'Thing','name':'Thing','endpoint':'/Things','schema':'urn:x:Thing',"
    "'schemaExtensions':[{'schema':'urn:x:More','required':false}]}";

static scim_registry *registry;

scim_str
merging_quoted(scim_arena *arena, const char *text)
{
	char *copy = scim__str_copy_z(arena, scim__str(text));

	assert_non_null(copy);
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return scim__str(copy);
}

scim_registry *
merging_registry(void)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_error err = { .status = SCIM_OK };

	if (registry != NULL)
		return registry;
	const scim_schema_source sources[] = {
		{ SCIM_STR("thing"), merging_quoted(arena, thing_schema) },
		{ SCIM_STR("more"), merging_quoted(arena, more_schema) },
		{ SCIM_STR("type"), merging_quoted(arena, thing_type) },
	};
	if (scim_registry_new(sources, 3, &registry, &err) != SCIM_OK)
		print_error("%s\n", err.detail);
	assert_non_null(registry);
	return registry;
}

int
merging_end(void **state)
{
	(void)state;
	scim_registry_unref(registry);
	registry = NULL;
	return 0;
}

scim_str
merging_resource(scim_arena *arena, const char *type, const char *attributes)
{
	const scim__resource_type *t =
	    scim__registry_type(merging_registry(), scim__str(type));
	const char *must = "";

	assert_non_null(t);
	if (strcmp(type, "User") == 0 && strstr(attributes, "userName") == NULL)
		must = "'userName':'bj'";
	if (strcmp(type, "Group") == 0 &&
	    strstr(attributes, "displayName") == NULL)
		must = "'displayName':'G'";
	if (strcmp(type, "Thing") == 0)
		must = strstr(attributes, "'needed'") == NULL
		    ? "'key':'k','needed':['n']"
		    : "'key':'k'";
	scim_str schemas = strstr(attributes, "'schemas'") != NULL
	    ? SCIM_STR("")
	    : scim__str_format(arena, "'schemas':['%.*s'],",
		  (int)t->schema->id.len, t->schema->id.ptr);
	scim_str text = scim__str_format(arena, "{%.*s%s%s%s}",
	    (int)schemas.len, schemas.ptr, must,
	    attributes[0] == '\0' || must[0] == '\0' ? "" : ",", attributes);
	assert_non_null(text.ptr);
	return merging_quoted(arena, text.ptr);
}

scim_str
merging_canonical(scim_arena *arena, const char *text)
{
	scim__value value;
	scim__buf buf;
	scim_status rc = scim__json_parse_trusted(
	    arena, merging_quoted(arena, text), &value, NULL);

	assert_int_equal(rc, SCIM_OK);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, &value);
	assert_false(scim__buf_failed(&buf));
	return scim__str(scim__str_copy_z(arena, scim__buf_str(&buf)));
}

static const char *
side_name(scim_merge_use use)
{
	return use == SCIM_MERGE_OURS ? "ours" : "theirs";
}

scim_str
merging_conflicts(scim_arena *arena, const scim_merge_result *result)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	for (size_t i = 0; i < result->conflict_count; i++) {
		const scim_merge_conflict *c = &result->conflicts[i];

		scim__buf_add(&buf, c->path);
		scim__buf_printf(&buf, " %s%s%s\n",
		    scim_merge_kind_name(c->kind),
		    c->used == SCIM_MERGE_FAIL ? "" : " ",
		    c->used == SCIM_MERGE_FAIL ? "" : side_name(c->used));
	}
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

scim_str
merging_autos(scim_arena *arena, const scim_merge_result *result)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	for (size_t i = 0; i < result->auto_count; i++) {
		scim__buf_add(&buf, result->autos[i].path);
		scim__buf_printf(
		    &buf, " %s\n", side_name(result->autos[i].from));
	}
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

void
merging_merge(scim_arena *arena, const struct merging_case *c,
    const scim_merge_options *options, scim_merge_result *out)
{
	const char *type = c->type == NULL ? "User" : c->type;
	const scim_merge_sides sides = {
		merging_resource(arena, type, c->base),
		merging_resource(arena, type, c->ours),
		merging_resource(arena, type, c->theirs),
	};
	scim_error err = { .status = SCIM_OK };
	scim_status rc = scim_merge(arena, merging_registry(), scim__str(type),
	    &sides, options, out, &err);

	if (rc != SCIM_OK)
		print_error("%s: %s\n", c->name, err.detail);
	assert_int_equal(rc, SCIM_OK);
}

void
merging_check(const struct merging_case *c, const scim_merge_options *options)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_merge_result result;

	print_message("  %s\n", c->name);
	merging_merge(arena, c, options, &result);
	assert_str(merging_conflicts(arena, &result),
	    merging_quoted(arena, c->conflicts).ptr);
	if (c->autos != NULL)
		assert_str(merging_autos(arena, &result),
		    merging_quoted(arena, c->autos).ptr);
	assert_int_equal(result.is_clean, c->result != NULL);
	if (c->result == NULL) {
		assert_null(result.json.ptr);
		return;
	}
	scim_str want = merging_resource(
	    arena, c->type == NULL ? "User" : c->type, c->result);
	assert_str(result.json, merging_canonical(arena, want.ptr).ptr);
}
