"""The pages of surveys: what they draw, whom they name, and that reading them is logged."""

from __future__ import annotations

import html
import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk, audit_verbs
from pages import Browser, is_quiet, text_of
from seawall.audit.models import Entry
from seawall.cases.models import Case, CaseFinding
from seawall.lake import Lake
from seawall.people.models import User
from seawall.people.roles import ALLOWED, DeskRole, May
from seawall.records.results import RESULTS
from seawall.records.terms import FloodVerdict
from seawall.signals.floods.judging import MARKS as KINDS_OF_MARK
from seawall.signals.floods.judging import in_words
from seawall.signals.voices.offer import languages, offer
from seawall.stream.newcomers import Newcomers
from seawall.web.console.floods import MARKS, numbers
from surveyed import OTHERS, surveyed, surveyed_home, suspend_somebody

__all__ = ["surveyed", "surveyed_home"]


@pytest.fixture
def opens(surveyed: Desk, signed_in: Browser) -> Client:
    return signed_in(surveyed.person("reviewer"))


def _rows(desk: Desk, table: str) -> list[dict[str, Any]]:
    with Lake(desk.home) as lake, lake.snapshot() as snapshot:
        return snapshot.read(table).to_pylist()


def _lamp(desk: Desk) -> dict[str, Any]:
    (found,) = [row for row in _rows(desk, "campaigns") if OTHERS[0] in {m["account_id"] for m in row["members"]}]
    return found


def _named_on(page: Any) -> set[int]:
    """The cases that a page leads to."""
    return {int(number) for number in re.findall(r'href="/cases/(\d+)/"', page.content.decode())}


def _without_case(desk: Desk) -> set[str]:
    """Ids and handles of everybody in the lake who has no case, long enough to be told from other words."""
    with Lake(desk.home) as lake, lake.snapshot() as snapshot:
        names = snapshot.scan("posts").select("account_id", "handle").unique().collect()
    held = set(Case.objects.values_list("account_id", flat=True))
    others = names.filter(~pl.col("account_id").is_in(list(held)))
    return {name for row in others.iter_rows() for name in row if name and len(name) > 5}


def _names_nobody_else(page: Any, desk: Desk) -> None:
    words = set(re.findall(r"[\w-]+", html.unescape(page.content.decode())))
    assert not words & _without_case(desk)


# --- campaigns -------------------------------------------------------------------------------------------------------


def test_the_list_of_campaigns_names_nobody_and_says_how_many_have_a_case(surveyed: Desk, opens: Client) -> None:
    page = opens.get("/campaigns/")
    is_quiet(page)
    said = text_of(page)
    assert "A campaign is not a ground" in said
    row = _lamp(surveyed)
    assert f'href="/campaigns/{row["campaign"]}/"' in page.content.decode()
    assert "the same links" in said
    assert _named_on(page) == set()
    _names_nobody_else(page, surveyed)
    assert re.search(rf'{row["campaign"]}.*?data-label="With a case">3<', page.content.decode(), re.S)
    assert audit_verbs()[-1] == "campaign.list"


def test_campaigns_are_filtered_by_what_they_share_and_ordered(surveyed: Desk, opens: Client) -> None:
    row = _lamp(surveyed)
    assert row["campaign"] in opens.get("/campaigns/?channel=link&order=newest").content.decode()
    none = opens.get("/campaigns/?channel=picture")
    assert row["campaign"] not in none.content.decode()
    assert "No campaign fits these filters" in text_of(none)
    assert opens.get("/campaigns/?order=wrong&from=99999999999999999999").status_code == 200


def test_a_campaign_draws_its_acts_and_names_only_accounts_with_a_case(surveyed: Desk, opens: Client) -> None:
    row = _lamp(surveyed)
    page = opens.get(f"/campaigns/{row['campaign']}/")
    is_quiet(page)
    shown = page.content.decode()
    ours = {m["account_id"] for m in row["members"]}
    assert _named_on(page) == set(Case.objects.filter(account_id__in=ours).values_list("pk", flat=True))
    assert len(_named_on(page)) == 3
    _names_nobody_else(page, surveyed)
    assert len(re.findall(r'class="dots has-name"/>', shown)) == 3 + 1  # and the key's
    assert len(re.findall(r'class="dots"/>', shown)) == 4 + 1
    assert shown.count("M") > 56  # a dot an act
    assert shown.count("<table") == 2
    assert "not a ground" in text_of(page)
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.verb, entry.object, json.loads(entry.detail)) == (
        "campaign.read", f"campaign:{row['campaign']}", {"accounts": 3},
    )  # fmt: skip


def test_who_is_not_above_the_line_any_more_has_no_name(surveyed: Desk, opens: Client) -> None:
    address = f"/campaigns/{_lamp(surveyed)['campaign']}/"
    first = Case.objects.get(pk=min(_named_on(opens.get(address))))
    first.findings.update(gone_at=timezone.now())
    second = Case.objects.get(pk=max(_named_on(opens.get(address))))
    second.findings.update(conduct=False)
    assert len(_named_on(opens.get(address))) == 1
    CaseFinding.objects.filter(gone_at=None).update(score=0.4)
    page = opens.get(address)
    assert _named_on(page) == set()
    assert first.account_id not in page.content.decode()


@pytest.mark.parametrize("address", ["/campaigns/nothing/", "/floods/nothing/"])
def test_what_no_scan_found_is_not_found(surveyed: Desk, opens: Client, address: str) -> None:
    assert opens.get(address).status_code == 404


# --- floods ----------------------------------------------------------------------------------------------------------


def test_floods_are_listed_and_organic_ones_where_they_are_asked_for(surveyed: Desk, opens: Client) -> None:
    page = opens.get("/floods/")
    is_quiet(page)
    said = text_of(page)
    assert "#bread" in said
    assert "#trains" not in said
    assert "nobody is listed for it" in said
    assert audit_verbs()[-1] == "flood.list"
    assert "#trains" in text_of(opens.get("/floods/?verdict=all"))
    assert "#bread" not in text_of(opens.get("/floods/?verdict=organic"))
    assert "No flood fits these filters" in text_of(opens.get("/floods/?kind=mention"))


def test_a_floods_reasons_are_in_the_readers_language_or_as_they_were_kept(surveyed: Desk, opens: Client) -> None:
    with Lake(surveyed.home) as lake, lake.snapshot() as snapshot:
        kept = snapshot.read("floods")
    (row,) = [row for row in kept.to_pylist() if row["verdict"] == FloodVerdict.PUSHED]
    found = re.search(r"/floods/\w+/", opens.get("/floods/").content.decode())
    assert found
    opens.cookies["django_language"] = "ar"
    said = text_of(opens.get(found[0]))
    assert "من الحسابات تنشر النص نفسه" in said
    assert not [reason for reason in row["because"] if reason in said]
    assert all(f"{mark['share']:.0%}" in said for mark in row["marks"])
    with Lake(surveyed.home) as lake:
        lake.replace_results({"floods": kept.drop_columns("marks").append_column(
            RESULTS["floods"].field("marks"), pa.nulls(kept.num_rows, RESULTS["floods"].field("marks").type)
        ).select(RESULTS["floods"].names)}, lake.manifest.version)  # fmt: skip
    assert row["because"][0] in text_of(opens.get(found[0]))


def test_every_mark_of_a_flood_has_words_that_say_in_english_what_is_kept() -> None:
    for mark, words in MARKS.items():
        told = {"mark": mark, "share": 0.784, "beside": 0.061, "number": 3}
        assert str(words) % numbers(told) == in_words(told)
    assert set(MARKS) == set(KINDS_OF_MARK)


def test_a_flood_has_its_curve_and_names_only_a_starter_with_a_case(surveyed: Desk, opens: Client) -> None:
    (row,) = [row for row in _rows(surveyed, "floods") if row["verdict"] == FloodVerdict.PUSHED]
    name = re.search(r'href="/floods/(\w+)/"[^>]*><bdi>#bread', opens.get("/floods/").content.decode())
    assert name
    page = opens.get(f"/floods/{name[1]}/")
    is_quiet(page)
    shown, said = page.content.decode(), text_of(page)
    assert 'class="measured"' in shown
    assert 'class="usual"' in shown
    assert shown.count("<table") == 2
    for reason in row["because"]:
        assert reason in said
    assert f"{row['accounts']} accounts took part" in said
    with_case = Case.objects.get(pk=_named_on(page).pop())
    assert said.count(f"@{with_case.handle}" if with_case.handle else with_case.account_id) == 1
    assert said.count("no case: not named") == 9
    _names_nobody_else(page, surveyed)
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.verb, entry.object) == ("flood.read", f"flood:{name[1]}")
    assert "bread" not in entry.detail + entry.object


def test_results_of_an_older_version_say_that_the_next_scan_brings_the_picture(surveyed: Desk, opens: Client) -> None:
    told = {"campaigns": ("acts", "acts were kept to be drawn"), "floods": ("curve", "its curve was kept")}
    for table, (column, said) in told.items():
        rows = [{**row, column: None} for row in _rows(surveyed, table)]
        with Lake(surveyed.home) as lake:
            lake.replace_results({table: pa.Table.from_pylist(rows, schema=RESULTS[table])}, lake.manifest.version)
        first = re.search(rf'href="(/{table}/\w+/)"', opens.get(f"/{table}/").content.decode())
        assert first
        page = opens.get(first[1])
        assert said in text_of(page)
        assert "<svg" not in page.content.decode()


# --- the network -----------------------------------------------------------------------------------------------------


def _map(page: Any) -> dict[str, Any]:
    found = re.search(r'<script id="map-data" type="application/json">(.*?)</script>', page.content.decode(), re.S)
    assert found
    return json.loads(found[1])


def test_the_map_names_accounts_with_a_case_and_nobody_else(surveyed: Desk, opens: Client) -> None:
    page = opens.get("/network/")
    is_quiet(page)
    drawn = _map(page)
    count = len(drawn["x"])
    assert count > len(drawn["cases"]) > 5
    assert {len(drawn[name]) for name in ("y", "part")} == {count}
    assert len(drawn["starts"]) == count + 1
    assert max(drawn["tieOf"] + drawn["tieBy"]) < count
    assert max(drawn["step"] + drawn["tieStep"]) < len(drawn["when"]) <= 61
    for row, name, address in drawn["cases"]:
        case = Case.objects.get(pk=int(address.split("/")[2]))
        assert name.lstrip("@") in (case.handle, case.account_id)
        assert row < count
    assert {int(address.split("/")[2]) for _, _, address in drawn["cases"]} == _named_on(page)
    _names_nobody_else(page, surveyed)
    assert "Standing here is no ground" in text_of(page)
    assert audit_verbs()[-1] == "network.read"


def test_a_name_goes_from_the_map_when_the_finding_goes(surveyed: Desk, opens: Client) -> None:
    before = _map(opens.get("/network/"))
    gone = Case.objects.get(pk=int(before["cases"][0][2].split("/")[2]))
    gone.findings.update(gone_at=timezone.now())
    page = opens.get("/network/")
    assert len(_map(page)["cases"]) == len(before["cases"]) - 1
    assert len(_map(page)["x"]) == len(before["x"])
    assert gone.pk not in _named_on(page)


def test_the_chain_view_is_a_picture_with_a_table_and_names_nobody_else(surveyed: Desk, opens: Client) -> None:
    page = opens.get("/network/chains/")
    is_quiet(page)
    shown = page.content.decode()
    assert shown.count('class="flow"') > 3
    assert shown.count("<table") == 2
    assert _named_on(page)
    _names_nobody_else(page, surveyed)
    assert audit_verbs()[-1] == "network.read"


# --- returns ---------------------------------------------------------------------------------------------------------


def _case_with_handle() -> Case:
    return Case.objects.exclude(handle="").order_by("-top_score", "id").first()


def test_a_pair_stands_side_by_side_with_what_each_piece_weighs(surveyed: Desk, opens: Client) -> None:
    case = _case_with_handle()
    parent = suspend_somebody(surveyed.home, case, case.handle[:-1])
    page = opens.get(f"/cases/{case.pk}/return/")
    is_quiet(page)
    said = text_of(page)
    assert f"<bdi>{parent}</bdi>" in page.content.decode()
    assert "somebodyelse" not in said
    assert "Spelling of the handle" in said
    assert "speaks" in said
    assert "It is no conduct and no ground" in said
    assert page.content.decode().count('class="piece"') > 1
    assert not re.search("9000(?!00)", page.content.decode())
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.verb, entry.object, json.loads(entry.detail)) == ("returns.read", str(case), {"accounts": 2})
    assert f'href="/cases/{case.pk}/return/"' in opens.get(f"/cases/{case.pk}/").content.decode()


def test_where_no_parent_is_likely_nobody_is_named(surveyed: Desk, opens: Client) -> None:
    case = _case_with_handle()
    parent = suspend_somebody(surveyed.home, case, "qzwvkjxy", ("Other", "the sea"))
    page = opens.get(f"/cases/{case.pk}/return/")
    assert "none is likely to be its parent" in text_of(page)
    assert parent not in page.content.decode()
    assert "somebodyelse" not in page.content.decode()


def test_without_anybody_suspended_there_is_nothing_to_compare(surveyed: Desk, opens: Client) -> None:
    page = opens.get(f"/cases/{_case_with_handle().pk}/return/")
    assert "Nobody is suspended" in text_of(page)


def test_more_suspended_accounts_than_a_page_can_compare(
    surveyed: Desk, opens: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = _case_with_handle()
    suspend_somebody(surveyed.home, case, "lampnew")
    monkeypatch.setattr("seawall.cases.returning.MOST_SUSPENDED", 1)
    assert "seawall returns --account" in text_of(opens.get(f"/cases/{case.pk}/return/"))


def test_who_has_the_suspended_loaded_is_asked_however_many_they_are(
    surveyed: Desk, opens: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = _case_with_handle()
    parent = suspend_somebody(surveyed.home, case, case.handle[:-1])
    monkeypatch.setattr("seawall.cases.returning.MOST_SUSPENDED", 1)
    asking, stop = Newcomers(surveyed.home), threading.Event()

    def answer() -> None:
        while not stop.wait(0.01):
            asking.step()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        page = opens.get(f"/cases/{case.pk}/return/")
    finally:
        stop.set()
        thread.join(20)
        asking.close()
    assert f"<bdi>{parent}</bdi>" in page.content.decode()
    assert "Spelling of the handle" in text_of(page)
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.verb, entry.object) == ("returns.read", str(case))


# --- who may, and what is there before a scan ------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(DeskRole))
def test_only_who_may_read_cases_opens_what_a_survey_found(surveyed: Desk, signed_in: Browser, role: DeskRole) -> None:
    browser = signed_in(surveyed.person(role))
    flood = re.search(r"/floods/(\w+)/", signed_in(surveyed.person("reviewer")).get("/floods/").content.decode())
    assert flood
    for address in (f"/campaigns/{_lamp(surveyed)['campaign']}/", flood[0], "/network/", "/network/chains/"):
        page = browser.get(address)
        assert page.status_code == (200 if role in ALLOWED[May.READ_CASE] else 403), address
        if page.status_code == 403:
            assert Entry.objects.order_by("-seq").first().verb == "refused"
            assert _named_on(page) == set()


def test_who_may_list_but_not_read_cases_sees_no_way_in(surveyed: Desk, signed_in: Browser) -> None:
    browser = signed_in(surveyed.person("admin", "reviewer"))
    assert not re.search(r'href="/campaigns/\w+/"', browser.get("/campaigns/").content.decode())
    assert not re.search(r'href="/floods/\w+/"', browser.get("/floods/").content.decode())
    flood = re.search(r"/floods/\w+/", signed_in(surveyed.person("reviewer")).get("/floods/").content.decode())
    assert flood
    for address in ("/network/", flood[0], f"/campaigns/{_lamp(surveyed)['campaign']}/"):
        assert browser.get(address).status_code == 403, address


def test_before_a_scan_each_page_says_what_to_do(home: Path, person: Any, signed_in: Browser) -> None:
    Lake.create(home).close()
    me: User = person("reviewer")
    for address in ("/campaigns/", "/floods/", "/network/", "/network/chains/"):
        page = signed_in(me).get(address)
        is_quiet(page)
        assert "seawall scan" in text_of(page), address
        assert "<svg" not in page.content.decode()


def test_the_menu_leads_there(surveyed: Desk, opens: Client) -> None:
    assert re.search(r'<a href="/campaigns/" aria-current="page">Surveys', opens.get("/network/").content.decode())


# --- support ----------------------------------------------------------------------------------------------------------


def test_support_tells_how_many_are_courted_and_what_to_offer(surveyed: Desk, opens: Client) -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC)
    row = {"platform": "x", "first": day, "last": day}
    rows = [
        {**row, "language": None, "accounts": 1234, "tags": ["lamp"]},
        {**row, "language": "tr", "accounts": 56, "tags": []},
        {**row, "platform": "forum", "language": None, "accounts": None, "tags": []},
    ]
    with Lake(surveyed.home) as lake:
        table = pa.Table.from_pylist(rows, schema=RESULTS["support"])
        lake.replace_results({"support": table}, lake.manifest.version)
    page = opens.get("/support/")
    said = text_of(page)
    assert "1,234" in said
    assert "#lamp" in said
    assert "1 to 9" in said
    assert "Turkish 56 2026-03-02 2026-03-02" in said
    assert "00:00" not in said  # days are kept, no hours
    for language in languages():
        assert html.escape(offer(language), quote=True) in page.content.decode()
    assert 'href="/cases/' not in page.content.decode().partition("<main")[2]
    assert audit_verbs()[-1] == "support.list"
    is_quiet(page)


def test_where_nobody_is_courted_it_says_what_to_do(surveyed: Desk, opens: Client) -> None:
    with Lake(surveyed.home) as lake:
        lake.replace_results({"support": RESULTS["support"].empty_table()}, lake.manifest.version)
    assert "seawall scan" in text_of(opens.get("/support/"))
