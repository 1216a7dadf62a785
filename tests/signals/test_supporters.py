"""The supporters signal: whom it finds and why, and whom it never may."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.records.labels import Label
from seawall.signals.contract import Facts, SignalError
from seawall.signals.identity import identity_words
from seawall.signals.supporters import SupportersSignal
from seawall.signals.supporters.model import fit, prepare
from seawall.signals.supporters.vocabulary import read, shipped, spell
from worlds import MEMBER, OTHERS, START, network, posts

GOLDEN = Path(__file__).parents[1] / "golden"
WORLD, SEEDS = network()


def _find(world: pl.DataFrame, seeds: list[Label] = SEEDS) -> dict[str, object]:
    return {f.handle: f for f in SupportersSignal().find(Facts(world.lazy(), seeds)) if f.handle}


def test_reasons_say_whose_posts_were_spread_and_what_was_written() -> None:
    found = _find(WORLD)["member_0"]
    assert "verified seed" in found.because
    assert "spread 8 posts" in found.because or "spread 7 posts" in found.because or "spread" in found.because
    assert "its own names" in found.because or "names of praise" in found.because
    assert found.because.startswith("of its latest 20 posts")


def test_seeds_are_never_findings() -> None:
    assert not [handle for handle in _find(WORLD) if handle.startswith("seed")]


@pytest.mark.parametrize("role", sorted(OTHERS))
@pytest.mark.parametrize("seed", range(3))
def test_who_touches_the_topic_is_not_found(role: str, seed: int) -> None:
    world, seeds = network(seed)
    assert not [handle for handle in _find(world, seeds) if handle.startswith(role)]


def _touching(kind: str, spread: bool) -> pl.DataFrame:
    """A journalist and a victim whom seeds mention and answer, who answer, quote and mention them day and night."""
    rows = [
        (handle, kind, n, f"@seed_{n % 5} what do you say to the families", f"seed_{n % 5}" if spread else None)
        for handle in ("journalist", "target")
        for n in range(20)
    ]
    rows += [("seed_1", "reply", n, "@target we see you", None) for n in range(20)]
    more = posts(rows).with_columns(post_id=pl.format("t{}", pl.col("post_id")))
    return pl.concat([WORLD, more])


@pytest.mark.parametrize(("kind", "spread"), [("reply", False), ("post", False), ("quote", True)])
def test_replying_mentioning_and_quoting_seeds_never_suffices(kind: str, spread: bool) -> None:
    found = _find(_touching(kind, spread))
    assert "member_3" in found
    assert "journalist" not in found
    assert "target" not in found


def test_a_repost_or_two_of_seeds_by_a_reporter_does_not_suffice() -> None:
    rows = [("reporter_0", "repost", 9000 + n, MEMBER[n], f"seed_{n}") for n in range(2)]
    more = posts(rows).with_columns(post_id=pl.format("r{}", pl.col("post_id")))
    assert "reporter_0" not in _find(pl.concat([WORLD, more]))


def test_spreading_many_posts_of_seeds_suffices_whatever_the_words() -> None:
    rows = [("spreader", "repost", 9000 + n, f"neutral words {n}", f"seed_{n % 5}") for n in range(20)]
    more = posts(rows).with_columns(post_id=pl.format("s{}", pl.col("post_id")))
    found = _find(pl.concat([WORLD, more]))["spreader"]
    assert "spread 20 posts of 5 verified seeds" in found.because
    assert found.because.endswith(f"; the latest {len(found.seen)} of them are listed")


def test_words_learned_from_seeds_alone_are_topic_only() -> None:
    """A word that all seeds write, in no list: who writes it a lot, and nothing else, is not found."""
    marked = WORLD.with_columns(
        text=pl.when(pl.col("handle").str.starts_with("seed")).then(pl.col("text") + " zanzibarish").otherwise("text")
    )
    rows = [("topical", "post", 9000 + n, "zanzibarish zanzibarish news", None) for n in range(20)]
    more = posts(rows).with_columns(post_id=pl.format("z{}", pl.col("post_id")))
    signal = SupportersSignal()
    found = {f.handle for f in signal.find(Facts(pl.concat([marked, more]).lazy(), SEEDS))}
    assert "member_0" in found
    assert "topical" not in found
    assert signal.topic_only == 1
    list(signal.find(Facts(marked.lazy(), SEEDS)))
    assert signal.topic_only == 0


def test_the_same_handle_on_another_platform_is_somebody_else() -> None:
    rows = [("elsewhere", "repost", 9000 + n, f"cooking soup number {n}", f"seed_{n % 5}") for n in range(20)]
    more = posts(rows).with_columns(
        platform=pl.lit("vk"), post_id=pl.format("v{}", "post_id"), of_account_id=pl.lit(None, pl.String)
    )
    assert "elsewhere" not in _find(pl.concat([WORLD, more]))


def test_a_link_that_somebody_shared_as_early_as_the_seeds_is_not_theirs() -> None:
    """Shared in the same second: whose it is cannot be told, in whatever order the posts come."""
    link = pl.lit(["https://a.example/v"], pl.List(pl.String))
    rows = [
        ("seed_0", "post", 5000, "x", None),
        ("seed_1", "post", 5001, "x", None),
        ("other", "post", 5000, "x", None),
    ]
    rows += [("sharer", "post", 9000 + n, f"soup {n}", None) for n in range(20)]
    early = pl.when(pl.col("handle").is_in(["seed_0", "other"])).then(START).otherwise("at")
    tied = posts(rows).with_columns(post_id=pl.format("l{}", "post_id"), links=link, at=early)
    alone = tied.filter(pl.col("handle") != "other")
    assert "sharer" not in _find(pl.concat([WORLD, tied]))
    assert "sharer" not in _find(pl.concat([WORLD, tied.reverse()]))
    assert "shared links that seeds brought" in _find(pl.concat([WORLD, alone]))["sharer"].because


@pytest.mark.parametrize(("kind", "listed"), [("post", True), ("repost", True), ("quote", False), ("reply", False)])
def test_links_that_seeds_brought_count_where_they_are_spread_not_answered(kind: str, listed: bool) -> None:
    link = pl.lit(["https://a.example/v"], pl.List(pl.String))
    rows = [("seed_0", "post", 5000, "x", None), ("seed_1", "post", 5001, "x", None)]
    rows += [("critic", kind, 9000 + n, f"read what it leaves out, {n}", None) for n in range(20)]
    more = posts(rows).with_columns(post_id=pl.format("c{}", "post_id"), links=link)
    assert ("critic" in _find(pl.concat([WORLD, more]))) is listed


def test_a_link_in_words_of_distance_is_not_spread() -> None:
    """Asked only of posts that hold a link of the seeds', and only where words of distance are known."""
    link = pl.lit(["https://a.example/v"], pl.List(pl.String))
    rows = [("seed_0", "post", 5000, "x", None), ("seed_1", "post", 5001, "x", None)]
    rows += [("hunter", "post", 9000 + n, f"please report them, {n}", None) for n in range(20)]
    rows += [("sharer", "post", 9000 + n, f"look at this, {n}", None) for n in range(20)]
    more = posts(rows).with_columns(post_id=pl.format("h{}", "post_id"), links=link)
    facts = Facts(pl.concat([WORLD, more]).lazy(), SEEDS)
    asked: list[int] = []

    def distant(shown: pl.DataFrame) -> pl.Series:
        asked.append(shown.height)
        return shown["text"].str.contains("report them")

    found = {f.handle for f in SupportersSignal(distant).find(facts)}
    assert "sharer" in found
    assert "hunter" not in found
    assert asked == [40]
    assert {"sharer", "hunter"} <= {f.handle for f in SupportersSignal().find(facts)}


def test_few_posts_are_no_evidence() -> None:
    rows = [("newcomer", "post", 9000 + n, MEMBER[n], None) for n in range(4)]
    more = posts(rows).with_columns(post_id=pl.format("n{}", pl.col("post_id")))
    assert "newcomer" not in _find(pl.concat([WORLD, more]))


def test_fewer_than_three_seeds_in_the_lake_is_said_not_hidden() -> None:
    with pytest.raises(SignalError, match="at least 3 verified seeds"):
        list(SupportersSignal().find(Facts(WORLD.lazy(), SEEDS[:2])))
    with pytest.raises(SignalError, match="has 0"):
        list(SupportersSignal().find(Facts.none()))


def test_withdrawn_seeds_teach_nothing() -> None:
    gone = [Label(s.platform, s.account, s.label, s.ground, s.at, s.by, s.at) for s in SEEDS]
    with pytest.raises(SignalError, match="has 0"):
        list(SupportersSignal().find(Facts(WORLD.lazy(), gone)))


def test_seeds_may_be_named_by_id_or_handle_in_any_case() -> None:
    accounts = ["SEED_0", "id-seed_1", "Seed_2", "seed_3", "ID-seed_4"]
    named = [Label("x", account, "supporter", "test", SEEDS[0].at, "test") for account in accounts]
    assert set(_find(WORLD, named)) == set(_find(WORLD))


# Identity ------------------------------------------------------------------------------------------------------


def _pairs() -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in (GOLDEN / "identity_swaps.txt").read_text("utf-8").splitlines()]
    return [(row[0], row[1]) for row in rows if len(row) == 3]


def _features(texts: list[str]) -> list[frozenset[str]]:
    names, matrix, _ = read(pl.Series(texts), shipped())
    return [frozenset(names[j] for j in matrix[i].indices) for i in range(matrix.shape[0])]


@pytest.mark.parametrize(
    "sentence", ["they said {} things about us again", "{}", "the mujahideen and {} of baqiyah", "#{} now"]
)
def test_swapping_identity_words_changes_no_feature(sentence: str) -> None:
    pairs = _pairs()
    assert len(pairs) > 150
    first = _features([sentence.format(a) for a, _ in pairs])
    second = _features([sentence.format(b) for _, b in pairs])
    changed = [pair for pair, a, b in zip(pairs, first, second, strict=True) if a != b]
    assert changed == []


def _accounts_naming(words: list[str]) -> pl.DataFrame:
    """Accounts of every kind, each post with an identity word at its end."""
    texts = [*MEMBER, *(text for said in OTHERS.values() for text in said)]
    rows = [
        (f"account_{i}", "post", n, f"{text} {words[(i + n) % len(words)]}", None)
        for i, text in enumerate(texts)
        for n in range(20)
    ]
    return posts(rows).with_columns(post_id=pl.format("i{}", "post_id"))


def test_swapping_identity_words_moves_no_account_over_the_line() -> None:
    words = ["muslims", "christians", "syrian", "russian", "turks", "jews", "french", "arabs"]
    before, after = (_find(pl.concat([WORLD, _accounts_naming(w)])) for w in (words, words[3:] + words[:3]))
    assert len(before) > 10
    assert {handle: f.score for handle, f in before.items()} == {handle: f.score for handle, f in after.items()}


def test_an_account_of_identity_words_alone_says_nothing() -> None:
    assert set(_features(["muslim christian jew syrian french russian arab turk"])) == {frozenset()}


def test_no_lexicon_term_is_an_identity_word() -> None:
    vocabulary = shipped()
    identity = {words[0] for words in spell(list(identity_words())) if len(words) == 1}
    terms = {term for concept in vocabulary.concepts for term in concept.terms}
    whole = [words[0] for words in spell([term for term in terms if not term.endswith("*")]) if len(words) == 1]
    said = [word for word in whole if word in identity and vocabulary.meaning(word)]
    assert said == []


def test_a_phrase_with_an_identity_word_in_it_says_nothing() -> None:
    vocabulary = shipped()
    identity = {words[0] for words in spell(list(identity_words())) if len(words) == 1}
    phrases = [" ".join(words) for words, _, _ in vocabulary.lexicon.phrases if set(words) & identity]
    assert phrases
    names, matrix, _ = read(pl.Series(phrases), vocabulary)
    said = {names[j] for j in matrix.indices if names[j].startswith("@")}
    alone = {f for words in phrases for f in _features([w for w in words.split() if w not in identity]) for f in f}
    assert said <= alone


# The model -----------------------------------------------------------------------------------------------------


def test_concepts_have_a_sign_a_title_and_terms() -> None:
    for concept in shipped().concepts:
        assert concept.sign != 0
        assert concept.title
        assert concept.terms


def test_the_text_of_an_account_scores_the_same_whatever_export_it_came_in() -> None:
    plain = ["The mujahideen took the hill", "New account, suspended again akhi", "Reporters say nothing"]
    dressed = [
        "RT @someone: The MUJAHIDEEN took the hill https://t.co/abc",
        "New account, suspended again akhi @friend http://example.org/x 🙂",
        "“Reporters say nothing” https://t.co/x",
    ]
    assert _features(plain) == _features(dressed)


def test_how_much_an_account_posts_does_not_change_its_score() -> None:
    seeds = prepare([MEMBER * 5 for _ in range(4)])
    background = prepare([OTHERS["neighbour"] * 6 for _ in range(10)])
    model = fit(seeds, background)
    accounts = prepare([MEMBER * 4, OTHERS["neighbour"] * 20 + MEMBER * 4, OTHERS["reporter"] * 5])
    scores = model.scores(accounts, 20)
    assert scores[0] == pytest.approx(scores[1])
    assert scores[0] > 0.5 > scores[2]


@settings(max_examples=30)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_any_text_can_be_read(texts: list[str]) -> None:
    prepared = prepare([texts])
    assert prepared.matrix.shape[0] == len(texts)


def test_no_text_at_all_can_be_read() -> None:
    assert prepare([[]]).matrix.shape[0] == 0
    assert prepare([["", " "]]).matrix.sum() == 0
