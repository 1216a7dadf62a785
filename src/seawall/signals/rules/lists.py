"""Named lists of phrases, domains and hashes, as files."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from seawall.signals.identity import identity_words
from seawall.signals.rules.hashes import FORM
from seawall.signals.text import spellings

_HITS = "hits__"
OWN = "words"  # what a rule calls the phrases that stand in its own file
KINDS = ("phrases", "hashes", "domains")
SHIPPED_LISTS = Path(__file__).parent / "lists"


class RuleError(ValueError):
    """A rule or a list that may not be used; the message says which, where and why.

    `kind` and `given` say the same to whoever puts it in words of their own; kind is '' where only the message does.
    """

    def __init__(self, message: str, kind: str = "", **given: str) -> None:
        super().__init__(message)
        self.kind, self.given = kind, given


@dataclass(frozen=True, slots=True)
class NamedList:
    """Phrases, domains or hashes that rules name. An entry counts once in a post, however often it stands there."""

    name: str
    kind: str
    title: str
    entries: tuple[str, ...]


def read_lists(*folders: Path) -> dict[str, NamedList]:
    """The lists of folders of .txt files; a later folder's list replaces an earlier one of the same name."""
    found = {}
    for folder in folders:
        for path in sorted(folder.glob("*.txt")):
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", path.stem):
                raise RuleError(f"{path}: name a list in lower-case letters, digits and '_', a letter first")
            found[path.stem] = _read(path)
    return found


def _read(path: Path) -> NamedList:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return _parsed(path, text)


@lru_cache(maxsize=256)  # lists are read again at every look at the rulebook, and seldom change
def _parsed(path: Path, text: str) -> NamedList:
    head: dict[str, str] = {}
    entries: dict[str, None] = {}
    for line in text.splitlines():
        note = re.match(r"#\s*(kind|title|why|lang)\s*:\s*(.+)", line)
        if note:
            head.setdefault(note[1], note[2].strip())
        elif line.strip() and not line.startswith("# "):
            entries[line.strip()] = None
    if head.get("kind") not in KINDS:
        raise RuleError(f"{path}: needs a line '# kind: phrases', '# kind: domains' or '# kind: hashes' at its head")
    check_entries(str(path), list(entries), head["kind"])
    return NamedList(path.stem, head["kind"], head.get("title", path.stem), tuple(entries))


def check_entries(where: str, entries: list[str], kind: str = "phrases") -> None:
    """Raises RuleError, which begins with `where`, if there are none, or one that nothing could hold."""
    other = [entry for entry in entries if kind == "hashes" and not re.fullmatch(FORM, entry)]
    if other:
        raise RuleError(
            f"{where}: entry {other[0]!r} is no SHA-256: 64 digits and letters a to f", "hash", entry=other[0]
        )
    empty = [entry for entry, strings in zip(entries, spellings(tuple(entries)), strict=True) if not strings]
    if empty:
        raise RuleError(f"{where}: entry {empty[0]!r} has no letter or digit", "entry", entry=empty[0])
    if not entries:
        raise RuleError(f"{where}: has no entries", "no_entries")


def says_who(phrase: str) -> bool:
    """Whether a phrase has no other words than those that name religions, peoples, nations and languages."""
    said = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", phrase).casefold())
    return bool(said) and _naming().issuperset(said)


@cache
def _naming() -> frozenset[str]:
    parts = (part for word in identity_words() for part in re.findall(r"[^\W\d_]+", word.casefold()))
    return frozenset(unicodedata.normalize("NFKC", part) for part in parts)


def column_of(list_name: str) -> str:
    """The column that stands for a list's hits in a predicate."""
    return _HITS + list_name


def list_of(column: str) -> str | None:
    """The list whose hits a predicate's column stands for, if it does."""
    return column.removeprefix(_HITS) if column.startswith(_HITS) else None
