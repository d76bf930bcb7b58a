# SPDX-License-Identifier: Apache-2.0
"""A resource type with all types and all characteristics of RFC 7643, defined
in JSON alone: through POST, GET, PUT, PATCH and discovery.  Filters and order
are in test_all_types_filter.py."""

import pytest

from samples import fresh, quote, user
from scimd_server import Server
from things import ATTRIBUTES, FOLDER, MANY, MAY, MUST, SINGLE, THING, \
    VALUES, WRONG, document, kind_of, thing

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
DAY = "2011-05-13T04:42:34Z"
COMPLEX = {"string": "A", "exact": "E", "boolean": False, "decimal": 1.5,
           "integer": 7, "dateTime": DAY, "binary": "AA==", "uri": "urn:x:y",
           "tags": ["b", "a"], "numbers": [2, 1]}
PARTS = [{"value": "one", "type": "home", "display": "One", "size": 2.5,
          "count": 3, "since": DAY, "key": "AA==", "exact": "E",
          "$ref": "urn:x:y", "primary": True, "immutable": "i",
          "always": "always"},
         {"value": "two", "type": "blue"}]


@pytest.fixture(scope="module", params=["sqlite", "memory"])
def things(tmp_path_factory, request):
    server = Server(tmp_path_factory.mktemp("things"), request.param,
                    args=["--schemas", str(FOLDER)]).start()
    client = server.client()
    yield client
    client.close()
    server.stop()


class Thing:
    """One thing, and what is done to it."""

    def __init__(self, things, **attributes):
        self.things = things
        self.body = things.create("/Things", thing(**attributes))
        self.path = "/Things/" + self.body["id"]

    def get(self, query=""):
        r = self.things.get(self.path + query)
        assert r.status == 200, r
        return r.json

    def put(self, **attributes):
        body = {k: v for k, v in (self.get() | attributes).items()}
        if MAY in body and MAY not in body["schemas"]:
            body["schemas"] = [*body["schemas"], MAY]
        return self.things.put(self.path, body)

    def patch(self, *operations):
        return self.things.patch(self.path, {
            "schemas": [PATCH], "Operations": list(operations)})

    def must_patch(self, op, path=None, value=None):
        r = self.patch(operation(op, path, value))
        assert r.status in (200, 204), r
        return self.get()


def operation(op, path=None, value=None):
    made = {"op": op}
    if path is not None:
        made["path"] = path
    if value is not None:
        made["value"] = value
    return made


def every_value():
    for name in SINGLE:
        for value in VALUES[kind_of(name)]:
            yield name, value
    for name in MANY:
        yield name, VALUES[kind_of(name)]
    yield "complex", COMPLEX
    yield "parts", PARTS


def every_wrong_value():
    for name in SINGLE:
        for value in [*WRONG[kind_of(name)], [VALUES[kind_of(name)][0]]]:
            yield name, value
    for name in MANY:
        for value in WRONG[kind_of(name)]:
            if not isinstance(value, dict):
                yield name, [VALUES[kind_of(name)][0], value]
    yield "complex", {"integer": "x"}
    yield "complex", {"tags": "x", "numbers": ["x"]}
    yield "complex", [COMPLEX, COMPLEX]
    yield "parts", [{"value": "x", "count": "x"}]
    yield "parts", [{"value": "x", "since": "x"}]
    yield "parts", [{"type": "home"}]
    yield "parts", ["x", 7]


# @spec 7643-2.3-02
@pytest.mark.parametrize("name, value", [*every_value()])
def test_a_value_comes_back_as_it_was_sent(things, name, value):
    one = Thing(things, **{name: value})
    assert one.body[name] == value
    assert one.get()[name] == value
    assert one.put().headers[0] and one.get()[name] == value

    other = Thing(things)
    assert name not in other.body
    r = other.put(**{name: value})
    assert r.status == 200 and r.json[name] == value

    third = Thing(things)
    assert third.must_patch("add", name, value)[name] == value
    gone = third.must_patch("remove", name)
    assert name not in gone
    assert third.must_patch("replace", None, {name: value})[name] == value
    assert name not in third.put(**{name: None}).json


@pytest.mark.parametrize("name, value", [*every_wrong_value()])
def test_a_value_of_another_type_is_refused(things, name, value):
    r = things.post("/Things", thing(**{name: value}))
    assert r.status == 400, r
    assert r.scim_type == "invalidValue"
    assert name in r.detail
    one = Thing(things)
    before = one.get()
    assert one.put(**{name: value}).status == 400
    for op in ("add", "replace"):
        assert one.patch(operation(op, name, value)).status == 400
        assert one.patch(operation(op, None, {name: value})).status == 400
    assert one.get() == before


# @spec 7643-6-09
def test_what_is_required_is(things):
    for missing in ("title", MUST):
        body = thing()
        del body[missing]
        r = things.post("/Things", body)
        assert r.status == 400 and missing in r.detail, r
    one = Thing(things)
    assert one.put(title=None).status == 400
    assert one.put(title=" ").status == 400
    assert one.put(**{MUST: {}}).status == 400
    assert one.put(**{MUST: {"level": 1}}).status == 400
    for path in ("title", f"{MUST}:code"):
        r = one.patch(operation("remove", path))
        assert r.status == 400 and r.scim_type == "mutability", r
    r = one.patch(operation("remove", f"{MUST}"))
    assert r.status == 400, r
    assert one.get() == one.body


# @spec 7643-6-09, 7643-6-10, 7643-3-08
def test_extensions_come_and_go(things):
    one = Thing(things)
    assert one.body["schemas"] == [THING, MUST]
    may = {"note": "Hi", "serial": fresh("s"),
           "lines": [{"value": "l", "rank": 3}]}
    r = one.put(**{MAY: may})
    assert r.json[MAY] == may
    assert r.json["schemas"] == [THING, MUST, MAY]
    got = one.must_patch("replace", f"{MAY}:note", "Ho")
    assert got[MAY] == may | {"note": "Ho"}
    got = one.must_patch("add", f"{MAY}:lines", [{"value": "m"}])
    assert got[MAY]["lines"] == [*may["lines"], {"value": "m"}]
    got = one.must_patch("remove", f"{MAY}:lines[rank eq 3]")
    assert got[MAY]["lines"] == [{"value": "m"}]
    got = one.must_patch("replace", f'{MAY}:lines[value eq "m"].rank', 9)
    assert got[MAY]["lines"] == [{"value": "m", "rank": 9}]
    for attribute in ("note", "serial", "lines"):
        got = one.must_patch("remove", f"{MAY}:{attribute}")
    assert MAY not in got and got["schemas"] == [THING, MUST]
    got = one.must_patch("add", None, {MAY: {"note": "x"}})
    assert got["schemas"] == [THING, MUST, MAY]
    got = one.must_patch("remove", MAY)
    assert MAY not in got and got["schemas"] == [THING, MUST]


# @spec 7643-7-13, 7644-3.3-02, 7644-3.5.1-07
def test_what_is_read_only_is_never_set(things):
    one = Thing(things, readOnly="x", parts=[
        {"value": "one", "readOnly": "x"}])
    assert "readOnly" not in one.body
    assert one.body["parts"] == [{"value": "one"}]
    r = one.put(readOnly="x")
    assert r.status == 200 and r.json == one.body
    for op in ("add", "replace"):
        r = one.patch(operation(op, "readOnly", "x"))
        assert r.status == 400 and r.scim_type == "mutability", r
    r = one.patch(operation("remove", "readOnly"))
    assert r.status == 400 and r.scim_type == "mutability", r
    r = one.patch(operation("replace", 'parts[value eq "one"].readOnly',
                            "x"))
    assert r.status == 400 and r.scim_type == "mutability", r
    assert one.get() == one.body


# @spec 7643-7-15, 7644-3.5.1-04, 7644-3.5.1-05, 7644-3.5.1-06
@pytest.mark.parametrize("name, first, second", [
    ("immutable", "one", "two"),
    ("immutables", ["one"], ["one", "two"]),
    (f"{MAY}:set", "one", "two"),
])
def test_what_is_immutable_is_set_once(things, name, first, second):
    def holding(value):
        urn, _, last = name.rpartition(":")
        return {urn: {last: value}} if urn else {name: value}

    key = name.rpartition(":")[0] or name
    one = Thing(things)
    assert one.put(**holding(first)).json[key] == holding(first)[key]
    r = one.put(**holding(second))
    assert r.status == 400 and r.scim_type == "mutability", r
    assert one.put(**holding(first)).status == 200
    other = Thing(things)
    assert other.must_patch("add", name, first)[key] == holding(first)[key]
    before = other.get()
    for op in ("replace", "add"):
        r = other.patch(operation(op, name, second))
        assert r.status == 400 and r.scim_type == "mutability", (op, r)
    r = other.patch(operation("remove", name))
    assert r.status == 400 and r.scim_type == "mutability", r
    assert other.must_patch("add", name, first) == before


def test_an_immutable_part_stays_what_it_is_in_its_element(things):
    one = Thing(things, parts=[{"value": "a", "immutable": "i"},
                               {"value": "b"}])
    before = one.get()
    r = one.patch(operation("replace", 'parts[value eq "a"].immutable', "j"))
    assert r.status == 400 and r.scim_type == "mutability", r
    r = one.patch(operation("remove", 'parts[value eq "a"].immutable'))
    assert r.status == 400 and r.scim_type == "mutability", r
    assert one.get() == before
    got = one.must_patch("add", 'parts[value eq "b"].immutable', "j")
    assert got["parts"][1] == {"value": "b", "immutable": "j"}
    got = one.must_patch("remove", 'parts[value eq "a"]')
    assert got["parts"] == [{"value": "b", "immutable": "j"}]


# @spec 7643-7-16, 7643-7-18
def test_secrets_are_kept_and_never_shown(things):
    secret = "open-sesame"
    one = Thing(things, writeOnly=secret, never=secret,
                **{MAY: {"secret": secret, "note": "n"}})
    tag = one.body["meta"]["version"]
    asked = (f"?attributes=writeOnly,never,{MAY}:secret", "",
             "?attributes=" + MAY)
    for query in asked:
        assert secret not in str(one.get(query))
    same = one.put()
    assert same.json["meta"]["version"] == tag
    got = one.must_patch("replace", "never", "other")
    assert got["meta"]["version"] != tag and "never" not in got
    got = one.must_patch("replace", "never", secret)
    assert got["meta"]["version"] == tag
    got = one.must_patch("remove", f"{MAY}:secret")
    assert got["meta"]["version"] != tag
    assert one.put(writeOnly=None).status == 200
    assert secret not in str(things.get("/Things").json)


# @spec 7643-7-17, 7643-7-19, 7643-7-20, 7644-3.9-02, 7644-3.9-03
def test_what_is_returned_is_as_the_schema_says(things):
    one = Thing(things, always="a", onRequest="r", string="s", parts=PARTS[:1]
                + [{"value": "two", "onRequest": "r"}])
    assert one.body["always"] == "a"
    assert "onRequest" not in one.body and "onRequest" not in str(one.body)
    got = one.get("?attributes=onRequest")
    assert set(got) == {"schemas", "id", "always", "onRequest"}
    got = one.get("?excludedAttributes=always,string,id,schemas")
    assert got["always"] == "a" and "string" not in got
    assert got["id"] and got["schemas"]
    got = one.get("?attributes=parts.type,string")
    assert got["parts"] == [{"type": "home", "always": "always"},
                            {}] or got["parts"] == [
        {"type": "home", "always": "always"}]
    assert got["string"] == "s"
    got = one.get("?attributes=parts.onRequest")
    assert {"onRequest": "r"} in got["parts"]
    got = one.get("?excludedAttributes=parts.value,parts.always")
    assert "value" not in got["parts"][0]
    assert got["parts"][0]["always"] == "always"
    assert one.put().json["meta"]["version"] == one.body["meta"]["version"]
    got = one.get("?attributes=" + MUST)
    assert set(got) == {"schemas", "id", "always", MUST}
    got = one.get(f"?attributes={MUST}:level")
    assert MUST not in got


# @spec 7643-7-22, 7643-7-23
@pytest.mark.parametrize("name, first, same, other", [
    ("serverUnique", "Ann", "ANN", "Bob"),
    ("globalUnique", "Ann", "Ann", "ANN"),
    ("uniqueNumber", 7, 7, 8),
])
def test_what_is_unique_has_one_holder(things, name, first, same, other):
    if isinstance(first, str):
        mark = fresh("u").upper()
        first, same, other = (mark + v for v in (first, same, other))
    one = Thing(things, **{name: first})
    r = things.post("/Things", thing(**{name: same}))
    assert r.status == 409 and r.scim_type == "uniqueness", r
    assert name in r.detail
    two = Thing(things, **{name: other})
    for refused in (two.put(**{name: same}),
                    two.patch(operation("replace", name, same))):
        assert refused.status == 409, refused
        assert refused.scim_type == "uniqueness"
    assert two.get() == two.body
    assert one.put(**{name: same}).status == 200
    one.must_patch("remove", name)
    assert two.must_patch("replace", name, first)[name] == first
    assert things.delete(two.path).status == 204
    assert Thing(things, **{name: first}).body[name] == first


def test_a_part_of_an_extension_is_unique_too(things):
    serial = fresh("serial")
    Thing(things, **{MAY: {"serial": serial}})
    r = things.post("/Things", thing(**{MAY: {"serial": serial}}))
    assert r.status == 409 and "serial" in r.detail
    assert Thing(things, **{MAY: {"serial": serial.upper()}}).body


# @spec 7643-7-09
def test_canonical_values_are_a_suggestion(things):
    for value in ("red", "RED", "mauve"):
        assert Thing(things, canonical=value).body["canonical"] == value
    assert Thing(things, parts=[{"value": "x", "type": "moon"}]
                 ).body["parts"][0]["type"] == "moon"


# @spec 7643-2.4-04
def test_one_value_at_most_is_primary(things):
    both = [{"value": "a", "primary": True}, {"value": "b", "primary": True}]
    assert things.post("/Things", thing(parts=both)).status == 400
    one = Thing(things, parts=[both[0], {"value": "b"}])
    got = one.must_patch("replace", 'parts[value eq "b"].primary', True)
    assert [p["value"] for p in got["parts"] if p.get("primary")] == ["b"]
    got = one.must_patch("add", "parts", [{"value": "c", "primary": True}])
    assert [p["value"] for p in got["parts"] if p.get("primary")] == ["c"]


class TestValuePaths:
    def test_elements_are_added_changed_and_taken_away(self, things):
        one = Thing(things, parts=PARTS)
        got = one.must_patch("replace", "parts[count gt 2].display", "Uno")
        assert got["parts"][0] == PARTS[0] | {"display": "Uno"}
        got = one.must_patch("replace", 'parts[type eq "blue"]',
                             {"value": "two", "type": "work", "size": 1})
        assert got["parts"][1] == {"value": "two", "type": "work", "size": 1}
        got = one.must_patch(
            "replace", f'parts[since eq "{DAY}" and key eq "AA=="].size', 9)
        assert got["parts"][0]["size"] == 9
        got = one.must_patch("remove", "parts[size lt 2].type")
        assert got["parts"][1] == {"value": "two", "size": 1}
        got = one.must_patch("remove", "parts[primary eq true]")
        assert got["parts"] == [{"value": "two", "size": 1}]
        got = one.must_patch("remove", "parts[value pr]")
        assert "parts" not in got

    def test_nothing_found_is_no_target(self, things):
        one = Thing(things, parts=PARTS)
        for path in ('parts[value eq "none"]', 'parts[value eq "none"].size'):
            assert one.must_patch("remove", path) == one.body
        r = one.patch(operation("replace", "parts[count gt 99].size", 1))
        assert r.status == 400 and r.scim_type == "noTarget", r
        assert one.get() == one.body

    def test_what_is_required_in_an_element_stays(self, things):
        one = Thing(things, parts=PARTS)
        r = one.patch(operation("remove", 'parts[type eq "home"].value'))
        assert r.status == 400, r
        r = one.patch(operation("replace", 'parts[type eq "home"].count',
                                "x"))
        assert r.status == 400 and r.scim_type == "invalidValue", r
        r = one.patch(operation("replace", 'parts[type co 7].count', 1))
        assert r.status == 400, r
        assert one.get() == one.body

    def test_parts_of_one_value_have_paths(self, things):
        one = Thing(things, complex=COMPLEX)
        got = one.must_patch("replace", "complex.integer", 8)
        assert got["complex"] == COMPLEX | {"integer": 8}
        got = one.must_patch("add", "complex.tags", ["c"])
        assert got["complex"]["tags"] == ["b", "a", "c"]
        got = one.must_patch("remove", "complex.numbers")
        assert "numbers" not in got["complex"]
        got = one.must_patch("add", None, {"complex": {"string": "B"}})
        assert got["complex"]["string"] == "B"
        assert got["complex"]["integer"] == 8
        got = one.must_patch("replace", None, {"complex.decimal": 2.5})
        assert got["complex"]["decimal"] == 2.5
        r = one.patch(operation("replace", "complex.integer", 1.5))
        assert r.status == 400 and r.scim_type == "invalidValue"

    @pytest.mark.parametrize("name", MANY)
    def test_simple_values_are_added_once(self, things, name):
        values = VALUES[kind_of(name)]
        one = Thing(things, **{name: values[:1]})
        got = one.must_patch("add", name, values[:2])
        assert got[name] == values[:2]
        tag = got["meta"]["version"]
        got = one.must_patch("add", name, values[1:2])
        assert got[name] == values[:2] and got["meta"]["version"] == tag
        got = one.must_patch("add", name, values[0])
        assert got["meta"]["version"] == tag
        got = one.must_patch("replace", name, values[1:])
        assert got[name] == values[1:]
        r = one.patch(operation("add", name, [{"a": 1}]))
        assert r.status == 400, r


# @spec 7643-2.5-01, 7643-2.5-02
def test_null_and_empty_are_no_value(things):
    for name in (*SINGLE, *MANY, "complex", "parts"):
        one = Thing(things, **{name: None})
        assert name not in one.body
    for name in (*MANY, "parts"):
        assert name not in Thing(things, **{name: []}).body
    assert "complex" not in Thing(things, complex={}).body
    one = Thing(things)
    assert one.put(string=None, parts=[], complex={"string": None}
                   ).json == one.body


def test_rows_of_their_own_are_held_and_shown(things):
    held = Thing(things)
    person = things.create("/Users", user())
    one = Thing(things, holds=[{"value": held.body["id"]}])
    got = one.get()
    assert [h["value"] for h in got["holds"]] == [held.body["id"]]
    assert got["holds"][0]["$ref"].endswith("/Things/" + held.body["id"])
    shown = held.get()["heldBy"]
    assert [h["value"] for h in shown] == [one.body["id"]]
    assert shown[0]["type"] == "direct"
    got = one.must_patch("add", "holds", [{"value": person["id"]}])
    assert {h["value"] for h in got["holds"]} == {
        held.body["id"], person["id"]}
    assert {h.get("type") for h in got["holds"]} == {"Thing", "User"}
    r = one.patch(operation("add", "holds", [{"value": "nobody"}]))
    assert r.status == 400, r
    outer = Thing(things, holds=[{"value": one.body["id"]}])
    assert {(h["value"], h["type"]) for h in held.get()["heldBy"]} == {
        (one.body["id"], "direct"), (outer.body["id"], "indirect")}
    got = one.must_patch("remove", f'holds[value eq "{held.body["id"]}"]')
    assert [h["value"] for h in got["holds"]] == [person["id"]]
    assert "heldBy" not in held.get()
    assert things.delete("/Users/" + person["id"]).status == 204
    assert "holds" not in one.get()
    assert things.get("/Things?filter=" + quote(
        f'holds.value eq "{one.body["id"]}"')).resources[0]["id"] == (
            outer.body["id"])


# @spec 7643-7-01, 7643-7-05, 7643-7-06, 7643-7-07, 7643-7-08, 7643-7-25
@pytest.mark.parametrize("file", ["thing.json", "must.json", "may.json"])
def test_discovery_says_what_the_files_say(things, file):
    def bare(value):
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items()
                    if not k.startswith("x-scimd-")}
        if isinstance(value, list):
            return [bare(v) for v in value]
        return value

    want = bare(document(file))
    served = things.get("/Schemas/" + want["id"]).json
    assert {k: served[k] for k in want} == want
    assert "x-scimd" not in str(served)
    listed = things.get("/Schemas").resources
    assert served in listed


def test_the_type_is_discovered(things):
    served = things.get("/ResourceTypes/Thing").json
    want = document("thing-type.json")
    assert {k: served[k] for k in want} == want
    assert served in things.get("/ResourceTypes").resources


def test_every_attribute_was_meant(things):
    tried = {*SINGLE, *MANY, "complex", "parts", "holds", "heldBy", "title",
             "readOnly", "immutable", "immutables", "writeOnly", "never",
             "always", "onRequest", "serverUnique", "globalUnique",
             "uniqueNumber", "canonical"}
    assert tried == set(ATTRIBUTES)
