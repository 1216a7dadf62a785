"""The message that offers support, in the languages that have one."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "words" / "offer.toml"
LINK = "{link}"  # stands for the help's address until a platform fills it in


@cache
def _offers() -> dict[str, str]:
    return {name: " ".join(text.split()) for name, text in tomllib.loads(WORDS.read_text("utf-8")).items()}


def languages() -> tuple[str, ...]:
    """Languages that have a message."""
    return tuple(_offers())


def offer(language: str, link: str = LINK) -> str:
    """The message in a language, with where help is. Raises KeyError for a language that has none."""
    return _offers()[language].replace(LINK, link)
