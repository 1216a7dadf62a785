"""The watchers page: which servers are followed live, whether they keep up, and what was let go."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from seawall.cases.watchers import watchers as query
from seawall.stream.status import VANISHED, WatchState
from seawall.web.console import drawing
from seawall.web.console.pages import is_part, page, person

STATES = {
    WatchState.READING: gettext_lazy("reading"),
    WatchState.WAITING: gettext_lazy("waiting"),
    WatchState.STOPPED: gettext_lazy("not running"),
}
WHY = {VANISHED: gettext_lazy("it ended without saying so")}  # what servers say stays as they said it
BADGES = {WatchState.READING: "good", WatchState.WAITING: "", WatchState.STOPPED: "warn"}


@page
@require_safe
def watchers(request: HttpRequest) -> HttpResponse:
    """Every watcher; asked for by the page itself, only the part that changes."""
    found = query(person(request))
    shown = {
        "watchers": [
            (
                status,
                STATES[status.state],
                "bad" if status.failing else BADGES[status.state],
                duration(status.lag),
                drawing.hour(status.minutes),
                WHY.get(status.why, status.why),
            )
            for status in found.statuses
        ],
        "trouble": found.trouble,
    }
    return render(request, "console/_watchers.html" if is_part(request) else "console/watchers.html", shown)


def duration(seconds: float | None) -> str:
    """A time in the unit that says most; '' if it is not known."""
    if seconds is None:
        return ""
    if seconds < 120:
        return _("%(n)s s") % {"n": number_format(round(seconds, 1), 1)}
    if seconds < 7_200:
        return _("%(n)s min") % {"n": f"{seconds / 60:.0f}"}
    if seconds < 172_800:
        return _("%(n)s h") % {"n": f"{seconds / 3_600:.0f}"}
    return _("%(n)s days") % {"n": f"{seconds / 86_400:.0f}"}
