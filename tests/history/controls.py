#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""controls.py SEEDED CHECKER [BUG...]: are the bugs that are built in found?

Runs each bug of src/base/seeded.h that a server can have, in rounds of a few
seconds, until run.py says that something is wrong, and prints a row of the
table in README.md.  Exit 1 when one stays hidden for too long, or when the
same build without a bug is said to have one.
"""

import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROUND_S = 5
PATIENCE_S = 300

# Which workload is asked; and one that has nothing to be found.
CONTROLS = {
    "none": ("hot", "kill,pause,drop"),
    "check_before_write": ("hot", "kill,pause,drop"),
    "early_answer": ("hot", "kill"),
    "hash_leaves_out": ("bulk", "kill,pause,drop"),
    "stale_tag": ("hot", "kill,pause,drop"),
    "bulk_version": ("bulk", "kill,pause,drop"),
    "merge_drops_ours": ("merge", "kill,pause,drop"),
    "late_change": ("hot", "kill"),
    "no_receipt": ("retry", "kill,pause,drop"),
}


def run(bug, seeded, checker, seed):
    workload, faults = CONTROLS[bug]
    env = dict(os.environ, SCIMD_BIN=seeded, SCIMD_SEEDED_BUG=bug)
    return subprocess.run(
        [sys.executable, HERE / "run.py", "--workload", workload, "--faults",
         faults, "--seconds", str(ROUND_S), "--seed", str(seed), "--checker",
         checker], env=env, text=True, stdout=subprocess.PIPE)


def verdict_of(output):
    lines = [line for line in output.splitlines()
             if "no update was lost" not in line]
    return " / ".join(line.split(": ", 1)[-1].strip() for line in lines[1:])


def hunt(bug, seeded, checker):
    """The verdict, or None; and how many seconds that took."""
    began = time.monotonic()
    patience = 2 * ROUND_S if bug == "none" else PATIENCE_S
    seed = 0
    while time.monotonic() - began < patience:
        seed += 1
        done = run(bug, seeded, checker, seed)
        if done.returncode not in (0, 1):
            sys.exit(f"{bug}, seed {seed}: the run failed\n{done.stdout}")
        if done.returncode == 1:
            return verdict_of(done.stdout), time.monotonic() - began
    return None, time.monotonic() - began


def main():
    seeded, checker, *bugs = sys.argv[1:]
    failed = False
    for bug in bugs or CONTROLS:
        verdict, took = hunt(bug, seeded, checker)
        failed = failed or (verdict is None) != (bug == "none")
        print(f"| {bug} | {CONTROLS[bug][0]} | {verdict or 'nothing'} "
              f"| {took:.0f} s |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
