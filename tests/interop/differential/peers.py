# SPDX-License-Identifier: Apache-2.0
"""The node process in which the libraries of others run."""

import json
import pathlib
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).with_name("peers.mjs")
VENV = pathlib.Path(sys.prefix)


class Refused(Exception):
    """The library threw something; that is how it says no."""


class Peers:
    def __init__(self):
        self.process = subprocess.Popen(
            [VENV / "bin" / "node", SCRIPT, VENV / "peers"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.loaded = set()

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "node ended"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def matching(self, peer, text, name, items):
        """The indices of the items that match; `name` stands for them."""
        if name not in self.loaded:
            self.ask(do="load", set=name, items=items)
            self.loaded.add(name)
        return set(self.ask(do="filter", peer=peer, text=text,
                            set=name)["hits"])

    def patched(self, peer, resource, operations, options=None):
        return self.ask(do="patch", peer=peer, resource=resource,
                        operations=operations,
                        options=options or {}).get("resource")
