# SPDX-License-Identifier: Apache-2.0
"""In what the libraries filter otherwise than scimd.

README.md has a line for each of these rules: the section of the RFC, and who
is right by it.
"""

import re
from datetime import datetime, timezone
from typing import NamedTuple

from differential.explain import REFUSED, Rule
from differential.filters import SCHEMAS, Style, render
from differential.peers import Refused
from differential.users import (ATTRIBUTES, TIMES, Path, fold, is_complex,
                                is_exact, is_list, kind, mapped)
from scim_client import ENTERPRISE

PARSE_FILTER, SCIMMY = "scim2-parse-filter", "scimmy"
BOTH = (PARSE_FILTER, SCIMMY)

# What a string of RFC 8259 has to escape, and what stands in for it; they
# sort alike among the characters in use.
STAND_INS = {'"': "!", "\\": "^"}

A_TIME = re.compile(r"\d{4}-\d\d-\d\dT")


class Question(NamedTuple):
    tree: tuple
    style: Style
    changes: tuple = ()      # of the resources, by name
    apart: frozenset = frozenset()  # what is not left to the library
    refuse: bool = False


def each(tree, change):
    """The tree with change(leaf) in place of each leaf."""
    what = tree[0]
    if what in ("and", "or"):
        return (what, tuple(each(t, change) for t in tree[1]))
    if what == "not":
        return ("not", each(tree[1], change))
    if what == "in":
        return ("in", tree[1], each(tree[2], change))
    if what == "sub":
        return ("sub", tree[1], each(tree[2], change),
                each(tree[3], change))
    return change(tree)


def leaves(tree):
    found = []
    each(tree, lambda leaf: found.append(leaf) or leaf)
    return found


def change_leaves(change):
    return lambda q: q._replace(tree=each(q.tree, change))


def nodes(tree):
    yield tree
    if tree[0] in ("and", "or"):
        for t in tree[1]:
            yield from nodes(t)
    elif tree[0] in ("in", "sub"):
        for t in tree[2:]:
            yield from nodes(t)
    elif tree[0] == "not":
        yield from nodes(tree[1])


# --- what scimd refuses

def value_of(path):
    """The sub-attribute that stands for a complex attribute."""
    if is_complex(path) and path._replace(sub="value") in ATTRIBUTES:
        return path._replace(sub="value")
    return path


def refuse_when(wrong):
    def mend(q):
        return q._replace(refuse=True) if any(
            wrong(leaf) for leaf in nodes(q.tree)) else q
    return mend


def is_order_of_boolean(leaf):
    if leaf[0] != "cmp" or leaf[1] == SCHEMAS:
        return False
    return (kind(value_of(leaf[1])) in ("boolean", "binary")
            and leaf[2] not in ("eq", "ne"))


def is_of_another_type(leaf):
    if leaf[0] != "cmp" or leaf[1] == SCHEMAS or leaf[3] is None:
        return False
    what, value = kind(value_of(leaf[1])), leaf[3]
    if what == "boolean":
        return not isinstance(value, bool) and str(value).lower() not in (
            "true", "false")
    if what == "complex":
        return True
    if what == "dateTime" and leaf[2] not in ("co", "sw", "ew"):
        return not isinstance(value, str) or not A_TIME.match(value)
    return not isinstance(value, str)


def is_null_in_order(leaf):
    return (leaf[0] == "cmp" and leaf[3] is None
            and leaf[2] not in ("eq", "ne"))


# --- what is mended

def fold_text(q):
    def fold_leaf(leaf):
        if (leaf[0] != "cmp" or not isinstance(leaf[3], str)
                or leaf[1] == SCHEMAS):
            return leaf
        path = value_of(leaf[1])
        if is_exact(path) or kind(path) == "dateTime":
            return leaf
        return leaf[:3] + (fold(leaf[3]),)

    return q._replace(tree=each(q.tree, fold_leaf),
                      changes=q.changes + ("fold",))


def differs_from_nothing(leaf):
    if leaf[0] != "cmp" or leaf[2] != "ne" or leaf[3] is None:
        return leaf
    return ("or", (leaf, ("not", ("pr", leaf[1]))))


def on_values(*operators):
    """Comparisons with what is there only, be it in a list or not."""
    def is_meant(leaf):
        return leaf[0] == "cmp" and leaf[2] in operators and (
            leaf[3] is not None)

    def change(tree, inside):
        if tree[0] in ("and", "or"):
            return (tree[0], tuple(change(t, inside) for t in tree[1]))
        if tree[0] == "not":
            return ("not", change(tree[1], inside))
        if tree[0] == "in":
            return ("in", tree[1], change(tree[2], True))
        if not is_meant(tree):
            return tree
        there = ("and", (("pr", tree[1]), tree))
        if inside or tree[1].sub is None or not is_list(tree[1]):
            return there
        return ("in", tree[1]._replace(sub=None), there)

    def mend(q):
        if not any(is_meant(leaf) for leaf in nodes(q.tree)):
            return q
        return q._replace(tree=change(q.tree, False),
                          apart=q.apart | {"brackets", "logic"})
    return mend


def nothing_is_null(leaf):
    if leaf[0] != "cmp" or leaf[3] is not None or leaf[2] not in (
            "eq", "ne"):
        return leaf
    there = ("pr", leaf[1])
    return there if leaf[2] == "ne" else ("not", there)


def value_stands_for_all(leaf):
    if leaf[0] != "cmp" or leaf[1] == SCHEMAS or leaf[3] is None:
        return leaf
    return leaf[:1] + (value_of(leaf[1]),) + leaf[2:]


def times_as_written(leaf):
    """A time as scimd writes it: in UTC, to the millisecond."""
    if (leaf[0] != "cmp" or leaf[1].sub not in TIMES
            or not isinstance(leaf[3], str) or not A_TIME.match(leaf[3])):
        return leaf
    return leaf[:3] + (in_utc(leaf[3]),)


def in_utc(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00").replace(
        ".5-", ".500-")).astimezone(timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def booleans_without_quotes(leaf):
    if (leaf[0] != "cmp" or not isinstance(leaf[3], str)
            or leaf[1] == SCHEMAS or kind(value_of(leaf[1])) != "boolean"
            or leaf[3].lower() not in ("true", "false")):
        return leaf
    return leaf[:3] + (leaf[3].lower() == "true",)


def stand_in(text):
    for char, other in STAND_INS.items():
        text = text.replace(char, other)
    return text


def nothing_to_escape(q):
    def change(leaf):
        if leaf[0] != "cmp" or not isinstance(leaf[3], str):
            return leaf
        return leaf[:3] + (stand_in(leaf[3]),)

    return q._replace(tree=each(q.tree, change),
                      style=q.style._replace(escapes=False),
                      changes=q.changes + ("escapes",))


def same_element(tree):
    if tree[0] in ("and", "or"):
        return (tree[0], tuple(same_element(t) for t in tree[1]))
    if tree[0] == "not":
        return ("not", same_element(tree[1]))
    if tree[0] == "sub":
        return ("in", tree[1], ("and", (tree[2], tree[3])))
    return tree


def one_element(q):
    return q._replace(tree=same_element(q.tree))


def simple_lists(q):
    if not any(leaf[0] == "cmp" and leaf[1] == SCHEMAS
               for leaf in leaves(q.tree)):
        return q
    return q._replace(changes=q.changes + ("schemas",))


def presence_of_parts(leaf):
    """`emails pr` as: any part of any is."""
    if leaf[0] != "pr" or leaf[1].sub is not None or not is_complex(leaf[1]):
        return leaf
    subs = [p for p in ATTRIBUTES
            if p.sub and p._replace(sub=None) == leaf[1]]
    return ("or", tuple(("pr", p) for p in subs))


def whole(q):
    """Complex attributes that are not there, as empty ones."""
    if not any(is_part(leaf) for leaf in nodes(q.tree)):
        return q
    return q._replace(changes=q.changes + ("whole",))


def is_part(leaf):
    return leaf[0] in ("cmp", "pr") and (
        leaf[1].sub is not None or leaf[1].extension
        or leaf[1] in ATTRIBUTES and is_complex(leaf[1]))


def references(q):
    if not any(leaf[0] in ("cmp", "pr") and leaf[1].sub == "$ref"
               for leaf in nodes(q.tree)):
        return q
    return q._replace(changes=q.changes + ("ref",))


def extension_without_urn(q):
    if not any(leaf[0] in ("cmp", "pr") and leaf[1].extension
               for leaf in nodes(q.tree) if len(leaf) > 1):
        return q
    return q._replace(changes=q.changes + ("extension",))


def take_apart(what, *kinds):
    def mend(q):
        if not any(node[0] in kinds for node in nodes(q.tree)):
            return q
        return q._replace(apart=q.apart | {what})
    return mend


def without(flag):
    return lambda q: q._replace(style=q.style._replace(**{flag: False}))


RULES = [
    Rule("grammar", BOTH, refuse_when(lambda t: t[0] == "bad")),
    Rule("unknown attribute", BOTH, refuse_when(lambda t: t[0] == "unknown")),
    Rule("order of booleans", BOTH, refuse_when(is_order_of_boolean)),
    Rule("value of another type", BOTH, refuse_when(is_of_another_type)),
    Rule("order of null", BOTH, refuse_when(is_null_in_order)),
    Rule("booleans in quotes", (PARSE_FILTER,),
         change_leaves(booleans_without_quotes)),
    Rule("JSON escapes", BOTH, nothing_to_escape),
    Rule("value of a complex attribute", BOTH,
         change_leaves(value_stands_for_all)),
    Rule("brackets with a name behind", BOTH, one_element),
    Rule("case", BOTH, fold_text),
    Rule("times", BOTH, change_leaves(times_as_written)),
    Rule("null is unassigned", BOTH, change_leaves(nothing_is_null)),
    Rule("ne of nothing", BOTH, change_leaves(differs_from_nothing)),
    Rule("ne in a list", (SCIMMY,), on_values("ne")),
    Rule("nothing is no text", (SCIMMY,), on_values("co", "sw", "ew")),
    Rule("presence of a list", (SCIMMY,), change_leaves(presence_of_parts)),
    Rule("simple lists", BOTH, simple_lists),
    Rule("URN of the core", BOTH, without("urn")),
    Rule("URN of an extension", (SCIMMY,), extension_without_urn),
    Rule("unassigned complex attributes", (SCIMMY,), whole),
    Rule("dollar in names", (PARSE_FILTER,), references),
    Rule("logic", (SCIMMY,), take_apart("logic", "and", "or", "not")),
    Rule("brackets", BOTH, take_apart("brackets", "in", "sub")),
]


def filled(resource):
    made = dict(resource, **{ENTERPRISE: dict(resource.get(ENTERPRISE, {}))})
    for path in ATTRIBUTES:
        if path.sub is None and is_complex(path):
            home = made[ENTERPRISE] if path.extension else made
            home.setdefault(path.name, [] if is_list(path) else {})
    return made


def renamed(value):
    if isinstance(value, list):
        return [renamed(v) for v in value]
    if isinstance(value, dict):
        return {"ref" if k == "$ref" else k: renamed(v)
                for k, v in value.items()}
    return value


# In this order, because the last move things.
CHANGES = ("fold", "escapes", "whole", "schemas", "extension", "ref")


def changed(resource, changes):
    for change in changes:
        if change == "whole":
            resource = filled(resource)
        elif change == "ref":
            resource = renamed(resource)
        elif change == "fold":
            resource = mapped(resource, lambda p, text: (
                text if p == SCHEMAS or p not in ATTRIBUTES or is_exact(p)
                else fold(text) if kind(p) == "string" else text))
        elif change == "escapes":
            resource = mapped(resource, lambda p, text: stand_in(text))
        elif change == "schemas":
            resource = resource | {"schemas": [
                {"value": s} for s in resource["schemas"]]}
        elif change == "extension":
            resource = resource | {
                "extension": resource.get(ENTERPRISE, {})}
    return resource


class Asker:
    """Puts a question to a library, over the users that are there."""

    def __init__(self, peers, people):
        self.peers = peers
        self.sets = {(): people}

    def __call__(self, peer, q):
        if q.refuse:
            return REFUSED
        changes = tuple(c for c in CHANGES if c in q.changes)
        if changes not in self.sets:
            self.sets[changes] = [changed(p, changes)
                                  for p in self.sets[()]]
        try:
            return self.hits(peer, q, q.tree, changes, None)
        except Refused:
            return REFUSED

    def hits(self, peer, q, tree, changes, around):
        """Indices of the users, or of the elements of `around`."""
        items = self.items(changes, around)
        if self.is_taken_apart(q, tree):
            parts = [self.hits(peer, q, t, changes, around)
                     for t in (tree[1] if tree[0] != "not" else [tree[1]])]
            if tree[0] == "and":
                return set.intersection(*parts)
            if tree[0] == "or":
                return set.union(*parts)
            return set(range(len(items))) - parts[0]
        if "brackets" in q.apart and tree[0] == "in":
            elements = self.items(changes, tree[1])
            found = self.hits(peer, q, tree[2], changes, tree[1])
            return {elements[i][0] for i in found}
        name = repr((changes, around))
        bare = [item[1] for item in items] if around else items
        return self.peers.matching(peer, self.text(q, tree, around), name,
                                   bare)

    @staticmethod
    def is_taken_apart(q, tree):
        return tree[0] in ("and", "or", "not") and (
            "logic" in q.apart or "brackets" in q.apart and any(
                node[0] == "in" for node in nodes(tree)))

    def text(self, q, tree, around):
        if "schemas" in q.changes:
            tree = each(tree, lambda leaf: (
                leaf[:1] + (Path(False, "schemas", "value"),) + leaf[2:]
                if leaf[0] in ("cmp", "pr") and leaf[1] == SCHEMAS else leaf))
        text = render(tree, q.style, around is not None)
        if "ref" in q.changes:
            text = re.sub(r"\$ref", "ref", text, flags=re.I)
        if "extension" in q.changes:
            lower = text.lower()
            while (at := lower.find(ENTERPRISE.lower() + ":")) >= 0:
                end = at + len(ENTERPRISE) + 1
                text = text[:at] + "extension." + text[end:]
                lower = text.lower()
        return text

    def items(self, changes, around):
        """Users, or pairs of the index of a user and an element of his."""
        if around is None:
            return self.sets[changes]
        key = (changes, around)
        if key not in self.sets:
            self.sets[key] = [
                (i, element) for i, user in enumerate(self.sets[changes])
                for element in elements_of(user, around)]
        return self.sets[key]


def elements_of(user, path):
    home = user.get(ENTERPRISE, {}) if path.extension else user
    found = home.get(path.name, [])
    found = found if isinstance(found, list) else [found]
    return [element for element in found if element]
