"""Columns kept in a folder and mapped when opened. A writer that is killed leaves what was there before, whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from seawall.graph.compiled import Array
from seawall.lake.files import flush_folder, write_whole

LAYOUT = 1
ABOUT = "graph.json"  # names the turn whose columns count
_COLUMN = re.compile(r"([a-z_]+)(?:\.(\d+))?\.npy")


def keep(folder: Path, about: Mapping[str, Any], columns: Mapping[str, Array | None]) -> None:
    """Let columns stand in place of what the folder holds, at once; who has that mapped goes on reading it."""
    folder.mkdir(parents=True, exist_ok=True)
    turn = _last_turn(folder) + 1
    for name, column in columns.items():
        if column is not None:
            write_whole(folder / _named(name, turn), partial(np.save, arr=column))
    whole = json.dumps({"layout": LAYOUT, "turn": turn, **about}) + "\n"
    write_whole(folder / ABOUT, lambda stream: stream.write(whole.encode()))
    flush_folder(folder)
    for path in folder.glob("*.npy"):
        its = _COLUMN.fullmatch(path.name)
        if its and int(its[2] or 0) != turn:
            path.unlink()


def read_about(folder: Path) -> dict[str, Any]:
    """What stands beside the columns. Raises OSError or ValueError where nothing whole was kept."""
    about: dict[str, Any] = json.loads((folder / ABOUT).read_text("utf-8"))
    return about


def mapped(folder: Path, about: Mapping[str, Any], name: str) -> Array:
    """A column, read as it is touched. Raises OSError or ValueError where it is not there."""
    return np.asarray(np.load(folder / _named(name, about.get("turn", 0)), mmap_mode="r"))


def _named(name: str, turn: int) -> str:
    return f"{name}.{turn}.npy" if turn else f"{name}.npy"


def _last_turn(folder: Path) -> int:
    try:
        return int(read_about(folder).get("turn", 0))
    except (OSError, ValueError):
        return -1
