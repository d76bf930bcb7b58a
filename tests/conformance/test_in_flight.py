# SPDX-License-Identifier: Apache-2.0
"""A tenant that changes while a write of it waits for its turn.

Another process holds the database's lock, changes the tenant and lets go: the
writer then finds other settings, or no tenant, than those the write was
prepared by."""

import contextlib
import json
import sqlite3
import threading
import time

from samples import fresh, user


@contextlib.contextmanager
def alone(server):
    """The one who may write to the server's database."""
    db = sqlite3.connect(server.file, isolation_level=None, timeout=20)
    db.execute("BEGIN IMMEDIATE")
    yield db
    db.execute("COMMIT")
    db.close()


def meanwhile(server, request, change):
    """What `request()` is answered when `change(db)` is committed after it
    was prepared and before it is written."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(request()))
    with alone(server) as db:
        thread.start()
        time.sleep(0.3)
        assert not answers
        change(db)
    thread.join(20)
    return answers[0]


def tenant_of(server, **settings):
    name = fresh("tenant")
    server.make_tenant(name, **settings)
    return name, server.client(server.make_token(name, "read,write,admin"))


def set_in(db, name, **settings):
    (text,), = db.execute("SELECT value FROM tenant WHERE name = ?", (name,))
    document = json.loads(text)
    document["settings"].update(settings)
    db.execute("UPDATE tenant SET value = ? WHERE name = ?",
               (json.dumps(document, sort_keys=True).encode(), name))


def test_a_write_heeds_the_settings_of_when_it_is_written(server):
    name, there = tenant_of(server)
    made = there.create("/Users", user())
    path = "/Users/" + made["id"]

    late = meanwhile(
        server, lambda: there.put(path, made | {"title": "late"}),
        lambda db: set_in(db, name, preconditions="required"))

    assert late.status == 428
    assert there.get(path).json == made
    there.close()


def test_group_names_become_unique_under_a_write(server):
    name, there = tenant_of(server)
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": fresh("group")}
    there.create("/Groups", body)

    late = meanwhile(server, lambda: there.post("/Groups", body),
                     lambda db: set_in(db, name, unique_group_names="yes"))

    assert late.status == 409
    there.close()


def test_nothing_is_written_to_a_tenant_that_is_no_more(server):
    name, there = tenant_of(server)

    def erase(db):
        db.execute("DELETE FROM tenant WHERE name = ?", (name,))
        db.execute("DELETE FROM token WHERE instr(value, ?)", (name,))

    late = meanwhile(server, lambda: there.post("/Users", user()), erase)

    assert late.status == 401
    server.make_tenant(name)
    anew = there.having(server.make_token(name))
    assert anew.get("/Users").json["totalResults"] == 0
    anew.close()
    there.close()


def test_a_write_waits_out_a_change_that_does_not_concern_it(server):
    name, there = tenant_of(server)

    late = meanwhile(server, lambda: there.post("/Users", user()),
                     lambda db: set_in(db, name, history_count="7"))

    assert late.status == 201
    assert there.get("/Users").json["totalResults"] == 1
    there.close()
