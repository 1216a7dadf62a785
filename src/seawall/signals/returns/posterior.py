"""From pieces of evidence to a hypothesis: who, if anybody, an account is the return of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.signals.returns.evidence import PIECES, pieces
from seawall.signals.returns.known import Known
from seawall.signals.returns.profiles import Profiles

Array = npt.NDArray[Any]
RETURNING = 0.1  # share of new accounts that are taken to be somebody's return, before anything is known
ANNOUNCED = 1.0  # nats: the account itself says that it is back
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A suspended account that a new one may be the return of, and what each piece of evidence weighs (nats)."""

    platform: str
    account_id: str
    shown: str
    probability: float
    because: dict[str, float]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Whose return an account may be. A hypothesis for a person to judge: it decides nothing and lists nobody."""

    platform: str
    account_id: str
    shown: str
    no_parent: float
    announces: bool
    candidates: tuple[Candidate, ...]

    @property
    def probability(self) -> float:
        """Of the likeliest parent; 0 where nobody is suspended."""
        return self.candidates[0].probability if self.candidates else 0.0

    def as_dict(self) -> dict[str, object]:
        """One line of `seawall returns --json`."""
        return {
            "platform": self.platform,
            "account_id": self.account_id,
            "handle": self.shown,
            "no_parent": round(self.no_parent, 4),
            "announces_a_return": self.announces,
            "candidates": [
                {
                    "platform": c.platform,
                    "account_id": c.account_id,
                    "handle": c.shown,
                    "other_platform": c.platform != self.platform,
                    "probability": round(c.probability, 4),
                    "because": {name: round(weight, 2) for name, weight in c.because.items()},
                }
                for c in self.candidates
            ],
        }


def posterior(known: Known, new: Profiles, row: int, *, itself: bool = False) -> tuple[Array, Array, Array, float]:
    """Candidates' rows, their pieces and probabilities, and the probability of no parent. An account is no return of
    `itself`, unless its timeline was split to measure."""
    rows = known.candidates(new, row)
    if not itself:
        rows = rows[[not _same(known.profiles, int(r), new, row) for r in rows]] if len(rows) else rows
    if not len(rows):
        return rows, np.zeros((0, len(PIECES))), np.zeros(0), 1.0
    found = pieces(known, new, row, rows)
    odds = np.log(RETURNING / len(known)) + found.sum(1)
    none = np.log1p(-RETURNING) - (ANNOUNCED if new.announces[row] else 0.0)
    top = max(float(odds.max()), none)
    total = np.exp(odds - top).sum() + np.exp(none - top)
    return rows, found, np.exp(odds - top) / total, float(np.exp(none - top) / total)


def _same(known: Profiles, at: int, new: Profiles, row: int) -> bool:
    return known.account_id[at] == new.account_id[row] and known.platform[at] == new.platform[row]


def hypothesis(known: Known, new: Profiles, row: int) -> Hypothesis:
    """What may be said of one new account."""
    rows, found, probability, none = posterior(known, new, row)
    order = np.argsort(-probability, kind="stable")[:_SHOWN]
    p = known.profiles
    return Hypothesis(
        new.platform[row],
        new.account_id[row],
        new.shown[row],
        none,
        bool(new.announces[row]),
        tuple(
            Candidate(
                p.platform[rows[i]],
                p.account_id[rows[i]],
                p.shown[rows[i]],
                float(probability[i]),
                {name: float(w) for name, w in zip(PIECES, found[i], strict=True) if abs(w) >= 0.05},
            )
            for i in order
        ),
    )
