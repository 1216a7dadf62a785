"""Every word of the vocabularies is in words on the pages."""

from __future__ import annotations

import json

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
