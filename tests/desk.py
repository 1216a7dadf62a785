"""The desk in tests: a home, a world with a network in it, the cast, and shortcuts for the steps of the loop."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group

from apart import command
from seawall.audit.models import Entry
from seawall.cases import candidates, queries, services
from seawall.cases.models import Case, Decision
from seawall.enforcement.adapters.contract import About
from seawall.enforcement.adapters.simulated import SimulatedAdapter
from seawall.enforcement.services import handlers
from seawall.evidence.vault import make_custodian
from seawall.grounds.models import Clause
from seawall.lake import Lake
from seawall.ledger.worker import Worker
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.records.terms import Answer, CaseState, Conduct, Exemption, Verb
from seawall.signals.scan import above_line, seen_languages
from seawall.wargame import build

ROOT = Path(__file__).parents[1]
NO = dict.fromkeys(Exemption, (Answer.NO, ""))


def run(home: Path, *words: object) -> str:
    """`seawall ...` in a process of its own."""
    ended = command(words, environment(home))
    assert ended.code == 0, ended.err
    return ended.out


def environment(home: Path) -> dict[str, str]:
    """What a process that works in this home is given."""
    return {**os.environ, "SEAWALL_HOME": str(home), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def scanned_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small synthetic platform loaded and scanned; made once for all processes of a run, and copied for
    each test."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "scanned"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "custodian.key").exists():
            _scan(folder / "home")
    return folder / "home"


def _scan(home: Path) -> None:
    """Its custodian's key, beside it, is made last."""
    world = build(home.parent / "world", seed=0, accounts=300, days=7)
    run(home, "init")
    for folder in (world.rules, world.lists):
        shutil.copytree(folder, home / folder.name, dirs_exist_ok=True)
    run(home, "load", "x", world.posts)
    run(home, "seeds", "add", world.seeds, "--source", "test")
    run(home, "scan")
    make_custodian(home.parent / "custodian.key", home)


class Desk:
    """A home with cases, and the cast: one person a role."""

    def __init__(self, home: Path, custodian: Path) -> None:
        self.home = home
        self.custodian = custodian
        self._numbers = itertools.count()

    def person(self, *roles: DeskRole | str, **more: Any) -> User:
        """Somebody with these roles."""
        made = User.objects.create(username=f"{'-'.join(roles)[:50] or 'nobody'}-{next(self._numbers)}", **more)
        made.groups.set([Group.objects.get_or_create(name=str(role))[0] for role in roles])
        return made

    def sync(self) -> None:
        """Cases from the last scan."""
        with Lake(self.home) as lake:
            accounts = above_line(lake)
            candidates.sync(accounts, languages=seen_languages(lake, accounts))

    def case(self) -> Case:
        """The strongest candidate that was not handed out yet."""
        return Case.objects.filter(state=CaseState.CANDIDATE).order_by("-top_score", "id").first()

    def innocent(self) -> str:
        """The id of an account that no signal found."""
        with Lake(self.home) as lake, lake.snapshot() as snapshot:
            known = set(snapshot.read("posts", ["account_id"])["account_id"].to_pylist())
        return min(known - set(Case.objects.values_list("account_id", flat=True)))

    def draft(self, **changed: Any) -> services.Draft:
        """A complete proposal to suspend; change what the test is about."""
        whole = services.Draft(
            verb=Verb.SUSPEND,
            conduct=Conduct.PROPAGANDA,
            clause_id=Clause.objects.get(code="T1").pk,
            explanation="You spread the releases of the harbour lamp.",
            alternatives="A label would leave the flood as it is.",
            checklist=NO,
        )
        return replace(whole, **changed)

    def worker(self) -> int:
        """Do every job that is due."""
        return Worker(handlers()).drain()

    def simulated(self, platform: str = "x") -> SimulatedAdapter:
        """The simulated platform."""
        return SimulatedAdapter(platform, self.home / "platforms" / "simulated.sqlite")

    def about(self, case: Case) -> About:
        """The account of a case, as adapters name it."""
        return About(case.platform, case.account_id)

    def executed(self, reviewer: User, second: User, **changed: Any) -> Decision:
        """A decision carried through to the platform."""
        decision = self.approved(self.proposed(reviewer, **changed), second)
        self.worker()
        decision.refresh_from_db()
        assert decision.state == CaseState.EXECUTED
        return decision

    def proposed(self, reviewer: User, **changed: Any) -> Decision:
        """A proposal on a fresh case."""
        return services.propose(reviewer, self.read(reviewer).pk, self.draft(**changed))

    def approved(self, decision: Decision, second: User) -> Decision:
        """A second person reads what it rests on, and agrees."""
        self.opens(second, decision.case)
        return services.approve(second, decision.pk, "agreed")

    def read(self, reviewer: User) -> Case:
        """A fresh case that somebody works on, who has opened the posts that are its conduct."""
        case = self.case()
        services.take(reviewer, case.pk)
        self.opens(reviewer, case)
        return case

    def opens(self, person: User, case: Case) -> None:
        """Open every post that the case rests on, as its page does."""
        queries.texts(person, case.pk, services.own_conduct(case))


@pytest.fixture
def desk(scanned_home: Path, tmp_path: Path, settings: Any, db: None) -> Desk:
    """The desk over a copy of the scanned home, with a case for every account above the line."""
    home = tmp_path / "desk-home"
    shutil.copytree(scanned_home, home)
    settings.SEAWALL_HOME = home
    made = Desk(home, scanned_home.parent / "custodian.key")
    made.sync()
    return made


def _cast(role: DeskRole) -> Callable[[Desk], User]:
    @pytest.fixture(name=role.value)
    def fixture(desk: Desk) -> User:
        return desk.person(role)

    return fixture


for _role in DeskRole:
    globals()[_role.value] = _cast(_role)


def audit_verbs(about: str = "") -> list[str]:
    """The verbs in the audit log, oldest first."""
    found = Entry.objects.order_by("seq")
    return list((found.filter(object=about) if about else found).values_list("verb", flat=True))


def lines(text: str) -> Iterator[Any]:
    """JSON Lines."""
    return (json.loads(line) for line in text.splitlines())
