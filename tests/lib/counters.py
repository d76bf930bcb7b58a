# SPDX-License-Identifier: Apache-2.0
"""What /metrics says, and what of it moved."""

import re


def metrics(scim):
    r = scim.having(None).at("").get("/metrics")
    assert r.status == 200
    assert r.header("Content-Type").startswith("text/plain")
    values = {}
    for line in r.body.decode("utf-8").splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert re.fullmatch(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})?', name)
            values[name] = float(value)
    return values


def moved(scim, work):
    """What became more by the work."""
    before = metrics(scim)
    work()
    after = metrics(scim)
    return {name: after[name] - before.get(name, 0) for name in after
            if after[name] > before.get(name, 0)}
