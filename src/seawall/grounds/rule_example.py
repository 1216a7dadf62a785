"""A post as an example of a rule: what was said, without who said it and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable

SOMEBODY = "somebody"
_MENTION = re.compile(
    r"(?<![\w@/.])@\w+(?:[.-]\w+)*(?:[@:]\w+(?:[.-]\w+)+)?"
)  # @a, @a.bsky.social, @a@host.example, @a:host.example
_SHORT = 3  # letters: a shorter name stands in too many words


def without_people(text: str, names: Iterable[str | None]) -> str:
    """A post's text in which accounts that it names, and the account's own names, are somebody."""
    for name in sorted({name.strip() for name in names if name and len(name.strip()) >= _SHORT}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name.removeprefix('@'))}(?!\w)", SOMEBODY, text, flags=re.IGNORECASE)
    return _MENTION.sub(f"@{SOMEBODY}", text)
