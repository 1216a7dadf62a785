"""Telegram Desktop exports (`result.json`): one chat, or a whole account's chats.

Groups and channels are read, whether anybody may join or only those invited: they are rooms with an audience.
Conversations between two people, with bots and with oneself are private and left out, unread; so are contacts,
sessions and whatever else a whole account's export holds. The export gives no @usernames, so handles are null.
A group is an account of its own; who joined it by a link follows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from seawall.records.terms import AccountKind, MediaKind, PostKind, TieKind
from seawall.sources.cells import CellError, epoch, hashtags_in, iso, links_in, mentions_in
from seawall.sources.contract import Batch, Cursor
from seawall.sources.documents import Documents, read_documents
from seawall.sources.fields import Fields
from seawall.sources.gather import NO_JSON, Gather

BATCH = 5_000  # messages that go into one batch
_PRIVATE = ("personal_chat", "bot_chat", "saved_messages", "replies", "verify_codes")
_SMALL_GROUP = "private_group"  # has a numbering of its own; all other groups are numbered as channels are
_CHANNELS = ("public_channel", "private_channel")
_JOINED = ("join_group_by_link", "join_group_by_request")
_MEDIA = {
    "video_file": MediaKind.VIDEO,
    "video_message": MediaKind.VIDEO,
    "animation": MediaKind.ANIMATION,
    "voice_message": MediaKind.AUDIO,
    "audio_file": MediaKind.AUDIO,
    "sticker": MediaKind.PHOTO,
}
_NOT_THERE = "(File"  # how the export says that it left a file out
_FIELDS = Fields(
    "telegram message",
    "id type date date_unixtime from from_id actor actor_id action text text_entities.* reply_to_message_id"
    " reply_to_peer_id forwarded_from forwarded_from_id saved_from photo file file_name media_type mime_type"
    " reactions.count",
    "edited edited_unixtime author via_bot reactions.* photo_file_size file_size width height duration_seconds"
    " thumbnail thumbnail_file_size sticker_emoji performer title members inviter message_id new_title poll.*"
    " contact_information contact_vcard location_information live_location_period_seconds place_name address"
    " media_spoiler inline_bot_buttons.* game_title game_description game_link score game_message_id"
    " invoice_information.*"
    " paid_stars_amount self_destruct_period_seconds discard_reason reason_domain reason_app_id reason_app_name"
    " boosts schedule_date topic_id new_icon_emoji_id signed_by_author giveaway_information.* giveaway_results.*"
    " duration period months stars gift_id via_giveaway peer_user_id peer_chat_id peer_channel_id emoticon color"
    " original_message_id dates amount currency recurring button_id option_id story_expired live_location_period"
    " url_title phone_number vcard show_forward_sender todo_list.*",
)
_messages = msgspec.json.Decoder(list[msgspec.Raw])


class _Chat(msgspec.Struct):
    """A chat of an export."""

    id: int
    type: str
    messages: list[msgspec.Raw]
    name: str | None = None


class _Chats(msgspec.Struct):
    """Chats of an account."""

    chats: list[_Chat] = msgspec.field(default_factory=list, name="list")


class _Export(msgspec.Struct):
    """A whole account's export; all that is no chat is left out."""

    chats: _Chats | None = None
    left_chats: _Chats | None = None


class _Reaction(msgspec.Struct):
    count: int = 0


class _Message(msgspec.Struct):
    id: int
    type: str
    date: str
    date_unixtime: str | None = None
    text: str | list[Any] = ""
    from_id: str | None = None
    actor_id: str | None = None
    action: str = ""
    reply_to_message_id: int | None = None
    reply_to_peer_id: str | None = None
    forwarded_from: str | None = None
    forwarded_from_id: str | None = None
    saved_from: str | None = None
    photo: str | None = None
    file: str | None = None
    file_name: str | None = None
    media_type: str | None = None
    mime_type: str | None = None
    reactions: list[_Reaction] = []
    name: str | None = msgspec.field(default=None, name="from")
    actor: str | None = None


class TelegramExport:
    """Reads chats that Telegram Desktop exported as machine-readable JSON."""

    name = "telegram"

    def __init__(self, platform: str = "telegram") -> None:
        self.platform = platform

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read the messages of groups and channels; see `Source.read`."""
        before = cursor.get("of") if cursor else None
        skipped = int(str(cursor["messages"])) if cursor else 0
        reached = 0
        for documents in read_documents(location, before):  # type: ignore[arg-type]
            for batch in self._some(documents, skipped):
                last = batch.position == documents.position
                batch.cursor = {"of": documents.cursor if last else before, **batch.cursor}
                batch.position = documents.position if last else reached
                yield batch
            before, skipped, reached = documents.cursor, 0, documents.position

    def _some(self, documents: Documents, skipped: int) -> Iterator[Batch]:
        """Batches of some documents. The last has a position; the cursor counts messages from their beginning."""
        gather, done = Gather(self.platform, self.name), 0
        for reject in documents.rejects:
            if done >= skipped:
                gather.rejects.append(reject)
                gather.read += 1
            done += 1
        for number, raw in enumerate(documents.values, documents.first):
            for chat in self._chats(gather, number, raw, done < skipped):
                room = _Room(chat)
                for start in range(0, len(chat.messages), BATCH):
                    if done + start < skipped:
                        continue
                    room.read(gather, number, chat.messages[start : start + BATCH])
                    if start + BATCH < len(chat.messages):
                        yield gather.done({"messages": done + start + BATCH}, -1)
                        gather = Gather(self.platform, self.name)
                done += len(chat.messages)
        yield gather.done({"messages": 0}, documents.position)

    def _chats(self, gather: Gather, number: int, raw: bytes, silent: bool) -> list[_Chat]:
        """The chats of a document that are no private conversations."""
        if not raw:
            return []
        try:
            chats = _chats_of(raw)
        except (CellError, *NO_JSON) as error:
            with gather.reading(number, raw):
                raise CellError(f"no Telegram export: {error}") from error
            return []
        for chat in chats:
            if chat.type in _PRIVATE and not silent:
                gather.batch.ignored["message of a private conversation"] += len(chat.messages)
        return [chat for chat in chats if chat.type not in _PRIVATE]


def _chats_of(raw: bytes) -> list[_Chat]:
    whole = msgspec.json.decode(raw, type=_Export)
    if whole.chats is None and whole.left_chats is None:
        return [msgspec.json.decode(raw, type=_Chat)]
    return [chat for part in (whole.chats, whole.left_chats) if part for chat in part.chats]


class _Room:
    """A group or channel while its messages are read: it knows who wrote what of them so far."""

    def __init__(self, chat: _Chat) -> None:
        self.account_id = f"{'chat' if chat.type == _SMALL_GROUP else 'channel'}{chat.id}"
        self._kind = AccountKind.CHANNEL if chat.type in _CHANNELS else AccountKind.GROUP
        self._name = chat.name
        self._authors = {
            message.id: message.from_id for message in map(_author, chat.messages) if message and message.from_id
        }

    def read(self, gather: Gather, number: int, messages: Sequence[msgspec.Raw]) -> None:
        """Facts of some messages."""
        profiles: dict[tuple[str, object], tuple[str | None, datetime]] = {}
        for raw in messages:
            with gather.reading(number, bytes(raw), "a Telegram message"):
                given = msgspec.json.decode(raw)
                gather.check(_FIELDS, given)
                message = msgspec.convert(given, _Message)
                at = _moment(message)
                profiles.setdefault((self.account_id, at.date()), (self._name, at))
                if message.type == "message":
                    self._message(gather, message, at, profiles)
                elif message.action in _JOINED and message.actor_id:
                    profiles.setdefault((message.actor_id, at.date()), (message.actor, at))
                    gather.tie(TieKind.FOLLOW, message.actor_id, at, to_id=self.account_id)
                else:
                    gather.ignore(f"service message '{message.action[:40]}'")
        for (account, _), (name, at) in profiles.items():
            gather.account(account, at, self._kind_of(account), name=name)

    def _kind_of(self, account: str) -> AccountKind:
        if account == self.account_id:
            return self._kind
        return AccountKind.CHANNEL if account.startswith("channel") else AccountKind.PERSON

    def _message(
        self,
        gather: Gather,
        message: _Message,
        at: datetime,
        profiles: dict[tuple[str, object], tuple[str | None, datetime]],
    ) -> None:
        author = message.from_id or self.account_id
        post_id = f"{self.account_id}/{message.id}"
        text, links, mentions, named = _said(message.text)
        origin = message.forwarded_from_id
        forwarded = bool(origin or message.forwarded_from or message.saved_from)
        answers = message.reply_to_message_id
        elsewhere = message.reply_to_peer_id
        answered = None if elsewhere or answers is None else self._authors.get(answers)
        kind = PostKind.REPOST if forwarded else PostKind.REPLY if answered or elsewhere else PostKind.POST
        media = list(_media(message))
        gather.post(
            post_id,
            author,
            at,
            kind,
            text=text,
            hashtags=hashtags_in(text),
            links=links,
            mentions=mentions,
            of_account_id=origin,
            reply_to_post_id=f"{elsewhere or self.account_id}/{answers}" if answers is not None else None,
            reply_to_account_id=answered,
            media=len(media),
            likes=sum(reaction.count for reaction in message.reactions) if message.reactions else None,
        )
        profiles.setdefault((author, at.date()), (message.name if message.from_id else self._name, at))
        if origin:
            gather.tie(TieKind.REPOST, author, at, to_id=origin, post_id=post_id)
        if answered:
            gather.tie(TieKind.REPLY, author, at, to_id=answered, post_id=post_id)
        gather.ties_of(TieKind.MENTION, author, at, post_id, *mentions)
        for user in named:
            gather.tie(TieKind.MENTION, author, at, to_id=user, post_id=post_id)
        gather.links_of(author, at, post_id, *links)
        for place, (media_kind, path) in enumerate(media):
            name = None if path.startswith(_NOT_THERE) else path
            gather.medium(f"{post_id}#{place}", post_id, author, at, kind=media_kind.value, url=name,
                          alt_text=message.file_name)  # fmt: skip


class _Author(msgspec.Struct):
    id: int
    from_id: str | None = None
    type: str = ""


def _author(raw: msgspec.Raw) -> _Author | None:
    """Who wrote a message; None if it cannot be told. A topic's first message is nobody's."""
    try:
        message = msgspec.json.decode(raw, type=_Author)
    except NO_JSON:
        return None
    return message if message.type == "message" else None


def _moment(message: _Message) -> datetime:
    """When it was written; exports older than 2021 give local time without a zone, taken as UTC."""
    if message.date_unixtime is None:
        return iso(message.date)
    if not message.date_unixtime.isdecimal():
        raise CellError(f"{message.date_unixtime[:40]!r} is no time")
    return epoch(int(message.date_unixtime[:15]))


def _said(text: str | list[Any]) -> tuple[str, list[str], list[str], list[str]]:
    """A text as people see it, its links, the handles it names, and the ids of users it names without a handle."""
    if isinstance(text, str):
        return text, links_in(text), mentions_in(text), []
    parts, links, mentions, users = [], [], [], []
    for part in text:
        if isinstance(part, str):
            parts.append(part)
            continue
        if not isinstance(part, dict) or not isinstance(part.get("text"), str):
            raise CellError("a part of its text is no text")
        said = part["text"]
        parts.append(said)
        kind = part.get("type")
        if kind == "text_link" and isinstance(part.get("href"), str):
            links.append(part["href"])
        elif kind == "mention":
            mentions.append(said.removeprefix("@"))
        elif kind == "mention_name" and isinstance(part.get("user_id"), int):
            users.append(f"user{part['user_id']}")
    whole = "".join(parts)
    found = Counter(links_in(whole)) + Counter(link for link in links if link.startswith(("http://", "https://")))
    return whole, list(found), list(dict.fromkeys([*mentions, *mentions_in(whole)])), list(dict.fromkeys(users))


def _media(message: _Message) -> Iterator[tuple[MediaKind, str]]:
    if message.photo:
        yield MediaKind.PHOTO, message.photo
    if message.file:
        mime = (message.mime_type or "").partition("/")[0]
        by_mime = {"video": MediaKind.VIDEO, "audio": MediaKind.AUDIO, "image": MediaKind.PHOTO}
        yield _MEDIA.get(message.media_type or "") or by_mime.get(mime, MediaKind.FILE), message.file
