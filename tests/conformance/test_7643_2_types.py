# SPDX-License-Identifier: Apache-2.0
"""RFC 7643 section 2: what a value may be.  The attributes come from the
schema files, so that a new one is tested by being there."""

import json

import pytest

from samples import eq, fresh, full_user, group, schema, user
from scim_client import ENTERPRISE, USER

NOT = {
    "string": [True, 7, 1.5, {"a": 1}, ["x"]],
    "reference": [True, 7, {"a": 1}, ["x"]],
    "binary": [True, 7, {"a": 1}, ["MAMCAQU="], "*", "a", "MA=MCAQU",
               "MAMC AQU="],
    "boolean": [7, 0, 1.0, {"a": 1}, [True], "yes", "", "1"],
    "complex": ["x", 7, True],
}


def attributes(name):
    """All (path, definition, parents) a client may write in a schema."""
    for a in schema(name)["attributes"]:
        if a["mutability"] == "readOnly":
            continue
        yield (a["name"],), a
        for s in a.get("subAttributes", []):
            if s["name"] == "$ref":
                continue  # the server writes it, whatever is sent
            if s["mutability"] != "readOnly":
                yield (a["name"], s["name"]), s


def holding(name, path, value):
    """A body that has the value at the path."""
    top = {a["name"]: a for a in schema(name)["attributes"]}[path[0]]
    if len(path) == 2:
        value = {path[1]: value}
        if name == "Group" and path[1] != "value":
            value["value"] = "x"
    if top["multiValued"] and len(path) == 2:
        value = [value]
    body = group() if name == "Group" else user()
    if name == "EnterpriseUser":
        body["schemas"] = [USER, ENTERPRISE]
        body[ENTERPRISE] = {path[0]: value}
    else:
        body[path[0]] = value
    return body


def wrong_values():
    for name in ("User", "EnterpriseUser", "Group"):
        for path, a in attributes(name):
            for value in NOT[a["type"]]:
                many = a["multiValued"]
                if many and isinstance(value, dict):
                    continue
                if many and isinstance(value, list):
                    continue
                if a["type"] == "complex" and not many and len(path) == 1 \
                        and path[0] == "manager" and isinstance(value, str):
                    continue
                yield name, path, a, value
            if a["type"] == "complex" and a["multiValued"]:
                for element in (7, True, [1], "x"):
                    yield name, path, a, [element]
            if a["type"] == "complex" and not a["multiValued"]:
                yield name, path, a, [1]


# @spec 7644-3.3-14, 7644-3.12-23, 7643-1.2-01, 7643-2.3.2-01, 7643-2.3.6-01,
#       7643-2.3-02, 7643-2.4-01, 7643-2.4-02, 7644-3.8-09
@pytest.mark.both_stores
@pytest.mark.parametrize("name", ["User", "EnterpriseUser", "Group"])
def test_a_value_of_a_wrong_type_is_refused_by_name(scim, name):
    endpoint = "/Groups" if name == "Group" else "/Users"
    faults = []

    for schema_name, path, a, value in wrong_values():
        if schema_name != name:
            continue
        r = scim.post(endpoint, holding(name, path, value))
        what = f"{'.'.join(path)} = {json.dumps(value)}"
        if r.status != 400 or r.scim_type != "invalidValue":
            faults.append(f"{what}: {r}")
        elif path[-1].lower() not in r.detail.lower():
            faults.append(f"{what} is not named: {r.detail}")

    assert not faults, f"{len(faults)} wrong:\n" + "\n".join(faults[:50])


@pytest.mark.parametrize("name", ["User", "EnterpriseUser"])
def test_a_replace_is_checked_in_the_same_way(scim, name):
    made = scim.create("/Users", user())
    path_ = "/Users/" + made["id"]
    faults = []

    for schema_name, path, a, value in wrong_values():
        if schema_name != name:
            continue
        r = scim.put(path_, holding(name, path, value))
        if r.status != 400 or r.scim_type != "invalidValue":
            faults.append(f"{'.'.join(path)} = {json.dumps(value)}: {r}")

    assert not faults, f"{len(faults)} wrong:\n" + "\n".join(faults[:50])
    assert scim.get(path_).json == made


# @spec 7643-2.3-02
def test_every_attribute_takes_a_value_of_its_type(scim):
    good = {"string": "text", "reference": "https://x.example/y",
            "boolean": True, "binary": "MAMCAQU="}
    for name in ("User", "EnterpriseUser"):
        for path, a in attributes(name):
            if a["type"] == "complex":
                continue
            value = fresh() if path == ("userName",) else good[a["type"]]
            r = scim.post("/Users", holding(name, path, value))
            assert r.status == 201, (path, r)
            got = r.json.get(ENTERPRISE, {}) if name[0] == "E" else r.json
            if a["returned"] == "never":
                assert path[0] not in got
                continue
            for step in path:
                got = got[0] if isinstance(got, list) else got
                got = got[step]
            assert got == value, path


class TestStrings:
    # @spec 7643-2.3.1-01, 7644-3.8-01
    @pytest.mark.parametrize("text", [
        "Ünïcödé", "\u65e5\u672c\u8a9e", "\U0001f600", "a\tb\nc\r\nd",
        "\"quoted\" \\ /", "\u0007\u001f", "\u2028\u2029", "\ufeff\ufffd",
        "e\u0301", " spaces ", "<script>&amp;", "x" * 20000,
        "\u05d0\u202e\u05d1", "\ufb01\u0130\u0131\u00df",
    ])
    @pytest.mark.both_stores
    def test_text_comes_back_as_it_went(self, scim, text):
        made = scim.create("/Users", user(displayName=text))

        assert made["displayName"] == text
        assert scim.get("/Users/" + made["id"]).json["displayName"] == text
        r = scim.get("/Users/" + made["id"])
        assert r.body.decode("utf-8")

    # @spec 7643-2.3.1-01
    def test_escapes_are_the_characters_they_name(self, scim):
        name = fresh()
        made = scim.create("/Users", (
            '{"schemas":["%s"],"userName":"%s","displayName":'
            '"\\ud83d\\ude00\\u00e9\\/\\n"}') % (USER, name))

        assert made["displayName"] == "\U0001f600\u00e9/\n"

    # @spec 7644-3.8-08
    @pytest.mark.parametrize("octets", [
        b"\xc3\x28", b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xc3",
        b"\xf0\x9f\x98",
    ])
    def test_what_is_not_utf_8_is_refused(self, scim, octets):
        for body in (b'{"schemas":["%s"],"userName":"a%sb"}',
                     b'{"schemas":["%s"],"userName":"a","%s":1}'):
            r = scim.post("/Users", body % (USER.encode(), octets))
            assert r.status == 400
            assert r.scim_type == "invalidSyntax"

    @pytest.mark.parametrize("escape", [
        "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\ud83d\\u0041",
    ])
    def test_half_a_surrogate_pair_is_refused(self, scim, escape):
        r = scim.post("/Users", '{"schemas":["%s"],"userName":"%s"}' % (
            USER, escape))

        assert r.status == 400
        assert r.scim_type == "invalidSyntax"

    def test_nul_is_refused_or_kept_whole(self, scim):
        for text in ("a\\u0000b", "\\u0000"):
            name = fresh()
            r = scim.post("/Users", (
                '{"schemas":["%s"],"userName":"%s","displayName":"%s"}'
                ) % (USER, name, text))
            assert r.status in (201, 400)
            if r.status == 201:
                assert r.json["displayName"] == json.loads(f'"{text}"')

    # @spec 7643-2.3.1-03, 7643-7-09, 7643-2.4-07
    def test_canonical_values_are_a_suggestion(self, scim):
        emails = [{"value": "a@x.example", "type": "Mars"},
                  {"value": "b@x.example", "type": "WORK"}]

        assert scim.create("/Users", user(emails=emails))["emails"] == emails

    # @spec 7643-2.3.1-02, 7643-4.1.1-07, 7643-4.1.1-08, 7643-4.1.1-09,
    #       7643-4.1.1-10, 7643-7-12
    def test_formats_are_not_enforced(self, scim):
        sent = {"locale": "en_US", "timezone": "Mars/Olympus",
                "preferredLanguage": "en-US, fr;q=0.5",
                "emails": [{"value": "USER@EXAMPLE.COM"}],
                "phoneNumbers": [{"value": "+1 (201) 555-0123"}],
                "ims": [{"value": " Foo "}],
                "addresses": [{"country": "US"}]}

        made = scim.create("/Users", user(**sent))

        assert {k: made[k] for k in sent} == sent


class TestBooleans:
    def test_a_boolean_in_a_string_is_taken_and_stored_as_one(self, scim):
        for text, value in (("True", True), ("False", False),
                            ("true", True), ("false", False)):
            made = scim.create("/Users", user(
                active=text, emails=[{"value": "a@b.c", "primary": text}]))
            assert made["active"] is value
            assert made["emails"][0].get("primary", False) is value


class TestManyValues:
    # @spec 7643-2.4-04
    def test_one_value_is_primary_at_most(self, scim):
        two = [{"value": "a@x.example", "primary": True},
               {"value": "b@x.example", "primary": True}]

        r = scim.post("/Users", user(emails=two))

        assert r.status == 400
        assert r.scim_type == "invalidValue"
        assert "primary" in r.detail

    # @spec 7643-2.4-05
    def test_not_primary_may_be_said(self, scim):
        emails = [{"value": "a@x.example", "primary": True},
                  {"value": "b@x.example", "primary": False},
                  {"value": "c@x.example"}]

        made = scim.create("/Users", user(emails=emails))

        assert [e.get("primary", False) for e in made["emails"]] == [
            True, False, False]

    # @spec 7643-2.4-03, 7643-2.4-08
    def test_one_value_may_have_two_types(self, scim):
        emails = [{"value": "a@x.example", "type": "work"},
                  {"value": "a@x.example", "type": "home"}]

        assert scim.create("/Users", user(emails=emails))["emails"] == emails

    # @spec 7643-2.4-09
    def test_one_pair_of_type_and_value_is_there_once(self, scim):
        emails = [{"value": "a@x.example", "type": "work"}] * 2

        r = scim.post("/Users", user(emails=emails))

        assert r.status == 201
        assert r.json["emails"] == emails[:1]

    # @spec 7643-2.4-01
    def test_a_lone_object_is_taken_as_an_array(self, scim):
        email = {"value": "a@x.example", "type": "work"}

        assert scim.create("/Users", user(emails=email))["emails"] == [email]

    @pytest.mark.settings(profile="strict")
    def test_a_lone_object_is_refused_in_the_strict_profile(self, scim):
        r = scim.post("/Users", user(emails={"value": "a@x.example"}))

        assert r.status == 400
        assert r.scim_type == "invalidValue"

    # @spec 7643-2.3.8-01
    def test_the_order_of_members_means_nothing(self, scim):
        body = full_user()
        one = scim.create("/Users", body)
        r = scim.put("/Users/" + one["id"],
                     json.loads(json.dumps(body, sort_keys=True)))

        assert r.status == 200
        assert r.etag == one["meta"]["version"]

    def test_elements_of_null_are_nothing(self, scim):
        r = scim.post("/Users", user(emails=[None, {"value": "a@x.example"},
                                             {}]))

        assert r.status == 201
        assert r.json["emails"] == [{"value": "a@x.example"}]


class TestReferences:
    # @spec 7643-2.3.7-01, 7643-4.1.1-06
    def test_uris_are_kept_as_sent(self, scim):
        for uri in ("https://x.example/A?b=C#d", "HTTP://X.example/%7ea",
                    "relative/path", "urn:example:Ab"):
            made = scim.create("/Users", user(profileUrl=uri,
                                              photos=[{"value": uri}]))
            assert made["profileUrl"] == uri
            assert made["photos"][0]["value"] == uri

    # @spec 7643-2.3.7-02, 7643-2.4-10, 7644-3.13-04
    def test_the_server_writes_references_itself(self, scim):
        ada = scim.create("/Users", user())
        for ref in (None, "Users/" + ada["id"], "../Users/" + ada["id"],
                    "https://other.example/v2/Users/" + ada["id"]):
            made = scim.create("/Groups", group(members=[
                {"value": ada["id"], "$ref": ref}]))
            assert made["members"][0]["$ref"] == ada["meta"]["location"]


class TestPasswords:
    # @spec 7643-4.1.1-13, 7643-9.2-01, 7643-9.2-02, 7643-4.1.1-16,
    #       7644-7.7-01
    def test_a_password_is_stored_as_a_salted_hash(self, own_server):
        server = own_server()
        scim = server.client()
        secret = "correct horse battery staple"
        made = [scim.create("/Users", user(password=secret))
                for _ in range(2)]
        scim.put("/Users/" + made[0]["id"], made[0] | {"password": secret})
        found = b""
        for path in server.directory.iterdir():
            data = path.read_bytes()
            assert secret.encode() not in data, path
            found += data
        assert b"$argon2id$" in found
        scim.close()

    # @spec 7643-4.1.1-14
    def test_a_password_must_be_a_string_of_some_length(self, scim):
        for password in (7, True, {"a": 1}, ["x"]):
            r = scim.post("/Users", user(password=password))
            assert r.status == 400
            assert r.scim_type == "invalidValue"

    # @spec 7643-4.1.1-12, 7643-7-16
    def test_an_error_does_not_repeat_a_password(self, scim):
        name = scim.create("/Users", user())["userName"]
        for body in (user(password="correct horse 1", userName=name),
                     user(password="correct horse 1", active="?"),
                     user(password=["correct horse 1"])):
            r = scim.post("/Users", body)
            assert r.status == (409 if body["userName"] == name else 400)
            assert b"correct horse" not in r.body


# @spec 7643-4.1.1-11
def test_a_user_that_is_not_active_stays(scim):
    made = scim.create("/Users", user(active=False))

    assert scim.get("/Users/" + made["id"]).json["active"] is False
    r = scim.get("/Users" + eq("userName", made["userName"]))
    assert r.json["totalResults"] == 1


# @spec 7643-4.1.1-04, 7643-4.1.1-05
def test_the_server_makes_up_no_name(scim):
    for name in ({"formatted": "Ada King"}, {"givenName": "Ada"},
                 {"familyName": "King", "formatted": "Someone Else"}):
        assert scim.create("/Users", user(name=name))["name"] == name


# @spec 7643-4.1.2-05
def test_an_address_may_be_any_part_of_one(scim):
    for address in ({"country": "US"}, {"formatted": "a\nb\nc"},
                    {"postalCode": "0", "primary": True}):
        made = scim.create("/Users", user(addresses=[address]))
        assert made["addresses"] == [address]


# @spec 7643-3-07, 7643-3-08, 7643-3.1-13
def test_external_id_belongs_to_every_resource(scim):
    for endpoint, body in (("/Users", user(externalId="A-b")),
                           ("/Groups", group(externalId="A-b"))):
        assert scim.create(endpoint, body)["externalId"] == "A-b"


# @spec 7643-3-02, 7643-3-03, 7643-4.1-01, 7643-4.2-01, 7643-4.3-01
def test_schemas_are_unique_strings(scim):
    u = scim.create("/Users", full_user())
    g = scim.create("/Groups", group())

    assert u["schemas"] == [USER, ENTERPRISE]
    assert g["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Group"]
