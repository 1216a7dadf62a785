"""Schemas of the facts that platforms give us: accounts, posts, ties, media, states, and lines we had to reject; what
was read in pictures, and by which hashes they are found again.

Every table is an Arrow schema plus its natural key: two rows with the same key are the same fact, and the
lake keeps the first. Times are UTC with microseconds. A column that a platform does not give is null.
There is no column for religion, ethnicity, nationality or political opinion, and none may be added.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
WORD = pa.string()  # a word of terms.py; Parquet stores each distinct word once
TEXTS = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of fact: its name, its columns, what makes two rows the same, and the column that dates it."""

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    dated_by: str


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


ACCOUNTS = Table(
    "accounts",
    # One row per profile version seen on a day: a changed name, handle, bio or picture is a new row.
    _schema(
        platform=WORD,
        account_id=pa.string(),  # the platform's own id; the handle where the export gives none
        handle=pa.string(),
        name=pa.string(),
        bio=pa.string(),
        place=pa.string(),  # as the account states it; never read by a rule or a score
        url=pa.string(),
        picture=pa.string(),
        kind=WORD,
        created_at=TIME,
        followers=pa.int64(),
        following=pa.int64(),
        posts=pa.int64(),
        verified=pa.bool_(),
        seen_at=TIME,
        source=WORD,
    ),
    key=("platform", "account_id", "day", "handle", "name", "bio", "place", "url", "picture"),
    dated_by="seen_at",
)

POSTS = Table(
    "posts",
    _schema(
        platform=WORD,
        post_id=pa.string(),
        account_id=pa.string(),
        handle=pa.string(),
        at=TIME,
        kind=WORD,
        text=pa.string(),
        lang=WORD,  # as the platform tags it
        hashtags=TEXTS,  # without '#', as written
        links=TEXTS,  # expanded where the platform expands them
        mentions=TEXTS,  # handles, without '@', as written
        of_post_id=pa.string(),  # the post that is reposted or quoted
        of_account_id=pa.string(),
        of_handle=pa.string(),
        reply_to_post_id=pa.string(),
        reply_to_account_id=pa.string(),
        reply_to_handle=pa.string(),
        media=pa.int32(),  # how many pictures, videos and files it carries
        reposts=pa.int64(),
        likes=pa.int64(),
        replies=pa.int64(),
        client=pa.string(),
        truncated=pa.bool_(),  # the platform cut the text
        source=WORD,
    ),
    key=("platform", "post_id"),
    dated_by="at",
)

TIES = Table(
    "ties",
    _schema(
        platform=WORD,
        kind=WORD,
        from_id=pa.string(),
        to_id=pa.string(),  # null where only the handle is known, and for links
        to_handle=pa.string(),
        link=pa.string(),  # only for shared_link
        post_id=pa.string(),
        at=TIME,
        source=WORD,
    ),
    key=("platform", "kind", "from_id", "to_id", "to_handle", "link", "post_id"),
    dated_by="at",
)

MEDIA = Table(
    "media",
    _schema(
        platform=WORD,
        media_id=pa.string(),
        post_id=pa.string(),
        account_id=pa.string(),
        kind=WORD,
        url=pa.string(),
        alt_text=pa.string(),
        at=TIME,
        source=WORD,
    ),
    key=("platform", "media_id", "post_id"),
    dated_by="at",
)

STATES = Table(
    "states",
    # What the platform said of an account, or of a post when post_id is set. First sight of each is kept.
    _schema(
        platform=WORD,
        account_id=pa.string(),
        post_id=pa.string(),
        state=WORD,
        note=pa.string(),
        at=TIME,
        source=WORD,
    ),
    key=("platform", "account_id", "post_id", "state", "note", "day"),
    dated_by="at",
)

PICTURES = Table(
    "pictures",
    # What a machine read in a post's picture, each row by one reader. It may be misread, and is nobody's own words.
    _schema(
        platform=WORD,
        post_id=pa.string(),
        media_id=pa.string(),
        account_id=pa.string(),
        at=TIME,  # the post's
        picture=pa.string(),  # SHA-256 of the file; null where it could not be opened
        text=pa.string(),  # a line a line; empty: no words; null: it could not be read
        why=pa.string(),  # why it could not be read
        reader=WORD,  # which engine, with which languages
    ),
    key=("platform", "post_id", "media_id", "reader"),
    dated_by="at",
)

HASHES = Table(
    "hashes",
    # By what a post's picture, video or sound is found again, each row by one hasher. Nothing can be seen in it.
    _schema(
        platform=WORD,
        post_id=pa.string(),
        media_id=pa.string(),
        account_id=pa.string(),
        at=TIME,  # the post's
        kind=WORD,  # a word of HashKind: of what the hashes are
        view=WORD,  # how it was seen: plain; a video also inside its bars, or mirrored
        sha256=pa.string(),  # of the file; null where it could not be opened
        md5=pa.string(),
        hashes=pa.binary(),  # 32 bytes each: views of a picture, pictures of a video, moments of a sound; null: none
        why=pa.string(),  # why there are none
        hasher=WORD,  # which code made them
    ),
    key=("platform", "post_id", "media_id", "kind", "view", "hasher"),
    dated_by="at",
)

READ_LATER = (PICTURES, HASHES)  # made from files of posts that the lake has, not by sources
TABLES: dict[str, Table] = {t.name: t for t in (ACCOUNTS, POSTS, TIES, MEDIA, STATES, *READ_LATER)}

REJECT_LINES = Table(
    "rejects",
    _schema(
        source=pa.string(),
        file=pa.string(),  # the file's name, without its folder
        line=pa.int64(),  # 1-based; the row number in a Parquet file
        reason=pa.string(),
        raw=pa.string(),  # the line itself, so that nothing is lost; bytes that are no UTF-8 as \\xNN
    ),
    key=("source", "file", "line", "raw"),
    dated_by="",
)


def columns(table: Table, given: dict[str, object], rows: int) -> pa.Table:
    """A table of `rows` rows from the columns that are given; the others are null.

    Raises KeyError for a column the table does not have.
    """
    unknown = set(given) - set(table.schema.names)
    if unknown:
        raise KeyError(f"{table.name} has no column {sorted(unknown)}")
    arrays = [
        _array(given[field.name], field.type, rows) if field.name in given else pa.nulls(rows, field.type)
        for field in table.schema
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _array(values: object, kind: pa.DataType, rows: int) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, str):
        return pa.repeat(pa.scalar(values, kind), rows)  # the same word in every row
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == kind else values.cast(kind)
    return pa.array(values, kind)
