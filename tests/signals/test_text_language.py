"""Language: the platform's tag where it can be trusted, else as the words tell."""

from __future__ import annotations

import polars as pl
import pytest

from seawall.signals.control import sentences
from seawall.signals.text import language


def _of(*pairs: tuple[str | None, str | None]) -> list[str | None]:
    text, tagged = ([pair[i] for pair in pairs] for i in (0, 1))
    return language(pl.Series("t", text, pl.String), pl.Series("lang", tagged, pl.String)).to_list()


@pytest.mark.parametrize("code", sorted(sentences()))
def test_untagged_sentences_are_told(code: str) -> None:
    corpus = [text for text in sentences()[code] if len(text) >= 40]
    told = _of(*((text, None) for text in corpus))
    assert len(corpus) >= 30
    assert sum(one == code for one in told) >= 0.95 * len(corpus), [one for one in told if one != code]


def test_short_vowels_and_addresses_do_not_mislead() -> None:
    assert _of(
        ("وَالسَّمَاءِ ذَاتِ الْبُرُوجِ وَالْيَوْمِ الْمَوْعُودِ", None),
        ("Bu akşam yağmur yağacakmış @the_weather_channel https://example.org/the-weather-of-this-evening", "und"),
        ("С\x07егодня вечером обещают дождь и ветер", "qme"),
    ) == ["ar", "tr", "ru"]


def test_a_tag_is_trusted_where_it_can_be() -> None:
    assert _of(
        ("Сегодня вечером обещают дождь", "uk"),
        ("ok", "in"),
        ("ok", "ar-EG"),
        ("ok", "zh_Hans"),
        ("ok", "EN"),
    ) == ["uk", "id", "ar", "zh", "en"]


def test_a_tag_is_doubted_where_a_platform_has_no_better_one() -> None:
    """Kazakh and Uzbek come tagged as Russian or Turkish where a platform knows neither."""
    assert _of(
        ("Қазақстанда бүгін кешке жаңбыр жауады деп күтілуде", "ru"),
        ("Bugun kechqurun yomgʻir yogʻadi, uydan chiqmay oʻtiring", "tr"),
        ("Бугун кечқурун ёмғир ёғади, уйдан чиқмай ўтиринг", "ru"),
        ("It is nine o'clock and the tea is cold", "en"),
    ) == ["kk", "uz", "uz", "en"]


def test_what_cannot_be_told_is_null() -> None:
    assert _of((None, None), ("", None), ("1234 ???", "und"), ("https://example.org", "")) == [None] * 4


def test_rows_keep_their_order_and_repeats_are_told_alike() -> None:
    corpus = [sentences()[code][3] for code in ("ru", "ar", "fr", "tr")] * 50
    assert _of(*((text, None) for text in corpus)) == ["ru", "ar", "fr", "tr"] * 50
