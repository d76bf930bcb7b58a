# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of a test's own.

All of it is in a temporary folder, it listens on a socket there alone, and
it ends with the process that started it, however that one ends.
"""

import atexit
import glob
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

START_S = 60


def find_programs():
    """The folder of the server's programs, or None."""
    named = os.environ.get("SCIMD_POSTGRES_BIN")
    found = shutil.which("postgres")
    folders = ([named] if named else []) + sorted(
        glob.glob("/usr/lib/postgresql/*/bin"), reverse=True) + (
            [str(pathlib.Path(found).resolve().parent)] if found else [])
    for folder in map(pathlib.Path, folders):
        if all((folder / name).exists()
               for name in ("initdb", "postgres", "pg_basebackup",
                            "pg_isready", "psql")):
            return folder
    return None


class Cluster:
    """Started when made; `url` leads to it.  `primary`: what it follows.

    One that is started by a thread must not end with that thread, which is
    what the kernel takes for us: `is_guarded` False."""

    def __init__(self, options=("fsync=off",), primary=None, is_guarded=True):
        self.programs = find_programs()
        assert self.programs is not None, "no PostgreSQL server is installed"
        self.options = tuple(options)
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="scimd-pg-",
                                                   dir="/tmp"))
        self.url = f"postgres://scimd@/postgres?host={self.place}"
        self.process = None
        # The server refuses to run as root, and dies with us.
        self.prefix = ["setpriv"] + (
            ["--pdeathsig", "INT"] if is_guarded else [])
        if os.geteuid() == 0:
            self.prefix += ["--reuid=nobody", "--regid=nogroup",
                            "--clear-groups"]
            shutil.chown(self.place, "nobody")
        self.log = open(self.place / "log", "ab")
        if primary is None:
            self.call("initdb", "-D", self.data, "-U", "scimd",
                      "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C",
                      "--no-instructions")
        else:
            self.call("pg_basebackup", "-R", "-X", "stream", "-c", "fast",
                      "-N", "-D", self.data, "-d",
                      f"host={primary.place} user=scimd "
                      "application_name=standby")
        atexit.register(self.remove)
        self.start()

    def call(self, program, *args):
        subprocess.run(self.prefix + [self.programs / program, *args],
                       check=True, stdout=self.log, stderr=self.log,
                       cwd=self.place)

    @property
    def data(self):
        return self.place / "data"

    def start(self):
        command = self.prefix + [
            self.programs / "postgres", "-D", self.data, "-k", self.place,
            "-c", "listen_addresses=", "-c", "max_connections=600"]
        for option in self.options:
            command += ["-c", option]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, cwd=self.place)
        end = time.monotonic() + START_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError((self.place / "log").read_text())
            time.sleep(0.02)

    def is_ready(self):
        return subprocess.run(
            [self.programs / "pg_isready", "-q", "-h", self.place, "-U",
             "scimd", "-d", "postgres"], check=False).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT ends sessions, SIGQUIT leaves it to be recovered."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.process = None

    def run(self, sql):
        return subprocess.run(
            [self.programs / "psql", "-qtAX", "-v", "ON_ERROR_STOP=1", "-d",
             self.url, "-c", sql], check=True, capture_output=True,
            text=True).stdout.strip()

    def end_session(self):
        """Of some scimd, whatever it is doing."""
        self.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE application_name = 'scimd' ORDER BY random() LIMIT 1")

    def wait_for_standby(self, state):
        end = time.monotonic() + START_S
        while self.run("SELECT sync_state FROM pg_stat_replication") != state:
            assert time.monotonic() < end, (self.place / "log").read_text()
            time.sleep(0.05)

    def promote(self):
        self.run("SELECT pg_promote(true, 30)")

    def remove(self):
        self.stop()
        self.log.close()
        shutil.rmtree(self.place, ignore_errors=True)
