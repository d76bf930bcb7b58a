# SPDX-License-Identifier: Apache-2.0
"""What clients do at once.  Each workload is set up once, and then every
client takes turns until time is up; what it leaves is looked at when all is
quiet."""

import time
import uuid

import accounts
from merges import Merge
from patient import Patient
from recorder import (ADD, ANY, DONE, PATCH, REFUSED, REMOVE, SEEN, UNKNOWN,
                      USER, WRITE, Unheard, Unsent, body_of, made_by, make, read,
                      settle, write)

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
FOREVER = 2**64
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


class Workload:
    def shrink(self):
        """To a tenth, where there is much of anything."""


class Hot(Workload):
    """A few users, and everybody at them."""

    users = 8
    deletes = 0.05

    def set_up(self, client, record):
        self.record = record
        self.registers = [make(client, record) for _ in range(self.users)]
        self.all = list(self.registers)

    def choose(self, random):
        return random.choice(self.registers)

    def turn(self, client):
        random = client.random
        register = self.choose(random)
        chance = random.random()
        if chance < 0.25:
            read(client, register)
        elif chance < 0.25 + self.deletes:
            self.replace_by_a_new_one(client, register)
        elif chance < 0.35 + self.deletes:
            write(client, register, random.choice(("PUT", "PATCH")), None,
                  ANY)
        else:
            # Mostly what was seen last, sometimes what was before.
            state, tag = register.known[
                -1 if random.random() < 0.8 else random.randrange(
                    -len(register.known), 0)]
            write(client, register, random.choice(("PUT", "PATCH")), tag,
                  state)

    def replace_by_a_new_one(self, client, register):
        if not register.gone:
            state, tag = register.known[-1]
            write(client, register, "DELETE", tag, state)
        if register.gone and register in self.registers:
            fresh = make(client, self.record)
            if fresh is None:
                return
            self.all.append(fresh)
            with self.record.lock:
                if register in self.registers:
                    at = self.registers.index(register)
                    self.registers[at] = fresh

    def look(self, client):
        """When all is quiet: what there is, is what was left."""
        for register in self.all:
            answer = read(client, register)
            assert answer.status in (200, 404), answer.status
        return accounts.look(client, self.record, self.all)


class Wide(Hot):
    """Many users, a few of them much liked: the n-th as often as 1/n."""

    users = 10000
    deletes = 0.01
    at_once = 500  # made by one request

    def shrink(self):
        self.users //= 10

    def set_up(self, client, record):
        self.record = record
        self.registers = []
        for _ in range(0, self.users, self.at_once):
            self.registers += make_many(client, record, self.at_once)
        self.all = list(self.registers)
        self.weights = [1 / (n + 1) ** 0.99 for n in range(self.users)]

    def choose(self, random):
        return random.choices(self.registers, self.weights)[0]


def make_many(client, record, count):
    nonces = [next(record.nonces) for _ in range(count)]
    answer = client.send("POST", "/Bulk", {
        "schemas": [BULK], "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": f"b{nonce}",
             "data": body_of(f"w{nonce}", nonce)} for nonce in nonces]})
    assert answer.status == 200, answer.body
    made = []
    for nonce, result in zip(nonces, answer.json["Operations"]):
        assert result["status"] == "201", result
        made.append(made_by(client, record, nonce, answer,
                            result["location"].rsplit("/", 1)[1],
                            result["version"]))
    return made


class Bulk(Hot):
    """Bulks of conditional writes; each of their operations is one write."""

    users = 24

    def turn(self, client):
        random = client.random
        if random.random() < 0.3:
            read(client, self.choose(random))
            return
        chosen = random.sample(self.registers, random.randint(1, 8))
        parts = []
        for register in chosen:
            nonce = next(self.record.nonces)
            state, tag = register.known[-1 if random.random() < 0.9 else 0]
            parts.append((register, nonce, state, tag))
        body = {"schemas": [BULK], "Operations": [
            {"method": "PUT", "path": r.path, "version": tag,
             "data": body_of("w" + r.id, nonce)}
            for r, nonce, _, tag in parts]}
        try:
            answer = client.send("POST", "/Bulk", body)
        except Unheard as unheard:
            for register, nonce, state, _ in parts:
                settle(client, register, 503, nonce, state, unheard.args[0], 0)
            raise
        assert answer.status in self.record.answers, answer.body
        results = answer.json.get("Operations") or [
            {"status": answer.status}] * len(parts)
        for (register, nonce, state, _), result in zip(parts, results):
            settle(client, register, int(result["status"]), nonce, state,
                   answer.call, answer.end, result.get("version"))


class Retry(Bulk):
    """Writes and bulks that are sent again, with the same Idempotency-Key,
    until they are answered: no outcome is unknown, and none comes twice."""

    users = 8

    def turn(self, client):
        patient = Patient(client)
        if client.random.random() < 0.2:
            Bulk.turn(self, patient)
        else:
            Hot.turn(self, patient)

    def look(self, client):
        unknown = self.record.counts.get((WRITE, UNKNOWN), 0)
        if 500 in self.record.answers:  # of a bulk some parts can be
            unknown = 0
        assert unknown == 0, f"{unknown} writes were never answered"
        return super().look(client)


class Members(Workload):
    """One large group whose members come and go, many at a time and some of
    them often."""

    pool = 120000
    there = 100000  # from the beginning
    often = 1000
    at_once = 10000

    def shrink(self):
        self.pool //= 10
        self.there //= 10
        self.often //= 10

    def set_up(self, client, record):
        self.record = record
        self.number = next(record.resources)
        self.ids = [str(uuid.UUID(int=client.random.getrandbits(128)))
                    for _ in range(self.pool)]
        answer = client.send("POST", "/Groups", {
            "schemas": [GROUP], "displayName": "everybody"})
        assert answer.status == 201, answer.body
        self.path = "/Groups/" + answer.json["id"]
        for first in range(0, self.there, self.at_once):
            self.patch(client, [(ADD, range(first, first + self.at_once))])

    def turn(self, client):
        random = client.random
        changes = []
        for _ in range(1 if random.random() < 0.7 else random.randint(2, 5)):
            few = self.often if random.random() < 0.5 else self.pool
            changes.append((random.choice((ADD, ADD, REMOVE)), random.sample(
                range(few), random.randint(1, 5))))
        self.patch(client, changes)

    def message(self, kind, chosen):
        if kind == ADD:
            operations = [{"op": "add", "path": "members", "value": [
                {"value": self.ids[n]} for n in chosen]}]
        else:
            operations = [
                {"op": "remove",
                 "path": f'members[value eq "{self.ids[n]}"]'}
                for n in chosen]
        return {"schemas": [PATCH], "Operations": operations}

    def patch(self, client, changes):
        """One as a request, several as a bulk of them."""
        messages = [self.message(*change) for change in changes]
        try:
            if len(changes) == 1:
                answer = client.send("PATCH", self.path, messages[0])
            else:
                answer = client.send("POST", "/Bulk", {
                    "schemas": [BULK], "Operations": [
                        {"method": "PATCH", "path": self.path, "data": m}
                        for m in messages]})
        except Unheard as unheard:
            for change in changes:
                self.note(client, change, 503, unheard.args[0], 0)
            raise
        results = answer.json.get("Operations") or [
            {"status": answer.status}] * len(changes)
        for change, result in zip(changes, results):
            self.note(client, change, int(result["status"]), answer.call,
                      answer.end)

    def note(self, client, change, status, call, end):
        assert status in self.record.answers, status
        kind, chosen = change
        for n in chosen:
            self.record.add(kind, UNKNOWN if status >= 500 else DONE,
                            self.number, n + 1, 0, call, end, client.number)

    def look(self, client):
        answer = client.send("GET", self.path)
        assert answer.status == 200, answer.body
        there = {m["value"] for m in answer.json.get("members", [])}
        for n, identity in enumerate(self.ids):
            self.record.add(SEEN, DONE if identity in there else REFUSED,
                            self.number, n + 1)
        return None


class Names(Workload):
    """A few names, and everybody wants to be the one that has them."""

    names = 6

    def set_up(self, client, record):
        self.record = record
        self.lives = {}  # by id: name, from when, until when it was for sure

    def turn(self, client):
        name = f"name{client.random.randrange(self.names)}"
        answer = client.send("POST", "/Users", {
            "schemas": [USER], "userName": name})
        self.expect(answer, 201, 409)
        if answer.status == 201:
            self.lives.setdefault(answer.json["id"],
                                  [name, answer.end, FOREVER])
            self.record.owners += 1
        elif answer.status == 409:
            self.end(client, name)

    def end(self, client, name):
        """Deletes who has it."""
        answer = client.send(
            "GET", f"/Users?filter=userName%20eq%20%22{name}%22")
        self.expect(answer, 200)
        for user in answer.json.get("Resources", []):
            # From before it is sent on nobody can be sure that it is there.
            now = time.monotonic_ns()
            life = self.lives.setdefault(user["id"], [name, now, now])
            life[2] = min(life[2], now)
            done = client.send("DELETE", "/Users/" + user["id"])
            self.expect(done, 204, 404)

    def expect(self, answer, *statuses):
        assert answer.status in {503, *self.record.answers, *statuses}, (
            answer.status, answer.body)

    def look(self, client):
        latest = {}
        for identity, (name, born, gone) in sorted(
                self.lives.items(), key=lambda life: life[1][1]):
            other, until = latest.get(name, (None, 0))
            if born < until:
                return f"{other} and {identity} both were {name}"
            if gone > until:
                latest[name] = identity, gone
        for n in range(self.names):
            answer = client.send(
                "GET", f"/Users?filter=userName%20eq%20%22name{n}%22")
            if answer.json["totalResults"] > 1:
                return f"name{n} has {answer.json['totalResults']} owners"
        for identity, (name, _, gone) in self.lives.items():
            answer = client.send("GET", "/Users/" + identity)
            if gone == FOREVER and answer.status != 200:
                return f"{identity}, {name}, is lost"
        return None


WORKLOADS = {"hot": Hot, "wide": Wide, "merge": Merge, "bulk": Bulk,
             "retry": Retry, "members": Members, "names": Names}


def turns(workload, client, until, clock, stopped):
    """Takes turns until the time comes.  Returns what went wrong, or None."""
    try:
        while clock() < until and not stopped.is_set():
            try:
                workload.turn(client)
            except Unheard:
                pass
            except Unsent:
                stopped.wait(0.02)
    except Exception as error:  # any: it must end the run, not one client
        stopped.set()
        return error
    finally:
        client.close()
    return None
