"""Marking: what posts are looked at for as they pass, the same in one process or in many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from seawall.records.facts import POSTS, columns
from seawall.records.marks import MATCHES, READINGS
from seawall.signals.rules import NamedList, Rule, RulesSignal
from seawall.signals.rules.signal import as_posts
from seawall.signals.text.language import language
from seawall.signals.textscore import TextScore
from seawall.stream.parts import Clock

_SAME = ["platform", "post_id"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What posts are marked with. Plain data: it goes to the workers, and each makes a Marker of it."""

    rules: tuple[Rule, ...]
    lists: Mapping[str, NamedList]
    model: TextScore | None = None  # None: the home has none, and no post is scored


class Marker:
    """Reads posts: language, score, rules."""

    def __init__(self, recipe: Recipe) -> None:
        self._rules = RulesSignal(recipe.rules, recipe.lists)
        self._model = recipe.model
        self._model_version = recipe.model.version if recipe.model else None
        self._version_of = {rule.id: str(rule.version) for rule in recipe.rules}

    def warm(self) -> None:
        """Load what is loaded at the first post, so that no post waits for it."""
        example = as_posts(["a post, https://example.org/"]).drop("files")
        given: dict[str, object] = {name: example[name].to_arrow() for name in example.columns}
        self.marks(columns(POSTS, given, example.height), Clock())

    def marked(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """Tables of facts with the marks of their posts beside them, as the lake takes them in."""
        return {**tables, **self.marks(tables["posts"], Clock())} if "posts" in tables else dict(tables)

    def marks(self, posts: pa.Table, clock: Clock) -> dict[str, pa.Table]:
        """Marks of posts. Of posts that are there twice the first is read, as it is the one the lake keeps."""
        frame = pl.DataFrame(posts).unique(_SAME, keep="first", maintain_order=True)
        with clock("rules"):
            matches = self._matches(frame)
        with clock("language"):
            lang = language(frame["text"], frame["lang"])
        with clock("score"):
            scores = self._model.score(frame["text"]) if self._model else None
        readings = frame.select(*_SAME, "at").with_columns(
            lang=lang, score=pl.lit(scores, pl.Float32), model=pl.lit(self._model_version, pl.String)
        )
        return {"matches": matches, "readings": readings.to_arrow().cast(READINGS.schema)}

    def _matches(self, posts: pl.DataFrame) -> pa.Table:
        matched = self._rules.match(posts) if posts.height and self._version_of else pl.DataFrame()
        if not matched.height:
            return MATCHES.schema.empty_table()
        version = pl.col("rule").replace_strict(self._version_of)
        noted = matched.with_columns(rule_version=version, since=pl.lit(None, pl.Int64))
        return noted.select(MATCHES.schema.names).to_arrow().cast(MATCHES.schema)
