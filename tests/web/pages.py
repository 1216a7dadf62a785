"""What tests of pages share: what every page must be, what one says, and how its forms are filled in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from desk import Desk
from seawall.cases import facts, queries, services
from seawall.cases.codes import code_of
from seawall.cases.models import Appeal, Case
from seawall.grounds.models import Clause
from seawall.people.models import User
from seawall.records.terms import Exemption

PASSWORD = "a long harbour password 42"
Browser = Callable[[User], Client]


def is_quiet(page: Any) -> None:
    """No inline script or style, a strict policy, nothing kept in a cache, one language and direction."""
    shown = page.content.decode()
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", shown)
    assert not inline, inline
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", shown)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", shown)
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in page["Cache-Control"]
    assert re.search(r'<html lang="[a-z-]+" dir="(ltr|rtl)">', shown)
    assert shown.count("<h1") == 1


def text_of(page: Any) -> str:
    """What a page says, in one line, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def primary_acts(page: Any) -> list[str]:
    """What is written on a page's primary buttons."""
    found = re.findall(r'class="(?:button )?primary"[^>]*>([^<]+)<', page.content.decode())
    return [html.unescape(text) for text in found]


def texts_of(case: Case) -> list[str]:
    """The texts of the posts that a case's findings name."""
    ids = {item["post_id"] for finding in case.findings.all() for item in finding.seen}
    return [post["text"] for post in facts.posts(case.platform, case.account_id, ids)]


def proposal(case: Case, **changed: str) -> dict[str, str]:
    """A complete proposal as the form sends it."""
    return {
        "verb": "suspend",
        "conduct": "propaganda",
        "clause": str(Clause.objects.get(code="T1").pk),
        "explanation": "You spread the releases of the harbour lamp.",
        "alternatives": "A label would leave the flood as it is.",
        "language": "en",
        **{f"q_{question}": "no" for question in Exemption},
        **changed,
    }


def taken(desk: Desk, who: User) -> Case:
    """A case that somebody works on, who has opened its posts."""
    return desk.read(who)


def appealed(desk: Desk, reviewer: User, second: User) -> Appeal:
    """An appeal against an executed decision."""
    decision = desk.executed(reviewer, second)
    return services.appeal(queries.by_code(code_of(decision.pk)), "I repair lamps", "en")
