"""Hidden spellings meet their plain form; ordinary words, of whatever language, meet nothing but themselves."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.signals.control import sentences
from seawall.signals.rules import NamedList
from seawall.signals.rules.matcher import Matcher
from seawall.signals.text import words

PHRASES = {
    "en": ["kill the lanterns", "burn their harbours", "lanterns"],
    "fr": ["brûlez les phares", "à mort les gardiens", "égorgez les gardiens"],
    "tr": ["fenercileri öldürün", "gemileri yakın", "ışıkları söndürün"],
    "ru": ["убить фонарщиков", "взорвать маяк", "смерть смотрителям"],
    "kk": ["шамшыларды өлтіріңдер", "қаныңды төгеміз", "мұнараны өртеңдер"],
    "uz": ["chiroqchilarni o'ldiring", "qo'rg'onni portlating", "mayoqni yoqing"],
    "uz-Cyrl": ["чироқчиларни ўлдиринг", "қўрғонни портлатинг", "маёқни ёқинг"],
    "ar": ["اقتلوا حراس المنارة", "فجروا المنارات", "احرقوا سفن الميناء"],
    "ur": ["چراغ والوں کو مار دو", "مینار کو آگ لگا دو"],
    "fa": ["نگهبانان فانوس را بکشید", "فانوس‌ها را بسوزانید"],
    "id": ["bunuh para penjaga", "bakar mercusuar itu"],
}
EVERY = [(language, phrase) for language, phrases in PHRASES.items() for phrase in phrases]
MATCHER = Matcher([NamedList(f"l{i}", "phrases", "t", (phrase,)) for i, (_, phrase) in enumerate(EVERY)])


def found(text: str, number: int) -> bool:
    hits = MATCHER.hits(pl.Series([text]), pl.Series([[]], dtype=pl.List(pl.String)))
    return bool(hits.count(f"l{number}", 1)[0])


def _each(change: Callable[[str, Random], str]) -> Callable[[str, Random], str]:
    return lambda text, chance: " ".join(change(word, chance) for word in text.split(" "))


def _put(signs: str) -> Callable[[str, Random], str]:
    """Something between letters, somewhere in each word."""

    def change(word: str, chance: Random) -> str:
        at = chance.randrange(1, len(word)) if len(word) > 1 else 0
        return word[:at] + chance.choice(signs) + word[at:] if at else word

    return _each(change)


def _swapped(pairs: dict[str, str]) -> Callable[[str, Random], str]:
    """One letter of a word drawn as another alphabet draws it; the others stay."""

    def change(word: str, chance: Random) -> str:
        places = [i for i, letter in enumerate(word) if letter in pairs]
        if not places or len(word) < 2:
            return word
        at = chance.choice(places)
        return word[:at] + pairs[word[at]] + word[at + 1 :]

    return _each(change)


def _stretched(word: str, chance: Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + word[at] * chance.randint(3, 7) + word[at + 1 :] if word[at].isalpha() else word


def _shifted(first: int, text: str) -> str:
    return "".join(chr(first + ord(letter) - 97) if "a" <= letter <= "z" else letter for letter in text)


def _marked(word: str, chance: Random) -> str:
    return "".join(letter + chance.choice("\u0336\u0337\u034e\u0359\u031f") for letter in word)


def _spelt(between: str, apart: str) -> Callable[[str, Random], str]:
    return lambda text, _: apart.join(between.join(word) for word in text.split(" "))


TO_CYRILLIC = dict(zip("aceopxyikmtb", "асеорхуікмтв", strict=True))
TO_LATIN = dict(zip("асеорхукмтвизбдл", "aceopxykmtbuzbdl", strict=True))
TO_GREEK = dict(zip("aeiokvptxn", "αειοκνρτχη", strict=True)) | {"p": "ρ"}
IN_LATIN = ("en", "fr", "tr", "uz", "id")
IN_CYRILLIC = ("ru", "kk", "uz-Cyrl")
IN_ARABIC = ("ar", "ur", "fa")
ALL = (*IN_LATIN, *IN_CYRILLIC, *IN_ARABIC)
SHAPES = {"ي": "یىېے", "ك": "کڪګ", "ه": "ہھە", "ی": "يىې", "ک": "كڪ", "ا": "أإآٱ", "ہ": "هھ"}

DISGUISES: dict[str, tuple[tuple[str, ...], Callable[[str, Random], str]]] = {
    "nothing": (ALL, lambda text, _: text),
    "capitals": (IN_LATIN + IN_CYRILLIC, lambda text, _: text.upper()),
    "invisible signs": (ALL, _put("\u200b\u200c\u200d\u2060\u00ad\u200f\ufeff\u061c")),
    "drawn out": (ALL, _each(_stretched)),
    "Cyrillic letters": (IN_LATIN, _swapped(TO_CYRILLIC)),
    "Latin letters": (IN_CYRILLIC, _swapped(TO_LATIN)),
    "Greek letters": (IN_LATIN, _swapped(TO_GREEK)),
    "digits and signs": (IN_LATIN, _swapped(dict(zip("oeias", "031@$", strict=True)))),
    "digits in Cyrillic": (IN_CYRILLIC, _swapped(dict(zip("озбч", "0364", strict=True)))),
    "full width": (IN_LATIN, lambda text, _: _shifted(0xFF41, text)),
    "mathematical": (IN_LATIN, lambda text, _: _shifted(0x1D4EA, text)),
    "squared": (IN_LATIN, lambda text, _: _shifted(0x1F170, text)),
    "piled marks": (ALL, _each(_marked)),
    "dotted": (ALL, _spelt(".", " ")),
    "hyphens": (ALL, _spelt("-", "  ")),
    "spaced": (ALL, _spelt(" ", "   ")),
    "spaced evenly": (ALL, _spelt(" ", " ")),
    "emoji": (ALL, _spelt("🔥", " ")),
    "hashtag of capitals": (
        IN_LATIN + IN_CYRILLIC, lambda text, _: "#" + "".join(word.capitalize() for word in text.split(" "))
    ),
    "hashtag": (ALL, lambda text, _: "#" + text.replace(" ", "_")),
    "tatweel": (IN_ARABIC, _put("ـ")),
    "short vowels": (IN_ARABIC, _put("\u064e\u064f\u0650\u0651\u0652\u064b")),
    "other shapes": (IN_ARABIC, lambda text, chance: "".join(chance.choice(SHAPES.get(c, c)) for c in text)),
    "and": (("ar",), lambda text, chance: chance.choice(["و", "ف"]) + text),
    "no dots": (("tr",), lambda text, _: text.translate(str.maketrans("öüşçğı", "ouscgi"))),
    "no accents": (("fr",), lambda text, _: unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()),
    "accents": (("en", "id"), _swapped(dict(zip("aeiou", "áèïõû", strict=True)))),
    "Russian letters": (("kk",), lambda text, _: text.translate(str.maketrans("әғқңөұүһі", "агкноуухи"))),
    "some Russian letters": (("kk",), _swapped(dict(zip("әғқңөұүһі", "агкноууxи", strict=True)))),
    "no Uzbek letters": (("uz-Cyrl",), lambda text, _: text.translate(str.maketrans("ўқғҳ", "укгх"))),
    "apostrophes": (("uz",), lambda text, chance: text.replace("'", chance.choice("’‘`´ʻʼ′"))),
    "no apostrophes": (("uz",), lambda text, _: text.replace("'", "")),
}  # fmt: skip


@settings(deadline=None, max_examples=25)
@pytest.mark.parametrize("disguise", DISGUISES)
@given(chance=st.randoms(use_true_random=False))
def test_a_hidden_phrase_is_found(disguise: str, chance: Random) -> None:
    """Among other words or alone."""
    languages, change = DISGUISES[disguise]
    for number, (language, phrase) in enumerate(EVERY):
        if language in languages:
            hidden = change(phrase, chance)
            text = chance.choice(["{}", "{}!", "so {} now", "«{}»", "…\n{}\n…"]).format(hidden)
            assert found(text, number), (phrase, text)


def _near(word: str) -> set[str]:
    """Words as different from it as ordinary words are from each other."""
    letters = "aeio" if word.isascii() else word[0]
    return {word[1:], word[:-1], word + letters[0], letters[-1] + word, word[0] + word[2:]} - {word, ""}


@pytest.mark.parametrize(("language", "phrase"), EVERY)
def test_other_words_are_not_found(language: str, phrase: str) -> None:
    number = EVERY.index((language, phrase))
    first, *others = phrase.split(" ")
    for word in _near(first):
        text = " ".join([word, *others])
        if not (language in IN_ARABIC and word.endswith(first)):  # a joined conjunction is no other word
            assert not found(text, number), text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("kill", "kil"), ("kill", "çoook kil yedim"), ("kill", "skill"), ("kill", "k1l"), ("kill", "kull"),
        ("kill", "k i l"), ("ölüyor", "oluyor"), ("ölsün", "olsun"), ("qan", "кан"), ("қан", "кан"),
        ("gun", "gün"), ("dom", "дом"), ("дом", "dom"), ("кот", "kot"), ("сор", "cop"), ("ток", "tok"), ("نار", "بنار"),
        ("كفار", "كفارة المجلس"), ("سلام", "اسلام"), ("گل", "كل"), ("كل", "گل"), ("h1b", "hib"), ("hib", "h1b"),
        ("قال", "وقال له"), ("دليل", "الدليل"), ("تاريخ", "بتاريخ اليوم"), ("المسجد", "في مسجد المدينة"),
        ("attaqué", "il attaque"), ("repoussé", "on repousse"), ("accusé", "they accuse"),
        ("bomb", "the b o m c"), ("usa", "a b c d"), ("see them", "se them"), ("they kill", "they 100 kills"),
    ],
)  # fmt: skip
def test_ordinary_words_that_look_near_stay_apart(pattern: str, text: str) -> None:
    matcher = Matcher([NamedList("l", "phrases", "t", (pattern,))])
    hits = matcher.hits(pl.Series([text]), pl.Series([[]], dtype=pl.List(pl.String)))
    assert hits.count("l", 1).tolist() == [0]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("متفجراتكم", "ومتفجراتكم"), ("المتفجرات", "بالمتفجرات"), ("قال لنا", "وقال لنا"), ("égorgé", "il a egorgé"),
     ("attaqué le port", "attaque le port"), ("kaçırıldı", "kacirildi")],
)  # fmt: skip
def test_longer_ones_are_met_as_people_write_them(pattern: str, text: str) -> None:
    matcher = Matcher([NamedList("l", "phrases", "t", (pattern,))])
    hits = matcher.hits(pl.Series([text]), pl.Series([[]], dtype=pl.List(pl.String)))
    assert hits.count("l", 1).tolist() == [1]


def test_every_ordinary_word_as_a_pattern_hardly_meets_another_language() -> None:
    """All words of the control corpora as patterns, on all of its sentences: at most 1 word met in 2,000 is foreign.

    Exempt are words that are the same but for accents, and Arabic's joined words: to meet them is the purpose.
    """
    texts = [(language, text) for language, corpus in sentences().items() for text in corpus]
    column = pl.Series([text for _, text in texts])
    said = [set(line.split()) for line in column.to_frame("t").select(words(pl.col("t"))).to_series()]
    spoken: dict[str, set[str]] = {}
    for (language, _), its in zip(texts, said, strict=True):
        for word in its:
            if len(word) >= 3 and not word.startswith("#"):
                spoken.setdefault(word, set()).add(language)
    patterns = sorted(spoken)
    matcher = Matcher([NamedList(f"l{i}", "phrases", "t", (word,)) for i, word in enumerate(patterns)])
    hits = matcher.hits(column, pl.Series([[]] * len(column), dtype=pl.List(pl.String)))
    met = foreign = 0
    for i, word in enumerate(patterns):
        for row in hits.rows[hits.lists[f"l{i}"][0]]:
            met += 1
            foreign += word not in said[row] and texts[row][0] not in spoken[word] and not _alike(word, said[row])
    assert met > 12_000
    assert foreign <= met / 2_000, (foreign, met)


def _alike(word: str, said: set[str]) -> bool:
    joined = "\u0600" <= word[0] <= "\u06ff" and any(other.endswith(word.removeprefix("ال")) for other in said)
    return joined or _plain(word) in {_plain(other) for other in said}


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60), st.text(max_size=60))
def test_texts_of_a_batch_do_not_touch_each_other(one: str, other: str) -> None:
    column = pl.Series([one, "kill the", "lanterns now", other, "k i l l", None])
    alone = [found(text, 0) for text in (one, "kill the", "lanterns now", other)]
    hits = MATCHER.hits(column, pl.Series([[]] * 6, dtype=pl.List(pl.String)))
    assert hits.count("l0", 6).tolist() == [*map(int, alone), 0, 0]
