"""The watcher: follows a live source for ever, marks what comes, and commits it with the cursor it ends at.

One thread reads from the network and fills the backlog; this one marks and commits; a third writes the status, and in
one watcher of a home a fourth counts floods. Facts, matches, the cursor and the counts are one commit: whatever kills
this process, the next one goes on there, and what comes twice the lake leaves out.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc

from seawall.lake import Lake, LakeError
from seawall.lake.files import locked_if_free
from seawall.lake.keeping import compact
from seawall.lake.keys import keys_of
from seawall.lake.lake import LoadStep
from seawall.lake.manifest import LoadState
from seawall.records.facts import POSTS
from seawall.signals.rules import Reloading
from seawall.signals.rules.quota import Breaker
from seawall.signals.rules.stops import Stops
from seawall.signals.textscore import read_model
from seawall.sources.contract import Batch, Cursor, SourceError, rejects_table
from seawall.sources.loading import Followed
from seawall.stream.backlog import Backlog, Waiting
from seawall.stream.floods import FloodsBeside, read_now
from seawall.stream.guard import by_rule
from seawall.stream.marking import Marker, Recipe
from seawall.stream.meter import Meter, Tell
from seawall.stream.newcomers import read_newcomers
from seawall.stream.parts import StreamError
from seawall.stream.status import Status, Totals, lock_of

PACE = 0.25  # seconds between two commits while more comes; after a pause the first is made at once
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds before a server is asked again
_TICK = 1.0  # seconds between two looks at the time
_PATIENCE = 1.2  # seconds that the reading thread gets to end
_JOIN_EVERY = 64  # commits: then small files are joined beside the watcher


class Backoff:
    """How long to leave a server alone: doubling, each time a little different so that not all come at once."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT

    def next(self, after: float = 0.0) -> float:
        """Seconds to wait now; never less than the server asked for."""
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        return max(wait * random.uniform(0.75, 1.25), after)  # noqa: S311 - no secret

    def reset(self) -> None:
        """The server answered."""
        self._wait = FIRST_WAIT


class Watcher:
    """One live source of a home, followed. Raises StreamError if a process follows it already."""

    def __init__(
        self,
        home: Path,
        source: Followed,
        recipe: Callable[[], Recipe],
        status: Status,
        tell: Tell,
        shed: int | None = None,
    ) -> None:
        self._home, self._source, self._current, self._status, self._tell = home, source, recipe, status, tell
        status.address = source.address
        self._shed = shed
        self._stop = threading.Event()
        self._failed: BaseException | None = None
        self._wake = threading.Event()  # ends a pause of the reading thread

    def stop(self) -> None:
        """End soon: what is being committed is, what waits comes again. A signal's handler may not call it."""
        self._stop.set()
        self._wake.set()

    def run(self, *, once: bool = False) -> Status:
        """Until stopped; or, once, until the server has nothing more. Raises what ended it."""
        with _held(self._home, self._status.name), Lake(self._home) as lake:
            load_id = f"follow:{self._source.name}:{self._source.fingerprint()}"
            with lake.writing():  # clears what a killed writer left
                lake.manifest.begin_load(load_id, self._source.address)
            place = _Place.of(lake, load_id)
            backlog = Backlog(self._shed)
            meter = Meter(self._home, self._status, place.totals(), self._tell)
            reader = threading.Thread(target=self._read, args=(place.at, backlog, meter, once), daemon=True)
            writing = threading.Thread(target=self._write_status, args=(backlog, meter), daemon=True)
            beside = None if once else FloodsBeside(self._home, self._tell)
            reader.start()
            writing.start()
            if beside:
                beside.start()
            try:
                commits = _Commits(lake, self._source, self._current, load_id, place, backlog, meter, self._tell)
                commits.run(self._stop, _Joiner(self._home))
            except BaseException as error:
                self._failed = error
                raise
            finally:
                self.stop()
                backlog.end()
                reader.join(_PATIENCE)
                writing.join()
                if beside:
                    beside.stop(_PATIENCE)
                meter.stopped(_why(self._failed), failing=self._failed is not None)
                meter.write(0)
            if self._failed:
                raise self._failed
            return meter.status()

    def _write_status(self, backlog: Backlog, meter: Meter) -> None:
        meter.write(backlog.items)
        while not self._stop.wait(_TICK):
            meter.beside(read_now(self._home, self._status.platform), read_newcomers(self._home))
            meter.write(backlog.items)

    def _read(self, cursor: Cursor | None, backlog: Backlog, meter: Meter, once: bool) -> None:
        """The reading thread: fills the backlog until stopped; what it cannot do ends the watcher."""
        try:
            self._follow(cursor, backlog, meter, once)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that runs the watcher
            self._failed = error
        finally:
            backlog.end()

    def _follow(self, cursor: Cursor | None, backlog: Backlog, meter: Meter, once: bool) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            began = datetime.now(UTC)
            try:
                with closing(cast("_Closing", self._source.follow(cursor))) as batches:
                    for batch in batches:
                        backoff.reset()
                        meter.reading()
                        if _says_something(batch, cursor):
                            backlog.put(batch)
                            cursor = batch.cursor
                        elif once:
                            return
                        elif not self._source.pause:
                            meter.had_all(datetime.now(UTC))
                        if self._stop.is_set():
                            return
            except SourceError as error:
                if once:
                    raise
                self._pause(meter, str(error), backoff.next(error.after), failing=True)
            else:
                if once:
                    return
                if self._source.pause:
                    meter.had_all(began)
                    meter.reading()
                    self._pause(meter, "", self._source.pause, failing=False)
                else:
                    self._pause(meter, f"{self._source.address} ended the stream", backoff.next(), failing=True)

    def _pause(self, meter: Meter, why: str, seconds: float, *, failing: bool) -> None:
        meter.waiting(why, seconds, failing=failing)
        self._wake.wait(seconds)


class _Closing(Protocol):
    def __iter__(self) -> Iterator[Batch]: ...
    def close(self) -> None: ...


class _Place:
    """How far the following is: the source's cursor, and the counts that go with it."""

    def __init__(self, state: LoadState | None) -> None:
        held = state.cursor if state and not state.done else {}
        counted = "watch" in held
        self.at = cast("Cursor | None", held.get("watch") if counted else held or None)
        self.shed, self.matches = (int(str(held[name])) if counted else 0 for name in ("shed", "matches"))
        self.read, self.rejected = (state.read, state.rejected) if state else (0, 0)

    @classmethod
    def of(cls, lake: Lake, load_id: str) -> _Place:
        """Where a load is."""
        return cls(lake.manifest.load(load_id))

    def totals(self) -> Totals:
        """The counts as a status has them."""
        return Totals(self.read, self.read - self.rejected, self.rejected, self.shed, self.matches)

    def step(self, load_id: str) -> LoadStep:
        """This place, as a commit keeps it."""
        cursor: Cursor = {"watch": self.at, "shed": self.shed, "matches": self.matches}
        return LoadStep(load_id, LoadState(cursor, self.read, self.rejected, done=False))


class _Commits:
    """Takes what waits, marks it, and commits it, again and again."""

    def __init__(
        self,
        lake: Lake,
        source: Followed,
        recipe: Callable[[], Recipe],
        load_id: str,
        place: _Place,
        backlog: Backlog,
        meter: Meter,
        tell: Tell,
    ) -> None:
        self._lake, self._source, self._load_id, self._place = lake, source, load_id, place
        self._backlog, self._meter, self._tell = backlog, meter, tell
        self._current = recipe
        self._recipe = recipe()
        self._marker, self._breaker = Marker(self._recipe), Breaker(self._recipe.rules)
        self._made = 0
        self._in_order = not source.pause  # answers of a server that is asked come in no order

    def run(self, stop: threading.Event, joiner: _Joiner) -> None:
        """Until stopped, or until no more comes."""
        while not stop.is_set() and not self._backlog.ended:
            self._renew()
            heard = self._meter.heard()  # before what waits is taken: then all that it speaks of is among it
            taken = self._backlog.take(_TICK / 5)
            if taken:
                newest = self._commit(taken)
                self._made += 1
                if self._made % _JOIN_EVERY == 0:
                    joiner.start()
                self._meter.through(heard, newest)
                self._backlog.pause(PACE)
            else:
                self._meter.through(heard)

    def _renew(self) -> None:
        recipe = self._current()
        if recipe is not self._recipe:
            self._recipe, self._marker, self._breaker = recipe, Marker(recipe), Breaker(recipe.rules)

    def _commit(self, taken: Sequence[Waiting]) -> datetime | None:
        """What waits, in one commit; returns how far a stream has come by it."""
        batches = [waiting.batch for waiting in taken if waiting.batch]
        marked = self._marker.marked(_joined(batches))
        new = self._new_matches(marked.get("matches"))
        rejects = [reject for batch in batches for reject in batch.rejects]
        read, shed = sum(batch.read for batch in batches), sum(w.items for w in taken if w.batch is None)
        place = self._place
        place.at, place.read, place.rejected = taken[-1].cursor, place.read + read, place.rejected + len(rejects)
        place.shed, place.matches = place.shed + shed, place.matches + sum(new.values())
        location = Path(self._source.address)
        self._lake.append(marked, rejects_table(self._source.name, location, rejects), place.step(self._load_id))
        self._source.committed(taken[-1].cursor)
        newest = _newest(batches)
        self._meter.committed(read, len(rejects), shed, newest)
        titles = {rule.id: rule.title for rule in self._recipe.rules}
        for rule, count in new.items():
            self._meter.matched(rule, titles[rule], count)
        for over in self._breaker.matched(new, datetime.now(UTC)):
            Stops(self._lake.home).stop(over.rule, over.why, "breaker")
            self._tell(f"rule {over.rule.id} was stopped: {over.why}")
        self._meter.unknown(dict.fromkeys(name for batch in batches for name in batch.unknown))
        return newest if self._in_order else None

    def _new_matches(self, matches: pa.Table | None) -> Counter[str]:
        """Matches, by rule, of posts that the lake does not have: a post that comes again counts once."""
        if matches is None or not matches.num_rows:
            return Counter()
        known, _ = self._lake.known({"posts": keys_of(POSTS, matches)})
        return by_rule(matches.filter(pa.array(~known["posts"])))


class HomeRecipe:
    """The recipe of a home as its files say now; what may not go live is not taken over, and is told."""

    def __init__(self, home: Path, tell: Tell) -> None:
        """Raises RuleError when the rules may not go live as they are, SignalError for a model that cannot be used."""
        self._home, self._tell = home, tell
        self._rules = Reloading(home)
        self._recipe = self._made()

    def __call__(self) -> Recipe:
        """The newest that may run; the same object while nothing changed."""
        refused = self._rules.refused
        if self._rules.renew():
            self._recipe = self._made()
            self._tell("the rules changed: posts are read by the new ones from here on")
        elif self._rules.refused and self._rules.refused != refused:
            self._tell(f"the changed rules are not taken over: {self._rules.refused}")
        return self._recipe

    def _made(self) -> Recipe:
        return Recipe(tuple(self._rules.signal.rules), self._rules.book.lists, read_model(self._home))


def _why(failed: BaseException | None) -> str:
    """What ended a watcher. A fault is named by its kind alone: its words may hold what somebody posted."""
    if failed is None or isinstance(failed, SourceError | LakeError | OSError):
        return str(failed or "")
    return f"a fault of the program: {type(failed).__name__}"


def _says_something(batch: Batch, cursor: Cursor | None) -> bool:
    return bool(batch.read or batch.ignored or batch.unknown or batch.tables or batch.cursor != (cursor or {}))


def _joined(batches: Sequence[Batch]) -> dict[str, pa.Table]:
    names = dict.fromkeys(name for batch in batches for name in batch.tables)
    return {name: pa.concat_tables([b.tables[name] for b in batches if name in b.tables]) for name in names}


def _newest(batches: Sequence[Batch]) -> datetime | None:
    """How far the stream has come: the platform's clock, else the newest post."""
    told = [batch.upto for batch in batches if batch.upto]
    posted = [pc.max(batch.tables["posts"]["at"]).as_py() for batch in batches if "posts" in batch.tables]
    return max(told or [at for at in posted if at], default=None)


@contextmanager
def _held(home: Path, name: str) -> Iterator[None]:
    """One process a watcher. Raises StreamError."""
    path = lock_of(home, name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with locked_if_free(path) as free:
        if not free:
            raise StreamError(f"{name} is being watched by another process already")
        yield


class _Joiner:
    """Joins small files beside the watcher, one joining at a time. A joining may be cut off at any moment."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._thread: threading.Thread | None = None
        self._failed: BaseException | None = None

    def start(self) -> None:
        """Join what there is to join, unless that is being done. Raises what went wrong the last time."""
        if self._thread and self._thread.is_alive():
            return
        if self._failed:
            raise self._failed
        self._thread = threading.Thread(target=self._join, daemon=True, name="join")
        self._thread.start()

    def _join(self) -> None:
        try:
            with Lake(self._home) as lake:  # with a manifest of its own it never sees half of a commit
                compact(lake)
        except BaseException as error:  # noqa: BLE001 - raised by whoever starts the next
            self._failed = error
