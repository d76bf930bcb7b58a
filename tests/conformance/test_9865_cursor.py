# SPDX-License-Identifier: Apache-2.0
"""RFC 9865: lists by cursor."""

import itertools
import re
import time

import pytest

from samples import fresh, group, quote, user
from scim_client import LIST
from scimd_server import IS_SANITIZED, Server

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture(scope="module", params=["sqlite", "memory"])
def crowd(request, tmp_path_factory):
    """A caller on a server with 23 users and 4 groups and nothing else."""
    server = Server(tmp_path_factory.mktemp("crowd"), request.param,
                    settings=[("page_default", "10"), ("page_most", "20"),
                              ("cursor_s", "900")]).start()
    client = server.client()
    client.server = server
    client.names = [f"{'abc'[i % 3]}{i:02}" for i in range(23)]
    for i, name in enumerate(client.names):
        client.create("/Users", user(
            userName=name, title="odd" if i % 2 else "even",
            displayName=name[0].upper()))
    for _ in range(4):
        client.create("/Groups", group())
    yield client
    client.close()
    server.stop()


def query(path="/Users", cursor="", **parameters):
    pairs = [("cursor", cursor)] + list(parameters.items())
    return path + "?" + "&".join(f"{k}={quote(str(v))}" for k, v in pairs)


def page(scim, path="/Users", cursor="", **parameters):
    r = scim.get(query(path, cursor, **parameters))
    assert r.status == 200, r
    body = r.json
    assert body["schemas"] == [LIST]
    assert body["itemsPerPage"] == len(body["Resources"])
    return body


def walk(scim, path="/Users", **parameters):
    """Every page, from the first to the last."""
    pages = [page(scim, path, **parameters)]
    while "nextCursor" in pages[-1]:
        assert len(pages) < 1000
        pages.append(page(scim, path, pages[-1]["nextCursor"], **parameters))
    return pages


def names(pages):
    return [r["userName"] for p in pages for r in p["Resources"]]


def refused(r, scim_type):
    assert r.status == 400, r
    assert r.scim_type == scim_type, r
    return r


class TestPages:
    # @spec 9865-2-01
    @pytest.mark.parametrize("first", ["cursor&count=2", "cursor=&count=2",
                                       "count=2&cursor"])
    def test_an_empty_cursor_is_the_first_page(self, crowd, first):
        r = crowd.get("/Users?" + first)
        assert r.status == 200
        assert [u["userName"] for u in r.resources] == crowd.names[:2]
        assert r.json["nextCursor"]

    # @spec 9865-2-02
    def test_cursors_are_url_safe_and_tell_nothing(self, crowd):
        seen = set()
        for p in walk(crowd, filter='userName sw "a"', count=1)[:-1]:
            assert re.fullmatch(r"[A-Za-z0-9._~-]+", p["nextCursor"])
            assert len(p["nextCursor"]) < 2000
            seen.add(p["nextCursor"])
        assert len(seen) == 7
        again = page(crowd, filter='userName sw "a"', count=1)["nextCursor"]
        assert again not in seen

    # @spec 9865-2-04, 9865-2-06, 9865-2-07, 9865-2-11, 9865-2-13
    @pytest.mark.parametrize("count", [1, 2, 7, 19, 20])
    def test_the_pages_are_the_whole(self, crowd, count):
        pages = walk(crowd, count=count)

        assert names(pages) == crowd.names
        assert len(pages) == -(-23 // count)
        for p in pages:
            assert p["totalResults"] == 23
            assert p["itemsPerPage"] <= count
            assert "startIndex" not in p
            # @spec 9865-2-09
            assert "previousCursor" not in p

    # @spec 9865-2-03
    @pytest.mark.parametrize("count", ["0", "-1", "-99999999999999999999"])
    def test_none_are_asked_for(self, crowd, count):
        p = page(crowd, count=count)
        assert p["Resources"] == [] and p["totalResults"] == 23
        assert "nextCursor" not in p
        p = page(crowd, count=count, filter='title eq "odd"')
        assert p["Resources"] == [] and p["totalResults"] == 11

    # @spec 9865-2-05
    def test_without_count_the_server_decides(self, crowd):
        said = crowd.get("/ServiceProviderConfig").json["pagination"]
        first = page(crowd)
        assert first["itemsPerPage"] == said["defaultPageSize"] == 10
        assert [len(p["Resources"]) for p in walk(crowd)] == [10, 10, 3]

    def test_count_need_not_be_said_again(self, crowd):
        first = page(crowd, count=4)
        second = page(crowd, cursor=first["nextCursor"])
        assert names([second]) == crowd.names[4:8]

    @pytest.mark.parametrize("filter, want", [
        ('title eq "odd"', lambda n: int(n[1:]) % 2),
        ('userName sw "b"', lambda n: n[0] == "b"),
        ('displayName eq "c"', lambda n: n[0] == "c"),
        ('userName eq "a00"', lambda n: n == "a00"),
        ('title eq "none"', lambda n: False),
        ('userName ge "b" and title eq "even"',
         lambda n: n >= "b" and not int(n[1:]) % 2),
    ])
    def test_a_filter(self, crowd, filter, want):
        pages = walk(crowd, filter=filter, count=3)

        wanted = [n for n in crowd.names if want(n)]
        assert names(pages) == wanted
        # @spec 9865-2-12
        for p in pages:
            assert p.get("totalResults", len(wanted)) == len(wanted)

    # @spec 9865-2.2-01
    @pytest.mark.parametrize("by", ["userName", "displayName", "title", "id",
                                    "meta.created"])
    @pytest.mark.parametrize("order", ["ascending", "descending"])
    @pytest.mark.parametrize("filter", [None, 'title eq "odd"'])
    def test_sorted(self, crowd, by, order, filter):
        asked = {"sortBy": by, "sortOrder": order}
        if filter:
            asked["filter"] = filter
        index = crowd.get("/Users?count=20&" + query("", **asked)[9:]).json
        more = crowd.get("/Users?count=20&startIndex=21&"
                         + query("", **asked)[9:]).json

        pages = walk(crowd, count=3, **asked)

        assert names(pages) == names([index, more])
        if by == "userName":
            assert names(pages) == sorted(names(pages),
                                          reverse=order == "descending")

    def test_all_types_at_the_root(self, crowd):
        pages = walk(crowd, "/", count=4)

        ids = [r["id"] for p in pages for r in p["Resources"]]
        assert len(ids) == len(set(ids)) == 27
        assert {p["totalResults"] for p in pages} == {27}

    def test_projections(self, crowd):
        for p in walk(crowd, count=9, attributes="title"):
            for r in p["Resources"]:
                assert "title" in r and "userName" not in r

    def test_preconditions_are_those_of_a_list(self, crowd):
        r = crowd.get(query(count=2), headers={"If-None-Match": '"x"'})
        assert r.status == 200 and r.etag is None
        r = crowd.get(query(count=2), headers={"If-Match": '"x"'})
        assert r.status == 412


# @spec 9865-2.1-01
class TestErrors:
    # @spec 9865-2.1-02, 9865-5.2-04
    @pytest.mark.parametrize("cursor", [
        "garbage", "zzz", "a" * 100, "a" * 3000, "%01", "%F0%9F%98%80",
        "0", "null", "=", "..", "a+b"])
    def test_no_cursor_at_all(self, crowd, cursor):
        refused(crowd.get("/Users?count=2&cursor=" + cursor), "invalidCursor")

    # @spec 9865-5.2-04
    def test_a_forged_cursor(self, crowd):
        real = page(crowd, count=2)["nextCursor"]
        for at in range(0, len(real), 5):
            forged = real[:at] + ("B" if real[at] == "A" else "A") \
                + real[at + 1:]
            refused(crowd.get(query(cursor=forged, count=2)), "invalidCursor")
        for cut in (real[:-1], real[1:], real + "A", real * 2):
            refused(crowd.get(query(cursor=cut, count=2)), "invalidCursor")

    # @spec 9865-2-10
    def test_another_query(self, crowd):
        asked = dict(filter='title eq "odd"', count=2, attributes="title")
        real = page(crowd, **asked)["nextCursor"]
        for change in (dict(filter='title eq "even"'), dict(attributes="id"),
                       dict(sortOrder="descending")):
            refused(crowd.get(query(cursor=real, **(asked | change))),
                    "invalidCursor")
        del asked["filter"]
        refused(crowd.get(query(cursor=real, **asked)), "invalidCursor")
        refused(crowd.get(query("/Groups", real, count=2)), "invalidCursor")

    # @spec 9865-2-10, 9865-2.1-04
    @pytest.mark.parametrize("count", [1, 3, 0, -1, 20])
    def test_another_count(self, crowd, count):
        real = page(crowd, count=2)["nextCursor"]
        refused(crowd.get(query(cursor=real, count=count)), "invalidCount")

    # @spec 9865-2.1-04
    @pytest.mark.parametrize("count", ["abc", "", "1.5", "21", "999999999",
                                       "99999999999999999999", "0x1"])
    def test_a_wrong_count(self, crowd, count):
        r = refused(crowd.get(query(count=count)), "invalidCount")
        assert "20" in r.detail

    # @spec 9865-2.4-03
    @pytest.mark.parametrize("start", ["1", "2", "0"])
    def test_with_an_index(self, crowd, start):
        refused(crowd.get(query(startIndex=start)), "invalidValue")

    # @spec 9865-2.1-03, 9865-4-04
    @pytest.mark.settings(cursor_s="2")
    def test_an_old_cursor(self, scim, config):
        for _ in range(3):
            scim.create("/Users", user())
        assert config["pagination"]["cursorTimeout"] == 2
        real = page(scim, count=1)["nextCursor"]
        time.sleep(1)
        second = page(scim, cursor=real, count=1)
        time.sleep(1.2)
        refused(scim.get(query(cursor=real, count=1)), "expiredCursor")
        # Each page gives its own time.
        assert scim.get(query(cursor=second["nextCursor"],
                              count=1)).status == 200


class TestMethods:
    # @spec 9865-2.4-01, 9865-2.4-02, 9865-2.3-01
    def test_the_default_is_the_index(self, crowd):
        said = crowd.get("/ServiceProviderConfig").json["pagination"]
        assert said["defaultPaginationMethod"] == "index"
        r = crowd.get("/Users").json
        assert r["startIndex"] == 1 and "nextCursor" not in r
        assert r["totalResults"] == 23

    # @spec 9865-4-01, 9865-4-02, 9865-4-03
    def test_the_configuration_says_what_is_so(self, crowd):
        said = crowd.get("/ServiceProviderConfig").json["pagination"]
        assert said == {
            "cursor": True, "index": True,
            "defaultPaginationMethod": "index", "defaultPageSize": 10,
            "maxPageSize": 20, "cursorTimeout": 900}
        assert page(crowd, count=20)["itemsPerPage"] == 20

    # @spec 9865-3-01
    def test_search(self, crowd):
        body = {"schemas": [SEARCH], "filter": 'title eq "odd"',
                "attributes": ["userName"], "cursor": "", "count": 4}
        r = crowd.post("/Users/.search", body)
        assert r.status == 200
        pages = [r.json]
        while "nextCursor" in pages[-1]:
            r = crowd.post("/Users/.search",
                           body | {"cursor": pages[-1]["nextCursor"]})
            assert r.status == 200, r
            pages.append(r.json)

        assert names(pages) == crowd.names[1::2]
        assert [p["itemsPerPage"] for p in pages] == [4, 4, 3]
        r = crowd.post("/Users/.search", body | {
            "cursor": pages[0]["nextCursor"], "filter": 'title eq "even"'})
        refused(r, "invalidCursor")
        refused(crowd.post("/Users/.search", body | {"count": 99}),
                "invalidCount")
        refused(crowd.post("/Users/.search", body | {"startIndex": 1}),
                "invalidValue")


class TestActors:
    # @spec 9865-5.2-01, 9865-5.2-05
    def test_a_cursor_is_its_actor_s_alone(self, server, scim):
        for _ in range(2):
            scim.create("/Users", user())
        real = page(scim, count=1)["nextCursor"]
        other = scim.having(server.make_token(scope="read"))

        theirs = refused(other.get(query(cursor=real, count=1)),
                         "invalidCursor")
        nothing = refused(other.get(query(cursor="x" * len(real), count=1)),
                          "invalidCursor")

        assert theirs.body == nothing.body
        assert "Resources" not in theirs.json
        assert page(other, count=1)["itemsPerPage"] == 1

    # @spec 9865-5.2-01, 9865-5.2-05
    def test_a_cursor_is_its_tenant_s_alone(self, server, scim):
        for _ in range(2):
            scim.create("/Users", user())
        real = page(scim, count=1)["nextCursor"]
        tenant = fresh("cursors")
        server.make_tenant(tenant)
        other = scim.having(server.make_token(tenant))

        refused(other.get(query(cursor=real, count=1)), "invalidCursor")

    # @spec 9865-5.2-02, 9865-5.2-03
    def test_each_page_asks_whether_one_may(self, server, scim):
        for _ in range(2):
            scim.create("/Users", user())
        token = server.make_token(scope="read")
        reader = scim.having(token)
        real = page(reader, count=1)["nextCursor"]
        listed = server.run("token", "list").stdout.splitlines()
        newest = max(listed, key=lambda line: line.split("\t")[3])

        assert server.run("token", "revoke",
                          newest.split("\t")[0]).returncode == 0
        time.sleep(0.1)

        assert reader.get(query(cursor=real, count=1)).status == 401
        # What a new token may is not what the old one might.
        for scope, status in (("read", 400), ("write", 403)):
            again = scim.having(server.make_token(scope=scope))
            assert again.get(query(cursor=real, count=1)).status == status


class TestChanges:
    """What others write between two pages."""

    # @spec 9865-2-13
    def test_what_comes_and_goes(self, own):
        ids = [own.create("/Users", user())["id"] for _ in range(12)]
        seen, cursor = [], ""
        for n in itertools.count():
            p = page(own, cursor=cursor, count=2)
            seen += [r["id"] for r in p["Resources"]]
            if "nextCursor" not in p:
                break
            cursor = p["nextCursor"]
            if n < 5:
                own.create("/Users", user())
                assert own.delete(f"/Users/{seen[-1]}").status == 204
                assert own.delete(f"/Users/{ids[-1 - n]}").status in (204,
                                                                      404)

        assert len(seen) == len(set(seen))
        for i in ids:
            if own.get(f"/Users/{i}").status == 200:
                assert i in seen

    # @spec 9865-5.3-01
    def test_a_walk_survives_a_restart(self, own_server):
        server = own_server()
        scim = server.client()
        ids = [scim.create("/Users", user())["id"] for _ in range(5)]
        first = page(scim, count=2)
        scim.close()
        server.stop()
        server.start()
        scim = server.client()

        second = page(scim, cursor=first["nextCursor"], count=2)

        assert [r["id"] for r in second["Resources"]] == ids[2:4]
        scim.close()

    def test_a_copy_of_the_store_goes_on(self, own_server):
        server = own_server()
        scim = server.client()
        ids = [scim.create("/Users", user())["id"] for _ in range(5)]
        first = page(scim, count=2)
        scim.close()
        server.stop()
        migrated = server.run("migrate")
        assert migrated.returncode == 0, migrated
        other = own_server(token=server.token)
        other.stop()
        for old in other.directory.glob("scimd.db*"):
            old.unlink()
        other.file.write_bytes(server.file.read_bytes())
        other.start()

        second = page(other.client(), cursor=first["nextCursor"], count=2)

        assert [r["id"] for r in second["Resources"]] == ids[2:4]

    # @spec 9865-5.3-01
    @pytest.mark.skipif(IS_SANITIZED, reason="a sanitizer keeps memory")
    def test_many_first_pages_leave_nothing_behind(self, own_server):
        server = own_server()
        scim = server.client()
        for _ in range(3):
            scim.create("/Users", user())
        page(scim, count=1)

        def resident():
            status = open(f"/proc/{server.process.pid}/status").read()
            return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

        def ask(times):
            target = query(count=1)
            for _ in range(times):
                assert scim.get(target).status == 200

        ask(500)
        before = resident()
        ask(3000)
        assert resident() - before < 2048
        scim.close()
