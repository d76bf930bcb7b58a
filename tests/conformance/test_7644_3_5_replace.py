# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 sections 3.5.1 and 3.6: PUT and DELETE."""

import uuid

import pytest

from samples import eq, fresh, full_user, group, stored_part, user
from scim_client import ENTERPRISE, GROUP, USER

pytestmark = pytest.mark.both_stores


@pytest.fixture
def ada(scim):
    return scim.create("/Users", full_user())


class TestReplace:
    # @spec 7644-3.5-01, 7644-3.5.1-01, 7644-3.5.1-09, 7644-3.5.1-10,
    #       7643-7-14
    def test_put_answers_200_with_the_whole_new_state(self, scim, ada):
        new = full_user(title="Countess", active=False,
                        emails=[{"value": "new@example.com"}])

        r = scim.put("/Users/" + ada["id"], new)

        assert r.status == 200
        assert r.json["id"] == ada["id"]
        assert r.etag != ada["meta"]["version"]
        assert r.json["emails"] == [{"value": "new@example.com"}]
        assert r.json["active"] is False
        assert r.json["meta"]["created"] == ada["meta"]["created"]
        assert scim.get("/Users/" + ada["id"]).json == r.json

    # @spec 7644-3.5.1-02, 7644-3.5.1-13
    def test_what_is_left_out_is_cleared(self, scim, ada):
        r = scim.put("/Users/" + ada["id"], {
            "schemas": [USER], "userName": ada["userName"]})

        assert r.status == 200
        assert sorted(r.json) == ["id", "meta", "schemas", "userName"]
        assert r.json["schemas"] == [USER]

    # @spec 7644-3.5.1-03
    def test_null_and_empty_clear(self, scim, ada):
        r = scim.put("/Users/" + ada["id"], ada | {
            "nickName": None, "emails": [], "roles": None,
            "name": {"givenName": None, "familyName": "King"}})

        assert r.status == 200
        assert not {"nickName", "emails", "roles"} & set(r.json)
        assert r.json["name"] == {"familyName": "King"}

    # @spec 7644-3.5.1-07, 7644-3.1-07, 7643-4.1.2-08
    def test_what_only_the_server_writes_is_ignored(self, scim, ada):
        inside = scim.create("/Groups", group(ada["id"]))
        now = scim.get("/Users/" + ada["id"]).json

        r = scim.put("/Users/" + ada["id"], now | {
            "groups": [], "meta": {"created": "2001-01-01T00:00:00Z"}})

        assert r.status == 200
        assert r.json == now
        assert r.json["groups"][0]["value"] == inside["id"]

    # @spec 9110-9.3.4-02
    def test_another_id_in_the_body_is_refused(self, scim, ada):
        r = scim.put("/Users/" + ada["id"], ada | {"id": str(uuid.uuid4())})

        assert r.status == 400
        assert scim.get("/Users/" + ada["id"]).json == ada

    # @spec 7644-3.2-04
    def test_put_makes_nothing(self, scim):
        body = user()
        path = f"/Users/{uuid.uuid4()}"

        assert scim.put(path, body).status == 404
        assert scim.get(path).status == 404
        r = scim.get("/Users" + eq("userName", body["userName"]))
        assert r.json["totalResults"] == 0

    # @spec 7644-3.5.1-08
    def test_a_required_value_must_be_there(self, scim, ada):
        for body in ({"schemas": [USER]}, ada | {"userName": None},
                     ada | {"userName": ""}):
            r = scim.put("/Users/" + ada["id"], body)
            assert r.status == 400
            assert r.scim_type == "invalidValue"
        assert scim.get("/Users/" + ada["id"]).json == ada

    # @spec 7644-3.5.1-11, 7643-7-21
    def test_a_name_of_another_is_refused(self, scim, ada):
        other = scim.create("/Users", user())

        r = scim.put("/Users/" + ada["id"], ada | {
            "userName": other["userName"].upper()})

        assert r.status == 409
        assert r.scim_type == "uniqueness"
        assert scim.get("/Users/" + ada["id"]).json == ada

    def test_a_name_that_is_given_up_is_free(self, scim):
        one = scim.create("/Users", user())
        freed = one["userName"]

        scim.put("/Users/" + one["id"], one | {"userName": fresh()})

        assert scim.post("/Users", user(userName=freed)).status == 201

    def test_the_own_name_is_no_conflict(self, scim, ada):
        r = scim.put("/Users/" + ada["id"], ada | {
            "userName": ada["userName"].upper()})

        assert r.status == 200
        assert r.json["userName"] == ada["userName"].upper()

    # @spec 7643-4.1.1-18, 7643-4.1.1-19
    def test_a_password_stays_when_it_is_left_out(self, scim):
        body = user(password="correct horse 1")
        made = scim.create("/Users", body)
        path = "/Users/" + made["id"]

        kept = scim.put(path, made)
        assert kept.etag == made["meta"]["version"]
        cleared = scim.put(path, made | {"password": None})
        assert cleared.status == 200
        assert cleared.etag != kept.etag
        assert scim.put(path, made).etag == cleared.etag

    def test_members_stay_when_they_are_left_out(self, scim, ada):
        made = scim.create("/Groups", group(ada["id"]))
        path = "/Groups/" + made["id"]

        r = scim.put(path, {"schemas": [GROUP], "displayName": "Renamed"})
        assert r.status == 200
        assert [m["value"] for m in r.json["members"]] == [ada["id"]]

        for empty in ([], None):
            scim.put(path, made)
            r = scim.put(path, made | {"members": empty})
            assert r.status == 200
            assert "members" not in r.json or r.json["members"] == []

    # @spec 7644-3.5.1-12, 7643-4.2-03
    def test_members_are_replaced(self, scim, ada):
        other = scim.create("/Users", user())
        made = scim.create("/Groups", group(ada["id"]))
        path = "/Groups/" + made["id"]

        r = scim.put(path, made | {"members": [{"value": other["id"]}]})

        assert [m["value"] for m in r.json["members"]] == [other["id"]]
        assert "groups" not in scim.get("/Users/" + ada["id"]).json
        assert scim.get("/Users/" + other["id"]).json["groups"][0][
            "value"] == made["id"]

    # @spec 7644-3.9-02, 7644-3.9-04
    def test_the_answer_can_be_projected(self, scim, ada):
        path = "/Users/" + ada["id"]

        r = scim.put(path + "?attributes=title", ada | {"title": "One"})
        assert r.json == {"schemas": ada["schemas"], "id": ada["id"],
                          "title": "One"}
        assert r.etag == scim.get(path).etag
        r = scim.put(path + "?excludedAttributes=emails",
                     ada | {"title": "Two"})
        assert "emails" not in r.json
        assert "emails" in scim.get(path).json

    # @spec 9110-8.7-03, 9110-8.7-04, 9110-9.3.4-04
    def test_headers_are_no_part_of_the_resource(self, scim, ada):
        other = scim.create("/Users", user())
        r = scim.put("/Users/" + ada["id"], ada | {"title": "X"}, headers={
            "Content-Location": "/Users/" + other["id"], "X-Foo": "bar",
            "Content-Language": "fr", "ETag": '"x"'})

        assert r.status == 200
        assert r.json["title"] == "X"
        assert scim.get("/Users/" + other["id"]).json == other
        again = scim.get("/Users/" + ada["id"])
        assert again.header("X-Foo") is None
        assert again.header("Content-Language") is None

    # @spec 7240-2-01, 7240-4.2-02
    def test_a_preference_may_not_hide_the_resource(self, scim, ada):
        for value in ("foo=bar", "return=minimal, x", "RETURN=minimal",
                      "respond-async", "return=representation"):
            r = scim.put("/Users/" + ada["id"], ada,
                         headers={"Prefer": value})
            assert r.status == 200
            assert r.json == ada

    # @spec 7644-3.5.1-02
    def test_the_stored_part_round_trips(self, scim, ada):
        body = stored_part(ada) | {"schemas": ada["schemas"]}

        r = scim.put("/Users/" + ada["id"], body)

        assert r.json == ada

    # @spec 7644-3.14-07, 7644-3.14-06
    def test_a_stale_writer_loses(self, scim, ada):
        path = "/Users/" + ada["id"]
        first = scim.put(path, ada | {"title": "First"},
                         headers={"If-Match": ada["meta"]["version"]})
        second = scim.put(path, ada | {"title": "Second"},
                          headers={"If-Match": ada["meta"]["version"]})

        assert (first.status, second.status) == (200, 412)
        assert second.etag == first.etag
        assert scim.get(path).json["title"] == "First"
        r = scim.get(path, headers={"If-None-Match": ada["meta"]["version"]})
        assert r.status == 200
        assert r.etag == first.etag


class TestDelete:
    # @spec 7644-3.6-01, 7644-3.6-03, 9110-9.2.2-01
    @pytest.mark.parametrize("endpoint, body", [("/Users", user),
                                                ("/Groups", group)])
    def test_what_is_deleted_is_gone(self, scim, endpoint, body):
        made = scim.create(endpoint, body())
        path = f"{endpoint}/{made['id']}"

        r = scim.delete(path)

        assert r.status == 204
        assert r.body == b""
        # @spec 7644-3.6-02
        assert scim.get(path).status == 404
        assert scim.head(path).status == 404
        assert scim.put(path, made).status == 404
        assert scim.delete(path).status == 404
        assert scim.delete(path, headers={
            "If-Match": made["meta"]["version"]}).status == 404

    # @spec 7644-3.6-04
    def test_what_is_deleted_is_not_found(self, scim):
        made = scim.create("/Users", user(externalId=fresh(),
                                          displayName=fresh()))
        scim.delete("/Users/" + made["id"])

        for name in ("userName", "externalId", "displayName"):
            r = scim.get("/Users" + eq(name, made[name]))
            assert r.json["totalResults"] == 0

    # @spec 7644-3.6-05, 7644-3.6-07
    def test_the_name_is_free_and_the_id_is_not(self, scim):
        body, ids = user(), set()
        for _ in range(5):
            made = scim.create("/Users", body)
            ids.add(made["id"])
            assert scim.delete("/Users/" + made["id"]).status == 204

        assert len(ids) == 5

    # @spec 7644-3.6-08
    def test_delete_honours_if_match(self, scim):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        now = scim.put(path, made | {"title": "New"})

        stale = {"If-Match": made["meta"]["version"]}
        assert scim.delete(path, headers=stale).status == 412
        assert scim.get(path).etag == now.etag
        assert scim.delete(path, headers={"If-Match": now.etag}).status == 204

    # @spec 9110-9.3.5-02
    def test_a_body_means_nothing_to_delete(self, scim):
        made = scim.create("/Users", user())
        other = scim.create("/Users", user())

        r = scim.delete("/Users/" + made["id"], body={"id": other["id"]})

        assert r.status == 204
        assert scim.get("/Users/" + other["id"]).status == 200

    # @spec 7644-3.6-06
    def test_a_deleted_group_leaves_its_members(self, scim):
        ada = scim.create("/Users", user())
        outer_of = scim.create("/Groups", group(ada["id"]))
        outer = scim.create("/Groups", group(outer_of["id"]))

        assert scim.delete("/Groups/" + outer_of["id"]).status == 204

        assert scim.get("/Users/" + ada["id"]).json == ada
        assert "members" not in scim.get("/Groups/" + outer["id"]).json

    def test_a_deleted_manager_leaves_the_managed(self, scim):
        boss = scim.create("/Users", user(displayName="Boss"))
        made = scim.create("/Users", user(**{
            ENTERPRISE: {"manager": {"value": boss["id"]}}}))

        assert scim.delete("/Users/" + boss["id"]).status == 204

        manager = scim.get("/Users/" + made["id"]).json[ENTERPRISE]["manager"]
        assert manager["value"] == boss["id"]
        assert "displayName" not in manager
