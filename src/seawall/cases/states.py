"""How a case may move. Every move not listed here is refused."""

from __future__ import annotations

from seawall.records.terms import CaseState

_S = CaseState
MOVES: dict[CaseState, frozenset[CaseState]] = {
    _S.CANDIDATE: frozenset({_S.OPEN, _S.CLOSED}),
    _S.OPEN: frozenset({_S.CANDIDATE, _S.PROPOSED, _S.CLOSED}),
    _S.PROPOSED: frozenset({_S.SECOND_REVIEW, _S.APPROVED}),
    _S.SECOND_REVIEW: frozenset({_S.APPROVED, _S.REJECTED}),
    _S.APPROVED: frozenset({_S.EXECUTED, _S.REVERSED}),
    _S.REJECTED: frozenset({_S.OPEN, _S.PROPOSED, _S.CLOSED}),
    _S.EXECUTED: frozenset({_S.PROPOSED, _S.REVERSED, _S.CLOSED}),
    _S.REVERSED: frozenset({_S.OPEN, _S.CLOSED}),
    _S.CLOSED: frozenset({_S.CANDIDATE, _S.OPEN, _S.REVERSED}),
}


class CaseError(ValueError):
    """What was asked does not fit the case as it stands; the message says why and what to do."""


def check_move(now: str, to: CaseState) -> None:
    """Raises CaseError if a case in state `now` may not go to `to`."""
    if to not in MOVES[CaseState(now)]:
        raise CaseError(f"a case that is '{_said(now)}' cannot become '{_said(to)}'")


def _said(state: str) -> str:
    return state.replace("_", " ")
