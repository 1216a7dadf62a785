"""A rule that somebody is writing: what they typed, kept as it is, finished or not."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomlkit

from seawall.records.terms import RuleState
from seawall.signals.rules.files import QUOTA, Rule

FOLDER = "drafts"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a rule file says, without its version and state. Anything may be missing."""

    id: str = ""
    conduct: str = ""
    title: str = ""
    author: str = ""
    why: str = ""
    languages: tuple[str, ...] = ()
    where: str = ""
    posts: int = 1
    weight: float = 0.7
    quota: int = QUOTA
    words: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    def text(self, version: int, state: RuleState) -> str:
        """The rule file."""
        said = tomlkit.document()
        for name in ("id", "version", "state", "conduct", "title", "author", "why", "languages", "where", "posts",
                     "weight", "quota", "words", "matches", "silent"):  # fmt: skip
            value: Any = {"version": version, "state": state.value}.get(name, getattr(self, name, None))
            said[name] = _lines(value) if name in ("words", "matches", "silent") else value
        return tomlkit.dumps(said)

    @property
    def mark(self) -> str:
        """What tells this draft from another of the same rule."""
        return sha256(self.text(0, RuleState.DRAFT).encode()).hexdigest()[:16]


def of_rule(rule: Rule) -> Draft:
    """A rule as a draft to go on from."""
    return Draft(
        id=rule.id,
        conduct=rule.conduct.value,
        title=rule.title,
        author=rule.author,
        why=rule.why,
        languages=rule.languages,
        where=rule.where,
        posts=rule.posts,
        weight=rule.weight,
        quota=rule.quota,
        words=rule.words,
        matches=rule.matches,
        silent=rule.silent,
    )


def read_draft(home: Path, rule_id: str) -> Draft | None:
    """The draft of a rule, if somebody is writing one."""
    path = path_of(home, rule_id)
    if not path.exists():
        return None
    return draft_of(path.read_text("utf-8"))


def draft_of(text: str) -> Draft:
    """A rule file's text as a draft. Raises TOMLDecodeError, TypeError if it is none."""
    given: dict[str, Any] = tomllib.loads(text)
    lists = ("languages", "words", "matches", "silent")
    fields: dict[str, Any] = {name: tuple(said) if name in lists else said for name, said in given.items()}
    return Draft(**{name: said for name, said in fields.items() if name not in ("version", "state")})


def drafts(home: Path) -> list[Draft]:
    """Every draft, by id."""
    found = (read_draft(home, path.stem) for path in sorted((home / "rules" / FOLDER).glob("*.toml")))
    return [draft for draft in found if draft]


def path_of(home: Path, rule_id: str) -> Path:
    """Where a draft is."""
    return home / "rules" / FOLDER / f"{rule_id}.toml"


def _lines(texts: Iterable[str]) -> Any:
    return tomlkit.array(tomlkit.item(list(texts)).as_string()).multiline(multiline=True)
