"""Answers of YouTube's Data API, made for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2016, 3, 1, tzinfo=UTC)


def moment(number: int) -> str:
    return (START + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


def video(number: int, channel: str = "UCone", text: str = "plain words", **parts: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#video",
        "etag": f"e{number}",
        "id": f"v{number}",
        "snippet": {
            "publishedAt": moment(number),
            "channelId": channel,
            "channelTitle": "One",
            "title": f"video {number}",
            "description": text,
            "thumbnails": {"default": {"url": "https://i.example/d.jpg", "width": 120, "height": 90}},
            "tags": ["a keyword"],
            "defaultLanguage": "en",
        },
        "statistics": {"viewCount": "90", "likeCount": "7", "commentCount": "3"},
        "status": {"uploadStatus": "processed", "privacyStatus": "public", "license": "youtube"},
        **parts,
    }


def channel(name: str = "UCone", **snippet: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#channel",
        "etag": "c",
        "id": name,
        "snippet": {
            "title": "One",
            "description": "about One",
            "customUrl": "@one",
            "publishedAt": moment(0),
            "country": "KZ",
            "thumbnails": {"high": {"url": "https://i.example/one.jpg"}},
            **snippet,
        },
        "statistics": {
            "viewCount": "5",
            "subscriberCount": "40",
            "hiddenSubscriberCount": False,
            "videoCount": "2",
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU" + name[2:]}},
    }


def comment(number: int, author: str | None = "UCtwo", text: str = "an answer", **snippet: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#comment",
        "etag": f"k{number}",
        "id": f"Ug{number}",
        "snippet": {
            "authorDisplayName": "@two",
            "authorProfileImageUrl": "https://i.example/two.jpg",
            "authorChannelUrl": "http://www.youtube.com/@two",
            **({"authorChannelId": {"value": author}} if author else {}),
            "textDisplay": text,
            "textOriginal": text,
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 4,
            "publishedAt": moment(number),
            "updatedAt": moment(number),
            **snippet,
        },
    }


def thread(number: int, *answers: dict[str, Any], of: str = "v1", channel: str = "UCone", **top: Any) -> dict[str, Any]:
    first = comment(number, **top)
    given: dict[str, Any] = {
        "kind": "youtube#commentThread",
        "etag": f"t{number}",
        "id": first["id"],
        "snippet": {
            "channelId": channel,
            "videoId": of,
            "topLevelComment": first,
            "canReply": True,
            "totalReplyCount": len(answers),
            "isPublic": True,
        },
    }
    return {**given, "replies": {"comments": list(answers)}} if answers else given


def playlist_item(number: int, by: str, owner: str | None, playlist: str, **snippet: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#playlistItem",
        "etag": f"p{number}",
        "id": f"PLi{number}",
        "snippet": {
            "publishedAt": moment(number),
            "channelId": by,
            "channelTitle": "One",
            "title": f"video {number}",
            "description": "words",
            "thumbnails": {},
            "playlistId": playlist,
            "position": 0,
            "resourceId": {"kind": "youtube#video", "videoId": f"v{number}"},
            **({"videoOwnerChannelId": owner, "videoOwnerChannelTitle": "Owner"} if owner else {}),
            **snippet,
        },
        "contentDetails": {"videoId": f"v{number}", "videoPublishedAt": moment(number - 1)},
    }


def upload(number: int, by: str = "UCone") -> dict[str, Any]:
    snippet = {**video(number, by)["snippet"], "type": "upload"}
    del snippet["tags"], snippet["defaultLanguage"]
    return {
        "kind": "youtube#activity",
        "etag": "a",
        "id": f"act{number}",
        "snippet": snippet,
        "contentDetails": {"upload": {"videoId": f"v{number}"}},
    }


def page(kind: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "kind": f"youtube#{kind}ListResponse",
        "etag": "page",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": 50},
        "items": list(items),
        **more,
    }


def mixed(count: int) -> list[dict[str, Any]]:
    """Videos, comments, playlist items and uploads in turn, one each a page."""
    made = []
    for n in range(1, count + 1):
        given: dict[str, Any] = [
            video(n, f"UCc{n % 7}"),
            thread(n, of=f"v{n - 1}"),
            comment(n, parentId=f"Ug{n - 2}", text=f"see https://e.example/{n} #tag @name"),
            playlist_item(n, "UCone", None, "PLx"),
            upload(n),
        ][n % 5]
        made.append(page("any", given))
    return made
