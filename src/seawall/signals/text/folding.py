"""Folding: spellings that every reader takes as one become one.

After UAX #15 (NFKC) and the usual Arabic normalisation (Darwish and Magdy, Arabic Information Retrieval, 2014):
compatibility forms, invisible and direction marks, tatweel and short vowels go; alef, yeh, heh and kaf meet in all
their shapes, Persian and Urdu ones too; case goes; Arabic-Indic and Persian digits become 0 to 9.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from seawall.signals.text.columns import as_bytes, as_texts
from seawall.signals.text.kernels import fold_rows
from seawall.signals.text.tables import tables

_LINK = r"(?:https?://|www\.)[^\s]+"
_REPOST_MARK = r"(?i)^[\s'\"“]*(?:rt\s+@\w+\s*:?\s*)+"
_CUT_WORD = r"[^\s]*(?:…|\.\.\.)\s*$"
_APOSTROPHES = r"['’`‘ʿʾ]"


def fold(text: pl.Expr) -> pl.Expr:
    """Text as it is compared."""
    return text.map_batches(fold_series, return_dtype=pl.String, is_elementwise=True)


def fold_series(texts: pl.Series) -> pl.Series:
    """A column of texts folded; null stays null."""
    if texts.dtype != pl.String:
        texts = texts.cast(pl.String)
    made = tables()
    folded, ends, apart = fold_rows(*as_bytes(texts), made.folded, made.pool, made.traits)
    out = as_texts(folded, ends, like=texts)
    if apart.any():
        # What stood apart, by a mark of its own or something invisible between, is composed and folds once more.
        rows = np.flatnonzero(apart)
        joined = out.gather(rows).str.normalize("NFKC")
        rows = rows[(joined != out.gather(rows)).to_numpy()]
        if len(rows):
            out = out.scatter(rows, fold_series(out.gather(rows).str.normalize("NFKC")))
    return out


def without_links(text: pl.Expr) -> pl.Expr:
    """Text without its links: words inside an address are not what the author says."""
    return text.str.replace_all(_LINK, " ")


def plain(text: pl.Expr) -> pl.Expr:
    """Bare words between single spaces: no link, handle, repost mark, digit, accent, emoji or cut-off last word.

    Joined words of a hashtag come apart at capitals. The same whatever export a text came in.
    """
    bare = without_links(text.str.replace_all(_REPOST_MARK, "")).str.replace_all(_CUT_WORD, " ")
    bare = bare.str.replace_all(r"@\w+", " ").str.replace_all("_", " ")
    parted = bare.str.replace_all(r"([a-z])([A-Z])", "$1 $2").str.replace_all(r"([A-Z])([A-Z][a-z])", "$1 $2")
    folded = fold(parted).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    joined = folded.str.replace_all(r"(\w)" + _APOSTROPHES + r"s\b", "$1").str.replace_all(_APOSTROPHES, "")
    return joined.str.replace_all(r"[^\p{L}]+", " ").str.strip_chars()
