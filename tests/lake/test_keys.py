"""Dedupe keys: the same fact has the same key, other facts have others; runs stay few."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.lake import keys
from seawall.records.facts import TIES, columns

WORDS = st.one_of(st.none(), st.text(max_size=6), st.text(alphabet="\x1d\x1e\x1f012a", max_size=4))


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), max_size=30))
def test_keys_differ_exactly_where_facts_differ(facts) -> None:
    turned = list(zip(*facts, strict=True)) or [[]] * 4
    given_columns = dict(zip(("from_id", "to_id", "to_handle", "link"), map(list, turned), strict=True))
    found = keys.keys_of(TIES, columns(TIES, {**given_columns, "platform": "x", "kind": "mention"}, len(facts)))
    for i, a in enumerate(facts):
        for j, b in enumerate(facts):
            assert (found[i] == found[j]) == (a == b)


@given(st.lists(st.integers(0, 60), max_size=80), st.lists(st.integers(0, 60), max_size=80))
def test_known_and_first_of_each(tmp_path_factory, held, asked) -> None:
    run = tmp_path_factory.mktemp("keys") / "run.npy"
    np.save(run, np.unique(np.array(held, np.uint64)))
    found = keys.known(np.array(asked, np.uint64), [run])
    assert found.tolist() == [value in held for value in asked]
    first = keys.first_of_each(np.array(asked, np.uint64))
    assert [v for v, f in zip(asked, first, strict=True) if f] == list(dict.fromkeys(asked))


@given(st.lists(st.integers(1, 1000), max_size=200))
def test_runs_stay_few_and_merging_costs_little(batches) -> None:
    sizes: list[int] = []
    moved = 0
    for coming in batches:
        count = keys.runs_to_merge(sizes, coming)
        merged = sizes[len(sizes) - count :]
        moved += sum(merged)
        sizes = [*sizes[: len(sizes) - count], coming + sum(merged)]
    total = sum(batches)
    assert sum(sizes) == total
    assert len(sizes) <= 2 + np.log2(max(total, 2))
    assert moved <= total * (2 + np.log2(max(total, 2)))


def test_the_kind_of_table_is_part_of_the_key() -> None:
    one = columns(TIES, {"platform": "x", "kind": "mention", "from_id": ["1"]}, 1)
    assert keys.keys_of(TIES, one)[0] != keys.keys_of(replace(TIES, name="other"), one)[0]


@pytest.mark.parametrize("part", [1, 7, 1000, 1 << 20])
def test_runs_are_joined_in_order_whatever_the_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(keys, "_PART", part)
    drawn = np.random.default_rng(2).integers(0, 2**64, 300, np.uint64)
    runs = []
    for number, its in enumerate((drawn[:100], drawn[100:110], drawn[110:110])):
        runs.append(tmp_path / f"{number}.npy")
        np.save(runs[-1], np.sort(its))
    with (tmp_path / "joined.npy").open("wb") as stream:
        keys.write_run(stream, 300, keys.in_order(drawn[110:], runs))
    assert np.load(tmp_path / "joined.npy").tolist() == sorted(drawn.tolist())
