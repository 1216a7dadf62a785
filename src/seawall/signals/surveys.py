"""Surveys: what is found about groups, tags and targets, and about no person, kept in place of the last survey's.

They are taken after a scan, so that no case waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from seawall.lake import Lake
from seawall.records.results import RESULTS
from seawall.signals.contract import Facts, SignalError, Survey, Tell, silent
from seawall.signals.scan import listed


@dataclass(slots=True)
class SurveyReport:
    """What surveys found, about nobody and no ground against anybody."""

    found: dict[str, int] = field(default_factory=dict)  # rows, by survey
    not_run: dict[str, str] = field(default_factory=dict)  # survey -> why


def survey(lake: Lake, surveys: Sequence[Survey], tell: Tell = silent) -> SurveyReport:
    """Take surveys of a lake. One that cannot run is named, and nothing of an earlier one stands in its place.

    Raises LakeError if facts expired meanwhile.
    """
    report, results = SurveyReport(), {}
    with lake.snapshot() as snapshot:
        facts = replace(Facts.of(snapshot), listed=listed(snapshot))
        for its in surveys:
            results[its.table] = _taken(its, facts, report, tell)
    lake.replace_results(results, snapshot.version)
    return report


def _taken(its: Survey, facts: Facts, report: SurveyReport, tell: Tell) -> pa.Table:
    try:
        rows = its.survey(facts, tell)
    except SignalError as error:
        report.not_run[its.name] = str(error)
        return RESULTS[its.table].empty_table()
    report.found[its.name] = rows.num_rows
    return rows
