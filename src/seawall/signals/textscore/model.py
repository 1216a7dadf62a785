"""A fitted text score: a table of weights, what it was fitted to, and scoring a column of texts."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import xxhash
from scipy import sparse

from seawall.lake.files import flush_folder, write_whole
from seawall.signals.contract import SignalError
from seawall.signals.identity import identity_words
from seawall.signals.textscore.kernel import BITS, hash_of, places, score

Floats = npt.NDArray[np.float32]
METHOD = 1  # of the kernel: a table made for another is not used
_PATH = "models/textscore.npz"


@dataclass(frozen=True, slots=True)
class TextScore:
    """Weights by place, and the log-odds of a text that says nothing. Plain arrays: nothing in it to execute."""

    weights: Floats
    intercept: float
    about: dict[str, float]  # what it was fitted to, and how well it tells, for people

    @property
    def version(self) -> str:
        """Which model this is: every other weight gives another."""
        return f"textscore-{xxhash.xxh3_64_hexdigest(self.weights.tobytes() + str(self.intercept).encode())[:12]}"

    def log_odds(self, texts: pl.Series) -> Floats:
        """Log-odds of texts: more is more like the seeds' posts."""
        offsets, data = _bytes_of(texts)
        out = np.empty(len(texts), np.float32)
        score(offsets, data, *_passed_over(), self.weights, out)
        return out + np.float32(self.intercept)

    def score(self, texts: pl.Series) -> pl.Series:
        """Scores from 0 to 1. They order texts; they are no probability."""
        return pl.Series("score", 1 / (1 + np.exp(-self.log_odds(texts))), pl.Float32)


def runs_of(texts: pl.Series) -> sparse.csr_matrix:
    """How often each place of the table occurs in each text, over the root of its number of runs."""
    offsets, data = _bytes_of(texts)
    rows = np.empty(len(texts) + 1, np.int64)
    count = places(offsets, data, *_passed_over(), rows, np.empty(0, np.int32))
    found = np.empty(count, np.int32)
    places(offsets, data, *_passed_over(), rows, found)
    lengths = np.diff(rows)
    each = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    matrix = sparse.csr_matrix((each, found, rows), shape=(len(texts), 1 << BITS))
    matrix.sum_duplicates()
    return matrix


def _bytes_of(texts: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """A column of texts, in lower case, as one array of bytes and where each text begins."""
    column = texts.fill_null("").str.to_lowercase().to_arrow(compat_level=pl.CompatLevel.oldest())
    column = column.cast(pa.large_string())
    _, offsets, data = column.buffers()
    begins = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    return begins, np.frombuffer(data if data is not None and data.size else b"\0", np.uint8)


@cache
def _passed_over() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Hashes of identity words, sorted, and which low bits of a hash any of them has."""
    words = {part for word in identity_words() for part in word.lower().replace("-", " ").split()}
    known = np.unique(np.array([hash_of(np.frombuffer(word.encode(), np.uint8)) for word in words], np.uint64))
    near = np.zeros(1 << 16, bool)
    near[(known & np.uint64(0xFFFF)).astype(np.int64)] = True
    return known, near


def read_model(home: Path) -> TextScore | None:
    """The text score of a home, or None if none was fitted. Raises SignalError if it cannot be used."""
    path = home / _PATH
    if not path.exists():
        return None
    again = "Fit it again: seawall textscore fit"
    try:
        with np.load(path, allow_pickle=False) as held:
            about = json.loads(str(held["about"]))
            weights, intercept = held["weights"].astype(np.float32), float(held["intercept"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SignalError(f"{path} cannot be read ({error}). {again}") from error
    if about.pop("method", None) != METHOD or weights.shape != (1 << BITS,):
        raise SignalError(f"{path} was fitted by another version of Seawall. {again}")
    return TextScore(weights, intercept, about)


def write_model(home: Path, model: TextScore) -> Path:
    """Keep a text score as the home's, in place of an earlier one."""
    path = home / _PATH
    path.parent.mkdir(exist_ok=True)
    about = json.dumps({"method": METHOD, **model.about})
    weights, intercept = model.weights, np.float64(model.intercept)
    write_whole(path, lambda to: np.savez_compressed(to, weights=weights, intercept=intercept, about=np.array(about)))
    flush_folder(path.parent)
    return path
