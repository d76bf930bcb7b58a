# SPDX-License-Identifier: Apache-2.0
"""What the rules of patch_rules.py ask of an operation, a path and a value."""

from differential.users import ATTRIBUTES, fold, is_exact, is_list, kind
from scim_client import ENTERPRISE


def is_unassigned(value):
    return value is None or value in ([], {})


def removes(op):
    return op.op.lower() == "remove"


def home(user, path):
    return user.get(ENTERPRISE, {}) if path.extension else user


def whole(path):
    return path._replace(sub=None)


def elements(user, path):
    found = home(user, path).get(path.name, [])
    return found if isinstance(found, list) else [found]


def same(path, a, b):
    if isinstance(a, str) and isinstance(b, str) and not is_exact(path):
        return fold(a) == fold(b)
    return a == b and type(a) is type(b)


def chosen(op, user, equal=same):
    path = whole(op.target.path)
    return [i for i, e in enumerate(elements(user, path))
            if all(equal(path._replace(sub=s), e.get(s), v)
                   for s, v in op.target.chosen)]


def of_list(op):
    return (op.target is not None and op.target.path is not None
            and is_list(op.target.path)
            and ATTRIBUTES[whole(op.target.path)].get(
                "mutability") != "readOnly")


def known(op):
    return op.target is not None and op.target.path is not None


def fits(path, value, element=False):
    """Whether scimd takes a value for an attribute."""
    if is_unassigned(value):
        return True
    if is_list(path) and path.sub is None and not element:
        values = value if isinstance(value, list) else [value]
        return all(fits(path, v, True) for v in values)
    what = kind(path)
    if what == "complex":
        sub = path._replace(sub="value")
        if not isinstance(value, dict):
            return (path.name == "manager" and isinstance(value, str)
                    and sub in ATTRIBUTES)
        return all(fits(p, v) for k, v in value.items()
                   for p in [named(path._replace(sub=k))] if p)
    if what == "boolean":
        return isinstance(value, bool) or str(value).lower() in (
            "true", "false")
    return isinstance(value, str)


LOWER = {(p.extension, p.name.lower(), (p.sub or "").lower()): p
         for p in ATTRIBUTES}


def named(path):
    """The attribute of a name in any case, or None."""
    return LOWER.get((path.extension, path.name.lower(),
                      (path.sub or "").lower()))
