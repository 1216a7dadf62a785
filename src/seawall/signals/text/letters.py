"""Which letters and signs stand for which: the hand-written part, over the alphabets of the languages Seawall reads.

Three steps, each looser than the last. `FOLDED`: spellings that every reader takes as one, always on. `BARE`: a letter
as it is written by who has no key for it (Kazakh with Russian letters, Turkish without dots). `SOUND`: the one letter
that look-alikes of Latin, Cyrillic and Greek share; it is used only where a word shows that somebody hid it.
"""

from __future__ import annotations

FOLDED = {
    **dict(zip("أإآٱؤئىیةکıё", "اااا" + "وي" + "يي" + "هك" + "iе", strict=True)),
    # Persian, Urdu, Kurdish, Sindhi and Uyghur shapes of letters that Arabic writes too, and letters without their dots
    **dict(zip("ہھەۀۂۃےۓېۍێڪګٮڡٯںۋ", "هههههه" + "ييييي" + "كك" + "بفقنو", strict=True)),
    "ς": "σ",
    "\u0307": "",
    **{chr(0x0660 + n): str(n) for n in range(10)},
    **{chr(0x06F0 + n): str(n) for n in range(10)},
}

INVISIBLE = (
    0x00AD, 0x034F, 0x061C, 0x0640, 0x0670, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0,
    *range(0x0610, 0x061B), *range(0x064B, 0x0660), *range(0x06D6, 0x06EE), *range(0x180B, 0x180E),
    *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10),
    *range(0xFFF9, 0xFFFC), *range(0x1D173, 0x1D17B),
)  # fmt: skip

APOSTROPHES = "'’‘`´ʻʼʽʾʿʹˈ′‛＇\u02ca\u02cb"
GLUE = ".-_*~·•+=^,|‐‑‒–—―∙⋅・"  # stands between the letters of a hidden word

_KAZAKH_UZBEK = dict(zip("әғқңөұүһіўҳї", "агкноуухиухи", strict=True))
_TAJIK = dict(zip("ҷӣӯ", "чиу", strict=True))
BARE = {**_KAZAKH_UZBEK, **_TAJIK, "ə": "a", "œ": "o", "æ": "a", "ß": "s", "ø": "o", "đ": "d", "ł": "l", "ʻ": ""}
BARE_OTHERWISE = {"ә": "э", "œ": "oe", "æ": "ae", "ə": "e", "ß": "ss"}
KEPT_WHOLE = "йў"  # a mark makes another letter of them, not another look

CYRILLIC = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюяє", "abbrdeжziiklmhonpctyfx" + "цчwwbebeюяe", strict=True)) | dict(
    zip("іїјѕԁԛԝһґқғңөұүәўҳћђ", "iijsdqwhrkrhoyyayxhh", strict=True)
)
GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", "abydezno" + "iklmv" + "ξonpotyfxψw", strict=True))
LATIN = {"v": "b", "h": "h"}  # each other letter is its own
OTHERWISE = {"u": "i", "s": "c", "g": "r"}  # in Cyrillic words: и as it is written by hand, с and г as they sound
ARABIC = dict(zip("گپچژڤڭۆۇ", "كبجزفكوو", strict=True))

DIGITS = dict(zip("0123456789", "oizeasbtbg", strict=True))
DIGITS_OTHERWISE = dict(zip("0123456789", "olzzчsbtbg", strict=True))
DIGITS_ARABIC = {"1": "ا", "5": "ه", "0": "ه"}
SIGNS = {"@": "a", "$": "s", "!": "i", "|": "i", "€": "e", "£": "l", "¢": "c", "¡": "i", "¥": "y"}
SIGNS_OTHERWISE = {"|": "l", "!": "l"}

# Letters that ordinary words of many languages have: alone they are no sign that somebody hid a word.
ORDINARY_CYRILLIC = "ёәғқңөұүһіўҳїєґјљњћђџѓќҷӣӯҳѝ"
ORDINARY_ARABIC = "گپچژڤڭۆۇٹڈڑڵڕټډړږښڼځڅ"
DRAWN_ALIKE = "асеорхукмтвніјѕһԁ" + "αβεικνορτυχηω" + "aceopxykmtbhijs"  # across alphabets, in some case or hand
KEPT_WORD = r"öl(?!dür)\w*"  # Turkish öl- (die) without its dots is ol- (be): another word
