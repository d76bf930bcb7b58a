# SPDX-License-Identifier: Apache-2.0
"""Random operations against a model that is too simple to be wrong.

The model holds dictionaries.  After each step the server must have said
what the model says; at the end every resource, list and tag must agree, and
over the whole run a tag must name one state and a state have one tag.
"""

import json
import random

import pytest

from samples import fresh, group, user

STEPS = 250


class Model:
    def __init__(self, scim, seed):
        self.scim = scim
        self.random = random.Random(seed)
        self.users, self.groups = {}, {}  # id -> body, in order of creation
        self.tags = {}                    # id -> tag of the present state
        self.states = {}                  # tag -> the state it names
        self.old_tags = {}                # id -> tags it had before
        self.gone = []

    def own(self, etag):
        return etag.removeprefix("W/").strip('"').split(".")[0]

    def note(self, ident, state, etag):
        """One tag, one state; one state, one tag."""
        tag = self.own(etag)
        text = json.dumps([ident, state], sort_keys=True)
        assert self.states.setdefault(tag, text) == text
        if self.tags.get(ident) not in (None, tag):
            self.old_tags.setdefault(ident, set()).add(self.tags[ident])
        self.tags[ident] = tag
        assert [t for t, s in self.states.items() if s == text] == [tag]

    def condition(self, ident):
        """Headers, and whether a write with them goes ahead."""
        dice = self.random.random()
        if dice < 0.4:
            return {}, True
        if dice < 0.6:
            return {"If-Match": f'W/"{self.tags[ident]}"'}, True
        if dice < 0.7:
            return {"If-Match": "*"}, True
        if dice < 0.8:
            return {"If-None-Match": "*"}, False
        old = self.old_tags.get(ident, set()) - {self.tags[ident]}
        tag = self.random.choice(sorted(old)) if old else "stale"
        return {"If-Match": f'"{tag}", "other"'}, False

    def any_user(self):
        return self.random.choice(list(self.users))

    def user_state(self, name=None):
        state = {"userName": name or fresh("model")}
        for key in ("title", "nickName", "displayName"):
            if self.random.random() < 0.5:
                state[key] = self.random.choice(["A", "B", "a"])
        if self.random.random() < 0.4:
            state["emails"] = [
                {"value": f"{c}@x.example", "type": "work"}
                for c in self.random.sample("pqr", self.random.randint(1, 3))]
        return state

    def group_state(self):
        everyone = list(self.users) + list(self.groups)
        count = min(len(everyone), self.random.randint(0, 4))
        return {"displayName": self.random.choice(["Red", "Blue"]),
                "members": sorted(self.random.sample(everyone, count))}

    def body(self, state, is_group):
        if not is_group:
            return user(**state)
        return group(displayName=state["displayName"],
                     members=[{"value": m} for m in state["members"]])

    def step(self):
        self.random.choice([
            self.create_user, self.create_user, self.create_group,
            self.replace, self.replace, self.replace, self.replace,
            self.take_a_name, self.delete, self.touch_what_is_gone])()

    def create_user(self):
        state = self.user_state()
        r = self.scim.post("/Users", self.body(state, False))
        assert r.status == 201, r
        self.users[r.json["id"]] = state
        self.note(r.json["id"], state, r.etag)

    def create_group(self):
        state = self.group_state()
        r = self.scim.post("/Groups", self.body(state, True))
        assert r.status == 201, r
        self.groups[r.json["id"]] = state
        self.note(r.json["id"], state, r.etag)

    def pick(self):
        is_group = bool(self.groups) and self.random.random() < 0.5
        kind = self.groups if is_group else self.users
        ident = self.random.choice(list(kind))
        path = ("/Groups/" if is_group else "/Users/") + ident
        return is_group, kind, ident, path

    def replace(self):
        if not self.users:
            return
        is_group, kind, ident, path = self.pick()
        state = (self.group_state() if is_group
                 else self.user_state(kind[ident]["userName"]))
        headers, ahead = self.condition(ident)
        r = self.scim.put(path, self.body(state, is_group), headers=headers)
        assert r.status == (200 if ahead else 412), (headers, r)
        if ahead:
            kind[ident] = state
            self.note(ident, state, r.etag)

    def take_a_name(self):
        if len(self.users) < 2:
            return
        one, two = self.random.sample(list(self.users), 2)
        taken = self.users[two]["userName"].upper()
        state = self.users[one] | {"userName": taken}
        r = self.scim.put("/Users/" + one, self.body(state, False))
        assert r.status == 409, r

    def delete(self):
        if not self.users:
            return
        is_group, kind, ident, path = self.pick()
        headers, ahead = self.condition(ident)
        r = self.scim.delete(path, headers=headers)
        assert r.status == (204 if ahead else 412), (headers, r)
        if ahead:
            del kind[ident]
            self.gone.append(path)
            for holder, state in self.groups.items():
                if ident in state["members"]:
                    state["members"].remove(ident)
                    self.note(holder, state,
                              self.scim.get("/Groups/" + holder).etag)

    def touch_what_is_gone(self):
        if self.gone:
            path = self.random.choice(self.gone)
            for r in (self.scim.get(path), self.scim.delete(path),
                      self.scim.put(path, user())):
                assert r.status == 404

    def groups_of(self, ident):
        """Direct and indirect, by walking outwards."""
        found, ring, kind = {}, {ident}, "direct"
        while ring:
            ring = {g for g, s in self.groups.items()
                    if g not in found and ring & set(s["members"])}
            found |= dict.fromkeys(ring, kind)
            kind = "indirect"
        return found

    def check(self):
        for ident, state in self.users.items():
            r = self.scim.get("/Users/" + ident)
            shown = r.json
            assert self.own(r.etag) == self.tags[ident]
            assert {k: v for k, v in shown.items() if k not in (
                "id", "schemas", "meta", "groups")} == state
            assert {g["value"]: g["type"] for g in shown.get("groups", [])
                    } == self.groups_of(ident)
        for ident, state in self.groups.items():
            r = self.scim.get("/Groups/" + ident)
            assert r.json["displayName"] == state["displayName"]
            assert sorted(m["value"] for m in r.json.get("members", [])
                          ) == sorted(state["members"])
            self.note(ident, state, r.etag)
        for path, kind in (("/Users", self.users), ("/Groups", self.groups)):
            r = self.scim.get(path + "?count=1000")
            assert [u["id"] for u in r.resources] == list(kind)
            assert r.json["totalResults"] == len(kind)
            assert [u["meta"]["version"] for u in r.resources] == [
                self.scim.get(f"{path}/{i}").etag for i in kind]


# @spec 9110-8.8.1-02, 9110-8.8.1-05, 7643-3.1-22, 7643-3.1-26
@pytest.mark.parametrize("kind", ["sqlite", "memory"])
@pytest.mark.parametrize("seed", range(3))
def test_server_and_model_agree(own_server, kind, seed):
    scim = own_server(store=kind).client()
    model = Model(scim, seed)
    for n in range(STEPS):
        model.step()
        if n % 50 == 49:
            model.check()
    scim.close()
