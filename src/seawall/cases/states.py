"""How a case, and an appeal, may move. Every move not listed here is refused."""

from __future__ import annotations

from django.utils.translation import gettext as _

from seawall.records.terms import AppealState, CaseState

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

_A = AppealState
APPEAL_MOVES: dict[AppealState, frozenset[AppealState]] = {
    _A.RECEIVED: frozenset({_A.ASSIGNED, _A.VOIDED}),
    _A.ASSIGNED: frozenset({_A.ASSIGNED, _A.DECIDED, _A.VOIDED}),  # taken twice is taken once
    _A.DECIDED: frozenset({_A.VOIDED}),  # a refused one: its answer was given to somebody else
    _A.VOIDED: frozenset(),
}


class CaseError(ValueError):
    """What was asked does not fit the case as it stands; the message says why and what to do.

    It is in the language of whoever asks, as are those of other rooms that pages show.
    """


def check_move(now: str, to: CaseState) -> None:
    """Raises CaseError if a case in state `now` may not go to `to`."""
    if to not in MOVES[CaseState(now)]:
        raise CaseError(_("a case that is '%(now)s' cannot become '%(to)s'") % {"now": _said(now), "to": _said(to)})


def check_appeal_move(now: str, to: AppealState) -> None:
    """Raises CaseError if an appeal in state `now` may not go to `to`."""
    if to not in APPEAL_MOVES[AppealState(now)]:
        raise CaseError(
            _("this appeal was %(now)s already, so it cannot be %(to)s") % {"now": _said(now), "to": _said(to)}
        )


def _said(state: str) -> str:
    return _(state.replace("_", " "))
