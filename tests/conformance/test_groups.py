# SPDX-License-Identifier: Apache-2.0
"""Groups at sizes and in shapes that documents are not made for: membership
is rows, `groups` is derived, and both are in the tags."""

import threading
import time
import uuid

import pytest

from samples import fresh, group, user
from scim_client import GROUP, SCIM, request_bytes

pytestmark = pytest.mark.both_stores


def named(count):
    return [{"value": str(uuid.uuid4())} for _ in range(count)]


def values(resource):
    return {m["value"] for m in resource.get("members", [])}


# The members need not exist here, so that a test makes one resource and not
# ten thousand.
@pytest.mark.settings(dangling_members="keep")
class TestLarge:
    @pytest.fixture
    def large(self, scim):
        body = group(members=named(10000))
        r = scim.post("/Groups", body)
        assert r.status == 201, r.body[:300]
        return r.json["id"], {m["value"] for m in body["members"]}, r.etag

    def test_ten_thousand_members_come_back(self, scim, large):
        ident, ids, etag = large

        r = scim.get("/Groups/" + ident)

        assert r.status == 200
        assert r.etag == etag == r.json["meta"]["version"]
        assert len(r.json["members"]) == 10000
        assert values(r.json) == ids

    # @spec 9110-9.3.2-02, 9110-8.6-02, 9110-8.8.3.3-01
    def test_every_way_to_read_agrees(self, scim, large):
        ident, ids, etag = large
        path = "/Groups/" + ident

        assert scim.head(path).etag == etag
        r = scim.get(path, headers={"If-None-Match": etag})
        assert r.status == 304
        r = scim.get(path + "?excludedAttributes=members")
        assert (r.etag, "members" in r.json) == (etag, False)
        r = scim.get(path + "?attributes=members.value")
        assert (r.etag, values(r.json)) == (etag, ids)
        r = scim.get(f"/Groups?filter=displayName%20eq%20%22"
                     f"{scim.get(path).json['displayName']}%22")
        assert values(r.resources[0]) == ids
        assert r.resources[0]["meta"]["version"] == etag

    def test_an_old_client_gets_it_whole(self, scim, large):
        ident, ids, _ = large
        with scim.raw() as c:
            c.send(f"GET {scim.target('/Groups/' + ident)} HTTP/1.0\r\n"
                   f"Host: x\r\nAuthorization: Bearer {scim.token}\r\n\r\n"
                   .encode())
            r = c.read()
        assert r.header("Transfer-Encoding") is None
        assert values(r.json) == ids

    def test_one_less_and_one_more_is_the_same_state(self, scim, large):
        ident, ids, etag = large
        path = "/Groups/" + ident
        whole = scim.get(path).json
        gone = whole["members"][5000]

        fewer = [m for m in whole["members"] if m is not gone]
        less = scim.put(path, whole | {"members": fewer},
                        headers={"If-Match": etag})
        assert less.status == 200
        assert less.etag != etag
        assert values(less.json) == ids - {gone["value"]}
        more = scim.put(path, whole | {"members": fewer + [gone]})
        assert more.etag == etag

    def test_requests_go_on_behind_a_long_answer(self, scim, large):
        ident, ids, _ = large
        head = [("Host", "x"), ("Authorization", "Bearer " + scim.token)]
        one = request_bytes("GET", scim.target("/Groups/" + ident), head)
        two = request_bytes("GET", scim.target("/Groups/nobody"), head)

        with scim.raw() as c:
            c.send(one + two + one)
            time.sleep(0.2)
            assert values(c.read().json) == ids
            assert c.read().status == 404
            assert values(c.read().json) == ids

    def test_a_reader_sees_one_state(self, server, scim, large):
        """What is read while others write is the state its tag names."""
        ident, ids, _ = large
        path = "/Groups/" + ident
        body = scim.get(path).json
        extra = str(uuid.uuid4())
        stop = threading.Event()

        def write():
            c = server.client()
            while not stop.is_set():
                for members in (body["members"] + [{"value": extra}],
                                body["members"]):
                    c.put(path, body | {"members": members})
            c.close()

        writer = threading.Thread(target=write)
        writer.start()
        seen = {}
        for _ in range(15):
            r = scim.get(path)
            seen.setdefault(r.etag, set()).add(extra in values(r.json))
            assert values(r.json) - {extra} == ids
        stop.set()
        writer.join()
        assert all(len(states) == 1 for states in seen.values())


class TestShapes:
    @pytest.fixture
    def ada(self, scim):
        return scim.create("/Users", user(displayName="Ada"))

    def groups_of(self, scim, who):
        found = scim.get("/Users/" + who["id"]).json.get("groups", [])
        assert len(found) == len({g["value"] for g in found})
        return {g["value"]: g["type"] for g in found}

    # @spec 7643-4.1.2-09, 7643-4.2-05
    def test_a_long_chain_is_followed_to_its_end(self, scim, ada):
        chain, inner = [], ada["id"]
        for _ in range(60):
            inner = scim.create("/Groups", group(inner))["id"]
            chain.append(inner)

        found = self.groups_of(scim, ada)

        assert found == {g: "direct" if g == chain[0] else "indirect"
                         for g in chain}

    def test_direct_wins_over_indirect(self, scim, ada):
        inner = scim.create("/Groups", group(ada["id"]))
        outer = scim.create("/Groups", group(inner["id"], ada["id"]))

        assert self.groups_of(scim, ada) == {inner["id"]: "direct",
                                             outer["id"]: "direct"}

    def test_a_group_may_hold_itself(self, scim, ada):
        made = scim.create("/Groups", group(ada["id"]))
        r = scim.put("/Groups/" + made["id"], made | {
            "members": [{"value": ada["id"]}, {"value": made["id"]}]})

        assert r.status == 200
        assert values(r.json) == {ada["id"], made["id"]}
        assert self.groups_of(scim, ada) == {made["id"]: "direct"}
        assert scim.delete("/Groups/" + made["id"]).status == 204
        assert self.groups_of(scim, ada) == {}

    def test_a_new_name_is_seen_by_the_members(self, scim, ada):
        made = scim.create("/Groups", group(ada["id"]))
        before = scim.get("/Users/" + ada["id"])

        scim.put("/Groups/" + made["id"], made | {"displayName": "Renamed"})

        after = scim.get("/Users/" + ada["id"])
        assert after.json["groups"][0]["display"] == "Renamed"
        assert after.etag != before.etag
        assert after.json["meta"]["lastModified"] == before.json["meta"][
            "lastModified"]
        r = scim.get("/Users/" + ada["id"],
                     headers={"If-None-Match": before.etag})
        assert r.status == 200

    def test_a_display_is_what_the_client_said(self, scim, ada):
        made = scim.create("/Groups", group(members=[
            {"value": ada["id"], "display": "Countess"}]))
        scim.put("/Users/" + ada["id"], ada | {"displayName": "Changed"})

        r = scim.get("/Groups/" + made["id"])

        assert r.json["members"][0]["display"] == "Countess"
        assert r.etag == made["meta"]["version"]

    def test_a_display_is_part_of_the_state(self, scim, ada):
        made = scim.create("/Groups", group(ada["id"]))

        r = scim.put("/Groups/" + made["id"], made | {"members": [
            {"value": ada["id"], "display": "Countess"}]})

        assert r.json["members"][0]["display"] == "Countess"
        assert r.etag != made["meta"]["version"]

    def test_member_kinds_are_told_apart(self, scim, ada):
        inner = scim.create("/Groups", group())
        for wrong in ({"value": ada["id"], "type": "Group"},
                      {"value": inner["id"], "type": "User"}):
            r = scim.post("/Groups", group(members=[wrong]))
            assert r.status == 201
            assert r.json["members"][0]["type"] != wrong["type"]
        r = scim.post("/Groups", group(members=[
            {"value": ada["id"], "type": "Robot"}]))
        assert r.status == 400

    def test_members_of_a_group_that_goes_lose_it_at_once(self, scim, ada):
        inner = scim.create("/Groups", group(ada["id"]))
        outers = [scim.create("/Groups", group(inner["id"]))["id"]
                  for _ in range(5)]
        assert len(self.groups_of(scim, ada)) == 6

        scim.delete("/Groups/" + inner["id"])

        assert self.groups_of(scim, ada) == {}
        for outer in outers:
            assert values(scim.get("/Groups/" + outer).json) == set()


# @spec 7644-3.6-06
def test_a_member_of_very_many_groups_leaves_them_all(scim):
    ada = scim.create("/Users", user())
    bob = scim.create("/Users", user())
    base = fresh("crowd")
    made = [scim.create("/Groups", group(ada["id"], bob["id"],
                                         displayName=f"{base} {n}"))
            for n in range(620)]
    assert len(scim.get("/Users/" + ada["id"]).json["groups"]) == 620

    assert scim.delete("/Users/" + ada["id"]).status == 204

    for was in [made[0], made[-1], *made[1:-1:7]]:
        now = scim.get("/Groups/" + was["id"])
        assert values(now.json) == {bob["id"]}
        assert now.etag != was["meta"]["version"]
        again = scim.get("/Groups/" + was["id"])
        assert again.etag == now.etag
    stale = made[5]
    r = scim.put("/Groups/" + stale["id"], stale,
                 headers={"If-Match": stale["meta"]["version"]})
    assert r.status == 412
    assert len(scim.get("/Users/" + bob["id"]).json["groups"]) == 620


def test_a_group_without_name_is_refused_with_members_too(scim):
    r = scim.post("/Groups", {"schemas": [GROUP], "members": named(2000)},
                  headers={"Content-Type": SCIM})

    assert r.status == 400
