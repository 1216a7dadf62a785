"""What speaks for and against one account being another's return, each piece as a log-likelihood ratio in nats.

The sum of pieces is Fellegi and Sunter's match weight (JASA 1969), each damped to what it was worth beside the others.
What nearly everybody has weighs nothing, what few have weighs much, no piece alone can carry everything, and what is
not known weighs nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.graph.likeness import (
    AUDIENCE,
    BIO,
    KINDS,
    LINK,
    NAMED,
    PICTURE,
    RUN,
    SIGN,
    TAG,
    WORD,
    by_chance,
    edited,
    overlaps,
)
from seawall.signals.returns.known import Known
from seawall.signals.returns.profiles import NEVER, Profiles

Array = npt.NDArray[Any]
WRITING = {"words": WORD, "letters": RUN, "hashtags": TAG, "named": NAMED, "links": LINK, "signs": SIGN}
TEXT = (*WRITING, "hours", "habits")
PIECES = ("handle", "name", "bio", "picture", "audience", *TEXT, "writing at all", "gap")
FEWEST_POSTS = 5  # of each side, before writing says anything
_DAY, _SOON = 86_400, 30.0  # seconds; days in which most come back
_NEGLIGIBLE = -1e8


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned: see weights.toml, which says from what."""

    costs: Array  # of edits, for graph.likeness.from_another
    kept: dict[str, float]  # how often who returns keeps a thing
    most: dict[str, float]  # nats that a piece can weigh
    damped: dict[str, float]  # what a nat of a piece is worth beside the others
    text: dict[str, float]
    typical: dict[str, float]
    text_base: float
    most_writing: float


@cache
def weights() -> Weights:
    """The shipped weights."""
    told = tomllib.loads((Path(__file__).parent / "weights.toml").read_text("utf-8"))
    return Weights(
        np.array(list(told["edits"].values())),
        told["kept"],
        told["most"],
        told["damped"],
        told["text"],
        told["typical"],
        told["text_base"],
        told["most_writing"],
    )


def compared(known: Known, new: Profiles, row: int, rows: Array) -> dict[str, Array]:
    """Likenesses of one new account to suspended ones: cosines per kind of mark, rarity shared, hours, habits."""
    marks, weight, norm, gain = known.bag(new, row)
    cosine, shared = np.zeros((len(rows), KINDS), np.float32), np.zeros((len(rows), KINDS), np.float32)
    p = known.profiles
    overlaps(marks, weight, norm, rows, p.starts, p.marks, known.weight, known.norms, gain, cosine, shared)
    found: dict[str, Array] = {name: cosine[:, kind] for name, kind in WRITING.items()}
    found["hours"] = _alike_hours(new.hours[row], p.hours[rows])
    found["habits"] = -np.abs(p.habits[rows] - new.habits[row]).sum(1)
    found["bio"], found["audience"], found["picture"] = cosine[:, BIO], shared[:, AUDIENCE], cosine[:, PICTURE]
    found["bio shared"] = shared[:, BIO]
    found["both"] = (known.norms[rows] > 0) & (norm > 0)
    return found


def _alike_hours(one: Array, many: Array) -> Array:
    """Bhattacharyya coefficient of hours of posting, smoothed over neighbours and towards no habit."""

    def smooth(hours: Array) -> Array:
        wide = hours + 0.5 * (np.roll(hours, 1, -1) + np.roll(hours, -1, -1)) + 0.5
        return np.asarray(np.sqrt(wide / wide.sum(-1, keepdims=True)))

    return smooth(many) @ smooth(one)


def pieces(known: Known, new: Profiles, row: int, rows: Array) -> Array:
    """One row a candidate, one column a piece (PIECES)."""
    w = weights()
    like = compared(known, new, row, rows)
    elsewhere = np.array([known.profiles.platform[r] != new.platform[row] for r in rows], bool)
    found = {
        "handle": _spelt(known.handle_letters, new.handles[row], known.profiles.handles, rows, "handle"),
        "name": np.minimum(
            _spelt(known.name_letters, new.names[row], known.profiles.names, rows, "name"), known.rare_name(rows)
        ),
        "bio": _kept(like["bio"] * like["bio shared"] - 1, like["both"][:, BIO], "bio"),
        # addresses of pictures and ids of people are a platform's own
        "picture": np.where(elsewhere, 0.0, _picture(known, rows, like)),
        "audience": np.where(elsewhere, 0.0, _audience(known, new, row, rows, like)),
        "gap": _gap(known, new, row, rows),
        **_writing(known, new, row, rows, like),
    }
    weighed = np.stack([np.minimum(found[name], w.most[name]) * w.damped[name] for name in PIECES], 1)
    return _held(weighed, w.most_writing)


def _held(weighed: Array, most: float) -> Array:
    """Pieces with those of writing held, together, to what writing alone may weigh."""
    its = [PIECES.index(name) for name in (*TEXT, "writing at all")]
    together = weighed[:, its].sum(1)
    weighed[:, its] *= np.where(together > most, most / np.maximum(together, most), 1.0)[:, None]
    return weighed


def _mixed(log_ratio: Array, share: float) -> Array:
    """Log-ratio where a share of those who return keep a thing and the rest look like anybody."""
    return np.asarray(np.logaddexp(np.log(share) + log_ratio, np.log1p(-share)))


def _spelt(letters: Array, child: Array, parents: Any, rows: Array, which: str) -> Array:
    if not len(child):
        return np.zeros(len(rows))
    w, out = weights(), np.empty(len(rows))
    edited(child, rows, parents.offsets, parents.data, w.costs, out)
    ratio = _mixed(out - by_chance(child, letters), w.kept[which])
    return np.where(out < _NEGLIGIBLE, 0.0, ratio)


def _kept(log_ratio: Array, both: Array, which: str) -> Array:
    return np.where(both, _mixed(log_ratio, weights().kept[which]), 0.0)


def _picture(known: Known, rows: Array, like: dict[str, Array]) -> Array:
    """The same picture, weighed by how few have it; a picture that was changed says little."""
    kept = weights().kept["picture"]
    same = np.logaddexp(np.log(kept) + known.rare_picture(rows), np.log1p(-kept))
    return np.where(like["both"][:, PICTURE], np.where(like["picture"] > 0, same, np.log1p(-kept)), 0.0)


def _audience(known: Known, new: Profiles, row: int, rows: Array, like: dict[str, Array]) -> Array:
    """Rare neighbours in common, against how many could be."""
    size = np.minimum(known.audience_of(new, row), known.audience[rows])
    return np.where(size >= 3, _mixed(like["audience"] - 0.1 * np.minimum(size, 30), weights().kept["audience"]), 0.0)


def _gap(known: Known, new: Profiles, row: int, rows: Array) -> Array:
    """Most come back soon; one that began long before the other ended is seldom its return."""
    first, last = new.first[row], known.profiles.last[rows]
    if first == NEVER:
        return np.zeros(len(rows))
    days = (float(first) - last.astype(float)) / _DAY
    soon = known.days / _SOON * np.exp(-np.maximum(days, 0) / _SOON)
    ratio = np.log(0.3 + 0.7 * np.where(days < -7, 0.05, np.maximum(soon, 0.05)))
    return np.where(last == NEVER, 0.0, ratio)


def _writing(known: Known, new: Profiles, row: int, rows: Array, like: dict[str, Array]) -> dict[str, Array]:
    """How alike both write, against how alike two others do."""
    w = weights()
    enough = (new.posts[row] >= FEWEST_POSTS) & (known.profiles.posts[rows] >= FEWEST_POSTS)
    found = {name: np.where(enough, w.text[name] * (like[name] - w.typical[name]), 0.0) for name in TEXT}
    return {**found, "writing at all": np.where(enough, w.text_base, 0.0)}
