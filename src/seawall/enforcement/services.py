"""Doing what was decided. An action comes from an approved decision with whole evidence, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seawall.audit.services import WORKER, Actor, record
from seawall.cases import services as cases
from seawall.cases.models import Decision, Reach
from seawall.cases.statements import message
from seawall.cases.states import CaseError
from seawall.enforcement import gate, platforms
from seawall.enforcement.adapters.contract import About, Adapter, AdapterError, Order, Receipt
from seawall.enforcement.models import Action
from seawall.enforcement.platforms import adapter_for, connected
from seawall.evidence import services as evidence
from seawall.evidence.vault import VaultError
from seawall.ledger.models import Job, JobState
from seawall.ledger.outbox import enqueue, still_held
from seawall.ledger.worker import Handler, NotYet, Permanent
from seawall.people.access import act, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import ActionState, CaseState, Verb

T = TypeVar("T")


def handlers() -> dict[str, Handler]:
    """What the worker does, by kind of job."""
    return {cases.ENACT: enact, cases.UNDO: undo, cases.TELL: tell}


def enact(job: Job) -> None:
    """Do an approved decision on the platform: evidence first, then the gate, then `find`, then `apply`."""
    decision = _decision(job)
    action = _action(decision)
    if action.state in (ActionState.DONE, ActionState.REVERSED):
        return
    # 1. no evidence, no action
    try:
        evidence.verify(decision.capture)
    except VaultError as error:
        _fail(action, f"not done, because the evidence is not whole: {error}")
        raise Permanent(str(error)) from error
    profile = cases.profile_to_keep(decision)
    # 2. the platform, behind its gate
    adapter = adapter_for(decision.case.platform)
    gate.check_breaker(adapter.platform)
    order = _order(action)
    tried = job.attempts > 1 or bool(job.payload.get("again"))
    receipt = _asked(adapter, action, lambda: adapter.find(order)) if tried else None
    if receipt is None:
        gate.count(action, adapter.platform)
        if not still_held(job):
            return  # another worker has it by now
        receipt = _asked(adapter, action, lambda: adapter.apply(order))
    # 3. what the platform answered, and what follows from it, in one transaction
    gate.succeeded(adapter.platform)  # an answer to `find` alone would not say that it acts again
    with transaction.atomic():
        action.state, action.receipt, action.done_at, action.error = (
            ActionState.DONE,
            asdict(receipt),
            timezone.now(),
            "",
        )
        fresh = cases.locked_decision(decision.pk)
        action.save()
        record(WORKER, "action.done", str(decision.case), "", action=action.pk, verb=action.verb, key=action.key)
        cases.executed(fresh, profile)


def undo(job: Job) -> None:
    """Take back everything that was done for a decision, and tell the case so."""
    decision = _decision(job)
    if Job.objects.filter(key__startswith=f"{cases.ENACT}:{decision.pk}", state=JobState.LEASED).exists():
        raise NotYet("it is being done at this moment", 1.0)  # nobody begins to do it any more
    for action in decision.actions.filter(state__in=[ActionState.DONE, ActionState.EXECUTING]):
        _undo_one(decision, action, job)
    with transaction.atomic():
        fresh = cases.locked_decision(decision.pk)
        if fresh.state != CaseState.REVERSED:
            cases.undone(fresh)


def tell(job: Job) -> None:
    """Give the account holder a message through the platform; where it cannot carry one, people see so on the case."""
    decision, what = _decision(job), str(job.payload["what"])
    about = About(decision.case.platform, decision.case.account_id)
    words = message(decision, what)
    if not words:
        return
    adapter = adapter_for(about.platform)
    gate.check_breaker(adapter.platform)
    carried = _asked(adapter, None, lambda: adapter.tell(about, words, job.key))
    gate.succeeded(adapter.platform)
    with transaction.atomic():
        if carried and what == "statement":
            cases.given(decision, "platform")
        else:
            record(WORKER, "tell", str(decision.case), "", what=what, carried=carried)


@act
def try_again(person: User, action_id: int, reason: str) -> None:
    """Try a failed action once more, after a person looked at why it failed."""
    action = Action.objects.select_for_update().select_related("decision__case").get(pk=action_id)
    require(person, May.SECOND, str(action.decision.case))
    if action.state != ActionState.FAILED:
        raise CaseError(_("only an action that failed can be tried again"))
    if not reason.strip():
        raise CaseError(_("say why it should work now"))
    action.state = ActionState.QUEUED
    action.save()
    count = action.decision.actions.count()
    enqueue(
        cases.ENACT,
        f"enact:{action.decision_id}:again:{timezone.now().timestamp()}",
        {"decision": action.decision_id, "again": True},
    )
    record(person.actor(), "action.again", str(action.decision.case), reason, action=action.pk, tries=count)


def connect(who: str, platform: str, base_url: str, token: str, *, enters_rooms: bool = False) -> None:
    """Let the matrix adapter act on a platform from now on, and write down what it can do."""
    with transaction.atomic():
        record(Actor(who), "platform.connect", f"platform:{platform}", "", kind="matrix", address=base_url)
    platforms.connect(platform, "matrix", base_url, token, enters_rooms)
    sync_reach()


def disconnect(who: str, platform: str) -> bool:
    """Forget a platform's credentials. False if it was not connected."""
    if not platforms.disconnect(platform):
        return False
    with transaction.atomic():
        record(Actor(who), "platform.disconnect", f"platform:{platform}")
    sync_reach()
    return True


def sync_reach() -> None:
    """Write down for the desk what each connected platform can do. Safe to repeat."""
    with transaction.atomic():
        for platform in connected():
            adapter = adapter_for(platform)
            Reach.objects.filter(platform=platform).exclude(verb__in=list(adapter.can)).delete()
            for verb, reversible in adapter.can.items():
                Reach.objects.update_or_create(
                    platform=platform, verb=verb, defaults={"reversible": reversible, "simulated": False}
                )
        Reach.objects.exclude(platform__in=connected()).delete()


def _decision(job: Job) -> Decision:
    decision: Decision = Decision.objects.select_related("case", "capture", "statement").get(pk=job.payload["decision"])
    return decision


def _action(decision: Decision) -> Action:
    """The decision's action, made now. Raises Permanent unless the decision is approved and was not asked back."""
    with transaction.atomic():
        fresh = cases.locked_decision(decision.pk)
        action, new = Action.objects.get_or_create(
            key=f"seawall-{decision.pk}", defaults={"decision": fresh, "verb": fresh.verb}
        )
        if action.state in (ActionState.DONE, ActionState.REVERSED):
            return action
        if fresh.state != CaseState.APPROVED or fresh.reversal_asked_at:
            raise Permanent(f"{fresh} is {fresh.state}, not approved: nothing is done")
        action.state = ActionState.EXECUTING
        action.simulated = decision.case.platform not in connected()
        action.save()
        if new:
            record(WORKER, "action.begin", str(decision.case), "", action=action.pk, verb=action.verb)
    return action


def _undo_one(decision: Decision, action: Action, job: Job) -> None:
    adapter = adapter_for(decision.case.platform)
    gate.check_breaker(adapter.platform)
    done = _receipt(action.receipt) if action.receipt else _asked(adapter, None, lambda: adapter.find(_order(action)))
    if done is None:
        _fail(action, "taken back before it was done")
        return
    order = _order(action, undoes=done)
    receipt = _asked(adapter, None, lambda: adapter.find(order)) if job.attempts > 1 else None
    if receipt is None:
        receipt = _asked(adapter, None, lambda: adapter.undo(order))
    gate.succeeded(adapter.platform)
    with transaction.atomic():
        action.state, action.undo_receipt, action.undone_at = ActionState.REVERSED, asdict(receipt), timezone.now()
        action.save()
        record(WORKER, "action.undone", str(decision.case), "", action=action.pk, key=order.key)


def _asked(adapter: Adapter, action: Action | None, ask: Callable[[], T]) -> T:
    try:
        answer = ask()
    except AdapterError as error:
        if error.permanent:
            if action is not None:
                _fail(action, str(error))
            raise Permanent(str(error)) from error
        gate.failed(adapter.platform, str(error))
        raise
    return answer


def _fail(action: Action, why: str) -> None:
    with transaction.atomic():
        action.state, action.error = ActionState.FAILED, why
        action.save()
        record(WORKER, "action.fail", str(action.decision.case), "", action=action.pk, verb=action.verb)


def _order(action: Action, undoes: Receipt | None = None) -> Order:
    case = action.decision.case
    about = About(case.platform, case.account_id, action.decision.post_id or None)
    key = f"{action.key}-undo" if undoes else action.key
    return Order(key, Verb(action.verb), about, f"terms, clause {action.decision.clause.code}", undoes)


def _receipt(kept: dict[str, Any]) -> Receipt:
    return Receipt(**{**kept, "verb": Verb(kept["verb"]), "about": About(**kept["about"])})
