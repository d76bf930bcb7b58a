# SPDX-License-Identifier: Apache-2.0
"""All combinations of conditional headers, through HTTP.

A case that is carried out uses its target up: dates are only right for a
resource that changed once, and some seconds ago.  So targets are made
beforehand, for all servers together, and then left to age.

Groups are read and users written, and in one configuration the other way
round: a user has derived values, so no date says that it is unmodified.
"""

import calendar
import itertools
import time
import uuid

import pytest

import matrix
from samples import group, user
from scim_client import http_date

CONFIGURATIONS = {
    "weak": dict(store="sqlite"),
    "weak, kinds swapped": dict(store="sqlite"),
    "weak, required": dict(store="sqlite", preconditions="required"),
    "strong": dict(store="sqlite", etag="strong"),
    "strong, required": dict(store="sqlite", etag="strong",
                             preconditions="required"),
    "weak, memory": dict(store="memory"),
    "weak, merging": dict(store="memory", merge="on-if-match"),
}
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE")

MALFORMED = (
    'v7', "'v7'", '"v7', 'v7"', 'w/"v7"', 'W/v7', 'W\\/"v7"', '"a b"',
    '"a" "b"', '"a"x', '"a"\t"b"', 'W/', '"',
)
EMPTY_LISTS = ("", ",", " , , ")
INVALID_DATES = (
    "yesterday", "0", "2026-11-21T20:00:00Z", "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 31 Feb 2021 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 +0000",
)
DATE_FORMS = (
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
)

malformed = itertools.cycle(MALFORMED)
empty_list = itertools.cycle(EMPTY_LISTS)
invalid_date = itertools.cycle(INVALID_DATES)
date_form = itertools.cycle(DATE_FORMS)


def seconds(date):
    return calendar.timegm(time.strptime(date, "%a, %d %b %Y %H:%M:%S GMT"))


def is_user(configuration, method):
    return (method in ("GET", "HEAD")) == ("swapped" in configuration)


class Target:
    def __init__(self, path, etag, modified):
        self.path, self.etag, self.modified = path, etag, modified

    @classmethod
    def make(cls, scim, is_user):
        endpoint = "/Users" if is_user else "/Groups"
        r = scim.post(endpoint, user() if is_user else group())
        assert r.status == 201, r
        return cls(f"{endpoint}/{r.json['id']}", r.etag,
                   seconds(r.header("Last-Modified")))

    @property
    def other_strength(self):
        if self.etag.startswith("W/"):
            return self.etag[2:]
        return "W/" + self.etag


def tag_lines(kind, target):
    """The values of the field lines that a kind of tag header stands for."""
    cur = target.etag
    return {
        "absent": lambda: [],
        "*": lambda: ["*"],
        "current": lambda: [cur],
        "current-other-strength": lambda: [target.other_strength],
        "stale": lambda: ['W/"' + "A" * 22 + '"'],
        "list-with-current": lambda: [f'"a" , W/"b",,{cur}, "c,d"'],
        "list-no-match": lambda: ['"a", W/"b", ""'],
        "empty-list": lambda: [next(empty_list)],
        "malformed": lambda: [next(malformed)],
        "star-mixed": lambda: [f"*, {cur}"],
        "two-lines-second-current": lambda: ['"a"', cur],
    }[kind]()


def date_lines(kind, target):
    def at(t):
        return time.strftime(next(date_form), time.gmtime(t))

    lm = target.modified
    return {
        "absent": lambda: [],
        "equal-LM": lambda: [at(lm)],
        "later": lambda: [at(lm + 3600)],
        "earlier": lambda: [at(lm - 1)],
        "invalid": lambda: [next(invalid_date)],
        "list-of-dates": lambda: [f"{http_date(lm)}, {http_date(lm)}"],
    }[kind]()


def headers_of(case, target):
    headers = []
    for name, lines in (
            ("If-Match", tag_lines(case.if_match, target)),
            ("If-None-Match", tag_lines(case.if_none_match, target)),
            ("If-Unmodified-Since",
             date_lines(case.if_unmodified_since, target)),
            ("If-Modified-Since", date_lines(case.if_modified_since, target))):
        headers += [(name, line) for line in lines]
    return headers


def targets_needed(name):
    profile = "strong" if "strong" in name else "weak"
    required = "required" in name
    needed = {}
    for method in METHODS:
        used = sum(matrix.expected(c, profile, required)
                   == matrix.DONE[method] for c in matrix.cases()
                   if c.method == method and c.exists)
        needed[method] = 1 if method in ("GET", "HEAD") else used + 1
    return needed


@pytest.fixture(scope="module")
def aged(servers):
    """Per configuration: its server and targets for each method."""
    pools = {}
    for name, options in CONFIGURATIONS.items():
        server = servers(**options)
        scim = server.client()
        needed = targets_needed(name)
        pools[name] = (server, {
            m: [Target.make(scim, is_user(name, m)) for _ in range(n)]
            for m, n in needed.items()})
        scim.close()
    time.sleep(3.5)
    return pools


def send(scim, case, target, number):
    kind = target.path.split("/")[1]
    path = target.path if case.exists else f"/{kind}/{uuid.uuid4()}"
    body = None
    if case.method == "PUT":
        body = user if kind == "Users" else group
        body = body(displayName=f"changed by {number}")
    if case.method == "PATCH":
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "displayName",
                                "value": f"changed by {number}"}]}
    return scim.request(case.method, path, body, headers_of(case, target))


def wrong(case, target, want, r):
    """What is wrong with an answer, or None."""
    if r.status != want and not (isinstance(want, tuple)
                                 and r.status in want):
        return f"{case}: got {r.status}, expected {want}"
    # @spec 9110-15.4.5-05
    if r.status in (304, 412) and r.etag != target.etag:
        return f"{case}: {r.status} with ETag {r.etag}, not {target.etag}"
    if r.status == 200 and case.method in ("PUT", "PATCH"):
        if r.etag == target.etag:
            return f"{case}: changed, but kept {r.etag}"
    if r.status == 200 and case.method in ("GET", "HEAD"):
        if r.etag != target.etag:
            return f"{case}: 200 with ETag {r.etag}, not {target.etag}"
    return None


# @spec 9110-13.1-01, 9110-13.1.1-01, 9110-13.1.1-02, 9110-13.1.1-03,
#       9110-13.1.1-04, 9110-13.1.1-05, 9110-13.1.1-06, 9110-13.1.1-07,
#       9110-13.1.1-09, 9110-13.1.1-10, 9110-13.1.2-01, 9110-13.1.2-02,
#       9110-13.1.2-03, 9110-13.1.2-04, 9110-13.1.2-05, 9110-13.1.2-06,
#       9110-13.1.2-07, 9110-13.1.2-08, 9110-13.1.2-09, 9110-13.1.3-01,
#       9110-13.1.3-02, 9110-13.1.3-04, 9110-13.1.3-05, 9110-13.1.3-06,
#       9110-13.1.3-07, 9110-13.1.4-01, 9110-13.1.4-02, 9110-13.1.4-04,
#       9110-13.1.4-05, 9110-13.1.4-06, 9110-13.1.4-07, 9110-13.2.1-04,
#       9110-13.2.1-05, 9110-13.2.2-01, 9110-13.2.2-02, 9110-13.2.2-03,
#       9110-13.2.2-04, 9110-5.3-01, 9110-5.6.7-01, 9110-5.6.1.2-01,
#       9110-5.6.1.2-02, 6585-3-01, 6585-3-03
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
@pytest.mark.parametrize("method", METHODS)
def test_each_combination_gets_its_status(aged, configuration, method):
    server, pools = aged[configuration]
    profile = "strong" if "strong" in configuration else "weak"
    required = "required" in configuration
    pool = pools[method]
    scim = server.client()
    faults = []

    target = pool.pop()
    sent = 0
    for number, case in enumerate(matrix.cases()):
        if case.method != method:
            continue
        sent += 1
        r = send(scim, case, target, number)
        want = matrix.expected(case, profile, required,
                               derives=is_user(configuration, method))
        fault = wrong(case, target, want, r)
        if fault:
            faults.append(fault)
        if r.status in (200, 204) and method not in ("GET", "HEAD"):
            target = pool.pop() if pool else Target.make(
                scim, is_user(configuration, method))

    # The last target met refusals only: nothing of them was applied.
    if scim.get(target.path).etag != target.etag:
        faults.append(f"{target.path} changed though no case was performed")
    scim.close()
    assert sent == 462
    assert not faults, f"{len(faults)} wrong:\n" + "\n".join(faults[:60])


def version_of(kind, etag):
    other = etag[2:] if etag.startswith("W/") else "W/" + etag
    return {
        "absent": {},
        "null": {"version": None},
        "*": {"version": "*"},
        "current": {"version": etag},
        "current-other-strength": {"version": other},
        "stale": {"version": 'W/"' + "A" * 22 + '"'},
        "list-with-current": {"version": f'"a", {etag}'},
        "unquoted": {"version": etag.removeprefix("W/").strip('"')},
        "half-quoted": {"version": etag[:-1]},
        "empty": {"version": ""},
        "number": {"version": 7},
        "true": {"version": True},
        "object": {"version": {}},
        "array": {"version": [etag]},
    }[kind]


def operation(method, target, version, exists, number):
    kind = target.path.split("/")[1]
    made = {"method": method, "path": "/" + kind} | version
    body = user if kind == "Users" else group
    if method == "POST":
        return made | {"bulkId": "a", "data": body()}
    made["path"] = target.path if exists else f"/{kind}/{uuid.uuid4()}"
    if method == "PUT":
        made["data"] = body(displayName=f"changed by {number}")
    if method == "PATCH":
        made["data"] = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "displayName",
                            "value": f"changed by {number}"}]}
    return made


def wrong_result(case, scim, target, want, r):
    """What is wrong with the result of an operation, or None."""
    if r.status != 200:
        return f"{case}: the request got {r.status}"
    result, = r.json["Operations"]
    status = result["status"]
    if status not in [str(s) for s in (
            want if isinstance(want, tuple) else (want,))]:
        return f"{case}: got {status}, expected {want}"
    if status >= "400" and result["response"]["status"] != status:
        return f"{case}: {status} with the Error {result['response']}"
    if status == "201":
        return None
    now = scim.get(target.path)
    if status >= "400" and now.etag != target.etag:
        return f"{case}: {status}, and changed it all the same"
    if status in ("200", "204") and now.etag == target.etag:
        return f"{case}: {status}, and changed nothing"
    tag = None if status in ("400", "404", "428") else now.etag
    if result.get("version") != tag:
        return f"{case}: version {result.get('version')}, not {tag}"
    return None


BULK_CONFIGURATIONS = [name for name in CONFIGURATIONS
                       if "swapped" not in name]


# @spec 7644-3.7-09, 7644-3.7.3-06, 6585-3-04
@pytest.mark.parametrize("configuration", BULK_CONFIGURATIONS)
@pytest.mark.parametrize("method", matrix.BULK_METHODS)
@pytest.mark.parametrize("of_users", [True, False], ids=["users", "groups"])
def test_each_version_of_a_bulk_operation_gets_its_status(
        servers, configuration, method, of_users):
    scim = servers(**CONFIGURATIONS[configuration]).client()
    profile = "strong" if "strong" in configuration else "weak"
    faults, sent = [], 0

    for case in matrix.bulk_cases():
        if case[0] != method:
            continue
        _, version, exists = case
        sent += 1
        target = Target.make(scim, of_users)
        r = scim.post("/Bulk", {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [operation(method, target, version_of(
                version, target.etag), exists, sent)]})
        want = matrix.bulk_expected(
            *case, profile, "required" in configuration)
        fault = wrong_result(case, scim, target, want, r)
        if fault:
            faults.append(fault)
    scim.close()
    assert sent == len(matrix.BULK_VERSIONS) * (2 if method != "POST" else 1)
    assert not faults, f"{len(faults)} wrong:\n" + "\n".join(faults)
