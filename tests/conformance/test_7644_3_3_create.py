# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 3.3: POST makes a resource."""

import re

import pytest

from samples import eq, fresh, full_user, group, stored_part, user
from scim_client import ENTERPRISE, GROUP, USER

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

pytestmark = pytest.mark.both_stores


# @spec 7644-3.3-01, 7644-3.3-06, 7644-3.3-07, 7644-3.3-08, 7644-3.3-09,
#       7644-3.3-16, 7643-3.1-02, 7643-3.1-04
@pytest.mark.parametrize("endpoint, body", [("/Users", user),
                                            ("/Groups", group)])
def test_create_answers_201_with_the_resource(scim, endpoint, body):
    r = scim.post(endpoint, body())

    assert r.status == 201
    made = r.json
    assert UUID.fullmatch(made["id"])
    assert r.header("Location") == f"{scim.url}{endpoint}/{made['id']}"
    assert made["meta"]["location"] == r.header("Location")
    assert made["meta"]["version"] == r.etag
    assert scim.get(f"{endpoint}/{made['id']}").json == made


# @spec 7644-3.3-17, 7643-2.3.5-02, 7643-3.1-19
def test_created_and_last_modified_are_equal(scim):
    meta = scim.create("/Users", user())["meta"]

    assert meta["created"] == meta["lastModified"]
    assert TIME.fullmatch(meta["created"])


# @spec 7644-3.3.1-01, 7643-3-01, 7643-1.1-01
def test_the_resource_type_is_set_by_the_server(scim):
    wrong = {"meta": {"resourceType": "Robot"}}

    assert scim.create("/Users", user(**wrong))["meta"][
        "resourceType"] == "User"
    assert scim.create("/Groups", group(**wrong))["meta"][
        "resourceType"] == "Group"


# @spec 7644-3.1-08, 7643-4.1.2-05
def test_everything_sent_is_stored(scim):
    body = full_user()

    made = scim.create("/Users", body)

    assert stored_part(made) == stored_part(body | {
        ENTERPRISE: made[ENTERPRISE]})
    manager = made[ENTERPRISE].pop("manager")
    expected = dict(body[ENTERPRISE])
    assert manager["value"] == expected.pop("manager")["value"]
    assert made[ENTERPRISE] == expected
    assert made["schemas"] == [USER, ENTERPRISE]


# @spec 7644-3.3-02, 7643-3.1-07, 7643-3.1-14, 7643-7-13, 7644-3.1-07
def test_what_only_the_server_writes_is_ignored(scim):
    made = scim.create("/Users", user(
        id="mine", groups=[{"value": "x", "type": "direct"}],
        meta={"location": "http://x.example/", "version": 'W/"1"',
              "created": "2001-01-01T00:00:00Z",
              "lastModified": "not a time"}))

    assert UUID.fullmatch(made["id"])
    assert "groups" not in made
    assert made["meta"]["location"].startswith(scim.url)
    assert not made["meta"]["created"].startswith("2001")


# @spec 7644-3.3-03
def test_what_is_not_sent_is_not_there(scim):
    made = scim.create("/Users", user())

    assert sorted(made) == ["id", "meta", "schemas", "userName"]


# @spec 7644-3.3-05, 7643-2.5-01, 7643-2.5-02, 7643-2.5-03
def test_null_and_empty_mean_unassigned(scim):
    made = scim.create("/Users", user(
        nickName=None, emails=[], name=None, roles=None,
        **{ENTERPRISE: {"manager": None}}))

    assert sorted(made) == ["id", "meta", "schemas", "userName"]


# @spec 7644-3.3-10, 7644-3.12-11, 7644-3.12-18, 7643-4.1.1-02, 7643-7-22,
#       9110-15.5.10-01
def test_a_user_name_is_taken_once(scim):
    body = user()
    scim.create("/Users", body)

    r = scim.post("/Users", body)

    assert r.status == 409
    assert r.scim_type == "uniqueness"
    assert "userName" in r.detail


# @spec 7644-3.3-11, 7643-4.1.1-03
def test_a_user_name_is_taken_in_every_case(scim):
    name = fresh("Straße-Ünal")
    scim.create("/Users", user(userName=name))

    for variant in (name.upper(), name.lower(), name.swapcase()):
        r = scim.post("/Users", user(userName=variant))
        assert r.status == 409, variant


# @spec 7644-5-01, 7644-7.8-01, 7644-5-02
def test_a_user_name_is_taken_in_every_unicode_form(scim):
    name = fresh("jos\u00e9")
    made = scim.create("/Users", user(userName=name))
    assert made["userName"] == name

    for variant in (name.replace("\u00e9", "e\u0301"),
                    name.replace("jos", "\uff4a\uff4f\uff53")):
        r = scim.post("/Users", user(userName=variant))
        assert r.status == 409, variant


# @spec 7644-5-01, 7644-7.8-01
def test_what_can_not_be_seen_makes_no_other_name(scim):
    made = scim.create("/Users", user())

    for invisible in "\u200b\u200d\u00ad\u2060\ufeff\u202e":
        name = made["userName"][:3] + invisible + made["userName"][3:]
        r = scim.post("/Users", user(userName=name))
        assert r.status == 409, hex(ord(invisible))


# @spec 7643-3.1-12, 7643-7-24
def test_other_values_may_repeat(scim):
    same = {"externalId": fresh(), "displayName": "Same",
            "emails": [{"value": "same@example.com"}]}

    ids = {scim.create("/Users", user(**same))["id"] for _ in range(3)}
    name = fresh("group")
    ids |= {scim.create("/Groups", group(displayName=name))["id"]
            for _ in range(2)}

    # @spec 7643-3.1-05
    assert len(ids) == 5


@pytest.mark.settings(unique_group_names="yes")
def test_group_names_are_unique_when_the_tenant_says_so(scim):
    made = scim.create("/Groups", group())

    r = scim.post("/Groups", group(displayName=made["displayName"].upper()))

    assert r.status == 409
    assert r.scim_type == "uniqueness"


# @spec 7643-3.1-10
def test_the_server_sets_no_external_id(scim):
    assert "externalId" not in scim.create("/Users", user())


# @spec 7644-3.3-12, 7644-3.12-23, 7643-4.2-02, 7643-4.1.1-01
@pytest.mark.parametrize("endpoint, schema, name, values", [
    ("/Users", USER, "userName", [{}, {"userName": None}, {"userName": ""}]),
    ("/Groups", GROUP, "displayName", [{}, {"displayName": None}]),
])
def test_a_required_value_must_be_there(scim, endpoint, schema, name, values):
    for value in values:
        r = scim.post(endpoint, {"schemas": [schema], **value})

        assert r.status == 400, value
        assert r.scim_type == "invalidValue"
        assert name in r.detail


# @spec 7644-3.3-13, 7644-3.12-07, 7644-3.12-20
@pytest.mark.parametrize("body", [b"", b"{", b"}", b"nonsense", b"{'a':1}",
                                  b'{"a":1,}', b'{"a" 1}', b"{}{}", b"\x00"])
def test_what_is_not_json_is_invalid_syntax(scim, body):
    r = scim.post("/Users", body)

    assert r.status == 400
    assert r.scim_type == "invalidSyntax"


@pytest.mark.parametrize("body", [b"[]", b"null", b"true", b"1", b'"x"',
                                  b'[{"userName":"x"}]'])
def test_a_body_is_an_object(scim, body):
    r = scim.post("/Users", body)

    assert r.status == 400
    assert r.scim_type == "invalidSyntax"


# @spec 7644-3.3-15, 7643-3.3-01
@pytest.mark.parametrize("schemas", [
    "absent", None, [], "", USER, {}, [1], [None], [""], [ENTERPRISE],
    [GROUP],
])
def test_schemas_must_name_the_base_schema(scim, schemas):
    body = user()
    if schemas == "absent":
        del body["schemas"]
    else:
        body["schemas"] = schemas

    r = scim.post("/Users", body)

    assert r.status == 400
    assert r.scim_type in ("invalidSyntax", "invalidValue")
    assert "schemas" in r.detail
    r = scim.get("/Users" + eq("userName", body["userName"]))
    assert r.json["totalResults"] == 0


# @spec 7643-3-04, 7643-3-05, 7643-3-06, 7643-3.3-02
def test_schemas_come_back_as_they_apply(scim):
    legacy = "urn:scim:schemas:core:1.0"
    for sent in ([ENTERPRISE, USER], [legacy, USER, ENTERPRISE],
                 [USER, ENTERPRISE, "urn:example:other"]):
        made = scim.create("/Users", user(
            schemas=sent, **{ENTERPRISE: {"department": "Ink"}}))

        assert sorted(made["schemas"]) == sorted([USER, ENTERPRISE])


# @spec 7643-3.3-04, 7643-3.3-03, 7643-3.3-05
def test_extension_data_brings_its_schema(scim):
    made = scim.create("/Users", user(
        department="Top level", **{ENTERPRISE.upper(): {"DEPARTMENT": "Ink"}}))

    assert made["schemas"] == [USER, ENTERPRISE]
    assert made[ENTERPRISE] == {"department": "Ink"}
    assert "department" not in made


# @spec 7643-3-09, 7644-3.1-04
def test_unknown_attributes_are_ignored(scim):
    made = scim.create("/Users", user(
        shoeSize=42, name={"givenName": "Ada", "magicName": "x"},
        **{"urn:example:ext": {"a": 1}}))

    assert sorted(made) == ["id", "meta", "name", "schemas", "userName"]
    assert made["name"] == {"givenName": "Ada"}
    assert made["schemas"] == [USER]


def test_a_key_with_a_dot_is_a_path_or_nothing(scim):
    made = scim.create("/Users", user(**{"name.familyName": "King"}))

    assert "name.familyName" not in made
    assert made.get("name", {"familyName": "King"}) == {"familyName": "King"}


# @spec 7643-2.1-03, 7643-2.1-05
def test_names_are_read_in_any_case_and_written_in_one(scim):
    name = fresh()

    made = scim.create("/Users", {
        "SCHEMAS": [USER.upper()], "USERNAME": name,
        "eMails": [{"VALUE": "a@example.com", "Type": "work"}]})

    assert made["userName"] == name
    assert made["emails"] == [{"value": "a@example.com", "type": "work"}]
    assert made["schemas"] == [USER]


# @spec 7643-2.1-04
def test_one_name_twice_is_refused(scim):
    for body in (b'{"schemas":["%s"],"userName":"a","userName":"b"}',
                 b'{"schemas":["%s"],"userName":"a","USERNAME":"b"}',
                 b'{"schemas":["%s"],"userName":"a",'
                 b'"name":{"givenName":"a","GivenName":"b"}}'):
        r = scim.post("/Users", body % USER.encode())
        assert r.status == 400
        assert r.scim_type in ("invalidSyntax", "invalidValue")


# @spec 7643-3.1-08
def test_ids_are_the_server_s(scim):
    for wanted in ("bulkId:x", "", "../x", 7, None, {}):
        made = scim.create("/Users", user(id=wanted))
        assert UUID.fullmatch(made["id"])


# @spec 7644-3.9-02, 7644-3.9-01
def test_the_answer_can_be_projected(scim):
    r = scim.post("/Users?attributes=userName", full_user())
    assert r.status == 201
    assert sorted(r.json) == ["id", "schemas", "userName"]

    whole = scim.get("/Users/" + r.json["id"])
    assert whole.etag == r.etag
    assert "emails" in whole.json

    r = scim.post("/Users?excludedAttributes=emails,name", full_user())
    assert not {"emails", "name"} & set(r.json)
    assert "addresses" in r.json


# @spec 7643-4.2-04, 7643-2.3.7-06, 7643-2.3.7-04
def test_members_are_users_and_groups(scim):
    ada = scim.create("/Users", user(displayName="Ada"))
    inner = scim.create("/Groups", group())

    made = scim.create("/Groups", group(members=[
        {"value": ada["id"], "display": "The Countess"},
        {"value": inner["id"], "type": "Group", "$ref": None},
    ]))

    by_id = {m["value"]: m for m in made["members"]}
    assert len(made["members"]) == 2
    assert by_id[ada["id"]]["type"] == "User"
    assert by_id[ada["id"]]["$ref"] == ada["meta"]["location"]
    assert by_id[ada["id"]]["display"] == "The Countess"
    assert by_id[inner["id"]]["type"] == "Group"
    assert by_id[inner["id"]]["$ref"] == inner["meta"]["location"]
    for member in made["members"]:
        there = scim.get(member["$ref"])
        assert (there.status, there.json["id"]) == (200, member["value"])


# @spec 7643-2.3.7-05
def test_a_member_that_is_not_there_is_refused_by_name(scim):
    real = scim.create("/Users", user())["id"]
    unknown = "00000000-0000-4000-8000-000000000000"
    body = group(real, unknown)

    r = scim.post("/Groups", body)

    assert r.status == 400
    assert r.scim_type == "invalidValue"
    assert unknown in r.detail
    assert real not in r.detail
    r = scim.get("/Groups" + eq("displayName", body["displayName"]))
    assert r.json["totalResults"] == 0


@pytest.mark.settings(dangling_members="drop")
def test_a_member_that_is_not_there_is_dropped_if_the_tenant_says_so(scim):
    real = scim.create("/Users", user())["id"]

    made = scim.create("/Groups", group(real, "nobody"))

    assert [m["value"] for m in made["members"]] == [real]


@pytest.mark.settings(dangling_members="keep")
def test_a_member_that_is_not_there_is_kept_if_the_tenant_says_so(scim):
    unknown = "00000000-0000-4000-8000-000000000000"

    made = scim.create("/Groups", group(unknown))

    assert [m["value"] for m in made["members"]] == [unknown]


# @spec 7643-4.2-06
def test_a_member_has_a_value(scim):
    for members in ([{}], [{"value": ""}], [{"value": None}],
                    [{"type": "User"}], [{"value": 7}], ["bare"]):
        r = scim.post("/Groups", group(members=members))
        if r.status == 201:
            assert members in ([{}], [{"value": None}])
            assert "members" not in r.json
        else:
            assert r.status == 400, members


def test_a_member_named_twice_is_in_once(scim):
    ada = scim.create("/Users", user())["id"]

    made = scim.create("/Groups", group(ada, ada))

    assert [m["value"] for m in made["members"]] == [ada]


# @spec 7644-3.3-13
def test_more_members_than_the_limit_are_refused(scim):
    many = [{"value": f"00000000-0000-4000-8000-{n:012}"}
            for n in range(10001)]

    r = scim.post("/Groups", group(members=many))

    assert r.status == 413
