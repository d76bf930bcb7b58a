# SPDX-License-Identifier: Apache-2.0
"""A resource type of all types and characteristics, defined in JSON alone
(tests/conformance/data/all-types), and bodies of it."""

import json
import pathlib

from samples import fresh

FOLDER = (pathlib.Path(__file__).resolve().parents[1]
          / "conformance" / "data" / "all-types")
BASE = "urn:example:params:scim:schemas:"
THING, MUST, MAY = BASE + "Thing", BASE + "Must", BASE + "May"


def document(name):
    return json.loads((FOLDER / name).read_text("utf-8"))


ATTRIBUTES = {a["name"]: a for a in document("thing.json")["attributes"]}

# Of each type, values in its own order, from small to large.
VALUES = {
    "string": ["a b", "ALPHA", "alphabet", "Beta", "straße"],
    "exact": ["ALPHA", "Beta", "a b", "alphabet", "straße"],
    "boolean": [False, True],
    "decimal": [-2.5, 0.1, 1.0, 1.5, 12345.678],
    "integer": [-7, 0, 1, 9007199254740992, 9007199254740993],
    "dateTime": ["2008-01-23T04:56:22+02:00", "2008-01-23T03:56:22Z",
                 "2008-01-23T03:56:22.001Z", "2008-01-22T23:00:00-08:00",
                 "2011-05-13T04:42:34Z"],
    "binary": ["AA==", "MAMCAQU=", "QUJD", "_-8=", "aaaa"],
    "uri": ["HTTPS://a.example/", "https://a.example/", "tel:1", "urn:x:y",
            "z:"],
    "external": ["https://a.example/a.png", "https://b.example/b.png"],
    "user": ["../Users/1", "../Users/2"],
    "own": ["../Things/1", "../Things/2"],
}

# Of each type, what is no value of it.
WRONG = {
    "string": [True, 7, {"a": 1}],
    "exact": [False, 1.5, {"a": 1}],
    "boolean": ["yes", 1, "", {"a": 1}],
    "decimal": ["1.5", True, {"a": 1}],
    "integer": ["1", 1.5, True, {"a": 1}],
    "dateTime": ["2008-01-23", "now", "", 7, {"a": 1}],
    "binary": ["*", "A", 7, {"a": 1}],
    "uri": [True, 7, {"a": 1}],
    "external": [True, 7, {"a": 1}],
    "user": [True, 7, {"a": 1}],
    "own": [True, 7, {"a": 1}],
}


def kind_of(name):
    """Whose values an attribute has: "integersIndexed" those of integer."""
    return name.removesuffix("Indexed").removesuffix("s")


# The attributes of plain values, by form.
SINGLE = list(VALUES) + [k + "Indexed" for k in list(VALUES)[:8]]
MANY = [k + s for s in ("s", "sIndexed") for k in list(VALUES)[:8]]


def thing(**attributes):
    body = {"schemas": [THING, MUST], "title": fresh("thing"),
            MUST: {"code": "c"}}
    body.update(attributes)
    if MAY in body:
        body["schemas"] = [THING, MUST, MAY]
    return body
