"""seawall up, web, worker, scanner: the desk's processes, all together or one by one."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import check_home, open_desk
from seawall.cli.home import DEFAULT, Home
from seawall.cli.lock import only_desk
from seawall.cli.terminal import err, fail, out
from seawall.cli.told import Told

FOLLOW_EVERY = 0.25  # seconds between two looks at what rules matched

if TYPE_CHECKING:
    from seawall.ledger.config import WebSettings

Port = Annotated[int | None, typer.Option(envvar="PORT", min=1, max=65535, help="Instead of the port in seawall.toml.")]
_LOOKS = 1.0  # seconds between looks of the scanner whether a rule or a bank changed


def up(
    home: Home = DEFAULT,
    port: Port = None,
    custodian: Annotated[
        Path | None, typer.Option(help="Where to put the evidence custodian's key if there is none yet.")
    ] = None,
) -> None:
    """Run the desk: bring the ledger up to date, then keep web, worker, scanner, watchers and, beside them, newcomers
    running until Ctrl-C."""
    check_home(home)
    at = listens_at(home, port)
    with only_desk(home, at.here("/")):
        check_port(at)
        open_desk(home)
        from seawall.enforcement.services import sync_reach  # noqa: PLC0415 - needs the ledger

        sync_reach()
        _custodian(home, custodian)
        _first_run()
        run_desk(home, at)


def run_desk(home: Path, at: WebSettings) -> None:
    """Supervise the desk's processes until told to stop."""
    from seawall.cli.supervisor import Supervisor  # noqa: PLC0415
    from seawall.ledger.config import read_settings  # noqa: PLC0415
    from seawall.sources.contract import SourceError  # noqa: PLC0415
    from seawall.sources.watching import watches  # noqa: PLC0415

    os.environ["SEAWALL_HOME"] = str(home.resolve())
    commands = {"web": ["web", "--port", str(at.port)], "worker": ["worker"], "scanner": ["scanner"]}
    try:
        followed = {f"watch {name}": ["watch", name] for name in watches(home)}
        commands |= followed | ({"newcomers": ["newcomers"]} if followed else {})
        commands |= {"media": ["media", "follow"]} if read_settings(home).media.followed else {}
    except SourceError as error:
        fail(str(error))
    supervisor = Supervisor(commands, lambda line: err.print(f"seawall: {line}", style="yellow", markup=False))
    supervisor.run(lambda: _opened(f"http://{at.host}:{at.port}/", at.here("/")))
    err.print("The desk is closed. Nothing acknowledged is lost.")


def check_port(at: WebSettings) -> None:
    """Ends with what to do if something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((at.host, at.port))
        except OSError as error:
            why = f"cannot listen on {at.host}:{at.port}: {error.strerror}"
            fail(f"{why}. Another desk? Choose another port: --port {at.port + 1}")


def web(home: Home = DEFAULT, port: Port = None) -> None:
    """Serve the console, the appeal page and the API."""
    import uvicorn  # noqa: PLC0415

    at = listens_at(home, port)
    open_desk(home)
    uvicorn.run(
        "seawall.web.asgi:application",
        host=at.host,
        port=at.port,
        log_level="warning",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        lifespan="off",
    )


def worker(home: Home = DEFAULT) -> None:
    """Do what was decided: take jobs from the outbox, one at a time, until told to stop. Back-tests of rules are done
    beside, so that nothing that was decided waits for them."""
    open_desk(home)
    from seawall.enforcement.services import handlers, sync_reach  # noqa: PLC0415
    from seawall.ledger.worker import Worker  # noqa: PLC0415

    sync_reach()
    stop = Told().listen()
    beside = threading.Thread(target=_back_test, args=(stop,), daemon=True, name="back-tests")
    beside.start()
    Worker(handlers()).run(stop)
    beside.join(2)


def _back_test(stop: Told) -> None:
    """Do the back-tests that are asked for. A fault ends the whole process; what was begun is done again."""
    from seawall.cases import backtests  # noqa: PLC0415 - needs the ledger
    from seawall.ledger.worker import Worker  # noqa: PLC0415

    try:
        Worker(backtests.handlers()).run(stop)
    except BaseException:
        signal.raise_signal(signal.SIGTERM)
        raise


def scanner(home: Home = DEFAULT) -> None:
    """Scan whenever the lake has changed, every scan_minutes of seawall.toml, and at once when a rule or a bank has;
    bring what rules match in between, and media that stand in a bank, to the desk at once; let go of evidence whose
    time is over."""
    open_desk(home)
    from django.core.management import call_command  # noqa: PLC0415 - needs the ledger

    from seawall.cases.scanning import scan_home, survey_home  # noqa: PLC0415
    from seawall.evidence.services import destroy_due, erase_due_profiles  # noqa: PLC0415
    from seawall.ledger.config import read_settings  # noqa: PLC0415
    from seawall.signals.media.banks import changed  # noqa: PLC0415
    from seawall.signals.rules.book import Stamp, stamp  # noqa: PLC0415

    seen: tuple[list[str], Stamp] | None = None
    stop, turn = Told().listen(), threading.Lock()
    minutes = read_settings(home).desk.scan_minutes
    following = threading.Thread(target=_follow_matches, args=(home, stop, turn), daemon=True)
    following.start()

    def looked_for() -> Stamp:
        return *stamp(home, trials=True), *changed(home)

    while not stop.wait(_LOOKS):
        grounds = looked_for()
        there = _facts(home), grounds
        if minutes and seen != there:
            scan_home(home, turn=turn)
            survey_home(home)
            seen = there
        destroy_due()
        erase_due_profiles()
        call_command("clearsessions")
        rested = time.monotonic() + (60 * minutes or 3600)
        while time.monotonic() < rested and not stop.wait(_LOOKS) and (not minutes or looked_for() == grounds):
            continue
    following.join(2)


def _facts(home: Path) -> list[str]:
    """The files of what is scanned: other ones when something came, went or was joined."""
    from seawall.lake import Lake  # noqa: PLC0415
    from seawall.records.facts import TABLES  # noqa: PLC0415

    with Lake(home) as lake:
        return [file.path for name in TABLES for file in lake.manifest.files(name)]


def _follow_matches(home: Path, stop: Told, turn: threading.Lock) -> None:
    """Between scans: bring what rules match in posts as they come to the desk. A fault ends the whole process."""
    from seawall.cases.scanning import Following  # noqa: PLC0415

    try:
        following = Following(home)
        while not stop.wait(FOLLOW_EVERY):
            with turn:
                following.step()
    except BaseException:
        signal.raise_signal(signal.SIGTERM)
        raise


def listens_at(home: Path, port: int | None) -> WebSettings:
    """Where the desk listens: as the settings say, or at the port given. Every process of the desk learns it."""
    if port:
        os.environ["SEAWALL_PORT"] = str(port)
    from seawall.ledger.config import SettingsError, read_settings  # noqa: PLC0415 - Django takes a moment to import

    try:
        return read_settings(home).web
    except SettingsError as error:
        fail(str(error))


def _custodian(home: Path, path: Path | None) -> None:
    from seawall.evidence.vault import Vault, VaultError, make_custodian  # noqa: PLC0415

    try:
        Vault(home).recipient()
    except VaultError:
        place = path or home.resolve().parent / f"{home.resolve().name}-custodian.key"
        try:
            make_custodian(place, home)
        except VaultError as error:
            fail(f"{error}\nName another file: --custodian FILE")
        err.print(
            f"The evidence custodian's key is in {place}. Move it off this machine, to the custodian alone: "
            "without it sealed evidence cannot be opened, with it anybody can.",
            style="yellow",
            markup=False,
        )


def _first_run() -> None:
    from seawall.people.services import first_run_link  # noqa: PLC0415

    link = first_run_link()
    if link:
        out.print(f"Nobody can sign in yet. Open this once, within a day: {link.address}", markup=False)


def _opened(address: str, shown: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - our own address
    except urllib.error.HTTPError:
        pass  # it answers
    except OSError:
        return False
    out.print(f"The desk is open: {shown}", style="bold", markup=False)
    if not os.environ.get("NO_BROWSER") and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        webbrowser.open(shown)
    return True
