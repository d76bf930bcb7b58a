# SPDX-License-Identifier: Apache-2.0
"""Clients that change different cells of the same users, and merge.

A merge goes through when the cell that it changes is what it was in its base;
whatever else came between.  So each cell is a register of its own that is
compared and set, and is checked like one: what was acknowledged is there until
somebody replaces it who had seen it, and what is refused was no longer so.
"""

import copy

from recorder import (DONE, NONE, PATCH, READ, REFUSED, UNKNOWN, USER, WRITE,
                      Unheard)

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MERGE = "urn:scimd:params:scim:api:messages:2.0:Merge"
CONFLICT = "urn:scimd:params:scim:api:messages:2.0:VersionConflict"
MEDIA = {"Content-Type": "application/vnd.scimd.merge+json"}
PREFER = {"Prefer": "merge=auto, conflict=detail"}


class Simple:
    """An attribute at the end of a way through objects."""

    def __init__(self, path, *way):
        self.path, self.way = path, way

    def text(self, user):
        for name in self.way:
            user = user[name]
        return user

    def read(self, user):
        return int(self.text(user))

    def write(self, user, state):
        for name in self.way[:-1]:
            user = user.setdefault(name, {})
        user[self.way[-1]] = str(state)


class Element:
    """The one element of a list that has this type."""

    def __init__(self, name, kind, form):
        self.name, self.kind, self.form = name, kind, form
        self.path = f'{name}[type eq "{kind}"].value'

    def text(self, user):
        found, = (e for e in user[self.name] if e["type"] == self.kind)
        return found["value"]

    def read(self, user):
        return int("".join(c for c in self.text(user) if c.isdigit()))

    def write(self, user, state):
        elements = user.setdefault(self.name, [])
        elements[:] = [e for e in elements if e["type"] != self.kind]
        elements.append({"type": self.kind, "value": self.form.format(state)})


CELLS = [
    *(Simple(a, a) for a in ("title", "nickName", "displayName", "userType")),
    *(Simple("name." + a, "name", a)
      for a in ("givenName", "familyName", "middleName", "honorificPrefix")),
    *(Simple(f"{ENTERPRISE}:{a}", ENTERPRISE, a)
      for a in ("employeeNumber", "costCenter", "organization", "division")),
    *(Element("emails", t, "e{}@example.com") for t in ("home", "work")),
    *(Element("phoneNumbers", t, "tel:+{}")
      for t in ("home", "work", "mobile", "fax")),
]


class Document:
    """A user, and for each of its cells the number of a register."""

    def __init__(self, client, record):
        self.record = record
        self.numbers = [next(record.resources) for _ in CELLS]
        states = [next(record.nonces) for _ in CELLS]
        body = {"schemas": [USER, ENTERPRISE],
                "userName": f"merged{self.numbers[0]}"}
        for cell, state in zip(CELLS, states):
            cell.write(body, state)
        answer = client.send("POST", "/Users", body)
        assert answer.status == 201, answer.body
        self.path = "/Users/" + answer.json["id"]
        self.known = []
        for number, state in zip(self.numbers, states):
            record.add(WRITE, DONE, number, state, NONE, answer.call,
                       answer.end, client.number)
        self.saw(client, answer)

    def saw(self, client, answer):
        user = answer.json
        user.pop(MERGE, None)
        for cell, number in zip(CELLS, self.numbers):
            self.record.add(READ, DONE, number, cell.read(user), 0,
                            answer.call, answer.end, client.number)
        self.known.append((answer.etag, user))
        del self.known[:-8]


def read(client, document):
    answer = client.send("GET", document.path)
    if answer.status == 200:
        document.saw(client, answer)
    return answer


def collides(answer, cell):
    """Whether it was refused for what it should be."""
    conflict = answer.json[CONFLICT]
    if not conflict["baseAvailable"]:
        return False
    paths = [c["path"] for c in conflict["conflicts"]]
    attribute = cell.path.split("[")[0]
    assert paths and all(attribute in path for path in paths), answer.body
    return True


class Merge:
    """Few users, each cell mostly changed by one client, and merged: with a
    Merge message, or on an If-Match."""

    users = 4

    def shrink(self):
        """They are few as it is."""

    def set_up(self, client, record):
        self.record = record
        self.documents = [Document(client, record) for _ in range(self.users)]

    def turn(self, client):
        random = client.random
        document = random.choice(self.documents)
        chance = random.random()
        if chance < 0.2:
            read(client, document)
            return
        mine = client.number % len(CELLS)
        at = (mine if random.random() < 0.8
              else random.randrange(len(CELLS)))
        self.change(client, document, at)

    def change(self, client, document, at):
        cell = CELLS[at]
        etag, user = document.known[
            -1 if client.random.random() < 0.8 else 0]
        state = next(self.record.nonces)
        wanted = copy.deepcopy(user)
        cell.write(wanted, state)

        def note(outcome, call, end):
            self.record.add(WRITE, outcome, document.numbers[at], state,
                            cell.read(user), call, end, client.number)

        method, body, headers = self.request(client.random, cell, etag, wanted)
        try:
            answer = client.send(method, document.path, body, headers)
        except Unheard as unheard:
            note(UNKNOWN, unheard.args[0], 0)
            raise
        if answer.status == 200:
            note(DONE, answer.call, answer.end)
            document.saw(client, answer)
        elif answer.status in (409, 412):
            if collides(answer, cell):
                note(REFUSED, answer.call, answer.end)
        else:
            assert answer.status in self.record.answers, answer.body
            note(UNKNOWN, answer.call, 0)

    def request(self, random, cell, etag, wanted):
        operations = [{"op": "replace", "path": cell.path,
                       "value": cell.text(wanted)}]
        chance = random.random()
        if chance < 0.2:
            return "PUT", wanted, PREFER | {"If-Match": etag}
        if chance < 0.4:
            return ("PATCH", {"schemas": [PATCH], "Operations": operations},
                    PREFER | {"If-Match": etag})
        body = {"schemas": [MERGE], "base": etag}
        if chance < 0.7:
            return "PATCH", body | {"Operations": operations}, MEDIA
        return "PATCH", body | {"resource": wanted}, MEDIA

    def look(self, client):
        for document in self.documents:
            answer = read(client, document)
            assert answer.status == 200, answer.body
        return None
