"""The plain baseline every text signal is held against: character TF-IDF and logistic regression.

Fitted like the signal, on chunks of K posts of seeds and background, so that both see equal evidence. No masking,
no word lists: what a newcomer would build in an afternoon.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

_CHUNKS_EACH = 6  # background chunks of one account, so that no account dominates
_SEED_CHUNKS_EACH = 20
Texts = Sequence[str]


class Baseline:
    """Counts n-grams once; each split only re-weights and re-fits."""

    def __init__(self, background: Sequence[Texts], candidates: Sequence[Texts], test: Sequence[Texts], k: int) -> None:
        rng = np.random.default_rng(0)
        chunks = [chunk for posts in background for chunk in _some(_chunks(posts, k), _CHUNKS_EACH, rng)]
        self._owners = []
        seed_chunks = []
        for owner, posts in enumerate(candidates):
            for chunk in _chunks(posts, k)[-_SEED_CHUNKS_EACH:]:
                seed_chunks.append(chunk)
                self._owners.append(owner)
        vectorizer = CountVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), min_df=5, max_features=100_000, dtype=np.float32
        )
        counted = _damped(vectorizer.fit_transform(seed_chunks + chunks))
        self._seeds, self._background = counted[: len(seed_chunks)], counted[len(seed_chunks) :]
        self._test = _damped(vectorizer.transform(["\n".join(posts[-k:]) for posts in test]))

    def scores(self, seeds: Sequence[int], test: Sequence[int]) -> npt.NDArray[np.float64]:
        """Scores of test accounts by index, fitted on seed candidates by index and all background."""
        chosen = self._seeds[np.isin(self._owners, list(seeds))]
        fitted = sparse.vstack([chosen, self._background]).tocsr()
        idf = np.log((1 + fitted.shape[0]) / (1 + np.asarray((fitted > 0).sum(axis=0)).ravel())) + 1
        label = np.r_[np.ones(chosen.shape[0]), np.zeros(self._background.shape[0])]
        model = LogisticRegression(C=10, max_iter=200, class_weight="balanced", solver="liblinear", random_state=0)
        model.fit(_unit(fitted, idf), label)
        return np.asarray(model.predict_proba(_unit(self._test[list(test)], idf))[:, 1], np.float64)


def _chunks(posts: Texts, k: int) -> list[str]:
    return ["\n".join(posts[i : i + k]) for i in range(len(posts) % k, len(posts), k)] if len(posts) >= k else []


def _some(chunks: list[str], most: int, rng: np.random.Generator) -> list[str]:
    if len(chunks) <= most:
        return chunks
    return [chunks[i] for i in sorted(rng.choice(len(chunks), most, replace=False))]


def _damped(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    counts = counts.tocsr()
    counts.data = 1 + np.log(counts.data)
    return counts


def _unit(counts: sparse.csr_matrix, idf: npt.NDArray[np.float64]) -> sparse.csr_matrix:
    weighted = (counts @ sparse.diags(idf)).tocsr()
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(norms, 1e-9)) @ weighted).tocsr()
