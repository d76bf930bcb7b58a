# SPDX-License-Identifier: Apache-2.0
"""Random filters: trees, made from a seed, and the text of a tree.

A tree is a tuple: ("cmp", path, operator, value), ("pr", path),
("not", tree), ("and" or "or", trees), ("in", path, tree) for brackets,
("sub", path, tree, comparison) for a[...].b, ("unknown", name) for a
comparison with an attribute that there is not, and ("bad", text) for what
the grammar does not have.
"""

import json
import random
from typing import NamedTuple

from differential.users import (ATTRIBUTES, TIMES, Path, is_complex, is_list,
                                kind, text_for, values_at)
from scim_client import ENTERPRISE, USER

TEXT_OPS = ["eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
SCHEMAS = Path(False, "schemas")


class Style(NamedTuple):
    """How a tree is spelled; nothing of it changes what is meant."""
    seed: int
    case: bool = True      # of names and keywords
    urn: bool = True       # schema of the core in front of a name
    spaces: bool = True
    escapes: bool = True   # JSON's, where they could be left out


class Spelling:
    def __init__(self, style):
        self.style = style
        self.r = random.Random(style.seed)

    def word(self, text):
        pick = self.r.random()
        if not self.style.case or pick < 0.7:
            return text
        return (text.upper() if pick < 0.8 else text.lower() if pick < 0.9
                else text[:1].swapcase() + text[1:])

    def name(self, path, inside):
        last = path.name if path.sub is None else f"{path.name}.{path.sub}"
        if inside:
            return self.word(path.sub)
        if path.extension:
            return f"{self.word(ENTERPRISE)}:{self.word(last)}"
        of_core = path.name not in ("id", "externalId", "meta", "schemas")
        urn = self.style.urn and of_core and self.r.random() < 0.12
        return (self.word(USER) + ":" if urn else "") + self.word(last)

    def value(self, value):
        text = json.dumps(value, ensure_ascii=False)
        if (not isinstance(value, str) or not self.style.escapes
                or self.r.random() < 0.8):
            return text
        return json.dumps(value)

    def blank(self):
        few = not self.style.spaces or self.r.random() < 0.9
        return " " if few else "  "

    def tree(self, tree, inside=False, within=None):
        what = tree[0]
        if what in ("bad", "unknown"):
            return tree[1]
        if what == "cmp":
            return self.blank().join([
                self.name(tree[1], inside), self.word(tree[2]),
                self.value(tree[3])])
        if what == "pr":
            return self.name(tree[1], inside) + " " + self.word("pr")
        if what == "not":
            tight = self.style.spaces and self.r.random() < 0.3
            return (self.word("not") + ("" if tight else " ")
                    + f"({self.tree(tree[1], inside)})")
        if what == "in":
            return f"{self.name(tree[1], False)}[{self.tree(tree[2], True)}]"
        if what == "sub":
            return (f"{self.name(tree[1], False)}[{self.tree(tree[2], True)}]"
                    f".{self.tree(tree[3], True)}")
        parts = []
        for part in tree[1]:
            text = self.tree(part, inside, what)
            # `and` binds closer, so only an `or` in it needs parentheses;
            # some stand where they are not needed.
            if ((what == "and" and part[0] == "or")
                    or (part[0] in ("and", "or") and part[0] == what)
                    or (self.style.spaces and self.r.random() < 0.08)):
                text = f"({text})"
            parts.append(text)
        return f" {self.word(what)} ".join(parts)


def render(tree, style, inside=False):
    return Spelling(style).tree(tree, inside)


class Maker:
    """Makes trees about users that are there."""

    def __init__(self, r, people):
        self.r = r
        self.people = people
        self.paths = [p for p in ATTRIBUTES
                      if p.name not in ("groups",)
                      and p not in (Path(False, "meta"),)]

    def path(self, of=None):
        """Mostly attributes that somebody has."""
        if of is not None:
            return self.r.choice([p for p in ATTRIBUTES
                                  if p._replace(sub=None) == of and p.sub])
        favourites = [p for p in self.paths if p.name in (
            "userName", "title", "emails", "name", "active", "externalId",
            "meta", "department", "manager")]
        return self.r.choice(favourites if self.r.random() < 0.7
                             else self.paths)

    def some_value(self, path):
        """One that is there, or one that could be."""
        there = [v for p in self.people for v in values_at(p, path)]
        if there and self.r.random() < 0.75:
            return self.r.choice(there)
        return text_for(self.r, path)

    def text(self, path, op):
        value = self.some_value(path)
        if op in ("co", "sw", "ew") and len(value) > 1:
            a = self.r.randrange(len(value))
            b = self.r.randrange(a, len(value)) + 1
            value = (value[:b] if op == "sw" else value[a:]
                     if op == "ew" else value[a:b])
        return self.r.choice([value, value, value.upper(), value.lower(),
                              value.swapcase()])

    def time(self):
        text = self.some_value(Path(False, "meta", self.r.choice(TIMES)))
        if not text[:4].isdigit():
            text = "2011-05-13T04:42:34Z"
        pick = self.r.randrange(5)
        return (text if pick < 2 else text.replace("Z", "+00:00")
                if pick == 2 else text[:19] + "Z" if pick == 3
                else "2011-05-13T04:42:34.5-07:00")

    def comparison(self, path):
        r, what = self.r, kind(path)
        if r.random() < 0.12:
            return ("pr", path)
        if r.random() < 0.05:
            return ("cmp", path, r.choice(["eq", "ne"]), None)
        if r.random() < 0.025:
            return ("cmp", path, r.choice(TEXT_OPS), r.choice(
                [7, -1.5, True, "x", None, "True", 1e3]))
        if what == "boolean":
            return ("cmp", path, r.choice(["eq", "eq", "ne"]), r.choice(
                [True, True, False, False, "True", "false"]))
        if what == "dateTime":
            op = r.choice(["eq", "ne", "gt", "ge", "lt", "le"])
            return ("cmp", path, op, self.time())
        if what == "binary":
            return ("cmp", path, r.choice(["eq", "ne"]),
                    self.some_value(path))
        op = r.choice(TEXT_OPS)
        target = path
        if what == "complex":
            target = path._replace(sub="value")
            if target not in ATTRIBUTES or kind(target) == "boolean":
                return ("pr", path)
            if kind(target) == "binary":
                op = r.choice(["eq", "ne"])
        return ("cmp", path, op, self.text(target, op))

    def leaf(self, of):
        r = self.r
        if of is None and r.random() < 0.02:
            return ("cmp", SCHEMAS, r.choice(["eq", "ne"]),
                    r.choice([USER, ENTERPRISE]))
        if of is None and r.random() < 0.012:
            return ("unknown", r.choice([
                'nope eq "x"', 'name.nope pr', 'emails.nope co "x"',
                'urn:x:y:title eq "a"', 'password eq "secret"',
                'meta.nope pr', 'emails[nope eq "x"]', 'title.x pr',
                f'{ENTERPRISE}:nope pr']))
        return self.comparison(self.path(of))

    def tree(self, depth=3, of=None):
        r = self.r
        pick = r.random()
        if depth == 0 or pick < 0.42:
            return self.leaf(of)
        if pick < 0.64:
            return ("and", tuple(self.tree(depth - 1, of)
                                 for _ in range(r.choice([2, 2, 3]))))
        if pick < 0.82:
            return ("or", tuple(self.tree(depth - 1, of)
                                for _ in range(r.choice([2, 2, 3]))))
        if pick < 0.9 or of is not None:
            return ("not", self.tree(depth - 1, of))
        lists = [p for p in self.paths if p.sub is None and is_complex(p)]
        many = [p for p in lists if p.name in ("emails", "addresses")]
        path = r.choice(many if r.random() < 0.7 else lists)
        inner = self.tree(min(depth - 1, 2), path)
        if r.random() < 0.1 and is_list(path):
            return ("sub", path, inner, self.comparison(self.path(path)))
        return ("in", path, inner)

    def bad(self):
        """What is no filter, made of what is one."""
        style = Style(self.r.randrange(1 << 30))
        f, g = (render(self.tree(1), style) for _ in range(2))
        return ("bad", self.r.choice([
            "title eq", "title", 'eq "x"', f"({f}", f"{f})", f"{f} and",
            f"and {f}", f"{f} {g}", "not title pr", f"not {f}",
            "title eq Boss", "title eq 'Boss'", 'title = "x"',
            'title eq "x', "title np", 'emails[type eq "work"', "emails[]",
            'emails[emails[type eq "work"]]', "title..x pr", ".title pr",
            f"{f} xor {g}", "active eq tru", "active eq TRUE1",
            "title eq 01", "title eq +1", r'title eq "a\q"',
            r'title eq "\ud800"', 'title eq ["x"]', "title eq {}", "()",
            f"{f}, {g}", f"{f} && {g}", f"!({f})", 'title eq"x"',
            "title pr pr", 'title eq "x" "y"', "title.pr", 'title eq "a"b"',
            'name.[givenName eq "x"]', 'emails[type eq "work"] eq',
            'emails[type eq "work"]value pr']))


def make(seed, count, people):
    """`count` pairs of a tree and its style."""
    for number in range(count):
        r = random.Random(f"{seed}-{number}")
        maker = Maker(r, people)
        tree = maker.bad() if r.random() < 0.06 else maker.tree()
        yield tree, Style(r.randrange(1 << 30))
