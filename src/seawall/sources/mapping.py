"""A mapping says which column of a table is which field of a post. Guessed only when obvious, shown before use."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from seawall.sources.contract import SourceError

# Column names that people and tools use for a field, most telling first. Compared without case, '_', '-' and ' '.
NAMES: dict[str, tuple[str, ...]] = {
    "post_id": ("postid", "tweetid", "statusid", "messageid", "idstr", "id"),
    "account_id": ("accountid", "authorid", "userid", "useridstr", "senderid", "externalauthorid"),
    "handle": ("handle", "username", "screenname", "author", "account", "user", "usernamehandle"),
    "name": ("displayname", "fullname", "name"),
    "bio": ("bio", "description", "userdescription", "about"),
    "place": ("location", "place", "userlocation"),
    "text": ("text", "tweets", "tweet", "content", "body", "message", "fulltext", "post", "caption"),
    "at": ("at", "time", "createdat", "date", "timestamp", "publishdate", "datetime", "posted", "created"),
    "lang": ("lang", "language"),
    "kind": ("kind", "posttype", "type"),
    "is_repost": ("retweet", "isretweet", "isrepost", "repost"),
    "followers": ("followers", "followerscount", "userfollowers"),
    "following": ("following", "friends", "friendscount", "followingcount"),
    "posts": ("numberstatuses", "statusescount", "statuses", "updates", "postscount", "tweetscount"),
    "reposts": ("retweets", "retweetcount", "reposts", "shares"),
    "likes": ("likes", "likecount", "favoritecount", "favorites", "favourites"),
    "replies": ("replies", "replycount", "comments"),
    "of_handle": ("retweetof", "repostof", "originalauthor", "retweetedusername"),
    "of_post_id": ("retweetedid", "retweetedstatusid", "originalpostid"),
    "reply_to_handle": ("inreplytoscreenname", "replyto", "inreplytousername"),
    "reply_to_post_id": ("inreplytostatusid", "inreplytoid", "replytoid"),
    "link": ("link", "url", "expandedurl", "links"),
}
NEEDED = ("text", "at")  # and an account_id or a handle
_TABLE_KEYS = {"platform", "columns", "time", "repost_words", "sheet"}
REPOST_WORDS = ("1", "true", "yes", "r", "rt", "retweet", "repost")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column is which field, how times are written, and what marks a repost."""

    columns: dict[str, str]  # field -> column
    time: str | None = None  # strptime format; None: ISO 8601, epoch seconds or milliseconds, or X's own form
    repost_words: tuple[str, ...] = REPOST_WORDS  # values of kind/is_repost that mark a repost
    platform: str | None = None
    sheet: str | None = None  # of a workbook; None: the first that has a header
    unread: tuple[str, ...] = field(default_factory=tuple)  # columns nothing is read from

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns) - set(NAMES))
        if unknown:
            raise SourceError(f"the mapping names unknown fields {unknown}. Known are: {', '.join(NAMES)}.")
        missing = [name for name in NEEDED if name not in self.columns]
        if "handle" not in self.columns and "account_id" not in self.columns:
            missing.append("handle (or account_id)")
        if missing:
            raise SourceError(
                f"no column for {', '.join(missing)}. Write a mapping file and pass it with --map:\n{TEMPLATE}"
            )

    def as_toml(self) -> str:
        """The mapping as a file that --map reads."""
        words = list(self.repost_words) if self.repost_words != REPOST_WORDS else None
        top = {"platform": self.platform, "sheet": self.sheet, "time": self.time, "repost_words": words}
        lines = [f"{name} = {_toml(value)}" for name, value in top.items() if value is not None]
        lines += ["", "[columns]", *(f"{name} = {_toml(column)}" for name, column in self.columns.items())]
        return "\n".join(lines).strip() + "\n"


def _toml(value: str | list[str]) -> str:
    """A text or a list of texts as TOML: its strings are those of JSON, but for the one letter TOML escapes besides."""
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


TEMPLATE = """
  time = '%Y-%m-%d %H:%M:%S'   # optional: how times are written; UTC unless it has %z
  sheet = 'posts'              # optional: which sheet of a workbook
  [columns]                    # field = "column in your file"
  handle = "author"
  text = "message"
  at = "sent"
"""


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file (TOML). Raises SourceError with what is wrong."""
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SourceError(f"cannot read the mapping {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"cannot read the mapping {path}: {error}") from error
    unknown = set(given) - _TABLE_KEYS
    if unknown:
        raise SourceError(f"{path}: unknown keys {sorted(unknown)}; known are {sorted(_TABLE_KEYS)}")
    columns = given.get("columns")
    if not isinstance(columns, dict) or not all(isinstance(column, str) for column in columns.values()):
        raise SourceError(f'{path}: needs a [columns] section of field = "column":\n{TEMPLATE}')
    time, platform = _text(path, given, "time"), _text(path, given, "platform")
    if time is not None and "%" not in time:
        raise SourceError(f"{path}: time = {time!r} is no form of a time; '%Y-%m-%d %H:%M:%S' is one.")
    return Mapping(columns, time, _words(path, given), platform, _text(path, given, "sheet"))


def _text(path: Path, given: dict[str, object], key: str) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise SourceError(f"{path}: {key} must be a text in quotes, not {value!r}")
    return value


def _words(path: Path, given: dict[str, object]) -> tuple[str, ...]:
    words = given.get("repost_words", list(REPOST_WORDS))
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise SourceError(f'{path}: repost_words must be a list of texts, like ["rt", "retweet"], not {words!r}')
    return tuple(word.casefold() for word in words)


def guess(header: list[str]) -> Mapping:
    """The mapping that a header makes obvious. Raises SourceError if a needed column is not obvious."""
    plain = {_plain(column): column for column in reversed(header)}
    columns: dict[str, str] = {}
    for name, candidates in NAMES.items():
        column = next((plain[c] for c in candidates if c in plain and plain[c] not in columns.values()), None)
        if column is not None:
            columns[name] = column
    if "name" in columns and "handle" not in columns and "account_id" not in columns:
        columns["handle"] = columns.pop("name")
    return Mapping(columns, unread=tuple(column for column in header if column not in columns.values()))


def _plain(column: str) -> str:
    return "".join(letter for letter in column.casefold() if letter.isalnum())
