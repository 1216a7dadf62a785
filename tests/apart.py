"""Processes of their own that need not import anything: a fork server, one for all tests, has done it before."""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection

CONTEXT = multiprocessing.get_context("forkserver")
PRELOADED = [
    "seawall.stream.beforehand",  # first: it leaves what it reads to the processes that are forked
    "command",  # every verb
    "seawall.cli.audit",
    "seawall.signals.scan",
    "django.core.management",
    "pyrage",
]
CONTEXT.set_forkserver_preload(PRELOADED)


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def serve() -> None:
    """Start the server, unless it runs: whoever starts it has it import what they need, and it runs until the end."""
    forkserver.ensure_running()


def command(words: tuple[object, ...], env: dict[str, str]) -> Ended:
    """`seawall ...` in a process of its own. One that does not end, or ends as nobody meant it to, fails the test."""
    answer, gives = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_main, args=([str(word) for word in words], env, gives))
    process.start()
    gives.close()
    try:
        assert answer.poll(300), f"seawall {words} did not end"
        ended: Ended = answer.recv()
    finally:
        process.join(1)
        process.kill()
        process.join()
    assert "Traceback" not in ended.err, ended.err
    return ended


def _main(words: list[str], env: dict[str, str], answer: Connection) -> None:
    from seawall.cli.main import main  # noqa: PLC0415 - in the process that the fork server made

    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["seawall", *words]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception:  # noqa: BLE001 - the test is told
            traceback.print_exc()
    answer.send(Ended(code, out.getvalue(), err.getvalue()))
