#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nodes.py [--nodes N] [--workload NAME] [--seconds N] [--faults LIST] …

The same as run.py, of several scimds with one PostgreSQL: whatever is
acknowledged by one of them is there for all, while nodes and connections die,
the database crashes, and its standby takes its place.

`node` kills a scimd; `backend` ends one of its connections; `stop` crashes the
database and starts it; `cut` cuts a connection in the middle of a commit, so
that nobody hears what became of it; `promote` crashes the database for good
and has its standby, which commits wait for, go on as the database; `drop` is a
client's.  --lossy lets commits wait for nothing: then an acknowledged write is
lost, which has to be found.
"""

import pathlib
import random
import signal
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import scimd_server  # noqa: E402
from postgres_cluster import Cluster  # noqa: E402
from postgres_proxy import Proxy  # noqa: E402
from recorder import Client  # noqa: E402
from run import SETTINGS, parser, record, run_each  # noqa: E402

FAULTS = ("node", "backend", "stop", "cut", "promote", "drop")
TOKEN = "nodes-token-0123456789"


class Roaming(Client):
    """What a load balancer makes of a client: another node, if need be."""

    def __init__(self, number, nodes, *more):
        super().__init__(number, nodes[number % len(nodes)], *more)
        self.nodes = nodes

    def connect(self):
        self.server = self.random.choice(self.nodes)
        super().connect()


class Database:
    """A server with a standby that takes its place, and gets a new one."""

    def __init__(self, is_lossy):
        waits = () if is_lossy else ("synchronous_standby_names=standby",)
        lossy = ("synchronous_commit=off", "wal_writer_delay=10s")
        self.is_lossy = is_lossy
        self.options = waits + (lossy if is_lossy else ())
        self.now = Cluster(self.options, is_guarded=False)
        self.standby = None
        self.proxies = [Proxy(self.now), Proxy()]
        self.follow()

    def follow(self):
        """A new standby, behind the proxy that nobody is behind."""
        self.standby = Cluster(self.options, self.now, is_guarded=False)
        self.proxies[1].cluster = self.standby
        self.now.wait_for_standby("async" if self.is_lossy else "sync")

    def url(self):
        hosts = ",".join(f"127.0.0.1:{p.port}" for p in self.proxies)
        return f"postgres://scimd@{hosts}/postgres"

    def restart(self):
        self.now.stop(signal.SIGQUIT)
        self.now.start()

    def promote(self):
        self.now.stop(signal.SIGQUIT)
        self.standby.promote()
        self.now.remove()
        self.now = self.standby
        self.proxies.reverse()
        self.follow()

    def cut(self, random):
        self.proxies[0].cut_next_commit(random.choice(("before", "after")))

    def cuts(self):
        return sum(proxy.cuts for proxy in self.proxies)

    def close(self):
        for cluster in (self.standby, self.now):
            cluster.remove()
        for proxy in self.proxies:
            proxy.close()


class Faults(threading.Thread):
    """One thing after the other goes wrong."""

    ended = 0

    def __init__(self, nodes, database, kinds, until, seed):
        super().__init__()
        self.nodes, self.database = nodes, database
        self.kinds = [k for k in kinds if k != "drop"]
        self.until = until
        self.random = random.Random(seed)
        self.counts = {k: 0 for k in self.kinds}
        self.failed = None

    def run(self):
        try:
            while self.kinds:
                wait = 0.2 + 1.3 * self.random.random()
                if time.monotonic() + wait > self.until:
                    return
                time.sleep(wait)
                self.revive()
                kind = self.random.choice(self.kinds)
                self.counts[kind] += 1
                getattr(self, kind)()
        except Exception as error:  # shown by the main thread
            self.failed = error

    def revive(self):
        """No fault of the database is to end a node, or to stay with it."""
        for node in self.nodes:
            node.wait_ready()

    def node(self):
        node = self.random.choice(self.nodes)
        node.kill()
        node.start()

    def backend(self):
        self.database.now.end_session()

    def stop(self):
        self.database.restart()

    def promote(self):
        self.database.promote()

    def cut(self):
        """Counted when it has happened: that takes a commit."""
        self.counts["cut"] = self.database.cuts()
        self.database.cut(self.random)


class Nodes:
    answers = frozenset()

    def __init__(self, args, directory):
        self.database = Database(args.lossy)
        self.nodes = [scimd_server.Server(
            directory / f"node{n}", self.database.url(), SETTINGS,
            ("--public-url", "http://127.0.0.1:1"), TOKEN)
            for n in range(args.nodes)]
        for node in self.nodes:
            node.start()

    def client(self, number, seed, drops=0.0):
        return Roaming(number, self.nodes, random.Random(seed), drops)

    def faults(self, kinds, until, seed):
        return Faults(self.nodes, self.database, kinds, until, seed)

    def stop(self):
        for node in self.nodes:
            node.stop()
        self.database.close()


def record_one(args, name, directory):
    return record(args, name, directory, Nodes(args, directory))


def main():
    options = parser(__doc__, FAULTS)
    options.add_argument("--nodes", type=int, default=3)
    options.add_argument("--lossy", action="store_true")
    return run_each(options.parse_args(), record_one)


if __name__ == "__main__":
    sys.exit(main())
