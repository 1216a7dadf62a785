"""Rules and the words of pictures: asked about after the author's own, told apart in the finding."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from seawall.records.facts import PICTURES
from seawall.records.terms import Conduct
from seawall.signals.contract import Facts
from seawall.signals.rules import NamedList, Rule, RuleError, RulesSignal, read_lists, shipped_rules
from seawall.signals.rules.grammar import parse
from seawall.signals.rules.matcher import Matcher
from seawall.signals.rules.signal import as_posts, checked

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
    assert "a post matched rule call-to-attack, it only with what its pictures show" in found["0"]
    assert "picture" not in found["2"]  # its own words say it


@pytest.mark.parametrize("nothing", [None, ""])
def test_pictures_without_words_change_nothing(nothing: str | None) -> None:
    assert _found(["look", CALL], {0: [nothing], 1: [nothing]}).keys() == {"1"}


def test_what_the_author_says_counts_with_the_picture_and_silences_it() -> None:
    found = _found(["attaquez chez vous", "La police met en garde contre ceci"], {0: ["loups solitaires"], 1: [CALL]})
    assert set(found) == {"0"}
    assert set(_found(["look"], {0: ["loups solitaires", "attaquez chez vous"]})) == {"0"}  # two pictures of one post


HASH = "0123456789abcdef" * 4
KNOWN = NamedList("posters", "hashes", "posters", (HASH.upper(), "f" * 64))


def _rule(where: str, *, matches: tuple[str, ...]) -> Rule:
    tree = parse("known-posters", where, {"posters"})
    return Rule(
        "known-posters", 1, Conduct.PROPAGANDA, "posters", "w", "", ("en",), where, 1, 0.9, matches, ("look",), tree
    )


def test_the_same_picture_is_found_by_its_hash_and_by_nothing_else() -> None:
    rule = _rule("hits('posters') >= 1", matches=(f"see sha256:{HASH}",))
    signal = checked([rule], {"posters": KNOWN})
    shown = {0: HASH, 1: "e" * 64, 2: None, 3: HASH}
    rows = [
        {"platform": "example", "post_id": str(post), "media_id": "m", "text": None, "picture": picture}
        for post, picture in shown.items()
    ]
    pictures = pl.DataFrame(rows, {name: pl.String for name in PICTURES.schema.names if name != "at"})
    texts = ["look", "look", "look", "", f"a bulletin names {HASH}"]
    found = {f.account_id: f.because for f in signal.find(Facts(as_posts(texts).lazy(), pictures=pictures.lazy()))}
    assert found.keys() == {"0", "3"}
    assert "it only with what its pictures show" in found["0"]


def test_an_example_of_a_picture_must_be_the_listed_one() -> None:
    with pytest.raises(RuleError, match="must match and does not"):
        checked([_rule("hits('posters') >= 1", matches=(f"see sha256:{'e' * 64}",))], {"posters": KNOWN})


def test_a_picture_counts_once_however_many_lists_and_posts_hold_it() -> None:
    matcher = Matcher([KNOWN, NamedList("more", "hashes", "more", (HASH,)), NamedList("l", "phrases", "l", ("look",))])
    files = pl.Series([[HASH, HASH], ["f" * 64, HASH], None, []], dtype=pl.List(pl.String))
    text, links = pl.Series(["look", "", "look", ""]), pl.Series([[]] * 4, dtype=pl.List(pl.String))
    hits = matcher.hits(text, links, files)
    counts = {name: hits.count(name, 4).tolist() for name in ("posters", "more", "l")}
    assert counts == {"posters": [1, 2, 0, 0], "more": [1, 1, 0, 0], "l": [1, 0, 1, 0]}
    assert set(matcher.entries(text, links, files)) >= {(1, "posters", "f" * 64), (1, "more", HASH), (0, "l", "look")}


@pytest.mark.parametrize("entry", ["0" * 63, "0" * 65, "g" * 64, "a phrase"])
def test_what_is_no_hash_is_refused(tmp_path: Path, entry: str) -> None:
    (tmp_path / "posters.txt").write_text(f"# kind: hashes\n{HASH}\n{entry}\n")
    with pytest.raises(RuleError, match="is no SHA-256"):
        read_lists(tmp_path)
