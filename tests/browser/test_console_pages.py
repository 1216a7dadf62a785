"""The console in a real browser: keys, parts that load by themselves, accessibility, and no request to anybody else."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk import environment
from seawall.lake import Lake
from seawall.signals.scan import above_line
from surveyed import surveyed_home, suspend_somebody

__all__ = ["surveyed_home"]
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt install chromium), which is not here")
sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

WORLD = """
import json, sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
import pyarrow as pa
from seawall import ledger

home = Path(sys.argv[1])
ledger.setup(home)
ledger.migrate()
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from dataclasses import replace
from seawall.cases import backtests, campaigns, candidates, floods, queries, services
from seawall.cases.codes import code_of
from seawall.cases.models import Case, CaseFinding, ThreatDraft
from seawall.enforcement.services import handlers
from seawall.grounds import banks, rule_acts
from seawall.grounds.drafts import Draft
from seawall.grounds.models import Clause
from seawall.lake import Lake
from seawall.ledger.worker import Worker
from seawall.people.models import User
from seawall.records.support import SUPPORT
from seawall.records.terms import Answer, Conduct, Exemption, Verb
from seawall.signals.scan import above_line
from seawall.sources.watching import Watch, save
from seawall.stream.status import LastMatch, Minute, Status, Totals, WatchState, write_status

now = datetime.now(UTC)
save(home, Watch("hall", "matrix", "hall"), {"url": "https://m.example", "token": "t", "rooms": [], "seconds": "10"})
write_status(home, Status(
    "hall", "matrix", "hall", "m.example", WatchState.READING, updated=now, totals=Totals(9, 7, 2, 5, 1), lag=1.0,
    last_match=LastMatch("lamp", "Spreads the lamp", now), unknown={"event.mood": now}, reconnects=1,
    minutes=[Minute(now.replace(second=0, microsecond=0), 9, 5, 1)]))

def person(*roles):
    made = User.objects.create(username="-".join(roles))
    made.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return made

with Lake(home) as lake:
    candidates.sync(above_line(lake))
    courted = [{"platform": "x", "language": language, "accounts": accounts, "first": now, "last": now, "tags": tags}
               for language, accounts, tags in ((None, 1234, ["lamp", "مصباح"]), ("ar", 800, ["lamp"]), ("tr", 40, []))]
    lake.replace_results({"support": pa.Table.from_pylist(courted, SUPPORT)}, lake.manifest.version)
roles = ("reviewer", "second_reviewer", "appeals_officer", "auditor", "overseer", "admin", "duty_officer", "legal")
cast = {name: person(name) for name in roles}
settings.ALLOWED_HOSTS = ["*"]

def opens(name, case):
    queries.texts(cast[name], case.pk, services.own_conduct(case))

def proposed():
    case = Case.objects.filter(state="candidate").order_by("-top_score", "id").first()
    services.take(cast["reviewer"], case.pk)
    opens("reviewer", case)
    answers = {q: (Answer.NO, "") for q in Exemption} | {Exemption.ART: (Answer.UNSURE, "may be mockery")}
    clause = Clause.objects.get(code="T1").pk
    return services.propose(cast["reviewer"], case.pk, services.Draft(
        Verb.SUSPEND, Conduct.PROPAGANDA, clause, "You spread releases.", "A label.", answers))

executed = proposed()
opens("second_reviewer", executed.case)
services.approve(cast["second_reviewer"], executed.pk, "agreed")
Worker(handlers()).drain()
appeal = services.appeal(queries.by_code(code_of(executed.pk)), "أنا أصلح المصابيح", "ar")
services.assign_appeal(cast["appeals_officer"], appeal.pk)
waiting = proposed()
open_case = Case.objects.filter(state="candidate").order_by("-top_score", "id").first()
services.take(cast["reviewer"], open_case.pk)
CaseFinding.objects.create(case=open_case, signal="made.gone", version="1", score=0.6, because="an old story",
                           conduct=True, gone_at=open_case.opened_at)
draft = Draft(
    title="Spreads the harbour lamp", conduct="propaganda", why="A slogan.", languages=("en", "ar"),
    words=("the harbour lamp", "مصباح الميناء"), where="hits('words') >= 1 AND hits('distance') = 0",
    matches=("The harbour lamp is lit", "nothing"), silent=("a quiet day", "see the harbour lamp"))
written = rule_acts.save(cast["reviewer"], draft)
tested = backtests.ask(cast["reviewer"], "lamp-slogans")
Worker(backtests.handlers()).drain()
rule_acts.to_shadow(cast["reviewer"], written.id)
rule_acts.save(cast["second_reviewer"], replace(draft, id=written.id, quota=9))
wrong = rule_acts.save(cast["reviewer"], replace(draft, title="Wrong", where="religion = 'x'"))
rule_acts.stop(cast["reviewer"], "pledge", "a song")
returned = Case.objects.get(account_id=sys.argv[2])
found = open_case.findings.filter(conduct=True).first()
for case, left in ((open_case, -5), (returned, 25)):
    ThreatDraft.objects.create(case=case, signal=found.signal, because=found.because, posts=found.seen[:2],
                               raised_at=now, due_at=now + timedelta(minutes=left))
ThreatDraft.objects.create(case=open_case, signal=found.signal, because=found.because, posts=found.seen[:1],
                           raised_at=now, due_at=now, answered_at=now, answered_by=cast["duty_officer"],
                           state="passed_on", recipient="Harbour police", reason="place and time are named")
for bank, kept in (("partners", "00ff" * 16), ("industry", "0f0f" * 16)):
    listed = f"hash,kind,reference\\n{kept},pdq,poster-7\\n".encode()
    brought = banks.bring(person("legal", bank), bank, Conduct.PROPAGANDA, "A partner", "an agreement",
                          date(2999, 1, 1), "list.csv", listed)[0]
banks.agree(cast["legal"], brought.pk, "checked")
CaseFinding.objects.create(case=returned, signal="media", version="1", score=0.8, conduct=True,
                           because="known media (propaganda): a post carries a picture 16 of 256 bits from poster-7")
sessions = {}
for name, someone in cast.items():
    browser = Client()
    browser.force_login(someone, backend="django.contrib.auth.backends.ModelBackend")
    sessions[name] = browser.cookies["sessionid"].value
print(json.dumps({"sessions": sessions, "open": open_case.pk, "executed": executed.case_id, "waiting": waiting.pk,
                  "statement": executed.statement.pk, "appeal": appeal.pk, "backtest": tested.pk, "rule": written.id,
                  "wrong": wrong.id, "returned": returned.pk,
                  "campaign": campaigns.listed(cast["reviewer"])[0][0]["campaign"],
                  "flood": floods.listed(cast["reviewer"])[0]["name"]}))
"""


# what htmx marks the parts with that it asks for, and those that it puts in
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


@dataclass
class Served:
    """A desk that is served: its address, what is in it, and a session for each of the cast."""

    address: str
    sessions: dict[str, str]
    ids: dict[str, int]


@pytest.fixture(scope="module")
def served(surveyed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """uvicorn on a free port of this machine, over a copy of the surveyed home with something of everything."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(surveyed_home, home)
    with Lake(home) as lake:
        returned = next(account for account in above_line(lake) if account.handle)
    suspend_somebody(home, returned, returned.handle[:-1])
    (home / "seawall.toml").write_text("[people]\nsecond_factor = false\n")
    surroundings = {k: v for k, v in environment(home).items() if k != "SEAWALL_DATABASE"}
    made = subprocess.run(
        [sys.executable, "-c", WORLD, home, returned.account_id],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    world = json.loads(made.stdout.splitlines()[-1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "seawall.web.asgi:application", "--port", str(port)]
    server = subprocess.Popen([*command, "--log-level", "error"], env=surroundings)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address)
        yield Served(address, world.pop("sessions"), world)
    finally:
        server.terminate()
        server.wait(10)


def _wait(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/static/base.css", timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not start within 30 seconds")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests here."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


def _is_fault(said: Any) -> bool:
    """Whether an error in the console is one. A request that a newer one took the place of is logged with these names;
    whatever else goes wrong with a request has another name beside."""
    return said.type == "error" and not said.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))


class Tab:
    """A page of somebody of the cast, with what went wrong in it and where it asked."""

    def __init__(self, browser: Any, served: Served, role: str, **more: Any) -> None:
        language = more.pop("language", "en")
        self.served = served
        self.context = browser.new_context(**more)
        cookies = {"sessionid": served.sessions[role], "django_language": language}
        self.context.add_cookies([{"name": n, "value": v, "url": served.address} for n, v in cookies.items()])
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.wrong.append(said.text) if _is_fault(said) else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: str) -> Any:
        """Go there and wait until every part is loaded."""
        answer = self.page.goto(self.served.address + path.format(**self.served.ids))
        assert answer.status == 200, path
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until no part of the page is asked for or put in."""
        sync_api.expect(self.page.locator(UNSETTLED)).to_have_count(0, timeout=30_000)

    def close(self) -> None:
        """Nothing went wrong, and nothing was asked of anybody else."""
        self.context.close()
        assert not self.wrong
        assert not [url for url in self.asked if not url.startswith(self.served.address)]


PAGES = [
    ("reviewer", "/"),
    ("reviewer", "/?words=nobody"),
    ("reviewer", "/cases/{open}/"),
    ("second_reviewer", "/cases/{executed}/"),
    ("reviewer", "/cases/{open}/propose/"),
    ("reviewer", "/cases/new/"),
    ("second_reviewer", "/second/"),
    ("second_reviewer", "/decisions/{waiting}/"),
    ("reviewer", "/decisions/{waiting}/"),
    ("reviewer", "/statements/"),
    ("reviewer", "/statements/{statement}/"),
    ("appeals_officer", "/appeals/"),
    ("appeals_officer", "/appeals/{appeal}/"),
    ("auditor", "/audit/"),
    ("overseer", "/jobs/"),
    ("admin", "/people/"),
    ("reviewer", "/appeal/"),
    ("overseer", "/watchers/"),
    ("reviewer", "/rules/"),
    ("reviewer", "/rules/new/"),
    ("reviewer", "/rules/{rule}/edit/"),
    ("reviewer", "/rules/{wrong}/edit/"),
    ("second_reviewer", "/rules/{rule}/"),
    ("reviewer", "/rules/pledge/"),
    ("reviewer", "/rules/backtests/{backtest}/"),
    ("reviewer", "/rules/lists/"),
    ("reviewer", "/rules/lists/distance/"),
    ("reviewer", "/rules/lists/new/"),
    ("reviewer", "/campaigns/"),
    ("reviewer", "/campaigns/{campaign}/"),
    ("reviewer", "/floods/"),
    ("reviewer", "/floods/{flood}/"),
    ("duty_officer", "/threats/"),
    ("overseer", "/threats/"),
    ("legal", "/banks/"),
    ("reviewer", "/banks/matches/{returned}/"),
    ("reviewer", "/support/"),
    ("reviewer", "/network/"),
    ("reviewer", "/network/chains/"),
    ("reviewer", "/cases/{returned}/return/"),
]


def _serious(page: Any, **options: Any) -> list[tuple[str, list[str]]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.Axe().axe_script)
    asked = {"resultTypes": ["violations"], **options}
    found = page.evaluate("options => axe.run(options)", asked)["violations"]
    return [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")]


def test_the_watchers_page_renews_itself(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "overseer")
    tab.page.clock.install()
    page = tab.open("/watchers/")
    with page.expect_response(lambda answer: "/watchers/" in answer.url, timeout=15_000) as renewed:
        page.clock.fast_forward(5_000)
    assert "<html" not in renewed.value.text()
    tab.settled()
    assert page.locator(".watcher h2").inner_text() == "hall"
    tab.close()


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_no_serious_fault_of_accessibility(chromium: Any, served: Served, role: str, path: str) -> None:
    tab = Tab(chromium, served, role, color_scheme="light")
    page = tab.open(path)
    page.evaluate("document.querySelectorAll('main details').forEach(element => { element.open = true })")
    assert not _serious(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate("Promise.all(document.getAnimations().map(change => change.finished))")  # colours fade
    assert not _serious(page, runOnly=["color-contrast"])
    page.set_viewport_size({"width": 360, "height": 760})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    tab.close()


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_no_serious_fault_from_right_to_left(chromium: Any, served: Served, role: str, path: str) -> None:
    tab = Tab(chromium, served, role, language="ar")
    page = tab.open(path)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert not _serious(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    tab.close()


def _focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('href') || ''"))


def test_the_queue_by_keys(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/?state=candidate")
    rows = [link.get_attribute("href") for link in page.locator("a[data-open]").all()]
    page.keyboard.press("j")
    assert _focused(page) == rows[0]
    page.keyboard.press("j")
    assert _focused(page) == rows[1]
    page.keyboard.press("k")
    assert _focused(page) == rows[0]
    page.keyboard.press("k")
    assert _focused(page) == rows[0]
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("j")  # the list behind the dialog does not move
    page.keyboard.press("Escape")
    assert page.locator("dialog#keys").is_hidden()
    page.keyboard.press("/")
    page.keyboard.type("jt")  # typing is no command
    assert page.locator("[data-search]").input_value() == "jt"
    page.locator("[data-search]").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{rows[0]}")
    tab.close()


def test_a_case_by_keys(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/cases/{open}/")
    page.keyboard.press("?")
    keys = page.locator("dialog#keys")
    assert "open the post's text" in keys.inner_text()
    assert "propose a decision" in keys.inner_text()
    assert "take the case" not in keys.inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "p2"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == "p1"
    page.keyboard.press("o")
    page.wait_for_selector("#p1 .post-text")
    page.keyboard.press("o")  # it is open: nothing more
    page.wait_for_timeout(500)
    assert "/rule/" not in page.url
    page.keyboard.press("p")
    page.wait_for_url("**/propose/")
    page = tab.open("/cases/{open}/")
    page.keyboard.press("u")
    page.wait_for_url(served.address + "/")
    tab.close()


def test_a_rule_is_tried_as_it_is_written(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/rules/new/")
    page.fill("#words", "the harbour beacon")
    page.fill("#must_match", "look, THE HARBOUR BEACON")
    page.wait_for_selector("#tried mark")
    assert page.locator("#tried mark").inner_text() == "the harbour beacon"
    first = page.locator(".condition input").first
    first.fill("2")
    sync_api.expect(page.locator("#where")).to_have_value(re.compile(r"^hits\('words'\) >= 2 AND"))
    assert first.input_value() == "2"  # what somebody types in is left alone
    page.wait_for_selector("#tried >> text=but must match")
    assert page.locator("#where").is_hidden()
    page.locator("#advanced > summary").click()
    page.fill("#where", "hits('words') >= 1 OR hits('pledge') >= 1")
    sync_api.expect(page.locator("input[name=any][value='1']")).to_be_checked()
    assert page.locator(".condition select[name=what]").nth(1).input_value() == "list:pledge"
    page.fill("#where", "hits('words') >= 1 AND religion = 'x'")
    page.wait_for_selector("#where_error mark")
    assert "says who somebody is" in page.locator("#where_error").inner_text()
    tab.close()


def test_a_condition_asks_for_no_more_than_it_needs(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/rules/new/")
    rows = page.locator(".condition")
    assert [row.locator("input").is_visible() for row in rows.all()] == [True, False, False, False, False]
    assert page.locator(".why-distance").is_visible()
    assert page.locator(".why-repost").is_visible()
    rows.nth(1).locator("[name=what]").select_option("")
    sync_api.expect(page.locator(".why-distance")).to_be_hidden()
    blank, how = rows.nth(3).locator("input"), rows.nth(3).locator("[name=how]")
    assert how.is_hidden()
    rows.nth(3).locator("[name=what]").select_option("kind:reply")
    assert (how.input_value(), how.is_visible(), blank.is_visible()) == ("is", True, False)
    sync_api.expect(page.locator("#where")).to_have_value(re.compile(r"kind <> 'repost' AND kind = 'reply'$"))
    rows.nth(3).locator("[name=what]").select_option("n_links")
    blank.fill("3")
    rows.nth(3).locator("[name=what]").select_option("")
    assert blank.is_visible()  # what stands in it must be emptied
    page.get_by_role("button", name="More conditions").click()
    page.wait_for_url("**/rules/new/#conditions")
    assert rows.count() > 5
    sync_api.expect(rows.first).to_be_in_viewport()  # where one was
    tab.close()


def test_another_example_is_a_box_more_and_line_breaks_stay(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/rules/new/")
    boxes = page.locator("textarea[name=must_match]")
    boxes.first.fill("look,\n\nTHE HARBOUR BEACON")
    page.locator("[data-adds]").first.click()
    assert boxes.count() == 2
    page.keyboard.type("a harbour beacon")  # the new box has the focus
    page.fill("#words", "harbour beacon")
    page.wait_for_selector("#tried .tested li:nth-child(2) mark")
    assert page.locator("#tried .keep-lines").first.inner_text() == "look,\n\nTHE HARBOUR BEACON"
    assert page.locator("[data-adds]").count() == 2
    tab.close()


def test_a_rule_is_begun_from_a_post_on_a_phone(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer", viewport={"width": 400, "height": 800})
    page = tab.open("/cases/{open}/")
    for row in page.locator("#closed-posts > li").all():
        about, acts = row.locator(".post-about").bounding_box(), row.locator(".post-acts").bounding_box()
        assert about["y"] + about["height"] <= acts["y"] + 1  # nothing lies upon another
    page.locator("#closed-posts form[action$='/rule/'] button").first.click()
    page.wait_for_url("**/rule/")
    assert page.locator("textarea[name=must_match]").first.input_value()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()


@pytest.mark.parametrize("width", [1280, 400])
def test_saving_is_in_reach_from_anywhere_and_enter_saves(chromium: Any, served: Served, width: int) -> None:
    tab = Tab(chromium, served, "reviewer", viewport={"width": width, "height": 800})
    page = tab.open("/rules/new/")
    save = page.get_by_role("button", name="Save the draft")
    sync_api.expect(save).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for field in page.locator("form#rule :is(input, select, textarea):visible").all():
        field.focus()  # what has the focus is not below the bar; of a high field, its first line, where one writes
        assert page.evaluate(
            "() => { const field = document.activeElement, at = field.getBoundingClientRect(),"
            " bar = document.querySelector('.save-bar').getBoundingClientRect();"
            " return ['radio', 'checkbox'].includes(field.type) || Math.min(at.bottom, at.top + 40) <= bar.top; }"
        ), field.get_attribute("name")
    page.fill("#title", f"Saved at {width}")
    page.locator("#posts").press("Enter")
    page.wait_for_url(f"**/rules/saved-at-{width}/edit/")
    tab.close()


def test_what_is_in_a_rules_way_is_in_sight_on_a_phone_and_first_beside_it(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer", viewport={"width": 400, "height": 800})
    page = tab.open("/rules/new/")
    page.fill("#words", "the harbour beacon")
    todo = page.locator("#next")
    sync_api.expect(todo).to_have_text(re.compile(r"^\d things to do$"))
    sync_api.expect(todo).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    todo.get_by_role("link").click()
    sync_api.expect(page.locator("#tried summary").first).to_be_in_viewport()
    tab.close()
    tab = Tab(chromium, served, "reviewer", viewport={"width": 1280, "height": 600})
    page = tab.open("/rules/{rule}/edit/")
    sync_api.expect(page.locator("#next")).to_be_hidden()
    sync_api.expect(page.locator("#tried > :first-child")).to_be_in_viewport()
    tab.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_of_a_rule_fits_a_phone(chromium: Any, served: Served, language: str) -> None:
    tab = Tab(chromium, served, "second_reviewer", language=language, viewport={"width": 400, "height": 800})
    for path in ("/rules/", "/rules/{rule}/", "/rules/pledge/", "/rules/backtests/{backtest}/"):
        page = tab.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    tab.close()


def test_a_drawn_post_is_opened_in_place(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/rules/backtests/{backtest}/")
    closed = page.locator("#samples li.closed").count()
    assert closed > 1
    page.locator("#samples button").first.click()
    page.wait_for_selector("#samples .post-text")
    sync_api.expect(page.locator("#samples li.closed")).to_have_count(closed - 1)
    tab.close()


def test_drawn_posts_can_be_opened_where_a_back_test_ended_while_somebody_waited(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/rules/backtests/{backtest}/")
    page.evaluate("htmx.ajax('GET', location.pathname, {target: '#backtest', swap: 'innerHTML'})")  # as it asks itself
    tab.settled()
    sync_api.expect(page.locator("#samples li button").first).to_be_visible()
    tab.close()


def test_people_are_cards_on_a_phone(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "admin", viewport={"width": 360, "height": 760})
    page = tab.open("/people/")
    assert page.evaluate(
        "[...document.querySelectorAll('.table-scroll')].every(box => box.scrollWidth <= box.clientWidth)"
    )
    assert page.get_by_role("link", name="Change").first.is_visible()
    tab.close()


def test_a_case_is_taken_by_a_key(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/?state=candidate&order=oldest")
    page.keyboard.press("j")
    page.keyboard.press("t")
    page.wait_for_url("**/cases/*/")
    assert page.get_by_text("You work on it.").is_visible()
    tab.close()


def test_a_post_is_opened_in_place(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/cases/{open}/")
    closed = page.locator("#closed-posts li.closed").count()
    assert page.locator(".post-text").count() == 0
    page.locator("#closed-posts li button").first.click()
    page.wait_for_selector(".post-text")
    sync_api.expect(page.locator("#closed-posts li.closed")).to_have_count(closed - 1)
    assert page.evaluate("document.activeElement.classList.contains('open')")
    page.locator(".card-head button").first.click()
    page.wait_for_selector("#closed-posts li.closed", state="detached")
    assert page.locator("#closed-posts li.open").count() == closed
    assert page.locator("svg.net").count() == 1  # the part that loads by itself came
    assert "/cases/" in page.url
    assert not page.url.endswith("/texts/")
    tab.close()


def test_posts_open_without_scripts(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer", java_script_enabled=False)
    page = tab.open("/cases/{open}/")
    page.locator("#closed-posts li button").first.click()
    page.wait_for_url("**/texts/")
    assert page.locator(".post-text").count() == 1
    page = tab.open("/cases/{open}/")
    page.get_by_role("link", name="Show whom it spreads and when it posts").click()
    page.wait_for_url("**/surroundings/")
    assert page.locator("svg.net").count() == 1
    tab.close()


def test_the_proposals_button_names_the_act(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/cases/{open}/propose/")
    button = page.locator("#propose")
    assert button.inner_text() == "Propose"
    assert page.locator("#f-post").is_hidden()
    page.locator("input[name=verb][value=suspend]").check()
    assert button.inner_text() == "Propose suspension"
    page.locator("input[name=verb][value=label]").check()
    assert button.inner_text() == "Label this post"
    assert page.locator("#f-post").is_visible()
    page.locator("#f-post button").first.click()
    page.wait_for_selector("#f-post .post-text")
    page.locator("input[name=conduct][value=threat]").check()
    assert page.locator("#clause optgroup:not([hidden])").count() == 1
    tab.close()


def test_a_part_that_cannot_load_says_so(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    tab.page.route("**/surroundings/", lambda route: route.abort())
    page = tab.open("/cases/{open}/")
    assert page.get_by_role("alert").first.inner_text().startswith("This could not be loaded")
    assert [said for said in tab.wrong if "ERR_FAILED" in said]
    tab.wrong.clear()
    tab.close()


INKED = """() => {
  const canvas = document.querySelector("#map canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let inked = 0;
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i] !== pixels[0]) inked += 1;
  return inked;
}"""


def test_the_map_by_keys(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer", reduced_motion="reduce")
    page = tab.open("/network/")
    page.evaluate("new Promise(requestAnimationFrame)")
    whole = page.evaluate(INKED)
    assert whole > 500
    page.locator("#map canvas").focus()
    said = page.locator("#map-said")
    page.keyboard.press("j")
    first = said.inner_text()
    assert re.search(r"@.* · (origin|distributor|repeater) · reach: \d+ · open the case", first)
    page.keyboard.press("j")
    assert said.inner_text() != first
    page.keyboard.press("k")
    assert said.inner_text() == first
    for key in ("ArrowLeft", "+", "-", "0", "Escape"):
        page.keyboard.press(key)
    assert "Point at an account" in said.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*/")
    tab.close()


def test_the_map_grows_with_time(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/network/")
    page.evaluate("new Promise(requestAnimationFrame)")
    whole, until = page.evaluate(INKED), page.locator("#map-until").inner_text()
    page.locator("#map-time").press("Home")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.locator("#map-until").inner_text() < until
    assert page.evaluate(INKED) < whole / 2
    page.locator("#map-time").press("End")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert page.evaluate(INKED) == whole
    tab.close()


def test_a_press_on_the_map_opens_the_case(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer")
    page = tab.open("/network/")
    drawn = json.loads(page.locator("#map-data").inner_text())
    row, _, address = drawn["cases"][0]
    box = page.locator("#map canvas").bounding_box()
    scale = (min(box["width"], box["height"]) - 48) / 10_000
    left, top = (box["width"] - 10_000 * scale) / 2, (box["height"] - 10_000 * scale) / 2
    place = {"x": left + drawn["x"][row] * scale, "y": top + (10_000 - drawn["y"][row]) * scale}
    page.locator("#map canvas").hover(position=place)
    assert "open the case" in page.locator("#map-said").inner_text()
    page.locator("#map canvas").click(position=place)
    page.wait_for_url(f"**{address}")
    tab.close()


def test_without_scripts_the_maps_tables_stand(chromium: Any, served: Served) -> None:
    tab = Tab(chromium, served, "reviewer", java_script_enabled=False)
    page = tab.open("/network/")
    assert page.locator("#map").is_hidden()
    assert page.get_by_text("The map itself needs scripts").is_visible()
    assert page.locator("#named ~ .table-scroll tbody tr").count() > 5
    tab.close()


def test_on_a_phone_the_menu_begins_where_one_is(chromium: Any, served: Served) -> None:
    for language in ("en", "ar"):
        tab = Tab(chromium, served, "reviewer", language=language, viewport={"width": 400, "height": 800})
        for path in ("/banks/", "/network/chains/"):
            page = tab.open(path)
            for here in page.locator(".nav [aria-current], .tabs [aria-current]").all():
                box = here.bounding_box()
                assert box
                assert box["x"] >= -1, (path, language)  # a part of a pixel is rounding
                assert box["x"] + box["width"] <= 401, (path, language)
        tab.close()
