"""Pages and statements in Arabic and Russian: none of the words of the product is left in English."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation.template import templatize

import seawall.web

WEB = Path(seawall.web.__file__).parent
PAGES = sorted((WEB / "templates").rglob("*.html"))
WORD = re.compile(r"""{% trans ["'](?P<text>[^"]+?)["'](?: context "(?P<context>[^"]+)")?(?: as \w+)? %}""")
FILLED = re.compile(r"%\(\w+\)[sd]")
RUSSIAN_DATE = re.compile(r"%\((?:at|due|since|until)\)s\.")  # a Russian date ends in "г." already
MARKED: dict[str, Any] = {
    **dict.fromkeys(("_", "_t", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


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
    assert sum(len(_words(page)) for page in PAGES) > 500


def _written(language: str) -> Catalog:
    with (WEB / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as stream:
        return read_po(stream, locale=language)


def _ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _marked() -> set[tuple[str | None, str]]:
    """Every text that the code and the pages mark for translation, with its context."""
    sources = [path.read_bytes() for path in WEB.parent.rglob("*.py")]
    for page in PAGES:
        lines = templatize(page.read_text("utf-8")).splitlines()
        sources.append("\n".join(line.strip() for line in lines).encode())  # it is not indented as Python is
    found: set[tuple[str | None, str]] = set()
    for source in sources:
        for _line, text, _comments, context in extract("python", BytesIO(source), MARKED):
            found.add((context, text if isinstance(text, str) else text[0]))
    return found


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_every_marked_text_is_translated(language: str) -> None:
    done = {
        (message.context, _ids(message)[0])
        for message in _written(language)
        if message.id and not message.fuzzy and all(_forms(message))
    }
    marked = _marked()
    assert len(marked) > 800
    assert not marked - done


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_every_form_of_every_entry_is_there_and_none_is_a_guess(language: str) -> None:
    written = _written(language)
    for message in written:
        if message.id:
            assert not message.fuzzy, message.id
            assert all(_forms(message)), message.id
            assert len(_forms(message)) == (1 if isinstance(message.id, str) else written.num_plurals), message.id


def test_no_russian_sentence_ends_twice_after_a_date() -> None:
    for message in _written("ru"):
        for form in _forms(message):
            assert not RUSSIAN_DATE.search(form), form


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_placeholders_survive_and_the_compiled_file_is_current(language: str) -> None:
    with (WEB / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        compiled = read_mo(stream)
    for message in _written(language):
        if not message.id:
            continue
        ids, said = _ids(message), _forms(message)
        asked = {name for one in ids for name in FILLED.findall(one)}
        if len(ids) == 1:
            assert sorted(FILLED.findall(ids[0])) == sorted(FILLED.findall(said[0])), ids[0]
        assert all(set(FILLED.findall(form)) <= asked for form in said), ids[0]
        context: Any = message.context.encode() if message.context else None  # a .mo keeps it as bytes
        found = compiled.get(ids[0], context=context)
        assert found is not None, f"run compilemessages: {ids[0]}"
        assert _forms(found) == said, f"run compilemessages: {ids[0]}"
