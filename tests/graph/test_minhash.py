"""Near-duplicates: the same words with small changes are one group, other words are not."""

from __future__ import annotations

import random

import numpy as np
import polars as pl

from seawall.graph.minhash import alike
from seawall.signals.text.columns import as_bytes


def _texts(draw: random.Random, count: int) -> list[str]:
    return [" ".join("".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(18)) for _ in range(count)]


def _groups(texts: list[str]) -> np.ndarray:
    return alike(*as_bytes(pl.Series(texts)))


def test_small_changes_keep_a_text_in_its_group_and_nobody_else_joins() -> None:
    draw = random.Random(1)
    texts = _texts(draw, 400)
    changed = [text.replace(text.split()[4], "other", 1) for text in texts]
    found = _groups(texts + changed)
    assert np.mean(found[:400] == found[400:]) > 0.9  # one word of eighteen
    assert len(set(found[:400].tolist())) == 400


def test_texts_of_another_half_are_apart() -> None:
    draw = random.Random(2)
    texts, others = _texts(draw, 300), _texts(draw, 300)
    halves = [a[: len(a) // 2] + b[len(b) // 2 :] for a, b in zip(texts, others, strict=True)]
    found = _groups(texts + halves)
    assert np.mean(found[:300] == found[300:]) < 0.02


def test_the_same_text_is_always_one_group_however_short() -> None:
    found = _groups(["", "a", "a", "abc", "abc", ""])
    assert found[1] == found[2] != found[3]
    assert found[3] == found[4]
