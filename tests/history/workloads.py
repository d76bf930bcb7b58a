# SPDX-License-Identifier: Apache-2.0
"""What clients do at once.  Each workload is set up once, and then every
client takes turns until time is up; what it leaves is looked at when all is
quiet."""

import time
import uuid

import accounts
from recorder import (ADD, ANY, DONE, PATCH, REFUSED, REMOVE, SEEN, UNKNOWN,
                      USER, Unheard, Unsent, body_of, make, read, settle,
                      write)

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
FOREVER = 2**64
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


class Hot:
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

    users = 2000
    deletes = 0.01

    def set_up(self, client, record):
        super().set_up(client, record)
        self.weights = [1 / (n + 1) ** 0.99 for n in range(self.users)]

    def choose(self, random):
        return random.choices(self.registers, self.weights)[0]


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


class Members:
    """One group whose members come and go, many at a time."""

    pool = 3000

    def set_up(self, client, record):
        self.record = record
        self.number = next(record.resources)
        self.ids = [str(uuid.UUID(int=client.random.getrandbits(128)))
                    for _ in range(self.pool)]
        answer = client.send("POST", "/Groups", {
            "schemas": [GROUP], "displayName": "everybody"})
        assert answer.status == 201, answer.body
        self.path = "/Groups/" + answer.json["id"]

    def turn(self, client):
        random = client.random
        kind = random.choice((ADD, ADD, REMOVE))
        chosen = random.sample(range(self.pool), random.randint(1, 5))
        if kind == ADD:
            operations = [{"op": "add", "path": "members", "value": [
                {"value": self.ids[n]} for n in chosen]}]
        else:
            operations = [
                {"op": "remove",
                 "path": f'members[value eq "{self.ids[n]}"]'}
                for n in chosen]
        try:
            answer = client.send("PATCH", self.path, {
                "schemas": [PATCH], "Operations": operations})
        except Unheard as unheard:
            self.note(client, kind, UNKNOWN, chosen, unheard.args[0], 0)
            raise
        assert answer.status in self.record.answers, answer.body
        self.note(client, kind, UNKNOWN if answer.status >= 500 else DONE,
                  chosen, answer.call, answer.end)

    def note(self, client, kind, outcome, chosen, call, end):
        for n in chosen:
            self.record.add(kind, outcome, self.number, n + 1, 0, call, end,
                            client.number)

    def look(self, client):
        answer = client.send("GET", self.path)
        assert answer.status == 200, answer.body
        there = {m["value"] for m in answer.json.get("members", [])}
        for n, identity in enumerate(self.ids):
            self.record.add(SEEN, DONE if identity in there else REFUSED,
                            self.number, n + 1)
        return None


class Names:
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


WORKLOADS = {"hot": Hot, "wide": Wide, "bulk": Bulk, "members": Members,
             "names": Names}


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
