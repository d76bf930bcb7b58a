# SPDX-License-Identifier: Apache-2.0
"""A store written with other folding tables, or another canonical form, is
refused until `scimd migrate` has renewed it; and it is renewed whole or not at
all."""

import contextlib
import sqlite3
import subprocess

import pytest
from samples import eq, fresh, user
from scimd_server import Server

OLD = b"folding 1 unicode 1.0.0"


def sql(server, *statements):
    with contextlib.closing(sqlite3.connect(server.file)) as db:
        for text, *values in statements:
            rows = db.execute(text, values).fetchall()
        db.commit()
        return rows


def dump(server):
    """All that resources are made of, and what is looked up."""
    return {table: sorted(sql(server, (f"SELECT * FROM {table}",)), key=repr)
            for table in ("resource", "attribute", "unique_value", "change",
                          "counter", "member", "meta")}


def fold_otherwise(server):
    """What a scimd with other tables would have left behind."""
    sql(server,
        ("UPDATE unique_value SET value = upper(value)",),
        ("UPDATE attribute SET value = upper(value)"
         " WHERE typeof(value) = 'text'",),
        ("UPDATE meta SET value = ? WHERE name = 'folding'", OLD))


def create(scim, name):
    r = scim.post("/Users", user(userName=name))
    assert r.status == 201, r
    return r.json


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path).start()
    yield server
    if server.process is not None:
        server.stop()


def refused(server):
    done = subprocess.run(server.command(), cwd=server.directory, timeout=20,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    return done.stderr


def test_a_store_is_refused_migrated_and_right_again(server):
    scim = server.client()
    names = [fresh("Ältere") for _ in range(450)]
    users = [create(scim, name) for name in names]
    scim.close()
    server.stop()
    before = dump(server)
    fold_otherwise(server)

    said = refused(server)
    assert "scimd migrate --store sqlite:" in said
    assert server.run("tenant", "list").returncode == 1

    done = server.run("migrate")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout == "450 resources looked at, 450 indexed anew\n"
    assert dump(server) == before

    server.start()
    scim = server.client()
    r = scim.get("/Users" + eq("userName", users[7]["userName"].upper()))
    assert [u["id"] for u in r.resources] == [users[7]["id"]]
    r = scim.post("/Users", user(userName=names[-1].swapcase()))
    assert (r.status, r.scim_type) == (409, "uniqueness")
    r = scim.get("/Users/" + users[0]["id"])
    assert r.json["meta"]["version"] == users[0]["meta"]["version"]
    scim.close()


def test_again_changes_nothing(server):
    scim = server.client()
    create(scim, fresh("again"))
    scim.close()
    server.stop()
    before = dump(server)

    for _ in range(2):
        done = server.run("migrate")
        assert done.stdout == "1 resources looked at, 0 indexed anew\n"
        assert done.returncode == 0
        assert dump(server) == before


def test_a_conflict_is_told_and_nothing_changes(server):
    """Two names that the old tables told apart, and the new ones do not."""
    scim = server.client()
    one, two, three = (create(scim, fresh("pair")) for _ in range(3))
    scim.close()
    server.stop()
    sql(server, ("UPDATE resource SET content = replace(content, ?, ?)",
                 two["userName"], one["userName"].upper()))
    fold_otherwise(server)
    before = dump(server)

    done = server.run("migrate")

    assert done.returncode == 1
    assert done.stdout == ""
    told, end = done.stderr.splitlines()
    assert one["id"] in told and two["id"] in told and "userName" in told
    assert three["id"] not in done.stderr
    assert "give one of each pair another value" in end
    assert dump(server) == before
    assert "scimd migrate" in refused(server)


def test_another_canonical_form_is_rewritten(server):
    """Only states whose octets change get another version."""
    scim = server.client()
    same, other = create(scim, fresh("same")), create(scim, fresh("other"))
    scim.close()
    server.stop()
    before = dump(server)
    sql(server,
        ("UPDATE resource SET content = replace(content, '{', '{ '), "
         "version = zeroblob(16), own_hash = zeroblob(32) "
         "WHERE content LIKE ?", f"%{other['userName']}%"),
        ("UPDATE meta SET value = CAST('0' AS BLOB)"
         " WHERE name = 'canonical'",))

    done = server.run("migrate")

    assert done.returncode == 0, done
    assert done.stdout == ("2 resources looked at, 0 indexed anew,"
                           " 1 with a new version\n")
    # It never was another state, so it has the version it would have had.
    assert dump(server) == before
    server.start()
    scim = server.client()
    for user in (same, other):
        assert scim.get("/Users/" + user["id"]).json == user
    scim.close()


def test_it_does_not_run_beside_a_server(server):
    done = server.run("migrate")

    assert done.returncode == 1
    assert str(server.process.pid) in done.stderr
    assert done.stdout == ""


def test_a_type_that_is_not_known_stops_it(server):
    scim = server.client()
    create(scim, fresh("device"))
    scim.close()
    server.stop()
    sql(server, ("UPDATE name SET text = 'Device' WHERE text = 'User'",))
    before = dump(server)

    done = server.run("migrate")

    assert done.returncode == 1
    assert "'Device'" in done.stderr and "--schemas" in done.stderr
    assert dump(server) == before
