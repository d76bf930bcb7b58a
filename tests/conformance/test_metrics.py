# SPDX-License-Identifier: Apache-2.0
"""/metrics: what an operator sees of conflicts and of what was let through."""

import pytest

from counters import moved
from samples import group, user
from scim_client import USER, http_date

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
