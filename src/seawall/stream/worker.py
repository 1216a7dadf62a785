"""A worker process: blocks of lines in, files and matches out. It opens no lake and decides nothing.

What it is told comes in one after the other: a task is decoded and its keys sent; a verdict finishes the task it is
about. So while the leader looks keys up, the next block is decoded.
"""

from __future__ import annotations

import gc
import signal
import threading
from collections import Counter
from dataclasses import replace
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import NamedTuple

import pyarrow as pa

from seawall.lake.keys import first_of_each, keys_of
from seawall.lake.staging import Staging
from seawall.records.facts import POSTS, TABLES
from seawall.records.marks import KEPT
from seawall.sources.contract import Batch
from seawall.stream.marking import Marker, Recipe
from seawall.stream.parts import Clock, Done, Failed, Keyed, LineSource, Mask, Task, Verdict


class Ready(NamedTuple):
    """A worker has started."""


class Worker:
    """Does tasks in two steps, with the leader's verdict between them."""

    def __init__(self, source: LineSource, recipe: Recipe, folder: Staging) -> None:
        self._source, self._folder = source, folder
        self._marker = Marker(recipe)
        self._clock = Clock()
        self._held: dict[int, dict[str, pa.Table]] = {}

    def warm(self) -> None:
        """Be ready for the first post."""
        self._marker.warm()

    def keyed(self, task: Task) -> Keyed:
        """Decode a task's lines; its rows wait here for the verdict."""
        with self._clock("decode"):
            batch = self._source.batch(replace(task.block, lines=_lines(task)))
        tables, keys = {}, {}
        twice = {}
        with self._clock("keys"):
            for name, rows in batch.tables.items():
                its = keys_of(TABLES[name], rows)
                first = first_of_each(its)
                keys[name], tables[name] = its[first], _kept(rows, first)
                twice[name] = rows.num_rows - len(keys[name])
        self._held[task.number] = tables
        return Keyed(task.number, _without_tables(batch), keys, Counter(twice))

    def done(self, verdict: Verdict) -> Done:
        """Mark and write the new rows of a task."""
        held = self._held.pop(verdict.number)
        tables = {name: _kept(rows, verdict.new[name]) for name, rows in held.items()}
        posts = tables.get("posts", POSTS.schema.empty_table())
        marks = self._marker.marks(posts, self._clock)
        matches = marks.pop("matches")
        with self._clock("write"):
            files = {
                name: self._folder.write(KEPT[name], rows) for name, rows in (tables | marks).items() if rows.num_rows
            }
        return Done(verdict.number, files, matches, posts.num_rows, self._clock.taken())


def work(connection: Connection, source: LineSource, recipe: Recipe, folder: Staging) -> None:
    """Do what comes until the leader ends or goes away. The process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the leader, and the leader ends this
    pa.set_cpu_count(1)
    gc.disable()  # decoding makes millions of short-lived objects and no cycles
    told: SimpleQueue[Task | Verdict | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(connection, told), daemon=True).start()
    worker = Worker(source, recipe, folder)
    worker.warm()
    connection.send(Ready())
    while (what := told.get()) is not None:
        try:
            connection.send(worker.keyed(what) if isinstance(what, Task) else worker.done(what))
        except ConnectionError:
            return  # the leader is gone
        except Exception as error:  # noqa: BLE001 - told to the leader, which stops with it
            connection.send(Failed(what.number, f"{type(error).__name__}: {error}"))
        if isinstance(what, Verdict) and told.empty():
            gc.collect()


def _listen(connection: Connection, told: SimpleQueue[Task | Verdict | None]) -> None:
    """Take what the leader says as it comes, so that the leader never waits to say it."""
    try:
        while True:
            told.put(connection.recv())
    except (EOFError, OSError):
        told.put(None)


def _lines(task: Task) -> list[bytes]:
    return task.spool.read_bytes().split(b"\n") if task.lines else []


def _kept(rows: pa.Table, mask: Mask) -> pa.Table:
    return rows if mask.all() else rows.filter(pa.array(mask))


def _without_tables(batch: Batch) -> Batch:
    return replace(batch, tables={})
