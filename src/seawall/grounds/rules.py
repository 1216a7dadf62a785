"""People's rules at the desk, for who reads them: which there are, and all of one.

What runs is always and only the files of the home (`signals/rules`); who runs long takes them over by itself. What is
tried is in `rule_trying`, what is done in `rule_acts`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from seawall.audit.models import Entry
from seawall.grounds.rule_shown import Shown, every, next_version, now, of
from seawall.grounds.rule_trying import Said, said_of
from seawall.grounds.rule_words import said
from seawall.ledger import home
from seawall.people.access import look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.signals.rules import NamedList, RuleError, read_book
from seawall.signals.rules.book import read_trials
from seawall.signals.rules.publishing import Version, versions
from seawall.signals.rules.shadow import Counted, counted
from seawall.signals.rules.stops import Stop, Stops
from seawall.signals.rules.tried import Tried, try_rule


@dataclass(frozen=True, slots=True)
class Kept:
    """A version there is: who wrote it, what it was let do, and where it stands now."""

    version: Version
    author: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """All of a rule."""

    shown: Shown
    versions: list[Kept]
    stops: list[Stop]
    shadow: Counted | None  # whom the trial would have listed at the last scan
    history: list[Entry]
    lists: Mapping[str, NamedList]
    tried: Tried | None  # what the trial does with its examples and the control corpus
    written: Said | None  # what is wrong with the draft, and what it does
    next: int  # the version that the draft would be


@look
def rules(person: User) -> tuple[list[Shown], str]:
    """Every rule of the home, and why the files cannot be read ('' as long as they can). Raises Refused."""
    require(person, May.READ_RULES)
    try:
        return every(read_book(home())), ""
    except RuleError as error:
        return [], said(error)


@look
def rule(person: User, rule_id: str) -> Opened:
    """One rule with its versions and what was done with it. Raises Refused, NoRule, GroundsError."""
    require(person, May.READ_RULES, f"rule:{rule_id}")
    book = now()
    shown = of(book, rule_id)
    return Opened(
        shown,
        [_kept(version) for version in versions(home(), rule_id)],
        [change for change in reversed(Stops(home()).changes()) if change.rule == rule_id],
        counted(home(), rule_id) if shown.trial else None,
        list(Entry.objects.filter(object=f"rule:{rule_id}").order_by("-seq")[:50]),
        book.lists,
        try_rule(shown.trial, book.lists) if shown.trial else None,
        said_of(shown.draft, book) if shown.draft else None,
        next_version(rule_id),
    )


def waiting(person: User) -> int:
    """How many shadow versions wait for a second person, whom this one may be; for the number beside the menu."""
    if not person.may(May.PUBLISH_RULES):
        return 0
    try:
        return sum(rule.author != person.pseudonym for rule in read_trials(home()))
    except RuleError:  # the page of rules says so
        return 0


def _kept(version: Version) -> Kept:
    text = version.path.read_text("utf-8-sig")
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        given = {}
    return Kept(version, str(given.get("author", "")), str(given.get("state", "live")), text)
