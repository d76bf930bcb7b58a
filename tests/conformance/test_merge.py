# SPDX-License-Identifier: Apache-2.0
"""Merging over HTTP: what a 412 tells, and changes that carry their base."""

import threading

import pytest

from merging import (
    CONFLICT, DETAIL, DOORS, MEDIA, MERGE, W1, addresses, at, barbara, both,
    change, edited, email, has_members, is_shaped, kinds, message, new_role,
    no_email, op, primary, send, set_to, stale, told, try_it, wanted)
from samples import fresh, group, user
from scim_client import ERROR

every_door = pytest.mark.parametrize("door", DOORS)


@every_door
def test_w1_changes_of_different_things_are_mergeable(scim, door):
    said, now = told(scim, barbara(), W1, set_to("title", "Sr Eng"), door)
    assert said["mergeable"] and said["conflicts"] == []
    assert said["autoMergeable"] == [
        {"path": "name.familyName", "from": "theirs"},
        {"path": "title", "from": "ours"}]
    assert said["proposed"]["title"] == "Sr Eng"
    assert said["proposed"]["name"]["familyName"] == "Smith"
    assert addresses(said["proposed"]) == ["b@h.net", "bj@x.com", "z@z"]
    family, = [c for c in said["changedSince"]
               if c["path"] == "name.familyName"]
    assert family == {
        "path": "name.familyName", "op": "replace", "before": "Jensen",
        "after": "Smith", "version": now["meta"]["version"],
        "actor": family["actor"], "at": now["meta"]["lastModified"]}
    assert family["actor"].startswith("token:")


@every_door
def test_w2_two_values_of_one_attribute_are_in_conflict(scim, door):
    said, now = told(scim, barbara(), set_to("displayName", "Barb"),
                     set_to("displayName", "Babs"), door)
    conflict, = said["conflicts"]
    assert conflict == {
        "path": "displayName", "kind": "modify/modify", "base": "Barbara",
        "ours": "Babs", "theirs": "Barb",
        "lastChangedBy": said["changedSince"][0]["actor"]}
    assert said["proposed"]["displayName"] == "Barb"


@every_door
def test_w3_two_addresses_for_one_place_are_in_conflict(scim, door):
    said, _ = told(scim, barbara(), email("work", "new2@x.com"),
                   email("work", "new1@x.com"), door)
    assert kinds(said) == [
        ('emails[type eq "work"]', "modify/modify"),
        ("emails[primary eq true]", "modify/modify")]
    place = said["conflicts"][0]
    assert [e["value"] for e in place["ours"]] == ["new1@x.com"]
    assert [e["value"] for e in place["theirs"]] == ["new2@x.com"]


@every_door
def test_w4_a_removed_element_can_not_become_primary(scim, door):
    said, _ = told(scim, barbara(), no_email("home"), primary("home"), door)
    assert kinds(said) == [("emails[primary eq true]", "primary/delete")]


@pytest.mark.parametrize("door", DOORS)
def test_w5_members_are_a_set(scim, door):
    ids = [scim.create("/Users", user())["id"] for _ in range(4)]
    members = [{"value": i} for i in ids]

    def to(*wanted):
        return lambda body: body.update(members=list(wanted))
    theirs = (to(members[1], members[3]), [])
    ours = (to(*members[:3]), [op("add", "members", [members[2]])])
    said, _ = told(scim, group(*ids[:2]), theirs, ours, door, "/Groups")
    assert said["mergeable"] and said["conflicts"] == []
    assert {m["value"] for m in said["proposed"]["members"]} == set(ids[1:])
    assert {(c["op"], c["path"]) for c in said["changedSince"]} == {
        ("remove", f'members[value eq "{ids[0]}"]'),
        ("add", f'members[value eq "{ids[3]}"]')}


@every_door
def test_w6_the_primary_one_removed_and_replaced_is_in_conflict(scim, door):
    said, _ = told(scim, barbara(), no_email("work"),
                   email("work", "n@x.com"), door)
    assert kinds(said) == [("emails[primary eq true]", "modify/modify")]
    register, = said["conflicts"]
    assert "theirs" not in register, "nothing is primary there"
    assert said["autoMergeable"] or said["proposed"]


@every_door
def test_w6b_another_address_for_a_removed_one_stays(scim, door):
    base = barbara()
    del base["emails"][0]["primary"]
    said, _ = told(scim, base, no_email("work"), email("work", "n@x.com"),
                   door)
    assert said["conflicts"] == []
    assert addresses(said["proposed"]) == ["b@h.net", "n@x.com"]


@every_door
def test_w7_a_guard_forbids_merging(scim, door):
    said, _ = told(scim, barbara(), set_to("active", False),
                   new_role("admin"), door)
    assert kinds(said) == [("active", "guard")]
    assert not said["mergeable"] and "proposed" not in said


@every_door
def test_w8_the_same_change_twice_says_so(scim, door):
    lead = set_to("title", "Lead")
    said, now = told(scim, barbara(), lead, lead, door)
    assert said["mergeable"]
    assert said["proposed"]["title"] == "Lead"


def test_the_sentence_says_how_it_stands(scim):
    path, seen, etag = stale(scim, None, set_to("title", "A"),
                             set_to("title", "B"))

    def sentence(what):
        return try_it(scim, path, seen, etag, what, "put")["detail"]
    assert ": 2 newer versions, 1 conflicting path." in sentence(
        set_to("title", "C"))
    assert "already as this request would have it" in sentence(
        set_to("title", "B"))
    assert "Nothing in this request collides" in sentence(
        set_to("nickName", "B"))


@every_door
def test_without_the_preference_versions_and_count_are_told(scim, door):
    path, seen, etag = stale(scim)
    error = try_it(scim, path, seen, etag, set_to("title", "Boss"), door, ())
    assert error[CONFLICT] == {
        "expectedVersion": etag, "currentVersion": at(scim, path)[1],
        "conflictCount": 1}


def test_of_a_group_no_conflicts_are_counted_unasked(scim):
    made = scim.create("/Groups", group())
    path = "/Groups/" + made["id"]
    seen, etag = at(scim, path)
    change(scim, path, set_to("displayName", fresh("group")))
    error = try_it(scim, path, seen, etag, set_to("displayName", "x"),
                   "patch", ())
    assert set(error[CONFLICT]) == {"expectedVersion", "currentVersion"}


def test_a_stale_delete_is_told_what_changed(scim):
    path, _, etag = stale(scim)
    r = scim.delete(path, headers=[("If-Match", etag), DETAIL])
    assert r.status == 412
    said = r.json[CONFLICT]
    assert [c["path"] for c in said["changedSince"]] == ["title"]
    assert not said["mergeable"] and "conflicts" not in said
    r = scim.delete(path, headers=[("If-Match", etag)])
    assert set(r.json[CONFLICT]) == {"expectedVersion", "currentVersion"}


def test_a_secret_is_never_shown(scim):
    secret = "correct horse battery"
    path, seen, etag = stale(
        scim, None, both(set_to("title", "Lead"),
                         set_to("password", secret + " 1")))
    r = scim.put(path, edited(seen, set_to("password", secret + " 2")),
                 headers=[("If-Match", etag), DETAIL])
    said = r.json[CONFLICT]
    assert kinds(said) == [("password", "modify/modify")]
    assert said["conflicts"][0]["redacted"] is True
    assert set(said["conflicts"][0]) == {
        "path", "kind", "redacted", "lastChangedBy"}
    assert {"path": "password", "redacted": True}.items() <= [
        c for c in said["changedSince"] if c["path"] == "password"][0].items()
    assert secret.encode() not in r.body and b"argon2" not in r.body
    assert "password" not in said["proposed"]


def test_a_password_of_one_side_is_mergeable(scim):
    path, seen, etag = stale(scim)
    error = try_it(scim, path, seen, etag,
                   set_to("password", "correct horse"), "put")
    assert error[CONFLICT]["mergeable"]
    assert {"path": "password", "from": "ours"} in error[CONFLICT][
        "autoMergeable"]


def test_a_base_that_never_was_is_not_available(scim):
    path, seen, _ = stale(scim)
    for tag in ('W/"AAAAAAAAAAAAAAAAAAAAAA"', '"x"', '""'):
        error = try_it(scim, path, seen, tag, set_to("title", "x"), "put")
        assert error[CONFLICT] == {
            "expectedVersion": tag, "currentVersion": at(scim, path)[1],
            "baseAvailable": False}


@pytest.mark.settings(history_count="3")
def test_a_base_that_is_kept_no_longer_is_not_available(scim):
    path, seen, etag = stale(scim, None, *(
        set_to("title", f"{n}") for n in range(4)))
    error = try_it(scim, path, seen, etag, set_to("title", "x"), "patch")
    assert error[CONFLICT]["baseAvailable"] is False
    assert "changedSince" not in error[CONFLICT]


def test_a_body_that_is_none_is_a_412_all_the_same(scim):
    path, _, etag = stale(scim)
    for body in ({"schemas": []}, {"title": 7}, "nothing"):
        r = scim.put(path, body, headers=[("If-Match", etag), DETAIL])
        assert r.status == 412, r
        assert [c["path"] for c in r.json[CONFLICT]["changedSince"]] == [
            "title"]
        assert "conflicts" not in r.json[CONFLICT]


def test_a_long_list_of_members_is_cut_and_says_so(scim):
    ids = [scim.create("/Users", user())["id"] for _ in range(30)]
    made = scim.create("/Groups", group(ids[0]))
    path = "/Groups/" + made["id"]
    seen, etag = at(scim, path)
    change(scim, path, (lambda body: body.update(
        members=[{"value": i} for i in ids]), []))
    error = try_it(scim, path, seen, etag,
                   set_to("displayName", fresh("group")), "put")
    said = error[CONFLICT]
    assert said["mergeable"]
    assert len(said["changedSince"]) == 20 and said["changedSinceCount"] == 29
    assert "members" not in said["proposed"]
    assert said["proposedOmits"] == [{"path": "members", "count": 30}]


def test_proposed_can_be_sent_as_it_is(scim):
    path, seen, etag = stale(scim, None, W1)
    said = try_it(scim, path, seen, etag, set_to("title", "Sr Eng"),
                  "put")[CONFLICT]
    r = scim.put(path, said["proposed"],
                 headers=[("If-Match", said["currentVersion"])])
    assert r.status == 200, r
    assert r.json["title"] == "Sr Eng"
    assert r.json["name"]["familyName"] == "Smith"


def test_preferences_stand_side_by_side(scim):
    path, seen, etag = stale(scim)
    for value in ('return=minimal, conflict=detail', 'Conflict="detail"',
                  'conflict=detail; x=1'):
        r = scim.put(path, seen, headers=[("If-Match", etag),
                                          ("Prefer", value)])
        assert r.header("Preference-Applied") == "conflict=detail", value
    r = scim.put(path, seen, headers=[("If-Match", etag),
                                      ("Prefer", "conflict=much")])
    assert r.header("Preference-Applied") is None
    assert "baseAvailable" not in r.json[CONFLICT]


def test_one_of_several_tags_is_the_base(scim):
    path, seen, etag = stale(scim)
    error = try_it(scim, path, seen, f'"x", {etag}', set_to("title", "y"),
                   "put")
    assert error[CONFLICT]["baseAvailable"]


@pytest.mark.settings(etag="strong")
def test_strong_tags_name_a_base_too(scim):
    said, now = told(scim, barbara(), set_to("title", "A"),
                     set_to("title", "B"), "put")
    assert kinds(said) == [("title", "modify/modify")]
    assert said["changedSince"][0]["version"] == now["meta"]["version"]


def test_members_taken_by_a_filter_are_those_of_the_base(scim):
    ids = sorted(scim.create("/Users", user())["id"] for _ in range(3))
    body = group()
    body["members"] = [{"value": i, "display": f"d{n}"}
                       for n, i in enumerate(ids[:2])]
    made = scim.create("/Groups", body)
    path = "/Groups/" + made["id"]
    seen, etag = at(scim, path)
    change(scim, path, (lambda b: b["members"].append(
        {"value": ids[2], "display": "d0"}), []))
    for filter in (f'value eq "{ids[0]}"', 'display eq "d0"'):
        error = try_it(scim, path, seen, etag, (
            None, [op("remove", f"members[{filter}]")]), "patch")
        said = error[CONFLICT]
        assert said["mergeable"], said
        assert {m["value"] for m in said["proposed"]["members"]} == set(
            ids[1:])
    error = try_it(scim, path, seen, etag, (
        None, [op("replace", "members", [{"value": ids[0]}])]), "patch")
    assert {m["value"] for m in error[CONFLICT]["proposed"]["members"]} == {
        ids[0], ids[2]}


def test_expecting_to_continue_comes_to_the_same(scim):
    path, seen, etag = stale(scim)
    r = scim.put(path, edited(seen, set_to("title", "x")), headers=[
        ("If-Match", etag), ("Expect", "100-continue"), DETAIL])
    assert r.status == 412, r
    assert kinds(r.json[CONFLICT]) == [("title", "modify/modify")]


def test_a_tag_that_is_no_text_is_left_out(scim):
    path, seen, etag = stale(scim)
    error = try_it(scim, path, seen, '"\xe9"', set_to("title", "y"), "put")
    assert "expectedVersion" not in error[CONFLICT]
    error = try_it(scim, path, seen, f'"\xe9", {etag}', set_to("title", "y"),
                   "put")
    assert error[CONFLICT]["expectedVersion"] == etag


# In one round trip.

FORMS = ("resource", "Operations")

every_form = pytest.mark.parametrize("form", FORMS)


def merged(scim, base, theirs, ours, form, path="/Users", **members):
    made = scim.create(path, base)
    path += "/" + made["id"]
    seen, etag = at(scim, path)
    change(scim, path, theirs)
    before = at(scim, path)
    r = send(scim, path, message(etag, **wanted(seen, ours, form), **members))
    after = at(scim, path)
    if r.status == 200:
        assert r.etag == after[1]
        body = r.json
        told = body.pop(MERGE)
        assert body == after[0]
        assert told["base"] == etag and told["theirs"] == before[1]
        return r, told, after[0]
    assert r.status == 409, r
    assert after == before, "all or nothing"
    assert r.etag == before[1]
    assert r.json["schemas"] == [ERROR, CONFLICT]
    has_members(r.json, ["schemas", "status", "detail", CONFLICT])
    assert r.json["status"] == "409"
    is_shaped(r.json[CONFLICT])
    return r, r.json[CONFLICT], after[0]


@every_form
def test_w1_in_one_round_trip(scim, form):
    r, told, now = merged(scim, barbara(), W1, set_to("title", "Sr Eng"), form)
    assert r.status == 200
    assert told["auto"] == [{"path": "name.familyName", "from": "theirs"},
                            {"path": "title", "from": "ours"}]
    assert now["title"] == "Sr Eng"
    assert now["name"]["familyName"] == "Smith"
    assert addresses(now) == ["b@h.net", "bj@x.com", "z@z"]


@every_form
@pytest.mark.parametrize("theirs, ours, paths", [
    (set_to("displayName", "Barb"), set_to("displayName", "Babs"),
     [("displayName", "modify/modify")]),
    (email("work", "new2@x.com"), email("work", "new1@x.com"),
     [('emails[type eq "work"]', "modify/modify"),
      ("emails[primary eq true]", "modify/modify")]),
    (no_email("home"), primary("home"),
     [("emails[primary eq true]", "primary/delete")]),
    (no_email("work"), email("work", "n@x.com"),
     [("emails[primary eq true]", "modify/modify")]),
    (set_to("active", False), new_role("admin"), [("active", "guard")]),
], ids=["w2", "w3", "w4", "w6", "w7"])
def test_what_collides_is_a_conflict(scim, form, theirs, ours, paths):
    r, said, _ = merged(scim, barbara(), theirs, ours, form)
    assert r.status == 409 and kinds(said) == paths


@every_form
def test_w5_members_in_one_round_trip(scim, form):
    ids = [scim.create("/Users", user())["id"] for _ in range(4)]
    members = [{"value": i} for i in ids]

    def to(*wanted):
        return lambda body: body.update(members=list(wanted))
    r, told, now = merged(
        scim, group(*ids[:2]), (to(members[1], members[3]), []),
        (to(*members[:3]), [op("add", "members", [members[2]])]), form,
        "/Groups")
    assert r.status == 200
    assert {m["value"] for m in now["members"]} == set(ids[1:])
    assert {m["type"] for m in now["members"]} == {"User"}


@every_form
def test_the_last_members_can_go(scim, form):
    ids = [scim.create("/Users", user())["id"] for _ in range(2)]
    r, _, now = merged(
        scim, group(ids[0]), set_to("displayName", fresh("group")),
        (lambda b: b.update(members=[]), [op("remove", "members")]), form,
        "/Groups")
    assert r.status == 200 and "members" not in now


@every_form
def test_w6b_in_one_round_trip(scim, form):
    base = barbara()
    del base["emails"][0]["primary"]
    r, _, now = merged(scim, base, no_email("work"), email("work", "n@x.com"),
                       form)
    assert r.status == 200 and addresses(now) == ["b@h.net", "n@x.com"]


@every_form
def test_w8_the_same_twice_is_no_new_version(scim, form):
    path, seen, etag = stale(scim)
    before = at(scim, path)
    r = send(scim, path, message(etag, **wanted(
        seen, set_to("title", "Lead"), form)))
    assert r.status == 200 and at(scim, path) == before


@every_form
def test_what_ours_takes_away_goes(scim, form):
    r, _, now = merged(
        scim, barbara() | {"nickName": "B"}, set_to("title", "Lead"),
        (lambda b: (b.pop("nickName"), b["name"].pop("familyName")),
         [op("remove", "nickName"), op("remove", "name.familyName")]), form)
    assert r.status == 200
    assert "nickName" not in now and now["name"] == {"givenName": "Barbara"}
    assert now["title"] == "Lead"


@pytest.mark.parametrize("use, name", [("ours", "Babs"), ("theirs", "Barb")])
@pytest.mark.parametrize("how", ["path", "all"])
def test_decisions_made_beforehand_hold(scim, use, name, how):
    members = {"onConflict": use} if how == "all" else {
        "resolutions": [{"path": "displayName", "use": use}]}
    r, told, now = merged(
        scim, barbara(), set_to("displayName", "Barb"),
        set_to("displayName", "Babs"), "resource", **members)
    assert r.status == 200 and now["displayName"] == name
    assert told["decided"] == [{"path": "displayName", "use": use}]


def test_no_decision_helps_against_a_guard(scim):
    r, said, _ = merged(
        scim, barbara(), set_to("active", False), new_role("admin"),
        "resource", onConflict="ours")
    assert r.status == 409 and kinds(said) == [("active", "guard")]


@pytest.mark.settings(preconditions="required")
def test_the_base_is_a_precondition_and_ours_must_be_named(scim):
    r, _, now = merged(scim, barbara(), set_to("title", "x"),
                       set_to("nickName", "y"), "resource")
    assert r.status == 200 and now["title"] == "x"
    path, seen, etag = stale(scim)
    r = send(scim, path, message(etag, resource=seen, onConflict="ours"))
    assert r.status == 400 and r.scim_type == "invalidValue"


def collision(scim, **members):
    return merged(scim, barbara(), set_to("displayName", "Barb"),
                  set_to("displayName", "Babs"), "resource", **members)


@pytest.mark.parametrize("use", ["ours", "theirs"])
def test_who_wins_where_nothing_is_said_is_the_tenants_choice(servers, use):
    scim = servers(store="memory", on_conflict=use).client()
    r, told, now = collision(scim)
    assert r.status == 200
    assert now["displayName"] == {"ours": "Babs", "theirs": "Barb"}[use]
    assert told["decided"] == [{"path": "displayName", "use": use}]
    r, said, _ = collision(scim, onConflict="fail")
    assert r.status == 409 and kinds(said) == [
        ("displayName", "modify/modify")]


@pytest.mark.parametrize("settings, allowed", [
    (dict(on_conflict_most="fail"), ["fail"]),
    (dict(on_conflict_most="theirs"), ["fail", "theirs"]),
    (dict(preconditions="required"), ["fail", "theirs"]),
    (dict(preconditions="required", on_conflict_most="ours"),
     ["fail", "theirs", "ours"])])
def test_what_a_message_may_decide_is_the_tenants_choice(
        servers, settings, allowed):
    scim = servers(store="memory", **settings).client()
    path, seen, etag = stale(scim)
    for use in ("fail", "theirs", "ours"):
        r = send(scim, path, message(etag, dryRun=True, onConflict=use,
                                     resource=seen))
        assert r.status == (200 if use in allowed else 400), use
        if use not in allowed:
            assert r.scim_type == "invalidValue"
            assert "resolutions" in r.json["detail"]
    r, _, now = collision(scim, resolutions=[
        {"path": "displayName", "use": "ours"}])
    assert r.status == 200 and now["displayName"] == "Babs"


GUARDED = [(set_to("title", "Boss"), "title"),
           (set_to("name.familyName", "Smith"), "name.familyName"),
           (set_to("active", False), "active")]


@pytest.mark.parametrize("guards, tripped", [
    ("marked", {"active"}), ("none", set()),
    ("name.familyName,title,displayName", {"title", "name.familyName"})])
def test_guards_are_the_tenants_choice(servers, guards, tripped):
    scim = servers(store="memory", guards=guards).client()
    for theirs, path in GUARDED:
        r, said, _ = merged(scim, barbara(), theirs, new_role("x"), "resource")
        said412, _ = told(scim, barbara(), theirs, new_role("x"), "put")
        if path in tripped:
            assert r.status == 409 and kinds(said) == [(path, "guard")]
            assert kinds(said412) == [(path, "guard")]
        else:
            assert r.status == 200 and said412["mergeable"]
    r, _, _ = merged(scim, group(), set_to("externalId", "x"),
                     set_to("displayName", fresh("group")), "resource",
                     "/Groups")
    assert r.status == 200


def test_a_guard_that_is_no_attribute_stops_all_merging(servers):
    scim = servers(store="memory", guards="active,activ").client()
    path, seen, etag = stale(scim)
    r = send(scim, path, message(etag, resource=seen))
    assert r.status == 400 and '"activ"' in r.json["detail"]
    error = try_it(scim, path, seen, etag, set_to("nickName", "x"), "put")
    said = error[CONFLICT]
    assert not said["mergeable"] and "conflicts" not in said
    assert said["changedSince"]


def test_a_dry_run_changes_nothing(scim):
    path, seen, etag = stale(scim)
    before = at(scim, path)
    body = message(etag, dryRun=True, **wanted(
        seen, set_to("nickName", "B"), "resource"))
    r = send(scim, path, body)
    assert r.status == 200 and r.etag == before[1]
    assert r.json["schemas"] == [MERGE] and r.json["dryRun"] is True
    assert r.json["mergeable"] and r.json["proposed"]["nickName"] == "B"
    assert r.json["proposed"]["title"] == "Lead"
    assert at(scim, path) == before


def test_a_password_comes_along_and_an_old_one_stays(scim):
    base = barbara() | {"password": "correct horse"}
    r, _, now = merged(scim, base, set_to("title", "x"),
                       set_to("nickName", "y"), "resource")
    assert r.status == 200
    last = scim.get(f"/Users/{now['id']}/.versions").resources[0]
    assert last["paths"] == ["nickName"] and last["operation"] == "merge"
    versions = []
    for word in ("battery staple", "battery staple"):
        path, seen, etag = stale(scim, dict(base, userName=fresh()))
        r = send(scim, path, message(etag, **wanted(
            seen, set_to("password", word), "resource")))
        assert r.status == 200 and word.encode() not in r.body
        assert {"path": "password", "from": "ours"} in r.json[MERGE]["auto"]
        versions.append(r.etag)
    assert versions[0] != versions[1]


def test_two_passwords_collide_unseen(scim):
    r, said, _ = merged(
        scim, barbara(), set_to("password", "correct horse 1"),
        set_to("password", "correct horse 1"), "Operations")
    assert kinds(said) == [("password", "modify/modify")]
    assert b"horse" not in r.body and b"argon2" not in r.body


def test_messages_that_are_none(scim):
    path, seen, etag = stale(scim)
    for body, status in [
            ({"schemas": [MERGE], "resource": seen}, 400),
            (message("x", resource=seen), 400),
            (message('W/"x"', resource=seen), 400),
            (message(etag), 400),
            (message(etag, resource=seen, Operations=[]), 400),
            (message(etag, resource=7), 400),
            (message(etag, Operations=[]), 400),
            (message(etag, resource=dict(seen, title=7)), 400),
            (message(etag, resource=seen, onConflict="mine"), 400),
            (message(etag, resource=seen, resolutions=7), 400),
            (message(etag, resource=seen, resolutions=[{"path": 7}]), 400),
            (message(etag, resource=seen, resolutions=["x"]), 400),
            (message(etag, resource=seen, dryRun="no"), 400),
            ([], 400), ("x", 400), ({"schemas": []}, 400),
            (message('W/"AAAAAAAAAAAAAAAAAAAAAA"', resource=seen), 409),
            (message(etag, resource=dict(seen, id="x")), 400)]:
        assert send(scim, path, body).status == status, body
    assert send(scim, "/Users/none", message(etag, resource=seen)
                ).status == 404
    r = scim.put(path, message(etag, resource=seen), headers=[MEDIA])
    assert r.status == 415


def test_a_condition_beside_the_base_holds_too(scim):
    path, seen, etag = stale(scim)
    r = send(scim, path, message(etag, resource=seen), ("If-Match", etag))
    assert r.status == 412
    r = send(scim, path, message(etag, **wanted(
        seen, set_to("nickName", "B"), "resource")),
        ("If-Match", at(scim, path)[1]))
    assert r.status == 200


def test_a_taken_name_is_refused(scim):
    other = scim.create("/Users", user())
    path, seen, etag = stale(scim)
    r = send(scim, path, message(etag, resource=dict(
        seen, userName=other["userName"])))
    assert r.status == 409 and r.scim_type == "uniqueness"


def test_the_form_is_offered(scim):
    path, _, _ = stale(scim)
    assert MEDIA[1] in scim.request("OPTIONS", path).header("Accept-Patch")


def test_a_hundred_with_one_base_lose_nothing(server, scim):
    made = scim.create("/Users", user())
    path = "/Users/" + made["id"]
    _, etag = at(scim, path)
    statuses = []

    def one(n):
        with_own = server.client()
        r = send(with_own, path, message(etag, Operations=[op(
            "add", "emails", [{"value": f"{n}@x.com", "type": f"t{n}"}])]))
        statuses.append(r.status)
        with_own.close()
    threads = [threading.Thread(target=one, args=(n,)) for n in range(100)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert statuses == [200] * 100
    assert addresses(at(scim, path)[0]) == sorted(
        f"{n}@x.com" for n in range(100))
