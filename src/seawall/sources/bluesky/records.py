"""Facts out of the records that accounts make: posts, reposts, follows and profiles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from seawall.records.terms import MediaKind, PostKind, TieKind
from seawall.sources.bluesky.payload import (
    POST,
    Embed,
    Facet,
    Follow,
    Image,
    Post,
    Profile,
    Repost,
)
from seawall.sources.cells import CellError, hashtags_in, iso, links_in
from seawall.sources.gather import Gather

_CDN = "https://cdn.bsky.app/img"  # where the public network shows its pictures
_VIDEOS = "https://video.bsky.app/watch"
_LATE, _EARLY = timedelta(days=1), timedelta(minutes=10)
_FEATURES = "app.bsky.richtext.facet#"
_EMBEDS = {f"app.bsky.embed.{name}" for name in ("images", "gallery", "video", "external", "record", "recordWithMedia")}
_MOST_NAME = 60


def moment(written: str | None, at: datetime) -> datetime:
    """When a record was made: its author says so, and may say anything, so only near the moment it came.

    One that is a day older than its coming was published when it came, whatever it says.
    """
    try:
        made = iso(written) if written else at
    except CellError:
        return at
    return made if at - _LATE <= made <= at + _EARLY else at


def post(gather: Gather, did: str, post_id: str, given: Post, at: datetime) -> None:
    """A post, and whom and what it names."""
    at = moment(given.created, at)
    said = _Said(gather, given.text, given.facets or [], given.tags or [])
    shown = _Shown(gather, did, given.embed)
    links = list(dict.fromkeys([*said.links, *shown.links]))
    answered = given.reply.parent.uri if given.reply else None
    gather.post(
        post_id,
        did,
        at,
        PostKind.QUOTE if shown.quoted else PostKind.REPLY if answered else PostKind.POST,
        text=given.text,
        lang=given.langs[0] if given.langs else None,
        hashtags=said.hashtags,
        links=links,
        mentions=said.handles,
        of_post_id=shown.quoted,
        of_account_id=_owner(shown.quoted),
        reply_to_post_id=answered,
        reply_to_account_id=_owner(answered),
        media=shown.count,
    )
    if shown.quoted:
        gather.tie(TieKind.QUOTE, did, at, to_id=_owner(shown.quoted), post_id=post_id)
    if answered:
        gather.tie(TieKind.REPLY, did, at, to_id=_owner(answered), post_id=post_id)
    for named in said.mentioned:
        gather.tie(TieKind.MENTION, did, at, to_id=named, post_id=post_id)
    gather.links_of(did, at, post_id, *links)
    for cid, (kind, url, alt) in shown.media.items():
        gather.medium(cid, post_id, did, at, kind=kind.value, url=url, alt_text=alt)


def repost(gather: Gather, did: str, post_id: str, given: Repost, at: datetime) -> None:
    """That an account passed a post on. The network sends no text with it."""
    at, origin = moment(given.created, at), _owner(given.subject.uri)
    gather.post(post_id, did, at, PostKind.REPOST, of_post_id=given.subject.uri, of_account_id=origin)
    gather.tie(TieKind.REPOST, did, at, to_id=origin, post_id=post_id)


def follow(gather: Gather, did: str, whom: str, given: Follow, at: datetime) -> None:
    """That an account follows another."""
    gather.tie(TieKind.FOLLOW, did, moment(given.created, at), to_id=whom)


def profile(gather: Gather, did: str, given: Profile, at: datetime) -> None:
    """What an account says of itself."""
    cid = given.avatar.cid if given.avatar else None
    picture = f"{_CDN}/avatar/plain/{did}/{cid}@jpeg" if cid else None
    gather.account(did, at, name=given.name, bio=given.bio, url=given.website, picture=picture)


def _owner(uri: str | None) -> str | None:
    """Whose record an address names. Raises CellError if it is no address of a record."""
    if uri is None:
        return None
    owner, _, rest = uri.removeprefix("at://").partition("/")
    if not uri.startswith("at://") or not owner or not rest:
        raise CellError(f"{uri[:_MOST_NAME]!r} is no address of a record")
    return owner


class _Said:
    """What stands in a text, as its author's program marked it; links and tags that nobody marked, too."""

    def __init__(self, gather: Gather, text: str, facets: list[Facet], tags: list[str]) -> None:
        self._text = text.encode()
        self.mentioned: list[str] = []
        self.handles: list[str] = []
        links, marked = [], []
        for facet in facets:
            for feature in facet.features:
                what = feature.type.removeprefix(_FEATURES)
                if what == "mention" and feature.did:
                    self.mentioned.append(feature.did)
                    self.handles += self._handle(facet)
                elif what == "link" and feature.uri:
                    links.append(feature.uri)
                elif what == "tag" and feature.tag:
                    marked.append(feature.tag)
                else:
                    gather.batch.unknown[f"bluesky facet '{feature.type[:_MOST_NAME]}'"] += 1
        rest = self._without(facets)
        self.links = list(dict.fromkeys([*links, *links_in(rest)]))
        self.hashtags = list(dict.fromkeys([*marked, *tags, *hashtags_in(rest)]))
        self.mentioned = list(dict.fromkeys(self.mentioned))
        self.handles = list(dict.fromkeys(self.handles))

    def _handle(self, facet: Facet) -> list[str]:
        """The handle that a mention shows, as written; a stretch that is none shows none."""
        shown = self._text[max(facet.index.start, 0) : max(facet.index.end, 0)].decode("utf-8", "ignore")
        return [shown[1:]] if shown.startswith("@") and len(shown) > 1 else []

    def _without(self, facets: list[Facet]) -> str:
        """The text without what is marked: programs write links shortened."""
        rest = bytearray(self._text)
        for facet in facets:
            start, end = max(facet.index.start, 0), min(facet.index.end, len(rest))
            if start < end:
                rest[start:end] = b" " * (end - start)
        return rest.decode("utf-8", "ignore")


class _Shown:
    """What is shown below a post: the post it quotes, a page, pictures and videos."""

    def __init__(self, gather: Gather, did: str, embed: Embed | None) -> None:
        self._did = did
        self.quoted: str | None = None
        self.links: list[str] = []
        self.count = 0
        self.media: dict[str, tuple[MediaKind, str, str | None]] = {}  # by content address
        for part in (embed, embed.media if embed else None):
            if part:
                if part.type not in _EMBEDS:
                    gather.batch.unknown[f"bluesky embed '{part.type[:_MOST_NAME]}'"] += 1
                self._part(part)

    def _part(self, part: Embed) -> None:
        if part.record:
            uri = part.record.record.uri if part.record.record else part.record.uri
            if uri and f"/{POST}/" in uri:  # lists, feeds and starter packs are shown, not quoted
                self.quoted = uri
        if part.external and part.external.uri.startswith(("http://", "https://")):
            self.links.append(part.external.uri)
        for cid, kind, url, alt in self._media(part):
            self.count += 1
            self.media.setdefault(cid, (kind, url, alt))

    def _media(self, part: Embed) -> Iterator[tuple[str, MediaKind, str, str | None]]:
        image: Image
        for image in [*part.images, *part.items]:
            if not image.image.cid:
                raise CellError("a picture without its address")
            yield (
                image.image.cid,
                MediaKind.PHOTO,
                f"{_CDN}/feed_fullsize/plain/{self._did}/{image.image.cid}@jpeg",
                image.alt,
            )
        if part.video:
            if not part.video.cid:
                raise CellError("a video without its address")
            kind = MediaKind.ANIMATION if part.presentation == "gif" else MediaKind.VIDEO
            yield part.video.cid, kind, f"{_VIDEOS}/{self._did}/{part.video.cid}/playlist.m3u8", part.alt
