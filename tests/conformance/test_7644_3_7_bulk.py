# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 3.7: bulk requests, their operations and their results."""

import json

import pytest

from bulk import (BULK, PATCH, RESPONSE, bulk, delete, one, patch, post, put,
                  run)
from samples import eq, fresh, group, user
from scim_client import ERROR, GROUP

pytestmark = pytest.mark.both_stores


class TestMessage:
    # @spec 7644-3.7-01, 7644-3.7-02, 7644-3.7-17, 7644-8.2-01
    def test_a_bulk_response_answers_a_bulk_request(self, scim, config):
        assert config["bulk"]["supported"] is True
        r = scim.post("/Bulk", bulk(post(user(), "a")))
        assert r.status == 200
        assert r.json["schemas"] == [RESPONSE]
        assert set(r.json) == {"schemas", "Operations"}

    # @spec 7644-3.7-02
    @pytest.mark.parametrize("schemas", [None, [], [PATCH], "x"])
    def test_another_message_is_refused(self, scim, schemas):
        body = bulk(post(user(), "a")) | {"schemas": schemas}
        r = scim.post("/Bulk", body)
        assert (r.status, r.scim_type) == (400, "invalidSyntax")

    # @spec 7644-3.7-17
    @pytest.mark.parametrize("body", [b"{", b"[]", b"", b'"x"'])
    def test_what_is_no_object_is_refused(self, scim, body):
        r = scim.post("/Bulk", body)
        assert (r.status, r.scim_type) == (400, "invalidSyntax")

    # @spec 7644-3.7-05
    @pytest.mark.parametrize("operations", [None, {}, "x", 7])
    def test_operations_are_required(self, scim, operations):
        r = scim.post("/Bulk", {"schemas": [BULK], "Operations": operations})
        assert (r.status, r.scim_type) == (400, "invalidSyntax")

    # @spec 7644-3.7-05
    def test_a_response_has_operations_even_when_there_are_none(self, scim):
        r = scim.post("/Bulk", bulk())
        assert (r.status, r.json["Operations"]) == (200, [])

    # @spec 7644-3.7-06
    @pytest.mark.parametrize("method", ["GET", "HEAD", "", None, 7])
    def test_a_method_is_one_of_four(self, scim, method):
        op = post(user(), "a") | {"method": method}
        result = one(scim, op)
        assert result["status"] == "400"
        assert result["response"]["status"] == "400"

    # @spec 7644-3.7-07
    @pytest.mark.parametrize("bulk_id", [None, "", 7])
    def test_post_needs_a_bulk_id(self, scim, bulk_id):
        body = user()
        assert one(scim, post(body, bulk_id))["status"] == "400"
        r = scim.get("/Users" + eq("userName", body["userName"]))
        assert r.json["totalResults"] == 0

    # @spec 7644-3.7-08
    def test_bulk_ids_are_unique(self, scim):
        first = user()
        r = scim.post("/Bulk", bulk(post(first, "a"), post(user(), "a")))
        assert (r.status, r.scim_type) == (400, "invalidValue")
        r = scim.get("/Users" + eq("userName", first["userName"]))
        assert r.json["totalResults"] == 0

    # @spec 7644-3.7-10
    def test_paths_name_what_the_method_is_for(self, scim):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        results = run(
            scim, post(user(), "a", path), delete("/Users"),
            put("/Users", user()), {"method": "DELETE"}, delete("Users/x"),
            delete(""), post(user(), "b", ""))
        assert [r["status"] for r in results] == ["400"] * 7
        assert scim.get(path).status == 200

    # @spec 7644-3.7-10
    def test_an_unknown_endpoint_is_not_found(self, scim):
        results = run(scim, post(user(), "a", "/Robots"),
                      delete("/Robots/1"), delete("/Users/1/2"))
        assert [r["status"] for r in results] == ["404"] * 3

    # @spec 7644-3.7-25
    def test_bulk_and_search_are_no_operations(self, scim):
        results = run(
            scim, post(bulk(post(user(), "x")), "a", "/Bulk"),
            post({"filter": "id pr"}, "b", "/Users/.search"),
            post({"filter": "id pr"}, "c", "/.search"))
        assert all(r["status"] in ("400", "404") for r in results)

    # @spec 7644-3.7-11
    def test_data_is_required_where_there_would_be_a_body(self, scim):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        for op in (post(None, "a"), put(path, None), patch(path, None),
                   put(path, []), put(path, "x"), post(7, "a")):
            assert one(scim, op)["status"] == "400", op
        assert scim.get(path).json == made
        assert one(scim, delete(path) | {"data": user()})["status"] == "204"

    # @spec 7644-3.7-12
    def test_patch_data_is_a_patch_message(self, scim):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        ops = [{"op": "add", "path": "title", "value": "Boss"}]
        bare = patch(path, None) | {"data": ops}
        assert one(scim, bare)["status"] == "400"
        assert one(scim, patch(path, *ops))["status"] == "200"
        assert scim.get(path).json["title"] == "Boss"

    def test_names_ignore_case_and_come_once(self, scim):
        op = {"Method": "post", "BULKID": "q", "Path": "/Users",
              "DATA": user()}
        r = scim.post("/Bulk", {"Schemas": [BULK.upper()],
                                "operations": [op]})
        assert r.json["Operations"][0]["status"] == "201"
        assert r.json["Operations"][0]["method"] == "POST"
        text = json.dumps({"schemas": [BULK], "Operations": []})[:-1]
        r = scim.post("/Bulk", text + ', "operations": []}')
        assert (r.status, r.scim_type) == (400, "invalidSyntax")


class TestResults:
    # @spec 7644-3.7-13, 7644-3.7-16, 7644-3.7-20, 7644-3.7-23,
    # @spec 7644-3.7.3-01, 7644-3.7.3-05, 7644-3.7-04
    def test_the_example_of_the_rfc(self, scim):
        changed, patched, gone = (
            scim.create("/Users", user()) for _ in range(3))
        r = scim.post("/Bulk", bulk(
            post(user(userName=fresh("Alice")), "qwerty"),
            put("/Users/" + changed["id"], user(userName=fresh("Bob")),
                version=changed["meta"]["version"]),
            patch("/Users/" + patched["id"],
                  {"op": "remove", "path": "nickName"},
                  {"op": "add", "path": "userName", "value": fresh("Dave")},
                  version=patched["meta"]["version"]),
            delete("/Users/" + gone["id"],
                   version=gone["meta"]["version"]), failOnErrors=1))

        created, put_, patch_, deleted = r.json["Operations"]
        assert "failOnErrors" not in r.json
        assert [x["method"] for x in r.json["Operations"]] == [
            "POST", "PUT", "PATCH", "DELETE"]
        assert [x["status"] for x in r.json["Operations"]] == [
            "201", "200", "200", "204"]
        assert created["bulkId"] == "qwerty"
        assert "bulkId" not in put_
        for result, resource in ((put_, changed), (patch_, patched)):
            assert result["location"] == resource["meta"]["location"]
        for result in (created, put_, patch_):
            now = scim.get(result["location"])
            assert now.etag == now.json["meta"]["version"]
            assert result["version"] == now.etag
        assert deleted["location"] == gone["meta"]["location"]
        assert "version" not in deleted
        assert scim.get(deleted["location"]).status == 404

    # @spec 7644-3.7-15
    def test_success_needs_no_response(self, scim):
        assert "response" not in one(scim, post(user(), "a"))

    # @spec 7644-3.7-14, 7644-3.7.3-02, 7644-3.7.3-04, 7644-3.12-27
    def test_a_failure_says_why(self, scim):
        taken = scim.create("/Users", user())
        failed, missing = run(
            scim, post(user(userName=taken["userName"].upper()), "a"),
            put("/Users/nobody", user()))
        assert failed["status"] == failed["response"]["status"] == "409"
        assert failed["response"]["schemas"] == [ERROR]
        assert failed["response"]["scimType"] == "uniqueness"
        assert failed["response"]["detail"]
        assert failed["bulkId"] == "a"
        assert "location" not in failed and "version" not in failed
        assert missing["location"] == scim.url + "/Users/nobody"

    # @spec 7644-3.7.3-03, 7644-3.7-24
    def test_status_is_that_of_the_single_request(self, scim):
        name = user(userName=scim.create("/Users", user())["userName"])
        made = scim.create("/Users", user())
        team = scim.create("/Groups", group())
        path, there = "/Users/" + made["id"], "/Groups/" + team["id"]
        cases = [
            ("POST", "/Users", name), ("POST", "/Users", {}),
            ("POST", "/Users", user(emails=[{"value": 7}])),
            ("PUT", path, made), ("PUT", path, made | {"id": "other"}),
            ("PUT", path, made | {"userName": ""}),
            ("PUT", "/Users/none", made), ("DELETE", "/Users/none", None),
            ("PATCH", path, {"schemas": [PATCH], "Operations": []}),
            ("PATCH", path, {"schemas": [PATCH], "Operations": [
                {"op": "add", "path": "title", "value": "x"}]}),
            ("PATCH", path, {"schemas": [PATCH], "Operations": [
                {"op": "replace", "path": "id", "value": "x"}]}),
            ("PATCH", there, {"schemas": [PATCH], "Operations": [
                {"op": "add", "path": "members",
                 "value": [{"value": made["id"]}]}]}),
            ("PATCH", there, {"schemas": [PATCH], "Operations": [
                {"op": "add", "path": "members",
                 "value": [{"value": "nobody"}]}]}),
            ("PATCH", there, {"schemas": [PATCH], "Operations": [
                {"op": "remove", "path": "members[value eq"}]}),
            ("DELETE", there, None),
        ]
        for n, (method, target, data) in enumerate(cases):
            op = {"method": method, "path": target, "data": data}
            if method == "POST":
                op["bulkId"] = str(n)
            result = one(scim, op)
            if method != "DELETE" or result["status"] != "204":
                single = scim.request(method, target, data)
                assert result["status"] == str(single.status), op
                if single.status >= 400:
                    assert result["response"].get("scimType") == \
                        single.scim_type, op

    # @spec 7644-3.7.3-07
    def test_deleting_what_is_not_there(self, scim):
        result = one(scim, delete("/Users/none"))
        assert result["status"] == "404"
        assert result["response"]["schemas"] == [ERROR]

    # @spec 7644-3.7-24
    def test_a_token_that_may_not_write_may_not_either(self, server):
        reader = server.client(server.make_token(scope="read")) \
            if "sqlite" in server.store else None
        if reader is None:
            pytest.skip("Tokens of a store in memory are its own.")
        assert reader.post("/Bulk", bulk(post(user(), "a"))).status == 403
        reader.close()

    # @spec 7644-3.7-21, 7644-3.7-22
    def test_operations_on_one_resource_keep_their_order(self, scim):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        first = {"op": "add", "path": "title", "value": "one"}
        team = group("bulkId:late")
        results = run(
            scim, patch(path, first),
            patch(path, {"op": "replace", "path": "title", "value": "two"}),
            post(team, "team", "/Groups"), post(user(), "late"),
            patch("/Groups/bulkId:team", {"op": "replace",
                                          "path": "displayName",
                                          "value": fresh()}),
            delete("/Users/bulkId:late"))
        assert [r["status"] for r in results] == [
            "200", "200", "201", "201", "204", "204"]
        assert scim.get(path).json["title"] == "two"
        assert "members" not in scim.get(results[2]["location"]).json


class TestErrors:
    # @spec 7644-3.7-18, 7644-3.7.3-01
    def test_one_failure_is_one_failure(self, scim):
        results = run(scim, delete("/Users/none"), post(user(), "a"),
                      post({}, "b"), post(user(), "c"))
        assert [r["status"] for r in results] == ["404", "201", "400", "201"]

    # @spec 7644-3.7-03, 7644-3.7-19
    @pytest.mark.parametrize("most, want", [
        (0, ["404"]), (1, ["404"]), (2, ["404", "201", "400"]),
        (3, ["404", "201", "400", "201"])])
    def test_fail_on_errors_ends_it(self, scim, most, want):
        last = user()
        r = scim.post("/Bulk", bulk(
            delete("/Users/none"), post(user(), "a"), post({}, "b"),
            post(last, "c"), failOnErrors=most))
        assert r.status == 200
        assert [x["status"] for x in r.json["Operations"]] == want
        there = scim.get("/Users" + eq("userName", last["userName"]))
        assert there.json["totalResults"] == int(len(want) == 4)

    # @spec 7644-3.7-03
    @pytest.mark.parametrize("most", [-1, "1", 1.5, [], True])
    def test_fail_on_errors_is_a_number(self, scim, most):
        r = scim.post("/Bulk", bulk(post(user(), "a"), failOnErrors=most))
        assert (r.status, r.scim_type) == (400, "invalidValue")

    def test_a_malformed_string_is_no_string(self, scim):
        op = delete("/Users/none") | {"bulkId": ["a"]}
        assert one(scim, op)["status"] == "400"


class TestLimits:
    # @spec 7644-3.7.4-01, 7643-5-05
    @pytest.mark.settings(bulk_operations=3, body_bytes=5000)
    def test_they_are_published(self, scim, config):
        assert config["bulk"] == {"supported": True, "maxOperations": 3,
                                  "maxPayloadSize": 5000}

    # @spec 7644-3.7.4-02, 7644-3.7.4-03, 7644-3.7.4-04
    @pytest.mark.settings(bulk_operations=3, body_bytes=5000)
    def test_too_many_operations(self, scim):
        bodies = [user() for _ in range(4)]
        r = scim.post("/Bulk", bulk(
            *[post(b, str(n)) for n, b in enumerate(bodies)]))
        assert r.status == 413
        assert "maxOperations" in r.detail and "(3)" in r.detail
        for body in bodies:
            there = scim.get("/Users" + eq("userName", body["userName"]))
            assert there.json["totalResults"] == 0

    # @spec 7644-3.7.4-02, 7644-3.7.4-03, 7644-3.7.4-04
    @pytest.mark.settings(bulk_operations=3, body_bytes=5000)
    def test_too_many_bytes(self, scim):
        body = user(title="x" * 5000)
        r = scim.post("/Bulk", bulk(post(body, "a")))
        assert r.status == 413
        assert "maxPayloadSize" in r.detail and "5000" in r.detail
        there = scim.get("/Users" + eq("userName", body["userName"]))
        assert there.json["totalResults"] == 0

    # @spec 7644-3.7.4-02
    @pytest.mark.settings(bulk_operations=3, body_bytes=5000)
    def test_refused_before_the_body_is_read(self, scim):
        with scim.raw() as c:
            c.send((f"POST {scim.target('/Bulk')} HTTP/1.1\r\nHost: x\r\n"
                    f"Authorization: Bearer {scim.token}\r\n"
                    "Content-Type: application/scim+json\r\n"
                    "Content-Length: 999999999\r\n\r\n").encode())
            r = c.read("POST")
        assert r.status == 413 and "5000" in r.detail

    # @spec 7644-3.7.4-01
    @pytest.mark.settings(bulk_operations=3, body_bytes=5000)
    def test_as_many_as_are_allowed(self, scim):
        results = run(scim, *[post(user(), str(n)) for n in range(3)])
        assert [r["status"] for r in results] == ["201"] * 3

    def test_data_may_be_as_deep_as_a_body(self, scim):
        deep = "x"
        for _ in range(30):
            deep = [deep]
        made = scim.create("/Users", user())
        result = one(scim, put("/Users/" + made["id"], user(nowhere=deep)))
        alone = scim.put("/Users/" + made["id"], user(nowhere=deep))
        assert result["status"] == str(alone.status)


class TestKinds:
    def test_groups_too(self, scim):
        made = scim.create("/Users", user())
        result = one(scim, post(group(made["id"]), "g", "/Groups"))
        now = scim.get(result["location"])
        assert now.json["schemas"] == [GROUP]
        assert now.json["members"][0]["value"] == made["id"]
        assert result["version"] == now.etag

    def test_passwords_are_hashed_wherever_they_come_from(self, scim):
        r = scim.post("/Bulk", bulk(
            post(user(password="first secret"), "a"),
            patch("/Users/bulkId:a", {"op": "replace", "path": "password",
                                      "value": "second secret"}),
            post(user(), "b"),
            patch("/Users/bulkId:b", {"op": "add", "value": {
                "password": "third secret", "title": "x"}}),
            put("/Users/bulkId:b", user(password="fourth secret"))))
        assert [x["status"] for x in r.json["Operations"]] == [
            "201", "200", "201", "200", "200"]
        assert b"secret" not in r.body
        assert "password" not in scim.get(
            r.json["Operations"][0]["location"]).json
