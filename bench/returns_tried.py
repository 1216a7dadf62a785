"""What else was tried to tell writing apart, on the authors that weights are learned from; prints a table.

    python -m bench.returns_tried HOME

HOME holds the three real collections. No author of any test is looked at. Each newcomer's second half is ranked among
its own first half and 49 others nearest in time; weights are fitted on one half of the authors and used on the other.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from bench.returns_data import half, is_learned_from, timelines
from bench.returns_fit import fit
from seawall.lake import Lake
from seawall.measure.returns import NEAREST
from seawall.signals.contract import Facts
from seawall.signals.returns.evidence import TEXT, compared, weights
from seawall.signals.returns.known import Known
from seawall.signals.returns.profiles import Profiles, gather

AMOUNT = 75  # posts of each half
_RUNS, _GAPS = 2000, 23  # runs of letters that Delta looks at; powers of two of seconds between posts

Halves = tuple[Profiles, Profiles, list[str], np.ndarray]  # first and second halves, texts of both, gaps of both


def halves(home: Path) -> dict[str, Halves]:
    """What each collection's authors wrote, first halves and then second ones."""
    found = {}
    with Lake(home) as lake, lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        posts = snapshot.scan("posts").select("platform", "account_id", "at", "text").collect()
        for name, its in timelines(home).items():
            kept = {a: at for a, at in its.items() if is_learned_from(a)}
            wanted = half(kept, AMOUNT)
            old, new = gather(facts, wanted.head(len(kept))), gather(facts, wanted.tail(len(kept)))
            own = (
                wanted.with_row_index("row")
                .join(posts, on=["platform", "account_id"])
                .filter((pl.col("at") >= pl.col("since")) & (pl.col("at") < pl.col("until")))
                .sort("row", "at")
            )
            said = dict(own.group_by("row").agg(pl.col("text").str.join("\n")).iter_rows())
            found[name] = old, new, [said.get(row, "") for row in range(2 * len(kept))], _gaps(own, 2 * len(kept))
    return found


def _gaps(posts: pl.DataFrame, size: int) -> np.ndarray:
    """How long accounts wait between posts: shares by powers of two, as square roots."""
    its = posts.with_columns(gap=pl.col("at").diff().over("row").dt.total_seconds()).drop_nulls("gap")
    found = np.zeros((size, _GAPS))
    power = np.log2(np.maximum(its["gap"].to_numpy(), 1)).astype(int)
    np.add.at(found, (its["row"].to_numpy(), np.clip(power, 0, _GAPS - 1)), 1)
    return np.asarray(np.sqrt(found / np.maximum(found.sum(1, keepdims=True), 1)))


def likenesses(its: Halves) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Newcomers × suspended: the signal's likenesses in writing, and others."""
    old, new, texts, gaps = its
    many = len(old)
    known = Known(old, new)
    rows = np.arange(many)
    ours = np.stack([np.stack([compared(known, new, int(r), rows)[name] for name in TEXT], 1) for r in rows])
    bare = [text.replace("\n", " ") for text in texts]
    runs = CountVectorizer(analyzer="char", ngram_range=(3, 3), max_features=_RUNS, lowercase=False).fit_transform(bare)
    plain = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True, min_df=2).fit_transform(bare)
    return ours, {
        "gaps": gaps[many:] @ gaps[:many].T,
        "delta": _delta(runs.toarray().astype(float), many),
        "plain": (plain[many:] @ plain[:many].T).toarray(),
    }


def _delta(counts: np.ndarray, many: int) -> np.ndarray:
    """Cosine Delta over frequent runs of letters (Evert et al. 2017)."""
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    z = np.clip((shares - shares.mean(0)) / (shares.std(0) + 1e-9), -5, 5)
    z /= np.linalg.norm(z, axis=1, keepdims=True) + 1e-9
    return np.asarray(z[many:] @ z[:many].T)


def against_cohort(score: np.ndarray) -> np.ndarray:
    """Scores against how alike both sides are to anybody (symmetric score normalisation)."""
    rows = (score - score.mean(1, keepdims=True)) / (score.std(1, keepdims=True) + 1e-9)
    return np.asarray((rows + (score - score.mean(0)) / (score.std(0) + 1e-9)) / 2)


def reciprocal_rank(score: np.ndarray, old: Profiles, new: Profiles) -> float:
    """Mean of 1 / rank of the true first half among those nearest in time."""
    found = []
    for row in range(len(new)):
        apart = np.abs(old.last.astype(float) - float(new.first[row]))
        others = [at for at in np.argsort(apart, kind="stable") if at != row][: NEAREST - 1]
        own = score[row, row]
        found.append(1 / (1 + (score[row, others] > own).sum() + (score[row, others] == own).sum() / 2))
    return float(np.mean(found))


def _crossed(likes: dict[str, np.ndarray], *, trees: bool) -> dict[str, np.ndarray]:
    """Scores by weights, or trees, fitted on the other half of the authors of all collections."""
    side = {name: np.random.default_rng(1).permutation(len(x)) % 2 for name, x in likes.items()}
    found = {name: np.zeros(x.shape[:2]) for name, x in likes.items()}
    for which in (0, 1):
        x, y, weight = [], [], []
        for name, its in likes.items():
            rows = np.flatnonzero(side[name] != which)
            same = np.eye(len(rows), dtype=bool).ravel()
            x.append(its[np.ix_(rows, rows)].reshape(-1, its.shape[2]))
            y.append(same)
            weight.append(np.where(same, 1 / len(rows), 1 / len(rows) / max(len(rows) - 1, 1)))
        fitted = np.concatenate(x), np.concatenate(y), np.concatenate(weight)
        for name, its in likes.items():
            rows = np.flatnonzero(side[name] == which)
            found[name][rows] = _tree_scores(fitted, its[rows]) if trees else _linear_scores(fitted, its[rows])
    return found


def _linear_scores(fitted: tuple[np.ndarray, ...], asked: np.ndarray) -> np.ndarray:
    worth, base, typical = fit(*fitted)
    return np.asarray(((asked - typical) * worth).sum(2) + base)


def _tree_scores(fitted: tuple[np.ndarray, ...], asked: np.ndarray) -> np.ndarray:
    x, y, weight = fitted
    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, l2_regularization=10, min_samples_leaf=40, random_state=0
    )
    model.fit(x, y, sample_weight=weight * len(y))
    return np.asarray(model.decision_function(asked.reshape(-1, x.shape[1])).reshape(asked.shape[:2]))


def main(home: Path) -> None:
    """Print the mean reciprocal rank of each way, by collection."""
    its = halves(home)
    ours, more = {}, {}
    for name, both in its.items():
        ours[name], more[name] = likenesses(both)
    shipped = np.array([weights().text[name] for name in TEXT])
    wide = {name: np.concatenate([ours[name], np.stack(list(more[name].values()), 2)], 2) for name in its}
    normed = {n: np.concatenate([x, np.stack([against_cohort(x[:, :, j]) for j in range(x.shape[2])], 2)], 2)
              for n, x in wide.items()}  # fmt: skip
    with_gaps = {n: np.concatenate([ours[n], more[n]["gaps"][:, :, None]], 2) for n in its}
    ways = {
        "shipped weights (learned on these authors)": {name: x @ shipped for name, x in ours.items()},
        "the same likenesses": _crossed(ours, trees=False),
        "plain TF-IDF of words": {name: x["plain"] for name, x in more.items()},
        "Delta of runs of letters": {name: x["delta"] for name, x in more.items()},
        "gaps between posts": {name: x["gaps"] for name, x in more.items()},
        "ours and gaps": _crossed(with_gaps, trees=False),
        "all": _crossed(wide, trees=False),
        "all, against the cohort": {n: against_cohort(x) for n, x in _crossed(wide, trees=False).items()},
        "all and all against the cohort, trees": _crossed(normed, trees=True),
    }
    print(f"{'':<46}" + "".join(f"{name} ({len(both[0])})".rjust(30) for name, both in its.items()))
    for way, scores in ways.items():
        values = [reciprocal_rank(scores[name], *both[:2]) for name, both in its.items()]
        print(f"{way:<46}" + "".join(f"{value:>30.3f}" for value in values))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
