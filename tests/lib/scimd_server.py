# SPDX-License-Identifier: Apache-2.0
"""Starts and ends scimd processes for tests, and runs its other verbs."""

import atexit
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time

from scim_client import Client, Closed

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(pathlib.Path(os.environ.get("SCIMD_BIN")
                          or ROOT / "build" / "scimd").resolve())
# What tests of an ordinary server run on: sqlite, or, under
# tests/lib/with-postgres, postgres.
TEST_STORE = os.environ.get("SCIMD_TEST_STORE", "sqlite")
START_S = float(os.environ.get("SCIMD_START_S", "20"))

MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ ")
SANITIZER = re.compile(
    r"(Address|Thread|Leak|Memory|UndefinedBehavior)Sanitizer"
    r"|runtime error:|==\d+==ERROR")
# Memory is not given back as it is without, and nothing can be loaded first.
IS_SANITIZED = os.access(BINARY, os.R_OK) and any(
    mark in pathlib.Path(BINARY).read_bytes()
    for mark in (b"__asan_init", b"__tsan_init"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def postgres_store():
    """The URL of a schema of its own in the database of with-postgres."""
    database = os.environ["SCIMD_TEST_POSTGRES"]
    name = "t" + secrets.token_hex(8)
    programs = subprocess.run(
        [ROOT / "tests/lib/with-postgres", "--find"], check=True,
        capture_output=True, text=True).stdout.strip()
    subprocess.run([f"{programs}/psql", "-qX", "-d", database, "-c",
                    f"CREATE SCHEMA {name}"], check=True)
    return f"{database}&options=-csearch_path%3D{name}"


def end_for_sure(process):
    """A test that failed half-way leaves no server behind."""
    if process.poll() is None:
        process.kill()
        process.wait()


def backtraces(pid):
    """Of all threads; gdb does not have to be there."""
    try:
        return subprocess.run(
            ["gdb", "-p", str(pid), "-batch", "-ex", "thread apply all bt"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired) as e:
        return f"gdb: {e!r}"


def threads(pid):
    """What the kernel says of them."""
    lines = []
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").glob("*")):
        state = [task.name]
        for name in ("stat", "wchan", "syscall", "stack"):
            try:
                state.append(f"{name}: " + (task / name).read_text().strip())
            except OSError as e:
                state.append(f"{name}: {e!r}")
        lines.append("\n  ".join(state))
    return "\n".join(lines)


def sync_time(directory):
    """What an fsync takes where the database is."""
    began = time.monotonic()
    with open(directory / "probe", "wb") as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())
    return f"an fsync took {time.monotonic() - began:.3f} s"


class Server:
    """One `scimd serve` on a port of its own."""

    def __init__(self, directory, store="sqlite", settings=(), args=(),
                 token=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.file = self.directory / "scimd.db"
        self.store = f"sqlite:{self.file}" if store == "sqlite" else store
        if store == "memory":
            self.store = "memory:"
        if store == "sqlite" and TEST_STORE == "postgres":
            self.store = postgres_store()
        self.settings = tuple(settings)
        self.args = tuple(args)
        self.token = token or "boot-" + secrets.token_urlsafe(24)
        self.port = None
        self.process = None
        self.errors = self.directory / "stderr.log"

    def command(self):
        self.port = self.port or free_port()
        cmd = [BINARY, "serve", "--listen", f"127.0.0.1:{self.port}",
               "--store", self.store, "--bootstrap-token", self.token,
               "--loops", os.environ.get("SCIMD_LOOPS", "2")]
        for key, value in self.settings:
            cmd += ["--set", f"{key}={value}"]
        return cmd + list(self.args)

    def spawn(self):
        with open(self.errors, "ab") as err:
            self.process = subprocess.Popen(
                self.command(), cwd=self.directory,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
        atexit.register(end_for_sure, self.process)
        return self

    def start(self):
        self.spawn()
        self.wait_ready()
        return self

    def is_ready(self):
        c = Client("127.0.0.1", self.port, base="", timeout=5)
        c.checks = False
        try:
            return c.get("/readyz").status == 200
        except (OSError, Closed):
            return False
        finally:
            c.close()

    def wait_ready(self):
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"scimd ended with {self.process.returncode}:\n"
                    + self.log())
            if self.is_ready():
                return
            time.sleep(0.01)
        raise AssertionError("scimd was not ready in time:\n" + self.log())

    def log(self):
        return self.errors.read_text("utf-8", "replace")

    def check_log(self):
        found = SANITIZER.search(self.log())
        assert not found, self.log()[found.start():found.start() + 4000]

    def stop(self, within=30):
        """Ask it to end; it must do so cleanly."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within)
        self.process.stdout.close()
        self.process = None
        self.check_log()
        assert code == 0, f"exit code {code}:\n{self.log()[-4000:]}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None
        self.check_log()

    def client(self, token="boot", base="/scim/v2", timeout=20):
        token = self.token if token == "boot" else token
        return Client("127.0.0.1", self.port, token, base, timeout,
                      self.where)

    def where(self):
        """Of a server that does not answer: where each thread is, whether
        another request is answered, what the machine and the disk do."""
        if self.process is None or self.process.poll() is not None:
            return "The server has ended:\n" + self.log()[-4000:]
        parts = [backtraces(self.process.pid), threads(self.process.pid)]
        c = Client("127.0.0.1", self.port, base="", timeout=5)
        c.checks = False
        try:
            parts.append(c.get("/metrics").body.decode())
        except (OSError, Closed) as e:
            parts.append(f"/metrics: {e!r}")
        finally:
            c.close()
        parts += [f"load: {os.getloadavg()}", sync_time(self.directory),
                  self.log()[-2000:]]
        return "\n\n".join(parts)

    def private_bytes(self):
        """Its memory, and apart from that the pages of its database file,
        which the kernel can drop at any time."""
        own = mapped = 0
        is_file = False
        with open(f"/proc/{self.process.pid}/smaps", encoding="utf-8") as maps:
            for line in maps:
                if MAPPING.match(line):
                    is_file = line.rstrip().endswith(str(self.file))
                elif line.startswith("Private_"):
                    size = int(line.split()[1]) * 1024
                    own += 0 if is_file else size
                    mapped += size if is_file else 0
        return own, mapped

    def run(self, *args, **kw):
        """Run another verb of scimd on this server's store."""
        return run(*args, store=self.store, cwd=self.directory, **kw)

    def make_token(self, tenant="default", scope="read,write", **options):
        args = ["token", "create", "--tenant", tenant, "--scope", scope]
        for name, value in options.items():
            args += [f"--{name}", value]
        done = self.run(*args)
        assert done.returncode == 0, done
        return token_in(done.stdout)

    def make_tenant(self, name, **settings):
        pairs = [f"{k}={v}" for k, v in settings.items()]
        done = self.run("tenant", "create", name, *pairs)
        assert done.returncode == 0, done


def token_in(text):
    """The token that `scimd token create` printed."""
    words = [w.strip('",') for w in text.split()]
    long = [w for w in words if re.fullmatch(r"[A-Za-z0-9._~+/=-]{20,}", w)]
    assert long, text
    return long[-1]


def run(*args, store=None, cwd=None, timeout=30, env=None):
    full = dict(os.environ, **(env or {}))
    if store is not None:
        full["SCIMD_STORE"] = store
    return subprocess.run([BINARY, *args], cwd=cwd, env=full, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout)
