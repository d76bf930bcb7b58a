# SPDX-License-Identifier: Apache-2.0
"""Merging within a bulk request: operations that carry their base, and, where
a tenant lets it, a `version` that is stale."""

import pytest

from bulk import bulk, one, patch, post, put, run
from merging import (
    CONFLICT, DETAIL, MERGE, W1, addresses, at, barbara, change, edited,
    email, is_shaped, kinds, message, new_role, no_email, op, primary,
    set_to, stale)
from samples import group, user
from scim_client import ERROR

FORMS = ("resource", "Operations")
AUTO = ("Prefer", "merge=auto")

every_form = pytest.mark.parametrize("form", FORMS)


def wanted(seen, what, form):
    return {form: edited(seen, what) if form == "resource" else what[1]}


def merging(path, base, **members):
    return {"method": "PATCH", "path": path, "data": message(base, **members)}


def met(scim, base, theirs, path="/Users"):
    path += "/" + scim.create(path, base)["id"]
    seen, etag = at(scim, path)
    change(scim, path, theirs)
    return path, seen, etag


@every_form
def test_w1_changes_of_different_things_are_merged(scim, form):
    path, seen, etag = met(scim, barbara(), W1)
    before = at(scim, path)[1]
    result = one(scim, merging(path, etag, **wanted(
        seen, set_to("title", "Sr Eng"), form)))
    now, current = at(scim, path)
    assert result["status"] == "200" and result["version"] == current
    assert result["response"] == {
        "schemas": [MERGE], "base": etag, "theirs": before, "auto": [
            {"path": "name.familyName", "from": "theirs"},
            {"path": "title", "from": "ours"}], "decided": []}
    assert now["title"] == "Sr Eng" and now["name"]["familyName"] == "Smith"
    assert addresses(now) == ["b@h.net", "bj@x.com", "z@z"]


@every_form
def test_w5_members_are_a_set(scim, form):
    ids = [scim.create("/Users", user())["id"] for _ in range(4)]
    members = [{"value": i} for i in ids]

    def to(*wanted):
        return lambda body: body.update(members=list(wanted))
    path, seen, etag = met(scim, group(*ids[:2]), (
        to(members[1], members[3]), []), "/Groups")
    result = one(scim, merging(path, etag, **wanted(seen, (
        to(*members[:3]), [op("add", "members", [members[2]])]), form)))
    now, current = at(scim, path)
    assert result["status"] == "200" and result["version"] == current
    assert {m["value"] for m in now["members"]} == set(ids[1:])


COLLISIONS = {
    "w2": (set_to("displayName", "Barb"), set_to("displayName", "Babs"),
           [("displayName", "modify/modify")]),
    "w3": (email("work", "new2@x.com"), email("work", "new1@x.com"),
           [('emails[type eq "work"]', "modify/modify"),
            ("emails[primary eq true]", "modify/modify")]),
    "w4": (no_email("home"), primary("home"),
           [("emails[primary eq true]", "primary/delete")]),
    "w6": (no_email("work"), email("work", "n@x.com"),
           [("emails[primary eq true]", "modify/modify")]),
    "w7": (set_to("active", False), new_role("admin"),
           [("active", "guard")]),
}


@every_form
@pytest.mark.parametrize("name", COLLISIONS)
def test_what_collides_is_a_409_and_fails_alone(scim, name, form):
    theirs, ours, paths = COLLISIONS[name]
    path, seen, etag = met(scim, barbara(), theirs)
    before = at(scim, path)
    other = post(user(), "a")
    result, made = run(scim, merging(path, etag, **wanted(
        seen, ours, form)), other)
    assert made["status"] == "201"
    assert result["status"] == "409"
    assert result["version"] == before[1] == at(scim, path)[1]
    assert result["location"] == before[0]["meta"]["location"]
    error = result["response"]
    assert error["schemas"] == [ERROR, CONFLICT]
    assert error["status"] == "409" and "scimType" not in error
    said = error[CONFLICT]
    assert said["expectedVersion"] == etag
    assert said["currentVersion"] == before[1]
    is_shaped(said)
    assert kinds(said) == paths and said["changedSince"]
    assert ("proposed" in said) == (name != "w7")


def test_decisions_and_dry_runs(scim):
    path, seen, etag = met(scim, barbara(), set_to("displayName", "Barb"))
    ours = {"resource": edited(seen, set_to("displayName", "Babs"))}
    before = at(scim, path)
    dry, done = run(
        scim, merging(path, etag, onConflict="ours", dryRun=True, **ours),
        merging(path, etag, resolutions=[
            {"path": "displayName", "use": "ours"}], **ours))
    assert dry["status"] == "200" and dry["version"] == before[1]
    assert dry["response"]["dryRun"] is True
    assert dry["response"]["proposed"]["displayName"] == "Babs"
    assert done["status"] == "200"
    assert done["response"]["decided"] == [
        {"path": "displayName", "use": "ours"}]
    assert at(scim, path)[0]["displayName"] == "Babs"


def test_one_merges_with_what_the_one_before_it_did(scim):
    made = scim.create("/Users", barbara())
    path, etag = "/Users/" + made["id"], made["meta"]["version"]
    first, second = run(
        scim, patch(path, op("replace", "title", "Boss")),
        merging(path, etag, Operations=[op("replace", "nickName", "B")]))
    now, current = at(scim, path)
    assert (first["status"], second["status"]) == ("200", "200")
    assert second["response"]["theirs"] == first["version"]
    assert second["version"] == current
    assert (now["title"], now["nickName"]) == ("Boss", "B")


@every_form
def test_it_refers_to_what_the_request_creates(scim, form):
    path, seen, etag = met(scim, group(), set_to("externalId", "x"),
                           "/Groups")
    ours = (lambda b: b.update(members=[{"value": "bulkId:u"}]),
            [op("add", "members", [{"value": "bulkId:u"}])])
    merged, made = run(scim, merging(path, etag, **wanted(
        seen, ours, form)), post(user(), "u"))
    assert (merged["status"], made["status"]) == ("200", "201")
    member, = at(scim, path)[0]["members"]
    assert made["location"].endswith(member["value"])


def test_all_or_nothing(scim):
    path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
    other = scim.create("/Users", user())
    before = at(scim, path)
    message = bulk(
        merging(path, etag, Operations=[op("replace", "nickName", "B")]),
        put("/Users/" + other["id"], other,
            version='W/"AAAAAAAAAAAAAAAAAAAAAA"'))
    message["urn:scimd:params:scim:api:messages:2.0:BulkOptions"] = {
        "atomic": True}
    r = scim.post("/Bulk", message)
    assert [x["status"] for x in r.json["Operations"]] == ["409", "412"]
    assert at(scim, path) == before


def test_messages_that_are_none(scim):
    path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
    for data, status in [
            (message("x", resource=seen), "400"), (message(etag), "400"),
            (message('W/"AAAAAAAAAAAAAAAAAAAAAA"', resource=seen), "409"),
            (message(etag, resource=seen, dryRun=7), "400")]:
        result = one(scim, {"method": "PATCH", "path": path, "data": data})
        assert result["status"] == status, data
    result = one(scim, put(path, message(etag, resource=seen)))
    assert result["status"] == "400"
    result = one(scim, merging("/Users/none", etag, resource=seen))
    assert result["status"] == "404"
    result = one(scim, merging(path, etag, resource=seen) | {"version": etag})
    assert result["status"] == "412"
    assert scim.get(path).etag == result["version"]


@pytest.mark.settings(preconditions="required")
def test_the_base_is_a_precondition(scim):
    path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
    result = one(scim, merging(path, etag, Operations=[
        op("replace", "nickName", "B")]))
    assert result["status"] == "200"


def test_a_password_comes_along(scim):
    path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
    before = at(scim, path)[1]
    r = scim.post("/Bulk", bulk(merging(path, etag, Operations=[
        op("replace", "password", "battery staple")])))
    result, = r.json["Operations"]
    assert result["status"] == "200" and result["version"] != before
    assert b"battery" not in r.body and b"argon2" not in r.body


# Where a tenant lets a stale version be the base.

def sent(scim, *operations, prefer=(AUTO,)):
    r = scim.post("/Bulk", bulk(*operations), headers=list(prefer))
    assert r.status == 200, r
    return r, r.json["Operations"]


def stale_op(kind, path, seen, etag, what):
    return put(path, edited(seen, what), version=etag) if kind == "PUT" \
        else patch(path, *what[1], version=etag)


@pytest.mark.settings(merge="on-if-match")
@pytest.mark.parametrize("kind", ["PUT", "PATCH"])
class TestStale:
    def test_each_version_is_a_base(self, scim, kind):
        all = [met(scim, barbara(), set_to("title", "Lead"))
               for _ in range(3)]
        fine = set_to("nickName", "B")
        r, results = sent(
            scim, stale_op(kind, *all[0], fine),
            stale_op(kind, *all[1], set_to("title", "Boss")),
            stale_op(kind, all[2][0], *at(scim, all[2][0]), fine))
        assert [x["status"] for x in results] == ["200", "412", "200"]
        assert r.header("Preference-Applied") == "merge=auto"
        assert r.header("Scimd-Merged") is None
        told = results[0]["response"]
        assert told["schemas"] == [MERGE]
        assert all[0][2][3:25] == told["base"]
        assert told["auto"] == [{"path": "nickName", "from": "ours"},
                                {"path": "title", "from": "theirs"}]
        assert "response" not in results[2]
        for result, (path, _, _) in zip(results, all):
            assert result["version"] == at(scim, path)[1]
        assert results[1]["response"][CONFLICT]["conflictCount"] == 1

    def test_a_conflict_is_told_in_detail(self, scim, kind):
        path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
        r, (result,) = sent(
            scim, stale_op(kind, path, seen, etag, set_to("title", "Boss")),
            prefer=(AUTO, DETAIL))
        assert result["status"] == "412"
        said = result["response"][CONFLICT]
        is_shaped(said)
        assert kinds(said) == [("title", "modify/modify")]
        assert r.header("Preference-Applied") == "conflict=detail"
        assert r.all("Vary") == ["Prefer"]

    def test_members_are_a_set(self, scim, kind):
        ids = [scim.create("/Users", user())["id"] for _ in range(3)]

        def to(*wanted):
            return (lambda body: body.update(
                members=[{"value": i} for i in wanted]), [
                    op("add", "members", [{"value": wanted[-1]}])])
        path, seen, etag = met(scim, group(ids[0]), to(*ids[:2]), "/Groups")
        _, (result,) = sent(scim, stale_op(
            kind, path, seen, etag, to(ids[0], ids[2])))
        assert result["status"] == "200" and result["response"]
        assert {m["value"] for m in at(scim, path)[0]["members"]} == set(ids)

    def test_one_merges_with_what_the_one_before_it_did(self, scim, kind):
        made = scim.create("/Users", barbara())
        path = "/Users/" + made["id"]
        seen, etag = at(scim, path)
        _, results = sent(
            scim, stale_op(kind, path, seen, etag, set_to("title", "Boss")),
            stale_op(kind, path, seen, etag, set_to("nickName", "B")),
            stale_op(kind, path, seen, etag, set_to("title", "Chief")))
        assert [x["status"] for x in results] == ["200", "200", "412"]
        now, current = at(scim, path)
        assert (now["title"], now["nickName"]) == ("Boss", "B")
        assert results[1]["version"] == current

    def test_a_password_is_hashed_once(self, scim, kind):
        path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
        made = scim.create("/Users", user())
        second = "/Users/" + made["id"]
        body, tag = at(scim, second)
        r, results = sent(
            scim, stale_op(kind, path, seen, etag, set_to(
                "password", "battery staple")),
            patch(second, op("replace", "title", "x"), version=tag),
            stale_op(kind, second, body, tag, set_to(
                "password", "battery staple")))
        assert [x["status"] for x in results] == ["200"] * 3
        assert b"battery" not in r.body

    def test_unasked_it_is_a_412(self, scim, kind):
        path, seen, etag = met(scim, barbara(), set_to("title", "Lead"))
        _, (result,) = sent(scim, stale_op(
            kind, path, seen, etag, set_to("nickName", "B")), prefer=())
        assert result["status"] == "412"

    def test_off_it_is_a_412(self, servers, scim, kind):
        off = servers().client()
        path, seen, etag = stale(off)
        r, (result,) = sent(off, stale_op(
            kind, path, seen, etag, set_to("nickName", "B")))
        assert result["status"] == "412"
        assert r.header("Preference-Applied") is None


@pytest.mark.settings(merge="on-if-match")
def test_a_delete_is_never_merged(scim):
    path, _, etag = stale(scim)
    _, (result,) = sent(scim, {"method": "DELETE", "path": path,
                               "version": etag})
    assert result["status"] == "412" and scim.get(path).status == 200
