"""The audit log's pages: reading it is in it."""

from __future__ import annotations

import html
import json
import re

from desk import Desk, audit_verbs
from pages import Browser, appealed, is_quiet, taken, text_of
from seawall.audit.models import Entry
from seawall.cases import queries, services
from seawall.people.models import User
from seawall.web.console import words


def test_reading_the_log_is_in_the_log_once_a_visit(desk: Desk, signed_in: Browser, auditor: User) -> None:
    browser = signed_in(auditor)
    page = browser.get("/audit/")
    is_quiet(page)
    assert "read the audit log" in text_of(page)
    browser.get("/audit/")
    browser.get("/audit/?before=2")
    assert audit_verbs().count("audit.read") == 1
    browser.get(f"/audit/?actor={auditor.pseudonym}")
    assert audit_verbs().count("audit.read") == 2
    assert Entry.objects.filter(verb="audit.read").last().reason == f"actor={auditor.pseudonym}"


def test_the_log_is_filtered_and_paged(desk: Desk, signed_in: Browser, auditor: User, reviewer: User) -> None:
    case = taken(desk, reviewer)
    for _ in range(120):
        queries.case(reviewer, case.pk)
    browser = signed_in(auditor)
    shown = text_of(browser.get("/audit/?verb=case.take"))
    assert "took the case" in shown
    assert "opened the case" not in shown.split("Detail")[1]
    page = browser.get(f"/audit/?about=case:{case.pk}").content.decode()
    further = html.unescape(re.search(r'href="(\?[^"]*)" data-next', page)[1])
    older = browser.get("/audit/" + further).content.decode()
    seqs = [[int(n) for n in re.findall(r'<th scope="row" class="num">(\d+)<', shown)] for shown in (page, older)]
    wanted = list(Entry.objects.filter(object=f"case:{case.pk}").order_by("-seq").values_list("seq", flat=True))
    assert seqs[0] + seqs[1] == wanted
    assert "No entry fits these filters" in text_of(browser.get("/audit/?actor=P-NONE"))


def test_every_verb_of_this_room_is_in_words(
    desk: Desk, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    services.assign_appeal(appeals_officer, appeal.pk)
    services.decide_appeal(appeals_officer, appeal.pk, "reversed", "You do.")
    desk.worker()
    assert set(audit_verbs()) <= set(words.LOG)
    assert all(words.said(entry).what for entry in Entry.objects.all())


def test_the_signed_head_is_saved_and_that_is_logged(desk: Desk, signed_in: Browser, auditor: User) -> None:
    answer = signed_in(auditor).get("/audit/head.json")
    saved = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert saved["hash"] == Entry.objects.get(seq=saved["seq"]).hash
    assert audit_verbs()[-1] == "audit.head"
