# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 4, RFC 7643 sections 5 to 8: what the server tells about
itself, and whether it is true."""

import pytest

from samples import published, schema, user
from scim_client import ENTERPRISE, GROUP, LIST, USER

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
FILES = {
    USER: "User",
    GROUP: "Group",
    ENTERPRISE: "EnterpriseUser",
    CORE + "ServiceProviderConfig": "ServiceProviderConfig",
    CORE + "ResourceType": "ResourceType",
    CORE + "Schema": "Schema",
}


class TestServiceProviderConfig:
    # @spec 7644-4-01, 7643-5-02, 7644-4-10
    def test_it_is_one_object(self, scim, config):
        assert config["schemas"] == [CORE + "ServiceProviderConfig"]
        assert config["meta"]["resourceType"] == "ServiceProviderConfig"
        assert config["meta"]["location"] == (
            scim.url + "/ServiceProviderConfig")

    # @spec 7643-5-04, 7643-5-05, 7643-5-06, 7643-5-07, 7643-5-08, 7643-5-09,
    #       7644-3.7.4-01
    def test_every_feature_is_told(self, config):
        for feature in ("patch", "bulk", "filter", "changePassword", "sort",
                        "etag"):
            assert type(config[feature]["supported"]) is bool
        for feature, limit in (("bulk", "maxOperations"),
                               ("bulk", "maxPayloadSize"),
                               ("filter", "maxResults")):
            assert type(config[feature][limit]) is int
            assert config[feature][limit] > 0

    # @spec 7643-5-07, 7644-3.5-02
    def test_a_password_changes_as_it_says(self, scim, config):
        assert config["changePassword"]["supported"] is True
        made = scim.create("/Users", user(password="correct horse 1"))

        r = scim.patch("/Users/" + made["id"], {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "password",
                            "value": "correct horse 2"}]})

        assert r.status == 200
        assert r.etag != made["meta"]["version"]

    # @spec 7643-5-09, 7644-3.14-01, 7644-3.14-02
    def test_versions_are_supported(self, config):
        assert config["etag"]["supported"] is True

    # @spec 7643-5-10, 7643-5-11, 7643-5-12, 7643-5-03
    def test_how_to_authenticate_is_told(self, config):
        schemes = config["authenticationSchemes"]
        assert schemes
        for s in schemes:
            assert s["type"] in ("oauth", "oauth2", "oauthbearertoken",
                                 "httpbasic", "httpdigest")
            assert s["name"] and s["description"]
            for uri in ("specUri", "documentationUri"):
                assert s.get(uri, "https://").startswith("http")
        assert sum(s.get("primary", False) for s in schemes) <= 1
        assert config.get("documentationUri", "http").startswith("http")
        # @spec 7644-2-05
        assert "httpbasic" not in [s["type"] for s in schemes]

    # @spec 7644-3.1-06
    def test_what_it_says_is_in_its_schema(self, config):
        known = {a["name"]: a for a in
                 schema("ServiceProviderConfig")["attributes"]}
        for name, value in config.items():
            if name in ("schemas", "meta", "id"):
                continue
            subs = {s["name"] for s in known[name].get("subAttributes", [])}
            for element in value if isinstance(value, list) else [value]:
                if isinstance(element, dict):
                    assert set(element) <= subs


class TestSchemas:
    # @spec 7644-4-02, 7644-4-09, 7644-3.1-06, 7643-7-01
    def test_all_schemas_are_listed(self, scim):
        r = scim.get("/Schemas")

        assert r.status == 200
        assert r.json["schemas"] == [LIST]
        ids = [s["id"] for s in r.resources]
        assert r.json["totalResults"] == len(ids) == len(set(ids))
        ours = {"urn:scimd:params:scim:schemas:core:2.0:" + name
                for name in ("Change", "Diff")}
        assert {USER, GROUP, ENTERPRISE} | ours == set(ids)
        assert not [i for i in ids if ":api:messages:" in i]

    # @spec 7644-4-03, 7643-7-02, 7643-7-03, 7643-7-04, 7643-7-05,
    #       7644-3.1-03, 7643-8.7.1-01, 7643-8.7.1-02, 7643-8.7.1-03,
    #       7643-8.7.1-04, 7643-8.7.1-05, 7643-8.7.1-06, 7643-8.7.1-07,
    #       7643-8.7.1-08, 7643-8.7.1-09, 7643-8.7.1-10, 7643-8.7.1-11,
    #       7643-8.7.1-12, 7643-8.7.1-13, 7643-8.7.1-14, 7643-8.7.1-15,
    #       7643-8.7.1-16, 7643-8.7.1-17, 7643-8.7.1-18, 7643-8.7.1-19,
    #       7643-8.7.1-20, 7643-8.7.1-21, 7643-8.7.1-22, 7643-8.7.1-23,
    #       7643-8.7.1-24, 7643-8.7.1-25, 7643-8.7.1-26, 7643-8.7.1-27,
    #       7643-8.7.1-28, 7643-8.7.1-29, 7643-8.7.2-01, 7643-8.7.2-02,
    #       7643-8.7.2-03, 7643-8.7.2-04
    @pytest.mark.parametrize("urn", FILES)
    def test_a_schema_is_the_shipped_file(self, scim, urn):
        r = scim.get("/Schemas/" + urn)

        assert r.status == 200
        body = r.json
        meta = body.pop("meta")
        assert meta["resourceType"] == "Schema"
        assert meta["location"] == f"{scim.url}/Schemas/{urn}"
        expected = published(schema(FILES[urn]))
        assert body == expected
        listed = {s["id"]: s for s in scim.get("/Schemas").resources}
        assert listed.get(urn, r.json) == r.json

    # @spec 7643-7-06, 7643-7-07, 7643-7-08, 7643-7-25, 7643-2.3-01,
    #       7643-2.3.8-02, 7643-2.3.8-03, 7643-2.1-02
    def test_definitions_are_whole(self, scim):
        def check(attribute, parent=None):
            assert attribute["type"] in (
                "string", "boolean", "decimal", "integer", "dateTime",
                "binary", "reference", "complex")
            for name in ("name", "multiValued", "description", "required",
                         "mutability", "returned"):
                assert name in attribute, attribute
            assert attribute["description"].strip()
            assert not [k for k in attribute if k.startswith("x-")]
            complex_ = attribute["type"] == "complex"
            assert complex_ == ("subAttributes" in attribute)
            if complex_:
                assert parent is None or parent["name"] == "attributes"
                assert "uniqueness" not in attribute
                assert "caseExact" not in attribute
            if attribute["type"] == "reference":
                assert attribute["referenceTypes"]
            for sub in attribute.get("subAttributes", []):
                check(sub, attribute)

        for document in scim.get("/Schemas").resources:
            for attribute in document["attributes"]:
                check(attribute)

    # @spec 7644-3.10-02
    def test_a_schema_s_name_has_no_case(self, scim):
        assert scim.get("/Schemas/" + USER.upper()).status == 200
        assert scim.get("/Schemas/" + USER.replace(":", "%3A")).status == 200

    # @spec 7644-4-04, 7644-3.1-06
    @pytest.mark.parametrize("urn", [
        "urn:x", "User", CORE, USER + "x",
        "urn:ietf:params:scim:api:messages:2.0:Error"])
    def test_an_unknown_schema_is_404(self, scim, urn):
        assert scim.get("/Schemas/" + urn).status == 404


class TestResourceTypes:
    # @spec 7644-4-05, 7644-4-09, 7643-6-01, 7643-6-02, 7643-6-03, 7643-6-04,
    #       7643-6-05, 7643-6-06, 7643-6-07, 7643-6-08, 7644-3.2-03
    def test_all_types_are_listed_and_true(self, scim):
        r = scim.get("/ResourceTypes")

        assert r.json["schemas"] == [LIST]
        assert r.json["totalResults"] == len(r.resources)
        types = {t["name"]: t for t in r.resources}
        assert {"User", "Group"} <= set(types)
        for name, t in types.items():
            assert t["schemas"] == [CORE + "ResourceType"]
            assert t["id"] == name
            assert t["description"]
            assert t["meta"]["resourceType"] == "ResourceType"
            # @spec 7644-4-06, 7644-4-10
            where = "/ResourceTypes/" + name
            assert t["meta"]["location"] == scim.url + where
            assert scim.get(where).json == t
            assert scim.get(t["endpoint"] + "?count=0").json[
                "schemas"] == [LIST]
            assert scim.get("/Schemas/" + t["schema"]).status == 200
            for e in t["schemaExtensions"]:
                assert type(e["required"]) is bool
                assert scim.get("/Schemas/" + e["schema"]).status == 200

    def test_users_and_groups(self, scim):
        u = scim.get("/ResourceTypes/User").json
        g = scim.get("/ResourceTypes/Group").json

        assert (u["endpoint"], u["schema"]) == ("/Users", USER)
        assert u["schemaExtensions"] == [
            {"schema": ENTERPRISE, "required": False}]
        assert (g["endpoint"], g["schema"]) == ("/Groups", GROUP)

    # @spec 7644-4-06
    def test_an_unknown_type_is_404(self, scim):
        assert scim.get("/ResourceTypes/None").status == 404


# @spec 7644-4-07
@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes",
                                  "/ServiceProviderConfig"])
def test_paging_and_sorting_are_ignored(scim, path):
    plain = scim.get(path)
    for query in ("?count=1", "?startIndex=2", "?sortBy=id",
                  "?sortOrder=descending", "?count=1&startIndex=2&sortBy=id"):
        r = scim.get(path + query)
        assert r.status == 200
        assert r.json == plain.json
