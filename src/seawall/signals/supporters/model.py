"""The model: a logistic regression whose prior is a hand-written lexicon of voices, fitted to seeds.

Score of an account over its latest k posts = intercept + sum of weight_j * sqrt(c_j / (k + 5)), where c_j is in how
many of those posts feature j occurs. Lexicon concepts start from a fixed weight and move little; words start from
nothing and are learned from seeds against background and against a contrast corpus of others who speak of the same
topic (a MAP estimate with an informative Gaussian prior: Gelman, Jakulin, Pittau and Su, Annals of Applied
Statistics 2008; square-root counts: Jegou, Douze and Schmid, CVPR 2009). Every term is its own explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from scipy.optimize import minimize

from seawall.signals.supporters.vocabulary import CONCEPT, Vocabulary, read, shipped

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SHRINK = 5.0  # posts of no content added to every account: thin evidence stays near the intercept
CHUNK = 20  # posts of a chunk in fitting, whatever K is scored
PRIOR = 3.3  # weight a lexicon concept starts from, times its sign
HOLD_WORDS, HOLD_CONCEPTS = 2.0, 30.0  # how strongly weights are held to where they start
SILENT, HOLD_SILENT = -0.6, 100.0  # log-odds of an account that says nothing telling: the same whatever the seeds
SEED_ACCOUNTS, BACKGROUND_CHUNKS = 2, 30  # a word is learned only if so many seeds, or background chunks, write it
MOST_SEED_CHUNKS, MOST_BACKGROUND_CHUNKS = 20, 6  # of one account, so that none dominates
CONTRAST_ACCOUNTS, CONTRAST_WEIGHT = 600, 2.0
SIDE = 500.0  # total weight of seeds, and of background
LINE_AT = 1.5  # log-odds that score 0.5: about 1% of accounts that only talk about the topic lie above (K = 20)
_BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts of accounts as features: account i has rows starts[i] to starts[i + 1], oldest first."""

    names: list[str]
    matrix: sparse.csr_matrix
    starts: Ints
    latin: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def counts(self) -> Ints:
        """Posts of each account."""
        return np.diff(self.starts)

    def take(self, accounts: Sequence[int]) -> Posts:
        """Only these accounts, in this order."""
        spans = [np.arange(self.starts[i], self.starts[i + 1]) for i in accounts]
        return self._rows(spans)

    def latest(self, k: int) -> Posts:
        """Only the latest k posts of each account."""
        return self._rows([np.arange(max(a, b - k), b) for a, b in zip(self.starts, self.starts[1:], strict=False)])

    def written_in_latin(self) -> Posts:
        """Only posts in Latin script, and only accounts that have a chunk of them."""
        spans = [np.arange(a, b)[self.latin[a:b]] for a, b in zip(self.starts, self.starts[1:], strict=False)]
        return self._rows([span for span in spans if len(span) >= CHUNK])

    def _rows(self, spans: list[Ints]) -> Posts:
        rows = np.concatenate(spans) if spans else np.zeros(0, np.int64)
        starts = np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64)
        return Posts(self.names, self.matrix[rows], starts, self.latin[rows])


def prepare(
    accounts: Sequence[Sequence[str]],
    on_progress: Callable[[int, int], None] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Posts:
    """Texts of accounts (oldest first) as features."""
    texts = [text for posts in accounts for text in posts]
    starts = np.concatenate([[0], np.cumsum([len(posts) for posts in accounts])]).astype(np.int64)
    return prepare_texts(pl.Series(texts, dtype=pl.String), starts, on_progress, vocabulary)


def prepare_texts(
    texts: pl.Series,
    starts: Ints,
    on_progress: Callable[[int, int], None] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Posts:
    """Texts in one column as features; `starts` says where each account's posts begin."""
    parts = []
    for at in range(0, len(texts), _BATCH):
        parts.append(read(texts.slice(at, _BATCH), vocabulary or shipped()))
        if on_progress:
            on_progress(min(at + _BATCH, len(texts)), len(texts))
    names = sorted({name for part in parts for name in part[0]})
    index = {name: i for i, name in enumerate(names)}
    matrices = [_renamed(matrix, [index[name] for name in its], len(names)) for its, matrix, _ in parts]
    matrix = sparse.vstack(matrices).tocsr() if matrices else sparse.csr_matrix((0, 0), dtype=np.float32)
    latin = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0, bool)
    return Posts(names, matrix, starts, latin)


def _renamed(matrix: sparse.csr_matrix, columns: Sequence[int], width: int) -> sparse.csr_matrix:
    moved = np.asarray(columns, np.int64)[matrix.indices] if matrix.nnz else matrix.indices
    return sparse.csr_matrix((matrix.data, moved, matrix.indptr), shape=(matrix.shape[0], width))


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature name. Plain arrays: there is nothing in it to execute."""

    names: list[str]
    weights: Floats
    intercept: float

    def log_odds(self, posts: Posts, k: int) -> Floats:
        """Log-odds of each account over its latest k posts."""
        cut = posts.latest(k)
        rooted = _rooted(_sums(_aligned(cut, self.names), cut.starts), cut.counts())
        return np.asarray(rooted @ self.weights + self.intercept, np.float64)

    def weight_of(self, name: str) -> float:
        """The weight of a feature; 0 if the model does not know it."""
        return float(self.weights[self.names.index(name)]) if name in self.names else 0.0

    def scores(self, posts: Posts, k: int) -> Floats:
        """Scores from 0 to 1 of each account over its latest k posts."""
        return to_score(self.log_odds(posts, k))


def to_score(log_odds: Floats) -> Floats:
    """Log-odds as a score from 0 to 1, 0.5 at the line. It orders accounts; it is no probability (see reliability)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds - LINE_AT, -50, 50))), np.float64)


def _aligned(posts: Posts, names: list[str]) -> sparse.csr_matrix:
    """Posts over the model's features; what the model does not know counts nothing."""
    at = {name: i for i, name in enumerate(posts.names)}
    known = [(i, at[name]) for i, name in enumerate(names) if name in at]
    picked = sparse.csr_matrix(
        (np.ones(len(known), np.float32), ([b for _, b in known], [a for a, _ in known])),
        shape=(len(posts.names), len(names)),
    )
    return (posts.matrix @ picked).tocsr()


def _sums(matrix: sparse.csr_matrix, starts: Ints) -> sparse.csr_matrix:
    """Sums of consecutive rows."""
    rows = int(starts[-1])
    groups = sparse.csr_matrix((np.ones(rows, np.float32), np.arange(rows), starts), shape=(len(starts) - 1, rows))
    return (groups @ matrix).tocsr()


def _rooted(counts: sparse.csr_matrix, posts: Ints) -> sparse.csr_matrix:
    rooted = counts.astype(np.float64).tocsr()
    rooted.data = np.sqrt(rooted.data / np.repeat(posts + SHRINK, np.diff(rooted.indptr)))
    return rooted


def fit(seeds: Posts, background: Posts, vocabulary: Vocabulary | None = None) -> Model:
    """Fit to seeds against background, in chunks of CHUNK posts whatever K will be scored: shorter ones teach noise."""
    vocabulary = vocabulary or shipped()
    rng = np.random.default_rng(0)
    contrast = prepare([[sentence for _, sentence in vocabulary.contrast]], vocabulary=vocabulary)
    plain_background = background.written_in_latin()
    names = _candidates(seeds, plain_background, vocabulary)
    seed_chunks = [_chunks(n, MOST_SEED_CHUNKS, None) for n in seeds.counts()]
    other_chunks = [_chunks(n, MOST_BACKGROUND_CHUNKS, rng) for n in plain_background.counts()]
    sides = [
        _side(_aligned(seeds, names), seeds.starts, seed_chunks),
        _side(_aligned(plain_background, names), plain_background.starts, other_chunks),
        _side(_aligned(contrast, names), np.zeros(1, np.int64), [_pseudo_accounts(vocabulary, rng)]),
    ]
    each_account = np.concatenate([np.full(len(chunks), len(chunks) ** -0.5) for chunks in seed_chunks])
    masses = [each_account, np.ones(sides[1].shape[0]), np.ones(sides[2].shape[0])]
    weights = np.concatenate(
        [m / max(m.sum(), 1e-9) * SIDE * f for m, f in zip(masses, (1.0, 1.0, CONTRAST_WEIGHT), strict=True)]
    )
    sign = np.concatenate([np.ones(sides[0].shape[0]), -np.ones(sides[1].shape[0] + sides[2].shape[0])])
    return _solve(names, sparse.vstack(sides).tocsr(), sign, weights, vocabulary)


def _candidates(seeds: Posts, background: Posts, vocabulary: Vocabulary) -> list[str]:
    """Concepts, and the words that enough seed accounts or enough background chunks write."""
    concepts = [CONCEPT + concept.name for concept in vocabulary.concepts]
    writers = np.asarray((_sums(seeds.matrix, seeds.starts) > 0).sum(axis=0)).ravel()
    chunked = np.concatenate([[0], np.cumsum([c for n in background.counts() for c in _even(n)])]).astype(np.int64)
    spread = np.asarray((_sums(background.matrix, chunked) > 0).sum(axis=0)).ravel()
    by_seeds = {n for n, w in zip(seeds.names, writers, strict=True) if w >= SEED_ACCOUNTS}
    by_background = {n for n, w in zip(background.names, spread, strict=True) if w >= BACKGROUND_CHUNKS}
    return concepts + sorted(name for name in by_seeds | by_background if not name.startswith(CONCEPT))


def _even(posts: int) -> list[int]:
    return [min(CHUNK, posts - at) for at in range(0, posts, CHUNK)]


def _chunks(posts: int, most: int, rng: np.random.Generator | None) -> list[Ints]:
    """Chunks of CHUNK posts, the newest whole; an account with fewer posts is one short chunk."""
    cut = [np.arange(at, at + CHUNK) for at in range(posts % CHUNK, posts - CHUNK + 1, CHUNK)] or [np.arange(posts)]
    if len(cut) <= most:
        return cut
    return cut[-most:] if rng is None else [cut[i] for i in sorted(rng.choice(len(cut), most, replace=False))]


def _pseudo_accounts(vocabulary: Vocabulary, rng: np.random.Generator) -> list[Ints]:
    """Contrast sentences dealt to accounts that speak in one register each, topped up from others."""
    by_register: dict[str, list[int]] = {}
    for i, (register, _) in enumerate(vocabulary.contrast):
        by_register.setdefault(register, []).append(i)
    registers = sorted(by_register)
    dealt = []
    for _ in range(CONTRAST_ACCOUNTS):
        said: list[int] = []
        while len(said) < CHUNK:
            pool = by_register[registers[rng.integers(len(registers))]]
            said += rng.choice(pool, min(CHUNK - len(said), len(pool)), replace=False).tolist()
        dealt.append(np.array(said, np.int64))
    return dealt


def _side(matrix: sparse.csr_matrix, starts: Ints, chunks: list[list[Ints]]) -> sparse.csr_matrix:
    spans = [chunk + start for start, its in zip(starts, chunks, strict=False) for chunk in its]
    rows = np.concatenate(spans) if spans else np.zeros(0, np.int64)
    lengths = np.array([len(span) for span in spans], np.int64)
    return _rooted(_sums(matrix[rows], np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)), lengths)


def _solve(names: list[str], x: sparse.csr_matrix, sign: Floats, weights: Floats, vocabulary: Vocabulary) -> Model:
    """Weighted logistic regression, each weight held to where it starts."""
    concepts = len(vocabulary.concepts)
    start = np.zeros(len(names))
    start[:concepts] = PRIOR * np.array([concept.sign for concept in vocabulary.concepts])
    hold = np.full(len(names), HOLD_WORDS)
    hold[:concepts] = HOLD_CONCEPTS
    offset, turned = x @ start, x.T.tocsr()

    def loss(theta: Floats) -> tuple[float, Floats]:
        moved, intercept = theta[:-1], theta[-1]
        margin = sign * (x @ moved + intercept + offset)
        pull = -sign * weights / (1 + np.exp(np.clip(margin, -50, 50)))
        off = intercept - SILENT
        value = (weights * np.logaddexp(0, -margin)).sum() + 0.5 * (
            (hold * moved * moved).sum() + HOLD_SILENT * off * off
        )
        return float(value), np.append(turned @ pull + hold * moved, pull.sum() + HOLD_SILENT * off)

    begin = np.append(np.zeros(len(names)), SILENT)
    solved = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return Model(names, start + solved.x[:-1], float(solved.x[-1]))
