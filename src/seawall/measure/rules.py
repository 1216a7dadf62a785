"""Evaluating rules on posts, or accounts, that people have labelled: the home's live rules, as a scan asks them.

Nothing is fitted. A post's score is what that post alone would bring its author: that of the strongest rule it
matches, 0 where none does. An account's is its strongest rule's finding over its posts in the lake, and only accounts
of the truth file are looked at. An interval is the wider of the exact binomial one (Clopper and Pearson, Biometrika
1934) and a bootstrap over families (Field and Welsh, JRSS B 2007): over zeros alone a bootstrap claims to be certain.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.lake import Lake
from seawall.measure.metrics import PREVALENCES, Interval, precision_at
from seawall.measure.shares import share
from seawall.measure.truth import Cells, Rejected, TruthError, also, header, read_rows
from seawall.records.terms import Conduct, PostKind, words
from seawall.signals.contract import Facts
from seawall.signals.rules import RulesSignal
from seawall.signals.rules.scoring import score
from seawall.signals.rules.signal import as_posts

LINES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)  # 0: whatever matches at all
POSTS, ACCOUNTS = ("text", "label"), ("platform", "account", "label")
_YES, _NO = ("1", "true", "yes", "positive"), ("0", "false", "no", "negative")
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One post, or one account, that people have labelled; of a positive one maybe with its conduct."""

    key: tuple[str, str]  # text and kind of a post, platform and account of an account
    positive: bool
    conduct: str
    language: str
    family: str


@dataclass(slots=True)
class Truth:
    """A truth file's lines, and what was wrong with those that are not used."""

    of_posts: bool
    rows: list[Labelled]
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AtLine:
    """What taking whatever scores at least `line` would find, and what it would take wrongly."""

    line: float
    recall: Interval
    fpr: Interval

    def precision(self, prevalence: float) -> tuple[float, float]:
        """Precision if this share of all were positive: as measured, and at the worse ends of both intervals."""
        return (
            precision_at(prevalence, self.recall.value, self.fpr.value),
            precision_at(prevalence, self.recall.low, self.fpr.high),
        )


@dataclass(slots=True)
class RulesEvaluation:
    """What rules did on a truth file. `left_out`: positives of other conduct, and accounts without a post."""

    of_posts: bool
    positives: int
    negatives: int
    left_out: int
    lines: list[AtLine]
    languages: dict[str, tuple[int, int, int, int]]  # positives, found, others, taken wrongly; at any match
    rules: dict[str, tuple[int, int]]  # positives and others that it matches

    def as_dict(self) -> dict[str, object]:
        """The form of --json."""
        return {
            "of": "posts" if self.of_posts else "accounts",
            "positives": self.positives,
            "negatives": self.negatives,
            "left_out": self.left_out,
            "lines": [
                {
                    "line": at.line,
                    "recall": at.recall.as_dict(),
                    "fpr": at.fpr.as_dict(),
                    "precision": {
                        str(share): {"value": round(value, 4), "at_worst": round(worst, 4)}
                        for share in PREVALENCES
                        for value, worst in [at.precision(share)]
                    },
                }
                for at in self.lines
            ],
            "languages": {
                name: dict(zip(("positives", "found", "negatives", "wrongly"), its, strict=True))
                for name, its in self.languages.items()
            },
            "rules": {name: {"positives": its[0], "negatives": its[1]} for name, its in self.rules.items()},
        }


def read_labelled(path: Path) -> Truth:
    """A truth file: CSV with columns text, label (maybe kind, lang), or platform, account, label; maybe
    conduct, family.

    A line that cannot be used costs itself alone. Raises TruthError if the file is none.
    """
    of_posts = "text" in header(path)
    rejected: list[Rejected] = []
    rows = read_rows(path, POSTS if of_posts else ACCOUNTS, lambda cells: _row(cells, of_posts), rejected)
    # who has no family is one of their own
    rows = [replace(row, family=row.family or f"\0{number}") for number, row in enumerate(rows)]
    truth = Truth(of_posts, rows, rejected)
    _check(path, truth)
    return truth


def _row(cells: Cells, of_posts: bool) -> Labelled:
    label, conduct, kind = cells["label"].casefold(), cells.get("conduct", "").lower(), cells.get("kind", "") or "post"
    if label not in _YES + _NO:
        raise TruthError(f"label must be 1 or 0, not {cells['label']!r}")
    if conduct and conduct not in words(Conduct):
        raise TruthError(f"conduct must be one of {', '.join(words(Conduct))}, or empty, not {conduct!r}")
    if of_posts and (not cells["text"] or kind not in words(PostKind)):
        raise TruthError(f"needs a text, and a kind that is one of {', '.join(words(PostKind))}")
    if not of_posts and not (cells["platform"] and cells["account"]):
        raise TruthError("needs a platform and an account")
    key = (cells["text"], kind) if of_posts else (cells["platform"].lower(), cells["account"].lstrip("@"))
    return Labelled(key, label in _YES, conduct, cells.get("lang", ""), cells.get("family", ""))


def _check(path: Path, truth: Truth) -> None:
    kinds = {row.positive for row in truth.rows}
    if kinds != {True, False}:
        raise TruthError(f"{path}: needs both labels, 1 and 0{also(truth.rejected)}")
    twice = {key for key, count in Counter(row.key for row in truth.rows).items() if count > 1}
    if twice and not truth.of_posts:
        raise TruthError(f"{path}: {len(twice)} accounts stand in more than one line")


def evaluate_rules(truth: Truth, signal: RulesSignal, conduct: str = "", lake: Lake | None = None) -> RulesEvaluation:
    """Ask rules about every labelled post or account. With `conduct` only rules of it, and positives of it or of none
    named; accounts need the lake their posts are in. Raises TruthError if no positive or no other is left."""
    rules = [rule for rule in signal.rules if conduct in ("", rule.conduct.value)]
    kept = {rule.id for rule in rules}
    rows = [row for row in truth.rows if not (conduct and row.positive and row.conduct not in ("", conduct))]
    if truth.of_posts:
        matched = _of_posts(rows, signal)
    else:
        assert lake is not None
        rows, matched = _of_accounts(rows, signal, lake)
    found = [{rule: its for rule, its in each.items() if rule in kept} for each in matched]
    positive = np.array([row.positive for row in rows], bool)
    if not positive.any() or positive.all():
        raise TruthError(
            "nothing is left to measure: it needs positives and others, and accounts with a post in the lake"
        )
    scores = np.array([max(each.values(), default=0.0) for each in found])
    families = [row.family for row in rows]
    return RulesEvaluation(
        of_posts=truth.of_posts,
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
        left_out=len(truth.rows) - len(rows),
        lines=[_at(line, scores, positive, families) for line in LINES],
        languages=_by_language(rows, scores > 0),
        rules=_by_rule(rows, found),
    )


def _of_posts(rows: Sequence[Labelled], signal: RulesSignal) -> list[dict[str, float]]:
    posts = as_posts([row.key[0] for row in rows]).with_columns(
        kind=pl.Series([row.key[1] for row in rows], dtype=pl.String),
        lang=pl.Series([row.language or None for row in rows], dtype=pl.String),
    )
    worth = {rule.id: score(1, rule.posts, rule.weight) for rule in signal.rules}
    found: list[dict[str, float]] = [{} for _ in rows]
    for rule, place in signal.match(posts).select("rule", "post_id").iter_rows():
        found[int(place)][rule] = worth[rule]
    return found


def _of_accounts(
    rows: Sequence[Labelled], signal: RulesSignal, lake: Lake
) -> tuple[list[Labelled], list[dict[str, float]]]:
    """Accounts of which the lake has a post, by id or handle, and what was found about each."""
    with lake.snapshot() as snapshot:
        named = pl.col("platform") + "\n"
        wanted = {"\n".join(row.key).casefold() for row in rows}
        by_id, by_handle = named + pl.col("account_id"), named + pl.col("handle")
        its = by_id.str.to_lowercase().is_in(wanted) | by_handle.str.to_lowercase().is_in(wanted).fill_null(False)
        facts = Facts.of(snapshot)
        posts = facts.posts.filter(its).collect()
        findings = list(signal.find(Facts(posts.lazy(), pictures=facts.pictures)))
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for platform, account, handle in posts.select("platform", "account_id", "handle").unique().iter_rows():
        for name in (account, handle):
            if name:
                ids[platform, name.casefold()].add(account)
    scored: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for one in findings:
        scored[one.platform, one.account_id][one.signal.partition(".")[2]] = one.score
    there = [(row, ids.get((row.key[0], row.key[1].casefold()), set())) for row in rows]
    known = [(row, min(accounts)) for row, accounts in there if len(accounts) == 1]  # a handle of two says of neither
    return [row for row, _ in known], [scored.get((row.key[0], account), {}) for row, account in known]


def _at(line: float, scores: npt.NDArray[np.float64], positive: Bools, families: Sequence[str]) -> AtLine:
    taken = scores >= line if line else scores > 0
    of = [[name for name, its in zip(families, positive, strict=True) if its == side] for side in (True, False)]
    return AtLine(line, share(taken[positive], of[0]), share(taken[~positive], of[1]))


def _by_language(rows: Sequence[Labelled], taken: Bools) -> dict[str, tuple[int, int, int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row, its in zip(rows, taken, strict=True):
        at = 0 if row.positive else 2
        counts[row.language][at] += 1
        counts[row.language][at + 1] += int(its)
    return {name: (a, b, c, d) for name, (a, b, c, d) in sorted(counts.items()) if name}


def _by_rule(rows: Sequence[Labelled], found: Iterable[dict[str, float]]) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row, its in zip(rows, found, strict=True):
        for rule in its:
            counts[rule][not row.positive] += 1
    return {rule: (a, b) for rule, (a, b) in sorted(counts.items())}
