"""Objects of X API v2 and which of their fields are read. Names and meanings are those of its data dictionary."""

from __future__ import annotations

from typing import Annotated

import msgspec

from seawall.sources.fields import Fields

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Hashtag(msgspec.Struct):
    """A hashtag, without its mark."""

    tag: str


class Link(msgspec.Struct):
    """A link, short and expanded; one with a media key is a picture of the post itself."""

    url: str | None = None
    expanded_url: str | None = None
    media_key: str | None = None


class Mention(msgspec.Struct):
    """An account that a text names."""

    username: str
    id: str | None = None


class Entities(msgspec.Struct):
    """What the platform read out of a text."""

    hashtags: list[Hashtag] = []
    urls: list[Link] = []
    mentions: list[Mention] = []


class Note(msgspec.Struct):
    """The whole text of a long post, and what was read out of it."""

    text: str
    entities: Entities | None = None


class Referenced(msgspec.Struct):
    """A post that another spreads (retweeted), quotes (quoted) or answers (replied_to)."""

    type: str
    id: Id


class Attachments(msgspec.Struct):
    """Keys of the media of a post."""

    media_keys: list[str] = []


class PostMetrics(msgspec.Struct):
    """How often a post was passed on, answered and liked."""

    retweet_count: int | None = None
    reply_count: int | None = None
    like_count: int | None = None


class Withheld(msgspec.Struct):
    """Where something is withheld, and whether for copyright."""

    country_codes: list[str] = []
    copyright: bool | None = None


class Tweet(msgspec.Struct):
    """A post."""

    id: Id
    text: str
    author_id: Id | None = None
    created_at: str | None = None
    lang: str | None = None
    source: str | None = None
    in_reply_to_user_id: Id | None = None
    note_tweet: Note | None = None
    entities: Entities | None = None
    referenced_tweets: list[Referenced] = []
    attachments: Attachments | None = None
    public_metrics: PostMetrics | None = None
    withheld: Withheld | None = None


class UserMetrics(msgspec.Struct):
    """Counts of an account."""

    followers_count: int | None = None
    following_count: int | None = None
    tweet_count: int | None = None


class OfUrl(msgspec.Struct):
    """The links of a profile's address."""

    urls: list[Link] = []


class UserEntities(msgspec.Struct):
    """What the platform read out of a profile."""

    url: OfUrl | None = None


class User(msgspec.Struct):
    """An account."""

    id: Id
    username: str
    name: str | None = None
    description: str | None = None
    location: str | None = None
    url: str | None = None
    profile_image_url: str | None = None
    created_at: str | None = None
    pinned_tweet_id: str | None = None
    protected: bool | None = None
    verified: bool | None = None
    entities: UserEntities | None = None
    public_metrics: UserMetrics | None = None
    withheld: Withheld | None = None


class Medium(msgspec.Struct):
    """A picture, video or animation."""

    media_key: Id
    type: str = "photo"
    url: str | None = None
    preview_image_url: str | None = None
    alt_text: str | None = None


TWEET_FIELDS = Fields(
    "x post",
    "id text author_id created_at lang source in_reply_to_user_id note_tweet.text note_tweet.entities.* "
    "entities.hashtags.* entities.urls.* entities.mentions.* referenced_tweets.type referenced_tweets.id "
    "attachments.media_keys attachments.* public_metrics.retweet_count public_metrics.reply_count "
    "public_metrics.like_count withheld.country_codes withheld.copyright",
    # positions, topics that the platform guesses, counts of views, who may answer, earlier versions
    "geo.* context_annotations.* entities.annotations.* entities.cashtags.* public_metrics.* non_public_metrics.* "
    "organic_metrics.* promoted_metrics.* possibly_sensitive conversation_id reply_settings edit_history_tweet_ids "
    "edit_controls.* withheld.* card_uri community_id display_text_range media_metadata.* scopes.* article.* "
    "suggested_source_links.* suggested_source_links_with_counts.* paid_partnership made_with_ai username",
)
USER_FIELDS = Fields(
    "x user",
    "id username name description location url profile_image_url created_at pinned_tweet_id protected verified "
    "entities.url.* public_metrics.followers_count public_metrics.following_count public_metrics.tweet_count "
    "withheld.country_codes withheld.copyright",
    # what the account pays, how it stands to whoever asked, pictures behind its name
    "entities.description.* public_metrics.* withheld.* verified_type subscription_type subscription.* affiliation.* "
    "connection_status most_recent_tweet_id receives_your_dm profile_banner_url is_identity_verified parody "
    "verified_followers_count",
)
MEDIA_FIELDS = Fields(
    "x media",
    "media_key type url preview_image_url alt_text",
    "duration_ms height width public_metrics.* non_public_metrics.* organic_metrics.* promoted_metrics.* variants.*",
)
ANSWER_FIELDS = Fields(
    "x answer",
    "data.* includes.users.* includes.tweets.* includes.media.* errors.*",
    # what was asked for and how it goes on, and problems of the request itself
    "meta.* matching_rules.* includes.places.* includes.polls.* includes.topics.* includes.meta.* title detail type "
    "status",
)
