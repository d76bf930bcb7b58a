# SPDX-License-Identifier: Apache-2.0
"""The server's own account of what happened, asked for when all is quiet.

What `/.versions` says of each resource goes into the record, where
check-history compares it with what clients know.  The feed has to be the same
changes, each once, in an order that time allows.
"""

import threading

from recorder import (DONE, GONE, NONE, VERSION, Unheard, Unsent, state_of,
                      version_of)

FEED = "urn:scimd:params:scim:api:messages:2.0:Feed"
COMPARED = 300  # how many old versions are read in all
PAGE = 200


def key_of(change):
    tag = change.get("version")
    return version_of(tag) if tag else None


def get(client, path, patience=(503,)):
    answer = client.send("GET", path)
    if answer.status != 200:
        raise (Unheard if answer.status in patience else Wrong)(
            f"GET {path} is answered {answer.status}")
    return answer.json


class Wrong(Exception):
    """What the server tells of the past can't be."""


class Account:
    """What the server tells of the resources of one run."""

    def __init__(self, client, record):
        self.client = client
        self.record = record
        self.told = {}  # the versions of each resource, by its id
        self.wrong = []

    def take(self, register):
        versions = changes_of(self.client, register)
        self.told[register.id] = versions
        before = NONE
        for version in versions:
            state = GONE
            if version is not None:
                state = self.state_at(register, version)
            self.record.add(VERSION, DONE, register.number, state, before)
            before = state

    def state_at(self, register, version):
        """Known from an answer; or read, as are a few that are known."""
        known = self.record.seen.get((register.id, version))
        if known is not None and self.record.compared >= COMPARED:
            return known
        self.record.compared += known is not None
        try:
            path = f"{register.path}/.versions/{version}"
            state = state_of(get(self.client, path))
            if known not in (None, state):
                raise Wrong(f"{path} was {known} and is {state}")
        except Wrong as wrong:
            if known is None:
                raise
            self.wrong.append(str(wrong))
        return state if known is None else known

    def compare_feed(self):
        fed = {identity: [] for identity in self.told}
        self.record.fed, latest = 0, 0
        for change in read_feed(self.client):
            identity, version = change["resource"]["value"], key_of(change)
            self.record.fed += 1
            if identity in fed:
                fed[identity].append(version)
            call, end = self.record.times.get(
                (identity, version), (0, latest))
            latest = max(latest, call)
            if latest > end:
                raise Wrong(f"/.changes: {identity} {version} is too late")
        for identity, versions in self.told.items():
            if fed[identity] != versions:
                raise Wrong(
                    f"/.changes: {identity} has {len(fed[identity])} "
                    f"changes there, and {len(versions)} of its own")


def changes_of(client, register):
    """The versions of a resource, oldest first; None is its end."""
    changes = []
    while True:
        page = get(client, f"{register.path}/.versions?count={PAGE}"
                   f"&startIndex={len(changes) + 1}")
        changes += page.get("Resources", [])
        if len(changes) >= page["totalResults"]:
            break
        if not page.get("Resources"):
            raise Wrong(f"{register.path}/.versions ends early")
    changes.reverse()
    if [c["revision"] for c in changes] != list(range(1, len(changes) + 1)):
        raise Wrong(f"{register.path}/.versions is not a sequence")
    return [key_of(c) for c in changes]


def read_feed(client):
    since = ""
    while True:
        page = get(client, f"/.changes?count={PAGE}{since}")
        if not page.get("Resources"):
            return
        yield from page["Resources"]
        since = "&since=" + page[FEED]["position"]


class Follower(threading.Thread):
    """Reads the feed while it grows, whatever happens to the server."""

    def __init__(self, client, record, stopped):
        super().__init__()
        # Also what a server says that is about to end.
        self.patience = record.answers - {200, 204}
        self.client = client
        self.stopped = stopped
        self.changes = []
        self.failed = None

    def run(self):
        since = ""
        while not self.stopped.is_set():
            try:
                page = get(self.client, f"/.changes?count={PAGE}&wait=1"
                           + since, self.patience)
            except (Unheard, Unsent):
                self.stopped.wait(0.02)
                continue
            except Exception as error:  # shown by the main thread
                self.failed = error
                break
            self.changes += page.get("Resources", [])
            since = "&since=" + page[FEED]["position"]
        self.client.close()

    def compare(self, client):
        """What it was told has to be the beginning of what there is."""
        if self.failed is not None:
            return f"the feed: {self.failed}"
        feed = read_feed(client)
        for n, was in enumerate(self.changes):
            now = next(feed, None)
            if was != now:
                return f"change {n} of the feed was {was} and is {now}"
        return None


def look(client, record, registers):
    """What is wrong, as text; None when nothing is."""
    account = Account(client, record)
    for register in registers:
        try:
            account.take(register)
        except Wrong as wrong:
            account.wrong.append(str(wrong))
    try:
        account.compare_feed()
    except Wrong as wrong:
        account.wrong.append(str(wrong))
    if len(account.wrong) > 1:
        account.wrong[1:] = [f"and {len(account.wrong) - 1} more"]
    return ", ".join(account.wrong) or None
