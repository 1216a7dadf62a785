"""Regular expressions and wildcards that somebody pasted where words stand. A rule takes them as words, letter by
letter; so whoever wrote one is told, and given the variants it stands for where they can be listed."""

from __future__ import annotations

import re

_MOST = 12  # variants worth listing
_LONGEST = 200  # letters of a pattern whose variants are listed
_LINK = re.compile(r"\w+://\S+")
_SIGN = re.compile(
    r"""
      \.[*+]                            # anything
    | \\[bBdDsSwW.?*+|()\[\]]           # kinds of letters, and signs taken as they are
    | \[[^\]\s]*\w-\w[^\]\s]*\]         # [a-z]
    | \[[^\]]+\][*+?{]                  # [ab]+
    | \(\?[:=!<]                        # (?:
    | \([^()]*\|[^()]*\)                # (a|b)
    | (?<=\w)\|(?=\w)                   # a|b
    | (?<=\w)\?(?=\w)                   # colou?r
    | [\w)\]]\{\d+(?:,\d*)?\}           # o{2,}
    | ^[^*]*(?<=\w\w)\*(?=\s|$)         # lamp*
    | ^\^(?=\w)
    """,
    re.VERBOSE,
)
_GROUP = re.compile(r"\((?:\?:)?([^()]*)\)(\?)?")
_MAYBE = re.compile(r"(\w)\?")


def is_pattern(text: str) -> bool:
    """Whether a text looks like a regular expression or a wildcard, links in it aside."""
    return bool(_SIGN.search(_LINK.sub("", text)))


def variants(pattern: str) -> tuple[str, ...]:
    """The texts that a simple pattern stands for; none where they are endless or many."""
    if len(pattern) > _LONGEST:
        return ()
    found = _expanded(re.sub(r"\\b|^\^|\$$", "", pattern.strip()))
    whole = tuple(dict.fromkeys(" ".join(text.split()) for text in found))
    simple = len(whole) <= _MOST and all(text and not re.search(r"[\\*+?|(){}\[\]^$]", text) for text in whole)
    return whole if simple else ()


def _expanded(text: str) -> list[str]:
    """All ways to read alternatives and what may be left out; longer than wanted where they are many."""
    if group := _GROUP.search(text):
        options = [*group[1].split("|"), *([""] if group[2] else [])]
        ways = [text[: group.start()] + option + text[group.end() :] for option in options]
    elif "|" in text:
        ways = text.split("|")
    elif maybe := _MAYBE.search(text):
        ways = [text[: maybe.start()] + kept + text[maybe.end() :] for kept in (maybe[1], "")]
    else:
        return [text]
    found: list[str] = []
    for way in ways:
        if len(found) > _MOST:
            break
        found += _expanded(way)
    return found
