"""Writing jobs and claiming them. A job is claimed under a lease; a worker that dies loses it to the next one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from seawall.ledger import LedgerError
from seawall.ledger.models import Job, JobState

MOST_WAIT = 300  # seconds between two attempts, at most


def enqueue(kind: str, key: str, payload: dict[str, object], due: datetime | None = None) -> None:
    """Write a job in the running transaction. A key that was used before is the same job and is left as it is.

    Raises LedgerError outside a transaction: a job without the change it belongs to could be lost.
    """
    if not connection.in_atomic_block:
        raise LedgerError("a job is written only in the transaction of the change it belongs to")
    job = Job(kind=kind, key=key, payload=payload, due=due or timezone.now())
    Job.objects.bulk_create([job], ignore_conflicts=True)


def claim(owner: str, kinds: Iterable[str], lease: timedelta) -> Job | None:
    """The oldest job that is due, or whose worker let its lease run out; None when there is none."""
    wanted = list(kinds)
    if not Job.objects.filter(_due(timezone.now()), kind__in=wanted).exists():
        return None  # looking takes no lock that somebody who writes would wait for
    with transaction.atomic():
        now = timezone.now()  # once the ledger is ours: waiting for it must not eat up the lease
        jobs = Job.objects.filter(_due(now), kind__in=wanted).order_by("due", "id")
        if connection.features.has_select_for_update_skip_locked:
            jobs = jobs.select_for_update(skip_locked=True)
        job = jobs.first()
        if job is None:
            return None
        job.state, job.owner, job.leased_until = JobState.LEASED, owner, now + lease
        job.attempts += 1
        job.save(update_fields=["state", "owner", "leased_until", "attempts"])
    return job


def _due(now: datetime) -> Q:
    return Q(state=JobState.READY, due__lte=now) | Q(state=JobState.LEASED, leased_until__lt=now)


def renew(job: Job, lease: timedelta) -> bool:
    """Hold the job longer. False when it is not this worker's any more."""
    return bool(_mine(job).update(leased_until=timezone.now() + lease))


def still_held(job: Job) -> bool:
    """Whether the job is still this worker's: asked before what cannot be done twice lightly."""
    return bool(_mine(job).exists())


def finish(job: Job) -> bool:
    """Done for good. False when the lease was lost; whoever has it now finds the work done."""
    return bool(_mine(job).update(state=JobState.DONE, finished_at=timezone.now(), last_error=""))


def put_back(job: Job, why: str, wait: float | None = None) -> bool:
    """Try again later: after `wait` seconds, or longer with each attempt."""
    seconds = wait if wait is not None else min(MOST_WAIT, 2.0 ** min(job.attempts, 10))
    later = timezone.now() + timedelta(seconds=seconds)
    return bool(_mine(job).update(state=JobState.READY, due=later, last_error=why[:2000]))


def give_up(job: Job, why: str) -> bool:
    """It cannot be done: a person must look."""
    return bool(_mine(job).update(state=JobState.FAILED, finished_at=timezone.now(), last_error=why[:2000]))


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, owner=job.owner, state=JobState.LEASED, attempts=job.attempts)
