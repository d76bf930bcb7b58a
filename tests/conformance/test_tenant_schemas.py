# SPDX-License-Identifier: Apache-2.0
"""Schemas and resource types that a tenant gets while it is served."""

import copy
import json
import threading
import time

import pytest

from samples import fresh, quote, user
from scim_client import USER
from test_in_flight import meanwhile

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
BADGE = "urn:example:schemas:Badge"
LOCK = "urn:example:schemas:Lock"


def attribute(name, type="string", **more):
    return {"name": name, "type": type, "multiValued": False, **more}


def schema(urn, *attributes):
    return {"schemas": [CORE + "Schema"], "id": urn,
            "name": urn.rsplit(":", 1)[1], "attributes": list(attributes)}


def resource_type(name, urn, *extensions):
    return {"schemas": [CORE + "ResourceType"], "id": name, "name": name,
            "endpoint": "/" + name + "s", "schema": urn,
            "schemaExtensions": [
                {"schema": e, "required": r} for e, r in extensions]}


ATTRIBUTES = [attribute("label", required=True), attribute("colour"),
              attribute("number", "integer")]
BADGES = [schema(BADGE, *ATTRIBUTES), resource_type("Badge", BADGE)]


class Tenant:
    """A tenant of its own, and the verbs that change its schemas."""

    def __init__(self, server, place):
        self.server, self.place = server, place
        self.name = fresh("tenant")
        server.make_tenant(self.name)
        self.client = self.caller()

    def caller(self):
        return self.server.client(
            self.server.make_token(self.name, "read,write,admin"))

    def files(self, documents):
        paths = []
        for i, document in enumerate(documents):
            path = self.place / f"{i}.json"
            path.write_text(json.dumps(document))
            paths.append(str(path))
        return paths

    def run(self, verb, *words):
        return self.server.run("schema", verb, "--tenant", self.name, *words)

    def try_add(self, *documents):
        return self.run("add", *self.files(documents))

    def add(self, *documents):
        done = self.try_add(*documents)
        assert done.returncode == 0, done
        time.sleep(0.02)
        return done.stdout

    def remove(self, *ids):
        done = self.run("remove", *ids)
        assert done.returncode == 0, done
        time.sleep(0.02)

    def badge(self, **attributes):
        return self.client.post("/Badges", {
            "schemas": [BADGE], "label": fresh("badge"), **attributes})


@pytest.fixture
def tenant(server, tmp_path):
    made = Tenant(server, tmp_path)
    yield made
    made.client.close()


def changed(**attributes):
    """The badges with attributes of other definitions; None: without."""
    own = {a["name"]: a for a in copy.deepcopy(ATTRIBUTES)}
    for name, definition in attributes.items():
        own.pop(name, None)
        if definition is not None:
            own[name] = attribute(name, **definition)
    return [schema(BADGE, *own.values()), resource_type("Badge", BADGE)]


# @spec 7643-6-01, 7643-7-01
def test_a_type_is_there_at_once_and_for_its_tenant_alone(tenant, scim):
    there = tenant.client
    assert there.get("/Badges").status == 404
    assert there.get("/Schemas/" + BADGE).status == 404

    assert tenant.add(*BADGES) == "2 definitions added\n"

    assert there.get("/Badges").json["totalResults"] == 0
    made = tenant.badge(colour="red").json
    assert there.get("/Badges/" + made["id"]).json == made
    assert there.get("/ResourceTypes/Badge").json["endpoint"] == "/Badges"
    assert BADGE in [s["id"] for s in there.get("/Schemas").resources]
    found = there.get("/Badges?filter=" + quote('colour eq "RED"')).resources
    assert found == [made]
    assert tenant.run("list").stdout == f"schema\t{BADGE}\ntype\tBadge\n"

    assert scim.get("/Badges").status == 404
    assert scim.get("/ResourceTypes/Badge").status == 404


def test_discovery_without_a_token_sees_it_too(tenant):
    stranger = tenant.client.having(None).at(f"/t/{tenant.name}/scim/v2")
    stranger.token = None
    before = stranger.get("/ResourceTypes").json["totalResults"]

    tenant.add(*BADGES)

    assert stranger.get("/ResourceTypes").json["totalResults"] == before + 1
    stranger.close()


def test_a_restart_keeps_it_and_deleting_the_tenant_does_not(
        own_server, tmp_path):
    server = own_server()
    tenant = Tenant(server, tmp_path)
    tenant.add(*BADGES)
    made = tenant.badge().json
    server.stop()
    server.start()
    assert tenant.client.get("/Badges/" + made["id"]).json == made

    assert server.run("tenant", "delete", tenant.name).returncode == 0
    server.make_tenant(tenant.name)
    anew = tenant.caller()
    assert anew.get("/Badges").status == 404
    assert tenant.run("list").stdout == ""
    tenant.client.close()
    anew.close()


# @spec 7643-6-09, 7643-6-10
def test_a_user_gets_an_extension_that_is_required(tenant):
    lock = schema(LOCK, attribute("code", required=True))
    types = tenant.client.get("/ResourceTypes/User").json
    del types["meta"]
    types["schemaExtensions"].append({"schema": LOCK, "required": True})

    tenant.add(lock, types)

    r = tenant.client.post("/Users", user())
    assert r.status == 400 and LOCK in r.detail
    body = user() | {LOCK: {"code": "7"}}
    body["schemas"].append(LOCK)
    r = tenant.client.post("/Users", body)
    assert r.status == 201 and r.json[LOCK] == {"code": "7"}

    types["schemaExtensions"].pop()
    done = tenant.try_add(types)
    assert done.returncode == 1
    assert f"its {LOCK} could not stay" in done.stderr
    assert tenant.client.delete("/Users/" + r.json["id"]).status == 204
    tenant.remove("User", LOCK.upper())
    assert tenant.client.post("/Users", user()).status == 201


@pytest.mark.parametrize("documents, said", [
    ([{"id": BADGE}], "attributes"),
    ([schema(BADGE, attribute("x", "text"))], "x"),
    ([resource_type("Badge", BADGE)], BADGE),
    ([schema(BADGE, *ATTRIBUTES), resource_type("Badge", BADGE)
      | {"endpoint": "/Users"}], "/Users"),
])
def test_what_makes_no_registry_is_refused(tenant, documents, said):
    done = tenant.try_add(*documents)

    assert done.returncode == 1
    assert said in done.stderr
    assert tenant.run("list").stdout == ""


def test_wrong_words_are_told(server, tenant):
    assert tenant.run("remove", "nothing").returncode == 1
    assert server.run("schema", "list", "--tenant",
                      "nobody").returncode == 1
    assert server.run("schema", "add", "--tenant", "nobody",
                      *tenant.files(BADGES)).returncode == 1
    assert tenant.run("add").returncode == 2
    assert tenant.run("list", "x").returncode == 2
    assert server.run("schema", "list").returncode == 2
    assert tenant.run("add", "/nowhere.json").returncode == 1


@pytest.mark.parametrize("documents, said", [
    (changed(colour=None), "its colour could not stay"),
    (changed(colour={"type": "integer"}), "colour"),
    (changed(colour={"returned": "never"}), "its colour could not stay"),
    (changed(colour={"mutability": "readOnly"}), "its colour could not stay"),
    (changed(colour={"mutability": "writeOnly", "returned": "never"}),
     "its colour could not stay"),
    (changed(shape={"required": True}), "shape is required"),
    (changed(colour={"uniqueness": "server"}), "has the colour of"),
    ([*BADGES[:1], resource_type("Badge", BADGE, (LOCK, True)),
      schema(LOCK, attribute("code"))], LOCK),
], ids=lambda v: v if isinstance(v, str) else "")
def test_what_resources_contradict_is_refused(tenant, documents, said):
    tenant.add(*BADGES)
    made = [tenant.badge(colour=c, number=1).json for c in ("red", "Red")]

    done = tenant.try_add(*documents)

    assert done.returncode == 1, done
    assert said in done.stderr and "Nothing was changed" in done.stderr
    assert tenant.client.get("/Badges").resources == made
    assert tenant.badge(colour="red").status == 201


def test_a_type_with_resources_stays(tenant):
    tenant.add(*BADGES)
    made = tenant.badge().json

    done = tenant.run("remove", "Badge", BADGE)
    assert done.returncode == 1
    assert "1 resource of type Badge" in done.stderr
    assert tenant.client.delete("/Badges/" + made["id"]).status == 204
    tenant.remove("badge", BADGE)
    assert tenant.client.get("/Badges").status == 404
    assert tenant.run("list").stdout == ""


def test_members_stay_rows(tenant):
    group = tenant.client.get("/Schemas/" + CORE + "Group").json
    del group["meta"]
    bare = {"schemas": [CORE + "Group"], "displayName": fresh("group")}
    tenant.client.create("/Groups", bare)

    done = tenant.try_add(group)

    assert done.returncode == 1
    assert "relation" in done.stderr, done


def test_an_attribute_that_is_indexed_later_is_found_by(tenant):
    tenant.add(*BADGES)
    made = [tenant.badge(colour=c, number=n).json
            for n, c in enumerate(("red", "Red", "blue"))]
    there = tenant.client
    ask = "/Badges?filter=" + quote('colour eq "RED"')
    by_number = "/Badges?filter=" + quote("number gt 0")

    marked = changed(colour={"x-scimd-indexed": True},
                     number={"type": "integer", "x-scimd-indexed": True})
    assert tenant.add(*marked) == (
        "2 definitions added; 3 resources looked at, 3 indexed anew\n")
    assert there.get(ask).resources == made[:2]
    assert there.get(by_number).resources == made[1:]
    assert there.get("/Badges").resources == made

    marked = changed(colour={"x-scimd-indexed": True, "caseExact": True})
    assert "3 indexed anew" in tenant.add(*marked)
    assert there.get(ask).resources == []
    assert there.get(by_number).resources == made[1:]
    path = "/Badges/" + made[0]["id"]
    r = there.put(path, made[0] | {"colour": "RED"},
                  headers={"If-Match": made[0]["meta"]["version"]})
    assert [m["id"] for m in there.get(ask).resources] == [made[0]["id"]]
    assert r.status == 200
    assert there.delete(path).status == 204
    assert there.get(ask).resources == []

    assert "2 resources looked at, 2 indexed anew" in tenant.add(*BADGES)
    assert there.get(by_number).resources == made[1:]


def test_a_value_that_is_unique_later_is_taken(tenant):
    tenant.add(*BADGES)
    first = tenant.badge(colour="red").json
    tenant.badge(colour="blue")

    tenant.add(*changed(colour={"uniqueness": "server"}))

    assert tenant.client.get("/Badges/" + first["id"]).json == first
    assert tenant.badge(colour="RED").status == 409
    assert tenant.badge(colour="green").status == 201
    tenant.add(*BADGES)
    assert tenant.badge(colour="red").status == 201


def test_another_type_looks_at_no_resource(tenant):
    tenant.add(*BADGES)
    tenant.badge()

    said = tenant.add(schema(LOCK, attribute("code")),
                      resource_type("Lock", LOCK))

    assert said == "2 definitions added\n"


def copy_schemas(db, source, target):
    """As `scimd schema add` would, for who holds the database already."""
    (text,), = db.execute("SELECT value FROM tenant WHERE name = ?",
                          (source,))
    digest = json.loads(text)["schemas"]
    (text,), = db.execute("SELECT value FROM tenant WHERE name = ?",
                          (target,))
    document = json.loads(text) | {"schemas": digest}
    db.execute("UPDATE tenant SET value = ? WHERE name = ?",
               (json.dumps(document, sort_keys=True).encode(), target))
    for table in ("schema", "resource_type"):
        rows = list(db.execute(
            f"SELECT name, value FROM {table} WHERE name >= ? AND name < ?",
            (source + "/", source + "0")))
        for name, value in rows:
            db.execute(f"INSERT OR REPLACE INTO {table} (name, value) "
                       "VALUES (?, ?)",
                       (target + name[len(source):], value))


# What was prepared by one definition is not written by another.
def test_a_write_in_flight_goes_by_the_schemas_of_now(tenant, server,
                                                      tmp_path):
    twin = Tenant(server, tmp_path)
    tenant.add(*BADGES)
    twin.add(*changed(colour={"x-scimd-indexed": True,
                              "uniqueness": "server"},
                      number=None))

    late = meanwhile(
        server, lambda: tenant.badge(colour="red", number=1),
        lambda db: copy_schemas(db, twin.name, tenant.name))

    assert late.status == 201
    assert "number" not in late.json
    there = tenant.client
    ask = "/Badges?filter=" + quote('colour eq "Red"')
    assert there.get(ask).resources == [late.json]
    assert tenant.badge(colour="RED").status == 409
    twin.client.close()


def test_a_write_in_flight_to_a_type_that_is_no_more(tenant, server,
                                                     tmp_path):
    twin = Tenant(server, tmp_path)
    tenant.add(*BADGES)
    twin.add(schema(LOCK, attribute("code")), resource_type("Lock", LOCK))

    def forget(db):
        copy_schemas(db, twin.name, tenant.name)
        db.execute("DELETE FROM resource_type WHERE name = ?",
                   (tenant.name + "/badge",))

    late = meanwhile(server, lambda: tenant.badge(), forget)

    assert late.status == 404
    twin.client.close()


def test_requests_go_on_while_schemas_come_and_go(tenant):
    stop = threading.Event()
    seen = set()

    def ask():
        caller = tenant.caller()
        while not stop.is_set():
            seen.add(caller.get("/Users").status)
            seen.add(caller.get("/Badges").status)
            seen.add(caller.post("/Users", user()).status)
            caller.get("/Schemas")
        caller.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for t in threads:
        t.start()
    for _ in range(5):
        tenant.add(*BADGES)
        tenant.remove("Badge", BADGE)
    stop.set()
    for t in threads:
        t.join()
    assert seen == {200, 201, 404}


def test_migrate_knows_the_schemas_of_tenants(own_server, tmp_path):
    server = own_server()
    tenant = Tenant(server, tmp_path)
    tenant.add(*changed(colour={"x-scimd-indexed": True}))
    made = tenant.badge(colour="red").json
    server.stop()

    done = server.run("migrate")

    assert done.returncode == 0, done
    server.start()
    ask = "/Badges?filter=" + quote('colour eq "RED"')
    assert tenant.client.get(ask).resources == [made]
    tenant.client.close()


def test_what_was_is_told_by_the_schemas_of_today(tenant):
    """An attribute that is gone shows in no version, no difference, no
    feed and no 412, and an old version can be written again without it."""
    there, gone = tenant.client, "of-former-times"
    tenant.add(*BADGES)
    made = tenant.badge(colour=gone, number=1)
    path = "/Badges/" + made.json["id"]
    plain = {k: v for k, v in made.json.items() if k != "colour"}
    assert there.put(path, plain | {"number": 2}).status == 200
    first = made.etag.split('"')[1].split(".")[0]
    way = f"{path}/.versions/{first}"
    assert gone in there.get(way).body.decode()

    tenant.add(*changed(colour=None))

    stale = there.put(path, plain | {"number": 3}, headers=[
        ("If-Match", made.etag), ("Prefer", "conflict=detail")])
    assert stale.status == 412
    answers = [stale, there.get(way), there.get(f"{path}/.diff?from={first}"),
               there.get(path + "/.versions"), there.get("/.changes")]
    for r in answers:
        assert gone not in r.body.decode(), r
        assert "colour" not in r.body.decode(), r
    assert there.get(f"{path}/.diff?from={first}").json["changes"] == [
        {"path": "number", "op": "replace", "before": 1, "after": 2}]
    back = there.post(way + "/.revert", None)
    assert back.status == 200, back
    assert back.json["number"] == 1 and "colour" not in back.json
