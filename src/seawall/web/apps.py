"""Web, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    """The room 'web'."""

    name = "seawall.web"
    label = "web"
