# SPDX-License-Identifier: Apache-2.0
"""What the harnesses share: servers, the load, and what a measurement is.

A measurement is a dict: per_second, operations, p50_us, p99_us, and, where
there is a server process to look at, cpu_us (of it, for each operation) and
mib (its private memory afterwards, without the pages of a database file).
"""

import datetime
import json
import os
import pathlib
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SCIMD = BUILD / "scimd"
PEERS = BUILD / "peers"
TOKEN = "token-of-the-benchmark"
FULL = os.environ.get("BENCH_FULL") == "1"
REPEATS = int(os.environ.get("BENCH_REPEATS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
# what is not full shows whether it works, and is no result to keep
OUT = pathlib.Path(os.environ.get(
    "BENCH_OUT", ROOT / "docs" if FULL else BUILD / "bench"))
CONNECTIONS = 64
MIB = 1 << 20
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def program(name, *args):
    """Runs a C program of this folder; the JSON line it prints, if any."""
    done = subprocess.run(
        [BUILD / "bench" / name, *map(str, args)], check=True,
        stdout=subprocess.PIPE, text=True, timeout=3600)
    return json.loads(done.stdout) if done.stdout else None


def build():
    """The C programs; and this process, with all it starts, on two cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    subprocess.run(["cmake", "--build", BUILD, "--target", "bench_programs"],
                   check=True, stdout=subprocess.DEVNULL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# Processes.

def tree(pid):
    """A process and all that descend from it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text(encoding="utf-8")
            except OSError:
                continue
            parents[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [p for p, parent in parents.items() if parent == one]
    return found


def cpu_seconds(pid):
    ticks = 0
    for one in tree(pid):
        try:
            text = pathlib.Path(f"/proc/{one}/stat").read_text("utf-8")
        except OSError:
            continue
        words = text.rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def private_bytes(pid, file=None):
    """Private memory; the pages of the database, which the kernel may drop
    at any time and which are mapped only to be read, counted apart."""
    own = mapped = 0
    is_file = False
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as smaps:
        for line in smaps:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                is_file = file is not None and str(file) in line
            elif line.startswith("Private_"):
                size = int(line.split()[1]) * 1024
                own, mapped = ((own, mapped + size) if is_file
                               else (own + size, mapped))
    return own, mapped


def measured(pid, what, file=None):
    """The measurement that `what` makes, with what it cost the server."""
    before = cpu_seconds(pid)
    result = what()
    spent = cpu_seconds(pid) - before
    result["cpu_us"] = spent * 1e6 / max(1, result["operations"])
    result["mib"] = sum(
        private_bytes(one, file)[0] for one in tree(pid)) / MIB
    return result


# Servers.

class Server:
    """A process that speaks SCIM, from `with` to its end."""

    base = "/scim/v2"
    file = None     # of its database
    probe = "/ServiceProviderConfig"

    def __init__(self, command, folder, name, cwd=None):
        self.port = free_port()
        self.name = name
        self.log = folder / f"{name}.log"
        self.cwd = cwd
        self.command = [str(word).replace("PORT", str(self.port))
                        for word in command]

    def __enter__(self):
        self.start()
        self.wait_for_answer()
        return self

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.cwd,
                stdin=subprocess.DEVNULL)

    def __exit__(self, *failure):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.ended(code, failure[0] is None)

    def ended(self, code, is_well):
        pass

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.base}"

    def wait_for_answer(self):
        """Until the probe is answered; tries as fast as it can."""
        request = (f"GET {self.base}{self.probe} HTTP/1.1\r\n"
                   f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                   "Connection: close\r\n\r\n").encode()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port),
                                              5) as s:
                    s.sendall(request)
                    if s.recv(65536)[8:12] == b" 200":
                        return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.0005)
        raise RuntimeError(f"{self.name} does not answer:\n"
                           + self.log.read_text("utf-8")[-2000:])

    def request(self, method, path, body=None, token=TOKEN):
        headers = {"Content-Type": "application/scim+json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.headers, answer.read()

    def get(self, path, token=TOKEN):
        return self.request("GET", path, token=token)

    def post(self, path, body):
        return json.loads(self.request("POST", self.base + path, body)[1])

    def patch(self, path, *operations):
        self.request("PATCH", self.base + path,
                     {"schemas": [PATCH], "Operations": operations})

    def client(self, row, users, first, count, connections=CONNECTIONS,
               seconds=SECONDS, groups=None):
        """A measurement by client.c."""
        return measured(self.process.pid, lambda: program(
            "client", self.port, self.base, TOKEN, row, users, first, count,
            connections, seconds, *([groups] if groups else [])), self.file)

    def wrk(self, path, seconds=SECONDS, connections=CONNECTIONS):
        return measured(self.process.pid, lambda: wrk(
            f"http://127.0.0.1:{self.port}{path}", seconds, connections),
            self.file)

    def make_group(self, name, ids):
        """In parts of a thousand members; its id."""
        made = self.post("/Groups", {
            "schemas": [GROUP], "displayName": name,
            "members": [{"value": i} for i in ids[:1000]]})
        for at in range(1000, len(ids), 1000):
            self.patch(f"/Groups/{made['id']}", {
                "op": "add", "path": "members",
                "value": [{"value": i} for i in ids[at:at + 1000]]})
        return made["id"]


class Scimd(Server):
    def __init__(self, folder, *args, file=None, name="scimd"):
        store = f"sqlite:{file}" if file else "memory:"
        super().__init__(
            [SCIMD, "serve", "--listen", "127.0.0.1:PORT", "--store", store,
             "--loops", "2", "--bootstrap-token", TOKEN, *args],
            folder, name)
        self.file = file

    def ended(self, code, is_well):
        if code != 0 and is_well:
            raise RuntimeError("scimd did not end well:\n"
                               + self.log.read_text("utf-8")[-2000:])

    def mean_batch(self):
        text = self.get("/metrics", token=None)[1].decode()
        count = {name: int(re.search(
            rf"^scimd_writer_{name}_total (\d+)", text, re.M)[1])
            for name in ("batches", "operations")}
        return count["operations"] / max(1, count["batches"])


class InProcess:
    """bench/peers/scim-server, which is asked by lines."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            [command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)

    def run(self, row, tasks, seconds, most=0):
        def ask():
            self.process.stdin.write(f"{row} {tasks} {seconds} {most}\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        return measured(self.process.pid, ask)

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


def wrk(url, seconds=SECONDS, connections=CONNECTIONS):
    done = subprocess.run(
        ["wrk", f"-t{min(2, connections)}", f"-c{connections}",
         f"-d{seconds}s", "--latency", "--timeout", "60s",
         "-H", f"Authorization: Bearer {TOKEN}", url],
        check=True, stdout=subprocess.PIPE, text=True, timeout=300).stdout
    if "Non-2xx" in done or "Socket errors" in done:
        sys.exit(f"bench: not every GET was answered:\n{done}")
    scale = {"us": 1, "ms": 1000, "s": 1_000_000, "m": 60_000_000}

    def percentile(p):
        value, unit = re.search(rf"^ +{p}% +([\d.]+)(us|ms|s|m)$", done,
                                re.M).groups()
        return float(value) * scale[unit]

    return {"per_second": float(re.search(r"Requests/sec: +([\d.]+)",
                                          done)[1]),
            "operations": int(re.search(r"(\d+) requests in", done)[1]),
            "p50_us": percentile(50), "p99_us": percentile(99)}


# Results.

def count(n):
    return f"{n:,.0f}/s" if n >= 100 else f"{n:,.1f}/s"


def span(us):
    return f"{us / 1000:.2f} ms"


def median(results, key):
    known = [r[key] for r in results if key in r]
    return statistics.median(known) if known else None


class Table:
    """Rows of the result, each of them held against what is to be reached."""

    head = ("what", "ratio", "reach", "reached", "spread", "p50", "p99",
            "CPU each", "private MiB", "absolute")

    def __init__(self):
        self.rows = []
        self.missed = []

    def add(self, what, value, reach, is_reached, **more):
        said = {True: "yes", False: "no", None: ""}[is_reached]
        if is_reached is False:
            self.missed.append(what)
        self.rows.append((what, value, reach, said)
                         + tuple(more.get(k, "") for k in
                                 ("spread", "p50", "p99", "cpu", "mib",
                                  "absolute")))

    def add_ratio(self, what, least, pairs, note=""):
        """`pairs` of results, ours first, of neighbouring measurements."""
        ratios = sorted(a["per_second"] / b["per_second"] for a, b in pairs)

        def both(key, form):
            values = [median(side, key) for side in zip(*pairs)]
            return " | ".join("–" if v is None else form(v) for v in values)

        ratio = statistics.median(ratios)
        self.add(what, f"{ratio:,.2f}", "–" if least is None else f"≥ {least}",
                 None if least is None else ratio >= least,
                 spread=f"{ratios[0]:,.2f}–{ratios[-1]:,.2f}",
                 p50=both("p50_us", span), p99=both("p99_us", span),
                 cpu=both("cpu_us", lambda us: f"{us:,.0f} µs"),
                 mib=both("mib", lambda m: f"{m:,.0f}"),
                 absolute=both("per_second", count) + note)

    def add_bound(self, what, values, unit, most, note=""):
        value = statistics.median(values)
        self.add(what, f"{value:.1f} {unit}", f"≤ {most} {unit}",
                 value <= most,
                 spread=f"{min(values):.1f}–{max(values):.1f}", absolute=note)

    def add_zero(self, what, value, note):
        self.add(what, str(value), "0", value == 0, absolute=note)

    def print(self):
        print_rows([self.head, *self.rows])


def print_rows(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width)
                        for cell, width in zip(row, widths)).rstrip())


def markdown(rows):
    lines = [" | ".join(c.replace("|", "·") for c in row) for row in rows]
    lines.insert(1, "|".join("---" for _ in rows[0]))
    return "\n".join(f"| {line} |" for line in lines)


def output_of(*command):
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True,
                              cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit():
    changed = output_of("git", "status", "--porcelain", "-uno", "src",
                        "include", "bench")
    return (output_of("git", "rev-parse", "--short=12", "HEAD")
            + (" and changes" if changed else ""))


# what was built, whatever is checked out when the page is written
COMMIT = commit()


def where_and_what():
    """The machine and the commit, as a sentence of the page."""
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path(
        "/proc/cpuinfo").read_text("utf-8"), re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    disk = output_of("stat", "-f", "-c", "%T", str(BUILD))
    today = datetime.datetime.now(datetime.timezone.utc).date()
    load = os.getloadavg()[1]
    return (f"Commit {COMMIT}, {today}; "
            f"two cores of {model[1] if model else platform.machine()}, "
            f"{memory} GiB, {platform.system()} {platform.release()}, "
            f"{disk}; load average at the end {load:.1f}. {REPEATS} repeats "
            f"of {SECONDS} s.")


def write_page(name, title, intro, sections):
    """A page of docs/; `sections` are strings of Markdown."""
    OUT.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join([f"# {title}", intro, where_and_what(), *sections])
    (OUT / name).write_text(text + "\n", encoding="utf-8")
    say(f"wrote {OUT / name}")


def picture(name, drawing, alt):
    """Writes an SVG beside the page; the Markdown that shows it."""
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(drawing, encoding="utf-8")
    return f"![{alt}]({name})"
