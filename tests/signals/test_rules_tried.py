"""Writing a rule: its own words, a predicate put together from conditions, and what it does with its examples."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from seawall.signals.control import sentences
from seawall.signals.rules import RuleError, shipped_rules
from seawall.signals.rules.conditions import Condition, composed, conditions_of
from seawall.signals.rules.files import parse_rule
from seawall.signals.rules.lists import NamedList
from seawall.signals.rules.signal import RulesSignal, as_posts, checked
from seawall.signals.rules.tried import Hit, try_rule

TEXT = """
id = "{name}"
version = 1
conduct = "propaganda"
title = "Says the marker"
author = "me"
why = "a slogan"
languages = ["en"]
where = "{where}"
posts = 1
weight = 0.7
matches = ["the Marker shines", "nothing of it"]
silent = ["police say the marker shines", "a quiet day"]
words = {words}
"""
DISTANCE = {"distance": NamedList("distance", "phrases", "Words that keep distance", ("police",))}


def rule(where: str = "hits('words') >= 1", name: str = "own", words: str = '["marker"]', lists: Any = DISTANCE) -> Any:
    return parse_rule(TEXT.format(where=where, name=name, words=words), lists)


def test_a_rules_own_words_are_its_alone() -> None:
    two = [rule(), rule(name="other", words='["beacon"]')]
    matched = RulesSignal(two, DISTANCE).match(as_posts(["a marker", "a beacon", "both marker and beacon"]))
    assert sorted(zip(matched["rule"], matched["post_id"], strict=True)) == [
        ("other", "1"), ("other", "2"), ("own", "0"), ("own", "2"),
    ]  # fmt: skip


def test_own_words_stand_before_a_list_that_is_called_so() -> None:
    lists = {"words": NamedList("words", "phrases", "w", ("beacon",))}
    posts = as_posts(["a marker", "a beacon"])
    assert RulesSignal([rule(lists=lists)], lists).match(posts)["post_id"].to_list() == ["0"]
    assert RulesSignal([rule(words="[]", lists=lists)], lists).match(posts)["post_id"].to_list() == ["1"]


def test_words_that_nothing_could_hold_and_words_that_are_not_there_are_refused() -> None:
    with pytest.raises(RuleError, match="no letter or digit"):
        rule(words='["marker", "..."]')
    with pytest.raises(RuleError, match="there is no list 'words'") as refused:
        rule(words="[]")
    assert (refused.value.kind, refused.value.given) == ("list", {"part": "words"})


@pytest.mark.parametrize(
    ("where", "kind", "part"),
    [
        ("religion = 'x'", "trait", "religion"),
        ("mood = 'x'", "column", "mood"),
        ("hits('words') >= ", "sql", ">="),
        ("hits('words', 'x') >= 1", "function", "HITS('words', 'x')"),
        ("lower(lang) = 'en'", "value", "LOWER(lang)"),
        ("hits('words') >= 1 AND lang > 'en'", "ordered", "lang > 'en'"),
        ("hits('words') >= 1 AND likes = 'many'", "mixed", "likes = 'many'"),
        ("1 = 1", "constants", "1 = 1"),
        ("hits('words') >= 1.5", "number", "1.5"),
    ],
)
def test_a_refusal_names_its_kind_and_the_part_it_is_about(where: str, kind: str, part: str) -> None:
    with pytest.raises(RuleError) as refused:
        rule(where)
    assert refused.value.kind == kind
    assert part in refused.value.given.values()


def test_language_alone_is_refused_by_kind() -> None:
    with pytest.raises(RuleError) as refused:
        rule("lang = 'ar'")
    assert refused.value.kind == "untouched"


def test_trying_says_everything_at_once() -> None:
    said = try_rule(rule(), DISTANCE)
    assert [(e.expected, e.matched, e.holds) for e in said.examples] == [
        (True, True, True), (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert said.examples[0].hits == (Hit("words:own", "marker"),)
    assert set(said.control) == set(sentences())
    assert not any(said.control.values())
    assert not said.may_go_live


def test_trying_names_the_control_sentences_that_a_rule_could_fire_on() -> None:
    sentence = sentences()["ru"][3]
    said = try_rule(rule(words=f'["{sentence.rstrip(".")}"]', where="hits('words') >= 1 AND lang = 'en'"), DISTANCE)
    assert sentence in said.control["ru"]


def test_conditions_and_their_text_are_the_same() -> None:
    conditions = [
        Condition("list:words", "at_least", "2"),
        Condition("list:distance", "none"),
        Condition("kind:repost", "is_not"),
        Condition("n_links", "at_most", "3"),
        Condition("lang", "is", "ar"),
        Condition("truncated", "is_not"),
    ]
    for any_of, word in ((False, " AND "), (True, " OR ")):
        where = composed(conditions, any_of=any_of)
        assert where.count(word) == 5
        assert conditions_of(where) == (conditions, any_of)


def test_most_shipped_rules_can_be_shown_as_conditions_and_none_is_shown_wrong() -> None:
    rules, _ = shipped_rules()
    read = [(rule.where, found) for rule in rules if (found := conditions_of(rule.where))]
    assert len(read) >= 12
    assert all(composed(conditions, any_of=any_of) == where for where, (conditions, any_of) in read)


@pytest.mark.parametrize(
    "where",
    ["", "hits('a') >=", "hits('a') >= 1 AND (lang = 'en' OR likes > 3)", "hits('a') > 1", "kind IN ('post')",
     "NOT hits('a') = 0", "1 <= likes", "TRY_CAST(lang AS INT) = 1", "truncated = FALSE"],
)  # fmt: skip
def test_what_says_more_than_conditions_can_is_left_to_its_text(where: str) -> None:
    assert conditions_of(where) is None


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        (Condition("religion", "is", "x"), "what"),
        (Condition("kind:sermon", "is"), "what"),
        (Condition("likes", "at_least", "many"), "number"),
        (Condition("lang", "is", " "), "no_value"),
        (Condition("lang", "is", "English"), "tag"),
        (Condition("lang", "is_not", "ar OR en"), "tag"),
        (Condition("lang", "at_least", "ar"), "not_counted"),
        (Condition("kind:post", "none"), "not_counted"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition: Condition, kind: str) -> None:
    with pytest.raises(RuleError) as refused:
        condition.sql()
    assert refused.value.kind == kind


def test_what_a_person_types_never_leaves_its_quotes() -> None:
    written = [Condition("list:x') >= 0 OR 1 = 1 --", "at_least", "1"), Condition("list:a'b", "none")]
    assert conditions_of(composed(written, any_of=False)) == (written, False)


def test_a_tag_may_say_script_and_region() -> None:
    assert Condition("lang", "is", "uz-Cyrl").sql() == "lang = 'uz-Cyrl'"


@pytest.mark.parametrize("word", ["Muslims", "kurdish", "курды", "الشيعة", "christian jewish"])
def test_words_that_only_name_a_people_make_no_rule_fire(word: str) -> None:
    made = replace(rule(words=json.dumps(["marker", word])), matches=("the Marker shines",), silent=("a quiet day",))
    assert try_rule(made, DISTANCE).naming[0] == word
    assert not try_rule(made, DISTANCE).may_go_live
    with pytest.raises(RuleError, match="says who somebody is") as refused:
        checked([made], DISTANCE)
    assert refused.value.given == {"entry": word}


def test_they_may_stand_in_a_phrase_about_a_deed_and_where_they_keep_a_rule_silent() -> None:
    assert not try_rule(rule(words='["we shall kill all kurdish lamps"]'), DISTANCE).naming
    names = {"names": NamedList("names", "phrases", "names", ("العربية",))}
    assert not try_rule(rule("hits('words') >= 1 AND hits('names') = 0", lists=names), names).naming


def test_two_names_are_no_deed_either() -> None:
    names = {"names": NamedList("names", "phrases", "names", ("muslims", "kurds"))}
    assert try_rule(rule("hits('names') >= 2", lists=names), names).naming


def test_two_names_are_seen_beside_a_list_that_keeps_the_rule_silent() -> None:
    lists = {
        "names": NamedList("names", "phrases", "names", ("muslims", "kurds")),
        "quiet": NamedList("quiet", "phrases", "Words that keep distance", ("العربية",)),
    }
    where = "hits('names') >= 2 AND hits('quiet') = 0"
    assert try_rule(rule(where, lists=lists), lists).naming


def test_a_name_of_each_of_two_lists_is_no_deed_either() -> None:
    lists = {
        name: NamedList(name, "phrases", name, (entry,)) for name, entry in (("one", "muslims"), ("other", "kurds"))
    }
    where = "hits('one') >= 1 AND hits('other') >= 1"
    assert try_rule(rule(where, lists=lists), lists).naming


LISTS = {
    **DISTANCE,
    "names": NamedList("names", "phrases", "Names", ("the tide", "the ebb")),
}


@pytest.mark.parametrize(
    ("where", "text", "missed"),
    [
        ("hits('words') >= 2 AND hits('distance') = 0", "the marker", ("hits('words') >= 2", 1)),
        ("hits('words') >= 1 AND hits('distance') = 0", "police: the marker", ("hits('distance') = 0", 1)),
        ("hits('words') >= 1 AND hits('distance') = 0", "a quiet day", ("hits('words') >= 1", 0)),
        ("hits('names') >= 2 AND hits('words') >= 1", "the tide and the marker", ("hits('names') >= 2", 1)),
        ("hits('words') >= 1 AND lang = 'ar'", "the marker", ("lang = 'ar'", None)),
        ("hits('words') >= 1 AND kind <> 'post'", "the marker", ("kind <> 'post'", "post")),
        ("hits('words') >= 1 AND n_links >= 2", "the marker https://a.example", ("n_links >= 2", 1)),
        ("hits('words') >= 1 AND truncated = TRUE", "the marker", ("truncated = TRUE", False)),
        ("hits('words') >= 1 AND likes IN (3, 4)", "the marker", ("likes IN (3, 4)", 0)),
        ("(hits('words') >= 1 AND (likes > 3 OR hits('names') >= 1))", "the marker", ("likes > 3", 0)),
        ("hits('words') >= 1 AND NOT (hits('distance') >= 1 OR hits('names') >= 1)", "the marker, the tide",
         ("hits('names') >= 1", 1)),
        ("hits('words') >= 1 AND NOT (hits('distance') >= 1 AND hits('names') >= 1)", "the marker, the tide, police",
         ("hits('distance') >= 1", 1)),
    ],
)  # fmt: skip
def test_the_first_condition_that_does_not_hold_is_told_with_what_stands_there(
    where: str, text: str, missed: tuple[str, object]
) -> None:
    asked = replace(rule(where, lists=LISTS), matches=("the marker", text), silent=("no",))
    found = try_rule(asked, LISTS).examples[1]
    assert not found.matched
    assert found.missed is not None
    assert (found.missed.text, found.missed.found) == missed
    assert found.missed.negated == ("NOT" in where)
    assert found.missed.first_of_several == ("OR hits('names') >= 1))" in where or "distance') >= 1 AND" in where)


def test_a_condition_that_can_be_chosen_is_told_as_one_and_what_matches_misses_none() -> None:
    silent, loud = try_rule(replace(rule("hits('words') >= 2"), silent=("marker",)), DISTANCE).examples[0], None
    assert silent.missed
    assert silent.missed.condition == Condition("list:words", "at_least", "2")
    loud = try_rule(rule(), DISTANCE).examples[0]
    assert (loud.matched, loud.missed) == (True, None)
    by_hand = try_rule(rule("hits('words') >= 1 AND likes IN (3, 4)"), DISTANCE).examples[0]
    assert by_hand.missed
    assert by_hand.missed.condition is None
