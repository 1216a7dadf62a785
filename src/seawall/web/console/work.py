"""The work page: what is to be done on platforms, what failed, and what holds it back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seawall.enforcement import queries
from seawall.people.roles import May
from seawall.web.console import words
from seawall.web.console.pages import page, person


@page
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Jobs that are not done, those that failed first; and the platforms."""
    me = person(request)
    found = queries.work(me)
    shown = {
        "jobs": [(job, words.JOB_KINDS.get(job.kind, job.kind), words.JOB_STATES[job.state]) for job in found.jobs],
        "counts": [(words.JOB_STATES[state], state, found.counts.get(state, 0)) for state in words.JOB_STATES],
        "platforms": [
            (platform, [(words.VERBS[verb].name, reversible) for verb, reversible in platform.can])
            for platform in found.platforms
        ],
        "may_read_case": me.may(May.READ_CASE),
    }
    return render(request, "console/work.html", shown)
