# SPDX-License-Identifier: Apache-2.0
"""Random patches: what a client could want to change of a user, and what it
could get wrong.

An operation with brackets keeps what is in them as pairs of a sub-attribute
and a value, all of which an element must have.
"""

import json
import random
from typing import NamedTuple

from differential import users
from differential.users import (ATTRIBUTES, Path, is_complex, is_list, kind,
                                list_for, text_for, value_for, values_at)
from scim_client import ENTERPRISE, USER

NOTHING = object()
MANAGER = Path(True, "manager")


class Target(NamedTuple):
    """What a path names: an attribute, elements of it, a part of it, an
    extension (`path` None), or nothing that there is (`text` only)."""
    path: Path | None = None
    chosen: tuple = ()          # pairs in brackets
    text: str | None = None     # a path that no schema knows


class Op(NamedTuple):
    op: str
    target: Target | None = None      # None: no path
    value: object = NOTHING
    seed: int = 0                     # how it is spelled
    plain: bool = False               # as in the schema, without a core URN
    touched: tuple = ()               # of a whole list, what was changed

    def message(self):
        made = {"op": self.op}
        if self.target is not None:
            made["path"] = spelled(self)
        if self.value is not NOTHING:
            made["value"] = self.value
        return made


def spelled(op):
    target, r = op.target, random.Random(op.seed)
    if target.text is not None:
        return target.text
    if target.path is None:
        return ENTERPRISE
    path = target.path
    text = path.name
    if target.chosen:
        text += "[" + " and ".join(
            f"{sub} eq {json.dumps(value, ensure_ascii=False)}"
            for sub, value in target.chosen) + "]"
    if path.sub:
        text += "." + path.sub
    pick = 1 if op.plain else r.random()
    if pick < 0.07 and not target.chosen:
        text = text.swapcase() if pick < 0.03 else text[:1].upper() + text[1:]
    if path.extension:
        return f"{ENTERPRISE}:{text}"
    common = path.name in ("id", "externalId", "meta", "schemas")
    return f"{USER}:{text}" if 0.07 < pick < 0.14 and not common else text


SIMPLE = [p for p in users.WRITABLE if not is_complex(p)]
SINGLE = [p for p in users.WRITABLE if is_complex(p) and not is_list(p)]
LISTS = [p for p in users.WRITABLE if is_list(p)]
FAVOURITES = [Path(False, n) for n in ("emails", "emails", "addresses",
                                       "phoneNumbers", "roles")]
WRONG = [7, True, "x", {"value": "x"}, ["x"], {"a": 1}, [7], -1.5,
         [["x"]], [{"value": 7}], {"givenName": 5}]


class Maker:
    def __init__(self, r, user):
        self.r = r
        self.user = user

    def parts(self, path):
        return [p for p in ATTRIBUTES
                if p.sub and p._replace(sub=None) == path and p.sub != "$ref"
                and ATTRIBUTES[p].get("mutability") != "readOnly"]

    def elements(self, path):
        """A value for a whole list: often with something that is there."""
        r = self.r
        there = values_at(self.user, path)
        made = list_for(r, path)
        if there and r.random() < 0.3:
            made.append(dict(r.choice(there)))
            made = users.without_doubles(made)
            primaries = [e for e in made if e.get("primary")]
            for e in primaries[1:]:
                del e["primary"]
        return made[0] if r.random() < 0.2 else made

    def choice(self, path):
        """Pairs in brackets, mostly of an element that is there."""
        r = self.r
        there = values_at(self.user, path)
        parts = [p.sub for p in self.parts(path)]
        if there and r.random() < 0.75:
            element = r.choice(there)
            names = [s for s in parts if s in element]
            names = r.sample(names, min(len(names), r.choice([1, 1, 1, 2])))
            pairs = [(s, element[s]) for s in names]
        else:
            sub = r.choice([s for s in ("type", "value") if s in parts])
            pairs = [(sub, text_for(r, path._replace(sub=sub)))]
        return tuple((s, v.swapcase() if isinstance(v, str)
                      and r.random() < 0.12 else v) for s, v in pairs)

    def one(self, path):
        """A value for one element or one part."""
        value = value_for(self.r, path)
        if path.sub is None and self.r.random() < 0.1 and isinstance(
                value, dict):
            value["primary"] = True
        return value

    def op(self):
        r = self.r
        pick = r.random()
        if pick < 0.25:
            path = r.choice(SIMPLE)
            return self.with_value(Target(path), lambda: value_for(r, path))
        if pick < 0.4:
            path = r.choice(SINGLE)
            if r.random() < 0.6:
                path = r.choice(self.parts(path))
            return self.with_value(Target(path), lambda: value_for(r, path))
        lists = LISTS + FAVOURITES * 3
        path = r.choice(lists)
        if pick < 0.56:
            return self.with_value(Target(path), lambda: self.elements(path))
        if pick < 0.76:
            target = Target(path, self.choice(path))
            if r.random() < 0.6:
                part = r.choice(self.parts(path))
                return self.with_value(target._replace(path=part),
                                       lambda: value_for(r, part))
            return self.with_value(target, lambda: self.one(path))
        if pick < 0.79:
            part = r.choice(self.parts(path))
            return self.with_value(Target(part), lambda: value_for(r, part))
        if pick < 0.92:
            return self.without_path()
        return self.extension() if pick < 0.95 else self.wrong()

    def with_value(self, target, make):
        r = self.r
        op = r.choice(["add", "replace", "replace", "add", "remove"])
        if r.random() < 0.05:
            op = r.choice([op.upper(), op.title()])
        value = NOTHING if op.lower() == "remove" else make()
        pick = r.random()
        if value is not NOTHING and pick < 0.04:
            value = r.choice([None, None, "", [], {}])
        elif value is not NOTHING and pick < 0.07:
            value = r.choice(WRONG)
        elif target.path == MANAGER and value is not NOTHING and pick < 0.3:
            value = r.choice(["", "m1", {"value": ""}])
        elif value in (True, False) and pick < 0.3:
            value = r.choice(["True", "False", "true"])
        elif value is NOTHING and pick < 0.05:
            value = make()
        return Op(op, target, value, r.randrange(1 << 30))

    def attributes(self, extension, count):
        r, made = self.r, {}
        for path in r.sample([p for p in users.WRITABLE
                              if p.extension == extension], count):
            name = path.name
            if r.random() < 0.05:
                name = name.swapcase()
            if is_list(path):
                made[name] = list_for(r, path)
            elif is_complex(path) and r.random() < 0.3:
                part = r.choice(self.parts(path))
                made[f"{name}.{part.sub}"] = value_for(r, part)
            else:
                made[name] = value_for(r, path)
            if r.random() < 0.04:
                made[name] = None
        return made

    def without_path(self):
        r = self.r
        value = self.attributes(False, r.choice([1, 2, 3]))
        if r.random() < 0.25:
            value[ENTERPRISE] = {
                k: v for k, v in self.attributes(True, 2).items()
                if "." not in k}
        elif r.random() < 0.15:
            value.update({f"{ENTERPRISE}:{k}": v for k, v
                          in self.attributes(True, 1).items()})
        if r.random() < 0.1:
            value.update(r.choice([
                {"nope": "x"}, {"id": self.user["id"]}, {"groups": []},
                {"meta": {"version": "x"}}, {"schemas": [USER]},
                {"name": {"nope": "x"}}]))
        return Op(r.choice(["add", "replace"]), None, value,
                  r.randrange(1 << 30))

    def extension(self):
        return self.with_value(Target(), lambda: {
            k: v for k, v in self.attributes(True, 2).items()
            if "." not in k})

    def wrong(self):
        r = self.r
        if r.random() < 0.35:
            text = r.choice(["nope", "name.nope", "emails.nope", "title.x",
                             "urn:x:y:title", "emails[nope eq \"x\"].value",
                             f"{ENTERPRISE}:nope", "emails[", "a..b",
                             "emails[type zz \"x\"]", "emails[0]", ".title",
                             "emails[type eq \"work\"].nope", "",
                             "title eq \"x\"", "emails]", "password.x"])
            return self.with_value(Target(text=text), lambda: "x")
        if r.random() < 0.4:
            path = r.choice([Path(False, "id"), Path(False, "meta"),
                             Path(False, "meta", "version"),
                             Path(False, "groups")])
            return self.with_value(Target(path), lambda: "x")
        if r.random() < 0.6:
            return Op(r.choice(["remove", "replace"]),
                      Target(Path(False, "userName")),
                      r.choice([NOTHING, None, ""]))
        return Op(r.choice(["add", "replace", "remove"]),
                  r.choice([None, Target()]), r.choice([NOTHING, "x", 7]))


def make(seed, number, user):
    """The operations of one patch of a user."""
    r = random.Random(f"{seed}-{number}")
    maker = Maker(r, user)
    return [maker.op() for _ in range(r.choice([1, 1, 1, 2, 3]))]
