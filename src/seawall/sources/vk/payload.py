"""Objects of VK's API and which of their fields are read. Names and meanings are those of VK's own schema."""

from __future__ import annotations

from typing import Any

import msgspec

from seawall.sources.fields import Fields


class Count(msgspec.Struct):
    """How often something was done."""

    count: int | None = None


class Attachment(msgspec.Struct):
    """Something a post carries; what it is stands under the name of its type."""

    type: str
    photo: dict[str, Any] | None = None
    video: dict[str, Any] | None = None
    doc: dict[str, Any] | None = None
    audio: dict[str, Any] | None = None
    link: dict[str, Any] | None = None


class Post(msgspec.Struct):
    """A post on a wall (wall_wallpost_full). A news feed names it by source_id and post_id."""

    date: int
    id: int | None = None
    post_id: int | None = None
    owner_id: int | None = None
    to_id: int | None = None
    source_id: int | None = None
    from_id: int | None = None
    text: str = ""
    is_deleted: bool | int = False
    attachments: list[Attachment] = []
    copy_history: list[Post] = []
    likes: Count | None = None
    reposts: Count | None = None
    comments: Count | None = None


class Comment(msgspec.Struct):
    """A comment below a post, a video or a photo, or in a group's board (wall_wall_comment)."""

    id: int
    from_id: int | None = None
    date: int | None = None
    text: str = ""
    owner_id: int | None = None
    post_id: int | None = None
    video_id: int | None = None
    photo_id: int | None = None
    reply_to_user: int | None = None
    reply_to_comment: int | None = None
    deleted: bool | int = False
    attachments: list[Attachment] = []
    likes: Count | None = None
    thread: dict[str, Any] | None = None


class Video(msgspec.Struct):
    """A video that an account published."""

    id: int
    owner_id: int
    date: int
    title: str = ""
    description: str = ""
    player: str | None = None
    comments: int | None = None
    likes: Count | None = None


class Place(msgspec.Struct):
    """A town, as the account states it."""

    title: str | None = None


class User(msgspec.Struct):
    """A person's account (users_user_full)."""

    id: int
    first_name: str = ""
    last_name: str = ""
    deactivated: str | None = None
    is_closed: bool | int | None = None
    screen_name: str | None = None
    domain: str | None = None
    status: str | None = None
    about: str | None = None
    site: str | None = None
    city: Place | None = None
    photo_200: str | None = None
    photo_100: str | None = None
    followers_count: int | None = None
    verified: int | None = None


class Group(msgspec.Struct):
    """A group, public page or event (groups_group_full)."""

    id: int
    name: str = ""
    screen_name: str | None = None
    deactivated: str | None = None
    is_closed: int | None = None
    status: str | None = None
    description: str | None = None
    site: str | None = None
    city: Place | None = None
    photo_200: str | None = None
    photo_100: str | None = None
    members_count: int | None = None
    verified: int | None = None


POST_FIELDS = Fields(
    "vk post",
    "date id post_id owner_id to_id source_id from_id text is_deleted attachments.* copy_history.* likes.count"
    " reposts.count comments.count post_type type",
    "access_key can_delete can_edit can_pin carousel_offset comments.* copyright.* created_by deleted_details"
    " deleted_reason donut.* donut_miniapp_url edited feedback.* geo.* hash inner_type is_archived"
    " is_favorite is_pinned"
    " likes.* marked_as_ads parents_stack post_source.* reposts.* short_text_rate signer_id"
    " topic_id views.* copy_text"
    " copy_owner_id copy_post_id copy_post_date reply_post_id reply_owner_id attachment.* can_publish can_comment"
    " friends_only track_code zoom_text carousel.* ads_easy_promote.* postponed_id final_post"
    " can_set_category can_doubt_category"
    " suggest_subscribe reaction_set_id reactions.* compact_attachments_before_cut photos.* photo_tags.* notes.*"
    " push_subscription.* owner.* action_button.* poster.* caption.* header.* ads.* reply.*",
)
COMMENT_FIELDS = Fields(
    "vk comment",
    "id from_id date text owner_id post_id video_id photo_id reply_to_user reply_to_comment deleted attachments.*"
    " likes.count thread.*",
    "can_edit donut.* is_from_post_author likes.* parents_stack pid real_offset post_owner_id video_owner_id"
    " photo_owner_id topic_id topic_owner_id market_owner_id item_id uid cid",
)
USER_FIELDS = Fields(
    "vk user",
    "id first_name last_name deactivated is_closed screen_name domain status about site city.title"
    " photo_200 photo_100"
    " followers_count verified",
    # who somebody is, where and with whom, and how to reach them: never read
    "sex bdate city.* country.* home_town personal.* relation relation_partner.* relatives.* schools.* universities.*"
    " university university_name university_group_id faculty faculty_name graduation education.* education_form"
    " education_status career.* military.* occupation.* interests activities activity books games"
    " movies music tv quotes"
    " home_phone mobile_phone contacts.* contact_id contact_name email has_mobile facebook facebook_name instagram"
    " livejournal skype twitter connections.* language langs.* timezone last_seen.* online online_app online_info.*"
    " online_mobile platform"
    # the rest of the form
    " about_me access_key blacklisted blacklisted_by_me can_access_closed can_ban can_be_invited_group can_call"
    " can_call_from_group can_invite_as_voicerooms_speaker can_post can_see_all_posts can_see_audio can_see_gifts"
    " can_see_wishes can_send_friend_request can_subscribe_podcasts can_subscribe_posts can_upload_doc"
    " can_write_private_message clips_count common_count counters.* crop_photo.* descriptions"
    " exports.* first_name_abl"
    " first_name_acc first_name_dat first_name_gen first_name_ins first_name_nom friend_status has_photo"
    " has_unseen_stories hash hidden is_best_friend is_favorite is_friend is_hidden_from_feed is_message_request"
    " is_no_index is_service is_subscribed_podcasts is_video_live_notifications_blocked last_name_abl last_name_acc"
    " last_name_dat last_name_gen last_name_ins last_name_nom lists maiden_name mutual.* nickname owner_state.* photo"
    " photo_200_orig photo_400 photo_400_orig photo_50 photo_big photo_id photo_max photo_max_orig photo_max_size.*"
    " photo_medium photo_medium_rec photo_rec service_description status_app.* status_audio.*"
    " stories_archive_count test"
    " trending tv type video_live.* video_live_count video_live_level wall_comments wall_default"
    " uid user_id track_code"
    " member_status status_audio_id found_with photo_avg_color role permissions invited_by request_date message from"
    " friends_count age_from age_to lat lng followers.* is_followers_mode_on is_student"
    " can_invite_to_chats name is_admin is_member",
)
GROUP_FIELDS = Fields(
    "vk group",
    "id name screen_name deactivated is_closed status description site city.title photo_200 photo_100 members_count"
    " verified type",
    "activity addresses.* admin_level age_limits ban_info.* can_call_to_community can_create_topic"
    " can_message can_post"
    " can_see_all_posts can_send_notify can_subscribe_podcasts can_subscribe_posts can_suggest can_upload_clip"
    " can_upload_doc can_upload_story can_upload_video city.* clips_count contacts.* counters.* country.* cover.*"
    " crop_photo.* est_date finish_date fixed_post has_group_channel has_market_app has_photo has_unseen_stories"
    " invited_by is_admin is_adult is_advertiser is_favorite is_hidden_from_feed is_member is_messages_blocked"
    " is_subscribed is_subscribed_podcasts is_video_live_notifications_blocked links.* live_covers.* main_album_id"
    " main_section market.* member_status members_count_text online_status.* photo_200_orig photo_400 photo_400_orig"
    " photo_50 photo_max photo_max_orig photo_max_size.* public_date_label requests_count"
    " secondary_section start_date"
    " status_audio.* stories_archive_count textlives_count trending using_vkpay_market_app video_cover.* video_live.*"
    " video_live_count video_live_level video_notifications_status videos_count wall wiki_page gid place.* photo"
    " photo_medium photo_big can_invite wiki main_address_id photo_avg_color track_code",
)
VIDEO_FIELDS = Fields(
    "vk video",
    "id owner_id date title description player comments likes.count",
    "duration views adding_date photo_130 photo_320 photo_640 photo_800 image.* first_frame.*"
    " first_frame_800 first_frame_320 first_frame_160 first_frame_130"
    " access_key can_add can_edit"
    " can_like can_repost can_subscribe can_add_to_faves can_attach_link can_comment is_favorite width height"
    " local_views platform repeat reposts.* privacy_view.* privacy_comment.* privacy processing"
    " live files.* timeline_thumbs.*"
    " ov_id track_code type user_id album_id link photo photo_1280 upcoming converting added files trailer.* likes.*"
    " response_type is_private",
)
