"""What was done on platforms, and what holds back doing more."""

from __future__ import annotations

from django.db import models

from seawall.cases.models import Decision
from seawall.records.terms import ActionState, Verb


class Action(models.Model):
    """One order to a platform, made from a decision, with the platform's receipt. Its key is used once, ever."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="actions")
    key = models.CharField(max_length=80, unique=True)
    verb = models.CharField(max_length=10, choices=[(v.value, v.value) for v in Verb])
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ActionState], default=ActionState.QUEUED
    )
    counted_at = models.DateTimeField(null=True)  # since when it counts against the platform's quota
    receipt = models.JSONField(null=True)
    undo_receipt = models.JSONField(null=True)
    error = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"action:{self.pk}"


class Gate(models.Model):
    """What holds back a platform's adapter: a quota an hour, and a breaker that opens after failures in a row."""

    platform = models.CharField(max_length=41, primary_key=True)
    hour = models.DateTimeField(null=True)  # the hour that is counted
    used = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)  # in a row
    closed_until = models.DateTimeField(null=True)  # nothing is sent before then
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"gate of {self.platform}"
