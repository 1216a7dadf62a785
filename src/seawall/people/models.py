"""Who works at the desk. Outside this room a person is a pseudonym."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group
from django.db import models

from seawall.audit.services import Actor
from seawall.people.roles import DeskRole, May, allowed

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # without those that look alike


def new_pseudonym() -> str:
    """Four letters a page, an export and the audit log use instead of a name, such as 'P-7KQ2'."""
    return "P-" + "".join(secrets.choice(_LETTERS) for _ in range(4))


class Users(BaseUserManager["User"]):
    """How users are made: by invitation or the first-run link, never with a preset password."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user of that sign-in name, in whatever case it is written."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person at the desk. Roles are groups; there is no superuser."""

    username = models.CharField(max_length=60, unique=True)
    pseudonym = models.CharField(max_length=12, unique=True, default=new_pseudonym)
    groups = models.ManyToManyField(Group, blank=True, related_name="people")
    languages = models.CharField(max_length=80, blank=True)  # codes the person reads well, such as 'ar,ru'
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = Users()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    is_staff = False
    is_superuser = False

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def roles(self) -> frozenset[DeskRole]:
        """The roles held now; none when the account is closed."""
        if not self.is_active:
            return frozenset()
        if not hasattr(self, "_roles"):
            names = self.groups.values_list("name", flat=True)
            self._roles = frozenset(role for role in DeskRole if role.value in set(names))
        return self._roles

    def may(self, wanted: May) -> bool:
        """Whether the person's roles allow that."""
        return allowed(self.roles, wanted)

    def actor(self) -> Actor:
        """The person as the audit log names them."""
        return Actor(self.pseudonym, tuple(sorted(self.roles)))

    # What Django's own apps ask of a user: nothing here is decided by Django's permissions.
    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        """No permission of Django's own is ever held."""
        return False

    def has_module_perms(self, _label: str) -> bool:
        """No permission of Django's own is ever held."""
        return False


class Invitation(models.Model):
    """A link that lets somebody choose a name and password once, with the roles it names. Only its hash is kept."""

    hashed = models.CharField(max_length=64, unique=True)
    roles = models.CharField(max_length=200)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation as {self.roles}"


class Token(models.Model):
    """A key for programs that act as a person through the API. Only its hash is kept; it ends by itself."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    hashed = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60)
    made_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label
