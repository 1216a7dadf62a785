"""Words that name religions, sects, peoples, nations and languages, with their forms, in ar, en, fr, ru and tr.

Text models replace them by nothing before they see a text, so that swapping one for another changes no score.
Country names alone, clergy and buildings are not here; nor are accusations such as 'apostate', which say what a
speaker holds against somebody and not what somebody is. Forms were made by rules of morphology from lemma lists.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def identity_words() -> tuple[str, ...]:
    """All identity words, as written."""
    return tuple(
        line.strip()
        for path in sorted(FOLDER.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    )
