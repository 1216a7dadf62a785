"""A server with the paths, parameters and answers of YouTube's Data API, as its discovery document has them.

It is a real one on loopback, with channels, videos and comments of its own. A question that the discovery document does
not allow is answered with 400, as YouTube does.
"""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sources import youtube_answers as made

DISCOVERY = json.loads((Path(__file__).parent / "youtube_discovery.json").read_text())
METHODS = {f"/{method['path']}": (name, method["parameters"]) for name, method in DISCOVERY["methods"].items()}
KEY = "AIza-key"


class RefusedError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Tube(ThreadingHTTPServer):
    """Channels that have videos below which there are comment threads."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.channels = {"UCone": made.channel("UCone")}
        self.videos: dict[str, dict[str, Any]] = {}
        self.threads: list[dict[str, Any]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}  # to comments, by the comment
        self.page = 50  # items of a page, at most
        self.units = 10_000
        self.spent = 0
        self.instead: list[tuple[int, bytes]] = []  # the next answers, each once
        self.no_comments: set[str] = set()  # of these videos
        self.asked: list[tuple[str, dict[str, str], int]] = []  # what, with what, and the status it got
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def publish(self, number: int, channel: str = "UCone", text: str = "plain words") -> None:
        self.videos[f"v{number}"] = made.video(number, channel, text)

    def comment(self, number: int, of: str = "v1", answers: int = 0, **top: Any) -> None:
        """A thread below a video; of its answers it shows two, as YouTube shows some."""
        below = [made.comment(number + 1000 * n, f"UCa{n}", parentId=f"Ug{number}") for n in range(1, answers + 1)]
        channel = self.videos[of]["snippet"]["channelId"]
        thread = made.thread(number, *below[:2], of=of, channel=channel, **top)
        thread["snippet"]["totalReplyCount"] = answers
        self.threads.append(thread)
        self.answers[f"Ug{number}"] = below

    def answer(self, what: str, given: dict[str, str]) -> dict[str, Any]:
        items = getattr(self, f"_{what}")(given)
        start, size = int(given.get("pageToken", "t0")[1:]), min(self.page, int(given.get("maxResults", 5)))
        if start > len(items):
            raise RefusedError(400, "invalidPageToken")
        more = {"nextPageToken": f"t{start + size}"} if start + size < len(items) else {}
        return made.page(what.removesuffix("s"), *items[start : start + size], **more)

    def _channels(self, given: dict[str, str]) -> list[Any]:
        return [self.channels[name] for name in given["id"].split(",") if name in self.channels]

    def _videos(self, given: dict[str, str]) -> list[Any]:
        if "id" not in given:
            return list(self.videos.values())[:1]
        return [self.videos[name] for name in given["id"].split(",") if name in self.videos]

    def _playlistItems(self, given: dict[str, str]) -> list[Any]:  # noqa: N802 - as the API has it
        channel = "UC" + given["playlistId"][2:]
        if channel not in self.channels:
            raise RefusedError(404, "playlistNotFound")
        own = [v for v in self.videos.values() if v["snippet"]["channelId"] == channel]
        return [
            {"kind": "youtube#playlistItem", "etag": "p", "id": "i" + v["id"],
             "contentDetails": {"videoId": v["id"], "videoPublishedAt": v["snippet"]["publishedAt"]}}
            for v in _newest(own)
        ]  # fmt: skip

    def _search(self, given: dict[str, str]) -> list[Any]:
        found = [v for v in self.videos.values() if given["q"] in v["snippet"]["description"]]
        late = [v for v in found if v["snippet"]["publishedAt"] >= given["publishedAfter"]]
        return [
            {"kind": "youtube#searchResult", "etag": "s", "id": {"kind": "youtube#video", "videoId": v["id"]},
             "snippet": v["snippet"]}
            for v in _newest(late)
        ]  # fmt: skip

    def _commentThreads(self, given: dict[str, str]) -> list[Any]:  # noqa: N802
        video, channel = given.get("videoId"), given.get("allThreadsRelatedToChannelId")
        if video in self.no_comments:
            raise RefusedError(403, "commentsDisabled")
        if video and video not in self.videos:
            raise RefusedError(404, "videoNotFound")
        own = [t for t in self.threads if video == t["snippet"]["videoId"] or channel == t["snippet"]["channelId"]]
        return sorted(own, key=lambda t: t["snippet"]["topLevelComment"]["snippet"]["publishedAt"], reverse=True)

    def _comments(self, given: dict[str, str]) -> list[Any]:
        return self.answers[given["parentId"]]

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no matter."""


class _Handler(BaseHTTPRequestHandler):
    server: Tube
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        what, allowed = METHODS.get(parts.path, ("", {}))
        try:
            if self.server.instead:
                status, content = self.server.instead.pop(0)
            else:
                status, content = 200, json.dumps(self._answer(what, allowed, given)).encode()
        except RefusedError as refused:
            error = {"code": refused.status, "message": f"said <a>{refused.reason}</a>",
                     "errors": [{"domain": "youtube", "reason": refused.reason}]}  # fmt: skip
            status, content = refused.status, json.dumps({"error": error}).encode()
        etag = hashlib.sha256(content).hexdigest()
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, content = 304, b""
        elif status == 200 and content.startswith(b'{"kind"'):
            content = json.dumps({**json.loads(content), "etag": etag}).encode()
        self.server.asked.append((what, given, status))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, what: str, allowed: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
        if not what:
            raise RefusedError(404, "notKnown")
        if self.headers.get("X-Goog-Api-Key") != KEY:
            raise RefusedError(400, "badRequest")
        self.server.spent += 100 if what == "search" else 1
        if self.server.spent > self.server.units:
            raise RefusedError(403, "quotaExceeded")
        for name, value in given.items():
            rule = allowed.get(name)
            if rule is None or ("enum" in rule and value not in rule["enum"]):
                raise RefusedError(400, "invalidParameter")
            if "maximum" in rule and not int(rule["minimum"]) <= int(value) <= int(rule["maximum"]):
                raise RefusedError(400, "invalidParameter")
        if any(rule.get("required") and name not in given for name, rule in allowed.items()):
            raise RefusedError(400, "missingRequiredParameter")
        return self.server.answer(what, given)

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""


def _newest(videos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(videos, key=lambda video: str(video["snippet"]["publishedAt"]), reverse=True)
