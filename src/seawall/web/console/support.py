"""Support: how many people the network courts, where support can be offered to them, and the message that offers it."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from seawall.cases import support as queries
from seawall.records.support import FEWEST
from seawall.signals.voices.offer import languages, offer
from seawall.web.console.pages import page, person
from seawall.web.signin.words import LANGUAGES


@page
@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """Counts of the last scan by platform and language, and the message in the languages that have one."""
    rows = queries.listed(person(request))
    platforms = [
        (name, [(row, row["language"] and _named(row["language"])) for row in its])
        for name, its in groupby(rows, key=lambda row: row["platform"])
    ]
    shown = {
        "platforms": platforms,
        "most_untold": FEWEST - 1,
        "offers": [(language, _named(language), offer(language)) for language in languages()],
    }
    return render(request, "console/support.html", shown)


def _named(code: str) -> str:
    """A language as readers of this page call it; one that has no name here by its code."""
    return _(LANGUAGES.get(code, code))
