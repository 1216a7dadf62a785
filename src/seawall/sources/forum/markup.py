"""What stands in a forum post's markup: its words, its links, whom it names and what it shows."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import NamedTuple

from seawall.records.terms import TieKind
from seawall.sources.cells import hashtags_in, links_in
from seawall.sources.gather import Gather
from seawall.sources.shown import shown

_ANCHOR = re.compile(r"<a\b([^<>]*+)>\s*@([^<]+)</a>", re.IGNORECASE)
_ACCOUNT = re.compile(r"""\bhref=["'][^"']*/(?:u/[^/"']+|uid)/(\d+)/?["']""", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*+>", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc=["']([^"']+)["']""", re.IGNORECASE)
_ALT = re.compile(r"""\balt=["']([^"']*)["']""", re.IGNORECASE)


class Said(NamedTuple):
    """The parts of a post."""

    text: str
    links: list[str]
    hashtags: list[str]
    names: list[tuple[str | None, str]]  # id where the link gives it, and handle
    images: list[tuple[str, str | None]]  # address and caption


def said(markup: str, title: str = "") -> Said:
    """Read markup; a title stands before its words."""
    body, linked = shown(markup)
    text = "\n".join(part for part in (shown(title)[0], body) if part)
    names = {unescape(handle).strip(): _id(inside) for inside, handle in _ANCHOR.findall(markup)}
    links = list(dict.fromkeys([*linked, *(links_in(text) if "<a" not in markup else links_in(title))]))
    return Said(text, links, hashtags_in(text), [(at, name) for name, at in names.items()], list(_images(markup)))


def joined(gather: Gather, found: Said, account_id: str, at: datetime, post_id: str) -> None:
    """The ties to whom a post names and to what it links."""
    for to_id, handle in found.names:
        gather.tie(TieKind.MENTION, account_id, at, to_id=to_id, to_handle=handle, post_id=post_id)
    gather.links_of(account_id, at, post_id, *found.links)


def _id(inside: str) -> str | None:
    found = _ACCOUNT.search(inside)
    return found[1] if found else None


def _images(markup: str) -> list[tuple[str, str | None]]:
    found = {}
    for image in _IMAGE.findall(markup):
        source, caption = _SOURCE.search(image), _ALT.search(image)
        if source and "emoji" not in image:
            found[unescape(source[1])] = unescape(caption[1]) if caption and caption[1] else None
    return list(found.items())
