"""What tests of pages share: a light home, people who can sign in, and browsers without JavaScript."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from desk import Desk
from pages import PASSWORD, Browser
from seawall.lake import Lake
from seawall.people.models import User

_number = itertools.count()


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """Wrong codes and failed sign-ins of one test do not slow down the next, and its language does not stay."""
    cache.clear()
    yield
    translation.deactivate()


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    """An empty home."""
    settings.SEAWALL_HOME = tmp_path
    return tmp_path


@pytest.fixture
def configured(settings: Any) -> Callable[..., None]:
    """Change a section of seawall.toml: configured('people', demo=True)."""

    def change(section: str, **values: object) -> None:
        changed = msgspec.structs.replace(getattr(settings.SEAWALL, section), **values)
        settings.SEAWALL = msgspec.structs.replace(settings.SEAWALL, **{section: changed})

    return change


@pytest.fixture
def person(home: Path) -> Callable[..., User]:
    """Somebody with these roles and a password, without a second factor."""

    def make(*roles: str, **more: Any) -> User:
        made = User(username=f"{'-'.join(roles) or 'nobody'}-{next(_number)}", **more)
        made.set_password(PASSWORD)
        made.save()
        made.groups.set([Group.objects.get_or_create(name=str(role))[0] for role in roles])
        return made

    return make


@pytest.fixture
def signed_in() -> Browser:
    """A browser in which that person has signed in, second factor and all."""

    def make(who: User) -> Client:
        Authenticator.objects.get_or_create(user=who, type=Authenticator.Type.TOTP, defaults={"data": {}})
        browser = Client()
        browser.force_login(who)
        return browser

    return make


@pytest.fixture
def reads(desk: Desk, signed_in: Browser, reviewer: User) -> Client:
    """The reviewer's browser."""
    return signed_in(reviewer)


# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lake(home: Path) -> Path:
    """A home with an empty lake."""
    Lake.create(home).close()
    return home


@pytest.fixture
def writer(lake: Path, person: Any) -> User:
    return person("analyst")


@pytest.fixture
def writes(writer: User, signed_in: Any) -> Client:
    return signed_in(writer)


@pytest.fixture
def approves(lake: Path, person: Any, signed_in: Any) -> Client:
    return signed_in(person("second_reviewer"))
