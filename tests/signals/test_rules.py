"""Rules and lists: shipped ones do what they say, nobody innocent is touched, people's own are checked."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makers import lines, repost, tweet, write
from seawall.records.terms import Conduct
from seawall.signals.contract import Facts
from seawall.signals.control import sentences
from seawall.signals.identity import identity_words
from seawall.signals.rules import NamedList, RuleError, RulesSignal, read_lists, read_rules, shipped_rules
from seawall.signals.rules.lists import SHIPPED_LISTS
from seawall.signals.rules.matcher import Matcher
from seawall.signals.rules.signal import as_posts, checked
from seawall.signals.text import fold
from worlds import posts

RULES, LISTS = shipped_rules()
SIGNAL = RulesSignal(RULES, LISTS)
GOLDEN = Path(__file__).parents[1] / "golden"


def _fired(texts: list[str]) -> list[tuple[str, str]]:
    matched = SIGNAL.match(as_posts(texts))
    return [(row["rule"], texts[int(row["post_id"])]) for row in matched.iter_rows(named=True)]


@pytest.mark.parametrize(
    "text", ["وقال الناطق", "فقالت الوزارة", "وأفادت المصادر", "بحسب الصحيفة", "للمحكمة", "والتنظيم"]
)
def test_who_reports_in_arabic_is_heard_whatever_the_word_is_joined_to(text: str) -> None:
    assert Matcher([LISTS["distance"]]).hits(pl.Series([text]), _no_links(1)).count("distance", 1)[0] >= 1


def test_an_urdu_word_for_tomorrow_is_not_the_arabic_one_for_all() -> None:
    matcher = Matcher([LISTS["threat_when"]])
    assert matcher.hits(pl.Series(["كل الناس", "کل صبح"]), _no_links(2)).count("threat_when", 2).tolist() == [0, 1]


def _no_links(count: int) -> pl.Series:
    return pl.Series([[]] * count, dtype=pl.List(pl.String))


LANGUAGES = ("en", "ar", "ru", "tr", "fr", "uz", "kk", "fa", "ur", "id")


@pytest.mark.parametrize("name", sorted(name for name in LISTS if name != "drop_sites"))
def test_every_list_speaks_the_missions_languages(name: str) -> None:
    text = (SHIPPED_LISTS / f"{name}.txt").read_text("utf-8")
    parts = dict(part.split("\n", 1) for part in text.split("# lang: ")[1:])
    assert set(parts) >= set(LANGUAGES)
    assert any("ў" in entry or "қ" in entry or "ҳ" in entry or "и" in entry for entry in parts["uz"].splitlines())
    assert any("a" in entry for entry in parts["uz"].splitlines())


def test_an_announced_act_needs_a_target_and_a_time() -> None:
    act, target, time = "we will bomb", "the embassy", "tomorrow"
    whole = f"{act} {target} {time}"
    said = [
        whole,
        f"{act} {target}",
        f"{act} {time}",
        f"{target} {time}",
        act,
        f"the police say {whole}",
        f"lol {whole}",
    ]
    assert [text for rule, text in _fired(said) if rule == "specific-threat"] == [whole]


def test_every_conduct_has_rules_and_there_are_a_dozen() -> None:
    assert {rule.conduct for rule in RULES} == set(Conduct)
    assert len(RULES) >= 12


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_example_does_what_its_author_says(rule) -> None:
    assert len(rule.matches) >= 4
    assert len(rule.silent) >= 6
    signal = RulesSignal([rule], LISTS)
    assert signal.failing_examples() == []
    assert len(rule.why) > 40


@pytest.mark.parametrize("language", sorted(sentences()))
def test_no_rule_fires_on_the_control_corpus(language: str) -> None:
    corpus = list(sentences()[language])
    assert len(corpus) >= (250 if language in ("en", "ar", "ru", "tr", "fr") else 60)
    assert _fired(corpus) == []


def _swaps(language: str) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in (GOLDEN / "identity_swaps.txt").read_text("utf-8").splitlines()]
    return [(a, b) for a, b, its in (row for row in rows if len(row) == 3) if its == language]


def _swapped(text: str, pairs: list[tuple[str, str]]) -> list[str]:
    padded = f" {text.casefold()} "
    return [padded.replace(f" {a} ", f" {b} ").strip() for a, b in pairs if f" {a} " in padded]


@pytest.mark.parametrize("language", ["en", "ar", "ru", "tr", "fr"])
def test_swapping_identity_words_makes_no_rule_fire(language: str) -> None:
    """In the control corpus, and in sentences that say who does something."""
    pairs = _swaps(language)
    assert len(pairs) >= 10
    both = pairs + [(b, a) for a, b in pairs]
    corpus = [swapped for text in sentences()[language] for swapped in _swapped(text, both)]
    corpus += [word for pair in pairs for word in pair]
    assert len(corpus) > 20
    assert _fired(corpus) == []


def test_an_identity_word_beside_a_silent_example_makes_its_rule_say_nothing() -> None:
    words = {word for language in ("en", "ar", "ru", "tr", "fr") for pair in _swaps(language) for word in pair}
    silent = [
        (rule.id, beside)
        for rule in RULES
        for text in rule.silent
        for word in words
        for beside in (f"{word} {text}", f"{text} {word}")
    ]
    assert len(silent) > 10_000
    assert set(_fired([text for _, text in silent])).isdisjoint(silent)


def test_lists_name_no_identity_but_in_names_of_organisations() -> None:
    """Words of faith or nation stand only inside a listed organisation's name."""
    names = ("islamic state", "islam devlet", "état islamique", "etat islamique", "l état islamique", "islomiyah",
             "исламск", "الدوله الاسلاميه", "الدولة الإسلامية", "daulah islam", "dawlat al islam", "dar al islam",
             "islom davlat", "dawlatul islam", "إسلام", "ислом давлат", "ислам мемлекет", "دولت اسلامي",
             "دولت اسلاميه")  # fmt: skip
    plain = pl.Series(list(identity_words())).to_frame("w").select(fold(pl.col("w"))).to_series()
    identity = set(plain.to_list())
    other_senses = {"western", "roman", "akan", "العربيه", "خوارج", "الخوارج", "faithful"}
    # brother in Urdu, from in Indonesian, today in French, the year in Arabic, languages of a translation
    other_senses |= {"بهايي", "dari", "hui", "السنه", "فارسي", "اردو"}
    for item in LISTS.values():
        folded = pl.Series(list(item.entries)).to_frame("w").select(fold(pl.col("w"))).to_series()
        for entry in folded:
            found = {word for word in entry.split() if word in identity} - other_senses
            if found and not any(name in entry for name in names) and item.name != "distance":
                assert found <= {"المسلمين"}, (item.name, entry)


@settings(max_examples=25)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=20))
def test_no_text_throws(texts: list[str]) -> None:
    assert isinstance(_fired(texts), list)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we saw the red lantern today", 1),
        ("we saw the RED  Lantern", 1),
        ("red\u200b lan\u200dtern!", 1),
        ("#RedLantern", 1),
        ("#red_lantern", 1),
        ("red, lantern", 1),
        ("ｒｅｄ lantern", 1),
        ("red lanterns", 0),
        ("bored lantern", 0),
        ("infrared lantern", 0),
        ("red and lantern", 0),
        ("https://example.org/red-lantern", 0),
        ("red lantern red lantern", 1),
        ("red lantern and مصباح أحمر", 2),
        ("مِصْبَاحٌ أَحْمَر", 1),
        ("", 0),
    ],
)
def test_phrases_match_whole_words_however_spelled(text: str, expected: int) -> None:
    matcher = Matcher([NamedList("l", "phrases", "t", ("red lantern", "مصباح أحمر"))])
    assert matcher.hits(pl.Series([text]), pl.Series([[]], dtype=pl.List(pl.String))).count("l", 1).tolist() == [
        expected
    ]


@pytest.mark.parametrize(
    ("text", "links", "expected"),
    [
        ("see drop.example/x", [], 1),
        ("", ["https://drop.example/y"], 1),
        ("", ["http://DROP.example:8080/?a=1"], 1),
        ("files at sub.drop.example now", [], 1),
        ("notdrop.example", [], 0),
        ("drop.example.org/x", [], 0),
        ("https://drop.example.safe.org/x", [], 0),
        ("https://safe.org/drop.example", [], 0),
        ("https://safe.org/drop/example", [], 0),
        ("drop, example", [], 0),
        ("#dropexample", [], 0),
        ("https://files.example/pub/1", [], 1),
        ("https://files.example/PUB/1", [], 0),
        ("files.example", [], 0),
        ("drop.example and https://files.example/pub", ["https://drop.example/"], 2),
        ("plain", ["https://other.example/"], 0),
        ("", [], 0),
    ],
)
def test_domains_match_whole_hosts_in_links_and_text(text: str, links: list[str], expected: int) -> None:
    matcher = Matcher([NamedList("d", "domains", "t", ("drop.example", "files.example/pub"))])
    hits = matcher.hits(pl.Series([text]), pl.Series([links], dtype=pl.List(pl.String))).count("d", 1).tolist()
    assert hits == [expected]


def test_hits_land_on_the_right_posts_of_a_batch() -> None:
    matcher = Matcher([NamedList("l", "phrases", "t", ("marker",))])
    texts = [("é" * (n % 7)) + (" marker" if n % 3 == 0 else " other") for n in range(500)]
    hits = matcher.hits(pl.Series(texts), pl.Series([[]] * 500, dtype=pl.List(pl.String))).count("l", 500).tolist()
    assert hits == [int(n % 3 == 0) for n in range(500)]


def test_a_finding_needs_as_many_posts_as_the_rule_says() -> None:
    text = "#AmaqAgency: two vehicles destroyed near the hill"  # rule outlet-claims: two posts
    once = posts([("a", "post", 1, text, None)])
    twice = posts([("a", "post", 1, text, None), ("a", "post", 2, text, None)])
    assert list(SIGNAL.find(Facts(once.lazy()))) == []
    (finding,) = SIGNAL.find(Facts(twice.lazy()))
    assert (finding.signal, finding.above_line, len(finding.seen)) == ("rules.outlet-claims", True, 2)
    assert "2 posts matched" in finding.because
    assert "listed" not in finding.because


def test_a_reason_that_counts_more_posts_than_it_lists_says_so() -> None:
    text = "#AmaqAgency: two vehicles destroyed near the hill"
    (finding,) = SIGNAL.find(Facts(posts([("a", "post", n, text, None) for n in range(21)]).lazy()))
    assert len(finding.seen) == 20
    assert "21 posts matched rule outlet-claims; the latest 20 are listed" in finding.because
    (finding,) = SIGNAL.find(Facts(posts([("a", "post", n, text, None) for n in range(20)]).lazy()))
    assert "listed" not in finding.because


def test_more_matches_raise_the_score() -> None:
    text = "#AmaqAgency: two vehicles destroyed near the hill"
    scores = [
        next(iter(SIGNAL.find(Facts(posts([("a", "post", i, text, None) for i in range(n)]).lazy())))).score
        for n in (2, 4, 8)
    ]
    assert scores == sorted(set(scores))


def test_a_threat_by_repost_is_not_the_reposters_threat() -> None:
    text = "We will bomb the embassy"
    assert [f.signal for f in SIGNAL.find(Facts(posts([("a", "post", 1, text, None)]).lazy()))] == [
        "rules.direct-threat"
    ]
    assert list(SIGNAL.find(Facts(posts([("a", "repost", 1, text, "b")]).lazy()))) == []


RULE = """
id = "own"
version = 1
conduct = "propaganda"
title = "Says the marker"
author = "me"
why = "a marker stands for a slogan of our platform"
languages = ["en"]
where = "hits('marker') >= 1"
posts = 1
weight = 0.7
matches = ["the marker shines"]
silent = ["nothing here"]
"""


@pytest.fixture
def own(seawall):
    """Writes people's own rule and list into the home."""

    def write_own(rule: str = RULE, name: str = "own", phrases: str = "# kind: phrases\nmarker\n") -> None:
        (seawall.home / "rules" / f"{name}.toml").write_text(rule, "utf-8")
        (seawall.home / "lists" / "marker.txt").write_text(phrases, "utf-8")

    return write_own


def test_peoples_own_rules_run_beside_the_shipped_ones(seawall, own, tmp_path) -> None:
    own()
    original = tweet(1, author=5, text="the marker shines")
    seawall.ok("load", "x", write(tmp_path / "a.jsonl", lines([original, repost(2, 6, original), tweet(3, 7, "none")])))
    ran = seawall.ok("scan")
    assert "supporters" in ran.err  # it says that it did not run, and why
    found = seawall.ok("findings", "--json", "--signal", "rules").json_lines()
    assert [(a["account_id"], a["handle"], a["findings"][0]["signal"]) for a in found] == [
        ("5", "account5", "rules.own"),
        ("6", "account6", "rules.own"),
    ]
    assert set(found[0]) == {"platform", "account_id", "handle", "findings"}
    assert set(found[0]["findings"][0]) == {"signal", "version", "score", "because", "seen"}
    assert seawall.ok("findings", "--json", "--limit", "1").json_lines() == found[:1]
    assert seawall.ok("findings", "--json", "--signal", "supporters").out == ""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('conduct = "propaganda"', 'conduct = "religion"', "A conduct is one of"),
        ("hits('marker') >= 1", "lang = 'ar'", "none of its lists touches"),
        ("hits('marker') >= 1", "hits('marker') >= 2", "must match and does not"),
        ('"nothing here"', '"a marker here"', "must not match and does"),
        ("posts = 1", "posts = 0", "$.posts"),
        ("weight = 0.7", "weight = 1.5", "$.weight"),
        ('title = "Says the marker"', "", "missing required field `title`"),
        ("version = 1", "version = 1\nregion = 3", "unknown field `region`"),
        ('id = "own"', 'id = "other"', "name the file other.toml"),
        ('matches = ["the marker shines"]', "matches = []", "$.matches"),
        ('id = "own"', "id = ", "own.toml"),
        ("weight = 0.7", 'weight = "heavy"', "$.weight"),
        ("where = \"hits('marker') >= 1\"", "where = 5", "$.where"),
        ("posts = 1", "posts = true", "$.posts"),
        ('silent = ["nothing here"]', 'silent = "nothing"', "$.silent"),
    ],
)
def test_a_rule_that_may_not_go_live_stops_the_scan_with_its_reason(
    seawall, own, old: str, new: str, reason: str
) -> None:
    own(RULE.replace(old, new))
    assert reason in seawall.fails("scan")


def test_a_rule_that_fires_on_the_control_corpus_is_refused(seawall, own) -> None:
    sentence = next(iter(sentences()["en"])).rstrip(".")
    own(RULE.replace("the marker shines", sentence), phrases=f"# kind: phrases\n{sentence}\n")
    assert "control corpus" in seawall.fails("scan")


@pytest.mark.parametrize("more", ["AND lang = 'en'", "AND (lang = 'en' OR likes > 5)", "AND kind = 'repost'"])
def test_a_condition_that_the_corpus_lacks_is_no_way_round_it(seawall, own, more: str) -> None:
    sentence = next(iter(sentences()["en"])).rstrip(".")
    rule = RULE.replace("hits('marker') >= 1", f"hits('marker') >= 2 OR (hits('marker') >= 1 {more})")
    own(
        rule.replace("the marker shines", "the marker shines, two marker words"),
        phrases=f"# kind: phrases\nmarker\n{sentence}\ntwo marker words\n",
    )
    assert "control corpus" in seawall.fails("scan")


@pytest.mark.parametrize(
    ("phrases", "reason"),
    [
        ("marker\n", "needs a line '# kind: phrases'"),
        ("# kind: regex\nmarker\n", "needs a line"),
        ("# kind: phrases\n", "has no entries"),
        ("# kind: phrases\n!!!\n", "has no letter or digit"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(seawall, own, phrases: str, reason: str) -> None:
    own(phrases=phrases)
    assert reason in seawall.fails("scan")


def test_lists_are_named_plainly_and_are_text(tmp_path) -> None:
    (tmp_path / "Marker.txt").write_text("# kind: phrases\nmarker\n")
    with pytest.raises(RuleError, match="lower-case"):
        read_lists(tmp_path)
    (tmp_path / "Marker.txt").rename(tmp_path / "marker.txt")
    (tmp_path / "marker.txt").write_bytes(b"# kind: phrases\n\xff\xfe\n")
    with pytest.raises(RuleError, match="UTF-8"):
        read_lists(tmp_path)


def test_a_later_folder_replaces_a_rule_of_the_same_id(tmp_path) -> None:
    for folder, title in (("a", "first"), ("b", "second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own.toml").write_text(RULE.replace("Says the marker", title))
    (tmp_path / "marker.txt").write_text("# kind: phrases\nmarker\n")
    rules = read_rules(read_lists(tmp_path), tmp_path / "a", tmp_path / "b")
    assert [rule.title for rule in rules] == ["second"]


def test_no_rules_find_nothing() -> None:
    assert list(RulesSignal([], {}).find(Facts(posts([("a", "post", 1, "x", None)]).lazy()))) == []


def test_checked_names_the_failing_rule(tmp_path) -> None:
    (tmp_path / "marker.txt").write_text("# kind: phrases\nmarker\n")
    (tmp_path / "own.toml").write_text(RULE.replace('"the marker shines"', '"nothing"'))
    lists = read_lists(tmp_path)
    with pytest.raises(RuleError, match="rule own"):
        checked(read_rules(lists, tmp_path), lists)
