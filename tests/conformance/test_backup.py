# SPDX-License-Identifier: Apache-2.0
"""scimd backup: a copy made beside a server that goes on is what was
acknowledged before it, and can be served from."""

import shutil
import threading

import pytest
from samples import fresh, user
from scimd_server import Server


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "first").start()
    yield server
    if server.process is not None:
        server.stop()


def backup(server, path):
    return server.run("backup", str(path))


def test_a_copy_can_be_served_and_lacks_nothing(server, tmp_path):
    scim = server.client()
    made = [scim.create("/Users", user(password="t0p s3cret"))
            for _ in range(20)]
    stopped = threading.Event()
    later = []

    def write_on():
        client = server.client()
        while not stopped.is_set():
            later.append(client.create("/Users", user(title=fresh("late"))))
        client.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    while len(later) < 20:
        pass
    known = made + later[:20]
    done = backup(server, tmp_path / "copy")
    stopped.set()
    writer.join()

    assert done.returncode == 0, done
    assert done.stdout.startswith(f"{tmp_path}/copy: ")
    assert done.stdout.endswith(" bytes, checked\n")
    assert done.stderr == ""
    scim.close()

    second = Server(tmp_path / "second", token=server.token)
    shutil.copy(tmp_path / "copy", second.file)
    second.start()
    try:
        scim = second.client()
        for resource in known:
            r = scim.get("/Users/" + resource["id"])
            assert (r.status, r.etag) == (200, resource["meta"]["version"])
            # All but the URL, which is of the server that answers.
            assert r.json | {"meta": 0} == resource | {"meta": 0}
        total = scim.get("/Users?count=0").json["totalResults"]
        assert len(known) <= total <= len(made) + len(later)
        scim.close()
    finally:
        second.stop()


def test_nothing_is_overwritten(server, tmp_path):
    (tmp_path / "copy").write_text("mine")

    done = backup(server, tmp_path / "copy")

    assert done.returncode == 1
    assert done.stderr == (
        f"scimd backup: There is a {tmp_path}/copy already: move it away, "
        "or name another file.\n")
    assert (tmp_path / "copy").read_text() == "mine"


@pytest.mark.parametrize("args, code, said", [
    (["backup"], 2, "usage: scimd backup"),
    (["backup", "a", "b"], 2, "usage: scimd backup"),
    (["backup", "--stor", "x", "a"], 2, "--stor"),
])
def test_wrong_usage_is_told(server, args, code, said):
    done = server.run(*args)
    assert done.returncode == code
    assert said in done.stderr


def test_only_a_database_that_is_there_is_copied(tmp_path):
    for store, code, said in (
            ("memory", 2, "memory: can't be copied to a file"),
            ("sqlite", 1, "There is no such file")):
        done = backup(Server(tmp_path, store=store), tmp_path / "copy")
        assert done.returncode == code
        assert said in done.stderr
    assert not (tmp_path / "scimd.db").exists()
