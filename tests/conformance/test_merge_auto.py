# SPDX-License-Identifier: Apache-2.0
"""Merging by `Prefer: merge=auto`, where a tenant lets a stale If-Match be the
base (docs/merging.md): a deviation from RFC 9110 section 13.1.1, so what it
must leave alone is tested as much as what it does."""

import threading

import pytest

from merging import (
    CONFLICT, DETAIL, MERGE, W1, addresses, at, barbara, change, edited,
    email, is_shaped, kinds, message, new_email, new_role, no_email, op,
    primary, send, set_to, stale)
from bulk import PATCH
from samples import fresh, group, user

ON = dict(merge="on-if-match")
AUTO = ("Prefer", "merge=auto")
METHODS = ("PUT", "PATCH")

every_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
def on(servers):
    scim = servers(store="sqlite", **ON).client()
    yield scim
    scim.close()


def body_of(method, seen, what):
    if method == "PUT":
        return edited(seen, what)
    return {"schemas": [PATCH], "Operations": what[1]}


def write(scim, method, path, seen, etag, what, *headers):
    return scim.request(method, path, body_of(method, seen, what),
                        headers=[("If-Match", etag), *(headers or (AUTO,))])


def is_merged(r, etag):
    return (r.header("Preference-Applied") == "merge=auto"
            and r.header("Scimd-Merged") ==
            'base="' + etag.removeprefix("W/")[1:23] + '"'
            and r.all("Vary") == ["Prefer"])


def is_plain(r):
    return (r.header("Scimd-Merged") is None
            and r.header("Preference-Applied") is None)


def merged(scim, method, base, theirs, ours, path="/Users"):
    made = scim.create(path, base)
    path += "/" + made["id"]
    seen, etag = at(scim, path)
    change(scim, path, theirs)
    before = at(scim, path)
    r = write(scim, method, path, seen, etag, ours)
    now, current = at(scim, path)
    assert r.status in (200, 204), r
    assert r.etag == current and is_merged(r, etag)
    if r.status == 200:
        assert r.json == now
    last = scim.get(path + "/.versions").resources[0]
    assert (last["operation"] == "merge") == (current != before[1])
    return r, now


@every_method
def test_w1_changes_of_different_things_are_merged(on, method):
    r, now = merged(on, method, barbara(), W1, set_to("title", "Sr Eng"))
    assert r.status == 200 and MERGE not in r.json
    assert now["title"] == "Sr Eng" and now["name"]["familyName"] == "Smith"
    assert addresses(now) == ["b@h.net", "bj@x.com", "z@z"]
    last = on.get(f"/Users/{now['id']}/.versions").resources[0]
    assert last["paths"] == ["title"]


@every_method
def test_w5_members_are_a_set(on, method):
    ids = [on.create("/Users", user())["id"] for _ in range(4)]
    members = [{"value": i} for i in ids]

    def to(*wanted):
        return lambda body: body.update(members=list(wanted))
    r, now = merged(
        on, method, group(*ids[:2]), (to(members[1], members[3]), []),
        (to(*members[:3]), [op("add", "members", [members[2]])]), "/Groups")
    assert r.status == (204 if method == "PATCH" else 200)
    assert {m["value"] for m in now["members"]} == set(ids[1:])


@every_method
def test_w6b_another_address_for_a_removed_one_stays(on, method):
    base = barbara()
    del base["emails"][0]["primary"]
    _, now = merged(on, method, base, no_email("work"),
                    email("work", "n@x.com"))
    assert addresses(now) == ["b@h.net", "n@x.com"]


@every_method
def test_w8_the_same_change_twice_is_no_new_version(on, method):
    path, seen, etag = stale(on)
    before = at(on, path)
    r = write(on, method, path, seen, etag, set_to("title", "Lead"))
    assert r.status == 200 and is_merged(r, etag)
    assert at(on, path) == before


COLLISIONS = {
    "w2": (set_to("displayName", "Barb"), set_to("displayName", "Babs")),
    "w3": (email("work", "new2@x.com"), email("work", "new1@x.com")),
    "w4": (no_email("home"), primary("home")),
    "w6": (no_email("work"), email("work", "n@x.com")),
    "w7": (set_to("active", False), new_role("admin")),
}


@every_method
@pytest.mark.parametrize("name", COLLISIONS)
def test_what_collides_is_the_412_it_would_have_been(on, method, name):
    theirs, ours = COLLISIONS[name]
    made = on.create("/Users", barbara())
    path = "/Users/" + made["id"]
    seen, etag = at(on, path)
    change(on, path, theirs)
    before = at(on, path)
    for prefer in ((), (DETAIL,)):
        plain = write(on, method, path, seen, etag, ours,
                      *(prefer or (("X", "y"),)))
        r = write(on, method, path, seen, etag, ours, AUTO, *prefer)
        assert r.status == plain.status == 412
        assert r.json == plain.json and r.etag == plain.etag == before[1]
        assert r.all("Vary") == ["Prefer"]
        assert r.header("Scimd-Merged") is None
        assert r.header("Preference-Applied") == (
            "conflict=detail" if prefer else None)
        assert r.json[CONFLICT]["conflictCount"] > 0
    is_shaped(r.json[CONFLICT])
    assert kinds(r.json[CONFLICT])
    assert at(on, path) == before, "all or nothing"


@every_method
def test_who_is_to_win_by_default_is_nothing_to_it(servers, method):
    scim = servers(store="memory", on_conflict="ours", **ON).client()
    path, seen, etag = stale(scim, None, set_to("title", "Lead"))
    r = write(scim, method, path, seen, etag, set_to("title", "Boss"))
    assert r.status == 412
    assert at(scim, path)[0]["title"] == "Lead"


@every_method
def test_off_it_is_a_412(scim, method):
    path, seen, etag = stale(scim)
    r = write(scim, method, path, seen, etag, set_to("nickName", "B"))
    assert r.status == 412 and is_plain(r)
    assert "nickName" not in at(scim, path)[0]


@every_method
def test_unasked_it_is_a_412(on, method):
    path, seen, etag = stale(on)
    for prefer in ("return=representation", "merge", "merge=Auto",
                   "merge=manual, merge=auto", 'x="merge=auto"'):
        r = write(on, method, path, seen, etag, set_to("nickName", "B"),
                  ("Prefer", prefer))
        assert r.status == 412 and is_plain(r), prefer


@every_method
def test_a_version_that_holds_is_no_merge(on, method):
    path, seen, etag = stale(on)
    seen, etag = at(on, path)
    for form in ("W/{0}", "{0}", "*", '"x", {0}'):
        tag = form.format(etag.removeprefix("W/"))
        r = write(on, method, path, seen, tag,
                  set_to("nickName", fresh("n")))
        assert r.status == 200 and is_plain(r), tag
        seen, etag = at(on, path)


@every_method
@pytest.mark.parametrize("tag", [
    '"x", {0}', '{0}, {0}', '"x"', 'W/"AAAAAAAAAAAAAAAAAAAAAA"', '""', ""])
def test_what_names_no_base_or_several_is_a_412(on, method, tag):
    path, seen, etag = stale(on)
    r = write(on, method, path, seen, tag.format(etag),
              set_to("nickName", "B"))
    assert r.status == 412 and is_plain(r)


@every_method
def test_what_is_malformed_is_refused(on, method):
    path, seen, etag = stale(on)
    r = write(on, method, path, seen, f"*, {etag}", set_to("nickName", "B"))
    assert r.status == 400


@every_method
def test_another_condition_that_fails_is_a_412(on, method):
    path, seen, etag = stale(on)
    for name, value, status in (
            ("If-None-Match", at(on, path)[1], 412),
            ("If-None-Match", "*", 412), ("If-None-Match", "x", 400)):
        r = write(on, method, path, seen, etag, set_to("nickName", "B"),
                  AUTO, (name, value))
        assert r.status in (412, status) and is_plain(r), name
    r = write(on, method, path, seen, etag, set_to("nickName", "B"), AUTO,
              ("If-None-Match", etag),
              ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"))
    assert r.status == 200 and is_merged(r, etag)


def test_a_delete_is_never_merged(on):
    path, _, etag = stale(on)
    r = on.delete(path, headers=[("If-Match", etag), AUTO])
    assert r.status == 412 and on.get(path).status == 200


def test_a_revert_is_never_merged(on):
    path, _, etag = stale(on)
    first = etag.removeprefix("W/")[1:23]
    r = on.post(f"{path}/.versions/{first}", None,
                headers=[("If-Match", etag), AUTO])
    assert r.status in (405, 412) and at(on, path)[0]["title"] == "Lead"


def test_a_condition_beside_a_base_is_never_merged(on):
    path, seen, etag = stale(on)
    r = send(on, path, message(etag, resource=seen), ("If-Match", etag), AUTO)
    assert r.status == 412


@every_method
@pytest.mark.parametrize("settings", [
    dict(etag="strong"), dict(profile="strict")])
def test_strong_tags_are_compared_as_the_rfc_says(servers, settings, method):
    scim = servers(store="memory", **settings, **ON).client()
    path, seen, etag = stale(scim)
    for tag in (etag, "W/" + etag, "W/" + at(scim, path)[1]):
        r = write(scim, method, path, seen, tag, set_to("nickName", "B"))
        assert r.status == 412 and is_plain(r), tag


@every_method
def test_a_base_that_is_kept_no_longer_is_a_412(servers, method):
    scim = servers(store="memory", history_count="3", **ON).client()
    path, seen, etag = stale(scim, None, *(
        set_to("title", f"{n}") for n in range(4)))
    r = write(scim, method, path, seen, etag, set_to("nickName", "B"),
              AUTO, DETAIL)
    assert r.status == 412
    assert r.json[CONFLICT]["baseAvailable"] is False


@every_method
def test_a_guard_that_is_no_attribute_is_a_412(servers, method):
    scim = servers(store="memory", guards="activ", **ON).client()
    path, seen, etag = stale(scim)
    r = write(scim, method, path, seen, etag, set_to("nickName", "B"))
    assert r.status == 412


@every_method
def test_it_is_a_precondition(servers, method):
    scim = servers(store="memory", preconditions="required", **ON).client()
    path, seen, etag = stale(scim)
    r = write(scim, method, path, seen, etag, set_to("nickName", "B"))
    assert r.status == 200 and is_merged(r, etag)
    r = scim.request(method, path, body_of(method, seen, set_to(
        "nickName", "C")), headers=[AUTO])
    assert r.status == 428


@every_method
def test_without_a_version_there_is_nothing_to_merge_with(on, method):
    path, seen, _ = stale(on)
    r = on.request(method, path, body_of(method, seen, set_to(
        "nickName", "B")), headers=[AUTO])
    assert r.status == 200 and is_plain(r)


def test_preferences_stand_side_by_side(on):
    path, seen, etag = stale(on)
    what = set_to("nickName", "B")
    r = write(on, "PATCH", path, seen, etag, what,
              ("Prefer", "return=minimal, merge=auto"))
    assert r.status == 204 and r.etag == at(on, path)[1]
    assert r.header("Preference-Applied") == "merge=auto, return=minimal"
    assert r.header("Scimd-Merged")


@every_method
def test_a_projection_holds(on, method):
    path, seen, etag = stale(on)
    r = write(on, method, path + "?attributes=title", seen, etag,
              set_to("nickName", "B"))
    assert r.status == 200 and r.json["title"] == "Lead"
    assert "nickName" not in r.json


@every_method
def test_a_password_comes_along_and_an_old_one_stays(on, method):
    base = barbara() | {"password": "correct horse"}
    path, seen, etag = stale(on, base)
    before = at(on, path)
    r = write(on, method, path, seen, etag,
              set_to("password", "battery staple"))
    assert r.status == 200 and is_merged(r, etag)
    assert b"battery" not in r.body and r.etag != before[1]
    last = on.get(path + "/.versions").resources[0]
    assert last["paths"] == ["password"]
    path, seen, etag = stale(on, dict(base, userName=fresh()))
    r = write(on, method, path, seen, etag, set_to("nickName", "B"))
    last = on.get(path + "/.versions").resources[0]
    assert r.status == 200 and last["paths"] == ["nickName"]


@every_method
def test_two_passwords_collide_unseen(on, method):
    path, seen, etag = stale(on, None, set_to("password", "correct horse 1"))
    r = write(on, method, path, seen, etag,
              set_to("password", "correct horse 1"), AUTO, DETAIL)
    assert r.status == 412 and b"horse" not in r.body
    assert kinds(r.json[CONFLICT]) == [("password", "modify/modify")]


@every_method
def test_a_taken_name_is_refused(on, method):
    other = on.create("/Users", user())
    path, seen, etag = stale(on)
    r = write(on, method, path, seen, etag,
              set_to("userName", other["userName"]))
    assert r.status == 409 and r.scim_type == "uniqueness"


def test_a_body_that_is_none_is_refused(on):
    path, seen, etag = stale(on)
    for method, body in (
            ("PUT", dict(seen, title=7)), ("PUT", dict(seen, id="x")),
            ("PUT", "nothing"), ("PATCH", {"schemas": [PATCH]}),
            ("PATCH", {"schemas": [PATCH], "Operations": [
                op("replace", 'emails[type eq "x"].value', "y")]})):
        r = on.request(method, path, body, headers=[("If-Match", etag), AUTO])
        assert r.status == 400 and is_plain(r), body


def test_expecting_to_continue_comes_to_the_same(on):
    path, seen, etag = stale(on)
    r = write(on, "PUT", path, seen, etag, set_to("nickName", "B"), AUTO,
              ("Expect", "100-continue"))
    assert r.status == 200 and is_merged(r, etag)


def test_a_missing_resource_is_missing(on):
    r = on.put("/Users/none", user(), headers=[
        ("If-Match", 'W/"AAAAAAAAAAAAAAAAAAAAAA"'), AUTO])
    assert r.status == 404


@every_method
def test_a_state_that_came_back_is_no_conflict(on, method):
    """A, B, A: who saw A has seen what is there."""
    path, seen, etag = stale(on, None, set_to("title", "Lead"),
                             set_to("title", "Eng"))
    assert at(on, path)[1] == etag
    r = write(on, method, path, seen, etag, set_to("title", "Boss"))
    assert r.status == 200 and is_plain(r)


@every_method
def test_a_hundred_with_one_base_lose_nothing(servers, method):
    server = servers(store="sqlite", **ON)
    scim = server.client()
    made = scim.create("/Users", user())
    path = "/Users/" + made["id"]
    seen, etag = at(scim, path)
    seen["emails"] = []
    statuses, merges = [], []

    def one(n):
        with_own = server.client()
        r = write(with_own, method, path, seen, etag, new_email(
            value=f"{n}@x.com", type=f"t{n}"))
        statuses.append(r.status)
        merges.append(r.header("Scimd-Merged") is not None)
        with_own.close()
    threads = [threading.Thread(target=one, args=(n,)) for n in range(100)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert statuses == [200] * 100
    assert sum(merges) == 99
    assert addresses(at(scim, path)[0]) == sorted(
        f"{n}@x.com" for n in range(100))


def test_it_is_counted_apart(on):
    def count(result):
        name = f'scimd_merges_total{{form="if_match",result="{result}"}} '
        text = on.at("").get("/metrics").body.decode()
        return next(int(line.removeprefix(name))
                    for line in text.splitlines() if line.startswith(name))

    before = count("clean"), count("conflict")
    path, seen, etag = stale(on)
    write(on, "PATCH", path, seen, etag, set_to("title", "Boss"), AUTO, DETAIL)
    write(on, "PATCH", path, seen, etag, set_to("nickName", "B"))
    assert (count("clean"), count("conflict")) == (before[0] + 1,
                                                   before[1] + 1)
