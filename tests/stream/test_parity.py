"""A stream leaves the same rows and the same findings as loading and scanning."""

from __future__ import annotations

from pathlib import Path

import pytest
from flows import damaged_export, home_with_rule, rows

from makers import write
from seawall.lake import Lake
from seawall.records.facts import TABLES
from seawall.records.findings import from_table
from seawall.signals.home import signals_of
from seawall.signals.rules import RulesSignal
from seawall.signals.scan import scan
from seawall.sources.loading import load
from seawall.sources.x import XSource
from seawall.stream.flow import run_file
from seawall.stream.matches import findings_since
from seawall.stream.recipe import recipe_of


def _rules(home: Path) -> RulesSignal:
    return next(signal for signal in signals_of(home) if isinstance(signal, RulesSignal))


@pytest.mark.parametrize("workers", [0, 2])
def test_same_rows_and_findings_as_load_and_scan(tmp_path: Path, workers: int) -> None:
    path = write(tmp_path / "export.jsonl.gz", damaged_export(1500))
    loaded, streamed = home_with_rule(tmp_path / "loaded"), home_with_rule(tmp_path / "streamed")
    with Lake(loaded) as lake:
        report = load(lake, XSource(), path)
        scan(lake, [_rules(loaded)], [])
        with lake.snapshot() as snapshot:
            scanned = from_table(snapshot.read("findings"))
    with Lake(streamed) as lake:
        streamed_report = run_file(lake, XSource(), path, recipe_of(streamed), workers=workers, size=100_000)
        found, _ = findings_since(lake, _rules(streamed), 0)
    facts, same = rows(loaded), rows(streamed)
    assert {name: facts[name] for name in TABLES} == {name: same[name] for name in TABLES}
    assert sorted(map(str, found)) == sorted(map(str, scanned))
    assert len(found) == 4
    assert streamed_report.blocks > 5
    for name in ("read", "rejected", "reasons", "ignored"):
        assert getattr(streamed_report, name) == getattr(report, name), name
    for name in TABLES:
        assert streamed_report.added[name] == report.added[name]
        if name != "accounts":  # a source gives a profile once a block, however long its blocks are
            assert streamed_report.already[name] == report.already[name]
    assert streamed_report.posts == len(facts["posts"]) == len(same["readings"])


def test_rejects_have_the_line_numbers_that_loading_gives(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", damaged_export(600))
    kept = {}
    for name in ("loaded", "streamed"):
        home = home_with_rule(tmp_path / name)
        with Lake(home) as lake:
            if name == "loaded":
                load(lake, XSource(), path)
            else:
                run_file(lake, XSource(), path, recipe_of(home), workers=0, size=50_000)
        kept[name] = sorted(line for file in (home / "rejects").iterdir() for line in file.read_text().splitlines())
    assert len(kept["loaded"]) == 2
    assert kept["streamed"] == kept["loaded"]
