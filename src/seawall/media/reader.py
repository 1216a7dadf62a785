"""Reading the words in a picture, by Tesseract as a process of its own.

Arabic letters are read apart from the others, and of lines that both readings have the surer one is kept: so nobody
must say which language a poster is in, and one in two alphabets gives both.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from seawall.media.opened import opened
from seawall.media.shelf import MediaError, PictureError

# What is asked first decides doubtful letters: English first would read Turkish without its dots.
ALPHABETS = (("ara", "fas", "urd"), ("tur", "fra", "rus", "kaz", "uzb_cyrl", "uzb", "ind", "eng"))
VERSION = "1"  # of what is done here to a picture before and after; another one reads pictures anew
SECONDS = 20  # for one picture and one of the alphabets
_SIDE = 1600  # pixels of the longer side, as it is read; no picture is drawn to more than twice its size
_SPARSE = "11"  # Tesseract's page mode: as much text as there is, in no order
_SURE, _LETTERS = 55.0, 2  # per cent, and letters, of which a line is kept
_INSTALL = "apt install tesseract-ocr " + " ".join(
    f"tesseract-ocr-{code.replace('_', '-')}" for codes in ALPHABETS for code in codes if code != "eng"
)


class Line(NamedTuple):
    """A line of words, how sure the engine is of it (0 to 100), and where it stands."""

    words: str
    sure: float
    box: tuple[int, int, int, int]  # left, top, right, bottom

    @property
    def weight(self) -> float:
        """Of two readings of a place, the one with more of this is kept."""
        return self.sure * sum(letter.isalpha() for letter in self.words)


class Reader:
    """Reads pictures. Needs Pillow (the extra `ocr`) and Tesseract with some of its languages."""

    def __init__(self) -> None:
        """Raises MediaError if something of it is missing, saying what to install."""
        try:
            self._image, self._ops, self._stat = (import_module(f"PIL.Image{part}") for part in ("", "Ops", "Stat"))
        except ImportError as error:
            raise MediaError("reading pictures needs Pillow: pip install 'seawall[ocr]'") from error
        self._engine = shutil.which("tesseract") or ""
        if not self._engine:
            raise MediaError(f"reading pictures needs Tesseract: {_INSTALL}")
        known = set(self._run("--list-langs").decode().splitlines()[1:])
        self.alphabets = ["+".join(its) for codes in ALPHABETS if (its := [code for code in codes if code in known])]
        self.missing = [code for codes in ALPHABETS for code in codes if code not in known]
        if not self.alphabets:
            raise MediaError(f"Tesseract is here without its languages: {_INSTALL}")
        version = self._run("--version").decode().split()[1]
        self.name = f"tesseract {version} {'+'.join(self.alphabets)} {VERSION}"

    def text(self, content: bytes) -> str:
        """The words in a picture, a line each, from top to bottom; empty if there are none. Raises PictureError."""
        drawn = self._drawn(content)
        readings = [_lines(self._read(drawn, alphabet)) for alphabet in self.alphabets]
        return "\n".join(line.words for line in _joined(readings))

    def _drawn(self, content: bytes) -> bytes:
        """The picture as it is read best: grey, dark on light, of a fit size. No more than MOST_PIXELS are unpacked."""
        image = self._image
        with opened(content) as picture:
            picture.draft("L", (_SIDE, _SIDE))
            grey = self._ops.autocontrast(self._flat(picture).convert("L"), cutoff=1)
        if self._stat.Stat(grey).median[0] < 128:
            grey = self._ops.invert(grey)
        scale = min(_SIDE / max(grey.size), 2.0)
        grey = grey.resize([max(round(side * scale), 1) for side in grey.size], image.Resampling.LANCZOS)
        drawn = io.BytesIO()
        grey.save(drawn, "BMP")
        return drawn.getvalue()

    def _flat(self, picture: Any) -> Any:
        """The picture on white where it can be seen through."""
        if "A" not in picture.getbands() and "transparency" not in picture.info:
            return picture
        over = picture.convert("RGBA")
        return self._image.alpha_composite(self._image.new("RGBA", over.size, "white"), over)

    def _read(self, drawn: bytes, alphabet: str) -> str:
        given = ("stdin", "stdout", "-l", alphabet, "--oem", "1", "--psm", _SPARSE, "--dpi", "150", "tsv")
        return self._run(*given, content=drawn).decode("utf-8", "replace")

    def _run(self, *given: str, content: bytes = b"") -> bytes:
        """Tesseract's answer. It is killed when its time is over."""
        kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
        try:
            done = subprocess.run(  # noqa: S603 - the engine that which() found, and words of this file
                [self._engine, *given], input=content, capture_output=True, timeout=SECONDS, check=False,
                env={**kept, "OMP_THREAD_LIMIT": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise PictureError(f"reading it took more than {SECONDS} seconds") from error
        except OSError as error:
            raise MediaError(f"cannot start {self._engine}: {error.strerror}") from error
        if done.returncode:
            raise PictureError(f"Tesseract ended with {done.returncode}")
        return done.stdout


def _lines(table: str) -> list[Line]:
    """The lines of Tesseract's table that are sure enough."""
    words: dict[tuple[str, ...], list[tuple[str, float, list[int]]]] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t", 11)
        if len(cells) == 12 and cells[0] == "5" and cells[11].strip():
            left, top, width, height = map(int, cells[6:10])
            box = [left, top, left + width, top + height]
            words.setdefault(tuple(cells[2:5]), []).append((cells[11].strip(), float(cells[10]), box))
    lines = [_line(its) for its in words.values()]
    return [line for line in lines if line.sure >= _SURE and sum(map(str.isalpha, line.words)) >= _LETTERS]


def _line(words: Sequence[tuple[str, float, list[int]]]) -> Line:
    letters = sum(len(word) for word, _, _ in words)
    sure = sum(sure * len(word) for word, sure, _ in words) / letters
    left, top, right, bottom = zip(*(box for _, _, box in words), strict=True)
    return Line(_one_alphabet([word for word, _, _ in words]), sure, (min(left), min(top), max(right), max(bottom)))


_LATIN, _CYRILLIC = "ABCEHKMOPTXYaceopxyi", "АВСЕНКМОРТХУасеорхуі"
_TO_CYRILLIC, _TO_LATIN = str.maketrans(_LATIN, _CYRILLIC), str.maketrans(_CYRILLIC, _LATIN)


def _one_alphabet(words: Sequence[str]) -> str:
    """Words as a line. One drawn wholly in letters that two alphabets share is taken to be in that of the others."""
    line = " ".join(words)
    latin = sum(letter.isascii() and letter.isalpha() for letter in line)
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in line)
    shared, turned = (_LATIN, _TO_CYRILLIC) if cyrillic > latin else (_CYRILLIC, _TO_LATIN)
    return " ".join(
        word.translate(turned) if all(_shared(letter, shared) for letter in word) else word for word in words
    )


def _shared(letter: str, letters: str) -> bool:
    return letter in letters or not letter.isalpha()


def _joined(readings: Sequence[Sequence[Line]]) -> list[Line]:
    """The lines of all readings, from top to bottom; where two readings have a line in one place, the weightier."""
    kept: list[tuple[int, Line]] = []
    for number, line in sorted(
        ((number, line) for number, lines in enumerate(readings) for line in lines), key=lambda item: -item[1].weight
    ):
        if not any(number != other and _meet(line.box, its.box) for other, its in kept):
            kept.append((number, line))
    return _in_order([line for _, line in kept])


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """Lines from top to bottom; pieces of one that is aslant side by side, Arabic ones from the right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        apart = (line.box[1] + line.box[3] - rows[-1][-1].box[1] - rows[-1][-1].box[3]) / 2 if rows else 0
        if rows and apart < 0.6 * max(its.box[3] - its.box[1] for its in (line, rows[-1][-1])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0], reverse=_arabic(row))]


def _arabic(row: Sequence[Line]) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for line in row for letter in line.words)


def _meet(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two boxes share more than a third of the smaller."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return wide > 0 and high > 0 and wide * high * 3 > min(sizes)
