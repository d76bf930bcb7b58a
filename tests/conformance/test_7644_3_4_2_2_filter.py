# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 3.4.2.2: the whole filter language, over HTTP."""

import pytest

from samples import fresh, user
from scim_client import ENTERPRISE, USER, quote

pytestmark = pytest.mark.both_stores

# Of each the rest of a user; the names begin with what makes them ours.
PEOPLE = {
    "ann": {"title": "Boss", "active": True,
            "name": {"givenName": "Ann", "familyName": "O'Malley"},
            "emails": [{"value": "ann@x.example", "type": "work"},
                       {"value": "home@y.example", "type": "home"}]},
    "bob": {"title": "boss", "active": False, "externalId": "Ext",
            "emails": [{"value": "bob@y.example", "type": "work",
                        "primary": True}]},
    "cy": {"schemas": [USER, ENTERPRISE], "userType": "Intern",
           ENTERPRISE: {"department": "R&D"}},
    "Dee": {"name": {"familyName": "dee\"quoted\\"}, "active": True,
            "x509Certificates": [{"value": "QUJD"}]},
}


@pytest.fixture
def people(scim):
    mine = fresh("f-")
    made = {name: scim.create("/Users", user(
        **{"userName": f"{mine}-{name}"} | rest))
        for name, rest in PEOPLE.items()}
    return mine, made


def found(scim, people, text):
    """The names of ours that match, in the order of the answer."""
    mine, made = people
    names = {u["id"]: name for name, u in made.items()}
    r = scim.get("/Users?count=1000&filter=" + quote(
        f'userName sw "{mine}" and ({text})'))
    assert r.status == 200, r
    assert r.json["totalResults"] == len(r.resources)
    return [names[u["id"]] for u in r.resources]


# @spec 7644-3.4.2.2-07, 7644-3.4.2.2-09, 7644-3.4.2.2-10, 7644-3.4.2.2-11,
#       7644-3.4.2.2-12, 7644-3.4.2.2-13, 7644-3.4.2.2-21, 7644-3.4.2.2-22,
#       7644-3.4.2.2-23, 7644-3.4.2.2-24, 7644-3.4.2.2-25, 7644-3.4.2.2-26,
#       7644-3.4.2.2-29, 7644-3.4.2.2-35, 7644-3.4.2.2-36, 7644-3.4.2.2-37,
#       7644-3.4.2.2-38, 7644-3.4.2.2-39, 7644-3.4.2.2-40, 7644-3.4.2.2-45,
#       7644-3.4.2.2-48, 7643-7-10
@pytest.mark.parametrize("text, want", [
    ('title pr', "ann bob"),
    ('title eq "BOSS"', "ann bob"),
    ('externalId eq "Ext"', "bob"),
    ('externalId eq "ext"', ""),
    ('title ne "boss"', "cy Dee"),
    ('not (title pr)', "cy Dee"),
    ('not(title pr)', "cy Dee"),
    ('title eq null', "cy Dee"),
    ('title ne null', "ann bob"),
    ('name.familyName co "malley"', "ann"),
    ('name.familyName ew "QUOTED\\\\"', "Dee"),
    ('name.familyName co "\\"q"', "Dee"),
    ('name pr', "ann Dee"),
    ('active eq true', "ann Dee"),
    ('active eq "False"', "bob"),
    ('active ne true', "bob cy"),
    ('emails co "y.example"', "ann bob"),
    ('emails.type eq "work" and emails.value ew "y.example"', "ann bob"),
    ('emails[type eq "work" and value ew "y.example"]', "bob"),
    ('emails[type eq "work"].value ew "y.example"', "bob"),
    ('emails[not (type eq "work") or primary eq true]', "ann bob"),
    (f'schemas eq "{ENTERPRISE}"', "cy"),
    (f'{ENTERPRISE}:department eq "r&d"', "cy"),
    (f'{USER}:title sw "b"', "ann bob"),
    ('title pr or userType pr and active eq false', "ann bob"),
    ('(title pr or userType pr) and active eq false', "bob"),
    ('not (title pr) and active pr or userType eq "intern"', "cy Dee"),
    ('x509Certificates.value eq "QUJD"', "Dee"),
])
def test_a_filter_finds_what_it_says(scim, people, text, want):
    assert found(scim, people, text) == want.split()


# @spec 7644-3.4.2.2-14, 7644-3.4.2.2-15, 7644-3.4.2.2-16, 7644-3.4.2.2-17,
#       7644-3.4.2.2-20
def test_times_compare_as_times(scim, people):
    made = people[1]
    at = made["bob"]["meta"]["lastModified"]
    elsewhere = at.replace("Z", "+00:00")

    for text in (at, elsewhere):
        assert "bob" in found(scim, people, f'meta.lastModified ge "{text}"')
        assert "bob" in found(scim, people, f'meta.created le "{text}"')
        assert "bob" in found(scim, people, f'meta.lastModified eq "{text}"')
        assert "bob" not in found(scim, people,
                                  f'meta.lastModified gt "{text}"')
        assert "bob" not in found(scim, people, f'meta.created lt "{text}"')


def test_matches_come_in_the_order_of_creation_by_pages(scim):
    mine = fresh("p-")
    ids = [scim.create("/Users", user(userName=f"{mine}-{9 - n}",
                                      nickName=mine))["id"]
           for n in range(7)]

    for text in (f'userName sw "{mine}"', f'nickName eq "{mine}"'):
        seen = []
        for start in (1, 4, 7, 10):
            r = scim.get(f"/Users?startIndex={start}&count=3&filter="
                         + quote(text))
            assert r.json["totalResults"] == 7
            seen += [u["id"] for u in r.resources]
        assert seen == ids


def test_groups_are_found_by_member_and_users_by_group(scim):
    a, b = (scim.create("/Users", user()) for _ in range(2))
    g, h = (scim.create("/Groups", {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": fresh("g-"),
        "members": [{"value": u["id"]} for u in members]})
        for members in ((a, b), (b,)))

    for text, path, want in (
            (f'members.value eq "{b["id"]}"', "/Groups", [g, h]),
            (f'members[value eq "{a["id"]}"]', "/Groups", [g]),
            (f'members eq "{a["id"]}" and displayName pr', "/Groups", [g]),
            (f'id eq "{g["id"]}" and members eq "{a["id"]}"', "/Groups", [g]),
            (f'id eq "{h["id"]}" and members eq "{a["id"]}"', "/Groups", []),
            (f'groups.value eq "{h["id"]}" and id eq "{b["id"]}"',
             "/Users", [b])):
        r = scim.get(f"{path}?filter=" + quote(text))
        assert [x["id"] for x in r.resources] == [x["id"] for x in want]


# @spec 7644-3.4.2.2-18, 7644-3.4.2.2-19, 7644-3.4.2.2-27, 7644-3.4.2.2-28,
#       7644-3.4.2.2-46
@pytest.mark.parametrize("text, at", [
    ('active gt true', 1), ('x509Certificates.value gt "AA"', 1),
    ('active co "t"', 1), ('userName eq 5', 13), ('title gt null', 1),
    ('emails[userName eq "x"]', 8), ('emails[]', 8),
    ('emails[type eq "a" and emails[type eq "b"]]', 30),
    ('meta.lastModified gt "yesterday"', 22), ('name eq "x"', 1),
    ('title pr and shoeSize eq 44', 14),
    ('displayName eq "\u00e9" nonsense', 20),
])
def test_what_makes_no_sense_is_refused_where_it_stands(scim, text, at):
    r = scim.get("/Users?filter=" + quote(text))

    assert r.status == 400
    assert r.scim_type == "invalidFilter"
    assert f"at character {at}." in r.json["detail"]


@pytest.mark.parametrize("profile, status", [
    ("default", 400), ("strict", 400), ("entra", 200), ("okta", 200)])
def test_a_dot_after_a_urn_is_read_by_profile(servers, profile, status):
    scim = servers("memory", profile=profile).client()
    scim.create("/Users", user(
        schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "R&D"}}))
    r = scim.get("/Users?filter=" + quote(f'{ENTERPRISE}.department eq "r&d"'))

    assert r.status == status
    if status == 200:
        assert r.json["totalResults"] >= 1
    scim.close()
