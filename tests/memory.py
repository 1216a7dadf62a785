"""Scratch files in memory: tests make and remove many thousands of small ones, for which a disk takes minutes.

A kill -9 of who writes them is still a real one: what was written stays. TMPDIR, where it is set, is kept to.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes that are to be free there, and in memory as a whole


def scratch() -> None:
    """Have this process and those it starts keep their temporary files in memory, if there is plenty."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and min(_free_there(), _free()) > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _free_there() -> int:
    return shutil.disk_usage(MEMORY).free


def _free() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
