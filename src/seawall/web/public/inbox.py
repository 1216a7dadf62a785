"""In a demo only: what account holders find in their inbox on the simulated platform, for whoever plays one."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from seawall.audit.services import Actor
from seawall.enforcement.queries import inbox as delivered
from seawall.people.services import is_demo_inbox
from seawall.web.local import from_here


@login_not_required
@require_GET
def inbox(request: HttpRequest, token: str) -> HttpResponse:
    """Every message, newest first. Whoever was signed in at the desk is signed out: account holders are not staff."""
    if not from_here(request) or not is_demo_inbox(token):
        raise Http404
    logout(request)
    return render(request, "public/inbox.html", {"messages_told": delivered(Actor("demo:account-holder"))})
