"""Rules and the words of pictures: asked about after the author's own, told apart in the finding."""

from __future__ import annotations

import polars as pl
import pytest

from seawall.records.facts import PICTURES
from seawall.signals.contract import Facts
from seawall.signals.rules import RulesSignal, shipped_rules
from seawall.signals.rules.signal import as_posts

SIGNAL = RulesSignal(*shipped_rules())
CALL = "Loups solitaires, attaquez chez vous"


def _found(own: list[str], pictured: dict[int, list[str | None]]) -> dict[str, str]:
    """What is found about each account, whose one post has its number."""
    given = [(str(post), str(n), text) for post, texts in pictured.items() for n, text in enumerate(texts)]
    rows = [{"platform": "example", "post_id": post, "media_id": n, "text": text} for post, n, text in given]
    pictures = pl.DataFrame(rows, {name: pl.String for name in PICTURES.schema.names if name != "at"})
    found = SIGNAL.find(Facts(as_posts(own).lazy(), pictures=pictures.lazy()))
    return {finding.account_id: finding.because for finding in found}


def test_words_of_a_picture_are_asked_about_and_said_to_be_from_it() -> None:
    found = _found(["look", "look", CALL], {0: [CALL], 1: ["Le grand marché"], 2: [CALL]})
    assert set(found) == {"0", "2"}
    assert "a post matched rule call-to-attack, it only with words read in a picture" in found["0"]
    assert "picture" not in found["2"]  # its own words say it


@pytest.mark.parametrize("nothing", [None, ""])
def test_pictures_without_words_change_nothing(nothing: str | None) -> None:
    assert _found(["look", CALL], {0: [nothing], 1: [nothing]}).keys() == {"1"}


def test_what_the_author_says_counts_with_the_picture_and_silences_it() -> None:
    found = _found(["attaquez chez vous", "La police met en garde contre ceci"], {0: ["loups solitaires"], 1: [CALL]})
    assert set(found) == {"0"}
    assert set(_found(["look"], {0: ["loups solitaires", "attaquez chez vous"]})) == {"0"}  # two pictures of one post
