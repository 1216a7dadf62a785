"""The workers that `kill.py` kills, what they find to do, and at the end somebody who counts.

python kill_worker.py prepare ROLE ... | nursery | finish TOLD      in the home that SEAWALL_HOME names
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from seawall import ledger

HOME = Path(os.environ["SEAWALL_HOME"])
ledger.setup(HOME)

from django.contrib.auth.models import Group  # noqa: E402
from django.db.models import Count  # noqa: E402

from seawall.audit.chain import Head  # noqa: E402
from seawall.audit.export import ledger_log  # noqa: E402
from seawall.audit.models import Entry  # noqa: E402
from seawall.audit.verify import ChainError, verify  # noqa: E402
from seawall.cases import facts, services  # noqa: E402
from seawall.cases.models import Case, Decision  # noqa: E402
from seawall.enforcement import services as enforcement  # noqa: E402
from seawall.enforcement.adapters.contract import About  # noqa: E402
from seawall.enforcement.adapters.simulated import SimulatedAdapter  # noqa: E402
from seawall.enforcement.platforms import adapter_for  # noqa: E402
from seawall.evidence.models import Capture, Item  # noqa: E402
from seawall.evidence.services import verify_all  # noqa: E402
from seawall.evidence.vault import make_custodian  # noqa: E402
from seawall.lake import Lake  # noqa: E402
from seawall.ledger.models import Job, JobState  # noqa: E402
from seawall.ledger.worker import Worker  # noqa: E402
from seawall.people import services as people  # noqa: E402
from seawall.people.models import User  # noqa: E402
from seawall.records.terms import CaseState, State  # noqa: E402

LEASE = timedelta(seconds=2)
ACCOUNTS = 40
PROPOSED, ANSWERED = ("decision.propose",), ("decision.approve", "decision.reject")


def prepare(*roles: str) -> None:
    """People, a key for each, a custodian's key, and a case with conduct noted for each of some accounts."""
    ledger.migrate()
    make_custodian(HOME.parent / "custodian.key", HOME)
    cast = {role: User.objects.create(username=role) for role in roles}
    for role, person in cast.items():
        person.groups.add(Group.objects.get_or_create(name=role)[0])
    with Lake(HOME) as lake, lake.snapshot() as snapshot:
        accounts = snapshot.scan("posts").select("account_id").unique().sort("account_id").collect()["account_id"]
    for account in accounts.to_list()[:ACCOUNTS]:
        case = services.open_by_hand(cast["reviewer"], "x", account, "test")
        own = [post["post_id"] for post in facts.latest_posts("x", account, count=2)]
        services.note_conduct(cast["reviewer"], case.pk, own, "test")
    print(json.dumps({role: people.make_token(person, "test", 1) for role, person in cast.items()}))


def nursery() -> None:
    """Fork workers as told on stdin: 'start', and 'reap PID' for one that was killed. At its end none is left."""
    workers = set()
    while line := sys.stdin.readline():
        word, _, pid = line.partition(" ")
        if word == "reap":
            os.waitpid(int(pid), 0)
            workers.remove(int(pid))
            say("ended", int(pid))
        elif (child := os.fork()) == 0:
            worker()
            return
        else:
            workers.add(child)
            say("started", child)
    for child in workers:
        os.kill(child, signal.SIGKILL)


class Slow:
    """An adapter that takes its time before and after, so that kills fall between the platform and the ledger."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in ("find", "apply", "undo", "tell"):
            return found

        def slowly(*args: Any) -> Any:
            time.sleep(random.uniform(0, 0.2))
            answer = found(*args)
            time.sleep(random.uniform(0, 0.4))
            return answer

        return slowly


def worker() -> None:
    """Do jobs under short leases until told to stop."""
    slow: Any = enforcement
    slow.adapter_for = lambda platform: Slow(adapter_for(platform))
    stop = stopping()
    say("ready", os.getpid())
    Worker(enforcement.handlers(), LEASE).run(stop)


def finish(told: str) -> None:
    """Do what is left, then count."""
    drain()
    check(json.loads(Path(told).read_text()))


def drain() -> None:
    """Do what is left, waiting for leases of the dead and for jobs put back."""
    ends = time.monotonic() + 90
    work = Worker(enforcement.handlers(), LEASE)
    while Job.objects.filter(state__in=[JobState.READY, JobState.LEASED]).exists() and time.monotonic() < ends:
        if not work.step():
            time.sleep(0.1)


def check(told: dict[str, Any]) -> None:
    """Hold the ledger, the platform, the log and the vault against each other and against what people were told."""
    adapter = SimulatedAdapter("x", HOME / "platforms" / "simulated.sqlite")
    journal: dict[str, list[str]] = defaultdict(list)
    for call, key in adapter.journal():
        journal[key].append(call)
    faults = [
        *told["faults"],
        *acts(told["asked"]),
        *decisions(),
        *left_over(),
        *on_the_platform(adapter),
        *(fault for key, calls in journal.items() for fault in order_of_calls(key, calls)),
        *log_and_vault([Head(**head) for head in told["heads"]]),
        *outbox(),
    ]
    states = Counter(Decision.objects.values_list("state", flat=True))
    print(json.dumps({
        "faults": faults,
        "acknowledged": sum(asked["answered"] for asked in told["asked"]),
        "in_doubt": sum(asked["doubts"] for asked in told["asked"]),
        "there_all_the_same": sum(asked["found"] for asked in told["asked"]),
        "heads": len(told["heads"]),
        "decisions": sum(states.values()),
        "executed": states[CaseState.EXECUTED],
        "reversed": states[CaseState.REVERSED],
        "entries": Entry.objects.count(),
        "jobs": Job.objects.count(),
        "retried": Job.objects.filter(attempts__gt=1).count(),
        "asked_find": sum("find" in calls for calls in journal.values()),
        "found_done": sum(calls[-1] == "find" for calls in journal.values()),
        "given_again": Entry.objects.filter(verb="statement.give").count() - states["executed"] - states["reversed"],
        "unnamed_files": unnamed(),
    }))  # fmt: skip


def acts(asked: list[dict[str, Any]]) -> Iterator[str]:
    """What people asked for that is not in the log, or too often. What no answer came to was asked for again.

    A case is taken, and texts are opened, as often as somebody asks: at least as often as it was acknowledged.
    """
    least: Counter[tuple[str, str, str]] = Counter()
    most: Counter[tuple[str, str, str]] = Counter()
    for ask in asked:
        entry = (ask["verb"], ask["object"], "" if ask["verb"] == "decision.propose" else ask["reason"])
        least[entry] += 1 if ask["once"] else ask["answered"]
        most[entry] += 1 if ask["once"] else ask["answered"] + ask["doubts"]
    log = Counter(Entry.objects.filter(verb__in={verb for verb, _, _ in most}).values_list("verb", "object", "reason"))
    for entry, times in log.items():
        if not least[entry] <= times <= most[entry]:
            yield f"{entry} is {times} times in the log, and was asked for {most[entry]} times"
    yield from (f"lost: {entry}" for entry in least if least[entry] and entry not in log)
    # what was said stands in the decision too
    proposed = Counter(Decision.objects.values_list("explanation", flat=True))
    answered = Counter(Decision.objects.exclude(second_reason="").values_list("second_reason", flat=True))
    said = {verb: Counter(ask["reason"] for ask in asked if ask["verb"] in verb) for verb in (PROPOSED, ANSWERED)}
    if proposed != said[PROPOSED] or answered != said[ANSWERED]:
        yield f"lost or doubled: {proposed - said[PROPOSED]} {said[PROPOSED] - proposed} {answered - said[ANSWERED]}"


def decisions() -> Iterator[str]:
    """Decisions that stand half done, or whose log does not tell the same."""
    told: Counter[tuple[str, int]] = Counter()
    for verb, detail in Entry.objects.filter(object__startswith="case:").values_list("verb", "detail"):
        told[verb, json.loads(detail).get("decision", 0)] += 1
    found = Decision.objects.annotate(n=Count("actions")).select_related("statement").prefetch_related("capture__items")
    for decision in found:
        done, back = decision.executed_at is not None, decision.reversed_at is not None
        approved = decision.state in (CaseState.EXECUTED, CaseState.REVERSED)
        expected = {
            "decision.propose": 1,
            "decision.approve": approved,
            "decision.reject": decision.state == CaseState.REJECTED,
            "decision.execute": approved,
            "decision.reverse": back,
            "decision.reversed": back,
        }
        for verb, times in expected.items():
            if told[verb, decision.pk] != times:
                yield f"{decision} is {decision.state}, and '{verb}' is {told[verb, decision.pk]} times in the log"
        if told["statement.give", decision.pk] < approved:  # a kill after it was told may tell and write it again
            yield f"{decision} is {decision.state}, and nothing in the log says that the statement was given"
        if decision.state == CaseState.APPROVED or approved != done or approved != bool(decision.n):
            yield f"{decision} is {decision.state} with {decision.n} actions, executed {decision.executed_at}"
        if (decision.reversal_asked_at is not None) != back:
            yield f"{decision} was asked back and is {decision.state}"
        if not decision.capture.items.all() or (approved and decision.statement.given_at is None):
            yield f"{decision} has no evidence, or its statement was not given"


def left_over() -> Iterator[str]:
    """What came of a decision that is not there: its evidence, its entries, its jobs."""
    known = set(Decision.objects.values_list("pk", flat=True))
    yield from (f"{capture} is of no decision" for capture in Capture.objects.filter(decision=None))
    for verb, detail in Entry.objects.filter(verb__startswith="decision.").values_list("verb", "detail"):
        if json.loads(detail)["decision"] not in known:
            yield f"'{verb}' is in the log for a decision that is not there: {detail}"
    yield from (f"{job} is for no decision" for job in Job.objects.all() if job.payload["decision"] not in known)


def on_the_platform(adapter: SimulatedAdapter) -> Iterator[str]:
    """Accounts that are not on the platform what their newest decision says."""
    for case in Case.objects.all():
        stands = case.decisions.filter(state=CaseState.EXECUTED).exists()
        status = adapter.status(About(case.platform, case.account_id))
        if (status == State.SUSPENDED) != stands:
            yield f"{case} is {case.state}, and the platform says {status}"


def order_of_calls(key: str, calls: list[str]) -> Iterator[str]:
    """Whether a platform that does not know keys would have acted once: each call but the first follows a `find`."""
    for n, call in enumerate(calls):
        if call in ("apply", "undo") and n > 0 and calls[n - 1] != "find":
            yield f"{key} was retried without asking: {calls}"
    if "tell" not in calls and not {"apply", "undo"} & set(calls):
        yield f"{key} was never done: {calls}"


def log_and_vault(heads: list[Any]) -> Iterator[str]:
    """Faults of the audit log, held against every head that was acknowledged, and of sealed evidence."""
    try:
        with ledger_log() as log:
            verify(log, heads)
    except ChainError as error:
        yield f"row {error.row} of the log: {error}"
    yield from verify_all()


def outbox() -> Iterator[str]:
    """Jobs that are not done."""
    for job in Job.objects.exclude(state=JobState.DONE):
        yield f"{job}, {job.attempts} attempts: {job.last_error}"


def unnamed() -> int:
    """Sealed files and keys that no item names: what a kill while sealing leaves."""
    files = {path.stem for path in (HOME / "vault").rglob("*.age")}
    return len(files - {name for row in Item.objects.values_list("name", "sealed_hash") for name in row})


def say(act: str, pid: int) -> None:
    """One line that the killing process reads. One write: no kill cuts it in two."""
    os.write(1, json.dumps({"act": act, "pid": pid}).encode() + b"\n")


def stopping() -> threading.Event:
    """Set when the process is asked to end."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


MODES: dict[str, Callable[..., None]] = {"prepare": prepare, "nursery": nursery, "finish": finish}
MODES[sys.argv[1]](*sys.argv[2:])
