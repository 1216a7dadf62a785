"""What may count against someone: clauses of the terms, entries of designation lists, and parts of hash banks."""

from __future__ import annotations

from django.db import models

from seawall.people.models import User
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


class BankPart(models.Model):
    """Entries that came to a bank together: from one source, on one basis, brought by one person. They count once a
    different person agreed, until they end or expire. The entries are in a file of the home, under this part's number.
    """

    class State(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed"
        LIVE = "live"
        ENDED = "ended"

    bank = models.CharField(max_length=40)
    conduct = models.CharField(max_length=30, choices=[(c.value, c.value) for c in Conduct])
    source = models.CharField(max_length=200)  # who established it; 'decision:N' for our own
    basis = models.CharField(max_length=300)
    entries = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # of the file of its entries
    expires = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="banked")
    proposed_at = models.DateTimeField(auto_now_add=True)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="bank_agreed")
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """What holds is read by state; whoever agrees is somebody else."""

        indexes = (models.Index(fields=["state", "bank"]),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("proposed_by")),
                name="two_people_behind_a_bank_part",
            ),
        )

    def __str__(self) -> str:
        return f"bank:{self.bank}/{self.pk}"
