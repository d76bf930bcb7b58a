# SPDX-License-Identifier: Apache-2.0
"""scimd export and scimd import: a tenant that comes back is the one that
went, version for version; and what is not is told."""

import json
import os
import stat
import subprocess
import threading
import time

import pytest

from samples import fresh, full_user, group, quote, user
from scimd_server import BINARY, Server
from test_tenant_schemas import BADGES


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "first").start()
    yield server
    if server.process is not None:
        server.stop()


@pytest.fixture
def second(server, tmp_path):
    second = Server(tmp_path / "second", token=server.token).start()
    yield second
    if second.process is not None:
        second.stop()


def export(server, path, tenant="default"):
    done = server.run("export", "--tenant", tenant, str(path))
    assert done.returncode == 0, done
    assert done.stderr == ""
    return path.read_text().splitlines()


def bring(server, path, tenant="default"):
    return server.run("import", "--tenant", tenant, str(path))


def write(path, lines):
    path.write_text("".join(line + "\n" for line in lines))
    return path


def fill(scim):
    """Users, and groups with users and each other as members."""
    users = [scim.create("/Users", full_user(password="t0p s3cret"))
             for _ in range(3)]
    users += [scim.create("/Users", user(title="x")) for _ in range(7)]
    scim.patch("/Users/" + users[0]["id"], {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "replace", "path": "title", "value": "changed"}]})
    inner = scim.create("/Groups", group(*(u["id"] for u in users[:3])))
    outer = scim.create("/Groups", group(inner["id"], users[4]["id"]))
    empty = scim.create("/Groups", group())
    # A member that is further down in the file.
    scim.patch("/Groups/" + inner["id"], {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members",
                        "value": [{"value": empty["id"]}]}]})
    return ["/Users/" + u["id"] for u in users] + [
        "/Groups/" + g["id"] for g in (inner, outer, empty)]


def shown(scim, path):
    r = scim.get(path)
    assert r.status == 200, r
    body = json.loads(json.dumps(r.json).replace(scim.root, ""))
    return r.etag, body


def test_what_comes_back_is_what_went(server, second, tmp_path):
    scim, other = server.client(), second.client()
    paths = fill(scim)
    first = export(server, tmp_path / "all")
    mode = os.stat(tmp_path / "all").st_mode
    assert stat.S_IMODE(mode) == 0o600

    done = bring(second, tmp_path / "all")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "13 resources imported, 0 there already\n"
    for path in paths:
        assert shown(other, path) == shown(scim, path)
    # Secrets too: the second export is the first, octet for octet.
    assert export(second, tmp_path / "again") == first
    assert sum('"secret":{"password":"$argon2id$' in l for l in first) == 3
    # Its index finds it, its unique values hold.
    body = scim.get(paths[5]).json
    name = body["userName"]
    found = other.get("/Users?filter=" + quote(f'userName eq "{name}"'))
    assert [r["id"] for r in found.resources] == [body["id"]]
    assert other.post("/Users", user(userName=name)).status == 409

    done = bring(second, tmp_path / "all")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "0 resources imported, 13 there already\n"
    scim.close()
    other.close()


def test_a_tenant_comes_with_settings_and_schemas(server, second, tmp_path):
    server.make_tenant("acme", etag="strong", dangling_members="keep")
    for i, document in enumerate(BADGES):
        (tmp_path / f"{i}.json").write_text(json.dumps(document))
    done = server.run("schema", "add", "--tenant", "acme",
                      str(tmp_path / "0.json"), str(tmp_path / "1.json"))
    assert done.returncode == 0, done
    scim = server.client(server.make_token("acme"))
    badge = scim.create("/Badges", {
        "schemas": [BADGES[0]["id"]], "label": "red", "number": 7})
    scim.create("/Groups", group("nobody"))
    lines = export(server, tmp_path / "all", "acme")

    done = bring(second, tmp_path / "all", "other")

    assert (done.returncode, done.stderr) == (0, "")
    other = second.client(second.make_token("other"))
    assert other.get("/Badges/" + badge["id"]).json["label"] == "red"
    back = export(second, tmp_path / "back", "other")
    assert back[0] == lines[0].replace('"acme"', '"other"')
    assert back[1:] == lines[1:]
    scim.close()
    other.close()


def test_bad_lines_are_told_and_left_out(server, second, tmp_path):
    scim, other = server.client(), second.client()
    made = [scim.create("/Users", user(title="x")) for _ in range(8)]
    lines = export(server, tmp_path / "all")
    there = lines[1]
    assert bring(second, write(tmp_path / "one",
                               [lines[0], there])).returncode == 0
    kept = made[0]["id"]
    r = other.patch("/Users/" + kept, {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "title", "value": "mine"}]})
    assert r.status == 200
    lines[2] = lines[2].replace('"title":"x"', '"title":"y"')
    lines[3] = lines[3][:50]
    lines[4] = lines[4].replace('"version"', '"Version"')
    double = json.loads(lines[5])
    double["id"] = "another"
    lines[6] = json.dumps(double)
    lines.append('{"type":"Ghost","id":"1","version":"%s","created":1,'
                 '"lastModified":1,"content":{}}' % ("A" * 22))
    lines.append(lines[0])

    done = bring(second, write(tmp_path / "bad", lines))

    assert done.returncode == 1
    assert done.stdout == (
        "3 resources imported, 0 there already, 7 reported\n")
    told = done.stderr.splitlines()
    for line, (number, why) in zip(told, [
            (2, "at another version"), (3, "The version is not that"),
            (4, ""), (5, '"version" is missing'), (7, ""), (10, ""),
            (11, "at the beginning")], strict=True):
        assert line.startswith(f"scimd import: line {number}: ")
        assert why in line
    assert other.get("/Users/" + kept).json["title"] == "mine"
    assert other.get("/Users/" + made[1]["id"]).status == 404
    assert other.get("/Users/" + made[4]["id"]).status == 200
    scim.close()
    other.close()


def test_members_that_are_nowhere_are_told(server, second, tmp_path):
    scim = server.client()
    users = [scim.create("/Users", user()) for _ in range(3)]
    scim.create("/Groups", group(*(u["id"] for u in users)))
    lines = export(server, tmp_path / "all")

    done = bring(second, write(tmp_path / "less", lines[:1] + lines[2:]))

    assert done.returncode == 1
    assert f"User {users[0]['id']}" in done.stderr
    assert done.stderr.startswith("scimd import: line 4: Group ")
    # The whole file mends it.
    done = bring(second, tmp_path / "all")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 resources imported, 3 there already\n"
    scim.close()


def test_a_tenant_that_is_there_keeps_its_settings(server, tmp_path):
    server.make_tenant("acme", etag="strong")
    server.make_tenant("other", etag="weak")
    export(server, tmp_path / "all", "acme")

    done = bring(server, tmp_path / "all", "other")

    assert done.returncode == 1
    assert "line 1: The tenant is there with other settings" in done.stderr
    assert "other\tetag=weak" in server.run("tenant", "list").stdout


def test_a_snapshot_while_a_server_writes(server, second, tmp_path):
    stopped = threading.Event()
    made = []

    def write_on():
        client = server.client()
        while not stopped.is_set():
            one = client.create("/Users", user())
            client.create("/Groups", group(one["id"]))
            made.append(one["id"])
        client.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    while len(made) < 20:
        time.sleep(0.01)
    known = made[:20]
    lines = export(server, tmp_path / "all")
    stopped.set()
    writer.join()

    ids = {json.loads(line).get("id") for line in lines}
    assert set(known) <= ids
    # One moment: every member is there, every version that of its line.
    done = bring(second, tmp_path / "all")
    assert (done.returncode, done.stderr) == (0, "")


def copies(server, count):
    """The ids of that many new users."""
    scim = server.client()
    made = []
    for start in range(0, count, 500):
        made += scim.post("/Bulk", {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": str(i),
                 "data": user()} for i in range(start, start + 500)]},
            ).json["Operations"]
    scim.close()
    return [m["location"].rsplit("/", 1)[1] for m in made]


def test_what_was_killed_goes_on(server, second, tmp_path):
    copies(server, 2000)
    lines = export(server, tmp_path / "all")
    whole = (tmp_path / "all").read_bytes()
    env = dict(os.environ, SCIMD_STORE=second.store)
    process = subprocess.Popen(
        [BINARY, "import", "--tenant", "default"], env=env,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    process.stdin.write(whole[:len(whole) * 3 // 4])
    process.stdin.flush()
    scim = second.client()
    # A server beside it sees what comes, and writes while it waits for more.
    while scim.get("/Users?count=0").json["totalResults"] < 500:
        time.sleep(0.01)
    mine = scim.create("/Users", user())
    process.kill()
    process.wait()
    process.stdin.close()
    there = scim.get("/Users?count=0").json["totalResults"] - 1

    done = bring(second, tmp_path / "all")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"{2000 - there} resources imported, "
                           f"{there} there already\n")
    assert scim.get("/Users/" + mine["id"]).status == 200
    scim.delete("/Users/" + mine["id"])
    assert export(second, tmp_path / "again") == lines
    scim.close()


def test_a_large_group_is_written_in_turns(server, second, tmp_path):
    ids = copies(server, 2500)
    scim, other = server.client(), second.client()
    made = scim.create("/Groups", group(*ids))
    lines = export(server, tmp_path / "all")
    assert [len(json.loads(l).get("members", ())) for l in lines[-4:]] == [
        0, 1000, 1000, 500]
    path = "/Groups/" + made["id"]

    # Members that are missing are noticed before anything is written.
    done = bring(second, write(tmp_path / "less", lines[:-1]))
    assert done.returncode == 1
    assert f"line {len(lines) - 3}: The members" in done.stderr
    assert other.get(path).status == 404

    done = bring(second, tmp_path / "all")
    assert (done.returncode, done.stderr) == (0, "")
    assert other.get(path).etag == scim.get(path).etag
    done = bring(second, tmp_path / "all")
    assert done.stdout == "0 resources imported, 2501 there already\n"
    assert export(second, tmp_path / "again") == lines
    scim.close()
    other.close()


@pytest.mark.parametrize("args, code, said", [
    (["export"], 2, "usage: scimd export"),
    (["import"], 2, "usage: scimd import"),
    (["export", "--tenant", "nobody"], 1, "no tenant of this name"),
    (["import", "--tenant", "x", "/nowhere"], 1, "/nowhere: No such file"),
    (["import", "--tenant", "x", "/dev/null"], 2, "The first line is not"),
    (["export", "--tenant", "x", "a", "b"], 2, "usage: scimd export"),
])
def test_wrong_usage_is_told(server, args, code, said):
    done = server.run(*args)
    assert done.returncode == code
    assert said in done.stderr


def test_nothing_is_overwritten(server, tmp_path):
    (tmp_path / "all").write_text("mine")
    done = server.run("export", "--tenant", "default", str(tmp_path / "all"))
    assert done.returncode == 1
    assert "There is a" in done.stderr and "already" in done.stderr
    assert (tmp_path / "all").read_text() == "mine"
