"""Reading what was sealed, without opening it."""

from __future__ import annotations

from django.db import transaction

from seawall.audit.services import Actor, record
from seawall.evidence.models import Item


def items(actor: Actor, about: str = "") -> list[Item]:
    """Everything sealed so far, oldest first, or what was sealed for one case; that it was listed is written down."""
    with transaction.atomic():
        found = Item.objects.select_related("capture").order_by("pk")
        rows = list(found.filter(capture__about=about) if about else found)
        record(actor, "evidence.list", about, "", items=len(rows))
    return rows
