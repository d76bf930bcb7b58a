# SPDX-License-Identifier: Apache-2.0
"""The campaign of a million members, on three thousand."""

import pathlib
import subprocess
import sys


def test_a_large_group_is_right_in_all_it_goes_through(tmp_path):
    run = pathlib.Path(__file__).with_name("run.py")
    done = subprocess.run(
        [sys.executable, run, "--size", "3000", "--folder", tmp_path,
         "--lax"], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
