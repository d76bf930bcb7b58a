# SPDX-License-Identifier: Apache-2.0
"""HTTP itself: methods, media types, framing of answers, and errors on paths
that are none of SCIM's (RFC 9110, RFC 7644 sections 3.1, 3.8, 3.12, 3.13)."""

import json
import time
import uuid

import pytest

from samples import eq, full_user, group, user
from scim_client import SCIM, USER, Closed, request_bytes

pytestmark = pytest.mark.both_stores


class TestMethods:
    # @spec 7644-3.2-05, 9110-9.1-03, 9110-10.2.1-01
    @pytest.mark.parametrize("path, methods", [
        ("/Users", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/Groups", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/Users/x", {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}),
        ("/ServiceProviderConfig", {"GET", "HEAD", "OPTIONS"}),
        ("/Schemas", {"GET", "HEAD", "OPTIONS"}),
        ("/Schemas/" + USER, {"GET", "HEAD", "OPTIONS"}),
        ("/ResourceTypes", {"GET", "HEAD", "OPTIONS"}),
        ("/Bulk", {"POST", "OPTIONS"}),
        ("/.search", {"POST", "OPTIONS"}),
    ])
    def test_other_methods_are_405(self, scim, path, methods):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method in methods:
                continue
            r = scim.request(method, path, {} if method[0] == "P" else None)
            if r.status == 501 and path in ("/Bulk", "/.search"):
                continue
            assert r.status == 405, method
            allowed = {m.strip() for m in r.header("Allow").split(",")}
            assert allowed <= methods
            assert allowed & {"GET", "POST"}

    # @spec 9110-9.1-02, 9110-9.1-04, 9110-15.6.2-01
    @pytest.mark.parametrize("method, statuses", [
        ("FOO", [501]), ("BREW", [501]), ("get", [400, 501]),
        ("Get", [400, 501]), ("PROPFIND", [405, 501]), ("LOCK", [405, 501]),
        ("TRACE", [405, 501]), ("QUERY", [405, 501]),
    ])
    def test_unknown_methods_are_501(self, server, method, statuses):
        client = server.client()
        r = client.request(method, "/Users")
        client.close()

        assert r.status in statuses

    # @spec 9110-9.3.7-01
    def test_options_names_the_methods(self, scim):
        for path in ("/Users", "/Users/" + str(uuid.uuid4()), "/Schemas"):
            r = scim.request("OPTIONS", path)
            assert r.status == 204
            assert "GET" in r.header("Allow")


class TestMediaTypes:
    # @spec 7644-3.8-07, 7644-8.1-01
    @pytest.mark.parametrize("content_type", [
        "application/scim+json", "application/json",
        "application/scim+json; charset=utf-8",
        "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
        "APPLICATION/SCIM+JSON", "application/json ; odata=x",
    ])
    def test_json_is_taken_in_both_types(self, scim, content_type):
        r = scim.post("/Users", user(),
                      headers={"Content-Type": content_type})

        assert r.status == 201

    # @spec 7644-3.8-07, 9110-15.5.16-01
    @pytest.mark.parametrize("content_type", [
        "text/xml", "text/plain", "application/xml", "text/json",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/scim", "application/scim+jsonx", "json", "", "/", "*/*",
        "application/json-patch+json",
    ])
    def test_other_types_are_415(self, scim, content_type):
        body = user()
        r = scim.post("/Users", body, headers={"Content-Type": content_type})

        assert r.status == 415
        r = scim.get("/Users" + eq("userName", body["userName"]))
        assert r.json["totalResults"] == 0

    # @spec 9110-15.5.16-01
    @pytest.mark.parametrize("coding", ["gzip", "foo", "identity, gzip",
                                        "br"])
    def test_content_codings_are_415(self, scim, coding):
        r = scim.post("/Users", user(), headers={"Content-Encoding": coding})

        assert r.status == 415

    def test_a_get_may_name_a_type(self, scim):
        for content_type in ("application/scim+json; charset=utf-8",
                             "text/plain", "nonsense"):
            r = scim.get("/Users?count=0",
                         headers={"Content-Type": content_type})
            assert r.status == 200

    # @spec 7644-3.1-01, 7644-3.8-04, 7644-3.8-05, 7644-3.8-06,
    #       9110-12.5.1-01, 9110-12.5.1-02
    @pytest.mark.parametrize("accept", [
        None, "*/*", "application/scim+json", "application/json",
        "application/json, text/plain, */*", "text/html", "image/png;q=0.1",
        "application/scim+json;q=0, application/json", "", "nonsense", ",,",
    ])
    def test_answers_are_always_scim(self, scim, accept):
        made = scim.create("/Users", user())
        for path, status in (("/Users/" + made["id"], 200),
                             ("/Users/nobody", 404), ("/Users?count=1", 200),
                             ("/Schemas", 200)):
            r = scim.get(path, headers={"Accept": accept})
            assert r.status == status
            assert r.header("Content-Type") == SCIM


class TestPaths:
    # @spec 7644-3.2-09, 7644-3.12-10
    @pytest.mark.parametrize("path", [
        "/Nonsense", "/users", "/USERS", "/Users/x/y", "/Users/x/y/z",
        "/Users/x/", "/Schemas/", "/.well-known", "/Users/.nothing", "/%00",
        "/Users%2Fx", "/Me/x",
    ])
    def test_unknown_paths_are_404(self, scim, path):
        r = scim.get(path)

        assert r.status in (404, 400) or (
            path == "/Schemas/" and r.status == 200)

    @pytest.mark.parametrize("path", [
        "/", "/scim", "/scim/", "/Users", "/favicon.ico", "/index.html",
        "/scim/v2x/Users", "/../etc/passwd", "/scim/v2/../../etc/passwd",
        "/t", "/t/", "/t/default", "/t//scim/v2/Users", "/T/default/scim/v2",
        "/healthz/x", "/openapi.jso", "*", "/scim/v2/%2e%2e/x",
    ])
    def test_paths_beside_scim_are_404_too(self, scim, path):
        assert scim.at("").get(path).status in (400, 404)

    # @spec 7644-3.13-01, 7644-3.13-02, 7644-3.12-24
    @pytest.mark.parametrize("version", ["v1", "v3", "v9", "V2"])
    def test_another_version_is_refused(self, scim, version):
        r = scim.at("/scim/" + version).get("/Users")

        assert r.status in (400, 404)
        if r.status == 400:
            assert r.scim_type == "invalidVers"

    # @spec 7644-3.8-03
    def test_a_suffix_is_no_format(self, scim):
        made = scim.create("/Users", user())

        assert scim.get(f"/Users/{made['id']}.scim").status == 404

    # @spec 7644-1.2-01
    def test_paths_are_decoded(self, scim):
        made = scim.create("/Users", user())
        odd = "".join(f"%{ord(c):02x}" for c in made["id"])

        assert scim.get("/Users/" + odd).json == made
        assert scim.get("/%55sers/" + made["id"]).json == made

    # @spec 7644-1.2-01
    @pytest.mark.parametrize("path", ["/Users/%", "/Users/%4", "/Users/%zz",
                                      "/Users?filter=%", "/Users?count=%f"])
    def test_half_an_escape_is_refused(self, scim, path):
        assert scim.get(path).status in (400, 404)

    # @spec 9110-15.5.15-01, 7644-3.12-28
    def test_an_address_may_be_too_long(self, server):
        client = server.client()
        r = client.get("/Users?x=" + "y" * 100000)
        client.close()

        assert r.status == 414

    # @spec 6585-5-01, 7644-3.12-28
    @pytest.mark.parametrize("headers", [
        [("X-Big", "y" * 100000)],
        [(f"X-{n}", "y" * 100) for n in range(1000)],
        [("If-None-Match", ", ".join(f'"{n}"' for n in range(10000)))],
        [("X" * 70000, "y")],
    ])
    def test_headers_may_be_too_large(self, server, headers):
        client = server.client()
        r = client.get("/Users", headers=headers)
        client.close()

        assert r.status == 431

    # @spec 7644-1.3-01
    @pytest.mark.parametrize("host", ["evil.example", "evil.example:80",
                                      "[::1]", ""])
    def test_addresses_never_come_from_the_host_header(self, scim, host):
        r = scim.post("/Users", user(), headers={"Host": host})
        if host == "" and r.status == 400:
            return

        assert r.status == 201
        assert b"evil" not in r.body
        assert r.header("Location").startswith(scim.url)
        for name in ("X-Forwarded-Host", "Forwarded", "X-Original-URL"):
            got = scim.get("/Users/" + r.json["id"],
                           headers={name: "host=evil.example"})
            assert got.json == r.json

    def test_the_public_url_is_what_addresses_begin_with(self, own_server):
        server = own_server(args=["--public-url",
                                  "https://id.example/base"])
        scim = server.client()
        made = scim.post("/Users", user())
        # @spec 7644-1.3-02
        assert made.header("Location").startswith("https://id.example/base")
        assert made.json["meta"]["location"] == made.header("Location")
        assert scim.get("/ServiceProviderConfig").json["meta"][
            "location"].startswith("https://id.example/base")
        scim.close()


class TestBodies:
    # @spec 7644-3.12-13, 9110-15.5.14-01, 9110-8.6-04
    @pytest.mark.parametrize("length", ["4194305", "10485760", "2147483648",
                                        "4294967296", "9223372036854775807"])
    def test_a_length_over_the_limit_is_413_at_once(self, server, length):
        client = server.client()
        r = client.request("POST", "/Users", headers=[
            ("Content-Type", SCIM), ("Content-Length", length)])
        client.close()

        assert r.status == 413
        assert "4194304 bytes" in r.detail

    # @spec 9110-8.6-04
    @pytest.mark.parametrize("length", ["99999999999999999999", "-1", "abc",
                                        "1.5", "0x10", "+5", "5, 6", "5 5"])
    def test_a_length_that_is_no_number_is_refused(self, server, length):
        client = server.client()
        r = client.request("POST", "/Users", headers=[
            ("Content-Type", SCIM), ("Content-Length", length)])
        client.close()

        assert r.status in (400, 413)

    def test_a_body_of_just_the_limit_is_read(self, scim):
        data = json.dumps(user()).encode()
        data += b" " * (4 * 1024 * 1024 - len(data))

        assert scim.post("/Users", data).status == 201

    def test_a_chunked_body_is_read(self, server, scim):
        data = json.dumps(user()).encode()
        chunks = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(data[i:i + 7]),
                                                   data[i:i + 7])
                          for i in range(0, len(data), 7))

        r = scim.request("POST", "/Users", chunks + b"0\r\nX-T: y\r\n\r\n",
                         headers={"Transfer-Encoding": "chunked",
                                  "Content-Type": SCIM})

        assert r.status == 201
        assert scim.get("/Users?count=0").status == 200

    def test_a_chunked_body_over_the_limit_is_413(self, server):
        client = server.client()
        connection = client.raw().open()
        connection.send(request_bytes("POST", client.target("/Users"), [
            ("Host", "x"), ("Authorization", "Bearer " + client.token),
            ("Content-Type", SCIM), ("Transfer-Encoding", "chunked")]))
        block = b"10000\r\n" + b" " * 65536 + b"\r\n"
        try:
            for _ in range(80):
                connection.send(block)
        except OSError:
            pass
        assert connection.read("POST").status == 413
        connection.close()


class TestConnections:
    def test_many_requests_share_one(self, server, scim):
        connection = scim.raw().open()
        made = scim.create("/Users", user())
        one = request_bytes("GET", scim.target("/Users/" + made["id"]), [
            ("Host", "x"), ("Authorization", "Bearer " + scim.token)])
        sock = connection.sock
        for _ in range(50):
            connection.send(one)
            assert connection.read().json == made
            assert connection.sock is sock
        connection.close()

    # @spec 9110-15.4.5-04
    def test_requests_may_come_before_answers(self, server, scim):
        made = [scim.create("/Users", user()) for _ in range(4)]
        head = [("Host", "x"), ("Authorization", "Bearer " + scim.token)]
        body = json.dumps(made[1] | {"title": "Piped"}).encode()
        wire = b"".join([
            request_bytes("GET", scim.target("/Users/" + made[0]["id"]),
                          head),
            request_bytes("PUT", scim.target("/Users/" + made[1]["id"]),
                          head + [("Content-Type", SCIM),
                                  ("Content-Length", str(len(body)))], body),
            request_bytes("GET", scim.target("/Users/" + made[1]["id"]),
                          head),
            request_bytes("HEAD", scim.target("/Users/" + made[2]["id"]),
                          head),
            request_bytes("GET", scim.target("/Users/" + made[3]["id"]),
                          head + [("If-None-Match", "*")]),
            request_bytes("DELETE", scim.target("/Users/" + made[3]["id"]),
                          head),
            request_bytes("GET", scim.target("/Nowhere"), head),
            request_bytes("GET", scim.target("/Users/" + made[3]["id"]),
                          head),
        ])

        with scim.raw() as c:
            c.send(wire)
            got = [c.read(m) for m in ("GET", "PUT", "GET", "HEAD", "GET",
                                       "DELETE", "GET", "GET")]

        assert [r.status for r in got] == [200, 200, 200, 200, 304, 204,
                                           404, 404]
        assert got[0].json == made[0]
        assert got[2].json["title"] == "Piped"
        assert got[2].etag == got[1].etag

    def test_a_connection_is_closed_when_asked(self, scim):
        with scim.raw() as c:
            c.send(request_bytes("GET", scim.target("/Schemas"), [
                ("Host", "x"), ("Connection", "close")]))
            r = c.read()
            assert r.status == 200
            assert r.header("Connection").lower() == "close"
            assert c.is_closed_by_server()

    def test_http_1_0_gets_an_answer_and_the_end(self, scim):
        with scim.raw() as c:
            c.send(f"GET {scim.target('/Schemas')} HTTP/1.0\r\n"
                   "Host: x\r\n\r\n".encode())
            r = c.read()
            assert r.status == 200
            assert r.json["totalResults"] >= 3
            assert c.is_closed_by_server()

    def test_an_upgrade_is_ignored(self, scim):
        made = scim.create("/Users", user())
        headers = {"Connection": "Upgrade, HTTP2-Settings",
                   "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}

        for _ in range(2):
            r = scim.get("/Users/" + made["id"], headers=headers)
            assert r.status == 200
            assert r.json == made
        r = scim.put("/Users/" + made["id"], made | {"title": "X"},
                     headers=headers)
        assert r.status == 200

    # @spec 9110-10.1.1-02
    def test_another_expectation_is_ignored_or_refused(self, scim):
        try:
            r = scim.post("/Users", user(), headers={"Expect": "a-miracle"})
            assert r.status == 201
        except Closed:
            pytest.fail("no answer")

    def test_answers_are_whole_for_slow_readers(self, scim):
        made = scim.create("/Users", full_user(
            displayName="long " * 20000))
        with scim.raw() as c:
            one = request_bytes("GET", scim.target("/Users/" + made["id"]), [
                ("Host", "x"), ("Authorization", "Bearer " + scim.token)])
            c.send(one * 20)
            time.sleep(0.3)
            for _ in range(20):
                assert c.read().json == made

    # @spec 9110-6.6.1-01
    def test_times_of_answers_are_now(self, scim):
        r = scim.post("/Groups", group())
        got = time.mktime(time.strptime(
            r.header("Date"), "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
        assert abs(got - time.time()) < 3
        # @spec 9110-8.8.2.1-02, 9110-8.8.2.1-03
        modified = time.mktime(time.strptime(
            r.header("Last-Modified"), "%a, %d %b %Y %H:%M:%S GMT")
        ) - time.timezone
        assert 0 <= got - modified < 3
