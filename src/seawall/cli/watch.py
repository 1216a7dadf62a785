"""seawall watch: follow a connected platform, with a live view of it in a terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake, platform_name
from seawall.cli.terminal import err, fail, out, print_json
from seawall.cli.told import Told

if TYPE_CHECKING:
    from seawall.stream.status import FloodsNow, NewcomersNow, Status
    from seawall.stream.watch import Watcher

_BARS = "▁▂▃▄▅▆▇█"
_STYLES = {"reading": "green", "waiting": "yellow", "stopped": "red"}
_SECOND = 1.0
_LONG = 3600.0  # seconds


def watch(
    name: Annotated[
        str | None, typer.Argument(help="A connected platform; without it all watchers are listed.")
    ] = None,
    home: Home = DEFAULT,
    once: Annotated[bool, typer.Option("--once", help="Read what there is and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Follow a connected platform: what comes is read, asked about by the rules, and kept. Safe to interrupt.

    Where another process follows it already, its state is shown. Without a name: the state of all; the exit status is 1
    if one of them is in trouble.
    """
    if name is None:
        _list(home, as_json)
        return
    from seawall.stream.status import is_running  # noqa: PLC0415 - httpx and the engines take a moment to import

    called = platform_name(name)
    open_lake(home).close()
    if is_running(home, called) and not once:
        _look_on(home, called, as_json)
        return
    watcher = _watcher(home, called)
    told = Told().listen()
    threading.Thread(target=_stop_when, args=(told, watcher), daemon=True).start()
    _run(home, called, watcher, once, as_json)


def _watcher(home: Path, name: str) -> Watcher:
    from seawall.signals.contract import SignalError  # noqa: PLC0415
    from seawall.signals.rules import RuleError  # noqa: PLC0415
    from seawall.sources.contract import SourceError  # noqa: PLC0415
    from seawall.sources.watching import live_source  # noqa: PLC0415
    from seawall.stream.status import Status  # noqa: PLC0415
    from seawall.stream.watch import HomeRecipe, Watcher  # noqa: PLC0415

    def tell(words: str) -> None:
        err.print(f"{name}: {words}", style="yellow", markup=False)

    try:
        settings, source = live_source(home, name)
        status = Status(name, settings.kind, settings.platform)
        return Watcher(home, source, HomeRecipe(home, tell), status, tell, settings.shed)
    except (SourceError, RuleError, SignalError) as error:
        fail(str(error))


def _stop_when(told: Told, watcher: Watcher) -> None:
    while not told.wait(_LONG):
        continue
    watcher.stop()


def _run(home: Path, name: str, watcher: Watcher, once: bool, as_json: bool) -> None:
    from seawall.lake import LakeError  # noqa: PLC0415
    from seawall.sources.contract import SourceError  # noqa: PLC0415
    from seawall.stream.parts import StreamError  # noqa: PLC0415

    done = threading.Event()
    shown = out.is_terminal and not once and not as_json
    teller = threading.Thread(target=_tell, args=(home, name, done, as_json, shown), daemon=True)
    if not once:
        teller.start()
    try:
        last = watcher.run(once=once)
    except (SourceError, StreamError, LakeError) as error:
        fail(str(error))
    finally:
        done.set()
        if teller.is_alive():
            teller.join(2)
    if as_json:
        print_json(_plain(last))
    elif once:
        out.print(_line(last), markup=False)


def _tell(home: Path, name: str, done: threading.Event, as_json: bool, shown: bool) -> None:
    """Beside the watcher: the view in a terminal, else a line whenever its counts have changed, at most each second."""
    with _view(shown) as show:
        before = None
        while not done.wait(_SECOND):
            status = _status(home, name)
            if status is None:
                continue
            if shown:
                show.update(_picture(status))
            elif as_json:
                print_json(_plain(status), at_once=True)
            elif (status.totals, status.state, _pushed(status)) != before:
                out.print(_line(status), markup=False)
            before = (msgspec.structs.replace(status.totals), status.state, _pushed(status))


def _pushed(status: Status) -> int:
    return status.floods.pushed + status.floods.unclear if status.floods else 0


def _look_on(home: Path, name: str, as_json: bool) -> None:
    """Show what another process does, until interrupted or until it has ended."""
    shown = out.is_terminal and not as_json
    with _view(shown) as show:
        while (status := _status(home, name)) and status.state != "stopped":
            if not shown:
                if as_json:
                    print_json(_plain(status), at_once=True)
                else:
                    out.print(_line(status), markup=False)
                return
            show.update(_picture(status))
            time.sleep(_SECOND)
    err.print(f"{name} is not being watched any more.", markup=False)


def _list(home: Path, as_json: bool) -> None:
    """Every watcher with its state. Exit status 1 if one of them is in trouble."""
    from seawall.sources.contract import SourceError  # noqa: PLC0415
    from seawall.sources.watching import watches  # noqa: PLC0415
    from seawall.stream.status import Status  # noqa: PLC0415

    try:
        held = watches(home)
    except SourceError as error:
        fail(str(error))
    found = [
        _status(home, name) or Status(name, its.kind, its.platform, why="it was never started")
        for name, its in held.items()
    ]
    for status in found:
        if as_json:
            print_json(_plain(status))
        else:
            out.print(_line(status), markup=False)
    if not found and not as_json:
        out.print("Nothing is watched. Connect a platform: seawall connect")
    if any(status.failing for status in found):
        raise typer.Exit(1)


def _status(home: Path, name: str) -> Status | None:
    from seawall.stream.status import read_status  # noqa: PLC0415

    return read_status(home, name)


def _plain(status: Status) -> object:
    return msgspec.to_builtins(status)


def _line(status: Status) -> str:
    totals = status.totals
    words = [
        f"{status.name}: {_state(status)}",
        f"{status.rate_1:,.1f}/s",
        f"lag {_duration(status.lag)}",
        f"read {totals.read:,}",
        f"{totals.rejected:,} rejected",
        f"{totals.matches:,} matches",
    ]
    if status.floods and status.floods.bursts:
        words.append(f"{status.floods.pushed:,} pushed and {status.floods.unclear:,} unclear floods in a day")
    if totals.shed:
        words.append(f"{totals.shed:,} LET GO")
    return ", ".join(words)


def _state(status: Status) -> str:
    words = str(status.state)
    if status.until and status.state == "waiting":
        words += f" {max((status.until - datetime.now(UTC)).total_seconds(), 0):.0f} s"
    return f"{words} ({status.why})" if status.why else words


def _picture(status: Status) -> Group:
    """The view: state, rates, lag, totals, last match, and the last minutes as bars."""
    totals, table = status.totals, Table.grid(padding=(0, 2))
    match = status.last_match
    rows: list[tuple[str, str | Text]] = [
        ("state", Text(_state(status), style=_STYLES[status.state])),
        ("rate", f"{status.rate_1:,.1f}/s over a minute, {status.rate_5:,.1f}/s over five"),
        ("lag", f"{_duration(status.lag)}, {status.waiting:,} waiting"),
        ("read", f"{totals.read:,} = {totals.loaded:,} loaded + {totals.rejected:,} rejected"),
        ("matches", f"{totals.matches:,}" + (f", last: {match.title}, {_ago(match.at)}" if match else "")),
        ("last hour", Text(spark(_by_minute(status)), style="cyan")),
    ]
    if status.floods:
        rows.append(("floods", _floods(status.floods)))
    if status.newcomers and status.newcomers.suspended:
        rows.append(("newcomers", _newcomers(status.newcomers)))
    if totals.shed:
        lately = f"{totals.shed:,}, of them {status.shed_lately:,} in the last hour: it comes faster than it is read"
        rows.append(("LET GO", Text(lately, style="red")))
    if status.unknown:
        rows.append(("unknown", f"{len(status.unknown)} fields: {', '.join(list(status.unknown)[:4])}"))
    for label, value in rows:
        table.add_row(Text(label, style="dim"), value if isinstance(value, Text) else Text(value))
    head = Text(f"{status.name}  {status.kind} {status.address}", style="bold")
    return Group(head, table, Text("Ctrl-C ends it; nothing is lost.", style="dim"))


def _floods(now: FloodsNow) -> str:
    """The last day's bursts in numbers; which tags and targets they are about stands elsewhere."""
    if not now.bursts:
        return f"no burst in the last day, counted to {now.counted:%H:%M} UTC"
    last = f", the last {_ago(now.last)}" if now.last else ""
    bursts = f"{now.bursts:,} bursts in the last day: {now.pushed:,} pushed, {now.unclear:,} unclear{last}"
    return f"{bursts}; which: seawall floods"


def _newcomers(now: NewcomersNow) -> str:
    """The last day's new and renamed accounts in numbers; none is named here."""
    last = f", the last {_ago(now.last)}" if now.last else ""
    compared = f"{now.asked:,} compared with {now.suspended:,} suspended in the last day"
    return f"{compared}: {now.likely:,} may be back{last}; {now.listed:,} of them listed: seawall returns"


def _by_minute(status: Status) -> list[int]:
    """What was read in each of the last sixty minutes."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    read = {round((now - minute.at).total_seconds() / 60): minute.read for minute in status.minutes}
    return [read.get(ago, 0) for ago in range(59, -1, -1)]


def spark(counts: list[int]) -> str:
    """Numbers as a row of small bars, the highest full; nothing is a blank."""
    most = max(counts, default=0)
    return "".join(_BARS[min(count * 8 // (most + 1), 7)] if count else " " for count in counts)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.1f} s"


def _ago(at: datetime) -> str:
    return f"{_duration((datetime.now(UTC) - at).total_seconds())} ago"


class _Silent:
    def update(self, _what: Group) -> None:
        """Nothing is shown."""


@contextmanager
def _view(shown: bool) -> Iterator[Live | _Silent]:
    if not shown:
        yield _Silent()
        return
    with Live(console=out, refresh_per_second=2, transient=True) as live:
        yield live
