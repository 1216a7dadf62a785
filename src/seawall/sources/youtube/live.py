"""YouTube, asked again and again for what is new in channels, below videos and to searches, within a day's units.

How nothing is lost. Listings come newest first. Each has a mark: how new the newest thing is that was read to the end.
A listing is read down to its mark, page by page, and the mark moves when the bottom is reached; a page that is read
twice adds nothing, for the lake keeps one of each. Answers to comments are read with the page that shows the comment,
and by themselves where the page leaves some out.

What YouTube does not show any more says so by its absence: a video or channel that was shown before and is missing
where it is asked for by its id is deleted, private, or closed.

Half of the units are for searches, which cost a hundred times what the rest does; the others are spread over the day.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from seawall.records.terms import State
from seawall.sources.cells import CellError, iso
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.gather import Gather
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed
from seawall.sources.youtube.answers import Answer, inside, text
from seawall.sources.youtube.api import SEARCH, AbsentError, Api, SpentError, Units
from seawall.sources.youtube.facts import uploads_of

LOOK_EVERY = 3600.0  # seconds between two looks at whether channels and videos are still there
LATE = timedelta(hours=1)  # a search may find a video only a while after it was published
FIRST_SEARCH = timedelta(days=1)  # how far back a new search looks
SHORTEST, LONGEST = 60.0, 3600.0  # seconds between two rounds
_MOST_VIDEOS, _MOST_THREADS = 500, 5_000  # that are remembered, the newest
_PAGE, _THREADS = 50, 100  # items of a page, at most
_Params = dict[str, str | int]
_GONE_VIDEO, _GONE_CHANNEL = "not shown any more: deleted or private", "not shown any more: closed or suspended"


class _Mark(msgspec.Struct):
    """How far a listing is read: all up to `newest`; of one half read, the next page, and the newest that it showed."""

    newest: str = ""
    high: str = ""
    page: str = ""


class _Video(msgspec.Struct):
    """A video that was shown."""

    channel: str
    published: str


class _Place(msgspec.Struct):
    """How far the reading is: the cursor, in parts."""

    marks: dict[str, _Mark] = {}
    videos: dict[str, _Video] = {}  # that were shown
    channels: list[str] = []  # that were shown
    answers: dict[str, int] = {}  # how many a comment had when they were all read
    day: str = ""
    spent: int = 0
    looked: float = 0.0
    searched: dict[str, float] = {}
    line: int = 0  # answers of the API that were read, which number rejects

    def cursor(self) -> Cursor:
        return cast(Cursor, msgspec.to_builtins(self))


class YoutubeLive(Followed):
    """Reads channels with the comments below all their videos, the comments below named videos, and searches."""

    name = "youtube"
    ASKS = (
        Ask("key", "An API key of a project that has the YouTube Data API v3", secret=True),
        Ask("channels", "Channels to read, by their ids (UC…)", many=True),
        Ask("videos", "Videos to read comments of, by their ids", many=True),
        Ask("searches", "Words to search videos by; each search costs 100 units", many=True),
        Ask("units", "Units of the key's quota that may be spent a day", default="10000"),
        Ask("url", "The address of the API", default="https://youtube.googleapis.com"),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = "youtube") -> None:
        self.platform = platform
        self._channels, self._videos, self._searches = (
            list(dict.fromkeys(word.strip() for word in settings[name])) for name in ("channels", "videos", "searches")
        )
        _sound(self._channels, r"UC[\w-]{2,60}", "is no channel: name channels by their id, which begins with UC")
        _sound(self._videos, r"[\w-]{2,40}", "is no video: name videos by their id, as after watch?v=")
        _sound(self._searches, r".{1,200}", "is nothing to search for")
        if not self._channels and not self._videos and not self._searches:
            raise SourceError("name a channel, a video or something to search for")
        units = str(settings["units"]).strip().replace(",", "")
        if not units.isdecimal() or not SEARCH <= int(units) <= 10**9:
            raise SourceError(f"'{units}' is no number of units, {SEARCH} or more")
        self._units = Units(int(units))
        self._url, self._key = settings["url"], settings["key"]
        api = self._api()
        self._host = api.host
        api.close()
        self._etags: dict[str, str] = {}  # of the first page of listings that have nothing new
        self._given: Cursor | None = None  # with the last batch
        self._told: Counter[str] = Counter()  # what the server did not show, until the next batch says so
        self._searched: dict[str, float] = {}  # when each search was last asked, whether or not it was answered
        self._told_of: set[tuple[str, str]] = set()

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether the server takes the key and has the channels; this costs a unit. Then what a round will cost."""
        try:
            live = cls(settings)
        except SourceError as error:
            yield Checked(False, str(error))
            return
        api, named = live._api(), live._channels[:_PAGE]
        asked: dict[str, str | int] = {"id": ",".join(named)} if named else {"chart": "mostPopular", "maxResults": 1}
        try:
            answer = api.get("channels" if named else "videos", {"part": "id", **asked})
        except (SourceError, AbsentError) as error:
            yield Checked(False, str(error))
            return
        finally:
            api.close()
        yield Checked(True, f"{api.host} takes the key.")
        missing = set(named) - {str(item.get("id")) for item in _items(answer)}
        if missing:
            yield Checked(False, f"There is no channel {', '.join(sorted(missing))}: check the ids.")
        yield Checked(True, live._plan())

    @property
    def address(self) -> str:
        """The server."""
        return self._host

    @property
    def pause(self) -> float:
        """Seconds until the next round, so that rounds spend what searches leave of the day's units."""
        if not self._idle():
            wait = self._between()
        else:
            share = 0.5 if self._searches else 1.0
            wait = self._idle() * self._units.seconds() / max(self._units.left() * share, 1.0)
        return min(max(wait, SHORTEST), LONGEST)

    def fingerprint(self) -> str:
        """The server and the platform's name. What is named later is read from its beginning."""
        return f"{self.platform}:{self._host}"

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What is new since the cursor, in one round; see `Followed.follow`."""
        if cursor != self._given:
            self._etags.clear()  # the last batch was not taken: what it held is asked for again
        place = msgspec.convert(cursor, _Place) if cursor else _Place()
        self._units.resume(place.day, place.spent)
        api = self._api()
        try:
            yield from self._look(api, place)
            for channel in self._channels:
                yield from self._uploads(api, place, channel)
            for channel in self._channels:
                yield from self._comments(api, place, "allThreadsRelatedToChannelId", channel)
            for video in self._videos:
                yield from self._comments(api, place, "videoId", video)
            for words in self._searches:
                yield from self._search(api, place, words)
            yield self._batch(place, [])
        except SpentError:
            place.day, place.spent = self._units.day, self._units.spent
            if place.cursor() != cursor:
                yield self._batch(place, [])  # so that another process knows it, too
            raise
        finally:
            api.close()

    # Listings --------------------------------------------------------------------------------------------------------

    def _uploads(self, api: Api, place: _Place, channel: str) -> Iterator[Batch]:
        """Videos that a channel published, each asked for by its id: the listing itself tells less of them."""
        wanted: _Params = {"part": "contentDetails", "playlistId": uploads_of(channel), "maxResults": _PAGE}
        for items in self._new(api, place, f"uploads {channel}", "playlistItems", wanted):
            ids = [text(item, "contentDetails", "videoId") for item in items]
            yield self._shown(api, place, ids)

    def _search(self, api: Api, place: _Place, words: str) -> Iterator[Batch]:
        """Videos that a search finds, if it is its turn. One that fails waits for its next turn, for it costs much."""
        now = time.time()
        if now - max(place.searched.get(words, 0.0), self._searched.get(words, 0.0)) < self._between():
            return
        self._searched[words] = place.searched[words] = now
        mark = place.marks.get(f"search {words}", _Mark())
        since = iso(mark.newest) - LATE if mark.newest else datetime.now(UTC) - FIRST_SEARCH
        wanted: _Params = {"part": "snippet", "type": "video", "order": "date", "q": words, "maxResults": _PAGE,
                  "publishedAfter": f"{since:%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip
        for items in self._new(api, place, f"search {words}", "search", wanted, LATE):
            ids = [text(item, "id", "videoId") for item in items]
            yield self._shown(api, place, ids)

    def _comments(self, api: Api, place: _Place, by: str, whose: str) -> Iterator[Batch]:
        """Comments below all videos of a channel, or below one video, with their answers."""
        wanted: _Params = {"part": "snippet,replies", by: whose, "order": "time", "maxResults": _THREADS,
                  "textFormat": "plainText"}  # fmt: skip
        for items in self._new(api, place, f"comments {whose}", "commentThreads", wanted):
            yield self._batch(place, [{"items": items}])
            for number, author, total in _more_answers(items, place):
                for page in self._answers(api, number):
                    yield self._batch(place, [page], {number: author} if author else None)
                place.answers[number] = total
            place.answers = dict(list(place.answers.items())[-_MOST_THREADS:])

    def _answers(self, api: Api, number: str) -> Iterator[dict[str, Any]]:
        """All answers to a comment, page by page."""
        wanted: _Params = {"part": "snippet", "parentId": number, "maxResults": _THREADS, "textFormat": "plainText"}
        page, last = "", None
        while page != last:
            try:
                answer = api.get("comments", wanted | ({"pageToken": page} if page else {}))
            except AbsentError:
                return  # it was taken away since
            yield {"items": _items(answer)}
            page, last = _next(answer), page
            if not page:
                return

    def _new(
        self, api: Api, place: _Place, name: str, what: str, wanted: _Params, late: timedelta = timedelta()
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of a listing, from the newest thing, or from where it is half read, down to its mark."""
        mark = place.marks.setdefault(name, _Mark())
        etag = ""
        while True:
            first = not mark.page
            try:
                answer = api.get(
                    what, wanted | ({"pageToken": mark.page} if mark.page else {}),
                    self._etags.get(name, "") if first and what != "search" else "",
                )  # fmt: skip
            except AbsentError as error:
                if error.reason == "invalidPageToken" and mark.page:
                    mark.page = mark.high = ""  # tokens grow old: it is read from the newest thing on
                    continue
                if (name, error.reason) not in self._told_of:
                    self._told_of.add((name, error.reason))
                    self._told[f"{name}: {error.reason}"] += 1
                return
            if answer is None:
                return
            items = _items(answer)
            dates = [at for item in items if (at := _dated(item))]
            if first:
                etag = str(answer.get("etag", ""))
                mark.high = max([*dates, mark.newest])
            bottom = mark.newest and dates and iso(min(dates)) <= iso(mark.newest) - late
            page = _next(answer)
            done = not page or page == mark.page or bool(bottom)
            yield items
            mark.page = "" if done else page
            if done:
                mark.newest, mark.high = mark.high, ""
                if etag:
                    self._etags[name] = etag
                return

    # Videos and channels by their ids ------------------------------------------------------------------------------

    def _look(self, api: Api, place: _Place) -> Iterator[Batch]:
        """Channels and videos as they are now, now and then; those that were shown and are not any more."""
        if time.time() - place.looked < LOOK_EVERY:
            return
        for at in range(0, len(self._channels), _PAGE):
            some = self._channels[at : at + _PAGE]
            found = self._by_id(api, "channels", "snippet,statistics,status", some)
            there = {str(item.get("id")) for item in found}
            gone = [channel for channel in some if channel in place.channels and channel not in there]
            place.channels = sorted(there | (set(place.channels) - set(some)))
            yield self._batch(place, [{"items": found}] if found else [], channels=gone)
        known = list(dict.fromkeys([*self._videos, *place.videos]))
        for at in range(0, len(known), _PAGE):
            yield self._shown(api, place, known[at : at + _PAGE])
        place.looked = time.time()

    def _shown(self, api: Api, place: _Place, ids: list[str]) -> Batch:
        """These videos as they are now, and those of them that were shown before and are not any more."""
        ids = [number for number in dict.fromkeys(ids) if number]
        if not ids:
            return self._batch(place, [])
        found = self._by_id(api, "videos", "snippet,status,statistics", ids)
        there = {text(item, "id"): _Video(text(item, "snippet", "channelId"), _dated(item)) for item in found}
        gone = {n: place.videos.pop(n).channel for n in ids if n in place.videos and n not in there}
        newest = sorted((place.videos | there).items(), key=lambda shown: shown[1].published)
        place.videos = dict(newest[-_MOST_VIDEOS:])
        return self._batch(place, [{"items": found}] if found else [], videos=gone)

    def _by_id(self, api: Api, what: str, part: str, ids: list[str]) -> list[dict[str, Any]]:
        try:
            return _items(api.get(what, {"part": part, "id": ",".join(ids), "maxResults": _PAGE}))
        except AbsentError as error:
            raise SourceError(f"{self._host} does not give {what} by their ids: {error.reason}") from error

    # Batches ---------------------------------------------------------------------------------------------------------

    def _batch(
        self, place: _Place, answers: list[dict[str, Any]], authors: Mapping[str, str] | None = None,
        channels: list[str] | None = None, videos: Mapping[str, str] | None = None,
    ) -> Batch:  # fmt: skip
        """What answers say, with the cursor as it is before the next page."""
        now = datetime.now(UTC)
        gather = Gather(self.platform, self.name)
        for answer in answers:
            place.line += 1
            Answer(gather, place.line, now, authors).read(answer)
        for channel in channels or ():
            gather.state(channel, State.DELETED, now, note=_GONE_CHANNEL)
        for video, channel in (videos or {}).items():
            gather.state(channel, State.DELETED, now, post_id=video, note=_GONE_VIDEO)
        gather.batch.ignored.update(self._told)
        self._told.clear()
        place.day, place.spent = self._units.day, self._units.spent
        batch = gather.done(place.cursor(), place.line)
        self._given = batch.cursor
        return batch

    # The plan --------------------------------------------------------------------------------------------------------

    def _idle(self) -> int:
        """Units of a round in which nothing is new, without searches."""
        return 2 * len(self._channels) + len(self._videos)

    def _between(self) -> float:
        """Seconds between two searches, so that they spend half of the units, or most if nothing else is read."""
        share = 0.5 if self._idle() else 0.9
        return max(86_400 * (SEARCH + 1) * len(self._searches) / (self._units.each_day * share), SHORTEST)

    def _plan(self) -> str:
        rounds = f"a round costs {self._idle()} units or more and comes every {self.pause:.0f} s"
        searches = f"; all searches together cost {SEARCH * len(self._searches)} or more, every {self._between():.0f} s"
        return f"Of {self._units.each_day:,} units a day, {rounds}{searches if self._searches else ''}."

    def _api(self) -> Api:
        return Api(self._url, self._key, self._units)


def _sound(words: list[str], form: str, why: str) -> None:
    for word in words:
        if not re.fullmatch(form, word):
            raise SourceError(f"'{word[:60]}' {why}")


def _items(answer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [item for item in (answer or {}).get("items", ()) if isinstance(item, dict)]


def _next(answer: Mapping[str, Any] | None) -> str:
    page = (answer or {}).get("nextPageToken")
    return page if isinstance(page, str) else ""


def _dated(item: dict[str, Any]) -> str:
    """When something was published, in the one form that sorts; empty if it does not say."""
    given = (
        text(item, "snippet", "topLevelComment", "snippet", "publishedAt")
        or text(item, "contentDetails", "videoPublishedAt")
        or text(item, "snippet", "publishedAt")
    )
    try:
        return iso(given).isoformat(timespec="microseconds")
    except CellError:
        return ""


def _more_answers(items: list[dict[str, Any]], place: _Place) -> Iterator[tuple[str, str, int]]:
    """Comments with answers that a page leaves out and that were not read yet: each with its author, and how many."""
    for item in items:
        total, shown = inside(item, "snippet", "totalReplyCount"), inside(item, "replies", "comments")
        number = text(item, "id")
        if not number or not isinstance(total, int):
            continue
        if total > len(shown if isinstance(shown, list) else ()) and place.answers.get(number) != total:
            yield number, text(item, "snippet", "topLevelComment", "snippet", "authorChannelId", "value"), total
