"""The gate before every adapter: a quota an hour, and a circuit breaker (Nygard, "Release It!", 2007)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from seawall.audit.services import WORKER, record
from seawall.enforcement.models import Action, Gate
from seawall.ledger.worker import NotYet

FAILURES = 5  # in a row open the breaker
PAUSE = timedelta(seconds=60)  # then nothing is sent for so long; one try after it decides


def check_breaker(platform: str) -> None:
    """Raises NotYet while the breaker is open."""
    gate = Gate.objects.filter(platform=platform).first()
    now = timezone.now()
    if gate and gate.closed_until and gate.closed_until > now:
        wait = (gate.closed_until - now).total_seconds()
        raise NotYet(f"{platform} failed {gate.failures} times in a row and is left alone for now", wait + 0.5)


def count(action: Action, platform: str) -> None:
    """Count an action against the platform's hourly quota, once however often it is tried. Raises NotYet beyond it.

    What takes an action back is never counted: giving back must not wait.
    """
    if action.counted_at:
        return
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        gate = _locked(platform)
        if gate.hour != hour:
            gate.hour, gate.used = hour, 0
        if gate.used >= settings.SEAWALL.desk.actions_an_hour:
            wait = (hour + timedelta(hours=1) - now).total_seconds()
            raise NotYet(f"the quota of {gate.used} actions an hour on {platform} is used up", wait + 0.5)
        gate.used += 1
        gate.save()
        action.counted_at = now
        action.save(update_fields=["counted_at"])


def succeeded(platform: str) -> None:
    """The platform answered: failures in a row are over."""
    Gate.objects.filter(platform=platform, failures__gt=0).update(failures=0, closed_until=None, note="")


def failed(platform: str, why: str) -> None:
    """The platform did not answer as it should; so many in a row open the breaker."""
    with transaction.atomic():
        gate = _locked(platform)
        gate.failures, gate.note = gate.failures + 1, why[:2000]
        if gate.failures >= FAILURES:
            gate.closed_until = timezone.now() + PAUSE
            record(WORKER, "breaker.open", f"platform:{platform}", "", failures=gate.failures)
        gate.save()


def _locked(platform: str) -> Gate:
    Gate.objects.get_or_create(platform=platform)
    gate: Gate = Gate.objects.select_for_update().get(platform=platform)
    return gate
