"""A version in shadow: what its examples say, its back-test, and whether it may go live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from seawall.cases import backtests
from seawall.cases.models import Backtest
from seawall.grounds import rules as service
from seawall.grounds.rules import Opened
from seawall.people.models import User
from seawall.people.roles import May
from seawall.web.console.backtests import row
from seawall.web.console.rule_said import Titles, asks, does


def trial_of(me: User, opened: Opened, found: Sequence[Backtest], titles: Titles) -> dict[str, Any] | None:
    """All that the second person looks at before it goes live; None where nothing is in shadow."""
    rule = opened.shown.trial
    if rule is None or opened.tried is None:
        return None
    tested = backtests.of_rule_as_it_is(found, rule)
    mine, publishes = rule.author == me.pseudonym, me.may(May.PUBLISH_RULES)
    return {
        "rule": rule,
        "asks": asks(rule, opened.lists, titles),
        "does": does(opened.tried, titles),
        "fits": opened.tried.may_go_live,
        "mine": mine,
        "may_go_live": publishes and not mine and opened.tried.may_go_live,
        "backtest": row(tested, backtests.standing(tested, opened.shown)) if tested else None,
    }


def say_it_runs(request: HttpRequest, me: User, rule_id: str) -> None:
    """Tell whoever sent a version into shadow that it runs; and at once if it could not go live as it is."""
    tried = service.rule(me, rule_id).tried
    said = _("It runs in shadow: it is counted, and nobody is listed for it.")
    if tried and not tried.may_go_live:
        more = _("As it is, it cannot go live: what is in the way is shown below.")
        messages.warning(request, f"{said} {more}")
    else:
        messages.success(request, said)
