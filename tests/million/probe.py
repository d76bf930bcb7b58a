# SPDX-License-Identifier: Apache-2.0
"""What other clients feel meanwhile: a process that reads users, or changes
them, one after the other, and notes how long each answer took."""

import multiprocessing
import random
import time

from bulk import PATCH
from scim_client import Client


def change(n):
    return {"schemas": [PATCH], "Operations": [
        {"op": "replace", "path": "title", "value": f"Title {n}"}]}


def ask(client, kind, path, n):
    if kind == "reads":
        return client.get(path).status
    return client.patch(path, change(n)).status


def probe(kind, pause_s, place, users, pipe):
    """Runs until something comes down the pipe."""
    host, port, token = place
    client = Client(host, port, token, timeout=60)
    client.checks = False
    draw = random.Random(7)
    taken = []
    while not pipe.poll():
        path = "/Users/" + draw.choice(users)
        start = time.monotonic()
        status = ask(client, kind, path, len(taken))
        taken.append((start, time.monotonic() - start, status))
        time.sleep(pause_s)
    pipe.send(taken)


class Probe:
    """One such process; `stop` gives (start, seconds, status) of each."""

    def __init__(self, kind, pause_s, place, users):
        self.kind = kind
        self.pipe, far = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=probe, args=(kind, pause_s, place, users, far),
            daemon=True)
        self.process.start()

    def stop(self):
        self.pipe.send("stop")
        taken = self.pipe.recv()
        self.process.join()
        return taken


def percentile(taken, share):
    """Of how long answers took; None when they are too few to say."""
    if len(taken) < 20:
        return None
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share))]
