# SPDX-License-Identifier: Apache-2.0
"""Replays what identity providers send; flows/*.json say what that is.

Each file is one provider: {"provider", "flows": [{"name", "profiles"?,
"steps"}]}; lib/steps.py says what a step is.  A flow is right in all profiles,
or in those that it names.  {{fresh}} is new for each flow; `quirk` is the row
in docs/interop.md that a step is about.
"""

import json
import pathlib

import pytest

from samples import fresh
from steps import run_step

PROFILES = ("default", "entra", "okta", "strict")
FLOWS = pathlib.Path(__file__).parent / "flows"


def all_flows():
    for path in sorted(FLOWS.glob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        for flow in document["flows"]:
            for profile in flow.get("profiles", PROFILES):
                yield pytest.param(
                    flow, profile, id=f"{path.stem}-{flow['name']}-{profile}")


# @spec 7644-3.3-01, 7644-3.4.1-01, 7644-3.5-01, 7644-3.4.2.2-08
@pytest.mark.both_stores
@pytest.mark.parametrize("flow, profile", list(all_flows()))
def test_flow(servers, store, flow, profile):
    scim = servers(store, profile=profile).client()
    names = {"fresh": fresh("idp"), "token": scim.token, "url": scim.url}
    for number, step in enumerate(flow["steps"], 1):
        where = f"step {number}: {step['method']} {step['path']}"
        run_step(scim, step, names, where)
    scim.close()
