"""Coming in and one's own page."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from seawall.people import queries, services
from seawall.people.roles import DeskRole
from seawall.web.local import from_here
from seawall.web.menu import first_page
from seawall.web.signin.forms import JoinForm, LanguagesForm, TokenForm
from seawall.web.signin.words import PERMISSIONS, ROLES, role_name, sentence

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where a person's work begins: the first page of their menu, else their own page."""
    return redirect(first_page(request.user) or "me")


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Use an invitation: choose a name and password, then go on to the second factor."""
    invitation = services.invitation_of(token)
    if invitation is None:
        return render(request, "signin/join_ended.html", status=410)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person = services.join(token, given["username"], given["password1"])
        except services.PeopleError as error:
            form.add_error("username", sentence(error))
        else:
            login(request, person, BACKEND)
            reauthenticate_by_password(request)  # the password was chosen a moment ago: do not ask for it again
            return redirect("mfa_index")
    roles = [role_name(role) for role in invitation.roles.split(",")]
    return render(request, "signin/join.html", {"form": form, "roles": roles, "ends_at": invitation.ends_at})


@login_not_required
@require_GET
def demo(request: HttpRequest, role: str, token: str) -> HttpResponse:
    """Sign in as the demo's person of that role, on this machine alone."""
    person = services.demo_person(role, token) if from_here(request) else None
    if person is None:
        raise Http404
    login(request, person, BACKEND)
    return redirect("start")


def change_password(request: HttpRequest) -> HttpResponse:
    """Choose a new password; people of the demo have none."""
    if not request.user.has_usable_password():
        raise Http404
    return account.password_change(request)


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Who one is at the desk: roles, languages, second factors, keys for programs."""
    return _my_page(request)


def _my_page(request: HttpRequest, token_form: TokenForm | None = None, raw: str = "") -> HttpResponse:
    person = request.user
    roles = sorted(person.roles, key=list(DeskRole).index)
    told = {
        "roles": [(role_name(role), _(ROLES[role][1])) for role in roles],
        "allowed": [_(said) for may, said in PERMISSIONS.items() if person.may(may)],
        "languages_form": LanguagesForm(initial={"languages": person.languages.split(",")}),
        "second_factor": queries.has_second_factor(person),
        "tokens": queries.tokens(person),
        "token_form": token_form or TokenForm(),
        "raw_token": raw,
    }
    return render(request, "signin/me.html", told, status=400 if token_form else 200)


@require_POST
def my_languages(request: HttpRequest) -> HttpResponse:
    """Say which languages one reads."""
    form = LanguagesForm(request.POST)
    if form.is_valid():
        services.set_languages(request.user, form.cleaned_data["languages"])
        messages.success(request, _("Your languages are saved."))
    return redirect("me")


@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a key for a program; this answer is the only place that shows it."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _my_page(request, form)
    return _my_page(
        request, raw=services.make_token(request.user, form.cleaned_data["label"], form.cleaned_data["days"])
    )


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own keys."""
    try:
        services.revoke_token(request.user, token_id)
        messages.success(request, _("The key has ended."))
    except services.PeopleError as error:
        messages.error(request, sentence(error))
    return redirect("me")
