"""What every request passes on its way in and out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.queries import has_second_factor
from seawall.people.services import demo_on
from seawall.web.signin.receivers import SIGNED_IN_AT

Next = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]
API = "/api/"

# pages somebody may still open who has signed in but has no second factor yet
WITHOUT_SECOND_FACTOR = frozenset(
    {
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout",
        "account_login", "set_language", "join", "public_appeal", "public_appeal_file", "public_appeal_leave",
    }
)  # fmt: skip


class LanguageMiddleware(LocaleMiddleware):
    """Pages speak the reader's language. The API speaks English: programs read what it says."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language."""
        if request.path.startswith(API):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)


class QuietMiddleware:
    """Nothing of the desk stays in a cache or is told to another site; a refusal is a page that says why."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers. Static files never get here."""
        response = self.get_response(request)
        add_never_cache_headers(response)
        response["Permissions-Policy"] = (
            "camera=(), microphone=(), geolocation=(), "
            "publickey-credentials-create=(self), publickey-credentials-get=(self)"
        )
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal, already in the audit log, as a page with status 403."""
        if isinstance(error, Refused):
            return render(request, "403.html", {"why": str(error)}, status=403)
        return None


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page needs a sign-in unless its view is marked `login_not_required`. The API asks for its own keys."""

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], named: dict[str, Any]
    ) -> HttpResponse | None:
        """Send whoever is not signed in, or signed in too long ago, to the sign-in page."""
        if request.path.startswith(API):
            return None
        if request.user.is_authenticated and _too_long_ago(request):
            logout(request)
        return super().process_view(request, view, args, named)


class SecondFactorMiddleware:
    """Whoever has signed in with a password alone can do one thing: set up a second factor."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; which page is asked for is known only afterwards."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: View, *_given: object) -> HttpResponse | None:
        """Send whoever lacks a second factor to where they set one up."""
        person = request.user
        if not settings.SEAWALL.people.second_factor or demo_on() or not isinstance(person, User):
            return None
        if has_second_factor(person):
            return None
        request.needs_second_factor = True
        match = request.resolver_match
        if match and match.url_name in WITHOUT_SECOND_FACTOR:
            return None
        return redirect("mfa_index")


def _too_long_ago(request: HttpRequest) -> bool:
    began = request.session.setdefault(SIGNED_IN_AT, time.time())
    return bool(time.time() - began > settings.SEAWALL.people.hours * 3600)
