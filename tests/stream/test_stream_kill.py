"""kill -9 of the whole stream at any moment: run again, and the lake is as if nothing had happened."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from flows import damaged_export, home_with_rule, rows

from makers import write
from seawall.lake import Lake
from seawall.sources.x import XSource
from seawall.stream.flow import run_file
from seawall.stream.recipe import recipe_of

# Small blocks make many commits, so that kills fall between and inside them.
STREAM = """
import sys
from pathlib import Path
from seawall.lake import Lake
from seawall.sources.x import XSource
from seawall.stream.flow import run_file
from seawall.stream.recipe import recipe_of
home = Path(sys.argv[1])
def told(report, _position):
    print(report.read, report.resumed_at, flush=True)
run_file(Lake(home), XSource(), Path(sys.argv[2]), recipe_of(home), told, workers=2, size=20_000)
print("done", flush=True)
"""


def _start(home: Path, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", STREAM, str(home), str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE)


def test_kills_lose_nothing_acknowledged_and_double_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl.gz", damaged_export(1500))
    calm, killed = home_with_rule(tmp_path / "calm"), home_with_rule(tmp_path / "killed")
    with Lake(calm) as lake:
        run_file(lake, XSource(), path, recipe_of(calm), workers=0)
    draw = random.Random(5)
    interrupted = resumed = 0
    for _ in range(3):
        stream = _start(killed, path)
        assert stream.stdout
        first = stream.stdout.readline()
        time.sleep(draw.uniform(0, 0.4))
        stream.send_signal(signal.SIGKILL)
        rest, _ = stream.communicate(timeout=60)
        acknowledged = max((int(line.split()[0]) for line in (first + rest).splitlines() if line != "done"), default=0)
        with Lake(killed) as lake:
            (state,) = lake.manifest._db.execute("SELECT read, done FROM loads").fetchall()
        assert state[0] >= acknowledged or state[1]
        interrupted += "done" not in rest
        resumed += bool(first) and int(first.split()[1]) > 0
    assert interrupted >= 2
    assert resumed >= 1
    out, err = _start(killed, path).communicate(timeout=120)
    assert out.endswith("done\n"), err
    assert rows(killed) == rows(calm)
    with Lake(calm) as a, Lake(killed) as b:
        assert a.stats()["rejects"] == b.stats()["rejects"] == 2
    _nothing_unfinished(killed)


def _nothing_unfinished(home: Path) -> None:
    with Lake(home) as lake, lake.writing():
        known = lake.manifest.known_paths()
    assert list((home / "lake" / "incoming").iterdir()) == []
    on_disk = {str(path.relative_to(home)) for path in (home / "lake").glob("*/*.*")}
    assert on_disk == {path for path in known if path.startswith("lake/")}
