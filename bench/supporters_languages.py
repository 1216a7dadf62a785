"""supporters_languages: ordinary and religious text of eleven kinds, dealt to made-up accounts, before the signal.

Fitted as the honest protocol says (half the listed families against the background), K = 20. Two lines: the signal's
own, and the score at which four of five unseen supporters are found; there it is also asked who could be listed, having
three posts with words of the in-group. Accounts are dealt 20 sentences of one language and kind each; sentences recur
between accounts, so shares are of accounts, and say little beyond their sentences. Needs the shared data folder, and
npm for scripture and the declaration.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.ordinary_corpus import gathered
from bench.payloads import REAL
from bench.real_accounts import load_collections
from bench.report import Result
from bench.supporters import write_truth
from bench.wargame import interval
from seawall.lake import Lake
from seawall.measure.evaluate import Account, find
from seawall.measure.truth import read_truth
from seawall.records.findings import LINE
from seawall.records.terms import Role
from seawall.signals.supporters.model import CHUNK, Model, fit, prepare
from seawall.signals.supporters.signal import FEWEST_TELLING
from seawall.signals.supporters.vocabulary import CONCEPT, shipped

ACCOUNTS = 1000  # of each language and kind
Flags = npt.NDArray[np.bool_]
KINDS = {"religious": ("scripture",), "ordinary": ("declaration", "messages", "control")}
FEWEST = 60  # sentences; of fewer, accounts would be all alike


def run() -> list[Result]:
    """Share of made-up accounts above both lines, by language and kind, beside English."""
    if not REAL.exists():
        print("supporters_languages: needs the shared data folder; not measured")
        return []
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        load_collections(folder / "home")
        write_truth(folder / "truth.csv")
        with Lake(folder / "home") as lake:
            accounts = find(lake, read_truth(folder / "truth.csv"))
    finally:
        shutil.rmtree(folder)
    model = _fitted(accounts)
    known = [its.posts for its in accounts if its.row.role is Role.TEST and its.row.positive]
    at_recall = float(np.quantile(_scored(model, known).score, 0.2))
    above = {
        (kind, language): _scored(model, dealt)
        for language, kinds in gathered().items()
        for kind, parts in KINDS.items()
        for dealt in [_dealt([line for part in parts for line in kinds.get(part, [])])]
        if dealt
    }
    lines: tuple[tuple[str, Callable[[Scored], Flags]], ...] = (
        ("at_the_line", lambda its: its.score >= LINE),
        ("at_recall_80", lambda its: its.score >= at_recall),
        ("listable_at_recall_80", lambda its: (its.score >= at_recall) & its.telling),
    )
    return [
        _result(f"supporters_{kind}_{language}_{name}", passes(its), passes(above[kind, "en"]))
        for name, passes in lines
        for (kind, language), its in above.items()
    ]


@dataclass(frozen=True, slots=True)
class Scored:
    """Of each account its score, and whether three of its posts hold words of the in-group: fewer are never listed."""

    score: npt.NDArray[np.float64]
    telling: Flags


def _fitted(accounts: list[Account]) -> Model:
    def posts(role: Role) -> list[list[str]]:
        return [its.posts for its in accounts if its.row.role is role]

    background = [its for its in posts(Role.BACKGROUND) if len(its) >= CHUNK]
    prepared = prepare([*posts(Role.SEED), *background])
    seeds = len(posts(Role.SEED))
    return fit(prepared.take(range(seeds)), prepared.take(range(seeds, len(prepared))))


def _scored(model: Model, accounts: list[list[str]]) -> Scored:
    posts = prepare([its for its in accounts if len(its) >= CHUNK]).latest(CHUNK)
    concepts = {CONCEPT + its.name for its in shipped().concepts if its.sign > 0}
    told = [at for at, name in enumerate(posts.names) if name in concepts and model.weight_of(name) > 0]
    telling = np.add.reduceat((posts.matrix[:, told].sum(axis=1).A1 > 0).astype(int), posts.starts[:-1])
    return Scored(model.scores(posts, CHUNK), telling >= FEWEST_TELLING)


def _dealt(sentences: list[str]) -> list[list[str]]:
    if len(sentences) < FEWEST:
        return []
    draw = np.random.default_rng(1)
    return [[sentences[at] for at in draw.choice(len(sentences), CHUNK, replace=False)] for _ in range(ACCOUNTS)]


def _result(name: str, above: Flags, english: Flags) -> Result:
    hits, of = int(above.sum()), len(above)
    low, high = interval(hits, of)
    return Result(name, hits / of, f"of accounts [{low:.4f}, {high:.4f}]", "English", float(english.mean()))
