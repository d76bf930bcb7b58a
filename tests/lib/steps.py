# SPDX-License-Identifier: Apache-2.0
"""Requests written down as data, and what must come of them.

A step has method, path, headers and body, and says what is right: `status`,
one or several; `expect`, path to value; `save`, name to path.  Names saved
are written as {{name}} in later steps.  "<like X>" is what the expression X
matches as a whole.
"""

import json
import re

MISSING = object()


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
        elif isinstance(want, str) and want.startswith("<like "):
            assert re.fullmatch(want[6:-1], got), (where, path, got)
        else:
            assert got == want and type(got) is type(want), (
                where, path, got, want)


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
    return r
