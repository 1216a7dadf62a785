"""The index of hashes finds what comparing every pair finds, kept or mapped, however near or many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph import hamming
from seawall.graph.hamming import Hamming, HammingError, cut_for, open_hamming


def _hashes(draw: np.random.Generator, many: int) -> np.ndarray:
    return draw.integers(0, 256, (many, 32), dtype=np.uint8)


def _changed(draw: np.random.Generator, given_: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """Each hash with so many of its bits turned over."""
    rank = draw.random((len(given_), 256)).argsort(1).argsort(1)
    return given_ ^ np.packbits(rank < bits[:, None], axis=1)


def _by_hand(hashes: np.ndarray, asked: np.ndarray, within: int) -> list[tuple[int, int, int]]:
    apart = np.bitwise_count(asked[:, None] ^ hashes[None]).sum(2)
    query, row = np.nonzero(apart <= within)
    return sorted(zip(query.tolist(), row.tolist(), apart[query, row].tolist(), strict=True))


def _found(index: Hamming, asked: np.ndarray) -> list[tuple[int, int, int]]:
    return sorted(zip(*(part.tolist() for part in index.search(asked)), strict=True))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), within=st.sampled_from([0, 3, 8, 31, 40]), tables=st.booleans())
def test_it_finds_every_hash_within_the_distance_and_no_other(seed: int, within: int, tables: bool) -> None:
    draw = np.random.default_rng(seed)
    alone = _hashes(draw, 300)
    crowd = _changed(draw, np.repeat(alone[:1], 200, 0), draw.integers(0, 45, 200))  # frames of one scene are alike
    hashes = np.concatenate([alone, crowd])
    asked = np.concatenate([_changed(draw, hashes, draw.integers(0, 60, len(hashes))), _hashes(draw, 20)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hamming, "FEW", 0 if tables else 10_000)
        index = Hamming.of(hashes, within)
    assert bool(len(index.rows)) is tables
    assert _found(index, asked) == _by_hand(hashes, asked, within)


@pytest.mark.parametrize("hashes", [100, 30_000, 1_000_000, 50_000_000])
@pytest.mark.parametrize("within", [0, 1, 16, 31, 52, 63])
def test_chunks_do_not_overlap_and_none_within_the_distance_slips_between_them(hashes: int, within: int) -> None:
    cut = cut_for(hashes, within)
    assert (cut.radii + 1).sum() >= within + 1  # a hash that every chunk misses is further away
    assert cut.widths.sum() <= 256
    assert (np.diff(cut.begins) == cut.widths[:-1]).all()


def test_a_large_index_by_tables_kept_and_mapped_says_the_same(tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    hashes = _hashes(draw, 40_000)
    hashes[1000:1010] = hashes[1000]
    asked = _changed(draw, hashes[800:1300], draw.integers(0, 40, 500))
    index = Hamming.of(hashes)
    index.write(tmp_path / "index")
    mapped = open_hamming(tmp_path / "index")
    found = _found(mapped, asked)
    assert found == _found(index, asked) == _by_hand(hashes, asked, 31)
    assert len(mapped) == 40_000


def test_matches_come_by_query_and_nearest_first() -> None:
    draw = np.random.default_rng(5)
    one = _hashes(draw, 1)
    near = _changed(draw, np.repeat(one, 6, 0), np.array([9, 0, 31, 4, 32, 12]))
    found = Hamming.of(near).search(np.concatenate([_hashes(draw, 1), one]))
    assert found.query.tolist() == [1] * 5
    assert found.row.tolist() == [1, 3, 0, 5, 2]
    assert found.distance.tolist() == [0, 4, 9, 12, 31]


def test_nothing_is_found_where_nothing_is() -> None:
    none = np.empty((0, 32), np.uint8)
    assert len(Hamming.of(none).search(np.zeros((3, 32), np.uint8)).row) == 0
    assert len(Hamming.of(np.zeros((3, 32), np.uint8)).search(none).row) == 0


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HammingError, match="no whole index"):
        open_hamming(tmp_path)
    Hamming.of(np.zeros((3, 32), np.uint8)).write(tmp_path)
    np.save(tmp_path / "words.npy", np.zeros(4, np.uint64))
    with pytest.raises(HammingError, match="damaged"):
        open_hamming(tmp_path)
    with pytest.raises(HammingError, match="at most 63"):
        Hamming.of(np.zeros((40_000, 32), np.uint8), 70)
