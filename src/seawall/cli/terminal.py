"""What people see: results on stdout, progress and errors on stderr, every error with what to do next."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from seawall.signals.contract import Tell

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Say what went wrong and what to do next, and end with a non-zero exit status."""
    err.print("seawall: " + message, style="red", markup=False)
    raise typer.Exit(1)


def said(error: Exception) -> str:
    """An error in words: of what the system refuses, what and where, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: '1 seed', '1,200 seeds'; `many` where an s is not enough."""
    return f"{count:,} {noun(count, one, many)}"


def noun(count: float, one: str, many: str = "") -> str:
    """The noun alone, where the count stands in a column of its own."""
    return one if count == 1 else many or one + "s"


def print_json(value: object, *, at_once: bool = False) -> None:
    """One JSON value on one line of stdout. `at_once` for what runs long: whoever reads it waits for no more."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    if at_once:
        sys.stdout.flush()


def progress(*extra: str) -> Progress:
    """A bar with rate and time left, on stderr; gone when done, and silent where stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        *(TextColumn(column) for column in extra),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


@contextmanager
def telling() -> Iterator[Tell]:
    """A bar for signals: they tell what they do, how much is done, and of how much."""
    with progress() as bar:
        tasks = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield tell
