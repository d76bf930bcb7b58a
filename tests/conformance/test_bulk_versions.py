# SPDX-License-Identifier: Apache-2.0
"""Bulk and entity tags (etag matrix 5.5): the headers of the request, and the
`version` of each operation, which is its If-Match."""

import pytest

from bulk import bulk, delete, one, patch, post, put, run
from samples import fresh, group, user

pytestmark = pytest.mark.both_stores

STALE = 'W/"AAAAAAAAAAAAAAAAAAAAAA"'
TITLE = {"op": "add", "path": "title", "value": "new"}


def change(kind, resource, version):
    path = "/Users/" + resource["id"]
    members = {"version": version}
    if kind == "PUT":
        return put(path, resource | {"title": "new"}, **members)
    return patch(path, TITLE, **members) if kind == "PATCH" \
        else delete(path, **members)


DONE = {"PUT": "200", "PATCH": "200", "DELETE": "204"}
KINDS = list(DONE)


class TestHeaders:
    @pytest.mark.parametrize("headers, status", [
        ({"If-Match": "*"}, 412), ({"If-Match": STALE}, 412),
        ({"If-Match": "v7"}, 400), ({"If-None-Match": "*"}, 200),
        ({"If-None-Match": STALE}, 200), ({"If-None-Match": "v7"}, 400),
        ({"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ({"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200)])
    def test_the_endpoint_has_no_tag(self, scim, headers, status):
        made = scim.create("/Users", user())
        r = scim.post("/Bulk", bulk(change("PUT", made, None)),
                      headers=headers)
        assert r.status == status
        assert r.etag is None
        assert ("title" in scim.get("/Users/" + made["id"]).json) == \
            (status == 200)

    # @spec 9110-10.1.1-01
    def test_before_the_body_is_sent(self, scim):
        with scim.raw() as c:
            c.send((f"POST {scim.target('/Bulk')} HTTP/1.1\r\nHost: x\r\n"
                    f"Authorization: Bearer {scim.token}\r\nIf-Match: *\r\n"
                    "Content-Type: application/scim+json\r\n"
                    "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"
                    ).encode())
            assert c.read("POST", interim=True).status == 412


@pytest.mark.parametrize("kind", KINDS)
class TestVersion:
    # @spec 7644-3.7-09
    @pytest.mark.parametrize("version", [None, "*", "own"])
    def test_what_holds_is_done(self, scim, kind, version):
        made = scim.create("/Users", user())
        if version == "own":
            version = made["meta"]["version"]
        result = one(scim, change(kind, made, version))
        assert result["status"] == DONE[kind]
        now = scim.get("/Users/" + made["id"])
        if kind == "DELETE":
            assert "version" not in result and now.status == 404
        else:
            assert result["version"] == now.etag
            assert now.json["title"] == "new"

    # @spec 7644-3.7-09, 7644-3.7.3-06
    def test_a_stale_one_changes_nothing(self, scim, kind):
        made = scim.create("/Users", user())
        result = one(scim, change(kind, made, STALE))
        assert result["status"] == "412"
        assert result["response"]["status"] == "412"
        assert "scimType" not in result["response"]
        assert result["location"] == made["meta"]["location"]
        assert result["version"] == made["meta"]["version"]
        assert scim.get("/Users/" + made["id"]).json == made

    # @spec 7644-3.7-09
    @pytest.mark.parametrize("version", [
        "v7", "", 7, True, {}, [], 'W/"a", W/"b"', '"a'])
    def test_what_is_no_tag_is_refused(self, scim, kind, version):
        made = scim.create("/Users", user())
        result = one(scim, change(kind, made, version))
        assert result["status"] == "400"
        assert result["response"]["scimType"] == "invalidValue"
        assert "version" in result["response"]["detail"]
        assert scim.get("/Users/" + made["id"]).json == made

    @pytest.mark.parametrize("version", [
        None, "*", STALE, "v7", "", 7, 'W/"a", W/"b"'])
    def test_what_is_missing_is_missing(self, scim, kind, version):
        missing = {"id": "none"} | user()
        assert one(scim, change(kind, missing, version))["status"] == "404"

    # @spec 6585-3-04
    @pytest.mark.settings(preconditions="required")
    def test_where_a_precondition_is_required(self, scim, kind):
        made = scim.create("/Users", user())
        for version in (None,):
            result = one(scim, change(kind, made, version))
            assert result["status"] == "428"
            assert "version" in result["response"]["detail"]
        version = made["meta"]["version"]
        result = one(scim, change(kind, made, version))
        assert result["status"] == DONE[kind]

    @pytest.mark.settings(preconditions="required")
    def test_what_is_missing_needs_none(self, scim, kind):
        missing = {"id": "none"} | user()
        assert one(scim, change(kind, missing, None))["status"] == "404"

    def test_the_same_opaque_tag_in_another_form(self, scim, kind):
        made = scim.create("/Users", user())
        other = made["meta"]["version"].removeprefix("W/")
        alone = scim.request(
            kind, "/Users/" + made["id"],
            None if kind == "DELETE" else
            change(kind, made, None)["data"], headers={"If-Match": other})
        made = scim.create("/Users", user())
        other = made["meta"]["version"].removeprefix("W/")
        result = one(scim, change(kind, made, other))
        assert result["status"] == str(alone.status)


class TestCreation:
    @pytest.mark.parametrize("version", [None, "*", STALE, 'W/"a", W/"b"'])
    def test_a_version_means_nothing_to_it(self, scim, version):
        result = one(scim, post(user(), "a") | {"version": version})
        assert result["status"] == "201"

    @pytest.mark.parametrize("version", ["v7", "", 7, {}])
    def test_what_is_no_tag_is_refused(self, scim, version):
        result = one(scim, post(user(), "a") | {"version": version})
        assert result["status"] == "400"

    @pytest.mark.settings(preconditions="required")
    def test_it_needs_none(self, scim):
        assert one(scim, post(user(), "a"))["status"] == "201"


class TestSequence:
    # @spec 7644-3.7.3-06
    def test_a_stale_version_fails_alone(self, scim):
        made = [scim.create("/Users", user()) for _ in range(5)]
        ops = [change("PUT", m, m["meta"]["version"]) for m in made]
        ops[2]["version"] = STALE
        results = run(scim, *ops)
        assert [r["status"] for r in results] == [
            "200", "200", "412", "200", "200"]
        for n, m in enumerate(made):
            now = scim.get("/Users/" + m["id"])
            assert ("title" in now.json) == (n != 2)
            assert results[n]["version"] == now.etag

    def test_the_second_sees_what_the_first_left(self, scim):
        made = scim.create("/Users", user())
        version = made["meta"]["version"]
        first, second = run(scim, change("PATCH", made, version),
                            change("PATCH", made, version))
        assert (first["status"], second["status"]) == ("200", "412")
        assert second["version"] == first["version"]
        path = "/Users/" + made["id"]
        assert scim.get(path).etag == first["version"]

    def test_unless_the_first_changed_nothing(self, scim):
        made = scim.create("/Users", user())
        version = made["meta"]["version"]
        first, second = run(
            scim, put("/Users/" + made["id"], made, version=version),
            change("PUT", made, version))
        assert (first["status"], second["status"]) == ("200", "200")
        assert first["version"] == version

    def test_a_412_counts(self, scim):
        made = scim.create("/Users", user())
        r = scim.post("/Bulk", bulk(
            change("PUT", made, STALE), post(user(), "a"), failOnErrors=1))
        assert [x["status"] for x in r.json["Operations"]] == ["412"]

    def test_a_patch_that_fails_leaves_the_version(self, scim):
        made = scim.create("/Users", user())
        path = "/Users/" + made["id"]
        result = one(scim, patch(path, TITLE, {
            "op": "replace", "path": "id", "value": "x"}))
        assert result["status"] == "400"
        assert scim.get(path).etag == made["meta"]["version"]

    @pytest.mark.settings(etag="strong")
    def test_strong_tags(self, scim):
        made = scim.create("/Users", user())
        version = made["meta"]["version"]
        assert not version.startswith("W/")
        result = one(scim, change("PUT", made, version))
        assert result["version"] == scim.get("/Users/" + made["id"]).etag
        assert one(scim, change("PUT", made, version))["status"] == "412"

    def test_groups_and_what_derives_from_them(self, scim):
        made = scim.create("/Users", user())
        team = scim.create("/Groups", group())
        first, second = run(
            scim, change("PATCH", made, made["meta"]["version"]),
            patch("/Groups/" + team["id"], {
                "op": "add", "path": "members",
                "value": [{"value": made["id"]}]},
                version=team["meta"]["version"]))
        assert (first["status"], second["status"]) == ("200", "204")
        assert scim.get("/Users/" + made["id"]).etag == first["version"]
        assert scim.get("/Groups/" + team["id"]).etag == second["version"]

    def test_what_it_answers_is_what_others_compare(self, scim):
        made = scim.create("/Users", user())
        result = one(scim, change("PUT", made, None))
        r = scim.put("/Users/" + made["id"], user(userName=fresh()),
                     headers={"If-Match": result["version"]})
        assert r.status == 200

    def test_conflicts_are_counted(self, scim):
        def count():
            text = scim.at("").get("/metrics").body.decode()
            return next(int(line.split()[1]) for line in text.splitlines()
                        if line.startswith("scimd_conflicts_total "))

        made = scim.create("/Users", user())
        before = count()
        run(scim, change("PUT", made, STALE), change("PATCH", made, STALE),
            change("PUT", made, None))
        assert count() == before + 2
