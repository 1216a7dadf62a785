"""The flow: input to workers, keys to verdicts, files into the lake, strictly in the order of the input."""

from __future__ import annotations

import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe
from pathlib import Path
from typing import BinaryIO

import numpy as np

from seawall.lake import Lake
from seawall.lake.keeping import compact
from seawall.lake.keys import Keys, known_among
from seawall.lake.lake import LoadStep
from seawall.lake.manifest import LoadState
from seawall.lake.staging import Staged, Staging
from seawall.sources.contract import rejects_table
from seawall.sources.loading import LoadReport, fingerprint
from seawall.sources.streams import Lines
from seawall.stream.crew import AHEAD, Crew, Inline
from seawall.stream.guard import Guard, LiveGuard, PastGuard
from seawall.stream.inputs import BLOCK, Live, Policy, file_blocks
from seawall.stream.marking import Recipe
from seawall.stream.parts import Done, Keyed, LineSource, Task, Verdict

_MOST_REASONS = 1000
_JOIN_EVERY = 256  # blocks: then small files are joined beside the flow


@dataclass(slots=True)
class StreamReport(LoadReport):
    """What a stream did so far: all that is counted here is acknowledged, in the order of the input."""

    blocks: int = 0
    posts: int = 0  # new ones: these were marked
    matches: Counter[str] = field(default_factory=Counter)  # by rule
    shed: int = 0  # lines let go because they came too fast
    lost: int = 0  # workers that died and were replaced
    stopped: dict[str, str] = field(default_factory=dict)  # rules that went over their quota -> why
    stages: Counter[str] = field(default_factory=Counter)  # CPU seconds of workers, by stage

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall stream --json` prints."""
        return {
            **LoadReport.as_dict(self),
            "blocks": self.blocks,
            "matches": dict(self.matches.most_common()),
            "shed": self.shed,
            "workers_lost": self.lost,
            "stopped": self.stopped,
        }


OnBlock = Callable[[StreamReport, int], None]  # the report so far, and how many bytes of the input are acknowledged


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_file(
    lake: Lake,
    source: LineSource,
    location: Path,
    recipe: Recipe,
    on_block: OnBlock | None = None,
    workers: int | None = None,
    size: int = BLOCK,
) -> StreamReport:
    """Take in an export. One that was interrupted goes on after what was acknowledged; a finished one is read anew.

    `workers` None: one a core; 0: none but this process, for little input.
    Raises SourceError if the file cannot be read at all, StreamError if the stream cannot go on.
    """
    load_id = f"stream:{source.name}:{source.fingerprint()}:{fingerprint(location)}"
    report = StreamReport(location)
    state = lake.manifest.load(load_id)
    cursor = None
    if state and not state.done:
        cursor = state.cursor
        report.read = report.resumed_at = state.read
        report.rejected = state.rejected
    blocks = file_blocks(location, cursor, size)
    lake.manifest.begin_load(load_id, str(location))
    guard = PastGuard(lake.home, recipe.rules)
    _flow(lake, source, blocks, recipe, report, load_id, on_block, workers, guard)
    lake.append({}, None, LoadStep(load_id, LoadState({}, report.read, report.rejected, done=True)))
    compact(lake)
    return report


def run_live(
    lake: Lake,
    source: LineSource,
    stream: BinaryIO,
    recipe: Recipe,
    policy: Policy | None = None,
    on_block: OnBlock | None = None,
    workers: int | None = None,
) -> StreamReport:
    """Take in lines as they come, until the stream ends.

    It has no place to go on at: whoever sends says again what was not acknowledged, and what the lake has it leaves
    out. Raises StreamError if the stream cannot go on.
    """
    live = Live(stream, policy or Policy())
    report = StreamReport(Path("-"))

    def told(so_far: StreamReport, position: int) -> None:
        so_far.shed = live.shed
        if on_block:
            on_block(so_far, position)

    _flow(lake, source, live.blocks(), recipe, report, None, told, workers, LiveGuard(lake.home, recipe.rules))
    report.shed = live.shed
    compact(lake)
    return report


def _flow(
    lake: Lake,
    source: LineSource,
    blocks: Iterator[Lines],
    recipe: Recipe,
    report: StreamReport,
    load_id: str | None,
    on_block: OnBlock | None,
    workers: int | None,
    guard: Guard,
) -> None:
    size = cores() if workers is None else workers
    with ExitStack() as stack:
        folder = stack.enter_context(lake.staging())
        crew = Crew(size, source, recipe, folder) if size else Inline(source, recipe, folder)
        stack.callback(crew.end)
        inbox = stack.enter_context(_spooled(blocks, folder, AHEAD * size + 1))
        joiner = stack.enter_context(_joiner(lake))
        _Flow(lake, source.name, crew, folder, inbox, report, load_id, on_block, joiner, guard).run()


class _Inbox:
    """Blocks as tasks, read and spooled by a thread of its own, so many at most that are not acknowledged."""

    def __init__(self, blocks: Iterator[Lines], folder: Staging, most: int) -> None:
        self._blocks, self._folder = blocks, folder
        self._slots = threading.Semaphore(most)
        self._stopped = False
        self.ready, self._told = Pipe(duplex=False)
        self._thread = threading.Thread(target=self._run, daemon=True, name="spool")
        self._thread.start()

    def acknowledge(self, task: Task) -> None:
        """A task's rows are there for good: another may come."""
        task.spool.unlink()
        self._slots.release()

    def stop(self) -> None:
        """Read no further."""
        self._stopped = True
        self._slots.release()

    def _run(self) -> None:
        try:
            number = 0
            while self._slots.acquire() and not self._stopped:
                block = next(self._blocks, None)
                if block is None or self._stopped:
                    break
                self._told.send(self._spool(number, block))
                number += 1
            self._told.send(None)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever takes tasks
            self._told.send(error)

    def _spool(self, number: int, block: Lines) -> Task:
        path = self._folder.spool(f"block-{number}")
        path.write_bytes(b"\n".join(block.lines))
        return Task(number, path, replace(block, lines=[]), len(block.lines))


@contextmanager
def _spooled(blocks: Iterator[Lines], folder: Staging, most: int) -> Iterator[_Inbox]:
    inbox = _Inbox(blocks, folder, most)
    try:
        yield inbox
    finally:
        inbox.stop()


class _Joiner:
    """Joins small files beside the flow, one joining at a time."""

    def __init__(self, lake: Lake, thread: ThreadPoolExecutor) -> None:
        self._lake, self._thread = lake, thread
        self._running: Future[int] | None = None

    def start(self) -> None:
        """Join what there is to join, unless that is being done."""
        if self._running and not self._running.done():
            return
        if self._running:
            self._running.result()
        self._running = self._thread.submit(compact, self._lake)


@contextmanager
def _joiner(lake: Lake) -> Iterator[_Joiner]:
    """With a manifest of its own: it never sees half of a commit."""
    with Lake(lake.home) as beside, ThreadPoolExecutor(1, thread_name_prefix="join") as thread:
        yield _Joiner(beside, thread)


class _Flow:
    """One stream from its first block to its last."""

    def __init__(
        self,
        lake: Lake,
        source: str,
        crew: Crew | Inline,
        folder: Staging,
        inbox: _Inbox,
        report: StreamReport,
        load_id: str | None,
        on_block: OnBlock | None,
        joiner: _Joiner,
        guard: Guard,
    ) -> None:
        self._lake, self._source, self._crew, self._folder, self._inbox = lake, source, crew, folder, inbox
        self._report, self._load_id, self._on_block, self._joiner = report, load_id, on_block, joiner
        self._guard = guard
        self._ended: BaseException | bool = False
        self._waiting: deque[Task] = deque()  # for a worker
        self._tasks: dict[int, Task] = {}  # not acknowledged
        self._keyed: dict[int, Keyed] = {}
        self._done: dict[int, Done] = {}
        self._new: dict[int, dict[str, Keys]] = {}  # by block that has its verdict: its new keys, sorted
        self._checked: dict[int, frozenset[str]] = {}  # and the runs they were looked up in
        self._judged = self._acknowledged = 0  # blocks

    def run(self) -> None:
        """Until the input ends and all of it is acknowledged. What broke the input is raised after that."""
        while not self._ended or self._tasks:
            for said in self._crew.heard(None if self._ended else self._inbox.ready):
                if isinstance(said, Keyed):
                    self._keyed[said.number] = said
                    self._judge()
                elif isinstance(said, Done):
                    self._done[said.number] = said
                    self._let_in()
                else:
                    self._take(said.recv())
            while self._waiting and self._crew.free:
                self._crew.give(self._waiting.popleft())
        if isinstance(self._ended, BaseException):
            raise self._ended

    def _take(self, said: Task | BaseException | None) -> None:
        if isinstance(said, Task):
            self._tasks[said.number] = said
            self._waiting.append(said)
        else:
            self._ended = said or True

    def _judge(self) -> None:
        """Tell workers which rows are new, in the order of the input: the first of two is the one that is kept."""
        while (keyed := self._keyed.get(self._judged)) and self._judged not in self._new:
            held, checked = self._lake.known(keyed.keys)
            new = {}
            for name, keys in keyed.keys.items():
                coming = [its[name] for its in self._new.values() if name in its]
                new[name] = ~(held[name] | known_among(keys, coming))
            self._checked[keyed.number] = checked
            self._new[keyed.number] = {name: np.sort(keys[new[name]]) for name, keys in keyed.keys.items()}
            self._crew.answer(Verdict(keyed.number, new))
            self._judged += 1

    def _let_in(self) -> None:
        """Let in what is done, in the order of the input."""
        while done := self._done.pop(self._acknowledged, None):
            number, done = done.number, done._replace(matches=self._guard.passed(done.matches))
            keyed, task = self._keyed.pop(number), self._tasks.pop(number)
            staged = Staged(done.files, self._new.pop(number), done.matches, self._checked.pop(number))
            rejects = rejects_table(self._source, self._report.path, keyed.batch.rejects)
            self._count(keyed, done, self._lake.let_in(self._folder, staged, rejects, self._step(keyed)))
            self._inbox.acknowledge(task)
            self._acknowledged += 1
            if self._acknowledged % _JOIN_EVERY == 0:
                self._joiner.start()
            if self._on_block:
                self._on_block(self._report, keyed.batch.position)

    def _said(self, reason: str) -> str:
        """A reason as it is counted: of a stream without end there may not be ever more of them."""
        return (
            reason if reason in self._report.reasons or len(self._report.reasons) < _MOST_REASONS else "other reasons"
        )

    def _step(self, keyed: Keyed) -> LoadStep | None:
        read, rejected = self._report.read + keyed.batch.read, self._report.rejected + len(keyed.batch.rejects)
        state = LoadState(keyed.batch.cursor, read, rejected, done=False)
        return LoadStep(self._load_id, state) if self._load_id else None

    def _count(self, keyed: Keyed, done: Done, added: dict[str, int]) -> None:
        report, batch = self._report, keyed.batch
        report.blocks += 1
        report.read += batch.read
        report.rejected += len(batch.rejects)
        report.reasons.update(self._said(reject.reason) for reject in batch.rejects)
        report.ignored.update(batch.ignored)
        report.unknown.update(batch.unknown)
        report.added.update(added)
        report.posts += done.posts
        report.matches.update(done.matches["rule"].to_pylist())
        report.stages.update(done.stages)
        report.lost, report.stopped = self._crew.lost, self._guard.stopped
        for name, keys in keyed.keys.items():
            report.already[name] += len(keys) + keyed.twice[name] - added.get(name, 0)
