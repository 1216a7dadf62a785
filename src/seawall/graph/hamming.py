"""All 256-bit hashes within some bits of a hash, exactly: multi-index hashing (Norouzi, Punjani and Fleet 2014).

A hash is cut into chunks. If two hashes differ in no more than T bits, then in some chunk they differ in no more than
its radius, as soon as the radii, each plus one, add up to T + 1. So a table per chunk, asked for every spelling within
the radius, gives every candidate, and each is checked whole. Chunks are of two kinds, wide with radius 2 and narrower
with radius 1, in the mix that reads least memory for the number of hashes. Bits are shuffled first, since neighbouring
bits of perceptual hashes go together. Few hashes are simply all compared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seawall.graph.bits import fetch, ones
from seawall.graph.compiled import Array, compiled

BITS, WORDS = 256, 4
WITHIN, FURTHEST = 31, 63  # bits: what PDQ's authors call a confident match; the most that tables are made for
FEW = 30_000  # hashes below which comparing all is faster
LAYOUT = 1
_PARTS = ("words", "starts", "at", "rows")
_NARROWEST, _WIDEST = 8, 24  # bits of a chunk
_SHUFFLE = np.random.Generator(np.random.PCG64(20_261_122)).permutation(BITS).astype(np.uint8)


class HammingError(Exception):
    """An index cannot be made or read; the message says why."""


class Found(NamedTuple):
    """Matches: which query, which hash of the index, and how many bits they differ in; by query, nearest first."""

    query: Array
    row: Array
    distance: Array


class Cut(NamedTuple):
    """How hashes are cut: where each chunk begins, how many bits it has, and its radius."""

    begins: Array
    widths: Array
    radii: Array


def cut_for(hashes: int, within: int = WITHIN) -> Cut:
    """The chunks that make a look-up read least, for so many hashes."""
    best: tuple[float, list[tuple[int, int]]] | None = None
    widest = min(_WIDEST, hashes.bit_length() + 4)  # more spellings than that stand empty
    for wide in range(within // 3 + 1):
        narrow = -(-(within + 1 - 3 * wide) // 2)
        for width in range(14, widest + 1) if wide else (0,):
            left = BITS - wide * width
            if narrow > 0 and left // narrow < _NARROWEST:
                continue
            widths = [min(left // narrow + (i < left % narrow), widest) for i in range(narrow)]
            chunks = [(width, 2)] * wide + [(its, 1) for its in widths]
            cost = sum(_spellings(w, r) * (1 + 1.5 * hashes / 2**w) for w, r in chunks)
            if best is None or cost < best[0]:
                best = cost, chunks
    if best is None:
        raise HammingError(f"no tables find all within {within} bits: at most {FURTHEST}")
    bits, radii = (np.array(column, np.int64) for column in zip(*best[1], strict=True))
    return Cut(np.cumsum(bits) - bits, bits, radii)


def _spellings(width: int, radius: int) -> int:
    return 1 + width + (width * (width - 1) // 2 if radius == 2 else 0)


def _masks(cut: Cut) -> tuple[Array, Array]:
    """What changes a chunk into each spelling within its radius, and where each chunk's begin."""
    each = [
        [sum(1 << bit for bit in some) for many in range(radius + 1) for some in combinations(range(width), many)]
        for width, radius in zip(cut.widths.tolist(), cut.radii.tolist(), strict=True)
    ]
    return np.array([mask for its in each for mask in its], np.uint32), np.cumsum([0, *map(len, each)])


@compiled
def _shuffled(given: Array, order: Array, out: Array) -> None:
    for row in range(given.shape[0]):
        for to in range(256):
            bit = order[to]
            word = given[row, bit >> 6]
            out[row, to >> 6] |= ((word >> np.uint64(bit & 63)) & np.uint64(1)) << np.uint64(to & 63)


@compiled
def _chunk(words: Array, row: int, begin: int, width: int) -> Any:
    word, shift = row * 4 + (begin >> 6), np.uint64(begin & 63)
    key = words[word] >> shift
    if (begin & 63) + width > 64:
        key |= words[word + 1] << (np.uint64(64) - shift)
    return key & ((np.uint64(1) << np.uint64(width)) - np.uint64(1))


@compiled
def _fill(words: Array, begin: int, width: int, starts: Array, rows: Array) -> None:
    """One chunk's table: rows by the chunk's spelling."""
    hashes = len(words) // 4
    for row in range(hashes):
        starts[_chunk(words, row, begin, width) + np.uint64(1)] += np.uint32(1)
    for place in range(1, len(starts)):
        starts[place] += starts[place - 1]
    placed = starts.copy()
    for row in range(hashes):
        key = _chunk(words, row, begin, width)
        rows[placed[key]] = row
        placed[key] += np.uint32(1)


@compiled
def _bits_apart(words: Array, row: Any, asked: Array, query: int, within: int) -> Any:
    """In how many bits two hashes differ; some number beyond `within` where it is more."""
    at, to = row * 4, query * 4
    apart: Any = ones(words[at] ^ asked[to]) + ones(words[at + 1] ^ asked[to + 1])
    if apart <= within:
        apart += ones(words[at + 2] ^ asked[to + 2]) + ones(words[at + 3] ^ asked[to + 3])
    return apart


@compiled
def _first(
    words: Array, row: Any, asked: Array, query: int, begins: Array, widths: Array, radii: Array, chunk: int
) -> bool:
    """Whether no chunk before this one finds the row, too."""
    for other in range(chunk):
        key = _chunk(asked, query, begins[other], widths[other])
        if ones(key ^ _chunk(words, row, begins[other], widths[other])) <= radii[other]:
            return False
    return True


@compiled
def _all_compared(words: Array, asked: Array, within: int, query: int, out: Array, found: int) -> tuple[int, int]:
    """From this query on, as many whole queries as `out` has room for; how many matches there are then, and where
    to go on."""
    hashes = len(words) // 4
    while query < len(asked) // 4:
        before = found
        for row in range(hashes):
            apart = _bits_apart(words, row, asked, query, within)
            if apart <= within:
                if found == len(out):
                    return before, query
                out[found, 0], out[found, 1], out[found, 2] = query, row, apart
                found += 1
        query += 1
    return found, query


@compiled
def _looked_up(  # noqa: PLR0912 - four passes over one query's candidates, each asking for what the next reads
    words: Array, starts: Array, at: Array, rows: Array, begins: Array, widths: Array, masks: Array, masks_at: Array,
    radii: Array, asked: Array, within: int, query: int, out: Array, spans: Array, some: Array,
) -> tuple[int, int]:  # fmt: skip
    """Like `_all_compared`, by the tables. What several chunks find is taken from the first of them."""
    found, hashes = 0, len(words) // 4
    while query < len(asked) // 4:
        before, many = found, 0
        for chunk in range(len(begins)):
            key = _chunk(asked, query, begins[chunk], widths[chunk])
            for mask in range(masks_at[chunk], masks_at[chunk + 1]):
                place = at[chunk] + np.int64(np.uint32(key) ^ masks[mask])
                fetch(starts, place)
                spans[many, 0] = place
                many += 1
        many = 0
        for chunk in range(len(begins)):
            for _ in range(masks_at[chunk], masks_at[chunk + 1]):
                place = spans[many, 0]
                first, last = np.int64(starts[place]), np.int64(starts[place + 1])
                spans[many, 0], spans[many, 1] = chunk * hashes + first, chunk * hashes + last
                if last > first:
                    fetch(rows, chunk * hashes + first)
                many += 1
        span, at_row = 0, spans[0, 0]
        while span < many:
            few = 0
            while span < many and few < len(some):
                if at_row >= spans[span, 1]:
                    span += 1
                    if span < many:
                        at_row = spans[span, 0]
                    continue
                some[few] = at_row
                fetch(words, np.int64(rows[at_row]) * 4)
                few += 1
                at_row += 1
            for i in range(few):
                row = np.int64(rows[some[i]])
                apart = _bits_apart(words, row, asked, query, within)
                if apart <= within and _first(words, row, asked, query, begins, widths, radii, some[i] // hashes):
                    if found == len(out):
                        return before, query
                    out[found, 0], out[found, 1], out[found, 2] = query, row, apart
                    found += 1
        query += 1
    return found, query


@dataclass(frozen=True)
class Hamming:
    """Hashes, ready to be looked up."""

    words: Array  # shuffled, flat
    starts: Array  # per chunk and spelling, where its rows begin
    at: Array  # per chunk, where its starts begin
    rows: Array
    within: int = WITHIN

    @classmethod
    def of(cls, hashes: Array, within: int = WITHIN) -> Hamming:
        """An index of hashes, given as rows of 32 bytes."""
        words = _words(hashes)
        if len(hashes) < FEW:
            return cls(words, np.zeros(1, np.uint32), np.zeros(1, np.int64), np.zeros(0, np.uint32), within)
        cut = cut_for(len(hashes), within)
        at = np.cumsum([0, *((1 << cut.widths) + 1)])
        starts, rows = np.zeros(at[-1], np.uint32), np.empty(len(cut.widths) * len(hashes), np.uint32)
        for chunk, (begin, width) in enumerate(zip(cut.begins.tolist(), cut.widths.tolist(), strict=True)):
            its = slice(chunk * len(hashes), (chunk + 1) * len(hashes))
            _fill(words, begin, width, starts[at[chunk] : at[chunk + 1]], rows[its])
        return cls(words, starts, at[:-1].copy(), rows, within)

    def __len__(self) -> int:
        return len(self.words) // WORDS

    def search(self, hashes: Array) -> Found:
        """Every hash within `within` bits of each of these."""
        asked = _words(hashes)
        room, query, parts = max(len(asked), 1024), 0, [np.empty((0, 3), np.int64)]
        while query < len(asked) // WORDS and len(self):
            out = np.empty((room, 3), np.int64)
            found, on = self._some(asked, query, out)
            parts.append(out[:found])
            room = room if on > query else room * 4
            query = on
        return _ordered(np.concatenate(parts))

    @cached_property
    def _ways(self) -> tuple[Cut, Array, Array]:
        cut = cut_for(len(self), self.within)
        return cut, *_masks(cut)

    def _some(self, asked: Array, query: int, out: Array) -> tuple[int, int]:
        if not len(self.rows):
            found, on = _all_compared(_frozen(self.words), asked, self.within, query, out, 0)
            return int(found), int(on)
        cut, masks, masks_at = self._ways
        tables = _frozen(self.words), _frozen(self.starts), _frozen(self.at), _frozen(self.rows)
        spans, some = np.empty((len(masks), 2), np.int64), np.empty(2048, np.int64)
        found, on = _looked_up(
            *tables, cut.begins, cut.widths, masks, masks_at, cut.radii, asked, self.within, query, out, spans, some
        )
        return int(found), int(on)

    def write(self, folder: Path) -> None:
        """Keep it in an empty folder, so that it need not be made again; `open_hamming` maps it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _PARTS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        about = {"layout": LAYOUT, "hashes": len(self), "within": self.within}
        (folder / "hamming.json").write_text(json.dumps(about) + "\n", "utf-8")


def open_hamming(folder: Path) -> Hamming:
    """Map an index that was written. Raises HammingError where there is none, or not all of it."""
    try:
        about = json.loads((folder / "hamming.json").read_text("utf-8"))
        if about["layout"] != LAYOUT:
            raise HammingError(f"{folder} holds an index of layout {about['layout']}; this reads layout {LAYOUT}")
        parts = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _PARTS}
        mapped = Hamming(**parts, within=int(about["within"]))
    except (OSError, ValueError, KeyError) as error:
        raise HammingError(f"{folder} holds no whole index ({error})") from error
    if len(mapped) != about["hashes"]:
        raise HammingError(f"{folder} is damaged: it has not the number of hashes that it says")
    return mapped


def _words(hashes: Array) -> Array:
    given = np.ascontiguousarray(hashes, np.uint8).reshape(-1, BITS // 8).view(np.uint64)
    out = np.zeros((len(given), WORDS), np.uint64)
    _shuffled(given, _SHUFFLE, out)
    return out.ravel()


def _frozen(part: Array) -> Array:
    """As arrays that are mapped are: so that loops are compiled once."""
    view = part.view()
    view.flags.writeable = False
    return view


def _ordered(found: Array) -> Found:
    order = np.lexsort((found[:, 1], found[:, 2], found[:, 0]))
    return Found(*found[order].T.copy())
