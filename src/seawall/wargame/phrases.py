"""What accounts of the synthetic platform say: neutral text in seven languages and three scripts, from words/*.toml.

The network's slogans speak of a lamp over a harbour; they stand for a real network's and mean nothing. Each world
takes its own part of the phrases, so that no two worlds speak alike. A text follows from a number: the same number
gives the same text, so texts need not be kept.
"""

from __future__ import annotations

import re
import tomllib
from enum import IntEnum
from functools import cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", "ar", "ru", "tr", "fr", "uz", "kk")
_SLOT = re.compile(r"\{(slogan|release|place|day|thing|part|who)\}")
_ENDS = ("", "", "", "", "!", " 🙂", " …", ".", " ☕", " 🌊")
_FEWEST = 2  # phrases of a kind that a world keeps at least
_WHOLE = frozenset({"place", "day", "thing", "names", "slogans", "bio"})  # no share of these is left out


class Act(IntEnum):
    """What somebody does with a post; the name in lower case is the section of words/*.toml that it speaks from."""

    CHATTER = 0
    GREETING = 1  # religious ones too, by everybody
    HARBOUR = 2  # an innocent word about harbours and lamps
    SLOGAN = 3
    RELEASE = 4  # the media wing puts something out
    CARRY = 5  # a distributor brings its links
    REPORT = 6
    IRONY = 7  # a slogan quoted bare, without a word of distance
    FLAG = 8  # names accounts for others to report
    REFUTE = 9
    PLEAD = 10
    THREAT = 11
    COURT = 12
    ASK = 13


class Phrasebook:
    """The phrases of one world."""

    def __init__(self, draw: np.random.Generator, slogans: int) -> None:
        self._by = {
            language: {name: _some(draw, name, listed) for name, listed in _read(language).items()}
            for language in LANGUAGES
        }
        for sections in self._by.values():
            sections["slogans"] = sections["slogans"][:slogans]
            sections["tag"] = sections["tag"][: 1 + int(draw.integers(3))]

    def say(self, act: int, language: int, pick: int, part: int = 0, who: str = "") -> str:
        """The text of a number."""
        sections = self._by[LANGUAGES[language]]
        frames = sections[_SECTIONS[act]]
        pick, chosen = divmod(pick, len(frames))

        def fill(slot: re.Match[str]) -> str:
            nonlocal pick
            name = slot[1]
            if name == "part":
                return str(part + 1)
            if name == "who":
                return who
            if name == "release":
                return self.title(language, part)
            listed = sections["slogans" if name == "slogan" else name]
            pick, at = divmod(pick, len(listed))
            return listed[at]

        text = _SLOT.sub(fill, frames[chosen])
        pick, end = divmod(pick, len(_ENDS))
        text = text[:1].upper() + text[1:] + _ENDS[end]
        return _disguised(text, pick % 16) if act == Act.SLOGAN else text

    def title(self, language: int, part: int) -> str:
        """What a release is called in a language."""
        listed = self._by[LANGUAGES[language]]["releases"]
        return listed[part % len(listed)].replace("{part}", str(part + 1))

    def tags(self, language: int, pick: int, trending: bool) -> list[str]:
        """A hashtag of the network, or one that is trending among everybody."""
        listed = self._by[LANGUAGES[language]]["trend" if trending else "tag"]
        return [listed[pick % len(listed)]]

    def name(self, language: int, pick: int) -> str:
        """A given name: nobody's."""
        listed = self._by[LANGUAGES[language]]["names"]
        return listed[pick % len(listed)]

    def bio(self, section: str, language: int, pick: int) -> str:
        """What an account says of itself; one in seven says nothing."""
        listed = self._by[LANGUAGES[language]][section]
        return listed[pick % len(listed)] if pick % 7 else ""


_SECTIONS = tuple(act.name.lower() for act in Act)


@cache
def _read(language: str) -> dict[str, list[str]]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def _some(draw: np.random.Generator, name: str, listed: list[str]) -> list[str]:
    """Phrases in an order of this world's own; of frames only a part."""
    shuffled = [listed[i] for i in draw.permutation(len(listed))]
    kept = len(listed) if name in _WHOLE else round(len(listed) * draw.uniform(0.6, 1.0))
    return shuffled[: max(_FEWEST, kept)]


def _disguised(text: str, how: int) -> str:
    """As people write slogans: loud, drawn out, or with letters parted so that no list finds them."""
    if how == 0:
        return text.upper()
    if how == 1:
        return re.sub(r"(?<=[\u0621-\u064a])(?=[\u0621-\u064a])", "\u0640", text, count=3)
    if how == 2:
        return "·".join(text)
    return text
