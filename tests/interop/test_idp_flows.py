# SPDX-License-Identifier: Apache-2.0
"""Replays what identity providers send; flows/*.json say what that is.

Each file is one provider: {"provider", "flows": [{"name", "profile"?,
"steps"}]}.  A step is a request (method, path, headers, body) and what must
come of it: `status`, one or several; `expect`, path to value; `save`, name to
path.  Names saved are written as {{name}} in later steps; {{fresh}} is new
for each flow.  `needs` names what a step can't do without; `quirk` is the row
in docs/interop.md that it is about.
"""

import json
import pathlib
import re

import pytest

from samples import fresh

FLOWS = pathlib.Path(__file__).parent / "flows"
MISSING = object()


def all_flows():
    for path in sorted(FLOWS.glob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        for flow in document["flows"]:
            yield pytest.param(document, flow,
                               id=f"{path.stem}-{flow['name']}")


def fill(value, names):
    if isinstance(value, str):
        return re.sub(r"\{\{(\w+)\}\}", lambda m: names[m[1]], value)
    if isinstance(value, list):
        return [fill(v, names) for v in value]
    if isinstance(value, dict):
        return {fill(k, names): fill(v, names) for k, v in value.items()}
    return value


def at(document, path):
    """What a path like `emails/0/value` names; `/` parts, ~ for a slash."""
    for part in path.split("/"):
        if isinstance(document, list):
            number = int(part)
            if number >= len(document):
                return MISSING
            document = document[number]
        elif isinstance(document, dict):
            document = document.get(part, MISSING)
        else:
            return MISSING
        if document is MISSING:
            return MISSING
    return document


def check(r, expect, where):
    for path, want in expect.items():
        if path.startswith("header:"):
            got = r.header(path[7:])
        elif path.endswith("/length"):
            got = at(r.json, path[:-7])
            got = 0 if got is MISSING else len(got)
        else:
            got = at(r.json, path)
        if want == "<absent>":
            assert got is MISSING, (where, path, got)
        elif want == "<present>":
            assert got not in (MISSING, None), (where, path)
        else:
            assert got == want and type(got) is type(want), (
                where, path, got, want)


def capabilities(scim):
    config = scim.get("/ServiceProviderConfig").json
    have = {name for name in ("patch", "bulk", "sort")
            if config[name]["supported"]}
    if scim.get("/Users?filter=title%20pr").status == 200:
        have.add("filter")
    return have


def run_step(scim, step, names, where):
    headers = fill(step.get("headers", {}), names)
    body = step.get("body")
    if body is not None:
        body = json.dumps(fill(body, names))
    r = scim.request(step["method"], fill(step["path"], names), body,
                     headers=headers)
    wanted = step["status"]
    wanted = wanted if isinstance(wanted, list) else [wanted]
    assert r.status in wanted, (where, r)
    if r.status == 204 and step["method"] in ("PATCH", "PUT"):
        r = scim.get(fill(step["path"], names).split("?")[0])
    check(r, fill(step.get("expect", {}), names), where)
    for name, path in step.get("save", {}).items():
        names[name] = at(r.json, path)
        assert names[name] is not MISSING, (where, name)


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
