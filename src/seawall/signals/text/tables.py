"""Tables from code point to what the kernels need: folded letter, class, look-alike. Made once, on first use."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seawall.signals.text import letters

SIZE = 0x20000  # beyond lie rare Han characters, which stand for themselves, and tags, which no reader sees
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

OTHER, SPACE, APOSTROPHE, LATIN, CYRILLIC, GREEK, ARABIC, LETTER, DIGIT, NUMBER, MARK, HASH, SIGN, GLUED = range(14)
ORDINARY, RARE, LOOK = 1, 2, 4  # of a letter: ordinary special, in no alphabet we read, drawn like another script's
UPPER, COMPOSES, STACKS = 8, 16, 32  # of a raw character: a capital; joins the letter before; a mark with an order
_JOINED_SCRIPTS = {"LATIN": LATIN, "CYRILLIC": CYRILLIC, "GREEK": GREEK, "ARABIC": ARABIC}
_HIDING_MARKS = (
    (0x0300, 0x0370),
    (0x0483, 0x048A),
    (0x1AB0, 0x1B00),
    (0x1DC0, 0x1E00),
    (0x20D0, 0x2100),
    (0xFE20, 0xFE30),
)


@dataclass(frozen=True, slots=True)
class Tables:
    """By code point, below SIZE."""

    folded: Ints  # the folded character; -1 where it goes; -2 - i where `pool` holds several from i, ended by 0
    pool: Ints
    kind: Bytes  # of a folded character: its class
    traits: Bytes  # ORDINARY, RARE, LOOK of a folded character; UPPER, COMPOSES, STACKS of a raw one
    bare: Ints  # a folded letter as who lacks the key writes it; 0 where it goes
    sound: Ints  # of a folded letter: the letter that all its look-alikes share; 0 where it goes
    otherwise: Ints  # the same, read the other way where there are two
    arabic: Ints  # of a digit or sign inside an Arabic word


@cache
def tables() -> Tables:
    """The tables, made in about a tenth of a second."""
    folded, pool = _folded()
    kind = _kinds(folded)
    bare = _bare(kind)
    sound, otherwise = _sounds(bare)
    arabic = sound.copy()
    _set(arabic, letters.DIGITS_ARABIC)
    return Tables(folded, pool, kind, _traits(kind, bare), bare, sound, otherwise, arabic)


def _folded() -> tuple[Ints, Ints]:
    folded = np.arange(SIZE, dtype=np.int32)
    pool = [0]
    for code in range(0x41, SIZE):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        settled = _settle(character)
        if settled == character:
            continue
        if len(settled) == 1:
            folded[code] = ord(settled)
        elif not settled:
            folded[code] = -1
        else:
            folded[code] = -2 - len(pool)
            pool += [*map(ord, settled), 0]
    return folded, np.array(pool, np.int32)


_GONE = frozenset(map(chr, letters.INVISIBLE))


def _settle(text: str) -> str:
    """Folded until folding changes nothing."""
    if text in letters.APOSTROPHES:
        return text  # NFKC would make some of them a space and an accent
    while True:
        composed = unicodedata.normalize("NFKC", text) if not text.isascii() else text
        again = "".join(
            part
            for character in composed
            if character not in _GONE
            for lower in character.lower()
            for part in letters.FOLDED.get(lower, lower)
        )
        if again == text:
            return text
        text = again


def _kinds(folded: Ints) -> Bytes:
    kind = np.zeros(SIZE, np.uint8)
    for code in range(SIZE):
        if folded[code] == code:
            kind[code] = _kind(chr(code))
    for characters, its in (
        (letters.APOSTROPHES, APOSTROPHE), (letters.GLUE, GLUED), ("#", HASH), (letters.SIGNS, SIGN)
    ):  # fmt: skip
        for character in characters:
            kind[ord(character)] = its
    for code in _look_alikes():
        if kind[code] == GLUED:
            kind[code] = LATIN  # squared letters, and the letters of flags
    return kind


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "L":
        script = unicodedata.name(character, "?").partition(" ")[0]
        return _JOINED_SCRIPTS.get(script, LETTER)
    if category[0] == "M":
        return MARK if any(start <= ord(character) < end for start, end in _HIDING_MARKS) else LETTER
    if category[0] == "N":
        return DIGIT if character in "0123456789" else NUMBER
    if category[0] == "Z" or character in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85":
        return SPACE
    return GLUED if category in ("So", "Sk") else OTHER


def _set(table: Ints, pairs: dict[str, str]) -> None:
    for character, stands in pairs.items():
        table[ord(character)] = ord(stands[0]) if stands else 0


@cache
def _look_alikes() -> dict[int, int]:
    lines = (Path(__file__).parent / "look_alikes.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {int(code, 16): ord(letter) for code, letter, _ in rows}


def _bare(kind: Bytes) -> Ints:
    bare = np.arange(SIZE, dtype=np.int32)
    for code in np.flatnonzero((kind == LATIN) | (kind == CYRILLIC) | (kind == GREEK)):
        character = chr(code)
        base = unicodedata.normalize("NFKD", character)[0]
        if base != character and character not in letters.KEPT_WHOLE:
            bare[code] = ord(base)
    _set(bare, letters.BARE)
    return bare


def _sounds(bare: Ints) -> tuple[Ints, Ints]:
    sound = np.arange(SIZE, dtype=np.int32)
    for code, letter in _look_alikes().items():
        sound[code] = letter
    for pairs in (letters.ARABIC, letters.GREEK, letters.LATIN, letters.DIGITS, letters.SIGNS):
        _set(sound, pairs)
    # A look-alike may stand for a Cyrillic letter, which shares its letter in turn.
    _set(sound, letters.CYRILLIC)
    sound = sound[np.where(sound == np.arange(SIZE), bare, sound)]
    sound = sound[sound]
    otherwise = sound.copy()
    for pairs in (letters.DIGITS_OTHERWISE, letters.SIGNS_OTHERWISE, letters.OTHERWISE):
        _set(otherwise, pairs)
    return sound, otherwise


def _traits(kind: Bytes, bare: Ints) -> Bytes:
    traits = np.zeros(SIZE, np.uint8)
    special = (bare != np.arange(SIZE)) & (kind >= LATIN) & (kind <= ARABIC)
    traits[special] |= RARE
    for code in _look_alikes():
        traits[code] |= RARE
    european = [*range(0xC0, 0x180), 0x01E7, 0x0219, 0x021B, 0x0259, *range(0x1EA0, 0x1F00)]
    ordinary = {*european, *map(ord, letters.ORDINARY_CYRILLIC + letters.ORDINARY_ARABIC)}
    for code in ordinary:
        traits[code] = ORDINARY if traits[code] & RARE or code >= 0x400 else 0
    traits[0x370:0x400] = 0
    traits[ord("ʻ")] = 0
    for character in letters.DRAWN_ALIKE:
        traits[ord(character)] |= LOOK
    for code in range(0x41, SIZE):
        character = chr(code)
        if character.isupper():
            traits[code] |= UPPER
        parts = unicodedata.decomposition(character).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            traits[int(parts[1], 16)] |= COMPOSES
        if unicodedata.combining(character):
            traits[code] |= STACKS
    traits[0x1161:0x1176] |= COMPOSES
    traits[0x11A8:0x11C3] |= COMPOSES
    return traits
