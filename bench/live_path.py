"""The live path: how soon a flood is shown and a newcomer compared, and what looking costs the stream.

Processes as they run: a watcher that follows the tests' server, and `seawall newcomers`. Floods are made while it runs,
upon three days of a crowd that was there before; times are those of the wall.
"""

from __future__ import annotations

import fcntl
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa

from bench.report import Result

TESTS = Path(__file__).parents[1] / "tests"
sys.path.append(str(TESTS))  # the server, the crowd and the rule are those of the tests

from crowds import Crowd  # noqa: E402
from seawall.lake import Lake  # noqa: E402
from seawall.records.facts import ACCOUNTS, POSTS, STATES, TIES, Table, columns  # noqa: E402
from seawall.signals.floods.told import floods_of  # noqa: E402
from seawall.stream import status as statuses  # noqa: E402
from seawall.stream.newcomers import read_newcomers  # noqa: E402
from sources.ticker import Ticks, tick  # noqa: E402
from stream.flows import home_with_rule  # noqa: E402
from stream.watching import until  # noqa: E402

FLOODS = (30, 60, 120, 300, 1_000, 3_000)  # accounts of each
APART, LASTS = 20.0, 120.0  # seconds between two floods' beginnings, and that one lasts
BACKGROUND = 5.0  # posts a second beside
SUSPENDED, SIGHTS, EVERY = 100_000, 300, 0.2
POSTED, TURNS = 60_000, 6  # posts whose taking in is timed, and runs, with and without in turns
_NAME = "ticker"


def run() -> list[Result]:
    """Everything."""
    with tempfile.TemporaryDirectory(prefix="seawall-live-") as folder:
        return [*floods(Path(folder) / "floods"), *first_sight(Path(folder) / "sight"), *cost(Path(folder))]


def floods(home: Path) -> list[Result]:
    """Seconds from a flood's first post until it is shown, and how many are shown at all."""
    _with_past(home)
    server = Ticks([])
    watching = _watching(home, server)
    draw = random.Random(3)
    posted: dict[str, float] = {}
    shown: dict[str, float] = {}
    begun = time.time() + 5
    plan = sorted(
        (begun + n * APART + LASTS * k / size, f"flood{n}", f"pushed{n}-{k}")
        for n, size in enumerate(FLOODS)
        for k in range(size)
    )
    ends = begun + len(FLOODS) * APART + LASTS + 240
    try:
        while time.time() < ends and len(shown) < len(FLOODS):
            now = time.time()
            while plan and plan[0][0] <= now:
                _, tag, who = plan.pop(0)
                posted.setdefault(tag, now)
                _post(server, who, f"everybody should look at this now {'abc'[draw.randrange(3)]}", [tag])
            for _ in range(int(BACKGROUND * 0.5)):
                _post(
                    server,
                    f"person{draw.randrange(300)}",
                    f"my own {draw.random()}",
                    [draw.choice(["garden", "bread"])],
                )
            for row in _told(home):
                shown.setdefault(row, time.time())
            time.sleep(0.5)
        others = [tag for tag in shown if not tag.startswith("flood")]
    finally:
        watching.terminate()
        watching.wait(30)
        server.stop()
    taken = sorted(shown[tag] - posted[tag] for tag in posted if tag in shown)
    middle = statistics.median(taken) if taken else float("nan")
    sizes = {"most": round(taken[-1], 1) if taken else float("nan"), "other bursts shown": len(others)}
    return [
        Result(
            "live floods, from the first post until shown",
            round(middle, 1),
            "s, median",
            "the goal",
            300.0,
            sizes=sizes,
        ),
        Result("live floods, shown", len(taken), f"of {len(FLOODS)}"),
    ]


def first_sight(home: Path) -> list[Result]:
    """Seconds from a newcomer's first post at the server until its hypothesis is there, and counted."""
    home_with_rule(home)
    _suspended(home)
    server = Ticks([])
    watching = _watching(home, server)
    asking = _asking(home)
    began, taken = time.time(), []
    try:
        until(lambda: (now := read_newcomers(home)) and now.suspended == SUSPENDED, 300)
        loaded = time.time() - began
        for n in range(SIGHTS + 10):
            moment = time.time()
            _post(server, f"newcomer{n}", f"hello from number {n}", [])
            until(lambda n=n: _asked(home) > n, 30)
            taken.append(time.time() - moment)
            time.sleep(EVERY)
    finally:
        asking.terminate()
        asking.wait(30)
        watching.terminate()
        watching.wait(30)
        server.stop()
    taken = sorted(taken[10:])
    late, sizes = round(taken[len(taken) * 99 // 100], 3), {"worst": round(taken[-1], 3), "newcomers": len(taken)}
    return [
        Result(f"first sight among {SUSPENDED:,} suspended: p50", round(taken[len(taken) // 2], 3), "s"),
        Result(f"first sight among {SUSPENDED:,} suspended: p99", late, "s", "the goal", 1.0, sizes=sizes),
        Result(f"first sight, index of {SUSPENDED:,} from a lake", round(loaded, 1), "s"),
    ]  # fmt: skip


def cost(folder: Path) -> list[Result]:
    """Posts a second that a watcher takes in with everything beside, and without, in turns."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(TURNS):
        found[turn % 2 == 0].append(_rate(folder / f"cost{turn}", beside=turn % 2 == 0))
    rate, alone = (statistics.median(found[beside]) for beside in (True, False))
    return [Result("watcher, with floods and newcomers", round(rate), "posts/s", "without", round(alone))]


def _rate(home: Path, *, beside: bool) -> float:
    _with_past(home)
    server = Ticks([])
    (home / "floods").mkdir()
    held = (home / "floods" / "lock").open("a")
    if not beside:  # who holds it is the one who counts: nobody does
        fcntl.flock(held, fcntl.LOCK_EX)
    asking = _asking(home) if beside else None
    if asking:
        until(lambda: read_newcomers(home), 60)
    watching = _watching(home, server)
    try:
        until(lambda: _read(home) >= 0, 60)
        now = datetime.now(UTC)
        events = []
        for n in range(POSTED):  # as if some minutes came late: minutes are counted while it reads
            at = now - timedelta(seconds=600 * (1 - n / POSTED))
            events.append({**tick(n, f"my own {n}", at, tags=[f"tag{n % 500}"]), "author": f"person{n % 5_000}"})
        moment = time.time()
        server.events.extend(events)
        until(lambda: _read(home) >= POSTED, 120)
        return POSTED / (time.time() - moment)
    finally:
        held.close()
        if asking:
            asking.terminate()
            asking.wait(30)
        watching.terminate()
        watching.wait(30)
        server.stop()


def _watching(home: Path, server: Ticks) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(TESTS / "stream" / "watching.py"), str(home), server.url, "500"], env=_env(home)
    )


def _asking(home: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "seawall", "newcomers"]
    return subprocess.Popen(words, env=_env(home), stdout=subprocess.DEVNULL)


def _env(home: Path) -> dict[str, str]:
    return {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}


def _post(server: Ticks, who: str, text: str, tags: list[str]) -> None:
    server.events.append({**tick(len(server.events), text, tags=tags), "author": who})


def _told(home: Path) -> list[str]:
    """What is shown and no organic burst."""
    with Lake(home) as lake, lake.snapshot() as snapshot:
        return [row["value"] for row in floods_of(snapshot) if row["verdict"] != "organic"]


def _asked(home: Path) -> int:
    now = read_newcomers(home)
    return now.asked if now else 0


def _read(home: Path) -> int:
    status = statuses.read_status(home, _NAME)
    return status.totals.read if status and status.through else (0 if status else -1)


def _with_past(home: Path) -> None:
    """Three days of a crowd until now, of whom one is suspended."""
    home_with_rule(home)
    crowd, now = Crowd().ordinary(), datetime.now(UTC)
    by = now - max(row["at"] for row in crowd.rows)
    tables = crowd.tables()
    name = pl.lit(_NAME).alias("platform")
    posts = pl.DataFrame(tables["posts"]).with_columns(
        name, pl.format("before{}", "post_id").alias("post_id"), pl.col("at") + by
    )
    accounts = pl.DataFrame(tables["accounts"]).with_columns(name, pl.col("created_at", "seen_at") + by)
    with Lake(home) as lake:
        lake.append(
            {"posts": posts.to_arrow().cast(POSTS.schema), "accounts": accounts.to_arrow().cast(ACCOUNTS.schema)}
        )
        lake.append({"states": _states(["person1"], now)})


def _states(who: list[str], at: datetime) -> pa.Table:
    return _filled(
        STATES, {"platform": _NAME, "account_id": who, "state": "suspended", "at": [at] * len(who)}, len(who)
    )


def _suspended(home: Path) -> None:
    """Made-up accounts with handles, names, bios and audiences of some size, all suspended."""
    draw, at = random.Random(1), datetime.now(UTC) - timedelta(days=3)
    stems = ["".join(draw.choice("aeioubdfghjklmnrst") for _ in range(5)) for _ in range(5_000)]
    who = [f"s{n}" for n in range(SUSPENDED)]
    handles = [f"{draw.choice(stems)}{draw.choice(stems)}{n % 1000}" for n in range(SUSPENDED)]
    bios = [" ".join(draw.choice(stems) for _ in range(8)) for _ in range(SUSPENDED)]
    shown = {"platform": _NAME, "account_id": who, "handle": handles, "name": [b[:11] for b in bios], "bio": bios,
             "created_at": [at] * SUSPENDED, "seen_at": [at] * SUSPENDED}  # fmt: skip
    follows = 10 * SUSPENDED
    friends = [f"u{int(300_000 * draw.random() ** 2)}" for _ in range(follows)]
    ties = {"platform": _NAME, "kind": "follow", "from_id": friends, "to_id": who * 10, "at": [at] * follows}
    with Lake(home) as lake:
        lake.append({"accounts": _filled(ACCOUNTS, shown, SUSPENDED), "ties": _filled(TIES, ties, follows)})
        lake.append({"states": _states(who, datetime.now(UTC) - timedelta(days=1))})


def _filled(table: Table, given: Mapping[str, object], rows: int) -> pa.Table:
    return columns(table, {**given, "source": "bench"}, rows)
