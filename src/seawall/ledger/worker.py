"""The worker: takes jobs one at a time, renews its lease while it works, and never loses one by dying."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

from django.db import Error, close_old_connections, connection, connections

from seawall.ledger import outbox
from seawall.ledger.models import Job

Handler = Callable[[Job], None]
LEASE = timedelta(seconds=30)
_PAUSE = 0.2  # seconds between two looks at an empty outbox
_log = logging.getLogger("seawall.worker")


class Permanent(Exception):  # noqa: N818 - an outcome of a job, not a fault
    """The job cannot be done, now or later; the message says why."""


class NotYet(Exception):  # noqa: N818 - an outcome of a job, not a fault
    """The job must wait. `seconds` says how long."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Stop(Protocol):
    """How a worker is told to stop, from another thread or by a signal."""

    def is_set(self) -> bool:
        """Whether it was told."""

    def wait(self, seconds: float, /) -> bool:
        """Wait so long at most; whether it was told."""


class Worker:
    """Does the jobs of the outbox with the handlers it is given, by kind."""

    def __init__(self, handlers: Mapping[str, Handler], lease: timedelta = LEASE) -> None:
        self.handlers = handlers
        self.lease = lease
        self.owner = uuid.uuid4().hex

    def run(self, stop: Stop) -> None:
        """Work until told to stop; the job at hand is finished first."""
        while not stop.is_set():
            close_old_connections()
            if not self.step():
                stop.wait(_PAUSE)

    def drain(self) -> int:
        """Do everything that is due now; returns how many jobs were taken."""
        count = 0
        while self.step():
            count += 1
        return count

    def step(self) -> bool:
        """Take one job and do it. False when none is due."""
        job = outbox.claim(self.owner, self.handlers, self.lease)
        if job is None:
            return False
        with self._renewing(job):
            self._do(job)
        return True

    def _do(self, job: Job) -> None:
        try:
            self.handlers[job.kind](job)
        except Permanent as error:
            _log.error("%s given up: %s", job, error)
            outbox.give_up(job, str(error))
        except NotYet as error:
            outbox.put_back(job, str(error), error.seconds)
        except Exception as error:  # noqa: BLE001 - the worker's outer loop: recorded on the job, tried again
            _log.exception("%s failed", job)
            outbox.put_back(job, f"{type(error).__name__}: {error}")
        else:
            outbox.finish(job)

    @contextmanager
    def _renewing(self, job: Job) -> Iterator[None]:
        done = threading.Event()

        def renew() -> None:
            try:
                while not done.wait(self.lease.total_seconds() / 3):
                    _renew(job, self.lease)
            finally:
                connections.close_all()

        if connection.vendor == "sqlite" and connection.is_in_memory_db():  # only in tests: one connection there is
            yield
            return
        thread = threading.Thread(target=renew, name=f"lease of {job.pk}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _renew(job: Job, lease: timedelta) -> None:
    try:
        outbox.renew(job, lease)
    except Error as error:  # the ledger may answer again before the lease runs out: ask once more then
        _log.warning("the lease of %s was not renewed: %s", job, error)
        connection.close()
