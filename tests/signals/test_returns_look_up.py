"""Looking up among many: the shortlist holds who shares what is rare, and comparing all gives the same answer."""

from __future__ import annotations

import numpy as np
import pytest
from bench.returns_million import newcomers, suspended
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph.likeness import KINDS, code, from_another, overlaps, search, strongest
from seawall.signals.returns import known as known_module
from seawall.signals.returns.evidence import weights
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import hypothesis

MANY, ASKED = 5000, 40


@pytest.fixture(scope="module")
def many() -> Known:
    return Known(suspended(MANY))


def test_the_parent_is_found_among_many_by_the_shortlist(many: Known) -> None:
    new, parents = newcomers(many.profiles, ASKED)
    for row, parent in enumerate(parents):
        rows = many.candidates(new, row)
        assert len(rows) <= known_module.SHORTLIST < MANY
        if parent >= 0:
            assert hypothesis(many, new, row).candidates[0].account_id == str(parent)


def test_the_shortlist_gives_what_comparing_all_gives(many: Known, monkeypatch) -> None:
    new, _ = newcomers(many.profiles, ASKED)
    short = [hypothesis(many, new, row) for row in range(ASKED)]
    monkeypatch.setattr(known_module, "ALL_BELOW", MANY)
    for row, said in enumerate(short):
        whole = hypothesis(many, new, row)
        assert said.probability == pytest.approx(whole.probability, abs=0.1)  # the rest share a little of the whole
        if said.probability > 0.5:
            assert said.candidates[0].account_id == whole.candidates[0].account_id


def test_one_look_up_leaves_nothing_behind_for_the_next(many: Known) -> None:
    new, _ = newcomers(many.profiles, ASKED)
    first = [many.candidates(new, row).tolist() for row in range(ASKED)]
    again = [many.candidates(new, row).tolist() for row in reversed(range(ASKED))][::-1]
    assert first == again


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), min_size=1, max_size=8), st.sets(st.integers(0, 30)))
@settings(max_examples=60, deadline=None)
def test_search_counts_what_is_shared(bags: list[list[int]], wanted: set[int]) -> None:
    """Held against plain sets."""
    sets = [sorted(set(bag)) for bag in bags]
    ids = np.unique(np.array([m for bag in sets for m in bag], np.uint64))
    having = [[row for row, bag in enumerate(sets) if int(i) in bag] for i in ids]
    starts = np.concatenate([[0], np.cumsum([len(h) for h in having])]).astype(np.int64)
    postings = np.array([row for h in having for row in h], np.int32)
    idf = np.linspace(0.5, 2, len(ids)).astype(np.float32)
    score, found = np.zeros(len(sets), np.float32), np.empty(len(sets), np.int64)
    asked = np.array(sorted(wanted), np.uint64)
    touched = search(asked, ids, starts, postings, idf, 10_000, score, found)
    expected = {
        r: sum(idf[i] for i, m in enumerate(ids) if int(m) in bag and int(m) in wanted) for r, bag in enumerate(sets)
    }
    expected = {r: v for r, v in expected.items() if v > 0}
    assert {int(r): score[r] for r in found[:touched]} == pytest.approx(expected, rel=1e-5)
    order = strongest(score, found, touched, 3)
    assert list(order) == sorted(expected, key=lambda r: (-np.float32(expected[r]), r))[:3] or len(
        set(expected.values())
    ) < len(expected)
    assert not score.any()


def test_overlaps_are_cosines_per_kind() -> None:
    marks = np.array([1, 2, (3 << 36) | 5], np.uint64)
    weight = np.array([1, 2, 3], np.float32)
    norm = np.zeros(KINDS, np.float32)
    norm[0], norm[3] = np.sqrt(5), 3
    cosine, shared = np.zeros((2, KINDS), np.float32), np.zeros((2, KINDS), np.float32)
    all_marks, all_weight = np.array([2, 9, (3 << 36) | 5, 1], np.uint64), np.array([4, 3, 2, 1], np.float32)
    norms = np.zeros((2, KINDS), np.float32)
    norms[0, 0], norms[0, 3], norms[1, 0] = 5, 2, 1
    overlaps(
        marks, weight, norm, np.array([0, 1]), np.array([0, 3, 4]), all_marks, all_weight, norms, weight, cosine, shared
    )
    assert cosine[0, 0] == pytest.approx(8 / (5 * np.sqrt(5)))
    assert cosine[0, 3] == pytest.approx(1)
    assert cosine[1, 0] == pytest.approx(1 / np.sqrt(5))
    assert (shared[0, 0], shared[0, 3], shared[1, 0]) == (2, 3, 1)


def _spelt(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


@pytest.mark.parametrize(
    ("likelier", "than"),
    [
        ("lantern", "lamtern"),
        ("lantern_2", "xantern"),
        ("lantern77", "laxtexn"),
        ("l4ntern", "lbntern"),
        ("thelantern", "lanxyzern"),
    ],
)
def test_usual_edits_are_likelier_than_others(likelier: str, than: str) -> None:
    costs = weights().costs
    parent = _spelt("lantern")
    assert from_another(_spelt(likelier), parent, costs) > from_another(_spelt(than), parent, costs)


@given(st.text("abz09_. é", min_size=1, max_size=80), st.text("abz09_.", min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_an_edit_is_never_surer_than_sure(child: str, parent: str) -> None:
    said = from_another(_spelt(child), _spelt(parent), weights().costs)
    assert -1000 < said < 0
    assert all(0 <= code(byte) < 40 for byte in child.encode())
