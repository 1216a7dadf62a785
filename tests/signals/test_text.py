"""Folding: what a reader takes as one becomes one; what a reader tells apart stays apart."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.signals.text import fold, plain, words


def _fold(text: str) -> str:
    return pl.select(fold(pl.lit(text))).item()


def _plain(text: str) -> str:
    return pl.select(plain(pl.lit(text))).item()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الدَّوْلَة", "الدولة"),
        ("الـــدولة", "الدولة"),
        ("إلى", "الي"),
        ("أحمد", "احمد"),
        ("İSTANBUL", "istanbul"),
        ("ırmak", "irmak"),
        ("ｆｕｌｌ", "full"),
        ("so\u200bft\u00adhy", "softhy"),
        ("Ёлка", "елка"),
        ("٣٤", "34"),
        ("۳۴", "34"),
        ("ﻻ", "لا"),
    ],
)
def test_spellings_that_meet(one: str, other: str) -> None:
    assert _fold(one) == _fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("سلام", "اسلام"), ("каток", "котак"), ("kan", "kân"), ("дом", "dom"), ("resume", "resumé")]
)
def test_words_that_stay_apart(one: str, other: str) -> None:
    assert _fold(one) != _fold(other)


@settings(deadline=None)  # the first call may compile
@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = _fold(text)
    assert _fold(once) == once


@settings(deadline=None)  # the first call may compile
@given(st.text(max_size=60))
def test_words_stand_between_single_spaces(text: str) -> None:
    said = pl.select(words(fold(pl.lit(text)))).item()
    assert said.startswith(" ")
    assert said.endswith(" ")
    assert "  " not in said


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("RT @x: Hello #BigNews https://t.co/a", "hello big news"),
        ("RT @a: RT @b: twice", "twice"),
        ("cut off at the en…", "cut off at the"),
        ("the brother's café 3 times", "the brother cafe times"),
        ("#one_two @who www.example.org", "one two"),
        ("", ""),
    ],
)
def test_plain_words(text: str, bare: str) -> None:
    assert _plain(text) == bare
