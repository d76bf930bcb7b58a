# SPDX-License-Identifier: Apache-2.0
"""A tenant, or a token, that changes while a write of it waits for its turn.

Another process holds the database's lock, makes the change and lets go: the
writer then finds other settings, or no tenant or token, than those the write
was prepared by."""

import contextlib
import json
import sqlite3
import threading
import time

from bulk import bulk, post
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


def revoke_all(db, name):
    done = db.execute("DELETE FROM token WHERE instr(value, ?)", (name,))
    assert done.rowcount == 1


def test_nothing_is_written_with_a_token_revoked_meanwhile(server):
    name, there = tenant_of(server)

    late = meanwhile(server, lambda: there.post("/Users", user()),
                     lambda db: revoke_all(db, name))

    assert late.status == 401
    anew = there.having(server.make_token(name))
    assert anew.get("/Users").json["totalResults"] == 0
    anew.close()
    there.close()


def test_a_bulk_request_ends_with_its_token(server):
    """What it did before is told; nothing follows."""
    name, there = tenant_of(server)
    anew = there.having(server.make_token(name))
    anew.timeout = 60
    body = bulk(*[post(user(password=f"correct horse {n}"), str(n))
                  for n in range(100)])
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(there.post("/Bulk", body)))
    thread.start()
    while anew.get("/Users?count=0").json["totalResults"] == 0:
        time.sleep(0.01)
    for line in server.run("token", "list").stdout.splitlines():
        words = line.split()
        if name in words and "admin" in line:
            assert server.run("token", "revoke", words[0]).returncode == 0
    thread.join(60)

    done = [x["status"] for x in answers[0].json["Operations"]]
    assert set(done) == {"201", "503"}
    assert done.count("201") == anew.get(
        "/Users?count=0").json["totalResults"] < 100
    anew.close()
    there.close()


def test_a_write_waits_out_a_change_that_does_not_concern_it(server):
    name, there = tenant_of(server)

    late = meanwhile(server, lambda: there.post("/Users", user()),
                     lambda db: set_in(db, name, history_count="7"))

    assert late.status == 201
    assert there.get("/Users").json["totalResults"] == 1
    there.close()
