"""Whose return the account of a case may be: the likeliest parent beside it, and what each piece of evidence weighs.

A hypothesis for a person to judge. It is no conduct, decides nothing, and names nobody but the one likely parent, whom
a platform suspended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from seawall.cases.models import Case
from seawall.cases.surveyed import ask, log
from seawall.evidence.services import kept_profiles
from seawall.lake import Lake
from seawall.lake.snapshot import Snapshot
from seawall.ledger import home
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.findings import LINE
from seawall.signals.contract import Facts
from seawall.signals.returns import Kept, find_returns
from seawall.signals.returns.posterior import Hypothesis
from seawall.signals.returns.signal import suspended
from seawall.stream.newcomers import ask_newcomers

MOST_SUSPENDED = 20_000  # more are not compared while somebody waits for a page, unless newcomers are asked about


class TooManySuspendedError(Exception):
    """More suspended accounts than a page can compare with a case's."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"{case}: more than {MOST_SUSPENDED} accounts are suspended")
        self.case = case


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two accounts, as the lake knows it."""

    platform: str
    account_id: str
    handle: str
    profile: dict[str, Any] | None
    first: datetime | None  # of its posts in the lake
    last: datetime | None
    posts: int
    hours: tuple[int, ...]  # posts in each hour of the day, UTC


@dataclass(frozen=True, slots=True)
class Pair:
    """What may be said of a case's account. `parent` is None where nobody suspended is likely to be one."""

    case: Case
    suspended: int  # accounts that it was compared with
    no_parent: float
    announces: bool
    newcomer: Side
    parent: Side | None
    probability: float
    because: dict[str, float]  # nats, by piece
    others: tuple[float, ...]  # probabilities of other suspended accounts, without a name


def pair(person: User, case_id: int) -> Pair:
    """Compare the account of a case with all suspended ones. Raises Refused, Case.DoesNotExist, TooManySuspendedError.

    The read is in the audit log.
    """
    case: Case = Case.objects.get(pk=case_id)
    ask(person, May.READ_CASE, str(case))
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        found = _compared(snapshot, case)
    log(person, "returns.read", str(case), accounts=1 + (found.parent is not None))
    return found


def _compared(snapshot: Snapshot, case: Case) -> Pair:
    compared, found = _asked(case) or _looked_up(snapshot, case)
    said = found or Hypothesis(case.platform, case.account_id, case.handle, 1.0, False, ())
    likely = said.candidates[0] if said.probability >= LINE else None
    return Pair(
        case=case,
        suspended=compared,
        no_parent=said.no_parent,
        announces=said.announces,
        newcomer=_side(snapshot, case.platform, case.account_id, case.handle),
        parent=_side(snapshot, likely.platform, likely.account_id, likely.shown) if likely else None,
        probability=said.probability,
        because=dict(likely.because) if likely else {},
        others=tuple(c.probability for c in (said.candidates[1:] if likely else said.candidates)),
    )


def _asked(case: Case) -> tuple[int, Hypothesis | None] | None:
    """What the process that has the suspended loaded says, however many they are; None where none runs."""
    answer = ask_newcomers(home(), case.platform, case.account_id)
    return (answer.suspended, answer.said) if answer else None


def _looked_up(snapshot: Snapshot, case: Case) -> tuple[int, Hypothesis | None]:
    facts, kept = Facts.of(snapshot), Kept.of(kept_profiles())
    if suspended(facts, kept).height > MOST_SUSPENDED:
        raise TooManySuspendedError(case)
    found = find_returns(facts, (case.platform, case.account_id), kept=kept)
    return found.suspended, next((said for said in found.hypotheses if said.account_id == case.account_id), None)


def _side(snapshot: Snapshot, platform: str, account_id: str, handle: str) -> Side:
    ours = (pl.col("platform") == platform) & (pl.col("account_id") == account_id)
    profile = snapshot.scan("accounts").filter(ours).sort("seen_at", descending=True).head(1).collect().to_dicts()
    at = snapshot.scan("posts").filter(ours, pl.col("at").is_not_null()).select("at").collect()["at"].sort()
    counts = dict(at.dt.hour().value_counts().iter_rows())
    return Side(
        platform=platform,
        account_id=account_id,
        handle=(profile[0]["handle"] if profile else None) or handle,
        profile=profile[0] if profile else None,
        first=at[0] if len(at) else None,
        last=at[-1] if len(at) else None,
        posts=len(at),
        hours=tuple(counts.get(hour, 0) for hour in range(24)),
    )
