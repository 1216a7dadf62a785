"""The banks pages: provenance, two people, withdrawing; matches beside their entries, blurred, and each look logged."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from desk import Desk, audit_verbs
from media.scenes import as_file, cropped, picture, scene
from pages import Browser, is_quiet, text_of
from seawall.cases import banked
from seawall.cases.models import Case
from seawall.cases.scanning import scan_home
from seawall.cases.services import own_conduct, propose, take
from seawall.grounds import banks
from seawall.grounds.models import BankPart
from seawall.lake import Lake
from seawall.media.clips import Clips
from seawall.media.opened import luminance
from seawall.media.pdq import hash_of, waves
from seawall.media.shelf import Shelf
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.records.terms import Conduct
from seawall.sources.loading import load
from seawall.sources.telegram import TelegramExport
from seawall.stream.arriving import Arriving
from sources.telegram_chats import chat, message

UNTIL = date(2999, 1, 1)
Done = Callable[..., Any]


@pytest.fixture
def done(django_capture_on_commit_callbacks: Any) -> Done:
    """An act whose transaction is over when it returns."""

    def act(work: Callable[..., Any], *given: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return work(*given)

    return act


@pytest.fixture
def export(desk: Desk, tmp_path: Path, configured: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two accounts post a poster, one of them cropped; its files are in a folder that the settings name."""
    folder, poster = tmp_path / "export", picture(scene(21))
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "a.jpg").write_bytes(as_file(poster))
    (folder / "photos" / "b.jpg").write_bytes(as_file(cropped(poster, 0.05, 0.02, 0.0, 0.04), quality=40))
    messages = [message(1, 1, photo="photos/a.jpg"), message(2, 2, photo="photos/b.jpg")]
    (folder / "result.json").write_text(json.dumps(chat(messages)), "utf-8")
    with Lake(desk.home) as lake:
        load(lake, TelegramExport(), folder / "result.json")
    Arriving(desk.home, [folder], None, Clips()).run(threading.Event(), once=True, patience=0.0)
    configured("media", files=(str(folder),))
    return folder


def _bring(legal: User, export: Path) -> BankPart:
    its = hash_of(waves(luminance((export / "photos" / "a.jpg").read_bytes())).waves).tobytes().hex()
    content = f"hash,kind,reference\n{its},pdq,poster-7\n".encode()
    return banks.bring(legal, "partners", Conduct.PROPAGANDA, "Partner A", "agreement", UNTIL, "l.csv", content)[0]


def _case(account: str) -> Case:
    return Case.objects.get(platform="telegram", account_id=account)


def test_an_empty_bank_says_what_to_do(desk: Desk, signed_in: Browser) -> None:
    page = signed_in(desk.person("reviewer")).get("/banks/")
    is_quiet(page)
    assert "No bank holds anything" in text_of(page)
    assert "seawall banks import" in text_of(page)
    assert "Nobody posted what is looked for" in text_of(page)


def test_two_people_stand_behind_a_part_and_one_may_withdraw_it(
    desk: Desk, export: Path, legal: User, signed_in: Browser, done: Done
) -> None:
    part = _bring(legal, export)
    page = signed_in(legal).get("/banks/")
    is_quiet(page)
    for said in ("Partner A", "agreement", legal.pseudonym, "waits for a second person", "nobody yet"):
        assert said in text_of(page)
    assert "as the second person" not in text_of(page)  # whoever brought it
    second = desk.person(DeskRole.LEGAL)
    browser = signed_in(second)
    assert "as the second person" in text_of(browser.get("/banks/"))
    empty = browser.post(f"/banks/{part.pk}/agree/", {"reason": " "})
    assert (empty.status_code, "say why" in text_of(empty).lower()) == (422, True)
    done(browser.post, f"/banks/{part.pk}/agree/", {"reason": "checked"})
    assert f"Agreed by {second.pseudonym}" in text_of(browser.get("/banks/"))
    done(browser.post, f"/banks/{part.pk}/end/", {"reason": "over"})
    assert "No bank holds anything" in text_of(browser.get("/banks/"))
    assert "ended" in text_of(browser.get("/banks/?ended=1"))
    assert audit_verbs(str(part)) == ["bank.propose", "bank.agree", "bank.end"]
    refused = signed_in(desk.person("reviewer")).post(f"/banks/{part.pk}/end/", {"reason": "x"})
    assert refused.status_code == 403


def _blur(content: bytes) -> float:
    """How much neighbouring pixels differ."""
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(content))
    assert (image.mode, max(image.size)) == ("L", 480)
    return float(np.abs(np.diff(np.asarray(image, float), axis=1)).mean())


def test_a_match_stands_beside_its_entry_blurred_and_who_looks_is_logged(
    desk: Desk, export: Path, legal: User, reviewer: User, second_reviewer: User, signed_in: Browser, done: Done
) -> None:  # fmt: skip
    done(banks.agree, desk.person(DeskRole.LEGAL), _bring(legal, export).pk, "checked")
    scan_home(desk.home)
    browser = signed_in(reviewer)
    first = _case("user1")
    assert f'href="/banks/matches/{first.pk}/"' in browser.get("/banks/").content.decode()
    page = browser.get(f"/banks/matches/{first.pk}/")
    is_quiet(page)
    for said in ("256 of 256 bits", "poster-7", "Partner A", "agreement", legal.pseudonym, "Only a hash is kept"):
        assert said in text_of(page)
    assert audit_verbs(str(first))[-1] == "media.read"

    take(reviewer, first.pk)
    desk.opens(reviewer, first)
    decision = desk.approved(propose(reviewer, first.pk, desk.draft()), second_reviewer)
    desk.worker()
    own = banked.bank(reviewer, decision.pk, own_conduct(first)[0], Shelf(export), Clips(), UNTIL)
    done(banks.agree, second_reviewer, own.pk, "checked")
    scan_home(desk.home)
    other = _case("user2")
    page = browser.get(f"/banks/matches/{other.pk}/")
    shown = re.findall(r'class="blurred" src="([^"]+)"', page.content.decode())
    clear = re.findall(r'<img src="([^"]+)" alt="[^"]*" loading="lazy"', page.content.decode())
    assert (len(shown), clear) == (2, [f"{address}?clear=1" for address in shown])
    before = audit_verbs(str(other))
    pictures = [browser.get(address) for address in shown]
    assert [found["Content-Type"] for found in pictures] == ["image/jpeg"] * 2
    assert audit_verbs(str(other)) == before
    opened = browser.get(clear[0])
    assert "no-store" in opened["Cache-Control"]
    assert audit_verbs(str(other)) == [*before, "media.see"]
    assert _blur(pictures[0].content) < _blur(opened.content) / 4
    assert opened.content != (export / "photos" / "b.jpg").read_bytes()

    overseer = signed_in(desk.person("overseer"))  # may read the case, but open nothing
    assert "Your roles do not allow you to open" in text_of(overseer.get(f"/banks/matches/{other.pk}/"))
    assert overseer.get(clear[0]).status_code == 403
    assert signed_in(desk.person("auditor")).get(f"/banks/matches/{other.pk}/").status_code == 403
    assert browser.get(shown[0][:-4] + "xyz/").status_code == 404
    (export / "photos" / "b.jpg").write_bytes(b"another file")
    assert browser.get(clear[0]).status_code == 404
    assert "whom" in text_of(signed_in(legal).get("/banks/"))  # our own can be shared
    saved = done(signed_in(legal).post, "/banks/share/", {"reason": "partners of the agreement"})
    assert [one["type"] for one in json.loads(saved.content)["data"]] == ["HASH_PDQ", "HASH_SHA256"]


def test_a_bank_that_cannot_be_read_is_said(
    desk: Desk, export: Path, legal: User, signed_in: Browser, done: Done
) -> None:
    done(banks.agree, desk.person(DeskRole.LEGAL), _bring(legal, export).pk, "checked")
    scan_home(desk.home)
    (path,) = (desk.home / "banks").glob("*.parquet")
    path.write_bytes(b"something else")
    browser: Client = signed_in(desk.person("reviewer"))
    assert "not the file that two people agreed to" in text_of(browser.get(f"/banks/matches/{_case('user1').pk}/"))
