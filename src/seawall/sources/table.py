"""Posts in CSV, JSON Lines, Parquet or a workbook (XLSX), whatever their columns are called, with a small mapping file.

Hashtags, mentions and links are read out of the text, as is 'RT @handle:'. Where the table has no post id, one is
made from account, time and text, so that the same row is the same post at every load.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import xxhash

from seawall.records.facts import ACCOUNTS, MEDIA, POSTS, STATES, TIES, columns
from seawall.records.terms import AccountKind, PostKind, TieKind
from seawall.sources.contract import EARLIEST, LATEST, Batch, Cursor, Reject, SourceError
from seawall.sources.mapping import Mapping
from seawall.sources.rows import Rows, read_rows

_REPOST = r"(?s)^\s*RT @(\w{1,50}):?\s*(.*)$"
_TIMES = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%a %b %d %H:%M:%S %z %Y")
_ROUNDED = r"^-?\d(\.\d+)?[eE]\+\d+$|^-?\d\.\d+[eE]\d+$|^-?\d{16,}\.\d+$"  # 5.70E+17: many ids become this one
_COUNTS = ("followers", "following", "posts", "reposts", "likes", "replies")
_X_ESCAPES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&"}
_NO_TIME = "no readable time"
_UTC = pl.Datetime("us", "UTC")


class TableSource:
    """Reads a table of posts."""

    name = "table"

    def __init__(self, platform: str, mapping: Mapping) -> None:
        if mapping.time:
            _check_form(mapping.time)
        self.platform = platform
        self.mapping = mapping

    def fingerprint(self) -> str:
        """The platform and the mapping: another mapping reads the file anew."""
        return f"{self.platform}:{xxhash.xxh3_64_hexdigest(self.mapping.as_toml().encode())}"

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read rows; see `Source.read`."""
        wanted = list(dict.fromkeys(self.mapping.columns.values()))
        for rows in read_rows(location, cursor, wanted, self.mapping.sheet):
            frame = self._frame(rows)
            frame, rejects = _sound(frame, rows, self.mapping.time)
            yield Batch(
                tables=self._tables(frame),
                rejects=sorted(rows.rejects + rejects),
                read=rows.read,
                cursor=rows.cursor,
                position=rows.position,
                ignored=_ignored(rows),
            )

    def _frame(self, rows: Rows) -> pl.DataFrame:
        """The fields of posts, as far as the table gives them, plus the line each row began on."""
        given = {
            name: pl.Series(rows.columns[column], dtype=pl.String) for name, column in self.mapping.columns.items()
        }
        frame = pl.DataFrame({"_line": pl.Series(rows.numbers, dtype=pl.Int64), **given})
        absent = [name for name in _FIELDS if name not in given]
        frame = frame.with_columns([pl.lit(None, pl.String).alias(name) for name in absent])
        return (
            frame.with_columns(
                at=_time(self.mapping.time),
                _written=pl.col("at").str.strip_chars(),
                text=pl.col("text").fill_null("").str.replace_many(_X_ESCAPES)
                if self.platform == "x"
                else pl.col("text").fill_null(""),
                **{name: _handle(name) for name in ("handle", "of_handle", "reply_to_handle")},
                **{name: _id(name) for name in ("account_id", "post_id", "of_post_id", "reply_to_post_id")},
            )
            .with_columns(account_id=pl.coalesce("account_id", "handle"), handle=pl.coalesce("handle", "account_id"))
            .with_columns(
                [pl.col(name).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False) for name in _COUNTS]
            )
            .with_columns(_spread=pl.col("text").str.extract_groups(_REPOST), _marked=self._marked())
            .pipe(_kinds)
            .pipe(_identified)
        )

    def _marked(self) -> pl.Expr:
        """Whether a column says that the row is a repost."""
        words = list(self.mapping.repost_words)
        return pl.any_horizontal(
            pl.col(name).str.to_lowercase().is_in(words).fill_null(False) for name in ("is_repost", "kind")
        )

    def _tables(self, frame: pl.DataFrame) -> dict[str, pa.Table]:
        return {
            "accounts": self._accounts(frame),
            "posts": self._posts(frame),
            "ties": self._ties(frame),
            "media": MEDIA.schema.empty_table(),
            "states": STATES.schema.empty_table(),
        }

    def _posts(self, frame: pl.DataFrame) -> pa.Table:
        given: dict[str, object] = {
            name: frame[name].to_arrow() for name in POSTS.schema.names if name in frame.columns
        }
        return columns(POSTS, {**given, "platform": self.platform, "source": self.name}, frame.height)

    def _accounts(self, frame: pl.DataFrame) -> pa.Table:
        profile = ["account_id", "handle", "name", "bio", "place"]
        seen = frame.with_columns(_day=pl.col("at").dt.date()).unique(
            [*profile, "_day"], keep="first", maintain_order=True
        )
        given: dict[str, object] = {
            name: seen[name].to_arrow() for name in [*profile, "followers", "following", "posts"]
        }
        return columns(
            ACCOUNTS,
            {
                **given,
                "platform": self.platform,
                "kind": AccountKind.PERSON.value,
                "seen_at": seen["at"].to_arrow(),
                "source": self.name,
            },
            seen.height,
        )

    def _ties(self, frame: pl.DataFrame) -> pa.Table:
        base = ["account_id", "post_id", "at"]
        own = frame.filter(pl.col("kind") != PostKind.REPOST.value)
        parts = [
            frame.filter((pl.col("kind") == PostKind.REPOST.value) & pl.col("of_handle").is_not_null()).select(
                *base, to_handle="of_handle", link=pl.lit(None, pl.String), kind=pl.lit(TieKind.REPOST.value)
            ),
            own.filter(pl.col("reply_to_handle").is_not_null()).select(
                *base, to_handle="reply_to_handle", link=pl.lit(None, pl.String), kind=pl.lit(TieKind.REPLY.value)
            ),
            own.explode("mentions", empty_as_null=False, keep_nulls=False)
            .filter(pl.col("mentions").ne_missing(pl.col("reply_to_handle")))
            .select(*base, to_handle="mentions", link=pl.lit(None, pl.String), kind=pl.lit(TieKind.MENTION.value)),
            frame.explode("links", empty_as_null=False, keep_nulls=False).select(
                *base, to_handle=pl.lit(None, pl.String), link="links", kind=pl.lit(TieKind.SHARED_LINK.value)
            ),
        ]
        ties = pl.concat(parts)
        given: dict[str, object] = {
            name: ties[name].to_arrow() for name in ("kind", "to_handle", "link", "post_id", "at")
        }
        given |= {"from_id": ties["account_id"].to_arrow(), "platform": self.platform, "source": self.name}
        return columns(TIES, given, ties.height)


_FIELDS = (
    "post_id", "account_id", "handle", "name", "bio", "place", "text", "at", "lang", "kind", "is_repost",
    "followers", "following", "posts", "reposts", "likes", "replies", "of_handle", "of_post_id",
    "reply_to_handle", "reply_to_post_id", "link",
)  # fmt: skip


def _handle(name: str) -> pl.Expr:
    return _filled(pl.col(name).str.strip_chars().str.strip_prefix("@").str.strip_chars())


def _id(name: str) -> pl.Expr:
    """An id as it was before a column with gaps in it made it a float: 17.0 is 17."""
    return _filled(pl.col(name).str.strip_chars().str.replace(r"^(-?\d{1,15})\.0$", "${1}"))


def _filled(text: pl.Expr) -> pl.Expr:
    """Null where there is no letter."""
    return pl.when(text != "").then(text)


def _time(written: str | None) -> pl.Expr:
    """Times in UTC; null where there is none that can be read, or none that a platform can mean."""
    time = _read(pl.col("at").str.strip_chars(), written)
    return pl.when(time.is_between(EARLIEST, LATEST)).then(time)


def _read(raw: pl.Expr, form: str | None) -> pl.Expr:
    return _parsed(raw, form) if form else _guessed_time(raw)


def _no_time(form: str | None) -> pl.Expr:
    """Why a time that is null was not taken, in words."""
    raw = pl.col("_written")
    year = raw.str.extract(r"^(-?\d{1,6})-\d\d?-\d\d?").cast(pl.Int64)
    first, last = EARLIEST.year, LATEST.year - 1
    far = _read(raw, form).is_not_null() | ~year.is_between(first, last) | raw.str.contains(r"^-?\d{15,}$")
    other = "in another form than the mapping says, or one that no calendar has"
    return (
        pl.when(raw.is_null() | (raw == ""))
        .then(pl.lit("no time"))
        .when(far.fill_null(False))
        .then(pl.lit(f"a time outside {first} to {last}"))
        .when(pl.lit(form is not None))
        .then(pl.lit(f"a time {other}"))
        .when(raw.str.contains(r"^\d{4}-\d\d?-\d\d?|^\d{8}$"))
        .then(pl.lit("a time that no calendar or clock has, such as month 13"))
        .otherwise(pl.lit("a time in no form that is known: a mapping can say the form (--map)"))
    )


def _check_form(form: str) -> None:
    """Raises SourceError unless times can be written and read in a mapping's form."""
    moment = pl.Series([datetime(2015, 3, 7, 6, 2, tzinfo=UTC)], dtype=_UTC)
    try:
        with warnings.catch_warnings(action="error"):  # '.%f' would be read as something else
            written = moment.dt.strftime(form.replace("%#z", "%z"))
            (read,) = pl.select(_parsed(pl.lit(written), form)).to_series().to_list()
    except (pl.exceptions.PolarsError, Warning):
        read = None
    if read is None or read.year != 2015:
        raise SourceError(
            f"the mapping's time = {form!r} is no form that times can be read in: it needs a year, and minutes where "
            "it has hours; a fraction of a second is %.f. One that can is '%d/%m/%Y %H:%M:%S'."
        )


def _parsed(raw: pl.Expr, form: str) -> pl.Expr:
    zoned = "%z" in form or "%#z" in form
    parsed = raw.str.to_datetime(form, time_unit="us", time_zone="UTC" if zoned else None, strict=False)
    return parsed if zoned else parsed.dt.replace_time_zone("UTC")


def _guessed_time(raw: pl.Expr) -> pl.Expr:
    iso = raw.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T").str.replace(r"\s*(Z|UTC)$", "+00:00")
    number = raw.str.extract(r"^(\d{9,13}(?:\.\d+)?)$").cast(pl.Float64)  # fewer digits are a year or a day
    seconds = pl.when(number > 1e11).then(number / 1000).otherwise(number)
    epoch = (seconds * 1e6).cast(pl.Int64).cast(_UTC)
    day = _parsed(raw.str.extract(r"^(\d{8})$"), "%Y%m%d")
    return pl.coalesce(*(_parsed(iso, form) for form in _TIMES), day, epoch)


def _kinds(frame: pl.DataFrame) -> pl.DataFrame:
    """What each post is, whom it spreads, and its text without the 'RT @handle:' that says so."""
    origin = pl.col("_spread").struct.field("1")
    repost = pl.col("_marked") | origin.is_not_null() | pl.col("of_handle").is_not_null()
    reply = pl.col("reply_to_handle").is_not_null() | pl.col("reply_to_post_id").is_not_null()
    said = pl.col("kind").str.to_lowercase()
    frame = frame.with_columns(
        of_handle=pl.coalesce("of_handle", origin),
        text=pl.coalesce(pl.col("_spread").struct.field("2"), "text"),
        kind=pl.when(repost)
        .then(pl.lit(PostKind.REPOST.value))
        .when(said.is_in(["q", "quote"]))
        .then(pl.lit(PostKind.QUOTE.value))
        .when(reply | (said == PostKind.REPLY.value))
        .then(pl.lit(PostKind.REPLY.value))
        .otherwise(pl.lit(PostKind.POST.value)),
    )
    return frame.with_columns(
        hashtags=pl.col("text").str.extract_all(r"#[\p{L}\p{M}\p{N}_]+").list.eval(pl.element().str.strip_prefix("#")),
        mentions=pl.col("text").str.extract_all(r"@\w{1,50}").list.eval(pl.element().str.strip_prefix("@")),
        links=pl.concat_list(
            pl.col("text").str.extract_all(r"https?://[^\s<>\"…]+"),
            pl.when(pl.col("link").str.starts_with("http"))
            .then(pl.concat_list("link"))
            .otherwise(pl.lit([], pl.List(pl.String))),
        ),
    )


def _identified(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows without a post id get one made of account, time and text."""
    lacking = frame["post_id"].is_null()
    if not lacking.any():
        return frame
    joined = frame.select(
        pl.concat_str(
            ["account_id", pl.col("at").cast(pl.Int64).cast(pl.String), "kind", "text"],
            separator="\x1f",
            ignore_nulls=True,
        )
    ).to_series()
    made = pl.Series(["~" + xxhash.xxh3_64_hexdigest(row) for row in joined.cast(pl.Binary).to_list()])
    return frame.with_columns(post_id=pl.coalesce("post_id", made))


def _ignored(rows: Rows) -> Counter[str]:
    blank = {"blank line": rows.blank} if rows.blank else {}
    return Counter(
        blank | {f"row of sheet '{name[:60]}': its name is not in the mapping": n for name, n in rows.left.items()}
    )


def _sound(frame: pl.DataFrame, rows: Rows, form: str | None) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows that are posts, and rejects for those without an account, a readable time or an id of their own."""
    why = (
        pl.when(pl.col("account_id").is_null())
        .then(pl.lit("no account"))
        .when(pl.col("at").is_null())
        .then(pl.lit(_NO_TIME))
        .when(pl.any_horizontal(pl.col("post_id", "account_id").str.contains(_ROUNDED)))
        .then(pl.lit("the id was rounded by a spreadsheet: export ids as text"))
    )
    frame = frame.with_columns(_why=why)
    bad = frame.filter(pl.col("_why").is_not_null())  # the words for a time are looked for among these alone
    bad = bad.with_columns(pl.when(pl.col("_why") == _NO_TIME).then(_no_time(form)).otherwise("_why").alias("_why"))
    rejects = [Reject(line, reason, rows.raw_of(line)) for line, reason in bad.select("_line", "_why").iter_rows()]
    return frame.filter(pl.col("_why").is_null()), rejects
