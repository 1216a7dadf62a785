"""What reading surveys shares: who may, who is named, and the entry in the log.

The lake is read between the question and the entry: nobody who writes waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from seawall.audit.services import record
from seawall.cases.models import Case
from seawall.people.access import act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.findings import LINE

Account = tuple[str, str]  # platform and account id
_BATCH = 500


@look
def ask(person: User, wanted: May, about: str = "") -> None:
    """Raises Refused unless the person may read that."""
    require(person, wanted, about)


@act
def log(person: User, /, verb: str, about: str = "", why: str = "", **numbers: object) -> None:
    """Write down that it was read; no account is named there."""
    record(person.actor(), verb, about, why, **numbers)


def named(accounts: Iterable[Account]) -> dict[Account, Case]:
    """Of these accounts, those that stand above the line now over what they posted or spread, with their cases.

    Being in a campaign, a flood or a network is no conduct, so it names nobody.
    """
    wanted = set(accounts)
    ids = sorted({account_id for _, account_id in wanted})
    conduct = Q(findings__conduct=True, findings__gone_at=None, findings__score__gte=LINE)
    found: dict[Account, Case] = {}
    for start in range(0, len(ids), _BATCH):
        some = Case.objects.filter(conduct, account_id__in=ids[start : start + _BATCH]).distinct()
        found |= {(case.platform, case.account_id): case for case in some}
    return {account: case for account, case in found.items() if account in wanted}
