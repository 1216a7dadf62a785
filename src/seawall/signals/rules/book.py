"""The rulebook of a home: its rules by what each is let do, and their lists; renewed when a file changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from seawall.records.terms import RuleState
from seawall.signals.rules.files import SHIPPED, Rule, read_rule, says_draft
from seawall.signals.rules.lists import SHIPPED_LISTS, NamedList, RuleError, read_lists
from seawall.signals.rules.publishing import TRIAL
from seawall.signals.rules.signal import RulesSignal, checked
from seawall.signals.rules.stops import Stop, Stops

Stamp = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule of a home; one that is stopped has that state, whatever its file says."""

    rules: tuple[Rule, ...]
    lists: Mapping[str, NamedList]
    stops: Mapping[str, Stop] = field(default_factory=dict)  # by rule
    unread: Mapping[Path, str] = field(default_factory=dict)  # drafts that are no rule yet, and why
    trials: tuple[Rule, ...] = ()  # shadow versions beside the one that runs

    def of(self, *states: RuleState) -> list[Rule]:
        """The rules in these states."""
        return [rule for rule in (*self.rules, *self.trials) if rule.state in states]


def read_book(home: Path) -> Rulebook:
    """The shipped rules with the home's own, which replace shipped ones of the same id.

    Raises RuleError for a file that is no rule, unless it says that it is a draft.
    """
    lists = read_lists(SHIPPED_LISTS, home / "lists")
    stops, found, unread = Stops(home).standing(), {}, {}
    for path in (path for folder in (SHIPPED, home / "rules") for path in sorted(folder.glob("*.toml"))):
        try:
            rule = read_rule(path, lists)
        except RuleError as error:
            if not says_draft(path):
                raise
            unread[path] = str(error)
            continue
        stop = stops.get(rule.id)
        found[rule.id] = replace(rule, state=RuleState.STOPPED) if stop and stop.version == rule.version else rule
    trials = _trials(home, lists, unread)
    return Rulebook(tuple(sorted(found.values(), key=lambda rule: rule.id)), lists, stops, unread, tuple(trials))


def read_trials(home: Path) -> list[Rule]:
    """The shadow versions alone; next to nothing where there are none. Raises RuleError for a list that is none."""
    if not any((home / "rules" / TRIAL).glob("*.toml")):
        return []
    return _trials(home, read_lists(SHIPPED_LISTS, home / "lists"), {})


def _trials(home: Path, lists: Mapping[str, NamedList], unread: dict[Path, str]) -> list[Rule]:
    found = []
    for path in sorted((home / "rules" / TRIAL).glob("*.toml")):  # it lists nobody: one that is no rule stops nothing
        try:
            found.append(replace(read_rule(path, lists), state=RuleState.SHADOW))
        except RuleError as error:
            unread[path] = str(error)
    return found


class Reloading:
    """A home's live rules as its files say now, for whoever runs long. Asking costs a look at two folders.

    A change that may not go live is not taken over: what ran before runs on, and `refused` says why.
    """

    def __init__(self, home: Path) -> None:
        """Raises RuleError when the rules may not go live as they are."""
        self._home = home
        self._stamp = stamp(home)
        self.book = read_book(home)
        self.signal: RulesSignal = checked(self.book.of(RuleState.LIVE), self.book.lists)
        self.refused: str | None = None

    def renew(self) -> bool:
        """Read the files again if one changed; whether other rules run now than before."""
        now = stamp(self._home)
        if now == self._stamp:
            return False
        self._stamp = now
        try:
            book = read_book(self._home)
            signal = checked(book.of(RuleState.LIVE), book.lists)
        except RuleError as error:
            self.refused = str(error)
            return False
        self.book, self.signal, self.refused = book, signal, None
        return True


def stamp(home: Path, *, trials: bool = False) -> Stamp:
    """A cheap fingerprint of a home's rules, lists and stops, with `trials` of its shadow versions, too: names, sizes,
    times and inodes, nothing read."""
    folders = [(home / "rules", (".toml", ".jsonl")), (home / "lists", (".txt",))]
    folders += [(home / "rules" / TRIAL, (".toml",))] if trials else []
    return tuple(its for folder, endings in folders for its in sorted(_seen(folder, endings)))


def _seen(folder: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, int, int, int]]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(endings):
                its = entry.stat()
                yield entry.name, its.st_size, its.st_mtime_ns, its.st_ino
