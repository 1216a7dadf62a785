"""A home with rules of its own, posts that they match, and sources that go wrong where told."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pyarrow as pa

from makers import lines, mixed, tweet
from seawall.lake import Lake
from seawall.records.marks import KEPT
from seawall.sources.contract import Batch
from seawall.sources.streams import Lines
from seawall.sources.x import XSource

LIST = "# kind: phrases\n# title: Slogans of the lamp\nthe lamp is lit\nkeepers of the lamp\n"
RULE = """
id = "lamp"
version = {version}
conduct = "propaganda"
title = "Spreads the lamp's slogans"
author = "a tester"
why = "Only to test."
languages = ["en"]
where = "hits('lamp_slogans') >= 1"
posts = {posts}
weight = 0.7
matches = ["The lamp is lit"]
silent = ["Nothing is lit"]
"""


def home_with_rule(home: Path, posts: int = 3, version: int = 1) -> Path:
    """An empty lake, and a rule that takes so many matching posts."""
    Lake.create(home).close()
    for name, text in (
        ("lists/lamp_slogans.txt", LIST),
        ("rules/lamp.toml", RULE.format(posts=posts, version=version)),
    ):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text)
    return home


def export(count: int, first: int = 1) -> bytes:
    """Posts of many kinds; of those that are no repost every seventh holds a slogan, by one of four accounts."""
    posts: list[dict[str, Any]] = mixed(count, first)
    for post in posts:
        if post["id"] % 7 == 0:
            post["user"] |= {"id": post["id"] % 5 + 900, "screen_name": f"lamp{post['id'] % 5}"}
            post["text"] = f"{post['id']}: the lamp is lit"
    return lines(posts)


def damaged_export(count: int) -> bytes:
    """Posts, lines that are none, and posts that came before, some of them with another text."""
    again = [tweet(number, 901, "the lamp is lit, said later") for number in range(1, 60)]
    return export(count) + b'{"damaged": \n\n' + export(count // 3) + b"not json\n" + lines(again)


def rows(home: Path) -> dict[str, list[str]]:
    """Everything that a lake holds, in one order, without the versions that matches came with."""
    with Lake(home) as lake, lake.snapshot() as snapshot:
        tables = {name: snapshot.read(name) for name in KEPT}
    return {name: sorted(map(str, _timeless(table).to_pylist())) for name, table in tables.items()}


def _timeless(table: pa.Table) -> pa.Table:
    return table.drop_columns(["since"]) if "since" in table.schema.names else table


class Fatal(XSource):
    """Ends its process at a line that says so: in each process, or only where a file is not there yet."""

    def __init__(self, once: Path | None = None) -> None:
        super().__init__()
        self._once = once

    def batch(self, block: Lines) -> Batch:
        """What the lines say, unless one of them is fatal."""
        if any(b"fatal" in line for line in block.lines) and not (self._once and self._once.exists()):
            if self._once:
                self._once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().batch(block)


class Wrong(XSource):
    """Fails at a line that says so."""

    def batch(self, block: Lines) -> Batch:
        """What the lines say, unless one of them is wrong."""
        if any(b"fatal" in line for line in block.lines):
            raise ValueError("a fault of the source")
        return super().batch(block)
