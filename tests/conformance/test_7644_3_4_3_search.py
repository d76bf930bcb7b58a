# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 sections 3.4.3 and 3.4.2.1: queries by POST, and at the root."""

import pytest

from samples import fresh, group, user
from scim_client import quote

pytestmark = pytest.mark.both_stores

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def search(scim, path, **members):
    return scim.post(path, {"schemas": [SEARCH]} | members)


@pytest.fixture
def ours(scim):
    """Two users and two groups with names that nobody else has."""
    mine = fresh("r-")
    users = [scim.create("/Users", user(
        userName=f"{mine}-{n}", displayName=f"{mine} {n}", title="t"))
        for n in ("b", "d")]
    groups = [scim.create("/Groups", group(displayName=f"{mine} {n}"))
              for n in ("c", "a")]
    return mine, users, groups


def ids(r):
    assert r.status == 200, r
    return [one["id"] for one in r.resources]


class TestSearch:
    # @spec 7644-3.4.3-01, 7644-3.4.3-02, 7644-3.4.3-09, 7644-3.4.3-10,
    #       7644-8.2-01
    def test_it_is_a_query_and_creates_nothing(self, own):
        own.create("/Users", user())
        own.create("/Groups", group())

        for path, total in (("/.search", 2), ("/Users/.search", 1),
                            ("/Groups/.search", 1), ("/.search", 2)):
            r = search(own, path)
            assert r.status == 200
            assert r.json["schemas"] == [LIST]
            assert r.json["totalResults"] == len(r.resources) == total
            assert r.header("ETag") is None

    # @spec 7644-3.4.3-03
    @pytest.mark.parametrize("body", [
        {}, {"schemas": []}, {"schemas": [LIST]}, {"schemas": SEARCH},
        {"filter": "userName pr"}, [], "text", None])
    def test_another_message_is_refused(self, scim, body):
        for path in ("/.search", "/Users/.search"):
            r = scim.post(path, body)
            assert r.status == 400
            assert r.scim_type == "invalidSyntax"

    # @spec 7644-3.4.3-04, 7644-3.4.3-05, 7644-3.4.3-08
    def test_members_say_what_parameters_say(self, scim, ours):
        mine, users, _ = ours
        text = f'userName sw "{mine}"'
        by_get = scim.get(
            "/Users?sortBy=userName&sortOrder=descending&startIndex=2&count=1"
            f"&attributes=userName,meta.created&filter={quote(text)}")
        by_post = search(
            scim, "/Users/.search", filter=text, sortBy="userName",
            sortOrder="descending", startIndex=2, count=1,
            attributes=["userName", "meta.created"])

        assert ids(by_get) == [users[0]["id"]]
        assert by_post.json == by_get.json
        by_get = scim.get("/Users?excludedAttributes=title,name&filter="
                          + quote(text))
        by_post = search(scim, "/Users/.search", filter=text,
                         excludedAttributes=["title", "name"])
        assert by_post.json == by_get.json
        assert "title" not in by_post.resources[0]

    # @spec 7644-3.4.3-06
    def test_what_is_always_returned_stays(self, scim, ours):
        r = search(scim, "/.search", filter=f'displayName sw "{ours[0]}"',
                   excludedAttributes=["id", "schemas", "displayName"])

        assert len(r.resources) == 4
        for one in r.resources:
            assert one["id"] and one["schemas"]
            assert "displayName" not in one

    # @spec 7644-3.4.3-07
    @pytest.mark.parametrize("text", [
        "", "userName", "userName zz 1", "userName eq bjensen", "(id pr"])
    def test_a_filter_that_is_none_is_refused(self, scim, text):
        for path in ("/.search", "/Users/.search"):
            r = search(scim, path, filter=text)
            assert r.status == 400
            assert r.scim_type == "invalidFilter"

    @pytest.mark.parametrize("members", [
        {"count": "1"}, {"count": 1.5}, {"startIndex": "x"}, {"filter": 1},
        {"attributes": "userName"}, {"attributes": [1]},
        {"attributes": ["userName"], "excludedAttributes": ["title"]},
        {"sortBy": "userName", "sortOrder": "up"}])
    def test_members_have_types(self, scim, members):
        r = search(scim, "/Users/.search", **members)

        assert r.status == 400
        assert r.scim_type == "invalidValue"

    def test_null_is_as_good_as_absent(self, own):
        own.create("/Users", user())

        r = search(own, "/Users/.search", filter=None, sortBy=None,
                   count=None, attributes=[], excludedAttributes=None)
        assert r.json["totalResults"] == len(r.resources) == 1
        assert "userName" in r.resources[0]

    # @spec 9110-9.3.3-02
    def test_conditions_are_those_of_a_post(self, scim):
        body = {"schemas": [SEARCH]}

        for headers, status in (({"If-None-Match": "*"}, 200),
                                ({"If-None-Match": '"x"'}, 200),
                                ({"If-Match": "*"}, 412),
                                ({"If-Match": 'W/"x"'}, 412),
                                ({"If-Match": "v7"}, 400)):
            r = scim.post("/Users/.search", body, headers=headers)
            assert r.status == status, headers

    def test_other_media_types_and_methods_are_refused(self, scim):
        r = scim.post("/Users/.search", {"schemas": [SEARCH]},
                      headers={"Content-Type": "text/plain"})
        assert r.status == 415
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            assert scim.request(method, "/Users/.search").status == 405


class TestRoot:
    # @spec 7644-3.4.2.1-01, 7644-3.4.2-01
    def test_all_types_are_there_type_by_type(self, own):
        made = [own.create("/Users", user())["id"] for _ in range(2)]
        groups = [own.create("/Groups", group())["id"]]
        made.append(own.create("/Users", user())["id"])

        seen = ids(own.get("/?count=100"))
        assert sorted(seen) == sorted(made + groups)
        # Those of a type stand together, in the order of creation.
        assert seen in (made + groups, groups + made)
        assert ids(search(own, "/.search")) == seen
        paged = []
        for start in range(1, 6):
            r = own.get(f"/?startIndex={start}&count=1")
            assert r.json["totalResults"] == 4
            paged += ids(r)
        assert paged == seen

    # @spec 7644-3.4.2.1-02
    def test_a_filter_names_the_type(self, scim, ours):
        mine, users, groups = ours

        def found(text):
            return ids(scim.get("/?filter=" + quote(
                f'displayName sw "{mine}" and ({text})')))

        assert found('meta.resourceType eq "Group"') == [
            g["id"] for g in groups]
        assert found('meta.resourceType eq "User"') == [
            u["id"] for u in users]
        assert set(found('meta.resourceType ne "User"')) == {
            g["id"] for g in groups}
        assert found('meta.resourceType eq "user"') == []

    # @spec 7644-3.4.2.1-04
    def test_what_a_type_has_not_has_no_value_there(self, scim, ours):
        mine, users, groups = ours
        both = {one["id"] for one in users + groups}

        def found(text):
            return set(ids(search(scim, "/.search", filter=(
                f'displayName sw "{mine}" and ({text})'))))

        assert found("userName pr") == {u["id"] for u in users}
        assert found(f'userName sw "{mine}"') == {u["id"] for u in users}
        assert found("not (userName pr)") == {g["id"] for g in groups}
        assert found("userName eq null") == {g["id"] for g in groups}
        assert found("displayName pr") == both

    def test_what_no_type_has_is_refused(self, scim):
        for text in ('shoeSize pr', 'userName pr and shoeSize eq "x"'):
            r = scim.get("/?filter=" + quote(text))
            assert r.status == 400
            assert r.scim_type == "invalidFilter"

    # @spec 7644-3.4.2.1-05, 7644-3.4.2.3-05
    def test_one_order_goes_across_types(self, scim, ours):
        mine, users, groups = ours
        b, d, c, a = (one["id"] for one in users + groups)
        text = quote(f'displayName sw "{mine}"')

        assert ids(scim.get(f"/?filter={text}&sortBy=displayName")) == [
            a, b, c, d]
        assert ids(scim.get(f"/?filter={text}&sortBy=displayName"
                            "&sortOrder=descending")) == [d, c, b, a]
        r = scim.get(f"/?filter={text}&sortBy=displayName"
                     "&startIndex=2&count=2")
        assert ids(r) == [b, c]
        assert r.json["totalResults"] == 4
        # Groups have no user name: they are last, in their own order.
        assert ids(scim.get(f"/?filter={text}&sortBy=userName")) == [
            b, d, c, a]

    def test_projections_are_those_of_each_type(self, scim, ours):
        mine, users, groups = ours
        text = quote(f'displayName sw "{mine}"')

        r = scim.get(f"/?filter={text}&attributes=userName,members")
        for one in r.resources:
            assert "displayName" not in one
            assert ("userName" in one) == (
                one["id"] in {u["id"] for u in users})
