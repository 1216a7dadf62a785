"""A rule as the files of the home have it now: the version that runs, the one on trial, the one being written, and
what it matched. Nobody is asked for permission here: `rules`, `rule_trying` and `rule_acts` do that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from django.core.exceptions import ObjectDoesNotExist

from seawall.grounds.drafts import Draft, drafts
from seawall.grounds.rule_words import in_words
from seawall.lake import Lake
from seawall.ledger import home
from seawall.records.terms import RuleState
from seawall.signals.rules import Rule, Rulebook, read_book
from seawall.signals.rules.publishing import versions
from seawall.signals.rules.stops import Stop


class NoRule(ObjectDoesNotExist):
    """There is no such rule."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a rule matched in the lake."""

    posts: int = 0  # noted as they came in
    week: int = 0  # of these, posted in the last seven days
    last: datetime | None = None
    accounts: int = 0  # with a finding of it above the line, at the last scan


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as the list has it: the version that runs, the one on trial and the one being written."""

    id: str
    rule: Rule | None  # that runs, or is stopped; None for one that never did
    trial: Rule | None
    draft: Draft | None
    stop: Stop | None
    matched: Matched

    @property
    def title(self) -> str:
        """The title of what runs, or of what may run next."""
        first = self.rule or self.trial or self.draft
        return (first.title if first else "") or self.id

    @property
    def conduct(self) -> str:
        """What it is about; '' where a draft does not say yet."""
        first = self.rule or self.trial or self.draft
        return str(first.conduct) if first else ""

    @property
    def state(self) -> RuleState:
        """What the rule is let do."""
        if self.rule:
            return self.rule.state
        return RuleState.SHADOW if self.trial else RuleState.DRAFT


def shown(rule_id: str) -> tuple[Shown, Rulebook]:
    """A rule and the book it is in, for rooms above. Raises NoRule, GroundsError."""
    book = now()
    return of(book, rule_id), book


def now() -> Rulebook:
    """The rulebook of the home. Raises GroundsError."""
    with in_words():
        return read_book(home())


def of(book: Rulebook, rule_id: str) -> Shown:
    """One rule of it. Raises NoRule."""
    found = next((shown for shown in every(book) if shown.id == rule_id), None)
    if found is None:
        raise NoRule(rule_id)
    return found


def every(book: Rulebook) -> list[Shown]:
    """All of it, with rules that are only drafts, by id."""
    running = {rule.id: rule for rule in book.rules}
    trials = {rule.id: rule for rule in book.trials}
    written = {draft.id: draft for draft in drafts(home())}
    matched = _matched(home())
    return [
        Shown(
            name,
            found := running.get(name),
            trials.get(name),
            written.get(name),
            book.stops.get(name) if found and found.state is RuleState.STOPPED else None,
            matched.get(name, Matched()),
        )
        for name in sorted({*running, *trials, *written})
    ]


def _matched(place: Path) -> dict[str, Matched]:
    since = datetime.now(UTC) - timedelta(days=7)
    with Lake(place) as lake, lake.snapshot() as snapshot:
        noted = (
            snapshot.scan("matches")
            .group_by("rule")
            .agg(posts=pl.len(), week=(pl.col("at") >= since).sum(), last=pl.col("at").max())
            .collect()
        )
        found = (
            snapshot.scan("findings")
            .filter(pl.col("signal").str.starts_with("rules."))
            .group_by(rule=pl.col("signal").str.strip_prefix("rules."))
            .agg(accounts=pl.struct("platform", "account_id").n_unique())
            .collect()
        )
    listed = dict(found.iter_rows())
    counts = {name: Matched(posts, week, last, listed.pop(name, 0)) for name, posts, week, last in noted.iter_rows()}
    return counts | {name: Matched(accounts=accounts) for name, accounts in listed.items()}


def next_version(rule_id: str) -> int:
    """The number of the version that would be published next."""
    return max((version.number for version in versions(home(), rule_id)), default=0) + 1
