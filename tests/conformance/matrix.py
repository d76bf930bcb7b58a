# SPDX-License-Identifier: Apache-2.0
"""Every combination of conditional headers on one resource, with the status
that RFC 9110 section 13.2.2 gives it.

The cases are derived here and not listed, so that the rules stand in one
place.  Two profiles: "weak" compares If-Match by opaque tag alone, because
SCIM's own examples echo weak tags; "strong" compares it as RFC 9110 demands.
"""

from dataclasses import dataclass

METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE")

TAGS = (
    "absent",
    "*",
    "current",
    "current-other-strength",
    "stale",
    "list-with-current",
    "list-no-match",
    "empty-list",
    "malformed",
    "star-mixed",
    "two-lines-second-current",
)
FEW_TAGS = ("absent", "current", "stale")
DATES = ("absent", "equal-LM", "later", "earlier", "invalid", "list-of-dates")

MALFORMED = ("malformed", "star-mixed")
NO_DATE = ("absent", "invalid", "list-of-dates")
NAMES_CURRENT = ("current", "list-with-current", "two-lines-second-current")

DONE = {"GET": 200, "HEAD": 200, "PUT": 200, "PATCH": (200, 204),
        "DELETE": 204}


@dataclass(frozen=True)
class Case:
    id: str
    method: str
    exists: bool
    if_match: str
    if_none_match: str
    if_unmodified_since: str
    if_modified_since: str

    def __str__(self):
        parts = [self.id, self.method, "" if self.exists else "absent target"]
        for name in ("if_match", "if_none_match", "if_unmodified_since",
                     "if_modified_since"):
            value = getattr(self, name)
            if value != "absent":
                parts.append(f"{name}={value}")
        return " ".join(p for p in parts if p)


def if_match_is_true(kind, profile):
    if kind == "current-other-strength":
        return profile == "weak"
    return kind == "*" or kind in NAMES_CURRENT


def if_none_match_is_true(kind):
    """The comparison is weak in both profiles."""
    return not (kind in ("*", "current-other-strength")
                or kind in NAMES_CURRENT)


def gives_a_condition(case):
    """What a tenant that requires preconditions asks for: a tag or `*`.
    An empty If-Match is one too, since nothing can satisfy it."""
    return (case.if_match != "absent"
            or case.if_none_match not in ("absent", "empty-list"))


def expected(case, profile, required=False, derives=False):
    """The status of a case; a tuple where either of two is right.

    `derives`: the target shows values that change without its date, so that
    no date can say that it is unmodified.
    """
    safe = case.method in ("GET", "HEAD")

    if not case.exists:
        return 404
    if case.if_match in MALFORMED:
        return 400
    if required and not safe and not gives_a_condition(case):
        return 428

    if case.if_match != "absent":
        if not if_match_is_true(case.if_match, profile):
            return 412
    elif case.if_unmodified_since == "earlier":
        return 412

    if case.if_none_match in MALFORMED and not safe:
        return 400
    if case.if_none_match in MALFORMED:
        return DONE[case.method]
    if case.if_none_match != "absent":
        if not if_none_match_is_true(case.if_none_match):
            return 304 if safe else 412
    elif (safe and not derives
          and case.if_modified_since in ("equal-LM", "later")):
        return 304
    return DONE[case.method]


def combinations():
    """The header combinations, in the order their numbers are given out."""
    tags = [(m, n, "absent", "absent") for m in TAGS for n in TAGS]
    dates = [(m, n, u, s) for m in FEW_TAGS for n in FEW_TAGS
             for u in DATES for s in DATES if (u, s) != ("absent", "absent")]
    missing = [("absent",) * 4]
    for tag in TAGS[1:]:
        missing.append((tag, "absent", "absent", "absent"))
        missing.append(("absent", tag, "absent", "absent"))
    missing += [("absent", "absent", d, d) for d in DATES[1:]]
    return (True, tags), (True, dates), (False, missing)


def cases():
    number = 0
    for exists, combos in combinations():
        for method in METHODS:
            for combo in combos:
                number += 1
                yield Case(f"EM-{number:04}", method, exists, *combo)


# The version of an operation of a bulk request: its If-Match, but one tag.

BULK_METHODS = ("POST", "PUT", "PATCH", "DELETE")
BULK_VERSIONS = (
    "absent",
    "null",
    "*",
    "current",
    "current-other-strength",
    "stale",
    "list-with-current",
    "unquoted",
    "half-quoted",
    "empty",
    "number",
    "true",
    "object",
    "array",
)
NO_VERSION = ("absent", "null")
ONE_TAG = ("*", "current", "current-other-strength", "stale")


def bulk_expected(method, version, exists, profile, required):
    """The status of an operation, as the result has it."""
    if method == "POST":
        ignored = NO_VERSION + ONE_TAG + ("list-with-current",)
        return "201" if version in ignored else "400"
    if not exists:
        return "404"
    if version in NO_VERSION:
        return "428" if required else DONE[method]
    if version not in ONE_TAG:
        return "400"
    if version == "stale" or (version == "current-other-strength"
                              and profile == "strong"):
        return "412"
    return DONE[method]


def bulk_cases():
    for method in BULK_METHODS:
        for version in BULK_VERSIONS:
            for exists in (True, False) if method != "POST" else (True,):
                yield method, version, exists
