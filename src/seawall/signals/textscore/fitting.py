"""Fitting a text score: the posts of a home's seeds against everybody else's, and proof that it tells something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from seawall.records.labels import Label
from seawall.records.terms import PostKind
from seawall.signals.contract import SignalError
from seawall.signals.control import sentences
from seawall.signals.textscore.model import TextScore, runs_of

FEWEST_SEEDS, FEWEST_POSTS = 3, 100
MOST_OF_ONE, MOST_OTHERS = 400, 50_000
FEWEST_TOLD = 0.1  # share of held-out seeds' posts that must score one half
HELD_OUT = 4  # every fourth account proves the model
SILENCE = 0.01  # how far below one half the loudest control sentence stays, in log-odds
STRENGTH = 1.0  # inverse of how strongly weights are held to nothing (C)
_ABOUT = ["platform", "account_id"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model and what it was proved on: accounts that it had not seen."""

    model: TextScore
    seeds: int  # accounts
    posts: int  # theirs
    others: int  # posts of others
    told: float  # share of held-out seeds' posts that score one half or more
    false: float  # share of held-out others' posts that do
    auc: float  # chance that a held-out seed's post scores above another's


def fit(posts: pl.LazyFrame, seeds: Sequence[Label]) -> Fitted:
    """A text score from own posts of seeds against those of others. Raises SignalError, with the reason, if there is
    too little to learn from or it tells nothing."""
    own = posts.filter(pl.col("kind") != PostKind.REPOST.value, pl.col("text").str.len_chars() > 0)
    rows = own.select(*_ABOUT, "handle", "post_id", "text").pipe(_sides, seeds)
    theirs = rows.filter("seed")
    accounts = theirs.select(_ABOUT).n_unique()
    if accounts < FEWEST_SEEDS or theirs.height < FEWEST_POSTS or theirs.height == rows.height:
        raise SignalError(
            f"a text score needs at least {FEWEST_SEEDS} verified seeds with {FEWEST_POSTS} own posts in the lake, and "
            f"posts of others; the lake has {accounts} seeds with {theirs.height} posts, and "
            f"{rows.height - theirs.height} of others. Add some: seawall seeds add PLATFORM:HANDLE"
        )
    runs = runs_of(rows["text"])
    seed, held = rows["seed"].to_numpy(), rows["held"].to_numpy()
    proof = _learned(runs[~held], seed[~held]).log_odds(rows.filter("held")["text"])
    told, false, auc = _proved(proof, seed[held])
    if told < FEWEST_TOLD:
        raise SignalError(
            f"a text score of these seeds tells nothing: of the posts of seeds it had not seen {told:.0%} score one "
            f"half, where no control sentence does. More seeds, or seeds that say more, are needed."
        )
    model = _learned(runs, seed)
    about = {"seeds": accounts, "posts": theirs.height, "told": told, "false": false, "auc": auc}
    return Fitted(
        TextScore(model.weights, model.intercept, about), accounts, theirs.height, rows.height - theirs.height,
        told, false, auc,
    )  # fmt: skip


def _sides(posts: pl.LazyFrame, seeds: Sequence[Label]) -> pl.DataFrame:
    """Posts with whether a seed wrote them and whether they are kept for proof; the same ones every time."""
    listed = [f"{label.platform} {label.account.casefold()}" for label in seeds if label.live]
    names = [
        pl.concat_str("platform", pl.lit(" "), pl.col(name).str.to_lowercase()) for name in ("account_id", "handle")
    ]
    is_seed = pl.any_horizontal(name.is_in(listed) for name in names)
    each = posts.unique(["platform", "post_id"], keep="any").with_columns(
        seed=is_seed.fill_null(False).any().over(_ABOUT)
    )
    few = each.sort(*_ABOUT, "post_id").group_by(_ABOUT, maintain_order=True).tail(MOST_OF_ONE).collect()
    others = few.filter(~pl.col("seed"))
    others = others.gather_every(others.height // MOST_OTHERS + 1)
    number = pl.struct(_ABOUT).rank("dense").over("seed")
    return pl.concat([few.filter("seed"), others]).with_columns(held=number % HELD_OUT == 0).sort(*_ABOUT, "post_id")


def _learned(runs: sparse.csr_matrix, seed: npt.NDArray[np.bool_]) -> TextScore:
    """Weights, and an intercept that leaves every control sentence below one half. The corpus is learned from, too."""
    control = pl.Series([said for corpus in sentences().values() for said in corpus])
    x = sparse.vstack([runs, runs_of(control)]).tocsr()
    y = np.concatenate([seed, np.zeros(len(control), bool)])
    solved = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=200).fit(x, y)
    weights = np.ascontiguousarray(solved.coef_[0], np.float32)
    loudest = float(TextScore(weights, 0.0, {}).log_odds(control).max())
    return TextScore(weights, min(float(solved.intercept_[0]), -loudest - SILENCE), {})


def _proved(log_odds: npt.NDArray[np.float32], seed: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    if not seed.any() or seed.all():
        return 0.0, 0.0, 0.5
    above = log_odds >= 0
    return float(above[seed].mean()), float(above[~seed].mean()), float(roc_auc_score(seed, log_odds))
