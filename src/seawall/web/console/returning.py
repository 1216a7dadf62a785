"""The pair view of a return: two accounts side by side, and what each piece of evidence weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from seawall.cases import returning as queries
from seawall.cases.returning import MOST_SUSPENDED, Pair, Side, TooManySuspendedError
from seawall.web.console.pages import page, person

PIECES: dict[str, Any] = {
    "handle": _("spelling of the handle"),
    "name": _("spelling of the name"),
    "bio": _("rare words of the bio"),
    "picture": _("picture of the profile"),
    "audience": _("rare accounts around both"),
    "words": _("words"),
    "letters": _("runs of letters"),
    "hashtags": _("hashtags"),
    "named": _("whom they name"),
    "links": _("links"),
    "signs": _("signs and emoji"),
    "hours": _("hours of posting"),
    "habits": _("habits of posting"),
    "writing at all": _("what any two accounts share in writing"),
    "gap": _("time between them"),
}
BAR_WIDTH, BAR_HEIGHT = 240, 16
HOURS_WIDTH, HOURS_HEIGHT = 360, 84
_STRONG, _SLIGHT = 3.0, 1.0  # nats: about twenty times, and about three times


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence, as a bar from the middle: to the right it speaks for a return, to the left against it."""

    label: Any
    weight: float
    speaks: Any
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Hours:
    """When an account posts: 24 bars."""

    width: int
    height: int
    bars: tuple[tuple[float, float, float, float], ...]  # x, y, width, height
    busiest: int


@page
@require_safe
def returning(request: HttpRequest, case_id: int) -> HttpResponse:
    """Whose return the account of a case may be. Opening it is written to the log."""
    try:
        found = queries.pair(person(request), case_id)
    except TooManySuspendedError as error:
        return render(request, "console/returning.html", {"case": error.case, "too_many": MOST_SUSPENDED})
    shown = {
        "case": found.case,
        "pair": found,
        "percent": _percent(found.probability),
        "none_percent": _percent(found.no_parent),
        "others": [_percent(other) for other in found.others if other >= 0.01],
        "pieces": pieces(found.because),
        "sides": _sides(found),
        "elsewhere": found.parent is not None and found.parent.platform != found.newcomer.platform,
        "same_picture": _same_picture(found),
        "gap": _gap(found),
        "by_hour": list(zip(range(24), found.newcomer.hours, found.parent.hours, strict=True)) if found.parent else [],
        "bar": (BAR_WIDTH, BAR_HEIGHT),
    }
    return render(request, "console/returning.html", shown)


def _percent(share: float) -> str:
    return "> 99" if share > 0.99 else "< 1" if share < 0.01 else f"{100 * share:.0f}"


def pieces(because: dict[str, float]) -> list[Piece]:
    """What weighs most first."""
    most = max((abs(weight) for weight in because.values()), default=1.0)
    middle = BAR_WIDTH / 2
    ordered = sorted(because.items(), key=lambda piece: -abs(piece[1]))
    return [
        Piece(
            PIECES.get(name, name),
            weight,
            _speaks(weight),
            round(middle - max(-weight, 0.0) / most * middle, 1),
            round(abs(weight) / most * middle, 1),
        )
        for name, weight in ordered
    ]


def _speaks(weight: float) -> Any:
    if weight >= _STRONG:
        return _("speaks strongly for it")
    if weight >= _SLIGHT:
        return _("speaks for it")
    if weight > -_SLIGHT:
        return _("says little")
    return _("speaks against it") if weight > -_STRONG else _("speaks strongly against it")


def _sides(found: Pair) -> list[tuple[Any, Side, Hours]]:
    if not found.parent:
        return []
    sides = ((_("This account"), found.newcomer), (_("The suspended account"), found.parent))
    return [(label, side, hours(side.hours)) for label, side in sides]


def hours(counts: tuple[int, ...]) -> Hours:
    """24 bars, the highest as high as the picture."""
    most, wide = max(*counts, 1), HOURS_WIDTH / 24
    room = HOURS_HEIGHT - 18
    bars = tuple(
        (round(hour * wide + 1, 1), round(room - n / most * room, 1), round(wide - 2, 1), round(n / most * room, 1))
        for hour, n in enumerate(counts)
    )
    return Hours(HOURS_WIDTH, HOURS_HEIGHT, bars, counts.index(max(counts)))


def _same_picture(found: Pair) -> bool | None:
    """None where one of them has none."""
    both = [side.profile and side.profile.get("picture") for side in (found.newcomer, found.parent) if side]
    return both[0] == both[1] if len(both) == 2 and all(both) else None


def _gap(found: Pair) -> int | None:
    """Days from the suspended account's last post to this one's first; less than 0 where they overlap."""
    if not found.parent or not found.parent.last or not found.newcomer.first:
        return None
    return (found.newcomer.first - found.parent.last).days
