"""The rules signal: all lists matched in one pass over posts, all rules asked about what they touch, findings per
account and rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlglot import exp

from seawall.records.findings import Finding, Seen
from seawall.records.terms import Conduct
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.control import sentences
from seawall.signals.rules.files import Rule
from seawall.signals.rules.grammar import lifted, relaxed, silencing
from seawall.signals.rules.hashes import FORM
from seawall.signals.rules.lists import NamedList, RuleError, list_of, says_who
from seawall.signals.rules.matcher import Hits, Matcher
from seawall.signals.rules.predicates import Predicate, matches
from seawall.signals.rules.scoring import score

NEEDED = ["platform", "post_id", "account_id", "handle", "at", "kind", "text", "lang", "hashtags", "links", "mentions",
           "media", "reposts", "likes", "replies", "truncated"]  # fmt: skip
_ABOUT = ["platform", "account_id", "handle", "post_id", "at"]
_BATCH = 200_000
_SHOWN = 20  # posts a finding points at; the count in its reason is of all


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a rule that did not do what its author says."""

    rule: str
    text: str
    expected: bool


class RulesSignal:
    """Runs people's rules. Needs no seed."""

    name = "rules"
    version = "1"
    cost = "stream"

    def __init__(self, rules: Sequence[Rule], lists: Mapping[str, NamedList]) -> None:
        self.rules = list(rules)
        self.languages = tuple(sorted({language for rule in rules for language in rule.languages}))
        used = _used(rules, lists)
        naming = ([entry for entry in item.entries if says_who(entry)] for item in used if item.kind == "phrases")
        self._naming = [entries for entries in naming if entries]  # by list
        self._matcher = Matcher(used)
        self._predicates = [Predicate(rule.predicate) for rule in self.rules]
        self._relaxed = [Predicate(relaxed(rule.predicate)) for rule in self.rules]
        self._lifted = [Predicate(lifted(rule.predicate)) for rule in self.rules]
        spreading = [rule for rule in self.rules if rule.conduct is Conduct.PROPAGANDA]
        self._distancing = sorted({name for rule in spreading for name in silencing(rule.predicate)})
        self._ids = pl.Series("rule", [rule.id for rule in self.rules], pl.String)

    def find(self, facts: Facts, tell: Tell = silent) -> Iterable[Finding]:
        """One finding per account and rule that enough of its posts match, alone or with their pictures."""
        matched = [self.match(posts).with_columns(pictured=False) for posts in _batches(facts, tell)]
        matched += [
            self.match(posts).with_columns(pictured=True) for posts in _with_pictures(facts, self._matcher.hashes)
        ]
        matched = [part for part in matched if part.height]
        return list(self.findings(pl.concat(matched))) if matched and self.rules else []

    def match(self, posts: pl.DataFrame, hits: Hits | None = None) -> pl.DataFrame:
        """Which rules match which posts: a row (rule, platform, account_id, handle, post_id, at) for each pair.

        `hits` is what the lists found in them, where that is known already.
        """
        return self._matched(self._predicates, posts, hits)

    def could_match(self, posts: pl.DataFrame) -> pl.DataFrame:
        """Like `match`, for posts of these texts in any language, of any kind, however often liked."""
        return self._matched(self._relaxed, posts)

    def entries(self, posts: pl.DataFrame) -> list[tuple[int, str, str]]:
        """Which entries of which lists stand in which row, for a person who looks."""
        return self._matcher.entries(*_read(posts))

    def hits(self, posts: pl.DataFrame) -> Hits:
        """How many entries of which lists stand in which row."""
        return self._matcher.hits(*_read(posts))

    def distant(self, posts: pl.DataFrame) -> pl.Series:
        """Which posts (text, links) hold words of distance: those that keep rules over spreading silent. What keeps
        other rules silent, as words of games and stages do, is no distance."""
        return pl.Series(self._far(self.hits(posts), posts.height))

    def _far(self, hits: Hits, posts: int) -> npt.NDArray[np.bool_]:
        return sum((hits.count(name, posts) for name in self._distancing), np.zeros(posts, np.int64)) > 0

    def distance(self, posts: pl.DataFrame) -> pl.DataFrame:
        """Of each post: `distant`, it holds words of distance; `kept`, these kept a rule silent."""
        hits = self.hits(posts)
        distant = self._far(hits, posts.height)
        open_, shut = (matches(its, posts, hits) for its in (self._lifted, self._relaxed))
        silent = set(zip(*(part.tolist() for part in open_), strict=True)) - set(
            zip(*(part.tolist() for part in shut), strict=True)
        )
        kept = np.zeros(posts.height, bool)
        kept[[row for _, row in silent]] = True
        return pl.DataFrame({"distant": distant, "kept": kept & distant})

    def _matched(self, predicates: Sequence[Predicate], posts: pl.DataFrame, hits: Hits | None = None) -> pl.DataFrame:
        rules, rows = matches(predicates, posts, self.hits(posts) if hits is None else hits)
        return posts.select(_ABOUT)[rows].with_columns(self._ids[rules])

    def failing_examples(self) -> list[Example]:
        """Examples that do not do what their rule's author says; none in a rule that may go live."""
        examples = [
            Example(rule.id, text, expected)
            for rule in self.rules
            for texts, expected in ((rule.matches, True), (rule.silent, False))
            for text in texts
        ]
        matched = self.match(as_posts([example.text for example in examples]))
        fired = set(zip(matched["post_id"], matched["rule"], strict=True))
        return [e for i, e in enumerate(examples) if ((str(i), e.rule) in fired) != e.expected]

    def fires_on_who(self) -> list[tuple[str, str]]:
        """Rules that could fire on words that only name religions, peoples, nations or languages, and such a word of
        theirs; no rule that may go live does (guardrail: no protected trait enters a rule)."""
        # each alone, all of a list, all of two: so a list that keeps a rule silent does not hide another
        some = [[entry] for entries in self._naming for entry in entries]
        some += [*self._naming, *(one + two for one, two in combinations(self._naming, 2))]
        matched = self.could_match(as_posts(["\n".join(entries) for entries in some]))
        return [(rule, some[int(n)][0]) for rule, n in matched.select("rule", "post_id").iter_rows()]

    def fires_on_control(self) -> Iterator[tuple[str, str, str]]:
        """Rules that could fire on the control corpus: the rule, the sentence's language and the sentence."""
        said, posts = _control()
        fired = [(int(place), rule) for place, rule in self.could_match(posts).select("post_id", "rule").iter_rows()]
        return ((rule, *said[place]) for place, rule in sorted(fired))

    def findings(self, matched: pl.DataFrame) -> Iterator[Finding]:
        """What matches of posts, as `match` gives them, say about accounts. `pictured`, where it is given, tells of a
        match with the post's pictures; it counts only if there is none without them."""
        by_id = {rule.id: rule for rule in self.rules}
        if "pictured" not in matched.columns:
            matched = matched.with_columns(pictured=False)
        # Two exports may both hold a post; sorting makes the result the same whatever order posts came in.
        grouped = (
            matched.sort("pictured")
            .unique(["rule", "platform", "post_id"], keep="first", maintain_order=True)
            .sort("at", "post_id")
            .group_by("rule", "platform", "account_id")
            .agg(pl.col("handle").last(), pl.col("post_id"), pl.col("at"), pl.col("pictured").sum())
            .sort("rule", "platform", "account_id")
        )
        for row in grouped.iter_rows(named=True):
            rule, count = by_id[row["rule"]], len(row["post_id"])
            if count >= rule.posts:
                yield _finding(self.name, rule, row, count)


def as_posts(texts: Sequence[str]) -> pl.DataFrame:
    """Sentences as posts of nobody, for examples and control corpora; post_id is their place in the list.

    Where one says sha256: and a hash, that is a picture of the post.
    """
    links = pl.Series(texts, dtype=pl.String).str.extract_all(r"https?://\S+")
    return pl.DataFrame(
        {
            "platform": pl.Series(["example"] * len(texts), dtype=pl.String),
            "post_id": [str(i) for i in range(len(texts))],
            "account_id": [str(i) for i in range(len(texts))],
            "handle": pl.Series([None] * len(texts), dtype=pl.String),
            "at": pl.Series([None] * len(texts), dtype=pl.Datetime("us", "UTC")),
            "kind": pl.Series(["post"] * len(texts), dtype=pl.String),
            "text": pl.Series(texts, dtype=pl.String),
            "lang": pl.Series([None] * len(texts), dtype=pl.String),
            "hashtags": pl.Series(texts, dtype=pl.String).str.extract_all(r"#[\p{L}\p{M}\p{N}_]+"),
            "links": links,
            "files": pl.Series(texts, dtype=pl.String)
            .str.extract_all(rf"sha256:{FORM}")
            .list.eval(pl.element().str.strip_prefix("sha256:").str.to_lowercase()),
            "mentions": pl.Series(texts, dtype=pl.String).str.extract_all(r"@\w+"),
            **{name: pl.Series([0] * len(texts), dtype=pl.Int64) for name in ("media", "reposts", "likes", "replies")},
            "truncated": pl.Series([False] * len(texts), dtype=pl.Boolean),
        }
    )


def checked(rules: Sequence[Rule], lists: Mapping[str, NamedList]) -> RulesSignal:
    """The signal over rules whose every example holds and which the control corpus leaves silent.

    Raises RuleError naming the first rule that may not go live, and why.
    """
    signal = RulesSignal(rules, lists)
    for failing in signal.failing_examples():
        what = "must match and does not" if failing.expected else "must not match and does"
        raise RuleError(f"rule {failing.rule}: its example {failing.text!r} {what}; fix the rule or the example")
    for rule, entry in signal.fires_on_who():
        why = "only names a religion, people, nation or language: it says who somebody is, not what was done"
        raise RuleError(f"rule {rule}: it fires on {entry!r}, which {why}", "identity", entry=entry)
    for rule, language, said in signal.fires_on_control():
        raise RuleError(f"rule {rule}: it fires on an ordinary sentence of the control corpus ({language}): {said!r}")
    return signal


@cache
def _control() -> tuple[tuple[tuple[str, str], ...], pl.DataFrame]:
    """The sentences of the control corpus, each after its language, and the same as posts."""
    said = tuple((language, sentence) for language, corpus in sentences().items() for sentence in corpus)
    return said, as_posts([sentence for _, sentence in said])


def _used(rules: Sequence[Rule], lists: Mapping[str, NamedList]) -> list[NamedList]:
    used = {list_of(column.name) for rule in rules for column in rule.predicate.find_all(exp.Column)}
    every = {**lists, **{own.name: own for rule in rules if (own := rule.own)}}
    return [item for name, item in sorted(every.items()) if name in used]


def _read(posts: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    """What lists are looked for in: text, links, and hashes of files where they are known."""
    return posts["text"], posts["links"], posts["files"] if "files" in posts.columns else None


def _batches(facts: Facts, tell: Tell) -> Iterator[pl.DataFrame]:
    total = facts.posts.select(pl.len()).collect().item()
    for start in range(0, total, _BATCH):
        tell("rules", start, total)
        yield facts.posts.select(NEEDED).slice(start, _BATCH).collect()
    tell("rules", total, total)


def _with_pictures(facts: Facts, listed: pl.Series) -> Iterator[pl.DataFrame]:
    """Posts with words in their pictures, these after the author's own (a report of a poster is still a report), and
    posts with pictures whose hashes are listed."""
    same = ["platform", "post_id"]
    shown = (
        facts.pictures.filter((pl.col("text") != "") | pl.col("picture").is_in(listed.implode()))
        .group_by(same)
        .agg(
            pl.col("text").filter(pl.col("text") != "").unique().sort().alias("words"),
            pl.col("picture").drop_nulls().unique().sort().alias("files"),
        )
    )
    posts = facts.posts.select(NEEDED).join(shown, on=same, how="inner")
    joined = posts.with_columns(
        pl.concat_str("text", pl.col("words").list.join("\n"), separator="\n", ignore_nulls=True)
    )
    yield from joined.select(*NEEDED, "files").collect().iter_slices(_BATCH)


def _finding(signal: str, rule: Rule, row: Mapping[str, Any], count: int) -> Finding:
    some = "a post" if count == 1 else f"{count} posts"
    pictured = int(row["pictured"])
    read = f", {'it' if count == 1 else pictured} only with what its pictures show" if pictured else ""
    latest = f"; the latest {_SHOWN} are listed" if count > _SHOWN else ""
    shown = list(zip(row["post_id"], row["at"], strict=True))[-_SHOWN:]
    return Finding(
        platform=str(row["platform"]),
        account_id=str(row["account_id"]),
        handle=str(row["handle"]) if row["handle"] is not None else None,
        signal=f"{signal}.{rule.id}",
        version=str(rule.version),
        score=score(count, rule.posts, rule.weight),
        because=f"{rule.title} ({rule.conduct.value.replace('_', ' ')}): {some} matched rule {rule.id}{read}{latest}",
        seen=tuple(Seen(str(post), _iso(at)) for post, at in shown),
        conduct=True,  # every matching post is the account's own
    )


def _iso(at: object) -> str:
    return at.isoformat() if hasattr(at, "isoformat") else ""
