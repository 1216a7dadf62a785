"""Every change of who works at the desk, in which roles and with which keys: with its audit entry, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seawall.audit.services import Actor, record
from seawall.ledger import home
from seawall.ledger.keys import secret
from seawall.people.access import Refused, act, require
from seawall.people.models import Invitation, Token, User
from seawall.people.roles import ALLOWED, NEVER_FOR_ADMIN, DeskRole, May

FIRST_RUN = "first run"
FIRST_RUN_ENDS = timedelta(hours=24)
INVITATION_ENDS = timedelta(days=7)
TOKEN_DAYS = 90
CASE_ROLES = frozenset(role for may in NEVER_FOR_ADMIN for role in ALLOWED[may])
DEMO_ROLES = (
    DeskRole.REVIEWER, DeskRole.SECOND_REVIEWER, DeskRole.APPEALS_OFFICER, DeskRole.LEGAL, DeskRole.DUTY_OFFICER,
    DeskRole.EVIDENCE_CUSTODIAN, DeskRole.OVERSEER, DeskRole.AUDITOR, DeskRole.ADMIN, DeskRole.ANALYST,
)  # fmt: skip
_HOLDER = "account_holder"  # no role of the desk: an account holder of the demo
_NAME = re.compile(r"[\w.\-]{3,60}")


class PeopleError(ValueError):
    """What was asked does not fit who works at the desk; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time address. It is shown once: the ledger keeps only a hash of what is secret in it."""

    address: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo, and the address that signs them in on this machine."""

    role: DeskRole
    pseudonym: str
    address: str


# --- coming in -----------------------------------------------------------------------------------------------------


def first_run_link() -> Link | None:
    """The address at which the first admin chooses a name and password; None once there is anybody.

    Asking again makes a new one and ends the one before.
    """
    with transaction.atomic():
        if User.objects.exists():
            return None
        Invitation.objects.filter(made_by=FIRST_RUN, used_at=None).update(ends_at=timezone.now())
        record(Actor("system:first-run"), "person.invite", "", FIRST_RUN, roles=[DeskRole.ADMIN])
        return _invitation(FIRST_RUN, [DeskRole.ADMIN], FIRST_RUN_ENDS)


@act
def invite(person: User, roles: Iterable[DeskRole]) -> Link:
    """An address at which somebody joins with these roles, once, within a week."""
    require(person, May.MANAGE_PEOPLE)
    wanted = _checked(roles)
    record(person.actor(), "person.invite", "", "", roles=wanted)
    return _invitation(person.pseudonym, wanted, INVITATION_ENDS)


@act
def withdraw_invitation(person: User, invitation_id: int) -> None:
    """An invitation nobody used yet is no longer good."""
    require(person, May.MANAGE_PEOPLE)
    now = timezone.now()
    if not Invitation.objects.filter(pk=invitation_id, used_at=None, ends_at__gt=now).update(ends_at=now):
        raise PeopleError(_("this invitation was used or has ended already"))
    record(person.actor(), "person.uninvite", "", "", invitation=invitation_id)


@transaction.atomic
def join(token: str, username: str, password: str) -> User:
    """Use an invitation: the person it was made for chooses a name and a password.

    Raises PeopleError, or Django's ValidationError for a password that is too weak.
    """
    found = invitation_of(token)
    taken = found and Invitation.objects.filter(pk=found.pk, used_at=None).update(used_at=timezone.now())
    if not found or not taken:
        raise PeopleError(_("this link was used before or has ended; ask for a new one"))
    if not _NAME.fullmatch(username):
        raise PeopleError(_("a name has 3 to 60 letters, digits, dots, dashes or underscores"))
    if User.objects.filter(username__iexact=username).exists():
        raise PeopleError(_("this name is taken"))
    person = User(username=username)
    validate_password(password, person)
    person.set_password(password)
    person.save(force_insert=True)
    roles = [DeskRole(role) for role in found.roles.split(",")]
    _give(person, roles)
    record(person.actor(), "person.join", about(person), "", roles=roles, invited_by=found.made_by)
    return person


def invitation_of(token: str) -> Invitation | None:
    """The invitation that is still good and has this token. That of the first run ends when anybody has joined."""
    found: Invitation | None = Invitation.objects.filter(
        hashed=hashed(token), used_at=None, ends_at__gt=timezone.now()
    ).first()
    if found and found.made_by == FIRST_RUN and User.objects.exists():
        return None
    return found


# --- roles, closing ------------------------------------------------------------------------------------------------


@act
def set_roles(person: User, other_id: int, roles: Iterable[DeskRole]) -> User:
    """Give somebody else exactly these roles. Raises Refused for one's own, PeopleError for roles that do not mix."""
    other = _locked(other_id)
    require(person, May.MANAGE_PEOPLE, about(other))
    if other.pk == person.pk:
        raise Refused(gettext_lazy("nobody changes their own roles"), about(other))
    wanted, before = _checked(roles), sorted(other.groups.values_list("name", flat=True))
    _give(other, wanted)
    record(person.actor(), "person.roles", about(other), "", roles=wanted, was=before)
    return other


@act
def close_account(person: User, other_id: int, reason: str) -> User:
    """Close an account: its sessions and keys end at once. The last admin's cannot be closed."""
    # the admins are locked before anybody else: two who close each other at once would leave none
    admins = User.objects.select_for_update(of=("self",)).filter(is_active=True, groups__name=DeskRole.ADMIN)
    left = {admin.pk for admin in admins.order_by("pk")} - {other_id}
    other = _locked(other_id)
    require(person, May.MANAGE_PEOPLE, about(other))
    if not other.is_active:
        raise PeopleError(_("this account is closed already"))
    if not reason.strip():
        raise PeopleError(_("say why the account is closed: it stands in the record"))
    if not left:
        raise PeopleError(_("this is the last admin; make somebody else an admin first"))
    other.is_active = False
    other.save(update_fields=["is_active"])
    end_sessions(other)
    other.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
    record(person.actor(), "person.close", about(other), reason)
    return other


@act
def reopen_account(person: User, other_id: int, reason: str) -> User:
    """Open a closed account again, with the roles, password and second factors it had. Keys for programs stay ended."""
    other = _locked(other_id)
    require(person, May.MANAGE_PEOPLE, about(other))
    if other.is_active:
        raise PeopleError(_("this account is open"))
    if not reason.strip():
        raise PeopleError(_("say why the account is opened again: it stands in the record"))
    other.is_active = True
    other.save(update_fields=["is_active"])
    record(person.actor(), "person.reopen", about(other), reason)
    return other


def end_sessions(person: User) -> None:
    """Sign somebody out everywhere."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()


# --- oneself -------------------------------------------------------------------------------------------------------


@act
def set_languages(person: User, languages: Iterable[str]) -> None:
    """The languages a person says they read well, as codes."""
    person.languages = ",".join(sorted(set(languages)))
    person.save(update_fields=["languages"])
    record(person.actor(), "person.languages", about(person), "", languages=person.languages)


@act
def make_token(person: User, label: str, days: int = TOKEN_DAYS) -> str:
    """A key with which a program acts as this person, for at most 90 days. It is given back once."""
    if not label.strip():
        raise PeopleError(_("say what the key is for"))
    if not 1 <= days <= TOKEN_DAYS:
        raise PeopleError(_("a key lasts 1 to %(days)s days") % {"days": TOKEN_DAYS})
    raw = "swk_" + secrets.token_urlsafe(32)
    made = Token.objects.create(
        person=person, hashed=hashed(raw), label=label.strip()[:60], ends_at=timezone.now() + timedelta(days=days)
    )
    record(person.actor(), "token.make", about(person), "", token=made.pk, days=days)
    return raw


@act
def revoke_token(person: User, token_id: int) -> None:
    """End one of one's own keys at once."""
    if not Token.objects.filter(pk=token_id, person=person, revoked_at=None).update(revoked_at=timezone.now()):
        raise PeopleError(_("this key is not yours or has ended already"))
    record(person.actor(), "token.revoke", about(person), "", token=token_id)


def note_sign_in(person: User, verb: str, **detail: object) -> None:
    """Write what happened at the door to the audit log: 'signin', 'signout', 'factor.add' and so on."""
    with transaction.atomic():
        record(person.actor(), verb, about(person), "", **detail)


def note_failed(username: str) -> None:
    """A sign-in that failed. A name nobody has is not kept: it may be a password typed in the wrong place."""
    person = User.objects.filter(username__iexact=username).first()
    with transaction.atomic():
        record(Actor("stranger"), "signin.failed", about(person) if person else "", "")


# --- the demo ------------------------------------------------------------------------------------------------------


def demo_on() -> bool:
    """Whether this is a demo: set so, served to this machine alone, and without a public address."""
    found = settings.SEAWALL
    return bool(found.people.demo and found.web.local and not found.web.public_url)


@transaction.atomic
def demo_people() -> list[DemoPerson]:
    """One person for each role of the demo, made at first use, with the address that signs them in."""
    if not demo_on():
        raise PeopleError(_("people of the demo exist only in a demo on this machine"))
    found = []
    for role in DEMO_ROLES:
        person, new = User.objects.get_or_create(username=_demo_name(role), defaults={"password": "!"})
        if new:
            _give(person, [role])
            record(Actor("system:demo"), "person.join", about(person), "demo", roles=[role])
        found.append(DemoPerson(role, person.pseudonym, address(demo_path(role))))
    return found


def demo_path(role: DeskRole) -> str:
    """Where the demo's person of that role signs in."""
    return f"/demo/{role}/{_demo_token(role)}/"


def demo_person(role: str, token: str) -> User | None:
    """Whom a demo address signs in; None outside a demo, and for any other token."""
    if not demo_on() or not hmac.compare_digest(_demo_token(role).encode(), token.encode()):
        return None
    found: User | None = User.objects.filter(username=_demo_name(role), is_active=True).first()
    return found


def demo_inbox() -> str:
    """Where whoever plays an account holder of the demo reads what they were told."""
    return f"/demo/inbox/{_demo_token(_HOLDER)}/"


def is_demo_inbox(token: str) -> bool:
    """Whether this token opens that inbox; never outside a demo."""
    return demo_on() and hmac.compare_digest(_demo_token(_HOLDER).encode(), token.encode())


def _demo_name(role: str) -> str:
    return f"demo-{role.replace('_', '-')}"


def _demo_token(role: str) -> str:
    return hmac.new(secret(home(), "demo"), _demo_name(role).encode(), hashlib.sha256).hexdigest()[:32]


# --- inside --------------------------------------------------------------------------------------------------------


def about(person: User) -> str:
    """A person as the object of an audit entry."""
    return f"person:{person.pseudonym}"


def address(path: str) -> str:
    """The full address of a page."""
    return str(settings.SEAWALL.web.address(path))


def hashed(token: str) -> str:
    """What the ledger keeps of a token: it has 256 random bits, so a plain hash does."""
    return hashlib.sha256(token.encode()).hexdigest()


def _invitation(made_by: str, roles: list[DeskRole], lasts: timedelta) -> Link:
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        hashed=hashed(token), roles=",".join(roles), made_by=made_by, ends_at=timezone.now() + lasts
    )
    return Link(address(f"/join/{token}/"), made.ends_at)


def _checked(roles: Iterable[DeskRole]) -> list[DeskRole]:
    wanted = sorted(set(roles))
    if not wanted:
        raise PeopleError(_("choose at least one role"))
    if DeskRole.ADMIN in wanted and CASE_ROLES.intersection(wanted):
        raise PeopleError(_("an admin decides nothing about accounts: these roles do not go together with 'admin'"))
    return wanted


def _give(person: User, roles: Iterable[DeskRole]) -> None:
    person.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])
    person.__dict__.pop("_roles", None)


def _locked(person_id: int) -> User:
    person: User = User.objects.select_for_update().get(pk=person_id)
    return person
