# SPDX-License-Identifier: Apache-2.0
"""RFC 7643 sections 2, 3.2, 6 and 7: a resource type of one's own, with the
types and characteristics that the shipped schemas don't have."""

import json
import subprocess

import pytest

from samples import fresh, quote
from scim_client import ENTERPRISE, LIST
from scimd_server import BINARY, Server

DEVICE = "urn:example:scimd:Device"
LABEL = "urn:example:scimd:Label"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"


def attribute(name, type="string", **more):
    return {"name": name, "type": type, "multiValued": False,
            "description": name, **more}


DOCUMENTS = {
    "device.json": {
        "schemas": [CORE + "Schema"], "id": DEVICE, "name": "Device",
        "description": "A thing", "attributes": [
            attribute("displayName", required=True),
            {"name": "bare"},
            attribute("serial", mutability="immutable", caseExact=True,
                      uniqueness="server"),
            attribute("imei", uniqueness="global"),
            attribute("weight", "decimal"),
            attribute("ports", "integer"),
            attribute("bought", "dateTime"),
            attribute("key", "binary"),
            attribute("note", returned="request"),
            attribute("code", mutability="writeOnly", returned="never"),
            attribute("badge", returned="always"),
            attribute("id", mutability="readWrite", returned="never"),
            attribute("seen", "dateTime", mutability="readOnly"),
            attribute("tags") | {"multiValued": True},
            attribute("sizes", "integer") | {"multiValued": True},
        ]},
    "label.json": {
        "schemas": [CORE + "Schema"], "id": LABEL, "name": "Label",
        "description": "What is written on it", "attributes": [
            attribute("text", required=True)]},
    "device-type.json": {
        "schemas": [CORE + "ResourceType"], "id": "Device", "name": "Device",
        "endpoint": "/Devices", "description": "Things", "schema": DEVICE,
        "schemaExtensions": [{"schema": LABEL, "required": False}]},
}


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    """A caller on a server that knows devices."""
    place = tmp_path_factory.mktemp("schemas")
    for name, document in DOCUMENTS.items():
        (place / name).write_text(json.dumps(document))
    server = Server(tmp_path_factory.mktemp("devices"),
                    args=["--schemas", str(place)]).start()
    client = server.client()
    yield client
    client.close()
    server.stop()


def device(**attributes):
    return {"schemas": [DEVICE], "displayName": fresh("device"), **attributes}


# @spec 7643-3.2-01, 7644-3.2-02, 7643-3.1-01
def test_a_type_of_one_s_own_is_like_any_other(things):
    r = things.post("/Devices", device())
    assert r.status == 201
    made = r.json
    assert made["meta"]["resourceType"] == "Device"
    path = "/Devices/" + made["id"]
    assert made["meta"]["location"] == things.url + path

    r = things.put(path, made | {"ports": 4}, headers={"If-Match": '"x"'})
    assert r.status == 412
    r = things.put(path, made | {"ports": 4},
                   headers={"If-Match": made["meta"]["version"]})
    assert r.status == 200
    assert things.get(path).json == r.json
    assert r.json in things.get("/Devices").resources
    assert things.delete(path).status == 204
    assert things.get("/ResourceTypes/Device").json["endpoint"] == "/Devices"
    assert things.get("/Users").json["schemas"] == [LIST]


# @spec 7643-2.2-01
def test_what_a_definition_leaves_out_has_a_default(things):
    value = fresh("bare")
    made = things.create("/Devices", device(bare=value))
    path = "/Devices/" + made["id"]

    assert made["bare"] == things.get(path).json["bare"] == value
    assert "bare" not in things.get(path + "?attributes=weight").json
    things.create("/Devices", device(bare=value))
    found = things.get("/Devices?filter=" + quote(
        f'bare eq "{value.upper()}"'))
    assert found.json["totalResults"] == 2
    assert things.put(path, made | {"bare": "y"}).json["bare"] == "y"
    assert things.create("/Devices", device(bare=None))["id"]
    for other in (1, True, ["x"], {"x": 1}):
        assert things.post("/Devices", device(bare=other)).status == 400


# @spec 7643-2.3.4-01
@pytest.mark.parametrize("text, ok", [
    ("0", True), ("-7", True), ("9007199254740993", True),
    ("9223372036854775807", True), ("1.5", False), ("1e3", False),
    ("1.0", False), ("true", False), ('"1"', False), ("[1]", False),
])
def test_integers_have_no_fraction(things, text, ok):
    body = json.dumps(device())[:-1] + f', "ports": {text}}}'

    r = things.post("/Devices", body)

    assert r.status == (201 if ok else 400), r
    if ok:
        assert r.json["ports"] == int(text)
        assert f'"ports":{text}'.encode() in r.body.replace(b": ", b":")


# @spec 7643-2.3.3-01
def test_decimals_keep_their_value(things):
    for text in ("1.10", "0.1", "-2.5", "3.0", "12345.678"):
        body = json.dumps(device())[:-1] + f', "weight": {text}}}'
        r = things.post("/Devices", body)
        assert r.status == 201
        assert r.json["weight"] == float(text)
    assert things.post("/Devices", device(weight="heavy")).status == 400


# @spec 7643-2.3.5-01
@pytest.mark.parametrize("text, ok", [
    ("2008-01-23T04:56:22Z", True), ("2008-01-23T04:56:22.123+01:00", True),
    ("2008-01-23T04:56:22-05:00", True), ("2008-01-23", False),
    ("2008-13-23T04:56:22Z", False), ("2008-02-30T04:56:22Z", False),
    ("2008-01-23 04:56:22Z", False), ("yesterday", False), ("", False),
    ("2008-01-23T25:56:22Z", False),
])
def test_times_are_times(things, text, ok):
    r = things.post("/Devices", device(bought=text))

    if text == "" and r.status == 201:
        assert "bought" not in r.json
        return
    assert r.status == (201 if ok else 400), r
    assert not ok or r.json["bought"] == text


# @spec 7643-2.3.6-01, 7643-2.3.6-02
@pytest.mark.parametrize("text, ok", [
    ("MAMCAQU=", True), ("MAMCAQU", True), ("AA==", True), ("AA", True),
    ("A", False), ("A===", False), ("****", False), ("AA==AA==", False),
])
def test_binary_is_base64(things, text, ok):
    r = things.post("/Devices", device(key=text))

    assert r.status == (201 if ok else 400), r


# @spec 7644-3.5.1-04, 7644-3.5.1-05, 7644-3.5.1-06, 7643-7-15, 7644-3.12-19
def test_what_is_immutable_is_set_once(things):
    made = things.create("/Devices", device())
    path = "/Devices/" + made["id"]
    serial = fresh("SN")

    r = things.put(path, made | {"serial": serial})
    assert r.status == 200
    assert r.json["serial"] == serial
    assert things.put(path, r.json).status == 200
    refused = things.put(path, made | {"serial": fresh("SN")})
    assert refused.status == 400
    assert refused.scim_type == "mutability"
    assert "serial" in refused.detail
    assert things.get(path).json == r.json
    kept = things.put(path, made)
    assert kept.status == 200
    assert kept.json["serial"] == serial


# @spec 7643-7-22, 7643-7-10
def test_any_attribute_can_be_unique(things):
    serial = fresh("Serial")
    things.create("/Devices", device(serial=serial))

    r = things.post("/Devices", device(serial=serial))
    assert r.status == 409
    assert r.scim_type == "uniqueness"
    assert "serial" in r.detail
    assert things.post("/Devices", device(serial=serial.upper())
                       ).status == 201


# @spec 7643-7-23
def test_what_is_unique_everywhere_is_unique_here(things):
    number = fresh("imei")
    things.create("/Devices", device(imei=number))

    r = things.post("/Devices", device(imei=number.upper()))

    assert r.status == 409
    assert r.scim_type == "uniqueness"
    assert "imei" in r.detail


# @spec 7643-7-20, 7644-3.9-07
def test_what_is_returned_on_request_waits_for_one(things):
    made = things.create("/Devices", device(note="Handle with care"))
    path = "/Devices/" + made["id"]

    plain = things.get(path)
    assert "note" not in plain.json
    asked = things.get(path + "?attributes=note")
    assert asked.json["note"] == "Handle with care"
    assert asked.etag == plain.etag
    kept = things.put(path, plain.json)
    assert kept.etag == plain.etag
    assert things.get(path + "?attributes=note").json["note"]
    cleared = things.put(path, plain.json | {"note": None})
    assert cleared.etag != plain.etag
    assert "note" not in things.get(path + "?attributes=note").json


# @spec 7643-7-17, 7644-3.4.2.5-05
def test_what_is_always_returned_is(things):
    made = things.create("/Devices", device(badge="B1", bare="x"))
    path = "/Devices/" + made["id"]

    for query in ("?attributes=bare", "?excludedAttributes=badge"):
        assert things.get(path + query).json["badge"] == "B1"


# @spec 7643-7-16, 7643-7-18
def test_what_is_write_only_is_never_shown(things):
    secret = "1234-sesame"
    made = things.create("/Devices", device(code=secret))
    path = "/Devices/" + made["id"]
    assert "code" not in made

    for r in (things.get(path), things.get(path + "?attributes=code"),
              things.get("/Devices"), things.put(path, made)):
        assert secret.encode() not in r.body
    changed = things.put(path, made | {"code": "other"})
    assert changed.etag != made["meta"]["version"]


# @spec 7643-2.4-01
def test_many_simple_values_are_an_array(things):
    made = things.create("/Devices", device(tags=["b", "a"], sizes=[3, 1]))

    assert made["tags"] == ["b", "a"]
    assert made["sizes"] == [3, 1]
    for bad in ({"tags": [1]}, {"sizes": ["x"]}, {"sizes": [1.5]},
                {"tags": [{"value": "a"}]}, {"tags": [["a"]]}):
        assert things.post("/Devices", device(**bad)).status == 400, bad


# @spec 7643-7-13
def test_what_only_the_server_sets_is_ignored(things):
    assert "seen" not in things.create("/Devices", device(
        seen="2008-01-23T04:56:22Z"))


# @spec 7643-3.1-03, 7643-3.3-06
def test_a_schema_can_not_redefine_the_common_attributes(things):
    made = things.create("/Devices", device(id="mine"))

    assert made["id"] != "mine"
    assert things.get("/Devices/" + made["id"]).json["id"] == made["id"]


# @spec 7643-6-10, 7643-6-09
def test_an_extension_brings_what_it_requires(things):
    r = things.post("/Devices", device(**{LABEL: {"text": "Hot"}}))
    assert r.status == 201
    assert r.json["schemas"] == [DEVICE, LABEL]
    r = things.post("/Devices", device(**{
        "schemas": [DEVICE, LABEL], LABEL: {"nothing": 1}}))
    assert r.status in (201, 400)
    r = things.post("/Devices", device(**{ENTERPRISE: {"department": "x"}}))
    assert r.status == 201
    assert ENTERPRISE not in r.json


def test_an_unindexed_filter_of_one_s_own_is_no_error_of_the_server(things):
    r = things.get("/Devices?filter=" + quote('bare eq "x"'))

    assert r.status == 200


BROKEN = {
    "not JSON": "{",
    "an unknown type": {"attributes": [attribute("x", "foo")]},
    "a bad name": {"attributes": [attribute("1x")]},
    "a name with a space": {"attributes": [attribute("a b")]},
    "one name twice": {"attributes": [attribute("a"), attribute("A")]},
    "complex in complex": {"attributes": [attribute(
        "a", "complex", subAttributes=[attribute(
            "b", "complex", subAttributes=[attribute("c")])])]},
    "complex without parts": {"attributes": [attribute("a", "complex")]},
    "a bad mutability": {"attributes": [attribute("a", mutability="odd")]},
    "a bad returned": {"attributes": [attribute("a", returned="odd")]},
    "a bad uniqueness": {"attributes": [attribute("a", uniqueness="odd")]},
    "no attributes": {},
    "no id": {"id": None, "attributes": [attribute("a")]},
}


# @spec 7643-2.3-01, 7643-2.1-02, 7643-2.3.8-02
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_schema_stops_the_start(tmp_path, what):
    place = tmp_path / "schemas"
    place.mkdir()
    document = BROKEN[what]
    if isinstance(document, dict):
        document = json.dumps({"schemas": [CORE + "Schema"], "id": DEVICE,
                               "name": "Device", **document})
    (place / "broken.json").write_text(document)

    done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:1",
                           "--store", "memory:", "--schemas", str(place)],
                          capture_output=True, text=True, timeout=10,
                          cwd=tmp_path)

    assert done.returncode in (1, 2)
    assert "broken.json" in done.stderr, done.stderr
