"""Addresses of the console."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def _todo(request: HttpRequest, **_: object) -> HttpResponse:
    return HttpResponse("being built", status=501)


urlpatterns = [
    path("", _todo, name="queue"),
    path("cases/<int:case_id>/", _todo, name="case"),
    path("second/", _todo, name="second_reviews"),
    path("statements/", _todo, name="statements"),
    path("appeals/", _todo, name="appeals"),
    path("audit/", _todo, name="audit"),
    path("work/", _todo, name="work"),
]
