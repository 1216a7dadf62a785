"""What Jetstream sends, and the records inside: the parts that are read, and the names of all that are known."""

from __future__ import annotations

from typing import Any

import msgspec

from seawall.sources.fields import Fields

POST, REPOST, FOLLOW, PROFILE = (
    "app.bsky.feed.post",
    "app.bsky.feed.repost",
    "app.bsky.graph.follow",
    "app.bsky.actor.profile",
)
COLLECTIONS = (POST, REPOST, FOLLOW, PROFILE)  # those whose records are read
LEFT = {  # collections that are counted and left out, by what they are
    "app.bsky.feed.like": "like",
    "app.bsky.graph.block": "block",
    "app.bsky.graph.list": "list",
    "app.bsky.graph.listitem": "member of a list",
    "app.bsky.graph.listblock": "block of a list",
    "app.bsky.graph.starterpack": "starter pack",
    "app.bsky.graph.verification": "verification",
    "app.bsky.graph.referencelistoptout": "setting",
    "app.bsky.feed.threadgate": "setting",
    "app.bsky.feed.postgate": "setting",
    "app.bsky.feed.generator": "feed",
    "app.bsky.labeler.service": "labeler",
    "app.bsky.actor.status": "live status",
    "app.bsky.actor.link": "setting",
    "app.bsky.actor.contentVisibilityDeclaration": "setting",
    "app.bsky.notification.declaration": "setting",
    "chat.bsky.actor.declaration": "setting",
}

EVENT_FIELDS = Fields(
    "bluesky event",
    "did time_us kind commit.operation commit.collection commit.rkey commit.record.* identity.did identity.handle"
    " account.active account.status",
    "commit.rev commit.cid identity.seq identity.time account.did account.seq account.time",
)
_REF, _BLOB = "uri cid $type", "$type ref.* mimeType size cid"


def _below(name: str, parts: str) -> str:
    return " ".join(f"{name}.{part}" for part in parts.split())


_IMAGE = f"$type alt aspectRatio.* {_below('image', _BLOB)}"
_MEDIA = (
    f"$type {_below('images', _IMAGE)} {_below('items', _IMAGE)} {_below('video', _BLOB)} alt aspectRatio.*"
    " captions.* presentation external.$type external.uri external.title external.description external.thumb.*"
    " external.associatedRefs.*"
)
POST_FIELDS = Fields(
    "bluesky post",
    f"$type text createdAt langs tags reply.$type {_below('reply.parent', _REF)} facets.$type facets.index.byteStart"
    f" facets.index.byteEnd facets.index.$type facets.features.$type facets.features.did facets.features.uri"
    f" facets.features.tag {_below('embed', _MEDIA)} {_below('embed.media', _MEDIA)} embed.record.uri embed.record.cid"
    f" embed.record.$type {_below('embed.record.record', _REF)}",
    "reply.root.* labels.* entities.*",
)
REPOST_FIELDS = Fields("bluesky repost", f"$type createdAt {_below('subject', _REF)}", "via.*")
FOLLOW_FIELDS = Fields("bluesky follow", "$type createdAt subject", "via.*")
PROFILE_FIELDS = Fields(
    "bluesky profile",
    f"$type displayName description website {_below('avatar', _BLOB)}",
    # an account dates its profile itself, to whatever it likes; pronouns say who somebody is
    "createdAt banner.* labels.* pinnedPost.* joinedViaStarterPack.* links.* pronouns",
)


class Commit(msgspec.Struct):
    """A record that was made, changed or deleted."""

    operation: str
    collection: str
    rkey: str
    record: dict[str, Any] | None = None


class Identity(msgspec.Struct):
    """A handle that an account took."""

    handle: str | None = None


class Account(msgspec.Struct):
    """Whether an account is there, and why not."""

    active: bool
    status: str | None = None


class Event(msgspec.Struct):
    """One message of Jetstream."""

    did: str
    time_us: int
    kind: str
    commit: Commit | None = None
    identity: Identity | None = None
    account: Account | None = None


# Records ------------------------------------------------------------------------------------------------------------


class Ref(msgspec.Struct):
    """A record, by its address."""

    uri: str


class Reply(msgspec.Struct):
    """What a post answers."""

    parent: Ref


class Feature(msgspec.Struct):
    """What a stretch of a text is: a mention, a link or a tag."""

    type: str = msgspec.field(name="$type")
    did: str | None = None
    uri: str | None = None
    tag: str | None = None


class Stretch(msgspec.Struct):
    """A stretch of a text, in bytes of its UTF-8."""

    start: int = msgspec.field(name="byteStart")
    end: int = msgspec.field(name="byteEnd")


class Facet(msgspec.Struct):
    """A stretch of a text that is more than words."""

    index: Stretch
    features: list[Feature]


class Link(msgspec.Struct):
    """A content address."""

    cid: str = msgspec.field(name="$link")


class Blob(msgspec.Struct):
    """A file, by what its content hashes to. Those before 2023 carry it bare."""

    ref: Link | None = None
    old: str | None = msgspec.field(default=None, name="cid")

    @property
    def cid(self) -> str | None:
        """Its content address."""
        return self.ref.cid if self.ref else self.old


class Image(msgspec.Struct):
    """A picture."""

    image: Blob
    alt: str | None = None


class External(msgspec.Struct):
    """A page that is shown below a post."""

    uri: str


class Quoted(msgspec.Struct):
    """A record that is shown below a post; below one with media, its address is a step deeper."""

    uri: str | None = None
    record: Ref | None = None


class Embed(msgspec.Struct):
    """What is shown below a post."""

    type: str = msgspec.field(name="$type")
    images: list[Image] = []
    items: list[Image] = []
    video: Blob | None = None
    alt: str | None = None
    presentation: str | None = None
    external: External | None = None
    record: Quoted | None = None
    media: Embed | None = None


class Post(msgspec.Struct):
    """A post."""

    text: str
    created: str | None = msgspec.field(default=None, name="createdAt")
    langs: list[str] | None = None
    tags: list[str] | None = None
    facets: list[Facet] | None = None
    reply: Reply | None = None
    embed: Embed | None = None


class Repost(msgspec.Struct):
    """That an account passed a post on."""

    subject: Ref
    created: str | None = msgspec.field(default=None, name="createdAt")


class Follow(msgspec.Struct):
    """That an account follows another."""

    subject: str
    created: str | None = msgspec.field(default=None, name="createdAt")


class Profile(msgspec.Struct):
    """What an account says of itself."""

    name: str | None = msgspec.field(default=None, name="displayName")
    bio: str | None = msgspec.field(default=None, name="description")
    website: str | None = None
    avatar: Blob | None = None
