"""A job is written with its reason, done under a lease, tried again, and never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from seawall.ledger import outbox
from seawall.ledger.models import Job, JobState
from seawall.ledger.outbox import claim, enqueue, finish, give_up, put_back, renew
from seawall.ledger.worker import NotYet, Permanent, Worker

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)
KIND = ("a",)


def _job(key: str = "one", kind: str = "a", **more: Any) -> Job:
    enqueue(kind, key, {"n": 1}, **more)
    return Job.objects.get(key=key)


def _taken(owner: str = "w1", lease: timedelta = LEASE) -> Job:
    job = claim(owner, KIND, lease)
    assert job is not None
    return job


def _expired(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def _wait(job: Job) -> float:
    return (Job.objects.get(pk=job.pk).due - timezone.now()).total_seconds()


def test_a_job_of_a_change_that_failed_is_not_there() -> None:
    with pytest.raises(ZeroDivisionError):
        _fails()
    assert not Job.objects.exists()


def _fails() -> None:
    with transaction.atomic():
        enqueue("a", "one", {})
        raise ZeroDivisionError


def test_a_key_used_before_is_the_same_job_and_stays_as_it_is() -> None:
    finish_now = _job()
    assert finish(_taken())
    enqueue("a", "one", {"n": 2})
    job = Job.objects.get()
    assert (job.pk, job.state, job.payload) == (finish_now.pk, JobState.DONE, {"n": 1})


def test_a_claimed_job_is_leased_to_one_owner() -> None:
    _job()
    job = _taken()
    assert (job.state, job.owner, job.attempts) == (JobState.LEASED, "w1", 1)
    assert job.leased_until > timezone.now() + LEASE - timedelta(seconds=5)
    assert claim("w2", KIND, LEASE) is None


def test_jobs_come_oldest_due_first_and_only_of_the_kinds_asked_for() -> None:
    now = timezone.now()
    _job("later", due=now + timedelta(hours=1))
    _job("second", due=now - timedelta(seconds=1))
    _job("first", due=now - timedelta(seconds=2))
    _job("other", kind="b", due=now - timedelta(days=1))
    assert [_taken().key, _taken().key] == ["first", "second"]
    assert claim("w1", KIND, LEASE) is None
    assert claim("w1", (), LEASE) is None


def test_a_renewed_lease_is_kept_and_an_expired_one_goes_to_the_next_worker() -> None:
    _job()
    job = _taken(lease=timedelta(seconds=1))
    assert renew(job, LEASE)
    assert claim("w2", KIND, LEASE) is None
    _expired(job)
    again = _taken("w2")
    assert (again.pk, again.owner, again.attempts) == (job.pk, "w2", 2)


def test_who_lost_the_lease_changes_nothing_any_more() -> None:
    _job()
    lost = _taken()
    _expired(lost)
    _taken("w2")
    assert not renew(lost, LEASE)
    assert not finish(lost)
    assert not put_back(lost, "why")
    assert not give_up(lost, "why")
    job = Job.objects.get()
    assert (job.state, job.owner, job.last_error) == (JobState.LEASED, "w2", "")


def test_the_same_worker_that_lost_its_lease_to_itself_counts_attempts() -> None:
    _job()
    lost = _taken("w1")
    _expired(lost)
    again = _taken("w1")
    assert not finish(lost)
    assert finish(again)


def test_a_job_put_back_waits_longer_each_time_up_to_a_limit() -> None:
    _job()
    waits = []
    for _ in range(12):
        Job.objects.update(due=timezone.now())
        job = _taken()
        assert put_back(job, "x" * 5000)
        waits.append(round(_wait(job)))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, *[outbox.MOST_WAIT] * 4]
    assert len(Job.objects.get().last_error) == 2000


def test_a_job_put_back_for_so_long_waits_so_long() -> None:
    _job()
    job = _taken()
    put_back(job, "quota", 77)
    assert round(_wait(job)) == 77
    assert claim("w1", KIND, LEASE) is None


def test_a_job_given_up_is_never_taken_again() -> None:
    _job()
    give_up(_taken(), "it cannot be done")
    job = Job.objects.get()
    assert (job.state, job.last_error, job.finished_at is not None) == (JobState.FAILED, "it cannot be done", True)
    assert claim("w1", KIND, LEASE) is None


# --- the worker ----------------------------------------------------------------------------------------------------


def _ran(handler: Any) -> Job:
    _job()
    assert Worker({"a": handler}).drain() == 1
    return Job.objects.get()


def _raises(error: Exception) -> Any:
    def handler(_job: Job) -> None:
        raise error

    return handler


def test_a_job_that_is_done_is_done() -> None:
    seen: list[object] = []
    job = _ran(lambda job: seen.append(job.payload))
    assert (job.state, job.finished_at is not None, seen) == (JobState.DONE, True, [{"n": 1}])


def test_permanent_is_given_up_and_anything_else_comes_again_later() -> None:
    job = _ran(_raises(Permanent("no such account")))
    assert (job.state, job.last_error) == (JobState.FAILED, "no such account")


def test_not_yet_waits_as_long_as_it_says() -> None:
    job = _ran(_raises(NotYet("quota", 600)))
    assert (job.state, job.last_error, round(_wait(job))) == (JobState.READY, "quota", 600)


def test_an_error_nobody_foresaw_is_written_on_the_job(caplog: pytest.LogCaptureFixture) -> None:
    job = _ran(_raises(KeyError("surprise")))
    assert (job.state, job.last_error, round(_wait(job))) == (JobState.READY, "KeyError: 'surprise'", 2)
    assert "surprise" in caplog.text


def test_jobs_of_a_kind_without_a_handler_are_left_for_another_worker() -> None:
    _job(kind="b")
    assert Worker({"a": _raises(KeyError())}).drain() == 0
    assert Job.objects.get().state == JobState.READY
