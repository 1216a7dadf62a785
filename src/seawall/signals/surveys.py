"""Surveys: what is found about groups, tags and targets, and about no person, kept in place of the last survey's.

They are taken after a scan, so that no case waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from seawall import __version__
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
    """Take surveys of a lake. One that cannot run is named, and nothing of an earlier one stands in its place. One that
    looks at facts alone is not taken again while they are the same.

    Raises LakeError if facts expired meanwhile.
    """
    report, results = SurveyReport(), {}
    with lake.snapshot() as snapshot:
        facts = replace(Facts.of(snapshot), listed=listed(snapshot))
        for its in surveys:
            if not its.of_listed and lake.still_holds(its.table, _maker(its)):
                report.found[its.name] = snapshot.rows(its.table)
            else:
                results[its.table] = _taken(its, facts, report, tell)
    made_by = {its.table: _maker(its) for its in surveys if its.name in report.found}
    if results:
        lake.replace_results(results, snapshot.version, made_by)
    return report


def _maker(its: Survey) -> str:
    return f"{its.name} {its.version}, Seawall {__version__}"


def _taken(its: Survey, facts: Facts, report: SurveyReport, tell: Tell) -> pa.Table:
    try:
        rows = its.survey(facts, tell)
    except SignalError as error:
        report.not_run[its.name] = str(error)
        return RESULTS[its.table].empty_table()
    report.found[its.name] = rows.num_rows
    return rows
