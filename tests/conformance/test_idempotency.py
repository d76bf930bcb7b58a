# SPDX-License-Identifier: Apache-2.0
"""Idempotency-Key: a write that is sent twice is carried out once."""

import random
import threading
import time

import pytest

from bulk import PATCH, atomic, bulk, delete, patch, post, put
from samples import eq, fresh, group, user
from scim_client import Closed, encode_body, request_bytes
from test_feed import position
from test_races import race

pytestmark = pytest.mark.both_stores

MERGE = "application/vnd.scimd.merge+json"


def key(value=None):
    return {"Idempotency-Key": f'"{value or fresh("key")}"'}


def title(value):
    return {"schemas": [PATCH], "Operations": [
        {"op": "replace", "path": "title", "value": value}]}


def history(scim, path):
    return scim.get(path + "/.versions").json["totalResults"]


def told(r):
    """What an answer tells, of which a repeat tells the same."""
    return (r.status, r.body and r.json, r.etag, r.header("Location"),
            r.header("Last-Modified"))


@pytest.fixture
def made(scim):
    return scim.create("/Users", user(title="0"))


class TestARepeat:
    def test_of_a_create_creates_nothing(self, scim):
        body, once = user(title="1"), key()

        first = scim.post("/Users", body, headers=once)
        second = scim.post("/Users", body, headers=once)

        assert first.status == 201
        assert told(second) == told(first)
        found = scim.get("/Users" + eq("userName", body["userName"]))
        assert found.json["totalResults"] == 1

    @pytest.mark.parametrize("tagged", [False, True])
    def test_of_a_replacement_writes_nothing(self, scim, made, tagged):
        path, once = "/Users/" + made["id"], key()
        if tagged:
            once["If-Match"] = made["meta"]["version"]

        first = scim.put(path, made | {"title": "1"}, headers=once)
        second = scim.put(path, made | {"title": "1"}, headers=once)

        assert first.status == 200
        assert told(second) == told(first)
        assert history(scim, path) == 2

    def test_of_a_patch_adds_nothing(self, scim, made):
        path, once = "/Users/" + made["id"], key()
        body = {"schemas": [PATCH], "Operations": [
            {"op": "add", "path": "emails", "value": [
                {"value": fresh("mail") + "@x.example"}]}]}

        first = scim.patch(path, body, headers=once)
        scim.patch(path, {"schemas": [PATCH], "Operations": [
            {"op": "remove", "path": "emails"}]})
        second = scim.patch(path, body, headers=once)

        assert (first.status, second.status) == (200, 200)
        assert second.json["emails"] == first.json["emails"]
        assert "emails" not in scim.get(path).json

    def test_of_a_delete_is_no_404(self, scim, made):
        path, once = "/Users/" + made["id"], key()

        first = scim.delete(path, headers=once)
        second = scim.delete(path, headers=once)

        assert first.status == 204
        assert told(second) == told(first)
        assert scim.delete(path, headers=key()).status == 404

    def test_of_a_revert_reverts_nothing(self, scim, made):
        path, once = "/Users/" + made["id"], key()
        old = made["meta"]["version"].split('"')[1].split(".")[0]
        scim.put(path, made | {"title": "1"})

        first = scim.post(f"{path}/.versions/{old}/.revert", None,
                          headers=once)
        scim.put(path, made | {"title": "2"})
        second = scim.post(f"{path}/.versions/{old}/.revert", None,
                           headers=once)

        assert (first.status, second.status) == (200, 200)
        assert second.json["title"] == "0"
        assert scim.get(path).json["title"] == "2"

    def test_of_a_merge_merges_nothing(self, scim, made):
        path = "/Users/" + made["id"]
        once = key() | {"Content-Type": MERGE}
        body = {"schemas": ["urn:scimd:params:scim:api:messages:2.0:Merge"],
                "base": made["meta"]["version"],
                "resource": made | {"nickName": "Countess"}}
        scim.put(path, made | {"title": "1"})

        first = scim.patch(path, body, headers=once)
        scim.put(path, made)
        second = scim.patch(path, body, headers=once)

        assert (first.status, second.status) == (200, 200), first
        assert second.json["title"] == "1"
        assert second.json["nickName"] == "Countess"
        assert "nickName" not in scim.get(path).json

    def test_of_a_member_changes_no_group(self, scim, made):
        team = scim.create("/Groups", group())
        path, once = "/Groups/" + team["id"], key()
        body = {"schemas": [PATCH], "Operations": [
            {"op": "add", "path": "members", "value": [
                {"value": made["id"]}]}]}

        first = scim.patch(path, body, headers=once)
        scim.patch(path, {"schemas": [PATCH], "Operations": [
            {"op": "remove", "path": "members"}]})
        second = scim.patch(path, body, headers=once)

        assert (first.status, first.etag) == (204, second.etag)
        assert second.status == 204
        assert "members" not in scim.get(path).json


class TestWhatIsShown:
    def test_is_the_version_that_was_written(self, scim, made):
        """A later state must not pass for this one."""
        path, once = "/Users/" + made["id"], key()
        first = scim.put(path, made | {"title": "1"}, headers=once)
        scim.put(path, made | {"title": "2"})

        second = scim.put(path, made | {"title": "1"}, headers=once)

        assert told(second) == told(first)
        stale = scim.put(path, made, headers={"If-Match": second.etag})
        assert stale.status == 412

    def test_is_shown_of_what_is_gone_as_well(self, scim):
        body, once = user(title="1"), key()
        first = scim.post("/Users", body, headers=once)
        scim.delete("/Users/" + first.json["id"])

        second = scim.post("/Users", body, headers=once)

        assert (second.status, second.etag) == (201, first.etag)
        assert second.json["userName"] == body["userName"]
        assert scim.get("/Users/" + first.json["id"]).status == 404

    def test_members_are_those_of_then(self, scim, made):
        team = group(made["id"])
        once = key()
        first = scim.post("/Groups", team, headers=once)
        path = "/Groups/" + first.json["id"]
        scim.patch(path, {"schemas": [PATCH], "Operations": [
            {"op": "remove", "path": "members"}]})

        second = scim.post("/Groups", team, headers=once)

        assert told(second) == told(first)
        assert second.json["members"][0]["value"] == made["id"]

    def test_is_what_this_request_wants_of_it(self, scim, made):
        path, once = "/Users/" + made["id"], key()
        scim.put(path, made | {"title": "1"}, headers=once)

        r = scim.put(path + "?attributes=title", made | {"title": "1"},
                     headers=once)

        assert r.status == 200
        assert set(r.json) == {"schemas", "id", "title", "meta"} - (
            set() if "meta" in r.json else {"meta"})

    def test_without_a_body_it_has_none_again(self, scim, made):
        path, once = "/Users/" + made["id"], key()
        minimal = once | {"Prefer": "return=minimal"}
        first = scim.patch(path, title("1"), headers=minimal)
        scim.patch(path, title("2"))

        second = scim.patch(path, title("1"), headers=minimal)

        assert first.status == 204
        assert told(second)[:-1] == told(first)[:-1]
        assert scim.patch(path, title("1"), headers=once).status == 204

    @pytest.mark.settings(history_count=1)
    def test_a_version_that_is_forgotten_has_no_body(self, scim):
        body, once = user(title="1"), key()
        first = scim.post("/Users", body, headers=once)
        path = "/Users/" + first.json["id"]
        change = key()
        changed = scim.patch(path, title("2"), headers=change)
        scim.patch(path, title("3"))

        again = scim.patch(path, title("2"), headers=change)

        assert again.status == 204
        assert again.etag == changed.etag
        assert again.header("Location") == changed.header("Location")
        # Who creates can't but look at it.
        again = scim.post("/Users", body, headers=once)
        assert again.status == 201
        assert again.json["title"] == "3"
        assert again.etag == scim.get(path).etag
        scim.delete(path)
        again = scim.post("/Users", body, headers=once)
        assert (again.status, again.etag) == (204, first.etag)
        assert again.header("Location") == first.header("Location")

    @pytest.mark.settings(etag="strong")
    def test_a_strong_tag_comes_again(self, scim):
        body, once = user(), key()
        first = scim.post("/Users", body, headers=once)

        assert told(scim.post("/Users", body, headers=once)) == told(first)


class TestAKey:
    @pytest.mark.parametrize("change", [
        lambda r: r | {"body": r["body"] + b" "},
        lambda r: r | {"method": "PATCH", "body": b"{}"},
        lambda r: r | {"headers": {"If-Match": "*"}},
        lambda r: r | {"path": "/Users/other"},
        lambda r: r | {"method": "DELETE", "body": None},
    ])
    def test_is_for_one_request(self, scim, made, change):
        once = key()
        request = {"method": "PUT", "path": "/Users/" + made["id"],
                   "body": b'{"schemas":["urn:ietf:params:scim:schemas:core:'
                           b'2.0:User"],"userName":"%s"}'
                           % made["userName"].encode(), "headers": {}}

        def send(r):
            return scim.request(r["method"], r["path"], r["body"],
                                headers=r["headers"] | once)
        first = send(request)
        assert first.status == 200
        other = send(change(request))

        assert other.status == 409
        assert "Idempotency-Key" in other.detail
        assert "scimType" not in other.json
        assert told(send(request)) == told(first)

    def test_belongs_to_who_sent_it(self, server, scim, made):
        """Another token does not learn that the key was used."""
        path, once = "/Users/" + made["id"], key()
        assert scim.put(path, made | {"title": "1"}, headers=once).status \
            == 200
        if server.store == "memory:":
            return
        other = scim.having(server.make_token())

        assert other.patch(path, title("2"), headers=once).status == 200
        assert scim.get(path).json["title"] == "2"

    @pytest.mark.parametrize("sent, same", [
        ('"a b,c;d"', '"a b,c;d"'),
        ("8e03978e-40d5-43e8-bc93-6894a57f9324",
         '"8e03978e-40d5-43e8-bc93-6894a57f9324"'),
        (r'"say \"so\" \\"', r'"say \"so\" \\"'),
        ("x" * 255, '"' + "x" * 255 + '"'),
        ('"' + r"\"" * 255 + '"', '"' + r"\"" * 255 + '"'),
        ("abc/+=_.:~", '"abc/+=_.:~"'),
    ])
    def test_may_be_quoted_or_bare(self, scim, sent, same):
        body = user()

        first = scim.post("/Users", body, headers={"Idempotency-Key": sent})
        second = scim.post("/Users", body, headers={"Idempotency-Key": same})

        assert first.status == 201
        assert told(second) == told(first)

    @pytest.mark.parametrize("sent", [
        "", '""', '"', '"a', 'a"', "a b", "a,b", "a;b", '"a"b', '"a";b=1',
        '"a", "b"', r'"\a"', '"a\\"', "\u00fc", '"\u00fc"', '"a\tb"',
        "x" * 256, '"' + "x" * 256 + '"', '"' + r"\\" * 256 + '"',
        "x" * 3000, "?1", ":YWJj:;",
    ][:-2] + ["a\\b"])
    def test_malformed_is_400(self, scim, sent):
        body = user()

        r = scim.post("/Users", body, headers={"Idempotency-Key": sent})

        assert r.status == 400
        assert "Idempotency-Key" in r.detail
        found = scim.get("/Users" + eq("userName", body["userName"]))
        assert found.json["totalResults"] == 0

    def test_sent_twice_is_400(self, scim):
        r = scim.post("/Users", user(), headers=[
            ("Idempotency-Key", '"a"'), ("Idempotency-Key", '"a"')])

        assert r.status == 400

    @pytest.mark.parametrize("sent", ['"a"', '"', ""])
    def test_says_nothing_to_what_only_reads(self, scim, made, sent):
        headers = {"Idempotency-Key": sent}
        path = "/Users/" + made["id"]

        assert scim.get(path, headers=headers).status == 200
        search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:"
                              "SearchRequest"]}
        for _ in range(2):
            assert scim.post("/Users/.search", search, headers=headers) \
                .status == 200


class TestARefusal:
    def test_leaves_nothing(self, scim, made):
        """What was refused may be right the next time."""
        path, once = "/Users/" + made["id"], key()
        new = scim.put(path, made | {"title": "1"})
        tag = {"If-Match": new.etag}
        other = scim.put(path, made | {"title": "2"})
        r = scim.put(path, made | {"title": "3"}, headers=once | tag)
        assert r.status == 412
        scim.put(path, made | {"title": "1"})

        r = scim.put(path, made | {"title": "3"}, headers=once | tag)

        assert r.status == 200
        assert other.status == 200

    @pytest.mark.parametrize("status, send", [
        (404, lambda c, h: c.delete("/Users/nobody", headers=h)),
        (400, lambda c, h: c.post("/Users", {"schemas": []}, headers=h)),
        (400, lambda c, h: c.post("/Users", b"{", headers=h)),
    ])
    def test_is_not_told_again(self, scim, status, send):
        once = key()

        assert send(scim, once).status == status
        assert send(scim, once).status == status
        assert scim.post("/Users", user(), headers=once).status == 201

    def test_of_a_taken_name_is_looked_at_anew(self, scim, made):
        once, body = key(), user(userName=made["userName"])

        assert scim.post("/Users", body, headers=once).status == 409
        scim.delete("/Users/" + made["id"])
        assert scim.post("/Users", body, headers=once).status == 201


def test_what_changes_nothing_is_remembered(scim, made):
    path, once = "/Users/" + made["id"], key()
    first = scim.put(path, made, headers=once)
    scim.put(path, made | {"title": "1"})

    second = scim.put(path, made, headers=once)

    assert told(second) == told(first)
    assert second.json["title"] == "0"
    assert scim.get(path).json["title"] == "1"


def test_a_dry_run_is_not_remembered(scim, made):
    path, once = "/Users/" + made["id"], key()
    headers = once | {"Content-Type": MERGE}
    body = {"schemas": ["urn:scimd:params:scim:api:messages:2.0:Merge"],
            "base": made["meta"]["version"], "dryRun": True,
            "resource": made | {"title": "1"}}

    assert scim.patch(path, body, headers=headers).json["dryRun"] is True
    body["dryRun"] = False
    assert scim.patch(path, body, headers=headers).json["title"] == "1"


def test_a_password_is_hashed_once(scim):
    body, once = user(password="tram+elephant+19"), key()

    first = scim.post("/Users", body, headers=once)
    second = scim.post("/Users", body, headers=once)

    assert first.status == 201
    assert told(second) == told(first)


def test_a_large_body_is_remembered(scim):
    once = key()
    body = user(emails=[{"value": f"{n:06}@x.example"}
                        for n in range(6000)])

    first = scim.post("/Users", body, headers=once)
    second = scim.post("/Users", body, headers=once)

    assert first.status == 201
    assert told(second) == told(first)


@pytest.mark.parametrize("make", ["delete", "put"])
def test_a_repeat_that_waits_for_continue_is_answered(scim, made, make):
    """Before the body came nobody can tell that it is a repeat."""
    path, once = "/Users/" + made["id"], key()
    headers = once | {"If-Match": made["meta"]["version"],
                      "Expect": "100-continue"}
    if make == "put":
        first = scim.put(path, made | {"title": "1"}, headers=headers)
        second = scim.put(path, made | {"title": "1"}, headers=headers)
    else:
        first = scim.delete(path, headers=once)
        second = scim.delete(path, headers=once)

    assert first.status in (200, 204)
    assert told(second) == told(first)


class TestAtTheSameTime:
    def test_one_creates_and_all_are_told(self, server, scim):
        for _ in range(10):
            body, once = user(), key()

            results = race(server, 8, lambda n, c: c.post(
                "/Users", body, headers=once))

            assert {r.status for r in results} == {201}
            assert len({r.json["id"] for r in results}) == 1
            found = scim.get("/Users" + eq("userName", body["userName"]))
            assert found.json["totalResults"] == 1

    def test_one_replaces_and_all_are_told(self, server, scim):
        for _ in range(10):
            made = scim.create("/Users", user())
            path = "/Users/" + made["id"]
            once = key() | {"If-Match": made["meta"]["version"]}

            results = race(server, 8, lambda n, c: c.put(
                path, made | {"title": "1"}, headers=once))

            assert {r.status for r in results} == {200}
            assert len({r.etag for r in results}) == 1
            assert history(scim, path) == 2

    def test_of_two_requests_with_one_key_one_is_carried_out(
            self, server, scim):
        for _ in range(10):
            bodies, once = [user() for _ in range(4)], key()

            results = race(server, 8, lambda n, c: c.post(
                "/Users", bodies[n % 4], headers=once))

            assert {r.status for r in results} == {201, 409}
            assert len({r.json["id"] for r in results
                        if r.status == 201}) == 1


class TestBulk:
    def operations(self, made):
        return [post(user(), "u1"),
                post(group("bulkId:u1"), "g1", "/Groups"),
                put("/Users/" + made["id"], made | {"title": "1"},
                    version=made["meta"]["version"]),
                delete("/Users/nobody")]

    def test_a_repeat_does_nothing_and_tells_the_same(self, scim, made):
        body, once = bulk(*self.operations(made)), key()

        first = scim.post("/Bulk", body, headers=once)
        total = scim.get("/Users?count=0").json["totalResults"]
        second = scim.post("/Bulk", body, headers=once)

        assert [o["status"] for o in first.json["Operations"]] == [
            "201", "201", "200", "404"]
        assert second.status == 200
        assert second.json == first.json
        assert scim.get("/Users?count=0").json["totalResults"] == total

    def test_what_was_refused_is_tried_again(self, scim, made):
        taken = scim.create("/Users", user())
        name = taken["userName"]
        body = bulk(post(user(), "a"), post(user(userName=name), "b"),
                    post(group("bulkId:a", "bulkId:b"), "g", "/Groups"))
        once = key()
        first = scim.post("/Bulk", body, headers=once).json["Operations"]
        assert [o["status"] for o in first] == ["201", "409", "409"]
        scim.delete("/Users/" + taken["id"])

        second = scim.post("/Bulk", body, headers=once).json["Operations"]

        assert [o["status"] for o in second] == ["201", "201", "201"]
        # Being in a group is in its tag, as in each answer.
        assert second[0]["location"] == first[0]["location"]
        assert second[0]["version"].startswith(first[0]["version"][:-1])
        team = scim.get(second[2]["location"]).json
        assert sorted(m["value"] for m in team["members"]) == sorted(
            o["location"].rsplit("/", 1)[1] for o in second[:2])

    def test_another_one_with_the_key_is_409(self, scim, made):
        once = key()
        scim.post("/Bulk", bulk(post(user(), "a")), headers=once)

        r = scim.post("/Bulk", bulk(post(user(), "a"), post(user(), "b")),
                      headers=once)

        assert r.status == 409
        assert "Idempotency-Key" in r.detail

    def test_a_key_of_bulk_is_free_for_others(self, scim, made):
        once = key()
        scim.post("/Bulk", bulk(post(user(), "a")), headers=once)

        assert scim.post("/Users", user(), headers=once).status == 201

    def test_atomic_is_all_or_nothing_again(self, scim, made):
        once = key()
        body = atomic(*self.operations(made)[:3])
        first = scim.post("/Bulk", body, headers=once)

        assert scim.post("/Bulk", body, headers=once).json == first.json
        assert [o["status"] for o in first.json["Operations"]] == [
            "201", "201", "200"]

    def test_two_at_the_same_time_do_all_once(self, server, scim):
        for _ in range(5):
            users = [user() for _ in range(150)]
            body = bulk(*[post(u, f"u{n}") for n, u in enumerate(users)],
                        *[post(group(f"bulkId:u{n}"), f"g{n}", "/Groups")
                          for n in range(0, 150, 10)])
            once = key()

            race(server, 3, lambda n, c: c.post(
                "/Bulk", body, headers=once))

            r = scim.post("/Bulk", body, headers=once)
            assert {o["status"] for o in r.json["Operations"]} == {"201"}
            ids = [o["location"].rsplit("/", 1)[1]
                   for o in r.json["Operations"]]
            assert len(set(ids)) == len(ids)
            for n in range(0, 150, 10):
                team = scim.get("/Groups/" + ids[150 + n // 10]).json
                assert [m["value"] for m in team["members"]] == [ids[n]]


def ask_until_told(server, send):
    """What a client does whose server comes and goes."""
    while True:
        client = server.client()
        try:
            return send(client)
        except (Closed, OSError):
            time.sleep(0.02)
        finally:
            client.close()


@pytest.mark.parametrize("store", ["sqlite"])
class TestDeath:
    """The server is killed before it answers; whoever asks again with the
    same key gets what was done, or has it done now."""

    @pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
    def test_what_was_committed_and_not_answered_is_told(
            self, own_server, store, method):
        server = own_server()
        client = server.client()
        made = client.create("/Users", user(title="0"))
        path = "/Users/" + made["id"]
        for i in range(10):
            body = {"POST": user(title=f"t{i}"), "PATCH": title(f"t{i}"),
                    "DELETE": None}[method]
            if method == "DELETE":
                path = "/Users/" + client.create("/Users", user())["id"]
            once = list((key() | {"If-Match": "*"}
                         if method != "POST" else key()).items())
            where = "/Users" if method == "POST" else path
            before = position(client.get("/.changes?since=now"))
            sent = encode_body(body)
            with client.raw() as raw:
                raw.send(request_bytes(
                    method, client.target(where),
                    client.head_for(once, sent), sent))
                # It is committed, and nobody has read an answer.
                while not client.get("/.changes?since=" + before).resources:
                    pass
                server.kill()
            client.close()
            server.start()
            r = ask_until_told(server, lambda c: c.request(
                method, where, body, headers=once))
            assert r.status == {"POST": 201, "PATCH": 200,
                                "DELETE": 204}[method], r
            client = server.client()
            changes = client.get("/.changes?since=" + before).resources
            assert len(changes) == 1
            if r.body:
                assert r.json["title"] == f"t{i}"
                assert r.etag == changes[0]["version"]
        client.close()

    def test_a_count_is_exact(self, own_server, store):
        """Each client writes one title after the other, and asks again until
        it is told: there is one change for each, no more and no fewer."""
        server = own_server()
        client = server.client()
        users = [client.create("/Users", user()) for _ in range(4)]
        client.close()
        told_tags = [[] for _ in users]
        end = time.monotonic() + 6

        def work(n):
            i = 0
            while time.monotonic() < end:
                i, once = i + 1, key()
                wanted = title(f"{n}-{i}")
                r = ask_until_told(server, lambda c: c.patch(
                    "/Users/" + users[n]["id"], wanted, headers=once))
                assert r.status == 200, r
                assert r.json["title"] == f"{n}-{i}"
                told_tags[n].append(r.etag)

        threads = [threading.Thread(target=work, args=(n,))
                   for n in range(len(users))]
        for t in threads:
            t.start()
        dice, kills = random.Random(4), 0
        while time.monotonic() < end - 0.5:
            time.sleep(0.05 + dice.random() * 0.2)
            server.kill()
            server.start()
            kills += 1
        for t in threads:
            t.join()
        assert kills >= 3
        client = server.client()
        for n, u in enumerate(users):
            r = client.get(f"/Users/{u['id']}/.versions?count=1000")
            kept = [c["version"] for c in reversed(r.resources)]
            want = [u["meta"]["version"]] + told_tags[n]
            assert r.resources[0]["revision"] == len(want)
            assert kept == want[-len(kept):]
            assert client.get("/Users/" + u["id"]).json["title"] \
                == f"{n}-{len(told_tags[n])}"
        client.close()

    def test_a_bulk_cut_in_half_goes_on(self, own_server, store):
        server = own_server()
        cut = 0
        for _ in range(20):
            users = [user() for _ in range(400)]
            body = bulk(*[post(u, f"u{n}") for n, u in enumerate(users)],
                        post(group(*[f"bulkId:u{n}" for n in range(400)]),
                             "g", "/Groups"))
            once = key()
            client = server.client()
            before = client.get("/Users?count=0").json["totalResults"]

            def send():
                try:
                    client.post("/Bulk", body, headers=once)
                except (Closed, OSError):
                    pass

            watcher = server.client()
            thread = threading.Thread(target=send)
            thread.start()
            while watcher.get("/Users?count=0").json["totalResults"] == before:
                pass
            server.kill()
            thread.join()
            watcher.close()
            client.close()
            server.start()
            client = server.client()
            there = client.get("/Users?count=0").json["totalResults"] - before
            cut += 0 < there < 400
            r = client.post("/Bulk", body, headers=once)
            assert {o["status"] for o in r.json["Operations"]} == {"201"}
            total = client.get("/Users?count=0").json["totalResults"]
            assert total == before + 400
            team = client.get(r.json["Operations"][-1]["location"]).json
            assert len(team["members"]) == 400
            client.close()
            if cut == 2:
                return
        assert cut > 0, "no request was cut, in 20 times"


def test_nothing_of_a_request_can_be_read_in_the_store(own_server):
    server = own_server()
    client = server.client()
    secret, once = fresh("secret"), fresh("key")
    r = client.post("/Users", user(password=secret), headers=key(once))
    assert r.status == 201
    client.close()
    server.stop()

    stored = b"".join(p.read_bytes() for p in server.directory.glob("*.db*"))
    assert once.encode() not in stored
    assert secret.encode() not in stored
