# SPDX-License-Identifier: Apache-2.0
"""Short runs of what tests/history/run.py does for as long as wanted: many
clients, a server that is killed, paused and cut off, and nothing lost."""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = os.environ.get("SCIMD_HISTORY_S", "4")


def run(*args):
    return subprocess.run(
        [sys.executable, HERE / "run.py", "--seconds", SECONDS, "--small",
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
