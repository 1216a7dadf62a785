"""The real export, killed at twenty random moments and loaded again: the same rows as undisturbed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from command import Command
from seawall.lake import Lake

TABLES = ("accounts", "posts", "ties", "media", "states")


def _load(home: Path, path: Path) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).with_name("seawall")), "load", "x", str(path), "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _rows(home: Path) -> dict[str, list[str]]:
    with Lake(home) as lake, lake.snapshot() as snapshot:
        return {name: sorted(map(str, snapshot.read(name).to_pylist())) for name in TABLES}


def test_twenty_kills_of_the_real_load(shared: Path, tmp_path: Path) -> None:
    path = shared / "x" / "about_isis_2017.jsonl.gz"
    calm, killed = Command(tmp_path / "calm"), Command(tmp_path / "killed")
    for command in (calm, killed):
        command.ok("init")
    started = time.perf_counter()
    assert _load(calm.home, path).wait(timeout=300) == 0
    whole = time.perf_counter() - started
    draw = random.Random(20)
    unfinished = 0
    for _ in range(20):
        loader = _load(killed.home, path)
        time.sleep(draw.uniform(0.05, 0.6) * whole)
        loader.send_signal(signal.SIGKILL)
        unfinished += loader.wait(timeout=60) != 0
    assert unfinished >= 10
    assert _load(killed.home, path).wait(timeout=300) == 0
    assert _rows(killed.home) == _rows(calm.home)
    with killed.lake() as lake, lake.writing():
        known = lake.manifest.known_paths()
    on_disk = {str(p.relative_to(killed.home)) for name in TABLES for p in (killed.home / "lake" / name).iterdir()}
    assert on_disk <= known
