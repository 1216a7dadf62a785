"""A name for addresses and files, made of the title that a person gave."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.text import slugify

_LONGEST = 50


def named_after(title: str, between: str, otherwise: str, taken: Collection[str]) -> str:
    """The title in lower-case Latin letters and digits with a sign between words, cut at a word; a title without such
    letters gives `otherwise`. One that is taken gets a number."""
    words = slugify(title).replace("_", "-").lstrip("0123456789-")
    if len(words) > _LONGEST:
        cut = words[:_LONGEST]
        words = cut.rpartition("-")[0] if words[_LONGEST] != "-" and "-" in cut else cut
    plain = words.strip("-").replace("-", between) or otherwise
    names = (plain, *(f"{plain}{between}{n}" for n in range(2, 10_000)))
    return next(name for name in names if name not in taken)
