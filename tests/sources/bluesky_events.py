"""Events of Bluesky's Jetstream, made for tests."""

from __future__ import annotations

from typing import Any

START = 1_780_000_000_000_000  # microseconds: 2026-05-28
CID = "bafyreiftot7eltsc3f6g4qktykmbv6jcmdmhcx5osscan6jpdxkpqcmcza"
PICTURE = "bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4"


def did(number: int) -> str:
    return f"did:plc:account{number}"


def event(number: int, kind: str, author: int = 1, **said: Any) -> dict[str, Any]:
    return {"did": did(author), "time_us": START + number * 1_000_000, "kind": kind, **said}


def commit(
    number: int, collection: str, record: dict[str, Any] | None, author: int = 1, operation: str = "create"
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "rev": f"3m{number}",
        "operation": operation,
        "collection": collection,
        "rkey": f"r{number}",
    }
    if record is not None:
        said |= {"record": {"$type": collection, "createdAt": moment(number), **record}, "cid": CID}
    return event(number, "commit", author, commit=said)


def moment(number: int) -> str:
    minutes, seconds = divmod(number % 3600, 60)
    return f"2026-05-28T{20 + number // 3600 % 4:02d}:{26 + minutes % 30:02d}:{seconds:02d}.000Z"


def post(number: int, text: str = "plain words", author: int = 1, **more: Any) -> dict[str, Any]:
    return commit(number, "app.bsky.feed.post", {"text": text, "langs": ["en"], **more}, author)


def at(number: int, author: int = 1, collection: str = "app.bsky.feed.post") -> str:
    return f"at://{did(author)}/{collection}/r{number}"


def ref(number: int, author: int = 1) -> dict[str, str]:
    return {"uri": at(number, author), "cid": CID}


def deleted(number: int, collection: str = "app.bsky.feed.post", author: int = 1) -> dict[str, Any]:
    return commit(number, collection, None, author, "delete")


def repost(number: int, of: int = 1, author: int = 2) -> dict[str, Any]:
    return commit(number, "app.bsky.feed.repost", {"subject": ref(of)}, author)


def follow(number: int, whom: int = 1, author: int = 2) -> dict[str, Any]:
    return commit(number, "app.bsky.graph.follow", {"subject": did(whom)}, author)


def profile(number: int, author: int = 1, **more: Any) -> dict[str, Any]:
    return commit(number, "app.bsky.actor.profile", {"displayName": "A name", "description": "words", **more}, author)


def identity(number: int, author: int = 1, **said: Any) -> dict[str, Any]:
    return event(
        number, "identity", author, identity={"did": did(author), "seq": number, "time": moment(number), **said}
    )


def account(number: int, author: int = 1, *, active: bool = True, **said: Any) -> dict[str, Any]:
    said = {"active": active, "did": did(author), "seq": number, "time": moment(number), **said}
    return event(number, "account", author, account=said)


def facet(text: str, part: str, **feature: str) -> dict[str, Any]:
    """A facet of the part of a text."""
    start = len(text[: text.index(part)].encode())
    (kind, value) = next(iter(feature.items()))
    name = {"did": "mention", "uri": "link", "tag": "tag"}[kind]
    return {
        "index": {"byteStart": start, "byteEnd": start + len(part.encode())},
        "features": [{"$type": f"app.bsky.richtext.facet#{name}", kind: value}],
    }


def blob(cid: str = PICTURE, mime: str = "image/jpeg") -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": 20_000}


def images(*alts: str) -> dict[str, Any]:
    pictures = [{"alt": alt, "image": blob(f"{PICTURE}{n}"), "aspectRatio": {"width": 2, "height": 1}} for n, alt in
                enumerate(alts)]  # fmt: skip
    return {"$type": "app.bsky.embed.images", "images": pictures}


def mixed(count: int) -> list[dict[str, Any]]:
    """Posts of all kinds, reposts, follows, profiles, handles and states of accounts. All of them are loaded."""
    text = "@friend.test سلام #word https://e.org"
    said = [facet(text, "@friend.test", did=did(9)), facet(text, "#word", tag="word")]
    makers = [
        lambda n: post(n, f"words {n}", n % 7),
        lambda n: post(n, text, n % 7, facets=said),
        lambda n: post(n, "an answer", n % 7, reply={"root": ref(1), "parent": ref(n - 1, 8)}),
        lambda n: post(n, "see", n % 7, embed={"$type": "app.bsky.embed.record", "record": ref(n - 1, 8)}),
        lambda n: post(n, "a picture", n % 7, embed=images("shown", "")),
        lambda n: repost(n, n - 1, n % 7),
        lambda n: follow(n, n % 7 + 20, n % 7),
        lambda n: profile(n, n % 7, avatar=blob()),
        lambda n: identity(n, n % 7, handle=f"a{n % 7}.test"),
        lambda n: account(n, n % 7, active=n % 2 == 0, status="takendown"),
    ]
    return [makers[n % len(makers)](n) for n in range(count)]


def only_posts(count: int) -> list[dict[str, Any]]:
    """Posts and reposts: one post an event."""
    return [given for given in mixed(count * 2) if "commit" in given and ".feed." in given["commit"]["collection"]][
        :count
    ]
