# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 sections 3.4 and 3.9: reading one resource or many."""

import time
import uuid

import pytest

from samples import eq, fresh, full_user, group, user
from scim_client import ENTERPRISE, LIST, USER, quote


@pytest.fixture
def ada(scim):
    return scim.create("/Users", full_user())


class TestOneResource:
    pytestmark = pytest.mark.both_stores

    # @spec 7644-3.4.1-01, 7644-3.2-07, 7643-2.1-01
    def test_get_answers_200_with_the_resource(self, scim, ada):
        r = scim.get("/Users/" + ada["id"])

        assert r.status == 200
        assert r.json == ada
        assert "Resources" not in r.json

    # @spec 7644-3.4.1-03, 7644-3.12-10
    @pytest.mark.parametrize("unknown", [
        "none", str(uuid.uuid4()), "bulkId:x", "%00", "a%2Fb", "..", "%2e%2e",
        "x" * 1000, "%C3%28", "'%20or%20'1'='1", "%F0%9F%98%80",
    ])
    def test_an_unknown_id_is_404(self, scim, unknown):
        for endpoint in ("/Users/", "/Groups/"):
            assert scim.get(endpoint + unknown).status in (400, 404)
        assert scim.get("/Users").status == 200

    # @spec 7644-3.4.1-04, 7643-3.1-09
    def test_an_id_is_matched_exactly(self, scim):
        made = scim.create("/Users", user())
        while made["id"] == made["id"].upper():
            made = scim.create("/Users", user())

        assert scim.get("/Users/" + made["id"].upper()).status == 404
        assert scim.get("/Groups/" + made["id"]).status == 404

    # @spec 7644-3.2-06, 9110-9.2.1-01
    def test_reading_changes_nothing(self, scim, ada):
        path = "/Users/" + ada["id"]
        for query in ("", "?action=delete", "?_method=DELETE"):
            r = scim.get(path + query)
            assert r.status == 200
            assert r.json == ada

    # @spec 9110-9.3.1-01
    def test_a_body_means_nothing_to_get(self, scim, ada):
        r = scim.get("/Users/" + ada["id"], body={"userName": "x"})

        assert r.status == 200
        assert r.json == ada

    # @spec 7644-3.2-07, 7643-2.1-05
    def test_groups_are_derived(self, scim, ada):
        inner = scim.create("/Groups", group(ada["id"]))
        outer = scim.create("/Groups", group(inner["id"]))

        r = scim.get("/Users/" + ada["id"])

        # @spec 7643-4.1.2-07, 7643-4.1.2-09
        assert sorted((g["value"], g["type"], g["display"], g["$ref"])
                      for g in r.json["groups"]) == sorted([
            (inner["id"], "direct", inner["displayName"],
             inner["meta"]["location"]),
            (outer["id"], "indirect", outer["displayName"],
             outer["meta"]["location"])])
        scim.delete("/Groups/" + inner["id"])
        assert "groups" not in scim.get("/Users/" + ada["id"]).json

    # @spec 7643-4.2-05
    def test_groups_in_a_circle_end(self, scim, ada):
        one = scim.create("/Groups", group(ada["id"]))
        two = scim.create("/Groups", group(one["id"]))
        r = scim.put("/Groups/" + one["id"], one | {
            "members": [{"value": ada["id"]}, {"value": two["id"]},
                        {"value": one["id"]}]})
        assert r.status == 200

        groups = scim.get("/Users/" + ada["id"]).json["groups"]

        assert {g["value"]: g["type"] for g in groups} == {
            one["id"]: "direct", two["id"]: "indirect"}

    # @spec 7643-4.3-02
    def test_the_manager_s_name_is_looked_up(self, scim):
        boss = scim.create("/Users", user(displayName="The Boss"))
        made = scim.create("/Users", user(**{ENTERPRISE: {"manager": {
            "value": boss["id"], "displayName": "Not this"}}}))
        assert made[ENTERPRISE]["manager"] == {
            "value": boss["id"], "$ref": boss["meta"]["location"],
            "displayName": "The Boss"}

        scim.put("/Users/" + boss["id"], boss | {"displayName": "New Name"})

        r = scim.get("/Users/" + made["id"])
        assert r.json[ENTERPRISE]["manager"]["displayName"] == "New Name"
        assert r.etag != made["meta"]["version"]


class TestProjection:
    pytestmark = pytest.mark.both_stores

    # @spec 7644-3.4.2.5-01, 7644-3.4.2.5-02, 7644-3.4.2.5-03, 7644-3.9-03,
    #       7643-7-17, 7643-7-19, 7643-3.1-16
    @pytest.mark.parametrize("attributes, shown", [
        ("userName", {"userName": ...}),
        ("username", {"userName": ...}),
        ("id", {}),
        ("emails.value,name.givenName",
         {"emails": [{"value": ...}, {"value": ...}],
          "name": {"givenName": "Ada"}}),
        ("EMAILS.VALUE", {"emails": [{"value": ...}, {"value": ...}]}),
        (f"{USER}:userName", {"userName": ...}),
        (f"{USER.upper()}:NAME.GIVENNAME", {"name": {"givenName": "Ada"}}),
        (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "Notes"}}),
        (f"{ENTERPRISE}:manager.value",
         {ENTERPRISE: {"manager": {"value": ...}}}),
        ("meta.version", {"meta": {"version": ...}}),
        (" userName , nosuch,", {"userName": ...}),
        ("nosuch", {}),
        ("nickName,nickName", {"nickName": "Ada"}),
        ("password", {}),
    ])
    def test_attributes_are_all_that_is_shown(self, scim, ada, attributes,
                                              shown):
        # @spec 7644-3.9-06, 7644-3.9-08, 7643-7-18, 7644-3.10-01,
        #       7644-3.10-02, 7644-3.10-03
        r = scim.get(f"/Users/{ada['id']}?attributes={quote(attributes)}")

        assert r.status == 200
        body = r.json
        assert body.pop("id") == ada["id"]
        assert body.pop("schemas") == ada["schemas"]
        assert same_shape(body, shown), body

    # @spec 7644-3.4.2.5-04, 7644-3.4.2.5-05, 7644-3.9-04
    @pytest.mark.parametrize("excluded, gone", [
        ("emails,name", ["emails", "name"]),
        ("EMAILS", ["emails"]),
        ("id,schemas", []),
        (f"{ENTERPRISE}:department", []),
        (ENTERPRISE, [ENTERPRISE]),
        ("nosuch", []),
        ("meta", ["meta"]),
    ])
    def test_excluded_attributes_are_left_out(self, scim, ada, excluded,
                                              gone):
        r = scim.get(f"/Users/{ada['id']}?excludedAttributes="
                     + quote(excluded))

        assert r.status == 200
        assert set(ada) - set(r.json) == set(gone)

    def test_a_sub_attribute_is_left_out_alone(self, scim, ada):
        r = scim.get(f"/Users/{ada['id']}"
                     "?excludedAttributes=name.givenName,emails.display")

        assert "givenName" not in r.json["name"]
        assert r.json["name"]["familyName"] == "King"
        assert all("display" not in e for e in r.json["emails"])

    # @spec 7644-3.9-05
    def test_both_parameters_exclude_each_other(self, scim, ada):
        r = scim.get(f"/Users/{ada['id']}?attributes=userName"
                     "&excludedAttributes=name")

        assert r.status == 400
        assert r.scim_type == "invalidValue"

    # @spec 7644-3.10-04
    def test_an_extension_s_attribute_needs_its_schema(self, scim, ada):
        r = scim.get(f"/Users/{ada['id']}?attributes=department")

        assert r.status == 200
        assert sorted(r.json) == ["id", "schemas"]

    # @spec 7644-3.4-01, 7643-4.1.1-12
    def test_a_password_is_never_shown(self, scim):
        made = scim.create("/Users", user(password="correct horse 1"))
        path = "/Users/" + made["id"]

        for query in ("", "?attributes=password", "?attributes=userName",
                      "?excludedAttributes=emails"):
            for where in (path + query, "/Users" + query):
                r = scim.get(where)
                assert r.status == 200
                assert b"correct horse" not in r.body
                assert b"argon2" not in r.body
                assert b"password" not in r.body

    def test_members_can_be_left_out_of_a_group(self, scim, ada):
        made = scim.create("/Groups", group(ada["id"]))

        r = scim.get(f"/Groups/{made['id']}?excludedAttributes=members")

        assert r.status == 200
        assert "members" not in r.json
        assert r.etag == made["meta"]["version"]
        assert r.json["displayName"] == made["displayName"]


def same_shape(got, want):
    """Equal, where `...` stands for any value."""
    if want is ...:
        return True
    if isinstance(want, dict):
        return (isinstance(got, dict) and set(got) == set(want)
                and all(same_shape(got[k], want[k]) for k in want))
    if isinstance(want, list):
        return (isinstance(got, list) and len(got) == len(want)
                and all(map(same_shape, got, want)))
    return got == want


class TestLists:
    # @spec 7644-3.4.2-04, 7644-3.4.2-05, 7644-3.4.2-06, 7644-3.4.2-11,
    #       7644-3.1-05, 7644-8.2-01, 7643-3.1-26
    @pytest.mark.both_stores
    def test_a_list_holds_whole_resources(self, scim, ada):
        r = scim.get("/Users" + eq("userName", ada["userName"]))

        assert r.status == 200
        assert r.json["schemas"] == [LIST]
        assert r.json["totalResults"] == 1
        assert r.json["itemsPerPage"] == 1
        assert r.json["startIndex"] == 1
        assert r.resources == [scim.get("/Users/" + ada["id"]).json]

    # @spec 7644-3.4.2-09
    def test_nothing_found_is_200(self, scim):
        r = scim.get("/Users" + eq("userName", fresh("nobody")))

        assert r.status == 200
        assert r.json["schemas"] == [LIST]
        assert r.json["totalResults"] == 0
        assert r.json["Resources"] == []

    def test_an_empty_server_lists_nothing(self, own):
        for path in ("/Users", "/Groups"):
            r = own.get(path)
            assert r.status == 200
            assert r.json["totalResults"] == 0
            assert r.json["Resources"] == []

    # @spec 7644-3.4.2-10, 7644-3.4.2-01
    def test_entries_are_projected(self, scim, ada):
        where = "/Users" + eq("userName", ada["userName"])

        r = scim.get(where + "&attributes=userName")
        assert r.resources == [{"schemas": ada["schemas"], "id": ada["id"],
                                "userName": ada["userName"]}]
        r = scim.get(where + "&excludedAttributes=emails,name")
        assert set(ada) - set(r.resources[0]) == {"emails", "name"}

    # @spec 7644-3.4.2-02, 7644-3.4.2-03, 7644-1.2-01
    def test_other_parameters_are_ignored(self, scim, ada):
        name = quote(ada["userName"])
        for query in (f"?foo=bar&filter=userName%20eq%20%22{name}%22",
                      f"?filter=userName+eq+%22{name}%22&",
                      f"?&&filter=userName%20eq%20%22{name}%22&&x",
                      f"?%66ilter=userName%20eq%20%22{name}%22",
                      f"?filter=userName%20eq%20%22{name}%22&startIndex=1"
                      "&count=100"):
            r = scim.get("/Users" + query)
            assert r.status == 200, query
            assert r.json["totalResults"] == 1, query

    # @spec 7644-3.2-01
    def test_a_trailing_slash_or_question_mark_is_nothing(self, scim, ada):
        for path in ("/Users/", "/Users?", "/Users/?", "/Groups/"):
            assert scim.get(path).json["schemas"] == [LIST]
        assert scim.get(f"/Users/{ada['id']}?").json == ada
        assert scim.put(f"/Users/{ada['id']}?", ada).status == 200
        assert scim.post("/Users/", user()).status == 201


@pytest.fixture(scope="class")
def many(servers):
    """A tenant with 25 users, in the order in which they were made."""
    server = servers("sqlite")
    name = fresh("pages")
    server.make_tenant(name)
    client = server.client(server.make_token(name))
    client.names = []
    for n in range(25):
        made = client.create("/Users", user(
            userName=f"{(n * 7) % 25:02}-{fresh()}"))
        client.names.append(made["userName"])
    yield client
    client.close()


def names(r):
    return [u["userName"] for u in r.resources]


class TestPages:
    # @spec 7644-3.4.2.4-01, 7644-3.4.2.4-08, 7644-3.4.2-07, 7644-3.4.2-08
    @pytest.mark.parametrize("query, first, count", [
        ("count=2", 1, 2),
        ("startIndex=1&count=2", 1, 2),
        ("startIndex=3&count=2", 3, 2),
        ("startIndex=24&count=5", 24, 2),
        ("startIndex=25&count=5", 25, 1),
        # @spec 7644-3.4.2.4-02
        ("startIndex=0&count=3", 1, 3),
        ("startIndex=-5&count=3", 1, 3),
        # @spec 7644-3.4.2.4-03
        ("count=-1", 1, 0),
        # @spec 7644-3.4.2.4-04
        ("count=0", 1, 0),
        # @spec 7644-3.4.2.4-06
        ("count=10000", 1, 25),
        ("count=1000000000000000000000", 1, 25),
        # @spec 7644-3.4.2.4-07
        ("", 1, 25),
        ("startIndex=2", 2, 24),
    ])
    def test_a_page_is_a_slice(self, many, query, first, count):
        r = many.get("/Users?" + query)

        assert r.status == 200
        assert r.json["totalResults"] == 25
        assert r.json["itemsPerPage"] == count
        assert r.json["startIndex"] == first
        assert names(r) == many.names[first - 1:first - 1 + count]

    # @spec 7644-3.4.2.4-09
    def test_past_the_end_is_an_empty_page(self, many):
        for start in ("26", "99999", "9223372036854775807",
                      "99999999999999999999999"):
            r = many.get("/Users?startIndex=" + start)
            assert r.status == 200
            assert r.json["totalResults"] == 25
            assert r.json["itemsPerPage"] == 0
            assert r.json["Resources"] == []

    # @spec 7644-3.4.2.4-10
    @pytest.mark.parametrize("query", [
        "count=abc", "startIndex=abc", "count=1.5", "startIndex=1e3",
        "count=0x10", "count=", "startIndex=%201",
        "count=--1", "count=%D9%A3",
    ])
    def test_what_is_no_number_is_refused(self, many, query):
        r = many.get("/Users?" + query)

        assert r.status == 400
        assert r.scim_type == "invalidValue"
        assert query.split("=")[0] in r.detail

    # @spec 7644-3.4.2.4-05, 7644-3.4.2.4-11
    @pytest.mark.parametrize("size", [1, 3, 10, 24])
    def test_pages_cover_everything_once(self, many, size):
        seen = []
        for start in range(1, 26, size):
            r = many.get(f"/Users?startIndex={start}&count={size}")
            assert len(r.resources) <= size
            seen += names(r)

        assert seen == many.names

    # @spec 7644-3.4.2.4-12
    def test_what_goes_and_comes_between_pages_does_no_harm(self, many):
        page = many.get("/Users?startIndex=1&count=5")
        gone = page.resources[0]
        assert many.delete("/Users/" + gone["id"]).status == 204
        late = many.create("/Users", user())

        r = many.get("/Users?startIndex=1&count=100")

        many.names = many.names[1:] + [late["userName"]]
        assert names(r) == many.names

    def test_a_page_of_a_thousand_is_the_most(self, many):
        assert many.get("/ServiceProviderConfig").json["filter"][
            "maxResults"] <= 1000

    def test_a_hundred_is_the_page_when_none_is_named(self, own):
        for _ in range(105):
            own.create("/Users", user())

        r = own.get("/Users")

        assert r.json["totalResults"] == 105
        assert r.json["itemsPerPage"] == len(r.resources) == 100

    def test_a_page_of_very_large_resources_is_shorter(self, own):
        made = [own.create("/Users", user(displayName="x" * 3000000))["id"]
                for _ in range(6)]
        seen, start = [], 1
        while start <= 6:
            r = own.get(f"/Users?startIndex={start}&count=1000")
            assert r.status == 200
            assert r.json["totalResults"] == 6
            assert r.json["itemsPerPage"] == len(r.resources) > 0
            seen += [u["id"] for u in r.resources]
            start += len(r.resources)

        assert seen == made

    def test_filtered_lists_have_pages_too(self, scim):
        same = fresh("External")
        made = [scim.create("/Users", user(externalId=same))["id"]
                for _ in range(5)]

        r = scim.get("/Users" + eq("externalId", same)
                     + "&startIndex=2&count=2")

        assert r.json["totalResults"] == 5
        assert [u["id"] for u in r.resources] == made[1:3]


class TestThreeFilters:
    pytestmark = pytest.mark.both_stores

    # @spec 7644-3.4.2.2-01, 7644-3.4.2.2-02, 7644-3.4.2.2-08
    @pytest.mark.parametrize("attribute", ["userName", "externalId",
                                           "displayName"])
    def test_only_what_matches_is_found(self, scim, attribute):
        body = user(externalId=fresh("Ext"), displayName=fresh("Display"))
        made = scim.create("/Users", body)
        scim.create("/Users", user())

        r = scim.get("/Users" + eq(attribute, body[attribute]))
        assert [u["id"] for u in r.resources] == [made["id"]]
        for other in (body[attribute][:-1], body[attribute] + "x", "", " ",
                      "%", "*", body[attribute][:3] + "%"):
            r = scim.get("/Users" + eq(attribute, other))
            assert r.status == 200
            assert made["id"] not in [u["id"] for u in r.resources]

    def test_a_group_is_found(self, scim):
        made = scim.create("/Groups", group(externalId=fresh("Ext")))

        for attribute in ("displayName", "externalId"):
            r = scim.get("/Groups" + eq(attribute, made[attribute]))
            assert r.resources == [made]
            r = scim.get("/Users" + eq(attribute, made[attribute]))
            assert r.json["totalResults"] == 0

    # @spec 7644-3.4.2.2-03, 7644-3.4.2.2-04, 7644-3.4.2.2-34
    @pytest.mark.parametrize("form", [
        'USERNAME eq "{}"', 'username Eq "{}"', 'userName EQ "{}"',
        USER + ':userName eq "{}"', USER.upper() + ':USERNAME eq "{}"',
        '  userName   eq   "{}"  ',
    ])
    def test_names_and_operators_have_no_case(self, scim, form):
        made = scim.create("/Users", user())

        r = scim.get("/Users?filter=" + quote(form.format(made["userName"])))

        assert r.status == 200, r
        assert [u["id"] for u in r.resources] == [made["id"]]

    # @spec 7644-3.4.2.2-44, 7643-7-10, 7643-3.1-13, 7643-7-11
    def test_values_compare_as_the_schema_says(self, scim):
        made = scim.create("/Users", user(
            userName=fresh("MixedCase"), externalId=fresh("MixedCase"),
            displayName=fresh("MixedCase")))

        for attribute, found in (("userName", 1), ("displayName", 1),
                                 ("externalId", 0)):
            for op in ("eq", "sw", "co", "ew"):
                for value, hits in ((made[attribute], 1),
                                    (made[attribute].swapcase(), found)):
                    r = scim.get("/Users?filter=" + quote(
                        f'{attribute} {op} "{value}"'))
                    assert r.json["totalResults"] == hits, (attribute, op)
        assert made["externalId"].startswith("MixedCase")

    # @spec 7644-7.8-01, 7644-5-02
    def test_values_compare_in_every_unicode_form(self, scim):
        made = scim.create("/Users", user(userName=fresh("caf\u00e9")))

        for name in (made["userName"].upper(),
                     made["userName"].replace("\u00e9", "e\u0301")):
            r = scim.get("/Users" + eq("userName", name))
            assert r.json["totalResults"] == 1
            assert r.resources[0]["userName"] == made["userName"]

    # @spec 7644-3.4.2.2-31
    def test_a_value_is_a_json_string(self, scim):
        made = scim.create("/Users", user(displayName='a"b\\c\n\u00e9'
                                          + fresh()))
        escaped = "".join(f"\\u{ord(c):04x}" for c in made["displayName"])

        for value in (escaped,):
            r = scim.get("/Users?filter=" + quote(
                f'displayName eq "{value}"'))
            assert [u["id"] for u in r.resources] == [made["id"]]
        r = scim.get("/Users" + eq("displayName", made["displayName"]))
        assert [u["id"] for u in r.resources] == [made["id"]]

    # @spec 7644-3.4.2.2-05, 7644-3.4.2.2-06, 7644-3.4.2.2-30,
    #       7644-3.4.2.2-32, 7644-3.4.2.2-33, 7644-3.4.2.2-43, 7644-3.12-16
    @pytest.mark.parametrize("text", [
        "", " ", "userName", "userName eq", 'eq "x"', "userName eq x",
        "userName eq 'x'", 'userName eq "x', 'userName eq x"',
        'userName eq "x" "y"', 'userName "x"', 'userName zz "x"',
        'userName eq "x" and', '(userName eq "x"', 'userName eq "x")',
        'userName eq "\\x"', 'userName eq "\\ud800"', '"userName" eq "x"',
        'user Name eq "x"', '1userName eq "x"',
        'userName eq {"a":1}', "userName eq [1]", 'userName=="x"',
        'userName eq "x" or or userName eq "y"', "()", "(", ")", "[",
        'userName[eq "x"]', 'userName. eq "x"', '.userName eq "x"',
        "\u00e9 eq 1",
    ])
    def test_what_is_no_filter_is_refused(self, scim, text):
        r = scim.get("/Users?filter=" + quote(text))

        assert r.status == 400
        assert r.scim_type == "invalidFilter"

    # @spec 7644-3.4.2.2-47
    def test_an_attribute_that_no_schema_knows_is_refused(self, scim):
        for text in ('shoeSize eq "x"', 'name.shoeSize eq "x"',
                     'urn:example:x:userName eq "x"'):
            r = scim.get("/Users?filter=" + quote(text))
            assert r.status == 400
            assert r.scim_type == "invalidFilter"

    # @spec 7644-3.4.2.2-50, 7644-7.5.2-01, 7644-3.12-09
    @pytest.mark.parametrize("base", ["/Users", ""])
    def test_no_filter_reaches_a_password(self, scim, base):
        scim.create("/Users", user(password="correct horse 1"))
        for op in ("eq", "sw", "co", "ne"):
            for text in (f'password {op} "correct horse 1"',
                         f'userName pr and not (PASSWORD {op} "x")'):
                r = scim.get(base + "?filter=" + quote(text))
                assert r.status == 403
                assert r.scim_type == "sensitive"

    def test_a_filter_has_a_longest_form(self, scim):
        r = scim.get("/Users" + eq("userName", "x" * 9000))

        assert r.status == 400
        assert r.scim_type == "invalidFilter"

    def test_injection_finds_nothing(self, scim):
        for text in ("' or '1'='1", '"; drop table resource; --', "%", "_"):
            r = scim.get("/Users" + eq("userName", text))
            assert r.status == 200
            assert r.json["totalResults"] == 0


# @spec 7643-3.1-20, 7643-3.1-18, 7643-3.1-06
def test_times_go_forward(scim):
    made = scim.create("/Users", user())
    path = "/Users/" + made["id"]
    last = made["meta"]
    for n in range(3):
        time.sleep(0.005)
        meta = scim.put(path, made | {"title": str(n)}).json["meta"]
        assert meta["created"] == last["created"]
        assert meta["lastModified"] > last["lastModified"]
        assert meta["version"] != last["version"]
        last = meta
