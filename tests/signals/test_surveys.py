"""Surveys beside findings: each in a table of its own, and one that cannot run leaves nothing old standing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from seawall.lake import Lake
from seawall.records.campaigns import CAMPAIGNS
from seawall.records.findings import Finding, Seen, to_table
from seawall.records.floods import FLOODS
from seawall.signals.contract import Facts, SignalError, Tell, silent
from seawall.signals.surveys import survey

ROW = {"kind": "hashtag", "value": "bread"}


class Made:
    """A survey that finds so many rows, or cannot run."""

    version = "1"
    of_listed = False

    def __init__(self, table: str, schema: pa.Schema, rows: int, broken: bool = False) -> None:
        self.name = self.table = table
        self._rows = pa.Table.from_pylist([ROW if table == "floods" else {"campaign": "c"}] * rows, schema=schema)
        self._broken = broken

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        if self._broken:
            raise SignalError("it has no scale")
        return self._rows


def rows(lake: Lake) -> dict[str, int]:
    with lake.snapshot() as snapshot:
        return {name: snapshot.read(name).num_rows for name in ("findings", "campaigns", "floods")}


def test_each_survey_replaces_its_own_table_and_one_that_cannot_run_empties_it(tmp_path: Path) -> None:
    found = Finding("x", "1", None, "rules.r", "1", 0.9, "says it", (Seen("p", "2026-01-01"),), True)
    with Lake.create(tmp_path) as lake:
        lake.replace_results({"findings": to_table([found])}, lake.manifest.version)
        first = survey(lake, [Made("campaigns", CAMPAIGNS, 2), Made("floods", FLOODS, 3)])
        assert (first.found, first.not_run) == ({"campaigns": 2, "floods": 3}, {})
        assert rows(lake) == {"findings": 1, "campaigns": 2, "floods": 3}
        later = survey(lake, [Made("floods", FLOODS, 1, broken=True)])
        assert (later.found, later.not_run) == ({}, {"floods": "it has no scale"})
        assert rows(lake) == {"findings": 1, "campaigns": 2, "floods": 0}
