"""Surveys beside findings: each in a table of its own, and one that cannot run leaves nothing old standing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from makers import START
from seawall.lake import Lake
from seawall.lake.keeping import expire_before
from seawall.records.campaigns import CAMPAIGNS
from seawall.records.facts import POSTS, columns
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
        self.taken = 0

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        self.taken += 1
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
        broken = Made("floods", FLOODS, 1, broken=True)
        broken.version = "2"
        later = survey(lake, [broken])
        assert (later.found, later.not_run) == ({}, {"floods": "it has no scale"})
        assert rows(lake) == {"findings": 1, "campaigns": 2, "floods": 0}


def _post(lake: Lake, number: int) -> None:
    said = {
        "platform": "x",
        "post_id": str(number),
        "account_id": "1",
        "at": pa.array([START], POSTS.schema.field("at").type),
    }
    lake.append({"posts": columns(POSTS, {**said, "kind": "post", "text": "words", "source": "test"}, 1)})


def test_a_survey_of_facts_is_taken_again_only_when_they_changed_or_it_did(tmp_path: Path) -> None:
    its, of_people = Made("floods", FLOODS, 3), Made("campaigns", CAMPAIGNS, 2)
    of_people.of_listed = True
    with Lake.create(tmp_path) as lake:
        taken = []
        for what in ("first", "again", "a post came", "again", "another version", "again", "facts expired"):
            if what == "a post came":
                _post(lake, 1)
            elif what == "another version":
                its.version = "2"
            elif what == "facts expired":
                expire_before(lake, date(2030, 1, 1))
            report = survey(lake, [its, of_people])
            assert report.found == {"floods": 3, "campaigns": 2}
            assert rows(lake)["floods"] == 3
            taken.append(its.taken)
        assert taken == [1, 1, 2, 2, 3, 3, 4]
        assert of_people.taken == 7


def test_a_survey_that_could_not_run_is_tried_again(tmp_path: Path) -> None:
    its = Made("floods", FLOODS, 3, broken=True)
    with Lake.create(tmp_path) as lake:
        for _ in range(2):
            assert survey(lake, [its]).not_run == {"floods": "it has no scale"}
    assert its.taken == 2
