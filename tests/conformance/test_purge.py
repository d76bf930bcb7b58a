# SPDX-License-Identifier: Apache-2.0
"""scimd purge beside a server that goes on: what was asked to be forgotten is
gone, to the last byte of the files, and the feed says that it is."""

import os
import random
import threading
import time

import pytest

from samples import fresh, group, user
from scimd_server import Server
from test_feed import FEED, PATCH, position, read_all, retitle


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path).start()
    yield server
    if server.process is not None:
        server.stop()


@pytest.fixture
def scim(server):
    client = server.client()
    yield client
    client.close()


def purge(server, *ids, tenant="default"):
    return server.run("purge", "--tenant", tenant, *ids)


def holding(server, *texts):
    """Which of the texts stand in which file of the database."""
    found = set()
    for suffix in ("", "-wal", "-journal"):
        path = str(server.file) + suffix
        if os.path.exists(path):
            with open(path, "rb") as f:
                octets = f.read()
            found |= {(text, suffix) for text in texts
                      if text.encode() in octets}
    return found


def members(scim, path, *, add=(), remove=()):
    ops = [{"op": "add", "path": "members", "value": [{
        "value": i, "display": f"Shown {i[:8]}"}]} for i in add]
    ops += [{"op": "remove", "path": f'members[value eq "{i}"]'}
            for i in remove]
    r = scim.patch(path, {"schemas": [PATCH], "Operations": ops})
    assert r.status == 204, r


def test_no_trace_is_left(server, scim):
    names = {k: f"trace{k}{fresh('u')}" for k in ("old", "new", "nick")}
    made = scim.create("/Users", user(
        userName=names["old"], nickName=names["nick"], password="t0p s3cret"))
    other = scim.create("/Users", user())
    path = "/Users/" + made["id"]
    start = position(scim.get("/.changes?since=now"))
    for i in range(5):
        scim.put(path, made | {"userName": names["new"], "title": f"t{i}"})
    held = scim.create("/Groups", group(made["id"], other["id"]))
    former = "/Groups/" + scim.create("/Groups", group(other["id"]))["id"]
    members(scim, former, add=[made["id"]])
    version = scim.get(former).etag
    members(scim, former, remove=[made["id"]])
    before = scim.get("/Groups/" + held["id"])
    tag = before.etag

    done = purge(server, made["id"])

    assert done.returncode == 0, done
    assert done.stdout.startswith(made["id"] + "\tUser\t")
    assert scim.get(path).status == 404
    assert scim.get(path + "/.versions").status == 404
    assert scim.get(
        path + "/.versions/" + made["meta"]["version"][3:25]).status == 404
    assert made["id"] not in scim.get("/Users").body.decode()
    now = scim.get("/Groups/" + held["id"])
    assert [m["value"] for m in now.json["members"]] == [other["id"]]
    assert now.etag != tag
    was = scim.get(former + "/.versions/" + version[3:25])
    assert was.status == 200
    assert [m["value"] for m in was.json["members"]] == [other["id"]]
    assert not holding(
        server, *names.values(), "Shown " + made["id"][:8]), "in the files"

    changes, _ = read_all(scim)
    ours = [c for c in changes if c["resource"]["value"] == made["id"]]
    assert [c["operation"] for c in ours] == ["purge"]
    assert ours[0]["actor"] == "cli"
    assert ours[0]["paths"] == []
    # who had a position before it goes on, and sees the mark alone
    later, _ = read_all(scim, start, count=2)
    assert [c["operation"] for c in later
            if c["resource"]["value"] == made["id"]] == ["purge"]


def test_what_was_deleted_before_is_purged_too(server, scim):
    made = scim.create("/Users", user(nickName=fresh("longgone")))
    path = "/Users/" + made["id"]
    retitle(scim, made["id"], "x")
    assert scim.delete(path).status == 204
    assert scim.get(path + "/.versions").status == 200

    done = purge(server, made["id"])

    assert done.returncode == 0, done
    assert scim.get(path + "/.versions").status == 404
    assert not holding(server, made["nickName"])
    changes, _ = read_all(scim)
    assert [c["operation"] for c in changes
            if c["resource"]["value"] == made["id"]] == ["purge"]


def test_again_there_is_nothing_and_one_mark(server, scim):
    made = scim.create("/Users", user())
    other = scim.create("/Users", user())
    assert purge(server, made["id"]).returncode == 0

    again = purge(server, made["id"], "nobody", other["id"])

    assert again.returncode == 1
    assert again.stdout.split("\t")[0] == other["id"]
    assert again.stderr == (
        f"scimd purge: {made['id']}: nothing is kept of it.\n"
        "scimd purge: nobody: nothing is kept of it.\n")
    changes, _ = read_all(scim)
    assert sum(c["operation"] == "purge" for c in changes) == 2


def test_tenants_and_usage(server, scim):
    made = scim.create("/Users", user())
    server.make_tenant("acme")

    assert purge(server, made["id"], tenant="acme").returncode == 1
    assert purge(server, made["id"], tenant="none").returncode == 1
    assert server.run("purge", made["id"]).returncode == 2
    assert server.run("purge", "--tenant", "default").returncode == 2
    assert purge(server, made["id"], "").returncode == 2
    assert scim.get("/Users/" + made["id"]).status == 200


def test_a_token_that_stands_for_a_person_goes(server, scim):
    made = scim.create("/Users", user())
    token = server.make_token(subject=made["id"])
    mine = scim.having(token)
    assert mine.get("/Me").status == 200

    assert purge(server, made["id"]).returncode == 0

    time.sleep(0.05)
    assert mine.get("/Me").status == 401


def test_a_group_goes_with_the_members_it_had(server, scim):
    people = [scim.create("/Users", user())["id"] for _ in range(3)]
    made = scim.create("/Groups", group(*people, displayName=fresh("Secret")))
    members(scim, "/Groups/" + made["id"], remove=people[:1])

    assert purge(server, made["id"]).returncode == 0

    assert scim.get("/Groups/" + made["id"]).status == 404
    assert "groups" not in scim.get("/Users/" + people[1]).json
    assert not holding(server, made["displayName"])


def test_who_is_in_very_many_groups_leaves_them_all(server, scim):
    made = scim.create("/Users", user())
    scim.put("/Users/" + made["id"], made | {"nickName": fresh("Everywhere")})
    names = [fresh("g") for _ in range(1100)]
    for at in range(0, len(names), 550):
        r = scim.post("/Bulk", {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{
                "method": "POST", "path": "/Groups", "bulkId": n,
                "data": group(made["id"], displayName=n)}
                for n in names[at:at + 550]]})
        assert r.status == 200, r

    assert purge(server, made["id"]).returncode == 0

    r = scim.get(f'/Groups?filter=members.value eq "{made["id"]}"'.replace(
        " ", "%20").replace('"', "%22"))
    assert r.json["totalResults"] == 0
    assert not holding(server, "Everywhere")


# Pages are split and merged, rows moved and shortened: nothing stays behind.
def test_of_many_that_changed_much_no_byte_is_left(server, scim):
    draw = random.Random(4711)
    people = []
    for n in range(300):
        text = fresh("bytes") + "z"  # none begins another
        made = scim.create("/Users", user(
            userName=text + "a", nickName=text + "b" * draw.randrange(2000)))
        people.append((made, text))
    for _ in range(900):
        made, text = draw.choice(people)
        body = made | {"userName": text + draw.choice("acd"),
                       "nickName": text + "e" * draw.randrange(6000),
                       "title": text}
        assert scim.put("/Users/" + made["id"], body).status == 200
    draw.shuffle(people)
    gone, stay = people[:150], people[150:]

    done = purge(server, *(made["id"] for made, _ in gone))

    assert done.returncode == 0, done
    assert not holding(server, *(text for _, text in gone))
    for made, _ in stay[:20]:
        assert scim.get("/Users/" + made["id"]).status == 200


def test_writers_go_on_meanwhile(server, scim):
    gone = [scim.create("/Users", user())["id"] for _ in range(40)]
    stop = threading.Event()
    kept = []

    def write():
        client = server.client()
        while not stop.is_set():
            r = client.post("/Users", user())
            assert r.status == 201, r
            kept.append(r.json["id"])
        client.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    start = position(scim.get("/.changes?since=now"))
    for t in writers:
        t.start()
    for at in range(0, 40, 4):
        assert purge(server, *gone[at:at + 4]).returncode == 0
    stop.set()
    for t in writers:
        t.join()

    changes, end = read_all(scim, start, count=7)
    seen = [c["resource"]["value"] for c in changes]
    assert sorted(seen) == sorted(kept + gone)
    assert end == position(scim.get("/.changes?since=now"))
    assert FEED in scim.get("/.changes?since=now").json["schemas"]


def test_the_log_is_trimmed_over_what_was_purged(server, scim):
    ids = [scim.create("/Users", user())["id"] for _ in range(6)]
    assert purge(server, ids[1], ids[4]).returncode == 0
    r = scim.get("/.changes?count=2")
    assert [c["resource"]["value"] for c in r.resources] == [ids[0], ids[2]]
    r = scim.get("/.changes?since=" + position(r))
    assert [c["resource"]["value"] for c in r.resources] == [
        ids[3], ids[5], ids[1], ids[4]]
    assert r.json["totalResults"] == 4


def test_what_came_with_an_idempotency_key_may_come_again(server, scim):
    key = {"Idempotency-Key": fresh("key")}
    body = user()
    made = scim.post("/Users", body, headers=key).json
    assert scim.post("/Users", body, headers=key).json["id"] == made["id"]

    assert purge(server, made["id"]).returncode == 0

    again = scim.post("/Users", body, headers=key)
    assert again.status == 201
    assert again.json["id"] != made["id"]


# Members of so large a group are let go in turns.
def test_a_very_large_group_goes_and_so_does_one_of_its_members(server, scim):
    people = []
    for _ in range(3):
        r = scim.post("/Bulk", {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{
                "method": "POST", "path": "/Users", "bulkId": str(n),
                "data": user()} for n in range(500)]})
        people += [o["location"].rsplit("/", 1)[1]
                   for o in r.json["Operations"]]
    made = [scim.create("/Groups", group(*people))["id"] for _ in range(2)]
    versions = {i: scim.get(f"/Groups/{i}?attributes=id").etag[3:25]
                for i in made}
    gone = people[7]
    members(scim, "/Groups/" + made[1], add=[gone])
    scim.patch("/Groups/" + made[1], {"schemas": [PATCH], "Operations": [
        {"op": "remove", "path": "members"}]})

    done = purge(server, made[0], gone)

    assert done.returncode == 0, done
    assert scim.get("/Groups/" + made[0]).status == 404
    assert scim.get(f"/Groups/{made[0]}/.versions").status == 404
    was = scim.get(f"/Groups/{made[1]}/.versions/{versions[made[1]]}")
    assert was.status == 200
    assert sorted(m["value"] for m in was.json["members"]) == sorted(
        p for p in people if p != gone)
    assert not holding(server, "Shown " + gone[:8])
