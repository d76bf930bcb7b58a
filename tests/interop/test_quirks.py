# SPDX-License-Identifier: Apache-2.0
"""Holds scimd against quirks.json: what arrives, in each profile.

A case has a `row` of the table in docs/interop.md, or is of `output` (what
is true of every answer) or `suites` (what public suites want differently),
with a `rule`.  `steps` are as in lib/steps.py, shorter: `ask` is method and
path, `operations` the body of a PATCH, `user` and `group` are attributes of a
body.  What must come of the last one is in `answers`, for each profile or
for `every` one.  `counts` are the quirks that are let through by it, all of
them; `elsewhere` is a test that a step can't be.
"""

import json
import pathlib
import re
import time

import pytest

from counters import moved
from samples import fresh, group, user
from steps import at, run_step

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
CASES = json.loads((HERE / "quirks.json").read_text("utf-8"))
PROFILES = ("default", "strict", "entra", "okta")
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
RULES = {
    "output": {
        "schemas under projections", "Resources", "meta.location",
        "ServiceProviderConfig", "ids", "comparison", "password",
    },
    "suites": {
        "PATCH answer", "Error.status type", "Content-Type of answers",
        "replace via filter, no match", "dangling member / manager id",
        "duplicate group displayName", "canonicalValues / formats",
        "unquoted filter literal", "status/scimType for missing required",
        "externalId listed in /Schemas", "wrong If-Match",
        "preconditions, ETag form",
    },
}


def cases():
    for case in CASES:
        for profile in PROFILES if "steps" in case else ():
            yield pytest.param(
                case, profile,
                id=f"{case['row']}-{case['title']}-{profile}")


def answer_of(case, profile):
    return case["answers"].get("every") or case["answers"][profile]


def counts_of(case, profile):
    """What is let through, when it is let through."""
    if answer_of(case, profile)["status"] >= 400:
        return []
    counts = case.get("counts", [])
    return counts if isinstance(counts, list) else counts.get(profile, [])


def long_form(step):
    method, path = step["ask"].split(" ", 1)
    out = {"method": method, "path": path,
           **{k: step[k] for k in step.keys() - {"ask"}}}
    if "operations" in step:
        out["body"] = {"schemas": [PATCH_OP],
                       "Operations": step["operations"]}
    elif "user" in step:
        out["body"] = user(**step["user"])
    elif "group" in step:
        out["body"] = group(**step["group"])
    return out


def make_world(scim):
    """A user, another one, and a group of both."""
    name = fresh("quirk")
    one = scim.create("/Users", user(userName=name, title="Guide",
                                     active=True))
    other = scim.create("/Users", user())
    both = scim.create("/Groups", group(one["id"], other["id"]))
    return {"fresh": fresh("q"), "name": name, "user": one["id"],
            "other": other["id"], "group": both["id"], "url": scim.url}


def play(scim, case, profile):
    names = make_world(scim)
    *before, judged = [long_form(step) for step in case["steps"]]
    for step in before:
        run_step(scim, step, names, case["title"])
    r = run_step(scim, judged | answer_of(case, profile), names,
                 case["title"])
    if "same" in case:
        header, path = case["same"]
        assert r.header(header[7:]) == at(r.json, path)
    if "nowhere" in case:
        assert case["nowhere"].encode() not in r.body


@pytest.mark.parametrize("case, profile", list(cases()))
def test_quirk(servers, case, profile):
    scim = servers(profile=profile).client()
    got = moved(scim, lambda: play(scim, case, profile))
    scim.close()

    if answer_of(case, profile)["status"] < 400:
        let_through = re.findall(r'scimd_quirks_total\{quirk="(\w+)"\}',
                                 " ".join(got))
        assert sorted(let_through) == sorted(counts_of(case, profile))


def logged(server):
    lines = [json.loads(line) for line in server.log().splitlines()]
    return [line for line in lines if line["event"] == "quirk"]


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_let_through_is_logged_by_its_name(own_server, profile):
    server = own_server(settings=[("profile", profile)])
    scim = server.client()
    for case in CASES:
        names = counts_of(case, profile) if "steps" in case else []
        if not names:
            continue
        before = len(logged(server))
        play(scim, case, profile)
        new = logged(server)[before:]
        assert " ".join(line["names"] for line in new).split() == names
        assert all(line["tenant"] == "default" for line in new)
        time.sleep(0.1)  # in one second only so many are logged
    scim.close()


def test_a_member_left_out_is_named_in_the_log(own_server):
    server = own_server(settings=[("profile", "okta")])
    scim = server.client()
    made = scim.create("/Groups", group("00u-never-there"))
    scim.close()

    line = logged(server)[-1]

    assert line["level"] == "warning"
    assert line["dropped"] == "00u-never-there"
    assert line["resource"] == made["meta"]["location"]


def test_a_member_left_out_in_bulk_is_named_in_the_log(own_server):
    server = own_server(settings=[("profile", "okta")])
    scim = server.client()
    assert scim.post("/Bulk", {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Groups", "bulkId": "g",
                        "data": group("00u-never-there")}]}).status == 200
    scim.close()

    line = logged(server)[-1]

    assert line["dropped"] == "00u-never-there"
    assert line["resource"] == "/Bulk"


def test_every_row_has_a_case_in_every_profile():
    assert {c["row"] for c in CASES} == (
        {str(n) for n in range(1, 31)} | RULES.keys())
    for kind, rules in RULES.items():
        assert {c["rule"] for c in CASES if c["row"] == kind} == rules
    for case in CASES:
        if "elsewhere" in case:
            path, name = case["elsewhere"].split()
            assert f"\n{name}(" in (ROOT / path).read_text()
        else:
            assert set(case["answers"]) in ({"every"}, set(PROFILES)), case


def test_every_name_is_documented_and_has_a_case():
    source = (ROOT / "src/daemon/metrics.c").read_text()
    table = re.search(r"const quirks\[.*?\{(.*?)\};", source, re.S)[1]
    names = re.findall(r'"(\w+)"', table)
    page = (ROOT / "docs/interop.md").read_text()

    seen = {name for case in CASES for profile in PROFILES
            if "steps" in case for name in counts_of(case, profile)}

    assert set(names) == seen
    assert [n for n in names if f"`{n}`" not in page] == []
