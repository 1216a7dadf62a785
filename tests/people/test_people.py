"""Who may change who works at the desk, and the keys programs use."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import timezone

from desk import audit_verbs
from seawall.audit.models import Entry
from seawall.people import queries, services
from seawall.people.access import Refused
from seawall.people.models import Invitation, Token, User
from seawall.people.roles import NEVER_FOR_ADMIN, DeskRole, May, allowed
from seawall.people.services import PeopleError

PASSWORD = "a long harbour password 42"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any, db: None) -> None:
    settings.SEAWALL_HOME = tmp_path


def _person(*roles: str) -> User:
    made = User.objects.create(username=f"{'-'.join(roles)}-{User.objects.count()}")
    made.groups.set([Group.objects.get_or_create(name=str(role))[0] for role in roles])
    return made


def _token(link: services.Link | None) -> str:
    assert link is not None
    return link.address.rstrip("/").rpartition("/")[2]


@pytest.fixture
def admin() -> User:
    return _person(DeskRole.ADMIN)


@pytest.mark.parametrize("role", DeskRole)
def test_only_admins_manage_people_and_a_refusal_is_logged(role: DeskRole) -> None:
    who, other = _person(role), _person(DeskRole.REVIEWER)
    acts = (
        lambda: services.invite(who, [DeskRole.LEGAL]),
        lambda: services.set_roles(who, other.pk, [DeskRole.LEGAL]),
        lambda: services.close_account(who, other.pk, "left"),
        lambda: services.reopen_account(who, other.pk, "back"),
        lambda: queries.people(who),
        lambda: queries.one(who, other.pk),
        lambda: queries.open_invitations(who),
    )
    for act in acts:
        if allowed(frozenset({role}), May.MANAGE_PEOPLE):
            act()
        else:
            with pytest.raises(Refused):
                act()
            assert Entry.objects.latest("seq").verb == "refused"


def test_joining_gives_the_roles_of_the_invitation(admin: User) -> None:
    token = _token(services.invite(admin, [DeskRole.REVIEWER]))
    who = services.join(token, "reviewer.one", PASSWORD)
    assert who.roles == {DeskRole.REVIEWER}
    assert who.check_password(PASSWORD)
    assert audit_verbs() == ["person.invite", "person.join"]
    assert Entry.objects.get(verb="person.join").object == f"person:{who.pseudonym}"
    assert "reviewer.one" not in str(list(Entry.objects.values_list())), "the log knows pseudonyms only"


def test_a_failed_joining_leaves_everything_as_it_was(admin: User) -> None:
    token = _token(services.invite(admin, [DeskRole.REVIEWER]))
    for name, password, error in (
        ("x", PASSWORD, PeopleError),
        (admin.username.upper(), PASSWORD, PeopleError),
        ("reviewer.one", "123456789012", ValidationError),
    ):
        with pytest.raises(error):
            services.join(token, name, password)
    assert services.invitation_of(token) is not None
    services.join(token, "reviewer.one", PASSWORD)
    with pytest.raises(PeopleError, match="used before"):
        services.join(token, "reviewer.two", PASSWORD)


def test_an_invitation_ends_after_a_week(admin: User) -> None:
    token = _token(services.invite(admin, [DeskRole.REVIEWER]))
    left = Invitation.objects.get().ends_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    Invitation.objects.update(ends_at=timezone.now())
    with pytest.raises(PeopleError):
        services.join(token, "reviewer.one", PASSWORD)


def test_the_first_run_link_dies_when_anybody_has_joined() -> None:
    token = _token(services.first_run_link())
    _person(DeskRole.ADMIN)
    assert services.invitation_of(token) is None
    assert services.first_run_link() is None


def test_the_first_run_link_lasts_a_day() -> None:
    link = services.first_run_link()
    assert link is not None
    assert timedelta(hours=23, minutes=59) < link.ends_at - timezone.now() <= timedelta(hours=24)
    assert link.address.startswith("http://localhost:8400/join/")


@pytest.mark.parametrize("role", sorted(services.CASE_ROLES))
def test_an_admin_holds_no_role_that_works_on_cases(admin: User, role: DeskRole) -> None:
    with pytest.raises(PeopleError, match="do not go together"):
        services.invite(admin, [DeskRole.ADMIN, role])
    other = _person(role)
    with pytest.raises(PeopleError, match="do not go together"):
        services.set_roles(admin, other.pk, [DeskRole.ADMIN, role])
    assert other.groups.get().name == role


def test_case_roles_are_all_that_admins_may_never_do() -> None:
    for role in DeskRole:
        works = any(allowed(frozenset({role}), may) for may in NEVER_FOR_ADMIN)
        assert (role in services.CASE_ROLES) == works


def test_an_account_without_roles_is_not_made(admin: User) -> None:
    with pytest.raises(PeopleError, match="at least one role"):
        services.invite(admin, [])


def test_nobody_changes_their_own_roles(admin: User) -> None:
    with pytest.raises(Refused, match="their own roles"):
        services.set_roles(admin, admin.pk, [DeskRole.LEGAL])
    assert User.objects.get(pk=admin.pk).roles == {DeskRole.ADMIN}
    assert audit_verbs() == ["refused"]


def test_changed_roles_stand_in_the_log_with_what_was(admin: User) -> None:
    other = _person(DeskRole.REVIEWER)
    assert services.set_roles(admin, other.pk, [DeskRole.LEGAL, DeskRole.ANALYST]).roles == {
        DeskRole.LEGAL,
        DeskRole.ANALYST,
    }
    entry = Entry.objects.get(verb="person.roles")
    assert '"was": ["reviewer"]' in entry.detail
    assert '"roles": ["analyst", "legal"]' in entry.detail


def test_the_last_admin_cannot_be_closed_but_one_of_two_can(admin: User) -> None:
    with pytest.raises(PeopleError, match="last admin"):
        services.close_account(admin, admin.pk, "tired")
    second = _person(DeskRole.ADMIN)
    services.close_account(second, admin.pk, "left")
    with pytest.raises(PeopleError, match="last admin"):
        services.close_account(second, second.pk, "tired")


def test_a_closed_admin_may_do_nothing(admin: User) -> None:
    other = _person(DeskRole.ADMIN)
    services.close_account(admin, other.pk, "left")
    with pytest.raises(Refused):
        services.invite(User.objects.get(pk=other.pk), [DeskRole.LEGAL])


def test_closing_and_opening_again_keep_the_roles_and_say_why(admin: User) -> None:
    other = _person(DeskRole.REVIEWER)
    for act in (services.close_account, services.reopen_account):
        with pytest.raises(PeopleError):
            act(admin, other.pk, "")
        assert act(admin, other.pk, "because").pk == other.pk
        with pytest.raises(PeopleError):
            act(admin, other.pk, "because")
    assert User.objects.get(pk=other.pk).roles == {DeskRole.REVIEWER}
    assert audit_verbs(f"person:{other.pseudonym}") == ["person.close", "person.reopen"]


def test_a_key_acts_as_its_person_until_it_ends(admin: User) -> None:
    who = _person(DeskRole.REVIEWER)
    raw = services.make_token(who, "archive", 30)
    assert queries.person_of_token(raw) == who
    assert queries.person_of_token(raw + "x") is None
    assert queries.person_of_token("") is None
    assert raw not in str(list(Token.objects.values_list()))
    Token.objects.update(ends_at=timezone.now())
    assert queries.person_of_token(raw) is None
    assert queries.tokens(who) == []


def test_a_revoked_key_and_one_of_a_closed_account_are_dead(admin: User) -> None:
    who = _person(DeskRole.REVIEWER)
    first, second = services.make_token(who, "one", 1), services.make_token(who, "two", 90)
    services.revoke_token(who, who.tokens.get(label="one").pk)
    assert queries.person_of_token(first) is None
    assert queries.person_of_token(second) == who
    services.close_account(admin, who.pk, "left")
    assert queries.person_of_token(second) is None
    services.reopen_account(admin, who.pk, "back")
    assert queries.person_of_token(second) is None, "a key that ended stays ended"


@pytest.mark.parametrize(("label", "days"), [("", 1), ("  ", 1), ("x", 0), ("x", 91)])
def test_a_key_has_a_purpose_and_an_end(label: str, days: int) -> None:
    with pytest.raises(PeopleError):
        services.make_token(_person(DeskRole.REVIEWER), label, days)
    assert not Token.objects.exists()


def test_one_ends_ones_own_keys_only(admin: User) -> None:
    who = _person(DeskRole.REVIEWER)
    services.make_token(who, "archive", 30)
    with pytest.raises(PeopleError):
        services.revoke_token(admin, who.tokens.get().pk)
    assert who.tokens.get().revoked_at is None


def test_languages_are_codes_in_order() -> None:
    who = _person(DeskRole.REVIEWER)
    services.set_languages(who, ["ru", "ar", "ru"])
    assert User.objects.get(pk=who.pk).languages == "ar,ru"


def test_the_list_of_people_shows_roles_even_of_closed_accounts(admin: User) -> None:
    other = _person(DeskRole.REVIEWER)
    services.close_account(admin, other.pk, "left")
    rows = queries.people(admin)
    assert [(row.person.pk, row.roles, row.second_factor) for row in rows] == [
        (admin.pk, [DeskRole.ADMIN], False),
        (other.pk, [DeskRole.REVIEWER], False),
    ]
