"""How a handle or a name is spelt for comparing: lower case, Latin letters, no marks on them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# one letter's most usual Latin spelling in handles; readers of the script write the rest by ear
_CYRILLIC = dict(zip("абвгдезийклмнопрстуфхцъыьэіїєўқғҳәөүұң", "abvgdeziyklmnoprstufhc'y'eiieuqghaouun", strict=True))
_CYRILLIC |= {"ё": "e", "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
_ARABIC = dict(zip("ابتجحدرزسصضطعفقكلمنهويةىآأإپگچکیٱ", "abtjhdrzssdtafqklmnhwyaaaaipgckya", strict=True))
_ARABIC |= {"ث": "th", "خ": "kh", "ذ": "dh", "ش": "sh", "ظ": "dh", "غ": "gh", "ء": "", "ؤ": "w", "ئ": "y", "ـ": ""}
_DIGITS = {chr(zero + i): str(i) for zero in (0x660, 0x6F0) for i in range(10)}
_LATIN = str.maketrans(
    {**_CYRILLIC, **_ARABIC, **_DIGITS, "ı": "i", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae"}
)


def latin(text: str | None) -> str:
    """A handle or name in lower-case Latin letters, digits and signs; what cannot be spelt so is left out."""
    if not text:
        return ""
    plain = text.lower()
    if plain.isascii():
        return plain.strip()
    plain = unicodedata.normalize("NFKC", plain).lower().translate(_LATIN)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isascii() and (c.isalnum() or c in " _.-"))
    return " ".join(plain.split())


@dataclass(frozen=True, slots=True)
class Spellings:
    """A column of spellings as bytes: row i is data[offsets[i] : offsets[i + 1]]."""

    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Spellings:
        """Texts that are spelt as they should be."""
        parts = [text.encode() for text in texts]
        offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts], dtype=np.int64)]).astype(np.int64)
        return cls(offsets, np.frombuffer(b"".join(parts), np.uint8))

    def __getitem__(self, row: int) -> npt.NDArray[Any]:
        return self.data[self.offsets[row] : self.offsets[row + 1]]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: npt.NDArray[np.int64]) -> Spellings:
        """Only these rows, in this order."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        at = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Spellings(offsets, self.data[at])

    def with_rows(self, more: Spellings) -> Spellings:
        """These rows, then those."""
        offsets = np.concatenate([self.offsets, self.offsets[-1] + more.offsets[1:]])
        return Spellings(offsets, np.concatenate([self.data, more.data]))
