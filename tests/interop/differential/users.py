# SPDX-License-Identifier: Apache-2.0
"""What a user consists of, by the schema files, and users made at random."""

import unicodedata
from typing import NamedTuple

from samples import schema
from scim_client import ENTERPRISE, USER

TIMES = ("created", "lastModified")


class Path(NamedTuple):
    """An attribute, or a sub-attribute of one."""
    extension: bool
    name: str
    sub: str | None = None


def by_path():
    """Path -> definition of every attribute but secrets."""
    found = {}
    common = schema("common-attributes")
    common = common["attributes"] if isinstance(common, dict) else common
    lists = [(False, common), (False, schema("User")["attributes"]),
             (True, schema("EnterpriseUser")["attributes"])]
    for extension, attributes in lists:
        for a in attributes:
            if a.get("returned") == "never":
                continue
            found[Path(extension, a["name"])] = a
            for s in a.get("subAttributes", []):
                found[Path(extension, a["name"], s["name"])] = s
    return found


ATTRIBUTES = by_path()


def is_complex(path):
    return path in ATTRIBUTES and ATTRIBUTES[path]["type"] == "complex"


def is_list(path):
    """Whether the attribute, or the parent of it, has several values."""
    return ATTRIBUTES[path._replace(sub=None)].get("multiValued", False)


def is_exact(path):
    return ATTRIBUTES[path].get("caseExact", False)


def kind(path):
    return ATTRIBUTES[path]["type"]


def fold(text):
    """As scimd compares what is not caseExact."""
    return unicodedata.normalize("NFC", unicodedata.normalize(
        "NFD", text).casefold())


def of_type(kinds):
    return [p for p in ATTRIBUTES if kind(p) in kinds]


WORDS = ["Ann", "ann", "ANN", "Bob", "bob", "Müller", "MÜLLER", "Straße",
         "STRASSE", "O'Malley", "a b", "x", "xy", "10", "9", "true",
         "R&D", "r&d", "a\"b", "a\\b", "é", "É", "Σ", "ς", "日本", "😀", "%41",
         "a+b", "and", "eq", "[x]", "(y)"]
HOSTS = ["x.example", "X.EXAMPLE", "y.example"]
TYPES = {"emails": ["work", "home", "other"],
         "phoneNumbers": ["work", "home", "mobile"],
         "ims": ["xmpp", "aim"], "photos": ["photo", "thumbnail"],
         "addresses": ["work", "home"]}


def text_for(r, path):
    if path.name == "emails" and path.sub == "value":
        return f"{r.choice(['ann', 'Ann', 'bob', 'c'])}@{r.choice(HOSTS)}"
    if path.name == "phoneNumbers" and path.sub == "value":
        return f"tel:+1-555-01{r.randrange(10, 14)}"
    if kind(path) == "reference":
        return f"https://{r.choice(HOSTS)}/{r.choice('aAbB')}"
    if kind(path) == "binary":
        return r.choice(["QUJD", "MAMCAQU=", "qujd"])
    if path.sub == "type" and path.name in TYPES:
        return r.choice(TYPES[path.name])
    return r.choice(WORDS)


def value_for(r, path):
    """A value that the schema allows."""
    a = ATTRIBUTES[path]
    if a["type"] == "boolean":
        return r.random() < 0.5
    if a["type"] != "complex":
        return text_for(r, path)
    subs = [s["name"] for s in a["subAttributes"]
            if s.get("mutability") != "readOnly" and s["name"] != "$ref"]
    chosen = [s for s in subs if s != "primary" and r.random() < 0.45]
    if "value" in subs and "value" not in chosen:
        chosen.append("value")
    made = {s: value_for(r, path._replace(sub=s))
            for s in chosen or [r.choice(subs)]}
    made.pop("primary", None)
    return made


def one_primary(r, values):
    if values and r.random() < 0.4:
        r.choice(values)["primary"] = True
    return values


def list_for(r, path, least=0):
    count = r.choice([1, 1, 2, 2, 3])
    return one_primary(r, without_doubles(
        value_for(r, path) for _ in range(max(least, count))))


def without_doubles(values):
    kept = []
    for v in values:
        if v not in kept:
            kept.append(v)
    return kept


WRITABLE = [p for p, a in ATTRIBUTES.items() if p.sub is None
            and a.get("mutability") == "readWrite" and p.name != "userName"]


def user(r, name):
    body = {"schemas": [USER], "userName": name}
    for path in WRITABLE:
        if r.random() > (0.5 if path.name in ("emails", "name") else 0.22):
            continue
        home = body
        if path.extension:
            home = body.setdefault(ENTERPRISE, {})
        home[path.name] = (list_for(r, path) if is_list(path)
                           else value_for(r, path))
    if ENTERPRISE in body:
        body["schemas"].append(ENTERPRISE)
    return body


def values_at(resource, path):
    """All values of an attribute in a representation."""
    home = resource.get(ENTERPRISE, {}) if path.extension else resource
    found = home.get(path.name)
    found = found if isinstance(found, list) else [found]
    if path.sub is not None:
        found = [v.get(path.sub) for v in found if isinstance(v, dict)]
    return [v for v in found if v is not None]


def mapped(resource, change):
    """A copy in which change(path, text) stands for every text."""
    def walk(value, path):
        if isinstance(value, list):
            return [walk(v, path) for v in value]
        if isinstance(value, dict):
            return {k: walk(v, path._replace(sub=k))
                    for k, v in value.items()}
        return change(path, value) if isinstance(value, str) else value

    made = {}
    for name, value in resource.items():
        if name == ENTERPRISE:
            made[name] = {k: walk(v, Path(True, k))
                          for k, v in value.items()}
        else:
            made[name] = walk(value, Path(False, name))
    return made
