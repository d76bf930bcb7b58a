# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 sections 2 and 6, RFC 6750: who may ask, and for which tenant."""

import re
import time

import pytest

from samples import eq, fresh, group, user


@pytest.fixture
def caller(server):
    """Makes callers with tokens of the given scope and tenant."""
    made = []

    def make(scope="read,write", tenant="default", base="/scim/v2", **options):
        token = server.make_token(tenant, scope, **options)
        made.append(server.client(token, base))
        return made[-1]

    yield make
    for client in made:
        client.close()


def challenge(r):
    """The parameters of a Bearer challenge; each may come once."""
    value = r.header("WWW-Authenticate")
    scheme, _, rest = value.partition(" ")
    assert scheme.lower() == "bearer"
    pairs = re.findall(r'(\w+)="([^"]*)"', rest)
    # @spec 6750-3-02
    assert len({name for name, _ in pairs}) == len(pairs)
    # @spec 6750-3-04
    for _, text in pairs:
        assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]*", text)
    return dict(pairs)


class TestNoToken:
    # @spec 7644-2-06, 7644-3.12-08, 6750-3-01, 6750-3.1-04
    @pytest.mark.parametrize("method, path", [
        ("GET", "/Users"), ("POST", "/Users"), ("GET", "/Users/x"),
        ("PUT", "/Users/x"), ("DELETE", "/Groups/x"), ("GET", "/Me"),
        ("POST", "/Bulk"), ("POST", "/.search"), ("PATCH", "/Users/x"),
    ])
    def test_the_answer_is_401_with_a_challenge(self, scim, method, path):
        # @spec 7644-3.11-08
        r = scim.having(None).request(method, path)

        assert r.status == 401
        assert "realm" in challenge(r)
        assert "error" not in challenge(r)

    # @spec 7643-5-13
    @pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas",
                                      "/ResourceTypes",
                                      "/ResourceTypes/User"])
    def test_discovery_is_open(self, scim, path):
        r = scim.having(None).get(path)

        assert r.status == 200
        assert r.json == scim.get(path).json

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_health_is_open(self, scim, path):
        assert scim.having(None).at("").get(path).status == 200

    # @spec 7644-2.2-01
    def test_nothing_is_made(self, scim):
        body = user()

        assert scim.having(None).post("/Users", body).status == 401
        r = scim.get("/Users" + eq("userName", body["userName"]))
        assert r.json["totalResults"] == 0


class TestBadToken:
    # @spec 7644-2-04, 6750-3-03, 6750-3.1-02
    def test_an_unknown_token_is_invalid(self, scim):
        r = scim.having("unknown-but-well-formed-token").get("/Users")

        assert r.status == 401
        assert challenge(r)["error"] == "invalid_token"
        # @spec 6750-5.3-01
        assert b"unknown-but-well-formed-token" not in r.body

    # @spec 7644-2-04, 6750-2.1-01
    @pytest.mark.parametrize("value", [
        "Bearer", "Bearer ", "Bearer a b", "Bearer \xe9t\xe9", "Bearer ,",
        "Bearer =", "Bearer token\"", "Basic dXNlcjpwYXNz", "Digest x",
        "Bearertoken", "",
    ])
    def test_no_token_no_entry(self, scim, value):
        r = scim.having(None).get("/Users",
                                  headers={"Authorization": value})

        assert r.status == 401

    # @spec 6750-2.1-01
    @pytest.mark.parametrize("form", ["bearer {}", "BEARER {}",
                                      "Bearer   {}"])
    def test_the_scheme_has_no_case(self, scim, form):
        value = form.format(scim.token)

        r = scim.having(None).get("/Users?count=0",
                                  headers={"Authorization": value})

        assert r.status == 200

    # @spec 6750-3.1-01
    def test_two_tokens_are_one_too_many(self, scim):
        both = [("Authorization", "Bearer " + scim.token)] * 2

        r = scim.get("/Users", headers=both)

        assert r.status == 400
        assert challenge(r)["error"] == "invalid_request"

    # @spec 6750-2.3-01
    def test_a_token_in_the_address_is_none(self, scim):
        r = scim.having(None).get("/Users?access_token=" + scim.token)

        assert r.status == 401

    # @spec 6750-2.2-01
    def test_a_token_in_a_form_is_none(self, scim):
        r = scim.having(None).post(
            "/Users", "access_token=" + scim.token,
            headers={"Content-Type": "application/x-www-form-urlencoded"})

        assert r.status == 401


class TestTokens:
    # @spec 7644-2-02, 7644-2-07, 7644-2.1-01, 6750-3.1-03, 7644-3.12-09,
    #       7644-2-08, 7644-7.7-03
    def test_reading_is_no_writing(self, scim, caller):
        reader = caller(scope="read")
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]

        assert reader.get(path).json == made
        assert reader.get("/Users?count=1").status == 200
        for r in (reader.put(path, made), reader.delete(path),
                  reader.post("/Users", user()),
                  reader.post("/Groups", group())):
            assert r.status == 403
            assert challenge(r)["error"] == "insufficient_scope"
        assert scim.get(path).json == made

    # @spec 7644-7.4-03, 7644-2.1-02
    def test_a_token_ends(self, caller):
        short = caller(expires="1s")
        assert short.get("/Users?count=0").status == 200

        time.sleep(2.1)

        r = short.get("/Users?count=0")
        assert r.status == 401
        assert challenge(r)["error"] == "invalid_token"

    # @spec 6750-3.1-02
    def test_a_revoked_token_fails_within_10_ms(self, server, caller):
        listed = server.run("token", "list").stdout
        gone = caller()
        assert gone.get("/Users?count=0").status == 200
        new = [line for line in server.run("token", "list").stdout.splitlines()
               if line not in listed.splitlines()]
        assert len(new) == 1, new

        done = server.run("token", "revoke", new[0].split("\t")[0])
        assert done.returncode == 0, done
        time.sleep(0.010)

        assert gone.get("/Users?count=0").status == 401

    # @spec 7644-7.4-01
    def test_tokens_can_not_be_guessed(self, server):
        tokens = {server.make_token() for _ in range(3)}

        assert len(tokens) == 3
        for token in tokens:
            assert len(token) >= 22
            assert re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token)

    # @spec 6750-5.3-01, 7644-7.7-01
    def test_tokens_are_nowhere_in_clear(self, server, scim, caller):
        token = caller().token
        scim.having(token).get("/Users?count=0")

        for path in server.directory.iterdir():
            data = path.read_bytes()
            assert token.encode() not in data, path
            assert server.token.encode() not in data, path

    def test_a_list_shows_no_token(self, server, caller):
        token = caller().token

        listed = server.run("token", "list")

        assert listed.returncode == 0
        assert token not in listed.stdout + listed.stderr


class TestTenants:
    @pytest.fixture
    def two(self, server, caller):
        """A caller of each of two tenants."""
        names = [fresh("tenant") for _ in range(2)]
        for name in names:
            server.make_tenant(name)
        return [caller(tenant=name, base=f"/t/{name}/scim/v2")
                for name in names]

    # @spec 7644-6.1-01, 7644-6.1-02
    def test_a_tenant_is_named_by_token_or_path(self, two):
        one, _ = two
        made = one.create("/Users", user())
        path = "/Users/" + made["id"]

        short = one.at("/scim/v2").get(path)
        long = one.get(path)

        assert short.status == long.status == 200
        assert short.etag == long.etag
        assert short.json["userName"] == long.json["userName"]

    # @spec 7644-1.3-02
    def test_addresses_begin_with_the_base(self, two):
        one, _ = two
        for base in (one.base, "/scim/v2"):
            r = one.at(base).post("/Users", user())
            where = r.header("Location")
            assert one.at(base).get(
                "/Users/" + where.rsplit("/", 1)[1]).status == 200

    # @spec 7644-6.1-03, 7644-6.1-04, 9110-15.5.4-01
    def test_another_tenant_is_like_none(self, two):
        one, other = two
        made = one.create("/Users", user())

        nobody = one.at(f"/t/{fresh('none')}/scim/v2")
        intruder = other.at(one.base)
        for path in ("/Users", "/Users/" + made["id"], "/Groups"):
            a, b = nobody.get(path), intruder.get(path)
            assert a.status == b.status == 404
            assert a.json == b.json
        assert intruder.post("/Users", user()).status == 404
        assert intruder.delete("/Users/" + made["id"]).status == 404

    # @spec 7644-6.2-01, 7643-9.3-01
    def test_a_tenant_sees_nothing_of_another(self, two):
        one, other = two
        made = one.create("/Users", user(externalId="same"))
        path = "/Users/" + made["id"]

        assert other.get(path).status == 404
        assert other.put(path, made).status == 404
        assert other.delete(path).status == 404
        assert other.get(path, headers={"If-None-Match": "*"}).status == 404
        assert other.get("/Users").json["totalResults"] == 0
        for name in ("userName", "externalId"):
            r = other.get("/Users" + eq(name, made[name]))
            assert r.json["totalResults"] == 0
        r = other.post("/Groups", group(made["id"]))
        assert r.status == 400

    # @spec 7644-6.2-02, 7644-6.2-03, 7643-3.1-11
    def test_names_are_unique_in_a_tenant_only(self, two):
        body = user(externalId="same")
        for caller in two:
            caller.create("/Users", body)
            r = caller.get("/Users" + eq("userName", body["userName"]))
            assert r.json["totalResults"] == 1

    def test_settings_belong_to_a_tenant(self, server, caller):
        name = fresh("tenant")
        server.make_tenant(name, etag="strong", preconditions="required")

        strict = caller(tenant=name)
        r = strict.post("/Users", user())

        assert r.status == 201
        assert not r.etag.startswith("W/")
        assert strict.delete("/Users/" + r.json["id"]).status == 428
