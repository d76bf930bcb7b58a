# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 3.5.2: PATCH, and RFC 5789 and 7240 where they apply."""

import threading
import uuid

import pytest

from samples import fresh, full_user, group, user
from scim_client import ENTERPRISE, USER

pytestmark = pytest.mark.both_stores

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
WORK = {"value": "w@example.com", "type": "work"}
HOME = {"value": "h@example.com", "type": "home"}


def message(*operations):
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def op(kind, path=None, *value):
    made = {"op": kind}
    if path is not None:
        made["path"] = path
    if value:
        made["value"] = value[0]
    return made


def patch(scim, target, *operations, query="", **kw):
    return scim.patch(target + query, message(*operations), **kw)


def refused(r, scim_type=None, status=400):
    assert r.status == status, r
    assert r.json["status"] == str(status)
    assert r.json.get("scimType") == scim_type, r


@pytest.fixture
def ada(scim):
    return "/Users/" + scim.create("/Users", full_user())["id"]


@pytest.fixture
def bare(scim):
    return "/Users/" + scim.create("/Users", user())["id"]


@pytest.fixture
def people(scim):
    return [scim.create("/Users", user())["id"] for _ in range(3)]


def members(scim, target):
    shown = scim.get(target).json.get("members", [])
    return sorted(m["value"] for m in shown)


class TestAnswers:
    # @spec 7644-3.5-02, 7644-3.5.2-01, 7644-3.5.2-21, 7644-3.5.2-28,
    #       7644-3.5.2-16, 7643-5-04
    def test_200_with_the_whole_new_state(self, scim, ada, bare):
        assert scim.get("/ServiceProviderConfig").json["patch"] == {
            "supported": True}
        before, other = scim.get(ada), scim.get(bare)

        r = patch(scim, ada, op("replace", "title", "Countess"))

        assert r.status == 200
        assert r.json["title"] == "Countess"
        assert r.json["name"] == before.json["name"]
        assert r.etag == r.json["meta"]["version"] != before.etag
        assert scim.get(ada).json == r.json
        assert scim.get(bare).json == other.json

    # @spec 7644-3.5.2-22, 9110-8.6-01, 9110-15.3.5-01
    def test_a_group_is_answered_with_its_tag_alone(self, scim, people):
        target = "/Groups/" + scim.create("/Groups", group())["id"]

        r = patch(scim, target, op("add", "members",
                                   [{"value": people[0]}]))

        assert (r.status, r.body) == (204, b"")
        assert r.header("Content-Length") is None
        assert r.etag == scim.get(target).etag

    # @spec 7644-3.5.2-23, 7644-3.9-02, 7240-4.2-02
    def test_what_is_asked_for_is_shown(self, scim, ada, people):
        r = patch(scim, ada, op("replace", "title", "A"),
                  query="?attributes=title",
                  headers={"Prefer": "return=minimal"})
        assert r.status == 200
        assert sorted(r.json) == ["id", "schemas", "title"]
        target = "/Groups/" + scim.create("/Groups", group())["id"]
        add = op("add", "members", [{"value": people[0]}])
        r = patch(scim, target, add, query="?excludedAttributes=members")
        assert r.status == 200
        assert "members" not in r.json
        r = patch(scim, target, add,
                  headers={"Prefer": "return=representation"})
        assert r.status == 200
        assert r.header("Preference-Applied") == "return=representation"
        assert [m["value"] for m in r.json["members"]] == [people[0]]

    # @spec 7240-2-01, 7240-2-02, 7240-2-03, 7240-3-01, 7240-4.2-01
    @pytest.mark.parametrize("prefer, status", [
        ("return=minimal", 204), ("RETURN = minimal", 204),
        ("foo=bar; x, return=\"minimal\";y=z", 204),
        ("return=minimal, return=minimal", 204),
        ("return=Minimal", 200), ("respond-async", 200), ("a=\"b, c", 200),
        ("return=representation", 200),
        ("return=minimal, return=representation", 200)])
    def test_a_preference_is_followed(self, scim, bare, prefer, status):
        r = patch(scim, bare, op("replace", "title", "A"),
                  headers={"Prefer": prefer})

        assert r.status == status
        assert r.header("Vary") == "Prefer"
        assert (r.header("Preference-Applied") == "return=minimal") == (
            status == 204)
        assert r.etag == scim.get(bare).etag

    # @spec 7644-3.5.2-26, 7644-3.6-03
    def test_404_when_there_is_nothing(self, scim, bare):
        refused(patch(scim, f"/Users/{uuid.uuid4()}",
                      op("replace", "title", "A")), status=404)
        scim.delete(bare)
        refused(patch(scim, bare, op("replace", "title", "A")), status=404)

    # @spec 7644-3.5.2-27, 7644-3.12-18
    def test_a_taken_name_is_409(self, scim, bare):
        taken = scim.create("/Users", user())["userName"]
        refused(patch(scim, bare, op("replace", "userName", taken.upper())),
                "uniqueness", 409)

    # @spec 7644-3.14-08, 5789-2.2-04, 9110-13.1.1-02
    def test_a_stale_tag_is_412(self, scim, bare):
        old = scim.get(bare).etag
        r = patch(scim, bare, op("replace", "title", "A"),
                  headers={"If-Match": old})
        assert r.status == 200
        late = patch(scim, bare, op("replace", "title", "B"),
                     headers={"If-Match": old})
        refused(late, status=412)
        assert late.etag == r.etag
        assert scim.get(bare).json["title"] == "A"


class TestMessage:
    # @spec 7644-3.5.2-02, 7644-3.5.2-03, 7644-3.5.2-04, 7644-3.5.2-05,
    #       7644-3.5.2-20, 5789-2.2-01, 5789-2.2-03
    @pytest.mark.parametrize("body", [
        "{", "[]", {}, {"schemas": [PATCH_OP]},
        {"Operations": [op("remove", "title")]},
        {"schemas": [USER], "Operations": [op("remove", "title")]},
        message(), message({"path": "title", "value": "x"}),
        message(op("move", "title", "x")), message("x"),
        {"schemas": [PATCH_OP], "Operations": op("remove", "title")}])
    def test_what_is_no_patch_is_refused(self, scim, ada, body):
        before = scim.get(ada).json
        refused(scim.patch(ada, body), "invalidSyntax")
        assert scim.get(ada).json == before

    # @spec 7644-3.5.2-24
    @pytest.mark.parametrize("kind", ["Add", "REPLACE", "Replace"])
    def test_op_in_any_case(self, scim, bare, kind):
        r = patch(scim, bare, op(kind, "title", "x"))
        assert r.json["title"] == "x"
        assert "title" not in patch(scim, bare, op("Remove", "title")).json

    # @spec 7644-3.5.2-07, 7644-3.5.2.2-01, 7644-3.5.2-06, 7644-3.5.2-08,
    #       7644-3.5.2.1-01, 7644-3.5.2.1-02, 7644-3.12-16, 7644-3.12-21,
    #       5789-2-04
    @pytest.mark.parametrize("operation, scim_type", [
        (op("remove"), "noTarget"), (op("add", "title"), "invalidValue"),
        (op("add", None, "x"), "invalidValue"),
        (op("add", "emails[", "x"), "invalidPath"),
        (op("add", "emails[0]", "x"), "invalidPath"),
        (op("add", "a..b", "x"), "invalidPath"),
        (op("add", "nope", "x"), "invalidPath"),
        (op("add", "members", []), "invalidPath"),
        (op("add", 'emails[type zz "x"]', "x"), "invalidFilter")])
    def test_what_can_not_be_meant_is_refused(
            self, scim, ada, operation, scim_type):
        refused(patch(scim, ada, operation), scim_type)

    # @spec 7644-3.5.2-10
    def test_schemas_by_expression_is_no_path(self, scim, ada):
        refused(patch(scim, ada, op("remove", f'schemas eq "{USER}"')),
                "invalidPath")

    # @spec 5789-2.2-02, 5789-3.1-01
    def test_another_media_type_is_415(self, scim, ada):
        r = scim.patch(ada, message(op("remove", "title")),
                       headers={"Content-Type":
                                "application/json-patch+json"})
        refused(r, status=415)
        assert "application/scim+json" in r.header("Accept-Patch")
        r = scim.request("OPTIONS", ada)
        assert "application/scim+json" in r.header("Accept-Patch")

    # @spec 5789-2-03
    def test_header_fields_are_not_stored(self, scim, bare):
        r = patch(scim, bare, op("add", "title", "x"),
                  headers={"Content-Language": "de"})
        assert r.status == 200
        assert scim.get(bare).header("Content-Language") is None


class TestAdd:
    # @spec 7644-3.5.2.1-03, 7644-3.5.2.1-04, 7644-3.5.2.1-06,
    #       7644-3.5.2-25, 7644-3.10-01
    def test_single_values(self, scim, bare):
        r = patch(scim, bare, op("add", "TITLE", "x"),
                  op("add", USER + ":nickName", "n"),
                  op("add", "name", {"givenName": "A", "familyName": "K"}),
                  op("add", "name", {"givenName": "B"}))
        assert (r.json["title"], r.json["nickName"]) == ("x", "n")
        assert r.json["name"] == {"givenName": "B", "familyName": "K"}
        refused(patch(scim, bare, op("add", "name", "x")), "invalidValue")

    # @spec 7644-3.5.2.1-02, 7644-3.5.2.1-11, 7644-3.5.2-15
    def test_without_a_path(self, scim, bare):
        r = patch(scim, bare, op("add", None, {
            "emails": [WORK], "nickName": "n", "name.givenName": "A",
            ENTERPRISE: {"department": "d"},
            ENTERPRISE + ":division": "v"}))
        assert r.status == 200
        assert r.json["name"] == {"givenName": "A"}
        assert r.json[ENTERPRISE] == {"department": "d", "division": "v"}
        assert ENTERPRISE in r.json["schemas"]
        assert r.json["emails"] == [WORK]

    # @spec 7644-3.5.2-14
    def test_schemas_first_then_the_extension(self, scim, bare):
        r = patch(scim, bare, op("add", "schemas", [ENTERPRISE]),
                  op("add", ENTERPRISE + ":department", "d"))
        assert r.status == 200
        assert sorted(r.json["schemas"]) == sorted([USER, ENTERPRISE])

    # @spec 7644-3.5.2.1-05, 7644-3.5.2.1-07, 7644-3.5.2.1-08,
    #       7644-3.5.2.1-09
    def test_values_of_a_list_are_added_once(self, scim, bare):
        r = patch(scim, bare, op("add", "emails", [WORK, HOME]))
        assert r.json["emails"] == [WORK, HOME]
        again = patch(scim, bare, op("add", "emails", [HOME]))
        assert again.status == 200
        assert again.json == r.json

    # @spec 7644-3.5.2.1-10
    def test_a_filter_that_finds_nothing_makes_an_element(self, scim, bare):
        r = patch(scim, bare,
                  op("add", 'emails[type eq "work"].value', "w@example.com"),
                  op("add", 'emails[type eq "work"].display', "W"))
        assert r.json["emails"] == [WORK | {"display": "W"}]

    # @spec 7644-3.5.2-18
    def test_primary_moves(self, scim, bare):
        patch(scim, bare, op("add", "emails", [HOME | {"primary": True}]))
        r = patch(scim, bare, op("add", "emails", [WORK | {"primary": True}]))
        assert [e.get("primary") for e in r.json["emails"]] == [False, True]


class TestRemove:
    # @spec 7644-3.5.2.2-02, 7644-3.5.2.2-03, 7644-3.5.2.2-06,
    #       7644-3.5.2.2-10
    def test_values_go(self, scim, ada):
        r = patch(scim, ada, op("remove", "nickName"),
                  op("remove", "phoneNumbers"), op("remove", ENTERPRISE),
                  op("remove", 'emails[type eq "work"].display'))
        assert not {"nickName", "phoneNumbers", ENTERPRISE} & set(r.json)
        assert r.json["schemas"] == [USER]
        assert all("display" not in e for e in r.json["emails"])
        again = patch(scim, ada, op("remove", "nickName"))
        assert (again.status, again.json) == (200, r.json)

    # @spec 7644-3.5.2.2-04, 7644-3.5.2.2-05
    def test_those_that_a_filter_chooses_go(self, scim, bare):
        patch(scim, bare, op("add", "emails", [WORK, HOME]))
        r = patch(scim, bare, op(
            "remove", 'emails[type eq "work" and value ew "example.com"]'))
        assert r.json["emails"] == [HOME]
        r = patch(scim, bare, op("remove", 'emails[type eq "home"]'))
        assert "emails" not in r.json

    # @spec 7644-3.5.2.2-07, 7644-3.5.2.2-08, 7644-3.5.2-11, 7644-3.5.2-13,
    #       7643-7-13, 7644-3.12-19
    @pytest.mark.parametrize("operation", [
        op("remove", "userName"), op("replace", "userName", None),
        op("remove", "id"), op("remove", "meta"), op("replace", "id", "x"),
        op("replace", "meta.created", "x"), op("remove", "schemas")])
    def test_some_must_stay(self, scim, ada, operation):
        before = scim.get(ada).json
        refused(patch(scim, ada, op("replace", "title", "x"), operation),
                "mutability")
        assert scim.get(ada).json == before

    # @spec 7643-4.1.2-08
    @pytest.mark.settings(profile="strict")
    def test_groups_of_a_user_are_the_groups(self, scim, bare):
        refused(patch(scim, bare, op("add", "groups", [{"value": "x"}])),
                "mutability")


class TestReplace:
    # @spec 7644-3.5.2.3-01, 7644-3.5.2.3-02, 7644-3.5.2.3-04,
    #       7644-3.5.2.3-05, 7644-3.5.2.3-10, 7643-2.5-02, 7643-2.5-04
    def test_values_change(self, scim, ada, bare):
        before = scim.get(ada).json
        r = patch(scim, ada, op("replace", None, {
            "emails": [WORK], "nickName": None, "userType": "x"}),
            op("replace", "name", {"givenName": "B"}),
            op("replace", "active", "False"))
        assert r.json["emails"] == [WORK]
        assert "nickName" not in r.json
        assert r.json["active"] is False
        assert r.json["name"] == before["name"] | {"givenName": "B"}
        unset = scim.get(bare)
        r = patch(scim, bare, op("replace", "emails", []))
        assert (r.status, r.etag) == (200, unset.etag)

    # @spec 7644-3.5.2-09, 7644-3.5.2.3-03, 7644-3.5.2.3-06,
    #       7644-3.5.2.3-07, 7644-3.5.2.3-09
    def test_those_that_a_filter_chooses_change(self, scim, bare):
        patch(scim, bare, op("replace", "emails",
                             [WORK, HOME | {"primary": True}]))
        r = patch(scim, bare, op("replace", 'emails[type eq "work"].value',
                                 "n@example.com"))
        assert r.json["emails"] == [WORK | {"value": "n@example.com"},
                                    HOME | {"primary": True}]
        r = patch(scim, bare, op("replace", 'emails[type eq "work"]',
                                 WORK | {"primary": True}))
        assert r.json["emails"] == [WORK | {"primary": True},
                                    HOME | {"primary": False}]

    # @spec 7644-3.5.2.3-08, 7644-3.12-22
    def test_a_filter_that_finds_nothing_has_no_target(self, scim, bare):
        before = scim.get(bare).json
        refused(patch(scim, bare, op("replace", "title", "x"),
                      op("replace", 'emails[type eq "none"].value', "x")),
                "noTarget")
        assert scim.get(bare).json == before

    @pytest.mark.settings(profile="entra")
    def test_for_entra_it_makes_the_element(self, scim, bare):
        r = patch(scim, bare, op(
            "Replace", 'emails[type eq "work"].value', "w@example.com"))
        assert r.json["emails"] == [WORK]

    # @spec 7643-2.5-02, 7644-3.5.2-17
    @pytest.mark.parametrize("first", [
        op("replace", "emails", [{"unheardOf": "x"}]),
        op("remove", "emails.value"),
        op("replace", "emails[value pr]", {"unheardOf": "x"})])
    def test_an_emptied_value_is_no_target_any_more(self, scim, first):
        one = "/Users/" + scim.create("/Users", user(
            emails=[{"value": "a@example.com"}]))["id"]
        refused(patch(scim, one, first, op("replace", "emails.type", "work")),
                "noTarget")
        assert "emails" not in patch(scim, one, first).json

    # @spec 7643-4.1.1-12, 7643-4.1.1-19
    def test_a_password_is_a_change_that_is_not_shown(self, scim, bare):
        before = scim.get(bare)
        r = patch(scim, bare, op("replace", "password", "t1meMa$heen"))
        assert r.status == 200
        assert "password" not in r.json
        assert r.etag != before.etag


class TestMembers:
    @pytest.fixture
    def team(self, scim, people):
        return "/Groups/" + scim.create("/Groups", group(*people[:1]))["id"]

    # @spec 7644-3.5.2-17, 7644-3.5.2.2-09, 7643-4.2-03
    def test_they_come_and_go(self, scim, team, people):
        first, second, third = people
        steps = [
            ([op("add", "members", [{"value": second}, {"value": third}])],
             people),
            ([op("remove", f'members[value eq "{second}"]')],
             [first, third]),
            ([op("remove", "members", [{"value": third, "$ref": None}])],
             [first]),
            ([op("remove", "members"),
              op("add", "members", [{"value": second}, {"value": third}])],
             [second, third]),
            ([op("replace", "members", [{"value": first}])], [first]),
            ([op("replace", None, {"members": [{"value": second}]})],
             [second]),
            ([op("remove", 'members[type eq "User"]')], []),
            ([op("add", None, {"members": [{"value": first}]}),
              op("remove", "members")], []),
        ]
        for operations, wanted in steps:
            r = patch(scim, team, *operations)
            assert r.status == 204, (operations, r)
            assert members(scim, team) == sorted(wanted), operations
            assert scim.get(team).etag == r.etag

    # @spec 7644-3.5.2.1-08, 7644-3.5.2.2-09
    def test_what_changes_nothing_changes_nothing(
            self, scim, team, people):
        before = scim.get(team)
        for operations in (
                [op("add", "members", [{"value": people[0]}])],
                [op("remove", f'members[value eq "{people[1]}"]')],
                [op("remove", "members", [{"value": "nobody"}])],
                [op("add", "members", [{"value": people[1]}]),
                 op("remove", "members", [{"value": people[1]}])],
                [op("replace", "members", [{"value": people[0]}])],
                [op("remove", "members"),
                 op("add", "members", [{"value": people[0]}])]):
            r = patch(scim, team, *operations)
            assert (r.status, r.etag) == (204, before.etag), operations
        assert scim.get(team).json == before.json

    # @spec 7643-4.2-03, 7643-2.4-06, 7644-3.5.2-12
    def test_they_do_not_change(self, scim, team, people):
        for path in (f'members[value eq "{people[0]}"].value',
                     f'members[value eq "{people[0]}"].display',
                     "members.type"):
            refused(patch(scim, team, op("replace", path, "x")),
                    "mutability")

    def test_one_that_does_not_exist_is_named(self, scim, team):
        ghost = str(uuid.uuid4())
        r = patch(scim, team, op("add", "members", [{"value": ghost}]))
        refused(r, "invalidValue")
        assert ghost in r.json["detail"]


class TestAtOnce:
    # @spec 7644-3.5.2-19, 5789-2-02
    def test_all_or_nothing(self, scim, ada, people):
        before = scim.get(ada)
        refused(patch(scim, ada, op("replace", "title", "x"),
                      op("add", "emails", [WORK]),
                      op("replace", "active", "x")), "invalidValue")
        after = scim.get(ada)
        assert (after.etag, after.json) == (before.etag, before.json)
        team = "/Groups/" + scim.create("/Groups", group())["id"]
        before = scim.get(team)
        refused(patch(scim, team,
                      op("add", "members", [{"value": people[0]}]),
                      op("remove", "displayName")), "mutability")
        assert scim.get(team).json == before.json

    # @spec 5789-2-01
    def test_nobody_sees_half_of_it(self, server, scim, bare):
        stop = threading.Event()
        torn = []

        def watch():
            reader = server.client()
            while not stop.is_set():
                seen = reader.get(bare).json
                if seen.get("title") != seen.get("nickName"):
                    torn.append(seen)
            reader.close()

        watcher = threading.Thread(target=watch)
        watcher.start()
        for i in range(60):
            patch(scim, bare, op("replace", "title", str(i)),
                  op("replace", "nickName", str(i)))
        stop.set()
        watcher.join()
        assert not torn

    def test_patches_of_many_clients_all_stand(self, server, scim):
        ids = [scim.create("/Users", user())["id"] for _ in range(12)]
        team = "/Groups/" + scim.create("/Groups", group())["id"]
        target = "/Users/" + scim.create("/Users", user())["id"]
        answers = []

        def work(who):
            mine = server.client()
            answers.append(patch(mine, team, op(
                "add", "members", [{"value": who}])).status)
            answers.append(patch(mine, target, op(
                "add", "emails", [{"value": fresh()}])).status)
            mine.close()

        threads = [threading.Thread(target=work, args=(i,)) for i in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200] * 12 + [204] * 12
        assert members(scim, team) == sorted(ids)
        assert len(scim.get(target).json["emails"]) == 12
