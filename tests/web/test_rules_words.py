"""What the rules pages say to people who never wrote a rule: words beside a field, and what may be left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rule_forms import ID, form, saved

from pages import is_quiet, text_of


def tried(browser: Client, **changed: Any) -> str:
    """What comes back while somebody writes."""
    return text_of(browser.post("/rules/try/", form(**changed), headers={"HX-Request": "true"}))


# --- how much it weighs ----------------------------------------------------------------------------------------------

ONE = "One post that matches is enough to put its author in front of reviewers"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({}, ONE),
        ({"posts": "3"}, "3 posts of an account that match put it in front of reviewers; fewer do not."),
        ({"posts": "1", "weight": "0.3"}, "2 posts of an account that match put it in front of reviewers"),
        ({"posts": "2", "weight": "0,3"}, "below the line of 0.5, so it takes more than the posts of one"),
    ],
)
def test_it_says_as_one_writes_how_many_posts_list_somebody(
    lake: Path, writes: Client, numbers: dict[str, str], said: str
) -> None:
    part = writes.post("/rules/try/", form(**numbers), headers={"HX-Request": "true"})
    assert said in text_of(part)
    assert 'id="lists_whom"' in part.content.decode()
    saved(writes, **numbers)
    for path in (f"/rules/{ID}/edit/", f"/rules/{ID}/"):
        page = writes.get(path)
        is_quiet(page)
        assert said in text_of(page), path


def test_numbers_that_are_none_list_nobody_in_words(lake: Path, writes: Client) -> None:
    assert ONE in text_of(writes.get("/rules/new/"))
    for wrong in ({"posts": "many"}, {"weight": "7"}):
        assert "front of reviewers" not in tried(writes, **wrong)


# --- conditions ------------------------------------------------------------------------------------------------------


def test_the_conditions_that_a_rule_begins_with_are_explained(lake: Path, writes: Client) -> None:
    said = text_of(writes.get("/rules/new/"))
    assert "“ Words that keep distance ” holds words of people who report, condemn or quote" in said
    assert "leaves reposts out, for their words are somebody else's" in said
