"""Banks of hashes: brought by one person, counting once another agreed, ended by either; each act logged.

Lists of others are brought and agreed to by legal officers; what people decided here is banked by those who decide, and
shared with others only because two of them stand behind it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from seawall.audit.services import WORKER, Actor, record
from seawall.grounds.bank_files import Provenance, read_bank_file
from seawall.grounds.models import BankPart
from seawall.grounds.services import GroundsError
from seawall.lake.files import locked, write_whole
from seawall.ledger import home
from seawall.people.access import Refused, act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.banks import BankError, checked
from seawall.records.terms import Conduct, HashKind
from seawall.signals.media.banks import FOLDER, LIVE, Bank, Part, entries_path

OWN = "own"  # the bank of what was decided here
_NAME = re.compile(r"[a-z][a-z0-9-]{0,38}")
_DECISION = "decision:"
_SHARED = {HashKind.PDQ: "HASH_PDQ", HashKind.MD5: "HASH_MD5", HashKind.SHA256: "HASH_SHA256"}


@act
def bring(
    person: User, bank: str, conduct: Conduct, source: str, basis: str, expires: date, name: str, content: bytes
) -> tuple[BankPart, dict[str, int]]:
    """Propose a file that others gave as a part of a bank; with what of it was left out and why.

    Once agreed to, it stands in place of what this source gave before. Raises Refused, GroundsError.
    """
    require(person, May.MANAGE_GROUNDS, f"bank:{bank}")
    if bank == OWN or source.startswith(_DECISION):
        raise GroundsError(f"the bank '{OWN}' holds what was decided here only: seawall banks add")
    given = Provenance(source.strip(), basis.strip(), person.pseudonym, datetime.now(UTC))
    try:
        read = read_bank_file(name, content, given)
        rows = read.table()
    except BankError as error:
        raise GroundsError(str(error)) from error
    return _propose(person, bank, conduct, source, basis, expires, rows), dict(read.left)


def propose_own(person: User, decision: int, conduct: Conduct, basis: str, expires: date, rows: pa.Table) -> BankPart:
    """Propose hashes of what a decision was about, in the transaction of whoever checked that it holds."""
    return _propose(person, OWN, conduct, f"{_DECISION}{decision}", basis, expires, rows)


def _propose(
    person: User, bank: str, conduct: Conduct, source: str, basis: str, expires: date, rows: pa.Table
) -> BankPart:
    if not _NAME.fullmatch(bank):
        raise GroundsError("a bank's name is lower-case letters, digits and '-', a letter first")
    if not source.strip() or not basis.strip():
        raise GroundsError("no bank entry is without provenance: say who established it, and on what basis it is kept")
    if expires <= timezone.now().date():
        raise GroundsError(f"it must expire in the future, not on {expires}")
    try:
        content = _file(checked(rows))
    except BankError as error:
        raise GroundsError(str(error)) from error
    part = BankPart.objects.create(
        bank=bank, conduct=conduct, source=source.strip(), basis=basis.strip(), expires=expires, proposed_by=person,
        entries=len(rows["entry"].unique()), sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    _folder().mkdir(exist_ok=True)
    write_whole(entries_path(home(), part.pk), lambda stream: stream.write(content))
    record(
        person.actor(), "bank.propose", str(part), "",
        source=part.source, basis=part.basis, entries=part.entries, sha256=part.sha256, expires=str(expires),
    )  # fmt: skip
    return part


@act
def agree(person: User, number: int, reason: str) -> BankPart:
    """The second person: from now on its entries are looked for. What the same source gave before ends.

    Raises Refused, GroundsError.
    """
    part = _locked(number)
    require(person, May.SECOND if own(part) else May.MANAGE_GROUNDS, str(part))
    if part.proposed_by_id == person.pk:
        raise Refused("two different people are needed: you brought this yourself", str(part))
    if part.state != BankPart.State.PROPOSED:
        raise GroundsError(f"{part} is {part.state}: there is nothing to agree to")
    if not reason.strip():
        raise GroundsError("say why: whoever asks later reads it")
    part.agreed_by, part.agreed_at, part.state = person, timezone.now(), BankPart.State.LIVE
    _opened(part)
    for old in BankPart.objects.filter(bank=part.bank, source=part.source, state=BankPart.State.LIVE):
        _end(person.actor(), old, f"replaced by {part}")
    part.save()
    record(person.actor(), "bank.agree", str(part), reason, entries=part.entries, sha256=part.sha256)
    transaction.on_commit(publish)
    return part


@act
def end(person: User, number: int, reason: str) -> BankPart:
    """Its entries are looked for no more, and erased; one person may, for it does nothing to anybody.

    Raises Refused, GroundsError.
    """
    part = _locked(number)
    require(person, May.PROPOSE if own(part) and person.may(May.PROPOSE) else May.MANAGE_GROUNDS, str(part))
    if part.state == BankPart.State.ENDED:
        raise GroundsError(f"{part} has ended already")
    if not reason.strip():
        raise GroundsError("say why: whoever asks later reads it")
    _end(person.actor(), part, reason)
    return part


def end_of(decision: int) -> None:
    """What was banked from a decision ends with it, in the running transaction: it was taken back."""
    for part in BankPart.objects.filter(source=f"{_DECISION}{decision}").exclude(state=BankPart.State.ENDED):
        _end(WORKER, part, "the decision was taken back")


@look
def listed(person: User, *, ended: bool = False) -> list[BankPart]:
    """Parts of banks, newest first: those that hold or wait, or all. Raises Refused."""
    require(person, May.READ_RULES)
    found = BankPart.objects.select_related("proposed_by", "agreed_by").order_by("-pk")
    return list(found if ended else found.exclude(state=BankPart.State.ENDED))


@act
def share(person: User, reason: str) -> list[dict[str, Any]]:
    """Hashes of what two people banked here, in ThreatExchange's form, to give to others; never who posted it.

    Pictures by their plain hash and files; clips have no common form. Raises Refused, GroundsError.
    """
    require(person, May.MANAGE_GROUNDS, f"bank:{OWN}")
    if not reason.strip():
        raise GroundsError("say with whom it is shared and why")
    shared = [one for part in _live() if own(part) for one in _descriptors(part)]
    if not shared:
        raise GroundsError("nothing that was decided here is banked and agreed to, so there is nothing to share")
    hashes = hashlib.sha256(json.dumps(sorted(str(one["raw_indicator"]) for one in shared)).encode()).hexdigest()
    record(person.actor(), "bank.share", f"bank:{OWN}", reason, entries=len(shared), sha256=hashes)
    return shared


def _descriptors(part: BankPart) -> Iterator[dict[str, Any]]:
    told = set()
    for row in _opened(part).entries.to_pylist():  # the first row of an entry is its plain hash
        if row["kind"] in _SHARED and (row["entry"], row["kind"]) not in told:
            told.add((row["entry"], row["kind"]))
            yield {
                "id": f"{part.pk}-{len(told)}", "type": _SHARED[HashKind(row["kind"])], "status": "MALICIOUS",
                "raw_indicator": row["hash"].hex(), "added_on": row["added"].isoformat(), "tags": [part.conduct],
                "description": f"two people agreed; {part.basis}",
            }  # fmt: skip


def end_expired() -> None:
    """End what has expired, erase it, and write for signals which parts hold: also what a kill left unwritten."""
    with transaction.atomic():
        for part in BankPart.objects.filter(expires__lte=timezone.now().date()).exclude(state=BankPart.State.ENDED):
            _end(WORKER, part, "its time is over")
    publish()


def publish() -> None:
    """Write for signals which parts hold. Nothing is written where there is no bank."""
    if not _folder().is_dir():
        return
    with locked(_folder() / "lock", shared=False):
        content, path = msgspec.json.encode([_part(part) for part in _live()]), _folder() / LIVE
        if not path.exists() or path.read_bytes() != content:  # who watches it scans anew
            write_whole(path, lambda stream: stream.write(content))


def _live() -> list[BankPart]:
    held = BankPart.objects.filter(state=BankPart.State.LIVE).select_related("proposed_by", "agreed_by")
    return [part for part in held.order_by("pk") if part.agreed_by]


def _part(part: BankPart) -> Part:
    return Part(
        number=part.pk, bank=part.bank, conduct=Conduct(part.conduct), source=part.source, basis=part.basis,
        sha256=part.sha256, by=part.proposed_by.pseudonym, agreed_by=part.agreed_by.pseudonym if part.agreed_by else "",
        agreed_at=part.agreed_at or part.proposed_at, expires=part.expires,
    )  # fmt: skip


def _opened(part: BankPart) -> Bank:
    try:
        return Bank(home(), _part(part))
    except BankError as error:
        raise GroundsError(str(error)) from error


def _end(actor: Actor, part: BankPart, reason: str) -> None:
    part.state, part.ended_at = BankPart.State.ENDED, timezone.now()
    part.save()
    record(actor, "bank.end", str(part), reason)
    transaction.on_commit(publish)  # no signal is told of a file that is gone
    transaction.on_commit(partial(_erase, part.pk))


def _erase(number: int) -> None:
    """What is looked for no more need not be known."""
    entries_path(home(), number).unlink(missing_ok=True)
    for index in _folder().glob(f"{number}-*"):
        shutil.rmtree(index, ignore_errors=True)


def own(part: BankPart) -> bool:
    """Whether it holds what was decided here."""
    return bool(part.source.startswith(_DECISION))


def _locked(number: int) -> BankPart:
    part = BankPart.objects.select_for_update(of=("self",)).filter(pk=number).first()
    if part is None:
        raise GroundsError(f"there is no part {number} of a bank: seawall banks list")
    return part


def _file(rows: pa.Table) -> bytes:
    made = io.BytesIO()
    pq.write_table(rows, made, compression="zstd")
    return made.getvalue()


def _folder() -> Path:
    return home() / FOLDER
