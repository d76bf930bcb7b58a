# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 sections 3.7.1 and 3.7.2: operations that refer to what others
create, before and after them, and in circles."""

import time

import pytest

from bulk import bulk, delete, one, patch, post, put, run
from samples import eq, fresh, group, user
from scim_client import ENTERPRISE, USER

pytestmark = pytest.mark.both_stores


def statuses(results):
    return [r["status"] for r in results]


def read(scim, result):
    return scim.get(result["location"]).json


def ids(resource):
    return sorted(m["value"] for m in resource.get("members", []))


class TestResolved:
    # @spec 7644-3.7.2-01, 7644-3.7.2-03
    def test_a_user_then_a_group(self, scim):
        alice, team = run(
            scim, post(user(), "qwerty"),
            post(group("bulkId:qwerty"), "ytrewq", "/Groups"))
        made = read(scim, alice)
        member = read(scim, team)["members"][0]
        assert member["value"] == made["id"]
        assert member["$ref"] == made["meta"]["location"]
        assert member["type"] == "User"
        assert made["groups"][0]["value"] == read(scim, team)["id"]
        # what others did to it since is in the tag that is told
        assert alice["version"] == made["meta"]["version"]

    # @spec 7644-3.7.2-05, 7644-3.7-21, 7644-3.7-22
    def test_a_group_before_its_user(self, scim):
        team, alice = run(
            scim, post(group("bulkId:late"), "team", "/Groups"),
            post(user(), "late"))
        assert statuses([team, alice]) == ["201", "201"]
        assert ids(read(scim, team)) == [read(scim, alice)["id"]]

    # @spec 7644-3.7-22
    def test_what_comes_first_goes_first(self, scim):
        """Nothing is pulled in front of what the client sent before it."""
        old = scim.create("/Users", user())
        team, gone, new = run(
            scim, post(group("bulkId:new"), "team", "/Groups"),
            delete("/Users/" + old["id"]),
            post(user(userName=old["userName"]), "new"))
        assert statuses([team, gone, new]) == ["201", "204", "201"]
        assert ids(read(scim, team)) == [read(scim, new)["id"]]

    # @spec 7644-3.7.2-02
    def test_in_an_extension(self, scim):
        boss, clerk = run(
            scim, post(user(displayName="Boss"), "boss"),
            post(user(**{"schemas": [USER, ENTERPRISE], ENTERPRISE: {
                "manager": {"value": "bulkId:boss"}}}), "clerk"))
        manager = read(scim, clerk)[ENTERPRISE]["manager"]
        assert manager["value"] == read(scim, boss)["id"]

    # @spec 7644-3.7.2-01
    def test_in_the_path_of_an_operation(self, scim):
        results = run(
            scim, post(user(), "a"),
            patch("/Users/bulkId:a",
                  {"op": "add", "path": "title", "value": "Dr."}),
            post(user(), "b"), delete("/Users/bulkId:b"))
        assert statuses(results) == ["201", "200", "201", "204"]
        assert read(scim, results[0])["title"] == "Dr."
        assert results[1]["location"] == results[0]["location"]
        assert scim.get(results[2]["location"]).status == 404

    # @spec 7644-3.7.2-01
    def test_in_a_patch_and_its_paths(self, scim):
        team = scim.create("/Groups", group())
        path = "/Groups/" + team["id"]
        results = run(
            scim, patch(path, {"op": "add", "path": "members", "value": [
                {"value": "bulkId:a"}, {"value": "bulkId:b"}]}),
            patch(path, {"op": "remove",
                         "path": 'members[value eq "bulkId:a"]'}),
            post(user(), "a"), post(user(), "b"))
        assert statuses(results) == ["204", "204", "201", "201"]
        assert ids(scim.get(path).json) == [read(scim, results[3])["id"]]

    def test_in_a_put(self, scim):
        team = scim.create("/Groups", group())
        results = run(
            scim, put("/Groups/" + team["id"], group("bulkId:a")),
            post(user(), "a"))
        assert statuses(results) == ["200", "201"]
        assert ids(read(scim, results[0])) == [read(scim, results[1])["id"]]

    # @spec 7643-3.1-08
    def test_nothing_is_ever_called_bulk_id(self, scim):
        body = user(userName="bulkId:" + fresh())
        assert one(scim, post(body, "a"))["status"] == "400"
        assert scim.post("/Users", body).json["id"] != "bulkId:a"


class TestFailing:
    # @spec 7644-3.7.2-04
    def test_what_nobody_creates(self, scim):
        body = group("bulkId:nope")
        result = one(scim, post(body, "g", "/Groups"))
        assert result["status"] == "400"
        assert result["response"]["scimType"] == "invalidValue"
        assert "nope" in result["response"]["detail"]
        there = scim.get("/Groups" + eq("displayName", body["displayName"]))
        assert there.json["totalResults"] == 0

    # @spec 7644-3.7.2-04
    def test_only_what_is_posted_can_be_referred_to(self, scim):
        made = scim.create("/Users", user())
        results = run(
            scim, put("/Users/" + made["id"], made, bulkId="a"),
            post(group("bulkId:a"), "g", "/Groups"))
        assert statuses(results) == ["200", "400"]
        assert results[0]["bulkId"] == "a"

    # @spec 7644-3.7.2-04, 7644-3.7-18
    def test_a_creation_that_fails_fails_who_needs_it(self, scim):
        taken = scim.create("/Users", user())
        results = run(
            scim, post(group("bulkId:outer"), "team", "/Groups"),
            post(group("bulkId:dup"), "outer", "/Groups"),
            post(user(userName=taken["userName"]), "dup"),
            patch("/Users/bulkId:dup",
                  {"op": "add", "path": "title", "value": "x"}),
            post(user(), "other"))
        assert statuses(results) == ["409", "409", "409", "409", "201"]
        assert "uniqueness" == results[2]["response"]["scimType"]
        assert "bulkId:dup" in results[1]["response"]["detail"]
        assert "bulkId:outer" in results[0]["response"]["detail"]

    # @spec 7644-3.7.2-04
    def test_of_the_wrong_kind(self, scim):
        results = run(scim, post(user(), "a"), delete("/Groups/bulkId:a"))
        assert statuses(results) == ["201", "404"]


class TestCircles:
    # @spec 7644-3.7.1-01
    def test_two_groups_in_each_other(self, scim):
        one_, two = run(
            scim, post(group("bulkId:b"), "a", "/Groups"),
            post(group("bulkId:a"), "b", "/Groups"))
        assert statuses([one_, two]) == ["201", "201"]
        first, second = read(scim, one_), read(scim, two)
        assert ids(first) == [second["id"]]
        assert ids(second) == [first["id"]]
        assert one_["version"] == first["meta"]["version"]
        assert two["version"] == second["meta"]["version"]

    # @spec 7644-3.7.1-01
    def test_a_group_in_itself(self, scim):
        result = one(scim, post(group("bulkId:a"), "a", "/Groups"))
        assert result["status"] == "201"
        made = read(scim, result)
        assert ids(made) == [made["id"]]

    # @spec 7644-3.7.1-01, 7644-3.7.1-02
    def test_a_circle_fails_as_one(self, scim):
        bodies = [group("bulkId:b", "nobody"), group("bulkId:c"),
                  group("bulkId:a")]
        others = [post(user(), "u"), post(group("bulkId:u"), "v", "/Groups")]
        results = run(scim, *[post(b, name, "/Groups")
                              for b, name in zip(bodies, "abc")], *others)
        assert statuses(results) == ["400", "409", "409", "201", "201"]
        for body in bodies:
            there = scim.get(
                "/Groups" + eq("displayName", body["displayName"]))
            assert there.json["totalResults"] == 0
        for result in results[1:3]:
            assert "circle" in result["response"]["detail"]

    def test_each_of_a_circle_is_an_error(self, scim):
        r = scim.post("/Bulk", bulk(
            post(group("bulkId:b", "nobody"), "a", "/Groups"),
            post(group("bulkId:a"), "b", "/Groups"), post(user(), "u"),
            failOnErrors=2))
        assert statuses(r.json["Operations"]) == ["400", "409"]

    def test_dangling_members_are_refused_in_it_too(self, scim):
        results = run(
            scim, post(group("bulkId:b"), "a", "/Groups"),
            post(group("bulkId:a", "nobody"), "b", "/Groups"))
        assert statuses(results) == ["409", "400"]


def names(count):
    return [f"n{i}" for i in range(count)]


def chain(count):
    """Each refers to the next; the last one is a user."""
    return [post(group(f"bulkId:n{i + 1}"), f"n{i}", "/Groups")
            for i in range(count - 1)] + [post(user(), f"n{count - 1}")]


def ring(count):
    return [post(group(f"bulkId:n{(i + 1) % count}"), f"n{i}", "/Groups")
            for i in range(count)]


def clique(count):
    all_ = [f"bulkId:{n}" for n in names(count)]
    return [post(group(*all_), n, "/Groups") for n in names(count)]


class TestHostile:
    """@spec 7644-3.7.1-02: never a hang, never a 500."""

    @pytest.mark.parametrize("shape, count", [
        (chain, 1000), (ring, 1000), (clique, 100)])
    def test_shapes_are_carried_out(self, server, scim, shape, count):
        other = server.client()
        made = scim.create("/Users", user())
        start = time.monotonic()
        with scim.raw() as c:
            body = encode(scim, bulk(*shape(count)))
            c.timeout = 60
            c.send(body)
            worst = 0
            while time.monotonic() - start < 0.5:
                asked = time.monotonic()
                assert other.get("/Users/" + made["id"]).status == 200
                worst = max(worst, time.monotonic() - asked)
            c.sock.settimeout(60)
            r = c.read("POST")
        other.close()
        assert r.status == 200
        assert set(statuses(r.json["Operations"])) == {"201"}
        assert len(r.json["Operations"]) == count
        assert worst < 2

    def test_ten_thousand_references_in_one_operation(self, scim):
        refs = [f"bulkId:n{i % 500}" for i in range(10000)]
        results = run(scim, post(group(*refs), "g", "/Groups"),
                      *[post(user(), n) for n in names(500)])
        assert set(statuses(results)) == {"201"}
        assert len(ids(read(scim, results[0]))) == 500

    def test_large_member_lists_across_operations(self, scim):
        """What is too many for one request stays so inside a bulk."""
        many = [{"value": str(i)} for i in range(10001)]
        r = scim.post("/Bulk", bulk(
            *[post(group(members=many), n, "/Groups") for n in names(5)]))
        assert set(statuses(r.json["Operations"])) == {"413"}

    def test_many_failures_with_many_dependents(self, scim):
        bad = [post({}, "bad")]
        refs = ["bulkId:bad"] * 50
        results = run(scim, *[post(group(*refs), n, "/Groups")
                              for n in names(900)], *bad)
        assert set(statuses(results[:-1])) == {"409"}


def encode(scim, body):
    import json

    from scim_client import request_bytes
    text = json.dumps(body).encode()
    return request_bytes("POST", scim.target("/Bulk"),
                         scim.head_for([], text), text)
