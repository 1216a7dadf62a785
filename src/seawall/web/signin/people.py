"""Pages of admins: who works at the desk, in which roles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from seawall.people import queries, services
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.web.signin.forms import ReasonForm, RolesForm
from seawall.web.signin.words import language_names, role_name, sentence


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody at the desk, and invitations not used yet."""
    rows = [_told(row) for row in queries.people(request.user)]
    invitations = [
        {"id": made.pk, "by": made.made_by, "ends_at": made.ends_at, "roles": _roles(made.roles.split(","))}
        for made in queries.open_invitations(request.user)
    ]
    return render(request, "signin/people.html", {"rows": rows, "invitations": invitations})


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation. Its link is in this answer and nowhere else."""
    queries.open_invitations(request.user)  # refuses whoever may not invite, before showing the form
    form = RolesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link = services.invite(request.user, form.chosen())
        except services.PeopleError as error:
            form.add_error("roles", sentence(error))
        else:
            told = {"link": link, "roles": _roles(form.cleaned_data["roles"])}
            return render(request, "signin/invited.html", told)
    return render(request, "signin/invite.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
def withdraw_invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Make an invitation useless."""
    return _done(
        request, lambda: services.withdraw_invitation(request.user, invitation_id), _("The invitation is withdrawn.")
    )


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: POST sets their roles."""
    try:
        row = queries.one(request.user, person_id)
    except User.DoesNotExist as error:
        raise Http404 from error
    form = RolesForm(request.POST or None, initial={"roles": [role.value for role in row.roles]})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_roles(request.user, person_id, form.chosen())
        except services.PeopleError as error:
            form.add_error("roles", sentence(error))
        else:
            messages.success(request, _("The roles of %(who)s are changed.") % {"who": row.person.pseudonym})
            return redirect("people")
    told = {"row": _told(row), "form": form, "reason_form": ReasonForm(), "myself": row.person.pk == request.user.pk}
    return render(request, "signin/person.html", told, status=400 if form.errors else 200)


@require_POST
def close_account(request: HttpRequest, person_id: int) -> HttpResponse:
    """Close an account; its sessions end at once."""
    reason = request.POST.get("reason", "")
    return _done(
        request,
        lambda: services.close_account(request.user, person_id, reason),
        _("The account is closed, and its sessions and keys have ended."),
    )


@require_POST
def reopen_account(request: HttpRequest, person_id: int) -> HttpResponse:
    """Open a closed account again."""
    reason = request.POST.get("reason", "")
    return _done(
        request, lambda: services.reopen_account(request.user, person_id, reason), _("The account is open again.")
    )


def _done(request: HttpRequest, change: Callable[[], object], said: str) -> HttpResponse:
    try:
        change()
        messages.success(request, said)
    except User.DoesNotExist as error:
        raise Http404 from error
    except services.PeopleError as error:
        messages.error(request, sentence(error))
    return redirect("people")


def _told(row: queries.PersonRow) -> dict[str, object]:
    return {
        "person": row.person,
        "roles": _roles(row.roles),
        "languages": language_names(row.person.languages),
        "second_factor": row.second_factor,
    }


def _roles(roles: Iterable[DeskRole | str]) -> list[str]:
    return [role_name(role) for role in roles]
