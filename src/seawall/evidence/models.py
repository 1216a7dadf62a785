"""What was sealed, what happened to it since, and why it must stay."""

from __future__ import annotations

from django.db import models


class Capture(models.Model):
    """Everything sealed for one purpose at one moment, such as the posts a proposal rests on."""

    about = models.CharField(max_length=120, db_index=True)  # such as 'case:12'
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"capture {self.pk} of {self.about}"


class Item(models.Model):
    """One sealed thing: a post, a profile. The ledger keeps hashes and where it came from; never content."""

    class State(models.TextChoices):
        """Sealed, or destroyed at expiry."""

        SEALED = "sealed"
        DESTROYED = "destroyed"

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="items")
    name = models.CharField(max_length=32, unique=True)  # random; the key's file name
    kind = models.CharField(max_length=10)  # post or profile
    platform = models.CharField(max_length=41)
    account_id = models.TextField()
    post_id = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)  # SHA-256 of the plain content
    sealed_hash = models.CharField(max_length=64)  # SHA-256 of the sealed file; also its name in the vault
    size = models.PositiveIntegerField()  # bytes of the plain content
    state = models.CharField(max_length=10, choices=State.choices, default=State.SEALED)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Custody(models.Model):
    """One step in the life of an item. The database lets steps only be added."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="custody")
    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=80)
    what = models.CharField(max_length=12)  # sealed, opened, verified, destroyed
    why = models.TextField(blank=True)
    sealed_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.what} by {self.who}"


class KeptProfile(models.Model):
    """What is kept of a suspended account after its facts expired, so that its return is known: hashes and spellings,
    no text. Each has its own ground and end, and goes at once when the decision is reversed."""

    why = models.CharField(max_length=120, unique=True)  # the decision
    about = models.CharField(max_length=120)  # such as 'case:12'
    at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(db_index=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"profile of {self.about}"


class KeepGround(models.Model):
    """Why a capture must stay. Nothing is destroyed while a ground is open; one with `until` ends by itself."""

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="grounds")
    why = models.CharField(max_length=120)
    opened_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """One ground of a kind for a capture."""

        constraints = (models.UniqueConstraint(fields=["capture", "why"], name="one_ground_of_a_kind"),)

    def __str__(self) -> str:
        return self.why
