# SPDX-License-Identifier: Apache-2.0
"""Bulk requests for tests."""

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OPTIONS = "urn:scimd:params:scim:api:messages:2.0:BulkOptions"


def bulk(*operations, **members):
    return {"schemas": [BULK], "Operations": list(operations)} | members


def atomic(*operations, **members):
    return bulk(*operations, **members) | {OPTIONS: {"atomic": True}}


def post(data, bulk_id, path="/Users"):
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": data}


def put(path, data, **members):
    return {"method": "PUT", "path": path, "data": data} | members


def patch(path, *operations, **members):
    data = {"schemas": [PATCH], "Operations": list(operations)}
    if operations == (None,):
        data = None
    return {"method": "PATCH", "path": path, "data": data} | members


def delete(path, **members):
    return {"method": "DELETE", "path": path} | members


def run(client, *operations, **members):
    """The results of a bulk request that is carried out."""
    r = client.post("/Bulk", bulk(*operations, **members))
    assert r.status == 200, r
    return r.json["Operations"]


def one(client, operation, **members):
    results = run(client, operation, **members)
    assert len(results) == 1
    return results[0]
