"""Sealing, verifying, opening and destroying evidence; each with its custody step and audit entry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from seawall.audit.services import WORKER, Actor, record
from seawall.evidence.models import Capture, Custody, Item, KeepGround
from seawall.evidence.vault import Sealed, Vault, VaultError, read_custodian
from seawall.ledger import home
from seawall.people.access import act, require
from seawall.people.models import User
from seawall.people.roles import May


@dataclass(frozen=True, slots=True)
class Captured:
    """One thing to seal: a post or a profile, as facts of the lake."""

    kind: str
    platform: str
    account_id: str
    post_id: str
    facts: dict[str, object]


def capture(actor: Actor, about: str, things: Iterable[Captured]) -> Capture:
    """Seal things and write down that they were, in the running transaction. Raises VaultError; then nothing is kept.

    The files are on disk before the rows are written; a kill between leaves sealed files that nothing names.
    """
    vault = Vault(home())
    sealed = [(thing, vault.seal(_content(thing))) for thing in things]
    if not sealed:
        raise VaultError(f"there is nothing to seal for {about}")
    made = Capture.objects.create(about=about, by=actor.name)
    items = Item.objects.bulk_create(
        Item(
            capture=made,
            name=seal.name,
            kind=thing.kind,
            platform=thing.platform,
            account_id=thing.account_id,
            post_id=thing.post_id,
            content_hash=seal.content_hash,
            sealed_hash=seal.sealed_hash,
            size=seal.size,
        )
        for thing, seal in sealed
    )
    _custody(items, actor, "sealed", about)
    hashes = sorted(seal.sealed_hash for _, seal in sealed)
    record(actor, "evidence.seal", f"capture:{made.pk}", about, items=len(items), sealed=hashes)
    return made


def verify(made: Capture) -> int:
    """How many items of a capture are whole. Raises VaultError naming the first that is not."""
    vault = Vault(home())
    items = list(made.items.all())
    for item in items:
        if item.state == Item.State.DESTROYED:
            raise VaultError(f"sealed evidence {item.name} was destroyed at expiry")
        vault.verify(_sealed(item))
    return len(items)


def verify_all() -> list[str]:
    """Every fault in the vault, in words; empty when all is whole."""
    vault, faults = Vault(home()), []
    for item in Item.objects.filter(state=Item.State.SEALED).iterator():
        try:
            vault.verify(_sealed(item))
        except VaultError as error:
            faults.append(str(error))
    return faults


@act
def open_item(person: User, item_id: int, identity: Path, reason: str) -> dict[str, object]:
    """What an item holds, for the custodian, with the custodian's key and a reason. Raises VaultError, Refused."""
    item = Item.objects.select_related("capture").get(pk=item_id)
    require(person, May.OPEN_EVIDENCE, f"evidence:{item.pk}")
    if not reason.strip():
        raise VaultError("say why the evidence is opened")
    content = Vault(home()).open(_sealed(item), read_custodian(identity))
    _custody([item], person.actor(), "opened", reason)
    record(person.actor(), "evidence.open", f"evidence:{item.pk}", reason, sealed=item.sealed_hash)
    found: dict[str, object] = json.loads(content)
    return found


def keep(made: Capture, why: str, until: datetime | None = None) -> None:
    """Open a ground to keep a capture, or move the end of one that is open; in the running transaction."""
    KeepGround.objects.update_or_create(capture=made, why=why, defaults={"until": until, "closed_at": None})


def let_go(made: Capture, why: str) -> None:
    """Close a ground; in the running transaction."""
    KeepGround.objects.filter(capture=made, why=why, closed_at=None).update(closed_at=timezone.now())


def destroy_due() -> int:
    """Destroy what no open ground keeps any more; returns how many items. What is destroyed leaves its hashes."""
    count = 0
    for made in Capture.objects.filter(items__state=Item.State.SEALED).distinct():
        if not _open_grounds(made).exists():
            count += _destroy(made)
    return count


def _destroy(made: Capture) -> int:
    vault = Vault(home())
    with transaction.atomic():
        items = list(made.items.select_for_update().filter(state=Item.State.SEALED))
        if _open_grounds(made).exists():
            return 0
        for item in items:
            item.state = Item.State.DESTROYED
            item.save(update_fields=["state"])
        _custody(items, WORKER, "destroyed", "no ground to keep it is open")
        hashes = sorted(item.content_hash for item in items)
        record(WORKER, "evidence.destroy", f"capture:{made.pk}", "no ground is open", contents=hashes)
        for (
            item
        ) in items:  # before the commit: a kill here leaves keys gone and the step to be repeated, never the reverse
            vault.destroy(_sealed(item))
    return len(items)


def _open_grounds(made: Capture) -> QuerySet[KeepGround]:
    now = timezone.now()
    return made.grounds.filter(Q(until=None) | Q(until__gt=now), closed_at=None)


def _custody(items: Iterable[Item], actor: Actor, what: str, why: str) -> None:
    Custody.objects.bulk_create(
        Custody(item=item, who=actor.name, what=what, why=why, sealed_hash=item.sealed_hash) for item in items
    )


def _sealed(item: Item) -> Sealed:
    return Sealed(item.name, item.content_hash, item.sealed_hash, item.size)


def _content(thing: Captured) -> bytes:
    whole = {"kind": thing.kind, "platform": thing.platform, "account_id": thing.account_id, "post_id": thing.post_id}
    return json.dumps({**whole, "facts": thing.facts}, ensure_ascii=False, sort_keys=True, default=str).encode(
        "utf-8", "surrogatepass"
    )
