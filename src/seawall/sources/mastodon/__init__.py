"""Mastodon, and servers that speak its API: saved answers, one or many to a file, and recorded events of its stream.

An answer's entities are told apart by what they hold. Posts that not everybody may read, conversations, notifications
and reports are left out without reading them. `live` follows a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from seawall.records.terms import State
from seawall.sources.answers import Answers, decoded
from seawall.sources.gather import Gather
from seawall.sources.mastodon import facts
from seawall.sources.mastodon.payload import ACCOUNT_FIELDS, ADMIN_FIELDS, Account

NAME = "mastodon"
_LISTS = ("ancestors", "descendants", "statuses", "accounts")  # answers of several lists: a thread, a search
_ADMIN = ("account", "suspended", "silenced", "disabled", "sensitized")
_SILENT = {
    "notification": "notification",
    "conversation": "conversation",
    "filters_changed": "event about filters",
    "announcement": "announcement",
    "announcement.reaction": "announcement",
    "announcement.delete": "announcement",
    "encrypted_message": "encrypted message",
    "notifications_merged": "notification",
}


class MastodonExport(Answers):
    """Reads saved answers of the API, and events of the stream as its WebSocket writes them."""

    name = NAME

    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        """Read one answer or event."""
        take(gather, number, raw, written)


def take(gather: Gather, number: int, raw: bytes, seen_at: datetime, event: str = "") -> None:
    """Read one answer, or one event of the stream. `seen_at` dates accounts that stand alone, and deletions."""
    given = decoded(gather, number, raw)
    if given is msgspec.UNSET:
        return
    if not event and isinstance(given, dict) and isinstance(given.get("event"), str) and "account" not in given:
        _event(gather, number, given, seen_at)
    elif event == "delete":
        _deleted(gather, number, given, seen_at)
    else:
        _answer(gather, number, given, seen_at)


def silent(event: str) -> str | None:
    """What an event is that says nothing about a public post or account; None for those that do."""
    if event in ("update", "status.update", "delete"):
        return None
    return _SILENT.get(event, f"event '{event[:40]}'")


def _event(gather: Gather, number: int, given: dict[str, Any], seen_at: datetime) -> None:
    event, payload = given["event"], given.get("payload")
    what = silent(event)
    if what is not None:
        _left(gather, number, what)
    elif isinstance(payload, str):
        raw = msgspec.json.encode(payload) if event == "delete" else payload.encode("utf-8", "replace")
        take(gather, number, raw, seen_at, event)
    else:
        take(gather, number, msgspec.json.encode(payload), seen_at, event)


def _deleted(gather: Gather, number: int, post_id: object, at: datetime) -> None:
    """A post that was taken away. The event does not say whose it was."""
    with gather.reading(number, msgspec.json.encode(post_id), "the id of a post"):
        gather.state(None, State.DELETED, at, post_id=str(msgspec.convert(post_id, int | str)))


def _answer(gather: Gather, number: int, given: object, seen_at: datetime) -> None:
    if isinstance(given, list):
        for item in given:
            _entity(gather, number, item, seen_at)
        if not given:
            _left(gather, number, "an empty answer")
    elif isinstance(given, dict) and "id" not in given and any(isinstance(given.get(name), list) for name in _LISTS):
        for item in (item for name in _LISTS for item in given.get(name) or ()):
            _entity(gather, number, item, seen_at)
        _left(gather, number, "a thread or a search around its posts and accounts")
    else:
        _entity(gather, number, given, seen_at)


def _entity(gather: Gather, number: int, item: object, seen_at: datetime) -> None:
    kind, what = _kind_of(item)
    if kind is None or not isinstance(item, dict):
        _left(gather, number, what)
    elif kind == "status":
        with gather.reading(number, msgspec.json.encode(item), "a Mastodon status"):
            facts.status(gather, item)
    elif kind == "account":
        with gather.reading(number, msgspec.json.encode(item), "a Mastodon account"):
            gather.check(ACCOUNT_FIELDS, item)
            facts.profile(gather, msgspec.convert(item, Account), seen_at)
    else:
        shown = {name: item[name] for name in _ADMIN if name in item}  # a reject keeps no e-mail
        with gather.reading(number, msgspec.json.encode(shown), "an account as moderators see it"):
            gather.check(ADMIN_FIELDS, item)
            facts.admin_account(gather, shown, seen_at)


def _kind_of(item: object) -> tuple[str | None, str]:
    """What an entity is, by the fields that only such an entity has; if it is none that is read, what it is instead."""
    if not isinstance(item, Mapping):
        return None, "an answer about nobody's account or post"
    has = item.keys()
    if "error" in has and "id" not in has:
        return None, "an error that the API answered"
    if "visibility" in has or {"content", "account", "id"} <= has:
        return ("status", "") if facts.is_public(item) else (None, "a post that not everybody may read")
    if "last_status" in has:
        return None, "conversation"
    if {"type", "account", "id"} <= has or "notification_groups" in has:
        return None, "notification"
    if "action_taken" in has or "target_account" in has:
        return None, "a report that somebody made"
    if {"account", "silenced"} <= has or {"account", "email"} <= has:
        return "admin", ""
    if "acct" in has:
        return "account", ""
    if "content" in has and "account" in has:
        return None, "an earlier version of a post"
    if "@context" in has:
        return None, "an ActivityPub object: save answers of the API instead"
    return None, "an answer about nobody's account or post"


def _left(gather: Gather, number: int, what: str) -> None:
    with gather.reading(number, b""):
        gather.ignore(what)
