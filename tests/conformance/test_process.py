# SPDX-License-Identifier: Apache-2.0
"""The process: what it keeps when it dies, how it starts and stops, and the
other verbs beside a running one."""

import contextlib
import json
import os
import pathlib
import random
import re
import secrets
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from samples import eq, fresh, group, user
from scim_client import SCIM, Closed, request_bytes
from scimd_server import (IS_SANITIZED, ROOT, Server, free_port, run,
                          token_in)

KILLS = int(os.environ.get("SCIMD_KILLS", "5"))


def integrity(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA integrity_check").fetchall()


def own(etag):
    """The half of a tag that does not move with others' groups."""
    return etag.removeprefix("W/").strip('"').split(".")[0]


class Writer(threading.Thread):
    """Creates and replaces users, and notes what was acknowledged.

    For each resource: the last acknowledged state and, when a request was
    out as the connection broke, the state that it would have led to.
    """

    def __init__(self, server, seed):
        super().__init__()
        self.server, self.random = server, random.Random(seed)
        self.client = server.client(timeout=10)
        self.known = {}     # id -> (title, etag) acknowledged
        self.doubtful = {}  # id -> title that may have been stored
        self.lost_create = None
        self.deleted, self.maybe_deleted = set(), None
        self.team = None    # id of a group
        self.members, self.maybe_members = [], None
        self.count = 0
        self.fault = None

    def run(self):
        try:
            while True:
                self.step()
        except (OSError, Closed):
            pass
        except Exception as e:  # told by check(), in the test's own thread
            self.fault = e

    def step(self):
        dice = self.random.random()
        if len(self.known) < 3 or dice < 0.3:
            self.make()
        elif dice < 0.5:
            self.gather()
        elif dice < 0.9:
            self.replace(self.random.choice(list(self.known)))
        else:
            self.remove(self.random.choice(list(self.known)))
        self.count += 1

    def make(self):
        body = user(title=secrets.token_hex(4))
        self.lost_create = body["userName"]
        r = self.client.post("/Users", body)
        assert r.status == 201, r
        self.known[r.json["id"]] = (body["title"], r.etag, body["userName"])
        self.lost_create = None

    def replace(self, ident):
        _, etag, name = self.known[ident]
        title = secrets.token_hex(4)
        self.doubtful[ident] = title
        r = self.client.put("/Users/" + ident,
                            user(userName=name, title=title),
                            headers={"If-Match": etag})
        assert r.status == 200, r
        self.known[ident] = (title, r.etag, name)
        del self.doubtful[ident]

    def gather(self):
        members = self.random.sample(sorted(self.known), 2)
        self.maybe_members = members
        body = group(*members)
        r = (self.client.post("/Groups", body) if self.team is None
             else self.client.put("/Groups/" + self.team, body))
        assert r.status in (200, 201), r
        self.team, self.members = r.json["id"], members
        self.maybe_members = None

    def remove(self, ident):
        _, etag, _ = self.known[ident]
        self.maybe_deleted = ident
        r = self.client.delete("/Users/" + ident,
                               headers={"If-Match": etag})
        assert r.status == 204, r
        del self.known[ident]
        self.deleted.add(ident)
        self.maybe_deleted = None

    def check(self, scim):
        """Whatever was acknowledged is there, and nothing else is."""
        if self.fault is not None:
            raise self.fault
        for ident, (title, etag, _) in self.known.items():
            r = scim.get("/Users/" + ident)
            if r.status == 404 and ident == self.maybe_deleted:
                continue
            assert r.status == 200, f"{ident} was acknowledged and is gone"
            if r.json["title"] == self.doubtful.get(ident):
                continue
            assert (r.json["title"], own(r.etag)) == (title, own(etag))
        for ident in self.deleted:
            assert scim.get("/Users/" + ident).status == 404
        if self.team is not None:
            self.check_team(scim)
        if self.lost_create is not None:
            r = scim.get("/Users" + eq("userName", self.lost_create))
            assert r.json["totalResults"] in (0, 1)


    def check_team(self, scim):
        """Members are those acknowledged, and each of them knows it."""
        r = scim.get("/Groups/" + self.team)
        now = {m["value"] for m in r.json.get("members", [])}
        assert any(self.there(m) - {self.maybe_deleted} <= now <= self.there(m)
                   for m in (self.members, self.maybe_members or []))
        for ident in now:
            groups = scim.get("/Users/" + ident).json["groups"]
            assert self.team in [g["value"] for g in groups]

    def there(self, members):
        return set(members) - self.deleted


class TestKill:
    # @spec 9110-8.8.1-02
    def test_nothing_acknowledged_is_lost(self, tmp_path):
        server = Server(tmp_path / "kill")
        history, written = [], 0
        for n in range(KILLS):
            server.start()
            scim = server.client()
            for writer in history[-8:]:
                writer.check(scim)
            scim.close()
            assert integrity(server.file) == [("ok",)]
            writers = [Writer(server, (n, i).__hash__()) for i in range(4)]
            for w in writers:
                w.start()
            time.sleep(random.uniform(0.05, 0.6))
            server.kill()
            for w in writers:
                w.join()
                written += w.count
            history += writers
        server.start()
        scim = server.client()
        for writer in history:
            writer.check(scim)
        scim.close()
        assert integrity(server.file) == [("ok",)]
        server.stop()
        assert written > 0

    def test_a_restart_keeps_every_byte(self, own_server, tmp_path):
        server = own_server()
        scim = server.client()
        made = [scim.create("/Users", user(title=str(n))) for n in range(5)]
        team = scim.create("/Groups", group(*[m["id"] for m in made]))
        before = [scim.get("/Users/" + m["id"]).json for m in made]
        scim.close()
        server.stop()

        server.start()

        scim = server.client()
        # @spec 7643-3.1-06
        assert [scim.get("/Users/" + m["id"]).json for m in made] == before
        assert scim.get("/Groups/" + team["id"]).json == team
        assert scim.get("/Users").resources == before
        scim.close()


class TestStop:
    def test_what_runs_is_finished(self, own_server):
        server = own_server()
        writers = [Writer(server, n) for n in range(4)]
        for w in writers:
            w.start()
        time.sleep(0.4)

        server.stop()

        for w in writers:
            w.join()
        assert sum(w.count for w in writers) > 0
        server.start()
        scim = server.client()
        for w in writers:
            w.check(scim)
        scim.close()

    def test_a_request_that_has_begun_may_end(self, own_server):
        server = own_server()
        scim = server.client()
        body = json.dumps(user()).encode()
        wire = request_bytes("POST", scim.target("/Users"), [
            ("Host", "x"), ("Authorization", "Bearer " + scim.token),
            ("Content-Type", SCIM), ("Content-Length", str(len(body)))], body)
        with scim.raw() as c:
            c.send(wire[:-20])
            time.sleep(0.1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            with contextlib.suppress(OSError):
                c.send(wire[-20:])
            with contextlib.suppress(Closed):
                assert c.read("POST").status == 201
        scim.close()
        assert server.process.wait(10) == 0

    def test_idle_connections_do_not_hold_it_up(self, own_server):
        server = own_server()
        clients = [server.client() for _ in range(5)]
        for c in clients:
            assert c.get("/Users?count=0").status == 200

        start = time.monotonic()
        server.stop(within=10)

        assert time.monotonic() - start < 5
        for c in clients:
            c.close()

    def test_a_clean_stop_leaves_one_file(self, own_server):
        server = own_server()
        scim = server.client()
        scim.create("/Users", user())
        scim.close()

        server.stop()

        wal = pathlib.Path(str(server.file) + "-wal")
        assert not wal.exists() or wal.stat().st_size == 0
        assert integrity(server.file) == [("ok",)]

    def test_a_second_signal_changes_nothing(self, own_server):
        for pause in (0, 0.001, 0.01, 0.05):
            server = own_server()
            scim = server.client()
            made = scim.create("/Users", user())
            server.process.send_signal(signal.SIGTERM)
            time.sleep(pause)
            with contextlib.suppress(ProcessLookupError):
                server.process.send_signal(signal.SIGTERM)
                server.process.send_signal(signal.SIGINT)
            assert server.process.wait(10) == 0
            scim.close()
            server.start()
            scim = server.client()
            assert scim.get("/Users/" + made["id"]).json == made
            scim.close()

    def test_it_stops_on_sigint_too(self, own_server):
        server = own_server()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        server.stop()


class TestStart:
    def fails(self, command, cwd, within=10, **kw):
        done = subprocess.run(command, cwd=cwd, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL,
                              timeout=within, **kw)
        assert "Sanitizer" not in done.stderr
        return done

    def test_a_second_server_on_the_file_ends_and_names_the_first(
            self, own_server):
        first = own_server()
        second = Server(first.directory, token=first.token)

        done = self.fails(second.command(), first.directory)

        assert done.returncode == 1
        assert (str(first.process.pid) in done.stderr
                or str(first.port) in done.stderr), done.stderr
        scim = first.client()
        assert scim.get("/Users").status == 200
        scim.close()

    def test_after_a_kill_it_starts_again(self, own_server):
        server = own_server()
        server.kill()

        server.start()

    def test_a_newer_database_is_refused_and_left_alone(self, own_server):
        server = own_server()
        server.stop()
        with contextlib.closing(sqlite3.connect(server.file)) as db:
            db.execute("PRAGMA user_version = 99999")
            db.commit()
        before = server.file.read_bytes()

        done = self.fails(server.command(), server.directory)

        assert done.returncode == 1
        assert "99999" in done.stderr or "newer" in done.stderr
        assert server.file.read_bytes() == before
        for verb in (("token", "list"), ("tenant", "list")):
            assert server.run(*verb).returncode == 1

    @pytest.mark.parametrize("content", [b"", b"not a database" * 1000,
                                         b"SQLite format 3\x00" + b"\xff"
                                         * 5000])
    def test_a_file_that_is_none_is_refused(self, tmp_path, content):
        server = Server(tmp_path)
        server.file.write_bytes(content)
        if content == b"":
            server.start().stop()
            return

        done = self.fails(server.command(), tmp_path)

        assert done.returncode == 1
        assert "scimd.db" in done.stderr
        assert server.file.read_bytes() == content

    def test_a_read_only_file_changes_nothing(self, tmp_path):
        server = Server(tmp_path / "ro").start()
        server.stop()
        before = server.file.read_bytes()
        as_nobody = {}
        if os.geteuid() == 0:
            as_nobody = {"user": 65534, "group": 65534, "extra_groups": []}
            for part in [tmp_path, *tmp_path.parents][:3]:
                part.chmod(0o755)
        for path in server.directory.iterdir():
            path.chmod(0o444)
        server.directory.chmod(0o555)
        try:
            done = self.fails(server.command(), "/", **as_nobody)
        except PermissionError:
            pytest.skip("can't become another user")
        finally:
            server.directory.chmod(0o755)

        assert done.returncode == 1, done
        assert "scimd.db" in done.stderr
        assert server.file.read_bytes() == before

    def test_a_taken_port_is_named(self, own_server, tmp_path):
        first = own_server()
        second = Server(tmp_path / "second")
        second.port = first.port

        done = self.fails(second.command(), second.directory)

        assert done.returncode == 1
        assert str(first.port) in done.stderr

    def test_the_bootstrap_token_again_is_nothing_new(self, own_server):
        server = own_server()
        listed = server.run("token", "list").stdout
        server.stop()

        server.start()

        assert server.run("token", "list").stdout == listed
        scim = server.client()
        assert scim.post("/Users", user()).status == 201
        scim.close()
        assert server.token not in server.log()

    def test_the_first_start_prints_a_token_once(self, tmp_path):
        server = Server(tmp_path)
        command = server.command()
        at = command.index("--bootstrap-token")
        del command[at:at + 2]
        printed = []
        for _ in range(2):
            process = subprocess.Popen(command, cwd=tmp_path, text=True,
                                       stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
            server.process = process
            end = time.monotonic() + 20
            while not server.is_ready() and time.monotonic() < end:
                time.sleep(0.02)
            if not printed:
                token = token_in(process.stdout.readline())
                scim = server.client(token)
                assert scim.post("/Users", user()).status == 201
                scim.close()
            process.send_signal(signal.SIGTERM)
            printed.append(process.communicate(timeout=20)[0])
            assert process.returncode == 0
        assert token not in printed[1] and "token" not in printed[1]

    def test_flags_come_before_environment_before_file(self, tmp_path):
        server = Server(tmp_path)
        command = server.command()
        (tmp_path / "scimd.conf").write_text(
            f"store = memory:\nlisten = 127.0.0.1:{free_port()}\n"
            f"bootstrap-token = {server.token}\nloops = 1\n")
        at = command.index("--store")
        del command[at:at + 2]
        at = command.index("--bootstrap-token")
        del command[at:at + 2]
        env = dict(os.environ, SCIMD_STORE=server.store,
                   SCIMD_LISTEN="127.0.0.1:1")
        server.process = subprocess.Popen(
            [*command, "--config", str(tmp_path / "scimd.conf")], env=env,
            stdout=subprocess.PIPE, stderr=open(server.errors, "ab"))
        server.wait_ready()
        scim = server.client()
        assert scim.post("/Users", user()).status == 201
        scim.close()
        assert server.file.exists()
        server.stop()


class TestDiskFull:
    @pytest.fixture
    def small_disk(self, tmp_path):
        place = tmp_path / "small"
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m",
                               "tmpfs", str(place)], capture_output=True)
        if done.returncode != 0:
            pytest.skip("mounting needs root")
        yield place
        subprocess.run(["umount", "-l", str(place)], check=True)

    def test_a_full_disk_loses_nothing_acknowledged(self, small_disk,
                                                    tmp_path):
        ballast = small_disk / "ballast"
        ballast.write_bytes(b"x" * (1 << 20))
        server = Server(small_disk)
        server.errors = tmp_path / "stderr.log"
        server.start()
        scim = server.client()
        made, refused = [], []
        while len(refused) < 5 and len(made) < 5000:
            r = scim.post("/Users", user(displayName="x" * 3000))
            (made if r.status == 201 else refused).append(r)
        assert made and refused
        assert {r.status for r in refused} <= {500, 503}
        # @spec 7644-3.12-14
        for r in refused:
            assert r.status == 503 or "make room" in r.detail
            assert str(server.file) not in r.detail

        for r in made[:5] + made[-5:]:
            got = scim.get("/Users/" + r.json["id"])
            assert got.status == 200
            assert got.json == r.json
        assert scim.get("/Users?count=0").json["totalResults"] == len(made)
        ballast.unlink()
        r = scim.post("/Users", user())
        assert r.status == 201
        scim.close()
        server.stop()
        assert integrity(server.file) == [("ok",)]


class TestDiskFails:
    """A COMMIT whose fsync fails may or may not have happened."""

    @pytest.fixture
    def flag(self, tmp_path, monkeypatch):
        """A file that, while it exists, lets no sync succeed."""
        if IS_SANITIZED:
            pytest.skip("A sanitizer wants to be loaded first.")
        library = tmp_path / "fail_sync.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library),
                        str(ROOT / "tests" / "preload" / "fail_sync.c"), "-ldl"],
                       check=True)
        monkeypatch.setenv("LD_PRELOAD", str(library))
        monkeypatch.setenv("FAIL_SYNC", str(tmp_path / "flag"))
        return tmp_path / "flag"

    def test_it_says_so_and_ends(self, tmp_path, flag, monkeypatch):
        server = Server(tmp_path / "server").start()
        scim = server.client()
        sure = scim.create("/Users", user())
        flag.touch()

        doubtful = user()
        with contextlib.suppress(Closed, OSError):
            r = scim.post("/Users", doubtful)
            assert r.status == 503
            assert "read" in r.detail
        with contextlib.suppress(Closed, OSError, AssertionError):
            later = scim.post("/Users", user())
            assert later.status in (500, 503)
            assert scim.at("").get("/readyz").status == 503
        assert server.process.wait(20) not in (0, -signal.SIGABRT,
                                               -signal.SIGSEGV)
        server.process.stdout.close()
        scim.close()

        flag.unlink()
        monkeypatch.delenv("LD_PRELOAD")
        server.process = None
        server.start()
        scim = server.client()
        assert scim.get("/Users/" + sure["id"]).json == sure
        r = scim.get("/Users" + eq("userName", doubtful["userName"]))
        assert r.json["totalResults"] in (0, 1)
        scim.close()
        server.stop()
        assert integrity(server.file) == [("ok",)]


class TestUsage:
    @pytest.mark.parametrize("args", [
        [], ["nonsense"], ["--nonsense"], ["serve", "--nonsense"],
        ["serve", "--listen"], ["serve", "--listen", "nowhere"],
        ["serve", "--listen", "127.0.0.1:99999"],
        ["serve", "--listen", "127.0.0.1:http"],
        ["serve", "--store", "nosuch:x"], ["serve", "--store", ""],
        ["serve", "--loops", "0"], ["serve", "--loops", "x"],
        ["serve", "--set", "nonsense"], ["serve", "--set", "nosuch=1"],
        ["serve", "--set", "etag=heavy"],
        ["serve", "--set", "preconditions=maybe"],
        ["serve", "--bootstrap-token", "short"],
        ["serve", "--bootstrap-token", "with spaces in the token"],
        ["serve", "--listen", "0.0.0.0:18080"],
        ["serve", "--tls-cert", "/nowhere.pem"],
        ["serve", "--public-url", "not a url"],
        ["serve", "--public-url", "https://x.example/?query"],
        ["serve", "extra"], ["tenant"], ["tenant", "nonsense"],
        ["tenant", "create"], ["tenant", "create", "a b"],
        ["tenant", "create", "x", "etag"], ["tenant", "create", "x", "no=1"],
        ["token"], ["token", "create"], ["token", "revoke"],
        ["token", "create", "--tenant", "default", "--scope", "nosuch"],
        ["token", "create", "--tenant", "default", "--scope", "read",
         "--expires", "soon"],
        ["selftest"], ["selftest", "race"],
    ])
    # @spec 7644-1.3-01, 7644-7.2-01, 7644-7.4-02
    def test_wrong_usage_exits_2_and_says_what_is_right(self, tmp_path, args):
        done = run(*args, cwd=tmp_path, timeout=10,
                   store=None if "--store" in args else "memory:")

        assert done.returncode == 2, done
        assert done.stderr.strip()
        assert done.stdout == ""

    @pytest.mark.parametrize("args", [["--help"], ["--version"],
                                      ["serve", "--help"],
                                      ["token", "--help"]])
    def test_help_goes_to_stdout(self, tmp_path, args):
        done = run(*args, cwd=tmp_path)

        assert done.returncode == 0
        assert done.stdout.strip()

    def test_the_environment_is_checked_too(self, tmp_path):
        done = run("serve", cwd=tmp_path,
                   env={"SCIMD_LISTEN": "nowhere", "SCIMD_STORE": "memory:"})

        assert done.returncode == 2
        assert "listen" in done.stderr.lower()


class TestOtherVerbs:
    def test_tenants_beside_a_running_server(self, server, scim):
        name = fresh("tenant")
        server.make_tenant(name, etag="strong")
        assert server.run("tenant", "create", name).returncode == 1
        assert name in server.run("tenant", "list").stdout
        there = scim.having(server.make_token(name))
        assert not there.post("/Users", user()).etag.startswith("W/")

        done = server.run("tenant", "set", name, "etag=weak",
                          "preconditions=required")
        assert done.returncode == 0
        end = time.monotonic() + 2
        while time.monotonic() < end:
            made = there.post("/Users", user())
            if made.etag.startswith("W/"):
                break
            time.sleep(0.01)
        assert made.etag.startswith("W/")
        assert there.delete("/Users/" + made.json["id"]).status == 428

        assert server.run("tenant", "set", name, "etag=x").returncode == 2
        assert server.run("tenant", "delete", name).returncode == 0
        assert name not in server.run("tenant", "list").stdout
        time.sleep(0.05)
        assert there.get("/Users").status == 401
        there.close()
        assert server.run("tenant", "delete", name).returncode == 1
        assert server.run("token", "create", "--tenant", name,
                          "--scope", "read").returncode == 1

    def test_writes_of_two_processes_wait_for_each_other(self, server, scim):
        errors = []

        def make_tokens():
            for _ in range(5):
                try:
                    server.make_token()
                except AssertionError as e:
                    errors.append(e)

        threads = [threading.Thread(target=make_tokens) for _ in range(2)]
        for t in threads:
            t.start()
        statuses = set()
        while any(t.is_alive() for t in threads):
            statuses.add(scim.post("/Users", user()).status)
        for t in threads:
            t.join()
        assert not errors
        assert statuses <= {201}

    def test_selftest_race_finds_nothing_lost(self, server, scim):
        done = run("selftest", "race", "--url", scim.url,
                   "--token", scim.token, "--rounds", "20", "--seed", "1",
                   timeout=120)

        assert done.returncode == 0, done
        # eight writers each, and what each of them was told is there
        for race in ("members added", "emails added"):
            assert re.search(rf"2 rounds of eight {race} +16 +16 +0 ",
                             done.stdout), done.stdout
        assert re.search(r"2 rounds of eight in bulk +2 +2 +0 +14 ",
                         done.stdout), done.stdout

    def test_logs_are_lines_of_json(self, own_server):
        server = own_server()
        scim = server.client()
        scim.get("/Users")
        scim.get("/nowhere", headers={"X": "a\"b\\c"})
        scim.close()
        server.stop()

        for line in server.log().splitlines():
            assert isinstance(json.loads(line), dict), line
        # @spec 7644-7.5.1-01
        assert server.token not in server.log()


def test_no_file_is_open_to_others(own_server):
    server = own_server()
    scim = server.client()
    scim.create("/Users", user())
    scim.close()

    # @spec 7643-9.3-01
    for path in server.directory.glob("scimd.db*"):
        assert path.stat().st_mode & 0o077 == 0, path

