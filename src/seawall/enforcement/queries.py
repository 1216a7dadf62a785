"""Reading how the work goes: jobs of the outbox, platforms, and what holds actions back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils import timezone

from seawall.audit.services import Actor, record
from seawall.cases.models import Case as AccountCase
from seawall.cases.models import Reach
from seawall.enforcement import platforms
from seawall.enforcement.adapters import simulated
from seawall.enforcement.models import Gate
from seawall.enforcement.platforms import connected
from seawall.ledger.models import Job, JobState
from seawall.people.access import look, require
from seawall.people.models import User
from seawall.people.roles import May

MOST_JOBS = 100


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform with cases or an adapter: what can be done there, and what holds it back now."""

    name: str
    connected: bool  # a real adapter acts there; else everything is simulated
    can: tuple[tuple[str, bool], ...]  # verb, and whether it can be taken back; empty where simulated
    used: int  # actions counted in this hour
    quota: int
    failures: int  # in a row
    closed_until: datetime | None  # the breaker is open until then
    note: str


@dataclass(frozen=True, slots=True)
class Work:
    """Jobs that are not done, those that failed first; how many jobs are in each state; the platforms."""

    jobs: list[Job]
    counts: dict[str, int]
    platforms: list[Platform]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that an account holder has from the simulated platform."""

    platform: str
    account_id: str
    handle: str
    text: str
    at: datetime

    def named(self) -> dict[str, str]:
        """Whose it is."""
        return {"platform": self.platform, "account_id": self.account_id, "handle": self.handle}


def inbox(reader: Actor, account: str = "") -> list[Delivered]:
    """What account holders were told on the simulated platform, newest first, and a read event.

    `account` keeps one account's: its handle, its id, or either with its platform as in 'x:some_handle'.
    """
    with transaction.atomic():
        record(reader, "inbox.read", "", "", account=account)
    told = [_delivered(message) for message in simulated.inbox(platforms.simulated())]
    wanted = _plain(account)
    return [one for one in told if not wanted or wanted in _names(one)]


def _delivered(message: simulated.Message) -> Delivered:
    case = AccountCase.objects.filter(platform=message.platform, account_id=message.account_id).first()
    handle = (case.handle if case else "") or message.account_id
    return Delivered(message.platform, message.account_id, handle, message.text, datetime.fromisoformat(message.at))


def _names(one: Delivered) -> set[str]:
    plain = {_plain(one.account_id), _plain(one.handle)}
    return plain | {f"{one.platform}:{name}" for name in plain}


def _plain(name: str) -> str:
    return name.casefold().replace("@", "")


@look
def work(person: User) -> Work:
    """What is to be done outside the ledger, and what holds it back. Raises Refused."""
    require(person, May.SEE_WORK)
    counted = Job.objects.values_list("state").annotate(n=Count("id"))
    return Work(list(_undone()[:MOST_JOBS]), dict(counted), _platforms())


def _undone() -> QuerySet[Job]:
    rank = Case(
        When(state=JobState.FAILED, then=Value(0)),
        When(state=JobState.LEASED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return Job.objects.exclude(state=JobState.DONE).annotate(rank=rank).order_by("rank", "due", "id")


def _platforms() -> list[Platform]:
    live = set(connected())
    gates = {gate.platform: gate for gate in Gate.objects.all()}
    can: dict[str, list[tuple[str, bool]]] = {}
    for row in Reach.objects.order_by("platform", "verb"):
        can.setdefault(row.platform, []).append((row.verb, row.reversible))
    named = set(AccountCase.objects.order_by("platform").values_list("platform", flat=True).distinct())
    return [
        _platform(name, name in live, tuple(can.get(name, ())), gates.get(name))
        for name in sorted(named | live | set(gates))
    ]


def _platform(name: str, live: bool, can: tuple[tuple[str, bool], ...], gate: Gate | None) -> Platform:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    paused = gate.closed_until if gate and gate.closed_until and gate.closed_until > now else None
    return Platform(
        name=name,
        connected=live,
        can=can,
        used=gate.used if gate and gate.hour == hour else 0,
        quota=settings.SEAWALL.desk.actions_an_hour,
        failures=gate.failures if gate else 0,
        closed_until=paused,
        note=gate.note if gate else "",
    )
