"""seawall connect, disconnect: a platform to follow and, where Seawall can act there, to act on."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.prompt import Prompt

from seawall.cli.desk import log, open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home, platform_name
from seawall.cli.terminal import err, fail, out, print_json

if TYPE_CHECKING:
    from seawall.sources.kinds import Ask, Kind

_ACTS = "matrix"  # the kind that Seawall can act on, besides reading it


def connect(
    kind: Annotated[str | None, typer.Argument(help="What kind of platform; without it all kinds are listed.")] = None,
    home: Home = DEFAULT,
    name: Annotated[str | None, typer.Option(help="What to call it here; default: the kind.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="An answer, as name=value; may be repeated. Else you are asked.")
    ] = None,
    secret_file: Annotated[
        list[str] | None, typer.Option(help="A file with a secret: its path, or name=path; may be repeated.")
    ] = None,
    platform: Annotated[str | None, typer.Option(help="The platform its posts are of; default: its name.")] = None,
    shed: Annotated[
        int | None,
        typer.Option(min=1, help="Let items go, counted, once so many wait. Default: none is let go, it falls behind."),
    ] = None,
    url: Annotated[str | None, typer.Option(help="The same as --set url=...")] = None,
    token_file: Annotated[Path | None, typer.Option(help="The same as --secret-file token=...")] = None,
    read_token_file: Annotated[
        Path | None, typer.Option(help="matrix: a file with another admin's token, for reading; else the same is used.")
    ] = None,
    room: Annotated[
        list[str] | None, typer.Option(help="matrix: read this room, by its id; may be repeated. Else all public ones.")
    ] = None,
    enter_rooms: Annotated[
        bool,
        typer.Option("--enter-rooms", help="matrix: let the account make itself a moderator where it must redact."),
    ] = False,
    watch_only: Annotated[bool, typer.Option("--watch-only", help="Read it; do nothing on it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Connect a platform: asks for what it needs, tests each thing, says what to do about what does not work."""
    from seawall.sources.contract import SourceError  # noqa: PLC0415 - httpx takes a moment to import
    from seawall.sources.kinds import KINDS  # noqa: PLC0415
    from seawall.sources.watching import (  # noqa: PLC0415
        Watch,
        save,
        settings_of,
        watch_of,
        watches,
        write_registration,
    )

    live = [name for name, its in KINDS.items() if its.live]
    if kind is None:
        _list(home, as_json)
        return
    if kind not in live:
        fail(f"there is no kind of platform '{kind}' that can be followed. Known are: {', '.join(live)}.")
    called = platform_name(name or platform or kind)
    open_desk(home)
    answers = _answers(KINDS[kind], given or [], secret_file or [], url, token_file, room)
    try:
        watches(home)  # a file that cannot be written to is said before anybody is asked
        shape = watch_of(called, {"kind": kind, "platform": platform_name(platform or called), "shed": shed})
        _ask(KINDS[kind], answers)
        settings = _with_made(KINDS[kind], settings_of(KINDS[kind], answers))
        acting = kind == _ACTS and _act(called, settings, enter_rooms, watch_only)
        if read_token_file:
            settings["token"] = _secret(read_token_file)
        KINDS[kind].followed(settings, shape.platform)
        checked = list(_tried(KINDS[kind], settings))
        if not checked or not all(checked):
            fail("not connected: see above.")
        if acting:
            acting()
        save(home, Watch(called, kind, shape.platform, shed), settings)
        paper = KINDS[kind].registration(settings, shape.platform)
        to_do = paper and paper.words.format(path=write_registration(home, called, paper.content))
    except SourceError as error:
        fail(f"not connected: {error}")
    log(home, "watch.connect", f"watch:{called}", kind=kind)
    if to_do:
        out.print(to_do, markup=False)
    out.print(
        f"{called} is connected. 'seawall up' reads it from its next start on; so does: seawall watch {called}",
        markup=False,
    )


def disconnect(
    platform: Annotated[str, typer.Argument(help="Its name here.")],
    home: Home = DEFAULT,
) -> None:
    """Forget a platform's credentials. What was done there stays done; nothing more is done or read."""
    open_desk(home)
    from seawall.enforcement.services import disconnect as disconnect_platform  # noqa: PLC0415
    from seawall.sources.contract import SourceError  # noqa: PLC0415
    from seawall.sources.watching import forget  # noqa: PLC0415
    from seawall.stream.status import forget_status  # noqa: PLC0415

    name = platform_name(platform)
    try:
        was_watched = forget(home, name)
    except SourceError as error:
        fail(str(error))
    if not disconnect_platform(who(), name) and not was_watched:
        fail(f"{name} is not connected.")
    if was_watched:
        forget_status(home, name)
        log(home, "watch.disconnect", f"watch:{name}")
    out.print(f"{name} is disconnected.", markup=False)


def _list(home: Path, as_json: bool) -> None:
    """The kinds that can be followed, and what is connected."""
    from seawall.sources.contract import SourceError  # noqa: PLC0415
    from seawall.sources.kinds import KINDS  # noqa: PLC0415
    from seawall.sources.watching import watches  # noqa: PLC0415

    try:
        held = watches(home)
    except SourceError as error:
        fail(str(error))
    kinds = [kind for kind in KINDS.values() if kind.live]
    if as_json:
        print_json(
            {
                "kinds": {kind.name: [ask._asdict() for ask in kind.asks()] for kind in kinds},
                "connected": {watch.name: watch.kind for watch in held.values()},
            }
        )
        return
    for kind in kinds:
        out.print(f"seawall connect {kind.name:<12} {kind.title}", markup=False)
    for watch in held.values():
        out.print(f"connected: {watch.name} ({watch.kind})", markup=False)
    if not held:
        out.print("Nothing is connected yet.")


def _answers(
    kind: Kind, given: list[str], files: list[str], url: str | None, token: Path | None, rooms: list[str] | None
) -> dict[str, Any]:
    """What the options say, by the names of the kind's asks."""
    asks = {ask.name: ask for ask in kind.asks()}
    hidden = [ask.name for ask in asks.values() if ask.secret and not ask.made_for]
    answers: dict[str, Any] = {}
    pairs = [*map(_pair, given), *([("url", url)] if url else []), *(("rooms", room) for room in rooms or ())]
    for name, value in pairs:
        ask = asks.get(name) or fail(f"'{name}' is nothing that {kind.name} asks for; it asks for: {', '.join(asks)}.")
        if ask.secret:
            fail(f"{name} is a secret: others on this machine could see it. Put it into a file: --secret-file {name}=…")
        if ask.many:
            answers.setdefault(name, []).append(value)
        else:
            answers[name] = value
    for text in [*files, *([f"token={token}"] if token else [])]:
        name, _, path = text.rpartition("=")
        name = name or (hidden[0] if len(hidden) == 1 else "")
        if name not in hidden:
            fail(f"say which secret is in {path}: {' or '.join(f'{s}={path}' for s in hidden) or 'it needs none'}")
        answers[name] = _secret(Path(path))
    return answers


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return (name.strip(), value.strip()) if equals else fail(f"--set wants name=value, not '{text}'.")


def _secret(path: Path) -> str:
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read {path}: {error.strerror if isinstance(error, OSError) else error}")
    return secret or fail(f"{path} is empty.")


def _ask(kind: Kind, answers: dict[str, Any]) -> None:
    """Ask for what no option said. Where nobody can be asked, defaults stand."""
    for ask in kind.asks():
        if ask.name not in answers and not ask.made_for:
            said = _asked(ask)
            if said is not None:
                answers[ask.name] = said


def _with_made(kind: Kind, settings: dict[str, Any]) -> dict[str, Any]:
    """The answers, with new secrets that Seawall makes itself for some of them."""
    wanted = [ask.name for ask in kind.asks() if ask.made_for and settings[ask.made_for]]
    return {**settings, **{name: secrets.token_urlsafe(32) for name in wanted}}


def _asked(ask: Ask) -> str | list[str] | None:
    if not err.is_terminal and (ask.many or ask.default is not None):
        return None
    question = f"{ask.question} (with blanks between)" if ask.many else ask.question
    question += " (not shown)" if ask.secret else ""
    try:
        default = "" if ask.many else ask.default
        said = Prompt.ask(question, password=ask.secret, default=default, show_default=bool(default), console=err)
    except EOFError:
        how = f"--secret-file {ask.name}=FILE" if ask.secret else f"--set {ask.name}=..."
        fail(f"{ask.name} is needed ({ask.question}): {how}")
    said = (said or "").strip()
    return said.split() if ask.many else said or None


def _tried(kind: Kind, settings: dict[str, Any]) -> list[bool]:
    """Each thing that is tried on the server, told as it comes."""
    found = []
    for line in kind.check(settings):
        err.print(f"  {line.words}", style="green" if line.ok else "yellow", markup=False)
        found.append(line.ok)
    return found


def _act(name: str, settings: dict[str, Any], enter_rooms: bool, watch_only: bool) -> Any:
    """Try what Seawall can do there, and give the act that lets it. Ends if it cannot do the least."""
    from seawall.enforcement.adapters.matrix import check  # noqa: PLC0415 - needs the ledger
    from seawall.enforcement.services import connect as connect_platform  # noqa: PLC0415

    address, token = settings["url"], settings["token"]
    lines = check(address, token)
    for line in lines:
        err.print(f"  {line}", style="green" if line.ok else "yellow", markup=False)
    if not all(line.ok for line in lines[:3]):
        fail("not connected: see above.")
    return None if watch_only else lambda: connect_platform(who(), name, address, token, enters_rooms=enter_rooms)
