"""kill -9 of the whole stream at any moment: run again, and the lake is as if nothing had happened."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from flows import damaged_export, home_with_rule, rows

from apart import CONTEXT
from makers import write
from seawall.lake import Lake
from seawall.sources.x import XSource
from seawall.stream.flow import StreamReport, run_file
from seawall.stream.recipe import recipe_of

DONE = "done"
Told = tuple[int, int] | str  # lines read, and where it began; or DONE


def _stream(home: Path, path: Path, gives: Connection) -> None:
    """The whole stream, with workers and a fork server of its own. Small blocks make many commits, so that kills fall
    between and inside them."""

    def told(report: StreamReport, _position: int) -> None:
        gives.send((report.read, report.resumed_at))

    run_file(Lake(home), XSource(), path, recipe_of(home), told, workers=2, size=20_000)
    gives.send(DONE)


def _start(home: Path, path: Path) -> tuple[BaseProcess, Connection]:
    told, gives = CONTEXT.Pipe(duplex=False)
    stream = CONTEXT.Process(target=_stream, args=(home, path, gives))
    stream.start()
    gives.close()
    return stream, told


def _all(told: Connection) -> Iterator[Told]:
    """What it told until it ended."""
    while True:
        try:
            yield told.recv()
        except EOFError:
            return


def test_kills_lose_nothing_acknowledged_and_double_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl.gz", damaged_export(1500))
    calm, killed = home_with_rule(tmp_path / "calm"), home_with_rule(tmp_path / "killed")
    with Lake(calm) as lake:
        run_file(lake, XSource(), path, recipe_of(calm), workers=0)
    draw = random.Random(5)
    interrupted = resumed = 0
    for _ in range(3):
        stream, told = _start(killed, path)
        assert told.poll(60)
        time.sleep(draw.uniform(0, 0.4))
        stream.kill()
        stream.join()
        said = list(_all(told))
        acknowledged = [one for one in said if one != DONE]
        resumed += acknowledged[0][1] > 0
        interrupted += DONE not in said
        with Lake(killed) as lake:
            (state,) = lake.manifest._db.execute("SELECT read, done FROM loads").fetchall()
        assert state[0] >= acknowledged[-1][0] or state[1]
    assert interrupted >= 2
    assert resumed >= 1
    stream, told = _start(killed, path)
    assert list(_all(told))[-1] == DONE
    stream.join()
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
