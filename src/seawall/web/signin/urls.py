"""Addresses of sign-in, one's own page, and people."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language


def _todo(request: HttpRequest, **_: object) -> HttpResponse:
    return HttpResponse("being built", status=501)


urlpatterns = [
    path("language/", login_not_required(set_language), name="set_language"),
    path("me/", _todo, name="me"),
    path("people/", _todo, name="people"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
]
