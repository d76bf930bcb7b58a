# SPDX-License-Identifier: Apache-2.0
"""Runs the checkers that others made for SCIM servers, each against a fresh
scimd, once in every profile.

README.md explains each line of theirs that is no success.  A line that is
not explained there fails, and so does an explanation of what is no longer
said.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

README = pathlib.Path(__file__).with_name("README.md")
PROGRAMS = pathlib.Path(sys.executable).parent
PROFILES = ("default", "strict", "entra", "okta")


def section(title):
    """The lines of a section of the README."""
    text = README.read_text("utf-8")
    return text.split(f"### {title}\n", 1)[1].split("\n#", 1)[0].splitlines()


def explained(title, profile):
    """The rows of its table that hold for a profile, without the reasons."""
    rows = set()
    for line in section(title):
        if not line.startswith("| ") or line.startswith("| status"):
            continue
        status, check, says, profiles, why = [
            cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
        assert re.match(r"RFC \d+ [\d.]+: ", why), f"no section: {line}"
        named = PROFILES if profiles == "all" else profiles.split(", ")
        assert set(named) <= set(PROFILES), line
        if profile in named:
            rows.add((status, check, says))
    return rows


def compare(said, title, profile):
    rows = explained(title, profile)
    assert said - rows == set(), "not explained in README.md"
    assert rows - said == set(), "explained in README.md, but no longer said"


@pytest.fixture(params=PROFILES)
def profile(request):
    return request.param


@pytest.fixture
def fresh(own_server, profile):
    return own_server(settings=[("profile", profile)])


def run(*command, **env):
    return subprocess.run(
        command, env=os.environ | {"NO_PROXY": "*"} | env,
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=120, check=False)


def test_scim2_test(fresh, profile):
    done = run(PROGRAMS / "scim2", "-u", fresh.client().url, "test",
               SCIM_CLI_HEADERS=f"Authorization: Bearer {fresh.token}")
    found = re.findall(r"^([A-Z]+) (\w+)$(?:\n  (.+))?", done.stdout, re.M)
    assert len(found) >= 100, done.stdout + done.stderr
    compare({row for row in found if row[0] not in ("SUCCESS", "COMPLIANT")},
            "scim2 test", profile)


def test_scim_sanity_probe(fresh, profile):
    done = run(PROGRAMS / "scim-sanity", "probe", fresh.client().url,
               "--token", fresh.token, "--strict", "--json-output",
               "--i-accept-side-effects")
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)["results"]
    assert len(found) >= 30, done.stdout
    compare({(row["status"], row["name"], row.get("message", ""))
             for row in found if row["status"] != "pass"},
            "scim-sanity probe", profile)
