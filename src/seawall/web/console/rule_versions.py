"""What changed from one version of a rule to another, in words: field by field, condition by condition."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from seawall.grounds.drafts import Draft, draft_of
from seawall.grounds.rules import Kept
from seawall.signals.rules.conditions import Condition, conditions_of
from seawall.web.console import words
from seawall.web.console.rule_said import Titles, in_words, what_of
from seawall.web.signin.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a rule that is not the same: what the older version says and what the newer one. Of what is many, such
    as words, only those that are gone and those that are new."""

    label: Any
    old: Sequence[Any]
    new: Sequence[Any]
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions side by side."""

    older: int
    newer: int
    changes: list[Change] | None  # None: the file of one of them cannot be read


def compared(asked: Mapping[str, str], kept: Sequence[Kept], titles: Titles) -> Compared | None:
    """What changed between the versions that an address asks for; by default to the newest, from the one that runs."""
    held = {item.version.number: item for item in kept}
    numbers = sorted(held, reverse=True)
    if len(numbers) < 2:
        return None
    runs = next((item.version.number for item in kept if item.version.stands == "runs"), numbers[0])
    newer = _chosen(asked.get("to", ""), numbers, numbers[0])
    older = _chosen(asked.get("from", ""), numbers, runs if runs != numbers[0] else numbers[1])
    try:
        one, other = (draft_of(held[number].text) for number in (older, newer))
    except (tomllib.TOMLDecodeError, TypeError):
        return Compared(older, newer, None)
    return Compared(older, newer, [change for change in _changes(one, other, titles) if change.old != change.new])


def _chosen(text: str, numbers: list[int], otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in numbers else otherwise


def _changes(old: Draft, new: Draft, titles: Titles) -> Iterator[Change]:
    def both(label: Any, one: object, other: object) -> Change:
        return Change(label, [one], [other])

    yield both(_("Title"), old.title, new.title)
    yield both(_("Conduct"), *(words.CONDUCT.get(said.conduct, said.conduct) for said in (old, new)))
    yield both(_("What it finds, and where it may be wrong"), old.why, new.why)
    yield _many(_("Languages"), *([_(LANGUAGES.get(code, code)) for code in said.languages] for said in (old, new)))
    yield from _conditions(old.where, new.where, titles)
    yield _many(_("Words and phrases"), old.words, new.words)
    yield both(_("Matching posts for a finding"), old.posts, new.posts)
    yield both(_("Score of a finding"), old.weight, new.weight)
    yield both(_("Quota: posts an hour"), old.quota, new.quota)
    yield _many(_("Must match"), old.matches, new.matches)
    yield _many(_("Must stay silent"), old.silent, new.silent)


def _many(label: Any, old: Sequence[str], new: Sequence[str]) -> Change:
    return Change(label, [text for text in old if text not in new], [text for text in new if text not in old])


def _conditions(old: str, new: str, titles: Titles) -> Iterator[Change]:
    """Condition by condition where both can be read so, else the predicates as they stand."""
    one, other = conditions_of(old), conditions_of(new)
    if one is None or other is None:
        yield Change(_("When a post matches"), [old], [new], is_code=True)
        return
    yield Change(_("A post matches if"), [_if(any_of=one[1])], [_if(any_of=other[1])])
    for what in dict.fromkeys(condition.what for condition in (*one[0], *other[0])):
        its = ([condition for condition in part if condition.what == what] for part in (one[0], other[0]))
        for before, after in zip_longest(*its):
            label = _("Condition: %(what)s") % {"what": what_of(before or after, titles)}
            yield Change(label, _said(before, titles), _said(after, titles))


def _if(*, any_of: bool) -> str:
    return _("any of these holds") if any_of else _("all of these hold")


def _said(condition: Condition | None, titles: Titles) -> list[str]:
    return [in_words(condition, titles)] if condition else []
