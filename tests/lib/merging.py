# SPDX-License-Identifier: Apache-2.0
"""Two changes of one resource: how they are said, made and told of."""

import copy

from bulk import BULK, PATCH
from samples import user
from scim_client import ERROR

CONFLICT = "urn:scimd:params:scim:api:messages:2.0:VersionConflict"
DETAIL = ("Prefer", "conflict=detail")
DOORS = ("put", "patch", "bulk-put", "bulk-patch")


def barbara():
    return user(
        displayName="Barbara", title="Eng", active=True,
        name={"givenName": "Barbara", "familyName": "Jensen"},
        emails=[{"type": "work", "value": "bj@x.com", "primary": True},
                {"type": "home", "value": "b@h.net"}])


def op(kind, path, value=None):
    made = {"op": kind, "path": path}
    if value is not None:
        made["value"] = value
    return made


def set_to(path, value):
    """As a PUT edits it, and as a PATCH says it."""
    def edit(body):
        *way, last = path.split(".")
        for name in way:
            body = body[name]
        body[last] = value
    return edit, [op("replace", path, value)]


def email(kind, value):
    """Another address in the place of the one of that type."""
    def edit(body):
        for e in body["emails"]:
            if e["type"] == kind:
                e["value"] = value
    return edit, [op("replace", f'emails[type eq "{kind}"].value', value)]


def no_email(kind):
    def edit(body):
        body["emails"] = [e for e in body["emails"] if e["type"] != kind]
    return edit, [op("remove", f'emails[type eq "{kind}"]')]


def new_email(**element):
    def edit(body):
        body["emails"].append(element)
    return edit, [op("add", "emails", [element])]


def primary(kind):
    def edit(body):
        for e in body["emails"]:
            e.pop("primary", None)
            if e["type"] == kind:
                e["primary"] = True
    return edit, [op("replace", f'emails[type eq "{kind}"].primary', True)]


def new_role(value):
    def edit(body):
        body.setdefault("roles", []).append({"value": value})
    return edit, [op("add", "roles", [{"value": value}])]


def both(*changes):
    def edit(body):
        for change, _ in changes:
            change(body)
    return edit, [o for _, operations in changes for o in operations]


def at(scim, path):
    r = scim.get(path)
    return r.json, r.etag


def edited(body, change):
    body = copy.deepcopy(body)
    change[0](body)
    return body


def change(scim, path, what):
    """What somebody else does."""
    body, etag = at(scim, path)
    r = scim.put(path, edited(body, what), headers=[("If-Match", etag)])
    assert r.status == 200, r
    return r


def try_it(scim, path, seen, etag, what, door, prefer=(DETAIL,)):
    """The error that a stale write is answered with."""
    message = {"schemas": [PATCH], "Operations": what[1]}
    method = door.removeprefix("bulk-").upper()
    body = edited(seen, what) if method == "PUT" else message
    if door.startswith("bulk-"):
        r = scim.post("/Bulk", {"schemas": [BULK], "Operations": [
            {"method": method, "path": path, "version": etag, "data": body}]},
            headers=list(prefer))
        assert r.status == 200, r
        result, = r.json["Operations"]
        assert result["status"] == "412", result
        assert result["version"] == at(scim, path)[1]
        return result["response"]
    r = scim.request(method, path, body, headers=[("If-Match", etag), *prefer])
    assert r.status == 412, r
    assert r.etag == at(scim, path)[1]
    assert r.all("Vary") == ["Prefer"]
    assert r.header("Preference-Applied") == (
        "conflict=detail" if prefer else None)
    return r.json


def told(scim, base, theirs, ours, door, path="/Users"):
    """A made resource, both changes, and what the second is told."""
    made = scim.create(path, base)
    path += "/" + made["id"]
    seen, etag = at(scim, path)
    change(scim, path, theirs)
    now, current = at(scim, path)
    error = try_it(scim, path, seen, etag, ours, door)
    assert error["schemas"] == [ERROR, CONFLICT]
    assert error["status"] == "412" and "scimType" not in error
    said = error[CONFLICT]
    assert list(said)[:5] == ["expectedVersion", "currentVersion",
                              "conflictCount", "baseAvailable", "mergeable"]
    assert said["expectedVersion"] == etag
    assert said["currentVersion"] == current
    assert said["baseAvailable"] is True
    # The link leads to the changes that came between, and to no other.
    assert said["history"] == (
        now["meta"]["location"] + "/.versions?since=" +
        etag.split('"')[1].split(".")[0])
    newer = scim.get(said["history"].removeprefix(scim.url)).json
    assert newer["totalResults"] == len(newer["Resources"]) == 1
    assert newer["Resources"][0]["version"] == current
    is_shaped(said)
    assert said["conflictCount"] == len(said["conflicts"])
    assert said["mergeable"] is (not said["conflicts"])
    assert at(scim, path) == (now, current), "a 412 changes nothing"
    return said, now


KINDS = {"modify/modify", "modify/delete", "delete/modify", "add/add",
         "primary/delete", "guard", "validation"}


def has_members(thing, required, optional=()):
    assert set(required) <= set(thing) <= {*required, *optional}, thing


def is_shaped(said):
    """Member by member, what is told of a conflict whose base is known."""
    guarded = [c for c in said["conflicts"] if c["kind"] == "guard"]
    has_members(said, [
        "expectedVersion", "currentVersion", "conflictCount",
        "baseAvailable", "mergeable", "changedSince", "conflicts",
        "autoMergeable", "history"] + ["proposed"] * (not guarded))
    for c in said["changedSince"]:
        has_members(c, ["path", "op", "version", "actor", "at"], {
            "add": ["after"], "replace": ["before", "after"],
            "remove": ["before"]}[c["op"]] + ["redacted"])
        assert "redacted" in c or {"before", "after"} & set(c)
        assert c["actor"].startswith("token:") and c["at"].endswith("Z")
    for c in said["conflicts"]:
        has_members(c, ["path", "kind", "lastChangedBy"],
                    ["base", "ours", "theirs", "redacted"])
        assert c["kind"] in KINDS
        assert None not in c.values(), "what is absent has no member"
    for a in said["autoMergeable"]:
        has_members(a, ["path", "from"])
        assert a["from"] in ("ours", "theirs")


def kinds(said):
    return [(c["path"], c["kind"]) for c in said["conflicts"]]


def addresses(resource):
    return sorted(e["value"] for e in resource["emails"])


W1 = both(set_to("name.familyName", "Smith"),
          new_email(type="other", value="z@z"))


def stale(scim, base=None, *changes):
    made = scim.create("/Users", base or barbara())
    path = "/Users/" + made["id"]
    seen, etag = at(scim, path)
    for what in changes or (set_to("title", "Lead"),):
        change(scim, path, what)
    return path, seen, etag


MERGE = "urn:scimd:params:scim:api:messages:2.0:Merge"
MEDIA = ("Content-Type", "application/vnd.scimd.merge+json")


def message(base, **members):
    return {"schemas": [MERGE], "base": base} | members


def send(scim, path, body, *headers):
    return scim.patch(path, body, headers=[MEDIA, *headers])


def wanted(seen, what, form):
    return {form: edited(seen, what) if form == "resource" else what[1]}
