"""A case's texts: closed until they are opened, by those who may, into the log."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from desk import Desk, audit_verbs
from pages import Browser, is_quiet, taken, text_of, texts_of
from seawall.cases import facts
from seawall.cases.models import Case
from seawall.lake import Lake
from seawall.ledger import home
from seawall.people.models import User
from seawall.records.facts import MEDIA, PICTURES, columns


def test_a_cases_text_is_closed_until_it_is_opened_and_opening_is_logged(desk: Desk, reads: Client) -> None:
    case = desk.case()
    page = reads.get(f"/cases/{case.pk}/")
    assert page.status_code == 200
    is_quiet(page)
    shown = html.unescape(page.content.decode())
    hidden = texts_of(case)
    assert hidden
    assert not [text for text in hidden if text in shown]
    assert "The texts are closed." in shown
    assert audit_verbs(f"case:{case.pk}") == ["case.read"]
    post = re.search(r'name="post" value="([^"]+)"', shown)[1]
    opened = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "1"})
    assert len([text for text in hidden if text in html.unescape(opened.content.decode())]) >= 1
    assert "audit log" in text_of(opened)
    assert audit_verbs(f"case:{case.pk}") == ["case.read", "case.text"]


def test_opening_with_htmx_gives_the_part_alone(desk: Desk, reads: Client) -> None:
    case = desk.case()
    post = case.findings.first().seen[0]["post_id"]
    part = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "3"}, headers={"HX-Request": "true"})
    shown = part.content.decode()
    assert shown.lstrip().startswith('<li id="p3"')
    assert "<html" not in shown
    assert 'dir="auto"' in shown


def test_texts_of_other_accounts_stay_closed(desk: Desk, reads: Client) -> None:
    first = desk.case()
    other = Case.objects.exclude(account_id=first.account_id).first()
    wanted = other.findings.first().seen[0]["post_id"]
    opened = reads.post(f"/cases/{first.pk}/texts/", {"post": wanted, "n": "1"})
    assert "not in the lake any more" in text_of(opened)


def test_media_is_told_and_never_loaded(desk: Desk, reads: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.case()
    post = case.findings.first().seen[0]["post_id"]
    item = {
        "post_id": post,
        "media_id": "1",
        "kind": "photo",
        "url": "https://media.example.org/1.jpg",
        "alt_text": "a lamp",
    }
    monkeypatch.setattr(facts, "media_of", lambda *_: [item])
    shown = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "1"}).content.decode()
    assert "https://media.example.org/1.jpg" in shown
    assert "a lamp" in shown
    assert "<img" not in shown
    assert 'href="https://' not in shown


def test_words_read_in_a_picture_stand_beside_the_text_as_such_and_are_sealed_apart(desk: Desk, reads: Client) -> None:
    case = desk.case()
    post = case.findings.first().seen[0]["post_id"]
    same = {"platform": case.platform, "post_id": [post], "media_id": ["p1"], "account_id": [case.account_id]}
    read = {"text": ["words of a <poster>"], "picture": ["0" * 64], "reader": "an engine"}
    with Lake(home()) as lake:
        lake.append(
            {"media": columns(MEDIA, {**same, "kind": "photo"}, 1), "pictures": columns(PICTURES, same | read, 1)}
        )
    assert "poster" not in reads.get(f"/cases/{case.pk}/").content.decode()
    shown = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "1"}).content.decode()
    assert "Read in the picture by a machine, maybe wrongly:" in shown
    assert "words of a &lt;poster&gt;" in shown
    sealed = {thing.post_id: thing.facts for thing in facts.to_seal(case.platform, case.account_id, [post])}
    assert sealed[post]["pictures"] == [{"media_id": "p1", "url": None, "words": "words of a <poster>"}]
    assert "poster" not in sealed[post]["text"]


def test_an_overseer_reads_a_case_without_its_texts(desk: Desk, signed_in: Browser, overseer: User) -> None:
    page = signed_in(overseer).get(f"/cases/{desk.case().pk}/").content.decode()
    assert "Your roles do not allow you to open texts." in page
    assert "/texts/" not in page
    assert "/latest/" not in page


def test_the_latest_posts_are_opened_by_post_and_noted_as_conduct(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    page = reads.post(f"/cases/{case.pk}/latest/")
    ids = re.findall(r'type="checkbox" name="post" value="([^"]+)"', page.content.decode())
    assert len(ids) > 1
    assert "checked" not in page.content.decode()
    assert "case.text" in audit_verbs(f"case:{case.pk}")
    wrong = reads.post(f"/cases/{case.pk}/conduct/", {"post": ids[:2], "because": " "})
    assert wrong.status_code == 422
    assert wrong.content.decode().count(" checked") == 2
    none = reads.post(f"/cases/{case.pk}/conduct/", {"because": "It praises the attack."})
    assert none.status_code == 422
    assert "Choose the posts first." in text_of(none)
    assert "It praises the attack." in none.content.decode()
    done = reads.post(f"/cases/{case.pk}/conduct/", {"post": ids[:2], "because": "It praises the attack."})
    assert done["Location"] == f"/cases/{case.pk}/"
    shown = text_of(reads.get(f"/cases/{case.pk}/"))
    assert "It praises the attack." in shown
    assert f"noted by {reviewer.pseudonym}" in shown


def test_older_posts_go_on_where_the_page_ended(desk: Desk, reads: Client) -> None:
    case = desk.case()
    first = reads.post(f"/cases/{case.pk}/latest/").content.decode()
    before = re.search(r'name="before" value="([^"]+)"><button', first)[1]
    older = reads.post(f"/cases/{case.pk}/latest/", {"before": before}).content.decode()
    ids = [set(re.findall(r'name="post" value="([^"]+)"', page)) for page in (first, older)]
    assert not ids[0] & ids[1]
    ended = reads.post(f"/cases/{case.pk}/latest/", {"before": "2001-01-01T00:00:00+00:00"})
    assert "There are no older posts" in text_of(ended)
    assert reads.post(f"/cases/{case.pk}/latest/", {"before": "nonsense"}).status_code == 200
