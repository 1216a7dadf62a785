"""Objects of Facebook's Graph API and which of their fields are read."""

from __future__ import annotations

from typing import Any

import msgspec

from seawall.sources.fields import Fields


class Named(msgspec.Struct):
    """An account, as something else names it."""

    id: str
    name: str | None = None


class Summary(msgspec.Struct):
    """How many there are."""

    total_count: int | None = None


class Answers(msgspec.Struct):
    """A list inside an object: some of it, and how many there are in all."""

    data: list[Any] = []
    summary: Summary | None = None
    count: int | None = None


class Tag(msgspec.Struct):
    """What a text names."""

    id: str | None = None
    type: str | None = None
    name: str | None = None


class Image(msgspec.Struct):
    """A picture."""

    src: str | None = None


class Media(msgspec.Struct):
    """What an attachment shows."""

    image: Image | None = None
    source: str | None = None


class Target(msgspec.Struct):
    """What an attachment is of."""

    id: str | None = None
    url: str | None = None


class Attachment(msgspec.Struct):
    """What a post carries."""

    type: str = ""
    media_type: str = ""
    media: Media | None = None
    target: Target | None = None
    title: str | None = None
    url: str | None = None
    unshimmed_url: str | None = None
    subattachments: Attachments | None = None


class Attachments(msgspec.Struct):
    """All that a post carries."""

    data: list[Attachment] = []


class Post(msgspec.Struct):
    """A post of a page, a group or a person; its id is its wall's and its own."""

    id: str
    created_time: str
    message: str | None = None
    story: str | None = None
    author: Named | None = msgspec.field(default=None, name="from")
    attachments: Attachments | None = None
    message_tags: list[Tag] = []
    shares: Answers | None = None
    comments: Answers | None = None
    reactions: Answers | None = None
    likes: Answers | int | None = None
    parent_id: str | None = None
    link: str | None = None


class Parent(msgspec.Struct):
    """The comment that a comment answers."""

    id: str
    author: Named | None = msgspec.field(default=None, name="from")


class Comment(msgspec.Struct):
    """A comment below a post or another comment."""

    id: str
    created_time: str
    message: str = ""
    author: Named | None = msgspec.field(default=None, name="from")
    parent: Parent | None = None
    attachment: Attachment | None = None
    message_tags: list[Tag] = []
    like_count: int | None = None
    comment_count: int | None = None
    is_private: bool | None = None


class Video(msgspec.Struct):
    """A video that an account published."""

    id: str
    created_time: str
    author: Named = msgspec.field(name="from")
    title: str | None = None
    description: str | None = None
    permalink_url: str | None = None
    source: str | None = None


class Picture(msgspec.Struct):
    """Where a profile's picture stands."""

    url: str | None = None


class PictureOf(msgspec.Struct):
    """A profile's picture."""

    data: Picture | None = None


class Account(msgspec.Struct):
    """A page, a group or a person."""

    id: str
    name: str | None = None
    username: str | None = None
    about: str | None = None
    description: str | None = None
    website: str | None = None
    link: str | None = None
    picture: PictureOf | None = None
    fan_count: int | None = None
    followers_count: int | None = None
    member_count: int | None = None
    verification_status: str | None = None
    is_verified: bool | None = None
    created_time: str | None = None


_PERMITTED = "can_comment can_hide can_like can_remove can_reply_privately can_delete can_share is_hidden user_likes"
POST_FIELDS = Fields(
    "facebook post",
    "id created_time message story from.* attachments.* message_tags.* shares.* comments.*"
    " reactions.* likes.* parent_id"
    " link",
    "updated_time permalink_url status_type full_picture picture icon tags.* like.* love.* wow.* haha.*"
    " sad.* angry.* thankful.*"
    " pride.* care.* is_published is_hidden is_expired is_popular is_eligible_for_promotion is_instagram_eligible"
    " promotable_id privacy.* story_tags.* properties.* actions.* application.* backdated_time caption coordinates"
    " description name object_id type place.* targeting.* feed_targeting.* to.* with_tags.* sharedposts.* event.*"
    " expanded_height expanded_width height width instagram_eligibility multi_share_end_card multi_share_optimized"
    f" scheduled_publish_time subscribed timeline_visibility video_buying_eligibility allowed_advertising_objects"
    f" child_attachments.* call_to_action.* comments_mirroring_domain {_PERMITTED}",
)
COMMENT_FIELDS = Fields(
    "facebook comment",
    "id created_time message from.* parent.* attachment.* message_tags.* like_count comment_count is_private",
    f"permalink_url likes.* to.* tags.* attachments.* comments.* reactions.* object.* private_reply_conversation.*"
    f" live_broadcast_timestamp {_PERMITTED}",
)
VIDEO_FIELDS = Fields(
    "facebook video",
    "id created_time from.* title description permalink_url source",
    "updated_time embed_html embeddable icon length picture privacy.* published status.* format.* content_category"
    " is_crosspost_video creation_time live_views is_crossposting_eligible is_episode"
    " is_instagram_eligible is_reference_only custom_labels"
    " universal_video_id views post_views post_id place.* event.* scheduled_publish_time"
    " backdated_time premiere_living_room_status"
    " broadcast_start_time dash_ingest_url dash_preview_url ingest_streams.* overlay_url"
    " seconds_left secure_stream_url"
    " stream_url video.* ad_breaks content_tags live_status",
)
ACCOUNT_FIELDS = Fields(
    "facebook account",
    "id name username about description website link picture.* fan_count followers_count member_count"
    " verification_status is_verified created_time",
    # who somebody is and how to reach them: never read
    "first_name last_name middle_name short_name name_format email birthday gender hometown.* location.* religion"
    " political relationship_status significant_other.* education.* work.* languages.* interested_in.* age_range.*"
    " phone emails contact_address.* single_line_address whatsapp_number founded affiliation awards personal_info"
    " personal_interests bio mission general_info hours.* parking.* start_info.* birthday"
    # the rest of the form
    " category category_list.* cover.* checkins can_checkin can_post display_subtext engagement.*"
    " global_brand_root_id"
    " global_brand_page_name talking_about_count were_here_count rating_count overall_star_rating country_page_likes"
    " icon member_request_count privacy parent.* updated_time archived permissions.*"
    " description_html membership_state purpose pic pic_crop.* pic_large"
    " pic_small pic_square profile_type access_token tasks perms is_owned is_published is_permanently_closed"
    " is_unclaimed is_community_page is_webhooks_subscribed has_added_app has_whatsapp_number store_number timestamp"
    " administrator unread_notif_count unread_message_count unseen_message_count metadata.* quotes sports.*"
    " favorite_teams.* favorite_athletes.* inspirational_people.* install_type installed"
    " is_guest_user token_for_business"
    " third_party_id video_upload_limits.* viewer_can_send_gift security_settings.*"
    " supports_donate_button_in_live_video"
    " meeting_for.* test_group profile_pic locale timezone order username_or_id connected_instagram_account.*"
    " instagram_business_account.* likes.*",
)
