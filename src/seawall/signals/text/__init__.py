"""One way to fold text, for everything that compares text: spellings that a reader takes as one become one.

After UAX #15 (NFKC) and the usual Arabic normalisation (Darwish and Magdy, Arabic Information Retrieval, 2014):
compatibility forms, invisible and direction marks, tatweel and short vowels go; alef, yeh and teh marbuta forms
meet; case goes; Arabic-Indic and Persian digits become 0 to 9.
"""

from __future__ import annotations

import polars as pl

_INVISIBLE = (
    r"[\x{00AD}\x{061C}\x{180E}\x{FEFF}\x{0640}\x{0670}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}"
    r"\x{0610}-\x{061A}\x{064B}-\x{065F}\x{06D6}-\x{06ED}\x{FE00}-\x{FE0F}]"
)
_LETTERS = {
    **dict(zip("أإآٱؤئىیةکıё", "اااا" + "وي" + "يي" + "هك" + "iе", strict=True)),
    "\u0307": "",
    **{chr(0x0660 + n): str(n) for n in range(10)},
    **{chr(0x06F0 + n): str(n) for n in range(10)},
}
_LINK = r"(?:https?://|www\.)[^\s]+"
_BETWEEN_WORDS = r"[^\p{L}\p{N}\p{M}]+"
_REPOST_MARK = r"(?i)^[\s'\"“]*(?:rt\s+@\w+\s*:?\s*)+"
_CUT_WORD = r"[^\s]*(?:…|\.\.\.)\s*$"
_APOSTROPHES = r"['’`‘ʿʾ]"


def fold(text: pl.Expr) -> pl.Expr:
    """Text as it is compared."""
    return (
        text.str.normalize("NFKC")
        .str.replace_all(_INVISIBLE, "")
        .str.to_lowercase()
        .str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    )


def without_links(text: pl.Expr) -> pl.Expr:
    """Text without its links: words inside an address are not what the author says."""
    return text.str.replace_all(_LINK, " ")


def words(folded: pl.Expr) -> pl.Expr:
    """Folded text as words between single spaces, one at each end; hashtags come again at the end, joined."""
    spaced = pl.concat_str(pl.lit(" "), folded, pl.lit(" ")).str.replace_all(_BETWEEN_WORDS, " ")
    tags = (
        folded.str.extract_all(r"#[\p{L}\p{N}\p{M}_]+").list.eval(pl.element().str.replace_all("_", "")).list.join(" ")
    )
    return pl.concat_str(spaced, pl.when(tags != "").then(pl.concat_str(tags, pl.lit(" "))).otherwise(pl.lit("")))


def spellings(phrases: list[str]) -> list[list[str]]:
    """For each phrase the strings that stand for it inside `words`: its words in a row, or joined as a hashtag."""
    plain = pl.Series(phrases, dtype=pl.String).to_frame("p").select(words(fold(pl.col("p")))).to_series()
    shown = [text.split("#")[0].strip() for text in plain]
    return [[f" {text} ", f" #{text.replace(' ', '')} "] if text else [] for text in shown]


def plain(text: pl.Expr) -> pl.Expr:
    """Bare words between single spaces: no link, handle, repost mark, digit, accent, emoji or cut-off last word.

    Joined words of a hashtag come apart at capitals. The same whatever export a text came in.
    """
    bare = without_links(text.str.replace_all(_REPOST_MARK, "")).str.replace_all(_CUT_WORD, " ")
    bare = bare.str.replace_all(r"@\w+", " ").str.replace_all("_", " ")
    parted = bare.str.replace_all(r"([a-z])([A-Z])", "$1 $2").str.replace_all(r"([A-Z])([A-Z][a-z])", "$1 $2")
    folded = fold(parted).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    joined = folded.str.replace_all(r"(\w)" + _APOSTROPHES + r"s\b", "$1").str.replace_all(_APOSTROPHES, "")
    return joined.str.replace_all(r"[^\p{L}]+", " ").str.strip_chars()
