"""What the second person sees before a rule goes live: its back-test, its failing examples, a draft that is newer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client
from rule_forms import FORM, ID, mark, posted, saved, state

from pages import is_quiet, text_of
from seawall.cases import backtests
from seawall.cases.models import Backtest
from seawall.ledger.worker import Worker

NEVER = "This version was never back-tested"


def test_beside_going_live_stands_the_back_test_of_exactly_that_version(
    lake: Path, writes: Client, approves: Client, tmp_path: Path
) -> None:
    posted(lake, tmp_path)
    saved(writes, act="backtest")
    Worker(backtests.handlers()).drain()
    first = Backtest.objects.get()
    # other words are another version, though the draft's number is the same
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), words="the harbour lamp is out", act="shadow")
    page = approves.get(f"/rules/{ID}/")
    assert NEVER in text_of(page)
    assert f'<a href="/rules/backtests/{first.pk}/">Matches a day' not in page.content.decode()
    # what was tested is what runs
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), words="the harbour lamp is lit", act="backtest")
    Worker(backtests.handlers()).drain()
    writes.post(f"/rules/{ID}/shadow/")
    page = approves.get(f"/rules/{ID}/")
    is_quiet(page)
    said = text_of(page)
    assert "4 posts would have matched, of 12. 1 account would have come up, of 1 that match." in said
    assert NEVER not in said
    second = Backtest.objects.latest("pk")
    assert f'<a href="/rules/backtests/{second.pk}/">Matches a day' in page.content.decode()


def test_a_version_that_was_never_back_tested_says_so_and_one_is_asked_for(
    lake: Path, writes: Client, approves: Client, tmp_path: Path
) -> None:
    posted(lake, tmp_path)
    saved(writes, act="shadow")
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), words="another lamp")  # a newer draft is not asked
    assert NEVER in text_of(approves.get(f"/rules/{ID}/"))
    assert approves.post(f"/rules/{ID}/backtest/", {"of": "trial"}).status_code == 302
    asked = Backtest.objects.get()
    assert (asked.version, "another lamp" in asked.text) == (1, False)
    assert "waits for the worker" in text_of(approves.get(f"/rules/{ID}/"))
    Worker(backtests.handlers()).drain()
    assert "4 posts would have matched, of 12." in text_of(approves.get(f"/rules/{ID}/"))
    assert approves.post("/rules/pledge/backtest/", {"of": "trial"}).status_code == 422  # nothing of it is in shadow


def test_a_back_test_says_which_version_asks_the_same_now(
    lake: Path, writes: Client, approves: Client, tmp_path: Path
) -> None:
    posted(lake, tmp_path)

    def said(browser: Client) -> tuple[str, str]:
        page, own = browser.get(f"/rules/{ID}/"), browser.get(f"/rules/backtests/{first.pk}/")
        is_quiet(own)
        beside = text_of(page).partition("Back-tests ")[2]
        return beside, text_of(own)

    saved(writes, act="backtest")
    Worker(backtests.handlers()).drain()
    first = Backtest.objects.get()
    for shown in said(writes):
        assert "asks the same as the draft" in shown
    writes.post(f"/rules/{ID}/shadow/")
    for shown in said(writes):
        assert "now: shadow" in shown
    approves.post(f"/rules/{ID}/live/", {"reason": "fine"})
    for shown in said(approves):  # a version that goes live gets a number of its own
        assert "version 1" in shown
        assert "asks the same as version 2 (live)" in shown
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), title="A title alone asks nothing else", act="shadow")
    beside, own = said(approves)
    assert "asks the same as version 2 (live) · asks the same as version 3 (shadow)" in beside
    assert "it ran as version 1, which asks the same" in text_of(approves.get(f"/rules/{ID}/"))
    assert "something else" not in own
    # another quota is another rule
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), quota="7", act="shadow")
    approves.post(f"/rules/{ID}/live/", {"reason": "fewer an hour"})
    beside, own = said(approves)
    assert "asks something else than what runs or is written now" in beside
    assert "asks something else than this back-test did" in own
    writes.post(f"/rules/{ID}/stop/", {"reason": "a song"})
    approves.post(f"/rules/{ID}/backtest/")
    assert "version 5 waits for the worker now: stopped" in text_of(approves.get(f"/rules/{ID}/"))


def test_the_newest_back_test_of_each_version_is_kept(lake: Path, writes: Client) -> None:
    saved(writes, act="shadow")
    writes.post(f"/rules/{ID}/backtest/")
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), quota="5")
    for _ in range(backtests.KEPT + 1):
        writes.post(f"/rules/{ID}/backtest/")
    kept = list(Backtest.objects.order_by("pk").values_list("version", flat=True))
    assert kept == [1, *[2] * backtests.KEPT]


def test_examples_that_fail_are_shown_to_who_sends_it_into_shadow_and_to_who_would_let_it_live(
    lake: Path, writes: Client, approves: Client
) -> None:
    page = saved(writes, act="shadow", must_match=["The harbour lamp is lit", "Nothing of the kind"])
    assert state(lake) == (None, [1])
    said = text_of(page)
    assert "As it is, it cannot go live: what is in the way is shown below." in said
    for browser in (writes, approves):
        said = text_of(browser.get(f"/rules/{ID}/"))
        assert "1 of its examples does otherwise than its author says" in said
        assert "silent but must match Nothing of the kind" in said
    assert "Let it go live" not in said
    page = saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), act="shadow")
    assert "cannot go live" not in text_of(page)
    assert "Let it go live" in text_of(approves.get(f"/rules/{ID}/"))


def test_its_words_lie_open_before_who_may_let_it_live(lake: Path, writes: Client, approves: Client) -> None:
    own = "<summary>2 words and phrases of its own</summary>"
    saved(writes, act="shadow")
    assert f'<details class="more" open>{own}' in approves.get(f"/rules/{ID}/").content.decode()
    approves.post(f"/rules/{ID}/live/", {"reason": "fine"})
    assert f'<details class="more">{own}' in approves.get(f"/rules/{ID}/").content.decode()
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), quota="7", act="shadow")
    assert approves.get(f"/rules/{ID}/").content.decode().count(f'<details class="more" open>{own}') == 2  # both


def test_a_newer_draft_is_named_with_the_version_it_would_be(lake: Path, writes: Client, approves: Client) -> None:
    saved(writes, act="shadow")
    newer = "is writing a newer draft, which would be version 2. It is no part of version 1"
    assert newer not in text_of(approves.get(f"/rules/{ID}/"))
    saved(writes, path=f"/rules/{ID}/edit/", mark=mark(writes), quota="9")
    assert newer in text_of(approves.get(f"/rules/{ID}/"))


def test_shadow_versions_that_wait_are_counted_for_who_may_let_them_live(
    lake: Path, writes: Client, approves: Client, person: Any, signed_in: Any
) -> None:
    badge = '>Rules <span class="count">1<span'
    line = f"1 shadow version waits for a second person: {FORM['title']} (version 1)"
    assert badge not in approves.get("/rules/").content.decode()
    saved(writes, act="shadow")
    page = approves.get("/rules/")
    assert badge in page.content.decode()
    assert line in text_of(page)
    for other in (writes, signed_in(person("overseer"))):  # these may not
        page = other.get("/rules/")
        assert badge not in page.content.decode()
        assert "waits for a second person" not in text_of(page)
    own = signed_in(person("legal"))
    saved(own, path=f"/rules/{ID}/edit/", mark=mark(own), quota="900", act="shadow")
    assert badge not in own.get("/rules/").content.decode()  # nobody is the second person of their own version
    assert badge in approves.get("/rules/").content.decode()
    approves.post(f"/rules/{ID}/live/", {"reason": "fine"})
    assert badge not in approves.get("/rules/").content.decode()
