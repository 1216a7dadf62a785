"""What may count against someone: clauses of the terms, and entries of designation lists."""

from __future__ import annotations

from django.db import models

from seawall.records.terms import Conduct


class Clause(models.Model):
    """A clause of the platform's terms that a decision may cite. A changed clause is a new version."""

    code = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    text = models.TextField()
    conduct = models.CharField(max_length=30, choices=[(c.value, c.value) for c in Conduct])
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """A code has one text a version."""

        constraints = (models.UniqueConstraint(fields=["code", "version"], name="one_text_a_version"),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Designation(models.Model):
    """An entry of a designation list: it names an organisation and stands beside conduct, never instead of it."""

    list = models.CharField(max_length=60)  # such as 'UN Security Council Consolidated List'
    entry_id = models.CharField(max_length=60)
    list_version = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    listed_on = models.DateField()
    delisted_on = models.DateField(null=True)
    source_hash = models.CharField(max_length=64)  # SHA-256 of the file it came from

    class Meta:
        """An entry is once in a list."""

        constraints = (models.UniqueConstraint(fields=["list", "entry_id"], name="one_entry_a_list"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.list}, {self.entry_id})"
