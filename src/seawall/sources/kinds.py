"""Every kind of platform that Seawall reads: its exports, its live stream, and what it must be told to connect.

A new platform is one file (or folder) here, its test file, and a line in this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple, cast

from seawall.sources.contract import Source, SourceError
from seawall.sources.loading import Followed

Settings = Mapping[str, Any]  # what a person said when connecting, by the names of the kind's asks


class Ask(NamedTuple):
    """Something that a live source must be told. A secret goes into a file of its owner only, never into settings."""

    name: str
    question: str
    secret: bool = False
    default: str | None = None  # None: it must be answered
    many: bool = False  # answered by a list, empty if there is nothing to name
    made_for: str = ""  # a secret that nobody is asked for: Seawall makes it where this other ask is answered


class Checked(NamedTuple):
    """One thing that was tried on a server, whether it worked, and what to do if it did not."""

    ok: bool
    words: str


class Registration(NamedTuple):
    """What the server must be given so that it knows Seawall: a file, and words on what to do with it, at `{path}`."""

    content: str
    words: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of platform. `export` and `live` name a class, as module:Class below this package; empty: there is none.

    An export's class is made with the platform's name; a live one has `ASKS`, `check(settings)` giving Checked lines,
    and is made with the settings and the platform's name.
    """

    name: str
    title: str
    export: str = ""
    live: str = ""

    def reader(self, platform: str | None = None) -> Source:
        """The source that reads its exports. Raises SourceError if it has none."""
        if not self.export:
            raise SourceError(f"{self.name} has no exports to load; it is followed live: seawall connect {self.name}")
        return cast(Source, _named(self.export)(platform or self.name))

    def asks(self) -> tuple[Ask, ...]:
        """What must be told to follow it live. Raises SourceError if it cannot be followed."""
        return cast(tuple[Ask, ...], self._live().ASKS)

    def check(self, settings: Settings) -> Iterator[Checked]:
        """Try the settings on the server, one thing after the other."""
        return cast(Iterator[Checked], self._live().check(settings))

    def followed(self, settings: Settings, platform: str) -> Followed:
        """The live source. Raises SourceError if the settings are not as they should be."""
        return cast(Followed, self._live()(settings, platform))

    def registration(self, settings: Settings, platform: str) -> Registration | None:
        """What the server must be given before all that was asked for works; most need nothing."""
        make = getattr(self._live(), "registration", None)
        return cast("Registration | None", make(settings, platform) if make else None)

    def _live(self) -> Any:
        if not self.live:
            raise SourceError(f"{self.name} cannot be followed live; load its exports: seawall load {self.name} FILE")
        return _named(self.live)


def _named(where: str) -> Any:
    module, _, name = where.partition(":")
    return getattr(import_module(f"seawall.sources.{module}"), name)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "x",
            "X (Twitter): payloads of API v1.1 and v2, recorded streams, archives of accounts (.zip)",
            "x:XSource",
            "x.live:XStream",
        ),
        Kind(
            "matrix",
            "rooms of a Synapse server; saved client events of Matrix, one JSON object a line",
            "matrix:MatrixExport",
            "matrix.live:MatrixLive",
        ),
        Kind("telegram", "chats that Telegram Desktop exported as JSON (result.json)", "telegram:TelegramExport"),
        Kind("vk", "answers of VK's API, and events of a group's callbacks", "vk:VkExport"),
        Kind(
            "facebook", "answers of Facebook's Graph API, or CSV of Meta's Content Library", "facebook:FacebookExport"
        ),
        Kind("bluesky", "recorded events of Bluesky's Jetstream", "bluesky:BlueskyExport", "bluesky:BlueskyStream"),
        Kind("youtube", "answers of YouTube's Data API v3", "youtube:YoutubeExport", "youtube.live:YoutubeLive"),
        Kind(
            "mastodon",
            "answers of Mastodon's API; its timelines and streams, live",
            "mastodon:MastodonExport",
            "mastodon.live:MastodonLive",
        ),
        Kind(
            "forum",
            "pages of the JSON APIs of Misago and NodeBB; both live",
            "forum:ForumExport",
            "forum.live:ForumLive",
        ),
    )
}
