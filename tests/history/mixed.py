#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mixed.py [--users N] [--seconds N] [--clients N] [--rate N] [--seed N]

Mixed load on a large directory for a long time: nine reads to a write, the
n-th user chosen as often as 1/n^0.99.  Prints a table of rates, latencies,
memory and WAL over time; has check-history say whether an update was lost; and
exits 1 when one was, or when memory, WAL or latency grew.

Clients are processes, so that they are not what is measured; each writes down
what it did, and the parts are one history, since all read one clock.
"""

import argparse
import array
import bisect
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import scimd_server  # noqa: E402
from recorder import (DONE, NONE, PATCH, READ, WRITE, Client,  # noqa: E402
                      Record, Register, settle)

TOKEN = "mixed-load-token-0123456789"
FIRST_NONCE = 1 << 40  # above the titles that the users begin with
KINDS = ("read", "query", "write")
SPANS = 12     # rows of the table
AT_REST = 0.1  # of the seconds, before which nothing is compared
GROWTH_MIB = 16
SLOWER = 1.5   # how much more the last spans may take than the first


class Users:
    """All of them, in the order of how much they are liked."""

    def __init__(self, path):
        with open(path, encoding="ascii") as lines:
            self.ids = [line.split("\t")[0] for line in lines]
        weights = (1 / (n + 1) ** 0.99 for n in range(len(self.ids)))
        self.sums = array.array("d", itertools.accumulate(weights))

    def choose(self, chance):
        return bisect.bisect_left(self.sums, chance * self.sums[-1])


class Load:
    """One client: a connection, and what it knows of the users it met."""

    def __init__(self, number, count, server, users, seed):
        self.client = Client(number, server, random.Random(seed + number))
        self.record = Record()
        self.record.nonces = itertools.count(FIRST_NONCE + number, count)
        self.users = users
        self.known = {}
        self.times = array.array("Q")  # of each: kind, call, end

    def register(self):
        n = self.users.choose(self.client.random.random())
        if n not in self.known:
            self.known[n] = Register.__new__(Register)
            self.known[n].__dict__.update(
                record=self.record, id=self.users.ids[n], number=n, known=[],
                path="/Users/" + self.users.ids[n], gone=False)
        return self.known[n]

    def send(self, kind, method, path, *more):
        answer = self.client.send(method, path, *more)
        self.times.extend((KINDS.index(kind), answer.call, answer.end))
        return answer

    def read(self, register):
        answer = self.send("read", "GET", register.path)
        self.saw(register, answer, answer.json, answer.etag)

    def saw(self, register, answer, user, tag):
        assert answer.status == 200, (answer.status, answer.body)
        state = int(user["title"])
        register.learn(state, tag)
        self.record.add(READ, DONE, register.number, state, 0, answer.call,
                        answer.end, self.client.number)

    def query(self, register):
        name = f'userName eq "user{register.number:07}@example.com"'
        answer = self.send("query", "GET", "/Users?filter="
                           + urllib.parse.quote(name))
        user = answer.json["Resources"][0]
        self.saw(register, answer, user, user["meta"]["version"])

    def write(self, register):
        nonce = next(self.record.nonces)
        state, tag = register.known[-1]
        answer = self.send(
            "write", "PATCH", register.path, {"schemas": [PATCH],
            "Operations": [{"op": "replace", "path": "title",
                            "value": str(nonce)}]}, {"If-Match": tag})
        settle(self.client, register, answer.status, nonce, state,
               answer.call, answer.end, answer.etag)

    def turn(self):
        register = self.register()
        chance = self.client.random.random()
        if chance < 0.1 and register.known:
            self.write(register)
        elif chance < 0.2:
            self.query(register)
        else:
            self.read(register)


def run_client(load, until, interval, folder):
    due = time.monotonic()
    while time.monotonic() < until:
        load.turn()
        due = max(due + interval, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))
    number = load.client.number
    load.client.close()
    load.record.save(folder / f"rows-{number}")
    (folder / f"times-{number}").write_bytes(load.times.tobytes())
    (folder / f"known-{number}").write_text(json.dumps(list(load.known)))


class Watch(threading.Thread):
    """Memory and WAL of the server, from second to second."""

    def __init__(self, server, over):
        super().__init__()
        self.server, self.over = server, over
        self.samples = []  # when, private MiB, WAL MiB

    def run(self):
        wal = pathlib.Path(f"{self.server.file}-wal")
        while not self.over.wait(1):
            own, _ = self.server.private_bytes()
            self.samples.append((time.monotonic_ns(), own / 2**20,
                                 os.stat(wal).st_size / 2**20))


def look_again(server, users, folder, clients):
    """When all is quiet each user that was met has what was left there."""
    load = Load(0, clients + 1, server, users, 0)
    met = set()
    for n in range(1, clients + 1):
        met.update(json.loads((folder / f"known-{n}").read_text()))
    for n in sorted(met):
        load.record.add(WRITE, DONE, n, n + 1, NONE, 0, 1)
        load.read(Register(load.record, users.ids[n], n, n + 1, '""'))
    load.client.close()
    load.record.save(folder / "rows-0")
    return len(met)


def percentiles(values):
    values.sort()
    if not values:
        return 0.0, 0.0
    return tuple(values[int(len(values) * p)] / 1e6 for p in (0.5, 0.99))


def in_spans(folder, clients, samples, start, seconds):
    """For each span: its rate, its latencies by kind, its memory and WAL."""
    length = seconds * 1e9 / SPANS
    spans = [{k: [] for k in (*KINDS, "private", "wal")} for _ in range(SPANS)]

    def span_at(when):
        return spans[min(SPANS - 1, int((when - start) / length))]

    for n in range(1, clients + 1):
        times = array.array("Q")
        times.frombytes((folder / f"times-{n}").read_bytes())
        for at in range(0, len(times), 3):
            kind, call, end = times[at:at + 3]
            span_at(call)[KINDS[kind]].append(end - call)
    for when, private, wal in samples:
        span_at(when)["private"].append(private)
        span_at(when)["wal"].append(wal)
    return [{
        "rate": sum(len(s[k]) for k in KINDS) * SPANS / seconds,
        **{k: percentiles(s[k]) for k in KINDS},
        **{k: max(s[k], default=0.0) for k in ("private", "wal")},
    } for s in spans]


def show(spans, seconds):
    print(f"{'until':>7}{'rate':>8}"
          + "".join(f"{k + ' p50, p99 ms':>22}" for k in KINDS)
          + f"{'private MiB':>13}{'WAL MiB':>9}")
    for n, span in enumerate(spans):
        print(f"{(n + 1) * seconds / SPANS:6.0f}s{span['rate']:7.0f}/s"
              + "".join(f"{span[k][0]:14.2f}{span[k][1]:8.2f}" for k in KINDS)
              + f"{span['private']:13.1f}{span['wal']:9.1f}")


def growth(spans):
    """What grew from the first third, warmed up, to the last."""
    third = SPANS // 3
    early, late = spans[int(SPANS * AT_REST):third], spans[-third:]

    def worst(part, key):
        return max(span[key] for span in part)

    def median(part, kind):
        return sorted(span[kind][0] for span in part)[len(part) // 2]

    found = []
    for key in ("private", "wal"):
        if worst(late, key) > worst(early, key) + GROWTH_MIB:
            found.append(f"{key}: {worst(early, key):.1f} to "
                         f"{worst(late, key):.1f} MiB")
    for kind in KINDS:
        if median(late, kind) > SLOWER * median(early, kind):
            found.append(f"{kind}: {median(early, kind):.2f} to "
                         f"{median(late, kind):.2f} ms")
    return found


def fill(args, path, folder):
    subprocess.run([args.build / "bench" / "fill", path, str(args.users),
                    TOKEN, folder / "users"], check=True)
    return Users(folder / "users")


def run(args, folder):
    server = scimd_server.Server(folder, token=TOKEN)
    users = fill(args, server.file, folder)
    server.start()
    over = threading.Event()
    watch = Watch(server, over)
    start = time.monotonic_ns()
    interval = args.clients / args.rate if args.rate else 0
    clients = [multiprocessing.Process(target=run_client, args=(
        Load(n + 1, args.clients + 1, server, users, args.seed),
        start / 1e9 + args.seconds, interval, folder))
               for n in range(args.clients)]
    for thing in (*clients, watch):
        thing.start()
    for client in clients:
        client.join()
    over.set()
    watch.join()
    assert not any(client.exitcode for client in clients)
    met = look_again(server, users, folder, args.clients)
    server.stop()
    spans = in_spans(folder, args.clients, watch.samples, start, args.seconds)
    print(f"{args.users} users, {met} of them met, {args.clients} clients, "
          f"seed {args.seed}")
    show(spans, args.seconds)
    grown = growth(spans)
    print("grown: " + (", ".join(grown) or "nothing"), flush=True)
    history = folder / "history"
    with open(history, "wb") as whole:
        for n in range(args.clients + 1):
            whole.write((folder / f"rows-{n}").read_bytes())
    lost = subprocess.run([args.build / "tests" / "check-history", history])
    return int(bool(grown)) or lost.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--users", type=int, default=1000000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rate", type=float,
                        help="operations a second in all; else what can be")
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(scimd_server.BINARY).parent,
                        help="where fill and check-history are")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        return run(args, pathlib.Path(scratch))


if __name__ == "__main__":
    sys.exit(main())
