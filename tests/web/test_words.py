"""Every word of the vocabularies is in words on the pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import translation

from seawall.audit.models import Entry
from seawall.records.terms import CaseState, Conduct, Exemption, TieKind, Verb
from seawall.web.console import words


def test_every_word_of_the_vocabularies_has_words() -> None:
    assert set(words.STATES) >= set(CaseState)
    assert set(words.VERBS) == set(Verb)
    assert set(words.CONDUCT) == set(words.CONDUCT_MEANS) == set(Conduct)
    assert set(words.QUESTIONS) == set(Exemption)
    assert set(words.TIES) == set(TieKind) - {TieKind.SHARED_LINK}


def test_the_log_says_what_the_account_holder_was_told() -> None:
    def said(**detail: object) -> str:
        return words.said(Entry(verb="tell", at="2026-01-01T00:00:00+00:00", detail=json.dumps(detail))).more

    told = [said(what=what, carried=True) for what in ("statement", "appeal", "void", "reversal")]
    assert len(set(told)) == 4
    assert said(what="reversal", carried=False) == "that it was taken back, which the platform cannot carry"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-1, "منذ دقيقة"),
        (-2, "منذ دقيقتين"),
        (-7, "منذ 7 دقائق"),
        (-16, "منذ 16 دقيقة"),
        (2, "بعد دقيقتين"),
        (26, "بعد 26 دقيقة"),
    ],
)
def test_how_long_ago_is_counted_as_arabic_counts(minutes: int, said: str) -> None:
    now = datetime.now(UTC)
    with translation.override("ar"):
        assert (
            naturaltime(now + timedelta(minutes=minutes, seconds=30 if minutes > 0 else 0)).replace("\xa0", " ") == said
        )
