"""Newcomers as they come: whoever is new or renamed is compared with all suspended accounts within a moment.

It follows the lake, whatever brings facts there. No hypothesis is written down: what is kept is how many accounts were
asked about, how many may be back, and how many of those stand above the line over conduct of their own.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seawall.lake import Lake
from seawall.lake.files import is_free, locked_if_free, write_whole
from seawall.lake.manifest import File
from seawall.records.findings import LINE
from seawall.signals.contract import Facts
from seawall.signals.returns import Kept
from seawall.signals.returns.live import Index, Seen
from seawall.signals.returns.posterior import Hypothesis
from seawall.signals.returns.signal import suspended
from seawall.signals.scan import above_line
from seawall.stream.answers import Answer, Answering, ask
from seawall.stream.parts import StreamError
from seawall.stream.status import NewcomersNow

_FOLLOWED = ("accounts", "posts", "ties")
_RENEW = 60.0  # seconds between two looks at who is suspended
_DAY = 86_400.0


class Newcomers:
    """Asks about newcomers of a home. `kept` gives the profiles that the desk keeps, where there is one.

    Raises StreamError where another process of the home does it already.
    """

    def __init__(self, home: Path, kept: Callable[[], Kept | None] = lambda: None) -> None:
        path = _path(home).with_name("lock")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._held = ExitStack()
        if not self._held.enter_context(locked_if_free(path)):
            raise StreamError("another process asks about this home's newcomers already")
        self._lake, self._kept = Lake(home), kept
        self._seen = Seen()
        self._asked: deque[float] = deque()  # when; who is not written down
        self._likely: deque[tuple[float, bool]] = deque()  # when, and whether its own conduct stands above the line
        self._last: datetime | None = None
        self._findings: list[str] = []
        self._above: frozenset[tuple[str, str]] = frozenset()
        self._renewing: threading.Thread | None = None
        with self._lake.snapshot() as snapshot:
            facts = Facts.of(snapshot)
            self._index = Index(facts, kept())
            self._seen.learn(facts)
            self._files = _rows(snapshot.all_files)
        self._renewed = time.monotonic()
        self._answering = Answering(_path(home).with_name("socket"), self.about)
        self._write()

    def close(self) -> None:
        """Let go of the lake, and answer nobody any more."""
        self._answering.close()
        if self._renewing:
            self._renewing.join()
        self._lake.close()
        self._held.close()

    def step(self) -> list[Hypothesis]:
        """Ask about who came since the last step; what is said is counted, given to the caller, and forgotten."""
        self._answering.serve()
        self._renew()
        if _rows(self._lake.manifest.files()) == self._files:
            return []
        with self._lake.snapshot() as snapshot:
            now = _rows(snapshot.all_files)
            paths = {name: new_paths(self._files[name], now[name]) for name in _FOLLOWED}
            unsure = any(doubt for _, doubt in paths.values())
            accounts, posts, ties = (snapshot.scan(name, paths[name][0]) for name in _FOLLOWED)
            come = Facts(posts, accounts=accounts, ties=ties)
            due = self._seen.due(come, self._index, counted=not unsure)
            said = self._index.asked(come, due.first)
            self._count(said)
            if due.again:
                more = self._index.asked(Facts.of(snapshot), due.again)
                self._count(more)
                said += more
            self._files = now
        return said

    def about(self, platform: str, account_id: str) -> Answer:
        """What may be said of one account now, over all that the lake has."""
        if hash((platform, account_id)) in self._index.accounts:
            return Answer(self._index.gone.height, None)
        with self._lake.snapshot() as snapshot:
            said = self._index.asked(Facts.of(snapshot), [(platform, account_id)])
        return Answer(self._index.gone.height, said[0] if said else None)

    def now(self) -> NewcomersNow:
        """The last day in numbers."""
        since = time.monotonic() - _DAY
        while self._asked and self._asked[0] < since:
            self._asked.popleft()
        while self._likely and self._likely[0][0] < since:
            self._likely.popleft()
        listed = sum(conduct for _, conduct in self._likely)
        return NewcomersNow(self._index.gone.height, len(self._asked), len(self._likely), listed, self._last)

    def _count(self, said: list[Hypothesis]) -> None:
        if not said:
            return
        moment = time.monotonic()
        self._asked.extend([moment] * len(said))
        likely = [its for its in said if its.probability >= LINE]
        if likely:
            above = self._above_line()
            self._likely.extend((moment, (its.platform, its.account_id) in above) for its in likely)
            self._last = datetime.now(UTC)
        self._write()

    def _above_line(self) -> frozenset[tuple[str, str]]:
        files = [file.path for file in self._lake.manifest.files("findings")]
        if files != self._findings:
            self._above = frozenset((a.platform, a.account_id) for a in above_line(self._lake))
            self._findings = files
        return self._above

    def _renew(self) -> None:
        """See now and then whether somebody else is suspended; then another index is made beside."""
        if time.monotonic() - self._renewed < _RENEW or (self._renewing and self._renewing.is_alive()):
            return
        self._renewed = time.monotonic()
        kept = self._kept()  # the desk's books are read by one thread
        self._renewing = threading.Thread(target=self._other_index, args=(kept,), daemon=True)
        self._renewing.start()

    def _other_index(self, kept: Kept | None) -> None:
        with self._lake.snapshot() as snapshot:
            facts = Facts.of(snapshot)
            if suspended(facts, kept).equals(self._index.gone):
                return
            self._index = Index(facts, kept)
        self._write()

    def _write(self) -> None:
        content = msgspec.json.encode(self.now())
        write_whole(_path(self._lake.home), lambda stream: stream.write(content))


def read_newcomers(home: Path) -> NewcomersNow | None:
    """What was last said; None where nobody asks."""
    try:
        if is_free(_path(home).with_name("lock")):
            return None
        return msgspec.json.decode(_path(home).read_bytes(), type=NewcomersNow)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def ask_newcomers(home: Path, platform: str, account_id: str) -> Answer | None:
    """Ask whoever has the index loaded about an account; None where nobody does."""
    return ask(_path(home).with_name("socket"), platform, account_id)


def _path(home: Path) -> Path:
    return home / "newcomers" / "now.json"


def _rows(files: list[File]) -> dict[str, dict[str, int]]:
    """The rows of each file that is followed, by table."""
    found: dict[str, dict[str, int]] = {name: {} for name in _FOLLOWED}
    for file in files:
        if file.kind in found:
            found[file.kind][file.path] = file.rows
    return found


def new_paths(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[list[str], bool]:
    """Which files of a table are new, without one that only joins files that were there; and whether some of what is
    new may be old all the same."""
    gone, new = [path for path in before if path not in now], [path for path in now if path not in before]
    if not gone:
        return new, False
    joins = [path for path in new if now[path] == sum(before[old] for old in gone)]
    return ([path for path in new if path != joins[0]], False) if len(joins) == 1 else (new, True)
