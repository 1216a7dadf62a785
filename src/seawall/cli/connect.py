"""seawall connect, disconnect, watch: a real platform to act on and to follow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.prompt import Prompt

from seawall.cli.desk import open_desk, who
from seawall.cli.home import DEFAULT, Home, open_lake, platform_name
from seawall.cli.terminal import err, fail, out
from seawall.cli.told import Told

TokenFile = Annotated[Path | None, typer.Option(help="A file with the token; without it you are asked.")]


def connect(
    kind: Annotated[str, typer.Argument(help="What kind of platform: matrix (a Synapse server).")],
    home: Home = DEFAULT,
    url: Annotated[str | None, typer.Option(help="The server's address, such as https://matrix.example.org.")] = None,
    token_file: TokenFile = None,
    read_token_file: Annotated[
        Path | None, typer.Option(help="A file with another admin's token, for reading; else the same is used.")
    ] = None,
    platform: Annotated[str, typer.Option(help="What to call it here.")] = "matrix",
    room: Annotated[
        list[str] | None, typer.Option(help="Read this room, by its id; may be repeated. Else all public rooms.")
    ] = None,
    enter_rooms: Annotated[
        bool, typer.Option("--enter-rooms", help="Let the account make itself a moderator where it must redact.")
    ] = False,
    watch_only: Annotated[bool, typer.Option("--watch-only", help="Read it; do nothing on it.")] = False,
) -> None:
    """Connect a platform: asks for what it needs, tests each thing, and says what to do about what does not work."""
    if kind != "matrix":
        fail(f"there is no kind of platform '{kind}'. Known is: matrix.")
    open_desk(home)
    from seawall.enforcement.adapters.matrix import check  # noqa: PLC0415 - needs the ledger
    from seawall.enforcement.services import connect as connect_platform  # noqa: PLC0415
    from seawall.sources.watching import watch as save  # noqa: PLC0415

    name = platform_name(platform)
    address = url or Prompt.ask("The server's address", console=err)
    token = _token(token_file, "An admin's access token (not shown)")
    lines = check(address, token)
    for line in lines:
        err.print(f"  {line}", style="green" if line.ok else "yellow", markup=False)
    if not all(line.ok for line in lines[:3]):
        fail("not connected: see above.")
    if not watch_only:
        connect_platform(who(), name, address, token, enters_rooms=enter_rooms)
    save(home, name, address, _token(read_token_file, "") if read_token_file else token, room or [])
    out.print(f"{name} is connected. 'seawall up' reads it from now on; so does: seawall watch {name}", markup=False)


def disconnect(
    platform: Annotated[str, typer.Argument(help="Its name here.")],
    home: Home = DEFAULT,
) -> None:
    """Forget a platform's credentials. What was done there stays done; nothing more is done or read."""
    open_desk(home)
    from seawall.enforcement.services import disconnect as disconnect_platform  # noqa: PLC0415
    from seawall.sources.watching import unwatch, watched  # noqa: PLC0415

    name = platform_name(platform)
    was_watched = name in watched(home)
    unwatch(home, name)
    if not disconnect_platform(who(), name) and not was_watched:
        fail(f"{name} is not connected.")
    out.print(f"{name} is disconnected.", markup=False)


def watch(
    platform: Annotated[str, typer.Argument(help="A connected platform.")],
    home: Home = DEFAULT,
    once: Annotated[bool, typer.Option("--once", help="Read what is new and end.")] = False,
    seconds: Annotated[int, typer.Option(min=1, help="Pause between two looks.")] = 30,
) -> None:
    """Follow a connected platform: load what is new, again and again. Safe to interrupt at any point."""
    from seawall.sources.contract import SourceError  # noqa: PLC0415 - httpx takes a moment to import
    from seawall.sources.loading import follow  # noqa: PLC0415
    from seawall.sources.watching import live_source  # noqa: PLC0415

    stop = Told().listen()
    try:
        source = live_source(home, platform_name(platform))
    except SourceError as error:
        fail(str(error))
    with open_lake(home) as lake:
        while not stop.is_set():
            try:
                report = follow(lake, source)
            except SourceError as error:
                if once:
                    fail(str(error))
                err.print(f"seawall: {error}", style="yellow", markup=False)
            else:
                if once or report.loaded or report.rejected:
                    read, loaded, bad = report.read - report.resumed_at, report.loaded, report.rejected
                    out.print(f"{platform}: read {read:,}, {loaded:,} loaded so far, {bad:,} rejected", markup=False)
            if once:
                return
            stop.wait(seconds)


def _token(path: Path | None, question: str) -> str:
    try:
        token = path.read_text("utf-8").strip() if path else Prompt.ask(question, password=True, console=err).strip()
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}")
    return token or fail("a token is needed: an access token of a server admin.")
