# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 and SCIM client for tests.

Libraries repair what they send and tidy what they receive.  This one sends
exactly what it is told, keeps header order and duplicates, and checks after
every answer what must be true of each of them.
"""

import json
import re
import socket
import time

SCIM = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

SCIM_TYPES = {
    "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax",
    "invalidPath", "noTarget", "invalidValue", "invalidVers", "sensitive",
    "invalidCursor", "expiredCursor", "invalidCount",
}
STATUSES = {
    200, 201, 204, 304, 308, 400, 401, 403, 404, 405, 408, 409, 410, 411,
    412, 413, 414, 415, 428, 429, 431, 500, 501, 503,
}
IMF_FIXDATE = re.compile(
    r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d GMT$")
ENTITY_TAG = re.compile(r'^(W/)?"[\x21\x23-\x7e]*"$')


class Closed(Exception):
    """The server closed the connection without a whole answer."""


class Response:
    def __init__(self, method, status, reason, version, headers, body):
        self.method = method
        self.status = status
        self.reason = reason
        self.version = version
        self.headers = headers
        self.body = body

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def header(self, name):
        """The value of a field, or None.  Two field lines are an error."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def etag(self):
        return self.header("ETag")

    @property
    def json(self):
        return json.loads(self.body.decode("utf-8"))

    @property
    def scim_type(self):
        return self.json.get("scimType")

    @property
    def detail(self):
        return self.json.get("detail", "")

    @property
    def resources(self):
        return self.json.get("Resources", [])

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def check_every_answer(r):
    """What holds for each answer of each path, whatever was asked."""
    assert r.status in STATUSES, r
    assert r.version == "HTTP/1.1", r
    # @spec 9110-6.6.1-01, 9110-5.6.7-02
    assert IMF_FIXDATE.match(r.header("Date") or ""), r.headers
    assert IMF_FIXDATE.match(r.header("Last-Modified") or r.header("Date"))
    # @spec 7644-7.4-04
    assert not r.all("Set-Cookie")
    if r.status == 204:
        # @spec 9110-8.6-01
        assert r.header("Content-Length") is None
    if r.status == 304:
        # @spec 9110-15.4.5-04, 9110-15.4.5-03
        assert r.body == b""
        assert r.header("Content-Type") is None
        assert r.header("Last-Modified") is None
    # @spec 9110-8.8.3-07, 9110-8.8.3-01
    if r.etag is not None:
        assert ENTITY_TAG.match(r.etag), r.etag
        # @spec 9110-8.8.3-05
        assert re.match(r'^(W/)?"[A-Za-z0-9._~-]*"$', r.etag), r.etag
    if r.status >= 400:
        check_error(r)
    elif r.body and r.method != "HEAD":
        check_resource(r)


def check_error(r):
    # @spec 9110-9.3.2-01
    if r.method == "HEAD":
        assert r.body == b""
        return
    # @spec 9457-3-01
    assert r.header("Content-Type") == SCIM, r.headers
    body = r.json
    # @spec 7644-3.12-01
    assert body["schemas"][0] == ERROR
    # @spec 7644-3.12-02, 7644-3.12-26, 7644-3.2-08
    assert body["status"] == str(r.status)
    # @spec 7644-3.12-04
    assert body["detail"].strip()
    # @spec 7644-3.12-03
    assert body.get("scimType", "invalidValue") in SCIM_TYPES
    if r.status == 401:
        # @spec 9110-11.6.1-01
        assert r.all("WWW-Authenticate")
    if r.status == 405:
        # @spec 9110-10.2.1-01
        assert r.header("Allow")
    if r.status in (429, 503):
        # @spec 9110-10.2.3-01
        assert r.header("Retry-After").isdigit()
    if r.status in (412, 428):
        # @spec 6585-3-05
        assert "no-store" in r.header("Cache-Control")
        # @spec 9110-15.5.13-01
        assert "scimType" not in body


def check_resource(r):
    """A body that is a resource names its version as the header does."""
    if r.header("Content-Type") != SCIM:
        return
    body = r.json
    # @spec 7644-3.1-02
    assert isinstance(body["schemas"], list) and body["schemas"]
    # @spec 7643-3.1-22, 7644-3.14-03
    version = body.get("meta", {}).get("version")
    if version is not None:
        assert version == r.etag
    # @spec 7644-3.3-09
    location = body.get("meta", {}).get("location")
    if location is not None and r.header("Location") is not None:
        assert location == r.header("Location")
    # @spec 7643-4.1.1-12, 7643-7-16
    assert "password" not in body


class Connection:
    """One TCP connection that sends bytes as given and parses answers."""

    def __init__(self, host, port, timeout=20, where=None):
        self.address = (host, port)
        self.timeout = timeout
        self.where = where
        self.sock = None
        self.buffer = b""

    def open(self):
        if self.sock is None:
            self.sock = socket.create_connection(self.address, self.timeout)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.buffer = b""
        return self

    def close(self):
        if self.sock is not None:
            self.sock.close()
            self.sock = None
        self.buffer = b""

    def __enter__(self):
        return self.open()

    def __exit__(self, *exc):
        self.close()

    def send(self, data):
        self.open()
        self.sock.sendall(data)

    def shut(self):
        """Say that nothing more comes; answers can still be read."""
        self.sock.shutdown(socket.SHUT_WR)

    def more(self):
        try:
            data = self.sock.recv(65536)
        except (ConnectionError, BrokenPipeError) as e:
            raise Closed(str(e)) from e
        except TimeoutError as e:
            if self.where is None:
                raise
            raise TimeoutError(f"nothing came for {self.sock.gettimeout()} s."
                               f"  {self.where()}") from e
        if not data:
            raise Closed("closed")
        self.buffer += data

    def take_until(self, mark):
        while mark not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def take_chunked(self):
        body = b""
        while True:
            size = int(self.take_until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                while self.take_until(b"\r\n"):
                    pass
                return body
            body += self.take(size)
            assert self.take(2) == b"\r\n"

    def take_to_end(self):
        try:
            while True:
                self.more()
        except Closed:
            data, self.buffer = self.buffer, b""
            return data

    def read_head(self):
        lines = self.take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, *reason = lines[0].split(" ", 2)
        headers = []
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))
        return version, int(status), "".join(reason), headers

    def read(self, method="GET", interim=False):
        """Read one answer; 1xx answers are skipped unless asked for."""
        while True:
            version, status, reason, headers = self.read_head()
            if status >= 200 or interim:
                break
        r = Response(method, status, reason, version, headers, b"")
        if status < 200 or status in (204, 304) or method == "HEAD":
            pass
        elif "chunked" in [v.lower() for v in r.all("Transfer-Encoding")]:
            r.body = self.take_chunked()
        elif r.header("Content-Length") is not None:
            r.body = self.take(int(r.header("Content-Length")))
        else:
            r.body = self.take_to_end()
        if "close" in (r.header("Connection") or "").lower():
            self.close()
        return r

    def is_closed_by_server(self, within=5.0):
        """True when the server ends the connection without another byte."""
        if self.sock is None:
            return True
        self.sock.settimeout(within)
        try:
            return self.sock.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def encode_body(body):
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8")
    return json.dumps(body).encode("utf-8")


def request_bytes(method, target, headers, body=None):
    """A request as it goes over the wire; str is sent as Latin-1."""
    head = [f"{method} {target} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + (body or b"")


class Client:
    """A caller with a token, on one keep-alive connection."""

    def __init__(self, host, port, token=None, base="/scim/v2", timeout=20,
                 where=None):
        """`where` tells of a server that is silent where it is."""
        self.host, self.port, self.token, self.base = host, port, token, base
        self.timeout = timeout
        self.where = where
        self.connection = Connection(host, port, timeout, where)
        self.checks = True

    @property
    def root(self):
        return f"http://{self.host}:{self.port}"

    @property
    def url(self):
        return self.root + self.base

    def close(self):
        self.connection.close()

    def at(self, base):
        """The same caller below another base path."""
        return Client(self.host, self.port, self.token, base, self.timeout,
                      self.where)

    def having(self, token):
        """Another caller with this token, or none."""
        return Client(self.host, self.port, token, self.base, self.timeout,
                      self.where)

    def raw(self):
        return Connection(self.host, self.port, self.timeout, self.where)

    def target(self, path):
        if path.startswith("http://"):
            return "/" + path.split("/", 3)[3]
        return self.base + path

    def head_for(self, headers, body):
        given = [n.lower() for n, _ in headers]
        out = []
        if "host" not in given:
            out.append(("Host", f"{self.host}:{self.port}"))
        if self.token is not None and "authorization" not in given:
            out.append(("Authorization", f"Bearer {self.token}"))
        out += [(n, v) for n, v in headers if v is not None]
        if body is not None and "content-type" not in given:
            out.append(("Content-Type", SCIM))
        framed = "content-length" in given or "transfer-encoding" in given
        if body is not None and not framed:
            out.append(("Content-Length", str(len(body))))
        return out

    def request(self, method, path, body=None, headers=()):
        """Send one request.  `headers` is a dict or a list of pairs; a
        value of None leaves out what would be sent by itself."""
        if isinstance(headers, dict):
            headers = list(headers.items())
        body = encode_body(body)
        wire = request_bytes(method, self.target(path),
                             self.head_for(list(headers), body), body)
        r = self.exchange(method, wire)
        if self.checks:
            check_every_answer(r)
        return r

    def exchange(self, method, wire):
        reused = self.connection.sock is not None
        try:
            return self.send_and_read(method, wire)
        except (Closed, ConnectionError):
            self.connection.close()
            if not reused:
                raise
        return self.send_and_read(method, wire)

    def send_and_read(self, method, wire):
        """The answer may come, and the connection end, before all is sent."""
        self.connection.open()
        try:
            self.connection.send(wire)
        except ConnectionError:
            pass
        return self.connection.read(method)

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def head(self, path, **kw):
        return self.request("HEAD", path, **kw)

    def post(self, path, body=None, **kw):
        return self.request("POST", path, body, **kw)

    def put(self, path, body=None, **kw):
        return self.request("PUT", path, body, **kw)

    def patch(self, path, body=None, **kw):
        return self.request("PATCH", path, body, **kw)

    def delete(self, path, **kw):
        return self.request("DELETE", path, **kw)

    def create(self, path, body):
        """Create a resource that must come to be; its representation."""
        r = self.post(path, body)
        assert r.status == 201, r
        return r.json


def quote(text):
    """Percent-encode a query value."""
    safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(c if c in safe else
                   "".join(f"%{b:02X}" for b in c.encode("utf-8"))
                   for c in text)


def http_date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))
