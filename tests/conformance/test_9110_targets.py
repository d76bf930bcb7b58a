# SPDX-License-Identifier: Apache-2.0
"""Preconditions on targets that are no single resource, the order in which
errors are decided, and the header fields of every kind of answer."""

import re
import uuid

import pytest

from samples import eq, full_user, group, user
from scim_client import SCIM, USER, http_date

STALE = 'W/"AAAAAAAAAAAAAAAAAAAAAA"'


class TestCreate:
    """The target is the collection: it exists and has no tag."""

    # @spec 9110-8.8-02, 7644-3.3-16
    @pytest.mark.parametrize("headers, status", [
        ({}, 201),
        ({"If-Match": "*"}, 201),
        ({"If-Match": STALE}, 412),
        ({"If-Match": '"a", "b"'}, 412),
        ({"If-Match": ""}, 412),
        ({"If-None-Match": "*"}, 201),
        ({"If-None-Match": STALE}, 201),
        ({"If-None-Match": ","}, 201),
        ({"If-Unmodified-Since": http_date(0)}, 201),
        ({"If-Modified-Since": http_date(4000000000)}, 201),
        ({"If-Match": "v7"}, 400),
        ({"If-None-Match": "v7"}, 400),
        ({"If-None-Match": '*, "v7"'}, 400),
        ({"If-Match": '"v7", *'}, 400),
    ])
    @pytest.mark.parametrize("path, body", [("/Users", user),
                                            ("/Groups", group)])
    def test_create_with_a_precondition(self, scim, path, body, headers,
                                        status):
        sent = body()

        r = scim.post(path, sent, headers=headers)

        assert r.status == status
        name = "userName" if path == "/Users" else "displayName"
        found = scim.get(path + eq(name, sent[name])).json["totalResults"]
        assert found == (1 if status == 201 else 0)

    def test_create_if_absent_tells_who_holds_the_name(self, scim):
        first = scim.post("/Users", user())

        taken = user(userName=first.json["userName"].upper())
        r = scim.post("/Users", taken, headers={"If-None-Match": "*"})
        assert r.status == 412
        assert r.etag == first.etag
        assert r.header("Location") == first.header("Location")

        # @spec 7644-3.3-10
        r = scim.post("/Users", taken)
        assert r.status == 409
        assert r.scim_type == "uniqueness"

    # @spec 9110-9.3.3-02
    def test_304_is_no_answer_to_post(self, scim):
        for path in ("/Users", "/Users/.search", "/Bulk"):
            r = scim.post(path, user(), headers={"If-None-Match": "*"})
            assert r.status != 304

    @pytest.mark.settings(preconditions="required")
    def test_creating_needs_no_precondition(self, scim):
        assert scim.post("/Users", user()).status == 201
        assert scim.post("/Groups", group()).status == 201


class TestCollections:
    @pytest.mark.parametrize("path", ["/Users", "/Groups"])
    @pytest.mark.parametrize("headers, status", [
        ({}, 200),
        ({"If-None-Match": STALE}, 200),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": "v7"}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": STALE}, 412),
        ({"If-Match": ","}, 412),
        ({"If-Match": "v7"}, 400),
        ({"If-Modified-Since": http_date(4000000000)}, 200),
        ({"If-Unmodified-Since": http_date(0)}, 200),
    ])
    def test_a_list_has_no_tag(self, scim, path, headers, status):
        r = scim.get(path + "?count=2", headers=headers)

        assert r.status == status
        assert r.etag is None
        assert r.header("Last-Modified") is None

    def test_the_tag_of_an_entry_is_not_the_list_s(self, scim):
        made = scim.post("/Users", user())

        where = "/Users" + eq("userName", made.json["userName"])
        r = scim.get(where, headers={"If-None-Match": made.etag})

        assert r.status == 200
        # @spec 7643-3.1-26
        assert r.resources[0]["meta"]["version"] == made.etag

    def test_a_bad_filter_wins_over_preconditions(self, scim):
        for headers in ({"If-Match": STALE}, {"If-None-Match": "*"}):
            r = scim.get("/Users?filter=userName%20eq", headers=headers)
            assert r.status == 400
            assert r.scim_type == "invalidFilter"


DISCOVERY = [
    "/ServiceProviderConfig",
    "/Schemas/" + USER,
    "/ResourceTypes/User",
]


class TestDiscovery:
    # @spec 9110-8.8.3.1-01
    @pytest.mark.parametrize("path", DISCOVERY)
    def test_a_document_has_a_tag(self, scim, path):
        r = scim.get(path)
        assert r.status == 200
        tag = r.etag
        assert tag is not None

        for headers, status in (({"If-None-Match": tag}, 304),
                                ({"If-None-Match": "*"}, 304),
                                ({"If-None-Match": STALE}, 200),
                                ({"If-Match": tag}, 200),
                                ({"If-Match": "*"}, 200),
                                ({"If-Match": STALE}, 412),
                                ({"If-Match": "v7"}, 400)):
            r = scim.get(path, headers=headers)
            assert r.status == status, headers
            assert r.status == 400 or r.etag == tag

    # @spec 7644-4-08
    @pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas",
                                      "/ResourceTypes"])
    @pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"},
                                         {"If-Match": STALE}])
    def test_a_filter_is_forbidden(self, scim, path, headers):
        r = scim.get(path + "?filter=name%20eq%20%22User%22",
                     headers=headers)

        assert r.status == 403

    # @spec 7644-4-11, 7643-5-01, 7643-6-01, 7643-7-02
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes",
                                      *DISCOVERY])
    def test_it_is_read_only(self, scim, path, method):
        for headers in ({}, {"If-Match": STALE}, {"If-None-Match": "v7"}):
            r = scim.request(method, path, {}, headers=headers)
            assert r.status == 405
            assert "GET" in r.header("Allow")


class TestOrderOfErrors:
    """What wins when several things are wrong at once."""

    @pytest.fixture
    def target(self, scim):
        r = scim.post("/Users", user())
        return "/Users/" + r.json["id"], r.json, r.etag

    # @spec 9110-13.2.1-02, 9110-15.5.4-02
    def test_credentials_come_first(self, scim, target):
        path, body, etag = target
        for token in (None, "not-a-token-that-exists"):
            nobody = scim.having(token)
            for headers in ({"If-Match": STALE}, {"If-None-Match": etag},
                            {"If-None-Match": "*"}, {"If-Match": "v7"}):
                assert nobody.put(path, body, headers=headers).status == 401
                assert nobody.get(path, headers=headers).status == 401
            nobody.close()

    # @spec 9110-13.2.1-02, 9110-15.5.4-02
    def test_permission_comes_before_existence(self, server, scim, target):
        path, body, _ = target
        reader = scim.having(server.make_token(scope="read"))

        for where in (path, f"/Users/{uuid.uuid4()}"):
            r = reader.put(where, body, headers={"If-Match": STALE})
            assert r.status == 403
        reader.close()

    # @spec 9110-13.2.1-04, 9110-13.2.1-02
    def test_existence_comes_before_preconditions(self, scim, target):
        _, body, _ = target
        nowhere = f"/Users/{uuid.uuid4()}"
        for headers in ({"If-Match": STALE}, {"If-Match": "*"},
                        {"If-None-Match": "*"}):
            assert scim.put(nowhere, body, headers=headers).status == 404
            assert scim.get(nowhere, headers=headers).status == 404
            assert scim.delete(nowhere, headers=headers).status == 404

    # @spec 9110-13.2.1-02
    def test_the_way_in_comes_before_preconditions(self, scim, target):
        path, body, etag = target
        stale = {"If-Match": STALE}

        assert scim.put("/Users", body, headers=stale).status == 405
        assert scim.post(path, body, headers=stale).status == 405
        r = scim.put(path, b"<User/>", headers=stale | {
            "Content-Type": "text/xml"})
        assert r.status == 415
        r = scim.get(path + "?attributes=userName&excludedAttributes=emails",
                     headers=stale)
        assert r.status == 400
        r = scim.get("/Users?filter=", headers={"If-None-Match": "*"})
        assert r.status == 400

    # @spec 9110-13.2.1-02
    def test_the_size_comes_before_preconditions(self, scim, target):
        path, _, _ = target
        r = scim.put(path, b" " * (4 * 1024 * 1024 + 1),
                     headers={"If-Match": STALE})

        assert r.status == 413

    # @spec 9110-13.2.1-01
    def test_preconditions_come_before_the_body(self, scim, target):
        path, body, etag = target
        taken = scim.create("/Users", user())["userName"]
        bodies = {
            "not JSON": (b"{", 400),
            "not a user": ({"schemas": [USER]}, 400),
            "of a wrong type": (body | {"active": [1]}, 400),
            "taken": (body | {"userName": taken}, 409),
        }

        for what, (sent, status) in bodies.items():
            r = scim.put(path, sent, headers={"If-Match": STALE})
            assert r.status == 412, what
            r = scim.put(path, sent, headers={"If-Match": etag})
            assert r.status == status, what

    # @spec 6585-3-01, 6585-3-02, 6585-3-03
    @pytest.mark.settings(preconditions="required")
    def test_a_missing_precondition_comes_before_the_body(self, scim,
                                                          target):
        path, body, etag = target

        for r in (scim.put(path, b"{"), scim.put(path, body),
                  scim.delete(path)):
            assert r.status == 428
            assert "If-Match" in r.detail
        assert scim.put(f"/Users/{uuid.uuid4()}", body).status == 404
        r = scim.put(path, body, headers={"If-Match": STALE})
        assert r.status == 412
        r = scim.put(path, b"<User/>", headers={"Content-Type": "text/xml"})
        assert r.status == 415
        old = {"If-Unmodified-Since": http_date(4000000000)}
        assert scim.put(path, body, headers=old).status == 428
        assert scim.having(None).put(path, body).status == 401
        r = scim.put(path, body | {"title": "x"}, headers={"If-Match": etag})
        assert r.status == 200
        r = scim.delete(path, headers={"If-Match": "*"})
        assert r.status == 204


class TestHeadersOfAnswers:
    @pytest.fixture
    def made(self, scim):
        return scim.post("/Users", full_user())

    # @spec 7644-3.4.1-02, 9110-8.8-01, 9110-8.8.2.1-01, 7643-3.1-21,
    #       9111-3.5-01
    def test_get(self, scim, made):
        r = scim.get("/Users/" + made.json["id"])

        assert r.status == 200
        meta = r.json["meta"]
        assert r.etag == meta["version"]
        assert r.header("Location") == meta["location"]
        assert r.header("Content-Location") == meta["location"]
        assert same_second(r.header("Last-Modified"), meta["lastModified"])
        assert r.header("Content-Type") == SCIM
        # @spec 9110-8.6-03
        assert int(r.header("Content-Length")) == len(r.body)
        caching = r.header("Cache-Control")
        assert caching and "public" not in caching
        assert "s-maxage" not in caching

    # @spec 9110-9.1-01, 9110-9.3.2-01, 9110-9.3.2-02, 9110-8.6-02
    def test_head_is_get_without_content(self, scim, made):
        for path in ("/Users/" + made.json["id"], "/Users?count=1",
                     "/ServiceProviderConfig", "/Schemas", "/ResourceTypes",
                     "/Users/nobody", "/Nonsense"):
            get, head = scim.get(path), scim.head(path)
            assert head.status == get.status, path
            assert head.body == b""
            for name in ("ETag", "Last-Modified", "Content-Type", "Location",
                         "Content-Location", "Vary", "Cache-Control"):
                assert head.header(name) == get.header(name), (path, name)
            assert head.header("Content-Length") in (
                None, get.header("Content-Length"))

    # @spec 9110-9.3.3-01, 9110-10.2.2-01, 9110-8.7-02, 7644-3.3-08
    def test_post(self, scim, made):
        assert made.status == 201
        meta = made.json["meta"]
        assert made.etag == meta["version"]
        assert made.header("Location") == meta["location"]
        assert made.header("Content-Location") in (None, meta["location"])
        assert scim.get(meta["location"].removeprefix(scim.url)
                        ).json == made.json

    # @spec 9110-8.7-01, 9110-9.3.4-01, 9110-9.3.4-03, 7644-3.5.1-10
    def test_put(self, scim, made):
        path = "/Users/" + made.json["id"]
        r = scim.put(path, made.json | {"title": "Countess"})

        assert r.status == 200
        meta = r.json["meta"]
        assert r.etag == meta["version"] != made.etag
        assert r.header("Location") == meta["location"]
        assert r.header("Content-Location") == meta["location"]
        assert same_second(r.header("Last-Modified"), meta["lastModified"])
        assert scim.get(path).json == r.json

    # @spec 9110-9.3.5-01, 9110-8.6-01
    def test_delete(self, scim, made):
        r = scim.delete("/Users/" + made.json["id"])

        assert r.status == 204
        assert r.body == b""
        for name in ("ETag", "Location", "Content-Location", "Last-Modified",
                     "Content-Type", "Content-Length"):
            assert r.header(name) is None

    # @spec 9110-15.4.5-01, 9110-15.4.5-02, 9110-15.4.5-03, 9110-15.4.5-04,
    #       7644-3.14-04
    def test_not_modified(self, scim, made):
        path = "/Users/" + made.json["id"]
        fresh = scim.get(path)
        r = scim.get(path, headers={"If-None-Match": made.etag[2:]})

        assert r.status == 304
        for name in ("ETag", "Content-Location", "Vary", "Cache-Control"):
            assert r.header(name) == fresh.header(name), name
        assert r.header("Content-Length") in (
            None, fresh.header("Content-Length"))

    # @spec 9110-13.1.1-07, 7644-3.12-12
    def test_precondition_failed(self, scim, made):
        path = "/Users/" + made.json["id"]
        stale = {"If-Match": STALE}

        for r in (scim.put(path, made.json, headers=stale),
                  scim.delete(path, headers=stale),
                  scim.get(path, headers=stale),
                  scim.head(path, headers=stale),
                  scim.delete(path, headers={"If-None-Match": "*"})):
            assert r.status == 412
            assert r.etag == made.etag

    # @spec 9110-12.5.5-01
    def test_what_a_body_depends_on_is_in_vary(self, scim, made):
        r = scim.get("/Users/" + made.json["id"])

        fields = re.split(r"\s*,\s*", r.header("Vary").lower())
        assert "authorization" in fields
        assert "private" in r.header("Cache-Control")


def same_second(date, time):
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    _, day, month, year, clock, _ = date.split()
    return time.startswith(
        f"{year}-{months.index(month) + 1:02}-{day}T{clock}")
