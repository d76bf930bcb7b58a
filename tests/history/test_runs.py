# SPDX-License-Identifier: Apache-2.0
"""Short runs of what tests/history/run.py does for as long as wanted: many
clients, a server that is killed, paused and cut off, and nothing lost."""

import os
import pathlib
import subprocess
import sys

import pytest

from postgres_cluster import find_programs
from scimd_server import run as scimd

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = os.environ.get("SCIMD_HISTORY_S", "4")


def run(*args, program="run.py"):
    return subprocess.run(
        [sys.executable, HERE / program, "--seconds", SECONDS, "--small",
         *args], capture_output=True, text=True)


def may_mount():
    return os.geteuid() == 0 or subprocess.run(
        ["unshare", "--map-root-user", "--mount", "true"]).returncode == 0


@pytest.mark.parametrize("workload", ["hot", "wide", "merge", "bulk", "retry",
                                      "members", "names"])
def test_nothing_is_lost(workload):
    done = run("--workload", workload)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no update was lost" in done.stdout
    assert "kill" in done.stdout


@pytest.mark.skipif(not may_mount(), reason="nothing may be mounted here")
def test_nothing_is_lost_on_a_full_disk():
    done = run("--workload", "hot", "--faults", "full")
    if b"mount" in done.stderr.encode() and done.returncode == 2:
        pytest.skip("mounting is not allowed here")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no update was lost" in done.stdout


def test_nothing_is_lost_without_faults_either():
    done = run("--workload", "hot", "--faults", "", "--clients", "32")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "without an answer" not in done.stdout


@pytest.mark.skipif(find_programs() is None,
                    reason="no PostgreSQL server is installed")
@pytest.mark.skipif("postgres://" not in scimd("serve", "--help").stdout,
                    reason="scimd was built without libpq")
def test_nothing_is_lost_by_several_nodes_with_one_database():
    done = run("--workload", "hot", program="nodes.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no update was lost" in done.stdout
