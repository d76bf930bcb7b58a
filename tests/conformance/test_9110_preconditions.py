# SPDX-License-Identifier: Apache-2.0
"""RFC 9110 sections 8.8 and 13: tags, dates, and what moves them."""

import time

import pytest

from samples import fresh, full_user, group, stored_part, user
from scim_client import ENTERPRISE, GROUP, Closed, http_date, request_bytes

from test_9110_matrix import seconds


def opaque(etag):
    return etag.removeprefix("W/").strip('"')


def made(scim, body=None):
    """A new user: its path, its representation and its tag."""
    r = scim.post("/Users", body or user())
    assert r.status == 201, r
    return "/Users/" + r.json["id"], r.json, r.etag


def put_status(scim, path, body, *if_match):
    headers = [("If-Match", value) for value in if_match]
    return scim.put(path, body, headers=headers).status


# What one If-Match value means; {o} is the opaque part of the current tag.
TAG_SYNTAX = [
    ('"{o}"', 200),
    ('W/"{o}"', 200),
    ('   W/"{o}"  ', 200),
    ('\tW/"{o}"\t', 200),
    ('"x" , W/"{o}"', 200),
    (',, "x",,W/"{o}",,', 200),
    ('"x,y", W/"{o}"', 200),
    ('"a\\b", W/"{o}"', 200),
    ('"*", W/"{o}"', 200),
    ('"", W/"", W/"{o}"', 200),
    ('*', 200),
    ('   *  ', 200),
    ('"*"', 412),
    ('""', 412),
    ('"x,{o},y"', 412),
    ('"\\{o}"', 412),
    ('"{o} "', 400),
    ('" {o}"', 400),
    ('{o}', 400),
    ("'{o}'", 400),
    ('"{o}', 400),
    ('{o}"', 400),
    ('w/"{o}"', 400),
    ('W/{o}', 400),
    ('W\\/"{o}"', 400),
    ('W/ "{o}"', 400),
    ('"{o}" "x"', 400),
    ('"{o}"x', 400),
    ('"{o}";q=1', 400),
    ('*, "{o}"', 400),
    ('"{o}", *', 400),
    ('*, *', 400),
    ('**', 400),
]


# @spec 9110-8.8.3-02, 9110-8.8.3-04, 9110-5.5-01, 9110-5.6.1.2-01,
#       9110-13.1.1-10, 9110-2.4-01
@pytest.mark.parametrize("value, status", TAG_SYNTAX)
def test_if_match_is_read_by_the_grammar(scim, value, status):
    path, body, etag = made(scim)

    sent = value.replace("{o}", opaque(etag))

    assert put_status(scim, path, body, sent) == status


# @spec 9110-5.5-03, 9110-8.8.3-04
def test_octets_above_ascii_are_data(scim):
    path, body, etag = made(scim)

    assert put_status(scim, path, body, '"\xe9"') == 412
    assert put_status(scim, path, body, f'"\xe9\xff", {etag}') == 200


# @spec 9110-8.8.3.2-03
def test_tags_compare_octet_by_octet(scim):
    path, body, etag = made(scim)
    other = opaque(etag).swapcase()

    assert put_status(scim, path, body, f'W/"{other}"') == 412
    assert scim.get(path, headers={"If-None-Match": f'"{other}"'}).status == 200


# @spec 9110-8.8.3.2-02, 9110-8.8.1-06, 7644-3.14-09, 9110-8.8.3-03,
#       7643-3.1-25, 9111-4.3.2-01, 9111-5.2.2.4-01
def test_with_weak_tags_the_prefix_does_not_matter(scim):
    path, body, etag = made(scim)
    assert etag.startswith("W/")

    assert put_status(scim, path, body, etag) == 200
    assert put_status(scim, path, body, etag[2:]) == 200
    for tag in (etag, etag[2:]):
        assert scim.get(path, headers={"If-None-Match": tag}).status == 304


# @spec 9110-8.8.3.2-01, 7644-3.14-09
@pytest.mark.settings(etag="strong")
def test_with_strong_tags_a_weakened_tag_does_not_match(scim):
    path, body, etag = made(scim)
    assert etag.startswith('"')

    assert put_status(scim, path, body, "W/" + etag) == 412
    assert put_status(scim, path, body, etag) == 200
    r = scim.get(path, headers={"If-None-Match": "W/" + etag})
    assert r.status == 304
    assert r.etag == etag


# @spec 9110-5.3-01, 9110-13.1.1-10
def test_field_lines_are_one_list(scim):
    path, body, etag = made(scim)

    assert put_status(scim, path, body, '"x"', etag) == 200
    assert put_status(scim, path, body, '"x"', '"y"') == 412
    assert put_status(scim, path, body, "*", etag) == 400
    assert put_status(scim, path, body, "", etag) == 200


# @spec 9110-13.1.2-09
def test_a_malformed_if_none_match_is_ignored_by_reads_alone(scim):
    path, body, etag = made(scim)

    for value in (opaque(etag), f'*, {etag}', 'w/"x"'):
        r = scim.get(path, headers={"If-None-Match": value})
        assert r.status == 200
        r = scim.put(path, body, headers={"If-None-Match": value})
        assert r.status == 400
        assert "If-None-Match" in r.detail


# @spec 9110-13.1.1-05
def test_a_refused_header_is_named(scim):
    path, body, _ = made(scim)

    r = scim.put(path, body, headers={"If-Match": "v7"})

    assert r.status == 400
    assert "If-Match" in r.detail


# @spec 6585-5-01
def test_more_tags_than_the_limit_are_refused_before_evaluation(scim):
    path, body, etag = made(scim)
    tags = ", ".join(f'"{n:06}"' for n in range(4000)) + ", " + etag

    r = scim.put(path, body, headers={"If-Match": tags})

    assert r.status == 431
    assert scim.get(path).etag == etag


# @spec 9110-13.1.3-02, 9110-13.1.4-02
def test_a_date_sent_twice_is_ignored(scim):
    path, body, _ = made(scim)
    old = http_date(0)

    r = scim.put(path, body, headers=[("If-Unmodified-Since", old)] * 2)
    assert r.status == 200

    future = http_date(time.time() + 7200)
    r = scim.get(path, headers=[("If-Modified-Since", future)] * 2)
    assert r.status == 200


# @spec 9110-5.6.7-03
def test_a_two_digit_year_far_ahead_is_in_the_past(scim):
    path, body, _ = made(scim)
    ahead = (time.gmtime().tm_year + 60) % 100
    date = f"Sunday, 06-Nov-{ahead:02} 08:49:37 GMT"

    r = scim.put(path, body, headers={"If-Unmodified-Since": date})

    assert r.status == 412


def changed_twice_in_one_second(scim):
    for _ in range(20):
        path, body, _ = made(scim)
        first = scim.put(path, body | {"title": "One"})
        second = scim.put(path, body | {"title": "Two"})
        if first.header("Last-Modified") == second.header("Last-Modified"):
            return path, body, second.header("Last-Modified")
        time.sleep(0.2)
    raise AssertionError("two PUTs never fell in one second")


# @spec 9110-8.8.2.2-01
def test_a_second_with_two_changes_can_not_be_named_by_a_write(scim):
    path, body, date = changed_twice_in_one_second(scim)

    r = scim.put(path, body, headers={"If-Unmodified-Since": date})
    assert r.status == 412

    later = http_date(seconds(date) + 1)
    r = scim.put(path, body, headers={"If-Unmodified-Since": later})
    assert r.status == 200


# @spec 9110-13.1.3-06
def test_not_modified_since_waits_until_the_second_is_over(scim):
    path = "/Groups/" + scim.create("/Groups", group())["id"]
    date = scim.get(path).header("Last-Modified")

    r = scim.get(path, headers={"If-Modified-Since": date})
    assert r.status == 200

    time.sleep(max(0, seconds(date) + 3.2 - time.time()))
    r = scim.get(path, headers={"If-Modified-Since": date})
    assert r.status == 304


# A user who left a group looks as it did before, and is of the same date.
# @spec 9110-8.8.1-01
def test_dates_never_say_that_derived_values_are_unchanged(scim):
    boss, _, _ = made(scim)
    managed, _, _ = made(scim, user(**{
        "schemas": [*user()["schemas"], ENTERPRISE],
        ENTERPRISE: {"manager": {"value": boss.split("/")[2]}}}))
    scim.put(boss, user(displayName="The boss"))
    in_group, body, _ = made(scim)
    scim.create("/Groups", group(body["id"]))
    time.sleep(3.2)

    future = http_date(time.time() + 3600)
    for path in (managed, in_group):
        r = scim.get(path, headers={"If-Modified-Since": future})
        assert r.status == 200


# @spec 9110-13.1.3-03, 9110-13.1.4-03
def test_dates_are_ignored_where_there_is_no_date(scim):
    old, future = http_date(0), http_date(time.time() + 3600)

    assert scim.get("/Users", headers={"If-Modified-Since": future}
                    ).status == 200
    assert scim.get("/Users", headers={"If-Unmodified-Since": old}
                    ).status == 200
    r = scim.post("/Users", user(), headers={"If-Unmodified-Since": old})
    assert r.status == 201


class TestWhatMovesATag:
    # @spec 9110-9.2.2-01, 7643-2.5-04
    def test_an_equal_put_changes_nothing(self, scim):
        path, body, etag = made(scim, full_user())
        before = scim.get(path)

        echo = dict(reversed(list(before.json.items())))
        for sent in (echo, stored_part(body) | {"schemas": body["schemas"]},
                     body | {"nickName": body["nickName"], "ims": body["ims"]}):
            r = scim.put(path, sent, headers={"If-Match": etag})
            assert r.status == 200, r
            assert r.etag == etag
            assert r.json == before.json

    # @spec 7643-2.5-01, 7643-2.5-04
    def test_null_and_empty_and_absent_are_one_state(self, scim):
        path, body, etag = made(scim)

        for empty in ({"nickName": None}, {"emails": []}, {"emails": None},
                      {"name": {}}, {"name": None}, {"roles": []},
                      {ENTERPRISE: {}}, {"name": {"givenName": None}}):
            r = scim.put(path, body | empty)
            assert r.status == 200, (empty, r)
            assert r.etag == etag, empty

    # @spec 7643-3.1-14, 7643-3.1-15
    def test_what_the_client_can_not_write_is_no_change(self, scim):
        path, body, etag = made(scim)

        r = scim.put(path, body | {
            "meta": {"version": 'W/"old"', "lastModified":
                     "2001-01-01T00:00:00Z", "resourceType": "Group"},
            "groups": [{"value": "x"}], "unheardOf": {"a": [1]}})

        assert r.status == 200
        assert r.etag == etag
        assert r.json == body

    def test_a_change_of_case_is_a_change(self, scim):
        name = fresh("mcdonald")
        path, body, etag = made(scim, user(userName=name, title="Doctor"))

        r = scim.put(path, body | {"userName": name.upper()})
        assert r.status == 200
        assert r.json["userName"] == name.upper()
        assert r.etag != etag
        assert scim.put(path, body | {"title": "doctor"}).etag != etag

    def test_another_order_of_values_is_a_change(self, scim):
        path, body, etag = made(scim, full_user())

        r = scim.put(path, body | {"emails": body["emails"][::-1]})

        assert r.status == 200
        assert r.etag != etag
        assert r.json["emails"] == body["emails"][::-1]

    # @spec 7643-4.1.1-19
    def test_a_password_is_a_change_even_when_it_is_the_same(self, scim):
        path, body, etag = made(scim)

        one = scim.put(path, body | {"password": "correct horse 1"})
        two = scim.put(path, body | {"password": "correct horse 1"})

        assert one.status == two.status == 200
        assert len({etag, one.etag, two.etag}) == 3

    # @spec 9110-13.1.1-08
    def test_a_stale_tag_fails_though_the_state_is_the_wanted_one(self, scim):
        path, body, etag = made(scim)
        wanted = body | {"title": "Wanted"}
        done = scim.put(path, wanted)

        r = scim.put(path, wanted, headers={"If-Match": etag})

        assert r.status == 412
        assert r.etag == done.etag

    # @spec 9110-8.8.1-02
    def test_a_tag_names_a_state(self, scim):
        path, body, a = made(scim)

        b = scim.put(path, body | {"title": "B"}).etag
        again = scim.put(path, body).etag
        c = scim.put(path, body | {"title": "C"}).etag

        assert again == a
        assert len({a, b, c}) == 3

    # @spec 9110-8.8.1-02
    @pytest.mark.settings(etag="strong")
    def test_a_strong_tag_is_never_used_again(self, scim):
        path, body, a = made(scim)

        b = scim.put(path, body | {"title": "B"}).etag
        again = scim.put(path, body).etag

        assert len({a, b, again}) == 3

    # @spec 9110-13.1.1-06
    def test_a_refused_write_moves_nothing(self, scim):
        path, body, etag = made(scim)
        taken = scim.create("/Users", user())["userName"]
        before = scim.get(path).json

        for bad in (body | {"userName": taken}, body | {"active": [1]},
                    {"schemas": body["schemas"]}):
            assert scim.put(path, bad).status in (400, 409)
        assert scim.put(path, body, headers={"If-Match": '"x"'}).status == 412

        r = scim.get(path)
        assert r.etag == etag
        assert r.json == before

    # @spec 9110-13.1-01
    def test_other_resources_do_not_matter(self, scim):
        path, body, etag = made(scim)
        _, _, other = made(scim)

        assert put_status(scim, path, body, other) == 412
        assert put_status(scim, path, body, etag) == 200

    # @spec 9110-8.8.1-02
    def test_a_name_used_again_is_another_resource(self, scim):
        body = user()
        path, _, etag = made(scim, body)
        assert scim.delete(path).status == 204

        again, _, other = made(scim, body)

        assert again != path
        assert other != etag

    # @spec 9110-8.8.1-03, 7644-3.9-09, 7644-3.14-05
    def test_one_version_has_one_tag_in_every_form(self, scim):
        path, _, etag = made(scim, full_user())

        for query, accept in (("", "application/json"), ("", "*/*"),
                              ("", "application/scim+json"),
                              ("?attributes=userName", None),
                              ("?attributes=meta.version", None),
                              ("?excludedAttributes=meta,emails", None)):
            r = scim.get(path + query, headers={"Accept": accept})
            assert r.status == 200
            assert r.etag == etag, query
            r = scim.get(path + query, headers={"If-None-Match": etag})
            assert r.status == 304
            assert r.etag == etag


class TestTagsOfMembersAndGroups:
    def test_membership_moves_the_group_and_the_derived_half(self, scim):
        path, body, alone = made(scim)
        gpath = "/Groups/" + scim.create("/Groups", group())["id"]
        g0 = scim.get(gpath)

        # @spec 7644-3.5.1-12
        g1 = scim.put(gpath, g0.json | {"members": [{"value": body["id"]}]})
        assert g1.status == 200
        assert g1.etag != g0.etag
        inside = scim.get(path)
        assert inside.etag != alone
        assert opaque(inside.etag).split(".")[0] == opaque(alone)
        assert inside.json["meta"]["lastModified"] == body["meta"][
            "lastModified"]

        g2 = scim.put(gpath, g0.json | {"members": []})
        assert g2.etag == g0.etag
        assert scim.get(path).etag == alone

    def test_being_put_in_a_group_fails_nobodys_edit(self, scim):
        path, body, alone = made(scim)
        scim.create("/Groups", group(body["id"]))
        whole = scim.get(path).etag
        assert whole != alone

        assert put_status(scim, path, body, alone) == 200
        assert put_status(scim, path, body, whole) == 200
        r = scim.get(path, headers={"If-None-Match": alone})
        assert r.status == 200
        r = scim.get(path, headers={"If-None-Match": whole})
        assert r.status == 304

    # @spec 9110-8.8.1-01
    @pytest.mark.settings(etag="strong")
    def test_a_strong_tag_is_compared_whole(self, scim):
        path, body, alone = made(scim)
        scim.create("/Groups", group(body["id"]))
        whole = scim.get(path).etag
        assert whole != alone

        assert put_status(scim, path, body, alone) == 412
        assert put_status(scim, path, body, whole) == 200

    # @spec 7644-3.6-06
    def test_deleting_a_user_moves_its_groups(self, scim):
        path, body, _ = made(scim)
        other = scim.create("/Users", user())["id"]
        gpath = "/Groups/" + scim.create("/Groups", group(body["id"], other)
                                         )["id"]
        before = scim.get(gpath).etag

        assert scim.delete(path).status == 204

        after = scim.get(gpath)
        assert [m["value"] for m in after.json["members"]] == [other]
        assert after.etag != before

    def test_members_come_and_go_in_any_order(self, scim):
        ids = [scim.create("/Users", user())["id"] for _ in range(3)]
        one = scim.create("/Groups", group(*ids))
        two = scim.put("/Groups/" + one["id"], {
            "schemas": [GROUP], "displayName": one["displayName"],
            "members": [{"value": i} for i in reversed(ids)]})

        assert two.status == 200
        assert two.etag == one["meta"]["version"]


class TestMethodsBesideTheUsual:
    # @spec 9110-14.2-01, 9110-13.1.5-01, 9110-13.2.2-05
    def test_ranges_are_ignored(self, scim):
        path, body, etag = made(scim)

        for headers in ({"Range": "bytes=0-1"},
                        {"If-Range": '"x"'},
                        {"Range": "bytes=0-1", "If-Range": etag},
                        {"Range": "bytes=0-1", "If-None-Match": '"x"'}):
            r = scim.get(path, headers=headers)
            assert r.status == 200
            assert r.json == body

    # @spec 9110-13.2.1-03, 9110-9.3.7-01
    def test_options_ignores_preconditions(self, scim):
        path, _, etag = made(scim)

        for headers in ({}, {"If-Match": '"x"'}, {"If-None-Match": "*"},
                        {"If-Match": "malformed"}):
            r = scim.request("OPTIONS", path, headers=headers)
            assert r.status in (200, 204)
            allowed = {m.strip() for m in r.header("Allow").split(",")}
            assert {"GET", "HEAD", "PUT", "DELETE"} <= allowed

    # @spec 9110-10.1.1-01
    def test_a_false_precondition_is_told_before_the_body_is_sent(
            self, server, scim):
        path, body, _ = made(scim)
        head = request_bytes("PUT", scim.target(path), [
            ("Host", "x"), ("Authorization", "Bearer " + scim.token),
            ("Content-Type", "application/scim+json"),
            ("Content-Length", "100"), ("Expect", "100-continue"),
            ("If-Match", '"stale"')])

        with scim.raw() as c:
            c.send(head)
            r = c.read("PUT", interim=True)

        assert r.status == 412

    # @spec 9110-10.1.1-01
    def test_otherwise_the_client_may_go_on(self, server, scim):
        path, body, etag = made(scim)
        data = b'{"schemas":["%s"],"userName":"%s"}' % (
            body["schemas"][0].encode(), fresh().encode())
        head = request_bytes("PUT", scim.target(path), [
            ("Host", "x"), ("Authorization", "Bearer " + scim.token),
            ("Content-Type", "application/scim+json"),
            ("Content-Length", str(len(data))), ("Expect", "100-continue"),
            ("If-Match", etag)])

        with scim.raw() as c:
            c.send(head)
            assert c.read("PUT", interim=True).status == 100
            c.send(data)
            assert c.read("PUT").status == 200

    # @spec 9110-5.3-02
    def test_a_header_that_comes_late_counts(self, scim):
        path, body, etag = made(scim)
        data = b"{}"

        with scim.raw() as c:
            c.send(request_bytes("PUT", scim.target(path), [
                ("Host", "x"), ("Authorization", "Bearer " + scim.token),
                ("Content-Type", "application/scim+json"),
                ("Content-Length", str(len(data)))])[:-2])
            time.sleep(0.1)
            c.send(b'If-Match: "stale"\r\n\r\n' + data)
            try:
                assert c.read("PUT").status == 412
            except Closed:
                pytest.fail("no answer")
        assert scim.get(path).etag == etag
