# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 7.2: TLS on the same listener."""

import contextlib
import http.client
import json
import socket
import ssl
import subprocess

import pytest

from samples import user
from scim_client import SCIM
from scimd_server import Server


class TlsServer(Server):
    def is_ready(self):
        context = ssl.create_default_context(cafile=str(self.cert))
        with contextlib.suppress(OSError, http.client.HTTPException):
            c = http.client.HTTPSConnection("127.0.0.1", self.port,
                                            context=context, timeout=5)
            c.request("GET", "/readyz")
            return c.getresponse().status == 200
        return False


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    place = tmp_path_factory.mktemp("tls")
    cert, key = place / "cert.pem", place / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", str(key), "-out", str(cert)],
                   check=True, capture_output=True)
    server = TlsServer(place / "server", args=["--tls-cert", str(cert),
                                               "--tls-key", str(key)])
    server.cert = cert
    server.start()
    yield server
    server.stop()


def connect(server, version):
    context = ssl.create_default_context(cafile=str(server.cert))
    context.minimum_version = context.maximum_version = version
    return http.client.HTTPSConnection("127.0.0.1", server.port,
                                       context=context, timeout=10)


# @spec 7644-7.2-01, 7644-7.2-02, 7644-7.2-03, 7644-2-02
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_a_resource_goes_through_tls(secure, version):
    c = connect(secure, version)
    head = {"Authorization": "Bearer " + secure.token, "Content-Type": SCIM}
    body = user(displayName="x" * 100000)

    c.request("POST", "/scim/v2/Users", json.dumps(body), head)
    r = c.getresponse()
    made = json.loads(r.read())

    assert r.status == 201
    assert made["meta"]["location"].startswith(
        f"https://127.0.0.1:{secure.port}/scim/v2/Users/")
    for _ in range(20):
        c.request("GET", "/scim/v2/Users/" + made["id"], headers=head)
        r = c.getresponse()
        assert json.loads(r.read()) == made
    c.request("PUT", "/scim/v2/Users/" + made["id"],
              json.dumps(made | {"title": "Stale"}),
              head | {"If-Match": '"x"'})
    r = c.getresponse()
    assert r.status == 412
    r.read()
    c.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_are_refused(secure):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(ValueError):
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", secure.port), 5) as s:
        with pytest.raises(OSError):
            context.wrap_socket(s)


# @spec 7644-7.4-02
def test_plain_text_gets_nothing(secure):
    for junk in (b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"\x16\x03\x01\xff\xff" + b"\x00" * 100, b"\x00", b""):
        with socket.create_connection(("127.0.0.1", secure.port), 5) as s:
            s.sendall(junk)
            s.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(OSError):
                while data := s.recv(4096):
                    got += data
            assert b"200" not in got[:20]
    assert secure.is_ready()


# @spec 9110-10.1.1-01
def test_an_interim_answer_goes_through_tls_too(secure):
    context = ssl.create_default_context(cafile=str(secure.cert))
    body = json.dumps(user()).encode()
    with socket.create_connection(("127.0.0.1", secure.port), 10) as raw:
        with context.wrap_socket(raw, server_hostname="127.0.0.1") as s:
            s.sendall((
                "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {secure.token}\r\n"
                f"Content-Length: {len(body)}\r\n"
                "Expect: 100-continue\r\n\r\n").encode())
            assert s.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
            s.sendall(body)
            assert s.recv(4096).startswith(b"HTTP/1.1 201 ")
