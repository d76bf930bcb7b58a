# SPDX-License-Identifier: Apache-2.0
"""In what the libraries patch otherwise than scimd.

A rule takes one operation and the user before it, and says what to ask the
library instead, or mends what the library made of it.  README.md has a line
for each: the section of the RFC, and who is right by it.
"""

import json
import re
from typing import Callable, NamedTuple

from differential.explain import REFUSED
from differential.patches import NOTHING, Op, Target
from differential.patch_words import (chosen, elements, fits, is_unassigned,
                                      known, named, of_list, removes, same,
                                      whole)
from differential.peers import Refused
from differential.users import ATTRIBUTES, Path, is_complex, is_list, kind
from scim_client import ENTERPRISE

SCIM_PATCH, SCIMMY = "scim-patch", "scimmy"
BOTH = (SCIM_PATCH, SCIMMY)
MARKS = ':[]."\\'  # of the language of paths, inside of a string
A_URI = "https://none.invalid/"
SERVERS = ("id", "meta", "schemas", "groups", "password")


class Rule(NamedTuple):
    name: str
    peers: tuple
    before: Callable | None = None   # (op, user) -> ops or REFUSED
    after: Callable | None = None    # (op, old user, new user) -> new user
    end: Callable | None = None      # (new user) -> new user or REFUSED
    options: dict | None = None      # for the library


# --- rules: what scimd refuses

def refuse_if(wrong):
    return lambda op, user: REFUSED if wrong(op, user) else None


def no_such_path(op, user):
    return op.target is not None and op.target.text is not None


def only_the_servers(op, user):
    if not known(op) or op.target.path.name == "groups":
        return False
    return ATTRIBUTES[whole(op.target.path)].get("mutability") == "readOnly"


def takes_what_is_required(op, user):
    return (known(op) and op.target.path.name == "userName"
            and (removes(op) or is_unassigned(op.value) or op.value == ""))


def lacks_a_value(op, user):
    return not removes(op) and op.value is NOTHING


def is_no_object(op, user):
    if op.target is None:
        return removes(op) or not isinstance(op.value, dict)
    return (op.target.text is None and op.target.path is None
            and not removes(op) and not is_unassigned(op.value)
            and not isinstance(op.value, dict))


def does_not_fit(op, user):
    if removes(op) or op.value is NOTHING or not known(op):
        return False
    value = op.value
    if op.target.chosen and op.target.path.sub is None:
        if isinstance(value, list):
            if len(value) > 1:
                return True
            value = value[0] if value else None
        return not fits(op.target.path, value, True)
    return not fits(op.target.path, value)


def has_no_target(op, user):
    """Brackets that choose nothing, or parts of what is not there."""
    if not of_list(op) or removes(op) or chosen(op, user):
        return False
    if op.target.chosen:
        return op.op.lower() == "replace"
    return op.target.path.sub is not None


# --- rules: what is asked otherwise

def lower_case(op, user):
    return [op._replace(op=op.op.lower())]


def as_in_the_schema(op, user):
    return [op._replace(plain=True)]


def one_by_one(op, user):
    """Without a path every key is one."""
    if op.target is not None or not isinstance(op.value, dict):
        return None
    return [made for key, value in op.value.items()
            for made in for_key(op, key, value)]


def for_key(op, key, value):
    lower = key.lower()
    if lower == ENTERPRISE.lower():
        return [op._replace(target=Target(), value=value)]
    extension = lower.startswith(ENTERPRISE.lower() + ":")
    name = key[len(ENTERPRISE) + 1:] if extension else key
    path = named(Path(extension, *name.split(".", 1)))
    if path is None or ATTRIBUTES[whole(path)].get(
            "mutability") == "readOnly":
        return []
    return [op._replace(target=Target(path), value=value, plain=True)]


def parts_of_extension(op, user):
    if op.target is None or op.target.text or op.target.path is not None:
        return None
    if removes(op) or is_unassigned(op.value):
        if op.op.lower() == "add":
            return []
        return [op._replace(op="remove", value=NOTHING,
                            target=Target(Path(True, name)), plain=True)
                for name in user.get(ENTERPRISE, {})]
    if not isinstance(op.value, dict):
        return None
    return [made for key, value in op.value.items()
            for made in for_key(op, f"{ENTERPRISE}:{key}", value)]


def unassigned_is_nothing(op, user):
    if not known(op) or removes(op) or not is_unassigned(op.value):
        return None
    if op.op.lower() == "add":
        return []
    return [op._replace(op="remove", value=NOTHING)]


def no_manager(op, user):
    """An empty string is the id of nobody."""
    if not known(op) or removes(op) or whole(op.target.path) != Path(
            True, "manager"):
        return None
    value = op.value
    if isinstance(value, dict):
        value = value.get("value")
    if value != "":
        return None
    return [Op("remove", Target(whole(op.target.path)), plain=True)]


def real_booleans(op, user):
    if not known(op) or removes(op):
        return None
    if kind(op.target.path) == "boolean" and isinstance(op.value, str):
        return [op._replace(value=op.value.lower() == "true")]
    return None


def ignored(op, user):
    """The server's list of groups: what is said of it is let pass."""
    return [] if known(op) and op.target.path.name == "groups" else None


def without_value(op, user):
    if not known(op) or not removes(op) or op.value is NOTHING:
        return None
    if of_list(op) and not op.target.chosen and op.target.path.sub is None:
        return None
    return [op._replace(value=NOTHING)]


def merged(op, user):
    if (not known(op) or op.op.lower() != "replace"
            or is_list(op.target.path) or not is_complex(op.target.path)):
        return None
    return [op._replace(op="add")]


def in_an_array(op, user):
    if (not of_list(op) or op.target.chosen or op.target.path.sub
            or removes(op) or not isinstance(op.value, dict)):
        return None
    return [op._replace(value=[op.value])]


def part_of_manager(op, user):
    if (not known(op) or op.target.path.name != "manager"
            or not op.target.path.sub or removes(op)):
        return None
    path = op.target.path
    return [op._replace(op="add", target=Target(whole(path)),
                        value={path.sub: op.value}, plain=True)]


def string_as_value(op, user):
    if (not known(op) or op.target.path != Path(True, "manager")
            or not isinstance(op.value, str)):
        return None
    return [op._replace(value={"value": op.value})]


def known_keys(op, user):
    """Names as in the schema; what it does not know is left out."""
    if not known(op) or removes(op) or not is_complex(op.target.path):
        return None

    def clean(value):
        if isinstance(value, list):
            return [clean(v) for v in value]
        if not isinstance(value, dict):
            return value
        pairs = [(named(op.target.path._replace(sub=k)), v)
                 for k, v in value.items()]
        return {p.sub: v for p, v in pairs if p
                and ATTRIBUTES[p].get("mutability") != "readOnly"}

    return [op._replace(value=clean(op.value))]


def element_after(op, element):
    """What the operation makes of one element of a list."""
    value, part = op.value, op.target.path.sub
    if isinstance(value, list) and len(value) == 1 and part is None:
        value = value[0]
    if part is None:
        if op.op.lower() == "add":
            return dict(element, **(value or {}))
        return {} if removes(op) or is_unassigned(value) else value
    if not removes(op) and not is_unassigned(value):
        return dict(element, **{part: value})
    return element if op.op.lower() == "add" else {
        k: v for k, v in element.items() if k != part}


def list_after(op, user, picked):
    """The operation as one that gives the whole list."""
    made, touched = [], []
    target = Target(whole(op.target.path))
    for i, element in enumerate(elements(user, target.path)):
        if i in picked:
            element = element_after(op, element)
            if element:
                touched.append(len(made))
        if element:
            made.append(element)
    if not made:
        return [Op("remove", target, plain=True)]
    return [Op("replace", target, made, plain=True, touched=tuple(touched))]


def is_mendable(op):
    return of_list(op) and not (
        not removes(op) and op.target.path.sub is None
        and not isinstance(op.value, (dict, list)))


def part_of_all(op, user):
    """emails.type, of all elements."""
    if not of_list(op) or op.target.chosen or not op.target.path.sub:
        return None
    there = elements(user, whole(op.target.path))
    if not there:
        return None if not removes(op) else []
    return list_after(op, user, range(len(there)))


def by_case(op, user):
    """Brackets compare as filters do."""
    if not of_list(op) or not op.target.chosen or not is_mendable(op):
        return None
    picked = chosen(op, user)
    if picked == chosen(op, user, lambda p, a, b: a == b):
        return None
    return list_after(op, user, picked)


def replaced_element(op, user):
    if (not of_list(op) or not op.target.chosen or op.target.path.sub
            or op.op.lower() != "replace" or not is_mendable(op)):
        return None
    picked = chosen(op, user)
    return list_after(op, user, picked) if picked else None


def marks_in_brackets(op, user):
    if not of_list(op) or not op.target.chosen or not any(
            mark in str(v) for _, v in op.target.chosen for mark in MARKS):
        return None
    picked = chosen(op, user)
    return list_after(op, user, picked) if picked else None


def part_in_brackets(op, user):
    """What chooses the element is what is replaced."""
    if (not of_list(op) or op.op.lower() != "replace"
            or op.target.path.sub not in dict(op.target.chosen)):
        return None
    picked = chosen(op, user)
    return list_after(op, user, picked) if picked else None


def made_of_brackets(op, user):
    if (not of_list(op) or not op.target.chosen or op.op.lower() != "add"
            or chosen(op, user) or is_unassigned(op.value)):
        return None
    element = dict(op.target.chosen)
    value = op.value
    if op.target.path.sub:
        element[op.target.path.sub] = value
    elif isinstance(value, list):
        element.update(value[0])
    elif isinstance(value, dict):
        element.update(value)
    return [op._replace(target=Target(whole(op.target.path)),
                        value=[element], plain=True)]


def removal_of_nothing(op, user):
    if not of_list(op) or not removes(op) or not op.target.chosen:
        return None
    return None if chosen(op, user) else []


def removed_values(op, user):
    """`remove` with values: the elements that have all they say."""
    if (not of_list(op) or not removes(op) or op.target.chosen
            or op.target.path.sub or op.value in (NOTHING, None)):
        return None
    wanted = op.value if isinstance(op.value, list) else [op.value]
    path = op.target.path
    kept = [i for i, e in enumerate(elements(user, path)) if any(
        w and all(same(path._replace(sub=s), e.get(s), v)
                  for s, v in w.items()) for w in wanted)]
    return list_after(op._replace(value=NOTHING), user, kept)


# --- rules: what is mended afterwards

def without_empties(op, old, new):
    def clean(value):
        if isinstance(value, dict):
            return {k: c for k, v in value.items()
                    for c in [clean(v)] if not is_unassigned(c)}
        if isinstance(value, list):
            return [c for v in value
                    for c in [clean(v)] if not is_unassigned(c)]
        return value
    return clean(new)


def without_doubles(op, old, new):
    def clean(value):
        if not isinstance(value, list):
            return value
        kept = []
        for v in value:
            if v not in kept:
                kept.append(v)
        return kept
    return {k: clean(v) for k, v in new.items()}


def is_primary(element):
    return isinstance(element, dict) and element.get("primary") is True


def primary_moves(op, old, new):
    """To what was touched, or else to what is new."""
    made = dict(new)
    for name, value in new.items():
        if not isinstance(value, list) or value == old.get(name):
            continue
        before = old.get(name, [])
        takes = [is_primary(e) and (i in op.touched if op.touched
                                    else e not in before)
                 for i, e in enumerate(value)]
        if any(takes):
            made[name] = [
                dict(e, primary=False) if is_primary(e) and not here else e
                for here, e in zip(takes, value)]
    return made


def uris(op, user):
    """What is no URI, as one."""
    if not known(op) or removes(op):
        return None

    def walk(value, path):
        if isinstance(value, list):
            return [walk(v, path) for v in value]
        if isinstance(value, dict):
            return {k: walk(v, path._replace(sub=k))
                    for k, v in value.items()}
        if (not isinstance(value, str) or value.startswith("https:")
                or path not in ATTRIBUTES or kind(path) != "reference"):
            return value
        return A_URI + value.encode().hex()

    return [op._replace(value=walk(op.value, op.target.path))]


def no_uris(user):
    return json.loads(re.sub(A_URI + "([0-9a-f]*)", lambda found: json.dumps(
        bytes.fromhex(found[1]).decode())[1:-1], json.dumps(user)))


def one_primary_at_most(user):
    for value in user.values():
        if isinstance(value, list) and sum(map(is_primary, value)) > 1:
            return REFUSED
    return user


RULES = [
    Rule("no such path", BOTH, refuse_if(no_such_path)),
    Rule("readOnly", BOTH, refuse_if(only_the_servers)),
    Rule("required", BOTH, refuse_if(takes_what_is_required)),
    Rule("no value", (SCIM_PATCH,), refuse_if(lacks_a_value)),
    Rule("no object", BOTH, refuse_if(is_no_object)),
    Rule("op in any case", (SCIM_PATCH,), lower_case),
    Rule("names", BOTH, as_in_the_schema),
    Rule("no path", BOTH, one_by_one),
    Rule("an extension as path", BOTH, parts_of_extension),
    Rule("groups are ignored", BOTH, ignored),
    Rule("value of another type", BOTH, refuse_if(does_not_fit)),
    Rule("no target", BOTH, refuse_if(has_no_target)),
    Rule("unassigned", BOTH, unassigned_is_nothing, without_empties),
    Rule("nobody as manager", BOTH, no_manager),
    Rule("booleans in quotes", BOTH, real_booleans),
    Rule("manager as a string", BOTH, string_as_value),
    Rule("element made of brackets", BOTH, made_of_brackets),
    Rule("unknown parts", BOTH, known_keys),
    Rule("removal with a value", BOTH, removed_values),
    Rule("removal of one value", (SCIM_PATCH,), without_value),
    Rule("removal of nothing", BOTH, removal_of_nothing),
    Rule("part of all elements", BOTH, part_of_all),
    Rule("case in brackets", BOTH, by_case),
    Rule("marks in brackets", BOTH, marks_in_brackets),
    Rule("part in brackets replaced", (SCIMMY,), part_in_brackets),
    Rule("element replaced", BOTH, replaced_element),
    Rule("one value in an array", (SCIM_PATCH,), in_an_array),
    Rule("complex values merge", (SCIMMY,), merged),
    Rule("part of the manager", (SCIMMY,), part_of_manager),
    Rule("canonical values", (SCIMMY,), options={"canonical": False}),
    Rule("form of a reference", (SCIMMY,), uris, end=no_uris),
    Rule("primary moves", BOTH, after=primary_moves),
    Rule("doubles", BOTH, after=without_doubles),
    Rule("two primaries", BOTH, end=one_primary_at_most),
]


def normal(user):
    """What the client has a say in; lists have no order."""
    if not isinstance(user, dict):
        return user
    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in sorted(value.items())}
        if isinstance(value, list):
            return sorted((walk(v) for v in value), key=json.dumps)
        return value
    return walk({k: v for k, v in user.items() if k not in SERVERS})


class Asker:
    """Puts patches to a library, as they are or under rules."""

    def __init__(self, peers):
        self.peers = peers

    def plain(self, peer, user, ops):
        try:
            return normal(self.peers.patched(
                peer, user, [op.message() for op in ops]))
        except Refused:
            return REFUSED

    def under(self, peer, user, ops, rules, used):
        """`used` takes in the names of the rules that did something."""
        options = {}
        for rule in rules:
            if rule.options:
                options.update(rule.options)
                used.add(rule.name)
        try:
            for op in ops:
                user = self.step(peer, user, op, rules, options, used)
                if user is REFUSED:
                    return REFUSED
        except Refused:
            return REFUSED
        except (AttributeError, KeyError, TypeError):
            return None  # what the library made is no user any more
        for rule in rules:
            mended = rule.end(user) if rule.end is not None else user
            if mended is REFUSED:
                used.add(rule.name)
                return REFUSED
            user = mended
        return normal(user)

    def step(self, peer, user, op, rules, options, used):
        todo = [op]
        for i, rule in enumerate(rules):
            if rule.before is None:
                continue
            made = []
            for one in todo:
                instead = rule.before(one, user)
                if instead is REFUSED:
                    used.add(rule.name)
                    return REFUSED
                if instead is None:
                    instead = [one]
                elif [o.message() for o in instead] != [one.message()]:
                    used.add(rule.name)
                made += instead
            todo = made
        for one in todo:
            new = self.peers.patched(peer, user, [one.message()], options)
            for rule in rules:
                if rule.after is not None:
                    mended = rule.after(one, user, new)
                    if mended != new:
                        used.add(rule.name)
                    new = mended
            user = new
        return user

    def explain(self, peer, user, ops, want):
        mine = [rule for rule in RULES if peer in rule.peers]
        used = set()
        if self.under(peer, user, ops, mine, used) != want:
            return None
        rules = [rule for rule in mine if rule.name in used]
        if self.under(peer, user, ops, rules, set()) != want:
            return None
        for rule in list(rules):
            fewer = [u for u in rules if u is not rule]
            if self.under(peer, user, ops, fewer, set()) == want:
                rules = fewer
        return [rule.name for rule in rules]
