"""The page of jobs: what is left to do, what failed, which platform is halted."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from desk import Desk
from pages import Browser, is_quiet, text_of
from seawall.enforcement.models import Gate
from seawall.ledger.models import Job
from seawall.people.models import User
from seawall.people.roles import DeskRole


def test_the_work_page(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, duty_officer: User
) -> None:
    browser = signed_in(duty_officer)
    shown = text_of(browser.get("/jobs/"))
    assert "Nothing is left to do" in shown
    assert "simulated" in shown
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    Job.objects.update(state="failed", last_error="403 Forbidden", attempts=3)
    Gate.objects.create(platform="x", failures=5, closed_until=timezone.now() + timedelta(minutes=1), note="no answer")
    page = browser.get("/jobs/")
    is_quiet(page)
    shown = text_of(page)
    for wanted in ("403 Forbidden", "failed: 1", "failed 5 times in a row", "no answer", "0 of 200"):
        assert wanted in shown
    assert f'href="/decisions/{decision.pk}/"' in page.content.decode()
    admin = signed_in(desk.person(DeskRole.ADMIN)).get("/jobs/").content.decode()
    assert f'href="/decisions/{decision.pk}/"' not in admin
