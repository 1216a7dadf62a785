"""Compiled loops over the bytes of a column of texts. No Python object is made for a post.

What the steps mean is said in `reading`; here is only how they run. A row is decoded into folded code points, written
as exact words, cut into pieces, and, where some word shows that it was hidden, written once more as look-alikes.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from seawall.signals.text.tables import (
    APOSTROPHE,
    ARABIC,
    COMPOSES,
    CYRILLIC,
    DIGIT,
    GLUED,
    GREEK,
    HASH,
    LATIN,
    LETTER,
    LOOK,
    MARK,
    NUMBER,
    ORDINARY,
    RARE,
    SIGN,
    SIZE,
    SPACE,
    STACKS,
    UPPER,
)

Array = npt.NDArray[Any]
PLAIN, SPECIAL, LEET, HIDDEN, SPELT = range(5)  # how surely a word was hidden
HARD, QUOTED = 9, 8  # gaps: nothing joins across; punctuation that joins single letters only
FROM, TO, SURE, SCRIPTS, TAG = range(5)  # of a word: its letters, how surely hidden, alphabets as bits, hashtag
ALIKE, DRAWN = 1 << 15, 1 << 14  # among alphabets: every letter is drawn alike in another; some letter is drawn out
_TAG_SIGN, _LOOK, _SHORT, _END = 0x23, 0x01, 0x02, 0x0A
_WIDEST = 18  # code points that one may fold into, U+FDFA

compiled = numba.njit(cache=True, nogil=True)
inlined = numba.njit(nogil=True)  # only what is called from outside is kept compiled


@inlined
def _of(table: Array, code: int, beyond: int) -> int:
    """What a table says of a code point."""
    return int(np.int64(table[code])) if code < SIZE else int(np.int64(beyond))


@inlined
def _read_one(data: Array, i: int) -> tuple[int, int]:
    """A code point of valid UTF-8, and where the next begins."""
    first = int(np.int64(data[i]))
    if first < 0x80:
        return first, i + 1
    if first < 0xE0:
        return ((first & 0x1F) << 6) | (data[i + 1] & 0x3F), i + 2
    if first < 0xF0:
        return ((first & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F), i + 3
    high = ((first & 0x07) << 18) | ((data[i + 1] & 0x3F) << 12)
    return high | ((data[i + 2] & 0x3F) << 6) | (data[i + 3] & 0x3F), i + 4


@inlined
def _write_one(out: Array, at: int, code: int) -> int:
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> 6)
        out[at + 1] = 0x80 | (code & 0x3F)
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | (code >> 12)
        out[at + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[at + 2] = 0x80 | (code & 0x3F)
        return at + 3
    out[at] = 0xF0 | (code >> 18)
    out[at + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[at + 3] = 0x80 | (code & 0x3F)
    return at + 4


@inlined
def _apart(codes: Array, raw: Array, traits: Array, n: int) -> bool:
    """Whether a letter and a mark that makes one letter with it stand apart, or marks whose order may differ."""
    stacked = False
    for k in range(n):
        its = np.int64(raw[k]) | _of(traits, codes[k], 0)
        if its & COMPOSES or (its & STACKS and stacked):
            return True
        stacked = (its & STACKS) != 0
    return False


@inlined
def _decode(data: Array, i: int, end: int, folded: Array, pool: Array, traits: Array, codes: Array, raw: Array) -> int:
    """Folded code points of a row, and the traits of what each was folded from; returns how many."""
    n = 0
    while i < end:
        code, i = _read_one(data, i)
        if code >= SIZE:
            if not 0xE0000 <= code < 0xE0200:
                codes[n], raw[n] = code, 0
                n += 1
            continue
        settled = folded[code]
        if settled >= 0:
            codes[n], raw[n] = settled, traits[code]
            n += 1
        elif settled < -1:
            k = -2 - settled
            while pool[k]:
                codes[n], raw[n] = pool[k], traits[code]
                n += 1
                k += 1
    return n


@inlined
def _room(out: Array, at: int, needed: int) -> Array:
    if at + needed <= len(out):
        return out
    more = np.empty(max(2 * len(out), at + needed), out.dtype)
    for k in range(at):  # a slice would cost three seconds of compiling
        more[k] = out[k]
    return more


@inlined
def _longest(offsets: Array) -> int:
    most = 0
    for row in range(len(offsets) - 1):
        most = max(most, offsets[row + 1] - offsets[row])
    return most * 6 + _WIDEST  # three bytes may become 18 code points


@compiled
def fold_rows(data: Array, offsets: Array, folded: Array, pool: Array, traits: Array) -> tuple[Array, Array, Array]:
    """Every row folded: bytes, offsets, and which rows must be composed first."""
    most = _longest(offsets)
    codes, raw = np.empty(most, np.int32), np.empty(most, np.uint8)
    out = np.empty(offsets[-1] - offsets[0] + 64, np.uint8)
    ends, apart = np.zeros(len(offsets), np.int64), np.zeros(len(offsets) - 1, np.bool_)
    at = 0
    for row in range(len(offsets) - 1):
        n = _decode(data, offsets[row], offsets[row + 1], folded, pool, traits, codes, raw)
        apart[row] = _apart(codes, raw, traits, n)
        out = _room(out, at, 4 * n)
        for k in range(n):
            at = _write_one(out, at, codes[k])
        ends[row + 1] = at
    return out[:at], ends, apart


@inlined
def _is_word(kind: int) -> bool:
    return LATIN <= kind <= MARK


@inlined
def _camel(raw: Array, i: int, n: int) -> bool:
    """Whether a new word of a hashtag begins at i: aB, or ABc."""
    if not raw[i] & UPPER:
        return False
    return not raw[i - 1] & UPPER or (i + 1 < n and not raw[i + 1] & UPPER)


@inlined
def _uzbek(codes: Array, kinds: Array, i: int, n: int) -> bool:
    """Whether the apostrophe at i makes one letter with the o or g before it."""
    return 0 < i < n - 1 and (codes[i - 1] == 0x6F or codes[i - 1] == 0x67) and kinds[i + 1] == LATIN


@inlined
def _exact(codes: Array, kinds: Array, raw: Array, n: int, out: Array, at: int) -> int:
    """Words between single spaces, hashtags also joined at the end."""
    out[at] = 0x20
    at += 1
    inside, tag, tags = False, False, 0
    for i in range(n):
        kind = kinds[i]
        if kind == APOSTROPHE and inside and _uzbek(codes, kinds, i, n):
            at = _write_one(out, at, 0x2BB)
            continue
        if not _is_word(kind):
            if inside:
                out[at] = 0x20
                at += 1
                inside = False
            tag = kind == HASH or (tag and codes[i] == 0x5F)
            tags += kind == HASH and i + 1 < n and _is_word(kinds[i + 1])
            continue
        if inside and tag and _camel(raw, i, n):
            out[at] = 0x20
            at += 1
        at = _write_one(out, at, codes[i])
        inside = True
    if inside:
        out[at] = 0x20
        at += 1
    i = 0
    while tags and i < n:
        if kinds[i] != HASH or i + 1 == n or not _is_word(kinds[i + 1]):
            i += 1
            continue
        out[at] = _TAG_SIGN
        at += 1
        i += 1
        while i < n and (_is_word(kinds[i]) or codes[i] == 0x5F):
            if codes[i] != 0x5F:
                at = _write_one(out, at, codes[i])
            i += 1
        out[at] = 0x20
        at += 1
        tags -= 1
    return at


@inlined
def _sign_inside(codes: Array, kinds: Array, i: int, n: int, inside: bool) -> bool:
    """Whether a sign stands for a letter: inside a word, most at its end too, $ also before it."""
    after = kinds[i + 1] if i + 1 < n else 0
    if inside and (LATIN <= after <= DIGIT):
        return True
    if inside and LATIN <= kinds[i - 1] <= LETTER:
        return bool(codes[i] != 0x21 and codes[i] != 0x7C)  # a word ends in ! and | as it is
    return codes[i] == 0x24 and LATIN <= after <= LETTER


@inlined
def _joined_by(code: int, sound: Array) -> bool:
    """Whether a letter is, or looks like, the o or g that an apostrophe makes another Uzbek letter of."""
    look = _of(sound, code, 0)
    return look == 0x6F or look == 0x67  # noqa: PLR1714 - compiled to two comparisons


@inlined
def _calm(codes: Array, kinds: Array, traits: Array, sound: Array, n: int) -> bool:
    """Whether nothing in a row can show a hidden word: seen at a glance, for most rows."""
    scripts = before = length = single = run = 0
    near = glued = False
    for i in range(n):
        kind = kinds[i]
        if _of(traits, codes[i], 0) & (RARE | ORDINARY) or kind == MARK:
            return False
        if LATIN <= kind <= NUMBER:
            scripts |= 1 << kind
            length += 1
            if length > 1 and kind != before:
                return False  # alphabets, or letters and digits, in one word
            run = run + 1 if length > 1 and codes[i] == codes[i - 1] and kind != DIGIT else 1
            if run == 3 or (near and glued):
                return False
            near, glued = True, False
        else:
            if length:
                single = single + 1 if length == 1 else 0
            length = 0
            if single == 3:
                return False
            lettered = LATIN <= before <= LETTER
            if kind == SIGN and (codes[i] == 0x24 or (lettered and codes[i] not in (0x21, 0x7C))):
                return False
            near &= kind != SPACE
            glued = (
                (glued and near)
                or kind in (GLUED, SIGN)
                or (kind == APOSTROPHE and lettered and _joined_by(codes[i - 1], sound))
            )
        before = kind
    alphabets = scripts & ((1 << LATIN) | (1 << CYRILLIC) | (1 << GREEK))
    return alphabets & (alphabets - 1) == 0 and not (length == 1 and single == 2)


@inlined
def _pieces(
    codes: Array, kinds: Array, raw: Array, n: int, joins: bool,
    letters: Array, shown: Array, starts: Array, gaps: Array, tagged: Array, sound: Array,
) -> int:  # fmt: skip
    """Cuts a row into letters without gaps: where each piece starts, the gap before, its hashtag. Returns how many."""
    size = pieces = blanks = between = tag = 0
    inside = in_tag = quoted = False
    for i in range(n):
        kind = kinds[i]
        word = _is_word(kind) or (joins and kind == SIGN and _sign_inside(codes, kinds, i, n, inside))
        if (
            kind == APOSTROPHE
            and inside
            and _joined_by(letters[size - 1], sound)
            and i + 1 < n
            and _is_word(kinds[i + 1])
        ):
            shown[size - 1] |= ORDINARY
            continue
        if not word:
            inside = False
            between += 1
            blanks += 3 if codes[i] == _END else kind == SPACE
            quoted |= kind not in (SPACE, GLUED)
            in_tag = kind == HASH or (in_tag and codes[i] == 0x5F)
            tag += kind == HASH
            continue
        if kind == MARK and not inside:
            continue
        cut = inside and in_tag and _camel(raw, i, n)
        if not inside or cut:
            starts[pieces] = size
            tagged[pieces] = tag if in_tag else 0
            if cut:
                gaps[pieces] = HARD
            elif blanks:
                gaps[pieces] = min(blanks, 3)
            else:
                gaps[pieces] = QUOTED if quoted or between > 3 else 0
            pieces += 1
            inside, quoted = True, False
            blanks = between = 0
        if kind == MARK:
            shown[size - 1] |= RARE  # a mark that no letter of ours takes
            continue
        letters[size] = codes[i]
        shown[size] = 0
        size += 1
    starts[pieces] = size
    return pieces


@inlined
def _certainty(letters: Array, kind_of: Array, traits: Array, shown: Array, start: int, end: int) -> tuple[int, int]:
    """How surely the word at letters[start:end] was hidden; and its alphabets as bits."""
    scripts = digits = signs = latin_like = rare = ordinary = run = alike = 0
    before = -1
    drawn = False
    for k in range(start, end):
        code = letters[k]
        kind, its = _of(kind_of, code, LETTER), _of(traits, code, 0)
        if kind == DIGIT:
            digits += 1
        elif kind == SIGN:
            signs += 1
        else:
            latin_like += 1
            scripts |= 1 << kind
            rare += (its & RARE) != 0 or (shown[k] & RARE) != 0
            ordinary += ((its | shown[k]) & ORDINARY) != 0
            alike += (its & LOOK) != 0
        run = run + 1 if code == before and kind != DIGIT else 1
        drawn |= run == 3
        before = code
    several = scripts & (scripts - 1) & ((1 << LATIN) | (1 << CYRILLIC) | (1 << GREEK) | (1 << ARABIC))
    if scripts & (1 << LETTER) and scripts != 1 << LETTER and rare:
        several = 1
    level = PLAIN
    if rare or drawn or several:
        level = HIDDEN
    elif latin_like >= 2 and (signs or 0 < digits <= latin_like):
        level = LEET
    elif ordinary:
        level = SPECIAL
    if alike == end - start and alike >= 3:
        scripts |= ALIKE
    if drawn:
        scripts |= DRAWN
    return level, scripts


@inlined
def _reads_digits(letters: Array, kind_of: Array, start: int, end: int) -> bool:
    digits = 0
    for k in range(start, end):
        digits += letters[k] < SIZE and kind_of[letters[k]] == DIGIT
    return 2 * digits <= end - start and end - start - digits >= 2


@inlined
def _write_word(
    letters: Array, kind_of: Array, start: int, end: int, scripts: int,
    sound: Array, other: Array, arabic: Array, short: bool, out: Array, at: int,
) -> int:  # fmt: skip
    """Look-alikes of a word; `short`: no letter twice in a row. `other` is read for what has two readings."""
    speaks = _reads_digits(letters, kind_of, start, end)
    mixed = (scripts & (1 << CYRILLIC)) != 0
    before = -1
    for k in range(start, end):
        code = letters[k]
        if code < SIZE:
            kind = kind_of[code]
            if kind == DIGIT and not speaks:
                pass
            elif kind == DIGIT and scripts & (1 << ARABIC):
                code = arabic[code]
            elif kind != LATIN or mixed:
                code = other[code]
            else:
                code = sound[code]
        if code and (code != before or not short or 0x30 <= code <= 0x39):
            at = _write_one(out, at, code)
            before = code
    return at


@inlined
def _is_letter(code: int, kind_of: Array) -> bool:
    return LATIN <= _of(kind_of, code, LETTER) <= LETTER


@inlined
def _spelt(p: int, pieces: int, letters: Array, kind_of: Array, starts: Array, gaps: Array) -> int:
    """Where a run of single letters that begins at piece p ends, if it has three or more; else p."""
    last, count = p, 0
    while last < pieces and starts[last + 1] - starts[last] == 1 and (last == p or gaps[last] != HARD):
        count += _is_letter(letters[starts[last]], kind_of)
        last += 1
    return last if count >= 3 else p


@inlined
def _glued(p: int, pieces: int, letters: Array, kind_of: Array, starts: Array, gaps: Array) -> int:
    """The last of the pieces that are glued to piece p, if one of them is too short for a word; else p."""
    last, short = p, False
    while last + 1 < pieces and gaps[last + 1] == 0:
        last += 1
    for q in range(p, last + 1):
        short |= starts[q + 1] - starts[q] <= 2
        if not _is_letter(letters[starts[q]], kind_of):
            return p
    return last if short and starts[last + 1] - starts[p] >= 4 else p


@inlined
def _put(words: Array, w: int, start: int, end: int, sure: int, scripts: int, tag: int) -> None:
    words[w, FROM], words[w, TO], words[w, SURE], words[w, SCRIPTS], words[w, TAG] = start, end, sure, scripts, tag


@inlined
def _wide(gap: int) -> int:
    return 0 if gap == QUOTED else gap


@compiled
def _group(
    pieces: int, joins: bool, letters: Array, shown: Array, starts: Array, gaps: Array, tagged: Array,
    kind_of: Array, traits: Array, words: Array, wholes: Array,
) -> tuple[int, int]:  # fmt: skip
    """Pieces as words: single letters join, and pieces glued by punctuation. Returns how many words and wholes."""
    w = h = p = 0
    while p < pieces:
        last = _spelt(p, pieces, letters, kind_of, starts, gaps) if joins else p
        if last > p:  # letter by letter: the widest gaps part words
            least = 3
            for q in range(p + 1, last):
                least = min(least, _wide(gaps[q]))
            first = p
            for q in range(p + 1, last + 1):
                if q == last or _wide(gaps[q]) > least:
                    _, its = _certainty(letters, kind_of, traits, shown, starts[first], starts[q])
                    _put(words, w, starts[first], starts[q], HIDDEN if q - first > 1 else PLAIN, its, 0)
                    w += 1
                    first = q
            _, its = _certainty(letters, kind_of, traits, shown, starts[p], starts[last])
            _put(wholes, h, starts[p], starts[last], SPELT, its, 0)
            h += 1
            p = last
            continue
        last = _glued(p, pieces, letters, kind_of, starts, gaps) if joins else p
        sure, its = _certainty(letters, kind_of, traits, shown, starts[p], starts[last + 1])
        if last > p:
            sure = max(sure, LEET)
            _put(wholes, h, starts[p], starts[last + 1], sure, its, 0)
            h += 1
        _put(words, w, starts[p], starts[last + 1], sure, its, tagged[p])
        w += 1
        p = last + 1
    return w, h


@inlined
def _beside(words: Array, count: int) -> None:
    """Marks words all of whose letters are drawn alike in another alphabet, beside a word of that alphabet."""
    three = (1 << LATIN) | (1 << CYRILLIC) | (1 << GREEK)
    for w in range(count):
        if words[w, SURE] == PLAIN and words[w, SCRIPTS] & ALIKE:
            near = (words[w - 1, SCRIPTS] if w else 0) | (words[w + 1, SCRIPTS] if w + 1 < count else 0)
            if near & three & ~words[w, SCRIPTS]:
                words[w, SURE] = SPECIAL


@inlined
def _tags(words: Array, count: int, wholes: Array, h: int) -> int:
    """Adds hashtags that hold a hidden word, joined. Returns how many wholes there are."""
    w = 0
    while w < count:
        last, sure, its = w, words[w, SURE], words[w, SCRIPTS]
        while words[w, TAG] and last + 1 < count and words[last + 1, TAG] == words[w, TAG]:
            last += 1
            sure = max(sure, words[last, SURE])
            its |= words[last, SCRIPTS]
        if words[w, TAG] and sure:
            _put(wholes, h, words[w, FROM], words[last, TO], sure, its, 0)
            h += 1
        w = last + 1
    return h


@inlined
def _surest(words: Array, count: int) -> int:
    sure = 0
    for w in range(count):
        sure = max(sure, words[w, SURE])
    return sure


@inlined
def _some_drawn(words: Array, count: int) -> bool:
    drawn = 0
    for w in range(count):
        drawn |= words[w, SCRIPTS] & DRAWN
    return drawn != 0


@inlined
def _two_readings(words: Array, count: int, letters: Array, kind_of: Array, sound: Array, otherwise: Array) -> bool:
    """Whether some hidden word holds a letter, digit or sign that may be read in two ways."""
    for w in range(count):
        if words[w, SURE] >= LEET:
            mixed = words[w, SCRIPTS] & (1 << CYRILLIC)
            for k in range(words[w, FROM], words[w, TO]):
                code = letters[k]
                if code < SIZE and sound[code] != otherwise[code] and (mixed or kind_of[code] != LATIN):
                    return True
    return False


@inlined
def _grown(hidden: Array, found: int) -> Array:
    if found < len(hidden):
        return hidden
    more = np.empty((2 * found, 3), hidden.dtype)
    for k in range(found):
        more[k, 0], more[k, 1], more[k, 2] = hidden[k, 0], hidden[k, 1], hidden[k, 2]
    return more


@compiled
def read_rows(
    data: Array, offsets: Array, folded: Array, pool: Array, kind_of: Array, traits: Array,
    sound: Array, otherwise: Array, arabic: Array, always: bool,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Every row read: bytes, offsets, hidden words as (start, end, certainty), which rows must be composed first.

    With `always`, every row is also written as look-alikes, nothing joined: so phrases are read.
    """
    most = _longest(offsets)
    codes, raw, kinds = np.empty(most, np.int32), np.empty(most, np.uint8), np.empty(most, np.uint8)
    letters, shown = np.empty(most, np.int32), np.empty(most, np.uint8)
    starts, gaps, tagged = np.empty(most + 1, np.int32), np.empty(most, np.uint8), np.empty(most, np.int32)
    words, wholes = np.empty((most, 5), np.int32), np.empty((most, 5), np.int32)
    out = np.empty(2 * (offsets[-1] - offsets[0]) + 64 * len(offsets), np.uint8)
    begins, apart = np.zeros(len(offsets), np.int64), np.zeros(len(offsets) - 1, np.bool_)
    hidden = np.empty((256, 3), np.int64)
    found = at = 0
    for row in range(len(offsets) - 1):
        # 1. exact words
        n = _decode(data, offsets[row], offsets[row + 1], folded, pool, traits, codes, raw)
        apart[row] = _apart(codes, raw, traits, n)
        for i in range(n):
            kinds[i] = _of(kind_of, codes[i], LETTER)
        out = _room(out, at, 10 * n + 64)
        at = _exact(codes, kinds, raw, n, out, at)
        if not always and _calm(codes, kinds, traits, sound, n):
            out[at] = _END
            at += 1
            begins[row + 1] = at
            continue
        # 2. what may be hidden
        pieces = _pieces(codes, kinds, raw, n, not always, letters, shown, starts, gaps, tagged, sound)
        count, joined = _group(
            pieces, not always, letters, shown, starts, gaps, tagged, kind_of, traits, words, wholes
        )  # fmt: skip
        _beside(words, count)
        joined = _tags(words, count, wholes, joined)
        # 3. look-alikes: once more where something has two readings, and once more without doubled letters where some
        # letter is drawn out
        if always or joined or _surest(words, count):
            twice = not always and _two_readings(words, count, letters, kind_of, sound, otherwise)
            drawn = always or _some_drawn(words, count)
            for form in range(4 if drawn else 2):
                short, other = form >= 2, otherwise if form % 2 else sound
                if form % 2 and not twice:
                    continue
                mark = _SHORT if short else _LOOK
                out = _room(out, at, 12 * n + 64)
                out[at] = mark
                at += 1
                for w in range(count + joined):
                    word = words[w] if w < count else wholes[w - count]
                    begun = at
                    if w >= count:
                        out[at] = _TAG_SIGN
                        at += 1
                    at = _write_word(
                        letters, kind_of, word[FROM], word[TO], word[SCRIPTS], sound, other, arabic, short, out, at
                    )
                    if word[SURE] and (not short or word[SCRIPTS] & DRAWN):
                        hidden = _grown(hidden, found)
                        hidden[found, 0], hidden[found, 1], hidden[found, 2] = begun, at, word[SURE]
                        found += 1
                    out[at] = mark
                    at += 1
        out[at] = _END
        at += 1
        begins[row + 1] = at
    return out[:at], begins, hidden[:found], apart


_WAW, _FEH, _BEH, _LAM, _KAF, _ALEF = 0xD988, 0xD981, 0xD8A8, 0xD984, 0xD983, 0xD8A7


@inlined
def _letter(lines: Array, i: int) -> int:
    return int((np.int64(lines[i]) << 8) | np.int64(lines[i + 1]))


@inlined
def _may_join(lines: Array, i: int, end: int, after: int) -> bool:
    """Whether lines[i:end] are words that Arabic joins to the next: (و|ف) then (ب|ل|ك), then ال, which ل makes لل.

    after: 1 any; 2 an article is among them.
    """
    if (end - i) % 2 or end - i > 8:
        return False
    if i < end and (_letter(lines, i) == _WAW or _letter(lines, i) == _FEH):
        i += 2
    preposition = 0
    if i < end and (_letter(lines, i) == _BEH or _letter(lines, i) == _LAM or _letter(lines, i) == _KAF):
        preposition = _letter(lines, i)
        i += 2
    if i == end:
        return after == 1
    if preposition == _LAM:
        return i + 2 == end and _letter(lines, i) == _LAM
    return i + 4 == end and _letter(lines, i) == _ALEF and _letter(lines, i + 2) == _LAM


@compiled
def word_starts(lines: Array, starts: Array, after: Array) -> Array:
    """Where the word begins in which each match starts; -1 where what stands before the match may not join it."""
    found = starts.copy()
    for k in range(len(starts)):
        if after[k]:
            i = starts[k]
            while i > 0 and starts[k] - i <= 10 and lines[i - 1] > 0x20:
                i -= 1
            if (i > 0 and lines[i - 1] > 0x20) or not _may_join(lines, i, starts[k], after[k]):
                i = -1
            found[k] = i
    return found
