"""ordinary_text: how often ordinary sentences, religious ones among them, meet the shipped lists and rules.

Some shipped lists hold ordinary words on purpose ("lesson", "police"): no rule lets them fire alone. So two figures a
language: sentences that a rule fires on, and sentences that a list meets only because hidden spellings, missing accents
and Arabic's joined words are seen through, which is what seeing through them costs.
"""

from __future__ import annotations

import polars as pl

from bench.ordinary_corpus import gathered
from bench.report import Result
from seawall.signals.rules import NamedList, RulesSignal, shipped_rules
from seawall.signals.rules.matcher import Matcher
from seawall.signals.rules.signal import as_posts
from seawall.signals.text import fold, without_links, words

MOST = 10_000  # sentences a language


def run() -> list[Result]:
    """Per language, hits per thousand sentences."""
    rules, lists = shipped_rules()
    signal, matcher = RulesSignal(rules, lists), Matcher(lists.values())
    results = []
    for language, kinds in gathered().items():
        corpus = _dealt(kinds)
        posts = as_posts(corpus)
        fired = signal.match(posts)["post_id"].n_unique() if corpus else 0
        hits = matcher.hits(posts["text"], posts["links"])
        exact = _exact(posts["text"], lists)
        met = {(int(row), name) for name, (places, _) in hits.lists.items() for row in hits.rows[places]}
        beyond = {row for row, name in met - exact if lists[name].kind == "phrases"}
        made = {f"{kind} sentences": float(len(its)) for kind, its in kinds.items()}
        per, unit = 1000 / max(len(corpus), 1), "of 1,000 sentences"
        results.append(Result(f"ordinary_text_rules_{language}", fired * per, unit, sizes=made))
        size = {"sentences": float(len(corpus))}
        results.append(Result(f"ordinary_text_hidden_{language}", len(beyond) * per, unit, sizes=size))
    return results


def _dealt(kinds: dict[str, list[str]]) -> list[str]:
    """At most so many sentences, the smaller kinds whole."""
    taken: list[str] = []
    for left, its in zip(range(len(kinds), 0, -1), sorted(kinds.values(), key=len), strict=True):
        taken += its[: (MOST - len(taken)) // left]
    return taken


def _exact(text: pl.Series, lists: dict[str, NamedList]) -> set[tuple[int, str]]:
    """Rows and lists that meet in exact words alone, as a plain search of strings finds them."""
    said = text.to_frame("t").select(words(without_links(pl.col("t")))).to_series()
    met = set()
    for name, item in lists.items():
        if item.kind == "phrases":
            entries = pl.Series(item.entries).to_frame("e").select(words(fold(pl.col("e")))).to_series()
            plain = [entry.split("#")[0].rstrip() + " " for entry in entries]
            found = said.str.contains_any(plain)
            met |= {(row, name) for row in found.arg_true().to_list()}
    return met
