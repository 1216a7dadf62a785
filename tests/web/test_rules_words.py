"""What the rules pages say to people who never wrote a rule: words beside a field, and what may be left alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rule_forms import ID, form, mark, posted, saved

from pages import is_quiet, text_of
from seawall.cases.scanning import scan_home
from seawall.people.models import User
from seawall.signals.control import sentences


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


# --- the editor ------------------------------------------------------------------------------------------------------


def is_open(page: Any) -> bool:
    """Whether the part for those who write predicates stands open."""
    return bool(re.search(r'<details [^>]*id="advanced" open', page.content.decode()))


def test_the_predicate_is_folded_unless_it_says_more_than_conditions(lake: Path, writes: Client) -> None:
    page = writes.get("/rules/new/")
    is_quiet(page)
    assert 'id="advanced"' in page.content.decode()
    assert not is_open(page)
    saved(writes, where="hits('words') >= 1 AND (likes > 3 OR hits('pledge') >= 1)")
    assert is_open(writes.get(f"/rules/{ID}/edit/"))


def test_what_is_wrong_with_a_predicate_stands_outside_of_what_is_folded(lake: Path, writes: Client) -> None:
    shown = saved(writes, act="check", what=["n_links"], how=["at_least"], value=["1"]).content.decode()
    assert "alone are no conduct" in shown.partition('id="where_error"')[2].partition("<details")[0]


def test_what_is_needed_is_marked_and_all_of_it_is_asked_for(lake: Path, writes: Client) -> None:
    needed = ("Title", "Conduct", "What it finds, and where it may be wrong", "Languages of these words", "Conditions")
    said = text_of(writes.get("/rules/new/"))
    assert "* Needed before the rule may run." in said
    for label in needed:
        assert f"{label} * (needed before it runs)" in said, label
    bare = saved(writes, act="check", title="", conduct="", why="", languages=[], must_match="", must_not="", what=[],
                 how=[], value=[], where="")  # fmt: skip
    assert f"{len(needed) + 2} things are missing or do not fit" in text_of(bare)  # and examples of both kinds


def test_words_of_this_house_are_explained_where_they_first_stand(lake: Path, writes: Client) -> None:
    said = text_of(writes.get("/rules/new/"))
    for explained in (
        "once over the lake, which is every post loaded here so far",
        "Its brake: if it matches more posts than that in an hour",
        "In shadow it runs and is counted, and nobody is listed for it.",
    ):
        assert explained in said, explained
    page = writes.get("/rules/")
    assert "Shadow: It runs and is counted; nobody is listed for it." in text_of(page)
    tabs = re.findall(r'href="/rules/\?state=(\w+)"', page.content.decode())
    assert tabs == ["draft", "shadow", "live", "stopped"]  # as a rule lives
    only = text_of(writes.get("/rules/?state=stopped"))
    assert "It lists nobody." in only
    assert "Nothing runs yet." not in only
    said = text_of(writes.get("/rules/pledge/"))
    assert "If it matches more, it stops itself" in said
    assert "The lake is every post loaded here so far." in said


ORDINARY = {"words": f"{sentences()['ru'][2]}\nthe harbour lamp is lit", "where": "hits('words') >= 1",
            "must_not": "A quiet day"}  # fmt: skip


def test_the_control_corpus_and_a_finding_are_explained_where_they_stand(lake: Path, writes: Client) -> None:
    corpus = "The control corpus : sentences of everyday life, news and worship"
    assert "A finding is what the rule says about one account" in text_of(writes.get("/rules/new/"))
    assert corpus in tried(writes)
    saved(writes)
    assert corpus in text_of(writes.get(f"/rules/{ID}/"))
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), act="shadow", **ORDINARY)
    assert corpus in text_of(writes.get(f"/rules/{ID}/"))


def test_who_finds_no_conduct_that_fits_is_told_what_to_do(lake: Path, writes: Client) -> None:
    said = text_of(writes.get("/rules/new/"))
    for told in ("None of these fits, or two do", "“other” is left out on purpose", "reported to the platform",
                 "ask a legal officer, who keeps the clauses"):  # fmt: skip
        assert told in said, told


def test_what_is_in_its_way_stands_first_in_the_panel_and_beside_the_buttons(lake: Path, writes: Client) -> None:
    def shown(**changed: Any) -> tuple[str, str]:
        part = writes.post("/rules/try/", form(**changed), headers={"HX-Request": "true"})
        beside = re.search(r'<p id="next"[^>]* hx-swap-oob="true">(.*?)</p>', part.content.decode())
        assert beside
        return text_of(part), re.sub(r"<[^>]+>", "", beside[1])

    assert 'id="next"' in writes.get("/rules/new/").content.decode().partition("save-bar")[2]
    for changed, first, beside in (
        ({}, "Nothing is in its way: save it", "Nothing is in its way."),
        ({"title": "", "why": ""}, "2 things to do", "2 things to do"),
        ({"must_match": "a quiet day"}, "1 example does otherwise than you say.", "1 example does otherwise"),
        (ORDINARY, "It could fire on sentences that ordinary people write.", "It could fire on ordinary sentences."),
    ):
        said, near = shown(**changed)
        assert said.startswith(first), said[:80]
        assert near.startswith(beside), near


# --- many words ------------------------------------------------------------------------------------------------------


def test_words_beyond_twenty_are_folded_with_their_count(lake: Path, writes: Client, approves: Client) -> None:
    many = [f"slogan number {n} of the lamp" for n in range(1, 46)]

    def folded(page: Any) -> list[str]:
        within = re.findall(r"<summary>and (\d+) more</summary><ul[^>]*>(.*?)</ul>", page.content.decode(), re.DOTALL)
        assert within
        return [f"{n}: {part.count('<li')}" for n, part in within]

    saved(writes, words="\n".join(many[:20]))
    page = writes.get(f"/rules/{ID}/")
    assert "20 words and phrases of its own" in text_of(page)
    assert not re.search(r"<summary>and \d+ more", page.content.decode())
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), words="\n".join(many))
    page = writes.get(f"/rules/{ID}/")
    is_quiet(page)
    assert "45 words and phrases of its own" in text_of(page)
    assert folded(page) == ["25: 25"]
    assert page.content.decode().count(many[30]) == 1  # and nowhere else
    # and where versions are compared
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), words="the lamp", act="shadow")
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), words="\n".join(many), act="shadow")
    page = approves.get(f"/rules/{ID}/?from=1&to=2")
    assert folded(page) == ["25: 25", "25: 25"]


# --- the list --------------------------------------------------------------------------------------------------------


def found(browser: Client, asked: str) -> list[str]:
    """The rules that the list shows."""
    page = browser.get(f"/rules/?{asked}")
    is_quiet(page)
    return re.findall(r'href="/rules/([\w-]+)/" data-open', page.content.decode())


def test_rules_are_found_by_words_author_state_and_list(lake: Path, writes: Client, writer: User) -> None:
    saved(writes)
    every = found(writes, "")
    assert found(writes, "words=HARBOUR+keepers") == [ID]  # a title's word and one of its own
    assert found(writes, f"author={writer.pseudonym}") == [ID]
    assert ID in found(writes, "counts=distance")
    assert "pledge" in found(writes, "counts=pledge")
    assert ID not in found(writes, "counts=pledge")
    assert found(writes, "counts=pledge&state=draft") == []
    assert found(writes, "state=nonsense") == every
    page = writes.get("/rules/?counts=pledge&state=draft")
    assert "No rule fits these filters" in text_of(page)
    assert 'href="/rules/?state=live&amp;counts=pledge"' in page.content.decode()


def test_posts_that_nobody_counted_are_no_dash_beside_accounts(lake: Path, writes: Client, tmp_path: Path) -> None:
    posted(lake, tmp_path)
    saved(writes, act="shadow")
    assert "not counted by a scan" not in text_of(writes.get("/rules/"))
    (lake / "rules" / "trial" / f"{ID}.toml").rename(lake / "rules" / f"{ID}.toml")
    path = lake / "rules" / f"{ID}.toml"
    path.write_text(path.read_text().replace('state = "shadow"', 'state = "live"'))
    scan_home(lake)
    page = writes.get(f"/rules/?words={ID}")
    assert "not counted by a scan 1 " in text_of(page)
    assert "A scan of what was loaded counts the accounts it finds" in text_of(page)
