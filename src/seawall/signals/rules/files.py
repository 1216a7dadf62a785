"""Rule files: TOML with a predicate and the examples that prove it. A rule whose examples fail is not loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

from seawall.records.terms import Conduct, words
from seawall.signals.rules.grammar import parse
from seawall.signals.rules.lists import SHIPPED_LISTS, NamedList, RuleError, read_lists

SHIPPED = Path(__file__).parent / "shipped"
_KEYS = {
    "id",
    "version",
    "conduct",
    "title",
    "author",
    "why",
    "languages",
    "where",
    "posts",
    "weight",
    "matches",
    "silent",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One predicate over one post. `posts` matching posts of an account make a finding of score `weight`."""

    id: str
    version: int
    conduct: Conduct
    title: str
    author: str
    why: str
    languages: tuple[str, ...]
    where: str
    posts: int
    weight: float
    matches: tuple[str, ...]
    silent: tuple[str, ...]
    predicate: exp.Expression


def read_rules(lists: Mapping[str, NamedList], *folders: Path) -> list[Rule]:
    """The rules of folders of .toml files, a later folder's rule replacing an earlier one of the same id.

    Raises RuleError at the first file that is not a rule.
    """
    found: dict[str, Rule] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            rule = _read(path, lists)
            found[rule.id] = rule
    return sorted(found.values(), key=lambda rule: rule.id)


def shipped_rules() -> tuple[list[Rule], dict[str, NamedList]]:
    """The rules and lists that come with Seawall."""
    lists = read_lists(SHIPPED_LISTS)
    return read_rules(lists, SHIPPED), lists


def _read(path: Path, lists: Mapping[str, NamedList]) -> Rule:
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path}: {error}") from error
    _require(path, given)
    return Rule(
        id=given["id"],
        version=given["version"],
        conduct=Conduct(given["conduct"]),
        title=given["title"],
        author=given["author"],
        why=given["why"],
        languages=tuple(given["languages"]),
        where=given["where"],
        posts=given["posts"],
        weight=float(given["weight"]),
        matches=tuple(given["matches"]),
        silent=tuple(given["silent"]),
        predicate=parse(given["id"], given["where"], lists),
    )


def _require(path: Path, given: Mapping[str, Any]) -> None:
    """Everything a rule must say is said, and nothing else."""
    for problem in _problems(path, given):
        raise RuleError(f"{path}: {problem}")


def _problems(path: Path, given: Mapping[str, Any]) -> Iterable[str]:
    missing, unknown = sorted(_KEYS - set(given)), sorted(set(given) - _KEYS)
    if missing or unknown:
        yield f"missing {missing}" if missing else f"unknown keys {unknown}"
        return
    if given["id"] != path.stem:
        yield f"its id is {given['id']!r}; name the file {given['id']}.toml"
    if given["conduct"] not in words(Conduct):
        yield f"conduct must be one of {', '.join(words(Conduct))}: a rule is about what was done"
    if not isinstance(given["version"], int) or not isinstance(given["posts"], int) or given["posts"] < 1:
        yield "version and posts must be whole numbers, posts at least 1"
    if not 0 < float(given["weight"]) < 1:
        yield "weight must lie between 0 and 1"
    if len(given["matches"]) < 1 or len(given["silent"]) < 1:
        yield "needs examples that must match and examples that must not (matches, silent)"
