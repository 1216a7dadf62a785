"""What every request passes on its way in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from seawall.people.access import Refused

Next = Callable[[HttpRequest], HttpResponse]


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page needs a sign-in unless its view is marked `login_not_required`. The API asks for its own keys."""

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], named: dict[str, Any]
    ) -> HttpResponse | None:
        """Send whoever is not signed in to the sign-in page."""
        if request.path.startswith("/api/"):
            return None
        return super().process_view(request, view, args, named)


class SecondFactorMiddleware:
    """Placeholder until sign-in is built."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)


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
