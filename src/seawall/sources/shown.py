"""What people see of markup (HTML): its words and the addresses it links to.

Not by `html.parser`: in Pythons before late 2025 every tag without an end is looked for to the end of the text
(CVE-2025-6069 and its kin), and a post of 300 kB would hold up a watcher for half an hour. Not by a parser that builds
a tree either: deep nesting costs the square, by HTML's own rules. Here each mark is read once.
"""

from __future__ import annotations

import re
from html import unescape

_MARK = re.compile(
    r"""<[!?][^<>]*+>                                                  # a declaration
    |<(?P<end>/?)(?P<tag>[a-z][^\s<>/"']{0,40}+)
     (?P<given>(?:[^<>"']++|"[^"]{0,4000}+"|'[^']{0,4000}+'){0,200}+)>  # a tag
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ADDRESS = re.compile(
    r"""(?<![^\s"'/])href\s*+=\s*+(?:"(https?://[^"]*+)"|'(https?://[^']*+)'|(https?://[^\s"'>]++))""", re.I
)
_BREAKS = frozenset(("p", "div", "li", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"))
_HIDDEN = frozenset(("script", "style", "template"))


def shown(markup: str | None) -> tuple[str, list[str]]:
    """Markup as the text that people see, and the addresses it links to, once each. What is no sound mark is text."""
    if not markup:
        return "", []
    if "<" not in markup:
        return unescape(markup), []
    closed, end, after = markup.rpartition("-->")  # what a comment without an end holds is text
    markup = _COMMENT.sub("", closed + end) + after
    parts: list[str] = []
    links: list[str] = []
    at = hidden = 0
    for mark in _MARK.finditer(markup):
        if not hidden:
            parts.append(unescape(markup[at : mark.start()]))
        at = mark.end()
        tag = (mark["tag"] or "").lower()
        if tag in _HIDDEN:
            hidden = max(0, hidden + (-1 if mark["end"] else 1))
        elif hidden:
            continue
        elif tag == "br" or (tag in _BREAKS and mark["end"]):
            parts.append("\n")
        elif tag == "a" and (address := _ADDRESS.search(mark["given"])):
            links.append(unescape(address[1] or address[2] or address[3]))
    if not hidden:
        parts.append(unescape(markup[at:]))
    return "".join(parts).strip(), list(dict.fromkeys(links))
