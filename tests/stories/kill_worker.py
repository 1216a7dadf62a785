"""The processes that `kill.py` kills: people at work, workers that act, and at the end somebody who counts.

python kill_worker.py prepare | web | worker | drain | check ACKNOWLEDGED      in the home that SEAWALL_HOME names
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

from seawall.audit import services as audit  # noqa: E402
from seawall.audit.chain import parse_head  # noqa: E402
from seawall.audit.export import ledger_log  # noqa: E402
from seawall.audit.models import Entry  # noqa: E402
from seawall.audit.verify import ChainError, verify  # noqa: E402
from seawall.cases import facts, queries, services  # noqa: E402
from seawall.cases.models import Case, Decision  # noqa: E402
from seawall.enforcement import services as enforcement  # noqa: E402
from seawall.enforcement.adapters.contract import About  # noqa: E402
from seawall.enforcement.adapters.simulated import SimulatedAdapter  # noqa: E402
from seawall.enforcement.platforms import adapter_for  # noqa: E402
from seawall.evidence.models import Item  # noqa: E402
from seawall.evidence.services import verify_all  # noqa: E402
from seawall.evidence.vault import make_custodian  # noqa: E402
from seawall.grounds.models import Clause  # noqa: E402
from seawall.lake import Lake  # noqa: E402
from seawall.ledger.models import Job, JobState  # noqa: E402
from seawall.ledger.worker import Worker  # noqa: E402
from seawall.people.models import User  # noqa: E402
from seawall.records.terms import Answer, CaseState, Conduct, Exemption, State, Verb  # noqa: E402

LEASE = timedelta(seconds=2)
ACCOUNTS = 40
WAITING = 20  # jobs; with so many, people wait for the workers
LYING = 3  # proposals that wait for their second review to the end
NO = dict.fromkeys(Exemption, (Answer.NO, ""))
FRESH = (CaseState.CANDIDATE, CaseState.OPEN, CaseState.REVERSED, CaseState.REJECTED)


def prepare() -> None:
    """People, a custodian's key, and a case with conduct noted by a person for each of some accounts."""
    ledger.migrate()
    make_custodian(HOME.parent / "custodian.key", HOME)
    for name in ("reviewer", "second_reviewer"):
        User.objects.create(username=name).groups.add(Group.objects.get_or_create(name=name)[0])
    reviewer = User.objects.get(username="reviewer")
    with Lake(HOME) as lake, lake.snapshot() as snapshot:
        accounts = snapshot.scan("posts").select("account_id").unique().sort("account_id").collect()["account_id"]
    for account in accounts.to_list()[:ACCOUNTS]:
        case = services.open_by_hand(reviewer, "x", account, "test")
        own = [post["post_id"] for post in facts.latest_posts("x", account, count=2)]
        services.note_conduct(reviewer, case.pk, own, "test")
    say(act="head", head=audit.head().as_json())  # type: ignore[union-attr]


def nursery() -> None:
    """Fork processes as told on stdin: 'start web', 'start worker', and 'reap PID' for one that was killed."""
    while line := sys.stdin.readline():
        word, what = line.split()
        if word == "reap":
            os.waitpid(int(what), 0)
            say(act="ended", pid=int(what))
        elif (pid := os.fork()) == 0:
            {"web": web, "worker": worker}[what]()
            return
        else:
            say(act="started", pid=pid)


def web() -> None:
    """Two people propose, review and take back, as fast as they can, and say what was acknowledged to them."""
    stop, draw = stopping(), random.Random()
    reviewer, second = (User.objects.get(username=name) for name in ("reviewer", "second_reviewer"))
    say(act="ready", pid=os.getpid())
    while not stop.is_set():
        if not (review(second, draw) or take_back(second, every=3) or (not behind() and more(reviewer, second, draw))):
            time.sleep(0.05)
        if draw.random() < 0.1:
            say(act="head", head=audit.head().as_json())  # type: ignore[union-attr]
        time.sleep(draw.uniform(0, 0.02))


def review(person: User, draw: random.Random) -> bool:
    """Agree with most proposals; a few are left lying."""
    waiting = list(Decision.objects.filter(state=CaseState.SECOND_REVIEW).order_by("-pk"))[:-LYING]
    if not waiting:
        return False
    act, name = (services.reject, "reject") if draw.random() < 0.1 else (services.approve, "approve")
    nonce = f"{draw.getrandbits(64):016x}"
    opens(person, waiting[0].case)
    act(person, waiting[0].pk, nonce)
    say(act=name, decision=waiting[0].pk, nonce=nonce)
    return True


def take_back(person: User, every: int) -> bool:
    """Take back one of so many decisions once it is executed."""
    done = Decision.objects.filter(state=CaseState.EXECUTED, reversal_asked_at=None).order_by("pk")
    wrong = [decision for decision in done if decision.pk % every == 0]
    if not wrong:
        return False
    nonce = f"{random.getrandbits(64):016x}"
    services.ask_reversal(person, wrong[0].pk, nonce)
    say(act="reverse", decision=wrong[0].pk, nonce=nonce)
    return True


def behind() -> bool:
    """Whether the workers have enough to do."""
    return bool(Job.objects.filter(state__in=[JobState.READY, JobState.LEASED]).count() > WAITING)


def more(proposer: User, second: User, draw: random.Random) -> bool:
    """Propose to suspend an account that has no decision; where all have one, take the oldest back."""
    cases = list(Case.objects.filter(state__in=FRESH))
    if not cases:
        return take_back(second, every=1)
    case, nonce = draw.choice(cases), f"{draw.getrandbits(64):016x}"
    if case.state != CaseState.OPEN:
        services.take(proposer, case.pk)
    opens(proposer, case)
    clause = Clause.objects.get(code="T1").pk
    draft = services.Draft(Verb.SUSPEND, Conduct.PROPAGANDA, clause, nonce, "nothing less would do", NO)
    decision = services.propose(proposer, case.pk, draft)
    say(act="propose", decision=decision.pk, nonce=nonce)
    return True


def opens(person: User, case: Case) -> None:
    """Open what the case rests on: nobody decides unread."""
    queries.texts(person, case.pk, services.own_conduct(case))


class Slow:
    """An adapter that takes its time before and after, so that kills fall between the platform and the ledger."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in ("find", "apply", "undo", "tell"):
            return found

        def slowly(*args: Any) -> Any:
            time.sleep(random.uniform(0, 0.03))
            answer = found(*args)
            time.sleep(random.uniform(0, 0.06))
            return answer

        return slowly


def worker() -> None:
    """Do jobs under short leases until told to stop."""
    slow: Any = enforcement
    slow.adapter_for = lambda platform: Slow(adapter_for(platform))
    stop = stopping()
    say(act="ready", pid=os.getpid())
    Worker(enforcement.handlers(), LEASE).run(stop)


def drain() -> None:
    """Do what is left, waiting for leases of the dead and for jobs put back."""
    ends = time.monotonic() + 90
    work = Worker(enforcement.handlers(), LEASE)
    while Job.objects.filter(state__in=[JobState.READY, JobState.LEASED]).exists() and time.monotonic() < ends:
        if not work.step():
            time.sleep(0.1)


def check(acknowledged: Path) -> None:
    """Hold the ledger, the platform, the log and the vault against each other and against what was acknowledged."""
    said = [json.loads(line) for line in acknowledged.read_text().splitlines()]
    adapter = SimulatedAdapter("x", HOME / "platforms" / "simulated.sqlite")
    journal: dict[str, list[str]] = defaultdict(list)
    for call, key in adapter.journal():
        journal[key].append(call)
    faults = [
        *lost(said),
        *decisions(),
        *on_the_platform(adapter),
        *(fault for key, calls in journal.items() for fault in order_of_calls(key, calls)),
        *log_and_vault([parse_head(ack["head"]) for ack in said if ack["act"] == "head"]),
        *outbox(),
    ]
    states = Counter(Decision.objects.values_list("state", flat=True))
    print(json.dumps({
        "faults": faults,
        "acknowledged": sum("nonce" in ack for ack in said),
        "heads": sum(ack["act"] == "head" for ack in said),
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


def lost(said: list[dict[str, Any]]) -> Iterator[str]:
    """Acts that were acknowledged and are not in the ledger and its log."""
    reasons = {(entry.verb, entry.reason) for entry in Entry.objects.exclude(reason="")}
    proposed = dict(Decision.objects.values_list("explanation", "pk"))
    for ack in said:
        if ack["act"] == "propose" and proposed.get(ack["nonce"]) != ack["decision"]:
            yield f"lost: {ack}"
        if ack["act"] in ("approve", "reject", "reverse") and (f"decision.{ack['act']}", ack["nonce"]) not in reasons:
            yield f"lost: {ack}"


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


def say(**told: object) -> None:
    """One line that the killing process reads; what is written was acknowledged. One write: no kill cuts it in two."""
    os.write(1, json.dumps(told).encode() + b"\n")


def stopping() -> threading.Event:
    """Set when the process is asked to end."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


MODES: dict[str, Callable[..., None]] = {"prepare": prepare, "nursery": nursery, "drain": drain}
if sys.argv[1] == "check":
    check(Path(sys.argv[2]))
else:
    MODES[sys.argv[1]]()
