"""The pictures of a case: its net and its bars."""

from __future__ import annotations

from seawall.cases.facts import Day, Neighbour
from seawall.records.terms import TieKind
from seawall.web.console import drawing, words


def test_a_net_does_not_depend_on_the_order_of_its_facts() -> None:
    ties = [Neighbour(f"n{i}", kind, 1 + i % 5) for i in range(12) for kind in (TieKind.REPOST, TieKind.REPLY)]
    assert set(drawing.net(ties).nodes) == set(drawing.net(ties[::-1]).nodes)
    drawn = drawing.net(ties)
    assert len(drawn.nodes) == 12
    assert len(drawn.lines) == 24
    assert len({(node.anchor, node.label_y) for node in drawn.nodes}) == 12  # no two names on one line of a side
    assert all(0 < node.x < drawn.width and 0 < node.y < drawn.height for node in drawn.nodes)


def test_every_kind_of_tie_has_its_own_shape() -> None:
    outlines = {drawing.outline(kind, 0, 0) for kind in drawing.SHAPES}
    assert len(outlines) == len(drawing.SHAPES) == len(words.TIES)


def test_bars_hold_empty_days_and_many_years() -> None:
    some = drawing.bars([Day("2026-03-01", 2, 1), Day("2026-03-05", 0, 6)])
    assert len(some.bars) == 5
    assert some.most == 6
    many = drawing.bars([Day("2020-01-01", 1, 0), Day("2026-03-05", 1, 0)])
    assert len(many.bars) <= 92
    assert many.days_a_bar > 20
    assert drawing.bars([]).bars == ()
