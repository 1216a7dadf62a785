"""Enforcement, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    """The room 'enforcement'."""

    name = "seawall.enforcement"
    label = "enforcement"
