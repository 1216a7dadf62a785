"""A finding refuses to exist without a reason and something seen."""

from __future__ import annotations

import pytest

from seawall.records.findings import Finding, FindingError, Seen, from_table, to_table

GOOD = {
    "platform": "x",
    "account_id": "1",
    "handle": "a",
    "signal": "s",
    "version": "1",
    "score": 0.7,
    "because": "three posts matched",
    "seen": (Seen("9", "2016-01-01T00:00:00+00:00"),),
    "conduct": True,
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"because": ""}, "needs a reason"),
        ({"because": "  "}, "needs a reason"),
        ({"seen": ()}, "something seen"),
        ({"seen": (Seen("", ""),)}, "something seen"),
        ({"score": 1.2}, "between 0 and 1"),
        ({"score": -0.1}, "between 0 and 1"),
        ({"score": float("nan")}, "between 0 and 1"),
    ],
)
def test_refused(change, reason: str) -> None:
    with pytest.raises(FindingError, match=reason):
        Finding(**{**GOOD, **change})


@pytest.mark.parametrize(("score", "conduct", "above"), [(0.5, True, True), (0.49, True, False), (0.9, False, False)])
def test_only_own_conduct_above_the_line_counts(score: float, conduct: bool, above: bool) -> None:
    assert Finding(**{**GOOD, "score": score, "conduct": conduct}).above_line is above


def test_findings_come_back_as_they_were() -> None:
    findings = [Finding(**GOOD), Finding(**{**GOOD, "handle": None, "conduct": False})]
    assert from_table(to_table(findings)) == findings
    assert from_table(to_table([])) == []
