"""The worker processes: started once, given blocks in turn, and replaced if one dies."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from seawall.lake.staging import Staging
from seawall.stream.marking import Recipe
from seawall.stream.parts import Done, Failed, Keyed, LineSource, StreamError, Task, Verdict
from seawall.stream.worker import Ready, Worker, work

AHEAD = 2  # blocks that a worker has at most: one is decoded while the other waits for its verdict
_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
_LONGEST_END = 5.0  # seconds a worker gets to end by itself


@dataclass(eq=False, slots=True)
class _Member:
    """One process and the blocks it has."""

    process: BaseProcess
    connection: Connection
    tasks: dict[int, Task] = field(default_factory=dict)


class Crew:
    """Some workers. A block whose worker dies is given to another, once."""

    def __init__(self, size: int, source: LineSource, recipe: Recipe, folder: Staging) -> None:
        self.lost = 0  # workers that died
        self._given = (source, recipe, folder)
        self._tried: set[int] = set()
        self._verdicts: dict[int, Verdict] = {}
        self._members = [self._started() for _ in range(size)]

    @property
    def free(self) -> bool:
        """Whether some worker can take a block."""
        return any(len(member.tasks) < AHEAD for member in self._members)

    def give(self, task: Task) -> None:
        """Give a block to the worker with the fewest."""
        member = min(self._members, key=lambda member: len(member.tasks))
        member.tasks[task.number] = task
        _tell(member, task)

    def answer(self, verdict: Verdict) -> None:
        """Tell a block's worker which of its rows are new."""
        self._verdicts[verdict.number] = verdict
        for member in self._members:
            if verdict.number in member.tasks:
                _tell(member, verdict)

    def heard(self, also: Connection | None) -> Iterator[Keyed | Done | Connection]:
        """What workers say next, and `also` when it has something; waits for at least one of them.

        Raises StreamError for what a worker cannot do, or a block that two workers died on.
        """
        members = {member.connection: member for member in self._members}  # one that died is heard as an end
        for handle in wait([*members, *([also] if also else [])]):
            if handle is also:
                yield also
            else:
                yield from self._said(members[handle])  # type: ignore[index]

    def _said(self, member: _Member) -> Iterator[Keyed | Done]:
        try:
            said = member.connection.recv()
        except (EOFError, OSError):
            self._replace(member)
            return
        if isinstance(said, Failed):
            raise _cannot(member.tasks[said.number], said.why)
        if isinstance(said, Ready):
            return
        if isinstance(said, Keyed) and said.number in self._verdicts:  # it is done again: the answer is the same
            _tell(member, self._verdicts[said.number])
            return
        if isinstance(said, Done):
            del member.tasks[said.number]
            self._verdicts.pop(said.number, None)
        yield said

    def _replace(self, dead: _Member) -> None:
        """Start another worker and give it the blocks of one that died. Raises StreamError if that happened before."""
        dead.process.join()
        self.lost += 1
        again = self._tried & set(dead.tasks)
        if again or not dead.tasks:
            what = dead.tasks[min(again)].words() if again else "starting"
            raise StreamError(
                f"a worker process died {'twice ' if again else ''}on {what} ({_how(dead.process.exitcode)}). "
                "What was acknowledged is kept, and the same command goes on after it."
            )
        self._tried |= set(dead.tasks)
        member = self._started()
        member.tasks = dead.tasks
        self._members[self._members.index(dead)] = member
        for task in member.tasks.values():
            _tell(member, task)

    def _started(self) -> _Member:
        context = multiprocessing.get_context("forkserver")  # whose server imports everything once for all
        context.set_forkserver_preload(["seawall.stream.beforehand"])
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, *self._given), daemon=True, name="seawall-stream")
        with _environment(_ONE_THREAD):
            process.start()
        theirs.close()
        return _Member(process, ours)

    def end(self) -> None:
        """Let every worker end, and see that it does."""
        for member in self._members:
            member.connection.close()
        for member in self._members:
            member.process.join(_LONGEST_END)
            if member.process.is_alive():
                member.process.kill()
                member.process.join()


class Inline:
    """One worker in this very process, for little input: no start-up, and nothing is faster."""

    lost = 0
    free = True

    def __init__(self, source: LineSource, recipe: Recipe, folder: Staging) -> None:
        self._worker = Worker(source, recipe, folder)
        self._tasks: dict[int, Task] = {}
        self._said: deque[Keyed | Done] = deque()

    def give(self, task: Task) -> None:
        """Decode a block."""
        self._tasks[task.number] = task
        self._said.append(self._doing(task.number, lambda: self._worker.keyed(task)))

    def answer(self, verdict: Verdict) -> None:
        """Finish a block."""
        self._said.append(self._doing(verdict.number, lambda: self._worker.done(verdict)))

    def heard(self, also: Connection | None) -> Iterator[Keyed | Done | Connection]:
        """What was done since, or else `also` once it has something."""
        if not self._said and also:
            wait([also])
            yield also
        while self._said:
            yield self._said.popleft()

    def end(self) -> None:
        """Nothing runs on."""

    def _doing(self, number: int, do: Callable[[], Keyed | Done]) -> Keyed | Done:
        try:
            return do()
        except Exception as error:
            raise _cannot(self._tasks[number], f"{type(error).__name__}: {error}") from error


def _cannot(task: Task, why: str) -> StreamError:
    return StreamError(f"{task.words()} cannot be worked on: {why}. What was acknowledged before is kept.")


def _tell(member: _Member, what: Task | Verdict) -> None:
    with suppress(ConnectionError):  # it died: `heard` says so next, and what it had goes to another
        member.connection.send(what)


def _how(status: int | None) -> str:
    if status is not None and status < 0:
        return f"signal {-status}: ended from outside, perhaps for want of memory"
    return f"exit status {status}"


@contextmanager
def _environment(words: dict[str, str]) -> Iterator[None]:
    """Settings that a process started now takes over: each worker has one core."""
    before = {name: os.environ.get(name) for name in words}
    os.environ.update(words)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
