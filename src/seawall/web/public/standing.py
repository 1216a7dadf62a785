"""How a decision stands towards the account holder: what is so now, and whether it can be appealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils import timezone

from seawall.cases.models import Appeal, Decision
from seawall.records.terms import AppealState, CaseState, Outcome


class Standing(StrEnum):
    """What the account holder is told about the decision."""

    COMING = "coming"  # approved, the platform was told to act
    IN_FORCE = "in_force"
    BEING_TAKEN_BACK = "being_taken_back"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Told:
    """What the page shows beside the words of the statement."""

    standing: Standing
    since: datetime | None
    until: datetime | None  # the last moment to appeal; None while the time does not run yet
    appeal: Appeal | None
    voided: list[Appeal]  # those that were not the account holder's
    can_appeal: bool
    late: bool  # the answer is overdue
    accepted: bool


def told(decision: Decision) -> Told | None:
    """How it stands; None for a decision that nobody was told of: its code is no code yet."""
    standing = _standing(decision)
    if standing is None:
        return None
    appeals = list(decision.appeals.order_by("pk"))
    appeal = next((made for made in appeals if made.state != AppealState.VOIDED), None)
    given = decision.statement.given_at
    until = given + timedelta(days=settings.SEAWALL.desk.appeal_days) if given else None
    now = timezone.now()
    return Told(
        standing=standing,
        since=decision.reversed_at or decision.reversal_asked_at or decision.executed_at,
        until=until,
        appeal=appeal,
        voided=[made for made in appeals if made.state == AppealState.VOIDED],
        can_appeal=appeal is None
        and standing in (Standing.COMING, Standing.IN_FORCE)
        and (until is None or now <= until),
        late=appeal is not None and AppealState(appeal.state).waits and now > appeal.due_at,
        accepted=appeal is not None and appeal.outcome == Outcome.REVERSED,
    )


def _standing(decision: Decision) -> Standing | None:
    if decision.state == CaseState.REVERSED:
        return Standing.TAKEN_BACK
    if decision.state == CaseState.EXECUTED:
        return Standing.BEING_TAKEN_BACK if decision.reversal_asked_at else Standing.IN_FORCE
    return Standing.COMING if decision.state == CaseState.APPROVED else None
