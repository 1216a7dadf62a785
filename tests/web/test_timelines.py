"""Pictures over time: a campaign's rows of acts, and a flood's curve."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from seawall.web.console import timelines

START = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)


def _at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_each_act_is_a_dot_in_its_accounts_row_and_what_was_done_together_is_joined() -> None:
    acts = [(_at(0), 0, 0), (_at(1), 2, 0), (_at(600), 1, 1)]
    drawn = timelines.raster([("1 @lamp", True), ("2", False), ("3", False)], acts)
    assert [lane.dots.count("M") for lane in drawn.lanes] == [1, 1, 1]
    assert [lane.named for lane in drawn.lanes] == [True, False, False]
    assert drawn.together.count("M") == 1  # one thing alone is joined to nothing
    assert drawn.lanes[0].y < drawn.lanes[1].y < drawn.lanes[2].y < drawn.base


def test_rows_beyond_the_picture_are_counted_and_long_names_cut() -> None:
    labels = [(f"{n} @somebody_with_a_long_name", True) for n in range(timelines.MOST_ROWS + 3)]
    drawn = timelines.raster(labels, [(_at(n), n, 0) for n in range(len(labels))])
    assert (len(drawn.lanes), drawn.left_out) == (timelines.MOST_ROWS, 3)
    assert all(lane.label.endswith("…") for lane in drawn.lanes)


def test_a_curve_has_gaps_where_nothing_usual_is_known() -> None:
    rows = [(_at(5 * n), n, None if n in (0, 3) else 1.0) for n in range(6)]
    drawn = timelines.curve(rows, [_at(10)])
    assert drawn.most == 5
    assert drawn.usual.count("M") == 2
    assert drawn.line.count("L") == 5
    assert drawn.moments[0] == round(64 + 2 / 5 * (760 - 8 - 64), 1)
    assert timelines.curve([], []).line == ""


@given(st.floats(0.01, 60 * 24 * 3000), st.integers(0, 1_000_000))
def test_ticks_are_round_few_and_within_the_picture(minutes: float, most: int) -> None:
    drawn = timelines.curve([(_at(0), 0, None), (_at(minutes), most, None)], [])
    assert len(drawn.ticks) <= 8
    assert all(drawn.left <= tick.x <= drawn.width for tick in drawn.ticks)
    assert [tick.x for tick in drawn.ticks] == sorted({tick.x for tick in drawn.ticks})
    assert len(drawn.levels) <= 4
    assert all(level <= most for _, level in drawn.levels)
    assert all(re.search(r"^\d{4}-\d\d-\d\d( \d\d:\d\d)?$|^\d\d:\d\d$", tick.label) for tick in drawn.ticks)
