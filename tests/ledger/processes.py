"""Workers in processes of their own, for the tests beside this: `python processes.py MODE JOURNAL` in SEAWALL_HOME."""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from seawall import ledger

ledger.setup(Path(os.environ["SEAWALL_HOME"]))

from django.db import OperationalError, connection, transaction  # noqa: E402

from seawall.ledger import outbox  # noqa: E402
from seawall.ledger.models import Job, JobState  # noqa: E402
from seawall.ledger.outbox import claim, enqueue  # noqa: E402
from seawall.ledger.worker import Worker  # noqa: E402

JOBS = 120
LEASE = timedelta(seconds=1.5)  # shorter ones run out where the machine has other work, too


def prepare(_journal: str) -> None:
    """Many jobs."""
    ledger.migrate()
    with transaction.atomic():
        for n in range(JOBS):
            enqueue("a", f"job:{n}", {})


def work(journal: str) -> None:
    """Do jobs while there are any, and write when each began and ended."""

    def handler(job: Job) -> None:
        began = time.monotonic_ns()
        time.sleep(0.002 if job.pk % 40 else 3.2)  # some take longer than the lease, which is renewed meanwhile
        with open(journal, "a") as stream:  # noqa: PTH123 - one write, appended
            stream.write(f"{job.key} {began} {time.monotonic_ns()}\n")

    worker = Worker({"a": handler}, LEASE)
    while Job.objects.filter(state__in=[JobState.READY, JobState.LEASED]).exists():
        worker.drain()
        time.sleep(0.05)


def wait(_journal: str) -> None:
    """Claim while somebody else holds the ledger for longer than the lease lasts."""
    locked = threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_job SET last_error = '' WHERE kind = 'none'")
            locked.set()
            time.sleep(2)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait()
    job = claim("w1", ["a"], LEASE)
    assert job is not None
    assert claim("w2", ["a"], LEASE).pk != job.pk  # type: ignore[union-attr]
    thread.join()


def renew(_journal: str) -> None:
    """Hold a job longer than its lease while the ledger once does not answer."""
    calls, truly = [], outbox.renew

    def flaky(job: Job, lease: timedelta) -> bool:
        calls.append(job.pk)
        if len(calls) == 1:
            raise OperationalError("not now")
        return truly(job, lease)

    def handler(job: Job) -> None:
        time.sleep(3.2)
        other = claim("w2", ["a"], LEASE)
        assert other is not None
        assert other.pk != job.pk

    outbox.renew = flaky
    assert Worker({"a": handler}, LEASE).step()
    assert Job.objects.filter(state=JobState.DONE).count() == 1
    assert len(calls) > 2


{"prepare": prepare, "work": work, "wait": wait, "renew": renew}[sys.argv[1]](sys.argv[2])
