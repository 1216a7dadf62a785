"""The outbox: what is to be done outside the ledger, written in the same transaction as the reason to do it."""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """How far a job is."""

    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


class Job(models.Model):
    """One thing to do, at least once, under a key that makes doing it twice the same as once."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.READY)
    due = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """The worker looks for what is due."""

        indexes = (models.Index(fields=["state", "due"]),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.state})"
