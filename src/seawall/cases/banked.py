"""Banking what was decided: pictures, videos and sounds of posts that a decision rests on are found again."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _

from seawall.cases.facts import media_of
from seawall.cases.models import Decision
from seawall.cases.services import locked_decision, rests_on
from seawall.cases.states import CaseError
from seawall.grounds import banks
from seawall.grounds.models import BankPart
from seawall.media.banking import kept
from seawall.media.clips import Clips
from seawall.media.shelf import PictureError, Shelf
from seawall.people.access import act, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.banks import ENTRIES
from seawall.records.terms import CaseState, Conduct


def bank(person: User, decision_id: int, post_id: str, shelf: Shelf, clips: Clips, expires: date) -> BankPart:
    """Propose the media of one post that an executed decision rests on; a second person must agree.

    A post, not an account: what else the account posted was not decided about one by one. Raises Refused, CaseError,
    GroundsError, MediaError.
    """
    decision = Decision.objects.select_related("case").filter(pk=decision_id).first()
    if decision is None:
        raise CaseError(_("there is no such decision"))
    may = person.may(May.PROPOSE)
    return _bank(person, decision_id, post_id, _hashed(decision, post_id, shelf, clips) if may else [], expires)


@act
def _bank(person: User, decision_id: int, post_id: str, rows: list[dict[str, Any]], expires: date) -> BankPart:
    decision = locked_decision(decision_id)
    require(person, May.PROPOSE, str(decision.case))
    if decision.state != CaseState.EXECUTED or decision.reversal_asked_at:
        raise CaseError(_("only what an executed decision is about can be banked, as long as nobody takes it back"))
    if post_id not in rests_on(decision):
        raise CaseError(_("this decision does not rest on that post"))
    if not rows:
        raise CaseError(_("no file of that post is here, or there is too little to see or hear in it"))
    now, basis = timezone.now(), f"decision {decision.pk} of this desk, clause {decision.clause.code}"
    given = {"source": f"decision:{decision.pk}", "basis": basis, "by": person.pseudonym, "added": now}
    table = pa.Table.from_pylist([{**row, **given} for row in rows], schema=ENTRIES)
    return banks.propose_own(person, decision.pk, Conduct(decision.conduct), basis, expires, table)


def _hashed(decision: Decision, post_id: str, shelf: Shelf, clips: Clips) -> list[dict[str, Any]]:
    """Hashes of the post's files, named by the file and not by who posted it."""
    media = media_of(decision.case.platform, [post_id])
    found: list[dict[str, Any]] = []
    for row, name in zip(media, shelf.files_of(media), strict=True):
        try:
            content = shelf.content(name) if name else b""
            rows = kept(content, row["kind"], clips) if content else []
        except PictureError as error:
            raise CaseError(_("a file of that post cannot be read: %(why)s") % {"why": error}) from error
        entry = sha256(content).hexdigest()[:16]
        found += [{"entry": entry, "reference": entry, "kind": kind.value, "hash": its} for kind, its in rows]
    return found
