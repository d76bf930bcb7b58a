# SPDX-License-Identifier: Apache-2.0
"""Explains why a library answers differently.

A rule mends one thing in which a library departs from an RFC, or in which
the RFC leaves a choice: it puts the question in words that the library reads
as the RFC does, or mends its answer.  A difference is explained by the rules
without any of which it would be there.  So a rule never excuses more than
what its section says: whatever else is different stays unexplained.
"""

from collections import Counter
from typing import Callable, NamedTuple

REFUSED = "refused"


class Rule(NamedTuple):
    name: str
    peers: tuple
    mend: Callable          # question -> question, the same if it is not
                            # about this rule


def explain(question, peer, want, rules, answer):
    """The names of the rules; None when they do not explain it."""
    def under(chosen):
        asked = question
        for rule in chosen:
            asked = rule.mend(asked)
        return answer(peer, asked)

    used, asked = [], question
    for rule in rules:
        mended = rule.mend(asked) if peer in rule.peers else asked
        if mended != asked:
            used.append(rule)
            asked = mended
    if answer(peer, asked) != want:
        return None
    for rule in list(used):
        fewer = [u for u in used if u is not rule]
        if under(fewer) == want:
            used = fewer
    return [rule.name for rule in used]


class Tally:
    """What came of all questions to all libraries."""

    def __init__(self, rules):
        self.rules = rules
        self.agreed, self.differed = Counter(), Counter()
        self.by_rule = Counter()
        self.unexplained = []

    def take(self, peer, explanation, example):
        """`explanation` is empty when both said the same."""
        if explanation is None:
            self.unexplained.append((peer, example))
        elif explanation:
            self.differed[peer] += 1
            self.by_rule.update((peer, name) for name in explanation)
        else:
            self.agreed[peer] += 1

    def never(self):
        """Rules that explained nothing, with any library."""
        return [rule.name for rule in self.rules
                if not any(self.by_rule[peer, rule.name]
                           for peer in rule.peers)]

    def __str__(self):
        lines = []
        for peer in sorted(self.agreed | self.differed):
            lines.append(f"{peer}: {self.agreed[peer]} agree, "
                         f"{self.differed[peer]} differ")
            lines += [f"  {count:6}  {name}" for (p, name), count
                      in self.by_rule.most_common() if p == peer]
        lines.append(f"unexplained: {len(self.unexplained)}")
        return "\n".join(lines)
