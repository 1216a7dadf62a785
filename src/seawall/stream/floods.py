"""Beside the watchers: the floods of everything that comes, minute by minute, from what they have brought to the lake.

One process of a home does it, and another goes on when that one ends. A minute counts once every watcher of its
platform has read beyond it. What is remembered is written down now and then; what came since is counted again from the
lake, so that nothing is lost or counted twice, whatever kills the process.
"""

from __future__ import annotations

import io
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np
import pyarrow as pa

from seawall.lake import Lake, LakeError
from seawall.lake.files import locked_if_free, write_whole
from seawall.lake.snapshot import Snapshot
from seawall.records.floods import FLOODS
from seawall.records.terms import FloodVerdict
from seawall.signals.contract import Facts
from seawall.signals.floods.live import LASTS, LiveFloods
from seawall.signals.floods.survey import Row
from seawall.stream.meter import Tell
from seawall.stream.status import FloodsNow, read_status

LATE = timedelta(seconds=10)  # so long after a minute its last posts may come
KEPT = timedelta(days=1)  # that a flood is told without a survey having looked at it
_TICK = 1.0  # seconds between two looks at the watchers
_REMEMBER = 600.0  # seconds between two times that memory is written down
_REST = 5.0  # times as long as judging took nothing is judged: a sixth of a core at most


class FloodsBeside:
    """Counts and judges until stopped. A fault is told and ends this, never the watcher."""

    def __init__(self, home: Path, tell: Tell) -> None:
        self._home, self._tell = home, tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="floods")

    def start(self) -> None:
        """Begin, once no other process of the home does it."""
        self._thread.start()

    def stop(self, patience: float) -> None:
        """End soon; what is not written down by then is counted again by the next."""
        self._stop.set()
        self._thread.join(patience)

    def _run(self) -> None:
        folder = self._home / "floods"
        folder.mkdir(mode=0o700, exist_ok=True)
        while not self._stop.is_set():
            with locked_if_free(folder / "lock") as free:
                if free:
                    self._guarded(folder)
                    return
            self._stop.wait(_TICK)

    def _guarded(self, folder: Path) -> None:
        try:
            with Lake(self._home) as lake:
                counting = Counting(lake, folder)
                while not self._stop.is_set():
                    counting.step(whole(self._home))
                    self._stop.wait(_TICK)
                counting.remember()
        except Exception as error:  # noqa: BLE001 - told; whoever starts next goes on from what is written down
            if not self._stop.is_set():
                self._tell(f"floods are not looked for any more, until this is started again: {_why(error)}")


class Counting:
    """The floods of every platform of a home, as far as they are counted."""

    def __init__(self, lake: Lake, folder: Path) -> None:
        self._lake, self._folder = lake, folder
        self._live: dict[str, LiveFloods] = {}
        self._over: list[Row] = []
        self._going_on: dict[str, list[Row]] = {}
        self._expired = lake.manifest.expired
        self._rest = self._remembered = time.monotonic()
        with lake.snapshot() as snapshot:
            self._told = snapshot.read("floods_live").to_pylist()

    def step(self, whole: dict[str, datetime]) -> None:
        """Count what is whole by now, by platform, and judge what is to be judged."""
        changed = False
        for platform, until in whole.items():
            live = self._live.get(platform) or self._recalled(platform)
            if until.timestamp() < live.counted + live.settings.bin:
                continue
            with self._lake.snapshot() as snapshot:
                live.count(Facts.of(snapshot), until)
            changed = True
        if any(live.due for live in self._live.values()) and time.monotonic() >= self._rest:
            self._judge()
        if changed:
            write_now(self._folder, {name: self._now(name) for name in self._live})
        if time.monotonic() - self._remembered > _REMEMBER:
            self.remember()

    def remember(self) -> None:
        """Write down what is known, each platform whole."""
        for platform, live in self._live.items():
            content = io.BytesIO()
            np.savez(content, allow_pickle=False, **live.memory())
            write_whole(self._folder / f"{platform}.npz", lambda stream: stream.write(content.getbuffer()))  # noqa: B023
        self._remembered = time.monotonic()

    def _recalled(self, platform: str) -> LiveFloods:
        """What was written down, or else nothing: then the lake is counted from its beginning."""
        path, live = self._folder / f"{platform}.npz", LiveFloods(platform)
        damaged = (ValueError, KeyError, OSError, EOFError, BadZipFile, msgspec.DecodeError)
        with suppress(*damaged), np.load(path, allow_pickle=False) as kept:
            live = LiveFloods.of(platform, dict(kept))
        ended = live.counted - LASTS
        self._over += [r for r in self._told if r["platform"] == platform and r["raised"].timestamp() <= ended]
        self._live[platform] = live
        return live

    def _judge(self) -> None:
        began = time.monotonic()
        with self._lake.snapshot() as snapshot:
            self._forget_expired(snapshot)
            facts = Facts.of(snapshot)
            for platform, live in self._live.items():
                if live.due:
                    over, self._going_on[platform] = live.judged(facts)
                    self._over += over
        self._over = [row for row in self._over if row["raised"] >= self._counted(row["platform"]) - KEPT]
        rows = [*self._over, *(row for rows in self._going_on.values() for row in rows)]
        if rows != self._told:
            with suppress(LakeError):  # facts expired meanwhile: it is judged again over those that are left
                self._lake.replace_results({"floods_live": pa.Table.from_pylist(rows, FLOODS)}, snapshot.version)
                self._told = rows
        self._rest = time.monotonic() + _REST * (time.monotonic() - began)

    def _forget_expired(self, snapshot: Snapshot) -> None:
        """Results over posts that are gone do not come back."""
        if self._lake.manifest.expired != self._expired:
            self._over, self._told = [], snapshot.read("floods_live").to_pylist()
            self._expired = self._lake.manifest.expired

    def _counted(self, platform: str) -> datetime:
        return datetime.fromtimestamp(self._live[platform].counted, UTC)

    def _now(self, platform: str) -> FloodsNow:
        mine = [row for row in self._told if row["platform"] == platform]
        shown = [row for row in mine if row["verdict"] != FloodVerdict.ORGANIC]
        last = max(shown, key=lambda row: row["raised"], default=None)
        return FloodsNow(
            self._counted(platform),
            len(mine),
            sum(row["verdict"] == FloodVerdict.PUSHED for row in mine),
            sum(row["verdict"] == FloodVerdict.UNCLEAR for row in mine),
            last["raised"] if last else None,
        )


def whole(home: Path) -> dict[str, datetime]:
    """Up to when every minute is whole, by platform: all its running watchers have read beyond it."""
    found: dict[str, datetime] = {}
    for path in (home / "watch").glob("*.json"):
        status = read_status(home, path.stem)
        if status and status.state != "stopped":
            through = status.through or datetime.fromtimestamp(0, UTC)
            found[status.platform] = min(found.get(status.platform, through), through)
    return {platform: through - LATE for platform, through in found.items() if through.year > 1970}


def write_now(folder: Path, now: dict[str, FloodsNow]) -> None:
    """What is known of floods, by platform, in numbers alone, for whoever wants to see."""
    content = msgspec.json.encode(now)
    write_whole(folder / "now.json", lambda stream: stream.write(content))


def read_now(home: Path, platform: str) -> FloodsNow | None:
    """What is known of a platform's floods; None while nothing is."""
    try:
        told = msgspec.json.decode((home / "floods" / "now.json").read_bytes(), type=dict[str, FloodsNow])
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return told.get(platform)


def _why(error: Exception) -> str:
    """A fault is named by its kind alone: its words may hold what somebody posted."""
    return str(error) if isinstance(error, LakeError | OSError) else f"a fault of the program, {type(error).__name__}"
