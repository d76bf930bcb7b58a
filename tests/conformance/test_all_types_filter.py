# SPDX-License-Identifier: Apache-2.0
"""Every operator on every type, with and without an index, against what
RFC 7644 section 3.4.2.2 says of it; and the order of RFC 7644 section
3.4.2.3."""

import json
import re
from datetime import datetime

import pytest

from samples import fresh, quote
from scimd_server import Server
from things import ATTRIBUTES, FOLDER, MANY, MAY, MUST, SINGLE, VALUES, \
    kind_of, thing

ORDER = ("gt", "ge", "lt", "le")
PARTS = ("co", "sw", "ew")
OPERATORS = ("eq", "ne", *ORDER, *PARTS)
VALID = {
    "string": OPERATORS, "reference": OPERATORS, "dateTime": OPERATORS,
    "decimal": ("eq", "ne", *ORDER), "integer": ("eq", "ne", *ORDER),
    "boolean": ("eq", "ne"), "binary": ("eq", "ne"),
}


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("things"),
                    args=["--schemas", str(FOLDER)]).start()
    client = server.client()
    yield client
    client.close()
    server.stop()


def plain_values():
    """For each attribute of plain values, what each of the things has."""
    for name in SINGLE:
        yield name, [[v] for v in VALUES[kind_of(name)]] + [[]]
    for name in MANY:
        all_values = VALUES[kind_of(name)]
        yield name, [all_values[:2], all_values[1:], all_values[-1:], []]


HAS = dict(plain_values())


@pytest.fixture(scope="module")
def world(things):
    """Things with values; where an attribute has n of them, the nth has."""
    mark = fresh("w")
    ids = []
    for i in range(max(map(len, HAS.values()))):
        body = thing(title=f"{mark}-{i}")
        for name, lists in HAS.items():
            values = lists[i] if i < len(lists) else []
            if values:
                body[name] = values if name in MANY else values[0]
        ids.append(things.create("/Things", body)["id"])
    return mark, ids


def folded(value):
    return value.casefold() if isinstance(value, str) else value


def as_compared(name, value):
    a = ATTRIBUTES[name]
    if a["type"] == "dateTime":
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    if a["type"] == "string" and not a.get("caseExact"):
        return folded(value)
    return value


def holds(name, op, have, want):
    if op in PARTS:
        if ATTRIBUTES[name]["type"] != "dateTime":
            have, want = as_compared(name, have), as_compared(name, want)
        return {"co": want in have, "sw": have.startswith(want),
                "ew": have.endswith(want)}[op]
    have, want = as_compared(name, have), as_compared(name, want)
    if op in ("eq", "ne"):
        return (have == want) == (op == "eq")
    return {"gt": have > want, "ge": have >= want,
            "lt": have < want, "le": have <= want}[op]


def expected(name, op, want, count):
    out = []
    for i in range(count):
        values = HAS[name][i] if i < len(HAS[name]) else []
        if any(holds(name, op, v, want) for v in values) or (
                not values and op == "ne"):
            out.append(i)
    return out


def found(things, world, text):
    mark, ids = world
    r = things.get("/Things?count=1000&filter=" + quote(
        f'title sw "{mark}" and ({text})'))
    assert r.status == 200, (text, r)
    return [ids.index(t["id"]) for t in r.resources]


# @spec 7644-3.4.2.2-07, 7644-3.4.2.2-09, 7644-3.4.2.2-10, 7644-3.4.2.2-11,
#       7644-3.4.2.2-12, 7644-3.4.2.2-13, 7644-3.4.2.2-14, 7644-3.4.2.2-15,
#       7644-3.4.2.2-16, 7644-3.4.2.2-17, 7644-3.4.2.2-44, 7643-7-10
@pytest.mark.parametrize("name", HAS)
def test_every_operator_of_the_type_finds_what_it_says(things, world, name):
    count = len(world[1])
    for op in VALID[ATTRIBUTES[name]["type"]]:
        for want in VALUES[kind_of(name)]:
            text = f"{name} {op} {json.dumps(want, ensure_ascii=False)}"
            assert found(things, world, text) == expected(
                name, op, want, count), text
    there = [i for i in range(count)
             if i < len(HAS[name]) and HAS[name][i]]
    assert found(things, world, f"{name} pr") == there
    assert found(things, world, f"not ({name} pr)") == [
        i for i in range(count) if i not in there]


@pytest.mark.parametrize("name", ["string", "stringIndexed", "strings",
                                  "stringsIndexed"])
def test_case_is_no_matter_where_it_is_not_exact(things, world, name):
    for want in ("aLpHa", "STRASSE", "straße"):
        text = f'{name} eq "{want}"'
        assert found(things, world, text) == [
            i for i, have in enumerate(HAS[name])
            if folded(want) in [folded(v) for v in have]], text
    assert found(things, world, f'{name.replace("string", "exact")} '
                 'eq "alpha"') == []


# @spec 7644-3.4.2.2-18, 7644-3.4.2.2-19, 7644-3.4.2.2-46
@pytest.mark.parametrize("name", [*HAS, "complex", "parts"])
def test_operators_that_a_type_has_not_are_refused(things, name):
    type = ATTRIBUTES[name]["type"]
    value = "x" if type == "complex" else VALUES[kind_of(name)][0]
    valid = VALID.get(type, ())
    if name == "parts":  # stands for parts.value
        valid = OPERATORS
    for op in OPERATORS:
        r = things.get("/Things?filter=" + quote(
            f"{name} {op} {json.dumps(value)}"))
        assert r.status == (200 if op in valid else 400), (op, r)
        assert op in valid or r.scim_type == "invalidFilter"


@pytest.mark.parametrize("name", HAS)
def test_values_of_another_type_are_refused(things, name):
    wrong = {"string": ["7", "true"], "reference": ["7", "true"],
             "binary": ["7", "true"], "boolean": ["7", '"x"'],
             "decimal": ['"x"', "true"], "integer": ['"x"', "true"],
             "dateTime": ['"x"', "7", "true"]}
    for text in wrong[ATTRIBUTES[name]["type"]]:
        r = things.get("/Things?filter=" + quote(f"{name} eq {text}"))
        assert r.status == 400 and r.scim_type == "invalidFilter", (text, r)


def test_numbers_compare_as_numbers(things, world):
    for text, same in (("decimal eq 1", "decimal eq 1.0"),
                       ("decimal gt 1", "decimal gt 1e0"),
                       ("integer lt 0.5", "integer le 0"),
                       ("integer eq 1", "integer eq 1.0"),
                       ("decimalIndexed ge 0.1", "decimalIndexed ge 1e-1")):
        assert found(things, world, text) == found(things, world, same), text


@pytest.mark.parametrize("name", ["writeOnly", "never", f"{MAY}:secret"])
def test_a_secret_is_nothing_to_ask_about(things, name):
    for text in (f'{name} eq "x"', f"{name} pr"):
        r = things.get("/Things?filter=" + quote(text))
        assert r.status == 403 and r.scim_type == "sensitive", r


@pytest.fixture(scope="module")
def holders(things):
    mark = fresh("p")
    day = "2011-05-13T04:42:34Z"
    bodies = [
        {"complex": {"string": "A", "integer": 1, "boolean": True,
                     "tags": ["x", "y"], "numbers": [1, 2]}},
        {"complex": {"string": "b", "decimal": 1.5, "dateTime": day,
                     "binary": "AA==", "uri": "urn:x:y", "exact": "E"}},
        {"parts": [{"value": "one", "type": "home", "count": 1},
                   {"value": "two", "type": "work", "count": 5,
                    "primary": True, "exact": "E", "size": 2.5}]},
        {"parts": [{"value": "two", "type": "home", "since": day,
                    "key": "AA==", "$ref": "urn:x:y"}]},
        {MAY: {"note": "Hi", "lines": [{"value": "l", "rank": 3}]},
         MUST: {"code": "Z", "level": 9}},
    ]
    ids = [things.create("/Things", thing(title=f"{mark}-{i}", **b))["id"]
           for i, b in enumerate(bodies)]
    return mark, ids


@pytest.mark.parametrize("text, want", [
    ('complex.string eq "a"', [0]),
    ("complex.integer ge 1", [0]),
    ("complex.boolean eq true", [0]),
    ('complex.tags eq "Y"', [0]),
    ("complex.numbers gt 1", [0]),
    ("complex.decimal lt 2", [1]),
    ('complex.dateTime gt "2011-05-13T04:42:33Z"', [1]),
    ('complex.binary eq "AA=="', [1]),
    ('complex.uri sw "urn:"', [1]),
    ('complex.exact eq "e"', []),
    ("complex pr", [0, 1]),
    ('complex[string eq "a" and integer eq 1]', [0]),
    ('complex[string eq "b" and integer eq 1]', []),
    ('parts eq "TWO"', [2, 3]),
    ('parts.value sw "t" and parts.type eq "home"', [2, 3]),
    ('parts[value sw "t" and type eq "home"]', [3]),
    ("parts.count gt 1", [2]),
    ("parts[count gt 1 and primary eq true]", [2]),
    ('parts[primary eq true].exact eq "E"', [2]),
    ("parts[size eq 2.5]", [2]),
    ('parts[since pr and key eq "AA=="]', [3]),
    ('parts.$ref co "x:"', [3]),
    ("not (parts pr) and not (complex pr)", [4]),
    (f'{MAY}:note eq "hi"', [4]),
    (f"{MAY}:lines.rank ge 3", [4]),
    (f"{MAY}:lines[rank lt 4 and value pr]", [4]),
    (f'{MUST}:code eq "z"', [4]),
    (f"{MUST}:level gt 8", [4]),
])
def test_parts_are_found_as_well(things, holders, text, want):
    assert found(things, holders, text) == want


def sorts(things):
    if not things.get("/ServiceProviderConfig").json["sort"]["supported"]:
        pytest.skip("this server says that it does not sort")


# @spec 7644-3.4.2.3-02, 7644-3.4.2.3-08, 7644-3.4.2.3-09
@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_every_type_has_its_order(things, world, name, order):
    sorts(things)
    mark, ids = world
    r = things.get(f"/Things?count=1000&sortBy={name}&sortOrder={order}"
                   "&filter=" + quote(f'title sw "{mark}" and {name} pr'))

    assert r.status == 200, r
    have = [as_compared(name, HAS[name][ids.index(t["id"])][0])
            for t in r.resources]
    assert len(have) == len(VALUES[kind_of(name)])
    assert have == sorted(have, reverse=order == "descending")


# @spec 7644-3.4.2.3-05
def test_those_without_a_value_come_last_or_first(things, world):
    sorts(things)
    mark, ids = world
    for name in ("integer", "integerIndexed", "string", "dateTimes"):
        seen = {}
        for order in ("ascending", "descending"):
            r = things.get(
                f"/Things?count=1000&sortBy={name}&sortOrder={order}"
                "&filter=" + quote(f'title sw "{mark}"'))
            assert r.status == 200, r
            seen[order] = [bool(HAS[name][i] if i < len(HAS[name]) else [])
                           for i in (ids.index(t["id"])
                                     for t in r.resources)]
            assert len(seen[order]) == len(ids)
        assert seen["ascending"] == sorted(seen["ascending"], reverse=True)
        assert seen["descending"] == sorted(seen["descending"])


# @spec 7643-3.1-17, 7643-3.1-23
def test_what_the_server_says_of_itself_is_exact(things, world):
    mark, ids = world
    one = things.get("/Things/" + ids[0]).json["meta"]
    for name, have in (("resourceType", "Thing"),
                       ("version", one["version"])):
        for value, want in ((have, True), (have.swapcase(), False)):
            said = value.replace('"', '\\"')
            r = things.get("/Things?count=1000&filter=" + quote(
                f'title sw "{mark}" and meta.{name} eq "{said}"'))
            assert r.status == 200, r
            assert (ids[0] in [t["id"] for t in r.resources]) == want


def test_an_error_points_at_the_character(things):
    r = things.get("/Things?filter=" + quote('integer co "x"'))

    assert r.status == 400
    assert re.search(r"\d", r.detail), r
