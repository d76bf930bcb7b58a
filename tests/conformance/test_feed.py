# SPDX-License-Identifier: Apache-2.0
"""The feed of a tenant: every change once, in the order of commits, with no
gap, whatever happens to the server."""

import os
import signal
import threading
import time

import pytest

from samples import fresh, user
from scim_client import LIST, Closed
from scimd_server import Server

FEED = "urn:scimd:params:scim:api:messages:2.0:Feed"
CHANGE = "urn:scimd:params:scim:schemas:core:2.0:Change"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def position(r):
    return r.json[FEED]["position"]


def read_all(client, since=None, count=50):
    """Every change after a position, and the position after them."""
    changes = []
    while True:
        path = f"/.changes?count={count}"
        r = client.get(path + (f"&since={since}" if since else ""))
        assert r.status == 200, r
        since = position(r)
        if not r.resources:
            return changes, since
        changes += r.resources


def retitle(client, ident, title):
    return client.patch("/Users/" + ident, {
        "schemas": [PATCH], "Operations": [
            {"op": "replace", "path": "title", "value": title}]})


@pytest.mark.both_stores
class TestFeed:
    def test_what_happens_is_in_it_once_and_in_order(self, scim):
        start = position(scim.get("/.changes?since=now"))
        ident = scim.post("/Users", user()).json["id"]
        etag = retitle(scim, ident, "x").etag
        retitle(scim, ident, "x")
        scim.delete("/Users/" + ident)

        r = scim.get("/.changes?since=" + start)

        assert r.json["schemas"] == [LIST, FEED]
        assert r.json["totalResults"] == 3
        assert [c["operation"] for c in r.resources] == [
            "create", "patch", "delete"]
        assert {c["resource"]["value"] for c in r.resources} == {ident}
        change = r.resources[1]
        assert change["schemas"] == [CHANGE]
        assert change["version"] == etag
        assert change["paths"] == ["title"]
        assert "version" not in r.resources[2]
        # Every change is a place to go on from.
        r = scim.get("/.changes?since=" + change["position"])
        assert [c["operation"] for c in r.resources] == ["delete"]

    def test_it_comes_in_pages(self, scim):
        start = position(scim.get("/.changes?since=now"))
        made = [scim.post("/Users", user()).json["id"] for _ in range(5)]

        changes, end = read_all(scim, start, count=2)

        assert [c["resource"]["value"] for c in changes] == made
        assert read_all(scim, end) == ([], end)

    def test_what_is_no_position_is_refused(self, scim):
        for wrong in ("x", "-1", "", "Now"):
            r = scim.get("/.changes?since=" + wrong)
            assert (r.status, r.scim_type) == (400, "invalidValue"), wrong
        assert scim.get("/.changes?wait=soon").status == 400

    def test_a_position_of_another_life_is_gone(self, scim):
        scim.post("/Users", user())

        r = scim.get("/.changes?since=" + "_" * 21 + "w")

        assert r.status == 410
        assert "since=now" in r.detail

    def test_it_is_only_read(self, scim):
        for call in (scim.post, scim.put, scim.patch):
            assert call("/.changes", {}).status == 405
        assert scim.get("/.changes/x").status == 404

    def test_a_stranger_sees_nothing(self, server):
        client = server.client(token="wrong-token-of-a-stranger")
        assert client.get("/.changes").status == 401
        client.close()


@pytest.mark.both_stores
class TestWait:
    # A long page is a worker's, but to wait is not.
    @pytest.mark.parametrize("count", [50, 200])
    def test_who_waits_gets_the_next_change(self, server, scim, count):
        start = position(scim.get("/.changes?since=now"))
        other = server.client()
        answers = []

        def wait():
            begin = time.monotonic()
            r = other.get(
                f"/.changes?since={start}&wait=20&count={count}")
            answers.append((r, time.monotonic() - begin))

        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.5)
        assert not answers
        ident = scim.post("/Users", user()).json["id"]
        waiter.join(10)
        other.close()

        (r, took), = answers
        assert r.resources[0]["resource"]["value"] == ident
        assert 0.4 < took < 5

    @pytest.mark.parametrize("count", [50, 200])
    def test_in_the_end_nothing_is_an_answer(self, scim, count):
        start = position(scim.get("/.changes?since=now"))
        begin = time.monotonic()

        r = scim.get(f"/.changes?since={start}&wait=1&count={count}")

        assert r.status == 200
        assert (r.resources, position(r)) == ([], start)
        assert 0.9 < time.monotonic() - begin < 5

    def test_what_is_there_is_not_waited_for(self, scim):
        start = position(scim.get("/.changes?since=now"))
        scim.post("/Users", user())
        begin = time.monotonic()

        r = scim.get(f"/.changes?since={start}&wait=20")

        assert len(r.resources) == 1
        assert time.monotonic() - begin < 5

    def test_many_wait_and_none_stands_in_the_way(self, server, scim):
        start = position(scim.get("/.changes?since=now"))
        clients = [server.client() for _ in range(40)]
        answers = []

        def wait(client):
            answers.append(client.get(f"/.changes?since={start}&wait=20"))

        waiters = [threading.Thread(target=wait, args=[c]) for c in clients]
        for w in waiters:
            w.start()
        time.sleep(0.5)
        assert scim.get("/Users?count=1").status == 200
        ident = scim.post("/Users", user()).json["id"]
        for w in waiters:
            w.join(10)
        for c in clients:
            c.close()

        assert len(answers) == 40
        assert {a.resources[0]["resource"]["value"]
                for a in answers} == {ident}


def test_who_waits_does_not_hold_up_the_end(tmp_path):
    server = Server(tmp_path / "s").start()
    client = server.client()
    start = position(client.get("/.changes?since=now"))
    answers = []

    def wait():
        try:
            answers.append(client.get(f"/.changes?since={start}&wait=50"))
        except Closed:
            answers.append(None)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.5)
    begin = time.monotonic()
    server.stop()
    waiter.join(10)
    client.close()

    assert time.monotonic() - begin < 10
    assert len(answers) == 1


def test_nothing_acknowledged_is_missing_after_kills(tmp_path):
    """Writers write, the server is killed again and again; at the end the
    feed has every acknowledged change, each resource's in its order, the
    positions read before still hold, and history agrees with the feed."""
    server = Server(tmp_path / "s").start()
    client = server.client()
    idents = [client.post("/Users", user()).json["id"] for _ in range(4)]
    _, since = read_all(client)
    client.close()
    acknowledged = {i: [] for i in idents}
    stop = threading.Event()

    def write(ident):
        c, n = server.client(), 0
        while not stop.is_set():
            n += 1
            try:
                r = retitle(c, ident, fresh(f"t{n}"))
                if r.status == 200:
                    acknowledged[ident].append(r.etag)
            except (Closed, OSError, TimeoutError):
                c.close()
                time.sleep(0.05)
                c = server.client()
        c.close()

    writers = [threading.Thread(target=write, args=[i]) for i in idents]
    for w in writers:
        w.start()
    for _ in range(4):
        time.sleep(0.5)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        server.start()
    time.sleep(0.3)
    stop.set()
    for w in writers:
        w.join(30)

    client = server.client()
    changes, _ = read_all(client, since)
    for ident in idents:
        mine = [c["version"] for c in changes
                if c["resource"]["value"] == ident]
        # Titles are never the same, so that each version is one change.
        assert len(mine) == len(set(mine))
        there = iter(mine)
        assert all(e in there for e in acknowledged[ident])
        r = client.get(f"/Users/{ident}/.versions?count=50")
        newest = [c["version"] for c in reversed(r.resources)]
        assert (mine if len(mine) <= len(newest) else mine[-len(newest):]
                ) == newest[-len(mine):]
        assert client.get("/Users/" + ident).etag == mine[-1]
    assert sum(map(len, acknowledged.values())) > 20
    client.close()
    server.stop()


@pytest.mark.settings(history_days=0)
def test_what_is_too_old_is_gone(server, scim):
    if server.store == "memory:":
        pytest.skip("one store is enough")
    r = scim.post("/Users", user())
    start = position(scim.get("/.changes?count=1"))
    for i in range(5):
        retitle(scim, r.json["id"], fresh("t"))
    end = time.monotonic() + 30
    while scim.get("/.changes?since=" + start).status != 410:
        assert time.monotonic() < end
        time.sleep(0.5)

    # What is there is still known, and so is how it came about.
    r = scim.get(f"/Users/{r.json['id']}/.versions")
    assert r.json["totalResults"] == 1
