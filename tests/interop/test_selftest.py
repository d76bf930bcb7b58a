# SPDX-License-Identifier: Apache-2.0
"""`scimd selftest race` against servers that lose nothing, and against two
that do.

`make controls` builds a scimd with bugs, which SCIMD_SEEDED_BUG chooses from,
names it in SCIMD_SEEDED_BIN and runs this file: a test that has never been
seen to fail proves little.
"""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SCIMD_BIN", str(ROOT / "build" / "scimd"))
SEEDED = os.environ.get("SCIMD_SEEDED_BIN")
ROUNDS = os.environ.get("SCIMD_RACE_ROUNDS", "40")
TOKEN = "race-token-of-the-tests"

every_kind_of_server = pytest.mark.parametrize(
    "store,loops", [("memory", 1), ("memory", 4), ("sqlite", 1),
                    ("sqlite", 4)])


@pytest.fixture
def serve(tmp_path):
    """Starts a scimd and gives the URL that it says it listens on."""
    started = []

    def start(binary, store, loops):
        url = "memory:" if store == "memory" else f"sqlite:{tmp_path}/race.db"
        with open(tmp_path / "stderr.log", "wb") as err:
            process = subprocess.Popen(
                [binary, "serve", "--listen", "127.0.0.1:0", "--store", url,
                 "--loops", str(loops), "--bootstrap-token", TOKEN],
                stdout=subprocess.PIPE, stderr=err, text=True)
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("listening "), (
            (tmp_path / "stderr.log").read_text())
        return line.split()[1]

    yield start
    for process in started:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


def race(url, *args, rounds=ROUNDS):
    return subprocess.run(
        [BINARY, "selftest", "race", "--url", url, "--token", TOKEN,
         "--rounds", rounds, *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=170, check=False)


# @spec 7644-3.14-07
@every_kind_of_server
def test_nothing_is_lost(serve, store, loops):
    done = race(serve(BINARY, store, loops))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 9
    count = 2 * int(ROUNDS) // 8 * 8
    assert re.match(rf"eight clients count to {count} +{count} +{count} +0 ",
                    lines[1])
    assert lines[2].endswith(f"  1 in {ROUNDS}")
    assert lines[3].endswith(f"  1 in {int(ROUNDS) // 10}")
    tenth = int(ROUNDS) // 10
    for line in lines[4:6]:
        assert re.search(rf" added +{8 * tenth} +{8 * tenth} +0 ", line)
        assert line.endswith(f"  8 in {tenth}")
    assert lines[6].endswith(f"  1 in {tenth}")
    merges = (int(ROUNDS) + 199) // 200
    assert re.match(rf"{merges} rounds of 100 merges +{100 * merges} "
                    rf"+{100 * merges} +0 +0 .*  100 in {merges}$", lines[7])
    assert lines[8] == "Nothing was lost."


def test_what_was_made_is_deleted(serve):
    url = serve(BINARY, "memory", 2)
    assert race(url).returncode == 0
    listing = subprocess.run(
        ["curl", "-sS", "-H", f"Authorization: Bearer {TOKEN}",
         f"{url}/Users"],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    assert '"totalResults":0' in listing


def test_a_token_that_opens_nothing_is_told(serve):
    url = serve(BINARY, "memory", 1)
    done = race(url, "--token=wrong-token-000000")
    assert done.returncode == 2  # given twice
    done = subprocess.run(
        [BINARY, "selftest", "race", "--url", url, "--token", "wrong-token"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        check=False)
    assert done.returncode == 1
    assert "answer 401 while creating a user" in done.stderr


@pytest.mark.skipif(SEEDED is None, reason="`make controls` runs this")
@every_kind_of_server
def test_a_check_before_the_write_is_found(serve, monkeypatch, store, loops):
    monkeypatch.setenv("SCIMD_SEEDED_BUG", "check_before_write")
    done = race(serve(SEEDED, store, loops), rounds="500")
    print(done.stdout + done.stderr)
    assert done.returncode == 1
    assert "were told that they won" in done.stderr


@pytest.mark.skipif(SEEDED is None, reason="`make controls` runs this")
@every_kind_of_server
def test_a_merge_that_drops_ours_is_found(serve, monkeypatch, store, loops):
    monkeypatch.setenv("SCIMD_SEEDED_BUG", "merge_drops_ours")
    done = race(serve(SEEDED, store, loops), rounds="10")
    print(done.stdout + done.stderr)
    assert done.returncode == 1
    assert "were told that their address was merged" in done.stderr
