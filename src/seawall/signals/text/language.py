"""Which language a text is in: the platform's tag where it can be trusted, else what Compact Language Detector 2 says.

It serves reading and measuring. No rule and no score may decide on language alone.
"""

from __future__ import annotations

import polars as pl
import pycld2

_UNTOLD = ("", "und", "un", "unknown", "zxx", "mul", "mis", "art")
_RENAMED = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "ms": "id", "msa": "id", "tl": "fil"}
_OTHERS_LETTERS = r"(?i)[әғқңұўҳһ]|[og][ʻ‘’'`ʼ][a-z]"  # Kazakh and Uzbek, which some platforms never tag
_NEVER_TAGGED_AS = ("kk", "uz", "tg", "ky", "tt", "ba", "en", "fr", "it")  # tags that such letters do not call in doubt
_RUSSIAN = "(?i)[ыэ]"  # letters of Russian that no other Cyrillic language CLD2 takes it for has
_TAKEN_FOR = ("sr", "bg", "mk", "uk", "mn")
_NOT_WORDS = r"(?:https?://|www\.)\S+|[@#]\w+|[\x00-\x08\x0b-\x1f\x7f]"
_VOWELS = r"[\x{0640}\x{0670}\x{0610}-\x{061A}\x{064B}-\x{065F}\x{06D6}-\x{06ED}]"
_ENOUGH = 200  # characters that are looked at


def language(text: pl.Series, tagged: pl.Series) -> pl.Series:
    """ISO 639 codes of texts, null where it cannot be told; Malay counts as Indonesian. `tagged`: the platform's."""
    frame = pl.DataFrame({"text": text.fill_null(""), "tag": tagged}, schema={"text": pl.String, "tag": pl.String})
    tag = pl.col("tag").str.to_lowercase().str.extract(r"^([a-z]{2,3})(?:$|[-_])", 1).replace(_RENAMED)
    told = frame.with_columns(
        tag=pl.when(tag.is_in(_UNTOLD) | tag.str.contains("^q")).then(None).otherwise(tag),
        doubted=pl.col("text").str.contains(_OTHERS_LETTERS),
    )
    told = told.with_columns(
        asked=pl.col("tag").is_null() | (pl.col("doubted") & ~pl.col("tag").is_in(_NEVER_TAGGED_AS))
    )
    asked = told.filter("asked").select("text").unique()["text"]
    found = pl.DataFrame({"text": asked, "found": detect(asked)}, schema={"text": pl.String, "found": pl.String})
    both = told.join(found, on="text", how="left", maintain_order="left")
    chosen = pl.when("asked").then(pl.coalesce("found", "tag")).otherwise("tag")
    return both.select(chosen).to_series().alias(tagged.name)


def detect(texts: pl.Series) -> pl.Series:
    """ISO 639 codes as the detector tells them from words alone, null where it is not sure."""
    said = (
        texts.fill_null("")
        .str.replace_all(_NOT_WORDS, " ")
        .str.replace_all(_VOWELS, "")
        .str.replace_all("ٱ", "ا")
        .str.slice(0, _ENOUGH)
    )
    codes = pl.Series([_detected(one) for one in said.to_list()], dtype=pl.String).replace(_RENAMED)
    russian = said.str.contains(_RUSSIAN) & ~said.str.contains(_OTHERS_LETTERS) & ~said.str.contains("(?i)[іїєґў]")
    taken = codes.is_null() | codes.is_in(_TAKEN_FOR)
    return codes.set(russian & taken, "ru")


def _detected(text: str) -> str | None:
    try:
        _, _, ranked = pycld2.detect(text, bestEffort=True)
    except pycld2.error:  # characters that CLD2 takes for damaged UTF-8
        return None
    code: str = ranked[0][1]
    return None if code in _UNTOLD else code.partition("-")[0]
