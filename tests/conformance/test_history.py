# SPDX-License-Identifier: Apache-2.0
"""What a resource was: its versions, what differs between them, and the way
back to one of them."""

import pytest

from samples import fresh, group, user
from scim_client import ENTERPRISE, LIST

CHANGE = "urn:scimd:params:scim:schemas:core:2.0:Change"
DIFF = "urn:scimd:params:scim:schemas:core:2.0:Diff"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

pytestmark = pytest.mark.both_stores


def version_of(etag):
    """The 22 characters that name a state."""
    return etag.split('"')[1].split(".")[0]


def patch(*operations):
    return {"schemas": [PATCH], "Operations": list(operations)}


def without_meta(resource):
    return {k: v for k, v in resource.items()
            if k not in ("meta", "groups")}


@pytest.fixture
def told(scim):
    """A user with five versions, oldest first, as each was answered."""
    r = scim.post("/Users", user(title="1"))
    assert r.status == 201
    states = [r]
    path = "/Users/" + r.json["id"]
    for i in range(2, 6):
        r = scim.patch(path, patch(
            {"op": "replace", "path": "title", "value": str(i)}))
        assert r.status == 200
        states.append(r)
    return path, states


class TestVersions:
    def test_they_come_newest_first(self, scim, told):
        path, states = told

        r = scim.get(path + "/.versions")

        assert r.status == 200
        assert r.json["schemas"] == [LIST]
        assert r.json["totalResults"] == 5
        newest, *_, oldest = r.resources
        assert newest["schemas"] == [CHANGE]
        assert [c["revision"] for c in r.resources] == [5, 4, 3, 2, 1]
        assert [version_of(c["version"]) for c in r.resources] == [
            version_of(s.etag) for s in reversed(states)]
        assert newest["operation"] == "patch"
        assert newest["paths"] == ["title"]
        assert newest["via"] == "http"
        assert newest["actor"].startswith("token:")
        assert newest["at"] == states[-1].json["meta"]["lastModified"]
        assert newest["resource"]["value"] == states[0].json["id"]
        assert newest["resource"]["$ref"].endswith(path)
        assert (oldest["operation"], oldest["paths"]) == ("create", [])

    def test_they_come_in_pages(self, scim, told):
        path, _ = told

        r = scim.get(path + "/.versions?startIndex=2&count=2")

        assert [c["revision"] for c in r.resources] == [4, 3]
        assert (r.json["totalResults"], r.json["startIndex"],
                r.json["itemsPerPage"]) == (5, 2, 2)
        r = scim.get(path + "/.versions?startIndex=6")
        assert (r.json["totalResults"], r.resources) == (5, [])
        r = scim.get(path + "/.versions?count=0")
        assert (r.json["totalResults"], r.resources) == (5, [])

    def test_those_after_a_version_can_be_asked_for(self, scim, told):
        path, states = told
        since = path + "/.versions?since="

        r = scim.get(since + version_of(states[1].etag))
        assert (r.json["totalResults"], r.json["startIndex"]) == (3, 1)
        assert [c["revision"] for c in r.resources] == [5, 4, 3]
        r = scim.get(since + version_of(states[1].etag) +
                     "&startIndex=2&count=1")
        assert r.json["totalResults"] == 3
        assert [c["revision"] for c in r.resources] == [4]
        r = scim.get(since + version_of(states[4].etag))
        assert (r.json["totalResults"], r.resources) == (0, [])
        for unknown in ("A" * 22, "x", ""):
            assert scim.get(since + unknown).status == 404

    # @spec 9865-2-06, 9865-2-11, 9865-2.4-03
    def test_they_come_by_cursor(self, scim, told):
        path, states = told
        seen, cursor, total = [], "", 5

        while cursor is not None:
            r = scim.get(f"{path}/.versions?count=2&cursor={cursor}")
            assert r.status == 200, r
            assert r.json["totalResults"] == total
            assert "startIndex" not in r.json
            assert r.json["itemsPerPage"] == len(r.resources) <= 2
            seen += [c["revision"] for c in r.resources]
            cursor = r.json.get("nextCursor")
            # What comes meanwhile moves nothing.
            assert scim.patch(path, patch(
                {"op": "replace", "path": "title",
                 "value": fresh("t")})).status == 200
            total += 1
        assert seen == [5, 4, 3, 2, 1]

    def test_a_cursor_is_of_one_list_alone(self, scim, told):
        path, states = told
        other = "/Users/" + scim.create("/Users", user())["id"]
        since = "&since=" + version_of(states[0].etag)

        r = scim.get(f"{path}/.versions?count=1&cursor={since}")
        own = r.json["nextCursor"]

        assert r.json["totalResults"] == 4
        again = f"/.versions?count=1&cursor={own}"
        assert scim.get(path + again + since).resources[0]["revision"] == 4
        for wrong in (path + again, other + again + since,
                      f"/Users?count=1&cursor={own}"):
            r = scim.get(wrong)
            assert (r.status, r.scim_type) == (400, "invalidCursor"), wrong
        r = scim.get(f"{path}/.versions?count=2&cursor={own}{since}")
        assert (r.status, r.scim_type) == (400, "invalidCount")
        r = scim.get(f"{path}/.versions?startIndex=1&cursor={since}")
        assert (r.status, r.scim_type) == (400, "invalidValue")
        r = scim.get(f"{path}/.versions?count=0&cursor=")
        assert (r.json["totalResults"], r.resources) == (5, [])
        assert "nextCursor" not in r.json

    def test_each_is_what_was_answered_then(self, scim, told):
        path, states = told

        for state in states:
            r = scim.get(f"{path}/.versions/{version_of(state.etag)}")

            assert r.status == 200
            assert without_meta(r.json) == without_meta(state.json)
            assert r.etag == r.json["meta"]["version"]
            assert version_of(r.etag) == version_of(state.etag)
            for name in ("created", "lastModified", "resourceType"):
                assert (r.json["meta"][name] ==
                        state.json["meta"][name]), name
            assert r.json["meta"]["location"].endswith(
                f"{path}/.versions/{version_of(state.etag)}")
            assert r.header("Content-Location") == (
                r.json["meta"]["location"])

    def test_one_that_is_known_is_not_sent_again(self, scim, told):
        path, states = told
        there = f"{path}/.versions/{version_of(states[1].etag)}"

        r = scim.get(there)

        assert scim.get(there, headers={
            "If-None-Match": r.etag}).status == 304

    def test_attributes_are_chosen_as_of_the_present(self, scim, told):
        path, states = told

        r = scim.get(f"{path}/.versions/{version_of(states[0].etag)}"
                     "?attributes=title")

        assert r.json["title"] == "1"
        assert "userName" not in r.json

    def test_what_changes_nothing_is_no_version(self, scim, told):
        path, states = told

        scim.patch(path, patch(
            {"op": "replace", "path": "title", "value": "5"}))

        assert scim.get(path + "/.versions").json["totalResults"] == 5

    def test_a_password_leaves_its_name(self, scim, told):
        path, states = told

        scim.patch(path, patch({"op": "replace", "path": "password",
                                "value": "Correct-Horse-9"}))

        r = scim.get(path + "/.versions?count=1")
        assert r.resources[0]["paths"] == ["password"]
        there = path + "/.versions/" + version_of(r.resources[0]["version"])
        assert b"assword" not in scim.get(there).body

    def test_what_is_not_there_is_not_found(self, scim, told):
        path, states = told
        other = scim.post("/Users", user()).json["id"]

        for wrong in ("/.versions/" + "A" * 22, "/.versions/x",
                      "/.versions/a/b", "/.versions/a/b/c",
                      "/.diff/x"):
            assert scim.get(path + wrong).status == 404, wrong
        for nobody in ("/Users/nobody", "/Groups/" + other, "/Users"):
            assert scim.get(nobody + "/.versions").status == 404, nobody
        assert scim.get(f"/Users/{other}/.versions/"
                        f"{version_of(states[0].etag)}").status == 404

    def test_history_is_only_read(self, scim, told):
        path, states = told
        there = f"{path}/.versions/{version_of(states[0].etag)}"

        for where in (path + "/.versions", there, path + "/.diff"):
            for call in (scim.post, scim.put, scim.patch):
                assert call(where, {}).status == 405
        assert scim.get(there + "/.revert").status == 405

    def test_of_what_was_deleted_it_can_be_read(self, scim, told):
        path, states = told
        assert scim.delete(path).status == 204
        assert scim.get(path).status == 404

        r = scim.get(path + "/.versions")

        assert r.json["totalResults"] == 6
        assert r.resources[0]["operation"] == "delete"
        assert "version" not in r.resources[0]
        r = scim.get(f"{path}/.versions/{version_of(states[0].etag)}")
        assert without_meta(r.json) == without_meta(states[0].json)

    def test_a_token_without_read_sees_none(self, server, told):
        path, _ = told
        if server.store == "memory:":
            pytest.skip("tokens of a memory store can't be made beside it")
        token = server.make_token(scope="write")
        client = server.client(token=token)

        assert client.get(path + "/.versions").status == 403
        client.close()


@pytest.mark.settings(history_count=3)
class TestFew:
    def test_as_many_are_kept_as_the_tenant_says(self, scim, told):
        path, states = told

        r = scim.get(path + "/.versions")

        assert r.json["totalResults"] == 3
        assert [c["revision"] for c in r.resources] == [5, 4, 3]
        for i, state in enumerate(states):
            r = scim.get(f"{path}/.versions/{version_of(state.etag)}")
            assert r.status == (404 if i < 2 else 200)


@pytest.mark.settings(history_count=0)
class TestNone:
    def test_without_history_there_is_none(self, scim, told):
        path, _ = told

        assert scim.get(path + "/.versions").status == 404


class TestDiff:
    def test_it_tells_what_differs(self, scim):
        first = scim.post("/Users", user(title="x", **{
            ENTERPRISE: {"department": "D", "costCenter": "1"}}))
        path = "/Users/" + first.json["id"]
        second = scim.patch(path, patch(
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "name.familyName", "value": "Smith"},
            {"op": "add", "path": "nickName", "value": "n"},
            {"op": "replace", "path": ENTERPRISE + ":department",
             "value": "E"}))

        r = scim.get(f"{path}/.diff?from={version_of(first.etag)}"
                     f"&to={version_of(second.etag)}")

        assert r.status == 200
        assert r.json["schemas"] == [DIFF]
        assert version_of(r.json["from"]) == version_of(first.etag)
        assert version_of(r.json["to"]) == version_of(second.etag)
        changes = {c["path"]: c for c in r.json["changes"]}
        assert changes["title"] == {
            "path": "title", "op": "remove", "before": "x"}
        assert changes["nickName"] == {
            "path": "nickName", "op": "add", "after": "n"}
        assert changes["name.familyName"]["after"] == "Smith"
        assert changes[ENTERPRISE + ":department"] == {
            "path": ENTERPRISE + ":department", "op": "replace",
            "before": "D", "after": "E"}
        assert len(changes) == 4

    def test_without_to_it_compares_with_the_present(self, scim, told):
        path, states = told

        r = scim.get(f"{path}/.diff?from={version_of(states[0].etag)}")

        assert r.json["changes"] == [{
            "path": "title", "op": "replace", "before": "1", "after": "5"}]
        r = scim.get(f"{path}/.diff?from={version_of(states[-1].etag)}")
        assert r.json["changes"] == []

    def test_elements_are_told_one_by_one(self, scim):
        first = scim.post("/Users", user(emails=[
            {"type": "work", "value": "a@x.example", "primary": True},
            {"type": "home", "value": "b@x.example"}]))
        path = "/Users/" + first.json["id"]
        second = scim.patch(path, patch(
            {"op": "remove", "path": 'emails[type eq "home"]'},
            {"op": "add", "path": "emails", "value": [
                {"type": "other", "value": "c@x.example"}]},
            {"op": "replace", "path": 'emails[type eq "work"].display',
             "value": "A"}))
        way = (f"{path}/.diff?from={version_of(first.etag)}"
               f"&to={version_of(second.etag)}")

        changes = {c["path"]: c for c in scim.get(way).json["changes"]}

        def at(kind, value, rest=""):
            return f'emails[type eq "{kind}" and value eq "{value}"]{rest}'
        assert changes == {
            at("work", "a@x.example", ".display"): {
                "path": at("work", "a@x.example", ".display"),
                "op": "add", "after": "A"},
            at("home", "b@x.example"): {
                "path": at("home", "b@x.example"), "op": "remove",
                "before": {"type": "home", "value": "b@x.example"}},
            at("other", "c@x.example"): {
                "path": at("other", "c@x.example"), "op": "add",
                "after": {"type": "other", "value": "c@x.example"}}}
        # Each is a path of PATCH: what came is taken away by it.
        r = scim.patch(path, patch(
            {"op": "remove", "path": at("other", "c@x.example")},
            {"op": "remove", "path": at("work", "a@x.example", ".display")}))
        assert r.status == 200
        assert [e["type"] for e in r.json["emails"]] == ["work"]

    def test_a_secret_is_told_without_its_value(self, scim, told):
        path, states = told
        r = scim.patch(path, patch({"op": "replace", "path": "password",
                                    "value": "Correct-Horse-9"}))
        way = f"{path}/.diff?from={version_of(states[-1].etag)}"

        for diff in (way, way + "&to=" + version_of(r.etag)):
            assert scim.get(diff).json["changes"] == [
                {"path": "password", "op": "replace", "redacted": True}]
        assert scim.get(way + "&attributes=title").json["changes"] == []
        # Backwards, and over what lies between.
        r = scim.get(f"{path}/.diff?from={version_of(r.etag)}"
                     f"&to={version_of(states[0].etag)}")
        assert {c["path"]: c for c in r.json["changes"]} == {
            "title": {"path": "title", "op": "replace", "before": "5",
                      "after": "1"},
            "password": {"path": "password", "op": "replace",
                         "redacted": True}}

    def test_it_needs_to_know_what_to_compare(self, scim, told):
        path, states = told

        assert scim.get(path + "/.diff").status == 400
        assert scim.get(path + "/.diff?from=x").status == 404
        scim.delete(path)
        assert scim.get(f"{path}/.diff?from="
                        f"{version_of(states[0].etag)}").status == 404


class TestGroups:
    @pytest.fixture
    def members(self, scim):
        return [scim.post("/Users", user()).json["id"] for _ in range(3)]

    def add(self, scim, path, ident):
        return scim.patch(path, patch(
            {"op": "add", "path": "members", "value": [{"value": ident}]}))

    def remove(self, scim, path, ident):
        return scim.patch(path, patch(
            {"op": "remove", "path": f'members[value eq "{ident}"]'}))

    def values(self, r):
        return {m["value"] for m in r.json.get("members", [])}

    def test_members_are_those_of_that_time(self, scim, members):
        a, b, c = members
        r = scim.post("/Groups", group(members=[{"value": a}]))
        path = "/Groups/" + r.json["id"]
        want = [(r.etag, {a})]
        for call, ident, then in ((self.add, b, {a, b}),
                                  (self.remove, a, {b}),
                                  (self.add, c, {b, c}),
                                  (self.add, a, {a, b, c})):
            r = call(scim, path, ident)
            want.append((r.etag, then))
        scim.delete("/Users/" + b)

        for etag, then in want:
            r = scim.get(f"{path}/.versions/{version_of(etag)}")
            assert self.values(r) == then
        newest = scim.get(path + "/.versions?count=1").resources[0]
        assert newest["paths"] == ["members"]
        assert newest["operation"] == "delete"

    def test_a_member_is_no_change_of_the_member(self, scim, members):
        path = "/Users/" + members[0]

        scim.post("/Groups", group(members=[{"value": members[0]}]))

        assert scim.get(path + "/.versions").json["totalResults"] == 1

    def test_a_diff_names_members_one_by_one(self, scim, members):
        a, b, c = members
        first = scim.post(
            "/Groups", group(members=[{"value": a}, {"value": b}]))
        path = "/Groups/" + first.json["id"]
        self.remove(scim, path, a)
        self.add(scim, path, c)

        r = scim.get(f"{path}/.diff?from={version_of(first.etag)}")

        assert {(x["path"], x["op"]) for x in r.json["changes"]} == {
            (f'members[value eq "{a}"]', "remove"),
            (f'members[value eq "{c}"]', "add")}
        r = scim.get(f"{path}/.diff?from={version_of(first.etag)}"
                     "&excludedAttributes=members")
        assert r.json["changes"] == []

    def test_a_revert_brings_members_back(self, scim, members):
        a, b, _ = members
        first = scim.post(
            "/Groups", group(members=[{"value": a}, {"value": b}]))
        path = "/Groups/" + first.json["id"]
        self.remove(scim, path, a)

        r = scim.post(f"{path}/.versions/{version_of(first.etag)}/.revert",
                      None)

        assert r.status == 200, r
        assert version_of(r.etag) == version_of(first.etag)
        assert self.values(scim.get(path)) == {a, b}


class TestRevert:
    def test_what_was_is_again(self, scim, told):
        path, states = told
        there = f"{path}/.versions/{version_of(states[0].etag)}/.revert"

        r = scim.post(there, None, headers={"If-Match": states[-1].etag})

        assert r.status == 200
        assert without_meta(r.json) == without_meta(states[0].json)
        # The same state has the same version, on its second visit too.
        assert version_of(r.etag) == version_of(states[0].etag)
        newest = scim.get(path + "/.versions?count=1").resources[0]
        assert newest["operation"] == "revert"
        assert newest["revision"] == 6

    def test_a_stale_condition_stops_it(self, scim, told):
        path, states = told
        there = f"{path}/.versions/{version_of(states[0].etag)}/.revert"

        r = scim.post(there, None, headers={"If-Match": states[1].etag})

        assert r.status == 412
        assert r.etag == states[-1].etag
        assert scim.get(path).json["title"] == "5"

    def test_to_the_present_it_changes_nothing(self, scim, told):
        path, states = told

        r = scim.post(
            f"{path}/.versions/{version_of(states[-1].etag)}/.revert", None)

        assert (r.status, r.etag) == (200, states[-1].etag)
        assert scim.get(path + "/.versions").json["totalResults"] == 5

    def test_what_was_not_there_goes(self, scim):
        first = scim.post("/Users", user(name={"givenName": "G"}))
        path = "/Users/" + first.json["id"]
        scim.patch(path, patch(
            {"op": "add", "value": {"nickName": "n", ENTERPRISE: {
                "department": "D"}, "name": {"familyName": "F"},
                "emails": [{"value": "a@b.example", "type": "work"}]}}))

        r = scim.post(
            f"{path}/.versions/{version_of(first.etag)}/.revert", None)

        assert r.status == 200
        assert without_meta(r.json) == without_meta(first.json)

    def test_a_value_that_another_took_is_refused(self, scim):
        name = fresh("name")
        first = scim.post("/Users", user(userName=name))
        path = "/Users/" + first.json["id"]
        scim.patch(path, patch({"op": "replace", "path": "userName",
                                "value": fresh("other")}))
        assert scim.post("/Users", user(userName=name)).status == 201

        r = scim.post(
            f"{path}/.versions/{version_of(first.etag)}/.revert", None)

        assert (r.status, r.scim_type) == (409, "uniqueness")

    def test_a_deleted_resource_stays_deleted(self, scim, told):
        path, states = told
        scim.delete(path)

        assert scim.post(f"{path}/.versions/{version_of(states[0].etag)}"
                         "/.revert", None).status == 404

    def test_of_an_unknown_version_there_is_none(self, scim, told):
        path, _ = told

        assert scim.post(f"{path}/.versions/{'A' * 22}/.revert",
                         None).status == 404


class TestMe:
    """The same below /Me, for who is told by the token."""

    @pytest.fixture(autouse=True)
    def beside(self, server):
        if server.store == "memory:":
            pytest.skip("tokens of a memory store can't be made beside it")

    @pytest.fixture
    def me(self, server, scim, told):
        path, _ = told
        made = scim.having(server.make_token(subject=path.split("/")[-1]))
        yield made
        made.close()

    # @spec 7644-3.11-01, 7644-3.11-05
    def test_it_is_the_history_of_the_resource(self, scim, told, me):
        path, states = told
        first = version_of(states[0].etag)

        for below in ("/.versions", "/.versions?count=2&startIndex=2",
                      "/.versions?since=" + first,
                      "/.versions/" + first,
                      "/.diff?from=" + first):
            mine, same = me.get("/Me" + below), scim.get(path + below)
            assert mine.status == 200
            assert mine.json == same.json, below
        r = me.get("/Me/.versions/" + first)
        assert r.header("Location") == f"{scim.url}{path}/.versions/{first}"
        assert me.get("/Me/.versions").header("Location") == scim.url + path

    def test_it_goes_back(self, scim, told, me):
        path, states = told
        first = version_of(states[0].etag)

        r = me.post(f"/Me/.versions/{first}/.revert", None,
                    headers={"If-Match": states[-1].etag})

        assert r.status == 200
        assert r.header("Location") == scim.url + path
        assert version_of(scim.get(path).etag) == first
        assert scim.get(path).json["title"] == "1"

    def test_what_is_not_there_is_not_found(self, scim, told, me):
        for wrong in ("/Me/.versions/" + "A" * 22, "/Me/.versions/a/b",
                      "/Me/x", "/Me/x/.versions", "/Me/.diff/x"):
            assert me.get(wrong).status == 404, wrong
        assert me.post("/Me/.versions", {}).status == 405
        # Nobody is behind this token.
        assert scim.get("/Me/.versions").status == 404

    def test_the_scope_of_the_token_holds(self, server, scim, told):
        path, states = told
        reader = scim.having(server.make_token(
            scope="read", subject=path.split("/")[-1]))
        first = version_of(states[0].etag)

        assert reader.get("/Me/.versions").status == 200
        assert reader.post(f"/Me/.versions/{first}/.revert",
                           None).status == 403
        reader.close()


class TestSchemas:
    @pytest.mark.parametrize("urn", [CHANGE, DIFF])
    def test_their_shape_is_described(self, scim, urn):
        r = scim.get("/Schemas/" + urn)

        assert r.status == 200
        assert r.json["id"] == urn
