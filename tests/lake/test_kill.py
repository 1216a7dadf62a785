"""kill -9 at any moment: load again, and the lake holds the same rows as if nothing had happened."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa

from makers import lines, mixed, write
from seawall.lake import Lake

TABLES = ("accounts", "posts", "ties", "media", "states")

# Small blocks make many commits, so that kills fall between and inside them.
LOADER = """
import sys
from pathlib import Path
from seawall.sources import streams
streams.BLOCK = 20_000
from seawall.lake import Lake
from seawall.sources.loading import load
from seawall.sources.x import XSource
print("begun", flush=True)
load(Lake(Path(sys.argv[1])), XSource(), Path(sys.argv[2]), lambda batch, report: print(report.read, flush=True))
print("done", flush=True)
"""


def _start(home: Path, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LOADER, str(home), str(path)], stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE
    )


def _rows(home: Path) -> dict[str, pa.Table]:
    with Lake(home) as lake, lake.snapshot() as snapshot:
        found = {}
        for name in TABLES:
            table = snapshot.read(name)
            found[name] = sorted(map(str, table.to_pylist()))
        return found


def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    payloads = lines(mixed(3000)) + b'{"damaged": \n' + lines(mixed(500, first=5000)) + b"not json\n"
    path = write(tmp_path / "export.jsonl.gz", payloads)
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    for home in (calm, killed):
        Lake.create(home).close()
    out, err = _start(calm, path).communicate(timeout=120)
    assert out.endswith("done\n"), err
    draw = random.Random(5)
    kills = interrupted = 0
    while kills < 20:
        loader = _start(killed, path)
        assert loader.stdout
        loader.stdout.readline()
        time.sleep(draw.uniform(0, 0.25))
        loader.send_signal(signal.SIGKILL)
        rest, _ = loader.communicate(timeout=60)
        kills += 1
        interrupted += "done" not in rest
        if "done" in rest:  # it finished before the kill: the next load reads anew, over what is there
            assert _rows(killed) == _rows(calm)
    assert interrupted >= 5
    out, err = _start(killed, path).communicate(timeout=120)
    assert out.endswith("done\n"), err
    assert _rows(killed) == _rows(calm)
    with Lake(calm) as a, Lake(killed) as b:
        assert a.stats()["rejects"] == b.stats()["rejects"] == 2
    _nothing_unfinished(killed)


def test_a_load_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", lines(mixed(6000)))
    home = tmp_path / "home"
    Lake.create(home).close()
    loader = _start(home, path)
    assert loader.stdout
    for _ in range(12):
        loader.stdout.readline()
    loader.send_signal(signal.SIGKILL)
    loader.communicate(timeout=60)
    out, err = _start(home, path).communicate(timeout=120)
    first = next(int(line) for line in out.splitlines() if line.isdigit())
    assert first > 100, err  # the first batch after the restart does not begin at line 1
    with Lake(home) as lake:
        state = lake.manifest.load(next(iter(lake.manifest._db.execute("SELECT id FROM loads")))[0])
        assert state is not None
        assert (state.read, state.rejected, state.done) == (6000, 0, True)


def _nothing_unfinished(home: Path) -> None:
    with Lake(home) as lake, lake.writing():
        known = lake.manifest.known_paths()
    on_disk = {
        str(path.relative_to(home)) for folder in (*TABLES, "keys") for path in (home / "lake" / folder).iterdir()
    }
    assert on_disk == {path for path in known if path.startswith("lake/") and "findings" not in path}
