# SPDX-License-Identifier: Apache-2.0
"""Random filters and patches through scimd and through the npm packages
scim2-parse-filter, scimmy and scim-patch.

Where a library answers differently, rules explain it, each by a section of
the RFCs; README.md has them line by line.  A difference that no rule
explains fails, and so does a rule that explains none.  `make differential`
runs 10,000 of each; SCIMD_DIFFERENTIAL says how many, SCIMD_SEED which.
"""

import os
import pathlib
import random
import re

import pytest

from differential import filter_rules, filters, patch_rules, patches, users
from differential.explain import REFUSED, Tally, explain
from differential.filters import render
from differential.peers import Peers
from scim_client import quote

COUNT = int(os.environ.get("SCIMD_DIFFERENTIAL", "1000"))
SEED = os.environ.get("SCIMD_SEED", "scimd")
FULL = 10000
README = pathlib.Path(__file__).with_name("README.md")
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def peers():
    peers = Peers()
    yield peers
    peers.close()


def explained(title):
    """The rules that README.md has a line for, with their libraries."""
    text = README.read_text("utf-8")
    text = text.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in text.splitlines() if line.startswith("| `")]
    for name, _, section, right, _ in rows:
        assert re.fullmatch(r"RFC \d+ [\d.]+", section), name
        assert right in ("scimd", "library", "both"), name
    return [(row[0].strip("`"), tuple(row[1].split(", "))) for row in rows]


@pytest.mark.parametrize("title, rules", [
    ("Filters", filter_rules.RULES), ("Patches", patch_rules.RULES)])
def test_every_rule_is_explained(title, rules):
    assert explained(title) == [(rule.name, rule.peers) for rule in rules]


def check(title, tally, capsys):
    with capsys.disabled():
        print(f"\n{COUNT} {title}, seed {SEED}\n{tally}")
    for peer, example in sorted(tally.unexplained, key=lambda u: len(u[1])):
        print(f"{peer}: {example}")
    assert not tally.unexplained, "differences that no rule explains"
    if COUNT >= FULL:
        assert tally.never() == [], "rules that explain nothing"


@pytest.fixture
def people(own):
    r = random.Random(SEED)
    for number in range(24):
        own.create("/Users", users.user(
            r, f"{r.choice(['ann', 'Bob', 'cÿ'])}{number}"))
    return own.get("/Users?count=100").resources


def filtered(scim, people, text):
    answer = scim.get("/Users?count=100&attributes=id&filter=" + quote(text))
    if answer.status == 403:
        assert answer.scim_type == "sensitive", (text, answer)
        return REFUSED
    if answer.status == 400:
        # @spec 7644-3.12-16
        assert answer.scim_type == "invalidFilter", (text, answer)
        return REFUSED
    assert answer.status == 200, (text, answer)
    found = {u["id"] for u in answer.resources}
    return {i for i, p in enumerate(people) if p["id"] in found}


def test_filters(own, people, peers, capsys):
    answer = filter_rules.Asker(peers, people)
    tally = Tally(filter_rules.RULES)
    for tree, style in filters.make(SEED, COUNT, people):
        text = render(tree, style)
        want = filtered(own, people, text)
        question = filter_rules.Question(tree, style)
        for peer in filter_rules.BOTH:
            got = answer(peer, question)
            why = [] if got == want else explain(
                question, peer, want, filter_rules.RULES, answer)
            tally.take(peer, why, f"{text}\n  scimd {want}\n  it {got}")
    check("filters", tally, capsys)


def patched(scim, user, message):
    """What scimd makes of a user, or REFUSED; then he is as he was."""
    target = "/Users/" + user["id"]
    answer = scim.patch(target, message)
    if answer.status == 400:
        # @spec 7644-3.5.2-19
        assert answer.scim_type is not None, (message, answer)
        assert scim.get(target).json == user
        return REFUSED
    assert answer.status == 200, (message, answer)
    assert scim.get(target).json == answer.json
    return patch_rules.normal(answer.json)


def test_patches(own_server, peers, capsys):
    scim = own_server(store="memory").client()
    answer = patch_rules.Asker(peers)
    tally = Tally(patch_rules.RULES)
    for number in range(COUNT):
        user = scim.create("/Users", users.user(
            random.Random(f"{SEED}-user-{number}"), f"user{number}"))
        ops = patches.make(SEED, number, user)
        message = {"schemas": [PATCH_OP],
                   "Operations": [op.message() for op in ops]}
        want = patched(scim, user, message)
        for peer in patch_rules.BOTH:
            got = answer.plain(peer, user, ops)
            why = [] if got == want else answer.explain(
                peer, user, ops, want)
            tally.take(peer, why, f"{message['Operations']}\n  of {user}\n"
                       f"  scimd {want}\n  it {got}")
    scim.close()
    check("patches", tally, capsys)
