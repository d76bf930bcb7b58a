/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this server offers, asked before anything else is looked at: a client
 * that wants what is not there learns so whatever it sends.
 */
#include "handler/offer.h"
#include "base/error.h"
#include "handler/call.h"
#include "provider/discovery.h"
#include "provider/merge_message.h"

static scim_status
refuse_operation(const scim_request *request, scim_error *err)
{
	const char *what = "This request";

	if (request->operation == SCIM_OPERATION_PATCH)
		what = "PATCH";
	else if (request->operation == SCIM_OPERATION_BULK)
		what = "Bulk";
	else if (request->cursor.ptr != NULL)
		what = "Paging by cursor";
	return scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "%s is not offered by this server; ServiceProviderConfig says "
	    "what is.",
	    what);
}

static bool
is_offered(const scim_request *request)
{
	switch (request->operation) {
	case SCIM_OPERATION_PATCH:
		return (SCIM__FEATURES & SCIM__FEATURE_PATCH) != 0;
	case SCIM_OPERATION_BULK:
		return (SCIM__FEATURES & SCIM__FEATURE_BULK) != 0;
	case SCIM_OPERATION_SEARCH:
	case SCIM_OPERATION_LIST:
	case SCIM_OPERATION_VERSIONS:
		return request->cursor.ptr == NULL ||
		    (SCIM__FEATURES & SCIM__FEATURE_CURSOR) != 0;
	case SCIM_OPERATION_CREATE:
	case SCIM_OPERATION_GET:
	case SCIM_OPERATION_REPLACE:
	case SCIM_OPERATION_DELETE:
	case SCIM_OPERATION_SERVICE_PROVIDER_CONFIG:
	case SCIM_OPERATION_RESOURCE_TYPES:
	case SCIM_OPERATION_SCHEMAS:
	case SCIM_OPERATION_VERSION:
	case SCIM_OPERATION_DIFF:
	case SCIM_OPERATION_REVERT:
	case SCIM_OPERATION_CHANGES:
		break;
	}
	return true;
}

scim_status
scim__call_offered(const scim_request *request, scim_error *err)
{
	return is_offered(request) ? SCIM_OK : refuse_operation(request, err);
}

scim_status
scim__offer_document(const scim_request *r, scim_arena *arena,
    const scim_context *context, struct scim__document *out, scim_error *err)
{
	/* @spec 7644-4-08 */
	if (r->filter.ptr != NULL)
		return scim__fail(err, SCIM_ERR_FORBIDDEN,
		    "What this server offers can't be filtered: leave the "
		    "filter out.");
	if (r->operation == SCIM_OPERATION_SCHEMAS)
		return scim__discovery_schemas(arena, context, r->id, out, err);
	if (r->operation == SCIM_OPERATION_RESOURCE_TYPES)
		return scim__discovery_types(arena, context, r->id, out, err);
	return scim__discovery_config(arena, context, out, err);
}

const struct scim__op_steps *
scim__offer_steps(scim_operation operation)
{
	switch (operation) {
	case SCIM_OPERATION_CREATE:
		return &scim__create_steps;
	case SCIM_OPERATION_REPLACE:
		return &scim__replace_steps;
	case SCIM_OPERATION_PATCH:
		return &scim__patch_steps;
	case SCIM_OPERATION_DELETE:
		return &scim__delete_steps;
	case SCIM_OPERATION_REVERT:
		return &scim__revert_steps;
	case SCIM_OPERATION_VERSIONS:
	case SCIM_OPERATION_VERSION:
	case SCIM_OPERATION_DIFF:
	case SCIM_OPERATION_CHANGES:
	case SCIM_OPERATION_GET:
	case SCIM_OPERATION_LIST:
	case SCIM_OPERATION_SERVICE_PROVIDER_CONFIG:
	case SCIM_OPERATION_RESOURCE_TYPES:
	case SCIM_OPERATION_SCHEMAS:
	case SCIM_OPERATION_SEARCH:
	case SCIM_OPERATION_BULK:
		break;
	}
	return NULL;
}

scim_result
scim__offer_result(const scim_request *request, const scim_outcome *outcome)
{
	if (outcome->resource.json.len == 0)
		return SCIM_RESULT_NO_CONTENT;
	return request->operation == SCIM_OPERATION_CREATE ? SCIM_RESULT_CREATED
							   : SCIM_RESULT_OK;
}

/* @spec 7644-3.5.2-21, 7644-3.5.2-22, 7644-3.5.2-23, 7240-4.2-02 */
bool
scim__offer_bodiless(const scim_request *request,
    const scim__resource_type *type, const scim__projection *projection)
{
	if (request->operation != SCIM_OPERATION_PATCH || projection != NULL ||
	    request->prefer == SCIM_PREFER_REPRESENTATION)
		return false;
	return (type->relation != NULL && !request->is_merge) ||
	    request->prefer == SCIM_PREFER_MINIMAL;
}

void
scim__offer_show_merge(const scim__op *op, scim_response *out)
{
	if (!op->outcome.is_merged || op->merge == NULL || !op->merge->is_stale)
		return;
	out->merged = 1;
	out->base = op->merge->base;
}

scim_prefer
scim__offer_preference(const scim_request *request, scim_result result)
{
	bool minimal = result == SCIM_RESULT_NO_CONTENT;

	if (request->operation != SCIM_OPERATION_PATCH ||
	    minimal != (request->prefer == SCIM_PREFER_MINIMAL))
		return SCIM_PREFER_NOTHING;
	return request->prefer;
}
