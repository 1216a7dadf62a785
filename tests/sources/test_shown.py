"""What people see of markup, whatever stands in it."""

from __future__ import annotations

import string
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.sources.shown import shown

LONG = 300_000  # characters
MARKS = [
    "<a ",
    "<a href='",
    '<a x="',
    "<![",
    "<!",
    "<!--",
    "-->",
    "</",
    "</a ",
    "<",
    "&#x",
    "<a \"'",
    "<b'\"",
    "<div>",
    "<p><b>",
]


def test_markup_as_people_see_it() -> None:
    markup = '<p>a &amp; b<br>c <a href="https://a.example/x">here</a></p><script>no</script><p>d</p>'
    assert shown(markup) == ("a & b\nc here\nd", ["https://a.example/x"])
    assert shown("a &lt; b") == ("a < b", [])
    assert shown(None) == ("", [])


@pytest.mark.parametrize(
    ("markup", "text", "links"),
    [
        ("<A CLASS='u' HREF='https://a.example/?x=1&amp;y=2' >go</A>", "go", ["https://a.example/?x=1&y=2"]),
        ('<a title="a>b <i>" href=https://a.example/x>go</a>', "go", ["https://a.example/x"]),
        ('<a data-href="https://no.example/" href="/here">go</a><a href="javascript:x">!</a>', "go!", []),
        ("<p>one</p><!-- <a href='https://no.example'> --><ul><li>two</li><li>three</li></ul>", "one\ntwo\nthree", []),
        ("<style>p > a {}</style>a<template><a href='https://no.example'>b</a></template>c", "ac", []),
        ("<!DOCTYPE html><?xml version='1.0'?>a<br/>b<hr/>", "a\nb", []),
        ("1 < 2 <3 a <- b <a never closed", "1 < 2 <3 a <- b <a never closed", []),
        ("seen <!-- a comment that never ends", "seen <!-- a comment that never ends", []),
        ("&lt;b&gt; <b>bold</b> &amp;lt;", "<b> bold &lt;", []),
    ],
)
def test_marks_are_left_out_and_nothing_else(markup: str, text: str, links: list[str]) -> None:
    assert shown(markup) == (text, links)


@given(st.text())
def test_any_text_that_was_escaped_comes_back(text: str) -> None:
    assert shown(f"<p>{escape(text)}</p>")[0] == text.strip()


@given(
    st.lists(st.sampled_from([*MARKS, ">", "'", '"', "href=https://a.example", "x", *string.whitespace])).map("".join)
)
def test_no_markup_breaks_it(markup: str) -> None:
    text, links = shown(markup)
    assert len(text) <= len(markup)
    assert all(link.startswith("https://a.example") for link in links)


@pytest.mark.parametrize("mark", MARKS)
def test_a_long_post_of_broken_marks_is_read_once(mark: str) -> None:
    """Where each mark reads to the end, this takes half an hour."""
    markup = f"<b>first</b> {mark * (LONG // len(mark))}"
    assert shown(markup)[0].startswith("first")
