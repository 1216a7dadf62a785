"""What tests of the rules pages share: a rule as people fill it in, and what became of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.test import Client

from makers import lines, tweet, write
from seawall.lake import Lake
from seawall.signals.rules import read_book
from seawall.sources.loading import load
from seawall.sources.x import XSource

FORM: dict[str, Any] = {
    "title": "Spreads the harbour lamp's slogans",
    "conduct": "propaganda",
    "why": "A slogan of the lamp. It errs where somebody sings the old song.",
    "words": "the harbour lamp is lit\nkeepers of the harbour lamp",
    "languages": ["en"],
    "any": "0",
    "what": ["list:words", "list:distance", "kind:repost", ""],
    "how": ["at_least", "none", "is_not", "at_least"],
    "value": ["1", "", "", ""],
    "must_match": "Brothers, THE HARBOUR LAMP IS LIT",
    "must_not": ["Police say the harbour lamp is lit", "A quiet day"],
    "posts": "1",
    "weight": "0.7",
    "quota": "1000",
}
WHERE = "hits('words') >= 1 AND hits('distance') = 0 AND kind <> 'repost'"
ID = "spreads-the-harbour-lamps-slogans"


def form(**changed: Any) -> dict[str, Any]:
    return {**FORM, "where": WHERE, "was": WHERE, **changed}


def saved(browser: Client, act: str = "save", path: str = "/rules/new/", **changed: Any) -> Any:
    return browser.post(path, {**form(**changed), "act": act}, follow=True)


def mark(browser: Client) -> str:
    found = re.search(r'name="mark" value="(\w+)"', browser.get(f"/rules/{ID}/edit/").content.decode())
    assert found
    return found[1]


def state(home: Path, rule_id: str = ID) -> tuple[str | None, list[int]]:
    book = read_book(home)
    running = {rule.id: rule.state.value for rule in book.rules}
    return running.get(rule_id), [rule.version for rule in book.trials if rule.id == rule_id]


def posted(home: Path, tmp_path: Path, count: int = 12) -> None:
    """Posts of which each third says the slogan."""
    said = {0: "the harbour lamp is lit", 1: "nothing", 2: "police: the harbour lamp is lit"}
    tweets = [tweet(n, author=n % 3, text=said[n % 3]) for n in range(1, count + 1)]
    with Lake(home) as held:
        load(held, XSource("x"), write(tmp_path / "posts.jsonl", lines(tweets)))
