"""What looks like a regular expression where words stand, and the variants it stands for."""

from __future__ import annotations

import pytest

from seawall.signals.control import sentences
from seawall.signals.rules import shipped_rules
from seawall.signals.rules.patterns import is_pattern, variants


@pytest.mark.parametrize(
    "text",
    [r"harbour.*lamp", r"\blamp\b", "[a-z]+ lamp", "(lamp|beacon)", "lamp|beacon", "colou?r", "lo{2,}ng", "lamp*",
     r"lamp\.", "^lamp", "مصباح(ي|نا)", r"lamp\s+lit", "(?:a|b)c", "[Ll]+amp"],
)  # fmt: skip
def test_a_pasted_pattern_is_seen(text: str) -> None:
    assert is_pattern(text)


@pytest.mark.parametrize(
    "text",
    ["the harbour lamp", "is it lit? yes", "lit (at last)", "[verse 2]", "a*b", "**lit**", "f**k", "$5 each",
     "https://a.example/x?y=1|2", "a.b", "he said: no...", "1 + 1", "lamp | beacon", "¿qué?", "C++", ":-)"],
)  # fmt: skip
def test_what_people_write_is_none(text: str) -> None:
    assert not is_pattern(text)


def test_nothing_that_is_shipped_and_no_control_sentence_looks_like_one() -> None:
    rules, lists = shipped_rules()
    texts = [text for rule in rules for text in (*rule.matches, *rule.silent, *rule.words)]
    texts += [entry for item in lists.values() if item.kind == "phrases" for entry in item.entries]
    texts += [sentence for corpus in sentences().values() for sentence in corpus]
    assert not [text for text in texts if is_pattern(text)]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(lamp|beacon) is lit", ("lamp is lit", "beacon is lit")),
        (r"\b(lamp|beacon)s?\b", ("lamps", "lamp", "beacons", "beacon")),
        ("colou?r", ("colour", "color")),
        ("lamp|beacon", ("lamp", "beacon")),
        ("the (?:old )?lamp", ("the old lamp", "the lamp")),
        ("(a|b)(c|d)?", ("ac", "ad", "a", "bc", "bd", "b")),
        ("harbour.*lamp", ()),
        ("[a-z]+ lamp", ()),
        ("(ha)+", ()),
        ("((a|b)|c)", ("a", "c", "b")),
        ("(a|b)" * 9, ()),
        ("x?" * 1000, ()),
    ],
)
def test_a_simple_pattern_gives_its_variants(pattern: str, said: tuple[str, ...]) -> None:
    assert variants(pattern) == said
