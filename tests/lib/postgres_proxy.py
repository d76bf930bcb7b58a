# SPDX-License-Identifier: Apache-2.0
"""What stands between a scimd and its PostgreSQL, and breaks."""

import socket
import struct
import threading
import time

STARTUP = b"\0\3\0\0"  # version 3.0 of the protocol
SYNC = b"S\0\0\0\4"


class Proxy(threading.Thread):
    """Between a scimd and a database.  It understands enough of the protocol
    to know a COMMIT, and can cut the connection around one."""

    def __init__(self, cluster=None):
        super().__init__(daemon=True)
        self.cluster = cluster
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.plan = None   # "before" or "after" the next COMMIT is sent on
        self.cuts = 0
        self.pairs = []
        self.start()

    def cut_next_commit(self, when):
        with self.lock:
            self.plan = when

    def take_plan(self):
        with self.lock:
            plan, self.plan = self.plan, None
            self.cuts += plan is not None
            return plan

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = self.reach()
            if server is None:
                client.close()
                continue
            self.pairs.append((client, server))
            for work in (self.forward_client, self.forward_server):
                threading.Thread(target=work, args=(client, server),
                                 daemon=True).start()

    def reach(self):
        """A connection to the database there is now, or None."""
        if self.cluster is None:
            return None
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self.cluster.place / ".s.PGSQL.5432"))
        except OSError:
            server.close()
            return None
        return server

    def close(self):
        self.listener.close()
        for pair in self.pairs:
            cut(*pair)

    def forward_server(self, client, server):
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        cut(client, server)

    def forward_client(self, client, server):
        commits = set()  # names of prepared statements
        data, has_begun = b"", False
        try:
            while chunk := client.recv(65536):
                data += chunk
                while message := first_message(data, has_begun):
                    data = data[len(message):]
                    plan = None
                    if has_begun and is_commit(message, commits):
                        plan = self.take_plan()
                    has_begun = has_begun or message[4:8] == STARTUP
                    if plan is not None:
                        client.shutdown(socket.SHUT_RDWR)
                    if plan == "before":
                        raise OSError("cut")
                    server.sendall(message)
                    if plan == "after":
                        # Its Sync is what makes the database carry it out.
                        server.sendall(data or SYNC)
                        time.sleep(0.2)
                        raise OSError("cut")
        except OSError:
            pass
        cut(client, server)


def cut(*sockets):
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def first_message(data, has_begun):
    """The first whole message of a client; none has a letter until the one
    that begins the session."""
    at = 1 if has_begun else 0
    if len(data) < at + 4:
        return b""
    length = at + struct.unpack_from("!I", data, at)[0]
    return data[:length] if len(data) >= length else b""


def is_commit(message, commits):
    """Remembers what is prepared; True for what carries a COMMIT out."""
    kind, body = message[:1], message[5:]
    if kind == b"P":
        name, text = body.split(b"\0")[:2]
        if text.strip().upper().startswith(b"COMMIT"):
            commits.add(name)
    elif kind == b"B":
        return body.split(b"\0")[1] in commits
    elif kind == b"Q":
        return body.strip(b"\0 ;").upper() == b"COMMIT"
    return False
