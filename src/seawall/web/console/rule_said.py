"""What a rule asks and what it does, in words: for its page and for the editor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from seawall.grounds.drafts import Draft
from seawall.signals.rules.conditions import Condition, conditions_of
from seawall.signals.rules.files import Rule, own_name
from seawall.signals.rules.lists import OWN, NamedList
from seawall.signals.rules.missed import Missed
from seawall.signals.rules.scoring import MOST, enough
from seawall.signals.rules.tried import Tested, Tried
from seawall.web.console import words
from seawall.web.signin.words import LANGUAGES

Titles = dict[str, str]
_NEVER = ("kind", "lang", "media", "reposts", "likes", "replies", "truncated")  # what no example can have


@dataclass(frozen=True, slots=True)
class Example:
    """An example, which entries of which lists stand in it, and why the rule is silent on it, if it is."""

    tested: Tested
    hits: list[tuple[str, str]]
    silent: str


@dataclass(frozen=True, slots=True)
class Does:
    """What a rule does with its examples and the control corpus."""

    examples: list[Example]
    control: list[tuple[str, tuple[str, ...], str]]  # language, the sentences it could fire on, the language's tag
    naming: tuple[str, ...]

    @property
    def failing(self) -> list[Example]:
        """Examples with which it does otherwise than its author says."""
        return [example for example in self.examples if not example.tested.holds]

    @property
    def control_silent(self) -> bool:
        """Whether it fires on no sentence of the control corpus."""
        return not any(fired for _language, fired, _code in self.control)


@dataclass(frozen=True, slots=True)
class Asks:
    """What a rule or a draft asks, in words."""

    said: Rule | Draft
    conditions: list[str]  # none where the predicate says more than conditions can
    any_of: bool
    lists: list[NamedList]
    languages: list[str]
    lists_whom: str  # how many matching posts bring an account up


def asks(said: Rule | Draft, lists: Mapping[str, NamedList], titles: Titles) -> Asks:
    """What a rule, or a draft that may be unfinished, asks."""
    read = conditions_of(said.where) if said.where else None
    conditions, any_of = read or ((), False)
    named = dict.fromkeys(re.findall(r"hits\('([^']+)'\)", said.where))
    return Asks(
        said,
        [in_words(condition, titles) for condition in conditions],
        any_of,
        [lists[name] for name in named if name in lists],
        [_(LANGUAGES.get(code, code)) for code in said.languages],
        lists_whom(said.posts, said.weight),
    )


def lists_whom(posts: int, weight: float) -> str:
    """How many matching posts of an account put it before reviewers, as a sentence."""
    needed = enough(posts, weight)
    if needed == 1:
        return _("One post that matches is enough to put its author in front of reviewers: a slip or a quotation, too.")
    said = ngettext(
        "%(n)s post of an account that matches puts it in front of reviewers; fewer do not.",
        "%(n)s posts of an account that match put it in front of reviewers; fewer do not.",
        needed,
    ) % {"n": intcomma(needed)}
    more = _("A finding of so low a score is below the line of 0.5, so it takes more than the posts of one.")
    return f"{said} {more}" if needed > posts else said


def score_in_words(posts: int, weight: float) -> str:
    """How many matches of a rule make which score."""
    doubt = round(100 * weight)
    if posts == 1:
        return _(
            "How the score comes about: one matching post gives %(score)s, and each further one takes away %(doubt)s%% "
            "of the doubt that is left. It never passes %(most)s."
        ) % {"score": number_format(weight, 2), "doubt": doubt, "most": number_format(MOST, 2)}
    return _(
        "How the score comes about: %(posts)s matching posts give %(score)s, and each further %(posts)s take away "
        "%(doubt)s%% of the doubt that is left. It never passes %(most)s."
    ) % {"posts": intcomma(posts), "score": number_format(weight, 2), "doubt": doubt, "most": number_format(MOST, 2)}


def does(tried: Tried, titles: Titles) -> Does:
    """What was tried, in words."""
    return Does(
        [
            Example(
                tested,
                [(hit.entry, titles.get(hit.list_name, hit.list_name)) for hit in tested.hits],
                why_silent(tested.missed, titles) if tested.missed else "",
            )
            for tested in tried.examples
        ],
        [(_(LANGUAGES.get(code, code)), fired, code) for code, fired in sorted(tried.control.items())],
        tried.naming,
    )


def why_silent(missed: Missed, titles: Titles) -> str:
    """The first condition that does not hold, with what was found and what was wanted."""
    condition = missed.condition
    if condition is None or missed.negated:
        holds = _("this must not hold: %(text)s") if missed.negated else _("this does not hold: %(text)s")
        why = holds % {"text": f"\N{FIRST STRONG ISOLATE}{missed.text}\N{POP DIRECTIONAL ISOLATE}"}
    elif condition.what.startswith("kind:"):
        found = words.POST_KINDS.get(str(missed.found), missed.found)
        why = _("it is a %(kind)s; wanted: %(condition)s") % {"kind": found, "condition": in_words(condition, titles)}
    else:
        why = _("%(what)s: %(found)s found, wanted: %(how)s %(value)s") % {
            "what": what_of(condition, titles),
            "found": _("nothing") if missed.found is None else int(missed.found),
            "how": words.HOW[condition.how],
            "value": condition.value,
        }
    if condition and condition.what.partition(":")[0] in _NEVER:
        why = _("%(why)s (an example is a plain post: no language tag, pictures or answers)") % {"why": why.strip()}
    said = _("None of several ways to match holds. The first: %(why)s.") if missed.first_of_several else "%(why)s."
    return str(said % {"why": why.strip()})


def titles_of(lists: Iterable[NamedList], rule_id: str) -> Titles:
    """What lists are called, and the rule's own words."""
    own = _("words of this rule")
    return {item.name: item.title for item in lists} | {OWN: own, own_name(rule_id): own}


def in_words(condition: Condition, titles: Titles) -> str:
    """A condition as a sentence's part."""
    about, _sep, name = condition.what.partition(":")
    if about == "kind":
        kind = words.POST_KINDS.get(name, name)
        return (_("it is a %(kind)s") if condition.how == "is" else _("it is no %(kind)s")) % {"kind": kind}
    return _("%(what)s: %(how)s %(value)s") % {
        "what": what_of(condition, titles),
        "how": words.HOW[condition.how],
        "value": condition.value,
    }


def what_of(condition: Condition, titles: Titles) -> Any:
    """What a condition is about."""
    about, _sep, name = condition.what.partition(":")
    if about != "list":
        return words.COLUMNS.get(about, about)
    return titles[OWN] if name == OWN else _("entries of “%(list)s”") % {"list": titles.get(name, name)}
