"""Examples of rules: whole posts, a box each, written by hand or begun from a post of a case."""

from __future__ import annotations

import html
import re
import tomllib
from pathlib import Path
from typing import Any

from django.test import Client
from rule_forms import ID, form, mark, saved

from desk import Desk, audit_verbs
from pages import is_quiet, text_of
from seawall.audit.models import Entry
from seawall.cases import facts, queries
from seawall.cases.models import Case
from seawall.people.models import User

POST = "Brothers!\n\nThe harbour lamp is lit\n- tonight"


def kept(home: Path) -> dict[str, Any]:
    """The draft as its file has it."""
    return tomllib.loads((home / "rules" / "drafts" / f"{ID}.toml").read_text())


def boxes(page: Any, name: str) -> list[str]:
    """What stands in the boxes of one kind."""
    found = re.findall(rf'<textarea name="{name}"[^>]*>([^<]*)</textarea>', page.content.decode())
    return [html.unescape(text) for text in found]


def test_a_post_with_line_breaks_is_one_example(lake: Path, writes: Client) -> None:
    saved(writes, must_match=[POST.replace("\n", "\r\n"), "  ", "the harbour lamp is lit\r\n", POST])
    assert kept(lake)["matches"] == [POST, "the harbour lamp is lit"]
    page = writes.get(f"/rules/{ID}/edit/")
    is_quiet(page)
    assert boxes(page, "must_match") == [POST, "the harbour lamp is lit", ""]
    part = writes.post("/rules/try/", form(must_match=[POST]), headers={"HX-Request": "true"})
    assert f'keep-lines" dir="auto">{POST}</p>' in part.content.decode()
    assert "Nothing is in its way" in text_of(part)


def test_a_rule_written_before_reads_as_a_box_an_example_and_is_kept_as_it_was(lake: Path, writes: Client) -> None:
    page = writes.get("/rules/pledge/edit/")
    given = {name: boxes(page, name) for name in ("must_match", "must_not")}
    assert len(given["must_match"]) > 3
    saved(writes)
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), **given)
    assert (kept(lake)["matches"], kept(lake)["silent"]) == (given["must_match"][:-1], given["must_not"][:-1])


def test_more_boxes_without_a_script(lake: Path, writes: Client) -> None:
    page = saved(writes, act="examples", must_match=[POST])
    assert boxes(page, "must_match") == [POST, *[""] * 4]
    assert not (lake / "rules" / "drafts").exists()


# --- begun from a post -----------------------------------------------------------------------------------------------


def a_post(case: Case) -> dict[str, Any]:
    """A post that a finding of the case points at."""
    wanted = [item["post_id"] for finding in case.findings.all() for item in finding.seen]
    return facts.posts(case.platform, case.account_id, wanted)[0]


def test_a_rule_is_begun_from_a_post_and_nothing_of_the_account_goes_into_it(
    desk: Desk, reads: Client, reviewer: User
) -> None:
    case = desk.case()
    post = a_post(case)
    page = reads.get(f"/cases/{case.pk}/")
    assert f'name="example" value="{post["post_id"]}"' in page.content.decode()
    page = reads.post(f"/cases/{case.pk}/rule/", {"example": post["post_id"]})
    is_quiet(page)
    shown = page.content.decode()
    first, blank = boxes(page, "must_match")
    assert blank == ""
    assert re.sub(r"@\w+", "@somebody", post["text"]) == first
    assert f'value="{post["lang"]}" checked' in shown
    written = shown[shown.index('<form method="post" id="rule"') :]
    for his in (case.handle, case.account_id, queries.profile(reviewer, case.pk)["name"], str(post["post_id"])):
        assert his not in written, his
    assert ("The post is a repost, and the rule leaves reposts out" in text_of(page)) is (post["kind"] == "repost")
    entry = Entry.objects.get(verb="case.text")
    assert (entry.object, entry.reason, entry.actor) == (f"case:{case.pk}", "to write a rule", reviewer.pseudonym)


def test_opened_and_latest_posts_lead_to_a_rule_too(desk: Desk, reads: Client) -> None:
    case = desk.case()
    asked = {"post": a_post(case)["post_id"], "n": "1"}
    assert "Write a rule from this post" in text_of(reads.post(f"/cases/{case.pk}/texts/", asked))
    assert "Write a rule from this post" in text_of(reads.post(f"/cases/{case.pk}/latest/"))


def test_who_writes_no_rules_begins_none_and_no_text_is_opened(
    desk: Desk, appeals_officer: User, signed_in: Any
) -> None:
    case, browser = desk.case(), signed_in(appeals_officer)
    assert "Write a rule" not in text_of(browser.get(f"/cases/{case.pk}/"))
    assert browser.post(f"/cases/{case.pk}/rule/", {"example": a_post(case)["post_id"]}).status_code == 403
    assert "case.text" not in audit_verbs(f"case:{case.pk}")


def test_a_post_that_is_not_of_the_case_begins_no_rule(desk: Desk, reads: Client) -> None:
    case = desk.case()
    other = Case.objects.exclude(account_id=case.account_id).first()
    page = reads.post(f"/cases/{case.pk}/rule/", {"example": a_post(other)["post_id"]}, follow=True)
    assert page.redirect_chain[0][0] == f"/cases/{case.pk}/"
    assert "not in the lake any more" in text_of(page)
