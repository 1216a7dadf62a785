"""Entities of Mastodon's API and which of their fields are read."""

from __future__ import annotations

from typing import Any

import msgspec

from seawall.sources.fields import Fields

PUBLIC = ("public", "unlisted")  # visibilities of posts that everybody may read


class Moved(msgspec.Struct):
    """The account that somebody uses now instead."""

    id: str
    acct: str


class Account(msgspec.Struct):
    """A profile, as every status and answer shows it."""

    id: str
    acct: str  # with the server's name, except for accounts of the server that was asked
    display_name: str | None = None
    note: str | None = None
    url: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    group: bool | None = None
    suspended: bool | None = None
    limited: bool | None = None
    memorial: bool | None = None
    moved: Moved | None = None


class AdminAccount(msgspec.Struct):
    """An account as moderators see it."""

    account: Account
    suspended: bool | None = None
    silenced: bool | None = None
    disabled: bool | None = None
    sensitized: bool | None = None


class Mention(msgspec.Struct):
    """An account that a post names."""

    id: str
    acct: str
    url: str | None = None


class Tag(msgspec.Struct):
    """A hashtag."""

    name: str


class Attachment(msgspec.Struct):
    """A picture, video or sound of a post."""

    id: str
    type: str = "unknown"
    url: str | None = None
    remote_url: str | None = None
    description: str | None = None


class Option(msgspec.Struct):
    """An answer that a poll offers."""

    title: str


class Poll(msgspec.Struct):
    """A poll of a post."""

    options: list[Option] = []


class Application(msgspec.Struct):
    """The program that wrote a post."""

    name: str | None = None


class Quote(msgspec.Struct):
    """The post that a post shows; without it where that may not be seen, or where quotes nest."""

    state: str = ""
    quoted_status: dict[str, Any] | None = None
    quoted_status_id: str | None = None


class Status(msgspec.Struct):
    """A post. A boost carries the boosted post in `reblog`."""

    id: str
    created_at: str
    content: str
    account: Account
    spoiler_text: str = ""
    language: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    reblog: dict[str, Any] | None = None
    quote: Quote | None = None
    media_attachments: list[Attachment] = []
    mentions: list[Mention] = []
    tags: list[Tag] = []
    poll: Poll | None = None
    application: Application | None = None
    reblogs_count: int | None = None
    favourites_count: int | None = None
    replies_count: int | None = None


ACCOUNT_FIELDS = Fields(
    "mastodon account",
    "id acct display_name note url avatar created_at followers_count following_count statuses_count group suspended"
    " limited memorial moved.*",
    # fields of one's own, in which people write what they are, and what only the account itself is shown
    "fields.* source.* role.* roles.* pronouns mute_expires_at"
    " username uri locked bot discoverable indexable noindex emojis.* avatar_static avatar_description header"
    " header_static header_description last_status_at hide_collections show_media show_media_replies show_featured"
    " attribution_domains"
    " other_settings.* fqn pleroma.* akkoma.* feature_approval.* email_subscriptions subscribing_count is_cat",
)
ADMIN_FIELDS = Fields(
    "mastodon admin account",
    "account.* suspended silenced disabled sensitized",
    "id username domain created_at email ip ips.* locale invite_request role.* confirmed approved invited_by_account_id"
    " created_by_application_id",
)
STATUS_FIELDS = Fields(
    "mastodon status",
    "id created_at content visibility account.* spoiler_text language in_reply_to_id in_reply_to_account_id reblog.*"
    " quote.* media_attachments.* mentions.* tags.* poll.* application.* reblogs_count favourites_count replies_count",
    # what the account that asked did with it
    "favourited reblogged muted bookmarked pinned filtered.* emoji_reactions.* reactions.*"
    " sensitive uri url edited_at quotes_count emojis.* card.* tagged_collections.* quote_approval.* text local_only"
    " text_url pleroma.* akkoma.* quote_id quotes.* content_type event.* quote_approval_policy",
)
