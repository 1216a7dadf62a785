"""Evidence, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    """The room 'evidence'."""

    name = "seawall.evidence"
    label = "evidence"
