"""A statement that no platform carries is given by a person: only then, and until then, is its code shown."""

from __future__ import annotations

import pytest

from desk import Desk, audit_verbs
from seawall.audit.models import Entry
from seawall.cases import services
from seawall.cases.codes import code_of
from seawall.cases.models import Decision
from seawall.cases.states import CaseError
from seawall.enforcement import services as enforcement
from seawall.enforcement.adapters.contract import AdapterError
from seawall.enforcement.adapters.simulated import SimulatedAdapter
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.roles import ALLOWED, DeskRole, May


class Mute(SimulatedAdapter):
    """A platform that carries no words."""

    def tell(self, about, text, key):
        return False


class Gone(SimulatedAdapter):
    """A platform where the holder cannot be reached for good."""

    def tell(self, about, text, key):
        raise AdapterError("no such account", permanent=True)


class Busy(SimulatedAdapter):
    """A platform that carries it later."""

    def tell(self, about, text, key):
        raise AdapterError("503", permanent=False)


def _on(platform: type[SimulatedAdapter], desk: Desk, monkeypatch) -> None:
    path = desk.home / "platforms" / "simulated.sqlite"
    monkeypatch.setattr(enforcement, "adapter_for", lambda name: platform(name, path))


@pytest.mark.parametrize("platform", [Mute, Gone])
def test_whoever_gives_it_sees_the_code_until_it_is_given(
    desk: Desk, reviewer: User, second_reviewer: User, monkeypatch, platform
) -> None:
    _on(platform, desk, monkeypatch)
    decision = desk.executed(reviewer, second_reviewer)
    assert services.code_to_give(reviewer, decision.pk) == code_of(decision.pk)
    assert services.code_to_give(second_reviewer, decision.pk) == code_of(decision.pk)
    shown = Entry.objects.filter(verb="statement.code", object=str(decision.case)).order_by("seq")
    assert [entry.actor for entry in shown] == [reviewer.pseudonym, second_reviewer.pseudonym], "each showing"
    assert code_of(decision.pk) not in "".join(Entry.objects.values_list("detail", flat=True))
    services.given_by_hand(reviewer, decision.pk, "by letter")
    with pytest.raises(CaseError, match="was not given yet"):
        services.code_to_give(reviewer, decision.pk)
    assert audit_verbs().count("statement.code") == 2


def test_what_the_platform_carried_or_may_still_carry_is_not_given_by_hand(
    desk: Desk, reviewer: User, second_reviewer: User, monkeypatch
) -> None:
    waiting, carried = desk.proposed(reviewer), desk.executed(reviewer, second_reviewer)
    _on(Busy, desk, monkeypatch)
    tried = desk.executed(reviewer, second_reviewer)
    for decision in (waiting, carried, tried):
        with pytest.raises(CaseError, match="platform cannot carry"):
            services.code_to_give(reviewer, decision.pk)
        with pytest.raises(CaseError, match="platform cannot carry"):
            services.given_by_hand(reviewer, decision.pk, "by letter")
    assert "statement.code" not in audit_verbs()


def test_no_other_role_sees_the_code(desk: Desk, reviewer: User, second_reviewer: User, monkeypatch) -> None:
    _on(Mute, desk, monkeypatch)
    decision = desk.executed(reviewer, second_reviewer)
    for role in set(DeskRole) - ALLOWED[May.PROPOSE]:
        with pytest.raises(Refused):
            services.code_to_give(desk.person(role), decision.pk)
    with pytest.raises(Refused):
        services.code_to_give(desk.person(DeskRole.ADMIN, DeskRole.REVIEWER), decision.pk)


def test_whoever_saw_the_code_decides_no_appeal(desk: Desk, reviewer: User, second_reviewer: User, monkeypatch) -> None:
    _on(Mute, desk, monkeypatch)
    decision = desk.executed(reviewer, second_reviewer)
    giver = desk.person(DeskRole.REVIEWER, DeskRole.APPEALS_OFFICER)
    services.code_to_give(giver, decision.pk)
    services.given_by_hand(giver, decision.pk, "by letter")
    made = services.appeal(Decision.objects.get(pk=decision.pk), "I repair lamps", "en")
    with pytest.raises(Refused, match="took no part"):
        services.assign_appeal(giver, made.pk)
