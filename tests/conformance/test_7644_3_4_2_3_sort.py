# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 3.4.2.3: the order of results."""

import os
import threading
import time

import pytest

from samples import fresh, user
from scim_client import ENTERPRISE, USER, quote

pytestmark = pytest.mark.both_stores

# In the order of creation; the names end with what makes them ours.
PEOPLE = {
    "b": {"title": "x", "externalId": "a", "name": {"givenName": "Zoe"},
          "emails": [{"value": "m@x.example"},
                     {"value": "c@x.example", "primary": True}]},
    "A": {"title": "X", "externalId": "B", "name": {"givenName": "ann"},
          "emails": [{"value": "a@x.example"}, {"value": "z@x.example"}]},
    "c": {"name": {"givenName": "Bob"}, "active": True,
          "emails": [{"value": "b@x.example"}]},
    "D": {"schemas": [USER, ENTERPRISE], "active": False,
          ENTERPRISE: {"department": "R&D", "manager": {"value": "m1"}}},
    "É": {"title": "a", "externalId": "b"},
}


@pytest.fixture
def people(scim):
    mine = fresh("s-")
    made = {name: scim.create("/Users", user(
        **{"userName": f"{name}-{mine}"} | rest))
        for name, rest in PEOPLE.items()}
    return mine, made


def listed(scim, people, query):
    mine, made = people
    names = {u["id"]: name for name, u in made.items()}
    r = scim.get(f"/Users?count=1000{query}&filter=" + quote(
        f'userName ew "{mine}"'))
    assert r.status == 200, r
    assert r.json["totalResults"] == len(made)
    return "".join(names[u["id"]] for u in r.resources)


# @spec 7644-3.4.2.3-02, 7644-3.4.2.3-03, 7644-3.4.2.3-05, 7644-3.4.2.3-06,
#       7644-3.4.2.3-08, 7644-3.4.2.3-09, 7644-3.4.2.3-10, 7644-3.10-01
@pytest.mark.parametrize("by, order", [
    ("userName", "AbcDÉ"),
    ("USERNAME", "AbcDÉ"),
    (f"{USER}:userName", "AbcDÉ"),
    ("externalId", "AbÉcD"),
    ("title", "ÉbAcD"),
    ("name.givenName", "AcbDÉ"),
    ("active", "DcbAÉ"),
    ("emails.value", "AcbDÉ"),
    ("emails", "AcbDÉ"),
    ("meta.created", "bAcDÉ"),
    ("meta.lastModified", "bAcDÉ"),
    (f"{ENTERPRISE}:department", "DbAcÉ"),
    (f"{ENTERPRISE}:manager", "DbAcÉ"),
    ("nickName", "bAcDÉ"),
    ("groups.value", "bAcDÉ"),
])
def test_values_give_the_order(scim, people, by, order):
    assert listed(scim, people, f"&sortBy={quote(by)}") == order
    assert listed(scim, people,
                  f"&sortBy={quote(by)}&sortOrder=ascending") == order
    # Descending is the same backwards: what has no value is first.
    assert listed(scim, people, f"&sortBy={quote(by)}&sortOrder=descending") \
        == order[::-1]


def test_sort_order_alone_sorts_nothing(scim, people):
    assert listed(scim, people, "&sortOrder=descending") == "bAcDÉ"


# @spec 7644-3.4.2.3-04, 7644-3.4.2.3-07
@pytest.mark.parametrize("query, scim_type", [
    ("sortBy=name", "invalidPath"),
    ("sortBy=shoeSize", "invalidPath"),
    ("sortBy=", "invalidPath"),
    ("sortBy=password", "invalidPath"),
    ("sortBy=userName%20eq", "invalidPath"),
    (f"sortBy={ENTERPRISE}", "invalidPath"),
    ("sortBy=userName&sortOrder=up", "invalidValue"),
])
def test_what_names_no_order_is_refused(scim, query, scim_type):
    r = scim.get("/Users?" + query)

    assert r.status == 400
    assert r.scim_type == scim_type


# @spec 7644-3.4.2.3-10, 7644-3.4.2.4-11
@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("by", ["userName", "displayName", "title"])
def test_pages_of_equal_values_are_disjoint_and_complete(own, by, order):
    made = {own.create("/Users", user(**{
        "displayName": "same", "title": "same"} if i % 3 else {}))["id"]
        for i in range(25)}
    seen = []

    for start in range(1, 30, 4):
        r = own.get(f"/Users?sortBy={by}&sortOrder={order}"
                    f"&startIndex={start}&count=4")
        assert r.json["totalResults"] == 25
        assert r.json["startIndex"] == start
        seen += [u["id"] for u in r.resources]
    assert len(seen) == 25
    assert set(seen) == made


def test_groups_sort_by_their_first_member(own):
    ids = sorted(own.create("/Users", user())["id"] for _ in range(3))

    def made(name, *members):
        own.create("/Groups", {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": [{"value": m} for m in members]})

    made("none")
    made("last", ids[2])
    made("first", ids[2], ids[0])
    made("middle", ids[1])
    for by in ("members", "members.value"):
        r = own.get(f"/Groups?sortBy={by}")
        assert [g["displayName"] for g in r.resources] == [
            "first", "middle", "last", "none"]


# @spec 7644-3.4.2.3-01, 7643-5-08
def test_the_configuration_says_so(config):
    assert config["sort"] == {"supported": True}


def fill(server, count):
    """Users with names of no order, by many connections."""
    def make(numbers):
        one = server.client()
        for i in numbers:
            one.create("/Users", user(
                userName=f"{i:07}", nickName=f"{i * 104729 % count:07}"))
        one.close()

    threads = [threading.Thread(target=make, args=(range(n, count, 16),))
               for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Sorter(threading.Thread):
    """Asks for pages that have to be sorted, until it is told to stop."""

    def __init__(self, server, paths):
        super().__init__()
        self.client, self.paths = server.client(timeout=600), paths
        self.ended, self.answers = threading.Event(), []

    def run(self):
        while not self.ended.is_set() or not self.answers:
            for path in self.paths:
                self.answers.append(self.client.get(path))


@pytest.mark.parametrize("store", ["memory"])
def test_others_are_served_while_very_many_are_sorted(own_server, store):
    """SCIMD_TEST_USERS=100000 makes it as hard as it is meant."""
    count = int(os.environ.get("SCIMD_TEST_USERS", "3000"))
    server = own_server(store=store)
    fill(server, count)
    last = f"/Users?sortBy=nickName&startIndex={count - 9}&count=10"
    sorters = [Sorter(server, ["/Users?sortBy=nickName&count=10", last,
                               "/?sortBy=emails.value&sortOrder=descending"])
               for _ in range(4)]
    one = server.client()
    target = "/Users/" + one.get(
        "/Users?sortBy=userName&count=1").resources[0]["id"]

    for sorter in sorters:
        sorter.start()
    slowest = 0
    for _ in range(200):
        began = time.monotonic()
        assert one.get(target).status == 200
        assert one.get("/Users?sortBy=userName&count=10").status == 200
        slowest = max(slowest, time.monotonic() - began)
    for sorter in sorters:
        sorter.ended.set()
    for sorter in sorters:
        sorter.join()
        for r in sorter.answers:
            assert r.status == 200, r
            assert r.json["totalResults"] == count
    names = [u["nickName"] for u in sorters[0].answers[0].resources]
    assert names == sorted(names)
    names = [u["nickName"] for u in sorters[0].answers[1].resources]
    assert names == sorted(names) and len(names) == 10
    assert slowest < 2.0
