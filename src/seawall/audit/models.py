"""The audit log's rows. Times are text so that what is hashed is what is stored, on every database."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One act or read. The database lets entries only be added."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)  # ISO 8601, UTC, microseconds
    actor = models.CharField(max_length=80)  # a pseudonym, or 'system:worker'
    roles = models.CharField(max_length=200, blank=True)  # the actor's roles then, sorted, with commas
    verb = models.CharField(max_length=60)
    object = models.CharField(max_length=120, blank=True)  # such as 'case:12'
    reason = models.TextField(blank=True)
    detail = models.TextField(default="{}")  # JSON with sorted keys: states, counts, hashes; never content
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """Pages list an object's history, and the newest entries; services ask what one person did to one object."""

        indexes = (
            *(models.Index(fields=[name, "seq"]) for name in ("object", "verb", "actor")),
            models.Index(fields=["object", "actor", "verb"]),  # else SQLite reads all that the person ever did
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.object}"


class Tip(models.Model):
    """The newest entry's number and hash, signed in the same transaction: a last row that vanishes is missed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.CharField(max_length=32)
    signature = models.CharField(max_length=128)
    key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"tip at {self.seq}"
