"""Rule files: TOML with a predicate and the examples that prove it. A rule whose examples fail is not loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec
from sqlglot import exp

from seawall.records.terms import Conduct, RuleState, words
from seawall.signals.rules.grammar import parse
from seawall.signals.rules.lists import OWN, SHIPPED_LISTS, NamedList, RuleError, check_entries, read_lists

SHIPPED = Path(__file__).parent / "shipped"
QUOTA = 1_000  # matches an hour, where a rule does not say
_WORD = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """What a rule file says, by type."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
    version: Annotated[int, msgspec.Meta(ge=1)]
    conduct: Conduct
    title: _WORD
    author: _WORD
    why: _WORD
    languages: Annotated[list[_WORD], msgspec.Meta(min_length=1)]
    where: str
    posts: Annotated[int, msgspec.Meta(ge=1)]
    weight: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    matches: Annotated[list[_WORD], msgspec.Meta(min_length=1)]
    silent: Annotated[list[_WORD], msgspec.Meta(min_length=1)]
    state: RuleState = RuleState.LIVE
    quota: Annotated[int, msgspec.Meta(ge=1)] = QUOTA
    words: list[_WORD] = []


@dataclass(frozen=True, slots=True)
class Rule:
    """One predicate over one post. `posts` matching posts of an account make a finding of score `weight`.

    More than `quota` matches in an hour stop it. hits('words') counts `words`, phrases of this rule alone.
    """

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
    state: RuleState = RuleState.LIVE
    quota: int = QUOTA
    words: tuple[str, ...] = ()

    @property
    def own(self) -> NamedList | None:
        """Its words as a list, under a name that no file can have."""
        return NamedList(own_name(self.id), "phrases", self.title, self.words) if self.words else None


def own_name(rule_id: str) -> str:
    """The name of a rule's own words among all lists."""
    return f"{OWN}:{rule_id}"


def read_rules(lists: Mapping[str, NamedList], *folders: Path) -> list[Rule]:
    """The rules of folders of .toml files, a later folder's rule replacing an earlier one of the same id.

    Raises RuleError at the first file that is not a rule.
    """
    found: dict[str, Rule] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            rule = read_rule(path, lists)
            found[rule.id] = rule
    return sorted(found.values(), key=lambda rule: rule.id)


def shipped_rules() -> tuple[list[Rule], dict[str, NamedList]]:
    """The rules and lists that come with Seawall."""
    lists = read_lists(SHIPPED_LISTS)
    return read_rules(lists, SHIPPED), lists


def read_rule(path: Path, lists: Mapping[str, NamedList]) -> Rule:
    """One rule file. Raises RuleError with the reason if it is none."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: {error}.") from error
    rule = parse_rule(text, lists, str(path))
    if rule.id != path.stem:
        raise RuleError(f"{path}: its id is {rule.id!r}; name the file {rule.id}.toml")
    return rule


def parse_rule(text: str, lists: Mapping[str, NamedList], where: str = "the rule") -> Rule:
    """What a rule file's text says. Raises RuleError, which begins with `where`, if it is no rule."""
    return _parsed(text, frozenset(lists), where)


@lru_cache(maxsize=1024)  # rules are read again at every look at the rulebook, and seldom change
def _parsed(text: str, lists: frozenset[str], where: str) -> Rule:
    try:
        given = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{where}: {error}. A conduct is one of {', '.join(words(Conduct))}.") from error
    if given.words:
        check_entries(f"{where}, words", given.words)
    return Rule(
        id=given.id,
        version=given.version,
        conduct=given.conduct,
        title=given.title,
        author=given.author,
        why=given.why,
        languages=tuple(given.languages),
        where=given.where,
        posts=given.posts,
        weight=given.weight,
        matches=tuple(given.matches),
        silent=tuple(given.silent),
        predicate=parse(given.id, given.where, lists, own_name(given.id) if given.words else ""),
        state=given.state,
        quota=given.quota,
        words=tuple(given.words),
    )


def says_draft(path: Path) -> bool:
    """Whether a file, readable as a rule or not yet, says that it is a draft."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig")).get("state") == RuleState.DRAFT
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
