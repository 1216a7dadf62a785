"""Pages and statements in Arabic and Russian: none of the public's and the sign-in's words is left in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils import translation

import seawall.web

WEB = Path(seawall.web.__file__).parent
ROOMS = ("account", "includes", "mfa", "public", "signin")
PAGES = [page for room in ROOMS for page in sorted((WEB / "templates" / room).rglob("*.html"))]
WORD = re.compile(r"""{% trans "(?P<text>[^"]+)"(?: context "(?P<context>[^"]+)")? %}""")
FILLED = re.compile(r"%\(\w+\)s")


def _words(path: Path) -> list[tuple[str, str | None]]:
    return [(found["text"], found["context"]) for found in WORD.finditer(path.read_text("utf-8"))]


@pytest.mark.parametrize("language", ["ar", "ru"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(WEB / "templates").as_posix())
def test_every_word_of_a_page_is_translated(page: Path, language: str) -> None:
    with translation.override(language):
        same = [
            text
            for text, context in _words(page)
            if (translation.pgettext(context, text) if context else translation.gettext(text)) == text
        ]
    assert not same


def test_pages_have_words() -> None:
    assert sum(len(_words(page)) for page in PAGES) > 200


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_placeholders_survive_and_the_compiled_file_is_current(language: str) -> None:
    folder = WEB / "locale" / language / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as stream:
        written = read_po(stream, locale=language)
    with (folder / "django.mo").open("rb") as stream:
        compiled = read_mo(stream)
    for message in written:
        if not message.id or not message.string or message.fuzzy:
            continue
        one = message.id if isinstance(message.id, str) else message.id[0]
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        if isinstance(message.id, str):
            assert set(FILLED.findall(one)) == set(FILLED.findall(said[0])), one
        else:
            assert all(set(FILLED.findall(form)) <= set(FILLED.findall(one)) for form in said), one
        if all(said):
            found = compiled.get(one, context=message.context and message.context.encode())
            assert found is not None, f"run compilemessages: {one}"
            assert found.string == message.string or list(found.string) == said, f"run compilemessages: {one}"
