"""Sealing, verifying, opening and destroying evidence; each with its custody step and audit entry."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from seawall.audit.models import Entry
from seawall.audit.services import WORKER, Actor, record
from seawall.evidence.models import Capture, Custody, Item, KeepGround, KeptProfile
from seawall.evidence.vault import Sealed, Vault, VaultError, read_custodian
from seawall.ledger import home
from seawall.people.access import act, require
from seawall.people.models import User
from seawall.people.roles import May

_SEAL = "evidence.seal"
_A_DAY = 86_400.0
_BATCH = 500


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
    record(actor, _SEAL, f"capture:{made.pk}", about, items=len(items), sealed=hashes)
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
    """Every fault of what was sealed, in words that name the item; empty when all is whole.

    Sealed files are held against their hashes, hashes against custody, and each capture against the audit log.
    """
    faults: list[str] = []
    known: set[int] = set()
    for entry in Entry.objects.filter(verb=_SEAL).order_by("seq").iterator():
        try:
            pk, hashes = int(entry.object.removeprefix("capture:")), list(json.loads(entry.detail)["sealed"])
        except (ValueError, KeyError, TypeError):
            faults.append(f"row {entry.seq} of the audit log does not say what was sealed: seawall audit verify")
            continue
        known.add(pk)
        if _faults(pk, hashes):  # twice, the second time alone: it may have been destroyed at expiry meanwhile
            with transaction.atomic():
                Capture.objects.select_for_update().filter(pk=pk).first()
                faults += _faults(pk, hashes)
    unknown = sorted(set(Capture.objects.values_list("pk", flat=True)) - known)
    return faults + [f"capture {pk} was put into the ledger: the audit log knows nothing of it" for pk in unknown]


def _faults(capture_id: int, hashes: list[str]) -> list[str]:
    items = list(Item.objects.filter(capture=capture_id).select_related("capture").prefetch_related("custody"))
    faults = []
    if sorted(item.sealed_hash for item in items) != sorted(hashes):
        faults.append(f"the items of capture {capture_id} are not those the audit log says were sealed")
    for item in items:
        try:
            _check_custody(item)
            Vault(home()).verify_destroyed(_sealed(item)) if _destroyed(item) else Vault(home()).verify(_sealed(item))
        except VaultError as error:
            faults.append(f"item {item.pk} of {item.capture.about}: {error}")
    return faults


def _check_custody(item: Item) -> None:
    steps = list(item.custody.all())
    if any(step.sealed_hash != item.sealed_hash for step in steps):
        raise VaultError("its custody speaks of another sealed file")
    if not any(step.what == "sealed" for step in steps):
        raise VaultError("its custody does not say who sealed it")
    if _destroyed(item) != any(step.what == "destroyed" for step in steps):
        raise VaultError(f"it is {item.state}, and its custody says otherwise")


def _destroyed(item: Item) -> bool:
    return bool(item.state == Item.State.DESTROYED)


@act
def open_item(person: User, item_id: int, identity: Path, reason: str) -> dict[str, object]:
    """What an item holds, for the custodian, with the custodian's key and a reason. Raises VaultError, Refused."""
    item = Item.objects.select_related("capture").get(pk=item_id)
    require(person, May.OPEN_EVIDENCE, f"evidence:{item.pk}")
    if not reason.strip():
        raise VaultError("say why the evidence is opened")
    if _destroyed(item):
        raise VaultError(f"item {item.pk} was destroyed when nothing kept it any more; its hashes are all that is left")
    content = Vault(home()).open(_sealed(item), read_custodian(identity))
    _custody([item], person.actor(), "opened", reason)
    record(person.actor(), "evidence.open", f"evidence:{item.pk}", reason, sealed=item.sealed_hash)
    found: dict[str, object] = json.loads(content)
    return found


def keep(made: Capture, why: str, until: datetime | None = None) -> None:
    """Open a ground to keep a capture, or move the end of one that is open; with the change it belongs to."""
    with transaction.atomic():
        Capture.objects.select_for_update().get(pk=made.pk)  # not while it is being destroyed
        KeepGround.objects.update_or_create(capture=made, why=why, defaults={"until": until, "closed_at": None})


def let_go(made: Capture, why: str) -> None:
    """Close a ground; in the running transaction."""
    KeepGround.objects.filter(capture=made, why=why, closed_at=None).update(closed_at=timezone.now())


def keep_profile(about: str, why: str, content: bytes, until: datetime) -> None:
    """Keep what tells an account's return, for one decision and until a day; in the running transaction."""
    KeptProfile.objects.update_or_create(why=why, defaults={"about": about, "content": content, "until": until})
    record(WORKER, "profile.keep", about, why, until=until.isoformat())


def erase_profile(why: str) -> None:
    """Erase what was kept for a decision, which was reversed; in the running transaction."""
    _erase(KeptProfile.objects.filter(why=why), "it was reversed")


def erase_due_profiles() -> int:
    """Erase profiles whose time is over; how many there were."""
    with transaction.atomic():
        return _erase(KeptProfile.objects.filter(until__lte=timezone.now()), "its time was over")


def kept_profiles() -> list[tuple[bytes, datetime]]:
    """Every profile that is kept, and since when its account is suspended; those whose time is over are not read."""
    rows = KeptProfile.objects.filter(until__gt=timezone.now()).order_by("pk").values_list("content", "at")
    return [(bytes(content), at) for content, at in rows]


def _erase(profiles: QuerySet[KeptProfile], because: str) -> int:
    rows = list(profiles)
    for row in rows:
        record(WORKER, "profile.erase", row.about, f"{row.why}: {because}")
        row.delete()
    return len(rows)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a certificate of destruction says of one item."""

    item: int
    about: str
    at: str
    content_hash: str


def destroy_due() -> list[Destroyed]:
    """Destroy what no open ground keeps any more. Of what is destroyed the hashes stay."""
    gone: list[Destroyed] = []
    for made in Capture.objects.filter(items__state=Item.State.SEALED).distinct():
        if not _open_grounds(made).exists():
            gone += _destroy(made)
    return gone


def _destroy(made: Capture) -> list[Destroyed]:
    vault = Vault(home())
    with transaction.atomic():
        Capture.objects.select_for_update().get(pk=made.pk)  # no ground is opened meanwhile
        if _open_grounds(made).exists():
            return []
        items = list(made.items.filter(state=Item.State.SEALED))
        for item in items:
            item.state = Item.State.DESTROYED
            item.save(update_fields=["state"])
        _custody(items, WORKER, "destroyed", "no ground to keep it is open")
        hashes = sorted(item.content_hash for item in items)
        written = record(WORKER, "evidence.destroy", f"capture:{made.pk}", "no ground is open", contents=hashes)
        # before the commit: a kill here leaves keys gone and the step to be repeated, never the reverse
        for item in items:
            vault.destroy(_sealed(item))
    return [Destroyed(item.pk, made.about, written.at, item.content_hash) for item in items]


def sweep() -> int:
    """Remove sealed files that nothing names, older than a day: a kill while sealing leaves such. Returns how many."""
    vault, count = Vault(home()), 0
    files = vault.older_than(time.time() - _A_DAY)
    while some := list(islice(files, _BATCH)):
        stems = [path.stem for path in some]
        named = set(Item.objects.filter(sealed_hash__in=stems).values_list("sealed_hash", flat=True))
        named |= set(Item.objects.filter(name__in=stems).values_list("name", flat=True))
        for path in some:
            if path.stem not in named:
                path.unlink(missing_ok=True)
                count += 1
    if count:
        with transaction.atomic():
            record(WORKER, "evidence.sweep", "", "sealed files that nothing names", files=count)
    return count


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
