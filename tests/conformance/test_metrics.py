# SPDX-License-Identifier: Apache-2.0
"""/metrics: what an operator sees of conflicts and of what was let through."""

import collections
import threading

import pytest

from bulk import BULK, PATCH
from counters import moved
from samples import group, user
from scim_client import USER, http_date
from test_merge import MEDIA, MERGE
from test_races import race

pytestmark = pytest.mark.both_stores


def test_conflicts_are_counted(scim):
    made = scim.create("/Users", user())
    path = "/Users/" + made["id"]

    def work():
        for headers in ({"If-Match": '"x"'}, {"If-None-Match": "*"},
                        {"If-Unmodified-Since": http_date(0)}):
            assert scim.put(path, made, headers=headers).status == 412

    assert moved(scim, work)["scimd_conflicts_total"] == 3


def test_requests_are_counted_by_method_and_status(scim):
    def work():
        scim.get("/Users?count=0")
        scim.get("/Users/nobody")
        scim.get("/Users/nobody")

    got = moved(scim, work)

    assert got['scimd_requests_total{method="GET",status="404"}'] == 2
    assert got['scimd_requests_total{method="GET",status="200"}'] >= 1


@pytest.mark.parametrize("quirk, body", [
    ("string_boolean", {"active": "True"}),
    ("unknown_schema", {"schemas": [USER, "urn:example:other"]}),
    ("legacy_schemas", {"schemas": ["urn:scim:schemas:core:1.0"]}),
    ("single_value", {"emails": {"value": "a@b.example"}}),
    ("unknown_attribute", {"shoeSize": 42}),
])
def test_what_is_let_through_is_counted(scim, quirk, body):
    def work():
        assert scim.post("/Users", user(**body)).status == 201

    got = moved(scim, work)

    assert got[f'scimd_quirks_total{{quirk="{quirk}"}}'] == 1


def test_a_token_is_judged_by_its_scopes(server, scim, store):
    # From loopback anybody may look; a proxy's clients are elsewhere.
    proxied = {"X-Forwarded-For": "203.0.113.1"}
    assert scim.at("").get("/metrics").status == 200
    assert scim.at("").get("/metrics", headers=proxied).status == 403
    if store == "sqlite":
        watcher = scim.having(server.make_token(scope="metrics"))
        assert watcher.at("").get(
            "/metrics", headers=proxied).status == 200
        assert watcher.get("/Users").status == 403


def test_names_of_people_are_no_labels(scim):
    made = scim.create("/Users", user(displayName="Ada King"))
    scim.create("/Groups", group(made["id"]))

    text = scim.having(None).at("").get("/metrics").body.decode()

    for word in (made["id"], made["userName"], "Ada", scim.token):
        assert word not in text


def writes(moves, **labels):
    """How many writes moved, of those with such labels."""
    return sum(n for name, n in moves.items()
               if name.startswith("scimd_writes_total{")
               and all(f'{k}="{v}"' in name for k, v in labels.items()))


def test_what_concurrent_writers_are_told_adds_up(server, scim):
    made = scim.create("/Users", user())
    path = "/Users/" + made["id"]
    clients, rounds, seen = 8, 25, collections.Counter()
    lock = threading.Lock()

    def run(n, client):
        for i in range(rounds):
            tag = client.get(path).json["meta"]["version"]
            answers = [
                client.put(path, made | {"title": f"{n} {i}"},
                           headers={"If-Match": tag}),
                client.patch(path, {
                    "schemas": [PATCH], "Operations": [
                        {"op": "replace", "path": "active",
                         "value": True}]}),
                client.put("/Users/nobody", made)]
            with lock:
                seen.update([("put", answers[0].status),
                             ("patch", answers[1].status),
                             ("absent", answers[2].status)])

    def work():
        race(server, clients, run)

    got = moved(scim, work)

    total = clients * rounds
    assert seen["put", 200] + seen["put", 412] == total
    assert seen["put", 412] > 0
    assert seen["patch", 200] == total
    assert seen["absent", 404] == total
    assert writes(got) == 3 * total
    assert writes(got, result="conflict") == seen["put", 412]
    assert writes(got, operation="replace", result="conflict") == \
        got["scimd_conflicts_total"] == seen["put", 412]
    assert writes(got, result="absent") == total
    assert writes(got, operation="patch") == total
    assert (writes(got, result="done") + writes(got, result="unchanged")
            + writes(got, result="conflict") + writes(got, result="absent")
            == 3 * total)
    assert got['scimd_tenant_writes_total{tenant="default",'
               'result="conflict"}'] == seen["put", 412]
    # In bounded memory: it may count what it forgot of others as well.
    assert got['scimd_contended_resource_conflicts{tenant="default",'
               f'type="User",id="{made["id"]}"}}'] >= seen["put", 412]


def test_merges_are_counted_by_what_came_of_them(scim):
    made = scim.create("/Users", user(title="one"))
    path = "/Users/" + made["id"]

    def merge(op_path, value):
        return scim.patch(path, {
            "schemas": [MERGE], "base": made["meta"]["version"],
            "Operations": [{"op": "replace", "path": op_path,
                            "value": value}]}, headers=dict([MEDIA]))

    def work():
        assert scim.put(path, made | {"title": "two"}).status == 200
        assert merge("nickName", "Bob").status == 200
        assert merge("title", "three").status == 409
        assert scim.put(path, made | {"title": "four"}, headers={
            "If-Match": made["meta"]["version"]}).status == 412

    got = moved(scim, work)

    assert got['scimd_merges_total{form="message",result="clean"}'] == 1
    assert got['scimd_merges_total{form="message",result="conflict"}'] == 1
    assert got['scimd_merges_total{form="proposal",result="conflict"}'] == 1
    assert got["scimd_merge_base_versions_count"] == 3
    assert got["scimd_merge_base_versions_sum"] == 1 + 2 + 2
    assert got["scimd_merge_base_age_seconds_count"] == 3
    assert writes(got, operation="merge", result="done") == 1
    assert writes(got, operation="merge", result="conflict") == 1
    assert writes(got, operation="replace", result="conflict") == 1
    assert got['scimd_contended_path_conflicts{tenant="default",'
               'type="User",path="title"}'] == 2


def test_operations_of_a_bulk_request_count_like_others(scim):
    made = scim.create("/Users", user())
    path = "/Users/" + made["id"]

    def work():
        r = scim.post("/Bulk", {"schemas": [BULK], "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a",
             "data": user()},
            {"method": "PATCH", "path": path, "version": 'W/"x"', "data": {
                "schemas": [PATCH], "Operations": [
                    {"op": "replace", "path": "title", "value": "x"}]}},
            {"method": "POST", "path": "/Users", "bulkId": "b", "data": made},
            {"method": "DELETE", "path": path}]})
        assert [o["status"] for o in r.json["Operations"]] == [
            "201", "412", "409", "204"]

    got = moved(scim, work)

    assert writes(got) == 4
    assert writes(got, operation="create", result="done") == 1
    assert writes(got, operation="patch", result="conflict") == 1
    assert writes(got, operation="create", result="taken") == 1
    assert writes(got, operation="delete", result="done") == 1


def test_of_contended_paths_no_value_is_told(scim):
    made = scim.create("/Users", user(
        emails=[{"value": "secret@b.example", "type": "work"}]))
    path = "/Users/" + made["id"]

    def change(display):
        body = {k: v for k, v in made.items() if k != "meta"}
        body["emails"] = [made["emails"][0] | {"display": display}]
        return scim.put(path, body, headers={
            "If-Match": made["meta"]["version"]}).status

    assert change("One") == 200
    assert change("Two") == 412
    text = scim.having(None).at("").get("/metrics").body.decode()

    assert "secret" not in text
    assert 'path="emails' in text


def test_merges_in_bulk_requests_count_like_others(scim):
    made = scim.create("/Users", user(title="one"))
    path = "/Users/" + made["id"]
    assert scim.put(path, made | {"title": "two"}).status == 200

    def merging(op_path, value):
        return {"method": "PATCH", "path": path, "data": {
            "schemas": [MERGE], "base": made["meta"]["version"],
            "Operations": [{"op": "replace", "path": op_path,
                            "value": value}]}}

    def work():
        r = scim.post("/Bulk", {"schemas": [BULK], "Operations": [
            merging("title", "three"), merging("nickName", "Bob")]})
        assert [o["status"] for o in r.json["Operations"]] == ["409", "200"]

    got = moved(scim, work)

    assert writes(got) == 2
    assert writes(got, operation="merge", result="conflict") == 1
    assert writes(got, operation="merge", result="done") == 1
    assert got['scimd_merges_total{form="message",result="conflict"}'] == 1
    assert got['scimd_merges_total{form="message",result="clean"}'] == 1
