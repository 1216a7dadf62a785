"""Audit, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    """The room 'audit'."""

    name = "seawall.audit"
    label = "audit"
