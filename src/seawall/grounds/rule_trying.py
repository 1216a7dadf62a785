"""What a rule that somebody writes would do: what is wrong with it, by field, and what it does with its examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from seawall.grounds.drafts import Draft, of_rule
from seawall.grounds.rule_shown import NoRule, Shown, next_version, now, of
from seawall.grounds.rule_words import identity, in_words, missing, said
from seawall.people.access import look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import RuleState
from seawall.signals.rules import Rule, Rulebook, RuleError
from seawall.signals.rules.files import parse_rule
from seawall.signals.rules.tried import Tried, try_rule

_NEEDED = ("title", "conduct", "why", "languages", "where", "matches", "silent")


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong with a draft, by field, and what it does with its examples once it can be read."""

    wrong: Mapping[str, str]
    at: str  # the part of the predicate that is wrong, where that is told
    tried: Tried | None

    @property
    def may_go_live(self) -> bool:
        """Whether nothing is in its way but people."""
        return not self.wrong and self.tried is not None and self.tried.may_go_live


@look
def to_write(person: User, rule_id: str) -> Draft:
    """What to go on from: the draft, or else the newest version. Raises Refused, NoRule, GroundsError."""
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    shown = of(now(), rule_id)
    newest = shown.trial or shown.rule
    found = shown.draft or (of_rule(newest) if newest else None)
    if found is None:
        raise NoRule(rule_id)
    return found


@look
def try_draft(person: User, draft: Draft) -> Said:
    """What a draft would do, kept or not. Raises Refused, GroundsError."""
    require(person, May.WRITE_RULES)
    return said_of(draft, now())


@look
def try_text(person: User, text: str) -> Tried:
    """What a rule file does with its examples and the control corpus. Raises Refused, GroundsError."""
    require(person, May.WRITE_RULES)
    book = now()
    with in_words():
        return try_rule(parse_rule(text, book.lists), book.lists)


def said_of(draft: Draft, book: Rulebook) -> Said:
    """What is wrong with a draft; what can be tried of it is tried."""
    wrong = {name: missing(name) for name in _NEEDED if not getattr(draft, name)}
    if "where" in wrong:
        return Said(wrong, "", None)
    try:
        made = parse_rule(filled(draft).text(1, RuleState.LIVE), book.lists)
    except RuleError as error:
        field = "words" if error.kind in ("entry", "no_entries") else "where" if error.kind else "other"
        return Said({**wrong, field: said(error)}, error.given.get("part", error.given.get("near", "")), None)
    asked = replace(made, matches=draft.matches, silent=draft.silent)
    tried = try_rule(asked, book.lists)
    if tried.naming:
        wrong["words"] = identity(tried.naming[0])
    return Said(wrong, "", tried)


def filled(draft: Draft) -> Draft:
    """A draft with something in place of what does not decide which posts it matches."""
    return replace(
        draft,
        id=draft.id or "new",
        title=draft.title or "-",
        why=draft.why or "-",
        author=draft.author or "-",
        conduct=draft.conduct or "propaganda",
        languages=draft.languages or ("en",),
        matches=draft.matches or ("-",),
        silent=draft.silent or ("-",),
    )


def newest_text(shown: Shown) -> str:
    """The newest text of a rule: the draft's, the trial's, or what runs."""
    if shown.draft:
        return filled(shown.draft).text(next_version(shown.id), RuleState.DRAFT)
    newest = shown.trial or shown.rule
    if newest is None:
        raise NoRule(shown.id)
    return text_of(newest)


def text_of(rule: Rule) -> str:
    """The text of a version."""
    return of_rule(rule).text(rule.version, rule.state)
