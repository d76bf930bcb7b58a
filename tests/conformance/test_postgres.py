# SPDX-License-Identifier: Apache-2.0
"""Several nodes on one PostgreSQL, and a database that goes away."""

import contextlib
import itertools
import signal
import subprocess
import threading
import time

import pytest

import test_races
from postgres_cluster import Cluster, find_programs
from postgres_proxy import Proxy
from samples import eq, user
from scim_client import Closed
from test_feed import position, read_all
from scimd_server import Server, run

pytestmark = [
    pytest.mark.skipif(find_programs() is None,
                       reason="no PostgreSQL server is installed"),
    pytest.mark.skipif("postgres://" not in run("serve", "--help").stdout,
                       reason="scimd was built without libpq"),
]


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.remove()


class Nodes:
    """Servers on one database; each client gets the next of them."""

    def __init__(self, cluster, directory, count, schema):
        cluster.run(f"CREATE SCHEMA {schema}")
        self.cluster = cluster
        self.url = f"{cluster.url}&options=-csearch_path%3D{schema}"
        first = Server(directory / "0", store=self.url)
        first.start()
        self.all = [first]
        for n in range(1, count):
            node = Server(directory / str(n), store=self.url,
                          token=first.token, args=(
                              "--public-url", f"http://127.0.0.1:{first.port}"
                          ))
            self.all.append(node.start())
        self.next = itertools.cycle(self.all)

    def client(self, *args, **kw):
        return next(self.next).client(*args, **kw)

    def run(self, *args):
        return next(self.next).run(*args)

    def make_token(self):
        return next(self.next).make_token()

    def stop(self):
        for node in self.all:
            node.stop()


@pytest.fixture(scope="module")
def nodes(cluster, tmp_path_factory):
    nodes = Nodes(cluster, tmp_path_factory.mktemp("nodes"), 3, "nodes")
    yield nodes
    nodes.stop()


@pytest.fixture
def lone(tmp_path):
    """One node on a database that the test may stop."""
    cluster = Cluster()
    nodes = Nodes(cluster, tmp_path, 1, "lone")
    yield nodes
    if cluster.process is None:
        cluster.start()
    nodes.stop()
    cluster.remove()


@pytest.mark.parametrize("race", [
    getattr(test_races, name) for name in dir(test_races)
    if name.startswith("test_")], ids=lambda race: race.__name__)
def test_races_end_the_same_on_three_nodes(nodes, race):
    client = nodes.client()
    given = {"server": nodes, "scim": client, "store": "postgres"}
    race(**{name: given[name] for name in
            race.__code__.co_varnames[:race.__code__.co_argcount]})
    client.close()


def test_counting_on_three_nodes_loses_nothing(nodes):
    made = nodes.client().create("/Users", user(title="0"))
    path = "/Users/" + made["id"]

    def count(n, client):
        done = 0
        while done < 25:
            r = client.get(path)
            body = r.json | {"title": str(int(r.json["title"]) + 1)}
            if client.put(path, body, headers={
                    "If-Match": r.etag}).status == 200:
                done += 1
        return done

    won = test_races.race(nodes, 6, count)

    assert nodes.client().get(path).json["title"] == str(sum(won)) == "150"


def test_what_one_node_wrote_every_node_shows_at_once(nodes):
    a, b, c = (node.client() for node in nodes.all)
    made = a.create("/Users", user())
    path = "/Users/" + made["id"]
    for n in range(20):
        writer, *readers = ((a, b, c), (b, c, a), (c, a, b))[n % 3]
        tag = writer.put(path, made | {"title": str(n)}).etag
        for reader in readers:
            assert reader.get(path).etag == tag
            found = reader.get("/Users" + eq("userName", made["userName"]))
            assert found.resources[0]["title"] == str(n)


def test_a_token_revoked_on_one_node_opens_nothing_on_another(nodes):
    first, second = nodes.all[:2]
    before = first.run("token", "list").stdout.splitlines()
    client = second.client(token=first.make_token())
    assert client.get("/Users?count=1").status == 200
    made = [line for line in first.run("token", "list").stdout.splitlines()
            if line not in before][0]

    done = first.run("token", "revoke", made.split("\t")[0])

    assert done.returncode == 0, done
    assert client.get("/Users?count=1").status == 401


def test_settings_and_tenants_reach_every_node_at_once(nodes):
    first, second = nodes.all[:2]
    first.make_tenant("far", preconditions="required")
    client = second.client(token=first.make_token("far"))
    made = client.create("/Users", user())
    path = "/Users/" + made["id"]
    assert client.put(path, made).status == 428

    first.run("tenant", "set", "far", "preconditions=off")

    assert client.put(path, made).status == 200


def test_the_feed_of_every_node_has_every_change_in_one_order(nodes):
    start = position(nodes.client().get("/.changes?since=now"))
    test_races.race(nodes, 6, lambda n, c: [
        c.create("/Users", user()) for _ in range(10)])

    feeds = [read_all(node.client(), start, 7) for node in nodes.all]

    assert feeds[0] == feeds[1] == feeds[2]
    assert len(feeds[0][0]) == 60


def test_a_long_poll_hears_of_another_nodes_change(nodes):
    a, b = (node.client() for node in nodes.all[:2])
    since = position(a.get("/.changes?since=now"))
    timer = threading.Timer(0.5, lambda: b.create("/Users", user()))
    began = time.monotonic()
    timer.start()

    page = a.get(f"/.changes?since={since}&wait=10")

    assert len(page.resources) == 1
    assert time.monotonic() - began < 3
    timer.join()


def test_a_long_poll_ends_when_nothing_comes(nodes):
    client = nodes.client()
    since = position(client.get("/.changes?since=now"))
    began = time.monotonic()

    page = client.get(f"/.changes?since={since}&wait=2")

    assert page.resources == []
    assert 1.5 < time.monotonic() - began < 5


def test_ten_nodes_may_start_at_once(cluster, tmp_path):
    cluster.run("CREATE SCHEMA ten")
    url = f"{cluster.url}&options=-csearch_path%3Dten"
    token = "b" * 32
    nodes = [Server(tmp_path / str(n), store=url, token=token)
             for n in range(10)]
    for node in nodes:
        node.spawn()
    for node in nodes:
        node.wait_ready()
    for node in nodes:
        assert node.client().get("/Users").status == 200
        node.stop()
    assert cluster.run("SELECT count(*) FROM ten.scimd_migration") == "1"


def test_a_newer_schema_is_refused(cluster, tmp_path):
    cluster.run("CREATE SCHEMA newer")
    url = f"{cluster.url}&options=-csearch_path%3Dnewer"
    assert run("tenant", "list", store=url).returncode == 0
    cluster.run("INSERT INTO newer.scimd_migration VALUES (99)")

    done = run("tenant", "list", store=url)

    assert done.returncode == 1
    assert "newer scimd" in done.stderr


def test_a_password_in_the_url_is_in_no_log(cluster, tmp_path):
    url = cluster.url.replace("scimd@", "scimd:hunter2@") + "&password=hunter2"
    node = Server(tmp_path, store=url).start()
    node.stop()
    assert "hunter2" not in node.log()
    done = run("token", "list", store=url.replace("postgres?", "nowhere?"))
    assert done.returncode == 1
    assert "hunter2" not in done.stderr


def until(seconds, works):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if works():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_database_that_goes_away_is_told_and_comes_back(lone, how):
    node = lone.all[0]
    client = node.client()
    made = client.create("/Users", user())
    path = "/Users/" + made["id"]

    lone.cluster.stop(how)
    for ask in (lambda c: c.get(path), lambda c: c.put(path, made),
                lambda c: c.post("/Users", user()),
                lambda c: c.get("/Users?count=1")):
        began = time.monotonic()
        r = ask(client)
        assert time.monotonic() - began < 2
        assert r.status == 503
        assert r.header("Retry-After")
    assert not node.is_ready()
    assert client.at("").get("/healthz").status == 200

    lone.cluster.start()
    assert until(2, node.is_ready)
    assert client.get(path).json == made
    r = client.put(path, made | {"title": "after"},
                   headers={"If-Match": made["meta"]["version"]})
    assert r.status == 200


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_commit_whose_answer_is_lost_is_found_out(cluster, tmp_path, how):
    """Cut before it arrives it is done again, after that it is known to have
    happened: either way it happens once, and its client is told so."""
    proxy = Proxy(cluster)
    cluster.run(f"CREATE SCHEMA cut_{how}")
    node = Server(tmp_path, store=f"postgres://scimd@127.0.0.1:{proxy.port}"
                  f"/postgres?options=-csearch_path%3Dcut_{how}")
    node.start()
    client = node.client()
    r = client.post("/Users", user())
    path = "/Users/" + r.json["id"]
    for n in range(5):
        proxy.cut_next_commit(how)
        r = client.put(path, r.json | {"title": str(n)},
                       headers={"If-Match": r.etag})
        assert r.status == 200, r
        assert client.get(path).json == r.json

    assert proxy.cuts == 5
    versions = client.get(path + "/.versions")
    assert versions.json["totalResults"] == 6
    node.stop()
    proxy.close()


def test_a_commit_that_no_standby_has_is_not_acknowledged(tmp_path):
    cluster = Cluster()
    nodes = Nodes(cluster, tmp_path, 1, "standby")
    client = nodes.client()
    made = client.create("/Users", user())
    cluster.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    cluster.run("SELECT pg_reload_conf()")
    time.sleep(0.5)
    waiting = ("FROM pg_stat_activity WHERE wait_event = 'SyncRep' "
               "AND application_name = 'scimd'")
    answers = []
    writer = threading.Thread(target=lambda: answers.append(client.put(
        "/Users/" + made["id"], made | {"title": "x"})))
    writer.start()
    assert until(5, lambda: cluster.run(f"SELECT 1 {waiting}") == "1")

    cluster.run(f"SELECT pg_cancel_backend(pid) {waiting}")
    writer.join()

    assert answers[0].status == 503
    assert "may be lost" in answers[0].detail
    assert "WARNING" not in nodes.all[0].log()
    cluster.run("ALTER SYSTEM RESET synchronous_standby_names")
    cluster.run("SELECT pg_reload_conf()")
    nodes.stop()
    cluster.remove()


def test_the_self_test_wins_on_three_nodes_at_once(nodes):
    results = []

    def race(node):
        results.append(node.run("selftest", "race", "--url", node.client().url,
                                "--token", node.token, "--rounds", "3",
                                timeout=120))

    threads = [threading.Thread(target=race, args=(node,))
               for node in nodes.all]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [r.returncode for r in results] == [0, 0, 0], results


def test_a_killed_node_holds_nobody_up(cluster, tmp_path):
    nodes = Nodes(cluster, tmp_path, 2, "killed")
    victim, other = nodes.all
    stop = threading.Event()

    def write():
        client = victim.client()
        with contextlib.suppress(OSError, Closed):
            while not stop.is_set():
                client.post("/Users", user())

    threads = [threading.Thread(target=write) for _ in range(4)]
    for t in threads:
        t.start()
    client = other.client()
    for _ in range(3):
        time.sleep(0.3)
        victim.kill()
        began = time.monotonic()
        assert client.post("/Users", user()).status == 201
        assert time.monotonic() - began < 2
        victim.start()
        nodes.client().close()
    stop.set()
    for t in threads:
        t.join()
    nodes.stop()


def test_ended_sessions_lose_nothing_acknowledged(lone):
    """Backends are ended while clients count; each count must be there."""
    client = lone.client()
    made = client.create("/Users", user(title="0"))
    path = "/Users/" + made["id"]
    stop = threading.Event()
    acknowledged, uncertain = [0] * 4, [0] * 4

    def count(n):
        c = lone.client()
        while not stop.is_set():
            try:
                r = c.get(path)
                if r.status != 200:
                    continue
                at = int(r.json["title"])
                r = c.put(path, r.json | {"title": str(at + 1)},
                          headers={"If-Match": r.etag})
            except (OSError, Closed):
                uncertain[n] += 1
                continue
            if r.status == 200:
                acknowledged[n] += 1
            elif r.status == 503 and ("may" in r.detail or
                                      "is stored" in r.detail):
                uncertain[n] += 1

    threads = [threading.Thread(target=count, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for _ in range(40):
        time.sleep(0.1)
        try:
            lone.cluster.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'scimd'")
        except subprocess.CalledProcessError:
            pass
    stop.set()
    for t in threads:
        t.join()

    assert until(2, lone.all[0].is_ready)
    title = int(lone.client().get(path).json["title"])
    assert sum(acknowledged) > 50
    assert sum(acknowledged) <= title <= sum(acknowledged) + sum(uncertain)
