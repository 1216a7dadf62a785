"""Objects of YouTube's Data API v3 and which of their fields are read. Names are those of its discovery document."""

from __future__ import annotations

import msgspec

from seawall.sources.fields import Fields

Count = int | str | None  # the API writes counts as text


class Picture(msgspec.Struct):
    """One size of a picture."""

    url: str | None = None


class Resource(msgspec.Struct, rename="camel"):
    """What something else is about: a video or a channel, if it is one of these."""

    kind: str = ""
    video_id: str | None = None
    channel_id: str | None = None


class Snippet(msgspec.Struct, kw_only=True, rename="camel"):
    """What a video, search result, playlist item or activity shows."""

    published_at: str
    channel_id: str
    title: str = ""
    description: str = ""
    channel_title: str | None = None
    thumbnails: dict[str, Picture] = {}
    default_language: str | None = None
    default_audio_language: str | None = None
    playlist_id: str | None = None
    resource_id: Resource | None = None
    video_owner_channel_id: str | None = None
    video_owner_channel_title: str | None = None
    type: str = ""


class VideoStatus(msgspec.Struct, rename="camel"):
    """What became of an upload, and who may see it."""

    upload_status: str | None = None
    rejection_reason: str | None = None
    privacy_status: str | None = None


class VideoStatistics(msgspec.Struct, rename="camel"):
    """Counts of a video."""

    like_count: Count = None
    comment_count: Count = None


class Video(msgspec.Struct):
    """A video."""

    id: str
    snippet: Snippet
    status: VideoStatus | None = None
    statistics: VideoStatistics | None = None


class ChannelSnippet(msgspec.Struct, rename="camel"):
    """What a channel says of itself."""

    title: str = ""
    description: str = ""
    custom_url: str | None = None
    published_at: str | None = None
    country: str | None = None
    thumbnails: dict[str, Picture] = {}


class ChannelStatistics(msgspec.Struct, rename="camel"):
    """Counts of a channel."""

    subscriber_count: Count = None
    video_count: Count = None
    hidden_subscriber_count: bool = False


class ChannelStatus(msgspec.Struct, rename="camel"):
    """Who may see a channel."""

    privacy_status: str | None = None


class Channel(msgspec.Struct):
    """A channel: every account of YouTube that has published or commented on anything."""

    id: str
    snippet: ChannelSnippet
    statistics: ChannelStatistics | None = None
    status: ChannelStatus | None = None


class AuthorId(msgspec.Struct):
    """A comment's author."""

    value: str


class CommentSnippet(msgspec.Struct, kw_only=True, rename="camel"):
    """What a comment says, who said it, and below what."""

    published_at: str
    author_channel_id: AuthorId | None = None
    author_display_name: str | None = None
    author_profile_image_url: str | None = None
    text_original: str | None = None
    text_display: str | None = None
    channel_id: str | None = None
    video_id: str | None = None
    parent_id: str | None = None
    like_count: Count = None
    moderation_status: str | None = None


class Comment(msgspec.Struct):
    """A comment, or an answer to one."""

    id: str
    snippet: CommentSnippet


class ThreadSnippet(msgspec.Struct, kw_only=True, rename="camel"):
    """A comment that stands by itself, with what stands below it."""

    top_level_comment: Comment
    channel_id: str | None = None
    video_id: str | None = None
    total_reply_count: Count = None


class Thread(msgspec.Struct):
    """A comment thread. Its answers are read one by one."""

    id: str
    snippet: ThreadSnippet


class PlaylistVideo(msgspec.Struct, rename="camel"):
    """The video of a playlist item."""

    video_id: str | None = None
    video_published_at: str | None = None


class PlaylistItem(msgspec.Struct, rename="camel"):
    """A video in a playlist."""

    id: str
    snippet: Snippet
    content_details: PlaylistVideo | None = None


class SearchResult(msgspec.Struct):
    """A video, channel or playlist that was found."""

    id: Resource
    snippet: Snippet


class SubscriptionSnippet(msgspec.Struct, kw_only=True, rename="camel"):
    """Who subscribed to what; title, description and picture are of the channel that is subscribed to."""

    published_at: str
    channel_id: str
    resource_id: Resource
    title: str = ""
    description: str = ""
    thumbnails: dict[str, Picture] = {}


class SubscriberSnippet(msgspec.Struct, kw_only=True, rename="camel"):
    """The channel that subscribed."""

    channel_id: str
    title: str = ""
    description: str = ""
    thumbnails: dict[str, Picture] = {}


class Subscription(msgspec.Struct, rename="camel"):
    """A channel that subscribed to another."""

    snippet: SubscriptionSnippet
    subscriber_snippet: SubscriberSnippet | None = None


class Done(msgspec.Struct, rename="camel"):
    """What an activity was done with."""

    video_id: str | None = None
    resource_id: Resource | None = None
    playlist_item_id: str | None = None


class ActivityDetails(msgspec.Struct, rename="camel"):
    """What an activity was, under the name of its type."""

    upload: Done | None = None
    subscription: Done | None = None
    playlist_item: Done | None = None


class Activity(msgspec.Struct, rename="camel"):
    """Something a channel did."""

    snippet: Snippet
    content_details: ActivityDetails | None = None


_ITEM = "kind etag id "
_SHOWN = "snippet.publishedAt snippet.channelId snippet.title snippet.description snippet.thumbnails.* "
ANSWER_FIELDS = Fields(
    "youtube answer",
    "items",
    "kind etag nextPageToken prevPageToken pageInfo.* tokenPagination.* regionCode eventId visitorId",
)
VIDEO_FIELDS = Fields(
    "youtube video",
    _ITEM + _SHOWN + "snippet.channelTitle snippet.defaultLanguage snippet.defaultAudioLanguage"
    " status.uploadStatus status.rejectionReason status.privacyStatus statistics.likeCount statistics.commentCount",
    "snippet.categoryId snippet.tags snippet.liveBroadcastContent snippet.localized.* localizations.*"
    " status.containsSyntheticMedia status.embeddable status.failureReason status.license status.madeForKids"
    " status.publicStatsViewable status.publishAt status.selfDeclaredMadeForKids"
    " statistics.viewCount statistics.dislikeCount statistics.favoriteCount contentDetails.* liveStreamingDetails.*"
    " player.* topicDetails.* ageGating.* brandPartner.* fileDetails.* monetizationDetails.*"
    " paidProductPlacementDetails.* processingDetails.* projectDetails.* suggestions.*"
    " recordingDetails.*",  # where it was filmed: never read
)
CHANNEL_FIELDS = Fields(
    "youtube channel",
    _ITEM + "snippet.title snippet.description snippet.customUrl snippet.publishedAt snippet.country"
    " snippet.thumbnails.* statistics.subscriberCount statistics.videoCount statistics.hiddenSubscriberCount"
    " status.privacyStatus",
    "snippet.localized.* snippet.defaultLanguage localizations.* statistics.viewCount statistics.commentCount"
    " status.isLinked status.longUploadsStatus status.isChannelMonetizationEnabled status.madeForKids"
    " status.selfDeclaredMadeForKids contentDetails.* brandingSettings.* topicDetails.* auditDetails.*"
    " contentOwnerDetails.* conversionPings.*",
)
COMMENT_FIELDS = Fields(
    "youtube comment",
    _ITEM + "snippet.authorChannelId.value snippet.authorDisplayName snippet.authorProfileImageUrl snippet.channelId"
    " snippet.likeCount snippet.moderationStatus snippet.parentId snippet.publishedAt snippet.textDisplay"
    " snippet.textOriginal snippet.videoId",
    "snippet.authorChannelUrl snippet.canRate snippet.imageUrl snippet.updatedAt snippet.viewerRating",
)
THREAD_FIELDS = Fields(
    "youtube comment thread",
    _ITEM + "snippet.channelId snippet.videoId snippet.topLevelComment.* snippet.totalReplyCount replies.comments.*",
    "snippet.canReply snippet.isPublic",
)
PLAYLIST_ITEM_FIELDS = Fields(
    "youtube playlist item",
    _ITEM + _SHOWN + "snippet.playlistId snippet.channelTitle snippet.videoOwnerChannelId"
    " snippet.videoOwnerChannelTitle snippet.resourceId.* contentDetails.videoId contentDetails.videoPublishedAt",
    "snippet.position contentDetails.startAt contentDetails.endAt contentDetails.note status.*",
)
SEARCH_FIELDS = Fields(
    "youtube search result",
    _ITEM + _SHOWN + "snippet.channelTitle id.kind id.videoId id.channelId",
    "id.playlistId snippet.liveBroadcastContent snippet.publishTime",
)
SUBSCRIPTION_FIELDS = Fields(
    "youtube subscription",
    _ITEM + _SHOWN + "snippet.resourceId.* subscriberSnippet.channelId subscriberSnippet.title"
    " subscriberSnippet.description subscriberSnippet.thumbnails.*",
    "snippet.channelTitle contentDetails.*",
)
ACTIVITY_FIELDS = Fields(
    "youtube activity",
    _ITEM + _SHOWN + "snippet.channelTitle snippet.type contentDetails.upload.* contentDetails.subscription.*"
    " contentDetails.playlistItem.*",
    "snippet.groupId contentDetails.bulletin.* contentDetails.channelItem.* contentDetails.comment.*"
    " contentDetails.promotedItem.* contentDetails.recommendation.* contentDetails.social.* contentDetails.like.*"
    " contentDetails.favorite.*",
)
