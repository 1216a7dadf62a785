"""Two stories through the pages of a desk that is up, in a real browser: from a queue to an answered appeal, and from
an empty home to the first reviewer."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import hmac
import html
import json
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opened import CHROMIUM, Desk, Tab, browsing, free_port, until

from desk import run
from seawall.enforcement.adapters.contract import About
from seawall.enforcement.adapters.simulated import SimulatedAdapter
from seawall.records.terms import Exemption, State

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt install chromium), which is not here")
sync_api = pytest.importorskip("playwright.sync_api")

EXPLANATION = "You spread the releases of the harbour lamp, day after day."
ALTERNATIVES = "A label would leave the flood as it is."
SAYS = "أنا أصلح المصابيح في الميناء، ولا أنتمي إلى أحد."
ANSWER = "You do repair lamps. We are sorry."
STORY = [
    "took the case",
    "opened texts",
    "proposed a decision",
    "was refused",
    "approved the decision",
    "began to act on the platform",
    "acted on the platform",
    "carried the decision out",
    "gave the statement of reasons",
    "filed an appeal",
    "took the appeal",
    "decided the appeal",
    "undid it on the platform",
    "took the decision back",
]
PASSWORD = "a long harbour password 42"


@pytest.fixture(autouse=True)
def _no_other_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """These desks keep their ledger in their home."""
    monkeypatch.delenv("SEAWALL_DATABASE", raising=False)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browsing(sync_api) as browser:
        yield browser


# --- from the queue to an answered appeal ----------------------------------------------------------------------------


class Demo:
    """A prepared demo: who signs in where, and what its platform knows."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        said = run(home, "demo", "--prepare", "--accounts", 300, "--port", port)
        links = re.findall(r"(http://localhost:\d+/demo/(\w+)/[0-9a-f]{32}/)", said)
        self.links = {role: link for link, role in links}
        with (home / "world" / "truth.csv").open() as file:
            self.wing = {row["handle"] for row in csv.DictReader(file) if row["world_role"] == "media_wing"}
        self.platform = SimulatedAdapter("x", home / "platforms" / "simulated.sqlite")

    def texts(self, account: str) -> list[str]:
        """How each post of an account begins, as the export has it."""
        with gzip.open(self.home / "world" / "posts.jsonl.gz", "rt", encoding="utf-8") as file:
            posts = [post for post in map(json.loads, file) if post["user"]["id_str"] == account]
        begin = {post["text"].partition("http")[0].strip() for post in posts if "retweeted_status" not in post}
        return [text for text in begin if len(text) > 12]


def test_from_the_queue_to_an_answered_appeal(chromium: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home", free_port())
    demo = Demo(desk.home, desk.port)
    with desk.up():
        cast = ("reviewer", "second_reviewer", "appeals_officer", "admin", "auditor")
        tabs = {role: Tab(chromium, desk, locale="en") for role in cast}
        tabs["holder"] = Tab(chromium, desk, locale="ar")
        reviewer = tabs["reviewer"]
        about = _takes_a_case_by_keys(reviewer, demo)
        _opens_texts(reviewer, demo.texts(about.account_id))
        case = _path(reviewer)
        _proposes(reviewer, demo, about)
        _cannot_agree_with_oneself(reviewer, tabs["admin"], demo)
        _admin_sees_no_case(tabs["admin"], demo, case)
        _agrees(tabs["second_reviewer"], demo, case)
        assert demo.platform.status(about) == State.SUSPENDED
        code = _statement_is_given(tabs["second_reviewer"], demo, about)
        _appeals(tabs["holder"], demo, about, code)
        _answers(tabs["appeals_officer"], demo, case)
        assert demo.platform.status(about) == State.ACTIVE
        _reads_the_answer(tabs["holder"], demo, about)
        _audits(tabs["auditor"], demo, case, tmp_path / "head.json")
        for tab in tabs.values():
            tab.close()
    run(desk.home, "audit", "verify", "--head", tmp_path / "head.json")


def _path(tab: Tab) -> str:
    return str(tab.page.evaluate("location.pathname"))


def _takes_a_case_by_keys(tab: Tab, demo: Demo) -> About:
    """Down the queue to an account that posts media; no post's text is in the page yet."""
    page = tab.open(demo.links["reviewer"])
    focused = "document.activeElement.closest('tr')?.querySelector('a[data-open] bdi').textContent ?? ''"
    rows = page.locator("a[data-open]").count()
    for _ in range(rows):
        page.keyboard.press("j")
        if page.evaluate(focused).lstrip("@") in demo.wing:
            break
    assert page.evaluate(focused).lstrip("@") in demo.wing
    tab.shoot("queue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*/")
    tab.press("Take this case")
    page.get_by_text("You work on it.").wait_for()
    page.locator("svg.net").wait_for()  # the parts that load by themselves are there too
    account = page.locator(".page-head bdi").nth(1).inner_text()
    shown = html.unescape(page.content())
    assert not [text for text in demo.texts(account) if text in shown]
    return About("x", account)


def _opens_texts(tab: Tab, texts: list[str]) -> None:
    page = tab.page
    closed = page.locator("#closed-posts li.closed").count()
    page.locator("#closed-posts button").first.click()
    sync_api.expect(page.locator(".post-text")).to_have_count(1)
    page.get_by_role("button", name=re.compile(r"^Open all \d+ posts$")).click()
    sync_api.expect(page.locator(".post-text")).to_have_count(closed)
    shown = page.locator("#closed-posts").inner_text()
    assert [text for text in texts if text in shown]
    media = page.get_by_text("not loaded; show what is known of it")
    assert media.count()
    media.first.click()
    assert "https://" in page.locator("#closed-posts details[open]").inner_text()  # its address, as text
    assert not page.locator("main :is(img, video, audio, picture, iframe, object, embed)").count()
    tab.shoot("case")


def _proposes(tab: Tab, demo: Demo, about: About) -> None:
    """Nothing is preset; with a question unanswered it is refused, and nothing that was written is lost."""
    page = tab.page
    tab.press("Propose a decision", "link")
    page.wait_for_url("**/propose/")
    form = page.locator("#proposal")
    assert not form.locator("input:checked").count()
    assert form.locator("select:not(#language)").evaluate_all("all => all.every(one => one.value === '')")
    assert form.locator("textarea, input.note").evaluate_all("all => all.every(one => one.value === '')")
    form.locator("input[name=verb][value=suspend]").check()
    form.locator("input[name=conduct][value=propaganda]").check()
    page.locator("#clause").select_option(page.locator("#clause optgroup:not([hidden]) option").get_attribute("value"))
    *answered, left = Exemption
    for question in answered:
        form.locator(f"input[name=q_{question}][value=no]").check()
    page.locator("#explanation").fill(EXPLANATION)
    page.locator("#alternatives").fill(ALTERNATIVES)
    tab.press("Propose suspension")
    page.get_by_role("alert").get_by_text("1 answer is missing or does not fit").wait_for()
    assert "Answer this question" in page.locator(f"#f-{left} .error").inner_text()
    assert page.locator("#explanation").input_value() == EXPLANATION
    assert page.locator("#alternatives").input_value() == ALTERNATIVES
    assert page.locator("#clause").input_value()
    assert form.locator("input:checked").count() == 2 + len(answered)
    assert not form.locator(f"input[name=q_{left}]:checked").count()
    tab.shoot("unanswered")
    form.locator(f"input[name=q_{left}][value=unsure]").check()
    form.locator(f"#note_{left}").fill("a limit might do, but it comes back each day")
    tab.press("Propose suspension")
    page.get_by_text("nothing is done before a second person agrees").wait_for()
    assert page.locator(".page-head .state-second_review").count()
    assert demo.platform.status(about) == State.ACTIVE


def _cannot_agree_with_oneself(tab: Tab, admin: Tab, demo: Demo) -> None:
    """The admin makes the proposer a second reviewer too; that does not make them a second person."""
    admin.open(demo.links["admin"])
    admin.press("People", "link")
    row = admin.page.get_by_role("row").filter(has_text="demo-reviewer")
    row.get_by_role("link").click()
    admin.page.get_by_role("checkbox", name=re.compile("^Second reviewer:")).check()
    admin.press("Set these roles")
    admin.page.get_by_text(re.compile("The roles of .* are changed")).wait_for()
    page = tab.open("/second/")
    assert "yours: somebody else reviews it" in tab.main()
    page.locator("a[data-open]").click()
    page.get_by_role("heading", name="You proposed this, so somebody else reviews it").wait_for()
    assert "Two different people are needed" in tab.main()
    assert not page.locator("button[value=approve]").count()
    page.evaluate("""() => {
        const form = document.querySelector("form[action$='/withdraw/']");
        form.action = form.action.replace("withdraw/", "");
        form.querySelector("textarea").value = "I agree with myself";
        form.insertAdjacentHTML("beforeend", "<input type=hidden name=answer value=approve>");
        form.requestSubmit();
    }""")
    page.get_by_role("heading", name="You may not do this").wait_for()
    assert "Two different people are needed: you proposed this yourself." in tab.main()


def _admin_sees_no_case(tab: Tab, demo: Demo, case: str) -> None:
    page = tab.page
    assert not page.locator("nav").get_by_role("link", name=re.compile("Queue|Second reviews|Appeals")).count()
    for path in (case, f"{case}propose/", "/?state=all", "/second/", "/statements/", "/appeals/", "/audit/"):
        tab.open(path, 403)
        assert page.get_by_role("heading", name="You may not do this").count(), path
    for path in ("/", "/jobs/", "/people/"):
        tab.open(path)
        assert not [handle for handle in demo.wing if handle in page.content()], path


def _agrees(tab: Tab, demo: Demo, case: str) -> None:
    """Another person finds it in the inbox and agrees, once the posts are opened; the worker does the rest."""
    page = tab.open(demo.links["second_reviewer"])
    page.get_by_role("link", name="Second reviews 1 waiting").click()
    page.locator("a[data-open]").click()
    assert EXPLANATION in tab.main()
    assert ALTERNATIVES in tab.main()
    assert not page.locator(".post-text").count()
    page.locator("#reason").fill("I read the posts and agree.")
    tab.press("Approve: suspend the account")
    page.get_by_text("You have opened none of the").wait_for()
    assert page.locator("#reason").input_value() == "I read the posts and agree."
    closed = page.locator("#closed-posts li.closed").count()
    page.get_by_role("button", name=re.compile(r"^Open all \d+ posts$")).click()
    sync_api.expect(page.locator(".post-text")).to_have_count(closed)
    tab.press("Approve: suspend the account")
    page.get_by_text("Approved. The platform is told now").wait_for()
    tab.open(case)
    tab.reload_until(".page-head .state-executed")
    tab.reload_until("text=given through the platform")
    tab.shoot("executed")


def _statement_is_given(tab: Tab, demo: Demo, about: About) -> str:
    """The statement that the platform carried is the one the desk shows; its code is in the holder's message alone."""
    (message,) = demo.platform.messages(about)
    tab.press("Show it", "link")
    tab.page.wait_for_url("**/statements/*/")
    assert EXPLANATION in tab.main()
    code = re.search(r"\bSW(-[A-Z2-7]{5}){4}\b", message)
    assert code
    assert EXPLANATION in message
    assert code[0] not in tab.page.content()
    return code[0]


def _appeals(tab: Tab, demo: Demo, about: About, code: str) -> None:
    """The holder reads the statement in Arabic, without an account, and appeals."""
    address = re.search(r"http://\S+/appeal\b", demo.platform.messages(about)[0])
    assert address
    page = tab.open(address[0])
    assert _path(tab) == "/appeal/"
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.locator("input[name=code]").fill("SW-AAAAA-AAAAA-AAAAA-AAAAA")
    tab.press("فتح البيان")
    page.get_by_role("alert").wait_for()
    page.locator("input[name=code]").fill(code.lower().replace("-", " "))
    tab.press("فتح البيان")
    page.locator("textarea[name=text]").wait_for()
    assert page.locator("html").get_attribute("lang") == "ar"
    assert EXPLANATION in tab.main()
    assert code not in page.content()
    assert code not in page.url
    page.locator("textarea[name=text]").fill(SAYS)
    tab.press("إرسال الاعتراض")
    page.get_by_text("وصل اعتراضك.").wait_for()
    assert not page.locator("textarea[name=text]").count()
    tab.shoot("appeal")


def _answers(tab: Tab, demo: Demo, case: str) -> None:
    """Somebody who took no part takes the appeal and reverses the decision; the worker takes it back."""
    page = tab.open(demo.links["appeals_officer"])
    page.get_by_role("link", name="Appeals 1 waiting").click()
    page.locator("a[data-open]").click()
    assert page.locator("blockquote[lang=ar]").inner_text() == SAYS
    tab.press("Take this appeal")
    page.locator("input[name=outcome][value=reversed]").check()
    page.locator("#reasons").fill(ANSWER)
    tab.press("Answer the appeal")
    page.get_by_text("Answered. The account holder gets your reasons.").wait_for()
    tab.open(case)
    tab.reload_until(".page-head .state-reversed")


def _reads_the_answer(tab: Tab, demo: Demo, about: About) -> None:
    """On the page, and from the platform."""
    page = tab.page
    page.reload()
    assert "قُبل اعتراضك" in tab.main()
    assert ANSWER in tab.main()
    page.get_by_text("أُلغي.").first.wait_for()
    tab.shoot("answered")
    told = until(
        lambda: len(found := demo.platform.messages(about)) == 3 and found, "the answer, and that it is undone"
    )
    assert [message for message in told if ANSWER in message]


def _audits(tab: Tab, demo: Demo, case: str, head: Path) -> None:
    """Every step is in the log, in the order of the story; the head is saved where the desk cannot write."""
    page = tab.open(demo.links["auditor"])
    page.get_by_role("heading", name="Audit log").wait_for()
    named = case.strip("/").replace("cases/", "case:")
    page.get_by_label("About").fill(named)
    tab.press("Filter")
    page.wait_for_url("**about=case**")
    said = page.locator("tbody tr > td:nth-child(4)").all_inner_texts()[::-1]
    steps = iter(text.partition(":")[0].strip() for text in said)
    missing = [step for step in STORY if step not in steps]  # each is looked for after the one before
    assert not missing, (missing, said)
    page.get_by_label("About").fill("")
    page.get_by_label("What").select_option("sealed evidence")
    tab.press("Filter")
    page.wait_for_url("**verb=evidence.seal**")
    assert named in tab.main()
    tab.shoot("audit")
    assert not [text for text in (EXPLANATION, SAYS) if text in page.content()]
    tab.open("/audit/")
    page.locator("details.head summary").click()
    with page.expect_download() as saved:
        tab.press("Save the head", "link")
    saved.value.save_as(head)
    tab.open(case, 403)


# --- from an empty home to the first reviewer ------------------------------------------------------------------------


def _totp(secret: str) -> str:
    """What an app shows for this key now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def _join(tab: Tab, link: str, name: str) -> None:
    page = tab.open(link)
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    tab.press("Join, then set up a second factor")
    page.get_by_text("One step before you can begin.").wait_for()


def test_from_an_empty_home_to_the_first_reviewer(chromium: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home", free_port())
    run(desk.home, "init")
    with desk.up():
        admin, invited = Tab(chromium, desk, locale="en"), Tab(chromium, desk, locale="en")
        first = desk.link("Open this once, within a day:")
        secret = _first_admin_sets_up_an_app(admin, first)
        invited.open(first, 410)
        link = _invites_a_reviewer(admin)
        _joins_with_a_passkey(invited, link)
        _signs_in_again_with_the_passkey(invited, link)
        _signs_in_again_with_a_code(admin, secret)
        admin.press("People", "link")
        row = admin.page.get_by_role("row").filter(has_text="lamp.reviewer")
        assert "yes" in row.locator("td").nth(3).inner_text()
        for tab in (admin, invited):
            tab.close()
    run(desk.home, "audit", "verify")


def _first_admin_sets_up_an_app(tab: Tab, link: str) -> str:
    page = tab.page
    _join(tab, link, "harbour.admin")
    tab.open("/people/")  # nobody works without a second factor
    assert _path(tab) == "/account/2fa/"
    tab.press("Set up an app", "link")
    page.get_by_text("Or type the key").click()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Code").fill(f"{(int(_totp(secret)) + 1) % 10**6:06}")
    tab.press("Use this app")
    page.locator("input[name=code][aria-invalid=true]").wait_for()
    assert page.locator("code.secret").text_content() == secret
    page.get_by_label("Code").fill(_totp(secret))
    tab.press("Use this app")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert len(page.locator("#codes").inner_text().split()) == 10
    tab.press("I have kept them: go on", "link")
    return secret


def _invites_a_reviewer(tab: Tab) -> str:
    page = tab.page
    tab.press("People", "link")
    tab.press("Invite somebody", "link")
    page.get_by_role("checkbox", name=re.compile("^Reviewer:")).check()
    page.get_by_role("checkbox", name=re.compile("^Admin:")).check()
    tab.press("Make the link and show it once")
    page.get_by_text("these roles do not go together with 'admin'").wait_for()
    page.get_by_role("checkbox", name=re.compile("^Admin:")).uncheck()
    tab.press("Make the link and show it once")
    page.wait_for_selector("code#link")
    return str(page.locator("code#link").inner_text())


def _joins_with_a_passkey(tab: Tab, link: str) -> None:
    authenticator = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    authenticator |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices = tab.context.new_cdp_session(tab.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    _join(tab, link, "lamp.reviewer")
    page = tab.page
    tab.press("Add a passkey", "link")
    page.get_by_label("What you call it").fill("the lamp's own key")
    tab.press("Add it")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    tab.press("I have kept them: go on", "link")
    page.get_by_role("heading", name="There are no cases yet").wait_for()
    tab.shoot("joined")


def _signs_in_again_with_the_passkey(tab: Tab, link: str) -> None:
    page = tab.page
    tab.press("Sign out")
    page.wait_for_url("**/account/login/**")
    tab.press("Sign in with a passkey")
    page.get_by_role("heading", name="There are no cases yet").wait_for()
    assert page.get_by_role("link", name="Queue").count()
    assert not page.get_by_role("link", name="People").count()
    tab.open(link, 410)
    assert "was used before" in tab.main()


def _signs_in_again_with_a_code(tab: Tab, secret: str) -> None:
    page = tab.page
    tab.press("Sign out")
    page.get_by_label("Name", exact=True).fill("harbour.admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.press("Sign in")
    page.get_by_role("heading", name="Second factor").wait_for()
    page.get_by_label("Code").fill(_totp(secret))
    tab.press("Sign in")
    page.get_by_role("link", name="People").wait_for()
