"""The named lists of a home at the desk: reading them, and making and changing those that nothing runs on.

A list that a live, stopped or shadow rule counts is not changed: that would change what runs without a second person.
Its entries go into a list of another name, and a new version of the rule counts that one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from seawall.audit.services import record
from seawall.grounds.naming import named_after
from seawall.grounds.rule_words import in_words
from seawall.grounds.services import GroundsError
from seawall.lake.files import locked
from seawall.ledger import home
from seawall.people.access import act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.signals.rules import NamedList, read_book
from seawall.signals.rules.files import Rule
from seawall.signals.rules.lists import KINDS, OWN, SHIPPED_LISTS, check_entries
from seawall.signals.rules.publishing import write_whole

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_LANG = re.compile(r"#\s*lang\s*:\s*(\S+)")
_WHY = re.compile(r"#\s*why\s*:\s*(.+)")
ALL = "all"  # the language of entries that are of none


class NoList(ObjectDoesNotExist):
    """There is no such list."""


@dataclass(frozen=True, slots=True)
class Part:
    """The entries of a list in one language."""

    language: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListText:
    """A list as people write it."""

    name: str = ""
    kind: str = "phrases"
    title: str = ""
    why: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """The list's file."""
        head = [f"# kind: {self.kind}", f"# title: {self.title}", f"# why: {self.why}"]
        body = [line for part in self.parts for line in (f"# lang: {part.language}", *part.entries)]
        return "\n".join([*head, *body]) + "\n"

    @property
    def mark(self) -> str:
        """What tells this text from another of the same list."""
        return sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, and what counts it."""

    item: NamedList
    rules: tuple[Rule, ...]  # that run, are stopped or are on trial
    own: bool  # of this home, not one that came with Seawall


@look
def lists(person: User) -> list[Listed]:
    """Every list. Raises Refused, GroundsError."""
    require(person, May.READ_RULES)
    return _lists()


@look
def one(person: User, name: str) -> tuple[Listed, ListText]:
    """One list with its text. Raises Refused, NoList, GroundsError."""
    require(person, May.READ_RULES, f"list:{name}")
    found = _listed(name)
    return found, _read(_path(name), found.item)


def fresh_name(title: str) -> str:
    """A name for a new list, made of its title."""
    return named_after(title, "_", "list", {listed.item.name for listed in _lists()} | {OWN, "new"})


@act
def save(person: User, given: ListText, was: str = "") -> ListText:
    """Make a list, or change one that nothing runs on; what it held before is kept. `was` is the mark it had.

    Raises Refused, GroundsError.
    """
    require(person, May.WRITE_RULES, f"list:{given.name}")
    if not _NAME.fullmatch(given.name) or given.name == OWN:
        raise GroundsError(_("name a list in lower-case Latin letters, digits and “_”, a letter first"))
    if given.kind not in KINDS:
        raise GroundsError(_("a list holds phrases, domains or hashes"))
    if not given.title.strip():
        raise GroundsError(_("give the list a title: people choose it by that"))
    with in_words():
        check_entries(given.name, [entry for part in given.parts for entry in part.entries], given.kind)
    (home() / "lists").mkdir(exist_ok=True)
    with locked(home() / "lists" / "lock", shared=False):
        path = _path(given.name)
        if path.exists():
            _may_change(given.name, was)
        content = given.text.encode()
        record(person.actor(), "rules.list", f"list:{given.name}", "", sha256=sha256(content).hexdigest())
        if path.exists():
            kept = home() / "lists" / "versions" / given.name
            write_whole(kept / f"{len(list(kept.glob('*.txt'))) + 1}.txt", path.read_bytes())
        write_whole(home() / "lists" / f"{given.name}.txt", content)
    return given


def _may_change(name: str, was: str) -> None:
    found = _listed(name)
    if found.rules:
        named = ", ".join(rule.title for rule in found.rules[:3])
        raise GroundsError(
            _("rules run on this list (%(rules)s), so it is not changed; give your list another name")
            % {"rules": named}
        )
    if was != _read(_path(name), found.item).mark:
        raise GroundsError(_("there is a list of this name, or somebody changed it meanwhile; open it anew"))


def _lists() -> list[Listed]:
    with in_words():
        book = read_book(home())
    every = [*book.rules, *book.trials]
    return [
        Listed(
            item,
            tuple(rule for rule in every if f"'{name}'" in rule.where and rule.state != "draft"),
            (home() / "lists" / f"{name}.txt").exists(),
        )
        for name, item in sorted(book.lists.items())
    ]


def _listed(name: str) -> Listed:
    found = next((listed for listed in _lists() if listed.item.name == name), None)
    if found is None:
        raise NoList(name)
    return found


def _path(name: str) -> Path:
    own = home() / "lists" / f"{name}.txt"
    return own if own.exists() or not (SHIPPED_LISTS / own.name).exists() else SHIPPED_LISTS / own.name


def _read(path: Path, item: NamedList) -> ListText:
    language, why = ALL, ""
    parts: dict[str, list[str]] = {}
    for line in path.read_text("utf-8-sig").splitlines():
        if told := _LANG.match(line):
            language = told[1]
        elif told := _WHY.match(line):
            why = why or told[1].strip()
        elif line.strip() and not line.startswith("# "):
            parts.setdefault(language, []).append(line.strip())
    return ListText(
        item.name, item.kind, item.title, why, tuple(Part(name, tuple(entries)) for name, entries in parts.items())
    )


def lines_of(text: str) -> tuple[str, ...]:
    """Entries as somebody typed them, one a line, each once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def parts_of(given: Sequence[tuple[str, str]]) -> tuple[Part, ...]:
    """Parts from languages and what was typed for each; empty ones are left out."""
    return tuple(Part(language or ALL, found) for language, text in given if (found := lines_of(text)))
