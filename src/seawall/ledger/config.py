"""seawall.toml: the settings of one home, typed and checked. Every value has a default; an unknown name is an error."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec

from seawall.sources.contract import SourceError
from seawall.sources.watching import watch_of

TEXT = """\
# Seawall's settings. Every value here is the default.

[lake]
keep_days = 180           # days a fact stays after it was loaded; 'seawall lake expire' removes what is older

[ledger]
database = "sqlite"       # or "postgresql://user@host/name" (a password belongs in ~/.pgpass or SEAWALL_DATABASE)

[web]
host = "127.0.0.1"
port = 8400
public_url = ""           # the address people use, such as "https://desk.example.org"; needed behind a proxy

[people]
second_factor = true      # every sign-in needs a passkey or a code beside the password
hours = 12                # a sign-in ends after so many hours

[desk]
scan_minutes = 10         # how often 'seawall up' scans when the lake has changed; 0: never
actions_an_hour = 200     # quota of actions for each platform; beyond it they wait
appeal_days = 183         # how long an account holder can appeal after being told (six months by law)
keep_evidence_days = 183  # how long sealed evidence stays after the account holder was told
keep_profile_days = 365   # how long the return of a suspended account can be told after its facts expired; 0: never
urgent_rules = ["specific-threat"]  # whose matches open a draft of a threat report at once

[media]
files = []                # folders or .zip files in which media of posts come to lie: hashed as their posts come
fetch_from = []           # servers that media are fetched from, such as "pbs.twimg.com", with those below them
own_hosts = []            # servers of your own network that media are fetched from; any address there that a post names
megabytes = 32            # of a file, at most
seconds = 20              # that a server has to give one
waiting = 2000            # files that wait at most; what comes while so many wait is let go, and counted

# Servers that are watched stand in tables of their own, [watch.NAME]. 'seawall connect' writes them.
"""


_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")  # a name in lower case, or an address


class SettingsError(Exception):
    """The settings file cannot be read or says something unknown; the message names it."""


class LakeSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[lake]"""

    keep_days: int = 180


class LedgerSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[ledger]"""

    database: str = "sqlite"


class WebSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[web]"""

    host: str = "127.0.0.1"
    port: int = 8400
    public_url: str = ""

    @property
    def local(self) -> bool:
        """Whether it serves this machine alone."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    def address(self, path: str) -> str:
        """The full address of a page, as people are told it.

        On this machine a name, not a number, though both answer: passkeys belong to names only (WebAuthn 5.1.3).
        """
        return self.public_url.rstrip("/") + path if self.public_url else self.here(path)

    def here(self, path: str) -> str:
        """The address of a page without what stands before the server."""
        return f"http://{'localhost' if self.local else self.host}:{self.port}{path}"


class PeopleSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[people]"""

    second_factor: bool = True
    hours: int = 12
    demo: bool = False  # set by 'seawall demo' only: sign-in by a printed link, on this machine alone


class DeskSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[desk]"""

    scan_minutes: int = 10
    actions_an_hour: int = 200
    appeal_days: int = 183
    keep_evidence_days: int = 183
    keep_profile_days: int = 365
    urgent_rules: tuple[str, ...] = ("specific-threat",)


class MediaSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[media]"""

    files: tuple[str, ...] = ()
    fetch_from: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=32)] = 32
    seconds: Annotated[int, msgspec.Meta(ge=1, le=120)] = 20
    waiting: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 2_000

    @property
    def followed(self) -> bool:
        """Whether media are hashed as their posts come."""
        return bool(self.files or self.fetch_from or self.own_hosts)


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All of seawall.toml."""

    lake: LakeSettings = LakeSettings()
    ledger: LedgerSettings = LedgerSettings()
    web: WebSettings = WebSettings()
    people: PeopleSettings = PeopleSettings()
    desk: DeskSettings = DeskSettings()
    media: MediaSettings = MediaSettings()
    watch: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)  # see seawall.sources.watching


def read_settings(home: Path) -> Settings:
    """The settings of a home; defaults where the file is missing. SEAWALL_PORT stands in place of [web] port.

    Raises SettingsError naming what is wrong.
    """
    path = home / "seawall.toml"
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
        settings = msgspec.convert(given, Settings)
    except FileNotFoundError:
        settings = Settings()
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {error}. Mend it, or delete it to use the defaults.") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {error}. Known settings are in a fresh home's seawall.toml.") from error
    try:
        for name, table in settings.watch.items():
            watch_of(name, table)
    except SourceError as error:
        raise SettingsError(f"{path}: {error}.") from error
    port = os.environ.get("SEAWALL_PORT", "")
    if port.isdigit():
        settings = msgspec.structs.replace(settings, web=msgspec.structs.replace(settings.web, port=int(port)))
    for host in (*settings.media.fetch_from, *settings.media.own_hosts):
        if not _HOST.fullmatch(host):
            raise SettingsError(f"{path}: [media] '{host}' is no server's name: without 'https://', '/' and port.")
    if settings.lake.keep_days < 0:
        raise SettingsError(f"{path}: [lake] keep_days must be a whole number of days, 0 or more.")
    if settings.desk.actions_an_hour < 1 or settings.desk.appeal_days < 183:
        raise SettingsError(f"{path}: [desk] actions_an_hour must be 1 or more, appeal_days 183 or more (DSA Art. 20).")
    return settings


def database_of(settings: Settings) -> str:
    """Which database the ledger is in: SEAWALL_DATABASE, else the settings' own."""
    return os.environ.get("SEAWALL_DATABASE") or settings.ledger.database
