"""kill -9 at any moment: load again, and the lake holds the same rows as if nothing had happened."""

from __future__ import annotations

import random
import time
from pathlib import Path

from lake.loader import Loader, known, on_disk, rows
from makers import lines, mixed, write
from seawall.lake import Lake

BLOCK = 20_000


def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    payloads = lines(mixed(1000)) + b'{"damaged": \n' + lines(mixed(200, first=5000)) + b"not json\n"
    path = write(tmp_path / "export.jsonl.gz", payloads)
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    for home in (calm, killed):
        Lake.create(home).close()
    started = time.perf_counter()
    Loader(calm, path, BLOCK).done()
    whole, wanted = time.perf_counter() - started, rows(calm)
    draw = random.Random(5)
    interrupted = 0
    for _ in range(20):
        if Loader(killed, path, BLOCK).killed(draw.uniform(0, 0.3) * whole):
            interrupted += 1
        else:  # it finished before the kill: the next load reads anew, over what is there
            assert rows(killed) == wanted
    assert interrupted >= 5  # how many depends on how busy the machine is
    Loader(killed, path, BLOCK).done()
    assert rows(killed) == wanted
    with Lake(calm) as a, Lake(killed) as b:
        assert a.stats()["rejects"] == b.stats()["rejects"] == 2
    assert on_disk(killed) == known(killed)


def test_a_load_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", lines(mixed(2000)))
    home = tmp_path / "home"
    Lake.create(home).close()
    loader = Loader(home, path, BLOCK)
    for _ in range(12):
        loader.read()
    assert loader.killed(0)
    loader = Loader(home, path, BLOCK)
    assert loader.read() > 100  # the first batch after the restart does not begin at line 1
    loader.done()
    with Lake(home) as lake:
        state = lake.manifest.load(next(iter(lake.manifest._db.execute("SELECT id FROM loads")))[0])
        assert state is not None
        assert (state.read, state.rejected, state.done) == (2000, 0, True)
