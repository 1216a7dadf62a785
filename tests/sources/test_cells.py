"""Cells out of what platforms write: moments, counts, links, hashtags, mentions; and fields nobody knows."""

from __future__ import annotations

import pytest

from seawall.sources.cells import CellError, count, epoch, hashtags_in, iso, links_in, mentions_in
from seawall.sources.fields import Fields


@pytest.mark.parametrize("text", ["2016-03-01T12:00:00Z", "2016-03-01T14:00:00+02:00", "2016-03-01 12:00:00"])
def test_moments_are_utc(text: str) -> None:
    assert iso(text).isoformat() == "2016-03-01T12:00:00+00:00"


def test_moments_since_1970() -> None:
    assert epoch(1456833600) == epoch(1456833600000, 1000) == epoch(1456833600000000, 1_000_000) == iso("2016-03-01T12")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2016-13-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "1789-07-14"]
)
def test_what_is_no_moment_is_unfit(text: str) -> None:
    with pytest.raises(CellError):
        iso(text)


@pytest.mark.parametrize("seconds", [1e300, -1e12, float("nan"), float("inf"), 10**30])
def test_no_number_of_seconds_breaks_it(seconds: float) -> None:
    with pytest.raises(CellError):
        epoch(seconds)


@pytest.mark.parametrize(
    ("given", "found"), [(3, 3), ("12", 12), (None, None), ("", None), (True, None), (2**70, None), ("x", None)]
)
def test_counts(given: object, found: int | None) -> None:
    assert count(given) == found


def test_links() -> None:
    text = "see https://a.example/x?y=1, (http://b.example/z) https://a.example/x?y=1. https:// and «https://c.example»"
    assert links_in(text) == ["https://a.example/x?y=1", "http://b.example/z", "https://c.example"]


def test_hashtags() -> None:
    text = "#one #الدولة_x &#39; a#b #12 #1a https://x.example/#frag ＃wide #one #қазақ"
    assert hashtags_in(text) == ["one", "الدولة_x", "1a", "wide", "қазақ"]


def test_mentions() -> None:
    assert mentions_in("@one, mail me@home.example @two.three. @four@social.example") == [
        "one",
        "two.three",
        "four@social.example",
    ]


def test_unknown_fields_are_named_once_and_known_ones_never() -> None:
    fields = Fields("video", "id snippet.title snippet.tags", "etag thumbnails.*")
    known = {"id": 1, "etag": "x", "snippet": {"title": "t", "tags": ["a"]}, "thumbnails": {"any": {"thing": 1}}}
    assert fields.unknown(known) == []
    new = {"id": 1, "mood": 2, "snippet": {"title": "t", "tone": 3}}
    assert fields.unknown(new) == ["video.mood", "video.snippet.tone"]
    assert fields.unknown([new, new]) == ["video.mood", "video.snippet.tone"]
    assert fields.unknown("text") == []
