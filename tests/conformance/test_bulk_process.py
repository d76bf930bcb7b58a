# SPDX-License-Identifier: Apache-2.0
"""Bulk requests and what else goes on: all-or-nothing, other clients, a
process that dies, a tenant that changes."""

import random
import threading
import time

import pytest

from bulk import atomic, bulk, delete, patch, post, put, run
from samples import fresh, group, user
from scim_client import Closed
from test_in_flight import alone, set_in, tenant_of

STALE = 'W/"AAAAAAAAAAAAAAAAAAAAAA"'


def statuses(r):
    return [x["status"] for x in r.json["Operations"]]


def count(client, path="/Users"):
    return client.get(path + "?count=0").json["totalResults"]


@pytest.mark.both_stores
class TestAtomic:
    def test_all(self, own):
        r = own.post("/Bulk", atomic(
            post(group("bulkId:b"), "a", "/Groups"),
            *[post(user(), f"u{n}") for n in range(100)],
            post(group("bulkId:a"), "b", "/Groups")))
        assert set(statuses(r)) == {"201"}
        assert (count(own), count(own, "/Groups")) == (100, 2)

    def test_or_nothing(self, own):
        made = own.create("/Users", user())
        r = own.post("/Bulk", atomic(
            *[post(user(), f"u{n}") for n in range(100)],
            put("/Users/" + made["id"], user(), version=STALE),
            delete("/Users/" + made["id"])))
        assert r.status == 200
        assert statuses(r) == ["409"] * 100 + ["412", "409"]
        assert "101" in r.json["Operations"][0]["response"]["detail"]
        assert own.get("/Users/" + made["id"]).json == made
        assert count(own) == 1

    def test_false_is_as_if_it_was_not_there(self, scim):
        body = atomic(delete("/Users/none"), post(user(), "a"))
        for key in body:
            if "scimd" in key:
                body[key] = {"atomic": False}
        assert statuses(scim.post("/Bulk", body)) == ["404", "201"]

    @pytest.mark.settings(dangling_members="keep")
    def test_a_thousand_rows_and_no_more(self, scim):
        def team(size):
            return post(group(*[str(n) for n in range(size)]), "g",
                        "/Groups")

        assert statuses(scim.post("/Bulk", atomic(team(999)))) == ["201"]
        r = scim.post("/Bulk", atomic(team(999), post(user(), "u")))
        assert r.status == 413 and "1000" in r.detail

    def test_what_grows_while_it_is_carried_out_is_refused(self, own):
        """Each change of a large user that the request itself makes takes as
        much memory as the user, and time from all who write."""
        large = user(addresses=[
            {"type": f"t{n}", "formatted": "x" * 50} for n in range(10000)])
        changes = [patch("/Users/bulkId:u", {
            "op": "replace", "path": "displayName", "value": str(n)})
            for n in range(900)]
        r = own.post("/Bulk", atomic(post(large, "u"), *changes))
        assert r.status == 413 and "all or nothing" in r.detail
        assert count(own) == 0

    def test_a_password_of_what_it_makes_is_set_apart(self, scim):
        change = patch("/Users/bulkId:a", {
            "op": "add", "path": "password", "value": "correct horse"})
        r = scim.post("/Bulk", atomic(
            post(user(password="first secret"), "a"), change))
        assert statuses(r) == ["409", "400"]
        assert "password" in r.json["Operations"][1]["response"]["detail"]


@pytest.mark.settings(members="20", dangling_members="keep")
def test_a_circle_is_no_larger_than_one_operation(scim):
    def ring(size, *others):
        return [post(group(f"bulkId:{(n + 1) % size}", *others), str(n),
                     "/Groups") for n in range(size)]

    before = count(scim, "/Groups")
    r = scim.post("/Bulk", bulk(*ring(10, "x")))
    assert statuses(r) == ["201"] * 10
    r = scim.post("/Bulk", bulk(*ring(10, "x", "y"), post(user(), "u")))
    assert set(statuses(r)[:10]) == {"413", "409"}
    assert statuses(r)[10] == "201"
    assert count(scim, "/Groups") == before + 10


class TestOthers:
    def test_are_served_meanwhile(self, server, scim):
        """A bulk request lets others write in between."""
        other = server.client()
        made = other.create("/Users", user())
        path, done, waits = "/Users/" + made["id"], [], []

        def work():
            done.append(run(scim, *[
                post(user(), f"u{n}") for n in range(1000)]))

        thread = threading.Thread(target=work)
        thread.start()
        while not done:
            asked = time.monotonic()
            now = other.put(path, made | {"title": fresh()})
            waits.append(time.monotonic() - asked)
            assert now.status == 200
        thread.join()
        other.close()
        assert {r["status"] for r in done[0]} == {"201"}
        assert len(waits) > 1 and max(waits) < 2

    def test_lose_nothing(self, server):
        """Bulks and single requests on one user, each with its version."""
        boss = server.client()
        made = boss.create("/Users", user(title="0"))
        path = "/Users/" + made["id"]

        def add(n, client):
            won = 0
            while won < 15:
                now = client.get(path)
                title = str(int(now.json["title"]) + 1)
                ops = [post(user(), fresh()),
                       put(path, now.json | {"title": title},
                           version=now.etag),
                       post(user(), fresh())]
                results = run(client, *ops)
                assert [results[0]["status"], results[2]["status"]] == \
                    ["201", "201"]
                assert results[1]["status"] in ("200", "412")
                won += results[1]["status"] == "200"

        threads = []
        for n in range(6):
            client = server.client()
            threads.append(threading.Thread(target=add, args=(n, client)))
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert boss.get(path).json["title"] == str(6 * 15)
        boss.close()


class TestDeath:
    # The request is out when the process dies; then all of it is there, or
    # nothing.
    def test_atomic_is_all_or_nothing(self, own_server):
        server = own_server()
        dice = random.Random(7)
        for round_ in range(6):
            client = server.client()
            before = count(client)
            answers = []

            def work():
                try:
                    answers.append(client.post("/Bulk", atomic(*[
                        post(user(), f"u{n}") for n in range(300)])))
                except (Closed, OSError):
                    pass

            thread = threading.Thread(target=work)
            thread.start()
            time.sleep(dice.random() * 0.25)
            server.kill()
            thread.join()
            server.start()
            client = server.client()
            there = count(client) - before
            assert there in (0, 300), there
            if answers:
                assert set(statuses(answers[0])) == {"201"}
                assert there == 300
            client.close()

    def test_what_was_told_is_there(self, own_server):
        """Without `atomic` it may be a part, but a whole slice of it."""
        server = own_server()
        client = server.client()
        thread = threading.Thread(target=lambda: quietly(
            client, bulk(*[post(user(), f"u{n}") for n in range(1000)])))
        thread.start()
        time.sleep(0.15)
        server.kill()
        thread.join()
        server.start()
        client = server.client()
        assert count(client) <= 1000
        listed = client.get("/Users?count=1000").resources
        assert len(listed) == count(client)
        client.close()


def quietly(client, body):
    try:
        client.post("/Bulk", body)
    except (Closed, OSError):
        pass


class TestTenant:
    def during(self, server, there, operations, change):
        """The answer to a bulk whose tenant changes after some slice."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(
            there.post("/Bulk", bulk(*operations))))
        watcher = there.having(there.token)
        thread.start()
        while count(watcher) == 0:
            time.sleep(0.002)
        watcher.close()
        with alone(server) as db:
            time.sleep(0.1)
            change(db)
        thread.join(60)
        return answers[0]

    def test_what_is_done_is_never_done_twice(self, server):
        """A call begins again when its tenant changed meanwhile; a bulk of
        which something is durable says so, and what it did not do."""
        name, there = tenant_of(server)
        there.timeout = 60
        operations = [post(user(), f"u{n}") for n in range(1000)]
        r = self.during(server, there, operations,
                        lambda db: set_in(db, name, history_count="9"))
        done = statuses(r).count("201")
        assert set(statuses(r)) <= {"201", "503"}
        assert len(statuses(r)) == 1000
        assert count(there) == done
        there.close()
