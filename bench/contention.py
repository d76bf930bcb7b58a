#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/contention.py [--repeats N] [--write]

What each way to go on after a 412 costs, when many change one user at once:
10, 50 and 100 clients, each of which adds an e-mail address of its own.  Every
request takes some 5 ms there and 5 ms back, as over a network.  Checks that
what was acknowledged is there.  --write puts the table into
docs/concurrency.md, between its marks.
"""

import argparse
import http.client
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import scimd_server  # noqa: E402
from scim_client import USER  # noqa: E402

PAGE = ROOT / "docs" / "concurrency.md"
BEGIN, END = "<!-- contention: begin -->\n", "<!-- contention: end -->\n"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MERGE = "urn:scimd:params:scim:api:messages:2.0:Merge"
COUNTS = (10, 50, 100)
FAR_S = (0.003, 0.007)


class Client:
    def __init__(self, server, seed):
        self.random = random.Random(seed)
        self.server = server
        self.calls = 0
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", server.port, timeout=60)
        self.connection.connect()

    def send(self, method, path, body=None, **headers):
        fields = {"Authorization": f"Bearer {self.server.token}",
                  "Content-Type": "application/scim+json"}
        fields |= {k.replace("_", "-"): v for k, v in headers.items()}
        self.calls += 1
        time.sleep(self.random.uniform(*FAR_S))
        self.connection.request(
            method, path, None if body is None else json.dumps(body), fields)
        answer = self.connection.getresponse()
        content = answer.read()
        time.sleep(self.random.uniform(*FAR_S))
        return answer.status, answer.headers["ETag"], content

    def add(self, path, n):
        """Reads, and adds on condition.  Whether it was still the same."""
        _, tag, _ = self.send("GET", path)
        status, _, content = self.send("PATCH", path, {
            "schemas": [PATCH], "Operations": adding(n)}, If_Match=tag)
        assert status in (200, 412), content
        return status == 200


def adding(n):
    return [{"op": "add", "path": "emails",
             "value": [{"value": f"n{n}@example.com", "type": "other"}]}]


def at_once(client, path, n):
    while not client.add(path, n):
        pass
    return True


def five_times(client, path, n):
    for _ in range(5):
        if client.add(path, n):
            return True
        time.sleep(0.01 * client.random.uniform(1, 1.1))
    return False


def full_jitter(client, path, n):
    bound = 0.01
    while not client.add(path, n):
        time.sleep(client.random.uniform(0, bound))
        bound = min(1.0, bound * 2)
    return True


def merge(client, path, n):
    _, tag, _ = client.send("GET", path)
    status, _, content = client.send(
        "PATCH", path, {"schemas": [MERGE], "base": tag,
                        "Operations": adding(n)},
        Content_Type="application/vnd.scimd.merge+json")
    assert status == 200, content
    return True


WAYS = (("again at once", at_once),
        ("five times, 10 ms between", five_times),
        ("full jitter, 10 ms to 1 s", full_jitter),
        ("merged by the server", merge))


def make_user(server):
    client = Client(server, 0)
    status, _, content = client.send("POST", "/scim/v2/Users", {
        "schemas": [USER], "userName": f"u{time.monotonic_ns()}"})
    assert status == 201, content
    return "/scim/v2/Users/" + json.loads(content)["id"]


def race(server, way, count, seed):
    """How long it took, calls for each client, the share that gave up."""
    path = make_user(server)
    clients = [Client(server, seed * 1000 + n) for n in range(count)]
    ready = threading.Barrier(count + 1)
    done = [False] * count

    def run(n):
        ready.wait()
        done[n] = way(clients[n], path, n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.monotonic()
    for thread in threads:
        thread.join()
    took = time.monotonic() - start
    _, _, content = clients[0].send("GET", path)
    there = {e["value"] for e in json.loads(content).get("emails", [])}
    assert there == {f"n{n}@example.com" for n in range(count) if done[n]}
    return (took, (sum(c.calls for c in clients) - 1) / count,
            1 - sum(done) / count)


def measure(server, repeats):
    rows = []
    for name, way in WAYS:
        cells = []
        for count in COUNTS:
            runs = [race(server, way, count, seed) for seed in range(repeats)]
            took, calls, gone = (statistics.median(r) for r in zip(*runs))
            cells.append(f"{took * 1000:,.0f} ms, {calls:.1f} calls"
                         + (f", **{gone:.0%} gave up**" if gone else ""))
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    head = "| | " + " | ".join(f"{n} clients" for n in COUNTS) + " |"
    return "\n".join([head, "|---" * (1 + len(COUNTS)) + "|", *rows]) + "\n"


def write(table):
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(before + BEGIN + table + END + rest.split(END)[1], "utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = scimd_server.Server(folder).start()
        table = measure(server, args.repeats)
        server.stop()
    print(table, end="")
    if args.write:
        commit = subprocess.run(
            ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
            capture_output=True, text=True, check=True).stdout.strip()
        write(table + f"\nThe medians of {args.repeats} runs, at {commit}.\n")


if __name__ == "__main__":
    main()
