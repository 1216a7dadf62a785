"""Facts out of the events of the network: of records that were made or deleted, of handles and of accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from seawall.records.terms import State
from seawall.sources.bluesky import payload, records
from seawall.sources.cells import CellError, epoch
from seawall.sources.gather import Gather

_STATES = {  # what the network says of an account that is not there
    "takendown": State.SUSPENDED,
    "suspended": State.SUSPENDED,
    "deleted": State.DELETED,
    "deactivated": State.DELETED,  # by its owner, who may come back
}
_OF_SERVERS = ("desynchronized", "throttled")  # a server's trouble, which says nothing of the account
_KINDS = ("commit", "identity", "account")
_LONGEST = 2048  # letters of an id; the protocol's own limit of a DID
_MOST_NAME = 60


def event(gather: Gather, number: int, raw: bytes) -> datetime | None:
    """Facts of one event as Jetstream gives it; when it was sent, or None if it is a reject."""
    with gather.reading(number, raw, "an event of Jetstream"):
        given = msgspec.json.decode(raw)
        gather.check(payload.EVENT_FIELDS, given)
        return read(gather, msgspec.convert(given, payload.Event))
    return None


def read(gather: Gather, given: payload.Event) -> datetime:
    """Facts of an event; when it was sent. Raises CellError if one of its parts cannot be a fact."""
    did, at = _did(given.did), epoch(given.time_us, 1_000_000)
    if given.kind not in _KINDS:
        gather.batch.unknown[f"bluesky event '{given.kind[:_MOST_NAME]}'"] += 1
        gather.ignore("event of a kind that is not known")
    elif given.commit and given.kind == "commit":
        _commit(gather, did, given.commit, at)
    elif given.identity and given.kind == "identity":
        _identity(gather, did, given.identity, at)
    elif given.account and given.kind == "account":
        _account(gather, did, given.account, at)
    else:
        raise CellError(f"a {given.kind} that says nothing")
    return at


def _did(given: str) -> str:
    if not given.startswith("did:") or len(given) > _LONGEST:
        raise CellError(f"{given[:_MOST_NAME]!r} is no DID")
    return given


def _commit(gather: Gather, did: str, commit: payload.Commit, at: datetime) -> None:
    collection = commit.collection
    if collection not in payload.COLLECTIONS:
        _left(gather, collection)
    elif commit.operation in ("create", "update"):
        if commit.record is None:
            raise CellError("a record without its content")
        _READ[collection](gather, did, f"at://{did}/{collection}/{commit.rkey}", commit.record, at)
    elif commit.operation != "delete":
        raise CellError(f"{commit.operation[:_MOST_NAME]!r} is no operation")
    elif collection in (payload.POST, payload.REPOST):
        gather.state(did, State.DELETED, at, post_id=f"at://{did}/{collection}/{commit.rkey}")
    elif collection == payload.FOLLOW:
        gather.ignore("follow that ended, without saying whose")
    else:
        gather.ignore("profile that was emptied")


def _left(gather: Gather, collection: str) -> None:
    """A record of a collection that is not read."""
    what = payload.LEFT.get(collection)
    if what is None and collection.startswith(("app.bsky.", "chat.bsky.")):
        gather.batch.unknown[f"bluesky collection {collection[:_MOST_NAME]}"] += 1
        what = "record of a collection that is not known"
    gather.ignore(what or "record of another program on the network")


def _identity(gather: Gather, did: str, identity: payload.Identity, at: datetime) -> None:
    if identity.handle in (None, "", "handle.invalid"):
        gather.ignore("identity without a handle")
    else:
        gather.once(did, at, handle=identity.handle)


def _account(gather: Gather, did: str, account: payload.Account, at: datetime) -> None:
    if account.active:
        gather.state(did, State.ACTIVE, at)
    elif account.status in _OF_SERVERS:
        gather.ignore(f"account that a server is behind with: {account.status}")
    elif account.status in _STATES:
        gather.state(did, _STATES[account.status], at, note=account.status)
    else:
        if account.status:
            gather.batch.unknown[f"bluesky account status '{account.status[:_MOST_NAME]}'"] += 1
        gather.state(did, State.WITHHELD, at, note=(account.status or "not active")[:_MOST_NAME])


def _post(gather: Gather, did: str, post_id: str, record: dict[str, Any], at: datetime) -> None:
    gather.check(payload.POST_FIELDS, record)
    records.post(gather, did, post_id, msgspec.convert(record, payload.Post), at)


def _repost(gather: Gather, did: str, post_id: str, record: dict[str, Any], at: datetime) -> None:
    gather.check(payload.REPOST_FIELDS, record)
    records.repost(gather, did, post_id, msgspec.convert(record, payload.Repost), at)


def _follow(gather: Gather, did: str, _: str, record: dict[str, Any], at: datetime) -> None:
    gather.check(payload.FOLLOW_FIELDS, record)
    follow = msgspec.convert(record, payload.Follow)
    records.follow(gather, did, _did(follow.subject), follow, at)


def _profile(gather: Gather, did: str, _: str, record: dict[str, Any], at: datetime) -> None:
    gather.check(payload.PROFILE_FIELDS, record)
    records.profile(gather, did, msgspec.convert(record, payload.Profile), at)


_READ = {payload.POST: _post, payload.REPOST: _repost, payload.FOLLOW: _follow, payload.PROFILE: _profile}
