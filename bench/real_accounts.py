"""The three shared collections: listed supporters, people who speak about the topic, and others of the same time."""

from __future__ import annotations

from pathlib import Path

from bench.load import LOAD
from bench.payloads import REAL, SHARED
from bench.report import process
from bench.scan import COMMAND


def load_collections(home: Path) -> None:
    """Load them into a new home."""
    process(LOAD, home, REAL)
    for name in ("fifth_tribe.csv.gz", "background_2015.parquet"):
        process(COMMAND, "load", "table", SHARED / name, "--platform", "x", "--yes", "--home", home)
