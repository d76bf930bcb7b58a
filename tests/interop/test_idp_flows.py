# SPDX-License-Identifier: Apache-2.0
"""Replays what identity providers send; flows/*.json say what that is.

Each file is one provider: {"provider", "flows": [{"name", "profile"?,
"steps"}]}; lib/steps.py says what a step is.  {{fresh}} is new for each flow.
`needs` names what a step can't do without; `quirk` is the row in
docs/interop.md that it is about.
"""

import json
import pathlib

import pytest

from samples import fresh
from steps import run_step

FLOWS = pathlib.Path(__file__).parent / "flows"


def all_flows():
    for path in sorted(FLOWS.glob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        for flow in document["flows"]:
            yield pytest.param(document, flow,
                               id=f"{path.stem}-{flow['name']}")


def capabilities(scim):
    config = scim.get("/ServiceProviderConfig").json
    have = {name for name in ("patch", "bulk", "sort")
            if config[name]["supported"]}
    if scim.get("/Users?filter=title%20pr").status == 200:
        have.add("filter")
    return have


# @spec 7644-3.3-01, 7644-3.4.1-01, 7644-3.5-01, 7644-3.4.2.2-08
@pytest.mark.both_stores
@pytest.mark.parametrize("document, flow", list(all_flows()))
def test_flow(servers, store, document, flow):
    settings = {k: flow[k] for k in ("profile",) if k in flow}
    server = servers(store, **settings)
    scim = server.client()
    have = capabilities(scim)
    names = {"fresh": fresh("idp"), "token": scim.token, "url": scim.url}
    skipped = []
    for number, step in enumerate(flow["steps"], 1):
        where = f"step {number}: {step['method']} {step['path']}"
        needs = set(step.get("needs", "").split())
        if needs - have:
            skipped.append(number)
            continue
        run_step(scim, step, names, where)
    scim.close()
    if len(skipped) == len(flow["steps"]):
        pytest.skip("Nothing of this flow is supported yet.")
