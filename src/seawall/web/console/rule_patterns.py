"""A warning where somebody pasted a regular expression among words: it is taken as words. Nothing is refused for it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from seawall.signals.rules.patterns import is_pattern, variants

_MOST = 5  # warnings at one field


def in_entries(entries: Iterable[str]) -> list[str]:
    """What to say of words and of entries of a list."""
    return [_of_entry(entry) for entry in entries if is_pattern(entry)][:_MOST]


def in_domains(entries: Iterable[str]) -> list[str]:
    """What to say of entries of a list of domains."""
    found = [entry for entry in entries if "*" in entry or is_pattern(entry)]
    said = _("“%(entry)s” is taken as it stands. Write the domain alone: those below it count too.")
    return [said % {"entry": entry} for entry in found[:_MOST]]


def in_examples(texts: Iterable[str]) -> list[str]:
    """What to say of examples."""
    said = _(
        "“%(text)s” looks like a regular expression. An example is a text as somebody would post it, so it is taken "
        "letter by letter. Write whole posts, each in a box of its own."
    )
    return [said % {"text": text} for text in texts if is_pattern(text)][:_MOST]


def _of_entry(entry: str) -> str:
    listed = variants(entry)
    if not listed:
        return _(
            "“%(entry)s” looks like a regular expression. It is taken as words, so it finds only posts that say just "
            "that. Write the words themselves, each variant on a line of its own."
        ) % {"entry": entry}
    return _(
        "“%(entry)s” looks like a regular expression. It is taken as words, so it finds only posts that say just that. "
        "Write each variant on a line of its own: %(variants)s"
    ) % {"entry": entry, "variants": " · ".join(f"“{variant}”" for variant in listed)}
