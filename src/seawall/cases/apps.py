"""Cases, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    """The room 'cases'."""

    name = "seawall.cases"
    label = "cases"
