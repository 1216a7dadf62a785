"""What the versions of rules that found somebody weigh, for whoever reads the case and asks how a score comes about."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

from seawall.grounds.drafts import draft_of
from seawall.ledger import home
from seawall.people.access import look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.signals.rules.publishing import versions

_RULES = "rules."


@look
def of_findings(person: User, findings: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, float]]:
    """By signal and version of findings of rules: matching posts for a finding, and its score.

    A version whose file is gone or cannot be read is missing. Raises Refused.
    """
    require(person, May.READ_CASE)
    asked = {finding for finding in findings if finding[0].startswith(_RULES)}
    found = {finding: _weight(finding[0].removeprefix(_RULES), finding[1]) for finding in asked}
    return {finding: weight for finding, weight in found.items() if weight}


def _weight(rule_id: str, number: str) -> tuple[int, float] | None:
    version = next((its for its in versions(home(), rule_id) if str(its.number) == number), None)
    if version is None:
        return None
    try:
        said = draft_of(version.path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError):
        return None
    return said.posts, said.weight
