"""Every word of the vocabularies is in words on the pages."""

from __future__ import annotations

from seawall.records.terms import CaseState, Conduct, Exemption, TieKind, Verb
from seawall.web.console import words


def test_every_word_of_the_vocabularies_has_words() -> None:
    assert set(words.STATES) >= set(CaseState)
    assert set(words.VERBS) == set(Verb)
    assert set(words.CONDUCT) == set(words.CONDUCT_MEANS) == set(Conduct)
    assert set(words.QUESTIONS) == set(Exemption)
    assert set(words.TIES) == set(TieKind) - {TieKind.SHARED_LINK}
