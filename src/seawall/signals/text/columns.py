"""Columns of text as bytes and offsets, and back: how Polars and the compiled loops hand texts to each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Array = npt.NDArray[Any]


def as_bytes(texts: pl.Series) -> tuple[Array, Array]:
    """The bytes of all texts in a row, and 64-bit offsets; null is empty."""
    array = pa.array(texts.fill_null("").to_arrow(), pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1, array.offset * 8) if offsets else np.zeros(1, np.int64)
    return np.frombuffer(data or b"", np.uint8), ends


def as_texts(data: Array, offsets: Array, like: pl.Series) -> pl.Series:
    """Texts from bytes and offsets, with the name and the nulls of a column of as many rows."""
    array = pa.LargeStringArray.from_buffers(len(like), pa.py_buffer(offsets), pa.py_buffer(data))
    texts = pl.Series(like.name, array, pl.String)
    if like.null_count():
        texts = texts.zip_with(like.is_not_null(), pl.Series([None], dtype=pl.String))
    return texts
