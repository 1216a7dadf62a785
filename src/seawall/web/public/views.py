"""The page where an account holder reads the statement of reasons and appeals: no account, nothing in the address."""

from __future__ import annotations

import time

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from seawall.audit.services import record
from seawall.cases import queries, services
from seawall.cases.codes import code_of
from seawall.cases.models import Decision
from seawall.cases.statements import parts
from seawall.cases.states import CaseError
from seawall.people.models import User
from seawall.web.public import throttle
from seawall.web.public.forms import AppealForm, CodeForm
from seawall.web.public.standing import told

HELD = "appeal"  # in the session: the decision whose code was typed, and until when it is remembered
REMEMBERED = 3600  # seconds


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest) -> HttpResponse:
    """Ask for the code; with it, show the statement, and the appeal or the form for one. Not to staff."""
    if request.method == "POST":
        _refuse_staff(request)
        return _enter(request)
    if request.user.is_authenticated:
        return render(request, "public/signed_in.html")
    decision = _held(request)
    return _statement(request, decision, AppealForm()) if decision else _ask(request, CodeForm())


@login_not_required
@sensitive_post_parameters("text")
@require_POST
def file_appeal(request: HttpRequest) -> HttpResponse:
    """Appeal against the decision whose code was typed."""
    decision = _held(request)
    _refuse_staff(request, str(decision.case) if decision else "")
    if decision is None:
        return redirect("public_appeal")
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _statement(request, decision, form, 400)
    try:
        services.appeal(decision, form.cleaned_data["text"], get_language() or "en")
    except (CaseError, IntegrityError):  # the page said it could be appealed; in between it changed
        messages.error(request, _("This could not be taken as an appeal any more. Below is how it stands now."))
    else:
        messages.success(request, _("Your appeal has arrived."))
    return redirect("public_appeal")


@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Forget the code on this device."""
    request.session.pop(HELD, None)
    return redirect("public_appeal")


def _refuse_staff(request: HttpRequest, about: str = "") -> None:
    if isinstance(request.user, User):
        services.appeal_as_staff(request.user, about)


def _enter(request: HttpRequest) -> HttpResponse:
    if throttle.paused(request):
        return render(request, "429.html", status=429)
    form = CodeForm(request.POST)
    decision = queries.by_code(form.cleaned_data["code"]) if form.is_valid() else None
    if decision is None or told(decision) is None:
        throttle.note_wrong(request)
        return _ask(request, CodeForm(), wrong=True)
    with transaction.atomic():
        record(services.HOLDER, "statement.read", str(decision.case), "", decision=decision.pk)
    request.session.cycle_key()
    # the code itself is kept nowhere: it can be worked out again, from a key that is not in the database
    request.session[HELD] = [decision.pk, time.time() + REMEMBERED]
    return redirect("public_appeal")


def _held(request: HttpRequest) -> Decision | None:
    found, until = request.session.get(HELD) or (None, 0.0)
    if found is None or time.time() > until:
        return None
    return queries.by_code(code_of(found))


def _ask(request: HttpRequest, form: CodeForm, *, wrong: bool = False) -> HttpResponse:
    return render(request, "public/code.html", {"form": form, "wrong": wrong}, status=400 if wrong else 200)


def _statement(request: HttpRequest, decision: Decision, form: AppealForm, status: int = 200) -> HttpResponse:
    known = told(decision)
    if known is None:
        return _ask(request, CodeForm())
    shown = {"decision": decision, "parts": parts(decision)[:-1], "told": known, "form": form}
    return render(request, "public/statement.html", shown, status=status)
