"""What every page must be, and the password of everybody in these tests."""

from __future__ import annotations

import re
from typing import Any

PASSWORD = "a long harbour password 42"


def is_quiet(page: Any) -> None:
    """No inline script or style, a strict policy, nothing kept in a cache, one language and direction."""
    html = page.content.decode()
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", html)
    assert not inline, inline
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", html)
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in page["Cache-Control"]
    assert re.search(r'<html lang="[a-z-]+" dir="(ltr|rtl)">', html)
    assert html.count("<h1") == 1
