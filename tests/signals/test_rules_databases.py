"""Compiled literals are kept, and what is kept is never taken for something else."""

from __future__ import annotations

import os
from pathlib import Path

import hyperscan
import pytest

from seawall.signals.rules import databases
from seawall.signals.rules.databases import KEPT_FROM, MOST, database_of

MANY = tuple(f"the lamp of harbour {n:05}".encode() for n in range(KEPT_FROM))
OTHERS = (*MANY[:-1], b"a lamp of no harbour")
TEXT = b"The lamp of harbour 00001, the lamp of harbour 00007, a lamp of no harbour"


def _found(database: hyperscan.Database) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    database.scan(
        TEXT,
        match_event_handler=lambda number, _from, to, _flags, _context: places.append((number, to)),
        scratch=hyperscan.Scratch(database),
    )
    return sorted(places)


def _no_compiler(*_given: object) -> hyperscan.Database:
    raise AssertionError("compiled, though it is kept")


def test_what_is_kept_is_loaded_and_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _found(database_of(MANY, False, tmp_path))
    assert made == [(7, 52)]
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(databases, "_compiled", _no_compiler)
    assert _found(database_of(MANY, False, tmp_path)) == made


def test_each_set_of_literals_has_its_own(tmp_path: Path) -> None:
    for _ in range(2):
        assert _found(database_of(MANY, False, tmp_path)) == [(7, 52)]
        assert _found(database_of(MANY, True, tmp_path)) == [(1, 25), (7, 52)]
        assert _found(database_of(MANY[::-1], False, tmp_path)) == [(len(MANY) - 8, 52)]
        assert _found(database_of(OTHERS, False, tmp_path)) == [(7, 52), (len(MANY) - 1, len(TEXT))]
    parted = (*MANY[:-2], MANY[-2][:-1], MANY[-2][-1:] + MANY[-1])  # the same letters, cut elsewhere
    database_of(parted, False, tmp_path)
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("damage", [b"", b"nothing", None])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    database_of(MANY, False, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :] if damage is None else damage)
    assert _found(database_of(MANY, False, tmp_path)) == [(7, 52)]
    assert path.read_bytes() == whole


def test_few_are_not_kept_and_of_many_only_the_newest(tmp_path: Path) -> None:
    database_of(MANY[:-1], False, tmp_path)
    assert not list(tmp_path.iterdir())
    for number in range(MOST + 2):
        old = tmp_path / f"literals-{number}.hs"
        old.touch()
        os.utime(old, (number, number))
    database_of(MANY, False, tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == MOST
    assert not left & {"literals-0.hs", "literals-1.hs", "literals-2.hs"}


def test_where_nothing_can_be_kept_it_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _found(database_of(MANY, False, tmp_path / "file")) == [(7, 52)]
