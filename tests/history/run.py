#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--workload NAME] [--seconds N] [--clients N] [--faults LIST] …

Records what clients do to a real scimd, which is killed, paused and cut off
meanwhile, and has check-history say whether anything was lost.  Exit 0 when
nothing was, 1 when something was, 2 when the run itself failed.
`--workload all` takes turns through every workload.  The fault `full` fills
the disk, one of its own; who isn't root mounts it in a namespace of users.
`--small` has a tenth of the users and members, where there are many.
"""

import argparse
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import scimd_server  # noqa: E402
from accounts import Follower  # noqa: E402
from recorder import Client, Record, Unheard, Unsent  # noqa: E402
from workloads import WORKLOADS, turns  # noqa: E402

SETTINGS = (("dangling_members", "keep"), ("history_count", "1000000"),
            ("merge", "on-if-match"))
FAULTS = ("kill", "pause", "drop")
DISK = 256 << 20  # where it is to become full,
GROWTH = 1 << 20  # and for what is written in a second
CHECKER = "tests/check-history"  # in a build folder


class Faults(threading.Thread):
    """Kills and pauses the server at random times."""

    def __init__(self, server, kinds, until, seed):
        super().__init__()
        self.server = server
        self.kinds = [k for k in kinds if k != "drop"]
        self.until = until
        self.random = random.Random(seed)
        self.counts = {k: 0 for k in self.kinds}
        self.failed = None
        self.ended = 0

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
        """A commit that may have happened, or not, ends the server."""
        if self.server.process.poll() is not None:
            last = self.server.log().splitlines()[-4:]
            assert any("commit_uncertain" in line for line in last), last
            self.ended += 1
            self.server.start()

    def kill(self):
        self.server.kill()
        self.server.start()

    def pause(self):
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(0.05 + 0.5 * self.random.random())
        self.server.process.send_signal(signal.SIGCONT)

    def full(self):
        """Leaves no room but in what is allocated already."""
        ballast = self.server.directory / "ballast"
        try:
            with open(ballast, "wb") as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
                    file.flush()
        except OSError:  # from what was left to write on closing
            pass
        time.sleep(0.05 + 0.5 * self.random.random())
        ballast.unlink()


def insist(client, call):
    """What is done when all is quiet must succeed; a connection that an
    earlier death cut is made anew."""
    for _ in range(20):
        try:
            return call(client)
        except (Unheard, Unsent):
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextlib.contextmanager
def small_disk(directory, size):
    place = directory / "disk"
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs",
                    place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


class OneServer:
    """What the clients talk to, and what happens to it."""

    answers = frozenset()  # that are no mistake, beside the usual ones

    def __init__(self, directory, place):
        self.server = scimd_server.Server(place, settings=SETTINGS)
        self.server.errors = directory / "stderr.log"
        self.server.start()
        if place != directory:
            self.answers = {500}  # where a disk becomes full

    def client(self, number, seed, drops=0.0):
        return Client(number, self.server, random.Random(seed), drops)

    def faults(self, kinds, until, seed):
        return Faults(self.server, kinds, until, seed)

    def stop(self):
        self.server.stop()


def record_one(args, name, directory):
    if "full" not in args.faults.split(","):
        return record(args, name, directory, OneServer(directory, directory))
    size = DISK + int(args.seconds * GROWTH)
    with small_disk(directory, size) as place:
        return record(args, name, directory, OneServer(directory, place))


def load(args, workload, service, record):
    """Clients, faults and a reader of the feed, until time is up."""
    until = time.monotonic() + args.seconds
    stopped, quiet_now = threading.Event(), threading.Event()
    results = [None] * args.clients
    kinds = [f for f in args.faults.split(",") if f]
    drops = 0.1 if "drop" in kinds else 0.0

    def work(n):
        client = service.client(n + 1, args.seed * 1000 + n, drops)
        results[n] = turns(workload, client, until, time.monotonic, stopped)

    threads = [threading.Thread(target=work, args=(n,))
               for n in range(args.clients)]
    faults = service.faults(kinds, until, args.seed)
    follower = Follower(service.client(0, 0), record, quiet_now)
    for thread in threads + [faults, follower]:
        thread.start()
    for thread in threads + [faults]:
        thread.join()
    quiet_now.set()
    follower.join()
    for error in results + [faults.failed]:
        if error is not None:
            raise error
    faults.revive()
    return faults, follower


def record(args, name, directory, service):
    record = Record()
    record.answers |= service.answers
    workload = WORKLOADS[name]()
    if args.small:
        workload.shrink()
    quiet = service.client(0, args.seed)
    workload.set_up(quiet, record)
    faults, follower = load(args, workload, service, record)
    wrong = insist(quiet, workload.look) or insist(quiet, follower.compare)
    quiet.close()
    service.stop()
    record.save(directory / "history")
    done = ", ".join(f"{n} × {kind}" for kind, n in faults.counts.items())
    if faults.ended:
        done += f", {faults.ended} × ended by itself"
    print(f"{name}: {args.clients} clients, {args.seconds} s, seed "
          f"{args.seed}: {record.summary()}, "
          f"{len(follower.changes)} of the feed at once; {done or 'no faults'}",
          flush=True)
    if wrong:
        print(f"what there is in the end: {wrong}", flush=True)
    elif not record.rows:
        print("no update was lost", flush=True)
    if not record.rows:
        return int(wrong is not None)
    done = subprocess.run([args.checker, directory / "history"]).returncode
    return 1 if wrong else done


def parser(description, faults):
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--workload", default="all",
                        choices=("all", *WORKLOADS))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--faults", default=",".join(faults))
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--checker", help="the check-history of a build",
                        default=pathlib.Path(scimd_server.BINARY).parent
                        / CHECKER)
    parser.add_argument("--keep", help="where the history stays")
    parser.add_argument("--small", action="store_true")
    return parser


def run_each(args, record_one):
    """Every workload that is asked for; the worst of what became of them."""
    names = WORKLOADS if args.workload == "all" else [args.workload]
    worst = 0
    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            directory = pathlib.Path(args.keep or scratch) / name
            directory.mkdir(parents=True, exist_ok=True)
            try:
                worst = max(worst, record_one(args, name, directory))
            except Exception as error:
                traceback.print_exception(error)
                worst = 2
    return worst


def main():
    args = parser(__doc__, FAULTS).parse_args()
    if "full" in args.faults.split(",") and os.geteuid() != 0:
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount",
                              sys.executable, *sys.argv])
    return run_each(args, record_one)


if __name__ == "__main__":
    sys.exit(main())
