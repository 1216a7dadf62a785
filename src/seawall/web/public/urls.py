"""Addresses for everyone, without an account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path


@login_not_required
def _todo(request: HttpRequest, **_: object) -> HttpResponse:
    return HttpResponse("being built", status=501)


urlpatterns = [path("appeal/", _todo, name="appeal_code")]
