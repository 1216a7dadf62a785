"""Coming in: who may, with what, and what is written down about it."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from desk import audit_verbs
from pages import PASSWORD, is_quiet
from seawall.audit.models import Entry
from seawall.people import services
from seawall.people.models import Invitation, User
from seawall.people.roles import ALLOWED, DeskRole, May, allowed
from seawall.web.context import MENU
from seawall.web.middleware import WITHOUT_SECOND_FACTOR
from seawall.web.signin.words import PERMISSIONS, ROLES

Make = Callable[..., User]
Browser = Callable[[User], Client]


def _code(secret: str) -> str:
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _log_in(browser: Client, person: User, password: str = PASSWORD) -> Any:
    return browser.post("/account/login/", {"login": person.username, "password": password})


# --- the door ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/me/", "/people/", "/audit/", "/jobs/", "/account/2fa/", "/start/"])
def test_a_stranger_is_sent_to_the_sign_in_page(home: Any, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize("path", ["/account/signup/", "/account/email/", "/account/password/reset/", "/admin/"])
def test_there_is_no_sign_up_no_mail_and_no_admin_site(home: Any, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_the_sign_in_page_is_quiet_in_every_language(home: Any, client: Client, language: str) -> None:
    page = client.get("/account/login/", headers={"Accept-Language": language})
    is_quiet(page)
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page.content.decode()


def test_the_language_switch_leads_back_and_lasts(home: Any, client: Client) -> None:
    answer = client.post("/language/", {"language": "ar", "next": "/account/login/"})
    assert answer["Location"] == "/account/login/"
    assert 'dir="rtl"' in client.get("/account/login/").content.decode()
    assert client.post("/language/", {"language": "ru", "next": "https://evil.example/"})["Location"] == "/"


def test_the_language_switch_on_an_answer_leads_back_to_its_form(home: Any, client: Client) -> None:
    came_from = {"Referer": "http://testserver/account/login/?next=/me/"}
    page = client.post("/account/login/", {"login": "x", "password": "y"}, headers=came_from)
    assert page.context["here"] == "/account/login/"
    assert client.post("/account/login/", {"login": "x", "password": "y"}).context["here"] == "/"


def test_password_then_second_factor_then_in(home: Any, client: Client, person: Make) -> None:
    who = person(DeskRole.REVIEWER)
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(who, secret)
    assert _log_in(client, who)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/me/").status_code == 302, "a password alone does not open anything"
    is_quiet(client.get("/account/2fa/authenticate/"))
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/account/2fa/authenticate/", {"code": _code(secret)})["Location"] == "/start/"
    assert client.get("/me/").status_code == 200
    assert audit_verbs(f"person:{who.pseudonym}") == ["factor.add", "factor.failed", "signin"]
    client.post("/account/logout/")
    assert client.get("/me/").status_code == 302
    assert audit_verbs(f"person:{who.pseudonym}")[-1] == "signout"


def test_a_recovery_code_works_once(home: Any, client: Client, person: Make) -> None:
    who = person(DeskRole.REVIEWER)
    TOTP.activate(who, "JBSWY3DPEHPK3PXP")
    code = RecoveryCodes.activate(who).get_unused_codes()[0]
    _log_in(client, who)
    assert client.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/start/"
    again = Client()
    _log_in(again, who)
    assert again.post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_a_wrong_password_says_nothing_about_the_name(home: Any, client: Client, person: Make) -> None:
    who = person(DeskRole.REVIEWER)
    known = _log_in(client, who, "wrong").content.decode()
    unknown = client.post("/account/login/", {"login": who.username + "x", "password": "wrong"}).content.decode()

    def said(page: str) -> list[str]:
        return [line.strip() for line in page.splitlines() if 'class="error"' in line or "notice error" in line]

    assert said(known)
    assert said(known) == said(unknown)
    failed = Entry.objects.filter(verb="signin.failed").order_by("seq")
    assert [(entry.actor, entry.object) for entry in failed] == [
        ("stranger", f"person:{who.pseudonym}"),
        ("stranger", ""),
    ]
    assert who.username not in "".join(failed.values_list("detail", flat=True)), "a name typed is not kept"


def test_guessing_a_password_is_stopped(home: Any, client: Client, person: Make) -> None:
    who = person(DeskRole.REVIEWER)
    for _ in range(5):
        _log_in(client, who, "wrong")
    assert "_auth_user_id" not in client.session
    assert _log_in(client, who).status_code == 200, "now even the right one is not looked at"


def test_a_sign_in_ends_after_the_hours_set(home: Any, person: Make, signed_in: Browser) -> None:
    browser = signed_in(person(DeskRole.REVIEWER))
    assert browser.get("/me/").status_code == 200
    session = browser.session
    session["signed_in_at"] = time.time() - 12 * 3600 - 1
    session.save()
    assert browser.get("/me/")["Location"].startswith("/account/login/")


def test_secrets_of_second_factors_are_encrypted(home: Any, person: Make) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    made = TOTP.activate(person(DeskRole.REVIEWER), secret).instance
    assert secret not in str(Authenticator.objects.get(pk=made.pk).data)
    assert Authenticator.objects.get(pk=made.pk).wrap().validate_code(_code(secret))


# --- the second factor ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/me/", "/people/", "/start/", "/account/password/"])
def test_without_a_second_factor_only_setting_one_up_is_possible(home: Any, person: Make, path: str) -> None:
    browser = Client()
    browser.force_login(person(DeskRole.ADMIN))
    assert browser.get(path)["Location"] == "/account/2fa/"
    page = browser.get("/account/2fa/")
    is_quiet(page)
    assert "<nav" not in page.content.decode()


def test_a_partial_answer_or_a_change_is_blocked_too(home: Any, person: Make) -> None:
    browser = Client()
    browser.force_login(person(DeskRole.ADMIN))
    answer = browser.post("/people/invite/", {"roles": ["reviewer"]}, headers={"HX-Request": "true"})
    assert answer.status_code == 302
    assert not Invitation.objects.exists()


def test_what_is_open_without_a_second_factor_is_a_short_list() -> None:
    assert len(WITHOUT_SECOND_FACTOR) == 11


def test_a_desk_may_do_without_a_second_factor(home: Any, person: Make, configured: Callable[..., None]) -> None:
    configured("people", second_factor=False)
    browser = Client()
    browser.force_login(person(DeskRole.ADMIN))
    assert browser.get("/me/").status_code == 200


def test_setting_up_an_app_and_removing_it_is_written_down(home: Any, person: Make) -> None:
    who, browser = person(DeskRole.REVIEWER), Client()
    _log_in(browser, who)
    assert browser.get("/account/2fa/app/")["Location"].startswith("/account/reauthenticate/")
    answer = browser.post("/account/reauthenticate/?next=/account/2fa/app/", {"password": PASSWORD})
    assert answer["Location"] == "/account/2fa/app/"
    page = browser.get("/account/2fa/app/")
    is_quiet(page)
    secret = page.context["form"].secret
    answer = browser.post("/account/2fa/app/", {"code": _code(secret)})
    assert answer["Location"] == "/account/2fa/recovery-codes/"
    codes = browser.get("/account/2fa/recovery-codes/")
    is_quiet(codes)
    first = codes.context["unused_codes"][0]
    assert first in codes.content.decode()
    assert first not in browser.get("/account/2fa/recovery-codes/").content.decode(), "shown once"
    assert browser.post("/account/2fa/app/remove/")["Location"] == "/account/2fa/"
    assert browser.get("/me/")["Location"] == "/account/2fa/", "and another one is asked for at once"
    verbs = audit_verbs(f"person:{who.pseudonym}")
    assert verbs.count("factor.add") == 2
    assert verbs.count("factor.remove") == 2


@pytest.mark.parametrize("path", ["2fa/", "2fa/passkeys/", "2fa/recovery-codes/new/", "2fa/passkeys/add/", "password/"])
def test_pages_of_ones_own_sign_in_are_quiet(home: Any, person: Make, signed_in: Browser, path: str) -> None:
    browser = signed_in(person(DeskRole.REVIEWER))
    page = browser.get(f"/account/{path}", follow=True)
    assert page.status_code == 200
    is_quiet(page)


def test_a_new_password_ends_sessions_elsewhere(home: Any, person: Make, signed_in: Browser) -> None:
    who = person(DeskRole.REVIEWER)
    here, there = signed_in(who), signed_in(who)
    new = "another long password 77"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new, "next": "/me/"}
    assert here.post("/account/password/", given)["Location"] == "/me/"
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302
    assert "password.change" in audit_verbs(f"person:{who.pseudonym}")


# --- the first run and invitations ---------------------------------------------------------------------------------


def _path(link: services.Link | None) -> str:
    assert link is not None
    return "/join/" + link.address.split("/join/")[1]


def _join(browser: Client, path: str, name: str = "harbour.master", password: str = PASSWORD) -> Any:
    return browser.post(path, {"username": name, "password1": password, "password2": password})


def test_the_first_run_makes_an_admin_once(home: Any, client: Client) -> None:
    path = _path(services.first_run_link())
    is_quiet(client.get(path))
    assert _join(client, path)["Location"] == "/account/2fa/"
    who = User.objects.get()
    assert who.roles == {DeskRole.ADMIN}
    assert client.get("/people/")["Location"] == "/account/2fa/", "the second factor comes first"
    assert client.get("/account/2fa/app/").status_code == 200, "and does not ask for the new password again"
    assert services.first_run_link() is None
    assert Client().get(path).status_code == 410
    assert _join(Client(), path, "somebody.else").status_code == 410
    assert User.objects.count() == 1
    assert audit_verbs() == ["person.invite", "person.join", "signin"]


def test_the_first_run_link_ends_after_a_day_and_when_a_new_one_is_made(home: Any, client: Client) -> None:
    old = _path(services.first_run_link())
    new = _path(services.first_run_link())
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    Invitation.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert client.get(new).status_code == 410


def test_only_a_hash_of_a_link_is_kept(home: Any) -> None:
    token = _path(services.first_run_link()).split("/")[2]
    assert token not in str(Invitation.objects.values_list()[0])


@pytest.mark.parametrize(
    ("name", "password", "again"),
    [
        ("harbour.master", "short", "short"),
        ("harbour.master", "password1234", "password1234"),
        ("harbour.master", "harbour.master", "harbour.master"),
        ("harbour.master", PASSWORD, PASSWORD + "x"),
        ("no spaces", PASSWORD, PASSWORD),
        ("ab", PASSWORD, PASSWORD),
        ("", PASSWORD, PASSWORD),
    ],
)
def test_a_weak_password_or_a_bad_name_does_not_use_the_link_up(
    home: Any, client: Client, name: str, password: str, again: str
) -> None:
    path = _path(services.first_run_link())
    page = client.post(path, {"username": name, "password1": password, "password2": again})
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert not User.objects.exists()
    assert _join(client, path).status_code == 302


def test_a_name_is_taken_in_whatever_case(home: Any, client: Client, person: Make) -> None:
    admin = person(DeskRole.ADMIN)
    path = _path(services.invite(admin, [DeskRole.REVIEWER]))
    assert "is taken" in _join(client, path, admin.username.upper()).content.decode()


def test_an_invitation_works_once_and_is_shown_once(home: Any, person: Make, signed_in: Browser) -> None:
    admin = signed_in(person(DeskRole.ADMIN))
    page = admin.post("/people/invite/", {"roles": ["reviewer", "analyst"]})
    is_quiet(page)
    path = _path(page.context["link"])
    assert path not in admin.get("/people/").content.decode()
    assert _join(Client(), path, "reviewer.one").status_code == 302
    assert User.objects.get(username="reviewer.one").roles == {DeskRole.REVIEWER, DeskRole.ANALYST}
    assert _join(Client(), path, "reviewer.two").status_code == 410


def test_a_withdrawn_invitation_is_dead(home: Any, person: Make, signed_in: Browser) -> None:
    who = person(DeskRole.ADMIN)
    admin = signed_in(who)
    path = _path(services.invite(who, [DeskRole.REVIEWER]))
    admin.post(f"/people/invite/{Invitation.objects.get().pk}/withdraw/")
    assert Client().get(path).status_code == 410


# --- people --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", DeskRole)
def test_only_who_may_manage_people_sees_them(home: Any, person: Make, signed_in: Browser, role: DeskRole) -> None:
    who, other = person(role), person(DeskRole.REVIEWER)
    browser = signed_in(who)
    may = allowed(frozenset({role}), May.MANAGE_PEOPLE)
    for path in ("/people/", "/people/invite/", f"/people/{other.pk}/"):
        page = browser.get(path)
        assert page.status_code == (200 if may else 403), path
        is_quiet(page)
        assert (other.username in page.content.decode()) == (may and "invite" not in path)
    for path in (
        f"/people/{other.pk}/",
        f"/people/{other.pk}/close/",
        f"/people/{other.pk}/reopen/",
        "/people/invite/",
    ):
        answer = browser.post(path, {"roles": ["legal"], "reason": "because"})
        assert (answer.status_code == 403) != may, path
    refused = Entry.objects.filter(verb="refused", actor=who.pseudonym).count()
    assert refused == (0 if may else 7), "every refusal is in the log"


@pytest.mark.parametrize("role", DeskRole)
def test_everybody_has_a_page_of_their_own_and_begins_where_they_may(
    home: Any, person: Make, signed_in: Browser, role: DeskRole
) -> None:
    browser = signed_in(person(role, languages="ar,ru"))
    page = browser.get("/me/")
    is_quiet(page)
    menu = [name for name, _label, wanted, *_ in MENU if allowed(frozenset({role}), wanted)]
    shown = [item.address for item in page.context["nav"]]
    assert len(shown) == len(menu)
    assert browser.get("/start/")["Location"] == (shown[0] if shown else "/me/")


def test_every_role_permission_and_language_has_words() -> None:
    assert set(ROLES) == set(DeskRole)
    assert {may: may.value for may in May} == PERMISSIONS


def test_what_may_be_is_said_in_words_for_every_permission(home: Any, person: Make, signed_in: Browser) -> None:
    page = signed_in(person(DeskRole.SECOND_REVIEWER)).get("/me/")
    assert page.context["allowed"] == [m.value for m in ALLOWED if allowed(frozenset({DeskRole.SECOND_REVIEWER}), m)]


def test_roles_are_changed_and_count_at_once(home: Any, person: Make, signed_in: Browser) -> None:
    admin, other = person(DeskRole.ADMIN), person(DeskRole.REVIEWER)
    browser, theirs = signed_in(admin), signed_in(other)
    assert theirs.get("/people/").status_code == 403
    assert browser.post(f"/people/{other.pk}/", {"roles": ["admin"]})["Location"] == "/people/"
    assert theirs.get("/people/").status_code == 200


def test_an_admin_with_a_role_on_cases_is_refused_on_the_page(home: Any, person: Make, signed_in: Browser) -> None:
    page = signed_in(person(DeskRole.ADMIN)).post("/people/invite/", {"roles": ["admin", "reviewer"]})
    assert page.status_code == 400
    assert "do not go together" in page.content.decode()
    assert not Invitation.objects.exists()


def test_a_closed_account_is_out_at_once_and_stays_out(home: Any, person: Make, signed_in: Browser) -> None:
    admin, other = person(DeskRole.ADMIN), person(DeskRole.REVIEWER)
    browser, theirs = signed_in(admin), signed_in(other)
    assert theirs.get("/me/").status_code == 200
    browser.post(f"/people/{other.pk}/close/", {"reason": "left the desk"})
    assert theirs.get("/me/")["Location"].startswith("/account/login/")
    assert not any(s.get_decoded().get("_auth_user_id") == str(other.pk) for s in Session.objects.all())
    assert Client().login(username=other.username, password=PASSWORD) is False
    _log_in(theirs, other)
    assert theirs.get("/me/").status_code == 302
    browser.post(f"/people/{other.pk}/reopen/", {"reason": "came back"})
    assert theirs.get("/me/").status_code == 302, "an old session does not come back to life"


def test_closing_without_a_reason_or_the_last_admin_says_why_not(home: Any, person: Make, signed_in: Browser) -> None:
    admin, other = person(DeskRole.ADMIN), person(DeskRole.REVIEWER)
    browser = signed_in(admin)
    page = browser.post(f"/people/{other.pk}/close/", {"reason": " "}, follow=True)
    assert "Say why the account is closed" in page.content.decode()
    page = browser.post(f"/people/{admin.pk}/close/", {"reason": "tired"}, follow=True)
    assert "the last admin" in page.content.decode()
    assert User.objects.filter(is_active=True).count() == 2


def test_a_person_nobody_knows_is_not_found(home: Any, person: Make, signed_in: Browser) -> None:
    browser = signed_in(person(DeskRole.ADMIN))
    assert browser.get("/people/999/").status_code == 404
    assert browser.post("/people/999/close/", {"reason": "x"}).status_code == 404


def test_keys_and_languages_on_ones_own_page(home: Any, person: Make, signed_in: Browser) -> None:
    who = person(DeskRole.REVIEWER)
    browser = signed_in(who)
    page = browser.post("/me/keys/", {"label": "archive", "days": 30})
    raw = page.context["raw_token"]
    is_quiet(page)
    assert raw in page.content.decode()
    assert raw not in browser.get("/me/").content.decode()
    assert browser.post("/me/keys/", {"label": "archive", "days": 91}).status_code == 400
    browser.post(f"/me/keys/{who.tokens.get().pk}/end/")
    assert who.tokens.get().revoked_at is not None
    browser.post("/me/languages/", {"languages": ["ru", "ar"]})
    assert User.objects.get(pk=who.pk).languages == "ar,ru"
    page = browser.post(f"/me/keys/{who.tokens.get().pk}/end/", follow=True)
    assert "has ended already" in page.content.decode()


# --- the demo ------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(home: Any, configured: Callable[..., None]) -> list[services.DemoPerson]:
    """The people of a demo."""
    configured("people", demo=True)
    return services.demo_people()


def _demo_path(found: services.DemoPerson) -> str:
    return "/demo/" + found.address.split("/demo/")[1]


def test_a_demo_link_signs_in_without_password_or_second_factor(
    demo: list[services.DemoPerson], client: Client
) -> None:
    assert [one.role for one in demo] == list(services.DEMO_ROLES)
    for one in demo:
        assert client.get(_demo_path(one))["Location"] == "/start/"
        page = client.get("/me/")
        assert one.pseudonym in page.content.decode()
        assert "This is a demo" in page.content.decode()
        is_quiet(page)
    assert client.get("/account/password/").status_code == 404


def test_demo_people_are_made_once(demo: list[services.DemoPerson]) -> None:
    assert services.demo_people() == demo
    assert User.objects.count() == len(demo)


def test_a_demo_link_is_dead_outside_a_demo(
    demo: list[services.DemoPerson], client: Client, configured: Callable[..., None]
) -> None:
    path = _demo_path(demo[0])
    assert client.get(path[:-2] + ("1/" if path[-2] == "0" else "0/")).status_code == 404, "another token"
    assert client.get(path, REMOTE_ADDR="203.0.113.9").status_code == 404, "another machine"
    configured("web", host="0.0.0.0")
    assert client.get(path).status_code == 404
    configured("web", host="127.0.0.1", public_url="https://desk.example.org")
    assert client.get(path).status_code == 404
    configured("web", public_url="")
    configured("people", demo=False)
    assert client.get(path).status_code == 404
    with pytest.raises(services.PeopleError):
        services.demo_people()
    assert client.get("/me/").status_code == 302


def test_refusals_csrf_and_missing_pages_are_pages_too(home: Any, person: Make, signed_in: Browser) -> None:
    browser = signed_in(person(DeskRole.REVIEWER))
    for path, status in (("/people/", 403), ("/nothing/here/", 404)):
        page = browser.get(path)
        assert page.status_code == status
        is_quiet(page)
    strict = Client(enforce_csrf_checks=True)
    page = strict.post("/account/login/", {"login": "x", "password": "y"})
    assert page.status_code == 403
    is_quiet(page)
