# SPDX-License-Identifier: Apache-2.0
"""Clients that remember what they did, what they saw, and when.

What is written down is what check-history reads: see checker.h for what each
field means.  Every write carries a number of its own, its state, in one of the
attributes NUMBERED, so that it is known even where no answer came.
"""

import http.client
import itertools
import json
import struct
import threading
import time

NONE, GONE, ANY = 0, 2**64 - 1, 2**64 - 2
READ, WRITE, VERSION, ADD, REMOVE, SEEN = range(6)
DONE, REFUSED, UNKNOWN = range(3)
ROW = struct.Struct("=QQQQIHBB")

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
NUMBERED = ("title", "nickName", "displayName")
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Unheard(Exception):
    """The request may have been carried out; nobody knows."""


class Unsent(Exception):
    """There was nobody to send it to."""


class Record:
    """The rows of one run, from all its clients."""

    def __init__(self):
        self.rows = bytearray()
        self.lock = threading.Lock()
        self.resources = itertools.count()
        self.nonces = itertools.count(1)
        self.counts = {}
        self.seen = {}   # what state a version of a resource is
        self.answers = {200, 204, 503}  # 500 as well where a disk is full
        self.compared = self.fed = self.owners = 0
        self.times = {}  # of acknowledged writes: call and end

    def add(self, kind, outcome, resource, state, expected=0, call=0, end=0,
            client=0):
        row = ROW.pack(call, end, expected, state, resource, client, kind,
                       outcome)
        with self.lock:
            self.rows += row
            key = (kind, outcome)
            self.counts[key] = self.counts.get(key, 0) + 1

    def save(self, path):
        with open(path, "wb") as file:
            file.write(self.rows)

    def summary(self):
        kinds = ("reads", "writes", "account", "adds", "removes", "seen")
        outcomes = ("", " refused", " without an answer")
        parts = [f"{n} {kinds[kind]}{outcomes[outcome]}"
                 for (kind, outcome), n in sorted(self.counts.items())]
        parts += [f"{self.fed} in the feed"] if self.fed else []
        parts += [f"{self.owners} owners of names"] if self.owners else []
        return ", ".join(parts)


def version_of(etag):
    """The characters that name a state, out of its entity tag."""
    return etag.split('"')[1].split(".")[0]


def state_of(resource):
    return next(int(resource[a]) for a in NUMBERED if a in resource)


class Answer:
    def __init__(self, status, headers, body, call, end):
        self.status = status
        self.etag = headers.get("ETag")
        self.body = body
        self.call, self.end = call, end

    @property
    def json(self):
        return json.loads(self.body) if self.body else {}


class Client:
    """One connection; `drops`, a share of answers that it does not wait for."""

    def __init__(self, number, server, random, drops=0.0):
        self.number = number
        self.server = server
        self.random = random
        self.drops = drops
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def connect(self):
        try:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.server.port, timeout=60)
            self.connection.connect()
        except OSError as error:
            self.close()
            raise Unsent() from error

    def send(self, method, path, body=None, headers=None):
        """An Answer, Unsent or Unheard."""
        if self.connection is None:
            self.connect()
        fields = {"Authorization": "Bearer " + self.server.token,
                  "Content-Type": "application/scim+json"} | (headers or {})
        text = None if body is None else json.dumps(body)
        call = time.monotonic_ns()
        try:
            self.connection.request(method, "/scim/v2" + path, text, fields)
            if method != "GET" and self.random.random() < self.drops:
                time.sleep(self.random.random() * 0.003)
                raise Unheard(call)
            answer = self.connection.getresponse()
            content = answer.read()
        except Unheard:
            self.close()
            raise
        except TimeoutError as error:
            raise AssertionError(f"{method} {path}: nothing came for 60 s.  "
                                 + self.server.where()) from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unheard(call) from error
        return Answer(answer.status, answer.headers, content, call,
                      time.monotonic_ns())


class Register:
    """One user, and what is known of it: its states and their tags."""

    def __init__(self, record, identity, number, state, tag):
        self.record = record
        self.id = identity
        self.path = "/Users/" + identity
        self.number = number
        self.known = []
        self.gone = False
        self.learn(state, tag)

    def learn(self, state, tag):
        self.record.seen[self.id, version_of(tag)] = state
        self.known.append((state, tag))
        del self.known[:-8]


def body_of(name, nonce):
    return {"schemas": [USER], "userName": name,
            NUMBERED[nonce % len(NUMBERED)]: str(nonce)}


def patch_of(nonce):
    it = NUMBERED[nonce % len(NUMBERED)]
    return {"schemas": [PATCH], "Operations": [
        {"op": "replace", "path": it, "value": str(nonce)},
        *({"op": "remove", "path": a} for a in NUMBERED if a != it)]}


def make(client, record):
    """A Register of a new user, or None when nobody knows whether it is."""
    nonce = next(record.nonces)
    answer = client.send("POST", "/Users", body_of(f"w{nonce}", nonce))
    if answer.status != 201:
        return None
    return made_by(client, record, nonce, answer, answer.json["id"],
                   answer.etag)


def made_by(client, record, nonce, answer, identity, tag):
    number = next(record.resources)
    record.add(WRITE, DONE, number, nonce, NONE, answer.call, answer.end,
               client.number)
    record.times[identity, version_of(tag)] = answer.call, answer.end
    return Register(record, identity, number, nonce, tag)


def read(client, register):
    """A read that is not answered says nothing."""
    answer = client.send("GET", register.path)
    saw(client, register, answer)
    return answer


def saw(client, register, answer):
    if answer.status == 404:
        state = GONE
        register.gone = True
    elif answer.status == 200:
        state = state_of(answer.json)
        register.learn(state, answer.etag)
    else:
        return
    register.record.add(READ, DONE, register.number, state, 0, answer.call,
                        answer.end, client.number)


def settle(client, register, status, state, expected, call, end, tag=None):
    """Writes down how a write ended."""
    add = register.record.add
    if status in (200, 201, 204):
        add(WRITE, DONE, register.number, state, expected, call, end,
            client.number)
        version = None if state == GONE else version_of(tag)
        register.record.times[register.id, version] = call, end
        if state == GONE:
            register.gone = True
        else:
            register.learn(state, tag)
    elif status == 412:
        add(WRITE, REFUSED, register.number, state, expected, call, end,
            client.number)
    elif status == 404:
        register.gone = True
        add(READ, DONE, register.number, GONE, 0, call, end, client.number)
    elif status >= 500 and status in register.record.answers:
        add(WRITE, UNKNOWN, register.number, state, expected, call, 0,
            client.number)
    else:
        raise AssertionError(f"a write was answered {status}")


def write(client, register, method, tag, expected, headers=None):
    """PUT, PATCH or DELETE of one user; `tag` None: without a condition."""
    nonce = next(register.record.nonces)
    state = GONE if method == "DELETE" else nonce
    fields = dict(headers or {})
    if tag is not None:
        fields["If-Match"] = tag
    body = None
    if method == "PUT":
        body = body_of("w" + register.id, nonce)
    elif method == "PATCH":
        body = patch_of(nonce)
    try:
        answer = client.send(method, register.path, body, fields)
    except Unheard as unheard:
        settle(client, register, 503, state, expected, unheard.args[0], 0)
        raise
    settle(client, register, answer.status, state, expected, answer.call,
           answer.end, answer.etag)
    return answer
