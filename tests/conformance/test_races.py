# SPDX-License-Identifier: Apache-2.0
"""Many clients at once: of those that can't all be right, one wins, and
nothing that was acknowledged is lost."""

import threading

import pytest

from samples import eq, fresh, group, user

pytestmark = pytest.mark.both_stores


def race(server, count, work):
    """Runs work(number, client) in as many threads at once; the results."""
    results = [None] * count
    clients = [server.client() for _ in range(count)]
    gate = threading.Barrier(count)

    def run(n):
        clients[n].get("/ServiceProviderConfig")
        gate.wait()
        results[n] = work(n, clients[n])

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for c in clients:
        c.close()
    return results


def statuses(results):
    return sorted(r.status for r in results)


# @spec 9110-13.2.2-06
def test_of_writers_with_one_tag_one_wins(server, scim):
    for _ in range(20):
        made = scim.create("/Users", user())
        path, tag = "/Users/" + made["id"], made["meta"]["version"]

        results = race(server, 8, lambda n, c: c.put(
            path, made | {"title": f"writer {n}"}, headers={"If-Match": tag}))

        assert statuses(results) == [200] + [412] * 7
        won = [r for r in results if r.status == 200]
        assert scim.get(path).json == won[0].json


def test_of_writers_and_deleters_with_one_tag_one_wins(server, scim):
    for _ in range(20):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        tag = {"If-Match": made["meta"]["version"]}

        results = race(server, 8, lambda n, c: (
            c.delete(path, headers=tag) if n % 2 else
            c.put(path, made | {"title": f"writer {n}"}, headers=tag)))

        assert sum(r.status in (200, 204) for r in results) == 1
        assert {r.status for r in results} <= {200, 204, 404, 412}
        left = scim.get(path).status
        assert left == (404 if 204 in statuses(results) else 200)


def test_of_creators_of_one_name_one_wins(server, scim):
    for headers, refused in (({}, 409), ({"If-None-Match": "*"}, 412)):
        for _ in range(10):
            body = user()

            results = race(server, 8, lambda n, c: c.post(
                "/Users", body, headers=headers))

            assert statuses(results) == [201] + [refused] * 7
            r = scim.get("/Users" + eq("userName", body["userName"]))
            assert r.json["totalResults"] == 1


def test_of_those_that_take_one_name_one_gets_it(server, scim):
    for _ in range(10):
        wanted = fresh()
        made = [scim.create("/Users", user()) for _ in range(6)]

        results = race(server, 8, lambda n, c: (
            c.put("/Users/" + made[n]["id"], made[n] | {"userName": wanted})
            if n < 6 else c.post("/Users", user(userName=wanted.upper()))))

        assert sum(r.status in (200, 201) for r in results) == 1
        assert sum(r.status == 409 for r in results) == 7


def test_counting_loses_nothing(server, scim):
    made = scim.create("/Users", user(title="0"))
    path = "/Users/" + made["id"]

    def count(n, c):
        done = 0
        while done < 25:
            now = c.get(path)
            r = c.put(path, now.json | {
                "title": str(int(now.json["title"]) + 1)},
                headers={"If-Match": now.etag})
            assert r.status in (200, 412)
            done += r.status == 200
        return done

    results = race(server, 8, count)

    assert scim.get(path).json["title"] == str(sum(results)) == "200"


def test_members_that_come_and_go_are_all_there_or_gone(server, scim):
    """Each client adds its own user to one group by read, conditional
    replace and retry; at the end all are in it, and know it."""
    team = scim.create("/Groups", group())
    path = "/Groups/" + team["id"]
    mine = [scim.create("/Users", user())["id"] for _ in range(8)]

    def join(n, c):
        while True:
            now = c.get(path)
            members = now.json.get("members", []) + [{"value": mine[n]}]
            r = c.put(path, now.json | {"members": members},
                      headers={"If-Match": now.etag})
            # 204: written, and the group has moved on since
            assert r.status in (200, 204, 412)
            if r.status != 412:
                return r

    race(server, 8, join)

    final = scim.get(path).json
    assert sorted(m["value"] for m in final["members"]) == sorted(mine)
    for ident in mine:
        groups = scim.get("/Users/" + ident).json["groups"]
        assert [g["value"] for g in groups] == [team["id"]]


def test_nobody_joins_a_group_while_being_deleted(server, scim):
    for _ in range(20):
        made = [scim.create("/Users", user())["id"] for _ in range(4)]

        results = race(server, 8, lambda n, c: (
            c.post("/Groups", group(made[n])) if n < 4
            else c.delete("/Users/" + made[n - 4])))

        assert {r.status for r in results[4:]} == {204}
        for r in results[:4]:
            assert r.status in (201, 400)
            if r.status == 201:
                now = scim.get("/Groups/" + r.json["id"]).json
                assert "members" not in now


def test_readers_see_what_was_acknowledged(server, scim):
    """Once a write is answered, every connection reads it or a later one."""
    made = scim.create("/Users", user(title="0"))
    path = "/Users/" + made["id"]
    acknowledged = [0]
    stop = threading.Event()

    def work(n, c):
        if n == 0:
            for value in range(1, 200):
                r = c.put(path, made | {"title": str(value)})
                assert r.status == 200
                acknowledged[0] = value
            stop.set()
            return 0
        behind = 0
        while not stop.is_set():
            least = acknowledged[0]
            r = c.get(path)
            behind += int(r.json["title"]) < least
        return behind

    assert sum(race(server, 5, work)) == 0


def test_revoked_means_revoked_on_every_connection(server, scim, store):
    if store == "memory":
        pytest.skip("Nobody else can reach a store in memory.")
    for _ in range(5):
        before = server.run("token", "list").stdout.splitlines()
        token = server.make_token()
        line = [x for x in server.run("token", "list").stdout.splitlines()
                if x not in before][0]
        clients = [server.client(token) for _ in range(8)]
        for c in clients:
            assert c.get("/Users?count=0").status == 200
        done = server.run("token", "revoke", line.split("\t")[0])
        assert done.returncode == 0
        threading.Event().wait(0.010)
        for c in clients:
            assert c.get("/Users?count=0").status == 401
            c.close()
