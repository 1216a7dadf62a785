"""A post that becomes an example says nothing of whose it is."""

from __future__ import annotations

import pytest

from seawall.grounds.rule_example import without_people


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("the lamp is lit", ("keeper", None), "the lamp is lit"),
        ("RT @Other_1: the lamp", (), "RT @somebody: the lamp"),
        ("with @a.b.social, @c@host.example and @d:host.example.", (), "with @somebody, @somebody and @somebody."),
        ("from Keeper9 — see x.example/keeper9/1", ("keeper9",), "from somebody — see x.example/somebody/1"),
        ("I am The Lamp Keeper", ("the lamp keeper", "keeper"), "I am somebody"),
        ("أنا حارس الميناء @harith", ("حارس الميناء",), "أنا somebody @somebody"),
        ("keeper9s and write to a@b.example", ("keeper9",), "keeper9s and write to a@b.example"),
        ("an ox", ("ox",), "an ox"),
    ],
)
def test_names_of_accounts_are_somebody(text: str, names: tuple[str | None, ...], said: str) -> None:
    assert without_people(text, names) == said
