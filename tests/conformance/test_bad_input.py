# SPDX-License-Identifier: Apache-2.0
"""What bad input gets: an error or the end of the connection, never a change
and never the end of the server."""

import contextlib
import json
import random
import socket
import time

import pytest

from samples import full_user, group, user
from scim_client import (ENTERPRISE, SCIM, USER, Client, Closed, Connection,
                         check_every_answer, request_bytes)


class Bystander:
    """A resource that nothing in a test may touch."""

    def __init__(self, scim):
        self.scim = scim
        self.made = scim.create("/Users", full_user())
        self.path = "/Users/" + self.made["id"]
        self.total = self.count()

    def count(self):
        return [self.scim.get(p + "?count=0").json["totalResults"]
                for p in ("/Users", "/Groups")]

    def check(self):
        again = Client(self.scim.host, self.scim.port, self.scim.token)
        r = again.get(self.path)
        again.close()
        assert r.status == 200
        assert r.json == self.made
        assert self.count() == self.total


@pytest.fixture
def unharmed(scim):
    bystander = Bystander(scim)
    yield bystander
    bystander.check()


def head(scim, *more, method="POST", path="/Users", version="HTTP/1.1"):
    """A request head with a host and credentials, and what is added."""
    lines = [f"{method} {scim.target(path)} {version}", "Host: x",
             f"Authorization: Bearer {scim.token}",
             f"Content-Type: {SCIM}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer_to(scim, wire, end=False, timeout=10):
    """The checked answer to some bytes; None when the server just closes."""
    connection = Connection(scim.host, scim.port, timeout)
    try:
        connection.send(wire)
        if end:
            with contextlib.suppress(OSError):
                connection.shut()
        r = connection.read("GET")
        check_every_answer(r)
        return r
    except (Closed, ConnectionError):
        return None
    finally:
        connection.close()


def refused(r, *statuses):
    """Closed, or answered with one of the statuses."""
    return r is None or r.status in statuses


class TestTruncation:
    def whole(self, scim, bystander):
        body = json.dumps(bystander.made | {"title": "Cut"}).encode()
        return head(scim, f"Content-Length: {len(body)}",
                    f"If-Match: {bystander.made['meta']['version']}",
                    method="PUT", path=bystander.path) + body

    def test_every_truncated_request_changes_nothing(self, scim, unharmed):
        wire = self.whole(scim, unharmed)
        step = max(1, len(wire) // 700)
        for length in range(0, len(wire), step):
            r = answer_to(scim, wire[:length], end=True)
            assert refused(r, 400, 401, 408, 411), (length, r)
        assert refused(answer_to(scim, wire[:-1], end=True), 400, 408)

    # @spec 7644-3.3-13
    def test_every_truncated_body_is_refused(self, scim, unharmed):
        body = json.dumps(unharmed.made | {"title": "Cut"})
        for length in range(len(body)):
            r = scim.put(unharmed.path, body[:length])
            assert r.status == 400, length
            assert r.scim_type == "invalidSyntax", length

    def test_clients_that_go_away_leave_nothing(self, scim, unharmed):
        wire = self.whole(scim, unharmed)
        for length in range(1, len(wire), 41):
            c = Connection(scim.host, scim.port).open()
            c.send(wire[:length])
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              b"\x01\x00\x00\x00\x00\x00\x00\x00")
            c.close()


class TestSize:
    # @spec 7644-3.12-28, 9110-15.5.14-01
    def test_ten_megabytes_are_refused(self, scim, unharmed):
        data = b'{"schemas":["' + b"x" * (10 << 20) + b'"]}'
        wire = head(scim, f"Content-Length: {len(data)}")
        connection = Connection(scim.host, scim.port).open()
        with contextlib.suppress(OSError):
            connection.send(wire)
            connection.send(data)
        with contextlib.suppress(Closed, ConnectionError):
            r = connection.read("POST")
            check_every_answer(r)
            assert r.status == 413
        connection.close()

    @pytest.mark.parametrize("opening, closing", [
        ("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"),
    ])
    @pytest.mark.parametrize("where", ["%s", '{"schemas":%s}',
                                       '{"unknown":%s}', '{"name":%s}',
                                       '{"emails":%s}'])
    @pytest.mark.parametrize("closed", [True, False])
    def test_a_hundred_thousand_levels_are_refused(
            self, scim, unharmed, opening, closing, where, closed):
        deep = opening * 100000 + ("1" + closing * 100000 if closed else "")

        r = scim.post("/Users", where % deep)

        assert r.status == 400
        assert r.scim_type == "invalidSyntax"

    def test_the_depth_limit_is_just_that(self, scim):
        def nested(depth):
            return "[" * depth + "]" * depth

        for depth, status in ((30, 201), (33, 400)):
            text = json.dumps(user())[:-1] + ',"unknown":%s}' % nested(depth)
            assert scim.post("/Users", text).status == status, depth

    def test_long_names_and_many_of_them_are_no_trouble(self, scim):
        many = {f"unknown{n}": n for n in range(20000)}
        assert scim.post("/Users", user(**many)).status in (201, 400, 413)
        r = scim.post("/Users", user(**{"x" * 100000: 1}))
        assert r.status in (201, 400)
        emails = [{"value": f"{n}@x.example"} for n in range(5000)]
        assert scim.post("/Users", user(emails=emails)).status in (
            201, 400, 413)

    @pytest.mark.parametrize("number", [
        "1e400", "-1e400", "1" * 400, "1e-400", "0." + "1" * 400,
        "9223372036854775808", "-0", "1E+2"])
    def test_numbers_of_any_size_are_no_trouble(self, scim, unharmed, number):
        for name in ("active", "title", "unknown"):
            r = scim.post("/Users", '{"schemas":["%s"],"userName":1,"%s":%s}'
                          % (USER, name, number))
            assert r.status == 400


class TestJson:
    # @spec 7643-2.1-04
    def test_duplicate_keys_are_refused_everywhere(self, scim, unharmed):
        bodies = [
            '{"schemas":["%s"],"schemas":["%s"],"userName":"a"}' % (USER,
                                                                    USER),
            '{"schemas":["%s"],"userName":"a","unknown":1,"unknown":1}'
            % USER,
            '{"schemas":["%s"],"userName":"a","emails":[{"value":"a",'
            '"value":"a"}]}' % USER,
            '{"schemas":["%s"],"userName":"a","%s":{},"%s":{}}' % (
                USER, ENTERPRISE, ENTERPRISE),
            '{"schemas":["%s"],"userName":"a","x":{"y":1,"y":2}}' % USER,
            '{"schemas":["%s"],"userName":"a","user\\u004eame":"b"}' % USER,
        ]
        for body in bodies:
            r = scim.post("/Users", body)
            assert r.status == 400, body
            assert r.scim_type == "invalidSyntax", body

    @pytest.mark.parametrize("body", [
        b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"{}\x00", b"{\x00}",
        b'{"a":"\x00"}', b'{"a":"\n"}', b'{"a":"\x1f"}', b'{"a":"\\x"}',
        b'{"a":"\\u12"}', b'{"a":"\\u12g4"}', b'{"a":tru}', b'{"a":NaN}',
        b'{"a":Infinity}', b'{"a":01}', b'{"a":1.}', b'{"a":.1}',
        b'{"a":+1}', b'{"a":1e}', b'{"a":0x1}', b'{"a"}', b'{:1}', b'{,}',
        b'{"a":1 "b":2}', b'{"a":[1,]}', b'{"a":[,1]}', b'{a:1}',
        b'/* */{}', b'{}//', b"{'a':1}", b'{"a":1}}', b"  ", b'"', b"\\",
        b'{"a":"', b"[" * 40, b"{" * 40,
    ])
    def test_what_is_almost_json_is_refused(self, scim, unharmed, body):
        for r in (scim.post("/Users", body), scim.put(unharmed.path, body)):
            assert r.status == 400
            assert r.scim_type == "invalidSyntax"

    @pytest.mark.parametrize("schemas", [
        [USER] * 1000, [USER, 7], [USER, None], [USER, [USER]], "x" * 100000,
        {"a": [USER]}, True, 7])
    def test_odd_schemas_do_no_harm(self, scim, schemas):
        r = scim.post("/Users", user(schemas=schemas))

        assert r.status in (201, 400)
        if r.status == 201:
            assert r.json["schemas"] == [USER]

    def test_a_body_of_the_wrong_kind_is_refused(self, scim, unharmed):
        r = scim.post("/Users", group())
        assert r.status == 400
        r = scim.post("/Groups", user())
        assert r.status == 400
        r = scim.put("/Groups/" + unharmed.made["id"], group())
        assert r.status == 404


class TestFraming:
    """Shapes with which a proxy and a server may read two requests."""

    BODY = b'{"schemas":["' + USER.encode() + b'"],"userName":"smuggled"}'

    def check(self, scim, wire, *statuses, end=True):
        r = answer_to(scim, wire, end=end)
        assert refused(r, *statuses), r
        return r

    # @spec 9110-2.4-01
    @pytest.mark.parametrize("lines", [
        ["Content-Length: {n}", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: {n}"],
        ["Content-Length: {n}", "Content-Length: 5"],
        ["Content-Length: {n}, 5"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: chunked, gzip"],
        ["Transfer-Encoding: chunked, chunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: identity"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: \x0bchunked"],
        ["Transfer-Encoding: gzip"],
        ["Transfer-Encoding : chunked"],
        ["Transfer-Encoding:\tfoo"],
        [" Transfer-Encoding: chunked"],
        ["X: y\r\n Transfer-Encoding: chunked"],
        ["Content-Length : {n}"],
        ["Content-Length: {n}\rX: y"],
        ["Content-Length: {n}\x00"],
        ["Content-Length: -{n}"],
    ])
    def test_doubtful_lengths_are_refused(self, scim, unharmed, lines):
        n = len(self.BODY)
        wire = head(scim, *[line.format(n=n) for line in lines])
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (n, self.BODY)

        for body in (self.BODY, chunked):
            self.check(scim, wire + body, 400, 501, 411)

    @pytest.mark.parametrize("body", [
        b"5\r\nhello\r\n", b"5\nhello\n0\n\n", b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n", b"g\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloworld\r\n0\r\n\r\n", b"\r\nhello\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
        b"5;" + b"x" * 100000 + b"\r\nhello\r\n0\r\n\r\n",
        b"0\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000))
        + b"\r\n",
        b"5\rhello\r0\r\r", b"+5\r\nhello\r\n0\r\n\r\n",
    ])
    def test_bad_chunks_are_refused(self, scim, unharmed, body):
        wire = head(scim, "Transfer-Encoding: chunked") + body

        self.check(scim, wire, 400, 408, 413, 431)

    @pytest.mark.parametrize("lines", [
        [], ["Host: a", "Host: a"], ["Host: a", "Host: b"],
        ["Host: a, b"], ["Host: a b"], ["Host: a/b"], ["Host: a\x00"],
        ["Host : a"], ["host: a", "HOST: a"], ["Host: a@b"],
    ])
    def test_one_host_is_named(self, scim, unharmed, lines):
        wire = request_bytes("GET", scim.target(unharmed.path),
                             [("Authorization", "Bearer " + scim.token)]
                             )[:-2]
        wire += ("".join(line + "\r\n" for line in lines)
                 + "\r\n").encode("latin-1")

        self.check(scim, wire, 400)

    @pytest.mark.parametrize("version", [
        "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3", "HTTP/1", "HTTP/11.1",
        "HTTP/1.10", "http/1.1", "HTTX/1.1", "", "HTTP/1.1 x", "RTSP/1.0",
        "HTTP/1.1\x00",
    ])
    def test_other_protocols_are_refused(self, scim, unharmed, version):
        wire = head(scim, method="GET", path=unharmed.path, version=version)

        self.check(scim, wire, 400, 501)

    def test_chunks_in_http_1_0_are_refused(self, scim, unharmed):
        n = len(self.BODY)
        wire = head(scim, "Transfer-Encoding: chunked", version="HTTP/1.0")

        self.check(scim, wire + b"%x\r\n%s\r\n0\r\n\r\n" % (n, self.BODY),
                   400, 501)

    def test_lines_end_in_cr_lf(self, scim, unharmed):
        n = len(self.BODY)
        good = head(scim, f"Content-Length: {n}")
        for bad in (good.replace(b"\r\n", b"\n"),
                    good.replace(b"\r\n", b"\r"),
                    good.replace(b"Host: x\r\n", b"Host: x\n"),
                    good.replace(b"\r\n\r\n", b"\n\n"),
                    good.replace(b"\r\n", b"\n", 1),
                    good[:-2] + b"\n"):
            self.check(scim, bad + self.BODY, 400, 408)

    # @spec 9110-5.5-02
    @pytest.mark.parametrize("line", [
        "X: a\x00b", "X: a\x01b", "X: a\x7fb", "X\x00: a", "X y: a", ": a",
        "X", "\x80: a", "X(: a", "X\x7f: a", "X: a\rb", " X: a",
    ])
    def test_bad_header_lines_are_refused(self, scim, unharmed, line):
        wire = head(scim, line, method="GET", path=unharmed.path)

        r = answer_to(scim, wire, end=True)

        assert refused(r, 400) or (r.status == 200
                                   and line in ("X: a\x01b", "X: a\x7fb"))

    @pytest.mark.parametrize("line", [
        b"GET", b"GET ", b"GET /", b"GET  /scim/v2/Users HTTP/1.1",
        b"GET\t/scim/v2/Users\tHTTP/1.1", b"/scim/v2/Users HTTP/1.1",
        b"GET /scim/v2/Us\x00ers HTTP/1.1", b"GET /scim/v2/\x80 HTTP/1.1",
        b"GET /scim/v2/Users\x01 HTTP/1.1", b"\x00", b"\x16\x03\x01\x00\xa5",
        b"PRI * HTTP/2.0", b"GET http:// HTTP/1.1", b"G@T / HTTP/1.1",
        b"GET ?x HTTP/1.1", b"GET Users HTTP/1.1", b" GET / HTTP/1.1",
        b"\x80\x81\x82", b"GET / HTTP/1.1 ",
    ])
    def test_bad_request_lines_are_refused(self, scim, unharmed, line):
        wire = line + b"\r\n" + head(scim).split(b"\r\n", 1)[1]

        self.check(scim, wire, 400, 404, 501)

    # An identity provider was seen sending a quotation mark as it is.
    def test_a_raw_quotation_mark_in_a_filter_is_taken(self, scim, unharmed):
        name = unharmed.made["userName"]
        r = answer_to(scim, head(
            scim, method="GET",
            path=f'/Users?filter=userName%20eq%20"{name}"'))

        assert r is not None
        assert r.status == 200
        assert r.json["totalResults"] == 1

    def test_what_follows_a_refused_request_is_not_run(self, scim, unharmed):
        inner = head(scim, method="DELETE", path=unharmed.path)
        for wire in (
                head(scim, f"Content-Length: {len(inner)}",
                     "Transfer-Encoding: chunked") + b"0\r\n\r\n" + inner,
                head(scim, "Content-Length: 0", "Content-Length: 5") + inner,
                head(scim, "Transfer-Encoding: gzip") + inner,
                head(scim, f"Content-Length: {len(inner)}") + inner):
            answer_to(scim, wire, end=True)

    def test_an_absolute_target_is_read(self, scim, unharmed):
        wire = (f"GET http://any.example{scim.target(unharmed.path)} "
                "HTTP/1.1\r\nHost: any.example\r\n"
                f"Authorization: Bearer {scim.token}\r\n\r\n").encode()

        r = answer_to(scim, wire)

        assert refused(r, 200, 400)
        if r is not None and r.status == 200:
            assert r.json == unharmed.made


def flood(scim, start, more):
    """The answer to a request that does not end; None for a mere close.

    The server may read on for a while, so that its answer arrives.
    """
    connection = Connection(scim.host, scim.port, 10).open()
    connection.send(start + more * (200000 // len(more)))
    try:
        r = connection.read()
        check_every_answer(r)
    except (Closed, ConnectionError):
        r = None
    end = time.monotonic() + 5
    with contextlib.suppress(OSError):
        while connection.sock is not None and time.monotonic() < end:
            connection.send(more)
            time.sleep(0.01)
    assert time.monotonic() < end, "the server reads on and on"
    connection.close()
    return r


class TestNoise:
    """Valid requests with random damage, sent with a token that may only
    read, so that nothing they turn into can change anything."""

    @pytest.mark.parametrize("seed", range(4))
    def test_damaged_requests_do_no_harm(self, server, scim, unharmed, seed):
        noise = random.Random(seed)
        reader = server.client(server.make_token(scope="read"))
        body = json.dumps(unharmed.made).encode()
        whole = [
            head(reader, method="GET", path=unharmed.path,
                 version="HTTP/1.1"),
            head(reader, f"Content-Length: {len(body)}", method="PUT",
                 path=unharmed.path) + body,
            head(reader, "Transfer-Encoding: chunked")
            + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
            head(reader, 'If-None-Match: "a", W/"b"', method="GET",
                 path='/Users?filter=userName%20eq%20%22a%22&count=2'),
        ]
        for _ in range(150):
            wire = bytearray(noise.choice(whole))
            for _ in range(noise.randint(1, 4)):
                at = noise.randrange(len(wire))
                kind = noise.randrange(4)
                if kind == 0:
                    wire[at] = noise.randrange(256)
                elif kind == 1:
                    del wire[at:at + noise.randint(1, 20)]
                elif kind == 2:
                    wire[at:at] = noise.randbytes(noise.randint(1, 20))
                else:
                    wire[at:at] = wire[at:at + noise.randint(1, 200)]
                wire = wire or bytearray(b"x")
            with contextlib.suppress(ConnectionError):
                answer_to(reader, bytes(wire), end=True)
        reader.close()

    @pytest.mark.parametrize("seed", range(4))
    def test_damaged_bodies_do_no_harm(self, scim, seed):
        noise = random.Random(seed)
        text = json.dumps(full_user())
        marks = list('{}[],:"\\ -.eE0129tfnu/') + ["null", "true", "\\ud800",
                                                    "\u00e9", "\x00"]
        for _ in range(300):
            damaged = text
            for _ in range(noise.randint(1, 3)):
                at = noise.randrange(len(damaged))
                cut = noise.choice([0, 0, 1, 5])
                damaged = (damaged[:at] + noise.choice(marks)
                           + damaged[at + cut:])
            r = scim.post("/Users", damaged)
            assert r.status in (201, 400, 409), damaged
            if r.status == 201:
                ident = r.json["id"]
                assert scim.get("/Users/" + ident).json == r.json
                again = scim.put("/Users/" + ident, r.json)
                assert again.etag == r.etag, damaged
                assert scim.delete("/Users/" + ident).status == 204


class TestFloodsAndSlowness:
    # @spec 6585-5-01
    @pytest.mark.parametrize("line", [b"X: y\r\n", b"y" * 1000,
                                      b"X: " + b"y" * 1000 + b"\r\n"])
    def test_headers_without_end_are_cut_off(self, scim, unharmed, line):
        r = flood(scim, head(scim, method="GET", path="/Users")[:-2], line)

        assert refused(r, 431)

    @pytest.mark.parametrize("start", [b"GET /", b"G", b"GET /x?"])
    def test_a_request_line_without_end_is_cut_off(self, scim, unharmed,
                                                   start):
        r = flood(scim, start, b"x" * 1000)

        assert refused(r, 400, 414, 431, 501)

    def test_slow_clients_are_told_and_dropped(self, own_server):
        server = own_server(settings=[("request_ms", "600"),
                                      ("idle_ms", "900")])
        scim = server.client()
        bystander = Bystander(scim)
        body = json.dumps(user()).encode()
        wires = {
            "nothing": b"",
            "half a line": b"GET /scim",
            "half a head": head(scim)[:-2],
            "no body": head(scim, f"Content-Length: {len(body)}"),
            "half a body": head(scim, f"Content-Length: {len(body)}")
            + body[:20],
            "half a chunk": head(scim, "Transfer-Encoding: chunked")
            + b"ff\r\n{",
        }
        open_ones = {}
        for name, wire in wires.items():
            open_ones[name] = Connection(scim.host, scim.port, 5).open()
            open_ones[name].send(wire)
        start = time.monotonic()
        for name, connection in open_ones.items():
            try:
                r = connection.read()
                check_every_answer(r)
                assert r.status == 408, name
            except Closed:
                pass
            assert connection.is_closed_by_server(), name
            connection.close()
        assert time.monotonic() - start < 4
        bystander.check()
        scim.close()

    def test_a_drip_does_not_keep_a_request_alive(self, own_server):
        server = own_server(settings=[("request_ms", "800"),
                                      ("idle_ms", "800")])
        scim = server.client()
        connection = Connection(scim.host, scim.port, 5).open()
        wire = head(scim, "Content-Length: 1000")
        start = time.monotonic()
        try:
            for i in range(len(wire)):
                connection.send(wire[i:i + 1])
                time.sleep(0.03)
                if time.monotonic() - start > 6:
                    break
        except OSError:
            pass
        assert time.monotonic() - start < 5
        connection.close()
        assert scim.get("/Users?count=0").status == 200
        scim.close()

    def test_many_idle_connections_do_not_stop_the_server(self, scim,
                                                          unharmed):
        idle = [Connection(scim.host, scim.port).open() for _ in range(300)]
        for n, c in enumerate(idle):
            if n % 2:
                c.send(b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n")
        assert scim.get("/Users?count=0").status == 200
        for c in idle:
            c.close()

    def test_readers_that_never_read_do_not_stop_the_server(self, scim,
                                                            unharmed):
        big = scim.create("/Users", user(displayName="x" * 100000))
        one = head(scim, method="GET", path="/Users/" + big["id"])
        stuck = []
        for _ in range(20):
            c = Connection(scim.host, scim.port).open()
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            c.sock.settimeout(1)
            with contextlib.suppress(OSError):
                c.send(one * 50)
            stuck.append(c)
        assert scim.get("/Users?count=0").status == 200
        assert scim.put("/Users/" + big["id"],
                        big | {"displayName": "y"}).status == 200
        for c in stuck:
            c.close()
        scim.delete("/Users/" + big["id"])


class TestQueries:
    @pytest.mark.parametrize("query", [
        "attributes=" + "x," * 5000, "attributes=%00", "attributes=..",
        "attributes=a.b.c.d", "attributes=:", "attributes=urn:",
        "attributes=" + USER + ":", "excludedAttributes=" + "[" * 1000,
        "attributes=%C3%28", "attributes[]=x", "=", "&&&&", "=&=", "x=%",
        "attributes=a&attributes=b", "count=1&count=2", "startIndex",
        "filter", "filter=%", "attributes",
    ])
    def test_odd_parameters_do_no_harm(self, scim, unharmed, query):
        for path in ("/Users", unharmed.path, "/Schemas"):
            assert scim.get(f"{path}?{query}").status in (200, 400, 403)

    def test_deep_filters_do_no_harm(self, scim, unharmed):
        for text in ("(" * 4000, "not%20(" * 1000, "emails[" * 1000,
                     "(" * 1000 + "userName%20eq%20%22x%22" + ")" * 1000,
                     "userName%20eq%20%22x%22%20and%20" * 250
                     + "title%20pr"):
            r = scim.get("/Users?filter=" + text)
            assert r.status in (400, 501)
