"""Values of a file in every form that platforms give them, whole and damaged."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from makers import write
from seawall.sources import documents
from seawall.sources.contract import SourceError
from seawall.sources.documents import Documents, read_documents

ITEMS = [{"id": n, "text": f"item {n}, a }} and a [ in it", "of": {"who": [n, "é"]}} for n in range(100)]


def _array(indent: int | None = None) -> bytes:
    return json.dumps(ITEMS, indent=indent, ensure_ascii=False).encode()


FORMS = {
    "lines": b"".join(json.dumps(item).encode() + b"\n" for item in ITEMS),
    "array": _array(),
    "pretty": _array(2),
    "one a line in an array": b"[\n" + b",\n".join(json.dumps(item).encode() for item in ITEMS) + b"\n]",
    "script": b"window.YTD.tweets.part0 = " + _array(2),
    "byte order mark": b"\xef\xbb\xbf" + _array(2),
    "lines with a byte order mark": b"\xef\xbb\xbf" + b"\n".join(json.dumps(item).encode() for item in ITEMS),
}


def _read(path: Path) -> list[Documents]:
    return list(read_documents(path, None))


def _values(read: list[Documents]) -> list[object]:
    return [json.loads(value) for some in read for value in some.values if value]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_every_form_gives_the_same_values(
    form: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "BATCH", 7)
    path = write(tmp_path / f"f{ending}", FORMS[form])
    read = _read(path)
    assert _values(read) == ITEMS
    assert read[-1].position == path.stat().st_size
    assert [some.first for some in read] == sorted(some.first for some in read)


def test_one_document_is_one_value(tmp_path: Path) -> None:
    page = {"kind": "page", "items": ITEMS}
    for indent in (None, 1):
        (some,) = _read(write(tmp_path / "f", json.dumps(page, indent=indent).encode()))
        assert json.loads(some.values[0]) == page
        assert (some.first, some.rejects) == (1, [])


def test_reading_goes_on_at_any_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "BATCH", 7)
    path = write(tmp_path / "f", FORMS["pretty"])
    read = _read(path)
    assert len(read) == 15
    for stop, some in enumerate(read):
        assert _values(read[: stop + 1]) + _values(list(read_documents(path, some.cursor))) == ITEMS


@pytest.mark.parametrize("form", [form for form in FORMS if "lines" not in form])
@pytest.mark.parametrize(
    ("found", "instead"), [(b'"id": 50', b'"id": '), (b'"item 50,', b'"item 50 " ,'), (b'"id": 50', b'"id" 50')]
)
def test_a_damaged_element_costs_only_itself(form: str, found: bytes, instead: bytes, tmp_path: Path) -> None:
    content = FORMS[form].replace(found, instead)
    read = _read(write(tmp_path / "f", content))
    assert _values(read) == ITEMS[:50] + ITEMS[51:]
    (reject,) = [reject for some in read for reject in some.rejects]
    assert reject.line == 51
    assert reject.reason.startswith("damaged JSON: ")
    assert instead in reject.raw


def test_a_damaged_element_inside_a_page_costs_only_itself(tmp_path: Path) -> None:
    content = json.dumps({"kind": "page", "answer": {"items": ITEMS, "next": "x"}}).replace('"id": 50', '"id": }')
    (some,) = _read(write(tmp_path / "f", content.encode()))
    page = json.loads(some.values[0])
    assert page == {"kind": "page", "answer": {"items": ITEMS[:50] + ITEMS[51:], "next": "x"}}
    assert [reject.line for reject in some.rejects] == [2]


@pytest.mark.parametrize("indent", [None, 1])
def test_lists_inside_damaged_elements_do_not_end_the_array(indent: int | None, tmp_path: Path) -> None:
    items = [{"id": n, "parts": [{"of": n}, {"of": -n}], "more": {"parts": [{"of": n}]}} for n in range(100)]
    content = json.dumps(items, indent=indent).encode()
    for number in (10, 50, 51):
        content = re.sub(rb'"id": %d\b' % number, b'"id": %d"' % number, content)
    read = _read(write(tmp_path / "f", content))
    found = [value for value in _values(read) if isinstance(value, dict) and "id" in value]
    assert [value["id"] for value in found] == [n for n in range(100) if n not in (10, 50, 51)]
    assert len([reject for some in read for reject in some.rejects]) >= 3


def test_a_first_line_in_two_pieces_costs_only_itself(tmp_path: Path) -> None:
    content = FORMS["lines"].replace(b'"text"', b'\n"text"', 1)
    read = _read(write(tmp_path / "f", content))
    values = [value for some in read for value in some.values]
    assert [json.loads(value) for value in values[2:]] == ITEMS[1:]


@pytest.mark.parametrize("between", [b"", b"\n", b" ]\n"])
def test_what_follows_a_document_is_told(between: bytes, tmp_path: Path) -> None:
    pages = [json.dumps({"page": n, "items": ITEMS[:3]}, indent=1).encode() for n in range(2)]
    read = _read(write(tmp_path / "f", between.join(pages)))
    rejects = [reject for some in read for reject in some.rejects]
    assert len(_values(read)) + len(rejects) >= 2
    assert {"page": 0, "items": ITEMS[:3]} in _values(read)
    assert {"page": 1, "items": ITEMS[:3]} in _values(read) or any(b'"page": 1' in reject.raw for reject in rejects)


def test_a_page_that_was_cut_gives_what_is_whole(tmp_path: Path) -> None:
    content = json.dumps({"items": ITEMS}).encode()
    (some,) = _read(write(tmp_path / "f", content[: content.index(b'"id": 60') + 3]))
    assert json.loads(some.values[0]) == {"items": ITEMS[:60]}
    assert len(some.rejects) == 1


@pytest.mark.parametrize("content", [b"hello", b"[", b'{"a', b"[[[[", b"nul", b"window.YTD.x = ;x"])
def test_what_is_no_json_is_one_reject(content: bytes, tmp_path: Path) -> None:
    (some,) = _read(write(tmp_path / "f", content))
    assert not any(some.values)
    (reject,) = some.rejects
    assert reject.reason.startswith("damaged JSON: ")


@pytest.mark.parametrize("content", [b"[]", b"window.YTD.x = []", b" [ ] "])
def test_an_empty_array_holds_nothing(content: bytes, tmp_path: Path) -> None:
    assert _values(_read(write(tmp_path / "f", content))) == []


def test_a_document_that_is_too_large_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 1000)
    with pytest.raises(SourceError, match="one document of more than"):
        _read(write(tmp_path / "f", FORMS["pretty"]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), form=st.sampled_from(sorted(FORMS)))
def test_no_damage_crashes_it_and_each_value_is_json(seed: int, form: str, tmp_path: Path) -> None:
    draw = random.Random(seed)
    content = bytearray(FORMS[form][:4000])
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(content))
        instead = draw.choice((b"", b'"', b"\xff", b"}", b"[", b"\\", b"null", b"\n"))
        content[at : at + draw.choice((0, 1, 30))] = instead
    path = write(tmp_path / "f", bytes(content) or b" ")
    read = _read(path)
    assert all(reject.line >= 1 and reject.reason for some in read for reject in some.rejects)
    if "lines" not in form:
        assert all(isinstance(json.loads(v.decode(errors="replace")), object) for s in read for v in s.values if v)
