"""Reading who works at the desk, and whom a key belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.utils import timezone

from seawall.people.access import look, require
from seawall.people.models import Invitation, Token, User
from seawall.people.roles import DeskRole, May
from seawall.people.services import hashed

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    person: User
    roles: list[DeskRole]
    second_factor: bool


@look
def people(person: User) -> list[PersonRow]:
    """Everybody at the desk: open accounts first, then by sign-in name. Raises Refused."""
    require(person, May.MANAGE_PEOPLE)
    guarded = set(Authenticator.objects.filter(type__in=FACTORS).values_list("user_id", flat=True))
    found = User.objects.prefetch_related("groups").order_by("-is_active", "username")
    return [PersonRow(one, granted(one), one.pk in guarded) for one in found]


@look
def one(person: User, other_id: int) -> PersonRow:
    """One person. Raises Refused, User.DoesNotExist."""
    require(person, May.MANAGE_PEOPLE)
    found: User = User.objects.prefetch_related("groups").get(pk=other_id)
    return PersonRow(found, granted(found), has_second_factor(found))


@look
def open_invitations(person: User) -> list[Invitation]:
    """Invitations that can still be used. Raises Refused."""
    require(person, May.MANAGE_PEOPLE)
    return list(Invitation.objects.filter(used_at=None, ends_at__gt=timezone.now()).order_by("ends_at"))


def granted(person: User) -> list[DeskRole]:
    """The roles an account was given, whether it is open or closed."""
    names = {group.name for group in person.groups.all()}
    return [role for role in DeskRole if role.value in names]


def has_second_factor(person: User) -> bool:
    """Whether the person has set up a passkey, a security key or an app that makes codes."""
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


def tokens(person: User) -> list[Token]:
    """One's own keys that still work."""
    return list(person.tokens.filter(revoked_at=None, ends_at__gt=timezone.now()).order_by("ends_at"))


def person_of_token(raw: str) -> User | None:
    """Whose key this is; None when it is unknown, ended, revoked, or its person's account is closed."""
    found = Token.objects.select_related("person").filter(
        hashed=hashed(raw), revoked_at=None, ends_at__gt=timezone.now(), person__is_active=True
    )
    token = found.first()
    return token.person if token else None
