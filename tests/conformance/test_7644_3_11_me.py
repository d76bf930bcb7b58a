# SPDX-License-Identifier: Apache-2.0
"""RFC 7644 section 3.11: /Me, the resource that a token stands for."""

import itertools

import pytest

import matrix
from samples import full_user, group, user
from scim_client import USER
from test_9110_matrix import Target, headers_of, wrong


PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def patch(*operations):
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


class Subject:
    """A resource, and a caller whose token stands for it."""

    def __init__(self, server, scim, endpoint="/Users", body=None,
                 scope="read,write"):
        made = scim.create(endpoint, body or user())
        self.id = made["id"]
        self.path = f"{endpoint}/{self.id}"
        self.url = f"{scim.url}{self.path}"
        self.etag = made["meta"]["version"]
        self.made = made
        self.me = scim.having(server.make_token(scope=scope, subject=self.id))


@pytest.fixture
def subject(server, scim):
    s = Subject(server, scim)
    yield s
    s.me.close()


def rename(name):
    return patch({"op": "replace", "path": "displayName", "value": name})


# @spec 7644-3.11-01, 7644-3.11-04, 7644-3.11-05
class TestAlias:
    def test_it_is_the_resource_itself(self, scim, subject):
        mine = subject.me.get("/Me")
        same = scim.get(subject.path)

        assert mine.status == 200
        assert mine.json == same.json
        assert mine.etag == same.etag
        assert mine.header("Location") == subject.url
        assert mine.header("Content-Location") == subject.url
        assert mine.json["meta"]["location"] == subject.url

    def test_the_query_is_heeded(self, subject):
        r = subject.me.get("/Me?attributes=userName")
        assert r.status == 200
        assert set(r.json) == {"schemas", "id", "userName"} or set(
            r.json) == {"schemas", "id", "userName", "meta"}
        assert subject.me.get(
            "/Me?excludedAttributes=userName").json.get("userName") is None

    def test_head(self, subject):
        r = subject.me.head("/Me")
        assert r.status == 200 and r.body == b""
        assert r.etag == subject.etag
        assert r.header("Location") == subject.url

    def test_replace(self, scim, subject):
        name = subject.made["userName"]

        r = subject.me.put("/Me", user(userName=name, title="Boss"),
                           headers={"If-Match": subject.etag})

        assert r.status == 200
        assert r.json["title"] == "Boss" and r.json["id"] == subject.id
        assert r.header("Location") == subject.url
        assert scim.get(subject.path).etag == r.etag != subject.etag

    def test_patch(self, scim, subject):
        r = subject.me.patch("/Me", rename("Ada"),
                             headers={"If-Match": subject.etag})

        assert r.status == 200
        assert r.header("Location") == subject.url
        assert scim.get(subject.path).json["displayName"] == "Ada"

        r = subject.me.patch("/Me", rename("Eve"),
                             headers={"Prefer": "return=minimal"})
        assert r.status == 204
        assert r.header("Location") == subject.url
        assert scim.get(subject.path).etag == r.etag

    def test_a_subject_of_another_type(self, server, scim):
        member = scim.create("/Users", user())["id"]
        crew = Subject(server, scim, "/Groups", group(member))

        r = crew.me.get("/Me")
        assert r.status == 200
        assert r.json["meta"]["resourceType"] == "Group"
        assert r.header("Location") == crew.url
        r = crew.me.patch("/Me", patch({"op": "remove", "path": "members"}))
        assert r.status == 204
        assert "members" not in scim.get(crew.path).json
        crew.me.close()

    def test_the_tenant_s_own_path(self, server, subject):
        me = server.client(subject.me.token, base="/t/default/scim/v2")
        r = me.get("/Me")
        assert r.status == 200
        assert r.header("Location") == f"{me.url}{subject.path}"
        me.close()

    # @spec 7644-3.11-03
    def test_it_never_redirects(self, subject):
        for method in ("GET", "HEAD", "PUT", "PATCH"):
            r = subject.me.request(method, "/Me", rename("x"))
            assert r.status < 300 or r.status >= 400
            assert r.header("Location") == subject.url


# @spec 7644-3.11-05
def test_each_answer_says_where_the_resource_is(subject):
    stale = {"If-Match": 'W/"AAAAAAAAAAAAAAAAAAAAAA"'}
    answers = [
        (304, subject.me.get("/Me", headers={"If-None-Match": subject.etag})),
        (412, subject.me.get("/Me", headers=stale)),
        (412, subject.me.delete("/Me", headers=stale)),
        (400, subject.me.put("/Me", {"schemas": [USER]})),
        (400, subject.me.patch("/Me", "{")),
        (400, subject.me.get("/Me?attributes=%ff")),
        (415, subject.me.put("/Me", "x",
                             headers={"Content-Type": "text/plain"})),
        (204, subject.me.delete("/Me")),
    ]

    for status, r in answers:
        assert r.status == status
        assert r.header("Location") == subject.url, r


# @spec 7644-3.11-02, 7644-3.11-06, 7644-3.12-15
def test_nothing_is_created_at_me(server, scim, subject):
    plain = scim.having(server.make_token())
    for caller in (subject.me, plain):
        before = scim.get("/Users?count=0").json["totalResults"]
        assert caller.post("/Me", user()).status == 501
        assert scim.get("/Users?count=0").json["totalResults"] == before
    plain.close()


def test_options_tells_the_methods(subject):
    r = subject.me.request("OPTIONS", "/Me")
    assert r.status == 204
    assert set(r.header("Allow").split(", ")) == {
        "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}


class TestNobody:
    # @spec 7644-3.11-07
    def test_a_token_without_a_subject(self, scim):
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
            r = scim.request(method, "/Me", user(),
                             headers={"If-Match": "*"})
            assert r.status == 404
            assert r.header("Location") is None

    # @spec 7644-3.11-07
    def test_a_subject_that_is_gone(self, scim, subject):
        assert subject.me.delete("/Me").status == 204

        assert scim.get(subject.path).status == 404
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            assert subject.me.request(method, "/Me", user()).status == 404

    def test_a_subject_that_never_was(self, server, scim):
        token = server.make_token(subject="nobody")
        assert scim.having(token).get("/Me").status == 404

    def test_a_subject_of_another_tenant(self, server, scim):
        theirs = scim.create("/Users", user())["id"]
        server.make_tenant("me-elsewhere")
        token = server.make_token("me-elsewhere", subject=theirs)

        r = scim.having(token).get("/Me")

        assert r.status == 404
        assert theirs not in r.body.decode()

    # @spec 7644-3.11-08
    def test_no_token(self, scim):
        assert scim.having(None).get("/Me").status == 401
        assert scim.having("unknown-token-0123").get("/Me").status == 401

    def test_the_scopes_count_here_too(self, server, scim):
        reader = Subject(server, scim, scope="read")
        assert reader.me.get("/Me").status == 200
        assert reader.me.delete("/Me").status == 403
        writer = Subject(server, scim, scope="write")
        assert writer.me.get("/Me").status == 403
        assert writer.me.patch("/Me", rename("x")).status == 200


def target_of(scim, subject):
    now = scim.get(subject.path)
    return Target("/Me", now.etag, None)


# @spec 7644-3.11-04, 9110-13.2.2-01
@pytest.mark.settings(etag="strong", preconditions="required")
@pytest.mark.parametrize("method", matrix.METHODS)
def test_preconditions_are_those_of_the_resource(server, scim, method):
    """Every pair of tags, as tests/conformance/test_9110_matrix.py sends
    them to the resource itself."""
    subject = Subject(server, scim, body=full_user())
    faults = []

    for number, case in enumerate(itertools.islice(
            (c for c in matrix.cases() if c.method == method), 121)):
        target = target_of(scim, subject)
        body = {"PUT": user(userName=subject.made["userName"],
                            displayName=f"changed by {number}"),
                "PATCH": rename(f"changed by {number}")}.get(method)
        r = subject.me.request(method, "/Me", body, headers_of(case, target))
        want = matrix.expected(case, "strong", required=True)
        fault = wrong(case, target, want, r)
        if r.header("Location") != subject.url:
            fault = f"{case}: Location is {r.header('Location')}"
        if fault:
            faults.append(fault)
        if r.status == 204 and method == "DELETE":
            subject.me.close()
            subject = Subject(server, scim, body=full_user())
        elif r.status >= 300 and scim.get(subject.path).etag != target.etag:
            faults.append(f"{case}: refused, and changed")

    subject.me.close()
    assert not faults, f"{len(faults)} wrong:\n" + "\n".join(faults[:40])
